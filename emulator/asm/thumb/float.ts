/**
 * Single-precision arithmetic as the FPv4-SP unit does it: ARMv7-M Architecture Reference Manual, A2.5 (rounding modes, flush-to-zero, default NaN,
 * cumulative exception flags). Operands and results are the 32 bits of a number, kept in a signed integer.
 *
 * JavaScript's doubles give the result: a sum, difference, product, quotient or square root of singles that is computed in double precision and then rounded to
 * single precision is correctly rounded to nearest. What is left is the direction of the error, for the other rounding modes and for the inexact flag.
 */
import { FPFLAGS, FPSCR } from './state.ts';

export const FLAG_INVALID = 1 << 0;
export const FLAG_DIVIDE_BY_ZERO = 1 << 1;
export const FLAG_OVERFLOW = 1 << 2;
export const FLAG_UNDERFLOW = 1 << 3;
export const FLAG_INEXACT = 1 << 4;
export const FLAG_INPUT_DENORMAL = 1 << 7;
const FLUSH_TO_ZERO = 1 << 24;
const DEFAULT_NAN_MODE = 1 << 25;
const ALTERNATIVE_HALF = 1 << 26;
/** The bits of FPSCR that can be written, besides the condition flags. */
export const FPSCR_MASK = 0x07c0009f;
/** Rounding mode, flush-to-zero: zero while the fast paths are right. */
export const FPSCR_MODES = 0x01c00000;

export const NEAREST = 0;
export const UP = 1;
export const DOWN = 2;
export const ZERO = 3;

const DEFAULT_NAN = 0x7fc00000;
const SIGN = -0x80000000;
const MIN_NORMAL = 2 ** -126;
const MAX_SINGLE = (2 - 2 ** -23) * 2 ** 127;
const TWO_TO_128 = 2 ** 128;

const buffer = new ArrayBuffer(8);
const single = new Float32Array(buffer);
const singleBits = new Int32Array(buffer);
const double = new Float64Array(buffer);
const doubleBits = new BigInt64Array(buffer);

export function toNumber(bits: number): number {
  singleBits[0] = bits;
  return single[0];
}
export function toBits(value: number): number {
  single[0] = value;
  return singleBits[0];
}

const isNaNBits = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;
const isSignalling = (bits: number): boolean => isNaNBits(bits) && (bits & 0x00400000) === 0;

/** An operand: denormals become zero in flush-to-zero mode. */
function operand(r: Int32Array, bits: number): number {
  if (r[FPSCR] & FLUSH_TO_ZERO && (bits & 0x7f800000) === 0 && (bits & 0x007fffff) !== 0) {
    r[FPSCR] |= FLAG_INPUT_DENORMAL;
    return bits & SIGN;
  }
  return bits;
}

/** The NaN that operands give: the first signalling one made quiet, else the first quiet one. */
function propagate(r: Int32Array, operands: readonly number[]): number {
  const signalling = operands.find(isSignalling);
  if (signalling !== undefined) r[FPSCR] |= FLAG_INVALID;
  if (r[FPSCR] & DEFAULT_NAN_MODE) return DEFAULT_NAN;
  return signalling !== undefined ? signalling | 0x00400000 : operands.find(isNaNBits)!;
}

function invalid(r: Int32Array): number {
  r[FPSCR] |= FLAG_INVALID;
  return DEFAULT_NAN;
}

function nextAfter(value: number, up: boolean): number {
  if (value === 0) return up ? 2 ** -149 : -(2 ** -149);
  singleBits[0] = toBits(value);
  singleBits[0] += value > 0 === up ? 1 : -1;
  return single[0];
}

/**
 * Rounds a finite exact result that is not zero.
 * @param nearest the result rounded to nearest
 * @param error sign of the exact result minus `nearest`
 * @param tiny whether the exact result is below the normal range
 * @param huge whether its magnitude is 2^128 or more
 */
function finish(r: Int32Array, nearest: number, error: number, tiny: boolean, huge: boolean, negative: boolean, mode: number): number {
  if (tiny && r[FPSCR] & FLUSH_TO_ZERO) {
    r[FPSCR] |= FLAG_UNDERFLOW;
    return negative ? SIGN : 0;
  }
  let result = nearest;
  if (mode === UP && error > 0) result = nextAfter(nearest, true);
  else if (mode === DOWN && error < 0) result = nextAfter(nearest, false);
  else if (mode === ZERO && error !== 0 && error < 0 !== negative) result = nextAfter(nearest, negative);
  const towardsZero = mode === ZERO || (mode === UP && negative) || (mode === DOWN && !negative);
  if (towardsZero ? huge : !Number.isFinite(result)) r[FPSCR] |= FLAG_OVERFLOW | FLAG_INEXACT;
  else if (error !== 0) r[FPSCR] |= tiny ? FLAG_UNDERFLOW | FLAG_INEXACT : FLAG_INEXACT;
  const bits = toBits(result);
  return result === 0 && negative ? bits | SIGN : bits;
}

const roundingMode = (r: Int32Array): number => (r[FPSCR] >>> 22) & 3;

/** Rounds `sum + error`, where the error is far smaller than the sum's last place. */
function roundSum(r: Int32Array, sum: number, error: number, mode: number): number {
  const nearest = Math.fround(error === 0 ? sum : roundToOdd(sum, error));
  const difference = sum - nearest;
  const magnitude = Math.abs(sum);
  const shrinks = error !== 0 && error < 0 === sum > 0;
  return finish(
    r,
    nearest,
    difference !== 0 ? Math.sign(difference) : Math.sign(error),
    magnitude < MIN_NORMAL || (magnitude === MIN_NORMAL && shrinks),
    magnitude > TWO_TO_128 || (magnitude === TWO_TO_128 && !shrinks),
    sum < 0,
    mode,
  );
}

/** The double next to the exact value whose last bit is odd: rounding it once more cannot go wrong. */
function roundToOdd(sum: number, error: number): number {
  double[0] = sum;
  if ((doubleBits[0] & 1n) === 0n) doubleBits[0] += error > 0 === sum > 0 ? 1n : -1n;
  return double[0];
}

function addNumbers(r: Int32Array, a: number, b: number, mode: number): number {
  const sum = a + b;
  if (sum === 0) {
    if (a === 0 && b === 0 && Object.is(a, b)) return toBits(sum);
    return mode === DOWN ? SIGN : 0;
  }
  if (!Number.isFinite(sum)) return toBits(sum);
  const part = sum - a;
  return roundSum(r, sum, a - (sum - part) + (b - part), mode);
}

export function add(r: Int32Array, aBits: number, bBits: number): number {
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  if (isNaNBits(aa) || isNaNBits(bb)) return propagate(r, [aa, bb]);
  const a = toNumber(aa);
  const b = toNumber(bb);
  if (Number.isNaN(a + b)) return invalid(r);
  return addNumbers(r, a, b, roundingMode(r));
}

export function subtract(r: Int32Array, aBits: number, bBits: number): number {
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  if (isNaNBits(aa) || isNaNBits(bb)) return propagate(r, [aa, bb]);
  const a = toNumber(aa);
  const b = -toNumber(bb);
  if (Number.isNaN(a + b)) return invalid(r);
  return addNumbers(r, a, b, roundingMode(r));
}

export function multiply(r: Int32Array, aBits: number, bBits: number): number {
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  if (isNaNBits(aa) || isNaNBits(bb)) return propagate(r, [aa, bb]);
  const product = toNumber(aa) * toNumber(bb);
  if (Number.isNaN(product)) return invalid(r);
  if (product === 0 || !Number.isFinite(product)) return toBits(product);
  return roundSum(r, product, 0, roundingMode(r));
}

export function divide(r: Int32Array, aBits: number, bBits: number): number {
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  if (isNaNBits(aa) || isNaNBits(bb)) return propagate(r, [aa, bb]);
  const a = toNumber(aa);
  const b = toNumber(bb);
  const quotient = a / b;
  if (Number.isNaN(quotient)) return invalid(r);
  if (b === 0 && Number.isFinite(a)) r[FPSCR] |= FLAG_DIVIDE_BY_ZERO;
  if (quotient === 0 || !Number.isFinite(quotient)) return toBits(quotient);
  const nearest = Math.fround(quotient);
  // The remainder is exact: it is a product of two singles, compared with one.
  const remainder = Number.isFinite(nearest) ? Math.sign(a - nearest * b) * Math.sign(b) : -Math.sign(quotient);
  const magnitude = Math.abs(quotient);
  // A quotient of singles that is below the normal range cannot round up to it in double precision, nor to 2^128.
  return finish(r, nearest, remainder, magnitude < MIN_NORMAL, magnitude >= TWO_TO_128, quotient < 0, roundingMode(r));
}

export function squareRoot(r: Int32Array, bits: number): number {
  const aa = operand(r, bits);
  if (isNaNBits(aa)) return propagate(r, [aa]);
  const a = toNumber(aa);
  if (a === 0 || a === Number.POSITIVE_INFINITY) return aa;
  if (a < 0) return invalid(r);
  const nearest = Math.fround(Math.sqrt(a));
  return finish(r, nearest, Math.sign(a - nearest * nearest), false, false, false, roundingMode(r));
}

/** `addend + a * b`, rounded once. */
export function multiplyAdd(r: Int32Array, addendBits: number, aBits: number, bBits: number): number {
  const cc = operand(r, addendBits);
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  const a = toNumber(aa);
  const b = toNumber(bb);
  const zeroTimesInfinity = (a === 0 && Math.abs(b) === Number.POSITIVE_INFINITY) || (b === 0 && Math.abs(a) === Number.POSITIVE_INFINITY);
  if (isNaNBits(cc) || isNaNBits(aa) || isNaNBits(bb)) {
    if (zeroTimesInfinity && isNaNBits(cc) && !isSignalling(cc)) return invalid(r);
    return propagate(r, [cc, aa, bb]);
  }
  const c = toNumber(cc);
  const product = a * b;
  if (Number.isNaN(product) || Number.isNaN(product + c)) return invalid(r);
  return addNumbers(r, c, product, roundingMode(r));
}

export const negate = (bits: number): number => bits ^ SIGN;
export const absolute = (bits: number): number => bits & 0x7fffffff;

/** Sets the condition flags of FPSCR; `signalQuiet` makes every NaN an invalid operation (VCMPE). */
export function compare(r: Int32Array, aBits: number, bBits: number, signalQuiet: boolean): void {
  const aa = operand(r, aBits);
  const bb = operand(r, bBits);
  if (isNaNBits(aa) || isNaNBits(bb)) {
    if (signalQuiet || isSignalling(aa) || isSignalling(bb)) r[FPSCR] |= FLAG_INVALID;
    r[FPFLAGS] = 0x30000000;
    return;
  }
  const a = toNumber(aa);
  const b = toNumber(bb);
  r[FPFLAGS] = a === b ? 0x60000000 : a < b ? SIGN : 0x20000000;
}

function roundInteger(value: number, mode: number): number {
  switch (mode) {
    case UP:
      return Math.ceil(value);
    case DOWN:
      return Math.floor(value);
    case ZERO:
      return Math.trunc(value);
    default: {
      const floor = Math.floor(value);
      const rest = value - floor;
      if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
      return floor % 2 === 0 ? floor : floor + 1;
    }
  }
}

/** To an integer of `bits` bits with `fraction` bits behind the point, saturating. */
export function toFixed(r: Int32Array, value: number, bits: number, fraction: number, unsigned: boolean, towardsZero: boolean): number {
  const source = operand(r, value);
  if (isNaNBits(source)) {
    r[FPSCR] |= FLAG_INVALID;
    return 0;
  }
  const scaled = toNumber(source) * 2 ** fraction;
  const rounded = roundInteger(scaled, towardsZero ? ZERO : roundingMode(r));
  const lowest = unsigned ? 0 : -(2 ** (bits - 1));
  const highest = unsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  if (rounded < lowest || rounded > highest) {
    r[FPSCR] |= FLAG_INVALID;
    return (rounded < lowest ? lowest : highest) | 0;
  }
  if (rounded !== scaled) r[FPSCR] |= FLAG_INEXACT;
  return rounded | 0;
}

/** From an integer (as a JavaScript number) with `fraction` bits behind the point. */
export function fromFixed(r: Int32Array, value: number, fraction: number, nearest: boolean): number {
  if (value === 0) return 0;
  return roundSum(r, value * 2 ** -fraction, 0, nearest ? NEAREST : roundingMode(r));
}

/** VCVTB, VCVTT from half precision. */
export function fromHalf(r: Int32Array, half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31 && !(r[FPSCR] & ALTERNATIVE_HALF)) {
    if (fraction === 0) return sign | 0x7f800000;
    if (!(fraction & 0x200)) r[FPSCR] |= FLAG_INVALID;
    return r[FPSCR] & DEFAULT_NAN_MODE ? DEFAULT_NAN : sign | 0x7fc00000 | (fraction << 13);
  }
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return sign | toBits(magnitude);
}

/** VCVTB, VCVTT to half precision; gives 16 bits. */
export function toHalf(r: Int32Array, bits: number): number {
  const source = operand(r, bits);
  const sign = (source >>> 16) & 0x8000;
  const alternative = (r[FPSCR] & ALTERNATIVE_HALF) !== 0;
  if (isNaNBits(source)) {
    if (alternative) {
      r[FPSCR] |= FLAG_INVALID;
      return sign;
    }
    if (isSignalling(source)) r[FPSCR] |= FLAG_INVALID;
    return r[FPSCR] & DEFAULT_NAN_MODE ? 0x7e00 : sign | 0x7e00 | ((source >>> 13) & 0x1ff);
  }
  const value = Math.abs(toNumber(source));
  if (value === 0) return sign;
  if (value === Number.POSITIVE_INFINITY) {
    if (!alternative) return sign | 0x7c00;
    r[FPSCR] |= FLAG_INVALID;
    return sign | 0x7fff;
  }
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const unit = 2 ** ((value < 2 ** exponent ? exponent - 1 : exponent) - 10);
  const scale = Math.max(unit, 2 ** -24);
  const mode = roundingMode(r);
  // The magnitude is rounded, so the directed modes swap for negative numbers.
  const magnitudeMode = sign && mode === UP ? DOWN : sign && mode === DOWN ? UP : mode;
  const rounded = roundInteger(value / scale, magnitudeMode) * scale;
  const limit = alternative ? 131008 : 65504;
  if (rounded > limit) {
    if (alternative) {
      r[FPSCR] |= FLAG_INVALID;
      return sign | 0x7fff;
    }
    r[FPSCR] |= FLAG_OVERFLOW | FLAG_INEXACT;
    return sign | (magnitudeMode === ZERO || magnitudeMode === DOWN ? 0x7bff : 0x7c00);
  }
  if (rounded !== value) r[FPSCR] |= value < 2 ** -14 ? FLAG_UNDERFLOW | FLAG_INEXACT : FLAG_INEXACT;
  if (rounded < 2 ** -14) return sign | (rounded / 2 ** -24);
  const resultExponent = Math.floor(Math.log2(rounded));
  return sign | ((resultExponent + 15) << 10) | ((rounded / 2 ** resultExponent - 1) * 1024);
}

/** Whether a result needs nothing but being stored: normal and finite. */
export function isOrdinary(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude >= MIN_NORMAL && magnitude <= MAX_SINGLE;
}
