/**
 * The ultrasonic distance sensor HC-SR04 (data sheet of Elec Freaks): after a pulse of 10 µs on `trig` it sends eight cycles of
 * 40 kHz, and `echo` is high for as long as the sound was on its way.
 */
import type { Bit } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';
import { Part, type PartBench } from './part.ts';

const MICROSECOND = 1000;
/** From the end of the trigger to the rise of echo: the burst of eight cycles, and the chip's own time before. */
const BURST = 450 * MICROSECOND;
const TRIGGER = 10 * MICROSECOND;
/** How long echo is high when nothing comes back. */
const NOTHING = 38_000 * MICROSECOND;

export class HcSr04 extends Part {
  private readonly distance: { readonly value: number };
  private readonly temperature: { readonly value: number };
  private readonly noise: { readonly value: number };
  private roseAt = Infinity;
  private busyUntil = 0;

  constructor(bench: PartBench, name: string) {
    super(bench, name);
    this.distance = this.addNumber('distance', { description: 'how far away something is', unit: 'cm', initial: 100, min: 0, max: 1000 });
    this.temperature = this.addNumber('temperature', { description: 'how warm the air is', unit: '°C', initial: 20, min: -40, max: 85 });
    this.addFlagFault('no-echo', 'nothing comes back');
    this.addFlagFault('silent', 'it does not answer');
    this.noise = this.addAmountFault('noise', 'what it measures is noisy', 'cm either way');
    this.addPin('echo').setDrive(0);
    this.addPin('trig').observe((bit, time) => this.triggered(bit, time));
  }

  /** ns for the way there and back, in dry air; Infinity beyond its range of 2 to 400 cm. */
  private get travel(): number {
    const noise = this.noise.value === 0 ? 0 : (this.random.fraction() * 2 - 1) * this.noise.value;
    const distance = this.distance.value + noise;
    if (this.isFaulty('no-echo') || distance > 400) return Infinity;
    const speed = 331.3 * Math.sqrt(1 + this.temperature.value / 273.15);
    return ((2 * Math.max(2, distance)) / 100 / speed) * 1e9;
  }

  private triggered(bit: Bit, time: number): void {
    if (bit === 1) {
      this.roseAt = time;
      return;
    }
    if (time - this.roseAt < TRIGGER || time < this.busyUntil || this.isFaulty('silent')) return;
    const rise = time + BURST;
    const fall = rise + Math.round(Math.min(this.travel, NOTHING));
    this.busyUntil = fall;
    this.pin('echo').play(new EdgeList([rise, fall], [1, 0], 0));
  }
}
