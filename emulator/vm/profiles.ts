/**
 * How a board's firmware is built. Most of it stands in the board's data; what that does not say is the same for all boards of a port
 * and stands here. It was asked of the official builds of 1.27.0 (`dir()` of their modules, `micropython.mem_info()`), or read from
 * their ports' mpconfigport.h.
 */
import type { Board } from '../../boards/board.ts';
import { pyboardV11 } from '../../boards/pyboard-v1.1.ts';
import { unix } from '../../boards/unix.ts';
import { webassembly } from '../../boards/webassembly.ts';
import { HELP_TEXT, PYBOARD_HELP_TEXT } from './help-texts.ts';
import type { Feature, Profile } from './profile.ts';

/** What all ports here have: they are at the "extra features" level or above. */
const EXTRA_FEATURES: readonly Feature[] = [
  'compiler',
  'delattrSetattr',
  'functionAttrs',
  'reverseSpecialMethods',
  'moduleDictAttr',
  'moduleFile',
];

/** What the builds of a port have in common. */
type Port = Pick<
  Profile,
  'errorReporting' | 'stackInUse' | 'filesystems' | 'helpText' | 'features' | 'cpuFrequency' | 'longDoubleBits' | 'nativeFlags'
>;

/** By `sys.platform`. */
const PORTS: Readonly<Record<string, Port>> = {
  linux: {
    errorReporting: 'detailed',
    stackInUse: 184,
    filesystems: ['VfsFat', 'VfsLfs1', 'VfsLfs2', 'VfsRom', 'VfsPosix'],
    helpText: HELP_TEXT,
    features: new Set<Feature>([
      ...EXTRA_FEATURES,
      'threads',
      'strBytesCmpWarn',
      'sysExcInfo',
      'sysAtexit',
      'sysExecutable',
      'gcCollectReturnsCount',
      'memoryStatistics',
      'emergencyExceptionBuffer',
      'nativeEmitter',
      'exitCodes',
      'posixFiles',
      'replWordsMove',
      'posix',
      'wallClock',
      'osUrandom',
    ]),
    cpuFrequency: 1_000_000_000,
  },
  pyboard: {
    errorReporting: 'normal',
    stackInUse: 188,
    filesystems: ['VfsFat', 'VfsLfs2'],
    helpText: PYBOARD_HELP_TEXT,
    features: new Set<Feature>([
      ...EXTRA_FEATURES,
      'emergencyExceptionBuffer',
      'allocEmergencyExceptionBuffer',
      'nativeEmitter',
      'wallClock',
      'unsignedChar',
      'selectSelect',
      'epoch2000',
      'millisecondTick',
      'osSync',
      'osUname',
      'osUrandom',
      'osDupterm',
    ]),
    cpuFrequency: 168_000_000,
  },
  webassembly: {
    errorReporting: 'detailed',
    stackInUse: 188,
    filesystems: ['VfsPosix'],
    helpText: HELP_TEXT,
    features: new Set<Feature>([
      ...EXTRA_FEATURES,
      'wallClock',
      'pystack',
      'functionCode',
      'posixFiles',
      'deflateCompress',
      'asyncioPushCallback',
      'selectSelect',
    ]),
    cpuFrequency: 1_000_000_000,
    longDoubleBits: 113,
  },
  // Observed on that firmware under QEMU.
  qemu: {
    errorReporting: 'normal',
    stackInUse: 188,
    filesystems: ['VfsRom'],
    helpText: HELP_TEXT,
    features: new Set<Feature>([
      ...EXTRA_FEATURES,
      'memoryStatistics',
      'emergencyExceptionBuffer',
      'allocEmergencyExceptionBuffer',
      'nativeEmitter',
    ]),
    cpuFrequency: 100_000_000,
    nativeFlags: 1,
  },
};

/** Architectures by the names that the cross-compiler has for them, and their numbers in `.mpy` files. */
const NATIVE_ARCHITECTURES: Readonly<Record<string, number>> = {
  x86: 1,
  x64: 2,
  armv6: 3,
  armv6m: 4,
  armv7m: 5,
  armv7em: 6,
  armv7emsp: 7,
  armv7emdp: 8,
  xtensa: 9,
  xtensawin: 10,
  rv32imc: 11,
  rv64imc: 12,
};

/** Version 6, sub-version 3 of the `.mpy` format, as `sys.implementation._mpy` tells it. */
const MPY_VERSION = 6 | (3 << 8);

const known = new WeakMap<Board, Profile>();

/** The build of a board, worked out once for each board's data. A board of a port that is not known here is built as the pyboard is. */
export function profileOf(board: Board): Profile {
  let profile = known.get(board);
  if (profile === undefined) known.set(board, (profile = makeProfile(board)));
  return profile;
}

function makeProfile({ name, identity, runtime, memory, modules }: Board): Profile {
  const port = PORTS[identity.platform] ?? PORTS.pyboard!;
  const nativeArch = NATIVE_ARCHITECTURES[runtime.nativeArchitecture ?? ''] ?? 0;
  return {
    ...port,
    features: runtime.compiler ? port.features : new Set([...port.features].filter(feature => feature !== 'compiler')),
    name,
    wordSize: runtime.wordBits === 64 ? 8 : 4,
    smallIntBits: runtime.wordBits === 64 ? 63 : 31,
    float: runtime.float,
    heapSize: memory.heap,
    stackSize: memory.stack,
    platform: identity.platform,
    machine: identity.machine,
    build: identity.build ?? null,
    platformDetails: identity.platformDetails ?? pyboardV11.identity.platformDetails!,
    threadKind: identity.threads,
    buildDate: identity.release.split(' ').at(-1)!,
    byteorder: 'little',
    modules: modules.builtin.filter(module => module !== '__main__'),
    frozenModules: modules.frozen,
    sysPath: modules.path,
    nativeArch,
    mpy: MPY_VERSION | (nativeArch << 10) | ((port.nativeFlags ?? 0) << 16),
  };
}

/** The official Unix port, variant `standard`. */
export const unixProfile = profileOf(unix);
/** The stock firmware of the pyboard v1.1 (PYBV11). */
export const pyboardProfile = profileOf(pyboardV11);
/** The official WebAssembly build, variant `pyscript`: what CI compares with. */
export const webassemblyProfile = profileOf(webassembly);
