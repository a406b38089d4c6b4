/** Modules (py/objmodule.c). */
import { loadAttrMaybe } from '../vm/attributes.ts';
import { call1 } from '../vm/call.ts';
import { MpType } from '../vm/type.ts';
import type { MethodRef, Printer, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { type MpDict, newDict } from './dict.ts';

export const moduleType = new MpType('module', {
  print(out: Printer, self: MpModule) {
    const name = self.globals.map.get('__name__');
    const file = self.globals.map.get('__file__');
    out.write(typeof file === 'string' ? `<module '${name}' from '${file}'>` : `<module '${name}'>`);
  },
  loadAttr(self: MpModule, name: string, dest: MethodRef): boolean {
    let value = self.globals.map.get(name);
    if (value === undefined) {
      if (name === '__dict__') value = self.globals;
      else if (name !== '__getattr__') {
        const getattr = self.globals.map.get('__getattr__');
        if (getattr !== undefined) {
          value = call1(getattr, name);
        } else value = self.delegate?.load(name);
      }
    }
    dest.self = undefined;
    dest.member = value;
    return true;
  },
  storeAttr(self: MpModule, name: string, value: Value | undefined): boolean {
    let { map } = self.globals;
    if (map.fixed) {
      if (self.delegate?.store(name, value)) return true;
      if (self.isBuiltins) {
        vm.builtinsOverride ??= newDict();
        map = vm.builtinsOverride.map;
      } else return false;
    }
    if (value === undefined) return map.delete(name) !== undefined;
    map.set(name, value);
    return true;
  },
});

/** Attributes that a built-in module keeps outside its fixed namespace (sys.path, sys.ps1). */
export interface ModuleDelegate {
  /** The value, or undefined when there is no such attribute. */
  load(name: string): Value | undefined;
  /** Stores, or deletes when `value` is undefined; false when there is no such attribute. */
  store(name: string, value: Value | undefined): boolean;
}

export class MpModule extends MpObj {
  delegate: ModuleDelegate | undefined = undefined;
  /** The module `builtins`: names stored into it go to a namespace of their own. */
  isBuiltins = false;
  constructor(readonly globals: MpDict) {
    super(moduleType);
  }
}

/** A new, empty module, entered in sys.modules. */
export function newModule(name: string): MpModule {
  vm.heap.alloc(2 * vm.wordSize);
  const globals = newDict(1);
  globals.map.set('__name__', name);
  const module = new MpModule(globals);
  vm.loadedModules.map.set(name, module);
  return module;
}

export function moduleName(module: Value): string {
  const name = loadAttrMaybe(module, '__name__');
  return typeof name === 'string' ? name : '';
}
