/** None (py/objnone.c). */
import { MpType, primitiveTypes } from '../vm/type.ts';
import type { Printer } from '../vm/value.ts';
import { PrintKind } from '../vm/value.ts';

export const noneType = new MpType('NoneType', {
  print: (out: Printer, _self: null, kind: PrintKind) => out.write(kind === PrintKind.Json ? 'null' : 'None'),
});
primitiveTypes.none = noneType;
