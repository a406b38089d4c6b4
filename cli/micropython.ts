/** `boardspec micropython`: a drop-in for the official Unix executable. Options, output and exit codes are that executable's. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import type { HostMount, ProcessAction, ProcessJob } from '../emulator/boot/process-job.ts';
import { SessionError } from '../emulator/session/error.ts';
import { createPool } from '../emulator/session/pool.ts';
import { unixProfile } from '../emulator/vm/profiles.ts';
import { CommandFailure } from './failure.ts';

const DEFAULT_PATH = '.frozen:~/.micropython/lib:/usr/lib/micropython';

const HELP = `usage: boardspec micropython [<opts>] [-X <implopt>] [-c <command> | -m <module> | <filename>]
Options:
--version : show version information
-h : print this help message
-i : enable inspection via REPL after running command/module/file
-v : verbose (trace various operations); can be multiple
-O[N] : apply bytecode optimizations of level N

Implementation specific options (-X):
  compile-only                 -- parse and compile only
  emit={bytecode,native,viper} -- set the default code emitter
  heapsize=<n>[w][K|M] -- set the heap size for the GC (default ${unixProfile.heapSize})
  realtime                     -- accepted; virtual time follows the host's clock

This command only:
--mount HOST[:GUEST][:ro] : let the program see a folder of the host; can be multiple
`;

class Invalid extends Error {}

interface Parsed {
  action: ProcessAction | undefined;
  /** A program to be found on the host. */
  file?: string;
  argv: string[];
  inspect: boolean;
  verbose: boolean;
  optLevel: number;
  emit: ProcessJob['emit'];
  compileOnly: boolean;
  heapSize: number | undefined;
  mounts: HostMount[];
  print?: string;
}

/** `<n>[w][K|M]`: `w` scales by the word size, which here is twice that of 32 bits. */
function heapSize(text: string): number {
  const match = /^(0x[0-9a-f]+|\d+)(w?)([km]?)$/i.exec(text);
  if (match === null) throw new Invalid();
  const size = Number(match[1]) * ({ k: 1024, m: 1024 * 1024 }[match[3].toLowerCase()] ?? 1) * (match[2] === '' ? 1 : 2);
  if (size < 700) throw new Invalid();
  return size;
}

function parseMount(text: string): HostMount {
  const parts = text.split(':');
  const readonly = parts[parts.length - 1] === 'ro';
  if (readonly) parts.pop();
  const [host, guest] = parts;
  if (parts.length > 2 || host === '') throw new CommandFailure(`--mount takes HOST[:GUEST][:ro], not "${text}"`);
  if (!existsSync(host) || !statSync(host).isDirectory()) throw new CommandFailure(`--mount: there is no folder ${host}`);
  if (guest !== undefined && !isAbsolute(guest)) throw new CommandFailure(`--mount: the guest's path must be absolute, not "${guest}"`);
  return { host: realpathSync(host), guest: guest ?? resolve(host), readonly };
}

function parse(args: readonly string[]): Parsed {
  const parsed: Parsed = {
    action: undefined,
    argv: [],
    inspect: false,
    verbose: false,
    optLevel: 0,
    emit: 'bytecode',
    compileOnly: false,
    heapSize: undefined,
    mounts: [],
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '-h' || arg === '--help') return { ...parsed, print: HELP };
    if (arg === '--version') return { ...parsed, print: `MicroPython v1.27.0 on ${unixProfile.buildDate}; ${unixProfile.machine}\n` };
    if (arg === '--mount') {
      if (i + 1 >= args.length) throw new Invalid();
      parsed.mounts.push(parseMount(args[++i]));
    } else if (arg === '-X') {
      if (i + 1 >= args.length) throw new Invalid();
      const option = args[++i];
      if (option === 'compile-only') parsed.compileOnly = true;
      else if (/^emit=(bytecode|native|viper)$/.test(option)) parsed.emit = option.slice(5) as ProcessJob['emit'];
      else if (option.startsWith('heapsize=')) parsed.heapSize = heapSize(option.slice(9));
      else if (option !== 'realtime') throw new Invalid();
    } else if (arg === '-i') parsed.inspect = true;
    else if (arg === '-v') parsed.verbose = true;
    else if (/^-O+$/.test(arg)) parsed.optLevel = arg.length - 1;
    else if (/^-O\d/.test(arg)) parsed.optLevel = Number(arg[2]);
    else if (arg === '-c' || arg === '-m') {
      if (i + 1 >= args.length) throw new Invalid();
      if (arg === '-c') {
        parsed.action = { kind: 'command', text: args[i + 1] };
        parsed.argv = ['-c', ...args.slice(i + 2)];
      } else {
        parsed.action = { kind: 'module', name: args[i + 1] };
        parsed.argv = args.slice(i + 1);
      }
      return parsed;
    } else if (arg.startsWith('-') && arg !== '-') throw new Invalid();
    else {
      parsed.file = arg;
      parsed.argv = args.slice(i);
      return parsed;
    }
  }
  return parsed;
}

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

/** The folders of MICROPYPATH that exist, for reading. */
function pathMounts(entries: readonly string[]): HostMount[] {
  return entries
    .filter(entry => entry !== '' && entry !== '.frozen' && existsSync(entry) && statSync(entry).isDirectory())
    .map(entry => ({ host: realpathSync(entry), guest: resolve(entry), readonly: true }));
}

async function micropython(args: readonly string[]): Promise<void> {
  let parsed: Parsed;
  try {
    parsed = parse(args);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    process.stderr.write('Invalid command line arguments. Use -h option for help.\n');
    process.exitCode = 1;
    return;
  }
  if (parsed.print !== undefined) {
    process.stdout.write(parsed.print);
    return;
  }
  const entries = (process.env.MICROPYPATH ?? DEFAULT_PATH)
    .replace(/^:/, '')
    .split(':')
    .map(entry => (entry.startsWith('~/') ? homedir() + entry.slice(1) : entry));
  const sysPath = ['', ...(entries.length === 1 && entries[0] === '' ? [] : entries)];
  const mounts = [...pathMounts(entries), ...parsed.mounts];
  const directory = process.cwd();
  let action = parsed.action;
  if (parsed.file !== undefined) {
    let real: string;
    try {
      real = realpathSync(parsed.file);
    } catch {
      process.stderr.write(`micropython: can't open file '${parsed.file}': [Errno 2] No such file or directory\n`);
      process.exitCode = 2;
      return;
    }
    sysPath[0] = dirname(real);
    mounts.push({ host: dirname(real), guest: dirname(real), readonly: false });
    const shown = resolve(dirname(parsed.file));
    if (shown !== dirname(real)) mounts.push({ host: dirname(real), guest: shown, readonly: false });
    action = { kind: 'file', path: parsed.file };
  }
  const interactive = process.stdin.isTTY === true;
  if (action === undefined) {
    action = interactive || parsed.inspect ? { kind: 'repl' } : { kind: 'stdin', source: readFileSync(0) };
  }
  const job: ProcessJob = {
    action,
    argv: parsed.argv,
    sysPath,
    executable: process.env.BOARDSPEC_EXECUTABLE ?? process.argv[1],
    optLevel: parsed.optLevel,
    emit: parsed.emit,
    compileOnly: parsed.compileOnly,
    inspect: parsed.inspect || (process.env.MICROPYINSPECT ?? '') !== '',
    verbose: parsed.verbose,
    mounts,
    directory,
  };
  process.exitCode = await runProcess(job, parsed.heapSize);
}

async function runProcess(job: ProcessJob, heap: number | undefined): Promise<number> {
  const pool = createPool();
  const terminal = process.stdin.isTTY === true;
  try {
    const session = await pool.open({ boards: [{ name: 'dut', board: 'unix', heap, process: job }], wallLimit: Infinity });
    const board = session.boards.get('dut')!;
    board.serial().onData(data => process.stdout.write(data));
    board.serial('stderr').onData(data => process.stderr.write(data));
    await board.powerOn();
    const running = session.run({ pace: terminal ? 'real' : 'fast', until: { kind: 'activity', activity: ['off'] } });
    if (terminal) process.stdin.setRawMode(true);
    if (job.action.kind !== 'stdin') {
      process.stdin.on('data', (data: Buffer) => void board.serial().write(data));
      process.stdin.on('end', () => void board.serial().end?.());
    }
    process.on('SIGINT', () => void board.serial().write('\x03'));
    process.once('SIGTERM', () => running.stop());
    await running.ended;
    return (await board.exitStatus()) ?? 1;
  } catch (error) {
    if (error instanceof SessionError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    if (terminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdin.removeAllListeners();
    await pool.close();
  }
}
