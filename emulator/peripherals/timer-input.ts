/**
 * What comes into a timer: input capture, quadrature encoders, and the slave mode controller (RM0090 sections 18.3.4,
 * 18.3.5, 18.3.12, 18.3.14). Pins are watched only while something uses them.
 */
import type { ClockEvent } from '../clock/clock.ts';
import type { Bit } from '../trace/level.ts';
import type { FunctionLine } from './function-line.ts';
import type { Timer } from './timer.ts';
import type { Trigger } from './trigger.ts';

/** Kernel ticks (of t_DTS from index 4 on) for which an input must hold still, by the filter's setting. */
const FILTER_TICKS = [0, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 128, 160, 192, 256];

const ENCODER_BOTH = 3;

/** SMCR's TS. */
const TriggerSource = { ITR3: 3, TI1_EDGE: 4, TI1: 5, TI2: 6, EXTERNAL: 7 } as const;

export class TimerInputs {
  private readonly filters: InputFilter[];
  private readonly prescale = [0, 0, 0, 0];
  private stopTrigger: (() => void) | undefined;
  private watchedTrigger = -1;
  private stopExternal: (() => void) | undefined;
  private externalPrescale = 0;

  constructor(
    private readonly timer: Timer,
    private readonly lines: FunctionLine[],
    private readonly external: FunctionLine,
    private readonly internalTrigger: (index: number) => Trigger | undefined,
  ) {
    this.filters = lines.map((line, index) => new InputFilter(timer, line, bit => this.edge(index, bit)));
  }

  /** Watches what the registers now ask for. */
  update(): void {
    const { timer } = this;
    const wanted = [false, false, false, false];
    for (let channel = 0; channel < this.lines.length; channel++) {
      const selection = timer.selection(channel);
      if (((timer.ccer >>> (channel * 4)) & 1) === 0) continue;
      if (selection === 1) wanted[channel] = true;
      else if (selection === 2) wanted[channel ^ 1] = true;
    }
    const source = this.slaveUsesTrigger ? (timer.smcr >>> 4) & 7 : -1;
    if (source === TriggerSource.TI1_EDGE || source === TriggerSource.TI1) wanted[0] = true;
    if (source === TriggerSource.TI2) wanted[1] = true;
    if (timer.isEncoder) wanted[0] = wanted[1] = true;
    if (wanted[0] && timer.xorInputs) wanted[1] = wanted[2] = true;
    for (const [index, filter] of this.filters.entries()) filter.watch(wanted[index], this.filterTicks(index));
    this.watchTrigger(source);
    this.watchExternal(source === TriggerSource.EXTERNAL || (timer.smcr & 0x4000) !== 0);
  }

  private get slaveUsesTrigger(): boolean {
    const { smcr } = this.timer;
    return (smcr & 7) >= 4 || this.lines.some((_, channel) => this.timer.selection(channel) === 3);
  }

  private filterTicks(input: number): number {
    const { timer } = this;
    const setting = (timer.ccmr[input >> 1] >>> ((input & 1) * 8 + 4)) & 15;
    if (!timer.isInput(input) && !timer.isEncoder) return 0;
    return FILTER_TICKS[setting] * (setting >= 4 ? timer.samplingDivider : 1);
  }

  private watchTrigger(source: number): void {
    const wanted = source >= 0 && source <= TriggerSource.ITR3 ? source : -1;
    if (wanted === this.watchedTrigger) return;
    this.stopTrigger?.();
    this.watchedTrigger = wanted;
    this.stopTrigger =
      wanted < 0
        ? undefined
        : this.internalTrigger(wanted)?.observe(
            () => this.triggered(true),
            () => this.triggered(false),
          );
  }

  private watchExternal(wanted: boolean): void {
    if (wanted === (this.stopExternal !== undefined)) return;
    this.stopExternal?.();
    this.stopExternal = wanted ? this.external.observe(bit => this.externalEdge(bit)) : undefined;
  }

  private triggered(rising: boolean): void {
    const { timer } = this;
    for (let channel = 0; channel < this.lines.length; channel++) {
      if (rising && timer.selection(channel) === 3) this.captureEdge(channel);
    }
    timer.slaveTrigger(rising);
  }

  /** ETR, after polarity and prescaler: clock mode 2 counts it, the slave controller may use it. */
  private externalEdge(bit: Bit): void {
    const { smcr } = this.timer;
    const level = bit === (smcr & 0x8000 ? 0 : 1);
    if (level && this.externalPrescale++ % (1 << ((smcr >>> 12) & 3)) !== 0) return;
    if (smcr & 0x4000) {
      if (level) this.timer.step(1);
    } else this.triggered(level);
  }

  private edge(input: number, bit: Bit): void {
    const { timer } = this;
    if (timer.xorInputs && input < 3) {
      if (input > 0) this.capturesOf(input, bit);
      bit = (this.filters[0].level ^ this.filters[1].level ^ this.filters[2].level) as Bit;
      input = 0;
    }
    this.capturesOf(input, bit);
    if (timer.isEncoder && input < 2) this.encoderEdge(input, bit);
    if (!this.slaveUsesTrigger) return;
    const source = (timer.smcr >>> 4) & 7;
    if (source === TriggerSource.TI1_EDGE && input === 0) {
      this.triggered(true);
      this.triggered(false);
    } else if ((source === TriggerSource.TI1 && input === 0) || (source === TriggerSource.TI2 && input === 1)) {
      this.triggered((bit === 1) !== this.isInverted(input));
    }
  }

  private capturesOf(input: number, bit: Bit): void {
    const { timer } = this;
    for (let channel = 0; channel < this.lines.length; channel++) {
      if (((timer.ccer >>> (channel * 4)) & 1) === 0) continue;
      const selection = timer.selection(channel);
      if (!(selection === 1 && input === channel) && !(selection === 2 && input === (channel ^ 1))) continue;
      const polarity = (timer.ccer >>> (channel * 4 + 1)) & 5;
      if (polarity === 5 || bit === (polarity & 1 ? 0 : 1)) this.captureEdge(channel);
    }
  }

  private captureEdge(channel: number): void {
    const { timer } = this;
    const divider = 1 << ((timer.ccmr[channel >> 1] >>> ((channel & 1) * 8 + 2)) & 3);
    if (++this.prescale[channel] < divider) return;
    this.prescale[channel] = 0;
    timer.capture(channel);
  }

  /** RM0090 table 100: an edge of one input counts up or down by the level of the other. */
  private encoderEdge(input: number, bit: Bit): void {
    const mode = this.timer.smcr & 7;
    if (mode !== ENCODER_BOTH && mode !== (input === 0 ? 2 : 1)) return;
    const level = (index: number, value: number) => (this.isInverted(index) ? value ^ 1 : value);
    const rising = level(input, bit) === 1;
    const other = level(input ^ 1, this.filters[input ^ 1].level) === 1;
    this.timer.step((rising === other) === (input === 1) ? 1 : -1);
  }

  private isInverted(input: number): boolean {
    return ((this.timer.ccer >>> (input * 4 + 1)) & 1) === 1;
  }
}

/** One input, watched while it is wanted; an edge counts after the level has held still for the filter's time. */
class InputFilter {
  level: Bit = 0;
  private stop: (() => void) | undefined;
  private ticks = 0;
  private pending: ClockEvent | undefined;

  constructor(
    private readonly timer: Timer,
    private readonly line: FunctionLine,
    private readonly changed: (bit: Bit) => void,
  ) {}

  watch(wanted: boolean, ticks: number): void {
    this.ticks = ticks;
    if (wanted === (this.stop !== undefined)) return;
    this.stop?.();
    this.timer.clock.cancel(this.pending);
    this.stop = undefined;
    if (!wanted) return;
    this.level = this.line.bit;
    this.stop = this.line.observe(bit => this.edge(bit));
  }

  private edge(bit: Bit): void {
    const { clock, counter } = this.timer;
    clock.cancel(this.pending);
    if (bit === this.level) return;
    if (this.ticks === 0) this.accept(bit);
    else this.pending = clock.after(counter.kernel.frequency.durationOf(this.ticks), () => this.accept(bit));
  }

  private accept(bit: Bit): void {
    this.level = bit;
    this.changed(bit);
  }
}
