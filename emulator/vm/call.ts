/** Calling values (py/runtime.c). Calls between guest functions do not come through here: the interpreter makes their frames itself. */

import { instanceIsCallable, MpInstance } from '../objects/instance.ts';
import { loadMethod } from './attributes.ts';
import { raiseTypeError } from './raise.ts';
import { typeName, typeOf } from './type.ts';
import type { KwArgs, Value } from './value.ts';
import { MethodRef } from './value.ts';
import { vm } from './vm.ts';

/** Calls `fun`. The array of arguments must not be used by the caller afterwards. */
export function call(fun: Value, args: Value[], kw: KwArgs = null): Value {
  const { call: slot } = typeOf(fun);
  if (slot === undefined) raiseNotCallable(fun);
  return slot(fun, args, kw);
}

export const call0 = (fun: Value): Value => call(fun, []);
export const call1 = (fun: Value, a: Value): Value => call(fun, [a]);
export const call2 = (fun: Value, a: Value, b: Value): Value => call(fun, [a, b]);

/** Calls what a lookup found, with its self first if it is a method. */
export function callMethodRef(ref: MethodRef, args: Value[], kw: KwArgs = null): Value {
  return call(ref.member!, ref.self === undefined ? args : [ref.self, ...args], kw);
}

/** `obj.name(*args)`; raises AttributeError when there is no such method. */
export function callMethod(obj: Value, name: string, args: Value[] = [], kw: KwArgs = null): Value {
  const ref = new MethodRef();
  loadMethod(obj, name, ref);
  return callMethodRef(ref, args, kw);
}

export function raiseNotCallable(fun: Value): never {
  raiseTypeError(vm.terse ? 'object not callable' : `'${typeName(fun)}' object isn't callable`);
}

export function isCallable(value: Value): boolean {
  const { call: slot } = typeOf(value);
  return slot !== undefined && (!(value instanceof MpInstance) || instanceIsCallable(value));
}
