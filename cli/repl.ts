/** `boardspec repl`: the board's serial port on this terminal, or as raw bytes on stdin and stdout. */
import { type Command, Option } from 'commander';
import { SessionError } from '../emulator/session/error.ts';
import { createPool } from '../emulator/session/pool.ts';
import { type BenchOptions, benchOf, withBenchOptions } from './bench-options.ts';
import { CommandFailure } from './failure.ts';
import { writer } from './output.ts';

interface ReplOptions extends BenchOptions {
  stdio?: boolean;
  time?: 'real' | 'fast';
}

/** Ctrl-] ends an interactive session, as terminals' users expect. */
const LEAVE = 0x1d;

export function registerRepl(program: Command): void {
  withBenchOptions(program.command('repl').description('an interactive session with a fresh board (Ctrl-] leaves)'))
    .option('--stdio', "the board's serial port on stdin and stdout: raw bytes, no echo or editing of its own")
    .addOption(new Option('--time <pace>', 'virtual time follows real time, or runs ahead').choices(['real', 'fast']))
    .action(repl);
}

async function repl(options: ReplOptions): Promise<void> {
  const pool = createPool();
  const terminal = !options.stdio && process.stdin.isTTY;
  try {
    const { setup, name } = benchOf(options);
    const session = await pool.open({ ...setup, wallLimit: Infinity });
    const board = session.boards.get(name)!;
    const { compiler } = board.description;
    if (compiler === false && terminal)
      process.stderr.write('This firmware has no compiler, and so no prompt: what its scripts print is all there is (Ctrl-] leaves).\r\n');
    const serial = board.serial();
    serial.onData(writer(process.stdout));
    session.focus(name);
    for (const each of session.boards.values()) await each.powerOn();
    // A terminal loses its port when the board goes to its bootloader, as on a real one.
    const until = terminal ? ({ kind: 'phase', board: name, phase: 'bootloader' } as const) : undefined;
    const running = session.run({ pace: options.time ?? (options.stdio ? 'fast' : 'real'), until });
    await new Promise<void>((resolve, reject) => {
      running.ended.then(() => resolve(), reject);
      if (terminal) process.stdin.setRawMode(true);
      process.stdin.on('data', (data: Buffer) => {
        if (terminal) {
          const end = data.indexOf(LEAVE);
          if (end >= 0) {
            resolve();
            return;
          }
        }
        void serial.write(data).catch(reject);
      });
      process.stdin.on('end', () => resolve());
      process.once('SIGTERM', () => resolve());
      process.once('SIGINT', () => resolve());
    });
    running.stop();
    if ((await running.ended).reason === 'met')
      process.stderr.write('\r\nThe board is in its bootloader, and its serial port is gone; boardspec flash installs a firmware.\r\n');
    // What was sent before the end of input is still answered.
    if (!terminal && compiler !== false)
      await session.advanceUntil(
        {
          kind: 'any',
          of: [
            { kind: 'idle', board: name },
            { kind: 'activity', board: name, activity: ['off', 'halted'] },
          ],
        },
        3600e9,
        {
          wallLimit: 60_000,
        },
      );
    await session.close();
  } catch (error) {
    if (error instanceof SessionError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    if (terminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    // Not all listeners: Node's own one stops the reading, and lets the process end.
    for (const event of ['data', 'end']) process.stdin.removeAllListeners(event);
    await pool.close();
  }
}
