/** set and frozenset (py/objset.c). Their table is that of objects/map.ts, without values. */
import { getIter, iterNext } from '../vm/iteration.ts';
import { binaryOp as anyBinaryOp, hashOf } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raise, raiseKeyError } from '../vm/raise.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { excTypes } from './exception.ts';
import { checkArgCount, fun1, fun2, funVar } from './function.ts';
import { identityHash } from './identity.ts';
import { MpMap } from './map.ts';
import { MpPolymorphIterator } from './polymorph-iterator.ts';
import { smallInt } from './small-int.ts';

const slots = {
  makeNew,
  print,
  unaryOp,
  binaryOp,
  iter: (self: MpSet) => new MpSetIterator(self),
};

export const setType = new MpType('set', {
  ...slots,
  locals: () => [
    ['add', fun2((self, item) => (setAdd(self as MpSet, item), null))],
    ['clear', fun1(self => ((self as MpSet).table.clear(), null))],
    ['copy', fun1(self => copy(self as MpSet))],
    ['discard', fun2((self, item) => (discard(self as MpSet, item), null))],
    ['difference', funVar(1, Infinity, args => subtract(copy(args[0] as MpSet), args.slice(1)))],
    ['difference_update', funVar(1, Infinity, args => (subtract(args[0] as MpSet, args.slice(1)), null))],
    ['intersection', fun2((self, other) => intersection(self as MpSet, other))],
    ['intersection_update', fun2((self, other) => (intersect(self as MpSet, other), null))],
    ['isdisjoint', fun2((self, other) => isDisjoint(self as MpSet, other))],
    ['issubset', fun2((self, other) => isSubset(self, other, false))],
    ['issuperset', fun2((self, other) => isSubset(other, self, false))],
    ['pop', fun1(self => pop(self as MpSet))],
    ['remove', fun2((self, item) => remove(self as MpSet, item))],
    ['symmetric_difference', fun2((self, other) => toggle(copy(self as MpSet), other))],
    ['symmetric_difference_update', fun2((self, other) => (toggle(self as MpSet, other), null))],
    ['union', fun2((self, other) => addAll(copy(self as MpSet), other))],
    [
      'update',
      funVar(1, Infinity, args => {
        for (const other of args.slice(1)) addAll(args[0] as MpSet, other);
        return null;
      }),
    ],
    ['__contains__', fun2((self, item) => anyBinaryOp(BinaryOp.Contains, self, item))],
  ],
});

export const frozensetType = new MpType('frozenset', {
  ...slots,
  flags: TypeFlag.EqChecksOtherType,
  locals: () => [
    ['copy', fun1(self => copy(self as MpSet))],
    ['difference', funVar(1, Infinity, args => subtract(copy(args[0] as MpSet), args.slice(1)))],
    ['intersection', fun2((self, other) => intersection(self as MpSet, other))],
    ['isdisjoint', fun2((self, other) => isDisjoint(self as MpSet, other))],
    ['issubset', fun2((self, other) => isSubset(self, other, false))],
    ['issuperset', fun2((self, other) => isSubset(other, self, false))],
    ['symmetric_difference', fun2((self, other) => toggle(copy(self as MpSet), other))],
    ['union', fun2((self, other) => addAll(copy(self as MpSet), other))],
    ['__contains__', fun2((self, item) => anyBinaryOp(BinaryOp.Contains, self, item))],
  ],
});

export class MpSet extends MpObj {
  constructor(
    public table: MpMap = new MpMap(0, 1),
    type: MpType = setType,
  ) {
    super(type);
  }
}

/** A new set of `items`, with a table of their number, accounted for. */
export function newSet(items: readonly Value[] = [], type: MpType = setType): MpSet {
  vm.heap.alloc(4 * vm.wordSize);
  const set = new MpSet(new MpMap(items.length, 1), type);
  for (const item of items) setAdd(set, item);
  return set;
}

export function setAdd(set: MpSet, item: Value): void {
  set.table.findOrAdd(item);
}

class MpSetIterator extends MpPolymorphIterator {
  private slot = -1;
  constructor(readonly set: MpSet) {
    super();
  }
  advance(): Value | undefined {
    const { table } = this.set;
    const slot = table.nextSlot(this.slot + 1);
    if (slot < 0) return undefined;
    this.slot = slot;
    return table.keys[slot] as Value;
  }
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 1, false);
  const set = newSet([], type);
  return args.length === 0 ? set : addAll(set, args[0]);
}

function print(out: Printer, self: MpSet): void {
  const frozen = self.type === frozensetType;
  if (self.table.used === 0) {
    out.write(frozen ? 'frozenset()' : 'set()');
    return;
  }
  out.write(frozen ? 'frozenset({' : '{');
  let first = true;
  for (const item of items(self)) {
    if (!first) out.write(', ');
    first = false;
    printValue(out, item, PrintKind.Repr);
  }
  out.write(frozen ? '})' : '}');
}

function* items(set: MpSet): IterableIterator<Value> {
  const { table } = set;
  for (let slot = table.nextSlot(0); slot >= 0; slot = table.nextSlot(slot + 1)) yield table.keys[slot] as Value;
}

function* iterate(iterable: Value): IterableIterator<Value> {
  const iterator = getIter(iterable);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) yield item;
}

function copy(self: MpSet): MpSet {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpSet(self.table.copy(), self.type);
}

/** Removes `item`; false when it is not there. */
function discard(self: MpSet, item: Value): boolean {
  const slot = self.table.find(item);
  if (slot < 0) return false;
  self.table.deleteSlot(slot);
  return true;
}

function addAll(self: MpSet, other: Value): MpSet {
  for (const item of iterate(other)) setAdd(self, item);
  return self;
}

function subtract(self: MpSet, others: readonly Value[]): MpSet {
  for (const other of others) {
    if (other === self) self.table.clear();
    else for (const item of iterate(other)) discard(self, item);
  }
  return self;
}

function toggle(self: MpSet, other: Value): MpSet {
  const { table } = self;
  for (const item of iterate(other)) {
    const before = table.used;
    const slot = table.findOrAdd(item);
    if (table.used === before) table.deleteSlot(slot);
  }
  return self;
}

/** What is in both, taken from `other` in its order: a set, also when `self` is frozen. */
function common(self: MpSet, other: Value): MpSet {
  const result = newSet();
  for (const item of iterate(other)) if (self.table.has(item)) setAdd(result, item);
  return result;
}

const intersection = (self: MpSet, other: Value): MpSet => (self === other ? copy(self) : common(self, other));

function intersect(self: MpSet, other: Value): MpSet {
  if (self !== other) {
    const { table } = common(self, other);
    self.table.clear();
    self.table = table;
  }
  return self;
}

function isDisjoint(self: MpSet, other: Value): boolean {
  const iterator = getIter(other, true);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) if (self.table.has(item)) return false;
  return true;
}

function isSubset(selfValue: Value, otherValue: Value, proper: boolean): boolean {
  const self = selfValue instanceof MpSet ? selfValue : addAll(newSet(), selfValue);
  const other = otherValue instanceof MpSet ? otherValue : addAll(newSet(), otherValue);
  let result = !(proper && self.table.used === other.table.used);
  if (result) {
    for (const item of items(self)) {
      if (!other.table.has(item)) {
        result = false;
        break;
      }
    }
  }
  // What was only made for the comparison gives its table back.
  if (self !== selfValue) self.table.clear();
  if (other !== otherValue) other.table.clear();
  return result;
}

function pop(self: MpSet): Value {
  const { table } = self;
  const slot = table.nextSlot(0);
  if (slot < 0) raise(excTypes.KeyError, 'pop from an empty set');
  const item = table.keys[slot] as Value;
  table.deleteSlot(slot);
  return item;
}

function remove(self: MpSet, item: Value): null {
  if (!discard(self, item)) raiseKeyError(item);
  return null;
}

function unaryOp(op: UnaryOp, self: MpSet): Value | undefined {
  switch (op) {
    case UnaryOp.Bool:
      return self.table.used !== 0;
    case UnaryOp.Len:
      return self.table.used;
    case UnaryOp.Hash: {
      if (self.type !== frozensetType) return undefined;
      let hash = BigInt(identityHash(frozensetType));
      for (const item of items(self)) hash += BigInt(hashOf(item));
      return smallInt(hash);
    }
    default:
      return undefined;
  }
}

function binaryOp(op: BinaryOp, lhs: MpSet, rhs: Value): Value | undefined {
  if (op === BinaryOp.Contains) return lhs.table.has(rhs);
  if (!(rhs instanceof MpSet)) return undefined;
  // A frozenset has no operators in place: they make a new one.
  const target = (): MpSet => (lhs.type === setType ? lhs : copy(lhs));
  switch (op) {
    case BinaryOp.Or:
      return addAll(copy(lhs), rhs);
    case BinaryOp.Xor:
      return toggle(copy(lhs), rhs);
    case BinaryOp.And:
      return intersection(lhs, rhs);
    case BinaryOp.Subtract:
      return subtract(copy(lhs), [rhs]);
    case BinaryOp.InplaceOr:
      return addAll(target(), rhs);
    case BinaryOp.InplaceXor:
      return toggle(target(), rhs);
    case BinaryOp.InplaceAnd:
      return lhs.type === setType ? intersect(lhs, rhs) : intersection(lhs, rhs);
    case BinaryOp.InplaceSubtract:
      return subtract(target(), [rhs]);
    case BinaryOp.Less:
      return isSubset(lhs, rhs, true);
    case BinaryOp.More:
      return isSubset(rhs, lhs, true);
    case BinaryOp.Equal:
      return lhs.table.used === rhs.table.used && isSubset(lhs, rhs, false);
    case BinaryOp.LessEqual:
      return isSubset(lhs, rhs, false);
    case BinaryOp.MoreEqual:
      return isSubset(rhs, lhs, false);
    default:
      return undefined;
  }
}
