/** The command line of the official Unix executable (main in ports/unix/main.c of MicroPython 1.27.0). */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { HostMount, ProcessAction, ProcessJob } from '../emulator/boot/process-job.ts';
import { unixProfile } from '../emulator/vm/profiles.ts';
import { strtol } from './c-numbers.ts';
import { CommandFailure } from './failure.ts';

const help = (defaultHeap: number) => `usage: boardspec micropython [<opts>] [-X <implopt>] [-c <command> | -m <module> | <filename>]
Options:
--version : show version information
-h : print this help message
-i : enable inspection via REPL after running command/module/file
-v : verbose (trace various operations); can be multiple
-O[N] : apply bytecode optimizations of level N

Implementation specific options (-X):
  compile-only                 -- parse and compile only
  emit={bytecode,native,viper} -- set the default code emitter
  heapsize=<n>[w][K|M] -- set the heap size for the GC (default ${defaultHeap})
  realtime                     -- accepted; virtual time follows the host's clock

This command only:
--mount HOST[:GUEST][:ro] : let the program see a folder of the host; can be multiple
`;

const version = `MicroPython v1.27.0 on ${unixProfile.buildDate}; ${unixProfile.machine}\n`;

/** Bytes that the heap takes from the host, unless told otherwise. */
const DEFAULT_HEAP = 2097152;
/** A smaller heap than this would not hold the runtime. */
const MIN_HEAP = 700;

/**
 * Bytes for objects in a heap of so many: each block of 32 bytes has two bits in the table of allocations, and one in that of finalisers
 * (gc_setup_area in py/gc.c, for words of 64 bits).
 */
const heapForObjects = (bytes: number): number => Math.floor((bytes * 8) / (8 + 4 + 8 * 4 * 32)) * 4 * 32;

/** A command line that the reference refuses. */
export class InvalidArguments extends Error {}

export interface MicropythonOptions {
  /** Undefined: nothing to run is named, which leaves standard input or the prompt. */
  action: Extract<ProcessAction, { kind: 'command' | 'module' }> | undefined;
  /** A program to be found on the host. */
  file?: string;
  argv: string[];
  inspect: boolean;
  verbosity: number;
  optLevel: number;
  emit: ProcessJob['emit'];
  compileOnly: boolean;
  /** Bytes for objects. */
  heap: number;
  mounts: HostMount[];
  /** All there is to do: to print this. */
  print?: string;
}

/** `<n>[w][K|M]`: a `w` scales by the word size, which here is twice that of 32 bits. */
function heapSize(text: string): number {
  const match = /^\s*([+-]?(?:0x[0-9a-f]+|\d+)?)(w?)([km]?)$/i.exec(text);
  if (match === null) throw new InvalidArguments();
  const [, digits, word, unit] = match;
  const size = strtol(digits) * ({ k: 1024, m: 1024 * 1024 }[unit.toLowerCase()] ?? 1) * (word === '' ? 1 : 2);
  if (size < MIN_HEAP) throw new InvalidArguments();
  return size;
}

function parseMount(text: string): HostMount {
  const parts = text.split(':');
  const readonly = parts.length > 1 && parts[parts.length - 1] === 'ro';
  if (readonly) parts.pop();
  const [host, guest] = parts;
  if (parts.length > 2 || host === '') throw new CommandFailure(`--mount takes HOST[:GUEST][:ro], not "${text}"`);
  if (!existsSync(host) || !statSync(host).isDirectory()) throw new CommandFailure(`--mount: there is no folder ${host}`);
  if (guest !== undefined && !isAbsolute(guest)) throw new CommandFailure(`--mount: the guest's path must be absolute, not "${guest}"`);
  return { host: realpathSync(host), guest: guest ?? resolve(host), readonly };
}

function setImplementationOption(options: MicropythonOptions, option: string | undefined): void {
  if (option === 'compile-only') options.compileOnly = true;
  else if (option === 'emit=bytecode' || option === 'emit=native' || option === 'emit=viper')
    options.emit = option.slice(5) as ProcessJob['emit'];
  else if (option !== 'realtime') throw new InvalidArguments();
}

/** Options that act wherever they stand before the program: looked at before all others (pre_process_options). */
function readImplementationOptions(args: readonly string[], options: MicropythonOptions): void {
  let heap = DEFAULT_HEAP;
  for (let i = 0; i < args.length && args[i].startsWith('-'); i++) {
    const arg = args[i];
    if (arg === '-c' || arg === '-m') return;
    if (arg === '-h' || arg === '--help') options.print = help(heap);
    else if (arg === '--version') options.print = version;
    else if (arg === '-X') {
      const option = args[++i];
      if (option?.startsWith('heapsize=')) heap = heapSize(option.slice(9));
      else setImplementationOption(options, option);
    } else if (arg === '--mount') i++;
    if (options.print !== undefined) return;
  }
  options.heap = heapForObjects(heap);
}

/** `-O3` sets a level, `-OOO` counts it. */
function optimisation(option: string): number {
  return /^-O\d/.test(option) ? Number(option[2]) : /^-(O+)/.exec(option)![1].length;
}

/** @throws InvalidArguments, CommandFailure */
export function parseMicropythonOptions(args: readonly string[]): MicropythonOptions {
  const options: MicropythonOptions = {
    action: undefined,
    argv: [],
    inspect: false,
    verbosity: 0,
    optLevel: 0,
    emit: 'bytecode',
    compileOnly: false,
    heap: unixProfile.heapSize,
    mounts: [],
  };
  readImplementationOptions(args, options);
  if (options.print !== undefined) return options;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (!arg.startsWith('-')) return { ...options, file: arg, argv: args.slice(i) };
    if (arg === '-i') options.inspect = true;
    else if (arg === '-v') options.verbosity++;
    else if (arg === '-X') i++;
    else if (arg.startsWith('-O')) options.optLevel = optimisation(arg);
    else if (arg === '--mount') options.mounts.push(parseMount(args[++i] ?? ''));
    else if (arg === '-c' || arg === '-m') {
      const what = args[i + 1];
      if (what === undefined) throw new InvalidArguments();
      return arg === '-c'
        ? { ...options, action: { kind: 'command', text: what }, argv: ['-c', ...args.slice(i + 2)] }
        : { ...options, action: { kind: 'module', name: what }, argv: args.slice(i + 1) };
    } else throw new InvalidArguments();
  }
  return options;
}
