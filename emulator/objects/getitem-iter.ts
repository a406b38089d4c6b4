/** Iterates over anything that has `__getitem__`, by asking for 0, 1, 2 … until IndexError or StopIteration (py/objgetitemiter.c). */
import { callMethodRef } from '../vm/call.ts';
import { Raise } from '../vm/raise.ts';
import { MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { MethodRef, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { excTypes } from './exception.ts';

const getItemIteratorType = new MpType('iterator', {
  flags: TypeFlag.IterIsSelf,
  next(self: MpGetItemIterator): Value | undefined {
    try {
      const item = callMethodRef(self.method, [self.index]);
      self.index++;
      return item;
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      // Those types themselves, not types derived from them.
      const type = typeOf(error.exception);
      if (type === excTypes.IndexError || type === excTypes.StopIteration) return undefined;
      throw error;
    }
  },
});

export class MpGetItemIterator extends MpObj {
  index = 0;
  constructor(readonly method: MethodRef) {
    super(getItemIteratorType);
  }
}

/** `ref` is what the lookup of `__getitem__` found. */
export const newGetItemIter = (ref: MethodRef): MpGetItemIterator => new MpGetItemIterator(ref);
