/** collections.deque (py/objdeque.c): a ring of a fixed size. */
import { getIter, iterNext } from '../vm/iteration.ts';
import { toInt } from '../vm/operators.ts';
import { raiseIndexError, raiseValueError } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount, fun1, fun2 } from './function.ts';
import { MpPolymorphIterator } from './polymorph-iterator.ts';
import { sequenceIndex } from './sequence.ts';

/** In `flags`: a full deque raises IndexError, instead of dropping an item at the other end. */
const CHECK_OVERFLOW = 1;

export const dequeType = new MpType('deque', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 2, 3, false);
    const maxLength = toInt(args[1]);
    if (maxLength < 0) raiseValueError();
    vm.heap.alloc(6 * vm.wordSize);
    vm.heap.alloc((maxLength + 1) * vm.wordSize);
    const deque = new MpDeque(type, maxLength + 1, args.length > 2 ? toInt(args[2]) : 0);
    extend(deque, args[0]);
    return deque;
  },
  unaryOp(op: UnaryOp, self: MpDeque): Value | undefined {
    if (op === UnaryOp.Bool) return self.first !== self.end;
    if (op === UnaryOp.Len) return self.length;
    return op === UnaryOp.Sizeof && vm.feature('sysGetsizeof') ? (6 + self.slots) * vm.wordSize : undefined;
  },
  getItem: (self: MpDeque, index: Value) => self.ring[slotAt(self, index)] ?? null,
  setItem(self: MpDeque, index: Value, value: Value | undefined): boolean {
    if (value === undefined) return false;
    self.ring[slotAt(self, index)] = value;
    return true;
  },
  iter: (self: MpDeque) => new MpDequeIterator(self),
  locals: () => [
    ['append', fun2((self, value) => append(self as MpDeque, value))],
    ['appendleft', fun2((self, value) => appendLeft(self as MpDeque, value))],
    ['extend', fun2((self, iterable) => extend(self as MpDeque, iterable))],
    ['pop', fun1(self => pop(self as MpDeque))],
    ['popleft', fun1(self => popLeft(self as MpDeque))],
  ],
});

export class MpDeque extends MpObj {
  /** Items by slot: a slot that was never used is absent, so that a large ring costs the host nothing. */
  readonly ring: (Value | undefined)[] = [];
  /** Slot of the first item, and the slot behind the last. */
  first = 0;
  end = 0;
  constructor(
    type: MpType,
    /** One more than fit, so that a full ring differs from an empty one. */
    readonly slots: number,
    readonly flags: number,
  ) {
    super(type);
  }
  get length(): number {
    const length = this.end - this.first;
    return length < 0 ? length + this.slots : length;
  }
  after(slot: number): number {
    return slot + 1 === this.slots ? 0 : slot + 1;
  }
  before(slot: number): number {
    return slot === 0 ? this.slots - 1 : slot - 1;
  }
}

class MpDequeIterator extends MpPolymorphIterator {
  private slot: number;
  constructor(readonly deque: MpDeque) {
    super();
    this.slot = deque.first;
  }
  advance(): Value | undefined {
    const { deque, slot } = this;
    if (slot === deque.end) return undefined;
    this.slot = deque.after(slot);
    // A slot that was emptied meanwhile ends the iteration.
    return deque.ring[slot];
  }
}

function slotAt(self: MpDeque, index: Value): number {
  return (self.first + sequenceIndex(self.type.name, self.length, index)) % self.slots;
}

function append(self: MpDeque, value: Value): null {
  const end = self.after(self.end);
  if ((self.flags & CHECK_OVERFLOW) !== 0 && end === self.first) raiseIndexError('full');
  self.ring[self.end] = value;
  self.end = end;
  if (self.first === end) self.first = self.after(self.first);
  return null;
}

function appendLeft(self: MpDeque, value: Value): null {
  const first = self.before(self.first);
  if ((self.flags & CHECK_OVERFLOW) !== 0 && first === self.end) raiseIndexError('full');
  self.first = first;
  self.ring[first] = value;
  if (self.end === first) self.end = self.before(self.end);
  return null;
}

function extend(self: MpDeque, iterable: Value): null {
  const iterator = getIter(iterable, true);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) append(self, item);
  return null;
}

function popLeft(self: MpDeque): Value {
  if (self.first === self.end) raiseIndexError('empty');
  const value = self.ring[self.first] ?? null;
  self.ring[self.first] = undefined;
  self.first = self.after(self.first);
  return value;
}

function pop(self: MpDeque): Value {
  if (self.first === self.end) raiseIndexError('empty');
  self.end = self.before(self.end);
  const value = self.ring[self.end] ?? null;
  self.ring[self.end] = undefined;
  return value;
}
