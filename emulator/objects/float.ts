/** float (py/objfloat.c). */
import { MpType } from '../vm/type.ts';
import type { BinaryOp, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

export const floatType = new MpType('float', {});

export class MpFloat extends MpObj {
  constructor(readonly value: number) {
    super(floatType);
  }
}

/** A new float, rounded to the board's precision and accounted for. */
export function newFloat(value: number): MpFloat {
  if (vm.float32) value = Math.fround(value);
  vm.heap.alloc(2 * vm.wordSize);
  return new MpFloat(value);
}

/** `lhs op rhs` for a number and any value; undefined when the types do not fit. */
export function floatBinaryOp(op: BinaryOp, lhs: number, rhs: Value): Value | undefined {
  throw new Error(`float operation ${op} on ${lhs} and ${rhs} is not built yet`);
}
