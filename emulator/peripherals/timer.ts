/**
 * Timers TIM1 to TIM14 (RM0090 sections 17 to 20). What one can do is in the chip's data; this is how all of them do it.
 *
 * The counter is derived from time (`timer-counter.ts`), outputs are waveforms (`timer-output.ts`), and a clock event is
 * scheduled only for what somebody waits for: an enabled interrupt or DMA request whose flag is clear, a preloaded
 * register, the end of one pulse, a trigger output that is listened to. Flags are worked out when they are read.
 */

import type { TimerFeatures } from '../../boards/chips/chip.ts';
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { TickCounter } from '../clock/tick-counter.ts';
import type { Bit } from '../trace/level.ts';
import type { FunctionLine, FunctionLines } from './function-line.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';
import { type CountMode, TimerCounter } from './timer-counter.ts';
import { TimerInputs } from './timer-input.ts';
import { countMatches, deadTimeTicks, matchPositions, nextMatch, type Output, OutputMode, outputOf, referenceOf } from './timer-output.ts';
import { Trigger } from './trigger.ts';

export const TimerRegister = {
  CR1: 0x00,
  CR2: 0x04,
  SMCR: 0x08,
  DIER: 0x0c,
  SR: 0x10,
  EGR: 0x14,
  CCMR1: 0x18,
  CCMR2: 0x1c,
  CCER: 0x20,
  CNT: 0x24,
  PSC: 0x28,
  ARR: 0x2c,
  RCR: 0x30,
  CCR1: 0x34,
  CCR2: 0x38,
  CCR3: 0x3c,
  CCR4: 0x40,
  BDTR: 0x44,
  DCR: 0x48,
  DMAR: 0x4c,
  OR: 0x50,
} as const;

/** CR1's bits. */
export const Cr1 = { CEN: 1, UDIS: 2, URS: 4, OPM: 8, DIR: 0x10, CMS: 0x60, ARPE: 0x80 } as const;

/** Bits of SR, and of DIER where it enables them. */
export const TimerFlag = {
  UPDATE: 1,
  CC1: 2,
  CC2: 4,
  CC3: 8,
  CC4: 0x10,
  COM: 0x20,
  TRIGGER: 0x40,
  BREAK: 0x80,
  CC1_OVER: 0x200,
  CC2_OVER: 0x400,
  CC3_OVER: 0x800,
  CC4_OVER: 0x1000,
} as const;

/** The four channels' bits in SR and DIER. */
const MATCHES = TimerFlag.CC1 | TimerFlag.CC2 | TimerFlag.CC3 | TimerFlag.CC4;

const MOE = 0x8000;
const AOE = 0x4000;
const BKP = 0x2000;
const BKE = 0x1000;
const OSSI = 0x0400;

/** SMCR's SMS. */
export const SlaveMode = { OFF: 0, ENCODER1: 1, ENCODER2: 2, ENCODER3: 3, RESET: 4, GATED: 5, TRIGGER: 6, EXTERNAL_CLOCK: 7 } as const;

/** Requests that a timer makes of the DMA controller. */
export type TimerDmaRequest = 'UP' | 'CH1' | 'CH2' | 'CH3' | 'CH4' | 'TRIG' | 'COM';

export interface TimerOptions {
  clock: Clock;
  lines: FunctionLines;
  /** What it counts, before the prescaler. */
  source: TickCounter;
  interrupts: { update: InterruptLine; capture: InterruptLine; break?: InterruptLine; trigger?: InterruptLine };
  /** The trigger output that is an internal trigger of this timer. */
  internalTrigger: (index: number) => Trigger | undefined;
}

export class Timer extends RegisterBlock {
  /** TRGO. */
  readonly trigger = new Trigger(() => this.settle());
  /** Called for each DMA request that DIER enables. */
  onDmaRequest?: (request: TimerDmaRequest) => void;

  /** @internal */ readonly counter: TimerCounter;
  /** @internal */ readonly clock: Clock;
  private readonly kernel: TickCounter;
  private readonly inputs: TimerInputs;
  private readonly channelLines: FunctionLine[] = [];
  private readonly complementaryLines: FunctionLine[] = [];
  private readonly breakLine: FunctionLine | undefined;

  /** @internal */ smcr = 0;
  /** @internal */ ccmr = [0, 0];
  /** @internal */ ccer = 0;
  private cr1 = 0;
  private cr2 = 0;
  private dier = 0;
  private sr = 0;
  private pscPreload = 0;
  private arrPreload: number;
  private rcr = 0;
  private repetition = 0;
  private readonly ccrPreload = [0, 0, 0, 0];
  private readonly ccr = [0, 0, 0, 0];
  private readonly reference: Bit[] = [0, 0, 0, 0];
  private bdtr = 0;
  private dcr = 0;
  private burstIndex = 0;
  private or = 0;
  private gate = true;
  private externalPrescale = 0;

  private seen = 0;
  private syncedAt = -Infinity;
  /** flags that are set and enabled, as the interrupts were last told */
  private told = 0;
  private readonly event: ClockEvent;

  constructor(
    readonly number: number,
    readonly features: TimerFeatures,
    private readonly options: TimerOptions,
  ) {
    super(`TIM${number}`);
    this.clock = options.clock;
    this.kernel = options.source.copy();
    this.counter = new TimerCounter(this.kernel, features.bits === 32 ? 0xffff_ffff : 0xffff);
    this.arrPreload = this.counter.max;
    for (let channel = 1; channel <= features.channels; channel++) {
      const line = options.lines.get(`${this.name}_CH${channel}`);
      line.onRouted(() => this.updateOutput(channel - 1));
      this.channelLines.push(line);
    }
    for (let channel = 1; channel <= features.complementary; channel++) {
      const line = options.lines.get(`${this.name}_CH${channel}N`);
      line.onRouted(() => this.updateOutput(channel - 1));
      this.complementaryLines.push(line);
    }
    if (features.complementary > 0) {
      this.breakLine = options.lines.get(`${this.name}_BKIN`);
      this.breakLine.observe(() => this.checkBreak());
    }
    this.inputs = new TimerInputs(this, this.channelLines, options.lines.get(`${this.name}_ETR`), options.internalTrigger);
    this.event = options.clock.at(options.clock.now, () => this.settle());
    options.clock.cancel(this.event);
  }

  override busClockChanged(): void {
    this.sync();
    this.counter.rebase();
    this.seen = this.counter.position;
    this.kernel.setFrequency(this.options.source.frequency);
    this.counter.rebase();
    this.updateOutputs();
    this.settle();
  }

  /** Hz of the counter's clock before the prescaler. */
  get sourceFrequency(): number {
    return this.kernel.frequency.hertz;
  }

  /** Whether it has been started. */
  get running(): boolean {
    return (this.cr1 & Cr1.CEN) !== 0;
  }

  /** When the counter next overflows, in ns, for a driver that polls; Infinity while no clock moves it. */
  get nextOverflow(): number {
    this.sync();
    const { counter } = this;
    if (!counter.counting) return Infinity;
    return counter.timeOf((Math.floor(Math.max(this.seen, 0) / counter.unit) + 1) * counter.unit);
  }

  /** Clears flags of SR, as a driver's interrupt handler does. */
  clearFlags(flags: number): void {
    this.writeRegister(TimerRegister.SR, ~flags >>> 0);
  }

  override reset(): void {
    this.cr1 = this.cr2 = this.smcr = this.dier = this.sr = this.ccer = 0;
    this.ccmr[0] = this.ccmr[1] = 0;
    this.pscPreload = this.rcr = this.repetition = this.bdtr = this.dcr = this.or = this.externalPrescale = 0;
    this.arrPreload = this.counter.max;
    this.ccr.fill(0);
    this.ccrPreload.fill(0);
    this.reference.fill(0);
    this.gate = true;
    this.counter.run(false);
    this.counter.psc = 0;
    this.counter.arr = this.counter.max;
    this.counter.mode = 'up';
    this.counter.restart();
    this.seen = 0;
    this.inputs.update();
    this.updateOutputs();
    this.settle();
  }

  /** What only programs write is as it was written; what the counter does has to be worked out first. */
  override readRegister(offset: number): number {
    switch (offset) {
      case TimerRegister.CR1:
        this.sync();
        return (this.cr1 & ~Cr1.DIR) | (this.directionBit ? Cr1.DIR : 0);
      case TimerRegister.CR2:
        return this.cr2;
      case TimerRegister.SMCR:
        return this.smcr;
      case TimerRegister.DIER:
        return this.dier;
      case TimerRegister.SR:
        this.sync();
        return this.sr;
      case TimerRegister.CCMR1:
      case TimerRegister.CCMR2:
        return this.ccmr[(offset - TimerRegister.CCMR1) >> 2];
      case TimerRegister.CCER:
        return this.ccer;
      case TimerRegister.CNT:
        this.sync();
        return this.counter.valueAt(this.counter.position);
      case TimerRegister.PSC:
        return this.pscPreload;
      case TimerRegister.ARR:
        return this.arrPreload;
      case TimerRegister.RCR:
        return this.rcr;
      case TimerRegister.CCR1:
      case TimerRegister.CCR2:
      case TimerRegister.CCR3:
      case TimerRegister.CCR4: {
        this.sync();
        const channel = (offset - TimerRegister.CCR1) >> 2;
        // Reading a captured value clears its flag (RM0090 section 18.4.5).
        if (this.isInput(channel)) {
          this.sr &= ~(TimerFlag.CC1 << channel);
          this.settle();
        }
        return this.ccrPreload[channel];
      }
      case TimerRegister.BDTR:
        this.sync();
        return this.bdtr;
      case TimerRegister.DCR:
        return this.dcr;
      case TimerRegister.DMAR:
        return this.burst === TimerRegister.DMAR ? 0 : this.readRegister(this.nextBurst());
      case TimerRegister.OR:
        return this.or;
    }
    return 0;
  }

  override peek(offset: number): number {
    return offset >= TimerRegister.CCR1 && offset <= TimerRegister.CCR4
      ? this.ccrPreload[(offset - TimerRegister.CCR1) >> 2]
      : this.readRegister(offset);
  }

  override writeRegister(offset: number, value: number): void {
    this.sync();
    const { max } = this.counter;
    switch (offset) {
      case TimerRegister.CR1:
        this.writeCr1(value & 0x3ff);
        break;
      case TimerRegister.CR2:
        this.cr2 = value;
        this.inputs.update();
        this.updateOutputs();
        break;
      case TimerRegister.SMCR:
        if (!this.features.slave) break;
        this.smcr = value & 0xffff;
        this.gate = true;
        this.inputs.update();
        this.recount();
        break;
      case TimerRegister.DIER:
        this.dier = value & 0x5fff;
        break;
      case TimerRegister.SR:
        this.sr &= value;
        break;
      case TimerRegister.EGR:
        this.generate(value);
        break;
      case TimerRegister.CCMR1:
      case TimerRegister.CCMR2:
        this.writeCcmr((offset - TimerRegister.CCMR1) >> 2, value & 0xffff);
        break;
      case TimerRegister.CCER:
        this.ccer = value & 0xffff;
        this.inputs.update();
        this.updateOutputs();
        break;
      case TimerRegister.CNT:
        this.counter.rebase();
        this.counter.setValue(value % (max + 1), this.directionBit);
        this.seen = this.counter.position;
        this.updateOutputs();
        break;
      case TimerRegister.PSC:
        this.pscPreload = value & 0xffff;
        break;
      case TimerRegister.ARR:
        this.arrPreload = value % (max + 1);
        if ((this.cr1 & Cr1.ARPE) === 0) this.reshape();
        break;
      case TimerRegister.RCR:
        if (this.features.repetition) this.rcr = value & 0xff;
        break;
      case TimerRegister.CCR1:
      case TimerRegister.CCR2:
      case TimerRegister.CCR3:
      case TimerRegister.CCR4: {
        const channel = (offset - TimerRegister.CCR1) >> 2;
        if (channel >= this.features.channels || this.isInput(channel)) break;
        this.ccrPreload[channel] = value % (max + 1);
        if (!this.isPreloaded(channel)) {
          this.ccr[channel] = this.ccrPreload[channel];
          this.updateOutput(channel);
        }
        break;
      }
      case TimerRegister.BDTR:
        if (this.features.complementary === 0) break;
        this.bdtr = value & 0xffff;
        this.checkBreak();
        this.updateOutputs();
        break;
      case TimerRegister.DCR:
        this.dcr = value & 0x1f1f;
        this.burstIndex = 0;
        break;
      case TimerRegister.DMAR:
        if (this.burst !== TimerRegister.DMAR) this.writeRegister(this.nextBurst(), value);
        return;
      case TimerRegister.OR:
        this.or = value;
    }
    this.settle();
  }

  /** The register that the next access to DMAR reaches: DBL + 1 of them in turn, from DBA on (RM0090 section 18.4.18). */
  private get burst(): number {
    return ((this.dcr & 31) + this.burstIndex) * 4;
  }

  private nextBurst(): number {
    const { burst } = this;
    this.burstIndex = (this.burstIndex + 1) % (((this.dcr >> 8) & 31) + 1);
    return burst;
  }

  // --- what inputs do to the timer -------------------------------------------------------------------------------

  /** @internal A capture on a channel. */
  capture(channel: number): void {
    this.sync();
    this.ccr[channel] = this.ccrPreload[channel] = this.counter.valueAt(this.counter.position);
    const flag = TimerFlag.CC1 << channel;
    if (this.sr & flag) this.sr |= TimerFlag.CC1_OVER << channel;
    this.raise(flag);
    this.settle();
  }

  /** @internal One count of an external clock or encoder. */
  step(direction: 1 | -1): void {
    if (!this.running) return;
    const { counter } = this;
    const encoder = this.isEncoder;
    if (encoder) this.cr1 = direction < 0 ? this.cr1 | Cr1.DIR : this.cr1 & ~Cr1.DIR;
    if (++this.externalPrescale <= counter.psc) return;
    this.externalPrescale = 0;
    const before = counter.valueAt(counter.position);
    const down = encoder ? direction < 0 : counter.isDownAt(counter.position);
    let value = before + (down ? -1 : 1);
    const wrapped = value < 0 || value > counter.arr;
    if (wrapped) value = value < 0 ? counter.arr : 0;
    counter.rebase();
    counter.setValue(value, down);
    this.seen = counter.position;
    for (let channel = 0; channel < this.features.channels; channel++) {
      if (!this.isInput(channel) && this.ccr[channel] === value) this.matched(channel, 1);
    }
    if (wrapped) this.overflowed(1);
    this.updateOutputs();
    this.settle();
  }

  /** @internal TRGI has risen or fallen. */
  slaveTrigger(rising: boolean): void {
    this.sync();
    const mode = this.smcr & 7;
    if (rising) this.raise(TimerFlag.TRIGGER);
    if (mode === SlaveMode.EXTERNAL_CLOCK && rising) this.step(1);
    else if (mode === SlaveMode.RESET && rising) this.updateByGeneration();
    else if (mode === SlaveMode.TRIGGER && rising) this.writeCr1(this.cr1 | Cr1.CEN);
    else if (mode === SlaveMode.GATED) {
      this.gate = rising;
      this.recount();
    }
    this.settle();
  }

  /** @internal */
  get isEncoder(): boolean {
    const mode = this.smcr & 7;
    return this.features.encoder && mode >= SlaveMode.ENCODER1 && mode <= SlaveMode.ENCODER3;
  }

  /** @internal Whether something else than the internal clock moves the counter. */
  get isExternallyClocked(): boolean {
    return this.isEncoder || (this.smcr & 7) === SlaveMode.EXTERNAL_CLOCK || (this.smcr & 0x4000) !== 0;
  }

  /** @internal CCxS: 0 for an output. */
  selection(channel: number): number {
    return (this.ccmr[channel >> 1] >>> ((channel & 1) * 8)) & 3;
  }

  /** @internal */
  isInput(channel: number): boolean {
    return this.selection(channel) !== 0;
  }

  /** @internal CR2's TI1S: the first input is the XOR of three. */
  get xorInputs(): boolean {
    return (this.cr2 & 0x80) !== 0;
  }

  /** @internal kernel ticks of t_DTS */
  get samplingDivider(): number {
    return [1, 2, 4, 4][(this.cr1 >>> 8) & 3];
  }

  // --- the time base ---------------------------------------------------------------------------------------------

  private get directionBit(): boolean {
    if (this.isEncoder || this.counter.mode === 'down') return (this.cr1 & Cr1.DIR) !== 0;
    return this.counter.isDownAt(this.counter.position);
  }

  private get mode(): CountMode {
    if (this.features.directions === 'up' || this.isEncoder) return 'up';
    return this.cr1 & Cr1.CMS ? 'centre' : this.cr1 & Cr1.DIR ? 'down' : 'up';
  }

  private writeCr1(value: number): void {
    if (this.cr1 & Cr1.CMS) value = (value & ~Cr1.DIR) | (this.cr1 & Cr1.DIR);
    const changed = value ^ this.cr1;
    this.cr1 = value;
    if (changed & (Cr1.DIR | Cr1.CMS)) this.reshape();
    if (changed & Cr1.CEN) {
      this.recount();
      if (((this.cr2 >>> 4) & 7) === 1) this.trigger.set((value & Cr1.CEN) !== 0);
    }
  }

  /** ARR or the mode has changed without a preload: the running count goes on with it. */
  private reshape(): void {
    const { counter } = this;
    counter.rebase();
    const arr = this.cr1 & Cr1.ARPE ? counter.arr : this.arrPreload;
    counter.configure(counter.psc, arr, this.mode);
    this.seen = counter.position;
    this.updateOutputs();
  }

  /** Starts or stops the counter as CEN, the gate and the clock source say. */
  private recount(): void {
    const { counter } = this;
    counter.rebase();
    if (counter.mode !== this.mode) counter.configure(counter.psc, counter.arr, this.mode);
    counter.run((this.cr1 & Cr1.CEN) !== 0 && this.gate && !this.isExternallyClocked);
    this.seen = counter.position;
    this.updateOutputs();
  }

  /** Works out what has happened since it was last asked: overflows and matches, and the flags that they set. */
  private sync(): void {
    const { now } = this.clock;
    if (now === this.syncedAt) return;
    this.syncedAt = now;
    const { counter } = this;
    const x = counter.position;
    const { seen } = this;
    if (x <= seen) return;
    this.seen = x;
    for (let channel = 0; channel < this.features.channels; channel++) {
      if (this.isInput(channel) || !this.matchMatters(channel)) continue;
      const matches = countMatches(counter, this.flagPositions(channel), seen, x);
      const all = counter.mode === 'centre' ? countMatches(counter, matchPositions(counter, this.ccr[channel]), seen, x) : matches;
      if (all > 0) this.matched(channel, all, matches > 0);
    }
    const overflows = counter.overflowsAt(x) - counter.overflowsAt(seen);
    if (overflows > 0) this.overflowed(overflows);
    else if (seen < 0 && x >= 0) this.updateOutputs();
  }

  /** Whether a match would change anything: the flag, the reference, or somebody waits for each. */
  private matchMatters(channel: number): boolean {
    const flag = TimerFlag.CC1 << channel;
    if ((this.sr & flag) === 0 || this.dier & (flag << 8) || this.trigger.wanted) return true;
    const mode = this.outputMode(channel);
    return mode >= OutputMode.ACTIVE_ON_MATCH && mode <= OutputMode.TOGGLE;
  }

  private matched(channel: number, count: number, flag = true): void {
    const mode = this.outputMode(channel);
    if (mode === OutputMode.TOGGLE) this.reference[channel] = ((this.reference[channel] + count) & 1) as Bit;
    else if (mode === OutputMode.ACTIVE_ON_MATCH) this.reference[channel] = 1;
    else if (mode === OutputMode.INACTIVE_ON_MATCH) this.reference[channel] = 0;
    if (!flag) return;
    this.raise(TimerFlag.CC1 << channel);
    if (channel === 0 && ((this.cr2 >>> 4) & 7) === 3) this.trigger.pulse();
  }

  private overflowed(count: number): void {
    if (this.cr1 & Cr1.UDIS) return;
    const total = this.repetition + count;
    this.repetition = total % (this.rcr + 1);
    if (total > this.rcr) this.updateEvent();
  }

  /** The update event: preloaded registers take effect (RM0090 section 18.3.2). */
  private updateEvent(raise = true): void {
    this.applyPreloads();
    if (raise) this.raise(TimerFlag.UPDATE);
    if (this.cr1 & Cr1.OPM && this.running) {
      this.cr1 &= ~Cr1.CEN;
      this.recount();
    }
    if (this.bdtr & AOE && (this.bdtr & MOE) === 0 && !this.breaking) {
      this.bdtr |= MOE;
      this.updateOutputs();
    }
    if (((this.cr2 >>> 4) & 7) === 2) this.trigger.pulse();
  }

  private applyPreloads(): void {
    const { counter } = this;
    const { pscPreload, arrPreload } = this;
    let changed = false;
    if (pscPreload !== counter.psc || arrPreload !== counter.arr) {
      counter.rebase();
      counter.configure(pscPreload, arrPreload, counter.mode);
      this.seen = counter.position;
      changed = true;
    }
    for (let channel = 0; channel < this.features.channels; channel++) {
      if (this.ccr[channel] === this.ccrPreload[channel] || this.isInput(channel)) continue;
      this.ccr[channel] = this.ccrPreload[channel];
      changed = true;
    }
    if (changed) this.updateOutputs();
  }

  /** EGR: events by software. */
  private generate(value: number): void {
    if (value & 1) this.updateByGeneration();
    for (let channel = 0; channel < this.features.channels; channel++) {
      if ((value & (2 << channel)) === 0) continue;
      if (this.isInput(channel)) this.capture(channel);
      else this.raise(TimerFlag.CC1 << channel);
    }
    if (value & TimerFlag.COM && this.features.complementary > 0) this.raise(TimerFlag.COM);
    if (value & TimerFlag.TRIGGER && this.features.slave) this.slaveTrigger(true);
    if (value & TimerFlag.BREAK && this.features.complementary > 0) this.break();
  }

  private updateByGeneration(): void {
    const { counter } = this;
    counter.rebase();
    counter.restart();
    this.seen = counter.position;
    this.repetition = this.externalPrescale = 0;
    if ((this.cr1 & Cr1.UDIS) === 0) {
      this.applyPreloads();
      counter.restart();
      if ((this.cr1 & Cr1.URS) === 0) this.raise(TimerFlag.UPDATE);
      const source = (this.cr2 >>> 4) & 7;
      if (source === 0 || source === 2) this.trigger.pulse();
    }
    this.updateOutputs();
  }

  // --- flags, interrupts, events ---------------------------------------------------------------------------------

  private raise(flag: number): void {
    this.sr |= flag;
    if (this.onDmaRequest === undefined || (this.dier & (flag << 8)) === 0) return;
    if (flag === TimerFlag.UPDATE) this.onDmaRequest('UP');
    else if (flag === TimerFlag.TRIGGER) this.onDmaRequest('TRIG');
    else if (flag === TimerFlag.COM) this.onDmaRequest('COM');
    else this.onDmaRequest(`CH${31 - Math.clz32(flag)}` as TimerDmaRequest);
  }

  private settle(): void {
    this.sync();
    const active = this.sr & this.dier;
    if (active !== this.told) this.tell(active);
    this.settleTrigger();
    const time = this.nextTime();
    if (time !== Infinity) this.clock.reschedule(this.event, time);
    else if (this.event.pending) this.clock.cancel(this.event);
  }

  private tell(active: number): void {
    const { update, capture, break: breaking, trigger } = this.options.interrupts;
    this.told = active;
    update.set((active & TimerFlag.UPDATE) !== 0);
    capture.set((active & MATCHES) !== 0);
    breaking?.set((active & TimerFlag.BREAK) !== 0);
    trigger?.set((active & (TimerFlag.TRIGGER | TimerFlag.COM)) !== 0);
  }

  /** When something is next to happen that somebody waits for. */
  private nextTime(): number {
    const { counter } = this;
    if (!counter.counting) return Infinity;
    const x = this.seen;
    let next = Infinity;
    if (x < 0) next = 0;
    if (this.waitsForUpdate) {
      const unit = counter.unit;
      const overflows = Math.max(this.rcr - this.repetition, 0) + 1;
      // A preloaded value that is due at the update event may be behind several overflows.
      next = Math.min(next, (Math.floor(Math.max(x, 0) / unit) + overflows) * unit);
      if (x < 0) next = Math.min(next, 0);
    }
    if (!this.waitsForMatches) return counter.timeOf(next);
    const source = (this.cr2 >>> 4) & 7;
    for (let channel = 0; channel < this.features.channels; channel++) {
      if (this.isInput(channel)) continue;
      const flag = TimerFlag.CC1 << channel;
      const asked = (this.dier & flag && (this.sr & flag) === 0) || this.dier & (flag << 8);
      const triggers = this.trigger.wanted && ((source === 3 && channel === 0) || source === 4 + channel);
      if (!asked && !triggers) continue;
      const positions = triggers ? matchPositions(counter, this.ccr[channel]) : this.flagPositions(channel);
      next = Math.min(next, nextMatch(counter, positions, x));
      if (source === 4 + channel && triggers) next = Math.min(next, (Math.floor(x / counter.cycle) + 1) * counter.cycle);
    }
    return counter.timeOf(next);
  }

  /** Whether any channel's match is waited for: by an interrupt, a DMA request or the trigger output. */
  private get waitsForMatches(): boolean {
    return (this.dier & (MATCHES | (MATCHES << 8))) !== 0 || this.trigger.wanted;
  }

  private get waitsForUpdate(): boolean {
    if (this.dier & TimerFlag.UPDATE && (this.sr & TimerFlag.UPDATE) === 0) return true;
    if (this.dier & 0x100 || this.cr1 & Cr1.OPM) return true;
    if (this.trigger.wanted && ((this.cr2 >>> 4) & 7) === 2) return true;
    if (this.bdtr & AOE && (this.bdtr & MOE) === 0) return true;
    if (this.cr1 & Cr1.UDIS) return false;
    if (this.pscPreload !== this.counter.psc || this.arrPreload !== this.counter.arr) return true;
    for (let channel = 0; channel < this.features.channels; channel++) {
      if (this.ccr[channel] !== this.ccrPreload[channel] && !this.isInput(channel)) return true;
    }
    return false;
  }

  /** TRGO when it is a channel's reference signal. */
  private settleTrigger(): void {
    const source = (this.cr2 >>> 4) & 7;
    if (source >= 4) this.trigger.set(this.referenceNow(source - 4) === 1);
  }

  /** Positions at which the compare flag is set; centre-aligned, CMS says whether counting up, down, or both count. */
  private flagPositions(channel: number): number[] {
    const { counter } = this;
    const positions = matchPositions(counter, this.ccr[channel]);
    const which = (this.cr1 & Cr1.CMS) >>> 5;
    if (counter.mode !== 'centre' || which === 3 || positions.length < 2) return positions;
    return which === 2 ? [positions[0]] : [positions[1]];
  }

  // --- outputs ---------------------------------------------------------------------------------------------------

  private outputMode(channel: number): number {
    return (this.ccmr[channel >> 1] >>> ((channel & 1) * 8 + 4)) & 7;
  }

  private isPreloaded(channel: number): boolean {
    return ((this.ccmr[channel >> 1] >>> ((channel & 1) * 8 + 3)) & 1) === 1;
  }

  private referenceNow(channel: number): Bit {
    const x = this.counter.position;
    return referenceOf(this.counter, x, this.ccr[channel], this.outputMode(channel), this.reference[channel]).now;
  }

  private writeCcmr(index: number, value: number): void {
    const before = [this.outputMode(2 * index), this.outputMode(2 * index + 1)];
    const references = before.map((_, i) => (2 * index + i < this.features.channels ? this.referenceNow(2 * index + i) : 0));
    this.ccmr[index] = value;
    for (let i = 0; i < 2; i++) {
      const channel = 2 * index + i;
      if (channel >= this.features.channels) continue;
      // What was put out stays until the new mode changes it.
      this.reference[channel] = references[i] as Bit;
      const mode = this.outputMode(channel);
      if (mode === OutputMode.FORCED_ACTIVE) this.reference[channel] = 1;
      else if (mode === OutputMode.FORCED_INACTIVE) this.reference[channel] = 0;
      if (!this.isPreloaded(channel) && !this.isInput(channel)) this.ccr[channel] = this.ccrPreload[channel];
    }
    this.inputs.update();
    this.updateOutputs();
  }

  private updateOutputs(): void {
    for (let channel = 0; channel < this.features.channels; channel++) this.updateOutput(channel);
  }

  private updateOutput(channel: number): void {
    const line = this.channelLines[channel];
    const complement = this.complementaryLines[channel];
    if (line.pins.length === 0 && (complement === undefined || complement.pins.length === 0)) return;
    const enabled = (this.ccer >>> (channel * 4)) & 1;
    const enabledN = complement !== undefined ? (this.ccer >>> (channel * 4 + 2)) & 1 : 0;
    if (this.isInput(channel) || (enabled | enabledN) === 0) {
      line.drive(-1);
      complement?.drive(-1);
      return;
    }
    if (this.features.complementary > 0 && (this.bdtr & MOE) === 0) {
      const idle = (this.cr2 >>> (8 + channel * 2)) & 3;
      line.drive(enabled && this.bdtr & OSSI ? ((idle & 1) as Bit) : -1);
      complement?.drive(enabledN && this.bdtr & OSSI ? ((idle >> 1) as Bit) : -1);
      return;
    }
    this.sync();
    const { counter } = this;
    const x = counter.position;
    const reference = referenceOf(counter, x, this.ccr[channel], this.outputMode(channel), this.reference[channel]);
    const inverted = ((this.ccer >>> (channel * 4 + 1)) & 1) === 1;
    const invertedN = ((this.ccer >>> (channel * 4 + 3)) & 1) === 1;
    const both = enabled === 1 && enabledN === 1;
    const delay = both ? deadTimeTicks(this.bdtr & 0xff) * this.samplingDivider : 0;
    if (enabled) put(line, outputOf(counter, reference, x, inverted, delay, inverted ? 0 : 1));
    else line.drive(-1);
    if (complement === undefined) return;
    // Alone, the complementary output follows the reference; with the other one, its opposite (RM0090 table 96).
    if (enabledN) put(complement, outputOf(counter, reference, x, both !== invertedN, delay, invertedN ? 0 : 1));
    else complement.drive(-1);
  }

  // --- break -----------------------------------------------------------------------------------------------------

  private get breaking(): boolean {
    if (this.breakLine === undefined || (this.bdtr & BKE) === 0 || this.breakLine.pins.length === 0) return false;
    return this.breakLine.bit === (this.bdtr & BKP ? 1 : 0);
  }

  private checkBreak(): void {
    if (this.breaking) this.break();
  }

  private break(): void {
    this.bdtr &= ~MOE;
    this.raise(TimerFlag.BREAK);
    this.updateOutputs();
    this.settle();
  }
}

function put(line: FunctionLine, output: Output): void {
  if (typeof output === 'number') line.drive(output);
  else line.play(output);
}
