/**
 * The functions in single precision, as firmwares for chips with such a unit have them (MicroPython's lib/libm). What is composed of
 * other functions there is composed here too, with its errors; the basic ones are computed in double precision and rounded.
 */
import { singlePower } from '../../objects/single-power.ts';
import { doubleLibm } from './double-libm.ts';
import type { Libm, Unary } from './libm.ts';

const f = Math.fround;
const rounded =
  (fn: Unary): Unary =>
  x =>
    f(fn(x));

const exp = rounded(doubleLibm.exp);
const expm1 = rounded(doubleLibm.expm1);
const log = rounded(doubleLibm.log);
const lgamma = rounded(doubleLibm.lgamma);

const LN10 = f(Math.LN10);
const LOG2E = f(Math.LOG2E);

function tanh(x: number): number {
  const size = Math.abs(x);
  const t = expm1(-2 * size);
  const result = -f(t / f(t + 2));
  return x < 0 ? -result : result;
}

/** By way of its logarithm, so that it is seldom exact. */
function gamma(x: number): number {
  if (!Number.isFinite(x)) return x === Number.NEGATIVE_INFINITY ? Number.NaN : x;
  const size = exp(lgamma(x));
  const negative = x < 0 && Math.floor(x) % 2 !== 0;
  return negative ? -size : size;
}

export const singleLibm: Libm = {
  sqrt: rounded(doubleLibm.sqrt),
  pow: singlePower,
  exp,
  expm1,
  log,
  log2: x => f(log(x) * LOG2E),
  log10: x => f(log(x) / LN10),
  cosh: rounded(doubleLibm.cosh),
  sinh: rounded(doubleLibm.sinh),
  tanh,
  acosh: rounded(doubleLibm.acosh),
  asinh: rounded(doubleLibm.asinh),
  atanh: rounded(doubleLibm.atanh),
  cos: rounded(doubleLibm.cos),
  sin: rounded(doubleLibm.sin),
  tan: rounded(doubleLibm.tan),
  acos: rounded(doubleLibm.acos),
  asin: rounded(doubleLibm.asin),
  atan: rounded(doubleLibm.atan),
  atan2: (y, x) => f(doubleLibm.atan2(y, x)),
  fmod: (x, y) => f(x % y),
  erf: rounded(doubleLibm.erf),
  erfc: rounded(doubleLibm.erfc),
  gamma,
  lgamma,
};
