/** tuple (py/objtuple.c). */
import { printValue } from '../vm/printing.ts';
import { MpType } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

export const tupleType = new MpType('tuple', { print: printTuple });

export class MpTuple extends MpObj {
  /** `type` is given by types that extend tuple: namedtuple, attrtuple. */
  constructor(
    readonly items: readonly Value[],
    type: MpType = tupleType,
  ) {
    super(type);
  }
}

export const emptyTuple = new MpTuple([]);

/** A new tuple, accounted for. The array becomes the tuple's. */
export function newTuple(items: readonly Value[]): MpTuple {
  if (items.length === 0) return emptyTuple;
  vm.heap.alloc((2 + items.length) * vm.wordSize);
  return new MpTuple(items);
}

export function printTuple(out: Printer, self: MpTuple, kind: PrintKind): void {
  out.write('(');
  self.items.forEach((item, i) => {
    if (i > 0) out.write(', ');
    printValue(out, item, PrintKind.Repr);
  });
  out.write(self.items.length === 1 ? ',)' : ')');
}
