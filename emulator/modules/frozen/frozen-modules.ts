/**
 * The Python modules that the official firmwares bring along, frozen: in our own text, compiled when a program first imports them,
 * at the optimisation level of the official ones (no line numbers, no assertions), and kept for the worker's other machines.
 */
import { compile } from '../../compiler/compile.ts';
import type { CompiledModule } from '../../compiler/rawcode.ts';
import type { MpModule } from '../../objects/module.ts';
import { storeAttr } from '../../vm/attributes.ts';
import { ModuleCode } from '../../vm/code.ts';
import { executeModuleCode } from '../../vm/execute.ts';
import type { FrozenModules } from '../../vm/import.ts';
import type { Profile } from '../../vm/profile.ts';
import { vm } from '../../vm/vm.ts';
import asyncioInit from './asyncio/__init__.py';
import asyncioCore from './asyncio/core.py';
import asyncioEvent from './asyncio/event.py';
import asyncioFuncs from './asyncio/funcs.py';
import asyncioLock from './asyncio/lock.py';
import asyncioStream from './asyncio/stream.py';
import uasyncio from './uasyncio.py';

/** Texts by path without `.py`. */
const SOURCES = new Map<string, string>([
  ['asyncio/__init__', asyncioInit],
  ['asyncio/core', asyncioCore],
  ['asyncio/event', asyncioEvent],
  ['asyncio/funcs', asyncioFuncs],
  ['asyncio/lock', asyncioLock],
  ['asyncio/stream', asyncioStream],
  ['uasyncio', uasyncio],
]);

const OPT_LEVEL = 3;

/** Compiled for one kind of machine. */
const compiled = new Map<string, CompiledModule>();

function compiledModule(path: string, profile: Profile): CompiledModule {
  const { smallIntBits, float, errorReporting, nativeArch } = profile;
  const key = [path, smallIntBits, float, nativeArch].join(' ');
  let code = compiled.get(key);
  if (code === undefined) {
    code = compile(SOURCES.get(path)!, {
      fileName: `${path}.py`,
      input: 'file',
      optLevel: OPT_LEVEL,
      smallIntBits,
      float,
      errorReporting,
      defaultEmit: 'bytecode',
      nativeArch,
    });
    compiled.set(key, code);
  }
  return code;
}

/** The frozen modules that a profile names, as far as there are any. */
export function frozenModules(profile: Profile): FrozenModules {
  const paths = new Set(profile.frozenModules.filter(path => SOURCES.has(path)));
  return {
    stat(path) {
      if (path.endsWith('.py') && paths.has(path.slice(0, -3))) return 'file';
      return paths.has(`${path}/__init__`) ? 'dir' : 'none';
    },
    run(path, module: MpModule) {
      storeAttr(module, '__file__', path);
      executeModuleCode(new ModuleCode(compiledModule(path.slice(0, -3), vm.profile)), module.globals, module.globals);
    },
  };
}
