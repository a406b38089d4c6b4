/**
 * The interrupt controller of the Cortex-M4 (ARMv7-M, sections B1.5 and B3.4; PM0214 section 4.3).
 *
 * How an interrupt reaches guest code:
 *
 * 1. A peripheral holds its `InterruptLine` active while a flag and its enable bit are both set. An active line makes its
 *    interrupt pending. (`pend(irq)` does the same once, for what has no line.)
 * 2. If the interrupt is enabled and its priority is above what runs, the controller calls `hooks.interrupt(irq)`: the CPU
 *    should look soon. The call comes from inside an event or a register access and must only take note.
 * 3. At its next instruction boundary (between two bytecodes, two machine instructions, or while it waits or delays) the
 *    CPU calls `dispatch()`, which takes the latency of exception entry in virtual time, runs the handler that the
 *    firmware set with `setHandler`, and goes on until nothing may be taken. Handlers nest by priority: a handler that
 *    runs guest code reaches boundaries of its own, and `dispatch()` there takes only what is more urgent.
 * 4. A handler must clear the flag that caused it (it is the firmware's ISR, not the user's callback). A line that is
 *    still active when its handler returns makes the interrupt pending again, as on the chip.
 */
import type { Clock } from '../clock/clock.ts';
import { RegisterBlock } from './register-block.ts';

/** What the CPU does for the controller. */
export interface InterruptHooks {
  /** An interrupt may be taken now: call `dispatch()` at the next instruction boundary. Must not run guest code. */
  interrupt(irq: number): void;
}

/** A peripheral's wire to the controller; several may share one interrupt. */
export class InterruptLine {
  private active = false;

  /** @internal */
  constructor(
    private readonly nvic: Nvic,
    readonly irq: number,
  ) {}

  /** Holds the line active or lets it go. What has become pending stays so when the line is let go, as on the chip. */
  set(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.nvic.lineChanged(this.irq, active);
  }
}

const INTERRUPTS = 96;
const WORDS = INTERRUPTS / 32;

/** PendSV, which the firmware pends itself, stands among the interrupts: at a number that no chip of the family uses. */
export const PENDSV = 95;
const THREAD_PRIORITY = 256;

/** Cycles from the pending bit to the handler's first instruction, and back (Cortex-M4 TRM section 3.9). */
export const ENTRY_CYCLES = 12;
export const EXIT_CYCLES = 12;

const ISER = 0x000;
const ICER = 0x080;
const ISPR = 0x100;
const ICPR = 0x180;
const IABR = 0x200;
const IPR = 0x300;
const STIR = 0xe00;

export class Nvic extends RegisterBlock {
  /** True while `cpsid i` holds: no interrupt is taken. Set it through `setPrimask`. */
  primask = false;
  /** Interrupts of this priority value and less urgent ones are held back; 0 holds none. Set it through `setBasepri`. */
  basepri = 0;

  /** Bits by interrupt, as the registers have them. */
  private readonly enabled = new Int32Array(WORDS);
  private readonly pending = new Int32Array(WORDS);
  private readonly running = new Int32Array(WORDS);
  private readonly priorities = new Uint8Array(INTERRUPTS);
  private readonly activeLines = new Uint8Array(INTERRUPTS);
  private readonly handlers: ((() => void) | undefined)[] = new Array(INTERRUPTS).fill(undefined);
  private currentPriority = THREAD_PRIORITY;
  private currentIrq = -1;

  /**
   * @param cycleTime ns of that many CPU cycles, at the frequency of the moment
   * @param unhandled called when an interrupt is taken that has no handler: on the firmware, an endless loop
   */
  constructor(
    private readonly clock: Clock,
    private readonly hooks: InterruptHooks,
    private readonly cycleTime: (cycles: number) => number,
    private readonly unhandled: (irq: number) => void = () => {},
  ) {
    super('NVIC');
  }

  /** A new line to an interrupt. */
  line(irq: number): InterruptLine {
    return new InterruptLine(this, irq);
  }

  /** Sets what runs when the interrupt is taken; undefined for none. */
  setHandler(irq: number, handler: (() => void) | undefined): void {
    this.handlers[irq] = handler;
  }

  /** Enables an interrupt, with a priority from 0 (most urgent) to 15. */
  enable(irq: number, priority?: number): void {
    if (priority !== undefined) this.priorities[irq] = (priority & 15) << 4;
    setBit(this.enabled, irq);
    this.announce();
  }

  disable(irq: number): void {
    clearBit(this.enabled, irq);
  }

  isEnabled(irq: number): boolean {
    return hasBit(this.enabled, irq);
  }

  /** Makes an interrupt pending, as its line does. */
  pend(irq: number): void {
    setBit(this.pending, irq);
    if (this.mayTake(irq)) this.hooks.interrupt(irq);
  }

  isPending(irq: number): boolean {
    return hasBit(this.pending, irq);
  }

  /** Forgets a pending interrupt; one whose line is active stays pending. */
  clearPending(irq: number): void {
    if (this.activeLines[irq] === 0) clearBit(this.pending, irq);
  }

  /** The interrupt whose handler runs, or -1. */
  get current(): number {
    return this.currentIrq;
  }

  /** Masks all interrupts or lets them through. @returns whether they were masked before */
  setPrimask(masked: boolean): boolean {
    const before = this.primask;
    this.primask = masked;
    if (!masked) this.announce();
    return before;
  }

  /** Holds back interrupts of a priority value and less urgent. @returns what it was before */
  setBasepri(value: number): number {
    const before = this.basepri;
    this.basepri = value & 0xf0;
    this.announce();
    return before;
  }

  /** Whether `dispatch` would run something now. */
  get ready(): boolean {
    return this.next() >= 0;
  }

  /** Whether something is pending and enabled that would end a WFI, masked or not. */
  get wakes(): boolean {
    for (let word = 0; word < WORDS; word++) if (this.pending[word] & this.enabled[word]) return true;
    return false;
  }

  /** Runs every handler that may run now, in order of priority. To be called at an instruction boundary. */
  dispatch(): void {
    for (let irq = this.next(); irq >= 0; irq = this.next()) this.take(irq);
  }

  /** @internal */
  lineChanged(irq: number, active: boolean): void {
    this.activeLines[irq] += active ? 1 : -1;
    if (active) this.pend(irq);
  }

  private take(irq: number): void {
    clearBit(this.pending, irq);
    setBit(this.running, irq);
    const before = this.currentPriority;
    const interrupted = this.currentIrq;
    this.currentPriority = this.priorities[irq];
    this.currentIrq = irq;
    try {
      this.clock.advanceTo(this.clock.now + this.cycleTime(ENTRY_CYCLES));
      const handler = this.handlers[irq];
      if (handler === undefined) this.unhandled(irq);
      else handler();
      this.clock.advanceTo(this.clock.now + this.cycleTime(EXIT_CYCLES));
    } finally {
      clearBit(this.running, irq);
      this.currentPriority = before;
      this.currentIrq = interrupted;
      if (this.activeLines[irq] > 0) setBit(this.pending, irq);
    }
  }

  private mayTake(irq: number): boolean {
    if (this.primask || !hasBit(this.enabled, irq)) return false;
    const priority = this.priorities[irq];
    return priority < this.currentPriority && (this.basepri === 0 || priority < this.basepri);
  }

  /** The most urgent interrupt that may be taken, the lowest number first among equals; -1 if none. */
  private next(): number {
    let best = -1;
    for (let word = 0; word < WORDS; word++) {
      for (let left = this.pending[word] & this.enabled[word]; left !== 0; left &= left - 1) {
        const irq = word * 32 + 31 - Math.clz32(left & -left);
        if (this.mayTake(irq) && (best < 0 || this.priorities[irq] < this.priorities[best])) best = irq;
      }
    }
    return best;
  }

  private announce(): void {
    const irq = this.next();
    if (irq >= 0) this.hooks.interrupt(irq);
  }

  override reset(): void {
    for (const column of [this.enabled, this.pending, this.running, this.priorities]) column.fill(0);
    this.handlers.fill(undefined);
    this.currentPriority = THREAD_PRIORITY;
    this.currentIrq = -1;
    this.primask = false;
    this.basepri = 0;
  }

  override readRegister(offset: number): number {
    if (offset >= IPR && offset < IPR + INTERRUPTS) return wordOf(this.priorities, offset - IPR);
    const word = (offset & 0x7f) >> 2;
    if (word >= WORDS) return 0;
    switch (offset & ~0x7f) {
      case ISER:
      case ICER:
        return this.enabled[word] >>> 0;
      case ISPR:
      case ICPR:
        return this.pending[word] >>> 0;
      case IABR:
        return this.running[word] >>> 0;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === STIR) {
      this.pend(value & 0xff);
      return;
    }
    if (offset >= IPR && offset < IPR + INTERRUPTS) {
      for (let i = 0; i < 4; i++) this.priorities[offset - IPR + i] = (value >>> (i * 8)) & 0xf0;
      this.announce();
      return;
    }
    const first = (offset & 0x7f) * 8;
    for (let bit = 0; bit < 32 && first + bit < INTERRUPTS; bit++) {
      if (((value >>> bit) & 1) === 0) continue;
      const irq = first + bit;
      switch (offset & ~0x7f) {
        case ISER:
          this.enable(irq);
          break;
        case ICER:
          this.disable(irq);
          break;
        case ISPR:
          this.pend(irq);
          break;
        case ICPR:
          this.clearPending(irq);
      }
    }
  }
}

function hasBit(words: Int32Array, irq: number): boolean {
  return (words[irq >> 5] & (1 << (irq & 31))) !== 0;
}

function setBit(words: Int32Array, irq: number): void {
  words[irq >> 5] |= 1 << (irq & 31);
}

function clearBit(words: Int32Array, irq: number): void {
  words[irq >> 5] &= ~(1 << (irq & 31));
}

function wordOf(column: Uint8Array, first: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word |= column[first + i] << (i * 8);
  return word >>> 0;
}
