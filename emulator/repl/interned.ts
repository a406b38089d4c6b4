/**
 * The names a completion is chosen from. The reference walks all its qstrs: the static ones, then those of the firmware in
 * alphabetical order, then what the program has interned, oldest first. Here every name that an object or module has counts
 * as interned; those of guest code come last.
 */
import { STATIC_QSTRS } from '../compiler/known-qstrs.ts';
import { builtinsMap } from '../modules/builtins.ts';
import { builtinModuleNames } from '../modules/registry.ts';
import { MpInstance } from '../objects/instance.ts';
import { MpModule } from '../objects/module.ts';
import { MpType, typeOf } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

/** Names that start with `prefix`, in the reference's order. */
export function internedNames(prefix: string): string[] {
  const firmware = new Set<string>(builtinModuleNames());
  const guest = new Set<string>();
  const seen = new Set<Value>();
  const visit = (value: Value | undefined): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    const maps = [];
    if (value instanceof MpModule) maps.push(value.globals.map);
    else if (value instanceof MpType) {
      if (value.locals !== null) maps.push(value.locals);
    } else if (value instanceof MpInstance) maps.push(value.members);
    for (const map of maps) {
      const into = map.fixed ? firmware : guest;
      for (const [name, item] of map.entries()) {
        if (typeof name === 'string') into.add(name);
        if (item instanceof MpModule || item instanceof MpType) visit(item);
        else if (item instanceof MpInstance) {
          visit(item);
          visit(item.type);
        } else if (typeof item === 'object' && item !== null) visit(typeOf(item));
        else if (typeof item === 'string') visitType('str');
      }
    }
  };
  const visitType = (name: string): void => visit(builtinsMap().get(name));
  for (const [name, value] of builtinsMap().entries()) {
    firmware.add(name as string);
    visit(value);
  }
  for (const module of vm.builtinModules.values()) visit(module);
  visit(vm.main);
  for (const [, module] of vm.loadedModules.map.entries()) visit(module);

  const order: string[] = [];
  const taken = new Set<string>();
  const take = (name: string) => {
    if (taken.has(name) || !name.startsWith(prefix)) return;
    taken.add(name);
    order.push(name);
  };
  const statics = new Set(STATIC_QSTRS);
  for (const name of STATIC_QSTRS) if (firmware.has(name) || guest.has(name)) take(name);
  for (const name of [...firmware].sort((a, b) => (a < b ? -1 : 1))) if (!statics.has(name)) take(name);
  for (const name of guest) take(name);
  return order;
}
