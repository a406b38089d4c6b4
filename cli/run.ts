/** `boardspec run`: a program on a fresh board, to its end, in virtual time. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { SessionError } from '../emulator/session/error.ts';
import type { BoardState, Condition } from '../emulator/session/handle.ts';
import { createPool } from '../emulator/session/pool.ts';
import { type BenchOptions, benchOf, withBenchOptions } from './bench-options.ts';
import { CommandFailure } from './failure.ts';
import { writer } from './output.ts';

interface RunOptions extends BenchOptions {
  heap?: number;
  command?: string;
  wallLimit: number;
}

/** Virtual time that a program may take: longer than any that ends. */
const FOREVER = 1e15;

function bytes(text: string): number {
  const match = /^(\d+)([kKmM]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('a size is a number of bytes, with K or M behind it if you like');
  return Number(match[1]) * ({ k: 1024, m: 1024 * 1024 }[match[2].toLowerCase()] ?? 1);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number of seconds above 0');
  return value;
}

/** Why a program has no exit code. */
function unfinished({ hardFault, phase }: BoardState): string {
  if (hardFault !== undefined) {
    const { where, cause } = hardFault;
    return `hard fault${where === undefined ? '' : ` at ${where}`}: ${cause}`;
  }
  if (phase === 'bootloader') return 'the program has not ended: the board waits in its bootloader';
  if (phase === 'no-firmware') return 'the board has no firmware that could run the program';
  return 'the program has not ended: the board has lost its power';
}

export function registerRun(program: Command): void {
  withBenchOptions(
    program
      .command('run')
      .description(
        "runs a program on a fresh board, without the board's own scripts, and ends with its exit code; a hard fault ends it too, as an error",
      ),
  )
    .argument('[file]', 'the program; - reads it from standard input')
    .option('-c, --command <code>', 'run this text instead of a file')
    .option('--heap <size>', 'bytes of heap, instead of what the board has', bytes)
    .option('--wall-limit <seconds>', 'host time it may take', seconds, 3600)
    .action(run);
}

async function run(file: string | undefined, options: RunOptions): Promise<void> {
  if ((file === undefined) === (options.command === undefined)) throw new CommandFailure('name a file to run, or give its text with -c');
  let source: Uint8Array;
  try {
    source = options.command !== undefined ? new TextEncoder().encode(options.command) : readFileSync(file === '-' ? 0 : file!);
  } catch (error) {
    throw new CommandFailure(`cannot read ${file}: ${(error as Error).message}`);
  }
  const fileName = options.command !== undefined || file === '-' ? '<stdin>' : file!;
  const pool = createPool();
  try {
    const heap = options.heap === undefined ? {} : { heap: options.heap };
    const { setup, name } = benchOf(options, { ...heap, program: { source, fileName } });
    const session = await pool.open({ ...setup, wallLimit: options.wallLimit * 1000 });
    const board = session.boards.get(name)!;
    board.serial().onData(writer(process.stdout));
    session.focus(name);
    for (const each of session.boards.values()) await each.powerOn();
    const ended: Condition = { kind: 'activity', board: name, activity: ['off', 'halted'] };
    // The board would start again after a hard fault, and with it the program, without end.
    await session.advanceUntil({ kind: 'any', of: [ended, { kind: 'hard-fault', board: name }] }, FOREVER);
    const status = await board.exitStatus();
    if (status === undefined) throw new CommandFailure(unfinished(await board.state()));
    process.exitCode = status;
    await session.close();
  } catch (error) {
    if (error instanceof SessionError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    await pool.close();
  }
}
