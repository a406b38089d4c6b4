/** `boardspec firmware`: builds a firmware file for a board. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Firmware } from '../emulator/firmware/firmware-image.ts';
import { boardFrom } from '../targets/bench-file.ts';
import { CommandFailure } from './failure.ts';

interface FirmwareOptions {
  board: string;
  manifest?: string[];
  compiler: boolean;
  lib?: string[];
  var?: Record<string, string>;
  date?: string;
  output: string;
  quiet?: boolean;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function variable(value: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^(\w+)=(.*)$/s.exec(value);
  if (match === null) throw new InvalidArgumentError('a variable is NAME=FOLDER');
  return { ...before, [match[1]]: match[2] };
}

function date(value: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) throw new InvalidArgumentError('a date is YYYY-MM-DD');
  return value;
}

export function registerFirmware(program: Command): void {
  program
    .command('firmware')
    .description('builds a firmware file for a virtual board, with modules frozen into it, with or without the compiler')
    .option('--board <name>', 'the board, by its name or as a YAML file', 'pyboard-v1.1')
    .option(
      '--manifest <file>',
      "what to freeze, a file or a folder with a manifest.py; may be repeated (default: the board's own manifest, as the stock firmware has it)",
      collect,
    )
    .option('--no-compiler', 'leave the compiler out: the board then runs only .mpy files and frozen modules, and has no prompt')
    .option(
      '--lib <folder>',
      'where require() looks for packages: a checkout of micropython-lib, or any folder of packages; may be repeated',
      collect,
    )
    .option('--var <name=folder>', 'what $(NAME) stands for in manifests, such as MPY_DIR=FOLDER; may be repeated', variable)
    .option('--date <date>', 'build date for the banner (default: that of the stock firmware)', date)
    .option('-o, --output <file>', 'the file to write: .dfu, or .hex for Intel HEX', 'firmware.dfu')
    .option('-q, --quiet', 'say nothing but errors')
    .addHelpText(
      'after',
      `
A manifest sees its own folder (and the one that the command is started in, if that is around it), and those of --lib and --var; nothing else.
Without --var MPY_DIR, the manifests and modules that the stock firmware is made of stand for a checkout of MicroPython:
include("$(PORT_DIR)/boards/manifest.py") and require("onewire") work as they are.

The file is for virtual boards: "boardspec flash FILE" installs it, and run, repl, serve and test take it with --firmware FILE.`,
    )
    .action(firmware);
}

/** What is in it, in a line. */
export function describeFirmware({ board, release, compiler, frozen }: Firmware): string {
  const bytes = frozen.reduce((sum, { data }) => sum + data.length, 0);
  const modules = frozen.length === 1 ? '1 module' : `${frozen.length} modules`;
  return `MicroPython ${release} for ${board}, ${compiler ? 'with' : 'without'} the compiler; ${modules} frozen (${bytes.toLocaleString('en')} bytes)`;
}

async function firmware({ board, manifest, compiler, lib, var: variables, date, output, quiet }: FirmwareOptions): Promise<void> {
  if (!/\.(dfu|hex)$/i.test(output)) throw new CommandFailure(`${output}: a firmware file ends with .dfu or .hex`);
  const { buildFirmware } = await import('../targets/firmware/build-firmware.ts');
  const built = buildFirmware({
    board: boardFrom(board, process.cwd()),
    manifests: manifest ?? [],
    compiler,
    libraries: lib,
    variables,
    date,
    format: /\.hex$/i.test(output) ? 'hex' : 'dfu',
    print: text => process.stderr.write(text),
    warn: text => process.stderr.write(`boardspec: ${text}\n`),
  });
  try {
    writeFileSync(output, built.file);
  } catch (error) {
    throw new CommandFailure(`cannot write ${output}: ${(error as Error).message}`);
  }
  if (quiet) return;
  for (const { path, kind, data } of built.firmware.frozen)
    process.stdout.write(`  ${kind === 'str' ? 'text' : 'code'} ${String(data.length).padStart(7)}  ${path}\n`);
  process.stdout.write(`${basename(resolve(output))}: ${describeFirmware(built.firmware)}\n`);
}
