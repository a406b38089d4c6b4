/** int (py/objint.c, py/objint_mpz.c): a JavaScript `number` when it is a safe integer, a `bigint` otherwise. */

import { Cycles } from '../vm/cost.ts';
import { hot } from '../vm/hot.ts';
import { binaryOp, raiseUnsupported, toInt, unaryOpMaybe } from '../vm/operators.ts';
import { raise, raiseIntConversion, raiseTypeError, raiseValueError, raiseZeroDivision } from '../vm/raise.ts';
import { BufferFlag, MpType, primitiveTypes, typeOf } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, plainOp, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferMaybe } from './buffer.ts';
import { byteTextOfBytes, byteTextOfStr } from './byte-text.ts';
import { complexBinaryOp, MpComplex } from './complex.ts';
import { excTypes } from './exception.ts';
import { floatBinaryOp, MpFloat, newFloat } from './float.ts';
import { checkArgCount, funVar } from './function.ts';
import { intFromBytes, intToBytes } from './int-bytes.ts';
import { intPower, intPowerModulo } from './int-power.ts';
import { allocBig, allocDigits, bitLength, DIGIT_BITS, digitsOf, isBig, LONG_LONG_DIGITS, wordDigits } from './int-size.ts';
import { MpList } from './list.ts';
import { requireRoom } from './new-str.ts';
import { integerSyntaxMessage, parseInteger } from './parse-number.ts';
import { classmethodType, MpStaticOrClassMethod } from './static-class-method.ts';
import { isStrLike } from './str-hash.ts';
import { textData } from './text-data.ts';
import { MpTuple, newTuple, tupleType } from './tuple.ts';

export { intPowerModulo };

export const intType = new MpType('int', {
  makeNew,
  print: (out: Printer, self: number | bigint) => out.write(digitsInBase(self, 10)),
  unaryOp: intUnaryOp,
  binaryOp: intTypeBinaryOp,
  locals: () => [
    ['from_bytes', new MpStaticOrClassMethod(classmethodType, funVar(2, 4, intFromBytes))],
    ['to_bytes', funVar(1, 4, intToBytes)],
  ],
});
primitiveTypes.int = intType;

/** The value in its one form: a `number` when it is a safe integer. */
export function intFromBigInt(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value;
  return value <= 9007199254740991n && value >= -9007199254740991n ? Number(value) : value;
}

/** As `intFromBigInt` for a value that was read or computed elsewhere: takes heap when it is no small integer (mp_obj_new_int and its kin). */
export function newInt(value: number | bigint): number | bigint {
  const int = intFromBigInt(value);
  if (isBig(int)) allocBig(Math.max(LONG_LONG_DIGITS, digitsOf(int)));
  return int;
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 2, false);
  if (args.length === 0) return 0;
  const [value] = args;
  if (args.length === 2) return intFromText(textData(value), toInt(args[1]));
  const integer = unaryOpMaybe(UnaryOp.IntMaybe, value);
  if (integer !== undefined) return integer;
  if (typeof value === 'string') return intFromText(byteTextOfStr(value), 10);
  const view = bufferMaybe(value, BufferFlag.Read);
  if (view !== undefined) return intFromText(byteTextOfBytes(view.bytes), 10);
  if (value instanceof MpFloat) return intFromFloat(value.value);
  raiseIntConversion(value);
}

/** int() of a byte text. Raises ValueError when it holds no integer. */
export function intFromText(text: string, base: number): number | bigint {
  if ((base !== 0 && base < 2) || base > 36) raiseValueError('int() arg 2 must be >= 2 and <= 36');
  // Room for an integer of so many digits is taken before they are looked at.
  if (text.length > 1000) allocDigits(Math.floor((text.length * 8) / DIGIT_BITS) + 1);
  const value = parseInteger(text, base);
  // The reference's parser of large integers knows no underscores.
  if (value === null || (isBig(value < 0 ? -value : value) && text.includes('_'))) {
    raiseValueError(integerSyntaxMessage(text, base, vm.profile.errorReporting));
  }
  if (isBig(value)) allocBig(Math.floor((text.length * 8) / DIGIT_BITS) + 1);
  return value;
}

/** The integer part of a float. Raises OverflowError for an infinity, ValueError for a NaN. */
export function intFromFloat(value: number): number | bigint {
  if (value !== value) raiseValueError("can't convert NaN to int");
  if (!Number.isFinite(value)) raise(excTypes.OverflowError, "can't convert inf to int");
  const whole = Math.trunc(value) + 0;
  const int = Number.isSafeInteger(whole) ? whole : BigInt(whole);
  if (isBig(int)) allocBig(digitsOf(int));
  return int;
}

/** A machine word's bits as a small integer: what MP_OBJ_NEW_SMALL_INT keeps of them. */
export function wrapToSmallInt(value: bigint): number | bigint {
  return intFromBigInt(BigInt.asIntN(vm.profile.smallIntBits, value));
}

/** The hash of an integer: itself when it is small, otherwise the low bits. */
export function intHash(value: number | bigint): number | bigint {
  return isBig(value) ? wrapToSmallInt(BigInt(value)) : value;
}

export function raiseWordOverflow(): never {
  raise(excTypes.OverflowError, 'overflow converting long int to machine word');
}

/**
 * The integer as a signed machine word. Raises OverflowError when it does not fit; the most negative word does not either. With
 * 64-bit words a value beyond 2**53 is rounded: such a one is never a valid index, length or count.
 */
export function wordFromInt(value: number | bigint): number {
  if (vm.wordSize === 4) {
    if (typeof value === 'bigint' || value > 0x7fffffff || value < -0x7fffffff) raiseWordOverflow();
    return value;
  }
  if (typeof value === 'bigint' && (value >= 1n << 63n || value <= -(1n << 63n))) raiseWordOverflow();
  return Number(value);
}

/** An unsigned machine word of an int or of what has `__int__` (mp_obj_get_uint). Raises TypeError or OverflowError. */
export function toUint(value: Value): number | bigint {
  const int = toAnyInt(value);
  if (int < 0 || bitLength(int) > vm.wordSize * 8) raiseWordOverflow();
  return int;
}

/** An integer of any size from an int, a bool or what has `__int__`. Raises TypeError for others. */
export function toAnyInt(value: Value): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const converted = unaryOpMaybe(UnaryOp.IntMaybe, value);
  if (converted === undefined) raiseIntConversion(value);
  return converted as number | bigint;
}

/** The low bits of an integer as a signed machine word (mp_obj_get_int_truncated). Raises TypeError for what is no integer. */
export function toIntTruncated(value: Value): number | bigint {
  if (typeof value === 'number' && !isBig(value)) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return intFromBigInt(BigInt.asIntN(vm.wordSize * 8, BigInt(value)));
  return toInt(value);
}

/** An integer that C code keeps in an `int`: the low 32 bits of a machine word. Raises TypeError or OverflowError as `toInt` does. */
export function toCInt(value: Value): number {
  const word = toInt(value);
  return word === (word | 0) ? word : Number(BigInt.asIntN(32, BigInt(toAnyInt(value))));
}

export function intUnaryOp(op: UnaryOp, value: number | bigint): Value | undefined {
  switch (op) {
    case UnaryOp.Bool:
      return value !== 0;
    case UnaryOp.Hash:
      return intHash(value);
    case UnaryOp.Positive:
    case UnaryOp.IntMaybe:
      return value;
    case UnaryOp.Negative:
      return unaryResult(value, typeof value === 'number' ? 0 - value : -value);
    case UnaryOp.Abs:
      return value >= 0 ? value : unaryResult(value, typeof value === 'number' ? -value : -value);
    case UnaryOp.Invert:
      return unaryResult(value, typeof value === 'number' ? -value - 1 : ~value);
    default:
      return undefined;
  }
}

function unaryResult(operand: number | bigint, result: number | bigint): number | bigint {
  if (isBig(operand)) allocBig(digitsOf(operand) + 1);
  else if (isBig(result)) allocBig(LONG_LONG_DIGITS);
  return typeof result === 'number' && !Number.isSafeInteger(result) ? BigInt(result) : intFromBigInt(result);
}

/** `lhs op rhs` of two integers that are `number`s; undefined when there is no such operation. */
export function intBinaryOp(op: BinaryOp, lhs: number, rhs: number): Value | undefined {
  if (vm.wordSize === 4 && (isBig(lhs) || isBig(rhs))) return bigBinaryOp(op, lhs, rhs);
  let result: number;
  switch (op) {
    case BinaryOp.Less:
      return lhs < rhs;
    case BinaryOp.More:
      return lhs > rhs;
    case BinaryOp.LessEqual:
      return lhs <= rhs;
    case BinaryOp.MoreEqual:
      return lhs >= rhs;
    case BinaryOp.Add:
    case BinaryOp.InplaceAdd:
      result = lhs + rhs;
      break;
    case BinaryOp.Subtract:
    case BinaryOp.InplaceSubtract:
      result = lhs - rhs;
      break;
    case BinaryOp.Multiply:
    case BinaryOp.InplaceMultiply:
      result = lhs * rhs + 0;
      if (!fitsWord(result)) return overflowingBinaryOp(op, lhs, rhs);
      break;
    case BinaryOp.Or:
    case BinaryOp.InplaceOr:
      return lhs === (lhs | 0) && rhs === (rhs | 0) ? lhs | rhs : intFromBigInt(BigInt(lhs) | BigInt(rhs));
    case BinaryOp.Xor:
    case BinaryOp.InplaceXor:
      return lhs === (lhs | 0) && rhs === (rhs | 0) ? lhs ^ rhs : intFromBigInt(BigInt(lhs) ^ BigInt(rhs));
    case BinaryOp.And:
    case BinaryOp.InplaceAnd:
      return lhs === (lhs | 0) && rhs === (rhs | 0) ? lhs & rhs : intFromBigInt(BigInt(lhs) & BigInt(rhs));
    case BinaryOp.Lshift:
    case BinaryOp.InplaceLshift:
      if (rhs < 0) raiseValueError('negative shift count');
      result = rhs < 64 ? lhs * 2 ** rhs : Number.NaN;
      if (result <= vm.smallIntMax && result >= vm.smallIntMin) return result;
      if (rhs < 63 && vm.wordSize === 8) {
        const shifted = BigInt(lhs) << BigInt(rhs);
        if (!isBig(shifted)) return shifted;
      }
      return overflowingBinaryOp(op, lhs, rhs);
    case BinaryOp.Rshift:
    case BinaryOp.InplaceRshift:
      if (rhs < 0) raiseValueError('negative shift count');
      if (rhs < 32 && lhs === (lhs | 0)) return lhs >> rhs;
      return Math.floor(lhs / 2 ** Math.min(rhs, 64));
    case BinaryOp.FloorDivide:
    case BinaryOp.InplaceFloorDivide:
      if (rhs === 0) raiseZeroDivision();
      result = floorDivide(lhs, rhs);
      break;
    case BinaryOp.Modulo:
    case BinaryOp.InplaceModulo:
      if (rhs === 0) raiseZeroDivision();
      return floorModulo(lhs, rhs);
    case BinaryOp.DivMod:
      if (rhs === 0) raiseZeroDivision();
      return newTuple([floorDivide(lhs, rhs), floorModulo(lhs, rhs)]);
    case BinaryOp.TrueDivide:
    case BinaryOp.InplaceTrueDivide:
      if (rhs === 0) raiseZeroDivision();
      return newFloat(vm.float32 ? Math.fround(lhs) / Math.fround(rhs) : lhs / rhs);
    case BinaryOp.Power:
    case BinaryOp.InplacePower: {
      if (rhs < 0) return floatBinaryOp(op, intToFloat(lhs), rhs);
      const power = smallPower(lhs, rhs);
      return power === undefined ? overflowingBinaryOp(op, lhs, rhs) : newWordInt(power);
    }
    default:
      return undefined;
  }
  if (result <= vm.smallIntMax && result >= vm.smallIntMin) return result;
  if (vm.wordSize === 4) {
    allocBig(LONG_LONG_DIGITS);
    return result;
  }
  // Beyond the safe integers, which is still far from the end of a 64-bit small integer for all but a product.
  if (op === BinaryOp.Add || op === BinaryOp.InplaceAdd) return intFromBigInt(BigInt(lhs) + BigInt(rhs));
  if (op === BinaryOp.Subtract || op === BinaryOp.InplaceSubtract) return intFromBigInt(BigInt(lhs) - BigInt(rhs));
  return newWordInt(BigInt(lhs) * BigInt(rhs));
}

/** Rounding makes no difference: a product that only just overflows a 64-bit word is no small integer either way. */
function fitsWord(value: number): boolean {
  return vm.wordSize === 4 ? value <= 0x7fffffff && value >= -0x80000000 : value < 2 ** 63 && value >= -(2 ** 63);
}

/** A result that fits a machine word. */
function newWordInt(value: number | bigint): number | bigint {
  const int = intFromBigInt(value);
  if (isBig(int)) allocBig(LONG_LONG_DIGITS);
  return int;
}

/** Both operands are small, the result overflows a word: the left operand is made big first, which takes heap. */
function overflowingBinaryOp(op: BinaryOp, lhs: number, rhs: number): Value | undefined {
  allocBig(LONG_LONG_DIGITS);
  return bigBinaryOp(op, lhs, rhs);
}

function floorDivide(lhs: number, rhs: number): number {
  const remainder = lhs % rhs;
  const quotient = (lhs - remainder) / rhs;
  return (remainder !== 0 && remainder < 0 !== rhs < 0 ? quotient - 1 : quotient) + 0;
}

function floorModulo(lhs: number, rhs: number): number {
  const remainder = lhs % rhs;
  return (remainder !== 0 && remainder < 0 !== rhs < 0 ? remainder + rhs : remainder) + 0;
}

/** `base ** exponent` when no step of squaring and multiplying overflows a machine word, as the reference computes it; otherwise undefined. */
function smallPower(base: number, exponent: number): number | bigint | undefined {
  let factor: number | bigint = base;
  let power: number | bigint = 1;
  const times = (a: number | bigint, b: number | bigint): number | bigint | undefined => {
    const product = Number(a) * Number(b);
    if (!fitsWord(product)) return undefined;
    return Number.isSafeInteger(product) ? product : intFromBigInt(BigInt(a) * BigInt(b));
  };
  while (exponent > 0) {
    if (exponent % 2 === 1) {
      const next = times(power, factor);
      if (next === undefined) return undefined;
      power = next;
    }
    if (exponent === 1) break;
    exponent = Math.floor(exponent / 2);
    const square = times(factor, factor);
    if (square === undefined) return undefined;
    factor = square;
  }
  return typeof power === 'number' ? power + 0 : power;
}

/** The slot: the left operand is any integer, the right one anything. */
function intTypeBinaryOp(op: BinaryOp, lhs: number | bigint, rhs: Value): Value | undefined {
  if (typeof rhs === 'number' || typeof rhs === 'bigint') {
    // Only a 64-bit small integer beyond the safe ones comes here as small.
    return isBig(lhs) || isBig(rhs) ? bigBinaryOp(op, lhs, rhs) : wideSmallBinaryOp(op, BigInt(lhs), BigInt(rhs));
  }
  if (rhs instanceof MpFloat) return floatBinaryOp(op, intToFloat(lhs), rhs);
  if (rhs instanceof MpComplex) return complexBinaryOp(op, intToFloat(lhs), 0, rhs);
  if (typeof rhs === 'boolean') return binaryOp(op, lhs, rhs ? 1 : 0);
  if (op === BinaryOp.Multiply && (isStrLike(rhs) || (rhs instanceof MpTuple && rhs.type === tupleType) || rhs instanceof MpList)) {
    return binaryOp(op, rhs, lhs);
  }
  return undefined;
}

/** Two small integers of 64-bit words, one of them too large for a `number`. */
function wideSmallBinaryOp(op: BinaryOp, lhs: bigint, rhs: bigint): Value | undefined {
  switch (plainOp(op)) {
    case BinaryOp.Contains:
      raiseUnsupported(BinaryOp.In, intFromBigInt(rhs), intFromBigInt(lhs));
    case BinaryOp.TrueDivide:
      if (rhs === 0n) raiseZeroDivision();
      return newFloat(Number(lhs) / Number(rhs));
    case BinaryOp.Rshift:
      if (rhs < 0n) raiseValueError('negative shift count');
      return intFromBigInt(lhs >> (rhs > 63n ? 63n : rhs));
    case BinaryOp.Multiply:
    case BinaryOp.Lshift:
    case BinaryOp.Power: {
      const plain = plainOp(op);
      if (plain === BinaryOp.Power && rhs < 0n) return floatBinaryOp(op, Number(lhs), intFromBigInt(rhs));
      if (plain === BinaryOp.Lshift && rhs < 0n) raiseValueError('negative shift count');
      if (plain === BinaryOp.Multiply && fitsWord(Number(lhs * rhs))) return newWordInt(lhs * rhs);
      if (plain === BinaryOp.Lshift && rhs < 64n && !isBig(lhs << rhs)) return intFromBigInt(lhs << rhs);
      if (plain === BinaryOp.Power && rhs <= 1n) return rhs === 0n ? 1 : lhs;
      allocBig(LONG_LONG_DIGITS);
      return bigBinaryOp(op, lhs, rhs);
    }
    default: {
      const result = exactBinaryOp(op, lhs, rhs);
      return typeof result === 'bigint' ? newWordInt(result) : result;
    }
  }
}

/** An operation with an operand, or a result, that is no small integer (py/objint_mpz.c). Takes heap for the result before computing it. */
function bigBinaryOp(op: BinaryOp, lhs: number | bigint, rhs: number | bigint): Value | undefined {
  const plain = plainOp(op);
  hot.budget -= Cycles.bigOperation;
  if (plain === BinaryOp.TrueDivide) {
    if (rhs === 0) raiseZeroDivision();
    return newFloat(intToFloat(lhs) / intToFloat(rhs));
  }
  if (op < BinaryOp.InplaceOr || op >= BinaryOp.Contains) return exactBinaryOp(op, BigInt(lhs), BigInt(rhs));
  vm.heap.alloc(4 * vm.wordSize);
  const lhsDigits = digitsOf(lhs);
  const rhsDigits = digitsOf(rhs);
  const most = Math.max(lhsDigits, rhsDigits);
  hot.budget -= Cycles.bigDigit * (lhsDigits + rhsDigits);
  switch (plain) {
    case BinaryOp.Add:
    case BinaryOp.Subtract:
      allocDigits(most + ((lhs < 0 === rhs < 0) === (plain === BinaryOp.Add) ? 1 : 0));
      break;
    case BinaryOp.Multiply:
      hot.budget -= Cycles.bigMultiply * (lhsDigits * rhsDigits);
      allocDigits(lhs === 0 || rhs === 0 ? 0 : lhsDigits + rhsDigits);
      break;
    case BinaryOp.FloorDivide:
    case BinaryOp.Modulo:
    case BinaryOp.DivMod:
      if (rhs === 0) raiseZeroDivision();
      hot.budget -= Cycles.bigDivide * ((Math.max(0, lhsDigits - rhsDigits) + 1) * rhsDigits);
      if (plain === BinaryOp.DivMod) vm.heap.alloc(4 * vm.wordSize);
      allocDigits(lhsDigits + 1);
      allocDigits(lhsDigits + 1);
      if (lhs < 0 !== rhs < 0) allocDigits(wordDigits());
      break;
    case BinaryOp.And:
    case BinaryOp.Or:
      allocDigits(most + (lhs < 0 || rhs < 0 ? 1 : 0));
      break;
    case BinaryOp.Xor:
      allocDigits(most + (lhs < 0 !== rhs < 0 ? 1 : 0));
      break;
    case BinaryOp.Lshift:
    case BinaryOp.Rshift: {
      const count = wordFromInt(rhs);
      if (count < 0) raiseValueError('negative shift count');
      allocDigits(lhsDigits + (plain === BinaryOp.Lshift && lhs !== 0 ? Math.ceil(count / DIGIT_BITS) : 0));
      if (lhs === 0) return 0;
      // The host shifts right by any amount, but takes no larger one than it could shift left by.
      if (plain === BinaryOp.Rshift && count > bitLength(lhs)) return lhs < 0 ? -1 : 0;
      const value = BigInt(lhs);
      return intFromBigInt(plain === BinaryOp.Lshift ? value << BigInt(count) : value >> BigInt(count));
    }
    case BinaryOp.Power:
      if (rhs < 0) return floatBinaryOp(op, intToFloat(lhs), rhs);
      return intPower(lhs, rhs);
    default:
      return undefined;
  }
  const result = exactBinaryOp(op, BigInt(lhs), BigInt(rhs));
  if (plain === BinaryOp.FloorDivide || plain === BinaryOp.Modulo) {
    // The part that was not asked for is given back.
    vm.heap.free(Math.max(2, lhsDigits + 1) * (DIGIT_BITS / 8));
  }
  return result;
}

/** The operation on exact values, without accounting. Divisors are not zero. */
function exactBinaryOp(op: BinaryOp, lhs: bigint, rhs: bigint): Value | undefined {
  switch (plainOp(op)) {
    case BinaryOp.Less:
      return lhs < rhs;
    case BinaryOp.More:
      return lhs > rhs;
    case BinaryOp.Equal:
      return lhs === rhs;
    case BinaryOp.LessEqual:
      return lhs <= rhs;
    case BinaryOp.MoreEqual:
      return lhs >= rhs;
    case BinaryOp.Add:
      return intFromBigInt(lhs + rhs);
    case BinaryOp.Subtract:
      return intFromBigInt(lhs - rhs);
    case BinaryOp.Multiply:
      return intFromBigInt(lhs * rhs);
    case BinaryOp.And:
      return intFromBigInt(lhs & rhs);
    case BinaryOp.Or:
      return intFromBigInt(lhs | rhs);
    case BinaryOp.Xor:
      return intFromBigInt(lhs ^ rhs);
    case BinaryOp.FloorDivide:
      if (rhs === 0n) raiseZeroDivision();
      return intFromBigInt(floorDivideBig(lhs, rhs));
    case BinaryOp.Modulo:
      if (rhs === 0n) raiseZeroDivision();
      return intFromBigInt(floorModuloBig(lhs, rhs));
    case BinaryOp.DivMod:
      if (rhs === 0n) raiseZeroDivision();
      return newTuple([intFromBigInt(floorDivideBig(lhs, rhs)), intFromBigInt(floorModuloBig(lhs, rhs))]);
    default:
      return undefined;
  }
}

function floorDivideBig(lhs: bigint, rhs: bigint): bigint {
  const quotient = lhs / rhs;
  return lhs < 0n !== rhs < 0n && quotient * rhs !== lhs ? quotient - 1n : quotient;
}

export function floorModuloBig(lhs: bigint, rhs: bigint): bigint {
  const remainder = lhs % rhs;
  return remainder !== 0n && remainder < 0n !== rhs < 0n ? remainder + rhs : remainder;
}

/**
 * The float nearest to an integer. For one that is no small integer it is what the reference gets by adding digit after digit
 * in the float's own precision, which is not always the nearest.
 */
export function intToFloat(value: number | bigint): number {
  if (typeof value === 'number' && !vm.float32 && vm.wordSize === 8) return value;
  if (!isBig(value)) return vm.float32 ? Math.fround(Number(value)) : Number(value);
  const hexDigits = DIGIT_BITS / 4;
  const base = 2 ** DIGIT_BITS;
  const hex = (value < 0 ? -BigInt(value) : BigInt(value)).toString(16);
  const round = vm.float32 ? Math.fround : (x: number) => x;
  let result = 0;
  for (let end = hex.length % hexDigits || hexDigits, start = 0; end <= hex.length && result !== Number.POSITIVE_INFINITY; ) {
    result = round(round(result * base) + Number.parseInt(hex.slice(start, end), 16));
    start = end;
    end += hexDigits;
  }
  return value < 0 ? -result : result;
}

/** pow() with three arguments. Raises TypeError unless all are integers, ValueError for a modulus of 0. */
export function intPow3(base: Value, exponent: Value, modulus: Value): Value {
  const isInt = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
  if (!isInt(base) || !isInt(exponent) || !isInt(modulus)) raiseTypeError('pow() with 3 arguments requires integers');
  if (modulus === 0) raiseValueError('divide by zero');
  return intPowerModulo(base, exponent, modulus);
}

/** Digits of an integer, with its sign. Raises MemoryError when the guest has no room for them; so the host need not make them. */
export function digitsInBase(value: number | bigint, base: number): string {
  if (typeof value === 'bigint') requireRoom(Math.floor(bitLength(value) / Math.floor(Math.log2(base))) + 3);
  return value.toString(base);
}

/** Is the value an int (not a bool)? */
export function isInt(value: Value): value is number | bigint {
  return typeOf(value) === intType;
}
