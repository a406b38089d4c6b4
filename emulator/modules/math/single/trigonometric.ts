/** Sine, cosine and tangent (arithmetic.ts). */
import { f, floats, fma, highPart, ofWord, polynomial, word } from './arithmetic.ts';
import { type Reduced, reduceByDigits } from './digits-of-pi.ts';

const SIN = floats(0xbe2aaaab | 0, 0x3c088889, 0xb9500d01 | 0, 0x3638ef1b, 0xb2d72f34 | 0, 0x2f2ec9d3);
const SIN_TAIL = SIN.slice(1);
const COS = floats(0x3d2aaaab, 0xbab60b61 | 0, 0x37d00d01, 0xb493f27c | 0, 0x310f74f6, 0xad47d74e | 0);

/** sin(x + tail) for |x| ≤ π/4; without a tail where `tail` is undefined. */
export function kernelSin(x: number, tail: number | undefined): number {
  if ((word(x) & 0x7fffffff) < 0x32000000) return x;
  const z = f(x * x);
  const v = f(z * x);
  const r = polynomial(z, SIN_TAIL);
  if (tail === undefined) return fma(fma(z, r, SIN[0]), v, x);
  const correction = fma(fma(0.5, tail, -f(v * r)), z, -tail);
  return f(x - fma(-SIN[0], v, correction));
}

/** cos(x + tail) for |x| ≤ π/4 */
export function kernelCos(x: number, tail: number): number {
  const size = word(x) & 0x7fffffff;
  if (size < 0x32000000) return 1;
  const z = f(x * x);
  const r = f(z * polynomial(z, COS));
  const rest = fma(z, r, -f(x * tail));
  const half = f(0.5 * z);
  if (size < 0x3e99999a) return f(1 - f(half - rest));
  // What is near ½ x² is taken from 1 first, without an error.
  const q = size > 0x3f480000 ? 0.28125 : ofWord(size - 0x01000000);
  return f(f(1 - q) - f(f(half - q) - rest));
}

const QUARTER_PI = { high: ofWord(0x3f490fda), low: ofWord(0x33222168) };
const TAN = floats(
  0x3eaaaaab,
  0x3e088889,
  0x3d5d0dd1,
  0x3cb327a4,
  0x3c11371f,
  0x3b6b6916,
  0x3abede48,
  0x3a1a26c8,
  0x398137b9,
  0x38a3f445,
  0x3895c07a,
  0xb79bae5f | 0,
  0x37d95384,
);
const TAN_ODD = TAN.filter((_, i) => i % 2 === 1);
const TAN_EVEN = TAN.filter((_, i) => i % 2 === 0 && i > 0);

/** tan(x + tail) for |x| ≤ π/4, or with `inverse` −1 over that. */
function kernelTan(x: number, tail: number, inverse: boolean): number {
  const size = word(x) & 0x7fffffff;
  if (size < 0x31800000) return inverse ? f(-1 / x) : x;
  const large = size >= 0x3f2ca140;
  const negative = word(x) < 0;
  let y = x;
  let low = tail;
  if (large) {
    // tan x = (1 − tan(π/4 − x)) / (1 + tan(π/4 − x))
    y = f(f(QUARTER_PI.high - Math.abs(x)) + f(QUARTER_PI.low - (negative ? -tail : tail)));
    low = 0;
  }
  const z = f(y * y);
  const w = f(z * z);
  const s = f(z * y);
  const series = fma(polynomial(w, TAN_EVEN), z, polynomial(w, TAN_ODD));
  const r = fma(TAN[0], s, fma(fma(series, s, low), z, low));
  const sum = f(y + r);
  if (large) {
    const v = inverse ? -1 : 1;
    const ratio = f(f(sum * sum) / f(sum + v));
    const result = fma(-2, f(y - f(ratio - r)), v);
    return negative ? -result : result;
  }
  if (!inverse) return sum;
  const high = highPart(sum);
  const rest = f(r - f(high - y));
  const a = f(-1 / sum);
  const t = highPart(a);
  return fma(a, fma(t, rest, fma(t, high, 1)), t);
}

const BY_HALF_PI = ofWord(0x3f22f984);
/** π/2 in parts of 17 bits; `rest` is what the parts so far lack. */
const HALF_PI = [
  { part: ofWord(0x3fc90f80), rest: ofWord(0x37354443) },
  { part: ofWord(0x37354400), rest: ofWord(0x2e85a308) },
  { part: ofWord(0x2e85a300), rest: ofWord(0x248d3132) },
];

const exponentOf = (x: number) => (word(x) >>> 23) & 0xff;

/** For π/4 < |x| < 3π/4. */
function reduceOnce(x: number, size: number): Reduced {
  const sign = x > 0 ? 1 : -1;
  let z = f(x - sign * HALF_PI[0].part);
  let rest = sign * HALF_PI[0].rest;
  if ((size & 0xfffffff0) === 0x3fc90fd0) {
    z = f(z - sign * HALF_PI[1].part);
    rest = sign * HALF_PI[1].rest;
  }
  const high = f(z - rest);
  return { quadrants: sign, high, low: f(f(z - high) - rest) };
}

/** The high bits of multiples of π/2: of angles that lie elsewhere, one step is enough. */
const multipleOfHalfPi = (n: number) => word(f(n * (Math.PI / 2))) & 0xffffff00;

/** For |x| up to 2^7 · π/2. */
function reduceMedium(x: number, size: number): Reduced {
  const a = Math.abs(x);
  const n = Math.trunc(fma(a, BY_HALF_PI, 0.5));
  let r = fma(-n, HALF_PI[0].part, a);
  let w = f(n * HALF_PI[0].rest);
  let high = f(r - w);
  if (n >= 32 || (size & 0xffffff00) === multipleOfHalfPi(n)) {
    // The more bits cancel, the more of π/2 is needed.
    for (const [step, limit] of [
      [1, 8],
      [2, 25],
    ]) {
      if ((size >>> 23) - exponentOf(high) <= limit) break;
      const before = r;
      const { part, rest } = HALF_PI[step];
      w = f(n * part);
      r = f(before - w);
      w = fma(n, rest, -f(f(before - r) - w));
      high = f(r - w);
    }
  }
  const low = f(f(r - high) - w);
  return x < 0 ? { quadrants: -n, high: -high, low: -low } : { quadrants: n, high, low };
}

/** For larger angles. */
function reduceLarge(x: number): Reduced {
  const { quadrants, high, low } = reduceByDigits(Math.abs(x));
  return x < 0 ? { quadrants: -quadrants, high: -high, low: -low } : { quadrants, high, low };
}

function reduce(x: number): Reduced {
  const size = word(x) & 0x7fffffff;
  if (size < 0x4016cbe4) return reduceOnce(x, size);
  return size <= 0x43490f80 ? reduceMedium(x, size) : reduceLarge(x);
}

const isSmall = (x: number) => (word(x) & 0x7fffffff) <= 0x3f490fd8;

export function sin(x: number): number {
  if (isSmall(x)) return kernelSin(x, undefined);
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrants, high, low } = reduce(x);
  const result = quadrants & 1 ? kernelCos(high, low) : kernelSin(high, low);
  return quadrants & 2 ? -result : result;
}

export function cos(x: number): number {
  if (isSmall(x)) return kernelCos(x, 0);
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrants, high, low } = reduce(x);
  const result = quadrants & 1 ? kernelSin(high, low) : kernelCos(high, low);
  return (quadrants + 1) & 2 ? -result : result;
}

export function tan(x: number): number {
  if (isSmall(x)) return kernelTan(x, 0, false);
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrants, high, low } = reduce(x);
  return kernelTan(high, low, (quadrants & 1) === 1);
}
