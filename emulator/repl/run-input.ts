/** Compiles and runs what came in, and reports how it ended (shared/runtime/pyexec.c). */
import { exceptionValue, excTypes, printException } from '../objects/exception.ts';
import type { ModuleCode } from '../vm/code.ts';
import { compileSource, executeModuleCode } from '../vm/execute.ts';
import { drainStdout, stdout, str } from '../vm/printing.ts';
import { Raise } from '../vm/raise.ts';
import { handlePending } from '../vm/scheduler.ts';
import { isSubclass, typeOf } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { hot, vm } from '../vm/vm.ts';
import { Key, send } from './console.ts';

export interface Outcome {
  /** `exit`: the guest raised SystemExit. */
  readonly ended: 'normal' | 'exception' | 'exit';
  /** Exit status, for ports that have one. */
  readonly status: number;
  readonly exception?: Value;
}

export interface RunOptions {
  /** Ends output and error output with an EOT byte each, as the raw REPL does. */
  readonly printEof?: boolean;
  /** Compiles, and runs nothing (-X compile-only). */
  readonly compileOnly?: boolean;
  /** Ctrl-C does not interrupt. */
  readonly noInterrupt?: boolean;
  readonly repl?: boolean;
  readonly onStart?: () => void;
}

/** Source to compile, given or read on demand (raw-paste mode, files); or code that is compiled already. */
export type Source = Uint8Array | (() => Uint8Array) | { readonly code: () => ModuleCode };

export function runInput(source: Source, input: 'file' | 'single', fileName: string, options: RunOptions = {}): Outcome {
  let outcome: Outcome = { ended: 'normal', status: 0 };
  try {
    let code: ModuleCode;
    if ('code' in source) code = source.code();
    else {
      const text = typeof source === 'function' && vm.feature('compiler') ? source() : (source as Uint8Array);
      if (input === 'file' && vm.feature('moduleFile') && vm.feature('compiler')) vm.main.globals.map.set('__file__', fileName);
      code = compileSource(text, fileName, input);
    }
    options.onStart?.();
    if (options.noInterrupt !== true) vm.interruptChar = Key.CtrlC;
    if (options.compileOnly !== true) executeModuleCode(code, vm.main.globals, vm.main.globals);
    vm.interruptChar = -1;
    while (hot.pending) handlePending();
    if (options.printEof) send('\x04');
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    vm.interruptChar = -1;
    vm.pendingException = undefined;
    if (options.printEof) send('\x04');
    outcome = report(error.exception);
  }
  if (options.printEof) send('\x04');
  return outcome;
}

function report(exception: Value): Outcome {
  if (isSubclass(typeOf(exception), excTypes.SystemExit)) {
    const value = exceptionValue(exception);
    if (value === null) return { ended: 'exit', status: 0, exception };
    if (typeof value === 'number' || typeof value === 'bigint')
      return { ended: 'exit', status: Number(BigInt.asUintN(8, BigInt(value))), exception };
    if (vm.feature('exitCodes')) {
      drainStdout();
      vm.port.writeStderr(`${str(value)}\n`);
    }
    return { ended: 'exit', status: 1, exception };
  }
  printException(stdout, exception);
  return { ended: 'exception', status: isSubclass(typeOf(exception), excTypes.KeyboardInterrupt) ? 130 : 1, exception };
}
