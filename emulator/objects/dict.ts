/** dict and OrderedDict (py/objdict.c). */
import { getIter, iterNext } from '../vm/iteration.ts';
import { equal, lenMaybe } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raise, raiseKeyError, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import { getItem, setItem } from '../vm/subscript.ts';
import type { Locals } from '../vm/type.ts';
import { MpType } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { DictView, MpDictIterator, newDictView } from './dict-view.ts';
import { excTypes } from './exception.ts';
import { checkArgCount, fun1, fun2, fun3, funKw, funVar } from './function.ts';
import { MpMap } from './map.ts';
import { classmethodType, MpStaticOrClassMethod } from './static-class-method.ts';
import { isStrLike } from './str-hash.ts';
import { newTuple } from './tuple.ts';

const slots = {
  makeNew,
  print,
  unaryOp: dictUnaryOp,
  binaryOp: dictBinaryOp,
  getItem: dictGetItem,
  setItem: dictSetItem,
  iter: (self: MpDict) => new MpDictIterator(self, DictView.Keys),
  locals: methods,
};
export const dictType = new MpType('dict', slots);
export const orderedDictType = new MpType('OrderedDict', { ...slots, parent: dictType });

export class MpDict extends MpObj {
  constructor(
    readonly map: MpMap = new MpMap(0),
    type: MpType = dictType,
  ) {
    super(type);
  }
}

/** A new dict with room for `n` entries, accounted for. */
export function newDict(n = 0): MpDict {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpDict(new MpMap(n));
}

/** A new, empty OrderedDict, accounted for. */
export function newOrderedDict(n = 0): MpDict {
  vm.heap.alloc(4 * vm.wordSize);
  const map = new MpMap(n);
  map.ordered = true;
  return new MpDict(map, orderedDictType);
}

function raiseIfFixed(dict: MpDict): void {
  if (dict.map.fixed) raiseTypeError();
}

/** Stores an entry; raises TypeError when the dict is read-only. */
export function dictStore(dict: MpDict, key: Value, value: Value): void {
  raiseIfFixed(dict);
  dict.map.set(key, value);
}

/** Deletes an entry; raises KeyError when there is none, TypeError when the dict is read-only. */
export function dictDelete(dict: MpDict, key: Value): void {
  raiseIfFixed(dict);
  if (dict.map.delete(key) === undefined) raiseKeyError(key);
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  const dict = type === orderedDictType ? newOrderedDict() : newDict();
  if (args.length > 0 || kw !== null) update(dict, args, kw);
  return dict;
}

function print(out: Printer, self: MpDict, kind: PrintKind): void {
  const json = kind === PrintKind.Json;
  const itemSeparator = json ? (out.itemSeparator ?? ', ') : ', ';
  const keySeparator = json ? (out.keySeparator ?? ': ') : ': ';
  const inner = json ? kind : PrintKind.Repr;
  const named = self.type !== dictType && !json;
  if (named) out.write(`${self.type.name}(`);
  out.write('{');
  const { map } = self;
  let first = true;
  for (let slot = map.nextSlot(0); slot >= 0; slot = map.nextSlot(slot + 1)) {
    if (!first) out.write(itemSeparator);
    first = false;
    const key = map.keys[slot] as Value;
    const quoted = json && !isStrLike(key);
    if (quoted) out.write('"');
    printValue(out, key, inner);
    if (quoted) out.write('"');
    out.write(keySeparator);
    printValue(out, map.values[slot] as Value, inner);
  }
  out.write(named ? '})' : '}');
}

export function dictUnaryOp(op: UnaryOp, self: MpDict): Value | undefined {
  switch (op) {
    case UnaryOp.Bool:
      return self.map.used !== 0;
    case UnaryOp.Len:
      return self.map.used;
    case UnaryOp.Sizeof:
      return vm.feature('sysGetsizeof') ? (4 + 2 * self.map.alloc) * vm.wordSize : undefined;
    default:
      return undefined;
  }
}

export function dictBinaryOp(op: BinaryOp, lhs: MpDict, rhs: Value): Value | undefined {
  switch (op) {
    case BinaryOp.Contains:
      return lhs.map.has(rhs);
    case BinaryOp.Equal:
      if (lhs.type === orderedDictType && rhs instanceof MpDict && rhs.type === orderedDictType) return sameInOrder(lhs.map, rhs.map);
      return rhs instanceof MpDict && rhs.type === dictType && sameEntries(lhs.map, rhs.map);
    case BinaryOp.InplaceOr:
      update(lhs, [rhs], null);
      return lhs;
    case BinaryOp.Or: {
      const result = copy(lhs);
      update(result, [rhs], null);
      return result;
    }
    default:
      return undefined;
  }
}

function sameEntries(a: MpMap, b: MpMap): boolean {
  if (a.used !== b.used) return false;
  for (const [key, value] of a.entries()) {
    const other = b.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

function sameInOrder(a: MpMap, b: MpMap): boolean {
  let i = a.nextSlot(0);
  let j = b.nextSlot(0);
  for (; i >= 0 && j >= 0; i = a.nextSlot(i + 1), j = b.nextSlot(j + 1)) {
    if (!equal(a.keys[i] as Value, b.keys[j] as Value) || !equal(a.values[i] as Value, b.values[j] as Value)) return false;
  }
  return i < 0 && j < 0;
}

function dictGetItem(self: MpDict, key: Value): Value {
  const value = self.map.get(key);
  if (value === undefined) raiseKeyError(key);
  return value;
}

function dictSetItem(self: MpDict, key: Value, value: Value | undefined): boolean {
  if (value === undefined) dictDelete(self, key);
  else dictStore(self, key, value);
  return true;
}

function copy(self: MpDict): MpDict {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpDict(self.map.copy(), self.type);
}

/** `dict.fromkeys(keys[, value])`: a plain dict, with as many slots as `keys` says it has items. */
function fromKeys(args: readonly Value[]): Value {
  const iterator = getIter(args[1]);
  const length = lenMaybe(args[1]);
  const dict = newDict(typeof length === 'number' ? length : 0);
  const value = args.length > 2 ? args[2] : null;
  for (let key = iterNext(iterator); key !== undefined; key = iterNext(iterator)) dict.map.set(key, value);
  return dict;
}

function get(args: readonly Value[]): Value {
  const value = (args[0] as MpDict).map.get(args[1]);
  if (value !== undefined) return value;
  return args.length > 2 ? args[2] : null;
}

function pop(args: readonly Value[]): Value {
  const self = args[0] as MpDict;
  raiseIfFixed(self);
  const found = self.map.delete(args[1]);
  const value = found === undefined ? args[2] : found;
  if (value === undefined) raiseKeyError(args[1]);
  return value;
}

function setDefault(args: readonly Value[]): Value {
  const { map } = args[0] as MpDict;
  raiseIfFixed(args[0] as MpDict);
  const slot = map.findOrAdd(args[1]);
  // A value can be None, so absence is told by undefined alone.
  if (map.values[slot] === undefined) map.values[slot] = args.length > 2 ? args[2] : null;
  return map.values[slot]!;
}

function popItem(self: MpDict): Value {
  raiseIfFixed(self);
  const { map } = self;
  if (map.used === 0) raise(excTypes.KeyError, 'popitem(): dictionary is empty');
  const slot = map.nextSlot(map.ordered ? map.used - 1 : 0);
  const items = [map.keys[slot] as Value, map.values[slot] as Value];
  map.deleteSlot(slot, true);
  return newTuple(items);
}

/** `dict.update([source], **kw)`: from a dict, or from anything that gives pairs. */
function update(self: MpDict, args: readonly Value[], kw: KwArgs): void {
  raiseIfFixed(self);
  checkArgCount(args.length + 1, kw, 1, 2, true);
  const { map } = self;
  if (args.length === 1) {
    const [source] = args;
    if (source instanceof MpDict) {
      if (source !== self) for (const [key, value] of source.map.entries()) map.set(key, value);
    } else {
      const pairs = getIter(source);
      for (let pair = iterNext(pairs); pair !== undefined; pair = iterNext(pairs)) {
        const parts = getIter(pair);
        const key = iterNext(parts);
        const value = iterNext(parts);
        const more = iterNext(parts);
        if (key === undefined || value === undefined || more !== undefined) raiseValueError('dict update sequence has wrong length');
        map.set(key, value);
      }
    }
  }
  if (kw !== null) for (let i = 0; i < kw.length; i += 2) map.set(kw[i], kw[i + 1]);
}

function methods(): Locals {
  return [
    [
      'clear',
      fun1(self => {
        raiseIfFixed(self as MpDict);
        (self as MpDict).map.clear();
        return null;
      }),
    ],
    ['copy', fun1(self => copy(self as MpDict))],
    ['fromkeys', new MpStaticOrClassMethod(classmethodType, funVar(2, 3, fromKeys))],
    ['get', funVar(2, 3, get)],
    ['items', fun1(self => newDictView(self as MpDict, DictView.Items))],
    ['keys', fun1(self => newDictView(self as MpDict, DictView.Keys))],
    ['pop', funVar(2, 3, pop)],
    ['popitem', fun1(self => popItem(self as MpDict))],
    ['setdefault', funVar(2, 3, setDefault)],
    [
      'update',
      funKw(1, (args, kw) => {
        update(args[0] as MpDict, args.slice(1), kw);
        return null;
      }),
    ],
    ['values', fun1(self => newDictView(self as MpDict, DictView.Values))],
    ['__getitem__', fun2((self, key) => getItem(self, key))],
    [
      '__setitem__',
      fun3((self, key, value) => {
        setItem(self, key, value);
        return null;
      }),
    ],
    [
      '__delitem__',
      fun2((self, key) => {
        setItem(self, key, undefined);
        return null;
      }),
    ],
  ];
}
