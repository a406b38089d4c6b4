/** enumerate (py/objenumerate.c). */
import { getIter, iterNext } from '../vm/iteration.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { parseArgs } from './function.ts';
import { smallInt, toWord, wordInt } from './small-int.ts';
import { newTuple } from './tuple.ts';

export const enumerateType = new MpType('enumerate', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    const [iterable, start] = parseArgs(
      [
        { name: 'iterable', required: true },
        { name: 'start', default: 0 },
      ],
      args,
      kw,
    );
    vm.heap.alloc(3 * vm.wordSize);
    const count = toWord(start!);
    return new MpEnumerate(type, getIter(iterable!), count);
  },
  next(self: MpEnumerate): Value | undefined {
    const item = iterNext(self.iterator);
    if (item === undefined) return undefined;
    const { count } = self;
    self.count = typeof count === 'number' ? count + 1 : wordInt(count + 1n);
    // The count goes round where it no longer fits a small integer.
    const fits = typeof count === 'number' && count <= vm.smallIntMax && count >= vm.smallIntMin;
    return newTuple([fits ? count : smallInt(BigInt(count)), item]);
  },
});

export class MpEnumerate extends MpObj {
  constructor(
    type: MpType,
    readonly iterator: Value,
    public count: number | bigint,
  ) {
    super(type);
  }
}
