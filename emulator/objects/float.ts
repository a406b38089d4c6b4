/** float (py/objfloat.c). A board's floats are single or double: every result is rounded to that. */

import { Cycles } from '../vm/cost.ts';
import { hot } from '../vm/hot.ts';
import { unaryOpMaybe } from '../vm/operators.ts';
import { raiseTypeError, raiseValueError, raiseZeroDivision } from '../vm/raise.ts';
import { BufferFlag, MpType, TypeFlag, typeName } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, plainOp, StringPrinter, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferMaybe } from './buffer.ts';
import { byteTextOfBytes } from './byte-text.ts';
import { complexBinaryOp, MpComplex } from './complex.ts';
import { FormatFlag, printFloat, REPR_PRECISION } from './format.ts';
import { checkArgCount } from './function.ts';
import { intToFloat, wrapToSmallInt } from './int.ts';
import { parseDecimal } from './parse-number.ts';
import { power } from './power.ts';
import { singlePower } from './single-power.ts';
import { newTuple } from './tuple.ts';

export const floatType = new MpType('float', {
  flags: TypeFlag.EqNotReflexive | TypeFlag.EqChecksOtherType,
  makeNew,
  print: (out: Printer, self: MpFloat) => out.write(floatRepr(self.value)),
  unaryOp: floatUnaryOp,
  binaryOp: (op: BinaryOp, lhs: MpFloat, rhs: Value) =>
    rhs instanceof MpComplex ? complexBinaryOp(op, lhs.value, 0, rhs) : floatBinaryOp(op, lhs.value, rhs),
});

export class MpFloat extends MpObj {
  constructor(readonly value: number) {
    super(floatType);
  }
}

/** A new float, rounded to the board's precision and accounted for. */
export function newFloat(value: number): MpFloat {
  if (vm.float32) value = Math.fround(value);
  vm.heap.allocBlock();
  return new MpFloat(value);
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 1, false);
  if (args.length === 0) return newFloat(0);
  const [value] = args;
  if (value instanceof MpFloat) return value;
  const text = typeof value === 'string' ? value : bufferMaybe(value, BufferFlag.Read);
  if (text === undefined) return newFloat(toFloat(value));
  const parsed = parseDecimal(typeof text === 'string' ? text : byteTextOfBytes(text.bytes), {
    allowImaginary: false,
    forceComplex: false,
    ...vm.floats,
  });
  if (typeof parsed !== 'number') raiseValueError('invalid syntax for number');
  return newFloat(parsed);
}

/** The shortest text that reads back as the same float, always with a point or an exponent. */
export function floatRepr(value: number): string {
  const out = new StringPrinter();
  printFloat(out, value, 'g', { flags: FormatFlag.AlwaysDecimal, separator: '', fill: ' ', width: -1, precision: REPR_PRECISION });
  return out.text;
}

/** Implicit conversion to a float: numbers, bools, and what has `__float__`. Raises TypeError for others. */
export function toFloat(value: Value): number {
  const result = toFloatMaybe(value);
  if (result === undefined) raiseTypeError(vm.terse ? "can't convert to float" : `can't convert ${typeName(value)} to float`);
  return result;
}

/** As `toFloat`, but undefined when the value is no number. */
export function toFloatMaybe(value: Value): number | undefined {
  if (value instanceof MpFloat) return value.value;
  if (typeof value === 'number' || typeof value === 'bigint') return intToFloat(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  const converted = unaryOpMaybe(UnaryOp.FloatMaybe, value);
  return converted instanceof MpFloat ? converted.value : undefined;
}

/** The hash of a float: its integer part, as a C conversion to a machine word has it. */
export function floatHash(value: number): number | bigint {
  const bits = vm.wordSize * 8;
  const limit = 2 ** (bits - 1);
  if (value === value && value < limit && value >= -limit) return wrapToSmallInt(BigInt(Math.trunc(value)));
  // Out of range: the 64-bit host gives the lowest word, the 32-bit chip saturates and makes 0 of a NaN.
  if (vm.wordSize === 8) return wrapToSmallInt(-(1n << 63n));
  if (value !== value) return 0;
  return wrapToSmallInt(value > 0 ? (1n << 31n) - 1n : -(1n << 31n));
}

function floatUnaryOp(op: UnaryOp, self: MpFloat): Value | undefined {
  const { value } = self;
  switch (op) {
    case UnaryOp.Bool:
      return value !== 0;
    case UnaryOp.Hash:
      return floatHash(value);
    case UnaryOp.Positive:
      return self;
    case UnaryOp.Negative:
      return newFloat(-value);
    case UnaryOp.Abs:
      return value < 0 || Object.is(value, -0) ? newFloat(-value) : self;
    default:
      return undefined;
  }
}

function copySign(magnitude: number, sign: number): number {
  return sign < 0 || Object.is(sign, -0) ? -magnitude : magnitude;
}

/** Quotient, rounded down, and remainder with the divisor's sign. */
export function floatDivMod(x: number, y: number): [number, number] {
  const round = vm.float32 ? Math.fround : (value: number) => value;
  let remainder = x % y;
  let quotient = round(round(x - remainder) / y);
  if (remainder === 0) remainder = copySign(0, y);
  else if (remainder < 0 !== y < 0) {
    remainder = round(remainder + y);
    quotient = round(quotient - 1);
  }
  if (quotient === 0) return [copySign(0, x / y), remainder];
  let floor = Math.floor(quotient);
  if (quotient - floor > 0.5) floor += 1;
  return [floor, remainder];
}

/** `lhs op rhs` for a number and any value; undefined when the types do not fit. */
export function floatBinaryOp(op: BinaryOp, lhs: number, rhs: Value): Value | undefined {
  const y = rhs instanceof MpFloat ? rhs.value : toFloatMaybe(rhs);
  if (y === undefined) return undefined;
  hot.budget -= Cycles.floatOperation;
  switch (op) {
    case BinaryOp.Add:
    case BinaryOp.InplaceAdd:
      return newFloat(lhs + y);
    case BinaryOp.Subtract:
    case BinaryOp.InplaceSubtract:
      return newFloat(lhs - y);
    case BinaryOp.Multiply:
    case BinaryOp.InplaceMultiply:
      return newFloat(lhs * y);
    case BinaryOp.TrueDivide:
    case BinaryOp.InplaceTrueDivide:
      if (y === 0) raiseZeroDivision();
      return newFloat(lhs / y);
    case BinaryOp.Less:
      return lhs < y;
    case BinaryOp.More:
      return lhs > y;
    case BinaryOp.Equal:
      return lhs === y;
    case BinaryOp.LessEqual:
      return lhs <= y;
    case BinaryOp.MoreEqual:
      return lhs >= y;
    default:
      return rareFloatOp(plainOp(op), lhs, y, rhs);
  }
}

function rareFloatOp(op: BinaryOp, x: number, y: number, rhs: Value): Value | undefined {
  switch (op) {
    case BinaryOp.FloorDivide:
      if (y === 0) raiseZeroDivision();
      return newFloat(floatDivMod(x, y)[0]);
    case BinaryOp.Modulo: {
      if (y === 0) raiseZeroDivision();
      const remainder = x % y;
      if (remainder === 0) return newFloat(copySign(0, y));
      return newFloat(remainder < 0 !== y < 0 ? remainder + y : remainder);
    }
    case BinaryOp.DivMod: {
      if (y === 0) raiseZeroDivision();
      const [quotient, remainder] = floatDivMod(x, y);
      return newTuple([newFloat(quotient), newFloat(remainder)]);
    }
    case BinaryOp.Power:
      if (x === 0 && y < 0 && y !== Number.NEGATIVE_INFINITY) raiseZeroDivision();
      if (x < 0 && y === y && y !== Math.floor(y)) return complexBinaryOp(BinaryOp.Power, x, 0, rhs);
      return newFloat(vm.float32 ? singlePower(x, y) : power(x, y));
    default:
      return undefined;
  }
}
