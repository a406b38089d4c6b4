/** Bound methods (py/objboundmeth.c). */
import { loadMethodMaybe } from '../vm/attributes.ts';
import { call } from '../vm/call.ts';
import { printValue } from '../vm/printing.ts';
import { MpType } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { formatAddress, identityHash } from './identity.ts';

export const boundMethodType = new MpType('bound_method', {
  print(out: Printer, self: MpBoundMethod) {
    if (!vm.detailed) {
      out.write('<bound_method>');
      return;
    }
    out.write(`<bound_method ${formatAddress(self)} `);
    printValue(out, self.self, PrintKind.Repr);
    out.write('.');
    printValue(out, self.method, PrintKind.Repr);
    out.write('>');
  },
  call: (self: MpBoundMethod, args: Value[], kw: KwArgs) => {
    args.unshift(self.self);
    return call(self.method, args, kw);
  },
  unaryOp: (op: UnaryOp, self: MpBoundMethod) =>
    op === UnaryOp.Hash ? Number(BigInt(identityHash(self.self)) ^ BigInt(identityHash(self.method))) : undefined,
  binaryOp: (op: BinaryOp, lhs: MpBoundMethod, rhs: Value) =>
    op === BinaryOp.Equal && rhs instanceof MpBoundMethod ? lhs.self === rhs.self && lhs.method === rhs.method : undefined,
  loadAttr(self: MpBoundMethod, name: string, dest: MethodRef): boolean {
    loadMethodMaybe(self.method, name, dest);
    return true;
  },
});

export class MpBoundMethod extends MpObj {
  constructor(
    readonly method: Value,
    readonly self: Value,
  ) {
    super(boundMethodType);
  }
  /** A new bound method, accounted for. */
  static make(method: Value, self: Value): MpBoundMethod {
    vm.heap.allocBlock();
    return new MpBoundMethod(method, self);
  }
}
