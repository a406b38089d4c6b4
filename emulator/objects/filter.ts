/** filter (py/objfilter.c). */
import { call1 } from '../vm/call.ts';
import { getIter, iterNext } from '../vm/iteration.ts';
import { isTrue } from '../vm/operators.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';

export const filterType = new MpType('filter', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 2, 2, false);
    vm.heap.alloc(3 * vm.wordSize);
    return new MpFilter(type, args[0], getIter(args[1]));
  },
  next(self: MpFilter): Value | undefined {
    for (;;) {
      const item = iterNext(self.iterator);
      if (item === undefined || isTrue(self.fun === null ? item : call1(self.fun, item))) return item;
    }
  },
});

export class MpFilter extends MpObj {
  constructor(
    type: MpType,
    readonly fun: Value,
    readonly iterator: Value,
  ) {
    super(type);
  }
}
