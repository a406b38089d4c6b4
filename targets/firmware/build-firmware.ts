/** Builds a firmware for a board: what its manifests name is compiled as the cross-compiler does it, and put together (tools/makemanifest.py). */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Board } from '../../boards/board.ts';
import { boards } from '../../boards/index.ts';
import { nativeBackend } from '../../emulator/asm/assembler/backend.ts';
import { checkBoard } from '../../emulator/board/check-board.ts';
import { compile } from '../../emulator/compiler/compile.ts';
import { MpyError, readMpy, writeMpy } from '../../emulator/compiler/mpy.ts';
import { CompileError } from '../../emulator/compiler/rawcode.ts';
import { firmwareLayout, NoBootloaderError, writeFirmwareFile } from '../../emulator/firmware/firmware-file.ts';
import type { Firmware, FrozenFile } from '../../emulator/firmware/firmware-image.ts';
import { inSearchOrder } from '../../emulator/modules/frozen/firmware-modules.ts';
import type { Profile } from '../../emulator/vm/profile.ts';
import { profileOf } from '../../emulator/vm/profiles.ts';
import { type ManifestEntry, readManifest } from './manifest.ts';
import { ManifestFiles } from './manifest-files.ts';
import { STOCK_ROOT, stockFolders } from './stock-tree.ts';

/** A firmware that cannot be built. The message says which file is to blame. */
export class FirmwareBuildError extends Error {
  override readonly name = 'FirmwareBuildError';
}

export interface FirmwareRequest {
  /** A board's name, or a whole definition. */
  readonly board: string | object;
  /** Manifests of the host; none: the board's own, as the stock firmware has it. */
  readonly manifests: readonly string[];
  /** False for a firmware that runs only what is compiled already. Default true. */
  readonly compiler?: boolean;
  /** Folders with libraries for `require`: checkouts of micropython-lib, or folders of packages. */
  readonly libraries?: readonly string[];
  /** Folders or texts that `$(NAME)` stands for. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Build date, `2025-12-09`, for the banner. Default: that of the stock firmware. */
  readonly date?: string;
  /** `dfu`, unless told otherwise. */
  readonly format?: 'dfu' | 'hex';
  /** What a manifest prints. */
  readonly print?: (text: string) => void;
  /** What is worth knowing, a line each. */
  readonly warn?: (text: string) => void;
}

export interface BuiltFirmware {
  readonly file: Uint8Array;
  readonly firmware: Firmware;
}

/** The folders of micropython-lib that `require` searches, in this order. */
const LIBRARY_NAMES = ['micropython', 'python-stdlib', 'python-ecosys'];

/** @throws FirmwareBuildError, ManifestError, NoBootloaderError, BoardDefinitionError */
export function buildFirmware(request: FirmwareRequest): BuiltFirmware {
  const board = typeof request.board === 'string' ? boards.get(request.board) : checkBoard(request.board);
  if (board === undefined)
    throw new FirmwareBuildError(`there is no board "${String(request.board)}"; there are: ${[...boards.keys()].join(', ')}`);
  firmwareLayout(board);
  const { compiler = true, format = 'dfu', warn = () => {} } = request;
  const { files, variables, libraries } = surroundings(board, request);
  const manifests = request.manifests.length === 0 ? [`${stockFolders(board).BOARD_DIR}/manifest.py`] : request.manifests;
  const entries = manifests.flatMap(manifest => readManifest(manifest, { files, variables, libraries, print: request.print }));
  const profile = profileOf(board);
  const frozen = new Map<string, { file: FrozenFile; entry: ManifestEntry }>();
  for (const entry of entries) {
    const file = frozenFile(entry, files, profile, warn);
    if (file.kind === 'str' && !compiler)
      throw new FirmwareBuildError(
        `${files.shown(entry.path)} is frozen as text, which only a firmware with the compiler can import; freeze it compiled`,
      );
    const before = frozen.get(file.path);
    if (before !== undefined)
      throw new FirmwareBuildError(
        `${file.path} is frozen twice: ${files.shown(before.entry.path)} (manifest in ${before.entry.from}) and ${files.shown(entry.path)} (manifest in ${entry.from})`,
      );
    frozen.set(file.path, { file, entry });
  }
  const release = request.date === undefined ? board.identity.release : board.identity.release.replace(/\S+$/, request.date);
  const firmware = { board: board.name, release, compiler, frozen: inSearchOrder([...frozen.values()].map(({ file }) => file)) };
  try {
    return { firmware, file: writeFirmwareFile(board, firmware, format) };
  } catch (error) {
    if (error instanceof RangeError) throw new FirmwareBuildError(error.message);
    throw error;
  }
}

export { NoBootloaderError };

/** What the manifests see and may name. */
function surroundings(board: Board, { manifests, libraries = [], variables = {} }: FirmwareRequest) {
  const files = new ManifestFiles();
  const folder = (path: string, what: string): string => {
    if (!existsSync(path) || !statSync(path).isDirectory()) throw new FirmwareBuildError(`${what}: there is no folder ${path}`);
    files.allow(path);
    return resolve(path);
  };
  for (const manifest of manifests) {
    const isFolder = existsSync(manifest) && statSync(manifest).isDirectory();
    if (!existsSync(isFolder ? join(manifest, 'manifest.py') : manifest)) throw new FirmwareBuildError(`there is no manifest ${manifest}`);
    const around = isFolder ? realpathSync(manifest) : dirname(realpathSync(manifest));
    const here = realpathSync(process.cwd());
    // A project that is worked on in its top folder may spread over all of it.
    files.allow(relative(here, around).startsWith('..') ? around : here);
  }
  const values: Record<string, string> = { ...stockFolders(board) };
  const given = variables.MPY_DIR;
  if (given !== undefined) {
    const checkout = folder(given, '--var MPY_DIR');
    const inCheckout = (path: string) => path.replace(STOCK_ROOT, checkout.replaceAll('\\', '/'));
    for (const [name, path] of Object.entries(values)) values[name] = inCheckout(path);
  }
  for (const [name, value] of Object.entries(variables)) {
    if (name !== 'MPY_DIR') values[name] = existsSync(value) && statSync(value).isDirectory() ? folder(value, `--var ${name}`) : value;
  }
  const known: [string, string][] = [];
  const addLibraries = (path: string): boolean => {
    const parts = LIBRARY_NAMES.filter(name => files.kind(files.resolve(path, name)) === 'folder');
    known.push(...parts.map((name): [string, string] => [name, files.resolve(path, name)]));
    return parts.length > 0;
  };
  for (const path of libraries) {
    const library = folder(path, '--lib');
    if (addLibraries(library)) values.MPY_LIB_DIR = variables.MPY_LIB_DIR ?? library;
    else known.push([library, library]);
  }
  addLibraries(values.MPY_LIB_DIR);
  const stock = join(stockFolders(board).MPY_LIB_DIR, 'micropython').replaceAll('\\', '/');
  if (!known.some(([, path]) => path === stock)) known.push(['micropython', stock]);
  return { files, variables: values, libraries: known };
}

function frozenFile(entry: ManifestEntry, files: ManifestFiles, profile: Profile, warn: (text: string) => void): FrozenFile {
  const data = files.read(entry.path);
  if (entry.kind === 'mpy') return compiledFile(entry, data, files, profile, warn);
  if (!entry.target.endsWith('.py')) throw new FirmwareBuildError(`${files.shown(entry.path)}: a frozen module's name ends with .py`);
  if (entry.kind === 'str') return { path: entry.target, kind: 'str', data };
  return { path: entry.target, kind: 'mpy', data: compiled(entry, data, files, profile) };
}

/** The cross-compiler's bytes, as `mpy-cross -s TARGET -O… -march=…` writes them. */
function compiled(entry: ManifestEntry, data: Uint8Array, files: ManifestFiles, { smallIntBits, nativeArch }: Profile): Uint8Array {
  const backend = nativeBackend(nativeArch, { namesOperators: false });
  try {
    const module = compile(versioned(data, entry.version), {
      fileName: entry.target,
      input: 'file',
      optLevel: entry.optLevel ?? 0,
      smallIntBits,
      float: 'double',
      errorReporting: 'detailed',
      defaultEmit: 'bytecode',
      nativeArch,
      crossCompiler: true,
      ...(backend === undefined ? {} : { nativeBackend: backend }),
    });
    return writeMpy(module, { smallIntBits, arch: nativeArch, archFlags: 0 });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const line = error.line > 0 ? `:${error.line}` : '';
    throw new FirmwareBuildError(`${files.shown(entry.path)}${line}: ${error.type}: ${error.message}`);
  }
}

/** The version that the package's metadata states becomes a name of the module, unless the file has it (tagged_py_file). */
function versioned(data: Uint8Array, version: string | undefined): Uint8Array {
  if (version === undefined || Buffer.from(data).includes('__version__ =')) return data;
  const quoted = version.includes("'") ? JSON.stringify(version) : `'${version.replaceAll('\\', '\\\\')}'`;
  return Buffer.concat([data, Buffer.from(`\n\n__version__ = ${quoted}\n`)]);
}

/** A file that is compiled already: in the firmware it has the name that it was compiled from (tools/mpy-tool.py, freeze_mpy). */
function compiledFile(
  { path, target }: ManifestEntry,
  data: Uint8Array,
  files: ManifestFiles,
  { smallIntBits, nativeArch: arch, float }: Profile,
  warn: (text: string) => void,
): FrozenFile {
  let name: string;
  try {
    name = readMpy(data, { smallIntBits, arch, float }).qstrs[0] ?? '';
  } catch (error) {
    if (error instanceof MpyError) throw new FirmwareBuildError(`${files.shown(path)}: ${error.message || 'incompatible .mpy file'}`);
    throw error;
  }
  if (!name.endsWith('.py'))
    throw new FirmwareBuildError(
      `${files.shown(path)} was compiled from "${name}": a frozen module's name ends with .py (mpy-cross -s NAME.py)`,
    );
  const expected = target.replace(/\.mpy$/i, '.py');
  if (name !== expected) warn(`${files.shown(path)} was compiled from "${name}", and is frozen under that name, not as ${expected}`);
  return { path: name, kind: 'mpy', data };
}
