/**
 * The processor of a board as the virtual machine uses it: machine code of guest functions runs on a core, against the guest's memory, in the same virtual time as
 * bytecode. Cycles that it spends come out of the interpreter's budget, and due events happen between two of its instructions.
 */
import type { MpDict } from '../../objects/dict.ts';
import { NATIVE_STACK_BASE, NATIVE_STACK_TOP, reserveAddresses, WIDE_STACK_BASE, WIDE_STACK_TOP } from '../../objects/identity.ts';
import { guestException } from '../../vm/interpreter.ts';
import { raiseRecursionDepth } from '../../vm/raise.ts';
import { handlePending } from '../../vm/scheduler.ts';
import { now } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { hot, vm, vmHooks } from '../../vm/vm.ts';
import { Arch } from '../assembler/thumb.ts';
import { Fun } from '../native/runtime-table.ts';
import { Rv32Core } from '../rv32/core.ts';
import { ThumbCore } from '../thumb/core.ts';
import { MAX_BLOCK, type StopReason } from '../translating-core.ts';
import { putWord, type Word, wordOf } from '../word.ts';
import { X64Core } from '../x64/core.ts';
import { RAX, RCX, RDI, RDX, RSI } from '../x64/state.ts';
import { ForeignObjects } from './foreign-objects.ts';
import { interruptRegisters } from './interrupt-registers.ts';
import { asGuestError, machineFault } from './machine-fault.ts';
import { moduleConstants } from './module-functions.ts';
import { ModuleMemory } from './module-memory.ts';
import { NativeFrame } from './native-frame.ts';
import { NativeHeap } from './native-heap.ts';
import { NativeMemory } from './native-memory.ts';
import { NativePrinters } from './native-printer.ts';
import { NLR_RV32, NLR_THUMB, NlrStack, nlrByLayout, nlrX64 } from './nlr.ts';
import { ListItems } from './object-layouts.ts';
import { ObjectWords } from './object-words.ts';
import { runtimeFunctions } from './runtime-functions.ts';
import { TypeImages } from './type-image.ts';
import { WordMemory } from './word-memory.ts';

/** Longest run without a look at the clock, in cycles, when nothing is due. */
const LONGEST_RUN = 1 << 24;
/** Where host functions are: addresses in flash, as those of the firmware's functions. */
const HOST_BASE = 0x080e0000;
/** The millisecond interrupt ends every wait. */
const TICK_NS = 1_000_000;

/** No block of code takes more cycles. */
const BLOCK_CYCLES = MAX_BLOCK * 64;

/** Bytes of C stack that a call of a native function takes besides its own frame. */
const CALL_BYTES = 96;

/** Registers of the first four arguments of a call on x86-64. */
const X64_ARGUMENTS = [RDI, RSI, RDX, RCX] as const;

/** A function of the host as machine code calls it, with the first four arguments. Those that are given as whole words it must declare as such. */
export type HostCall = (a: number, b: number, c: number, d: number) => Word | void;

export class NativeMachine {
  /** Whether words have 64 bits. */
  readonly wide: boolean;
  readonly memory: NativeMemory;
  readonly layout: WordMemory;
  readonly core: ThumbCore | Rv32Core | X64Core;
  readonly words: ObjectWords;
  readonly modules: ModuleMemory;
  readonly nlr: NlrStack;
  /** What native modules allocate and make. */
  readonly heap: NativeHeap;
  readonly foreign: ForeignObjects;
  readonly lists: ListItems;
  readonly typeImages: TypeImages;
  readonly printers: NativePrinters;
  /** Address of the runtime's function table. */
  readonly functionTable: number;
  /** Memory besides stack and registers in which words of objects lie: states of generators that run, data of native modules. */
  readonly scanned = new Set<Int32Array>();

  private readonly stackBase: number;
  private readonly stackTop: number;
  private readonly stackWords: Int32Array;
  /** Register of the stack pointer, and the first for arguments and results. */
  private readonly sp: number;
  private readonly first: number;
  /** Registers that an interrupt saves, from the first on. */
  private readonly stackedRegisters: number;
  /** The core's cycles that have been taken from the budget. */
  private settled = 0;

  constructor(readonly arch: Arch) {
    this.wide = arch === Arch.X64;
    this.stackBase = this.wide ? WIDE_STACK_BASE : NATIVE_STACK_BASE;
    this.stackTop = this.wide ? WIDE_STACK_TOP : NATIVE_STACK_TOP;
    const stack = new Uint8Array(this.stackTop - this.stackBase);
    this.stackWords = new Int32Array(stack.buffer);
    this.memory = new NativeMemory(this.wide ? 8 : 4);
    this.layout = new WordMemory(this.memory);
    this.memory.map(this.stackBase, stack);
    if (arch === Arch.X64) {
      this.core = new X64Core(this.memory, { hostBase: HOST_BASE });
      this.sp = 8;
      this.first = RDI;
      this.stackedRegisters = 32;
      this.nlr = new NlrStack(nlrX64(this.memory, this.core.r), this.layout);
    } else if (arch === Arch.Rv32imc) {
      this.core = new Rv32Core(this.memory, { hostBase: HOST_BASE });
      this.sp = 2;
      this.first = 10;
      this.stackedRegisters = 32;
      this.nlr = new NlrStack(nlrByLayout(NLR_RV32, this.memory, this.core.r, null), this.layout);
    } else {
      const fpu = arch === Arch.Armv7emSp || arch === Arch.Armv7emDp;
      const { interruptMasks } = vm.port;
      const system = interruptMasks && interruptRegisters(interruptMasks, () => this.budgetChanged());
      this.core = new ThumbCore(this.memory, { hostBase: HOST_BASE, fpu, ...(system === undefined ? {} : { system }) });
      this.sp = 13;
      this.first = 0;
      this.stackedRegisters = 16;
      this.nlr = new NlrStack(nlrByLayout(NLR_THUMB, this.memory, this.core.r, fpu ? this.core.sBits : null), this.layout);
    }
    this.core.r[this.sp] = this.stackTop;
    this.words = new ObjectWords(this, () => this.scannedMemory());
    this.heap = new NativeHeap(this.memory, () => this.words);
    this.foreign = new ForeignObjects(this);
    this.lists = new ListItems(this);
    this.typeImages = new TypeImages(this);
    this.printers = new NativePrinters(this);
    this.modules = new ModuleMemory(this);
    this.memory.beforeBusAccess = () => this.account();
    this.memory.afterBusAccess = () => this.budgetChanged();
    this.core.onThrow = thrown => this.unwind(thrown);
    this.functionTable = this.makeTable();
    vm.roots.add(() => this.remembered());
  }

  /** Memory of the machine's own: its address, a multiple of 16. */
  allocate(bytes: Uint8Array): number {
    const address = reserveAddresses(bytes.length);
    this.memory.map(address, bytes);
    return address;
  }

  /** As machine code calls it. */
  callable(address: number): number {
    return this.core instanceof ThumbCore ? address | 1 : address;
  }

  private makeTable(): number {
    const table = new Array<Word>(Fun.Count).fill(0);
    table[Fun.ConstNone] = this.words.word(null);
    table[Fun.ConstFalse] = this.words.word(false);
    table[Fun.ConstTrue] = this.words.word(true);
    for (const { entry, cycles, objects, run } of runtimeFunctions(this)) table[entry] = this.hostFunction(cycles, run, objects);
    for (const [entry, word] of moduleConstants(this)) table[entry] = word;
    return this.allocate(new Uint8Array(this.layout.encode(table).buffer));
  }

  /**
   * A function of the runtime: the address to call.
   *
   * @param cycles what it takes on the board, besides the guest code that it runs
   * @param run gets the first four arguments, and gives the result
   * @param objects which arguments are whole words, bit by bit: of the others only the lower 32 bits count
   */
  hostFunction(cycles: number, run: HostCall, objects = 0): number {
    const { core, first } = this;
    const { r } = core;
    const call = this.wide ? this.wideCall(run, objects) : () => run(r[first], r[first + 1], r[first + 2], r[first + 3]);
    return core.addHostFunction(() => {
      this.settle();
      hot.budget -= cycles;
      const used = vm.stackUsed;
      vm.stackUsed = Math.max(used, this.stackTop - (r[this.sp] >>> 0));
      let result: Word | void;
      try {
        result = call();
      } finally {
        vm.stackUsed = used;
      }
      if (result !== undefined) {
        if (this.wide) putWord(r, RAX, result);
        else r[first] = result as number;
      }
      core.allow(Math.max(1, hot.budget));
    });
  }

  private wideCall(run: HostCall, objects: number): () => Word | void {
    const { r } = this.core;
    const [a, b, c, d] = X64_ARGUMENTS.map((at, i) => ((objects >> i) & 1 ? () => wordOf(r, at) as number : () => r[at]));
    switch (run.length) {
      case 0:
        return () => run(0, 0, 0, 0);
      case 1:
        return () => run(a(), 0, 0, 0);
      case 2:
        return () => run(a(), b(), 0, 0);
      case 3:
        return () => run(a(), b(), c(), 0);
      default:
        return () => run(a(), b(), c(), d());
    }
  }

  /** Takes the cycles spent since the last time from the budget. */
  private account(): void {
    const { cycles } = this.core;
    hot.budget -= cycles - this.settled;
    this.settled = cycles;
  }

  /** Accounts for the cycles spent, and lets what is due happen, between two instructions. */
  settle(): void {
    this.account();
    if (hot.budget < 0) this.interrupted(vmHooks.service);
  }

  private interrupted(action: () => void): void {
    this.core.interrupted(this.stackedRegisters, action);
    this.settled = this.core.cycles;
  }

  /** Something inside an instruction may have moved the next event, or made an interrupt pending. */
  private budgetChanged(): void {
    if (this.core.depth === 0) return;
    this.core.allow(Math.max(1, hot.budget));
    if (hot.budget < BLOCK_CYCLES) this.core.requestStop('stopped');
  }

  /**
   * Calls machine code.
   *
   * @param values words that are put on the stack; their address becomes the last argument
   * @returns the result register. Guest exceptions are thrown as `Raise`, as everywhere.
   */
  call(address: number, args: readonly Word[], values: readonly Word[] = []): Word {
    return this.callWith(address, place => (values.length > 0 ? [...args, place(values)] : args));
  }

  /** Argument `index` of the call of a host function, counted from 0, also where it is on the stack. */
  argument(index: number): Word {
    const { core, sp, first } = this;
    if (core instanceof X64Core) return core.argument(index);
    const inRegisters = this.arch === Arch.Rv32imc ? 8 : 4;
    return index < inRegisters ? core.r[first + index] : this.memory.read32((core.r[sp] + 4 * (index - inRegisters)) | 0);
  }

  /** The upper half of a result of two words. */
  setSecondResult(word: number): void {
    this.core.r[this.first + 1] = word;
  }

  /**
   * Calls machine code with arguments that may be addresses of words on the stack.
   *
   * @param build gives the arguments; its parameter puts words on the stack and gives their address
   */
  callWith(address: number, build: (place: (words: readonly Word[]) => number) => readonly Word[]): Word {
    const { core, sp } = this;
    const { r } = core;
    const stackUsed = vm.stackUsed;
    const frame = vm.frame;
    const savedSp = r[sp];
    if (stackUsed > vm.stackLimit) raiseRecursionDepth();
    let top = (Math.min(savedSp >>> 0, this.stackTop - stackUsed) - CALL_BYTES * (this.wide ? 2 : 1)) & ~15;
    const args = build(words => {
      top = (top - this.layout.bytes * Math.max(words.length, 1)) & ~7;
      if (top < this.stackBase) raiseRecursionDepth();
      this.stackWords.set(this.layout.encode(words), (top - this.stackBase) >> 2);
      return top;
    });
    r[sp] = top;
    this.settled = core.cycles;
    try {
      const onStop = (reason: StopReason): number => this.stopped(reason);
      if (core instanceof X64Core) return core.call(address, args, this.slice(), onStop);
      return core.call(address, args as readonly number[], this.slice(), onStop);
    } catch (thrown) {
      throw this.guestError(thrown);
    } finally {
      r[sp] = savedSp;
      this.nlr.trim(core.depth);
      vm.frame = frame;
      vm.stackUsed = stackUsed;
      this.settle();
    }
  }

  /** What a process's fault is for the guest. A board has faults of its own. */
  guestError(thrown: unknown): unknown {
    return this.wide ? asGuestError(thrown) : thrown;
  }

  private slice(): number {
    return Math.max(1, Math.min(hot.budget, LONGEST_RUN));
  }

  private stopped(reason: StopReason): number {
    this.settle();
    if (this.wide && vm.pendingException !== undefined) this.interruptCode();
    switch (reason) {
      case 'fault':
      case 'bkpt':
        machineFault(this, reason);
        break;
      case 'wfi':
        this.interrupted(() => vm.port.idle(Math.min(vm.clock.nextDue, (Math.floor(now() / TICK_NS) + 1) * TICK_NS)));
        break;
      default:
    }
    return this.slice();
  }

  /** A process's signal for the keyboard raises its exception at once, also between two machine instructions (MICROPY_ASYNC_KBD_INTR of ports/unix). */
  private interruptCode(): void {
    try {
      handlePending();
    } catch (thrown) {
      // The run that has just stopped is one level deeper.
      if (!this.unwind(thrown, this.core.depth + 1)) throw thrown;
    }
  }

  /** After a host function has thrown: goes on behind the innermost `nlr_push` of the running call. */
  private unwind(thrown: unknown, depth = this.core.depth): boolean {
    const { core, nlr } = this;
    nlr.trim(depth);
    const exception = guestException(this.guestError(thrown));
    const back = nlr.jump(depth, this.words.word(exception));
    if (back === undefined) return false;
    if (this.wide) putWord(core.r, RAX, 1);
    else core.r[this.first] = 1;
    core.resumeAt(back);
    core.allow(Math.max(1, hot.budget));
    return true;
  }

  /** Makes other globals the current ones; gives the word of those before, or 0 when they are the same (mp_native_swap_globals). */
  swapGlobals(word: number): Word {
    if (word === 0) return 0;
    const globals = this.words.required(word) as MpDict;
    const { frame } = vm;
    const before = vm.currentGlobals();
    if (globals === before) return 0;
    // Going back to where a native frame came from ends it.
    if (frame instanceof NativeFrame && (frame.outer === null ? vm.globals : frame.outer.globals) === globals) vm.frame = frame.outer;
    else vm.frame = new NativeFrame(globals);
    return this.words.word(before);
  }

  /** Registers, stack, and what else may hold words of objects, but for the blocks that native modules have allocated. */
  private *ownMemory(): Iterable<Int32Array> {
    const first = Math.max(0, Math.floor(((this.core.r[this.sp] >>> 0) - this.stackBase) / 4));
    yield this.core.r;
    yield this.stackWords.subarray(first);
    yield* this.scanned;
    yield* this.modules.scanned();
  }

  private *scannedMemory(): Iterable<Int32Array> {
    yield* this.ownMemory();
    yield* this.heap.contents();
  }

  /** Everything that machine code holds, for a collection that begins. */
  private remembered(): Iterable<Value> {
    this.heap.collect();
    this.words.sweep();
    return this.heap.valuesIn(this.ownMemory());
  }

  /** Words of a value that stays for as long as the machine: it is kept in a place that is always looked at. */
  pinned(value: Value): number {
    const word = this.words.pointer(value);
    this.scanned.add(Int32Array.of(word));
    return word;
  }
}

const KEY = Symbol('native machine');

/** The running board's machine, made when the first machine code runs; a soft reset makes a new one. */
export const nativeMachine = (): NativeMachine => vm.volatileStateOf(KEY, () => new NativeMachine(vm.profile.nativeArch));
