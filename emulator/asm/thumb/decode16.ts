/** The 16-bit instructions: ARMv7-M Architecture Reference Manual, A5.2. */
import { ASR, adcFlags, addFlags, LSL, LSR, ROR, shift, shiftCarry, subFlags } from './arithmetic.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CFSR_UNALIGNED, CFSR_UNDEFINSTR, ThumbFault } from './fault.ts';
import { loadMultiple, storeMultiple } from './multiple.ts';
import { CF, CYCLES, conditionHolds, LR, NV, PC, SP, ZV } from './state.ts';

const plain = (run: () => void): Decoded => ({ run, size: 2, cycles: 1, kind: Kind.Plain });

/** An instruction that does not exist. */
export function undefinedInstruction(size: number): Decoded {
  return {
    run: () => {
      throw new ThumbFault(CFSR_UNDEFINSTR);
    },
    size,
    cycles: 1,
    kind: Kind.Branch,
  };
}

/**
 * @param pc address of the instruction
 * @param inIt inside an IT block most 16-bit instructions leave the flags alone
 */
export function decode16(m: ThumbMachine, pc: number, h: number, inIt: boolean): Decoded {
  switch (h >>> 12) {
    case 0:
    case 1:
      return shiftAddSubtract(m, h, inIt);
    case 2:
    case 3:
      return immediate8(m, h, inIt);
    case 4:
      if (h & 0x0800) return loadLiteral(m, pc, h);
      return h & 0x0400 ? highRegisters(m, pc, h) : dataProcessing(m, h, inIt);
    case 5:
      return loadStoreRegister(m, h);
    case 6:
    case 7:
    case 8:
    case 9:
      return loadStoreImmediate(m, h);
    case 10: {
      const { r } = m;
      const rd = (h >>> 8) & 7;
      const offset = (h & 0xff) << 2;
      if (h & 0x0800) return plain(() => void (r[rd] = r[SP] + offset));
      const address = ((pc + 4) & ~3) + offset;
      return plain(() => void (r[rd] = address));
    }
    case 11:
      return miscellaneous(m, pc, h);
    case 12: {
      const base = (h >>> 8) & 7;
      const list = h & 0xff;
      if (list === 0) return undefinedInstruction(2);
      return h & 0x0800
        ? loadMultiple(m, { base, list, writeback: !(list & (1 << base)), decrement: false, size: 2 })
        : storeMultiple(m, { base, list, writeback: true, decrement: false, size: 2 });
    }
    case 13:
      return conditionalBranch(m, pc, h);
    default: {
      // B, unconditional (T2); 0xe800 and above are 32-bit instructions.
      const target = pc + 4 + (((h & 0x7ff) << 21) >> 20);
      const { r, timing } = m;
      return { run: () => void (r[PC] = target), size: 2, cycles: 1 + timing.refill, kind: Kind.Branch };
    }
  }
}

function shiftAddSubtract({ r }: ThumbMachine, h: number, inIt: boolean): Decoded {
  const rd = h & 7;
  const rm = (h >>> 3) & 7;
  const op = (h >>> 11) & 3;
  if (op === 3) {
    const operand = (h >>> 6) & 7;
    const subtract = (h & 0x0200) !== 0;
    if (h & 0x0400) {
      if (inIt) return plain(subtract ? () => void (r[rd] = r[rm] - operand) : () => void (r[rd] = r[rm] + operand));
      return plain(subtract ? () => void (r[rd] = subFlags(r, r[rm], operand)) : () => void (r[rd] = addFlags(r, r[rm], operand)));
    }
    if (inIt) return plain(subtract ? () => void (r[rd] = r[rm] - r[operand]) : () => void (r[rd] = r[rm] + r[operand]));
    return plain(subtract ? () => void (r[rd] = subFlags(r, r[rm], r[operand])) : () => void (r[rd] = addFlags(r, r[rm], r[operand])));
  }
  const imm5 = (h >>> 6) & 31;
  if (op === LSL && imm5 === 0) return inIt ? plain(() => void (r[rd] = r[rm])) : plain(() => void (r[rd] = r[NV] = r[ZV] = r[rm]));
  const amount = imm5 === 0 ? 32 : imm5;
  if (inIt) return plain(() => void (r[rd] = shift(r[rm], op, amount, 0)));
  switch (op) {
    case LSL:
      return plain(() => {
        const value = r[rm];
        r[CF] = (value >>> (32 - amount)) & 1;
        r[rd] = r[NV] = r[ZV] = value << amount;
      });
    case LSR:
      return plain(() => {
        const value = r[rm];
        r[CF] = (value >>> (amount - 1)) & 1;
        r[rd] = r[NV] = r[ZV] = amount === 32 ? 0 : value >>> amount;
      });
    default:
      return plain(() => {
        const value = r[rm];
        r[CF] = (value >> (amount - 1)) & 1;
        r[rd] = r[NV] = r[ZV] = amount === 32 ? value >> 31 : value >> amount;
      });
  }
}

function immediate8({ r }: ThumbMachine, h: number, inIt: boolean): Decoded {
  const rd = (h >>> 8) & 7;
  const imm = h & 0xff;
  switch ((h >>> 11) & 3) {
    case 0:
      return inIt ? plain(() => void (r[rd] = imm)) : plain(() => void (r[rd] = r[NV] = r[ZV] = imm));
    case 1:
      return plain(() => void subFlags(r, r[rd], imm));
    case 2:
      return inIt ? plain(() => void (r[rd] += imm)) : plain(() => void (r[rd] = addFlags(r, r[rd], imm)));
    default:
      return inIt ? plain(() => void (r[rd] -= imm)) : plain(() => void (r[rd] = subFlags(r, r[rd], imm)));
  }
}

function dataProcessing({ r }: ThumbMachine, h: number, inIt: boolean): Decoded {
  const rd = h & 7;
  const rm = (h >>> 3) & 7;
  const logical = (compute: () => number): Decoded =>
    inIt ? plain(() => void (r[rd] = compute())) : plain(() => void (r[rd] = r[NV] = r[ZV] = compute()));
  const shifted = (type: number): Decoded =>
    plain(() => {
      const value = r[rd];
      const amount = r[rm] & 0xff;
      const result = shift(value, type, amount, 0);
      r[rd] = result;
      if (!inIt) {
        r[CF] = shiftCarry(value, type, amount, r[CF]);
        r[NV] = r[ZV] = result;
      }
    });
  switch ((h >>> 6) & 15) {
    case 0:
      return inIt ? plain(() => void (r[rd] &= r[rm])) : plain(() => void (r[rd] = r[NV] = r[ZV] = r[rd] & r[rm]));
    case 1:
      return inIt ? plain(() => void (r[rd] ^= r[rm])) : plain(() => void (r[rd] = r[NV] = r[ZV] = r[rd] ^ r[rm]));
    case 2:
      return shifted(LSL);
    case 3:
      return shifted(LSR);
    case 4:
      return shifted(ASR);
    case 5:
      return inIt ? plain(() => void (r[rd] = r[rd] + r[rm] + r[CF])) : plain(() => void (r[rd] = adcFlags(r, r[rd], r[rm], r[CF])));
    case 6:
      return inIt ? plain(() => void (r[rd] = r[rd] + ~r[rm] + r[CF])) : plain(() => void (r[rd] = adcFlags(r, r[rd], ~r[rm], r[CF])));
    case 7:
      return shifted(ROR);
    case 8:
      return plain(() => void (r[NV] = r[ZV] = r[rd] & r[rm]));
    case 9:
      return inIt ? plain(() => void (r[rd] = -r[rm])) : plain(() => void (r[rd] = subFlags(r, 0, r[rm])));
    case 10:
      return plain(() => void subFlags(r, r[rd], r[rm]));
    case 11:
      return plain(() => void addFlags(r, r[rd], r[rm]));
    case 12:
      return inIt ? plain(() => void (r[rd] |= r[rm])) : plain(() => void (r[rd] = r[NV] = r[ZV] = r[rd] | r[rm]));
    case 13:
      return logical(() => Math.imul(r[rd], r[rm]));
    case 14:
      return logical(() => r[rd] & ~r[rm]);
    default:
      return logical(() => ~r[rm]);
  }
}

function highRegisters({ r, timing }: ThumbMachine, pc: number, h: number): Decoded {
  const rm = (h >>> 3) & 15;
  const rd = (h & 7) | ((h >>> 4) & 8);
  const here = pc + 4;
  const source = rm === PC ? () => here : () => r[rm];
  const branch = (run: () => void): Decoded => ({ run, size: 2, cycles: 1 + timing.refill, kind: Kind.Branch });
  switch ((h >>> 8) & 3) {
    case 0:
      if (rd === PC) return branch(() => void (r[PC] = (here + source()) & ~1));
      if (rd === SP) return plain(() => void (r[SP] = (r[SP] + source()) & ~3));
      return rm === PC ? plain(() => void (r[rd] += here)) : plain(() => void (r[rd] += r[rm]));
    case 1: {
      const first = rd === PC ? () => here : () => r[rd];
      return plain(() => void subFlags(r, first(), source()));
    }
    case 2:
      if (rd === PC) return branch(() => void (r[PC] = source() & ~1));
      if (rd === SP) return plain(() => void (r[SP] = source() & ~3));
      return rm === PC ? plain(() => void (r[rd] = here)) : plain(() => void (r[rd] = r[rm]));
    default: {
      // Bit 0 of the target must say Thumb; an odd block address stands for a target that does not (see ThumbCore).
      const link = (pc + 2) | 1;
      if (!(h & 0x80)) return rm === PC ? branch(() => void (r[PC] = here ^ 1)) : branch(() => void (r[PC] = r[rm] ^ 1));
      return branch(() => {
        const target = source();
        r[LR] = link;
        r[PC] = target ^ 1;
      });
    }
  }
}

function loadLiteral({ r, bus, timing }: ThumbMachine, pc: number, h: number): Decoded {
  const rt = (h >>> 8) & 7;
  const address = ((pc + 4) & ~3) + ((h & 0xff) << 2);
  return { run: () => void (r[rt] = bus.read32(address)), size: 2, cycles: timing.load, kind: Kind.Load, pipelines: true };
}

function loadStoreRegister({ r, bus, timing }: ThumbMachine, h: number): Decoded {
  const rt = h & 7;
  const rn = (h >>> 3) & 7;
  const rm = (h >>> 6) & 7;
  const store = (run: () => void): Decoded => ({ run, size: 2, cycles: timing.store + 1, kind: Kind.Store, pipelines: true });
  const load = (run: () => void): Decoded => ({ run, size: 2, cycles: timing.load, kind: Kind.Load, pipelines: true });
  switch ((h >>> 9) & 7) {
    case 0:
      return store(() => bus.write32((r[rn] + r[rm]) | 0, r[rt]));
    case 1:
      return store(() => bus.write16((r[rn] + r[rm]) | 0, r[rt]));
    case 2:
      return store(() => bus.write8((r[rn] + r[rm]) | 0, r[rt]));
    case 3:
      return load(() => void (r[rt] = (bus.read8((r[rn] + r[rm]) | 0) << 24) >> 24));
    case 4:
      return load(() => void (r[rt] = bus.read32((r[rn] + r[rm]) | 0)));
    case 5:
      return load(() => void (r[rt] = bus.read16((r[rn] + r[rm]) | 0)));
    case 6:
      return load(() => void (r[rt] = bus.read8((r[rn] + r[rm]) | 0)));
    default:
      return load(() => void (r[rt] = (bus.read16((r[rn] + r[rm]) | 0) << 16) >> 16));
  }
}

function loadStoreImmediate({ r, bus, timing }: ThumbMachine, h: number): Decoded {
  const isLoad = (h & 0x0800) !== 0;
  const memory = (run: () => void): Decoded =>
    isLoad
      ? { run, size: 2, cycles: timing.load, kind: Kind.Load, pipelines: true }
      : { run, size: 2, cycles: timing.store, kind: Kind.Store, pipelines: true };
  if (h >>> 12 === 9) {
    const rt = (h >>> 8) & 7;
    const offset = (h & 0xff) << 2;
    return isLoad ? memory(() => void (r[rt] = bus.read32((r[SP] + offset) | 0))) : memory(() => bus.write32((r[SP] + offset) | 0, r[rt]));
  }
  const rt = h & 7;
  const rn = (h >>> 3) & 7;
  const imm5 = (h >>> 6) & 31;
  switch (h >>> 12) {
    case 6: {
      const offset = imm5 << 2;
      return isLoad
        ? memory(() => void (r[rt] = bus.read32((r[rn] + offset) | 0)))
        : memory(() => bus.write32((r[rn] + offset) | 0, r[rt]));
    }
    case 7:
      return isLoad ? memory(() => void (r[rt] = bus.read8((r[rn] + imm5) | 0))) : memory(() => bus.write8((r[rn] + imm5) | 0, r[rt]));
    default: {
      const offset = imm5 << 1;
      return isLoad
        ? memory(() => void (r[rt] = bus.read16((r[rn] + offset) | 0)))
        : memory(() => bus.write16((r[rn] + offset) | 0, r[rt]));
    }
  }
}

function conditionalBranch(m: ThumbMachine, pc: number, h: number): Decoded {
  const { r, timing } = m;
  const cc = (h >>> 8) & 15;
  if (cc === 14) return undefinedInstruction(2);
  if (cc === 15) {
    const number = h & 0xff;
    return { run: () => m.requestStop('svc', number), size: 2, cycles: 1, kind: Kind.Ends };
  }
  const target = pc + 4 + (((h & 0xff) << 24) >> 23);
  return { run: branchIf(r, cc, target, timing.refill), size: 2, cycles: 1, kind: Kind.Branch };
}

/** A handler that branches when condition `cc` holds; a branch taken adds the pipeline refill. */
export function branchIf(r: Int32Array, cc: number, target: number, refill: number): () => void {
  const take = (): void => {
    r[PC] = target;
    r[CYCLES] += refill;
  };
  switch (cc) {
    case 0:
      return () => {
        if (r[ZV] === 0) take();
      };
    case 1:
      return () => {
        if (r[ZV] !== 0) take();
      };
    case 2:
      return () => {
        if (r[CF] !== 0) take();
      };
    case 3:
      return () => {
        if (r[CF] === 0) take();
      };
    default:
      return () => {
        if (conditionHolds(r, cc)) take();
      };
  }
}

function miscellaneous(m: ThumbMachine, pc: number, h: number): Decoded {
  const { r, timing, system } = m;
  switch ((h >>> 8) & 15) {
    case 0: {
      const offset = (h & 0x7f) << 2;
      return h & 0x80 ? plain(() => void (r[SP] -= offset)) : plain(() => void (r[SP] += offset));
    }
    case 1:
    case 3:
    case 9:
    case 11: {
      const rn = h & 7;
      const target = pc + 4 + (((h >>> 3) & 0x1f) << 1) + (h & 0x0200 ? 64 : 0);
      const onNonZero = (h & 0x0800) !== 0;
      const { refill } = timing;
      const run = (): void => {
        if ((r[rn] !== 0) === onNonZero) {
          r[PC] = target;
          r[CYCLES] += refill;
        }
      };
      return { run, size: 2, cycles: 1, kind: Kind.Branch };
    }
    case 2: {
      const rd = h & 7;
      const rm = (h >>> 3) & 7;
      switch ((h >>> 6) & 3) {
        case 0:
          return plain(() => void (r[rd] = (r[rm] << 16) >> 16));
        case 1:
          return plain(() => void (r[rd] = (r[rm] << 24) >> 24));
        case 2:
          return plain(() => void (r[rd] = r[rm] & 0xffff));
        default:
          return plain(() => void (r[rd] = r[rm] & 0xff));
      }
    }
    case 4:
    case 5: {
      const list = (h & 0xff) | (h & 0x0100 ? 1 << LR : 0);
      if (list === 0) return undefinedInstruction(2);
      return storeMultiple(m, { base: SP, list, writeback: true, decrement: true, size: 2 });
    }
    case 6: {
      if ((h & 0xffe8) !== 0xb660) return undefinedInstruction(2);
      const disable = (h & 0x10) !== 0 ? 1 : 0;
      const run = (): void => {
        if (h & 2) system.primask = disable;
        if (h & 1) system.faultmask = disable;
      };
      return { run, size: 2, cycles: 1, kind: Kind.Ends };
    }
    case 10: {
      const rd = h & 7;
      const rm = (h >>> 3) & 7;
      switch ((h >>> 6) & 3) {
        case 0:
          return plain(() => void (r[rd] = reverseBytes(r[rm])));
        case 1:
          return plain(() => void (r[rd] = reverseBytes16(r[rm])));
        case 3:
          return plain(() => void (r[rd] = reverseBytesSigned(r[rm])));
        default:
          return undefinedInstruction(2);
      }
    }
    case 12:
    case 13: {
      const list = (h & 0xff) | (h & 0x0100 ? 1 << PC : 0);
      if (list === 0) return undefinedInstruction(2);
      return loadMultiple(m, { base: SP, list, writeback: true, decrement: false, size: 2 });
    }
    case 14:
      return { run: () => m.requestStop('bkpt', h & 0xff), size: 2, cycles: 1, kind: Kind.Ends };
    default:
      return hint(m, h);
  }
}

function hint(m: ThumbMachine, h: number): Decoded {
  if (h & 15) return { run: () => {}, size: 2, cycles: 1, kind: Kind.It };
  switch ((h >>> 4) & 15) {
    case 2:
    case 3:
      // WFE counts as WFI: nothing here sets the event register.
      return { run: () => m.requestStop('wfi'), size: 2, cycles: 1, kind: Kind.Ends };
    default:
      return plain(() => {});
  }
}

export function reverseBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
export function reverseBytes16(value: number): number {
  return ((value & 0x00ff00ff) << 8) | ((value >>> 8) & 0x00ff00ff);
}
export function reverseBytesSigned(value: number): number {
  return ((value << 24) >> 16) | ((value >>> 8) & 0xff);
}

/** Loads and stores of several words, exclusive accesses and the like refuse addresses that are not multiples of four. */
export function requireAligned(address: number): void {
  if (address & 3) throw new ThumbFault(CFSR_UNALIGNED);
}
