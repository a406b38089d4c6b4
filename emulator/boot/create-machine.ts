/** Makes the machine that a bench's setup names. */
import { installNativeCode } from '../asm/runtime/loader.ts';
import type { Clock } from '../clock/clock.ts';
import type { Trace } from '../trace/trace.ts';
import { profileNamed } from '../vm/profiles.ts';
import type { Machine } from './machine.ts';
import { ProcessMachine } from './process-machine.ts';

installNativeCode();

export interface MachineContext {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly seed: number;
  /** The guest waits until `until` (ns; Infinity: for input or an event). Lets time pass to the next event, and no further. */
  readonly idle: (until: number) => void;
}

/** A program that a machine runs instead of its own scripts and its prompt. */
export interface Program {
  readonly source: Uint8Array;
  /** Name for tracebacks. */
  readonly fileName: string;
}

export interface MachineSetup {
  /** Runs this instead of what the machine would run by itself, and then ends. Output is as printed, with `\n` line ends. */
  readonly program?: Program;
  readonly board: string | object;
  /** Bytes of guest heap. */
  readonly heap?: number;
  readonly terminal?: boolean;
}

/** @throws RangeError when there is no such board */
export function createMachine(name: string, setup: MachineSetup, context: MachineContext): Machine {
  const profile = typeof setup.board === 'string' ? profileNamed(setup.board) : undefined;
  if (profile === undefined) throw new RangeError(`no board "${String(setup.board)}"`);
  return new ProcessMachine(name, setup.heap === undefined ? profile : { ...profile, heapSize: setup.heap }, context, setup.program);
}
