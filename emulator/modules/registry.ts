/** The built-in modules of a board: which there are, which can be extended by a file, and their instances (py/objmodule.c). */
import { MpDict } from '../objects/dict.ts';
import { MpMap } from '../objects/map.ts';
import { MpModule } from '../objects/module.ts';
import { call0 } from '../vm/call.ts';
import type { Locals } from '../vm/type.ts';
import type { Vm } from '../vm/vm.ts';
import { vm } from '../vm/vm.ts';
import { languageModules } from './language-modules.ts';
import type { ModuleDef } from './module-def.ts';

const KEY = Symbol('module definitions');

/** Definitions by name, of the running machine: the language's that its profile names, and those it was given. */
function definitions(machine: Vm): Map<string, ModuleDef> {
  return machine.stateOf(KEY, () => {
    const names = new Set(machine.profile.modules);
    return new Map(
      languageModules(machine.profile)
        .filter(def => names.has(def.name))
        .map(def => [def.name, def]),
    );
  });
}

/** Gives a machine a module of its own: those of its hardware, and those that a user of the framework writes for a board. Replaces one of the same name. */
export function addModule(machine: Vm, def: ModuleDef): void {
  definitions(machine).set(def.name, def);
}

/** The definitions of all modules that the running machine has built in. */
export function builtinDefinitions(): Iterable<ModuleDef> {
  return definitions(vm).values();
}

/** Names of all built-in modules, in order of the alphabet. */
export function builtinModuleNames(): string[] {
  return [...definitions(vm).keys()].sort();
}

/**
 * The built-in module that `import name` finds at this point of the search, or undefined. First those that files cannot replace
 * are asked for (`extensible` false), together with the aliases of the others: `uos` is always the built-in `os`. When no
 * file is found either, the extensible ones are.
 */
export function builtinModule(name: string, extensible: boolean): MpModule | undefined {
  const defs = definitions(vm);
  const def = defs.get(name);
  if (def !== undefined && def.extensible === extensible) return instance(def);
  if (extensible) return undefined;
  if (!name.startsWith('u')) return undefined;
  const aliased = defs.get(name.slice(1));
  return aliased !== undefined && (aliased.extensible || aliased.name === 'sys') ? instance(aliased) : undefined;
}

/** A module's names. What is made for them lies in the device's ROM: it takes no heap. */
export function romNames(def: ModuleDef): Locals {
  const { used } = vm.heap;
  try {
    return def.names();
  } finally {
    vm.heap.used = used;
  }
}

/** The running machine's instance of a module: made when it is first asked for. */
function instance(def: ModuleDef): MpModule {
  let module = vm.builtinModules.get(def.name);
  if (module === undefined) {
    module = new MpModule(new MpDict(MpMap.fixedFrom([['__name__', def.name], ...romNames(def)])));
    vm.builtinModules.set(def.name, module);
    def.setUp?.(module);
  }
  // A module's own `__init__` runs each time it is found here: `random` seeds itself there.
  const init = module.globals.map.get('__init__');
  if (init !== undefined) call0(init);
  return module;
}
