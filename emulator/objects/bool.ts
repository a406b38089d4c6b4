/** bool (py/objbool.c). */
import { binaryOp, isTrue, unaryOpMaybe } from '../vm/operators.ts';
import { MpType, primitiveTypes, TypeFlag } from '../vm/type.ts';
import type { BinaryOp, KwArgs, Printer, Value } from '../vm/value.ts';
import { PrintKind, UnaryOp } from '../vm/value.ts';
import { checkArgCount } from './function.ts';

export const boolType = new MpType('bool', {
  flags: TypeFlag.EqChecksOtherType,
  makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 0, 1, false);
    return args.length > 0 && isTrue(args[0]);
  },
  print(out: Printer, self: boolean, kind: PrintKind) {
    if (kind === PrintKind.Json) out.write(self ? 'true' : 'false');
    else out.write(self ? 'True' : 'False');
  },
  unaryOp: (op: UnaryOp, self: boolean) => (op === UnaryOp.Len ? undefined : unaryOpMaybe(op, self ? 1 : 0)),
  binaryOp: (op: BinaryOp, lhs: boolean, rhs: Value) => binaryOp(op, lhs ? 1 : 0, rhs),
});
primitiveTypes.bool = boolType;
