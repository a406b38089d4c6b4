/**
 * The digital-to-analogue converter's two channels (RM0090 section 14): direct writes, triggers by timers and software,
 * noise and triangle generation, DMA. A channel drives its pin while it is enabled and the pin is in analogue mode.
 */
import type { AnalogWaveform } from '../trace/waveform.ts';
import { ConstantVoltage } from './analog-source.ts';
import type { GpioPin } from './gpio.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';
import type { Trigger } from './trigger.ts';

export const DacRegister = {
  CR: 0x00,
  SWTRIGR: 0x04,
  DHR12R1: 0x08,
  DHR12L1: 0x0c,
  DHR8R1: 0x10,
  DHR12R2: 0x14,
  DHR12L2: 0x18,
  DHR8R2: 0x1c,
  DHR12RD: 0x20,
  DHR12LD: 0x24,
  DHR8RD: 0x28,
  DOR1: 0x2c,
  DOR2: 0x30,
  SR: 0x34,
} as const;

/** A channel's half of CR. */
export const DacCr = { EN: 1, BOFF: 2, TEN: 4, TSEL: 0x38, WAVE: 0xc0, MAMP: 0xf00, DMAEN: 0x1000, DMAUDRIE: 0x2000 } as const;

const SOFTWARE_TRIGGER = 7;
const UNDERRUN = 0x2000;

/** Ohms of the output without and with its buffer, and how near the buffer comes to the rails (DS8626 table 74). */
const RESISTANCE = { direct: 15_000, buffered: 100 } as const;
const BUFFER_HEADROOM = 0.2;

class DacChannel {
  control = 0;
  dhr = 0;
  dor = 0;
  underrun = false;
  private lfsr = 0xaaa;
  private triangle = 0;
  private rising = true;
  private stopTrigger: (() => void) | undefined;
  private requested = false;

  constructor(
    private readonly pin: GpioPin | undefined,
    private readonly supply: number,
    private readonly triggerOf: (selection: number) => Trigger | undefined,
    private readonly dma: () => void,
    private readonly changed: () => void,
  ) {}

  reset(): void {
    this.control = this.dhr = this.dor = this.triangle = 0;
    this.lfsr = 0xaaa;
    this.rising = true;
    this.underrun = this.requested = false;
    this.apply();
  }

  write(control: number): void {
    const waveChanged = ((control ^ this.control) & (DacCr.WAVE | DacCr.EN)) !== 0;
    this.control = control;
    if (waveChanged) {
      this.lfsr = 0xaaa;
      this.triangle = 0;
      this.rising = true;
    }
    this.requested = false;
    this.apply();
  }

  hold(value: number): void {
    this.dhr = value & 0xfff;
    this.requested = false;
    // Without a trigger the output follows one bus clock later.
    if ((this.control & DacCr.TEN) === 0) this.setOutput(this.dhr);
  }

  get usesSoftwareTrigger(): boolean {
    return (this.control & (DacCr.EN | DacCr.TEN)) === (DacCr.EN | DacCr.TEN) && (this.control & DacCr.TSEL) >>> 3 === SOFTWARE_TRIGGER;
  }

  trigger(): void {
    const { control } = this;
    const wave = (control & DacCr.WAVE) >>> 6;
    const amplitude = Math.min((control & DacCr.MAMP) >>> 8, 11);
    const mask = (2 << amplitude) - 1;
    let value = this.dhr;
    if (wave === 1) {
      value = Math.min(0xfff, value + (this.lfsr & mask));
      // RM0090 section 14.3.7: bits 0, 1, 4 and 6 feed back; all zeros are escaped from.
      const { lfsr } = this;
      const feedback = (lfsr ^ (lfsr >> 1) ^ (lfsr >> 4) ^ (lfsr >> 6)) & 1;
      this.lfsr = (lfsr >> 1) | ((lfsr === 0 ? 1 : feedback) << 11);
    } else if (wave >= 2) {
      value = Math.min(0xfff, value + this.triangle);
      if (this.rising) {
        if (++this.triangle >= mask) this.rising = false;
      } else if (--this.triangle <= 0) this.rising = true;
    }
    this.setOutput(value);
    if ((control & DacCr.DMAEN) === 0) return;
    if (this.requested) {
      this.underrun = true;
      this.changed();
      return;
    }
    this.requested = true;
    this.dma();
  }

  private setOutput(value: number): void {
    if (value === this.dor) return;
    this.dor = value;
    this.pin?.update();
  }

  private apply(): void {
    const { control, pin } = this;
    this.stopTrigger?.();
    this.stopTrigger = undefined;
    const triggered = (control & (DacCr.EN | DacCr.TEN)) === (DacCr.EN | DacCr.TEN);
    if (triggered) this.stopTrigger = this.triggerOf((control & DacCr.TSEL) >>> 3)?.observe(() => this.trigger());
    if (pin === undefined) return;
    pin.analogDriver = control & DacCr.EN ? () => this.drive(pin) : undefined;
    pin.update();
  }

  private drive(pin: GpioPin): void {
    const buffered = (this.control & DacCr.BOFF) === 0;
    const ideal = (this.dor / 4095) * this.supply;
    const volts = buffered ? Math.min(this.supply - BUFFER_HEADROOM, Math.max(BUFFER_HEADROOM, ideal)) : ideal;
    const source: AnalogWaveform = new ConstantVoltage(volts);
    pin.terminal.setPull(Infinity, 0);
    pin.terminal.setSource(source, buffered ? RESISTANCE.buffered : RESISTANCE.direct);
  }
}

export interface DacOptions {
  /** The pins of the two channels. */
  pins: (GpioPin | undefined)[];
  /** Volts of the reference. */
  supply: number;
  interrupt: InterruptLine;
  /** The trigger of a TSEL value. */
  triggerOf: (selection: number) => Trigger | undefined;
}

export class Dac extends RegisterBlock {
  /** Called when the DMA controller is asked for a channel's next value. */
  onDmaRequest?: (channel: 1 | 2) => void;

  private readonly channels: [DacChannel, DacChannel];

  constructor(private readonly options: DacOptions) {
    super('DAC');
    const make = (index: number) =>
      new DacChannel(
        options.pins[index],
        options.supply,
        options.triggerOf,
        () => this.onDmaRequest?.((index + 1) as 1 | 2),
        () => this.update(),
      );
    this.channels = [make(0), make(1)];
  }

  override reset(): void {
    for (const channel of this.channels) channel.reset();
    this.update();
  }

  override readRegister(offset: number): number {
    const [one, two] = this.channels;
    switch (offset) {
      case DacRegister.CR:
        return one.control | (two.control << 16);
      case DacRegister.DHR12R1:
        return one.dhr;
      case DacRegister.DHR12L1:
        return one.dhr << 4;
      case DacRegister.DHR8R1:
        return one.dhr >> 4;
      case DacRegister.DHR12R2:
        return two.dhr;
      case DacRegister.DHR12L2:
        return two.dhr << 4;
      case DacRegister.DHR8R2:
        return two.dhr >> 4;
      case DacRegister.DHR12RD:
        return one.dhr | (two.dhr << 16);
      case DacRegister.DHR12LD:
        return ((one.dhr << 4) | (two.dhr << 20)) >>> 0;
      case DacRegister.DHR8RD:
        return (one.dhr >> 4) | ((two.dhr >> 4) << 8);
      case DacRegister.DOR1:
        return one.dor;
      case DacRegister.DOR2:
        return two.dor;
      case DacRegister.SR:
        return (one.underrun ? UNDERRUN : 0) | (two.underrun ? UNDERRUN << 16 : 0);
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    const [one, two] = this.channels;
    switch (offset) {
      case DacRegister.CR:
        one.write(value & 0x3fff);
        two.write((value >>> 16) & 0x3fff);
        break;
      case DacRegister.SWTRIGR:
        if (value & 1 && one.usesSoftwareTrigger) one.trigger();
        if (value & 2 && two.usesSoftwareTrigger) two.trigger();
        break;
      case DacRegister.DHR12R1:
        one.hold(value);
        break;
      case DacRegister.DHR12L1:
        one.hold(value >> 4);
        break;
      case DacRegister.DHR8R1:
        one.hold((value & 0xff) << 4);
        break;
      case DacRegister.DHR12R2:
        two.hold(value);
        break;
      case DacRegister.DHR12L2:
        two.hold(value >> 4);
        break;
      case DacRegister.DHR8R2:
        two.hold((value & 0xff) << 4);
        break;
      case DacRegister.DHR12RD:
        one.hold(value);
        two.hold(value >>> 16);
        break;
      case DacRegister.DHR12LD:
        one.hold(value >> 4);
        two.hold(value >>> 20);
        break;
      case DacRegister.DHR8RD:
        one.hold((value & 0xff) << 4);
        two.hold(((value >> 8) & 0xff) << 4);
        break;
      case DacRegister.SR:
        if (value & UNDERRUN) one.underrun = false;
        if (value & (UNDERRUN << 16)) two.underrun = false;
    }
    this.update();
  }

  private update(): void {
    this.options.interrupt.set(this.channels.some(channel => channel.underrun && (channel.control & DacCr.DMAUDRIE) !== 0));
  }
}
