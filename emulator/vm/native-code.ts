/** Functions whose code is machine code. The assembler and its cores stand above the virtual machine and register themselves here. */
import type { NativeBackend } from '../compiler/emitter.ts';
import type { RawCode } from '../compiler/rawcode.ts';
import type { MpDict } from '../objects/dict.ts';
import type { ModuleCode } from './code.ts';
import { raiseNotImplemented } from './raise.ts';
import type { Value } from './value.ts';

export interface NativeLoader {
  /** The emitters of machine code for an architecture; undefined where there are none. */
  backend(arch: number): NativeBackend | undefined;
  /** Makes a callable of a raw code with machine code. Raises the guest's exceptions. */
  makeFunction(raw: RawCode, module: ModuleCode, globals: MpDict, defaults: readonly Value[], kwDefaults: MpDict | undefined): Value;
  /** Runs a module's machine code with the given namespace as the current globals. */
  runModule(raw: RawCode, module: ModuleCode, globals: MpDict): Value;
}

/** The loader for boards that can run machine code; undefined where nothing can. */
export const nativeLoader: { current: NativeLoader | undefined } = { current: undefined };

export function nativeFunction(
  raw: RawCode,
  module: ModuleCode,
  globals: MpDict,
  defaults: readonly Value[],
  kwDefaults: MpDict | undefined,
): Value {
  return loader().makeFunction(raw, module, globals, defaults, kwDefaults);
}

export function runNativeModule(raw: RawCode, module: ModuleCode, globals: MpDict): Value {
  return loader().runModule(raw, module, globals);
}

function loader(): NativeLoader {
  return nativeLoader.current ?? raiseNotImplemented('machine code cannot run on this board');
}
