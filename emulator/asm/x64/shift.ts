/** Shifts and rotations. A count is taken modulo the operand's size (32 for narrower ones); with a count of 0 no flag changes. */
import { CARRY, OVERFLOW, PARITY, RESULT } from './state.ts';

/** Operations of group 2, in the order of the encoding. */
export enum Shift {
  Rol,
  Ror,
  Rcl,
  Rcr,
  Shl,
  Shr,
  Sal,
  Sar,
}

function resultFlags(r: Int32Array, low: number, high: number): void {
  r[RESULT] = low;
  r[PARITY] = low;
  r[RESULT + 1] = high;
}

/** Shifts of the pair at `d`, by fewer than 64 bits. */
function left(r: Int32Array, d: number, n: number): void {
  if (n === 0) return;
  const low = r[d];
  if (n >= 32) {
    r[d + 1] = low << (n - 32);
    r[d] = 0;
  } else {
    r[d + 1] = (r[d + 1] << n) | (low >>> (32 - n));
    r[d] = low << n;
  }
}
function right(r: Int32Array, d: number, n: number, sign: number): void {
  if (n === 0) return;
  const high = r[d + 1];
  if (n >= 32) {
    r[d] = n === 32 ? high : (high >>> (n - 32)) | (sign << (64 - n));
    r[d + 1] = sign;
  } else {
    r[d] = (r[d] >>> n) | (high << (32 - n));
    r[d + 1] = (high >>> n) | (sign << (32 - n));
  }
}

const bit = (r: Int32Array, d: number, n: number): number => (n < 32 ? r[d] >>> n : r[d + 1] >>> (n - 32)) & 1;

/** The operation on the pair at `d`, by a count from 0 to 63. */
export function shiftWide(r: Int32Array, operation: Shift, d: number): (count: number) => void {
  switch (operation) {
    case Shift.Shl:
    case Shift.Sal:
      return n => {
        if (n === 0) return;
        r[CARRY] = bit(r, d, 64 - n);
        left(r, d, n);
        resultFlags(r, r[d], r[d + 1]);
        r[OVERFLOW] = (r[d + 1] >>> 31) ^ r[CARRY];
      };
    case Shift.Shr:
      return n => {
        if (n === 0) return;
        r[CARRY] = bit(r, d, n - 1);
        r[OVERFLOW] = r[d + 1] >>> 31;
        right(r, d, n, 0);
        resultFlags(r, r[d], r[d + 1]);
      };
    case Shift.Sar:
      return n => {
        if (n === 0) return;
        r[CARRY] = bit(r, d, n - 1);
        r[OVERFLOW] = 0;
        right(r, d, n, r[d + 1] >> 31);
        resultFlags(r, r[d], r[d + 1]);
      };
    case Shift.Rol:
      return n => {
        if (n === 0) return;
        rotateLeft(r, d, n);
        r[CARRY] = r[d] & 1;
        r[OVERFLOW] = (r[d + 1] >>> 31) ^ r[CARRY];
      };
    case Shift.Ror:
      return n => {
        if (n === 0) return;
        rotateLeft(r, d, 64 - n);
        r[CARRY] = r[d + 1] >>> 31;
        r[OVERFLOW] = ((r[d + 1] >>> 30) & 1) ^ r[CARRY];
      };
    case Shift.Rcl:
      return n => {
        for (let i = 0; i < n; i++) {
          const out = r[d + 1] >>> 31;
          left(r, d, 1);
          r[d] |= r[CARRY];
          r[CARRY] = out;
        }
        if (n > 0) r[OVERFLOW] = (r[d + 1] >>> 31) ^ r[CARRY];
      };
    default:
      return n => {
        if (n > 0) r[OVERFLOW] = (r[d + 1] >>> 31) ^ r[CARRY];
        for (let i = 0; i < n; i++) {
          const out = r[d] & 1;
          right(r, d, 1, 0);
          r[d + 1] |= r[CARRY] << 31;
          r[CARRY] = out;
        }
      };
  }
}

function rotateLeft(r: Int32Array, d: number, n: number): void {
  const low = r[d];
  const high = r[d + 1];
  const [first, second] = n & 32 ? [low, high] : [high, low];
  const by = n & 31;
  r[d + 1] = by === 0 ? first : (first << by) | (second >>> (32 - by));
  r[d] = by === 0 ? second : (second << by) | (first >>> (32 - by));
}

/** Shifts without flags, for the pair at `d`. */
export function shiftWideQuiet(r: Int32Array, operation: Shift, d: number): ((count: number) => void) | undefined {
  switch (operation) {
    case Shift.Shl:
    case Shift.Sal:
      return n => left(r, d, n);
    case Shift.Shr:
      return n => right(r, d, n, 0);
    case Shift.Sar:
      return n => right(r, d, n, r[d + 1] >> 31);
    default:
      return undefined;
  }
}

/** The operation on a number of up to 32 bits with its sign extended, by a count from 0 to 31. */
export function shiftNarrow(r: Int32Array, operation: Shift, bits: 8 | 16 | 32): (value: number, count: number) => number {
  const unused = 32 - bits;
  const extended = (value: number): number => (value << unused) >> unused;
  const unsigned = (value: number): number => (value << unused) >>> unused;
  const top = (value: number): number => (value >>> (bits - 1)) & 1;
  const finish = (value: number): number => {
    resultFlags(r, value, value >> 31);
    return value;
  };
  switch (operation) {
    case Shift.Shl:
    case Shift.Sal:
      return (value, n) => {
        if (n === 0) return value;
        r[CARRY] = n > bits ? 0 : (unsigned(value) >>> (bits - n)) & 1;
        const result = extended(value << n);
        r[OVERFLOW] = top(result) ^ r[CARRY];
        return finish(result);
      };
    case Shift.Shr:
      return (value, n) => {
        if (n === 0) return value;
        r[CARRY] = (unsigned(value) >>> (n - 1)) & 1;
        r[OVERFLOW] = top(value);
        return finish(extended(unsigned(value) >>> n));
      };
    case Shift.Sar:
      return (value, n) => {
        if (n === 0) return value;
        r[CARRY] = (value >> (n - 1)) & 1;
        r[OVERFLOW] = 0;
        return finish(value >> n);
      };
    case Shift.Rol:
      return (value, count) => {
        if (count === 0) return value;
        const n = count % bits;
        const u = unsigned(value);
        const result = n === 0 ? value : extended((u << n) | (u >>> (bits - n)));
        r[CARRY] = result & 1;
        r[OVERFLOW] = top(result) ^ r[CARRY];
        return result;
      };
    case Shift.Ror:
      return (value, count) => {
        if (count === 0) return value;
        const n = count % bits;
        const u = unsigned(value);
        const result = n === 0 ? value : extended((u >>> n) | (u << (bits - n)));
        r[CARRY] = top(result);
        r[OVERFLOW] = ((result >>> (bits - 2)) & 1) ^ r[CARRY];
        return result;
      };
    case Shift.Rcl:
      return (value, count) => {
        const n = bits === 32 ? count : count % (bits + 1);
        let result = value;
        for (let i = 0; i < n; i++) {
          const out = top(result);
          result = extended((result << 1) | r[CARRY]);
          r[CARRY] = out;
        }
        if (count > 0) r[OVERFLOW] = top(result) ^ r[CARRY];
        return result;
      };
    default:
      return (value, count) => {
        const n = bits === 32 ? count : count % (bits + 1);
        let result = value;
        if (count > 0) r[OVERFLOW] = top(result) ^ r[CARRY];
        for (let i = 0; i < n; i++) {
          const out = result & 1;
          result = extended((unsigned(result) >>> 1) | (r[CARRY] << (bits - 1)));
          r[CARRY] = out;
        }
        return result;
      };
  }
}

/** SHLD and SHRD on the pair at `d`, with bits from the pair at `s`. */
export function doubleShiftWide(r: Int32Array, toLeft: boolean, d: number, s: number): (count: number) => void {
  return n => {
    if (n === 0) return;
    const low = r[s];
    const high = r[s + 1];
    const sign = r[d + 1] >>> 31;
    if (toLeft) {
      r[CARRY] = bit(r, d, 64 - n);
      left(r, d, n);
      const m = 64 - n;
      r[d] |= m >= 32 ? (m === 32 ? high : high >>> (m - 32)) : (low >>> m) | (high << (32 - m));
      if (m < 32) r[d + 1] |= high >>> m;
    } else {
      r[CARRY] = bit(r, d, n - 1);
      right(r, d, n, 0);
      const m = 64 - n;
      if (m >= 32) r[d + 1] |= low << (m - 32);
      else {
        r[d] |= low << m;
        r[d + 1] |= (high << m) | (low >>> (32 - m));
      }
    }
    resultFlags(r, r[d], r[d + 1]);
    r[OVERFLOW] = (r[d + 1] >>> 31) ^ sign;
  };
}

/** The same for 32 bits. */
export function doubleShiftNarrow(r: Int32Array, toLeft: boolean): (value: number, from: number, count: number) => number {
  return (value, from, n) => {
    if (n === 0) return value;
    const result = toLeft ? (value << n) | (from >>> (32 - n)) : (value >>> n) | (from << (32 - n));
    r[CARRY] = toLeft ? (value >>> (32 - n)) & 1 : (value >>> (n - 1)) & 1;
    resultFlags(r, result, result >> 31);
    r[OVERFLOW] = ((result ^ value) >>> 31) & 1;
    return result;
  };
}
