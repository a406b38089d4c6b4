/** tuple (py/objtuple.c). Namedtuples and attribute tuples build on it. */
import { getIter, iterNext } from '../vm/iteration.ts';
import { hashOf, toIntMaybe } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raiseNotImplemented } from '../vm/raise.ts';
import { MpType, typeOf } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount, fun2, funVar } from './function.ts';
import { identityHash } from './identity.ts';
import { MpItemsIterator } from './polymorph-iterator.ts';
import { compareSequences, countInSequence, indexInSequence, repeatItems, sequenceIndex } from './sequence.ts';
import { MpSlice, sequenceSlice } from './slice.ts';
import { smallInt } from './small-int.ts';
import { nativePart } from './type-object.ts';

export const tupleType = new MpType('tuple', {
  makeNew,
  print: printTuple,
  unaryOp: tupleUnaryOp,
  binaryOp: tupleBinaryOp,
  getItem: tupleGetItem,
  iter: tupleIter,
  locals: () => [
    ['count', fun2((self, value) => countInSequence((self as MpTuple).items, value))],
    ['index', funVar(2, 4, args => indexInSequence(typeOf(args[0]).name, (args[0] as MpTuple).items, args))],
  ],
});

export class MpTuple extends MpObj {
  /** `type` is given by types that extend tuple: namedtuple, attrtuple; an attrtuple also has the names of its items. */
  constructor(
    readonly items: readonly Value[],
    type: MpType = tupleType,
    readonly fields?: readonly string[],
  ) {
    super(type);
  }
}

export const emptyTuple = new MpTuple([]);

/** A new tuple, accounted for. The array becomes the tuple's. */
export function newTuple(items: readonly Value[]): MpTuple {
  if (items.length === 0) return emptyTuple;
  accountForTuple(items.length);
  return new MpTuple(items);
}

/** Takes from the heap what a tuple of `n` items needs: type, length, items. */
export function accountForTuple(n: number): void {
  vm.heap.alloc((2 + n) * vm.wordSize);
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 1, false);
  if (args.length === 0) return emptyTuple;
  const [source] = args;
  if (source instanceof MpTuple && source.type === tupleType) return source;
  // Items are gathered in a buffer that doubles, and is given back once the tuple is made.
  let alloc = 4;
  vm.heap.alloc(alloc * vm.wordSize);
  const items: Value[] = [];
  const iterator = getIter(source);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) {
    if (items.length >= alloc) {
      vm.heap.realloc(alloc * vm.wordSize, alloc * 2 * vm.wordSize);
      alloc *= 2;
    }
    items.push(item);
  }
  const tuple = newTuple(items);
  vm.heap.free(alloc * vm.wordSize);
  return tuple;
}

export function printTuple(out: Printer, self: MpTuple, kind: PrintKind): void {
  const json = kind === PrintKind.Json;
  const separator = json ? (out.itemSeparator ?? ', ') : ', ';
  const inner = json ? kind : PrintKind.Repr;
  const { items } = self;
  out.write(json ? '[' : '(');
  for (let i = 0; i < items.length; i++) {
    if (i > 0) out.write(separator);
    printValue(out, items[i], inner);
  }
  out.write(json ? ']' : items.length === 1 ? ',)' : ')');
}

export function tupleUnaryOp(op: UnaryOp, self: MpTuple): Value | undefined {
  switch (op) {
    case UnaryOp.Bool:
      return self.items.length !== 0;
    case UnaryOp.Len:
      return self.items.length;
    case UnaryOp.Hash: {
      // The sum starts with the address of the empty tuple, so that it differs from an integer's.
      let hash = BigInt(identityHash(emptyTuple));
      for (const item of self.items) hash += BigInt(hashOf(item));
      return smallInt(hash);
    }
    default:
      return undefined;
  }
}

export function tupleBinaryOp(op: BinaryOp, lhs: MpTuple, rhs: Value): Value | undefined {
  switch (op) {
    case BinaryOp.Add:
    case BinaryOp.InplaceAdd: {
      const other = tuplePart(rhs);
      return other === undefined ? undefined : newTuple(lhs.items.concat(other.items));
    }
    case BinaryOp.Multiply:
    case BinaryOp.InplaceMultiply: {
      const times = toIntMaybe(rhs);
      if (times === undefined) return undefined;
      if (times <= 0 || lhs.items.length === 0) return emptyTuple;
      accountForTuple(lhs.items.length * times);
      return new MpTuple(repeatItems(lhs.items, times));
    }
    case BinaryOp.Equal:
    case BinaryOp.Less:
    case BinaryOp.LessEqual:
    case BinaryOp.More:
    case BinaryOp.MoreEqual: {
      const other = tuplePart(rhs);
      return other === undefined ? undefined : compareSequences(op, lhs.items, other.items);
    }
    default:
      return undefined;
  }
}

/** A tuple of any kind, or that in an instance of a class derived from one. */
const tuplePart = (value: Value): MpTuple | undefined =>
  value instanceof MpTuple ? value : (nativePart(value, tupleType) as MpTuple | undefined);

export function tupleGetItem(self: MpTuple, index: Value): Value {
  const { items } = self;
  if (typeof index === 'number' && index >= 0 && index < items.length) return items[index];
  if (index instanceof MpSlice) {
    const { start, stop, step } = sequenceSlice(index, items.length);
    if (step !== 1) raiseNotImplemented('only slices with step=1 (aka None) are supported');
    return newTuple(items.slice(start, stop));
  }
  return items[sequenceIndex(self.type.name, items.length, index)];
}

export function tupleIter(self: MpTuple): Value {
  return new MpItemsIterator(self);
}
