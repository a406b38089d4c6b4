/**
 * C's pow() for doubles, correctly rounded. JavaScript's `**` is often off in the last digit, and the guest can see it: the C libraries
 * of the reference builds (glibc, musl) are within 0.52 units in the last place.
 *
 * The logarithm and the exponential are computed with numbers of twice the precision: a sum of a double and a smaller one. Functions on
 * them return the high part and leave the low part in `low`, which spares an object for each step.
 */

const view = new DataView(new ArrayBuffer(8));

/** The low part of the last result. In an array, because V8 keeps no unboxed double in a variable of a module. */
const low = new Float64Array(1);

/** 2^27 + 1, which splits a double into halves whose products are exact (Dekker). */
const SPLIT = 134217729;

function quickSum(a: number, b: number): number {
  const sum = a + b;
  low[0] = b - (sum - a);
  return sum;
}

function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const total = aHigh + bHigh;
  const part = total - aHigh;
  return quickSum(total, aHigh - (total - part) + (bHigh - part) + aLow + bLow);
}

function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const result = aHigh * bHigh;
  const aScaled = SPLIT * aHigh;
  const a1 = aScaled - (aScaled - aHigh);
  const a2 = aHigh - a1;
  const bScaled = SPLIT * bHigh;
  const b1 = bScaled - (bScaled - bHigh);
  const b2 = bHigh - b1;
  const error = a1 * b1 - result + a1 * b2 + a2 * b1 + a2 * b2;
  return quickSum(result, error + aHigh * bLow + aLow * bHigh);
}

function divide(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const first = aHigh / bHigh;
  const product = multiply(first, 0, bHigh, bLow);
  return quickSum(first, (aHigh - product - low[0]! + aLow) / bHigh);
}

const LN2_LOW = 2.3190468138462996e-17;

/** High and low parts, one after the other. */
function parts(values: readonly (readonly [number, number])[]): Float64Array {
  return Float64Array.from(values.flatMap(([numerator, denominator]) => [divide(numerator, 0, denominator, 0), low[0]!]));
}

/** 1 / n! for n = 2 to 10. */
const INVERSE_FACTORIALS = parts([2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800].map(factorial => [1, factorial]));

/** 1 / n for odd n from 3 to 21. */
const INVERSE_ODD = parts([3, 5, 7, 9, 11, 13, 15, 17, 19, 21].map(n => [1, n]));

/** The polynomial with these coefficients, lowest first. */
function polynomial(coefficients: Float64Array, xHigh: number, xLow: number): number {
  let at = coefficients.length - 2;
  let high = coefficients[at]!;
  low[0] = coefficients[at + 1]!;
  while (at > 0) {
    at -= 2;
    high = multiply(high, low[0]!, xHigh, xLow);
    high = add(high, low[0]!, coefficients[at]!, coefficients[at + 1]!);
  }
  return high;
}

const HALVINGS = 8;

/** e^x - 1 for |x| up to 0.36: a power series for x / 256, then (1 + p)² - 1 = 2p + p². */
function exponentialMinus1(xHigh: number, xLow: number): number {
  const rHigh = xHigh * 2 ** -HALVINGS;
  const rLow = xLow * 2 ** -HALVINGS;
  let high = polynomial(INVERSE_FACTORIALS, rHigh, rLow);
  high = multiply(high, low[0]!, rHigh, rLow);
  high = multiply(high, low[0]!, rHigh, rLow);
  high = add(high, low[0]!, rHigh, rLow);
  for (let i = 0; i < HALVINGS; i++) {
    const doubled = 2 * high;
    const doubledLow = 2 * low[0]!;
    high = multiply(high, low[0]!, high, low[0]!);
    high = add(doubled, doubledLow, high, low[0]!);
  }
  return high;
}

/** ln m for m from √½ to √2. */
function logarithm(m: number): number {
  const f = m - 1;
  if (Math.abs(f) < 1 / 32) {
    // 2 artanh(f / (2 + f))
    const sum = add(2, 0, f, 0);
    const s = divide(f, 0, sum, low[0]!);
    const sLow = low[0]!;
    const square = multiply(s, sLow, s, sLow);
    const squareLow = low[0]!;
    let high = polynomial(INVERSE_ODD, square, squareLow);
    high = multiply(high, low[0]!, square, squareLow);
    high = multiply(high, low[0]!, s, sLow);
    high = add(high, low[0]!, s, sLow);
    low[0]! *= 2;
    return 2 * high;
  }
  // One step from an estimate: ln m = y + 2 (m - e^y) / (m + e^y), with an error of the third order.
  const estimate = Math.log(m);
  let power = exponentialMinus1(estimate, 0);
  power = add(power, low[0]!, 1, 0);
  return quickSum(estimate, (2 * (m - power - low[0]!)) / (m + power));
}

/**
 * (1 + p) × 2^n, rounded once; NaN when p is so near the middle between two doubles that its own error decides.
 */
function scaled(pHigh: number, pLow: number, n: number): number {
  const high = add(1, 0, pHigh, pLow);
  // A subnormal result has fewer bits: it is a multiple of the smallest number.
  const quantum = n >= -1021 ? (high >= 1 ? 2 ** -52 : 2 ** -53) : 2 ** (-1074 - n);
  let rounded = n >= -1021 ? high : Math.round(high / quantum) * quantum;
  const rest = high - rounded + low[0]!;
  if (Math.abs(Math.abs(rest) - quantum / 2) < 2 ** -80) return Number.NaN;
  if (rest > quantum / 2) rounded += quantum;
  else if (rest < -quantum / 2) rounded -= quantum;
  if (n < -1021) return (rounded / quantum) * Number.MIN_VALUE;
  return n > 1000 ? rounded * 2 ** 1000 * 2 ** (n - 1000) : rounded * 2 ** n;
}

/** Bits of the fixed-point numbers that decide the hard cases. */
const FIXED = 320n;
const ONE = 1n << FIXED;

/** ln of a fixed-point number near 1. */
function fixedLogarithm(x: bigint): bigint {
  const s = ((x - ONE) << FIXED) / (x + ONE);
  const square = (s * s) >> FIXED;
  let total = 0n;
  for (let term = s, n = 1n; term !== 0n && term !== -1n; term = (term * square) >> FIXED, n += 2n) total += term / n;
  return 2n * total;
}

/** e to the power of a fixed-point number. */
function fixedExponential(x: bigint): bigint {
  let total = 0n;
  for (let term = ONE, n = 1n; term !== 0n && term !== -1n; term = ((term * x) >> FIXED) / n, n++) total += term;
  return total;
}

/** A double as an integer times 2^exponent. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, Math.abs(value));
  const field = view.getUint32(0) >>> 20;
  const fraction = (BigInt(view.getUint32(0) & 0xfffff) << 32n) | BigInt(view.getUint32(4));
  const mantissa = field === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

/** m × 2^k to the power of y with many more bits than a double has. What is still in the middle then lies exactly there, and is made even. */
function hardPower(m: number, k: number, y: number): number {
  const base = decompose(m);
  const power = decompose(y);
  const ln2 = -fixedLogarithm(ONE >> 1n);
  const log = fixedLogarithm(base.mantissa << (FIXED + BigInt(base.exponent))) + BigInt(k) * ln2;
  const scaledLog = log * power.mantissa;
  const t = power.exponent < 0 ? scaledLog >> BigInt(-power.exponent) : scaledLog << BigInt(power.exponent);
  const n = (t + ln2 / 2n) / ln2;
  const value = fixedExponential(t - n * ln2);
  // value × 2^n, in units of the last place of the result.
  const top = BigInt(value.toString(2).length) - 1n - FIXED + n;
  const unit = top - 52n < -1074n ? -1074n : top - 52n;
  const shift = FIXED - n + unit;
  const slack = 1n << (shift - 64n);
  const half = 1n << (shift - 1n);
  const floor = value >> shift;
  const rest = value - (floor << shift);
  const up = rest > half + slack || (rest >= half - slack && (floor & 1n) === 1n);
  return Number(floor + (up ? 1n : 0n)) * 2 ** Math.max(Number(unit), -1022) * 2 ** Math.min(Number(unit) + 1022, 0);
}

/**
 * x^y for small multiples y of a half, by multiplication and a square root with twice the precision; NaN when that is too near the middle
 * between two doubles, or when x is so large or small that steps on the way overflow or lose bits.
 */
function halvesPower(x: number, halves: number): number {
  if (x < 2 ** -100 || x > 2 ** 100) return Number.NaN;
  let high = x;
  low[0] = 0;
  const count = Math.abs(halves);
  const times = count & 1 ? count : count >> 1;
  for (let i = 1; i < times; i++) high = multiply(high, low[0]!, x, 0);
  if (count & 1) {
    const root = Math.sqrt(high);
    const rest = low[0]!;
    const square = multiply(root, 0, root, 0);
    high = quickSum(root, (high - square - low[0]! + rest) / (2 * root));
  }
  if (halves < 0) high = divide(1, 0, high, low[0]!);
  const rest = low[0]!;
  const result = high + rest;
  return high + rest * (1 + 2 ** -36) === result && high + rest * (1 - 2 ** -36) === result ? result : Number.NaN;
}

/** x^y for finite, positive x and finite y. */
function positivePower(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 1) return x;
  if (y === 0.5) return Math.sqrt(x);
  if (y === -1) return 1 / x;
  if (y <= 4 && y >= -4 && 2 * y === Math.round(2 * y)) {
    const result = halvesPower(x, 2 * y);
    if (result === result) return result;
  }
  view.setFloat64(0, x);
  let exponent = (view.getUint32(0) >>> 20) - 1023;
  if (exponent === -1023) {
    view.setFloat64(0, x * 2 ** 54);
    exponent = (view.getUint32(0) >>> 20) - 1077;
  }
  view.setUint32(0, (view.getUint32(0) & 0xfffff) | 0x3ff00000);
  let mantissa = view.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const mantissaLog = logarithm(mantissa);
  const mantissaLogLow = low[0]!;
  const exponentLog = multiply(exponent, 0, Math.LN2, LN2_LOW);
  const log = add(exponentLog, low[0]!, mantissaLog, mantissaLogLow);
  if (Math.abs(log * y) > 746) return log * y > 0 ? Number.POSITIVE_INFINITY : 0;
  const power = multiply(log, low[0]!, y, 0);
  const powerLow = low[0]!;
  const n = Math.round(power / Math.LN2);
  const whole = multiply(-n, 0, Math.LN2, LN2_LOW);
  const rest = add(power, powerLow, whole, low[0]!);
  const p = exponentialMinus1(rest, low[0]!);
  const result = scaled(p, low[0]!, n);
  return Number.isNaN(result) ? hardPower(mantissa, exponent, y) : result;
}

/** pow(x, y) of C, special cases included; NaN for a negative x with a fractional y. */
export function power(x: number, y: number): number {
  if (x === 1 || y === 0) return 1;
  if (x === -1 && (y === Number.POSITIVE_INFINITY || y === Number.NEGATIVE_INFINITY)) return 1;
  if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0) return x ** y;
  if (x > 0) return positivePower(x, y);
  if (!Number.isInteger(y)) return Number.NaN;
  const result = positivePower(-x, y);
  return y % 2 === 0 ? result : -result;
}
