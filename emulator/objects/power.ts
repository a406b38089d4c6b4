/**
 * C's pow() for doubles, correctly rounded. JavaScript's `**` is often off in the last digit, and the guest can see it: the C libraries
 * of the reference builds (glibc, musl) are within 0.52 units in the last place.
 *
 * The logarithm and the exponential are computed with numbers of twice the precision: a sum of a double and a smaller one, `[high, low]`.
 */

const view = new DataView(new ArrayBuffer(8));

type Double2 = readonly [high: number, low: number];

/** 2^27 + 1, which splits a double into halves whose products are exact (Dekker). */
const SPLIT = 134217729;

function quickSum(a: number, b: number): Double2 {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

function sum(a: number, b: number): Double2 {
  const total = a + b;
  const part = total - a;
  return [total, a - (total - part) + (b - part)];
}

function product(a: number, b: number): Double2 {
  const result = a * b;
  const aScaled = SPLIT * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLIT * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return [result, aHigh * bHigh - result + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

function add(a: Double2, b: Double2): Double2 {
  const [high, low] = sum(a[0], b[0]);
  return quickSum(high, low + a[1] + b[1]);
}

function multiply(a: Double2, b: Double2): Double2 {
  const [high, low] = product(a[0], b[0]);
  return quickSum(high, low + a[0] * b[1] + a[1] * b[0]);
}

function divide(a: Double2, b: Double2): Double2 {
  const first = a[0] / b[0];
  const [high, low] = product(first, b[0]);
  const rest = a[0] - high - low + a[1] - first * b[1];
  return quickSum(first, rest / b[0]);
}

const LN2: Double2 = [Math.LN2, 2.3190468138462996e-17];

/** 1 / n! for n = 2 to 10. */
const INVERSE_FACTORIALS: Double2[] = [];
for (let n = 2, factorial = 2; n <= 10; factorial *= ++n) INVERSE_FACTORIALS.push(divide([1, 0], [factorial, 0]));

/** 1 / n for odd n from 3 to 21. */
const INVERSE_ODD: Double2[] = [];
for (let n = 3; n <= 21; n += 2) INVERSE_ODD.push(divide([1, 0], [n, 0]));

const HALVINGS = 8;

/** e^x - 1 for |x| up to 0.36: a power series for x / 256, then (1 + p)² - 1 = 2p + p². */
function exponentialMinus1(x: Double2): Double2 {
  const scale = 2 ** -HALVINGS;
  const r: Double2 = [x[0] * scale, x[1] * scale];
  let series = INVERSE_FACTORIALS[INVERSE_FACTORIALS.length - 1]!;
  for (let i = INVERSE_FACTORIALS.length - 2; i >= 0; i--) series = add(multiply(series, r), INVERSE_FACTORIALS[i]!);
  let p = add(multiply(multiply(series, r), r), r);
  for (let i = 0; i < HALVINGS; i++) p = add([2 * p[0], 2 * p[1]], multiply(p, p));
  return p;
}

/** ln m for m from √½ to √2. */
function logarithm(m: number): Double2 {
  const f = m - 1;
  if (Math.abs(f) < 1 / 32) {
    // 2 artanh(f / (2 + f))
    const s = divide([f, 0], sum(2, f));
    const square = multiply(s, s);
    let series = INVERSE_ODD[INVERSE_ODD.length - 1]!;
    for (let i = INVERSE_ODD.length - 2; i >= 0; i--) series = add(multiply(series, square), INVERSE_ODD[i]!);
    const result = add(multiply(multiply(series, square), s), s);
    return [2 * result[0], 2 * result[1]];
  }
  // One step from an estimate: ln m = y + 2 (m - e^y) / (m + e^y), with an error of the third order.
  const estimate = Math.log(m);
  const power = add(exponentialMinus1([estimate, 0]), [1, 0]);
  const correction = (2 * (m - power[0] - power[1])) / (m + power[0]);
  return quickSum(estimate, correction);
}

/**
 * (1 + p) × 2^n, rounded once; NaN when p is so near the middle between two doubles that its own error decides.
 */
function scaled(p: Double2, n: number): number {
  const [high, low] = add([1, 0], p);
  // A subnormal result has fewer bits: it is a multiple of the smallest number.
  const quantum = n >= -1021 ? (high >= 1 ? 2 ** -52 : 2 ** -53) : 2 ** (-1074 - n);
  const anchor = 1.5 * 2 ** 52 * quantum;
  let rounded = anchor + high - anchor;
  const rest = high - rounded + low;
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

/** x^y for finite, positive x and finite y. */
function positivePower(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 1) return x;
  if (y === 0.5) return Math.sqrt(x);
  if (y === -1) return 1 / x;
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
  const log = add(multiply([exponent, 0], LN2), logarithm(mantissa));
  if (Math.abs(log[0] * y) > 746) return log[0] * y > 0 ? Number.POSITIVE_INFINITY : 0;
  const power = multiply(log, [y, 0]);
  const n = Math.round(power[0] / LN2[0]);
  const result = scaled(exponentialMinus1(add(power, multiply([-n, 0], LN2))), n);
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
