/**
 * The modules of a firmware that somebody has built: compiled ones run where they lie, in ROM; texts are compiled when they are imported
 * (py/frozenmod.c, do_load in py/builtinimport.c).
 */
import type { CompiledModule } from '../../compiler/rawcode.ts';
import type { Firmware, FrozenFile } from '../../firmware/firmware-image.ts';
import { storeAttr } from '../../vm/attributes.ts';
import { ModuleCode } from '../../vm/code.ts';
import { executeModuleCode, loadSource, readCompiled } from '../../vm/execute.ts';
import type { FrozenModules } from '../../vm/import.ts';
import { vm } from '../../vm/vm.ts';

/** Texts come first in a firmware, whatever their names. */
export const inSearchOrder = (files: readonly FrozenFile[]): FrozenFile[] => [
  ...files.filter(({ kind }) => kind === 'str'),
  ...files.filter(({ kind }) => kind === 'mpy'),
];

/** @param compiled what was read of it before, by path: a machine and its resets share it */
export function firmwareModules(firmware: Firmware, compiled = new Map<string, CompiledModule>()): FrozenModules {
  const files = inSearchOrder(firmware.frozen);

  const codeOf = (file: FrozenFile): ModuleCode => {
    let module = compiled.get(file.path);
    if (module === undefined) compiled.set(file.path, (module = readCompiled(file.data)));
    return romCode(module);
  };

  /** What `path` names first; a folder is whatever lies above a file. */
  const find = (path: string): FrozenFile | 'dir' | undefined => {
    for (const file of files) {
      if (file.path === path) return file;
      if (file.path.startsWith(`${path}/`)) return 'dir';
    }
    return undefined;
  };

  return {
    names: () => files.map(({ path }) => path.slice(0, -3)),
    stat(path) {
      const found = find(path);
      return found === undefined ? 'none' : found === 'dir' ? 'dir' : 'file';
    },
    run(path, module) {
      const file = find(path) as FrozenFile;
      if (file.kind === 'str') {
        const code = loadSource(() => file.data, path);
        storeAttr(module, '__file__', path);
        executeModuleCode(code, module.globals, module.globals);
        return;
      }
      storeAttr(module, '__file__', path);
      executeModuleCode(codeOf(file), module.globals, module.globals);
    },
    script(path) {
      const file = find(path) as FrozenFile;
      return file.kind === 'str' ? { source: file.data } : { code: codeOf(file) };
    },
  };
}

/** Code that lies in ROM, with its names and constants: it takes no heap. */
export function romCode(module: CompiledModule): ModuleCode {
  for (const name of [...module.qstrs, ...(module.interned ?? [])]) vm.romStrings.add(name);
  return new ModuleCode(module, true);
}
