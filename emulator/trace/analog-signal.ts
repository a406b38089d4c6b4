/** A recorded voltage (or angle, temperature …): plain steps, and stretches given by a waveform. */

import type { Clock } from '../clock/clock.ts';
import { Samples } from './samples.ts';
import type { AnalogWaveform } from './waveform.ts';

/** NaN among the values stands for "a waveform, look it up". */
const WAVEFORM = NaN;

export class AnalogSignal {
  readonly kind = 'analog';
  private readonly samples: Samples<Float64Array>;
  private readonly waveforms = new Map<number, AnalogWaveform>();
  private last: number;
  private lastTime = -Infinity;

  /** @param unit the value's unit as files show it: `V`, `°`, `°C`, `%` */
  constructor(
    readonly name: string,
    private readonly clock: Clock,
    readonly unit = 'V',
    readonly initial = 0,
    limit?: number,
  ) {
    this.samples = new Samples(Float64Array, limit);
    this.last = initial;
  }

  /** Whether anything was ever recorded. */
  get used(): boolean {
    return this.samples.end > 0;
  }

  /** How many samples were lost to the limit. */
  get dropped(): number {
    return this.samples.dropped;
  }

  /** @throws RangeError if `value` is not a number */
  record(value: number): void {
    if (value === this.last) return;
    if (Number.isNaN(value)) throw new RangeError(`${this.name}: the value to record is not a number`);
    this.put(value);
  }

  recordWaveform(waveform: AnalogWaveform): void {
    this.put(WAVEFORM);
    this.waveforms.set(this.samples.end - 1, waveform);
  }

  /** The value at `time`. */
  valueAt(time: number): number {
    const { samples } = this;
    const number = samples.lastAtOrBefore(time);
    if (number < samples.first) return samples.first === 0 ? this.initial : this.valueOf(samples.first, samples.time(samples.first));
    return this.valueOf(number, time);
  }

  /** Calls `visit` for each step in `from` < time <= `to`, in order; a visit that returns false is the last. */
  forEachChange(from: number, to: number, visit: (time: number, value: number) => boolean | void): void {
    const { samples } = this;
    let value = this.valueAt(from);
    for (let number = Math.max(samples.lastAtOrBefore(from), samples.first); number < samples.end; number++) {
      const begin = samples.time(number);
      if (begin > to) return;
      if (begin > from) {
        const next = this.valueOf(number, begin);
        if (next !== value) {
          value = next;
          if (visit(begin, next) === false) return;
        }
      }
      const waveform = this.waveforms.get(number);
      if (waveform === undefined) continue;
      const end = Math.min(to, number + 1 < samples.end ? samples.time(number + 1) - 1 : Infinity);
      for (let time = waveform.nextChange(Math.max(begin, from)); time <= end; time = waveform.nextChange(time)) {
        const next = waveform.valueAt(time);
        if (next === value) continue;
        value = next;
        if (visit(time, next) === false) return;
      }
    }
  }

  /** The steps in `from` < time <= `to`. */
  changes(from = 0, to = this.clock.now): { time: number; value: number }[] {
    const changes: { time: number; value: number }[] = [];
    this.forEachChange(from, to, (time, value) => void changes.push({ time, value }));
    return changes;
  }

  /** Least, greatest and time-weighted mean value over a window. */
  statistics(from = 0, to = this.clock.now): { min: number; max: number; mean: number } {
    let value = this.valueAt(from);
    let since = from;
    let min = value;
    let max = value;
    let sum = 0;
    this.forEachChange(from, to, (time, next) => {
      sum += value * (time - since);
      since = time;
      value = next;
      if (value < min) min = value;
      if (value > max) max = value;
    });
    sum += value * (to - since);
    return { min, max, mean: to > from ? sum / (to - from) : value };
  }

  private put(value: number): void {
    const time = this.clock.now;
    if (time === this.lastTime) {
      this.waveforms.delete(this.samples.end - 1);
      this.samples.replaceLast(value);
    } else {
      this.samples.push(time, value);
      this.lastTime = time;
    }
    this.last = value;
    if (this.waveforms.size > 1024) {
      for (const number of this.waveforms.keys()) if (number < this.samples.first) this.waveforms.delete(number);
    }
  }

  private valueOf(number: number, time: number): number {
    const value = this.samples.value(number);
    return Number.isNaN(value) ? this.waveforms.get(number)!.valueAt(time) : value;
  }
}
