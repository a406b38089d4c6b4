/**
 * Manifests: Python files that say what is frozen into a firmware, with the functions that MicroPython's build tools give them (docs: "MicroPython
 * manifest files"; tools/manifestfile.py). A manifest runs as a guest, in a machine of its own: it sees the folders that it was given, read-only, and
 * nothing else of the host.
 */
import { basename, dirname } from 'node:path';
import { Unwind } from '../../emulator/boot/unwind.ts';
import { Clock, type ClockEvent } from '../../emulator/clock/clock.ts';
import { addMount, mountTable } from '../../emulator/modules/vfs/mounts.ts';
import { newVfsPosix } from '../../emulator/modules/vfs/posix.ts';
import { MpDict } from '../../emulator/objects/dict.ts';
import { nativeException } from '../../emulator/objects/exception.ts';
import { funVar } from '../../emulator/objects/function.ts';
import { MpList } from '../../emulator/objects/list.ts';
import { MpMap } from '../../emulator/objects/map.ts';
import { decodeAnyUtf8 } from '../../emulator/objects/utf8.ts';
import { HostTree } from '../../emulator/session/host-tree.ts';
import { MemoryFiles } from '../../emulator/storage/memory-files.ts';
import { call } from '../../emulator/vm/call.ts';
import { createVm } from '../../emulator/vm/create.ts';
import { compileSource, executeModuleCode } from '../../emulator/vm/execute.ts';
import { printValue } from '../../emulator/vm/printing.ts';
import { unixProfile } from '../../emulator/vm/profiles.ts';
import { Raise } from '../../emulator/vm/raise.ts';
import { now, rebudget, serviceSoon } from '../../emulator/vm/service.ts';
import { typeOf } from '../../emulator/vm/type.ts';
import { PrintKind, StringPrinter, type Value } from '../../emulator/vm/value.ts';
import { type Port, runIn, type Vm } from '../../emulator/vm/vm.ts';
import { type ManifestFiles, OutsideError } from './manifest-files.ts';
import functions from './manifest-functions.py';

/** A manifest that cannot be followed. The message names its file and line. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** A file that is to be frozen. */
export interface ManifestEntry {
  /** On the host. */
  readonly path: string;
  /** What it is called in the firmware, before anything is compiled. */
  readonly target: string;
  readonly kind: 'compile' | 'mpy' | 'str';
  /** Optimisation level; undefined: none was given. */
  readonly optLevel: number | undefined;
  /** The version that the manifest around it states. */
  readonly version: string | undefined;
  /** The place in a manifest that asked for it. */
  readonly from: string;
}

export interface ManifestOptions {
  readonly files: ManifestFiles;
  /** What `$(NAME)` stands for, absolute. */
  readonly variables: Readonly<Record<string, string>>;
  /** Libraries that `require` searches, in this order. */
  readonly libraries: readonly (readonly [name: string, folder: string])[];
  /** What a manifest prints. */
  readonly print?: (text: string) => void;
}

/** Virtual time that a manifest may take between two that it includes: some ten million instructions, where one that lists files needs thousands. */
const LIMIT = 5e7;
const FUNCTIONS_FILE = '<manifest functions>';

/** What is in reach of a manifest, of the names that the functions' file defines. */
const NAMES = [
  'metadata',
  'include',
  'require',
  'add_library',
  'package',
  'module',
  'freeze',
  'freeze_as_str',
  'freeze_as_mpy',
  'freeze_mpy',
  'ManifestFileError',
];

type Kind = ManifestEntry['kind'] | 'by its name';

/** Something is wrong with what a manifest asks for; becomes the guest's exception. */
class Wrong extends Error {}

/** @returns the files, in the order in which they were asked for. @throws ManifestError */
export function readManifest(path: string, options: ManifestOptions): ManifestEntry[] {
  return new ManifestRun(options).run(options.files.resolve(process.cwd(), path));
}

class ManifestRun {
  private readonly entries: ManifestEntry[] = [];
  private readonly visited = new Set<string>();
  private readonly libraries: [name: string, folder: string][];
  /** Versions that the packages around the current manifest state. */
  private readonly versions: { value: string | undefined; stated: boolean }[] = [{ value: undefined, stated: false }];
  private folder = '';
  private machine!: Vm;
  private expired = false;
  private deadline: ClockEvent | undefined;

  constructor(private readonly options: ManifestOptions) {
    this.libraries = options.libraries.map(([name, folder]) => [name, folder]);
  }

  run(path: string): ManifestEntry[] {
    const clock = new Clock();
    const tree = new MemoryFiles();
    for (const folder of this.options.files.folders) tree.attach(folder.replaceAll('\\', '/'), new HostTree(folder, true));
    const port: Port = {
      writeStdout: bytes => this.options.print?.(decodeAnyUtf8(bytes)),
      writeStderr: text => this.options.print?.(text),
      readStdin: () => -1,
      idle: until => {
        const next = Math.min(until, clock.nextDue);
        if (next !== Infinity) clock.advanceTo(next);
      },
      boundary: () => {
        if (this.expired) throw new Unwind('end');
      },
      files: tree,
      startDirectory: dirname(path).replaceAll('\\', '/'),
    };
    const machine = createVm(unixProfile, port, clock);
    this.machine = machine;
    return runIn(machine, () => {
      addMount({ point: '/', filesystem: newVfsPosix() });
      mountTable().current = mountTable().mounts[0];
      const names = machine.main.globals;
      names.map.set(
        '_host',
        funVar(1, Infinity, args => this.asked(args)),
      );
      executeModuleCode(compileSource(functions, FUNCTIONS_FILE, 'file'), names, names);
      try {
        this.include(path, new MpDict(new MpMap(0)));
      } catch (error) {
        if (error instanceof Unwind) throw new ManifestError(`${this.options.files.shown(path)}: it does not come to an end`);
        if (error instanceof Wrong) throw new ManifestError(`${this.options.files.shown(path)}: ${error.message}`);
        if (error instanceof Raise) throw new ManifestError(this.describe(error.exception));
        throw error;
      }
      return this.entries;
    });
  }

  /** Does something that may take its time, and lets the manifest have its own anew after it. */
  private unhurried<T>(action: () => T): T {
    const { clock } = this.machine;
    if (this.deadline !== undefined) clock.cancel(this.deadline);
    const result = action();
    this.deadline = clock.at(now() + LIMIT, () => {
      this.expired = true;
      serviceSoon(this.machine);
    });
    rebudget();
    return result;
  }

  /** One line: where in a manifest, what, and through which other manifests it came to that. */
  private describe(exception: Value): string {
    const { traceback, args } = nativeException(exception);
    const places = traceback.filter(({ file }) => file !== FUNCTIONS_FILE).map(({ file, line }) => `${file}:${line}`);
    const out = new StringPrinter();
    if (typeOf(exception).name === 'ManifestFileError') printValue(out, args.items[0], PrintKind.Str);
    else printValue(out, exception, PrintKind.Exc);
    const through = places.slice(1).map(place => `from ${place}`);
    return `${places[0] ?? 'manifest'}: ${out.text}${through.length > 0 ? ` (${through.join(', ')})` : ''}`;
  }

  /** What a manifest's function wants done. @returns what is wrong */
  private asked([what, ...args]: readonly Value[]): Value {
    try {
      this.carryOut(what as string, args);
      return null;
    } catch (error) {
      if (error instanceof Wrong) return error.message;
      if (error instanceof OutsideError)
        return `${this.options.files.shown(error.message)} is outside the folders that a manifest may read; name its folder with --lib or --var`;
      if (error instanceof Error && 'code' in error) return error.message;
      throw error;
    }
  }

  private carryOut(what: string, args: readonly Value[]): void {
    switch (what) {
      case 'metadata': {
        const version = this.versions.at(-1)!;
        if (version.stated) throw new Wrong('Duplicate call to metadata().');
        version.stated = true;
        version.value = args[1] === null ? undefined : text(args[1], 'version');
        return;
      }
      case 'include':
        this.include(this.path(args[0], 'manifest_path'), args[1] as MpDict);
        return;
      case 'require':
        this.require(text(args[0], 'name'), args[1] === null ? undefined : text(args[1], 'library'), args[2] as MpDict);
        return;
      case 'add_library':
        this.addLibrary(text(args[0], 'library'), this.path(args[1], 'library_path'), args[2] === true);
        return;
      case 'package':
        this.search(
          this.path(args[2], 'base_path'),
          text(args[0], 'package_path'),
          names(args[1], 'files'),
          ['.py'],
          'compile',
          level(args[3]),
        );
        return;
      case 'module': {
        const name = text(args[0], 'module_path');
        if (!/\.py$/i.test(name)) throw new Wrong('module must be .py file');
        this.add(this.path(args[1], 'base_path'), name, 'compile', level(args[2]));
        return;
      }
      case 'freeze':
        this.freeze(args, ['.py', '.mpy'], 'by its name');
        return;
      case 'freeze_as_str':
        this.freeze(args, ['.py'], 'str');
        return;
      case 'freeze_as_mpy':
        this.freeze(args, ['.py'], 'compile');
        return;
      case 'freeze_mpy':
        this.freeze(args, ['.mpy'], 'mpy');
    }
  }

  /** An absolute path out of what a manifest writes: from its own folder, with variables. */
  private path(value: Value, argument: string): string {
    const { files, variables } = this.options;
    const written = text(value, argument);
    const unknown = /\$\((\w*)\)/.exec(written)?.[1];
    if (unknown !== undefined && !Object.hasOwn(variables, unknown))
      throw new Wrong(
        `$(${unknown}) stands for nothing; give it a value with --var ${unknown}=FOLDER. There are: ${Object.keys(variables).join(', ')}`,
      );
    return files.resolve(
      this.folder,
      written.replaceAll(/\$\((\w+)\)/g, (_, name: string) => variables[name]),
    );
  }

  private include(path: string, options: MpDict): void {
    const { files } = this.options;
    const file = files.kind(path) === 'folder' ? files.resolve(path, 'manifest.py') : path;
    if (this.visited.has(file)) return;
    if (files.kind(file) !== 'file') throw new Wrong(`there is no manifest ${files.shown(file)}`);
    this.visited.add(file);
    const before = this.folder;
    this.folder = dirname(file);
    try {
      const given = this.machine.main.globals.map;
      const globals = new MpDict(new MpMap(0));
      globals.map.set('__name__', '__main__');
      for (const name of NAMES) globals.map.set(name, given.get(name)!);
      globals.map.set('options', call(given.get('Options')!, [options]));
      const code = this.unhurried(() => compileSource(files.read(file), files.shown(file), 'file'));
      executeModuleCode(code, globals, globals);
    } finally {
      this.folder = before;
    }
  }

  /** The package's manifest is that of the first folder of its name, wherever in the libraries. */
  private require(name: string, library: string | undefined, options: MpDict): void {
    const { files } = this.options;
    const searched = library === undefined ? this.libraries : this.libraries.filter(([known]) => known === library);
    if (library !== undefined && searched.length === 0) throw new Wrong(`Unknown library '${library}' for require('${name}').`);
    for (const [, folder] of searched) {
      if (files.kind(folder) !== 'folder') continue;
      const found = files.below(folder).find(file => file === `${name}/manifest.py` || file.endsWith(`/${name}/manifest.py`));
      const own = basename(folder) === name && files.kind(files.resolve(folder, 'manifest.py')) === 'file' ? 'manifest.py' : found;
      if (own === undefined) continue;
      this.versions.push({ value: undefined, stated: false });
      try {
        this.include(files.resolve(folder, own), options);
      } finally {
        this.versions.pop();
      }
      return;
    }
    if (library !== undefined)
      throw new Wrong(`Package '${name}' not found in external library '${library}' (${files.shown(searched[0][1])}).`);
    throw new Wrong(`Package '${name}' not found in any known library; name the folder of one with --lib`);
  }

  private addLibrary(name: string, folder: string, prepend: boolean): void {
    const { files } = this.options;
    if (files.kind(folder) !== 'folder') throw new Wrong(`there is no folder ${files.shown(folder)}`);
    if (prepend) this.libraries.unshift([name, folder]);
    else this.libraries.push([name, folder]);
  }

  private freeze([path, script, opt]: readonly Value[], extensions: readonly string[], kind: Kind): void {
    const { files } = this.options;
    const base = this.path(path, 'path');
    const optLevel = level(opt);
    if (typeof script === 'string' && files.kind(files.resolve(base, script)) === 'folder')
      this.search(base, script, undefined, extensions, kind, optLevel);
    else this.search(base, '', typeof script === 'string' ? [script] : names(script, 'script'), extensions, kind, optLevel);
  }

  /** Takes the files that are named, or all below the package that have such an ending. */
  private search(
    base: string,
    packagePath: string,
    wanted: readonly string[] | undefined,
    extensions: readonly string[],
    kind: Kind,
    optLevel: number | undefined,
  ): void {
    const { files } = this.options;
    const prefix = packagePath === '' ? '' : `${packagePath.replace(/\/+$/, '')}/`;
    if (wanted !== undefined) {
      for (const name of wanted) this.add(base, prefix + name, kind, optLevel);
      return;
    }
    const folder = files.resolve(base, packagePath === '' ? '.' : packagePath);
    if (files.kind(folder) !== 'folder') throw new Wrong(`there is no folder ${files.shown(folder)}`);
    const found = files.below(folder).filter(name => extensions.some(extension => name.toLowerCase().endsWith(extension)));
    if (found.length === 0) throw new Wrong(`${files.shown(folder)} holds no ${extensions.join(' or ')} file`);
    for (const name of found) this.add(base, prefix + name, kind, optLevel);
  }

  private add(base: string, name: string, kind: Kind, optLevel: number | undefined): void {
    const { files } = this.options;
    const path = files.resolve(base, name);
    const target = inOrder(name);
    if (target === undefined)
      throw new Wrong(`${name}: a file's name in the firmware cannot lead out of its base; give its folder as base_path`);
    if (files.kind(path) !== 'file') throw new Wrong(`Cannot stat ${files.shown(path)}`);
    this.entries.push({
      path,
      target,
      kind: kind === 'by its name' ? kindOf(target) : kind,
      optLevel,
      version: this.versions.at(-1)!.value,
      from: files.shown(this.folder),
    });
  }
}

function kindOf(name: string): ManifestEntry['kind'] {
  if (/\.py$/i.test(name)) return 'compile';
  if (/\.mpy$/i.test(name)) return 'mpy';
  throw new Wrong(`${name} is neither a .py nor a .mpy file`);
}

/** A relative path without detours; undefined if it leads out. */
function inOrder(name: string): string | undefined {
  const parts: string[] = [];
  for (const part of name.replaceAll('\\', '/').split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return name.startsWith('/') || parts.length === 0 ? undefined : parts.join('/');
}

function text(value: Value, argument: string): string {
  if (typeof value !== 'string') throw new Wrong(`${argument} must be a string`);
  return value;
}

function names(value: Value, argument: string): string[] | undefined {
  if (value === null) return undefined;
  if (!(value instanceof MpList)) throw new Wrong(`${argument} must be a list or tuple of names`);
  return value.items.map(item => text(item, argument));
}

function level(value: Value): number | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'number' || value < 0 || value > 3) throw new Wrong('opt must be a level from 0 to 3');
  return value;
}
