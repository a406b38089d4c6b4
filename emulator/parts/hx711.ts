/**
 * A load cell with the converter HX711 (Avia Semiconductor data sheet): `dout` falls when a conversion is ready, 24 pulses on `sck`
 * shift it out, and one to three more choose input and gain of the next.
 */
import type { ClockEvent } from '../clock/clock.ts';
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

const MILLISECOND = 1_000_000;
/** ns that `sck` is high before it powers down. */
const POWER_DOWN = 60_000;
/** Output rate and settling time with RATE at ground, 10 a second (table "key electrical characteristics"). */
const PERIOD = 100 * MILLISECOND;
const SETTLING = 400 * MILLISECOND;
/** By the count of pulses after the 24th. */
const GAIN = [128, 32, 64];

export class Hx711 extends Part {
  private readonly load: { readonly value: number };
  private readonly zero: { readonly value: number };
  private readonly noise: { readonly value: number };
  private readonly drift: { readonly value: number };
  /** by the pulses of the last reading, and what the latest conversion was made with */
  private chosen = 0;
  private choice = 0;
  /** when the next conversion is ready, if nothing else is chosen */
  private next = 0;
  private value = 0;
  private pulses = 0;
  private ready = false;
  private asleep = false;
  private event: ClockEvent | undefined;
  private powerDown: ClockEvent | undefined;

  /**
   * Pins `sck` and `dout`.
   * @param capacity kg at which the cell gives its rated output
   * @param sensitivity its rated output, mV for each V of its supply
   */
  constructor(
    bench: PartBench,
    name: string,
    private readonly capacity = 5,
    private readonly sensitivity = 1,
  ) {
    super(bench, name);
    this.load = this.addNumber('load', {
      description: 'what lies on the cell',
      unit: 'kg',
      initial: 0,
      min: -capacity,
      max: 10 * capacity,
    });
    this.zero = this.addNumber('zero', {
      description: 'what it gives without a load, in counts',
      initial: 0,
      min: -0x80_0000,
      max: 0x7f_ffff,
    });
    this.noise = this.addAmountFault('noise', 'what it measures is noisy', 'counts either way');
    this.drift = this.addAmountFault('drift', 'its zero is off', 'counts');
    this.addFlagFault('silent', 'it is never ready');
    this.addReading('gain', { description: 'the gain that is chosen', read: () => GAIN[this.choice] });
    this.addReading('asleep', { description: 'whether it is powered down', read: () => this.asleep });
    this.addPin('dout').setDrive(1);
    this.addPin('sck').observe(bit => this.clocked(bit));
    this.schedule(bench.clock.now + SETTLING);
  }

  private schedule(time: number): void {
    this.clock.cancel(this.event);
    this.event = this.clock.at(time, () => this.converted());
  }

  private converted(): void {
    this.next = this.clock.now + PERIOD;
    this.schedule(this.next);
    // While it is read, the data stays.
    if ((this.pulses > 0 && this.pulses < 25) || this.isFaulty('silent')) return;
    this.pulses = 0;
    this.choice = this.chosen;
    const gain = GAIN[this.choice];
    const input = this.choice === 1 ? 0 : ((this.sensitivity / 1000) * this.load.value) / this.capacity;
    const noise = this.noise.value === 0 ? 0 : (this.random.fraction() * 2 - 1) * this.noise.value;
    // Full scale is half its supply on either side, over the gain.
    const counts = Math.round(input * gain * 2 * 0x80_0000 + this.zero.value + this.drift.value + noise);
    this.value = Math.max(-0x80_0000, Math.min(0x7f_ffff, counts)) & 0xff_ffff;
    this.ready = true;
    this.pin('dout').setDrive(0);
  }

  private clocked(bit: Bit): void {
    this.clock.cancel(this.powerDown);
    if (bit === 0) {
      if (this.asleep) this.wake();
      else if (this.pulses >= 25) this.choose();
      return;
    }
    this.powerDown = this.clock.after(POWER_DOWN, () => this.sleep());
    if (!this.ready && this.pulses === 0) return;
    this.pulses++;
    if (this.pulses <= 24) this.pin('dout').setDrive(((this.value >> (24 - this.pulses)) & 1) as Bit);
    else this.pin('dout').setDrive(1);
  }

  /** 25 to 27 pulses choose input and gain. Another choice has to settle; the same one leaves the rate as it is. */
  private choose(): void {
    this.ready = false;
    this.chosen = Math.min(this.pulses, 27) - 25;
    this.schedule(this.chosen === this.choice ? this.next : this.clock.now + SETTLING);
  }

  private sleep(): void {
    this.asleep = true;
    this.ready = false;
    this.pulses = 0;
    this.clock.cancel(this.event);
    this.pin('dout').setDrive(1);
  }

  /** It starts as after power-on: input A with gain 128. */
  private wake(): void {
    this.asleep = false;
    this.choice = this.chosen = 0;
    this.schedule(this.clock.now + SETTLING);
  }
}
