/** Entries of the function table that only native modules use (natmod: examples/natmod and py/dynruntime.h of MicroPython 1.27.0). */
import type { NativeMachine } from './native-machine.ts';
import type { RuntimeFunction } from './runtime-functions.ts';

export function moduleFunctions(_machine: NativeMachine): RuntimeFunction[] {
  return [];
}
