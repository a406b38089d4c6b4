/** A recorded net: its level at every virtual time, and what can be asked about it. */

import type { Clock } from '../clock/clock.ts';
import { type Bit, bitOf, Level } from './level.ts';
import { Samples } from './samples.ts';
import type { Waveform } from './waveform.ts';

/** A change of the logic value. */
export interface Edge {
  /** ns since power-on */
  time: number;
  /** the logic value from then on */
  bit: Bit;
}

/** A stretch of one logic value between two edges. */
export interface Pulse {
  start: number;
  end: number;
  bit: Bit;
}

/** What a window of a signal amounts to. Times in ns; `undefined` where the window holds too few edges to tell. */
export interface DigitalStatistics {
  edges: number;
  rising: number;
  falling: number;
  /** from one rising edge to the next */
  period: { min: number; max: number; mean: number } | undefined;
  /** Hz, of the mean period */
  frequency: number | undefined;
  /** share of time at 1, over whole periods if there are any, else over the window; 0 to 1 */
  duty: number;
  /** widths of whole pulses at 1 */
  highPulse: { min: number; max: number; mean: number } | undefined;
  /** widths of whole pulses at 0 */
  lowPulse: { min: number; max: number; mean: number } | undefined;
}

const WAVEFORM = 16;

/**
 * `record` and `recordWaveform` say what the net is from now on. Two changes in the same nanosecond are one: the last
 * counts.
 */
export class DigitalSignal {
  readonly kind = 'digital';
  private readonly samples: Samples<Uint8Array>;
  private waveformsByNumber: Map<number, Waveform> | undefined;
  private last: number;
  private lastTime = -Infinity;

  /**
   * @param name as assertions and files name it: `X1`, `LED_RED`, `i2c1.scl`
   * @param initial the level before the first sample
   */
  constructor(
    readonly name: string,
    private readonly clock: Clock,
    readonly initial: Level = Level.FLOATING_LOW,
    limit?: number,
  ) {
    this.samples = new Samples(Uint8Array, limit);
    this.last = initial;
  }

  /** Whether anything was ever recorded. */
  get used(): boolean {
    return this.samples.end > 0;
  }

  private get waveforms(): Map<number, Waveform> {
    return (this.waveformsByNumber ??= new Map());
  }

  /** How many samples were lost to the limit; before the oldest one left, nothing is known. */
  get dropped(): number {
    return this.samples.dropped;
  }

  record(level: Level): void {
    if (level === this.last) return;
    const time = this.clock.now;
    if (this.last === WAVEFORM) this.closeWaveform(time);
    this.put(time, level);
  }

  recordWaveform(waveform: Waveform): void {
    const time = this.clock.now;
    if (this.last === WAVEFORM) this.closeWaveform(time);
    this.put(time, WAVEFORM);
    this.waveforms.set(this.samples.end - 1, waveform);
    if (this.waveforms.size > 1024) this.forgetLostWaveforms();
  }

  /** The level at `time`, in the past, or now, or as far as it is known already, in the future. */
  levelAt(time: number): Level {
    const { samples } = this;
    if (time >= this.lastTime && samples.end > 0) return this.levelOf(samples.end - 1, time);
    const number = samples.lastAtOrBefore(time);
    if (number < samples.first) return samples.first === 0 ? this.initial : this.levelOf(samples.first, samples.time(samples.first));
    return this.levelOf(number, time);
  }

  /** The logic value at `time`. */
  bitAt(time: number): Bit {
    return bitOf(this.levelAt(time));
  }

  /**
   * Calls `visit` for each change of level (strength included) in `from` < time <= `to`, in order. Visits ends early when
   * `visit` returns false.
   */
  forEachChange(from: number, to: number, visit: (time: number, level: Level) => boolean | void): void {
    const { samples } = this;
    const first = samples.first;
    let level = this.levelAt(from);
    for (let number = Math.max(samples.lastAtOrBefore(from), first); number < samples.end; number++) {
      const begin = samples.time(number);
      if (begin > to) return;
      if (begin > from) {
        const next = this.levelOf(number, begin);
        if (next !== level) {
          level = next;
          if (visit(begin, next) === false) return;
        }
      }
      const waveform = this.waveformsByNumber?.get(number);
      if (waveform === undefined) continue;
      const end = Math.min(to, number + 1 < samples.end ? samples.time(number + 1) - 1 : Infinity);
      for (let time = waveform.nextEdge(Math.max(begin, from)); time <= end; time = waveform.nextEdge(time)) {
        const next = waveform.levelAt(time);
        if (next === level) continue;
        level = next;
        if (visit(time, next) === false) return;
      }
    }
  }

  /** The edges in `from` < time <= `to`. @throws RangeError if there are more than `limit` */
  edges(from = 0, to = this.clock.now, limit = 10_000_000): Edge[] {
    const edges: Edge[] = [];
    let bit = this.bitAt(from);
    this.forEachChange(from, to, (time, level) => {
      if (bitOf(level) === bit) return;
      bit = bitOf(level);
      if (edges.length >= limit) throw new RangeError(`${this.name} has more than ${limit} edges between ${from} ns and ${to} ns`);
      edges.push({ time, bit });
    });
    return edges;
  }

  /** The first edge after `from` (to `bit`, if given), not later than `to`. */
  nextEdge(from: number, bit?: Bit, to = this.clock.now): Edge | undefined {
    let found: Edge | undefined;
    let last = this.bitAt(from);
    this.forEachChange(from, to, (time, level) => {
      const next = bitOf(level);
      if (next === last) return;
      last = next;
      if (bit !== undefined && next !== bit) return;
      found = { time, bit: next };
      return false;
    });
    return found;
  }

  /** The stretches of one logic value that begin and end with an edge in the window. */
  pulses(from = 0, to = this.clock.now, bit?: Bit): Pulse[] {
    const edges = this.edges(from, to);
    const pulses: Pulse[] = [];
    for (let i = 0; i + 1 < edges.length; i++) {
      if (bit === undefined || edges[i].bit === bit) pulses.push({ start: edges[i].time, end: edges[i + 1].time, bit: edges[i].bit });
    }
    return pulses;
  }

  /** Counts, frequency, duty cycle and pulse widths over a window. */
  statistics(from = 0, to = this.clock.now): DigitalStatistics {
    let bit = this.bitAt(from);
    let since = from;
    let edges = 0;
    let rising = 0;
    let high = 0;
    let firstRise = -1;
    let lastRise = -1;
    let highAtFirstRise = 0;
    let highAtLastRise = 0;
    const periods = new Spread();
    const widths = [new Spread(), new Spread()];
    this.forEachChange(from, to, (time, level) => {
      const next = bitOf(level);
      if (next === bit) return;
      if (edges > 0) widths[bit].add(time - since);
      if (bit === 1) high += time - since;
      edges++;
      if (next === 1) {
        rising++;
        if (lastRise >= 0) periods.add(time - lastRise);
        else {
          firstRise = time;
          highAtFirstRise = high;
        }
        lastRise = time;
        highAtLastRise = high;
      }
      bit = next;
      since = time;
    });
    if (bit === 1) high += to - since;
    const period = periods.summary();
    return {
      edges,
      rising,
      falling: edges - rising,
      period,
      frequency: period && 1e9 / period.mean,
      duty: period ? (highAtLastRise - highAtFirstRise) / (lastRise - firstRise) : to > from ? high / (to - from) : bit,
      highPulse: widths[1].summary(),
      lowPulse: widths[0].summary(),
    };
  }

  private put(time: number, code: number): void {
    if (time <= this.lastTime) {
      this.waveformsByNumber?.delete(this.samples.end - 1);
      this.samples.replaceLast(code);
    } else {
      this.samples.push(time, code);
      this.lastTime = time;
    }
    this.last = code;
  }

  private levelOf(number: number, time: number): Level {
    const code = this.samples.value(number);
    return code === WAVEFORM ? this.waveforms.get(number)!.levelAt(time) : (code as Level);
  }

  /** A serial frame that has passed becomes plain samples, so that a busy line keeps no objects; what repeats stays whole. */
  private closeWaveform(end: number): void {
    const { samples } = this;
    const number = samples.end - 1;
    const waveform = this.waveforms.get(number);
    if (waveform?.finite !== true) return;
    this.waveforms.delete(number);
    const begin = this.lastTime;
    let level = waveform.levelAt(begin);
    samples.replaceLast(level);
    this.last = level;
    for (let time = waveform.nextEdge(begin); time < end; time = waveform.nextEdge(time)) {
      level = waveform.levelAt(time);
      samples.push(time, level);
      this.last = level;
      this.lastTime = time;
    }
  }

  private forgetLostWaveforms(): void {
    const first = this.samples.first;
    for (const number of this.waveforms.keys()) if (number < first) this.waveforms.delete(number);
  }
}

class Spread {
  private count = 0;
  private sum = 0;
  private min = Infinity;
  private max = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  summary(): { min: number; max: number; mean: number } | undefined {
    return this.count === 0 ? undefined : { min: this.min, max: this.max, mean: this.sum / this.count };
  }
}
