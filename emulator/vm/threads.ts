/**
 * Threads of guest code (py/modthread.c and ports/unix/mpthreadport.c), all on the one JavaScript stack.
 *
 * The main thread's frames stand at the bottom of that stack. When it has run for a slice, or waits, another thread gets a slice on
 * top of it and leaves it again: at an instruction boundary, or, when a function blocks that the thread's code calls directly, before
 * that call, which is made anew when the thread's turn comes. A thread that is inside a native function which calls back (a sort with
 * its key, an import) cannot leave; while it is, it runs on, and threads above it run. If it then waits for a lock that a thread
 * below it holds, nobody could ever go on: RuntimeError, where the reference would go on.
 */
import { boundMethodType, type MpBoundMethod } from '../objects/bound-method.ts';
import { closureType, functionType, type MpClosure, type MpFunction, newFrame } from '../objects/bytecode-function.ts';
import { excTypes, printException } from '../objects/exception.ts';
import { MpNativeFun } from '../objects/function.ts';
import { reserveAddresses } from '../objects/identity.ts';
import { call } from './call.ts';
import { COST } from './cost.ts';
import type { Frame } from './frame.ts';
import { FrameResult, runFrame } from './interpreter.ts';
import { Op } from './opcodes.ts';
import { printValue } from './printing.ts';
import { Raise, raiseRuntimeError } from './raise.ts';
import { now, rebudget } from './service.ts';
import { ThreadSwitch } from './thread-switch.ts';
import { isSubclass, typeOf } from './type.ts';
import { type KwArgs, PrintKind, StringPrinter, type Value } from './value.ts';
import { vm } from './vm.ts';

/** How long a thread runs before the next one does, in ns of virtual time. The reference's threads run at the same time. */
const SLICE = 100_000;
/** Of a thread's stack so much is kept back to recover from an overflow (THREAD_STACK_OVERFLOW_MARGIN), and how much one has by default. */
const STACK_MARGIN = 8192;
const DEFAULT_STACK = 65_536;
const MINIMUM_STACK = 16_384;

/** What each thread has for itself (mp_state_thread_t). */
interface ThreadState {
  stackUsed: number;
  stackLimit: number;
  locals: typeof vm.locals;
  globals: typeof vm.globals;
  currentException: Value | null;
  heapLocks: number;
}

export class Thread {
  readonly ident: number;
  /** The outermost frame, and the one to go on in; null before the first slice and while the thread runs. */
  base: Frame | null = null;
  top: Frame | null = null;
  /** Its code is on the JavaScript stack. */
  running = false;
  finished = false;
  /** It waits, until then (ns; Infinity: until something happens). */
  blockedUntil: number | undefined = undefined;
  /** It waits for nothing but that time. */
  sleeps = false;
  /** When the call that waits ends in any case. */
  deadline = Infinity;
  /** `deadline`, when the call is made anew: for the function to take up. */
  retriedDeadline: number | undefined = undefined;

  constructor(
    readonly fun: Value,
    readonly args: readonly Value[],
    readonly kw: KwArgs,
    readonly state: ThreadState,
  ) {
    this.ident = reserveAddresses(64);
  }

  /** Values that only this thread holds. */
  *heldValues(): Iterable<Value | undefined> {
    if (this.base !== null) return;
    yield this.fun;
    yield* this.args;
    if (this.kw !== null) yield* this.kw;
  }
}

/** JavaScript functions of built-in functions that may block, and do nothing before they do: a call of one can be made anew. */
const blockingFunctions = new WeakSet<object>();

/** Marks a built-in function: until it waits it has no effect, so that its call can be repeated. */
export function mayBlock(fun: MpNativeFun): MpNativeFun {
  blockingFunctions.add(fun.fn);
  return fun;
}

function saveState(): ThreadState {
  const { stackUsed, stackLimit, locals, globals, currentException } = vm;
  return { stackUsed, stackLimit, locals, globals, currentException, heapLocks: vm.heap.lockDepth };
}

function restoreState(state: ThreadState): void {
  vm.stackUsed = state.stackUsed;
  vm.stackLimit = state.stackLimit;
  vm.locals = state.locals;
  vm.globals = state.globals;
  vm.currentException = state.currentException;
  vm.heap.lockDepth = state.heapLocks;
}

export class Threads {
  readonly mainIdent = reserveAddresses(64);
  /** All but the main thread, in the order of their turns. */
  private list: Thread[] = [];
  /** Whose code runs; null: the main thread's. */
  current: Thread | null = null;
  /** When the running slice ends, in ns. */
  sliceEnd = 0;

  get ident(): number {
    return this.current === null ? this.mainIdent : this.current.ident;
  }

  start(fun: Value, args: readonly Value[], kw: KwArgs, stackSize: number): Thread {
    const size = Math.max(stackSize === 0 ? DEFAULT_STACK : stackSize, MINIMUM_STACK);
    const { locals, globals } = vm;
    const inherited = vm.frame === null ? { locals, globals } : { locals, globals: vm.frame.globals };
    const state = { stackUsed: 0, stackLimit: size - STACK_MARGIN, currentException: null, heapLocks: 0, ...inherited };
    const thread = new Thread(fun, args, kw, state);
    this.list.push(thread);
    this.startSlice();
    return thread;
  }

  private startSlice(): void {
    const time = now();
    this.sliceEnd = this.list.length === 0 ? Infinity : time + SLICE;
    rebudget();
  }

  /** The code that runs has left its frames, with `frame` the innermost. */
  left(frame: Frame): void {
    this.current!.top = frame;
  }

  /** An instruction boundary after time has passed: lets the other threads run when the slice is over. */
  boundary(): void {
    if (vm.clock.now < this.sliceEnd) return;
    if (this.canLeave()) throw new ThreadSwitch(false);
    this.runOthers();
  }

  /** Is the running code a thread's that stands alone on its part of the stack? */
  private canLeave(): boolean {
    const { current } = this;
    if (current === null) return false;
    let frame = vm.frame;
    while (frame !== null && frame.caller !== null) frame = frame.caller;
    return frame !== null && frame === current.base;
  }

  /** Is the instruction that runs a direct call of a function that may block? */
  private canRepeat(): boolean {
    if (!this.canLeave()) return false;
    const frame = vm.frame!;
    const { state, sp, code } = frame;
    const at = frame.pc - 1;
    const op = code.ops[at];
    if (op === Op.SetupWith) return true;
    if (op !== Op.CallFunction && op !== Op.CallMethod) return false;
    const arg = code.args[at];
    const fun = state[sp - (arg & 0xff) - 2 * (arg >> 8) - (op === Op.CallMethod ? 1 : 0)];
    return fun instanceof MpNativeFun && blockingFunctions.has(fun.fn);
  }

  /** Is the call that runs a repeated one? Until it has asked for its deadline. */
  get repeating(): boolean {
    return this.current !== null && this.current.retriedDeadline !== undefined;
  }

  /** The deadline that a repeated call has waited for already, or `fresh` for a first call. */
  deadline(fresh: number): number {
    const { current } = this;
    if (current === null || current.retriedDeadline === undefined) return fresh;
    const deadline = current.retriedDeadline;
    current.retriedDeadline = undefined;
    return deadline;
  }

  /**
   * Lets others run, and time pass until `until` (ns), while the running thread waits for something until `deadline`. May leave the
   * function that calls it, which is then called anew. `sleeps`: nothing but the time is waited for. `holder` is the thread that
   * keeps a lock which is waited for (null: the main thread).
   */
  wait(until: number, deadline: number, sleeps = false, holder?: Thread | null): void {
    if (this.canRepeat()) {
      const thread = this.current!;
      thread.blockedUntil = until;
      thread.deadline = deadline;
      thread.sleeps = sleeps;
      throw new ThreadSwitch(true);
    }
    if (this.runOthers()) return;
    const holderIsBelow = holder === null || (holder?.running && holder !== this.current);
    const forEver = until === Infinity && vm.clock.nextDue === Infinity;
    if (this.current !== null && (holderIsBelow || forEver)) {
      raiseRuntimeError('a thread inside a native function waits for one that cannot go on before it');
    }
    now();
    let wake = until;
    for (const thread of this.list) {
      if (!thread.running && thread.blockedUntil !== undefined && thread.blockedUntil < wake) wake = thread.blockedUntil;
    }
    vm.port.idle(wake);
    rebudget();
  }

  /** Gives the next thread that can go on a slice. Has one done anything? */
  runOthers(): boolean {
    let progress = false;
    for (let n = this.list.length; n > 0 && !progress; n--) {
      const thread = this.list.shift();
      if (thread === undefined) break;
      this.list.push(thread);
      if (!thread.running) progress = this.runSlice(thread);
    }
    this.startSlice();
    return progress;
  }

  /** Lets a thread run for a slice. Has it done anything? */
  private runSlice(thread: Thread): boolean {
    const { blockedUntil, top: stoodAt } = thread;
    const start = now();
    if (blockedUntil !== undefined && thread.sleeps && blockedUntil > start) return false;
    const before = this.current;
    const saved = saveState();
    restoreState(thread.state);
    this.current = thread;
    thread.running = true;
    thread.retriedDeadline = blockedUntil === undefined ? undefined : thread.deadline;
    thread.blockedUntil = undefined;
    this.startSlice();
    try {
      thread.finished = this.run(thread);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      thread.finished = true;
      reportUncaught(thread.fun, error.exception);
    } finally {
      Object.assign(thread.state, saveState());
      thread.running = false;
      this.current = before;
      restoreState(saved);
      if (thread.finished) this.list = this.list.filter(other => other !== thread);
    }
    if (blockedUntil === undefined || thread.blockedUntil === undefined || thread.top !== stoodAt) return true;
    // It waits as before, unless it has done more than the one instruction.
    const oneInstruction = (COST[stoodAt!.code.ops[stoodAt!.pc]] * 1e9) / vm.cpuFrequency + 1;
    return now() - start > oneInstruction;
  }

  /** Starts a thread or goes on with it. Has it come to its end? */
  private run(thread: Thread): boolean {
    if (thread.base === null) {
      thread.base = thread.top = frameOfCall(thread.fun, thread.args, thread.kw);
      if (thread.base === null) {
        call(thread.fun, [...thread.args], thread.kw);
        return true;
      }
    }
    const top = thread.top!;
    thread.top = null;
    return runFrame(thread.base, undefined, top) !== FrameResult.Switched;
  }

  /** Frames of threads that wait for their turn. */
  *frames(): Iterable<Frame> {
    for (const thread of this.list) for (let frame = thread.top; frame !== null; frame = frame.caller) yield frame;
  }

  /** Other values that threads hold. */
  *heldValues(): Iterable<Value | undefined> {
    for (const thread of this.list) yield* thread.heldValues();
  }
}

/** The frame of a call, or null where the callable is not a function of guest code. */
function frameOfCall(fun: Value, args: readonly Value[], kw: KwArgs): Frame | null {
  if (typeof fun !== 'object' || fun === null) return null;
  if (fun.type === functionType) return newFrame(fun as MpFunction, args, kw);
  if (fun.type === closureType) {
    const closure = fun as MpClosure;
    return frameOfCall(closure.fun, [...closure.closed, ...args], kw);
  }
  if (fun.type === boundMethodType) {
    const bound = fun as MpBoundMethod;
    return frameOfCall(bound.method, [bound.self, ...args], kw);
  }
  return null;
}

/** An exception that a thread has not caught ends it; SystemExit does so silently. */
function reportUncaught(fun: Value, exception: Value): void {
  if (isSubclass(typeOf(exception), excTypes.SystemExit)) return;
  const out = new StringPrinter();
  out.write('Unhandled exception in thread started by ');
  printValue(out, fun, PrintKind.Repr);
  out.write('\n');
  printException(out, exception);
  vm.port.writeStderr(out.text);
}

/** The machine's threads, made when the first is started. */
export function threads(): Threads {
  vm.threads ??= new Threads();
  return vm.threads;
}
