/** Cells: variables shared between a function and its closures (py/objcell.c). */
import { printValue } from '../vm/printing.ts';
import { MpType } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { formatAddress } from './identity.ts';

const cellType = new MpType('', {
  print(out: Printer, self: MpCell) {
    if (!vm.detailed) {
      out.write('<>');
      return;
    }
    out.write(`<cell ${formatAddress(self)} `);
    if (self.value === undefined) out.write('(nil)');
    else printValue(out, self.value, PrintKind.Repr);
    out.write('>');
  },
});

export class MpCell extends MpObj {
  constructor(public value: Value | undefined) {
    super(cellType);
  }
}
