/**
 * Integer operations with their flags. Those of 64 bits take places in the register array; narrower ones take numbers of which the sign is extended to 32 bits,
 * so that one function serves 8, 16 and 32 bits: `unused` is how many upper bits of a result do not belong to it.
 */
import { CARRY, OVERFLOW, PARITY, RESULT } from './state.ts';

export type WideOperation = (r: Int32Array, d: number, s: number) => () => void;
export type NarrowOperation = (r: Int32Array, unused: number) => (a: number, b: number) => number;

/** Operations of the first opcodes and of group 1, in the order of the encoding. */
export enum Alu {
  Add,
  Or,
  Adc,
  Sbb,
  And,
  Sub,
  Xor,
  Cmp,
}

/** Carry out of the upper bit of a sum, in bit 31; for a difference with ~a for a: the borrow. */
const carries = (a: number, b: number, sum: number): number => (a & b) | ((a | b) & ~sum);
const borrows = (a: number, b: number, difference: number): number => (~a & b) | ((~a | b) & difference);

function logicFlags(r: Int32Array, low: number, high: number): void {
  r[RESULT] = low;
  r[PARITY] = low;
  r[RESULT + 1] = high;
  r[CARRY] = 0;
  r[OVERFLOW] = 0;
}

function addWide(r: Int32Array, d: number, s: number, carryIn: number): void {
  const a = r[d];
  const b = r[s];
  const ah = r[d + 1];
  const bh = r[s + 1];
  const low = (a + b + carryIn) | 0;
  const high = (ah + bh + (carries(a, b, low) >>> 31)) | 0;
  r[d] = low;
  r[d + 1] = high;
  r[RESULT] = low;
  r[PARITY] = low;
  r[RESULT + 1] = high;
  r[CARRY] = carries(ah, bh, high) >>> 31;
  r[OVERFLOW] = ((ah ^ high) & (bh ^ high)) >>> 31;
}

function subtractWide(r: Int32Array, d: number, s: number, borrowIn: number, keep: boolean): void {
  const a = r[d];
  const b = r[s];
  const ah = r[d + 1];
  const bh = r[s + 1];
  const low = (a - b - borrowIn) | 0;
  const high = (ah - bh - (borrows(a, b, low) >>> 31)) | 0;
  if (keep) {
    r[d] = low;
    r[d + 1] = high;
  }
  r[RESULT] = low;
  r[PARITY] = low;
  r[RESULT + 1] = high;
  r[CARRY] = borrows(ah, bh, high) >>> 31;
  r[OVERFLOW] = ((ah ^ bh) & (ah ^ high)) >>> 31;
}

export const WIDE: Record<Alu, WideOperation> = {
  [Alu.Add]: (r, d, s) => () => addWide(r, d, s, 0),
  [Alu.Adc]: (r, d, s) => () => addWide(r, d, s, r[CARRY]),
  [Alu.Sub]: (r, d, s) => () => subtractWide(r, d, s, 0, true),
  [Alu.Sbb]: (r, d, s) => () => subtractWide(r, d, s, r[CARRY], true),
  [Alu.Cmp]: (r, d, s) => () => subtractWide(r, d, s, 0, false),
  [Alu.Or]: (r, d, s) => () => logicFlags(r, (r[d] |= r[s]), (r[d + 1] |= r[s + 1])),
  [Alu.And]: (r, d, s) => () => logicFlags(r, (r[d] &= r[s]), (r[d + 1] &= r[s + 1])),
  [Alu.Xor]: (r, d, s) => () => logicFlags(r, (r[d] ^= r[s]), (r[d + 1] ^= r[s + 1])),
};

/** Without flags, where that is less work. */
export const WIDE_QUIET: Partial<Record<Alu, WideOperation>> = {
  [Alu.Add]: (r, d, s) => () => {
    const a = r[d];
    const b = r[s];
    const low = (a + b) | 0;
    r[d + 1] += r[s + 1] + (carries(a, b, low) >>> 31);
    r[d] = low;
  },
  [Alu.Sub]: (r, d, s) => () => {
    const a = r[d];
    const b = r[s];
    const low = (a - b) | 0;
    r[d + 1] -= r[s + 1] + (borrows(a, b, low) >>> 31);
    r[d] = low;
  },
  [Alu.Or]: (r, d, s) => () => {
    r[d] |= r[s];
    r[d + 1] |= r[s + 1];
  },
  [Alu.And]: (r, d, s) => () => {
    r[d] &= r[s];
    r[d + 1] &= r[s + 1];
  },
  [Alu.Xor]: (r, d, s) => () => {
    r[d] ^= r[s];
    r[d + 1] ^= r[s + 1];
  },
};

export const testWide: WideOperation = (r, d, s) => () => logicFlags(r, r[d] & r[s], r[d + 1] & r[s + 1]);

/** Flags of a narrow result without carry. */
export function narrowLogic(r: Int32Array, result: number): number {
  logicFlags(r, result, result >> 31);
  return result;
}

function addNarrow(r: Int32Array, unused: number, a: number, b: number, carryIn: number): number {
  const sum = ((a + b + carryIn) << unused) >> unused;
  r[RESULT] = sum;
  r[PARITY] = sum;
  r[RESULT + 1] = sum >> 31;
  r[CARRY] = carries(a, b, sum) >>> 31;
  r[OVERFLOW] = ((a ^ sum) & (b ^ sum)) >>> 31;
  return sum;
}

function subtractNarrow(r: Int32Array, unused: number, a: number, b: number, borrowIn: number): number {
  const difference = ((a - b - borrowIn) << unused) >> unused;
  r[RESULT] = difference;
  r[PARITY] = difference;
  r[RESULT + 1] = difference >> 31;
  r[CARRY] = borrows(a, b, difference) >>> 31;
  r[OVERFLOW] = ((a ^ b) & (a ^ difference)) >>> 31;
  return difference;
}

export const NARROW: Record<Alu, NarrowOperation> = {
  [Alu.Add]: (r, unused) => (a, b) => addNarrow(r, unused, a, b, 0),
  [Alu.Adc]: (r, unused) => (a, b) => addNarrow(r, unused, a, b, r[CARRY]),
  [Alu.Sub]: (r, unused) => (a, b) => subtractNarrow(r, unused, a, b, 0),
  [Alu.Sbb]: (r, unused) => (a, b) => subtractNarrow(r, unused, a, b, r[CARRY]),
  [Alu.Cmp]: (r, unused) => (a, b) => subtractNarrow(r, unused, a, b, 0),
  [Alu.Or]: r => (a, b) => narrowLogic(r, a | b),
  [Alu.And]: r => (a, b) => narrowLogic(r, a & b),
  [Alu.Xor]: r => (a, b) => narrowLogic(r, a ^ b),
};

/** The sixteen conditions of jumps, SETcc and CMOVcc. */
export function condition(r: Int32Array, cc: number): () => boolean {
  const zero = (): boolean => (r[RESULT] | r[RESULT + 1]) === 0;
  const less = (): boolean => r[RESULT + 1] >>> 31 !== r[OVERFLOW];
  switch (cc) {
    case 0:
      return () => r[OVERFLOW] !== 0;
    case 1:
      return () => r[OVERFLOW] === 0;
    case 2:
      return () => r[CARRY] !== 0;
    case 3:
      return () => r[CARRY] === 0;
    case 4:
      return zero;
    case 5:
      return () => (r[RESULT] | r[RESULT + 1]) !== 0;
    case 6:
      return () => r[CARRY] !== 0 || zero();
    case 7:
      return () => r[CARRY] === 0 && !zero();
    case 8:
      return () => r[RESULT + 1] < 0;
    case 9:
      return () => r[RESULT + 1] >= 0;
    case 10:
      return () => evenParity(r[PARITY]);
    case 11:
      return () => !evenParity(r[PARITY]);
    case 12:
      return less;
    case 13:
      return () => !less();
    case 14:
      return () => zero() || less();
    default:
      return () => !zero() && !less();
  }
}

/** Of the lowest byte. */
export function evenParity(value: number): boolean {
  const folded = value ^ (value >> 4);
  return ((0x9669 >> (folded & 15)) & 1) === 1;
}

/** The flags of a comparison of floats: Z, P and C; the others are clear. */
export function comparisonFlags(r: Int32Array, zero: boolean, parity: boolean, carry: boolean): void {
  r[RESULT] = zero ? 0 : 1;
  r[RESULT + 1] = 0;
  r[PARITY] = parity ? 0 : 1;
  r[CARRY] = carry ? 1 : 0;
  r[OVERFLOW] = 0;
}
