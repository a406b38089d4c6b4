/** The exponential function and the hyperbolic ones (arithmetic.ts). */
import { f, fma, ofWord, polynomial, scale, word } from './arithmetic.ts';

const LN2 = { high: ofWord(0x3f317200), low: f(1.4286067653e-6) };
const BY_LN2 = f(1.4426950216);
/** Of x − (e^x − 1) terms, in x². */
const EXP = [f(1.666662544e-1), f(-2.7667332906e-3)];

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = word(x) & 0x7fffffff;
  const negative = word(x) < 0;
  // Above 88.72 it is beyond the largest number, below −103.97 under half of the smallest.
  if (size >= 0x42b17218 && !negative) return f(x * 2 ** 127);
  if (size >= 0x42cff1b5) return 0;
  let k = 0;
  let high = x;
  let low = 0;
  let rest = x;
  if (size > 0x3eb17218) {
    // x = k ln 2 + rest
    if (size > 0x3f851592) k = Math.trunc(fma(BY_LN2, x, negative ? -0.5 : 0.5));
    else k = negative ? -1 : 1;
    high = fma(-k, LN2.high, x);
    low = f(k * LN2.low);
    rest = f(high - low);
  } else if (size <= 0x39000000) return f(1 + x);
  const square = f(rest * rest);
  const c = fma(-fma(square, EXP[1], EXP[0]), square, rest);
  const quotient = f(f(rest * c) / f(2 - c));
  const y = f(1 + f(f(quotient - low) + high));
  return scale(y, k);
}

const LN2_LONG = { high: ofWord(0x3f317180), low: ofWord(0x3717f7d1) };
const EXPM1 = [1, f(-3.3333212137e-2), f(1.5807170421e-3)];
const OVERFLOW = ofWord(0x42b17180);

/** e^x − 1 */
export function expm1(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = word(x) & 0x7fffffff;
  const negative = word(x) < 0;
  if (size >= 0x4195b844) {
    if (negative) return -1;
    if (x > OVERFLOW) return f(x * 2 ** 127);
  }
  let k = 0;
  let rest = x;
  let error = 0;
  if (size > 0x3eb17218) {
    if (size < 0x3f851592) k = negative ? -1 : 1;
    else k = Math.trunc(f(f(BY_LN2 * x) + (negative ? -0.5 : 0.5)));
    const high = fma(-k, LN2_LONG.high, x);
    const low = f(k * LN2_LONG.low);
    rest = f(high - low);
    error = f(f(high - rest) - low);
  } else if (size < 0x33000000) return x;

  const half = f(0.5 * rest);
  const halfSquare = f(rest * half);
  const r = polynomial(halfSquare, EXPM1);
  const t = fma(-r, half, 3);
  let e = f(halfSquare * f(f(r - t) / fma(-rest, t, 6)));
  if (k === 0) return f(rest - fma(rest, e, -halfSquare));
  e = f(fma(rest, f(e - error), -error) - halfSquare);
  const part = f(rest - e);
  if (k === -1) return fma(0.5, part, -0.5);
  if (k === 1) return rest < -0.25 ? f(-2 * f(e - f(rest + 0.5))) : fma(2, part, 1);
  const power = 2 ** k;
  if (k < 0 || k > 56) {
    const y = f(part + 1);
    return f(k === 128 ? f(f(y + y) * 2 ** 127) - 1 : f(y * power) - 1);
  }
  const inverse = 2 ** -k;
  return f((k < 23 ? f(part + f(1 - inverse)) : f(f(rest - f(e + inverse)) + 1)) * power);
}

/** Half of e^x, for x near and above the largest logarithm: by way of e^(x − 235 ln 2), so that it overflows only where it has to. */
function halfOfHugeExp(x: number): number {
  const factor = 2 ** 117;
  return f(f(exp(f(x - f(162.88958740234375))) * factor) * factor);
}

const TINY_BELOW = 0x3f800000 - (12 << 23);
/** ln of the largest number. */
const HUGE_FROM = 0x42b17217;

export function cosh(x: number): number {
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  if (size < 0x3f317217) {
    if (size < TINY_BELOW) return 1;
    const t = expm1(a);
    const u = f(t + 1);
    return f(f(f(t * t) / f(u + u)) + 1);
  }
  if (size >= HUGE_FROM) return halfOfHugeExp(a);
  const t = exp(a);
  return f(0.5 * f(t + f(1 / t)));
}

export function sinh(x: number): number {
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  const half = word(x) < 0 ? -0.5 : 0.5;
  if (size >= HUGE_FROM) return f(half * 2 * halfOfHugeExp(a));
  const t = expm1(a);
  if (size >= 0x3f800000) return f(half * f(t + f(t / f(t + 1))));
  if (size < TINY_BELOW) return x;
  return f(half * fma(2, t, -f(f(t * t) / f(t + 1))));
}

export function tanh(x: number): number {
  const t = expm1(f(2 * (x < 0 ? x : -x)));
  const result = -f(t / f(t + 2));
  return x < 0 ? -result : result;
}
