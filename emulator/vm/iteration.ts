/** Iteration (py/runtime.c): making iterators, taking items, delegating to generators, unpacking. */
import { exceptionMatches, exceptionValue, excTypes, isExceptionInstance, isExceptionType, newException } from '../objects/exception.ts';
import { MpGenerator, ResumeKind, resumeGenerator } from '../objects/generator.ts';
import { newGetItemIter } from '../objects/getitem-iter.ts';
import { listAppend, MpList, newList } from '../objects/list.ts';
import { streamNextLine } from '../objects/stream.ts';
import { MpTuple } from '../objects/tuple.ts';
import { loadMethod, loadMethodMaybe } from './attributes.ts';
import { call0, callMethodRef } from './call.ts';
import { Cycles } from './cost.ts';
import { goDeeper, Raise, raiseTypeError, raiseValueError } from './raise.ts';
import { work } from './service.ts';
import { stackCosts } from './stack-costs.ts';
import { isSubclass, TypeFlag, typeName, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { MethodRef } from './value.ts';
import { vm } from './vm.ts';

/** Bytes of an iterator's buffer on the heap: four words. */
const ITER_BUF_WORDS = 4;

/** An iterator over `value`. `onStack`: a for loop keeps it on the value stack, so it costs no heap. */
export function getIter(value: Value, onStack = false): Value {
  const type = typeOf(value);
  if ((type.flags & (TypeFlag.IterIsSelf | TypeFlag.IterIsStream)) !== 0) return value;
  if (type.iter !== undefined) {
    if (!onStack && (type.flags & TypeFlag.Instance) === 0) vm.heap.alloc(ITER_BUF_WORDS * vm.wordSize);
    const iterator = type.iter(value);
    if (iterator !== undefined) return iterator;
  }
  const ref = new MethodRef();
  loadMethodMaybe(value, '__getitem__', ref);
  if (ref.member !== undefined) {
    if (!onStack) vm.heap.alloc(ITER_BUF_WORDS * vm.wordSize);
    return newGetItemIter(ref);
  }
  raiseTypeError(vm.terse ? 'object not iterable' : `'${typeName(value)}' object isn't iterable`);
}

function nextSlot(value: Value): ((self: Value) => Value | undefined) | undefined {
  const type = typeOf(value);
  return (type.flags & TypeFlag.IterIsStream) !== 0 ? streamNextLine : type.next;
}

/** The next item; undefined at the end. May also raise StopIteration (a Python `__next__` does). */
export function iterNextAllowRaise(iterator: Value): Value | undefined {
  const next = nextSlot(iterator);
  if (next !== undefined) {
    vm.stopValue = undefined;
    return next(iterator);
  }
  const ref = new MethodRef();
  loadMethodMaybe(iterator, '__next__', ref);
  if (ref.member === undefined) raiseNotIterator(iterator);
  return callMethodRef(ref, []);
}

/** The next item; undefined at the end, also when `__next__` raised StopIteration. */
export function iterNext(iterator: Value): Value | undefined {
  work(Cycles.item);
  const next = nextSlot(iterator);
  if (next !== undefined) {
    vm.stopValue = undefined;
    if (iterator instanceof MpGenerator) return next(iterator);
    const before = goDeeper(stackCosts().native);
    try {
      return next(iterator);
    } finally {
      vm.stackUsed = before;
    }
  }
  const ref = new MethodRef();
  loadMethodMaybe(iterator, '__next__', ref);
  if (ref.member === undefined) raiseNotIterator(iterator);
  try {
    return callMethodRef(ref, []);
  } catch (error) {
    if (error instanceof Raise && isSubclass(typeOf(error.exception), excTypes.StopIteration)) {
      return stopIteration(exceptionValue(error.exception));
    }
    throw error;
  }
}

/** Signals the end of an iteration with a value. */
export function stopIteration(value: Value | undefined): undefined {
  vm.stopValue = value === null ? undefined : value;
  return undefined;
}

function raiseNotIterator(value: Value): never {
  raiseTypeError(vm.terse ? 'object not an iterator' : `'${typeName(value)}' object isn't an iterator`);
}

/** Outcome of resuming a generator or an iterator. */
export interface Resumed {
  kind: ResumeKind;
  value: Value;
}

/** Sends a value into an iterator, or throws into it: what `yield from` does (mp_resume). */
export function resume(target: Value, send: Value | undefined, thrown: Value | undefined): Resumed {
  if (target instanceof MpGenerator) return resumeGenerator(target, send, thrown);
  const next = nextSlot(target);
  if (next !== undefined && send === null) {
    vm.stopValue = undefined;
    const value = next(target);
    if (value !== undefined) return { kind: ResumeKind.Yield, value };
    return { kind: ResumeKind.Return, value: vm.stopValue === undefined ? null : vm.stopValue };
  }
  const ref = new MethodRef();
  if (send === null) {
    loadMethodMaybe(target, '__next__', ref);
    if (ref.member !== undefined) return { kind: ResumeKind.Yield, value: callMethodRef(ref, []) };
  }
  if (send !== undefined) {
    loadMethod(target, 'send', ref);
    return { kind: ResumeKind.Yield, value: callMethodRef(ref, [send]) };
  }
  const exc = thrown!;
  if (isSubclass(typeOf(exc), excTypes.GeneratorExit)) {
    loadMethodMaybe(target, 'close', ref);
    if (ref.member !== undefined) return { kind: ResumeKind.Return, value: callMethodRef(ref, []) };
  } else {
    loadMethodMaybe(target, 'throw', ref);
    if (ref.member !== undefined) return { kind: ResumeKind.Yield, value: callMethodRef(ref, [exc]) };
  }
  if (exceptionMatches(exc, excTypes.StopIteration)) {
    return { kind: ResumeKind.Raise, value: newException(excTypes.RuntimeError, ['generator raised StopIteration']) };
  }
  return { kind: ResumeKind.Raise, value: makeRaiseObject(exc) };
}

/** What `raise value` raises: an instance, made from a type if need be; a TypeError for anything else. */
export function makeRaiseObject(value: Value): Value {
  const exception = isExceptionType(value) ? call0(value) : value;
  if (isExceptionInstance(exception)) return exception;
  return newException(excTypes.TypeError, ['exceptions must derive from BaseException']);
}

/** All items of an iterable, as a new array. The host's memory is safe: growth is accounted to the guest's heap by the caller's list. */
export function listFrom(iterable: Value): MpList {
  const list = newList([]);
  if (iterable instanceof MpTuple || iterable instanceof MpList) {
    for (const item of iterable.items) listAppend(list, item);
    return list;
  }
  const iterator = getIter(iterable);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) listAppend(list, item);
  return list;
}

/** Items of a tuple or list as they are (not to be changed); raises TypeError for others. */
export function arrayItems(value: Value): readonly Value[] {
  if (value instanceof MpTuple || value instanceof MpList) return value.items;
  raiseTypeError(vm.terse ? 'object not a tuple or list' : `object '${typeName(value)}' isn't a tuple or list`);
}

function raiseTooShort(n: number): never {
  raiseValueError(vm.terse ? 'wrong number of values to unpack' : `need more than ${n} values to unpack`);
}
function raiseTooLong(n: number): never {
  raiseValueError(vm.terse ? 'wrong number of values to unpack' : `too many values to unpack (expected ${n})`);
}

/** `a, b = seq`: puts the items in reverse order into `stack` from `at`. */
export function unpackSequence(seq: Value, n: number, stack: (Value | undefined)[], at: number): void {
  if (seq instanceof MpTuple || seq instanceof MpList) {
    const { items } = seq;
    if (items.length < n) raiseTooShort(items.length);
    if (items.length > n) raiseTooLong(n);
    for (let i = 0; i < n; i++) stack[at + i] = items[n - 1 - i];
    return;
  }
  const iterator = getIter(seq, true);
  const items: Value[] = [];
  for (let i = 0; i < n; i++) {
    const item = iterNext(iterator);
    if (item === undefined) raiseTooShort(i);
    items.push(item);
  }
  if (iterNext(iterator) !== undefined) raiseTooLong(n);
  for (let i = 0; i < n; i++) stack[at + i] = items[n - 1 - i];
}

/** `a, *b, c = seq`: `left` items, a list of the rest, `right` items, in reverse order. */
export function unpackEx(seq: Value, left: number, right: number, stack: (Value | undefined)[], at: number): void {
  const items = seq instanceof MpTuple || seq instanceof MpList ? seq.items : listFrom(seq).items;
  if (items.length < left + right) raiseTooShort(items.length);
  for (let i = 0; i < right; i++) stack[at + i] = items[items.length - 1 - i];
  const rest = items.slice(left, items.length - right);
  const leftItems = items.slice(0, left);
  stack[at + right] = newList(rest);
  for (let i = 0; i < left; i++) stack[at + right + 1 + i] = leftItems[left - 1 - i];
}
