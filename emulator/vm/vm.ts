/**
 * The state of one MicroPython: what lives in MP_STATE_VM in the reference. A worker may hold many; `vm` is the one that is
 * running, set by `runIn`. The core is synchronous, so there is only one at a time.
 */

import { Clock } from '../clock/clock.ts';
import type { LocalTime } from '../clock/local-time.ts';
import { type FloatKind, floatKind } from '../objects/decimal-exponent.ts';
import type { MpDict } from '../objects/dict.ts';
import type { MpList } from '../objects/list.ts';
import type { MpModule } from '../objects/module.ts';
import type { PosixFiles } from '../storage/posix-files.ts';
import type { Frame } from './frame.ts';
import { Heap } from './heap.ts';
import { hot } from './hot.ts';
import type { FrozenModules } from './import.ts';
import type { Profile } from './profile.ts';
import type { Threads } from './threads.ts';
import type { MpObj, Value } from './value.ts';

/** What the board's surroundings do for the language: the port layer (mphalport, the main loop, the filesystem for imports). */
export interface Port {
  /** Sends bytes to standard output (the REPL's serial port). May take virtual time. */
  writeStdout(bytes: Uint8Array): void;
  /** Prints a warning or a port message, where the build shows them. */
  writeStderr(text: string): void;
  /** Reads one byte of standard input, waiting for it in virtual time; -1 at the end of input. */
  readStdin(): number;
  /** As `readStdin`, for the line editor, where that reads differently: it then sees Return for a newline, and Ctrl-D at the end of input. */
  readKey?(): number;
  /** Paste mode has ended: a newline that came with the Ctrl-D is no input any more. (The terminal of a process loses all that was typed ahead.) */
  dropLineEnd?(): void;
  /** Writes bytes to standard output as they are, where `writeStdout` turns a newline into a carriage return and a newline. */
  writeStdoutRaw?(bytes: Uint8Array): void;
  /** Lets the user type and edit a line, as input() does: without its end; `interrupt` after Ctrl-C, `end` after Ctrl-D on an empty line. */
  readLine?(): { text: string } | 'interrupt' | 'end';
  /** Is there input (poll)? */
  stdinReady?(): boolean;
  /** What a path names, for imports, while nothing is mounted. */
  importStat?(path: string): 'none' | 'file' | 'dir';
  /** Reads a whole file for an import, while nothing is mounted. Throws the guest's OSError. */
  readFile?(path: string): Uint8Array;
  /** Called when the guest computes nothing until `until` (ns; Infinity: until an event or input). Advances the clock. */
  idle(until: number): void;
  /** The board has power, and is not held in reset. */
  readonly runnable?: boolean;
  /** An instruction boundary after time has passed: takes interrupts, or throws to leave the guest. */
  boundary?(): void;
  /** A scheduled callback ended with an uncaught exception. */
  callbackFailed?(exception: Value): void;
  /** 32 bits of the board's seeded generator (seeds of `random`, os.urandom). */
  random32?(): number;
  /** os.dupterm has put a stream in the place of another; None for none. */
  duptermChanged?(detached: Value, attached: Value): void;
  /** The files of a `unix` machine, the directory it starts in, and its environment variables. */
  readonly files?: PosixFiles;
  readonly startDirectory?: string;
  readonly environment?: ReadonlyMap<string, string>;
  /** Machine code has faulted: shows it, or resets. Does not return. */
  hardFault?(fault: HardFaultReport, memory: (address: number) => number): never;
  /** The runtime has accessed an address at which nothing answers: a hard fault too. */
  busFault?(address: number): never;
  /** The processor's registers that hold interrupts back, where there are any. */
  readonly interruptMasks?: InterruptMasks;
  /** The board's wall clock: whole seconds since 1970, and the ns of the current second. */
  wallClock?(): { seconds: number; ns: number };
}

export interface InterruptMasks {
  /** PRIMASK: no interrupt is taken. */
  primask: boolean;
  /** BASEPRI: the priority from which on interrupts are held back; 0 holds none. */
  basepri: number;
  /** IPSR: the number of the exception whose handler runs, 0 for none. */
  readonly exception: number;
}

/** What a Cortex-M's hard fault handler finds: fault status registers, and what the processor stacked. All unsigned. */
export interface HardFaultReport {
  readonly hfsr: number;
  readonly cfsr: number;
  readonly mmfar: number;
  readonly bfar: number;
  /** Address of the stacked registers. */
  readonly sp: number;
  readonly r0: number;
  readonly r1: number;
  readonly r2: number;
  readonly r3: number;
  readonly r12: number;
  readonly lr: number;
  readonly pc: number;
  readonly xpsr: number;
}

export { hot };

export type Root = () => Iterable<Value | undefined>;

export class Vm {
  readonly heap: Heap;
  readonly wordSize: number;
  readonly float32: boolean;
  /** How this machine's floats are read and printed. */
  readonly floats: FloatKind;
  readonly smallIntMax: number;
  readonly smallIntMin: number;
  readonly detailed: boolean;
  readonly terse: boolean;
  /** The running frame; null at the prompt. */
  frame: Frame | null = null;
  /** Where names are stored that are not a function's own (mp_locals_get). */
  locals!: MpDict;
  /** Globals when no frame runs: those of `__main__`. */
  globals!: MpDict;
  main!: MpModule;
  /** sys.modules */
  loadedModules!: MpDict;
  /** Names that the guest put into `builtins`. */
  builtinsOverride: MpDict | null = null;
  /** Instances of built-in modules, made on first import. */
  readonly builtinModules = new Map<string, MpModule>();
  /** micropython.opt_level() */
  optLevel = 0;
  /** Code was loaded from a `.mpy` file: nobody vouches for what it does to its stack. */
  hasForeignCode = false;
  /** How often -v was given: at 2, bytecode is printed as it is compiled. */
  verbosity = 0;
  /** CPU clock in Hz; a board may change it while it runs. */
  cpuFrequency: number;
  /** Bytes of C stack in use, by the reference's frames. */
  stackUsed = 0;
  stackLimit: number;
  /** Value of a StopIteration that `next` slots signal by returning undefined. */
  stopValue: Value | undefined = undefined;
  /** Raised at the next branch (KeyboardInterrupt by Ctrl-C). */
  pendingException: Value | undefined = undefined;
  /** Scheduled callbacks (micropython.schedule), oldest first. */
  readonly schedule: [Value, Value][] = [];
  schedulerLocked = 0;
  /** sys.exc_info() where the build has it. */
  currentException: Value | null = null;
  /** Accounts of CPU time (service.ts): the budget that was last given, in cycles, and what is left of a nanosecond, times the clock frequency. */
  budgetGiven = 0;
  cpuRemainder = 0;
  /** The board's own time, once its oscillator is off; null while that is the clock's. */
  localTime: LocalTime | null = null;
  /** Told of each hard fault, in words, before the port shows it or resets the board. */
  onHardFault: ((cause: string) => void) | undefined = undefined;
  /** The port wants its `boundary` before the next instruction. */
  attention = false;
  /** State that modules keep from one reset to the next: keyed by the module's own symbol or class. */
  readonly state = new Map<unknown, unknown>();
  /** As `state`, but lost at a soft reset. */
  private readonly volatileState = new Map<unknown, unknown>();
  /** Things that the guest can reach but that hang on nothing it holds: callbacks, registered devices. Each returns values. */
  readonly roots = new Set<Root>();
  /** Strings that the program has interned. */
  readonly strings = new Set<string>();
  /** Names that frozen modules have brought into the firmware's ROM, where those are not known from the beginning (`frozen.qstrs`). */
  readonly romStrings = new Set<string>();
  /** sys.path and sys.argv. */
  sysPath!: MpList;
  sysArgv!: MpList;
  /** Objects with a finaliser: a collection calls `__del__` of those that nothing holds. */
  readonly finalisable = new Set<MpObj>();
  /** A collection found some that nothing holds, but could not call them then. */
  finalisationDue = false;
  /** Bytes that micropython.alloc_emergency_exception_buf has set aside. */
  emergencyBuffer = 0;
  /** sys.executable, where the build has it. */
  executable = '';
  /** Modules frozen into the firmware. */
  frozen: FrozenModules | null = null;
  /** Threads of guest code, once there have been any. */
  threads: Threads | null = null;
  /** The byte that interrupts a running program (Ctrl-C, or what micropython.kbd_intr set); -1: none. */
  interruptChar = -1;
  /** Emitter for functions without a decorator (`-X emit=` of the Unix port). */
  defaultEmit: 'bytecode' | 'native' | 'viper' = 'bytecode';

  constructor(
    /** What the firmware is like; another one that is installed on the same board may lack the compiler, and says another release. */
    public profile: Profile,
    readonly port: Port,
    readonly clock: Clock = new Clock(),
  ) {
    this.wordSize = profile.wordSize;
    this.float32 = profile.float === 'single';
    this.floats = floatKind(profile.float, profile.longDoubleBits);
    this.smallIntMax = Math.min(2 ** (profile.smallIntBits - 1) - 1, Number.MAX_SAFE_INTEGER);
    this.smallIntMin = Math.max(-(2 ** (profile.smallIntBits - 1)), Number.MIN_SAFE_INTEGER);
    this.detailed = profile.errorReporting === 'detailed';
    this.terse = profile.errorReporting === 'terse';
    this.stackLimit = profile.stackSize;
    this.cpuFrequency = profile.cpuFrequency;
    this.heap = new Heap(profile.heapSize, profile.wordSize, {
      collect: () => vmHooks.collect(this),
      fail: (bytes, locked) => vmHooks.memoryError(bytes, locked),
    });
  }

  feature(name: Parameters<Profile['features']['has']>[0]): boolean {
    return this.profile.features.has(name);
  }

  /** The module-wide namespace of the running code. */
  currentGlobals(): MpDict {
    return this.frame === null ? this.globals : this.frame.globals;
  }

  /** Per-board state of a module, made on first use. */
  stateOf<T>(key: unknown, make: () => T): T {
    let value = this.state.get(key) as T | undefined;
    if (value === undefined) {
      value = make();
      this.state.set(key, value);
    }
    return value;
  }

  /** Per-board state of a module that a soft reset clears, made on first use. */
  volatileStateOf<T>(key: unknown, make: () => T): T {
    let value = this.volatileState.get(key) as T | undefined;
    if (value === undefined) {
      value = make();
      this.volatileState.set(key, value);
    }
    return value;
  }

  /** What a soft reset does to the modules' state. */
  clearVolatileState(): void {
    this.volatileState.clear();
    this.roots.clear();
  }
}

/** Set by the files that stand above this one. */
export const vmHooks: {
  collect: (vm: Vm) => number;
  memoryError: (bytes: number | bigint, locked: boolean) => never;
  service: () => void;
} = {
  collect: vm => vm.heap.used,
  memoryError: () => {
    throw new Error('objects/exception.ts is not loaded');
  },
  service: () => {},
};

/** The machine that is running. */
export let vm: Vm;

/** Runs `action` with `machine` as the running one. */
export function runIn<T>(machine: Vm, action: () => T): T {
  const previous = vm;
  const previousBudget = hot.budget;
  const previousPending = hot.pending;
  vm = machine;
  hot.budget = 0;
  machine.budgetGiven = 0;
  hot.pending = machine.pendingException !== undefined || machine.schedule.length > 0;
  try {
    return action();
  } finally {
    vm = previous;
    hot.budget = previousBudget;
    hot.pending = previousPending;
  }
}
