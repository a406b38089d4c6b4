/** `boardspec micropython`: a drop-in for the official Unix executable. Options, output and exit codes are that executable's. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { HostMount, ProcessAction } from '../emulator/boot/process-job.ts';
import { CommandFailure } from './failure.ts';
import { InvalidArguments, type MicropythonOptions, parseMicropythonOptions } from './micropython-options.ts';
import { readHistory, writeHistory } from './prompt-history.ts';
import { runProcess } from './run-process.ts';

const DEFAULT_PATH = '.frozen:~/.micropython/lib:/usr/lib/micropython';

export function registerMicropython(program: Command): void {
  program
    .command('micropython')
    .description("a drop-in for MicroPython's Unix executable, on the unix profile")
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(micropython);
}

async function micropython(): Promise<void> {
  // As they were given: what parses commands would keep a `--` for itself.
  const args = process.argv.slice(process.argv.indexOf('micropython') + 1);
  let options: MicropythonOptions;
  try {
    options = parseMicropythonOptions(args);
  } catch (error) {
    if (!(error instanceof InvalidArguments)) throw error;
    process.stderr.write('Invalid command line arguments. Use -h option for help.\n');
    process.exitCode = 1;
    return;
  }
  if (options.print !== undefined) process.stdout.write(options.print);
  else process.exitCode = await start(options);
}

/** The folders that the program's path names, `''` for its own first (main in ports/unix/main.c). */
function modulePath(): string[] {
  const path = (process.env.MICROPYPATH ?? DEFAULT_PATH).replace(/^:/, '');
  if (path === '') return [''];
  const home = process.env.HOME;
  return ['', ...path.split(':').map(entry => (entry.startsWith('~/') && home !== undefined ? home + entry.slice(1) : entry))];
}

/** Those of them that exist, for reading. */
function pathMounts(entries: readonly string[]): HostMount[] {
  return entries
    .filter(entry => entry !== '' && entry !== '.frozen' && existsSync(entry) && statSync(entry).isDirectory())
    .map(entry => ({ host: realpathSync(entry), guest: resolve(entry), readonly: true }));
}

/** The folder of the program, by its own name and by the one it was called by. */
function programMounts(real: string, called: string): HostMount[] {
  return [...new Set([real, called])].map(guest => ({ host: real, guest, readonly: false }));
}

async function start(options: MicropythonOptions): Promise<number> {
  const sysPath = modulePath();
  const mounts = pathMounts(sysPath);
  const directory = process.cwd();
  let action: ProcessAction | undefined = options.action;
  if (options.file !== undefined) {
    let real: string;
    try {
      real = realpathSync(options.file);
    } catch (error) {
      process.stderr.write(`micropython: can't open file '${options.file}': ${cannotOpen(error)}\n`);
      return 2;
    }
    sysPath[0] = dirname(real);
    mounts.push(...programMounts(dirname(real), resolve(dirname(options.file))));
    action = { kind: 'file', path: options.file };
  } else if (action?.kind === 'module') mounts.push(...programMounts(realpathSync(directory), directory));
  mounts.push(...options.mounts);
  const environment = inspectVariable();
  const terminal = process.stdin.isTTY === true;
  const inspect = options.inspect || environment.size > 0;
  action ??= inspect || terminal ? { kind: 'repl' } : { kind: 'stdin', source: await standardInput() };
  const ended = await runProcess(
    {
      action,
      argv: options.argv,
      sysPath,
      executable: process.env.BOARDSPEC_EXECUTABLE ?? process.argv[1],
      optLevel: options.optLevel,
      emit: options.emit,
      compileOnly: options.compileOnly,
      inspect: options.inspect,
      environment,
      terminal,
      verbosity: options.verbosity,
      history: readHistory(),
      mounts,
      directory,
    },
    options.heap,
  );
  if (ended.history !== undefined) writeHistory(ended.history);
  return ended.status;
}

/** The one variable that a process hears of: it says whether it is to prompt when its program has ended. */
function inspectVariable(): Map<string, string> {
  const value = process.env.MICROPYINSPECT ?? '';
  return new Map(value === '' ? [] : [['MICROPYINSPECT', value]]);
}

/** As the reference shows an errno. */
function cannotOpen(error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  const text = {
    ENOENT: 'No such file or directory',
    ENOTDIR: 'Not a directory',
    EACCES: 'Permission denied',
    ELOOP: 'Too many levels of symbolic links',
  }[code ?? ''];
  return `[Errno ${-(errno ?? 0)}] ${text ?? message}`;
}

/** Everything on standard input: the program. */
async function standardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new CommandFailure(`cannot read the program from standard input: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks);
}
