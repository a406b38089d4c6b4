/** Voltages that somebody outside the chip applies: constant, periodic, noisy. All are functions of virtual time. */
import type { AnalogWaveform } from '../trace/waveform.ts';
import { scramble } from './seeded-random.ts';

/** How many support points a period of a smooth waveform has, for drawings and for edges. */
const POINTS_PER_PERIOD = 64;

export class ConstantVoltage implements AnalogWaveform {
  constructor(private readonly volts: number) {}

  valueAt(): number {
    return this.volts;
  }

  nextChange(): number {
    return Infinity;
  }
}

/** A sine, triangle, sawtooth or square wave. Frequency in Hz, voltages in V, phase in periods. */
export class PeriodicVoltage implements AnalogWaveform {
  constructor(
    readonly options: {
      shape: 'sine' | 'triangle' | 'sawtooth' | 'square';
      frequency: number;
      low: number;
      high: number;
      phase?: number;
      start?: number;
    },
  ) {}

  valueAt(time: number): number {
    const { shape, frequency, low, high, phase = 0, start = 0 } = this.options;
    const turns = ((time - start) * frequency) / 1e9 + phase;
    const part = turns - Math.floor(turns);
    let share: number;
    if (shape === 'sine') share = 0.5 + 0.5 * Math.sin(2 * Math.PI * part);
    else if (shape === 'triangle') share = part < 0.5 ? 2 * part : 2 - 2 * part;
    else if (shape === 'sawtooth') share = part;
    else share = part < 0.5 ? 1 : 0;
    return low + (high - low) * share;
  }

  nextChange(time: number): number {
    const { shape, frequency, phase = 0, start = 0 } = this.options;
    const points = shape === 'square' ? 2 : POINTS_PER_PERIOD;
    const step = 1e9 / (frequency * points);
    const offset = start - (phase * 1e9) / frequency;
    let next = Math.ceil(offset + (Math.floor((time - offset) / step) + 1) * step);
    if (next <= time) next = time + Math.max(1, Math.round(step));
    return next;
  }
}

/** Another voltage with noise on it that changes every `interval` ns, up to `amplitude` V either way, given by the seed. */
export class NoisyVoltage implements AnalogWaveform {
  constructor(
    private readonly base: AnalogWaveform,
    private readonly amplitude: number,
    private readonly seed: number,
    private readonly interval = 1000,
  ) {}

  valueAt(time: number): number {
    const slot = Math.floor(time / this.interval);
    const noise = scramble((slot % 0x1_0000_0000) ^ scramble(this.seed + Math.floor(slot / 0x1_0000_0000))) / 0x8000_0000 - 1;
    return this.base.valueAt(time) + noise * this.amplitude;
  }

  nextChange(time: number): number {
    return Math.min(this.base.nextChange(time), (Math.floor(time / this.interval) + 1) * this.interval);
  }
}

/** Given points in time, straight lines in between, constant before and after. Times in ns, ascending. */
export class PointwiseVoltage implements AnalogWaveform {
  /** @throws RangeError without points */
  constructor(
    private readonly points: readonly { time: number; volts: number }[],
    private readonly resolution = 1000,
  ) {
    if (points.length === 0) throw new RangeError('a pointwise voltage needs at least one point');
  }

  valueAt(time: number): number {
    const { points } = this;
    const next = points.findIndex(point => point.time > time);
    if (next === 0) return points[0].volts;
    if (next < 0) return points[points.length - 1].volts;
    const [a, b] = [points[next - 1], points[next]];
    return a.volts + ((b.volts - a.volts) * (time - a.time)) / (b.time - a.time);
  }

  nextChange(time: number): number {
    const next = this.points.findIndex(point => point.time > time);
    if (next < 0) return Infinity;
    return next === 0 ? this.points[0].time : Math.min(time + this.resolution, this.points[next].time);
  }
}
