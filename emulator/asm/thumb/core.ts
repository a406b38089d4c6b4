/**
 * An ARMv7E-M processor (Cortex-M4 with its single-precision unit, or without) that executes encoded Thumb instructions against a memory bus.
 *
 * Code is decoded once, into blocks: straight runs of handlers that end with a branch. A block is dropped when something is written to memory that it was
 * decoded from. Interrupts and exceptions are the board's business: `run` comes back when its cycles are used up, when the code faults, waits or makes a system
 * call, and when it returns to the host.
 *
 * The host gives functions to machine code as addresses (`addHostFunction`). Such a function reads its arguments from `r`, may call machine code again (`call`),
 * and puts its result into R0; execution goes on at LR.
 */
import { BusError, type MemoryBus } from '../memory-bus.ts';
import { decode16 } from './decode16.ts';
import { decode32, isWide } from './decode32.ts';
import { type Decoded, Kind, type StopReason, type SystemRegisters, type ThumbMachine } from './decoded.ts';
import { CFSR_BFARVALID, CFSR_IBUSERR, CFSR_INVSTATE, CFSR_PRECISERR, type FaultReport, HFSR_FORCED, ThumbFault } from './fault.ts';
import { CYCLES, conditionHolds, LR, PC, readApsr, SP, STATE_SIZE } from './state.ts';
import { CORTEX_M4, type ThumbTiming } from './timing.ts';

/** Longest block, in instructions: bounds how much is decoded in advance. */
const MAX_BLOCK = 64;
/** The cycle counter is moved to the total before it can leave 32 bits. */
const MAX_CYCLES = 1 << 29;
const IT_KEY = 0x1_0000_0000;

interface Block {
  readonly start: number;
  readonly ops: readonly (() => void)[];
  /** Cycles of each instruction that do not depend on operands. */
  readonly cycles: Int32Array;
  /** Address of each instruction, and of what follows the last. */
  readonly addresses: Int32Array;
  /** ITSTATE in front of each instruction, and behind the last. */
  readonly itStates: Uint8Array;
  /** No fewer cycles than the block can take. */
  readonly longest: number;
  valid: boolean;
  /** Blocks that followed this one, by address. */
  nextBlock: Block | null;
  takenBlock: Block | null;
}

export interface ThumbCoreOptions {
  readonly timing?: ThumbTiming;
  readonly fpu?: boolean;
  /** Where the addresses for host functions begin: a range in which no code lies. */
  readonly hostBase?: number;
}

export type HostFunction = (core: ThumbCore) => void;

export class ThumbCore implements ThumbMachine {
  readonly r = new Int32Array(STATE_SIZE);
  readonly sBits = new Int32Array(32);
  readonly sFloat = new Float32Array(this.sBits.buffer);
  readonly timing: ThumbTiming;
  readonly hasFpu: boolean;
  readonly system: SystemRegisters = {
    ipsr: 0,
    primask: 0,
    faultmask: 0,
    basepri: 0,
    control: 0,
    psp: 0,
    exclusive: -1,
  };
  /** Address of the next instruction. */
  pc = 0;
  /** ITSTATE at `pc`. */
  itState = 0;
  /** After a stop for `svc` or `bkpt`: its number. */
  stopDetail = 0;
  /** After a stop for `fault`: what the hard fault handler would see. */
  fault: FaultReport | null = null;
  /**
   * Where `nlr_push` and the like unwind to: called with what a host function threw; gives true after it has arranged `r` and `pc` to go on.
   * Anything it does not handle leaves `run`.
   */
  onThrow: ((thrown: unknown) => boolean) | null = null;

  private readonly blocks = new Map<number, Block>();
  private readonly hostBase: number;
  private readonly hostFunctions: HostFunction[] = [];
  private readonly returnAddress: number;
  private stop: StopReason | null = null;
  /** The block that runs and the position in it, so that a fault knows its instruction. */
  private current: Block | null = null;
  private index = 0;
  private totalCycles = 0;
  /** How many calls of `run` are nested. */
  private depth = 0;

  constructor(
    readonly bus: MemoryBus,
    options: ThumbCoreOptions = {},
  ) {
    this.timing = options.timing ?? CORTEX_M4;
    this.hasFpu = options.fpu ?? true;
    this.hostBase = (options.hostBase ?? 0xe0100000) >>> 0;
    this.returnAddress = this.addHostFunction(() => {});
    bus.onCodeWrite = address => this.invalidate(address);
  }

  /** All cycles since the core was made, exact also while an instruction accesses the bus. */
  get cycles(): number {
    return this.totalCycles + this.r[CYCLES];
  }

  /** Gives machine code a function of the host: the address to call, with its Thumb bit. */
  addHostFunction(handler: HostFunction): number {
    this.hostFunctions.push(handler);
    return (this.hostBase + (this.hostFunctions.length - 1) * 4 + 1) | 0;
  }

  /** Ends `run` after the current instruction; devices use it when they raise an interrupt. */
  requestStop(reason: StopReason, detail = 0): void {
    this.stop = reason;
    this.stopDetail = detail;
  }

  /** Drops every block that was decoded from the 64 bytes around an address, or all of them. */
  invalidate(address?: number): void {
    if (address === undefined) {
      for (const block of this.blocks.values()) block.valid = false;
      this.blocks.clear();
      return;
    }
    const from = address & ~63;
    for (const [key, block] of this.blocks) {
      const last = block.addresses[block.ops.length];
      if (block.start < ((from + 68) | 0) && last > ((from - 4) | 0)) {
        block.valid = false;
        this.blocks.delete(key);
      }
    }
  }

  /**
   * Calls a function in machine code and runs it to its return, also from inside a host function.
   *
   * @param address of the function, bit 0 set
   * @param args for R0 to R3
   * @param budget cycles to run before the first call of `onStop`
   * @param onStop called when the code stops without having returned; gives how many cycles to go on for, or throws to give up
   * @returns R0
   */
  call(address: number, args: readonly number[], budget: number, onStop: (reason: StopReason) => number): number {
    const { r } = this;
    const savedPc = this.pc;
    const savedLr = r[LR];
    const savedIt = this.itState;
    for (let i = 0; i < args.length && i < 4; i++) r[i] = args[i];
    r[LR] = this.returnAddress;
    this.pc = (address & 1 ? address & ~1 : address | 1) | 0;
    this.itState = 0;
    let cycles = budget;
    for (;;) {
      const reason = this.run(cycles);
      if (reason === 'returned') break;
      cycles = onStop(reason);
    }
    this.pc = savedPc;
    this.itState = savedIt;
    r[LR] = savedLr;
    return r[0];
  }

  /**
   * Executes from `pc` until something stops it.
   *
   * @param budget cycles, at most 2^29 of which are run; the last instruction may exceed it
   * @throws whatever a host function throws
   */
  run(budget: number): StopReason {
    const { r } = this;
    if (this.depth === 0 || r[CYCLES] > MAX_CYCLES) {
      this.totalCycles += r[CYCLES];
      r[CYCLES] = 0;
    }
    this.stop = null;
    const savedBlock = this.current;
    const savedIndex = this.index;
    this.depth++;
    try {
      return this.execute(r[CYCLES] + Math.min(budget, MAX_CYCLES));
    } finally {
      this.depth--;
      this.current = savedBlock;
      this.index = savedIndex;
    }
  }

  private execute(limit: number): StopReason {
    const { r } = this;
    let block: Block | null = null;
    for (;;) {
      try {
        if (block === null) {
          const host = ((this.pc >>> 0) - this.hostBase) >>> 2;
          if (host < this.hostFunctions.length && this.pc >>> 0 >= this.hostBase) {
            if (host === 0) return 'returned';
            const back = r[LR];
            this.hostFunctions[host](this);
            this.pc = (back & 1 ? back & ~1 : back | 1) | 0;
            this.itState = 0;
            if (this.stop !== null) return this.stop;
            if (r[CYCLES] >= limit) return 'budget';
            continue;
          }
          block = this.blockAt(this.pc, this.itState);
        }
        this.current = block;
        const { ops, cycles } = block;
        const count = ops.length;
        const exact = r[CYCLES] + block.longest > limit;
        r[PC] = block.addresses[count];
        for (let i = 0; i < count; i++) {
          this.index = i;
          r[CYCLES] += cycles[i];
          ops[i]();
          if ((exact && r[CYCLES] >= limit) || this.stop !== null) {
            this.pc = i + 1 < count ? block.addresses[i + 1] : r[PC];
            this.itState = block.itStates[i + 1];
            return this.stop ?? 'budget';
          }
        }
        // Which block is next: one of the two that followed last time, as a rule.
        const next: number = r[PC];
        this.pc = next;
        this.itState = block.itStates[count];
        const sequential: Block | null = block.nextBlock;
        if (sequential !== null && sequential.start === next && sequential.valid) block = sequential;
        else {
          const taken: Block | null = block.takenBlock;
          if (taken !== null && taken.start === next && taken.valid) block = taken;
          else block = this.follow(block, next);
        }
      } catch (thrown) {
        const stopped = this.handleThrown(thrown);
        if (stopped !== null) return stopped;
        block = null;
      }
    }
  }

  /** Links a block to the one that followed it; null for host functions. */
  private follow(block: Block, next: number): Block | null {
    if (((next >>> 0) - this.hostBase) >>> 2 < this.hostFunctions.length && next >>> 0 >= this.hostBase) return null;
    const following = this.blockAt(next, this.itState);
    if (this.itState === 0) {
      if (next === block.addresses[block.ops.length]) block.nextBlock = following;
      else block.takenBlock = following;
    }
    return following;
  }

  private handleThrown(thrown: unknown): StopReason | null {
    if (thrown instanceof ThumbFault) this.report(thrown.cfsr, thrown.address);
    else if (thrown instanceof BusError) {
      if (thrown.access === 'fetch') {
        this.current = null;
        this.report(CFSR_IBUSERR, 0);
      } else this.report(CFSR_PRECISERR | CFSR_BFARVALID, thrown.address);
    } else {
      if (this.onThrow?.(thrown)) return null;
      throw thrown;
    }
    return 'fault';
  }

  /** Stacks the registers as the processor does when it takes an exception: ARMv7-M Architecture Reference Manual, B1.5.6. */
  private report(cfsr: number, address: number): void {
    const { r, current } = this;
    const pc = current === null ? this.pc & ~1 : current.addresses[this.index];
    const it = current === null ? this.itState : current.itStates[this.index];
    const unalignedStack = r[SP] & 4;
    const thumb = cfsr & CFSR_INVSTATE ? 0 : 1 << 24;
    const xpsr = readApsr(r) | this.system.ipsr | thumb | ((it & 0xfc) << 8) | ((it & 3) << 25) | (unalignedStack ? 1 << 9 : 0);
    // A context with floating-point state is stacked with eighteen more words.
    const sp = (r[SP] - 0x20 - (this.hasFpu && this.system.control & 4 ? 0x48 : 0)) & ~7;
    const frame = [r[0], r[1], r[2], r[3], r[12], r[LR], pc, xpsr];
    try {
      for (let i = 0; i < frame.length; i++) this.bus.write32((sp + 4 * i) | 0, frame[i]);
    } catch (failed) {
      if (!(failed instanceof BusError)) throw failed;
    }
    this.pc = pc;
    this.itState = it;
    this.current = null;
    this.fault = {
      hfsr: HFSR_FORCED,
      cfsr: cfsr >>> 0,
      mmfar: 0xe000edf8,
      bfar: cfsr & CFSR_BFARVALID ? address >>> 0 : 0xe000edf8,
      sp: sp >>> 0,
      r0: r[0] >>> 0,
      r1: r[1] >>> 0,
      r2: r[2] >>> 0,
      r3: r[3] >>> 0,
      r12: r[12] >>> 0,
      lr: r[LR] >>> 0,
      pc: pc >>> 0,
      xpsr: xpsr >>> 0,
    };
  }

  private blockAt(pc: number, it: number): Block {
    const key = (pc >>> 0) + it * IT_KEY;
    const known = this.blocks.get(key);
    if (known !== undefined) return known;
    this.current = null;
    // An odd address stands for a branch to a target that is not Thumb code.
    if (pc & 1) throw new ThumbFault(CFSR_INVSTATE);
    const block = this.translate(pc, it);
    this.blocks.set(key, block);
    return block;
  }

  private translate(pc: number, it: number): Block {
    const ops: (() => void)[] = [];
    const cycles: number[] = [];
    const addresses: number[] = [];
    const itStates: number[] = [];
    let address = pc | 0;
    let itState = it;
    let longest = this.timing.fetchWait;
    let previous: Decoded | null = null;
    for (;;) {
      let decoded: Decoded;
      let first = 0;
      try {
        first = this.bus.fetch16(address);
        decoded = isWide(first)
          ? decode32(this, address, first, this.bus.fetch16((address + 2) | 0))
          : decode16(this, address, first, itState !== 0);
      } catch (failed) {
        // What cannot be fetched faults when execution gets there, not when it is decoded in advance.
        if (!(failed instanceof BusError) || ops.length === 0) throw failed;
        break;
      }
      const overlaps =
        decoded.pipelines === true && previous?.pipelines === true && (decoded.kind === Kind.Load || decoded.cycles > 1) ? 1 : 0;
      const spent = decoded.cycles - overlaps + (ops.length === 0 ? this.timing.fetchWait : 0);
      addresses.push(address);
      itStates.push(itState);
      cycles.push(itState !== 0 ? 1 : spent);
      ops.push(itState !== 0 ? this.conditional(decoded.run, itState >>> 4, spent - 1) : decoded.run);
      longest += decoded.cycles + 16;
      address = (address + decoded.size) | 0;
      if (decoded.kind === Kind.It) itState = first & 0xff;
      else if (itState !== 0) itState = (itState & 7) === 0 ? 0 : (itState & 0xe0) | ((itState << 1) & 0x1f);
      previous = decoded;
      if (decoded.kind === Kind.Branch || decoded.kind === Kind.Ends || ops.length >= MAX_BLOCK) break;
    }
    addresses.push(address);
    itStates.push(itState);
    return {
      start: pc | 0,
      ops,
      cycles: Int32Array.from(cycles),
      addresses: Int32Array.from(addresses),
      itStates: Uint8Array.from(itStates),
      longest,
      valid: true,
      nextBlock: null,
      takenBlock: null,
    };
  }

  /** An instruction of an IT block: one cycle when its condition fails. */
  private conditional(run: () => void, cc: number, more: number): () => void {
    const { r } = this;
    return () => {
      if (conditionHolds(r, cc)) {
        r[CYCLES] += more;
        run();
      }
    };
  }
}
