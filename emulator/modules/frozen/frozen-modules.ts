/**
 * The Python modules that the official firmwares bring along, frozen: in our own text, compiled when a program first imports them,
 * at the optimisation level of the official ones, and kept for the worker's other machines.
 */
import { compile } from '../../compiler/compile.ts';
import type { CompiledModule } from '../../compiler/rawcode.ts';
import type { MpModule } from '../../objects/module.ts';
import { storeAttr } from '../../vm/attributes.ts';
import { executeModuleCode } from '../../vm/execute.ts';
import type { FrozenModules } from '../../vm/import.ts';
import type { Profile } from '../../vm/profile.ts';
import { STM32_FROZEN_QSTRS } from '../../vm/stm32-qstrs.ts';
import { vm } from '../../vm/vm.ts';
import argparse from './argparse.py';
import asyncioInit from './asyncio/__init__.py';
import asyncioCore from './asyncio/core.py';
import asyncioEvent from './asyncio/event.py';
import asyncioFuncs from './asyncio/funcs.py';
import asyncioLock from './asyncio/lock.py';
import asyncioStream from './asyncio/stream.py';
import dht from './dht.py';
import { romCode } from './firmware-modules.ts';
import lcd160cr from './lcd160cr.py';
import mipInit from './mip/__init__.py';
import mipMain from './mip/__main__.py';
import onewire from './onewire.py';
import requests from './requests/__init__.py';
import ssl from './ssl.py';
import uasyncio from './uasyncio.py';

/** The optimisation level of most of the official ones. */
const NO_LINE_NUMBERS = 3;

/** Texts and optimisation levels by path without `.py`. */
const SOURCES = new Map<string, readonly [text: string, optLevel?: number]>([
  ['argparse', [argparse, 0]],
  ['asyncio/__init__', [asyncioInit]],
  ['asyncio/core', [asyncioCore]],
  ['asyncio/event', [asyncioEvent]],
  ['asyncio/funcs', [asyncioFuncs]],
  ['asyncio/lock', [asyncioLock]],
  ['asyncio/stream', [asyncioStream]],
  ['dht', [dht]],
  ['lcd160cr', [lcd160cr]],
  ['mip/__init__', [mipInit]],
  ['mip/__main__', [mipMain, 0]],
  ['onewire', [onewire]],
  ['requests/__init__', [requests, 0]],
  ['ssl', [ssl]],
  ['uasyncio', [uasyncio]],
]);

/** Compiled for one kind of machine. */
const compiled = new Map<string, CompiledModule>();

function compiledModule(path: string, profile: Profile): CompiledModule {
  const { smallIntBits, float, errorReporting, nativeArch } = profile;
  const key = [path, smallIntBits, float, nativeArch].join(' ');
  let code = compiled.get(key);
  if (code === undefined) {
    const [text, optLevel = NO_LINE_NUMBERS] = SOURCES.get(path)!;
    code = compile(text, {
      fileName: `${path}.py`,
      input: 'file',
      optLevel,
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

/** Our text of a module that official firmwares bring along, and its optimisation level; undefined for one that is not here. `path` is without `.py`. */
export function stockSource(path: string): { text: string; optLevel: number } | undefined {
  const source = SOURCES.get(path);
  return source && { text: source[0], optLevel: source[1] ?? NO_LINE_NUMBERS };
}

/** Paths of all of them. */
export const stockPaths = (): string[] => [...SOURCES.keys()];

const known = new WeakMap<Profile, FrozenModules>();

/** The frozen modules that a profile names, as far as there are any. */
export function frozenModules(profile: Profile): FrozenModules {
  let modules = known.get(profile);
  if (modules === undefined) known.set(profile, (modules = find(profile)));
  return modules;
}

function find(profile: Profile): FrozenModules {
  const paths = new Set(profile.frozenModules.filter(path => SOURCES.has(path)));
  const codeOf = (path: string) => romCode(compiledModule(path.slice(0, -3), vm.profile));
  return {
    ...(profile.platform === 'pyboard' ? { qstrs: STM32_FROZEN_QSTRS } : {}),
    stat(path) {
      if (path.endsWith('.py') && paths.has(path.slice(0, -3))) return 'file';
      return paths.has(`${path}/__init__`) ? 'dir' : 'none';
    },
    run(path, module: MpModule) {
      storeAttr(module, '__file__', path);
      executeModuleCode(codeOf(path), module.globals, module.globals);
    },
    script: path => ({ code: codeOf(path) }),
  };
}
