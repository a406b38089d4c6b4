/** Additions, subtractions and shifts with the flags they leave: ARMv7-M Architecture Reference Manual, A2.2.1 (AddWithCarry, Shift_C). */
import { CF, NV, VF, ZV } from './state.ts';

export function addFlags(r: Int32Array, a: number, b: number): number {
  const sum = (a + b) | 0;
  r[NV] = sum;
  r[ZV] = sum;
  r[CF] = sum >>> 0 < a >>> 0 ? 1 : 0;
  r[VF] = ((a ^ sum) & (b ^ sum)) >>> 31;
  return sum;
}

export function subFlags(r: Int32Array, a: number, b: number): number {
  const difference = (a - b) | 0;
  r[NV] = difference;
  r[ZV] = difference;
  r[CF] = a >>> 0 >= b >>> 0 ? 1 : 0;
  r[VF] = ((a ^ b) & (a ^ difference)) >>> 31;
  return difference;
}

export function adcFlags(r: Int32Array, a: number, b: number, carry: number): number {
  const wide = (a >>> 0) + (b >>> 0) + carry;
  const sum = wide | 0;
  r[NV] = sum;
  r[ZV] = sum;
  r[CF] = wide > 0xffffffff ? 1 : 0;
  r[VF] = ((a ^ sum) & (b ^ sum)) >>> 31;
  return sum;
}

/** Shift types as encoded. RRX is ROR by zero in an immediate shift. */
export const LSL = 0;
export const LSR = 1;
export const ASR = 2;
export const ROR = 3;
export const RRX = 4;

/** The type and amount of an immediate shift (DecodeImmShift). */
export function immediateShift(type: number, amount: number): { type: number; amount: number } {
  if (type === LSL) return { type, amount };
  if (type === ROR) return amount === 0 ? { type: RRX, amount: 1 } : { type, amount };
  return { type, amount: amount === 0 ? 32 : amount };
}

/** `value` shifted; `carry` is the carry flag (only RRX uses it). `amount` is 0 to 255. */
export function shift(value: number, type: number, amount: number, carry: number): number {
  switch (type) {
    case LSL:
      return amount < 32 ? value << amount : 0;
    case LSR:
      return amount < 32 ? (value >>> amount) | 0 : 0;
    case ASR:
      return amount < 32 ? value >> amount : value >> 31;
    case ROR: {
      const n = amount & 31;
      return n === 0 ? value : (value >>> n) | (value << (32 - n));
    }
    default:
      return (value >>> 1) | (carry << 31);
  }
}

/** The carry that the same shift leaves; 0 or 1. */
export function shiftCarry(value: number, type: number, amount: number, carry: number): number {
  if (type === RRX) return value & 1;
  if (amount === 0) return carry;
  switch (type) {
    case LSL:
      return amount <= 32 ? (value >>> (32 - amount)) & 1 : 0;
    case LSR:
      return amount <= 32 ? (value >>> (amount - 1)) & 1 : 0;
    case ASR:
      return amount <= 32 ? (value >> (amount - 1)) & 1 : value >>> 31;
    default:
      return (value >>> ((amount - 1) & 31)) & 1;
  }
}
