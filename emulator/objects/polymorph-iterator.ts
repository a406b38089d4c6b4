/** Iterators whose behaviour is the object's own; the guest sees one type, `iterator` (py/objpolyiter.c). */
import { MpType, TypeFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';

export const polymorphIteratorType = new MpType('iterator', {
  flags: TypeFlag.IterIsSelf,
  next: (self: MpPolymorphIterator) => self.advance(),
});

export abstract class MpPolymorphIterator extends MpObj {
  constructor() {
    super(polymorphIteratorType);
  }
  /** The next item; undefined at the end. */
  abstract advance(): Value | undefined;
}

/** Iterates over a list or tuple; sees items that are added meanwhile. */
export class MpItemsIterator extends MpPolymorphIterator {
  private at = 0;
  constructor(readonly sequence: { readonly items: readonly Value[] }) {
    super();
  }
  advance(): Value | undefined {
    const { items } = this.sequence;
    return this.at < items.length ? items[this.at++] : undefined;
  }
}
