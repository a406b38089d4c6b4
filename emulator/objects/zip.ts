/** zip (py/objzip.c). */
import { getIter, iterNext } from '../vm/iteration.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';
import { accountForTuple, MpTuple } from './tuple.ts';

export const zipType = new MpType('zip', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 0, Infinity, false);
    vm.heap.alloc((2 + args.length) * vm.wordSize);
    const iterators = args.map(iterable => getIter(iterable));
    return new MpZip(type, iterators);
  },
  next(self: MpZip): Value | undefined {
    const { iterators } = self;
    if (iterators.length === 0) return undefined;
    accountForTuple(iterators.length);
    const items: Value[] = [];
    for (const iterator of iterators) {
      const item = iterNext(iterator);
      if (item === undefined) {
        vm.heap.free((2 + iterators.length) * vm.wordSize);
        return undefined;
      }
      items.push(item);
    }
    return new MpTuple(items);
  },
});

export class MpZip extends MpObj {
  constructor(
    type: MpType,
    readonly iterators: readonly Value[],
  ) {
    super(type);
  }
}
