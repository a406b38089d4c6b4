/**
 * The analogue-to-digital converters (RM0090 section 13): regular and injected sequences, scan, continuous and
 * discontinuous mode, external triggers, the analogue watchdog, DMA, and the inputs inside the chip. Dual and triple mode are refused.
 *
 * A conversion takes the sampling time and then one ADC clock a bit; the voltage is what the net has when sampling ends.
 */
import type { AdcFeatures } from '../../boards/chips/chip.ts';
import type { Clock, ClockEvent } from '../clock/clock.ts';
import { NotModelledError } from './not-modelled.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';
import type { Trigger } from './trigger.ts';

export const AdcRegister = {
  SR: 0x00,
  CR1: 0x04,
  CR2: 0x08,
  SMPR1: 0x0c,
  SMPR2: 0x10,
  JOFR1: 0x14,
  HTR: 0x24,
  LTR: 0x28,
  SQR1: 0x2c,
  SQR2: 0x30,
  SQR3: 0x34,
  JSQR: 0x38,
  JDR1: 0x3c,
  DR: 0x4c,
} as const;

export const AdcFlag = { AWD: 1, EOC: 2, JEOC: 4, JSTRT: 8, STRT: 0x10, OVR: 0x20 } as const;
export const AdcCr1 = {
  AWDCH: 0x1f,
  EOCIE: 0x20,
  AWDIE: 0x40,
  JEOCIE: 0x80,
  SCAN: 0x100,
  AWDSGL: 0x200,
  JAUTO: 0x400,
  DISCEN: 0x800,
  JDISCEN: 0x1000,
  DISCNUM: 0xe000,
  JAWDEN: 0x40_0000,
  AWDEN: 0x80_0000,
  RES: 0x300_0000,
  OVRIE: 0x400_0000,
} as const;
export const AdcCr2 = {
  ADON: 1,
  CONT: 2,
  DMA: 0x100,
  DDS: 0x200,
  EOCS: 0x400,
  ALIGN: 0x800,
  JSWSTART: 0x40_0000,
  EXTSEL: 0x0f00_0000,
  EXTEN: 0x3000_0000,
  SWSTART: 0x4000_0000,
} as const;

/** Sampling times in ADC clocks by SMPR's three bits. */
const SAMPLING_CYCLES = [3, 15, 28, 56, 84, 112, 144, 480];

/** What a converter measures: where its channels lead. */
export interface AdcInputs {
  /** Volts of a pin's channel; undefined if the channel leads nowhere. */
  pin(channel: number): number | undefined;
  /** Volts of the reference. */
  readonly reference: number;
  /** Volts of the backup battery. */
  readonly battery: number;
  /** °C inside the chip. */
  readonly temperature: number;
}

export class Adc extends RegisterBlock {
  /** Called when the DMA controller is asked to take a result. */

  private sr = 0;
  private cr1 = 0;
  private cr2 = 0;
  private readonly plain = new Map<number, number>();
  private data = 0;
  private readonly injected = [0, 0, 0, 0];
  private rank = 0;
  private injectedRank = 0;
  private converting: 'regular' | 'injected' | undefined;
  private interrupted = false;
  private leftInGroup = 0;
  private event: ClockEvent | undefined;
  private stopTrigger: (() => void) | undefined;
  private readonly line: { set(active: boolean): void };

  constructor(
    readonly number: number,
    private readonly clock: Clock,
    private readonly common: AdcCommon,
    private readonly features: AdcFeatures,
    private readonly inputs: AdcInputs,
    /** the trigger of an EXTSEL value */
    private readonly triggerOf: (selection: number) => Trigger | undefined,
    /** asks the DMA controllers to take a result */
    private readonly dmaRequest: (name: string) => void,
  ) {
    super(`ADC${number}`);
    common.units[number - 1] = this;
    this.line = common.shareLine();
  }

  override reset(): void {
    this.sr = this.cr1 = this.cr2 = this.data = this.rank = this.injectedRank = 0;
    this.plain.clear();
    this.plain.set(AdcRegister.HTR, 0xfff);
    this.injected.fill(0);
    this.converting = undefined;
    this.clock.cancel(this.event);
    this.watchTrigger();
    this.update();
  }

  /** SR's flags, for the common status register. */
  get status(): number {
    return this.sr;
  }

  override readRegister(offset: number): number {
    if (offset === AdcRegister.DR) {
      this.sr &= ~AdcFlag.EOC;
      this.update();
      return this.data;
    }
    return this.peek(offset);
  }

  override peek(offset: number): number {
    switch (offset) {
      case AdcRegister.SR:
        return this.sr;
      case AdcRegister.CR1:
        return this.cr1;
      case AdcRegister.CR2:
        return this.cr2;
      case AdcRegister.DR:
        return this.data;
    }
    if (offset >= AdcRegister.JDR1 && offset < AdcRegister.DR) return this.injected[(offset - AdcRegister.JDR1) >> 2] & 0xffff;
    return this.plain.get(offset) ?? 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case AdcRegister.SR:
        this.sr &= value;
        break;
      case AdcRegister.CR1:
        this.cr1 = value & 0x07c0_ffff;
        break;
      case AdcRegister.CR2:
        this.writeCr2(value);
        break;
      default:
        if (offset > AdcRegister.CR2 && offset < AdcRegister.JDR1) this.plain.set(offset, value);
    }
    this.update();
  }

  private writeCr2(value: number): void {
    this.cr2 = value & 0x3f7f_0f03;
    if ((value & AdcCr2.ADON) === 0) {
      this.converting = undefined;
      this.rank = 0;
      this.clock.cancel(this.event);
    }
    this.watchTrigger();
    if ((value & AdcCr2.ADON) === 0) return;
    if (value & AdcCr2.JSWSTART) this.startInjected();
    if (value & AdcCr2.SWSTART) this.start();
  }

  /** Hz of the converter's clock. */
  private get frequency(): number {
    return this.common.adcClock;
  }

  private get bits(): number {
    return 12 - 2 * ((this.cr1 & AdcCr1.RES) >>> 24);
  }

  private get sequenceLength(): number {
    return this.cr1 & AdcCr1.SCAN ? (((this.plain.get(AdcRegister.SQR1) ?? 0) >>> 20) & 15) + 1 : 1;
  }

  private get injectedLength(): number {
    return this.cr1 & AdcCr1.SCAN ? (((this.plain.get(AdcRegister.JSQR) ?? 0) >>> 20) & 3) + 1 : 1;
  }

  /** The channel of a place in the regular sequence, from 0. */
  private channelAt(rank: number): number {
    const register = rank < 6 ? AdcRegister.SQR3 : rank < 12 ? AdcRegister.SQR2 : AdcRegister.SQR1;
    return ((this.plain.get(register) ?? 0) >>> ((rank % 6) * 5)) & 31;
  }

  /** The injected sequence is right-aligned: with n conversions it uses the last n of four places. */
  private injectedChannelAt(rank: number): number {
    const place = 4 - this.injectedLength + rank;
    return ((this.plain.get(AdcRegister.JSQR) ?? 0) >>> (place * 5)) & 31;
  }

  private samplingCycles(channel: number): number {
    const register = channel < 10 ? AdcRegister.SMPR2 : AdcRegister.SMPR1;
    return SAMPLING_CYCLES[((this.plain.get(register) ?? 0) >>> ((channel % 10) * 3)) & 7];
  }

  // --- sequences -------------------------------------------------------------------------------------------------

  private start(): void {
    if (this.converting !== undefined) return;
    this.sr |= AdcFlag.STRT;
    this.leftInGroup = this.cr1 & AdcCr1.DISCEN ? ((this.cr1 & AdcCr1.DISCNUM) >>> 13) + 1 : Infinity;
    this.convert('regular', this.channelAt(this.rank));
  }

  /** An injected sequence interrupts a regular one, which then converts its channel again. */
  private startInjected(): void {
    if (this.converting === 'injected') return;
    this.interrupted = this.converting === 'regular';
    this.clock.cancel(this.event);
    this.sr |= AdcFlag.JSTRT;
    this.injectedRank = 0;
    this.convert('injected', this.injectedChannelAt(0));
  }

  private convert(kind: 'regular' | 'injected', channel: number): void {
    const { clock, frequency } = this;
    this.converting = kind;
    const sampled = clock.now + Math.round((this.samplingCycles(channel) * 1e9) / frequency);
    const done = clock.now + Math.round(((this.samplingCycles(channel) + this.bits) * 1e9) / frequency);
    this.event = clock.at(sampled, () => {
      const code = this.codeOf(channel);
      this.event = clock.at(done, () => (kind === 'regular' ? this.finish(channel, code) : this.finishInjected(channel, code)));
    });
  }

  private finish(channel: number, code: number): void {
    this.converting = undefined;
    const length = this.sequenceLength;
    const last = ++this.rank >= length;
    if (last) this.rank = 0;
    this.checkWatchdog(channel, code, AdcCr1.AWDEN);
    this.deliver(code, last);
    this.leftInGroup--;
    if (last && this.cr1 & AdcCr1.JAUTO) this.startInjected();
    else if (!(last ? this.cr2 & AdcCr2.CONT : this.leftInGroup > 0)) this.leftInGroup = 0;
    else {
      if (last) this.leftInGroup = this.cr1 & AdcCr1.DISCEN ? ((this.cr1 & AdcCr1.DISCNUM) >>> 13) + 1 : Infinity;
      this.convert('regular', this.channelAt(this.rank));
    }
    this.update();
  }

  private deliver(code: number, last: boolean): void {
    const marks = last || (this.cr2 & AdcCr2.EOCS) !== 0;
    const watched = (this.cr2 & (AdcCr2.DMA | AdcCr2.EOCS)) !== 0;
    if (watched && this.sr & AdcFlag.EOC) this.sr |= AdcFlag.OVR;
    else this.data = this.aligned(code);
    if (marks) this.sr |= AdcFlag.EOC;
    if (this.cr2 & AdcCr2.DMA && (this.sr & AdcFlag.OVR) === 0) this.dmaRequest(this.name);
  }

  private finishInjected(channel: number, code: number): void {
    const offset = (this.plain.get(AdcRegister.JOFR1 + 4 * this.injectedRank) ?? 0) & 0xfff;
    this.injected[this.injectedRank] = this.aligned(code - offset);
    this.checkWatchdog(channel, code, AdcCr1.JAWDEN);
    this.converting = undefined;
    if (++this.injectedRank < this.injectedLength) this.convert('injected', this.injectedChannelAt(this.injectedRank));
    else {
      this.sr |= AdcFlag.JEOC;
      if (this.interrupted || (this.cr1 & AdcCr1.JAUTO && this.cr2 & AdcCr2.CONT)) {
        this.interrupted = false;
        this.convert('regular', this.channelAt(this.rank));
      }
    }
    this.update();
  }

  private aligned(code: number): number {
    return (this.cr2 & AdcCr2.ALIGN ? code << (this.bits === 6 ? 2 : 16 - this.bits) : code) & 0xffff;
  }

  private checkWatchdog(channel: number, code: number, enable: number): void {
    if ((this.cr1 & enable) === 0) return;
    if (this.cr1 & AdcCr1.AWDSGL && (this.cr1 & AdcCr1.AWDCH) !== channel) return;
    const full = code << (12 - this.bits);
    if (full > (this.plain.get(AdcRegister.HTR) ?? 0xfff) || full < (this.plain.get(AdcRegister.LTR) ?? 0)) this.sr |= AdcFlag.AWD;
  }

  // --- the analogue side -----------------------------------------------------------------------------------------

  /** What the converter makes of a channel's voltage: VREF+ and above is the greatest code. */
  private codeOf(channel: number): number {
    const volts = this.voltageOf(channel);
    const levels = 1 << this.bits;
    const code = Math.floor((volts / this.inputs.reference) * levels);
    return code < 0 ? 0 : code >= levels ? levels - 1 : code;
  }

  private voltageOf(channel: number): number {
    const { internal, temperature, reference, batteryDivider } = this.features;
    const { common, inputs } = this;
    if (this.number === 1) {
      // Where battery and temperature share a channel, the battery has it while it is enabled (RM0383 section 11.10).
      if (channel === internal.battery && common.measuresBattery) return inputs.battery / batteryDivider;
      if (channel === internal.temperature && common.measuresTemperature) {
        return temperature.at25 + (inputs.temperature - 25) * temperature.slope;
      }
      if (channel === internal.reference && common.measuresTemperature) return reference;
    }
    return inputs.pin(channel) ?? 0;
  }

  // --- triggers and interrupts -----------------------------------------------------------------------------------

  private watchTrigger(): void {
    this.stopTrigger?.();
    this.stopTrigger = undefined;
    const edges = (this.cr2 & AdcCr2.EXTEN) >>> 28;
    if (edges === 0 || (this.cr2 & AdcCr2.ADON) === 0) return;
    const rising = () => {
      if (edges & 1) this.start();
    };
    const falling = () => {
      if (edges & 2) this.start();
    };
    this.stopTrigger = this.triggerOf((this.cr2 & AdcCr2.EXTSEL) >>> 24)?.observe(rising, falling);
  }

  private update(): void {
    const { sr, cr1 } = this;
    this.line.set(
      ((sr & AdcFlag.EOC) !== 0 && (cr1 & AdcCr1.EOCIE) !== 0) ||
        ((sr & AdcFlag.JEOC) !== 0 && (cr1 & AdcCr1.JEOCIE) !== 0) ||
        ((sr & AdcFlag.AWD) !== 0 && (cr1 & AdcCr1.AWDIE) !== 0) ||
        ((sr & AdcFlag.OVR) !== 0 && (cr1 & AdcCr1.OVRIE) !== 0),
    );
  }
}

const CSR = 0x00;
const CCR = 0x04;

/** What the converters share: their clock, their interrupt, and the switches of the inputs inside the chip. */
export class AdcCommon extends RegisterBlock {
  /** @internal */ readonly units: Adc[] = [];
  private ccr = 0;
  private wanting = 0;

  /** @param busClock Hz of the bus clock of the moment */
  constructor(
    private readonly busClock: () => number,
    private readonly line: InterruptLine,
  ) {
    super('ADC_COMMON');
  }

  /** A converter's share of the interrupt, which is active while any of them wants it. */
  shareLine(): { set(active: boolean): void } {
    let mine = false;
    return {
      set: active => {
        if (active === mine) return;
        mine = active;
        this.wanting += active ? 1 : -1;
        this.line.set(this.wanting > 0);
      },
    };
  }

  /** Hz of the converters' clock. */
  get adcClock(): number {
    return this.busClock() / (2 * (((this.ccr >>> 16) & 3) + 1));
  }

  get measuresTemperature(): boolean {
    return (this.ccr & 0x80_0000) !== 0;
  }

  get measuresBattery(): boolean {
    return (this.ccr & 0x40_0000) !== 0;
  }

  override reset(): void {
    this.ccr = 0;
  }

  override readRegister(offset: number): number {
    if (offset === CCR) return this.ccr;
    if (offset !== CSR) return 0;
    return this.units.reduce((value, unit, index) => value | (unit.status << (8 * index)), 0);
  }

  override writeRegister(offset: number, value: number): void {
    if (offset !== CCR) return;
    if (value & 0x1f) throw new NotModelledError(this.name, 'dual and triple mode (CCR.MULTI)');
    this.ccr = value & 0x00c3_ef1f;
  }
}
