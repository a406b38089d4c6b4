/** The functions in double precision: the host's own, which are those of IEEE 754 within a unit in the last place. */
import { power } from '../../objects/power.ts';
import type { Libm } from './libm.ts';
import { erf, erfc, gamma, lgamma } from './special-functions.ts';

export const doubleLibm: Libm = {
  sqrt: Math.sqrt,
  pow: power,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  cosh: Math.cosh,
  sinh: Math.sinh,
  tanh: Math.tanh,
  acosh: Math.acosh,
  asinh: Math.asinh,
  atanh: Math.atanh,
  cos: Math.cos,
  sin: Math.sin,
  tan: Math.tan,
  acos: Math.acos,
  asin: Math.asin,
  atan: Math.atan,
  atan2: Math.atan2,
  fmod: (x, y) => x % y,
  erf,
  erfc,
  gamma,
  lgamma,
};
