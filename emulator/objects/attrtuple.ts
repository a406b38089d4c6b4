/** Tuples whose items also have names, as os.stat and sys.implementation give them (py/objattrtuple.c). */
import { printValue } from '../vm/printing.ts';
import { MpType } from '../vm/type.ts';
import type { MethodRef, Printer, Value } from '../vm/value.ts';
import { PrintKind } from '../vm/value.ts';
import { accountForTuple, MpTuple, tupleBinaryOp, tupleGetItem, tupleIter, tupleUnaryOp } from './tuple.ts';

const attrTupleType = new MpType('tuple', {
  print: (out: Printer, self: MpTuple) => printFields(out, self.fields!, self),
  unaryOp: tupleUnaryOp,
  binaryOp: tupleBinaryOp,
  loadAttr(self: MpTuple, name: string, dest: MethodRef): boolean {
    const at = self.fields!.indexOf(name);
    if (at >= 0) dest.member = self.items[at];
    return true;
  },
  getItem: tupleGetItem,
  iter: tupleIter,
});

/** A new tuple with names, accounted for. `fields` is as long as `items`. */
export function newAttrTuple(fields: readonly string[], items: readonly Value[]): MpTuple {
  accountForTuple(items.length + 1);
  return new MpTuple(items, attrTupleType, fields);
}

/** `(name=value, …)`: how named tuples of either kind are shown. */
export function printFields(out: Printer, fields: readonly string[], tuple: MpTuple): void {
  out.write('(');
  tuple.items.forEach((item, i) => {
    out.write(`${i > 0 ? ', ' : ''}${fields[i]}=`);
    printValue(out, item, PrintKind.Repr);
  });
  out.write(')');
}
