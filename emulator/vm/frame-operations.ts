/** The parts of single instructions that are too long, or too seldom, for the interpreter's loop. */
import { MpClosure, newFunction } from '../objects/bytecode-function.ts';
import { MpDict } from '../objects/dict.ts';
import { excTypes, newException } from '../objects/exception.ts';
import { MpList } from '../objects/list.ts';
import { DELETED } from '../objects/map.ts';
import { MpTuple } from '../objects/tuple.ts';
import { loadMethod } from './attributes.ts';
import { call, callMethod, callMethodRef } from './call.ts';
import { BadBytecode, CodeObject } from './code.ts';
import { type Frame, NONE } from './frame.ts';
import { getIter, iterNext } from './iteration.ts';
import { findGlobal } from './names.ts';
import { nativeFunction } from './native-code.ts';
import { isTrue } from './operators.ts';
import { raise, raiseAttributeError, raiseTypeError } from './raise.ts';
import { typeOf } from './type.ts';
import type { Value } from './value.ts';
import { MethodRef } from './value.ts';
import { vm } from './vm.ts';

type Stack = (Value | undefined)[];

export function raiseUnbound(): never {
  raise(excTypes.NameError, 'local variable referenced before assignment');
}

export function raiseNoSuperAttribute(name: string): never {
  raiseAttributeError(`'super' object has no attribute '${name}'`);
}

/** A name that is not where instruction `at` found it last; undefined when there is none. */
export function findGlobalCached(globals: MpDict, name: string, code: CodeObject, at: number): Value | undefined {
  const { map } = globals;
  const known = code.builtins?.[at];
  if (known !== undefined && known.map === map && known.changes === map.changes && vm.builtinsOverride === null) return known.value;
  const slot = map.find(name);
  if (slot >= 0) {
    code.cache[at] = slot;
    return map.values[slot]!;
  }
  const value = findGlobal(globals, name);
  if (value !== undefined && map.plain && vm.builtinsOverride === null)
    (code.builtins ??= code.forEachInstruction())[at] = { map, changes: map.changes, value };
  return value;
}

/**
 * An exception handler: its instruction, the stack pointer to go back to, 1 for finally and with.
 * @throws BadBytecode for more handlers than the code has announced, or one with no place on the stack for its exception
 */
export function pushHandler(frame: Frame, at: number, sp: number, kind: 0 | 1): void {
  const { nExcStack, nState } = frame.code;
  if (frame.handlers.length >= 3 * nExcStack || sp < -1 || sp + 1 >= nState) throw new BadBytecode('a handler that has no place');
  if (frame.handlers === NONE) {
    frame.handlers = [at, sp, kind];
    frame.caught = [undefined];
    return;
  }
  frame.handlers.push(at, sp, kind);
  frame.caught.push(undefined);
}

export function popHandler(frame: Frame): void {
  // sys.exc_info() forgets as soon as any handler is left.
  vm.currentException = null;
  frame.handlers.length -= 3;
  frame.caught.pop();
}

/** The exception that a bare `raise` raises again: the innermost that is being handled. */
export function lastCaught(frame: Frame): Value {
  for (let i = frame.caught.length - 1; i >= 0; i--) {
    const exception = frame.caught[i];
    if (exception !== undefined) return exception;
  }
  return newException(excTypes.RuntimeError, ['no active exception to reraise']);
}

/** Drops what an active finally handler has on the stack below the top; returns the new stack pointer. */
export function cancelFinally(state: Stack, sp: number): number {
  if (typeof state[sp - 1] === 'number') {
    state[sp - 2] = state[sp];
    return sp - 2;
  }
  state[sp - 1] = state[sp];
  return sp - 1;
}

/** The end of a with block: calls `__exit__`. Returns the new stack pointer. */
export function withCleanup(state: Stack, sp: number): number {
  const ref = new MethodRef();
  const top = state[sp];
  if (top === null) {
    ref.member = state[sp - 2];
    ref.self = state[sp - 1];
    callMethodRef(ref, [null, null, null]);
    state[sp - 2] = null;
    return sp - 2;
  }
  if (typeof top === 'number') {
    const data = state[sp - 1];
    ref.member = state[sp - 3];
    ref.self = state[sp - 2];
    callMethodRef(ref, [null, null, null]);
    state[sp - 3] = data;
    state[sp - 2] = top;
    return sp - 2;
  }
  ref.member = state[sp - 2];
  ref.self = state[sp - 1];
  const swallow = isTrue(callMethodRef(ref, [typeOf(top!), top!, null]));
  state[sp - 2] = swallow ? null : top;
  return sp - 2;
}

/** The function of a child raw code, with its defaults. */
export function makeFunction(frame: Frame, child: number, defaults: readonly Value[], kwDefaults: MpDict | undefined): Value {
  const code = frame.code.child(child);
  if (code instanceof CodeObject) return newFunction(code, frame.globals, defaults, kwDefaults);
  return nativeFunction(code, frame.code.module, frame.globals, defaults, kwDefaults);
}

export function makeClosure(fun: Value, closed: readonly Value[]): MpClosure {
  vm.heap.alloc((3 + closed.length) * vm.wordSize);
  return new MpClosure(fun, closed);
}

/** Keyword arguments on the stack: `n` names and values that end at `sp`. */
export function keywords(state: Stack, sp: number, n: number): Value[] | null {
  return n === 0 ? null : (state.slice(sp + 1 - 2 * n, sp + 1) as Value[]);
}

/** Arguments of a call with `*` or `**`: `args` sit on the stack from `at`, then keywords, then the bits that say which are starred. */
export function prepareVarArgs(
  state: Stack,
  at: number,
  hasSelf: boolean,
  nArgs: number,
  nKw: number,
): { args: Value[]; kw: Value[] | null } {
  const args: Value[] = [];
  if (hasSelf) {
    const self = state[at++];
    if (self !== undefined) args.push(self);
  }
  const stars = state[at + nArgs + 2 * nKw] as number | bigint;
  const isStarred = (i: number): boolean =>
    typeof stars === 'bigint' ? ((stars >> BigInt(i)) & 1n) === 1n : Math.floor(stars / 2 ** i) % 2 === 1;
  for (let i = 0; i < nArgs; i++) {
    const arg = state[at + i]!;
    if (!isStarred(i)) {
      args.push(arg);
      continue;
    }
    if (arg instanceof MpTuple || arg instanceof MpList) {
      for (const item of arg.items) args.push(item);
      continue;
    }
    const iterator = getIter(arg, true);
    let charged = 0;
    for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) {
      args.push(item);
      if (args.length > charged) {
        const wanted = Math.max(4, charged * 2);
        vm.heap.realloc(charged * vm.wordSize, wanted * vm.wordSize);
        charged = wanted;
      }
    }
    vm.heap.free(charged * vm.wordSize);
  }
  const kw: Value[] = [];
  for (let i = 0; i < nKw; i++) {
    const key = state[at + nArgs + 2 * i];
    const value = state[at + nArgs + 2 * i + 1]!;
    if (key !== undefined) {
      kw.push(key, value);
      continue;
    }
    if (value instanceof MpDict) {
      const { map } = value;
      for (let slot = map.nextSlot(0); slot >= 0; slot = map.nextSlot(slot + 1)) {
        const name = map.keys[slot];
        if (name === DELETED) continue;
        kw.push(keywordName(name as Value), map.values[slot]!);
      }
      continue;
    }
    const iterator = getIter(callMethod(value, 'keys'));
    const ref = new MethodRef();
    for (let name = iterNext(iterator); name !== undefined; name = iterNext(iterator)) {
      keywordName(name);
      loadMethod(value, '__getitem__', ref);
      const item = call(ref.member!, ref.self === undefined ? [name] : [ref.self, name]);
      kw.push(name, item);
    }
  }
  return { args, kw: kw.length === 0 ? null : kw };
}

function keywordName(name: Value): Value {
  if (typeof name !== 'string')
    raiseTypeError(vm.terse ? "can't convert to str implicitly" : `can't convert '${typeOf(name).name}' object to str implicitly`);
  return name;
}
