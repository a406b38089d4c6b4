/**
 * A timer's prescaler and counter (RM0090 sections 17.3.1, 17.3.2, 18.3.1, 18.3.2), derived from virtual time.
 *
 * Nothing happens while it counts. A position `x` grows by one with each count and never goes back; the counter's value,
 * its direction, and how often it has overflowed follow from it:
 *
 *     up      value = x mod (ARR + 1)                    overflows at multiples of ARR + 1
 *     down    value = ARR - x mod (ARR + 1)              underflows at multiples of ARR + 1
 *     centre  value rises and falls over 2 * ARR counts  over- or underflows at multiples of ARR
 */
import type { TickCounter } from '../clock/tick-counter.ts';

export type CountMode = 'up' | 'down' | 'centre';

export class TimerCounter {
  /** What the prescaler divides by, minus 1; the value in use, not the preloaded one. */
  psc = 0;
  /** The auto-reload value in use. */
  arr: number;
  mode: CountMode = 'up';

  private running = false;
  private x0 = 0;
  private tick0 = 0;
  private phase = 0;

  /** @param max the greatest value: 0xFFFF or 0xFFFFFFFF */
  constructor(
    readonly kernel: TickCounter,
    readonly max: number,
  ) {
    this.arr = max;
  }

  /** Counts in which the counter comes round to the same value and direction. */
  get cycle(): number {
    return this.mode === 'centre' ? Math.max(1, 2 * this.arr) : this.arr + 1;
  }

  /** Counts between two overflows. */
  get unit(): number {
    return this.mode === 'centre' ? Math.max(1, this.arr) : this.arr + 1;
  }

  /** Whether it counts by itself; a counter whose ARR is 0 is blocked. */
  get counting(): boolean {
    return this.running && this.arr > 0;
  }

  /** The position now. */
  get position(): number {
    if (!this.counting) return this.x0;
    return this.x0 + Math.floor((this.phase + this.kernel.now - this.tick0) / (this.psc + 1));
  }

  /** The counter's value at a position. */
  valueAt(x: number): number {
    const { arr, mode } = this;
    if (mode === 'down') return arr - (x < 0 ? x : x % (arr + 1));
    if (mode === 'up') return x < 0 ? x + this.max + 1 : x % (arr + 1);
    if (arr === 0) return 0;
    const p = x % (2 * arr);
    return p <= arr ? p : 2 * arr - p;
  }

  /** Whether it counts down at a position. */
  isDownAt(x: number): boolean {
    return this.mode === 'down' || (this.mode === 'centre' && this.arr > 0 && x % (2 * this.arr) >= this.arr);
  }

  /** How many overflows lie at or before a position, counted from position 0. */
  overflowsAt(x: number): number {
    return Math.max(0, Math.floor(x / this.unit));
  }

  /** The first ns at which the position is `x`; Infinity if it does not count, or `x` is. */
  timeOf(x: number): number {
    return this.counting && x !== Infinity ? this.kernel.timeOf(this.tickOf(x)) : Infinity;
  }

  /** The kernel tick at which the position becomes `x`, be it past or future. */
  tickOf(x: number): number {
    return this.tick0 + (x - this.x0) * (this.psc + 1) - this.phase;
  }

  /** Folds the time that has passed into the position, which becomes as small as it can be without changing the value. */
  rebase(): void {
    if (this.counting) {
      const now = this.kernel.now;
      const elapsed = this.phase + now - this.tick0;
      const steps = Math.floor(elapsed / (this.psc + 1));
      this.x0 += steps;
      this.phase = elapsed - steps * (this.psc + 1);
      this.tick0 = now;
    } else this.tick0 = this.kernel.now;
    if (this.x0 >= 0) this.x0 %= this.cycle;
  }

  /** Starts or stops it. Call `rebase` first. */
  run(running: boolean): void {
    this.running = running;
    this.tick0 = this.kernel.now;
  }

  /** Changes what it counts to and how, and keeps its value and, centre-aligned, its direction. Call `rebase` first. */
  configure(psc: number, arr: number, mode: CountMode): void {
    const value = this.valueAt(this.x0);
    const down = this.isDownAt(this.x0);
    this.psc = psc;
    this.arr = arr;
    this.mode = mode;
    this.setValue(value, down);
  }

  /** Sets the counter's value. Call `rebase` first. */
  setValue(value: number, down = false): void {
    const { arr, mode, max } = this;
    if (mode === 'down') this.x0 = arr - value;
    else if (mode === 'up') this.x0 = value > arr ? value - max - 1 : value;
    else this.x0 = down ? 2 * arr - Math.min(value, arr) : Math.min(value, arr);
  }

  /** Starts a new period: the counter at its beginning, the prescaler at 0. */
  restart(): void {
    this.x0 = 0;
    this.phase = 0;
    this.tick0 = this.kernel.now;
  }
}
