/** Operations on any values: truth, equality, hash, unary and binary operators (py/runtime.c, py/obj.c). The types do the work; this file picks the type. */

import { complexBinaryOp, MpComplex } from '../objects/complex.ts';
import { exceptionMatches, isExceptionType } from '../objects/exception.ts';
import { floatBinaryOp, MpFloat } from '../objects/float.ts';
import { identityHash } from '../objects/identity.ts';
import { intBinaryOp, intHash, intToFloat, intUnaryOp, wordFromInt } from '../objects/int.ts';
import { isBig } from '../objects/int-size.ts';
import { sameText } from '../objects/search-text.ts';
import { hashString, isStrLike } from '../objects/str-hash.ts';
import { MpTuple } from '../objects/tuple.ts';
import { Cycles } from './cost.ts';
import { hot } from './hot.ts';
import { getIter, iterNext } from './iteration.ts';
import { raiseIntConversion, raiseTypeError, raiseZeroDivision } from './raise.ts';
import { work } from './service.ts';
import { TypeFlag, typeName, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { BINARY_OP_NAMES, BinaryOp, UNARY_OP_NAMES, UnaryOp } from './value.ts';
import { vm } from './vm.ts';
import { warn } from './warning.ts';

export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    case 'string':
      return value.length > 0;
    case 'bigint':
      return true;
    default: {
      if (value === null) return false;
      const { unaryOp } = value.type;
      if (unaryOp !== undefined) {
        const result = unaryOp(UnaryOp.Bool, value);
        if (result !== undefined) return result === true;
        const length = unaryOp(UnaryOp.Len, value);
        if (length !== undefined) return length !== 0;
      }
      return true;
    }
  }
}

/** The length, or undefined when the value has none. */
export function lenMaybe(value: Value): Value | undefined {
  const { unaryOp } = typeOf(value);
  return unaryOp?.(UnaryOp.Len, value);
}

/** `len(value)`; raises TypeError when it has none. */
export function len(value: Value): Value {
  const length = lenMaybe(value);
  if (length === undefined) raiseTypeError(vm.terse ? 'object has no len' : `object of type '${typeName(value)}' has no len()`);
  return length;
}

export function equal(a: Value, b: Value): boolean {
  work(Cycles.equality);
  if (typeof a === 'string' && typeof b === 'string') return sameText(a, b);
  if (a === b && (typeof a !== 'object' || a === null || (a.type.flags & TypeFlag.EqNotReflexive) === 0)) return true;
  const ta = typeof a;
  if (ta === 'number' && (typeof b === 'number' || typeof b === 'bigint')) return false;
  return isTrue(equalOp(BinaryOp.Equal, a, b));
}

/** `==` and `!=`: any value, for a class may answer what it likes. */
function equalOp(op: BinaryOp.Equal | BinaryOp.NotEqual, a: Value, b: Value): Value {
  const whenEqual = op === BinaryOp.Equal;
  if (typeof a === 'string' && typeof b === 'string') return sameText(a, b) === whenEqual;
  if (a === b && (typeof a !== 'object' || a === null || (a.type.flags & TypeFlag.EqNotReflexive) === 0)) return whenEqual;
  let pass = 0;
  if (typeof a === 'string') {
    if (isStrLike(b)) return strBytesComparison(!whenEqual);
    pass = 1;
  } else if (typeof b === 'string' && isStrLike(a)) {
    return strBytesComparison(!whenEqual);
  } else if (typeof a === 'number') {
    if (typeof b === 'number') return !whenEqual;
    pass = 1;
  }
  if (pass === 1) [a, b] = [b, a];
  for (; pass < 2; pass++) {
    const type = typeOf(a);
    const { binaryOp } = type;
    if (binaryOp !== undefined && ((type.flags & TypeFlag.EqChecksOtherType) !== 0 || typeOf(b) === type)) {
      if (op === BinaryOp.NotEqual && (type.flags & TypeFlag.EqHasNeqTest) !== 0) {
        const result = binaryOp(BinaryOp.NotEqual, a, b);
        if (result !== undefined) return result;
      }
      const result = binaryOp(BinaryOp.Equal, a, b);
      if (result !== undefined) return whenEqual ? result : !isTrue(result);
    }
    [a, b] = [b, a];
  }
  return (a === b) === whenEqual;
}

function strBytesComparison(result: boolean): boolean {
  if (vm.feature('strBytesCmpWarn')) warn('BytesWarning', 'Comparison between bytes and str');
  return result;
}

/** The hash as a machine word; raises TypeError for what has none. */
export function hashOf(value: Value): number | bigint {
  if (typeof value === 'string') return hashString(value);
  if (typeof value === 'number') return intHash(value);
  return unaryOp(UnaryOp.Hash, value) as number | bigint;
}

export function unaryOp(op: UnaryOp, value: Value): Value {
  const result = unaryOpMaybe(op, value);
  if (result !== undefined) return result;
  raiseTypeError(vm.terse ? 'unsupported type for operator' : `unsupported type for ${UNARY_OP_NAMES[op]}: '${typeName(value)}'`);
}

/** As `unaryOp`, but undefined for IntMaybe, FloatMaybe, ComplexMaybe and others when the type does not have it. */
export function unaryOpMaybe(op: UnaryOp, value: Value): Value | undefined {
  if (op === UnaryOp.Not) return !isTrue(value);
  if (typeof value === 'number') return intUnaryOp(op, value);
  if (op === UnaryOp.Hash && typeof value === 'string') return hashString(value);
  const type = typeOf(value);
  if (type.unaryOp !== undefined) {
    const result = type.unaryOp(op, value);
    if (result !== undefined) return result;
  } else if (op === UnaryOp.Hash) {
    return identityHash(value);
  }
  if (op === UnaryOp.Bool) return true;
  return undefined;
}

export function binaryOp(op: BinaryOp, lhs: Value, rhs: Value): Value {
  hot.budget -= Cycles.operator;
  switch (op) {
    case BinaryOp.Is:
      return lhs === rhs;
    case BinaryOp.Equal:
    case BinaryOp.NotEqual:
      return equalOp(op, lhs, rhs);
    case BinaryOp.ExceptionMatch:
      return exceptionMatchOp(lhs, rhs);
  }
  if (typeof lhs === 'number') {
    if (typeof rhs === 'number') {
      const result = intBinaryOp(op, lhs, rhs);
      if (result !== undefined) return result;
      if (op !== BinaryOp.In || (!isBig(lhs) && !isBig(rhs))) raiseUnsupported(op, lhs, rhs);
    } else if (rhs instanceof MpFloat) {
      const result = floatBinaryOp(op, intToFloat(lhs), rhs);
      if (result !== undefined) return result;
      if (!isBig(lhs)) raiseUnsupported(op, lhs, rhs);
    } else if (rhs instanceof MpComplex) {
      const result = complexBinaryOp(op, intToFloat(lhs), 0, rhs);
      if (result !== undefined) return result;
      if (!isBig(lhs)) raiseUnsupported(op, lhs, rhs);
    }
  }
  if (op === BinaryOp.In) {
    op = BinaryOp.Contains;
    [lhs, rhs] = [rhs, lhs];
  }
  for (;;) {
    const type = typeOf(lhs);
    if (type.binaryOp !== undefined) {
      const result = type.binaryOp(op, lhs, rhs);
      if (result !== undefined) return result;
    }
    if (op >= BinaryOp.InplaceOr && op <= BinaryOp.InplacePower) {
      op += BinaryOp.Or - BinaryOp.InplaceOr;
      continue;
    }
    if (op >= BinaryOp.Or && op <= BinaryOp.Power && vm.feature('reverseSpecialMethods')) {
      [lhs, rhs] = [rhs, lhs];
      op += BinaryOp.ReverseOr - BinaryOp.Or;
      continue;
    }
    if (op >= BinaryOp.ReverseOr) {
      [lhs, rhs] = [rhs, lhs];
      op -= BinaryOp.ReverseOr - BinaryOp.Or;
    }
    break;
  }
  if (op === BinaryOp.Contains) {
    const iterator = getIter(lhs, true);
    for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) if (equal(item, rhs)) return true;
    return false;
  }
  raiseUnsupported(op, lhs, rhs);
}

function exceptionMatchOp(exc: Value, pattern: Value): boolean {
  if (isExceptionType(pattern)) return exceptionMatches(exc, pattern);
  if (pattern instanceof MpTuple) {
    for (const item of pattern.items) {
      if (!isExceptionType(item)) raiseUnsupported(BinaryOp.ExceptionMatch, exc, item);
      if (exceptionMatches(exc, item)) return true;
    }
    return false;
  }
  raiseUnsupported(BinaryOp.ExceptionMatch, exc, pattern);
}

/**
 * The special method of an operator. Of those in place the reference knows two, unless it is built with all of them; the others are `a = a * b`,
 * and have no name.
 */
export function binaryOpName(op: BinaryOp): string {
  const inPlace = op >= BinaryOp.InplaceOr && op <= BinaryOp.InplacePower;
  const known = !inPlace || op === BinaryOp.InplaceAdd || op === BinaryOp.InplaceSubtract || vm.feature('inplaceSpecialMethods');
  return known ? BINARY_OP_NAMES[op] : '';
}

export function raiseUnsupported(op: BinaryOp, lhs: Value, rhs: Value): never {
  raiseTypeError(
    vm.terse ? 'unsupported type for operator' : `unsupported types for ${binaryOpName(op)}: '${typeName(lhs)}', '${typeName(rhs)}'`,
  );
}
export { raiseZeroDivision };

/** Implicit conversion to an integer that fits a machine word (mp_obj_get_int): ints, bools, and what has `__int__`. Raises TypeError or OverflowError. */
export function toInt(value: Value): number {
  const result = toIntMaybe(value);
  if (result === undefined) raiseIntConversion(value);
  return result;
}

/** As `toInt`, but undefined when the value is no integer. */
export function toIntMaybe(value: Value): number | undefined {
  if (typeof value === 'number') return value <= 0x7fffffff && value >= -0x7fffffff ? value : wordFromInt(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  const converted = typeof value === 'bigint' ? value : unaryOpMaybe(UnaryOp.IntMaybe, value);
  return converted === undefined ? undefined : wordFromInt(converted as number | bigint);
}
