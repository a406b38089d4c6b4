/**
 * Time as a board counts it whose oscillator is off: its ticks are longer or shorter than they ought to be.
 *
 * A board's delays and tick counters are in its own nanoseconds; everything else on the bench is in the clock's.
 */
import type { Clock } from './clock.ts';

export class LocalTime {
  private ppm = 0;
  private base = 0;
  private localBase = 0;

  constructor(private readonly clock: Clock) {}

  /** From now on the oscillator is fast by so many parts per million, or slow if that is negative. What has been counted stays. */
  setError(ppm: number): void {
    const { now } = this.clock;
    this.localBase = this.at(now);
    this.base = now;
    this.ppm = ppm;
  }

  /** What the board has counted at `time`. Whole ns. */
  at(time: number): number {
    const passed = time - this.base;
    return this.localBase + passed + Math.floor((passed * this.ppm) / 1e6);
  }

  private get rate(): number {
    return 1 + this.ppm / 1e6;
  }

  /** The first instant at which the board has counted to `local`, if the rate stays. */
  when(local: number): number {
    let time = this.base + Math.floor((local - this.localBase) / this.rate);
    while (this.at(time) < local) time++;
    return time;
  }

  /** How long it takes until the board has counted `ns` more. */
  span(ns: number): number {
    return Number.isFinite(ns) ? Math.round(ns / this.rate) : ns;
  }
}
