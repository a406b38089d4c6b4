/** An RV32IMC processor in machine mode, with the extensions of the reference board: A, Zba, Zbb, Zicsr. Unaligned loads and stores work. */
import { BusError, type MemoryBus } from '../memory-bus.ts';
import { type Block, Kind, MAX_BLOCK, MAX_EXTRA_CYCLES, TranslatingCore } from '../translating-core.ts';
import { decode } from './decode.ts';
import { decodeCompressed } from './decode-compressed.ts';
import type { Rv32Extensions, Rv32Machine } from './machine.ts';
import { A0, CYCLES, NEXT, RA, SP, STATE_SIZE } from './state.ts';
import { type Rv32Timing, SIMPLE_RV32 } from './timing.ts';
import { Cause, Rv32Trap, type TrapReport } from './trap.ts';

export interface Rv32CoreOptions {
  readonly timing?: Rv32Timing;
  readonly extensions?: Partial<Rv32Extensions>;
  /** Where the addresses for host functions begin: a range in which no code lies. */
  readonly hostBase?: number;
}

/** Control and status registers that hold what was written; volume II, table of machine-level CSRs. */
const STORED_CSRS = [0x300, 0x304, 0x305, 0x306, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344];
const MISA = 0x301;
const COUNTERS: Record<number, (cycles: number) => number> = {
  2816: cycles => cycles | 0,
  2944: cycles => Math.floor(cycles / 4294967296) | 0,
  2818: cycles => cycles | 0,
  2946: cycles => Math.floor(cycles / 4294967296) | 0,
  3072: cycles => cycles | 0,
  3200: cycles => Math.floor(cycles / 4294967296) | 0,
  3073: cycles => cycles | 0,
  3201: cycles => Math.floor(cycles / 4294967296) | 0,
  3074: cycles => cycles | 0,
  3202: cycles => Math.floor(cycles / 4294967296) | 0,
};
/** mvendorid, marchid, mimpid, mhartid. */
const ZERO_CSRS = [0xf11, 0xf12, 0xf13, 0xf14];

export class Rv32Core extends TranslatingCore implements Rv32Machine {
  readonly timing: Rv32Timing;
  readonly extensions: Rv32Extensions;
  reservation = -1;
  /** After a stop for `fault`: what the trap handler would see. */
  trap: TrapReport | null = null;
  private readonly csrs = new Map<number, number>(STORED_CSRS.map(number => [number, 0]));

  constructor(bus: MemoryBus, options: Rv32CoreOptions = {}) {
    super(bus, { size: STATE_SIZE, next: NEXT, cycles: CYCLES, link: RA, stack: SP, argument: A0 }, options.hostBase ?? 0x70000000);
    this.timing = options.timing ?? SIMPLE_RV32;
    this.extensions = { zba: true, zbb: true, a: true, ...options.extensions };
  }

  protected override callable(address: number): number {
    return address;
  }
  protected override target(address: number): number {
    return address & ~1;
  }

  readCsr(number: number): number {
    const stored = this.csrs.get(number);
    if (stored !== undefined) return stored;
    const counter = COUNTERS[number];
    if (counter !== undefined) return counter(this.cycles);
    // RV32 with A, C, I, M.
    if (number === MISA) return 0x40001104 | (this.extensions.a ? 1 : 0);
    if (ZERO_CSRS.includes(number)) return 0;
    throw new Rv32Trap(Cause.IllegalInstruction);
  }

  writeCsr(number: number, value: number): void {
    if (this.csrs.has(number)) this.csrs.set(number, value);
    else if (number >>> 10 === 3 || (number !== MISA && COUNTERS[number] === undefined)) throw new Rv32Trap(Cause.IllegalInstruction);
  }

  protected override takeFault(thrown: unknown): boolean {
    if (thrown instanceof Rv32Trap) this.report(thrown.cause, thrown.value);
    else if (!(thrown instanceof BusError)) return false;
    else if (thrown.access === 'fetch') {
      this.current = null;
      this.report(Cause.InstructionAccess, thrown.address);
    } else this.report(thrown.access === 'read' ? Cause.LoadAccess : Cause.StoreAccess, thrown.address);
    return true;
  }

  private report(cause: Cause, value: number): void {
    const pc = this.current === null ? this.pc : this.current.addresses[this.index];
    this.pc = pc;
    this.current = null;
    this.csrs.set(0x341, pc);
    this.csrs.set(0x342, cause);
    this.csrs.set(0x343, value);
    this.trap = { mcause: cause, mepc: pc >>> 0, mtval: value >>> 0 };
  }

  protected override translate(pc: number): Block {
    const ops: (() => void)[] = [];
    const cycles: number[] = [];
    const addresses: number[] = [];
    let address = pc | 0;
    let longest = 0;
    for (;;) {
      let decoded: ReturnType<typeof decode>;
      try {
        const first = this.bus.fetch16(address);
        decoded =
          (first & 3) === 3
            ? decode(this, address, first | (this.bus.fetch16((address + 2) | 0) << 16))
            : decodeCompressed(this, address, first);
      } catch (failed) {
        // What cannot be fetched faults when execution gets there, not when it is decoded in advance.
        if (!(failed instanceof BusError) || ops.length === 0) throw failed;
        break;
      }
      addresses.push(address);
      cycles.push(decoded.cycles);
      ops.push(decoded.run);
      longest += decoded.cycles + MAX_EXTRA_CYCLES;
      address = (address + decoded.size) | 0;
      if (decoded.kind === Kind.Branch || decoded.kind === Kind.Ends || ops.length >= MAX_BLOCK) break;
    }
    addresses.push(address);
    return {
      start: pc | 0,
      ops,
      cycles: Int32Array.from(cycles),
      addresses: Int32Array.from(addresses),
      modes: new Uint8Array(ops.length + 1),
      longest,
      valid: true,
      nextBlock: null,
      takenBlock: null,
      returnBlock: null,
      runsToJoin: 0,
      whole: null,
      allCycles: 0,
    };
  }
}
