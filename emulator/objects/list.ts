/** list (py/objlist.c). */
import { arrayItems, getIter, iterNext } from '../vm/iteration.ts';
import { toIntMaybe } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raiseIndexError, raiseNotImplemented } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount, fun1, fun2, fun3, funKw, funVar, parseArgs } from './function.ts';
import { MpItemsIterator } from './polymorph-iterator.ts';
import { compareSequences, countInSequence, indexInSequence, repeatItems, sequenceIndex } from './sequence.ts';
import { MpSlice, sequenceSlice } from './slice.ts';
import { quicksort } from './sort.ts';
import { emptyTuple } from './tuple.ts';

const MIN_ALLOC = 4;

export const listType = new MpType('list', {
  makeNew,
  print,
  unaryOp,
  binaryOp,
  getItem,
  setItem,
  iter: (self: MpList) => new MpItemsIterator(self),
  locals: () => [
    ['append', fun2((self, value) => (listAppend(self as MpList, value), null))],
    ['clear', fun1(self => clear(self as MpList))],
    ['copy', fun1(self => newList((self as MpList).items.slice()))],
    ['count', fun2((self, value) => countInSequence((self as MpList).items, value))],
    ['extend', fun2((self, other) => (extend(self as MpList, other), null))],
    ['index', funVar(2, 4, args => indexInSequence('list', (args[0] as MpList).items, args))],
    ['insert', fun3((self, at, value) => insert(self as MpList, at, value))],
    ['pop', funVar(1, 2, args => listPop(args[0] as MpList, args.length > 1 ? args[1] : -1))],
    ['remove', fun2((self, value) => (listRemove(self as MpList, value), null))],
    ['reverse', fun1(self => ((self as MpList).items.reverse(), null))],
    ['sort', funKw(1, (args, kw) => (listSort(args, kw), null))],
  ],
});

export class MpList extends MpObj {
  /** Slots that the device would have allocated. */
  alloc: number;
  constructor(public items: Value[]) {
    super(listType);
    this.alloc = Math.max(MIN_ALLOC, items.length);
  }
}

/** A new list, accounted for. The array becomes the list's. */
export function newList(items: Value[]): MpList {
  accountForList(items.length);
  return new MpList(items);
}

/** Takes from the heap what a list of `n` items needs: the object, and an array of at least four slots. */
function accountForList(n: number): void {
  vm.heap.allocBlock();
  vm.heap.alloc(Math.max(MIN_ALLOC, n) * vm.wordSize);
}

function resize(list: MpList, alloc: number): void {
  vm.heap.realloc(list.alloc * vm.wordSize, alloc * vm.wordSize);
  list.alloc = alloc;
}

export function listAppend(list: MpList, value: Value): void {
  if (list.items.length >= list.alloc) resize(list, list.alloc * 2);
  list.items.push(value);
}

function extendFromIterable(list: MpList, iterable: Value): MpList {
  const iterator = getIter(iterable);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) listAppend(list, item);
  return list;
}

/** `list.extend(other)`. */
export function extend(list: MpList, other: Value): void {
  if (!(other instanceof MpList)) {
    extendFromIterable(list, other);
    return;
  }
  const length = list.items.length + other.items.length;
  if (length > list.alloc) resize(list, length + 4);
  // By index: `other` may be the list itself.
  for (let i = 0, n = other.items.length; i < n; i++) list.items.push(other.items[i]);
}

/** A new list of what `iterable` gives, as `list(iterable)` makes it. */
export function listOf(iterable: Value): MpList {
  return extendFromIterable(newList([]), iterable);
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 1, false);
  return args.length === 0 ? newList([]) : listOf(args[0]);
}

function print(out: Printer, self: MpList, kind: PrintKind): void {
  const json = kind === PrintKind.Json;
  const separator = json ? (out.itemSeparator ?? ', ') : ', ';
  out.write('[');
  for (let i = 0; i < self.items.length; i++) {
    if (i > 0) out.write(separator);
    printValue(out, self.items[i], json ? kind : PrintKind.Repr);
  }
  out.write(']');
}

function unaryOp(op: UnaryOp, self: MpList): Value | undefined {
  switch (op) {
    case UnaryOp.Bool:
      return self.items.length !== 0;
    case UnaryOp.Len:
      return self.items.length;
    case UnaryOp.Sizeof:
      return vm.feature('sysGetsizeof') ? (4 + self.alloc) * vm.wordSize : undefined;
    default:
      return undefined;
  }
}

function binaryOp(op: BinaryOp, lhs: MpList, rhs: Value): Value | undefined {
  switch (op) {
    case BinaryOp.Add:
      return rhs instanceof MpList ? newList(lhs.items.concat(rhs.items)) : undefined;
    case BinaryOp.InplaceAdd:
      extend(lhs, rhs);
      return lhs;
    case BinaryOp.Multiply: {
      const times = toIntMaybe(rhs);
      if (times === undefined) return undefined;
      const n = lhs.items.length === 0 ? 0 : Math.max(0, times);
      accountForList(lhs.items.length * n);
      return new MpList(repeatItems(lhs.items, n));
    }
    case BinaryOp.Equal:
    case BinaryOp.Less:
    case BinaryOp.LessEqual:
    case BinaryOp.More:
    case BinaryOp.MoreEqual:
      if (!(rhs instanceof MpList)) return op === BinaryOp.Equal ? false : undefined;
      return compareSequences(op, lhs.items, rhs.items);
    default:
      return undefined;
  }
}

function getItem(self: MpList, index: Value): Value {
  const { items } = self;
  if (typeof index === 'number' && index >= 0 && index < items.length) return items[index];
  if (!(index instanceof MpSlice)) return items[sequenceIndex('list', items.length, index)];
  const { start, stop, step } = sequenceSlice(index, items.length);
  if (step === 1) return newList(items.slice(start, stop));
  const list = newList([]);
  if (step > 0) for (let i = start; i < stop; i += step) listAppend(list, items[i]);
  else for (let i = start; i >= stop; i += step) listAppend(list, items[i]);
  return list;
}

function setItem(self: MpList, index: Value, value: Value | undefined): boolean {
  const { items } = self;
  if (index instanceof MpSlice) assignSlice(self, index, value === undefined ? emptyTuple : value);
  else if (value === undefined) listPop(self, index);
  else items[sequenceIndex('list', items.length, index)] = value;
  return true;
}

function assignSlice(self: MpList, slice: MpSlice, value: Value): void {
  const { start, stop, step } = sequenceSlice(slice, self.items.length);
  if (step !== 1) raiseNotImplemented();
  const replacement = arrayItems(value);
  const length = self.items.length + replacement.length - (stop - start);
  // The array grows to just what is needed, and does not shrink.
  if (length > self.alloc) resize(self, length);
  const { items } = self;
  if (length === items.length) for (let i = 0; i < replacement.length; i++) items[start + i] = replacement[i];
  else self.items = items.slice(0, start).concat(replacement, items.slice(stop));
}

function clear(self: MpList): null {
  self.items = [];
  resize(self, MIN_ALLOC);
  return null;
}

function insert(self: MpList, at: Value, value: Value): null {
  let index = typeof at === 'number' ? at : indexOfWord(at);
  const { length } = self.items;
  if (index < 0) index = Math.max(0, index + length);
  if (index > length) index = length;
  listAppend(self, value);
  const { items } = self;
  // The host's own way is the quicker one where there is much to be moved.
  if (length - index > 64) items.copyWithin(index + 1, index, length);
  else for (let i = length; i > index; i--) items[i] = items[i - 1];
  items[index] = value;
  return null;
}

/**
 * The index is not checked: the word that stands for the object is taken for a small integer. None, False and True have words
 * of their own; a pointer is larger than any length.
 */
function indexOfWord(at: Value): number {
  if (at === null) return 3;
  if (typeof at === 'boolean') return at ? 15 : 7;
  return Infinity;
}

/** `list.pop(index)`; raises IndexError. The array is halved when less than half is used. */
export function listPop(self: MpList, index: Value): Value {
  const { items } = self;
  if (items.length === 0) raiseIndexError('pop from empty list');
  const at = sequenceIndex('list', items.length, index);
  const value = items[at];
  if (at === items.length - 1) items.pop();
  else items.splice(at, 1);
  if (self.alloc > MIN_ALLOC && self.alloc > 2 * items.length) resize(self, self.alloc >> 1);
  return value;
}

/** Removes the first item that equals `value`; raises ValueError when there is none. */
export function listRemove(self: MpList, value: Value): void {
  listPop(self, indexInSequence('list', self.items, [self, value]));
}

/** `list.sort(*, key=None, reverse=False)`; `args` as the method got them. */
export function listSort(args: readonly Value[], kw: KwArgs): void {
  const [key, reverse] = parseArgs(
    [
      { name: 'key', kwOnly: true, default: null },
      { name: 'reverse', kwOnly: true, as: 'bool', default: false },
    ],
    args.slice(1),
    kw,
  );
  quicksort((args[0] as MpList).items, key === null ? undefined : key, reverse as boolean);
}
