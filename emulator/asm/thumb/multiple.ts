/** LDM, STM, PUSH, POP. */
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CFSR_UNALIGNED, ThumbFault } from './fault.ts';
import { CYCLES, PC, SP } from './state.ts';

export interface RegisterTransfer {
  readonly base: number;
  /** Bit n stands for register n. */
  readonly list: number;
  readonly writeback: boolean;
  /** Decrement before, as PUSH does; otherwise increment after. */
  readonly decrement: boolean;
  readonly size: 2 | 4;
}

function registers(list: number): number[] {
  const numbers: number[] = [];
  for (let n = 0; n < 16; n++) if (list & (1 << n)) numbers.push(n);
  return numbers;
}

function aligned(address: number): number {
  if (address & 3) throw new ThumbFault(CFSR_UNALIGNED);
  return address;
}

export function loadMultiple({ r, bus, timing }: ThumbMachine, { base, list, writeback, decrement, size }: RegisterTransfer): Decoded {
  const numbers = registers(list & 0x7fff);
  const toPc = (list & 0x8000) !== 0;
  const count = numbers.length + (toPc ? 1 : 0);
  const bytes = count * 4;
  const first = decrement ? -bytes : 0;
  const step = decrement ? -bytes : bytes;
  const { refill } = timing;
  const run = (): void => {
    const start = r[base];
    let address = aligned((start + first) | 0);
    for (let i = 0; i < numbers.length; i++) {
      r[numbers[i]] = bus.read32(address);
      address = (address + 4) | 0;
    }
    if (toPc) {
      r[PC] = bus.read32(address) ^ 1;
      r[CYCLES] += refill;
    }
    if (writeback) r[base] = start + step;
    else if (base === SP && list & (1 << SP)) r[SP] &= ~3;
  };
  return { run, size, cycles: timing.multiple + count, kind: toPc ? Kind.Branch : Kind.Load };
}

export function storeMultiple({ r, bus, timing }: ThumbMachine, { base, list, writeback, decrement, size }: RegisterTransfer): Decoded {
  const numbers = registers(list);
  const bytes = numbers.length * 4;
  const first = decrement ? -bytes : 0;
  const step = decrement ? -bytes : bytes;
  const run = (): void => {
    const start = r[base];
    let address = aligned((start + first) | 0);
    for (let i = 0; i < numbers.length; i++) {
      bus.write32(address, r[numbers[i]]);
      address = (address + 4) | 0;
    }
    if (writeback) r[base] = start + step;
  };
  return { run, size, cycles: timing.multiple + numbers.length, kind: Kind.Store };
}
