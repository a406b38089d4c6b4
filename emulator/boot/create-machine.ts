/** Makes the machine that a bench's setup names. */
import { boards } from '../../boards/index.ts';
import { installNativeCode } from '../asm/runtime/loader.ts';
import { checkBoard } from '../board/check-board.ts';
import type { Clock } from '../clock/clock.ts';
import type { ModuleDefinition } from '../modules/extension/definition.ts';
import { guestModule } from '../modules/extension/guest-module.ts';
import type { PosixFiles } from '../storage/posix-files.ts';
import type { Trace } from '../trace/trace.ts';
import { profileOf } from '../vm/profiles.ts';
import { BoardMachine } from './board-machine.ts';
import type { Machine } from './machine.ts';
import type { HostMount, ProcessJob } from './process-job.ts';
import { ProcessMachine } from './process-machine.ts';

installNativeCode();

export interface MachineContext {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly seed: number;
  /** The guest waits until `until` (ns; Infinity: for input or an event). Lets time pass to the next event, and no further. */
  readonly idle: (until: number) => void;
  /** The host's folders that a process sees; undefined: none. */
  readonly files?: (mounts: readonly HostMount[]) => PosixFiles;
  /** Seconds since 1970 at the start of the bench, for processes: boards have clocks of their own. */
  readonly startSeconds?: number;
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
  /** What a process is started for. */
  readonly process?: ProcessJob;
  /** Modules that a project has written for it. */
  readonly modules?: readonly ModuleDefinition[];
}

/** @throws RangeError when there is no such board; BoardDefinitionError when a definition is wrong */
export function createMachine(name: string, setup: MachineSetup, context: MachineContext): Machine {
  const board = typeof setup.board === 'string' ? boards.get(setup.board) : checkBoard(setup.board);
  if (board === undefined) throw new RangeError(`there is no board "${String(setup.board)}"; there are: ${[...boards.keys()].join(', ')}`);
  const profile = profileOf(board);
  const sized = setup.heap === undefined ? profile : { ...profile, heapSize: setup.heap };
  const modules = (setup.modules ?? []).map(guestModule);
  if (board.hardware === undefined) return new ProcessMachine(name, sized, context, setup.program, setup.process, modules);
  return new BoardMachine(name, board, sized, context, setup.program, modules);
}
