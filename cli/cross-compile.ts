/** The official mpy-cross, option by option and message by message (mpy-cross/main.c of MicroPython 1.27.0). */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { nativeBackend } from '../emulator/asm/assembler/backend.ts';
import { compile } from '../emulator/compiler/compile.ts';
import { MPY_SUB_VERSION, MPY_VERSION, writeMpy } from '../emulator/compiler/mpy.ts';
import { CompileError, type CompileOptions } from '../emulator/compiler/rawcode.ts';
import { strtol } from './c-numbers.ts';

/** Architectures of -march=, and their numbers in the `.mpy` format. `host` is the machine that this runs on. */
const ARCHITECTURES = new Map([
  ['x86', 1],
  ['x64', 2],
  ['armv6', 3],
  ['armv6m', 4],
  ['armv7m', 5],
  ['armv7em', 6],
  ['armv7emsp', 7],
  ['armv7emdp', 8],
  ['xtensa', 9],
  ['xtensawin', 10],
  ['rv32imc', 11],
  ['rv64imc', 12],
  ['debug', 13],
]);

const HOSTS = new Map([
  ['ia32', 'x86'],
  ['x64', 'x64'],
  ['riscv64', 'rv64imc'],
]);

const RV32IMC = 11;
/** RV32 extensions that -march-flags= may name. */
const RV32_FLAGS = new Map([['zba', 1]]);
const DEFAULT_HEAP = 2097152;

const USAGE = `usage: boardspec compile [<opts>] [-X <implopt>] [--] <input filename>
Options:
--version : show version information
-o : output file for compiled bytecode (defaults to input filename with .mpy extension, or stdout if input is stdin)
-s : source filename to embed in the compiled bytecode (defaults to input file)
-v : verbose (trace various operations); can be multiple
-O[N] : apply bytecode optimizations of level N

Target specific options:
-msmall-int-bits=number : set the maximum bits used to encode a small-int
-march=<arch> : set architecture for native emitter;
                x86, x64, armv6, armv6m, armv7m, armv7em, armv7emsp,
                armv7emdp, xtensa, xtensawin, rv32imc, rv64imc, host, debug
-march-flags=<flags> : set architecture-specific flags (can be either a dec/hex/bin value or a string)
                       supported flags for rv32imc: zba

Implementation specific options:
  emit={bytecode,native,viper} -- set the default code emitter
  heapsize=<n> -- set the heap size for the GC (default ${DEFAULT_HEAP})
`;

/** Ends the command with an exit code. */
class Exit {
  constructor(
    readonly code: number,
    readonly stdout = '',
    readonly stderr = '',
  ) {}
}

const usage = (): Exit => new Exit(1, USAGE);
const failure = (message: string): Exit => new Exit(1, '', `${message}\n`);

interface Settings {
  input: string;
  output: string | undefined;
  source: string | undefined;
  optLevel: number;
  smallIntBits: number;
  arch: number;
  archFlags: number;
  emit: CompileOptions['defaultEmit'];
  heap: number | undefined;
}

/** Runs the command; returns its exit code. */
export async function crossCompile(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    if (error.stdout !== '') process.stdout.write(error.stdout);
    if (error.stderr !== '') process.stderr.write(error.stderr);
    return error.code;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const settings = parseArguments(args);
  const { input } = settings;
  const fileName = input === '-' ? '<stdin>' : input;
  const code = compileFile(readInput(input), fileName, settings);
  const output = settings.output ?? (input === '-' ? '-' : `${input.slice(0, -2)}mpy`);
  if (output === '-') {
    for (let written = 0; written < code.length; ) written += writeSync(1, code, written);
    return;
  }
  try {
    writeFileSync(output, code);
  } catch (error) {
    throw systemFailure(error, output);
  }
}

function compileFile(source: Uint8Array, fileName: string, settings: Settings): Uint8Array {
  const { smallIntBits, arch, archFlags } = settings;
  const embedded = settings.source ?? fileName;
  const backend = nativeBackend(arch, { archFlags, namesOperators: false });
  try {
    const module = compile(source, {
      fileName: embedded,
      input: 'file',
      optLevel: settings.optLevel,
      smallIntBits,
      float: 'double',
      errorReporting: 'detailed',
      defaultEmit: settings.emit,
      nativeArch: arch,
      crossCompiler: true,
      ...(backend === undefined ? {} : { nativeBackend: backend }),
      ...(settings.heap === undefined ? {} : { memoryLimit: settings.heap }),
    });
    return writeMpy(module, { smallIntBits, arch, archFlags });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new Exit(1, '', traceback(error, fileName));
  }
}

/** The guest's traceback. What the parser refuses stands in the file that was read; what the compiler refuses in the one named by -s. */
function traceback(error: CompileError, inputName: string): string {
  const message = error.message === '' ? `${error.type}: ` : `${error.type}: ${error.message}`;
  if (error.line === 0 && error.block === null) return `${message}\n`;
  const file = error.block === null ? inputName : error.fileName;
  const block = error.block === null ? '' : `, in ${error.block}`;
  return `Traceback (most recent call last):\n  File "${file}", line ${error.line}${block}\n${message}\n`;
}

function readInput(input: string): Uint8Array {
  try {
    return readFileSync(input === '-' ? 0 : input);
  } catch (error) {
    throw systemFailure(error, input);
  }
}

/** As the guest's OSError shows it: a file that cannot be opened is named, a folder that cannot be read is not. */
function systemFailure(error: unknown, file: string): Exit {
  const { errno = -1, code } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return failure(`OSError: ${-errno}`);
  return failure(`OSError: (${-errno}, "can't open ${file}")`);
}

const forwardSlashes = (path: string): string => path.replaceAll('\\', '/');

function parseArguments(args: readonly string[]): Settings {
  const settings: Settings = {
    input: '',
    output: undefined,
    source: undefined,
    optLevel: 0,
    smallIntBits: 31,
    arch: 0,
    archFlags: 0,
    emit: 'bytecode',
    heap: undefined,
  };
  readImplementationOptions(args, settings);
  let flags: string | undefined;
  let inputs = 0;
  let options = true;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const next = (): string => {
      if (++i >= args.length) throw usage();
      return args[i]!;
    };
    const value = (prefix: string): string | undefined => (arg.startsWith(prefix) ? arg.slice(prefix.length) : undefined);
    if (!options || arg[0] !== '-' || arg === '-') {
      if (++inputs > 1) throw failure('multiple input files');
      settings.input = forwardSlashes(arg);
    } else if (arg === '-X') i++;
    else if (arg === '--version') throw new Exit(0, versionLine());
    else if (arg === '-v')
      continue; // the reference has nothing to trace either
    else if (arg.startsWith('-O')) settings.optLevel = optimisation(arg);
    else if (arg === '-o') settings.output = next();
    else if (arg === '-s') settings.source = forwardSlashes(next());
    else if (value('-msmall-int-bits=') !== undefined) settings.smallIntBits = wholeNumber(value('-msmall-int-bits=')!);
    else if (value('-march=') !== undefined) settings.arch = architecture(value('-march=')!);
    else if (value('-march-flags=') !== undefined) flags = value('-march-flags=');
    else if (arg === '--') options = false;
    else throw usage();
  }
  if (flags !== undefined && settings.arch !== 0) settings.archFlags = architectureFlags(settings.arch, flags);
  if (settings.emit !== 'bytecode' && settings.arch === 0) throw failure('arch not specified');
  if (inputs === 0) throw failure('no input file');
  return settings;
}

/** -X options are looked at before all others, wherever they stand. */
function readImplementationOptions(args: readonly string[], settings: Settings): void {
  for (let i = 0; i < args.length; i++) {
    if (args[i] !== '-X') continue;
    const option = args[++i];
    if (option === 'emit=bytecode' || option === 'emit=native' || option === 'emit=viper') {
      settings.emit = option.slice(5) as Settings['emit'];
    } else if (option?.startsWith('heapsize=')) {
      settings.heap = heapSize(option.slice(9));
    } else {
      throw usage();
    }
  }
}

/** A number with w (for words of 64 bits), k or m behind it. */
function heapSize(text: string): number {
  const [, digits = '', word = '', unit = ''] = /^\s*([+-]?(?:0[xX][0-9a-fA-F]+|\d+)?)(w?)([km]?)/i.exec(text)!;
  let size = strtol(digits);
  if (unit !== '') size *= unit.toLowerCase() === 'k' ? 1024 : 1024 * 1024;
  return word === '' ? size : size * 2;
}

function wholeNumber(text: string): number {
  if (!/^[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)?$/.test(text)) throw usage();
  return strtol(text);
}

const optimisation = (option: string): number => (/^-O\d/.test(option) ? Number(option[2]) : /^-(O+)/.exec(option)![1]!.length);

function architecture(name: string): number {
  const arch = ARCHITECTURES.get(name === 'host' ? (HOSTS.get(process.arch) ?? '') : name);
  if (arch !== undefined) return arch;
  throw name === 'host' ? failure('unable to determine host architecture for -march=host') : usage();
}

function architectureFlags(arch: number, text: string): number {
  if (arch === RV32IMC) {
    const all = [...RV32_FLAGS.values()].reduce((sum, flag) => sum | flag, 0);
    if (/^(0b[01]+|0x[0-9a-f]+|\d+)$/i.test(text) && !/^0\d/.test(text)) {
      const flags = Number(text);
      if (flags <= all) return flags;
    } else {
      for (const [name, flag] of RV32_FLAGS) if (text.startsWith(name)) return flag;
    }
  }
  throw failure('unrecognised arch flags');
}

/** In the form that tools look for in mpy-cross's own answer. */
const versionLine = (): string => `MicroPython v1.27.0 on 2025-12-09; mpy-cross emitting mpy v${MPY_VERSION}.${MPY_SUB_VERSION}\n`;
