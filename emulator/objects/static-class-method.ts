/** staticmethod and classmethod (py/objtype.c). */
import { MpType } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 1, 1, false);
  vm.heap.alloc(2 * vm.wordSize);
  return new MpStaticOrClassMethod(type, args[0]);
}

export const staticmethodType = new MpType('staticmethod', { makeNew });
export const classmethodType = new MpType('classmethod', { makeNew });

export class MpStaticOrClassMethod extends MpObj {
  constructor(
    type: MpType,
    readonly fun: Value,
  ) {
    super(type);
  }
}
