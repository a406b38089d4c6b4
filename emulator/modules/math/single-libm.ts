/** The functions in single precision, as firmwares for chips with such a unit have them (MicroPython's lib/libm), to the last bit. */
import { singlePower } from '../../objects/single-power.ts';
import type { Libm } from './libm.ts';
import { sqrt } from './single/arithmetic.ts';
import { erf, erfc } from './single/error-function.ts';
import { cosh, exp, expm1, sinh, tanh } from './single/exponential.ts';
import { gamma, lgamma } from './single/gamma.ts';
import { acos, asin, atan, atan2 } from './single/inverse-trigonometric.ts';
import { acosh, asinh, atanh, log, log2, log10 } from './single/logarithm.ts';
import { cos, sin, tan } from './single/trigonometric.ts';

export const singleLibm: Libm = {
  sqrt,
  pow: singlePower,
  exp,
  expm1,
  log,
  log2,
  log10,
  cosh,
  sinh,
  tanh,
  acosh,
  asinh,
  atanh,
  cos,
  sin,
  tan,
  acos,
  asin,
  atan,
  atan2,
  fmod: (x, y) => Math.fround(x % y),
  erf,
  erfc,
  gamma,
  lgamma,
};
