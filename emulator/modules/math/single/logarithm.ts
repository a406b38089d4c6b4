/** The logarithm and the inverse hyperbolic functions (arithmetic.ts). */
import { f, fma, ofWord, sqrt, word } from './arithmetic.ts';

const LN2 = { high: ofWord(0x3f317180), low: ofWord(0x3717f7d1) };
const LN2_ROUNDED = f(Math.LN2);
/** Of (ln(1 + s) − ln(1 − s)) / s − 2, in s². */
const LOG = [f(0xaaaaaa / 2 ** 24), f(0xccce13 / 2 ** 25), f(0x91e9ee / 2 ** 25), f(0xf89e26 / 2 ** 26)];
/** √½: numbers are brought between it and its double. */
const SQRT_HALF = 0x3f3504f3;
const ONE = 0x3f800000;

/** k ln 2 + ln(1 + x) + correction, for x between √½ − 1 and √2 − 1. */
function combine(k: number, x: number, tail: number): number {
  const s = f(x / f(2 + x));
  const z = f(s * s);
  const w = f(z * z);
  const odd = f(z * fma(w, LOG[2], LOG[0]));
  const series = fma(fma(w, LOG[3], LOG[1]), w, odd);
  const half = f(0.5 * x);
  let sum = fma(fma(half, x, series), s, tail);
  sum = f(fma(-half, x, sum) + x);
  return fma(k, LN2.high, sum);
}

export function log(x: number): number {
  if (x < 0 || Number.isNaN(x)) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  if (x === 1) return 0;
  let k = 0;
  let bits = word(x);
  if (bits < 0x00800000) {
    k = -25;
    bits = word(f(x * 2 ** 25));
  }
  bits += ONE - SQRT_HALF;
  k += (bits >>> 23) - 127;
  const reduced = ofWord((bits & 0x007fffff) + SQRT_HALF);
  return combine(k, f(reduced - 1), f(k * LN2.low));
}

/** ln(1 + x) */
export function log1p(x: number): number {
  const bits = word(x);
  const unsigned = bits >>> 0;
  let k = 1;
  let tail = 0;
  let reduced = x;
  if (unsigned < 0x3ed413d0 || bits < 0) {
    if (unsigned >= 0xbf800000) return x === -1 ? -Infinity : Number.NaN;
    if ((unsigned << 1) >>> 0 < 0x67000000) return x;
    if (unsigned <= 0xbe95f619) k = 0;
  } else if (unsigned >= 0x7f800000) return x;
  if (k !== 0) {
    const sum = f(1 + x);
    const sumBits = word(sum) + ONE - SQRT_HALF;
    k = (sumBits >>> 23) - 127;
    // What was lost in adding 1.
    if (k < 25) tail = f((k >= 2 ? f(1 - f(sum - x)) : f(x - f(sum - 1))) / sum);
    reduced = f(ofWord((sumBits & 0x007fffff) + SQRT_HALF) - 1);
  }
  return combine(k, reduced, fma(k, LN2.low, tail));
}

const LN10 = f(Math.LN10);
export const log10 = (x: number): number => f(log(x) / LN10);

/** The reference's own, for the library has none. */
export const log2 = (x: number): number => f(log(x) * f(Math.LOG2E));

/** Where 1 is nothing beside x². */
const LARGE = ONE + (12 << 23);

export function acosh(x: number): number {
  const size = word(x) & 0x7fffffff;
  if (size < ONE + (1 << 23)) {
    const y = f(x - 1);
    return log1p(f(y + sqrt(fma(y, y, f(y + y)))));
  }
  if (size >= LARGE) return f(log(x) + LN2_ROUNDED);
  return log(fma(2, x, -f(1 / f(x + sqrt(fma(x, x, -1))))));
}

export function asinh(x: number): number {
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  let result = a;
  if (size >= LARGE) result = f(log(a) + LN2_ROUNDED);
  else if (size >= ONE + (1 << 23)) result = log(fma(2, a, f(1 / f(sqrt(fma(a, a, 1)) + a))));
  else if (size >= ONE - (12 << 23)) {
    const square = f(a * a);
    result = log1p(f(a + f(square / f(sqrt(f(square + 1)) + 1))));
  }
  return word(x) < 0 ? -result : result;
}

export function atanh(x: number): number {
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  let result = a;
  if (size >= ONE - (1 << 23)) {
    const ratio = f(a / f(1 - a));
    result = f(0.5 * log1p(f(ratio + ratio)));
  } else if (size >= ONE - (32 << 23)) {
    const twice = f(a + a);
    result = f(0.5 * log1p(f(f(f(twice * a) / f(1 - a)) + twice)));
  }
  return word(x) < 0 ? -result : result;
}
