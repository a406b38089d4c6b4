/** Subscription: `x[i]`, `x[i] = v`, `del x[i]` (py/obj.c). */
import { raiseTypeError } from './raise.ts';
import { typeName, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { vm } from './vm.ts';

export function getItem(base: Value, index: Value): Value {
  const result = typeOf(base).getItem?.(base, index);
  if (result !== undefined) return result;
  raiseTypeError(vm.terse ? 'object not subscriptable' : `'${typeName(base)}' object isn't subscriptable`);
}

/** Stores an item, or deletes it when `value` is undefined. */
export function setItem(base: Value, index: Value, value: Value | undefined): void {
  if (typeOf(base).setItem?.(base, index, value)) return;
  if (value === undefined) {
    raiseTypeError(vm.terse ? "object doesn't support item deletion" : `'${typeName(base)}' object doesn't support item deletion`);
  }
  raiseTypeError(vm.terse ? "object doesn't support item assignment" : `'${typeName(base)}' object doesn't support item assignment`);
}
