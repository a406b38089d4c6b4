/** The floating-point instructions of FPv4-SP: ARMv7-M Architecture Reference Manual, A6. */

import { requireAligned, undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CFSR_NOCP, ThumbFault } from './fault.ts';
import {
  absolute,
  add,
  compare,
  divide,
  FLAG_INEXACT,
  FPSCR_MASK,
  FPSCR_MODES,
  fromFixed,
  fromHalf,
  isOrdinary,
  multiply,
  multiplyAdd,
  negate,
  squareRoot,
  subtract,
  toFixed,
  toHalf,
} from './float.ts';
import { FPFLAGS, FPSCR, PC, writeFlags } from './state.ts';

const operation = (run: () => void, cycles = 1): Decoded => ({ run, size: 4, cycles, kind: Kind.Plain });

export function decodeFloat(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const coprocessor = (h2 >>> 8) & 15;
  if (!m.hasFpu || (coprocessor & 14) !== 10) {
    const run = (): void => {
      throw new ThumbFault(CFSR_NOCP);
    };
    return { run, size: 4, cycles: 1, kind: Kind.Branch };
  }
  if (h1 & 0x1000) return undefinedInstruction(4);
  if ((h1 & 0x0f00) === 0x0e00) return h2 & 0x10 ? transfer(m, h1, h2) : h2 & 0x100 ? undefinedInstruction(4) : arithmetic(m, h1, h2);
  return (h1 & 0x0fe0) === 0x0c40 ? transferTwo(m, h1, h2) : loadStore(m, pc, h1, h2);
}

/** Number of a single-precision register: four bits and a low one. */
const destination = (h1: number, h2: number): number => ((h2 >>> 11) & 0x1e) | ((h1 >>> 6) & 1);
const firstOperand = (h1: number, h2: number): number => ((h1 << 1) & 0x1e) | ((h2 >>> 7) & 1);
const secondOperand = (h2: number): number => ((h2 << 1) & 0x1e) | ((h2 >>> 5) & 1);

/** While nothing but round-to-nearest is asked for and the inexact flag is set already, an ordinary result has no side effect. */
const FAST_MASK = FPSCR_MODES | FLAG_INEXACT;

function arithmetic(m: ThumbMachine, h1: number, h2: number): Decoded {
  const { r, sBits: s, sFloat: f, timing } = m;
  const d = destination(h1, h2);
  const n = firstOperand(h1, h2);
  const k = secondOperand(h2);
  const alternate = (h2 & 0x40) !== 0;
  switch (((h1 >>> 5) & 4) | ((h1 >>> 4) & 3)) {
    case 0:
      return operation(
        alternate
          ? () => void (s[d] = add(r, s[d], negate(multiply(r, s[n], s[k]))))
          : () => void (s[d] = add(r, s[d], multiply(r, s[n], s[k]))),
        timing.floatMultiplyAdd,
      );
    case 1:
      return operation(
        alternate
          ? () => void (s[d] = add(r, negate(s[d]), negate(multiply(r, s[n], s[k]))))
          : () => void (s[d] = add(r, negate(s[d]), multiply(r, s[n], s[k]))),
        timing.floatMultiplyAdd,
      );
    case 2:
      if (alternate) return operation(() => void (s[d] = negate(multiply(r, s[n], s[k]))));
      return operation(() => {
        const product = Math.fround(f[n] * f[k]);
        if ((r[FPSCR] & FAST_MASK) === FLAG_INEXACT && isOrdinary(product)) f[d] = product;
        else s[d] = multiply(r, s[n], s[k]);
      });
    case 3:
      if (alternate)
        return operation(() => {
          const difference = Math.fround(f[n] - f[k]);
          if ((r[FPSCR] & FAST_MASK) === FLAG_INEXACT && isOrdinary(difference)) f[d] = difference;
          else s[d] = subtract(r, s[n], s[k]);
        });
      return operation(() => {
        const sum = Math.fround(f[n] + f[k]);
        if ((r[FPSCR] & FAST_MASK) === FLAG_INEXACT && isOrdinary(sum)) f[d] = sum;
        else s[d] = add(r, s[n], s[k]);
      });
    case 4:
      return alternate ? undefinedInstruction(4) : operation(() => void (s[d] = divide(r, s[n], s[k])), timing.floatDivide);
    case 5:
      return operation(
        alternate
          ? () => void (s[d] = multiplyAdd(r, negate(s[d]), negate(s[n]), s[k]))
          : () => void (s[d] = multiplyAdd(r, negate(s[d]), s[n], s[k])),
        timing.floatMultiplyAdd,
      );
    case 6:
      return operation(
        alternate ? () => void (s[d] = multiplyAdd(r, s[d], negate(s[n]), s[k])) : () => void (s[d] = multiplyAdd(r, s[d], s[n], s[k])),
        timing.floatMultiplyAdd,
      );
    default:
      return alternate ? other(m, h1, h2, d, k) : immediate(m, h1, h2, d);
  }
}

/** VMOV with an immediate: VFPExpandImm. */
function immediate({ sBits: s }: ThumbMachine, h1: number, h2: number, d: number): Decoded {
  const imm8 = ((h1 & 15) << 4) | (h2 & 15);
  const exponent = imm8 & 0x40 ? 0x3e000000 : 0x40000000;
  const bits = ((imm8 & 0x80) << 24) | exponent | ((imm8 & 0x3f) << 19);
  return operation(() => void (s[d] = bits));
}

function other({ r, sBits: s, timing }: ThumbMachine, h1: number, h2: number, d: number, k: number): Decoded {
  const high = (h2 & 0x80) !== 0;
  switch (h1 & 15) {
    case 0:
      return high ? operation(() => void (s[d] = absolute(s[k]))) : operation(() => void (s[d] = s[k]));
    case 1:
      return high ? operation(() => void (s[d] = squareRoot(r, s[k])), timing.floatDivide) : operation(() => void (s[d] = negate(s[k])));
    case 2:
      return operation(high ? () => void (s[d] = fromHalf(r, s[k] >>> 16)) : () => void (s[d] = fromHalf(r, s[k] & 0xffff)));
    case 3:
      return operation(
        high ? () => void (s[d] = (s[d] & 0xffff) | (toHalf(r, s[k]) << 16)) : () => void (s[d] = (s[d] & 0xffff0000) | toHalf(r, s[k])),
      );
    case 4:
      return operation(() => compare(r, s[d], s[k], high));
    case 5:
      return operation(() => compare(r, s[d], 0, high));
    case 8:
      return operation(high ? () => void (s[d] = fromFixed(r, s[k], 0, false)) : () => void (s[d] = fromFixed(r, s[k] >>> 0, 0, false)));
    case 10:
    case 11:
    case 14:
    case 15: {
      const unsigned = (h1 & 1) !== 0;
      const bits = high ? 32 : 16;
      const fraction = bits - (((h2 & 15) << 1) | ((h2 >>> 5) & 1));
      if (fraction < 0) return undefinedInstruction(4);
      if (h1 & 4) {
        // A result of 16 bits is extended to the whole register.
        return operation(() => void (s[d] = toFixed(r, s[d], bits, fraction, unsigned, true)));
      }
      const source = unsigned
        ? bits === 32
          ? () => s[d] >>> 0
          : () => s[d] & 0xffff
        : bits === 32
          ? () => s[d]
          : () => (s[d] << 16) >> 16;
      return operation(() => void (s[d] = fromFixed(r, source(), fraction, true)));
    }
    case 12:
      return operation(() => void (s[d] = toFixed(r, s[k], 32, 0, true, high)));
    case 13:
      return operation(() => void (s[d] = toFixed(r, s[k], 32, 0, false, high)));
    default:
      return undefinedInstruction(4);
  }
}

/** VMOV between a core register and a single one or half a double one, VMRS, VMSR. */
function transfer({ r, sBits: s }: ThumbMachine, h1: number, h2: number): Decoded {
  const rt = h2 >>> 12;
  const toCore = (h1 & 0x10) !== 0;
  const op = (h1 >>> 5) & 7;
  if ((h2 & 0x0100) !== 0) {
    if ((op & 6) !== 0) return undefinedInstruction(4);
    const index = ((((h2 >>> 3) & 0x10) | (h1 & 15)) << 1) | (op & 1);
    if (index > 31) return undefinedInstruction(4);
    return toCore ? operation(() => void (r[rt] = s[index])) : operation(() => void (s[index] = r[rt]));
  }
  if (op === 0) {
    const n = firstOperand(h1, h2);
    return toCore ? operation(() => void (r[rt] = s[n])) : operation(() => void (s[n] = r[rt]));
  }
  if (op !== 7 || (h1 & 15) !== 1) return undefinedInstruction(4);
  if (!toCore)
    return operation(() => {
      r[FPSCR] = r[rt] & FPSCR_MASK;
      r[FPFLAGS] = r[rt] & 0xf0000000;
    });
  if (rt === PC) return operation(() => writeFlags(r, r[FPFLAGS]));
  return operation(() => void (r[rt] = r[FPSCR] | r[FPFLAGS]));
}

/** VMOV between two core registers and two single ones or a double one. */
function transferTwo({ r, sBits: s }: ThumbMachine, h1: number, h2: number): Decoded {
  const rt = h2 >>> 12;
  const rt2 = h1 & 15;
  if ((h2 & 0xd0) !== 0x10) return undefinedInstruction(4);
  const first = h2 & 0x0100 ? ((h2 & 15) | ((h2 >>> 1) & 0x10)) << 1 : secondOperand(h2);
  if (first > 30) return undefinedInstruction(4);
  if (h1 & 0x10)
    return operation(() => {
      r[rt] = s[first];
      r[rt2] = s[first + 1];
    }, 2);
  return operation(() => {
    s[first] = r[rt];
    s[first + 1] = r[rt2];
  }, 2);
}

function loadStore({ r, sBits: s, bus, timing }: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const rn = h1 & 15;
  const isLoad = (h1 & 0x10) !== 0;
  const up = (h1 & 0x80) !== 0;
  const preIndexed = (h1 & 0x0100) !== 0;
  const writes = (h1 & 0x20) !== 0;
  const isDouble = (h2 & 0x0100) !== 0;
  const first = isDouble ? ((h2 >>> 12) | ((h1 >>> 2) & 0x10)) << 1 : destination(h1, h2);
  const words = h2 & 0xff;
  if (preIndexed && !writes) {
    const offset = up ? words << 2 : -(words << 2);
    const count = isDouble ? 2 : 1;
    if (first + count > 32) return undefinedInstruction(4);
    const literal = (pc + 4) & ~3;
    const run = (): void => {
      const address = ((rn === PC ? literal : r[rn]) + offset) | 0;
      requireAligned(address);
      for (let i = 0; i < count; i++) {
        if (isLoad) s[first + i] = bus.read32((address + 4 * i) | 0);
        else bus.write32((address + 4 * i) | 0, s[first + i]);
      }
    };
    return { run, size: 4, cycles: 1 + count, kind: isLoad ? Kind.Load : Kind.Store };
  }
  if (preIndexed === up) return undefinedInstruction(4);
  const count = isDouble ? words & ~1 : words;
  if (count === 0 || first + count > 32 || rn === PC) return undefinedInstruction(4);
  const bytes = words << 2;
  const run = (): void => {
    const start = r[rn];
    const address = (up ? start : start - bytes) | 0;
    requireAligned(address);
    for (let i = 0; i < count; i++) {
      if (isLoad) s[first + i] = bus.read32((address + 4 * i) | 0);
      else bus.write32((address + 4 * i) | 0, s[first + i]);
    }
    if (writes) r[rn] = up ? start + bytes : start - bytes;
  };
  return { run, size: 4, cycles: timing.multiple + count, kind: isLoad ? Kind.Load : Kind.Store };
}
