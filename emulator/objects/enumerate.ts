/** enumerate (py/objenumerate.c). */
import { getIter, iterNext } from '../vm/iteration.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { parseArgs } from './function.ts';
import { newTuple } from './tuple.ts';

export const enumerateType = new MpType('enumerate', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    const [iterable, start] = parseArgs(
      [
        { name: 'iterable', required: true },
        { name: 'start', as: 'int', default: 0 },
      ],
      args,
      kw,
    );
    vm.heap.alloc(3 * vm.wordSize);
    return new MpEnumerate(type, getIter(iterable!), start as number);
  },
  next(self: MpEnumerate): Value | undefined {
    const item = iterNext(self.iterator);
    return item === undefined ? undefined : newTuple([self.count++, item]);
  },
});

export class MpEnumerate extends MpObj {
  constructor(
    type: MpType,
    readonly iterator: Value,
    public count: number,
  ) {
    super(type);
  }
}
