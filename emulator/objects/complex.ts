/** complex (py/objcomplex.c). */
import { MpType } from '../vm/type.ts';
import type { BinaryOp, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';

export const complexType = new MpType('complex', {});

export class MpComplex extends MpObj {
  constructor(
    readonly real: number,
    readonly imag: number,
  ) {
    super(complexType);
  }
}

/** `(real + imag j) op rhs`; undefined when the types do not fit. */
export function complexBinaryOp(op: BinaryOp, real: number, imag: number, rhs: Value): Value | undefined {
  throw new Error(`complex operation ${op} on ${real}, ${imag} and ${rhs} is not built yet`);
}
