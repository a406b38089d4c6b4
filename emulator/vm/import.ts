/** Importing modules (py/builtinimport.c): built in, frozen, from files, packages, relative. */

import { builtinModule } from '../modules/registry.ts';
import { importStat, readImportedFile } from '../modules/vfs/import-files.ts';
import { MpBoundMethod } from '../objects/bound-method.ts';
import { dictStore, MpDict } from '../objects/dict.ts';
import { excTypes } from '../objects/exception.ts';
import { type MpModule, moduleType, newModule } from '../objects/module.ts';
import { nameArgument } from '../objects/name-argument.ts';
import { loadAttrMaybe, loadMethod, loadMethodMaybe, storeAttr } from './attributes.ts';
import { call } from './call.ts';
import type { ModuleCode } from './code.ts';
import { executeModuleCode, loadMpy, loadSource } from './execute.ts';
import type { Frame } from './frame.ts';
import { arrayItems } from './iteration.ts';
import { storeName } from './names.ts';
import { deeper, raise, raiseTypeError, raiseValueError } from './raise.ts';
import { typeOf } from './type.ts';
import type { Value } from './value.ts';
import { MethodRef } from './value.ts';
import { vm } from './vm.ts';

const FROZEN_PREFIX = '.frozen/';

/** Frozen modules of a firmware. Paths are without the `.frozen/` prefix. */
export interface FrozenModules {
  /** Names as help('modules') lists them: paths without `.py`. */
  names?(): readonly string[];
  /** The names that they bring into the ROM, where they are known before the modules are compiled. */
  readonly qstrs?: readonly string[];
  stat(path: string): 'none' | 'file' | 'dir';
  /** Runs the module's code in the given namespace. */
  run(path: string, module: MpModule): void;
  /** The file as a script that is run, not imported: its code, or its text. */
  script(path: string): { readonly code: ModuleCode } | { readonly source: Uint8Array };
}

/** `import name` and `from name import …`: calls `__import__`, which the guest may have replaced. */
export function importName(name: string, fromList: Value, level: Value): Value {
  const args: Value[] = [name, vm.currentGlobals(), null, fromList, level];
  const override = vm.builtinsOverride?.map.get('__import__');
  return override === undefined ? builtinImport(args) : call(override, args);
}

/** The built-in `__import__(name, globals, locals, fromlist, level)`. */
export function builtinImport(args: readonly Value[]): Value {
  let name = nameArgument(args[0]);
  let fromList: Value = null;
  let level = 0;
  if (args.length >= 4) {
    fromList = args[3];
    if (args.length >= 5) {
      level = Number(args[4]);
      if (level < 0) raiseValueError();
    }
  }
  if (level !== 0) {
    let globals: Value = vm.currentGlobals();
    if (args.length >= 2 && args[1] !== null) {
      globals = args[1];
      if (!(globals instanceof MpDict)) raiseTypeError();
    }
    name = absoluteName(name, level, globals as MpDict);
  }
  if (name === '') raiseValueError();
  let top: Value | undefined;
  let outer: Value | undefined;
  let start = 0;
  for (let i = 1; i <= name.length; i++) {
    if (i !== name.length && name[i] !== '.') continue;
    const overrideMain = i === name.length && fromList === false;
    outer = importLevel(name.slice(0, i), name.slice(start, i), outer, overrideMain);
    top ??= outer;
    start = i + 1;
  }
  return fromList !== null ? outer! : top!;
}

/** Resolves a relative import against the importing module's name. */
function absoluteName(name: string, level: number, globals: MpDict): string {
  let current = globals.map.get('__name__');
  if (current === '__main__' && globals.map.has('__main__')) current = globals.map.get('__main__');
  if (typeof current !== 'string') raise(excTypes.KeyError, '__name__');
  let p = current.length;
  if (globals.map.has('__path__')) level--;
  while (level > 0 && p > 0) if (current[--p] === '.') level--;
  if (p === 0) raise(excTypes.ImportError, "can't perform relative import");
  return name === '' ? current.slice(0, p) : `${current.slice(0, p)}.${name}`;
}

function stat(path: string): 'none' | 'file' | 'dir' {
  if (path.startsWith(FROZEN_PREFIX)) return vm.frozen?.stat(path.slice(FROZEN_PREFIX.length)) ?? 'none';
  return importStat(path);
}

/** `.py` comes before `.mpy`. Returns the path that exists. */
function statPyOrMpy(path: string): string | undefined {
  if (stat(path) === 'file') return path;
  const mpy = `${path.slice(0, -2)}mpy`;
  return stat(mpy) === 'file' ? mpy : undefined;
}

interface Found {
  path: string;
  directory: boolean;
}

function statModule(path: string): Found | undefined {
  if (stat(path) === 'dir') return { path, directory: true };
  const file = statPyOrMpy(`${path}.py`);
  return file === undefined ? undefined : { path: file, directory: false };
}

function statTopLevel(name: string): Found | undefined {
  for (const entry of arrayItems(vm.sysPath)) {
    const folder = nameArgument(entry);
    const found = statModule(folder.length > 0 ? `${folder}/${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function importLevel(fullName: string, levelName: string, outer: Value | undefined, overrideMain: boolean): Value {
  if (arrayItems(vm.sysPath).length > 0) {
    const loaded = vm.loadedModules.map.get(fullName);
    if (loaded !== undefined) return loaded;
  }
  let found: Found | undefined;
  if (outer === undefined) {
    const builtin = builtinModule(levelName, false);
    if (builtin !== undefined) return builtin;
    found = statTopLevel(levelName);
    if (found === undefined) {
      const extensible = builtinModule(levelName, true);
      if (extensible !== undefined) return extensible;
    }
  } else {
    if (typeOf(outer) === moduleType && (outer as MpModule).globals.map.fixed) {
      const inner = (outer as MpModule).globals.map.get(levelName);
      if (inner !== undefined && typeOf(inner) === moduleType) return inner;
    }
    const path = loadAttrMaybe(outer, '__path__');
    if (path !== undefined) found = statModule(`${String(path)}/${levelName}`);
  }
  if (found === undefined) raise(excTypes.ImportError, vm.terse ? 'module not found' : `no module named '${fullName}'`);

  const module = newModule(fullName);
  try {
    if (overrideMain && !found.directory) {
      dictStore(module.globals, '__name__', '__main__');
      dictStore(vm.loadedModules, '__main__', module);
      dictStore(module.globals, '__main__', fullName);
    }
    if (found.directory) {
      storeAttr(module, '__path__', found.path);
      const init = statPyOrMpy(`${found.path}/__init__.py`);
      if (init !== undefined) load(module, init);
    } else load(module, found.path);
    if (outer !== undefined) storeAttr(outer, levelName, module);
  } catch (error) {
    vm.loadedModules.map.delete(fullName);
    throw error;
  }
  return module;
}

function load(module: MpModule, path: string): void {
  deeper(() => {
    if (path.startsWith(FROZEN_PREFIX)) {
      vm.frozen!.run(path.slice(FROZEN_PREFIX.length), module);
      return;
    }
    const code = path.endsWith('.mpy') ? loadMpy(readImportedFile(path)) : loadSource(() => readImportedFile(path), path);
    storeAttr(module, '__file__', path);
    executeModuleCode(code, module.globals, module.globals);
  });
}

export function importFrom(module: Value, name: string): Value {
  const ref = new MethodRef();
  loadMethodMaybe(module, name, ref);
  if (ref.member !== undefined) return ref.self === undefined ? ref.member : MpBoundMethod.make(ref.member, ref.self);
  if (loadAttrMaybe(module, '__path__') !== undefined) {
    const packageName = loadAttrMaybe(module, '__name__');
    return importName(`${String(packageName)}.${name}`, true, 0);
  }
  raise(excTypes.ImportError, `can't import name ${name}`);
}

/** `from module import *`. */
export function importAll(module: Value, frame: Frame): void {
  const { map } = (module as MpModule).globals;
  const all = map.get('__all__');
  if (all !== undefined) {
    const ref = new MethodRef();
    for (const name of arrayItems(all)) {
      loadMethod(module, name as string, ref);
      storeName(name as string, ref.member!, frame);
    }
    return;
  }
  for (const [name, value] of [...map.entries()]) {
    if (typeof name === 'string' && !name.startsWith('_')) storeName(name, value, frame);
  }
}
