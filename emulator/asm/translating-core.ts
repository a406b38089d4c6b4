/**
 * The part of a processor that is the same for every instruction set: code is decoded once, into blocks, and blocks are run.
 *
 * A block is a straight run of handlers that ends with a branch. It is dropped when something is written to memory that it was decoded from. Interrupts and
 * exceptions are the board's business: `run` comes back when its cycles are used up, when the code faults, waits or makes a system call, and when it returns
 * to the host.
 *
 * The host gives functions to machine code as addresses (`addHostFunction`). Such a function reads its arguments from `r`, may call machine code again (`call`),
 * and puts its result into the register for results; execution goes on at the return address.
 */
import { joined } from './joined-block.ts';
import type { MemoryBus } from './memory-bus.ts';

/** Why `run` came back. */
export type StopReason = 'budget' | 'returned' | 'fault' | 'wfi' | 'svc' | 'bkpt' | 'stopped';

/** How an instruction takes part in its block. */
export enum Kind {
  Plain,
  Load,
  Store,
  /** May have put a target into the next-address slot: the last instruction of a block. */
  Branch,
  /** The last of a block for another reason: barriers, system calls, waiting. */
  Ends,
  /** Starts an IT block; its handler does nothing. */
  It,
}

/** One instruction, ready to run. */
export interface Decoded {
  readonly run: () => void;
  /** In bytes. */
  readonly size: number;
  /** Cycles when nothing depends on operands; a handler adds what does. */
  readonly cycles: number;
  readonly kind: Kind;
  /** Loads and stores only: the base register is not changed by a neighbour and can overlap with it. */
  readonly pipelines?: boolean;
}

export interface Block {
  readonly start: number;
  readonly ops: readonly (() => void)[];
  /** Cycles of each instruction that do not depend on operands. */
  readonly cycles: Int32Array;
  /** Address of each instruction, and of what follows the last. */
  readonly addresses: Int32Array;
  /** Decoding mode in front of each instruction (ITSTATE), and behind the last. */
  readonly modes: Uint8Array;
  /** No fewer cycles than the block can take. */
  readonly longest: number;
  valid: boolean;
  /** Blocks that followed this one. */
  nextBlock: Block | null;
  takenBlock: Block | null;
  /** The block at which a host function that this one has called returned. */
  returnBlock: Block | null;
  /** Runs of the block until its handlers are joined; 0 where they are, or never will be: then a fault must know its instruction. */
  runsToJoin: number;
  /** All handlers, where they have been joined, and their cycles together. */
  whole: (() => void) | null;
  allCycles: number;
}

/** Where a core keeps what this class needs, in its register array. */
export interface CoreLayout {
  readonly size: number;
  /** While a block runs: the address that follows it, until a branch puts its target there. */
  readonly next: number;
  /** Cycles spent since the outermost call of `run` began. */
  readonly cycles: number;
  readonly link: number;
  readonly stack: number;
  /** Bytes below the stack pointer that code may use without having moved it. */
  readonly redZone?: number;
  /** First register for arguments, which also takes the result. */
  readonly argument: number;
}

export type HostFunction = () => void;

/** Longest block, in instructions: bounds how much is decoded in advance. */
export const MAX_BLOCK = 64;
/** The cycle counter is moved to the total before it can leave 32 bits. */
const MAX_CYCLES = 1 << 29;
const MODE_KEY = 0x1_0000_0000;
/** Cycles that a handler may add to those known in advance. */
export const MAX_EXTRA_CYCLES = 32;

/** @template Word what registers hold: integers of 64 bits are beyond the host's numbers at times */
export abstract class TranslatingCore<Word extends number | bigint = number> {
  readonly r: Int32Array;
  /** Address of the next instruction. */
  pc = 0;
  /** Decoding mode at `pc`: ITSTATE on ARM, 0 elsewhere. */
  mode = 0;
  /** After a stop for `svc` or `bkpt`: its number. */
  stopDetail = 0;
  /**
   * Where `nlr_push` and the like unwind to: called with what a host function threw; gives true after it has arranged `r` and `pc` to go on.
   * Anything it does not handle leaves `run`.
   */
  onThrow: ((thrown: unknown) => boolean) | null = null;
  /** How many calls of `run` are nested. */
  depth = 0;

  /** The block that runs and the position in it, so that a fault knows its instruction. */
  protected current: Block | null = null;
  protected index = 0;
  private readonly blocks = new Map<number, Block>();
  private readonly hostFunctions: HostFunction[] = [];
  private readonly returnAddress: number;
  private stop: StopReason | null = null;
  private totalCycles = 0;
  /** Value of the cycle counter at which `run` comes back. */
  private limit = 0;

  /** @param hostBase where the addresses for host functions begin: a range in which no code lies */
  constructor(
    readonly bus: MemoryBus,
    private readonly layout: CoreLayout,
    private readonly hostBase: number,
  ) {
    this.r = new Int32Array(layout.size);
    this.returnAddress = this.addHostFunction(() => {});
    bus.onCodeWrite = address => this.invalidate(address);
  }

  /** Decodes a block. @throws BusError where the first instruction cannot be fetched */
  protected abstract translate(pc: number, mode: number): Block;
  /** Turns what a handler threw into a fault, or gives false for what is none. */
  protected abstract takeFault(thrown: unknown): boolean;
  /** The block address for a jump through a register: where bit 0 says how to decode, it is taken out, or kept to mark a jump that cannot be. */
  protected abstract target(address: number): number;
  /** Where the host function that has just been called returns to: the link register, or the stack. */
  protected hostReturn(): number {
    return this.r[this.layout.link];
  }
  /** The host function returns. */
  protected leaveHost(): void {}
  /** Makes a function that is called return to the host. Whatever this changes besides the stack pointer, `call` restores. */
  protected returnTo(address: number): void {
    this.r[this.layout.link] = address;
  }
  protected setArguments(args: readonly Word[]): void {
    for (let i = 0; i < args.length && i < 4; i++) this.r[this.layout.argument + i] = Number(args[i]);
  }
  protected result(): Word {
    return this.r[this.layout.argument] as Word;
  }
  /** Address of a host function as machine code calls it. */
  protected abstract callable(address: number): number;

  /** All cycles since the core was made, exact also while an instruction accesses the bus. */
  get cycles(): number {
    return this.totalCycles + this.r[this.layout.cycles];
  }

  /** Counts cycles of the host's own work, as if instructions had taken them. */
  addCycles(count: number): void {
    this.r[this.layout.cycles] += count;
  }

  /** Gives machine code a function of the host: the address to call. */
  addHostFunction(handler: HostFunction): number {
    this.hostFunctions.push(handler);
    return this.callable((this.hostBase + (this.hostFunctions.length - 1) * 4) | 0);
  }

  /** Ends `run` after the current instruction; devices use it when they raise an interrupt. */
  requestStop(reason: StopReason, detail = 0): void {
    this.stop = reason;
    this.stopDetail = detail;
  }

  /**
   * Does something else between two instructions, as an interrupt does: all registers are afterwards what they were. The words of those that the processor
   * would put on the stack lie there meanwhile.
   *
   * @param words how many registers those are, from the first on
   */
  interrupted(words: number, action: () => void): void {
    const { r, layout } = this;
    const saved = r.slice();
    const { stop, pc, mode, current, index } = this;
    const frame = (r[layout.stack] - (layout.redZone ?? 0) - 4 * words) & ~7;
    for (let i = 0; i < words; i++) this.bus.write32((frame + 4 * i) | 0, r[i]);
    r[layout.stack] = frame;
    try {
      action();
    } finally {
      const cycles = r[layout.cycles];
      r.set(saved);
      r[layout.cycles] = cycles;
      Object.assign(this, { stop, pc, mode, current, index });
    }
  }

  /** Drops every block that was decoded from the 64 bytes around an address, or all of them. */
  invalidate(address?: number): void {
    if (address === undefined) {
      for (const block of this.blocks.values()) block.valid = false;
      this.blocks.clear();
      return;
    }
    const from = (address >>> 0) - (address & 63);
    for (const [key, block] of this.blocks) {
      const first = block.start >>> 0;
      const last = block.addresses[block.ops.length] >>> 0;
      if (first < from + 64 && last > from - 4) {
        block.valid = false;
        this.blocks.delete(key);
      }
    }
  }

  /**
   * Calls a function in machine code and runs it to its return, also from inside a host function.
   *
   * @param args for the argument registers, as many as there are
   * @param budget cycles to run before the first call of `onStop`
   * @param onStop called when the code stops without having returned; gives how many cycles to go on for, or throws to give up
   * @returns the result register
   */
  call(address: number, args: readonly Word[], budget: number, onStop: (reason: StopReason) => number): Word {
    const { r, layout } = this;
    const savedPc = this.pc;
    const savedMode = this.mode;
    const savedLink = r[layout.link];
    const savedStack = r[layout.stack];
    this.setArguments(args);
    this.returnTo(this.returnAddress);
    this.pc = this.target(address);
    this.mode = 0;
    try {
      for (let cycles = budget; ; ) {
        const reason = this.run(cycles);
        if (reason === 'returned') return this.result();
        cycles = onStop(reason);
      }
    } finally {
      this.pc = savedPc;
      this.mode = savedMode;
      r[layout.link] = savedLink;
      r[layout.stack] = savedStack;
    }
  }

  /**
   * Executes from `pc` until something stops it.
   *
   * @param budget cycles, at most 2^29 of which are run; the last instruction may exceed it
   * @throws whatever a host function throws
   */
  run(budget: number): StopReason {
    const { r, layout } = this;
    if (this.depth === 0 || r[layout.cycles] > MAX_CYCLES) {
      this.totalCycles += r[layout.cycles];
      r[layout.cycles] = 0;
    }
    this.stop = null;
    const savedBlock = this.current;
    const savedIndex = this.index;
    const savedLimit = this.limit;
    this.depth++;
    try {
      this.allow(budget);
      return this.execute();
    } finally {
      this.depth--;
      this.limit = savedLimit;
      this.current = savedBlock;
      this.index = savedIndex;
    }
  }

  /** Goes on at an address, as a return to it would. */
  resumeAt(address: number): void {
    this.pc = this.target(address);
    this.mode = 0;
  }

  /** How many cycles may pass from now on until `run` comes back; for host functions that let time pass. */
  allow(cycles: number): void {
    this.limit = this.r[this.layout.cycles] + Math.min(cycles, MAX_CYCLES);
  }

  private execute(): StopReason {
    const { r } = this;
    const { next: NEXT, cycles: CYCLES } = this.layout;
    let block: Block | null = null;
    let caller: Block | null = null;
    for (;;) {
      try {
        if (block === null) {
          const host = this.hostFunctionAt(this.pc);
          if (host === 0) return 'returned';
          if (host > 0) {
            const back = this.hostReturn();
            this.hostFunctions[host]();
            this.leaveHost();
            this.pc = this.target(back);
            this.mode = 0;
            if (this.stop !== null) return this.stop;
            if (r[CYCLES] >= this.limit) return 'budget';
            const after: Block | null = caller === null ? null : caller.returnBlock;
            if (after === null || !after.valid || after.start !== this.pc) continue;
            block = after;
          } else {
            block = this.blockAt(this.pc, this.mode);
            if (caller !== null && this.mode === 0) caller.returnBlock = block;
          }
        }
        this.current = block;
        const { ops, cycles } = block;
        const count = ops.length;
        const exact = r[CYCLES] + block.longest > this.limit;
        r[NEXT] = block.addresses[count];
        if (block.runsToJoin > 0 && --block.runsToJoin === 0) block.whole = joined(ops);
        if (block.whole !== null && !exact) {
          r[CYCLES] += block.allCycles;
          block.whole();
          if (this.stop !== null) {
            this.pc = r[NEXT];
            return this.stop;
          }
        } else {
          for (let i = 0; i < count; i++) {
            this.index = i;
            r[CYCLES] += cycles[i];
            ops[i]();
            if ((exact && r[CYCLES] >= this.limit) || this.stop !== null) {
              this.pc = i + 1 < count ? block.addresses[i + 1] : r[NEXT];
              this.mode = block.modes[i + 1];
              return this.stop ?? 'budget';
            }
          }
        }
        // Which block is next: one of the two that followed last time, as a rule.
        const next: number = r[NEXT];
        this.pc = next;
        this.mode = block.modes[count];
        const sequential: Block | null = block.nextBlock;
        if (sequential !== null && sequential.start === next && sequential.valid) block = sequential;
        else {
          const taken: Block | null = block.takenBlock;
          if (taken !== null && taken.start === next && taken.valid) block = taken;
          else {
            caller = block;
            block = this.follow(block, next);
            if (block !== null) caller = null;
          }
        }
      } catch (thrown) {
        if (this.takeFault(thrown)) return 'fault';
        if (!this.onThrow?.(thrown)) throw thrown;
        block = null;
        caller = null;
      }
    }
  }

  /** Number of the host function at an address, -1 where there is code. */
  private hostFunctionAt(pc: number): number {
    const offset = (pc >>> 0) - (this.hostBase >>> 0);
    return offset >= 0 && offset < this.hostFunctions.length * 4 ? offset >>> 2 : -1;
  }

  /** Links a block to the one that followed it; null for host functions. */
  private follow(block: Block, next: number): Block | null {
    if (this.hostFunctionAt(next) >= 0) return null;
    const following = this.blockAt(next, this.mode);
    if (this.mode === 0) {
      if (next === block.addresses[block.ops.length]) block.nextBlock = following;
      else block.takenBlock = following;
    }
    return following;
  }

  private blockAt(pc: number, mode: number): Block {
    const key = (pc >>> 0) + mode * MODE_KEY;
    const known = this.blocks.get(key);
    if (known !== undefined) return known;
    this.current = null;
    const block = this.translate(pc, mode);
    this.blocks.set(key, block);
    return block;
  }
}
