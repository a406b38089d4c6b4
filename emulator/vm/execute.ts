/** Running source text and compiled files: what import, exec, eval, the REPL and the command line stand on. */
import { compile } from '../compiler/compile.ts';
import { MpyError, readMpy } from '../compiler/mpy.ts';
import { CodeKind, type CompiledModule, CompileError, type CompileOptions } from '../compiler/rawcode.ts';
import { newFunction } from '../objects/bytecode-function.ts';
import type { MpDict } from '../objects/dict.ts';
import { addTraceback, excTypes, newException } from '../objects/exception.ts';
import { call0 } from './call.ts';
import { BadBytecode, CodeObject, ModuleCode } from './code.ts';
import { COMPILE_CYCLES_PER_BYTE } from './cost.ts';
import { foldedConstants } from './folded-constants.ts';
import { isInterned } from './interning.ts';
import { nativeLoader, runNativeModule } from './native-code.ts';
import { stdout } from './printing.ts';
import { Raise, raise, raiseValueError } from './raise.ts';
import { showBytecode } from './show-bytecode.ts';
import type { Value } from './value.ts';
import { hot, vm } from './vm.ts';

export type InputKind = CompileOptions['input'];

const NO_COMPILER = 'script compilation not supported';

/** Compiles source text for the running board. Raises the guest's SyntaxError and its kin, and RuntimeError where there is no compiler. */
export function compileSource(source: string | Uint8Array, fileName: string, input: InputKind): ModuleCode {
  const { profile } = vm;
  if (!profile.features.has('compiler')) raise(excTypes.RuntimeError, NO_COMPILER);
  hot.budget -= source.length * COMPILE_CYCLES_PER_BYTE;
  const backend = nativeLoader.current?.backend(profile.nativeArch);
  const options = {
    fileName,
    input,
    optLevel: vm.optLevel,
    smallIntBits: profile.smallIntBits,
    float: profile.float,
    longDoubleBits: profile.longDoubleBits,
    errorReporting: profile.errorReporting,
    defaultEmit: vm.defaultEmit,
    nativeArch: profile.nativeArch,
    ...(backend === undefined ? {} : { nativeBackend: backend }),
    isInterned,
    moduleConstants: foldedConstants,
    orderedDictLiteral: profile.modules.includes('collections'),
  } satisfies Partial<CompileOptions>;
  const attempt = (): CompiledModule => compile(source, { ...options, memoryLimit: vm.heap.available });
  let compiled: CompiledModule;
  try {
    try {
      compiled = attempt();
    } catch (error) {
      if (!(error instanceof CompileError) || error.type !== 'MemoryError' || !vm.heap.enabled) throw error;
      vm.heap.collect();
      compiled = attempt();
    }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const exception = newException(excTypes[error.type], error.message === '' ? [] : [error.message]);
    if (error.line > 0 || error.block !== null) addTraceback(exception, error.fileName, error.line, error.block);
    throw new Raise(exception);
  }
  const code = new ModuleCode(compiled);
  if (vm.verbosity >= 2) showBytecode(code, stdout);
  return code;
}

/** A module's text. Raises ImportError where there is no compiler. */
export function loadSource(read: () => Uint8Array, path: string): ModuleCode {
  if (!vm.feature('compiler')) raise(excTypes.ImportError, NO_COMPILER);
  return compileSource(read(), path, 'file');
}

/** Reads a `.mpy` file. Raises ValueError when it is not one that this board can run. */
export function loadMpy(data: Uint8Array): ModuleCode {
  return orIncompatible(() => new ModuleCode(readForBoard(data)));
}

/** The code in a `.mpy` file, for one that does not go on the heap. Raises as `loadMpy`. */
export function readCompiled(data: Uint8Array): CompiledModule {
  return orIncompatible(() => readForBoard(data));
}

function readForBoard(data: Uint8Array): CompiledModule {
  const { smallIntBits, nativeArch: arch, float, longDoubleBits } = vm.profile;
  const compiled = readMpy(data, { smallIntBits, arch, float, longDoubleBits });
  vm.hasForeignCode = true;
  return compiled;
}

function orIncompatible<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MpyError || error instanceof BadBytecode) raiseValueError(error.message || 'incompatible .mpy file');
    throw error;
  }
}

/** Runs a module's code with the given namespaces; returns its value (that of an expression compiled with 'eval'). */
export function executeModuleCode(code: ModuleCode, globals: MpDict, locals: MpDict): Value {
  const savedLocals = vm.locals;
  const savedGlobals = vm.globals;
  vm.locals = locals;
  try {
    const { root } = code.compiled;
    if (root.kind !== CodeKind.Bytecode) return runNativeModule(root, code, globals);
    let main: CodeObject;
    try {
      main = new CodeObject(root, code);
    } catch (error) {
      if (error instanceof BadBytecode) raiseValueError('incompatible .mpy file');
      throw error;
    }
    return call0(newFunction(main, globals, [], undefined));
  } finally {
    vm.locals = savedLocals;
    vm.globals = savedGlobals;
  }
}

/** Compiles and runs source text in `__main__`. */
export function runSource(source: string | Uint8Array, fileName: string, input: InputKind): Value {
  return executeModuleCode(compileSource(source, fileName, input), vm.main.globals, vm.main.globals);
}
