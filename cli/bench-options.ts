/** The options by which `run`, `repl` and `serve` say what is on the bench. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { BenchSetup, BoardSetup } from '../emulator/session/handle.ts';
import { boardFrom, firmwareFrom, mediumFrom, readBenchFile } from '../targets/bench-file.ts';
import { CommandFailure } from './failure.ts';

export interface BenchOptions {
  board?: string;
  flash?: string;
  sd?: string;
  firmware?: string;
  bench?: string;
  module?: string[];
}

export function withBenchOptions(command: Command): Command {
  return command
    .option(
      '--board <name>',
      'the board, by its name or as a YAML file (default: pyboard-v1.1); with --bench, which of its boards (default: the first)',
    )
    .option('--flash <folder|image>', 'what the flash holds')
    .option('--sd <folder|image>', 'what the card in the slot holds (default: no card)')
    .option('--firmware <file>', 'the firmware that it has, of "boardspec firmware" (default: the stock firmware)')
    .option(
      '--module <file>',
      'a module of your own for the board, by the file that defines it; may be repeated',
      (file: string, all: string[] = []) => [...all, file],
    )
    .option('--bench <file>', 'boards, parts, wires and media from a YAML file');
}

/** @throws CommandFailure when there is no such file */
function moduleFile(path: string): string {
  if (!existsSync(path)) throw new CommandFailure(`${path}: there is no such file`);
  return pathToFileURL(resolve(path)).href;
}

/**
 * The bench that the options describe, and the name of the board that the command is about.
 * @param more what else the command sets on that board
 * @throws CommandFailure, BenchFileError
 */
export function benchOf(options: BenchOptions, more: Partial<BoardSetup> = {}): { setup: BenchSetup; name: string } {
  const given: Partial<BoardSetup> = {
    ...more,
    ...(options.flash === undefined ? {} : { flash: mediumFrom(options.flash) }),
    ...(options.sd === undefined ? {} : { sd: mediumFrom(options.sd) }),
    ...(options.firmware === undefined ? {} : { firmware: firmwareFrom(options.firmware) }),
    ...(options.module === undefined ? {} : { modules: options.module.map(moduleFile) }),
  };
  if (options.bench === undefined) {
    const name = 'dut';
    return { setup: { boards: [{ name, board: boardFrom(options.board ?? 'pyboard-v1.1', process.cwd()), ...given }] }, name };
  }
  const setup = readBenchFile(options.bench);
  const names = setup.boards.map(board => board.name!);
  const name = options.board ?? names[0];
  if (name === undefined) throw new CommandFailure(`${options.bench}: there is no board on the bench`);
  if (!names.includes(name)) throw new CommandFailure(`${options.bench}: no board "${name}" on the bench; there are ${names.join(', ')}`);
  return { setup: { ...setup, boards: setup.boards.map(board => (board.name === name ? { ...board, ...given } : board)) }, name };
}
