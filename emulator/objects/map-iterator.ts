/** map, the built-in function (py/objmap.c). */
import { call } from '../vm/call.ts';
import { getIter, iterNext } from '../vm/iteration.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';

export const mapType = new MpType('map', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 2, Infinity, false);
    vm.heap.alloc((2 + args.length) * vm.wordSize);
    const iterators = args.slice(1).map(iterable => getIter(iterable));
    return new MpMapIterator(type, args[0], iterators);
  },
  next(self: MpMapIterator): Value | undefined {
    const { iterators } = self;
    const bytes = iterators.length * vm.wordSize;
    vm.heap.alloc(bytes);
    const items: Value[] = [];
    for (const iterator of iterators) {
      const item = iterNext(iterator);
      if (item === undefined) {
        vm.heap.free(bytes);
        return undefined;
      }
      items.push(item);
    }
    return call(self.fun, items);
  },
});

export class MpMapIterator extends MpObj {
  constructor(
    type: MpType,
    readonly fun: Value,
    readonly iterators: readonly Value[],
  ) {
    super(type);
  }
}
