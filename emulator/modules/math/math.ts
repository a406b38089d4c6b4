/** The module math (py/modmath.c). */
import { newFloat, toFloat } from '../../objects/float.ts';
import { fun1, fun2, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { intFromFloat } from '../../objects/int.ts';
import { newTuple } from '../../objects/tuple.ts';
import { binaryOp, toInt } from '../../vm/operators.ts';
import { raiseValueError, raiseZeroDivision } from '../../vm/raise.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { BinaryOp } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { doubleLibm } from './double-libm.ts';
import type { Libm } from './libm.ts';
import { singleLibm } from './single-libm.ts';

/** The functions of the running machine's precision. */
export const libm = (): Libm => (vm.float32 ? singleLibm : doubleLibm);

function raiseDomain(): never {
  raiseValueError('math domain error');
}

const isInfinite = (x: number) => x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY;

/** A function of one number. A result that is no number, or infinite, must come from an argument that was so. */
const unary = (apply: (x: number) => number) =>
  fun1(value => {
    const x = toFloat(value);
    const result = apply(x);
    if ((Number.isNaN(result) && !Number.isNaN(x)) || (isInfinite(result) && !isInfinite(x))) raiseDomain();
    return newFloat(result);
  });

const binary = (apply: (x: number, y: number) => number) =>
  fun2((first, second) => {
    const x = toFloat(first);
    const y = toFloat(second);
    const result = apply(x, y);
    if ((Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) || (isInfinite(result) && !isInfinite(x) && !isInfinite(y))) {
      raiseDomain();
    }
    return newFloat(result);
  });

const predicate = (test: (x: number) => boolean) => fun1(value => test(toFloat(value)));
const toInteger = (round: (x: number) => number) => fun1(value => intFromFloat(round(toFloat(value))));

function log(args: readonly Value[]): Value {
  const x = toFloat(args[0]);
  if (x <= 0) raiseDomain();
  const result = libm().log(x);
  if (args.length === 1) return newFloat(result);
  const base = toFloat(args[1]);
  if (base <= 0) raiseDomain();
  if (base === 1) raiseZeroDivision();
  return newFloat(result / libm().log(base));
}

/** Fraction from 0.5 to below 1, and exponent. */
function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let fraction = x * 2 ** -exponent;
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent++;
  }
  return [fraction, exponent];
}

/** In steps, so that neither the power of two nor a part of the way leaves the range. */
function ldexp(x: number, exponent: number): number {
  let rest = Math.max(-2200, Math.min(2200, exponent));
  while (rest > 1000) {
    x *= 2 ** 1000;
    rest -= 1000;
  }
  if (rest < -1000) {
    // The last step is the one that may round.
    while (rest < -1000 && Math.abs(x) > 2 ** -20) {
      x *= 2 ** -1000;
      rest += 1000;
    }
  }
  return rest < -1074 ? x * 2 ** -1074 * 2 ** (rest + 1074) : x * 2 ** rest;
}

function isClose(args: readonly Value[], kw: KwArgs): Value {
  const [relative, absolute] = parseArgs(
    [
      { name: 'rel_tol', kwOnly: true },
      { name: 'abs_tol', kwOnly: true, default: 0 },
    ],
    args.slice(2),
    kw,
  );
  const round = vm.float32 ? Math.fround : (x: number) => x;
  const a = toFloat(args[0]);
  const b = toFloat(args[1]);
  const relTol = relative === undefined ? round(1e-9) : toFloat(relative);
  const absTol = toFloat(absolute!);
  if (relTol < 0 || absTol < 0) raiseDomain();
  if (a === b) return true;
  const difference = round(Math.abs(a - b));
  if (isInfinite(difference)) return false;
  return difference <= absTol || difference <= Math.abs(round(relTol * a)) || difference <= Math.abs(round(relTol * b));
}

/** The product of all integers from `first` to `last`, by halves. */
function product(first: number, last: number): Value {
  if (first === last) return first;
  if (last - first === 1) return binaryOp(BinaryOp.Multiply, first, last);
  const middle = first + ((last - first) >> 1);
  return binaryOp(BinaryOp.Multiply, product(first, middle), product(middle + 1, last));
}

function factorial(value: Value): Value {
  const n = toInt(value);
  if (n < 0) raiseValueError('negative factorial');
  return n === 0 ? 1 : product(1, n);
}

const copySign = (x: number, y: number) => {
  const negative = y < 0 || Object.is(y, -0);
  return negative === (x < 0 || Object.is(x, -0)) ? x : -x;
};

export const mathModule: ModuleDef = {
  name: 'math',
  extensible: false,
  names: () => {
    const c = libm();
    const round = vm.float32 ? Math.fround : (x: number) => x;
    const constant = (x: number) => newFloat(x);
    const radian = round(round(Math.PI) / 180);
    const degree = round(180 / round(Math.PI));
    return [
      ['e', constant(Math.E)],
      ['pi', constant(Math.PI)],
      ['tau', constant(2 * Math.PI)],
      ['inf', constant(Number.POSITIVE_INFINITY)],
      ['nan', constant(Number.NaN)],
      ['sqrt', unary(c.sqrt)],
      ['pow', binary(c.pow)],
      ['exp', unary(c.exp)],
      ['expm1', unary(c.expm1)],
      ['log', funVar(1, 2, log)],
      ['log2', unary(c.log2)],
      ['log10', unary(c.log10)],
      ['cosh', unary(c.cosh)],
      ['sinh', unary(c.sinh)],
      ['tanh', unary(c.tanh)],
      ['acosh', unary(c.acosh)],
      ['asinh', unary(c.asinh)],
      ['atanh', unary(c.atanh)],
      ['cos', unary(c.cos)],
      ['sin', unary(c.sin)],
      ['tan', unary(c.tan)],
      ['acos', unary(c.acos)],
      ['asin', unary(c.asin)],
      ['atan', unary(c.atan)],
      ['atan2', binary(c.atan2)],
      ['ceil', toInteger(Math.ceil)],
      ['copysign', binary(copySign)],
      ['fabs', unary(Math.abs)],
      ['floor', toInteger(Math.floor)],
      ['fmod', binary(c.fmod)],
      [
        'frexp',
        fun1(value => {
          const [fraction, exponent] = frexp(toFloat(value));
          return newTuple([newFloat(fraction), exponent]);
        }),
      ],
      ['ldexp', fun2((value, exponent) => newFloat(ldexp(toFloat(value), toInt(exponent))))],
      [
        'modf',
        fun1(value => {
          const x = toFloat(value);
          const whole = Math.trunc(x);
          return newTuple([newFloat(isInfinite(x) ? copySign(0, x) : copySign(x - whole, x)), newFloat(whole)]);
        }),
      ],
      ['isfinite', predicate(Number.isFinite)],
      ['isinf', predicate(isInfinite)],
      ['isnan', predicate(Number.isNaN)],
      ['isclose', funKw(2, isClose)],
      ['trunc', toInteger(Math.trunc)],
      ['radians', fun1(value => newFloat(toFloat(value) * radian))],
      ['degrees', fun1(value => newFloat(toFloat(value) * degree))],
      ['factorial', fun1(factorial)],
      ['erf', unary(c.erf)],
      ['erfc', unary(c.erfc)],
      ['gamma', unary(c.gamma)],
      ['lgamma', unary(c.lgamma)],
    ];
  },
};
