/**
 * What a build of MicroPython is like, as far as the language can tell: word size, floats, messages, modules, features.
 * Most of it comes from a board's data (profiles.ts).
 */
export type Feature =
  | 'threads'
  /** Comparing bytes with str warns. */
  | 'strBytesCmpWarn'
  /** Warnings name their category. */
  | 'warningCategories'
  | 'delattrSetattr'
  | 'functionAttrs'
  | 'reverseSpecialMethods'
  /** All of `__imul__` and its like, not only `__iadd__` and `__isub__`. */
  | 'inplaceSpecialMethods'
  | 'sysExcInfo'
  | 'sysGetsizeof'
  | 'sysAtexit'
  | 'sysExecutable'
  /** gc.collect() says how many objects it freed. */
  | 'gcCollectReturnsCount'
  /** micropython.mem_total() and its kin. */
  | 'memoryStatistics'
  /** micropython.heap_locked() */
  | 'heapLocked'
  /** `range(2) == range(0, 2)`. */
  | 'rangeEquality'
  | 'sysSettrace'
  | 'compiler'
  | 'emergencyExceptionBuffer'
  /** Its size is set by micropython.alloc_emergency_exception_buf. */
  | 'allocEmergencyExceptionBuffer'
  /** ViperTypeError is a built-in name. */
  | 'nativeEmitter'
  /** Frames live on a stack of their own (micropython.pystack_use). */
  | 'pystack'
  /** Functions have `__code__`. */
  | 'functionCode'
  | 'moduleDictAttr'
  /** Modules have `__file__`. */
  | 'moduleFile'
  /** SystemExit carries a status out of the interpreter. */
  | 'exitCodes'
  /** Files, standard streams among them, have descriptors; standard error is a stream of its own. */
  | 'posixFiles'
  /** The line editor moves and kills by words. */
  | 'replWordsMove'
  | 'builtinSubpackages'
  /** `char` is unsigned in C: ranges of bytes in regular expressions compare so. */
  | 'unsignedChar'
  /** Match objects have groups, span, start and end. */
  | 'reMatchGroups'
  | 'hashlibSha1'
  | 'hashlibMd5'
  | 'cryptolibConsts'
  /** DeflateIO can write. */
  | 'deflateCompress'
  | 'ioBufferedWriter'
  /** asyncio's TaskQueue calls back after a push. */
  | 'asyncioPushCallback'
  /** select.select, beside poll. */
  | 'selectSelect'
  /** Times are counted from 2000, not from 1970. */
  | 'epoch2000'
  /** There is a clock that knows the date. */
  | 'wallClock'
  /** Delays in milliseconds end with a tick of the millisecond interrupt. */
  | 'millisecondTick'
  /** time and os are those of the Unix port: the C library's time, environment variables, os.system. */
  | 'posix'
  | 'osSync'
  | 'osUname'
  | 'osUrandom'
  | 'osDupterm';

/** What the firmware was built for, and with what. */
export interface PlatformDetails {
  readonly system: string;
  readonly architecture: string;
  readonly compiler: string;
  readonly library: string;
  readonly libraryVersion: string;
}

export interface Profile {
  readonly name: string;
  /** Bytes in a machine word: 4 or 8. */
  readonly wordSize: 4 | 8;
  /** Width of a small integer in bits, sign included: 31 or 63. */
  readonly smallIntBits: 31 | 63;
  readonly float: 'single' | 'double' | 'none';
  /** Mantissa bits of C's `long double`, which decimal numbers go through in double precision: 64 unless given. */
  readonly longDoubleBits?: 64 | 113;
  readonly errorReporting: 'detailed' | 'normal' | 'terse';
  /** Bytes of heap that a program can allocate. */
  readonly heapSize: number;
  /** Bytes of C stack that a program can use. */
  readonly stackSize: number;
  /** Bytes of it that are in use before a program's own code begins. */
  readonly stackInUse: number;
  /** sys.platform */
  readonly platform: string;
  /** sys.implementation: _machine, _build, _mpy; `_thread` only where there are threads. */
  readonly machine: string;
  readonly build: string | null;
  /** What the module platform tells. */
  readonly platformDetails: PlatformDetails;
  readonly mpy: number;
  readonly threadKind?: string;
  /** What sys.version says after "3.4.0; MicroPython v1.27.0 on ". */
  readonly buildDate: string;
  readonly byteorder: 'little';
  /** Names of the built-in modules. A module that is not named here cannot be imported, whatever is registered. */
  readonly modules: readonly string[];
  /** Names of the firmware's own frozen modules, as help('modules') lists them: paths without `.py`. */
  readonly frozenModules: readonly string[];
  /** Names of the filesystem types in `vfs` and `os`. */
  readonly filesystems: readonly string[];
  /** sys.path after a reset. */
  readonly sysPath: readonly string[];
  /** What help() prints. */
  readonly helpText: string;
  readonly features: ReadonlySet<Feature>;
  /** CPU clock in Hz, for the cost of bytecodes. */
  readonly cpuFrequency: number;
  /** Architecture number for native code; 0 without emitters. */
  readonly nativeArch: number;
  /** Extensions of that architecture which the build's code may use, as in `.mpy` files: 1 is Zba on RISC-V. None unless given. */
  readonly nativeFlags?: number;
}
