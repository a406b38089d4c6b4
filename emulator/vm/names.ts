/** Names: locals of modules and class bodies, globals, builtins (py/runtime.c). */

import { builtinsMap } from '../modules/builtins.ts';
import { dictDelete, dictStore, type MpDict } from '../objects/dict.ts';
import { excTypes } from '../objects/exception.ts';
import type { Frame } from './frame.ts';
import { raise } from './raise.ts';
import type { Value } from './value.ts';
import { vm } from './vm.ts';

/** A name in module or class code: locals, then globals, then builtins. */
export function loadName(name: string, frame: Frame): Value {
  const { locals } = vm;
  if (locals !== frame.globals) {
    const value = locals.map.get(name);
    if (value !== undefined) return value;
  }
  return loadGlobal(frame.globals, name);
}

/** A global or built-in name's value; undefined when there is none. */
export function findGlobal(globals: MpDict, name: string): Value | undefined {
  // None is a value too, so absence is tested for by undefined alone.
  let value = globals.map.get(name);
  if (value === undefined) value = vm.builtinsOverride?.map.get(name);
  if (value === undefined) value = builtinsMap().get(name);
  return value;
}

export function loadGlobal(globals: MpDict, name: string): Value {
  const value = findGlobal(globals, name);
  if (value === undefined) raiseNoName(name);
  return value;
}

export function raiseNoName(name: string): never {
  raise(excTypes.NameError, vm.terse ? 'name not defined' : `name '${name}' isn't defined`);
}

export function buildClassFunction(): Value {
  return vm.builtinsOverride?.map.get('__build_class__') ?? builtinsMap().get('__build_class__')!;
}

export function storeName(name: string, value: Value, _frame: Frame): void {
  dictStore(vm.locals, name, value);
}

export function deleteName(name: string, _frame: Frame): void {
  dictDelete(vm.locals, name);
}

export function storeGlobal(globals: MpDict, name: string, value: Value): void {
  dictStore(globals, name, value);
}

export function deleteGlobal(globals: MpDict, name: string): void {
  dictDelete(globals, name);
}
