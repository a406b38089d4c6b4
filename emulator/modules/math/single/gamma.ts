/** The gamma function and its logarithm (arithmetic.ts). */
import { f, floats, fma, ofWord, polynomial, word } from './arithmetic.ts';
import { exp } from './exponential.ts';
import { log } from './logarithm.ts';
import { kernelCos, kernelSin } from './trigonometric.ts';

const PI = ofWord(0x40490fdb);

/** −sin(π a) for a > 0, as the reflection formula wants it. */
function sinPi(a: number): number {
  if ((word(a) & 0x7fffffff) < 0x3e800000) return kernelSin(f(PI * -a), undefined);
  if (Number.isInteger(a)) return -0;
  // a modulo 2, in quarters.
  const half = f(a * 0.5);
  let y = f(f(half - Math.floor(half)) * 2);
  const quarter = Math.trunc(y * 4);
  if (quarter === 0) y = kernelSin(f(PI * y), undefined);
  else if (quarter <= 2) y = kernelCos(f(PI * f(0.5 - y)), 0);
  else if (quarter <= 4) y = kernelSin(f(PI * f(1 - y)), undefined);
  else if (quarter <= 6) y = -kernelCos(f(PI * f(y - 1.5)), 0);
  else y = kernelSin(f(PI * f(y - 2)), undefined);
  return -y;
}

/** Round 2: of lgamma(2 − y) + ½ y, even and odd powers apart. */
const NEAR_TWO_EVEN = floats(0x3d9e233f, 0x3d89f001, 0x3bf2027e, 0x3a9c54a1, 0x39679767, 0x37d383a2);
const NEAR_TWO_ODD = floats(0x3ea51a66, 0x3ca89915, 0x3b3d6ec6, 0x3a05b634, 0x38e28445, 0x383c2c75);
/** Round the minimum, at `at`: its value, high part and negated low part; powers by their remainder by 3. */
const MINIMUM = { at: ofWord(0x3fbb16c3), high: ofWord(0xbdf8cdcd | 0), low: ofWord(0x31e61c52) };
const NEAR_MINIMUM = [
  floats(0x3ef7b95e, 0xbd064d47 | 0, 0x3bc7e707, 0xbab7f476 | 0, 0x39a57b6b),
  floats(0xbe17213c | 0, 0x3c93373d, 0xbb7177fe | 0, 0x3a66f867, 0xb9a3f927 | 0),
  floats(0x3d845a15, 0xbc28fcfe | 0, 0x3b141699, 0xba0d3085 | 0, 0x39afe9f7),
];
/** Round 1: of lgamma(1 + y) + ½ y, as a rational function. */
const NEAR_ONE = {
  above: floats(0xbd9e233f | 0, 0x3f2200f4, 0x3fba3ae7, 0x3f7a4bb2, 0x3e6a7578, 0x3c5b3c5e),
  below: floats(0x3f800000, 0x401d2ebe, 0x4008392d, 0x3f44efdf, 0x3dd572af, 0x3b52d5db),
};
/** Of lgamma(2 + y) − ½ y. */
const FROM_TWO = {
  above: floats(0xbd9e233f | 0, 0x3e5c245a, 0x3ea6cc7a, 0x3e15dce6, 0x3cda40e4, 0x3af135b4, 0x3805ff67),
  below: floats(0x3f800000, 0x3fb22d3b, 0x3f38d0c5, 0x3e300f6e, 0x3c98bf54, 0x3a4beed6, 0x36f5d7bd),
};
/** Stirling's series, from 1/x on; before it, what is added. */
const STIRLING = floats(0x3daaaaab, 0xbb360b61 | 0, 0x3a500cfd, 0xba1c065c | 0, 0x3a5b3dd2, 0xbad5c4e8 | 0);
const STIRLING_FIRST = ofWord(0x3ed67f1d);

function nearTwo(y: number, r: number): number {
  const z = f(y * y);
  const p = fma(polynomial(z, NEAR_TWO_ODD), z, f(y * polynomial(z, NEAR_TWO_EVEN)));
  return f(fma(-0.5, y, p) + r);
}

function nearMinimum(y: number, r: number): number {
  const z = f(y * y);
  const w = f(z * y);
  const [first, second, third] = NEAR_MINIMUM.map(coefficients => polynomial(w, coefficients));
  const p = fma(z, first, -fma(-fma(y, third, second), w, MINIMUM.low));
  return f(f(p + MINIMUM.high) + r);
}

function nearOne(y: number, r: number): number {
  const quotient = f(f(y * polynomial(y, NEAR_ONE.above)) / polynomial(y, NEAR_ONE.below));
  return f(fma(-0.5, y, quotient) + r);
}

/** For x below 2, not 1. */
function belowTwo(x: number, size: number): number {
  if (size <= 0x3f666666) {
    // lgamma x = lgamma(x + 1) − ln x
    const r = -log(x);
    if (size >= 0x3f3b4a20) return nearTwo(f(1 - x), r);
    return size >= 0x3e6d3308 ? nearMinimum(f(x - f(MINIMUM.at - 1)), r) : nearOne(x, r);
  }
  if (size >= 0x3fdda618) return nearTwo(f(2 - x), 0);
  return size >= 0x3f9da620 ? nearMinimum(f(x - MINIMUM.at), 0) : nearOne(f(x - 1), 0);
}

function belowEight(x: number): number {
  const n = Math.trunc(x);
  const y = f(x - n);
  const quotient = f(f(y * polynomial(y, FROM_TWO.above)) / polynomial(y, FROM_TWO.below));
  const r = fma(0.5, y, quotient);
  if (n < 3) return r;
  let product = 1;
  for (let i = n - 1; i >= 2; i--) product = f(product * f(y + i));
  return f(r + log(product));
}

function large(x: number, size: number): number {
  const t = f(log(x) - 1);
  if (size >= 0x5c800000) return f(x * t);
  const z = f(1 / x);
  const w = fma(polynomial(f(z * z), STIRLING), z, STIRLING_FIRST);
  return fma(f(x - 0.5), t, w);
}

function signedLgamma(x: number): { value: number; negative: boolean } {
  const size = word(x) & 0x7fffffff;
  if (!Number.isFinite(x)) return { value: x * x, negative: false };
  if (size === 0) return { value: Infinity, negative: false };
  if (size < 0x1c800000) return { value: -log(Math.abs(x)), negative: x < 0 };
  const a = Math.abs(x);
  let reflection = 0;
  let negative = false;
  if (x < 0) {
    if (size >= 0x4b000000) return { value: Infinity, negative };
    const t = sinPi(a);
    if (t === 0) return { value: Infinity, negative };
    reflection = log(f(PI / Math.abs(f(t * x))));
    negative = t < 0;
  }
  let value = 0;
  if (a !== 1 && a !== 2) value = a < 2 ? belowTwo(a, size) : a < 8 ? belowEight(a) : large(a, size);
  return { value: x < 0 ? f(reflection - value) : value, negative };
}

export const lgamma = (x: number): number => signedLgamma(x).value;

/** By way of its logarithm, so that it is seldom exact. */
export function gamma(x: number): number {
  if (!Number.isFinite(x)) return x + Infinity;
  const { value, negative } = signedLgamma(x);
  return negative ? -exp(value) : exp(value);
}
