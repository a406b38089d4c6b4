/** An ARMv7E-M processor: Cortex-M4 with its single-precision unit, or without. It executes encoded Thumb instructions against a memory bus. */
import { BusError, type MemoryBus } from '../memory-bus.ts';
import { type Block, MAX_BLOCK, MAX_EXTRA_CYCLES, TranslatingCore } from '../translating-core.ts';
import { decode16 } from './decode16.ts';
import { decode32, isWide } from './decode32.ts';
import { type Decoded, Kind, type SystemRegisters, type ThumbMachine } from './decoded.ts';
import { CFSR_BFARVALID, CFSR_IBUSERR, CFSR_INVSTATE, CFSR_PRECISERR, type FaultReport, HFSR_FORCED, ThumbFault } from './fault.ts';
import { CYCLES, conditionHolds, LR, PC, readApsr, SP, STATE_SIZE } from './state.ts';
import { CORTEX_M4, type ThumbTiming } from './timing.ts';

export interface ThumbCoreOptions {
  readonly timing?: ThumbTiming;
  readonly fpu?: boolean;
  /** Where the addresses for host functions begin: a range in which no code lies. */
  readonly hostBase?: number;
  /** The special registers, where they are not the core's alone. */
  readonly system?: SystemRegisters;
}

export class ThumbCore extends TranslatingCore implements ThumbMachine {
  readonly sBits = new Int32Array(32);
  readonly sFloat = new Float32Array(this.sBits.buffer);
  readonly timing: ThumbTiming;
  readonly hasFpu: boolean;
  readonly system: SystemRegisters;
  /** After a stop for `fault`: what the hard fault handler would see. */
  fault: FaultReport | null = null;

  constructor(bus: MemoryBus, options: ThumbCoreOptions = {}) {
    super(bus, { size: STATE_SIZE, next: PC, cycles: CYCLES, link: LR, stack: SP, argument: 0 }, options.hostBase ?? 0xe0100000);
    this.timing = options.timing ?? CORTEX_M4;
    this.hasFpu = options.fpu ?? true;
    this.system = options.system ?? { ipsr: 0, primask: 0, faultmask: 0, basepri: 0, control: 0, psp: 0, exclusive: -1 };
  }

  protected override callable(address: number): number {
    return address | 1;
  }

  /** Valid targets have bit 0 set; an odd block address stands for a branch to one that does not. */
  protected override target(address: number): number {
    return address ^ 1;
  }

  override interrupted(words: number, action: () => void): void {
    const floats = this.sBits.slice();
    try {
      super.interrupted(words, action);
    } finally {
      this.sBits.set(floats);
      this.system.exclusive = -1;
    }
  }

  protected override takeFault(thrown: unknown): boolean {
    if (thrown instanceof ThumbFault) this.report(thrown.cfsr, thrown.address);
    else if (!(thrown instanceof BusError)) return false;
    else if (thrown.access === 'fetch') {
      this.current = null;
      this.report(CFSR_IBUSERR, 0);
    } else this.report(CFSR_PRECISERR | CFSR_BFARVALID, thrown.address);
    return true;
  }

  /** Faults where the core stands, for a cause outside of it. */
  reportFault(cfsr: number): FaultReport {
    this.report(cfsr, 0);
    return this.fault!;
  }

  /** Stacks the registers as the processor does when it takes an exception: ARMv7-M Architecture Reference Manual, B1.5.6. */
  private report(cfsr: number, address: number): void {
    const { r, current } = this;
    const pc = current === null ? this.pc & ~1 : current.addresses[this.index];
    const it = current === null ? this.mode : current.modes[this.index];
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
    this.mode = it;
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

  protected override translate(pc: number, mode: number): Block {
    if (pc & 1) throw new ThumbFault(CFSR_INVSTATE);
    const ops: (() => void)[] = [];
    const cycles: number[] = [];
    const addresses: number[] = [];
    const modes: number[] = [];
    let address = pc | 0;
    let itState = mode;
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
      modes.push(itState);
      cycles.push(itState !== 0 ? 1 : spent);
      ops.push(itState !== 0 ? this.conditional(decoded.run, itState >>> 4, spent - 1) : decoded.run);
      longest += decoded.cycles + MAX_EXTRA_CYCLES;
      address = (address + decoded.size) | 0;
      if (decoded.kind === Kind.It) itState = first & 0xff;
      else if (itState !== 0) itState = (itState & 7) === 0 ? 0 : (itState & 0xe0) | ((itState << 1) & 0x1f);
      previous = decoded;
      if (decoded.kind === Kind.Branch || decoded.kind === Kind.Ends || ops.length >= MAX_BLOCK) break;
    }
    addresses.push(address);
    modes.push(itState);
    return {
      start: pc | 0,
      ops,
      cycles: Int32Array.from(cycles),
      addresses: Int32Array.from(addresses),
      modes: Uint8Array.from(modes),
      longest,
      valid: true,
      nextBlock: null,
      takenBlock: null,
      returnBlock: null,
      runsToJoin: 0,
      whole: null,
      allCycles: 0,
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
