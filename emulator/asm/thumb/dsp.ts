/** Register shifts, extensions, bit operations, saturation and the parallel arithmetic: ARMv7-M Architecture Reference Manual, A5.3.12 to A5.3.15, A7.7 (SSAT, USAT). */
import { ASR, LSL, ROR, shift, shiftCarry } from './arithmetic.ts';
import { reverseBytes, reverseBytes16, reverseBytesSigned, undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CF, GE, NV, PC, QF, ZV } from './state.ts';

const plain = (run: () => void): Decoded => ({ run, size: 4, cycles: 1, kind: Kind.Plain });

export function dataProcessingRegister(m: ThumbMachine, h1: number, h2: number): Decoded {
  const { r } = m;
  const op1 = (h1 >>> 4) & 15;
  const op2 = (h2 >>> 4) & 15;
  const rn = h1 & 15;
  const rd = (h2 >>> 8) & 15;
  const rm = h2 & 15;
  if (h2 >>> 12 !== 15) return undefinedInstruction(4);
  if (op1 < 8) {
    if (op2 === 0) {
      const type = op1 >>> 1;
      if (!(op1 & 1)) return plain(() => void (r[rd] = shift(r[rn], type, r[rm] & 0xff, 0)));
      return plain(() => {
        const value = r[rn];
        const amount = r[rm] & 0xff;
        r[CF] = shiftCarry(value, type, amount, r[CF]);
        r[rd] = r[NV] = r[ZV] = shift(value, type, amount, 0);
      });
    }
    return op2 & 8 ? extend(m, op1, rd, rn, rm, (op2 & 3) << 3) : undefinedInstruction(4);
  }
  if (!(op2 & 8)) return parallel(m, op1 & 7, op2, rd, rn, rm);
  return miscellaneous(m, op1 & 7, op2 & 7, rd, rn, rm);
}

/** SXTB, UXTAH and their relatives: Rm rotated by whole bytes, extended, added to Rn where that is not 15. */
function extend({ r }: ThumbMachine, op: number, rd: number, rn: number, rm: number, rotation: number): Decoded {
  const rotated = rotation === 0 ? () => r[rm] : () => shift(r[rm], ROR, rotation, 0);
  const finish = (compute: () => number): Decoded =>
    rn === PC ? plain(() => void (r[rd] = compute())) : plain(() => void (r[rd] = r[rn] + compute()));
  switch (op) {
    case 0:
      return finish(() => (rotated() << 16) >> 16);
    case 1:
      return finish(() => rotated() & 0xffff);
    case 2:
    case 3: {
      const halves = (signed: boolean) => (): void => {
        const value = rotated();
        const low = signed ? (value << 24) >> 24 : value & 0xff;
        const high = signed ? (value << 8) >> 24 : (value >>> 16) & 0xff;
        const addend = rn === PC ? 0 : r[rn];
        r[rd] = ((addend + low) & 0xffff) | (((addend >>> 16) + high) << 16);
      };
      return plain(halves(op === 2));
    }
    case 4:
      return finish(() => (rotated() << 24) >> 24);
    case 5:
      return finish(() => rotated() & 0xff);
    default:
      return undefinedInstruction(4);
  }
}

const clampSigned = (value: number, bits: number): number => Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, value));
const clampUnsigned = (value: number, bits: number): number => Math.max(0, Math.min(2 ** bits - 1, value));

/** SADD16 to UHSUB8: lanes of 8 or 16 bits; `op` says what is done, `mode` how the result fits its lane. */
function parallel({ r }: ThumbMachine, op: number, mode: number, rd: number, rn: number, rm: number): Decoded {
  if (op === 3 || op === 7 || (mode & 3) === 3) return undefinedInstruction(4);
  const unsigned = (mode & 4) !== 0;
  const fit = mode & 3; // 0 wraps and sets GE, 1 saturates, 2 halves
  const bytes = op === 0 || op === 4;
  const laneBits = bytes ? 8 : 16;
  const laneMask = bytes ? 0xff : 0xffff;
  const lanes = bytes ? 4 : 2;
  const lane = unsigned
    ? (value: number, index: number) => (value >>> (index * laneBits)) & laneMask
    : (value: number, index: number) => (value << (32 - (index + 1) * laneBits)) >> (32 - laneBits);
  // ASX and SAX cross the halves of Rm: ASX subtracts below and adds above.
  const crossed = op === 2 || op === 6;
  const subtracts = (index: number): boolean => (crossed ? (op === 2 ? index === 0 : index === 1) : op >= 4);
  return plain(() => {
    const a = r[rn];
    const b = r[rm];
    let result = 0;
    let ge = 0;
    for (let index = 0; index < lanes; index++) {
      const x = lane(a, index);
      const y = lane(b, crossed ? 1 - index : index);
      const minus = subtracts(index);
      const exact = minus ? x - y : x + y;
      let value = exact;
      if (fit === 1) value = unsigned ? clampUnsigned(exact, laneBits) : clampSigned(exact, laneBits);
      else if (fit === 2) value = exact >> 1;
      else {
        const set = unsigned && !minus ? exact > laneMask : exact >= 0;
        if (set) ge |= bytes ? 1 << index : 3 << (index * 2);
      }
      result |= (value & laneMask) << (index * laneBits);
    }
    r[rd] = result;
    if (fit === 0) r[GE] = ge;
  });
}

/** `value` clamped to 32 signed bits; sets Q when that changes it. */
export function saturate32(r: Int32Array, value: number): number {
  if (value > 0x7fffffff) {
    r[QF] = 1;
    return 0x7fffffff;
  }
  if (value < -0x80000000) {
    r[QF] = 1;
    return -0x80000000;
  }
  return value;
}

function reverseBits(value: number): number {
  let v = value;
  v = ((v >>> 1) & 0x55555555) | ((v & 0x55555555) << 1);
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  return reverseBytes(v);
}

function miscellaneous({ r }: ThumbMachine, op1: number, op2: number, rd: number, rn: number, rm: number): Decoded {
  switch ((op1 << 2) | op2) {
    case 0:
      return plain(() => void (r[rd] = saturate32(r, r[rm] + r[rn])));
    case 1:
      return plain(() => void (r[rd] = saturate32(r, r[rm] + saturate32(r, 2 * r[rn]))));
    case 2:
      return plain(() => void (r[rd] = saturate32(r, r[rm] - r[rn])));
    case 3:
      return plain(() => void (r[rd] = saturate32(r, r[rm] - saturate32(r, 2 * r[rn]))));
    case 4:
      return plain(() => void (r[rd] = reverseBytes(r[rm])));
    case 5:
      return plain(() => void (r[rd] = reverseBytes16(r[rm])));
    case 6:
      return plain(() => void (r[rd] = reverseBits(r[rm])));
    case 7:
      return plain(() => void (r[rd] = reverseBytesSigned(r[rm])));
    case 8:
      return plain(() => {
        let mask = 0;
        for (let i = 0; i < 4; i++) if (r[GE] & (1 << i)) mask |= 0xff << (i * 8);
        r[rd] = (r[rn] & mask) | (r[rm] & ~mask);
      });
    case 12:
      return plain(() => void (r[rd] = Math.clz32(r[rm])));
    default:
      return undefinedInstruction(4);
  }
}

/** SSAT, USAT, SSAT16, USAT16. */
export function saturate({ r }: ThumbMachine, h1: number, h2: number): Decoded {
  const unsigned = (h1 & 0x80) !== 0;
  const rn = h1 & 15;
  const rd = (h2 >>> 8) & 15;
  const bits = (h2 & 31) + (unsigned ? 0 : 1);
  const type = h1 & 0x20 ? ASR : LSL;
  const amount = ((h2 >>> 10) & 0x1c) | ((h2 >>> 6) & 3);
  const clamp = unsigned ? clampUnsigned : clampSigned;
  if (type === ASR && amount === 0) {
    const laneBits = (h2 & 15) + (unsigned ? 0 : 1);
    return plain(() => {
      const value = r[rn];
      const low = (value << 16) >> 16;
      const high = value >> 16;
      const clampedLow = clamp(low, laneBits);
      const clampedHigh = clamp(high, laneBits);
      if (clampedLow !== low || clampedHigh !== high) r[QF] = 1;
      r[rd] = (clampedLow & 0xffff) | (clampedHigh << 16);
    });
  }
  return plain(() => {
    const value = shift(r[rn], type, amount, 0);
    const clamped = clamp(value, bits);
    if (clamped !== value) r[QF] = 1;
    r[rd] = clamped;
  });
}
