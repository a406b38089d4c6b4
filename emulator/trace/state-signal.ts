/** A recorded state that has a name: a boot phase, an LED's `on` and `off`, a display's mode. */

import type { Clock } from '../clock/clock.ts';
import { Samples } from './samples.ts';

/** The texts of one trace, each stored once. */
export class TextTable {
  private readonly texts: string[] = [''];
  private readonly numbers = new Map<string, number>([['', 0]]);

  numberOf(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.texts.length;
      this.texts.push(text);
      this.numbers.set(text, number);
    }
    return number;
  }

  textOf(number: number): string {
    return this.texts[number];
  }
}

export class StateSignal {
  readonly kind = 'state';
  private readonly samples: Samples<Uint32Array>;
  private last = 0;
  private lastTime = -Infinity;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly texts: TextTable,
    limit?: number,
  ) {
    this.samples = new Samples(Uint32Array, limit);
  }

  /** Whether anything was ever recorded. */
  get used(): boolean {
    return this.samples.end > 0;
  }

  /** How many samples were lost to the limit. */
  get dropped(): number {
    return this.samples.dropped;
  }

  /** The state now; empty before the first was recorded. */
  get current(): string {
    return this.texts.textOf(this.last);
  }

  record(state: string): void {
    const number = this.texts.numberOf(state);
    if (number === this.last) return;
    this.last = number;
    const time = this.clock.now;
    if (time === this.lastTime) this.samples.replaceLast(number);
    else {
      this.samples.push(time, number);
      this.lastTime = time;
    }
  }

  /** The state at `time`; empty if none was recorded by then. */
  stateAt(time: number): string {
    const { samples } = this;
    const number = samples.lastAtOrBefore(time);
    return number < samples.first ? '' : this.texts.textOf(samples.value(number));
  }

  /** Calls `visit` for each change in `from` < time <= `to`, in order; a visit that returns false is the last. */
  forEachChange(from: number, to: number, visit: (time: number, state: string) => boolean | void): void {
    const { samples } = this;
    let state = this.stateAt(from);
    for (let number = Math.max(samples.lastAtOrBefore(from) + 1, samples.first); number < samples.end; number++) {
      const time = samples.time(number);
      if (time > to) return;
      const next = this.texts.textOf(samples.value(number));
      if (next === state) continue;
      state = next;
      if (visit(time, next) === false) return;
    }
  }

  /** The changes in `from` < time <= `to`; `from` is -1 unless given, so that a state set at power-on counts. */
  changes(from = -1, to = this.clock.now): { time: number; state: string }[] {
    const changes: { time: number; state: string }[] = [];
    this.forEachChange(from, to, (time, state) => void changes.push({ time, state }));
    return changes;
  }
}
