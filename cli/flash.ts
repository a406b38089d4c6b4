/** `boardspec flash`: installs a firmware file on a virtual board through its bootloader, and keeps the board for the other commands if asked to. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import { isDfu } from '../emulator/firmware/dfuse.ts';
import { SessionError } from '../emulator/session/error.ts';
import type { BoardHandle, Session } from '../emulator/session/handle.ts';
import { createPool } from '../emulator/session/pool.ts';
import { firmwareFrom } from '../targets/bench-file.ts';
import { type BenchOptions, benchOf, withBenchOptions } from './bench-options.ts';
import { CommandFailure } from './failure.ts';

interface FlashOptions extends BenchOptions {
  massErase?: boolean;
  into?: string;
  quiet?: boolean;
}

const MS = 1_000_000;
const BOOT_LIMIT = 30_000 * MS;
/** After this time the firmware has written what its cache of the flash held. */
const SETTLE = 5000 * MS;
/** Parts of an installation between which the progress is shown. */
const PIECES = 20;

const BENCH = 'bench.yaml';
const FIRMWARE = { dfu: 'firmware.dfu', hex: 'firmware.hex' } as const;
const FLASH = 'flash.img';

export function registerFlash(program: Command): void {
  withBenchOptions(
    program
      .command('flash')
      .description('installs a firmware file on a virtual board, through its bootloader as on a real one, and starts it'),
  )
    .argument('<file>', 'what "boardspec firmware" has built: .dfu, or .hex')
    .option(
      '--into <folder>',
      'keep the board there: the next flash goes on with it, and run, repl, serve and test take it with --bench FOLDER/bench.yaml',
    )
    .option('--mass-erase', 'erase the whole chip first, the filesystem too')
    .option('-q, --quiet', 'say nothing but errors')
    .addHelpText(
      'after',
      `
The board is powered on with its DFU pad tied to the supply, so that it comes up in its bootloader. The file is checked first; one that is cut short,
damaged or for another board is refused, and the board keeps its firmware. Then it is written, read back, and started. The files in the board's flash stay.

Without --into this only shows that the board takes the file, and how it starts; nothing is kept.
To use a firmware without installing it: --firmware FILE of run, repl, serve and test.`,
    )
    .action(flash);
}

async function flash(file: string, options: FlashOptions): Promise<void> {
  const bytes = firmwareFrom(file);
  const kept = options.into === undefined ? undefined : join(options.into, BENCH);
  if (options.into !== undefined && kept !== undefined) checkFolder(options.into, kept, options);
  const { setup, name } = benchOf(kept !== undefined && existsSync(kept) ? { ...options, bench: kept } : options);
  const pool = createPool();
  try {
    const session = await pool.open({ ...setup, wallLimit: 600_000 });
    const board = session.boards.get(name)!;
    await enterBootloader(session, board);
    const took = await install(session, board, bytes, options);
    const answer = await firstAnswer(session, board);
    if (options.into !== undefined && kept !== undefined) {
      await session.advance(SETTLE);
      const image = await board.media.image('flash');
      keep(options.into, kept, name, options, bytes, image);
    }
    if (!options.quiet) {
      process.stdout.write(
        `${basename(file)} is installed on ${board.description.board}; that took ${(took / 1e9).toFixed(1)} s of the board's time\n`,
      );
      for (const line of answer) process.stdout.write(`  ${line}\n`);
      if (kept !== undefined) process.stdout.write(`the board is kept in ${kept}: boardspec repl --bench ${kept}\n`);
    }
    await session.close();
  } catch (error) {
    if (error instanceof SessionError) {
      const kept = error.code === 'bad-image' ? '. The board keeps the firmware that it has' : '';
      throw new CommandFailure(`${file}: ${error.message}${kept}`);
    }
    throw error;
  } finally {
    await pool.close();
  }
}

/** A hand ties the DFU pad to the supply while the power comes. */
async function enterBootloader(session: Session, board: BoardHandle): Promise<void> {
  const pad = board.description.bootloaderPad;
  if (pad === undefined) throw new CommandFailure(`${board.description.board} has no bootloader that takes firmware files`);
  await board.holdSwitch(pad, true);
  await board.powerOn();
  await session.advance(10 * MS);
  await board.holdSwitch(pad, false);
}

/** @returns ns that it took */
async function install(session: Session, board: BoardHandle, file: Uint8Array, { massErase, quiet }: FlashOptions): Promise<number> {
  const duration = await board.firmware.begin(file, { massErase });
  const show = !quiet && process.stderr.isTTY === true;
  for (let piece = 1; piece <= PIECES; piece++) {
    const until = Math.round((duration * piece) / PIECES) - Math.round((duration * (piece - 1)) / PIECES);
    await session.advance(until);
    if (show) process.stderr.write(`\r[${'='.repeat(piece)}${' '.repeat(PIECES - piece)}] ${Math.round((100 * piece) / PIECES)} % `);
  }
  if (show) process.stderr.write('\r\x1b[K');
  await board.firmware.finish();
  return duration;
}

/** What the board says once the new firmware runs: up to its prompt, or for as long as its scripts take without one. */
async function firstAnswer(session: Session, board: BoardHandle): Promise<string[]> {
  await session.advanceUntil(
    { kind: 'any', of: [{ kind: 'idle' }, { kind: 'phase', phase: 'soft-reset' }, { kind: 'phase', phase: 'no-firmware' }] },
    BOOT_LIMIT,
  );
  const { phase } = await board.state();
  if (phase === 'no-firmware') throw new CommandFailure('the firmware is written, and does not start');
  const text = new TextDecoder('utf-8').decode(await board.serial().peek());
  return text
    .split(/\r?\n/)
    .map(line => line.trimEnd())
    .filter(line => line !== '' && line !== '>>>');
}

/** A folder is new, empty, or one that this command has made. */
function checkFolder(folder: string, bench: string, options: BenchOptions): void {
  if (options.bench !== undefined) throw new CommandFailure('--into keeps a bench of its own: leave --bench out');
  if (!existsSync(folder)) return;
  if (existsSync(bench)) {
    if (options.flash !== undefined || options.firmware !== undefined || options.sd !== undefined)
      throw new CommandFailure(`${bench} says what the board holds: leave --flash, --sd and --firmware out`);
    return;
  }
  if (readdirSync(folder).length > 0) throw new CommandFailure(`${folder} is not empty, and holds no ${BENCH}: name another folder`);
}

function keep(folder: string, bench: string, name: string, options: FlashOptions, firmware: Uint8Array, flash: Uint8Array): void {
  const fromFolder = (path: string): string => relative(resolve(folder), resolve(path)).replaceAll('\\', '/');
  try {
    mkdirSync(folder, { recursive: true });
    const fileName = isDfu(firmware) ? FIRMWARE.dfu : FIRMWARE.hex;
    writeFileSync(join(folder, fileName), firmware);
    writeFileSync(join(folder, FLASH), flash);
    const document = parseDocument(existsSync(bench) ? readFileSync(bench, 'utf8') : '');
    const entry = document.getIn(['boards', name]);
    if (entry === undefined) {
      const board = options.board ?? 'pyboard-v1.1';
      const sd = options.sd === undefined ? {} : { sd: fromFolder(options.sd) };
      document.setIn(['boards', name], document.createNode({ board: /\.ya?ml$/.test(board) ? fromFolder(board) : board, ...sd }));
    } else if (typeof entry === 'string') document.setIn(['boards', name], document.createNode({ board: entry }));
    document.setIn(['boards', name, 'firmware'], fileName);
    document.setIn(['boards', name, 'flash'], FLASH);
    writeFileSync(bench, document.toString());
  } catch (error) {
    throw new CommandFailure(`cannot keep the board in ${folder}: ${(error as Error).message}`);
  }
}
