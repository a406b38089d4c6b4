/**
 * A growing column of (time, value) samples, the storage under every recorded signal.
 *
 * It starts without memory, grows as it fills, and turns into a ring at its limit: then the oldest samples go and are
 * counted in `dropped`. Samples keep their number for life: `first` is the oldest still there, `end` one past the newest.
 */

/** The number of samples a signal keeps unless told otherwise: an hour of a 100 Hz signal. */
export const DEFAULT_SAMPLE_LIMIT = 1 << 20;

/** So few that V8 keeps the columns in its own heap, where they cost little: many a signal has a few samples. */
const FIRST_CAPACITY = 8;
/** Up to here columns grow eightfold. */
const SMALL_CAPACITY = 512;

type Values = Uint8Array | Uint32Array | Float64Array;

/** What a column of values is made of. */
export type ValueType<V extends Values> = new (length: number) => V;

// Most signals of a board are never recorded: they share columns without content.
const NO_TIMES = new Float64Array(0);
const NO_VALUES = new Map<unknown, Values>([Uint8Array, Uint32Array, Float64Array].map(type => [type, new type(0)]));

export class Samples<V extends Values> {
  private times = NO_TIMES;
  private values: V;
  private mask = -1;
  private count = 0;

  /**
   * @param type of the column of values
   * @param limit how many samples to keep; a power of two
   */
  constructor(
    private readonly type: ValueType<V>,
    private readonly limit = DEFAULT_SAMPLE_LIMIT,
  ) {
    this.values = NO_VALUES.get(type) as V;
  }

  /** One past the number of the newest sample; also how many were ever recorded. */
  get end(): number {
    return this.count;
  }

  /** The number of the oldest sample that is still there. */
  get first(): number {
    const capacity = this.mask + 1;
    return this.count > capacity ? this.count - capacity : 0;
  }

  /** How many samples were lost to the limit. */
  get dropped(): number {
    return this.first;
  }

  /** Times ascend: one that is earlier than the last, because the news of it came late, counts as the last. */
  push(time: number, value: number): void {
    const count = this.count;
    if (count > 0 && time < this.times[(count - 1) & this.mask]) time = this.times[(count - 1) & this.mask];
    if (count > this.mask) this.grow();
    const slot = count & this.mask;
    this.times[slot] = time;
    this.values[slot] = value;
    this.count = count + 1;
  }

  /** Replaces the newest sample's value. */
  replaceLast(value: number): void {
    this.values[(this.count - 1) & this.mask] = value;
  }

  time(number: number): number {
    return this.times[number & this.mask];
  }

  value(number: number): number {
    return this.values[number & this.mask];
  }

  /** The number of the last sample at or before `time`; `first - 1` if all are later. */
  lastAtOrBefore(time: number): number {
    let low = this.first;
    let high = this.count;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.time(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private grow(): void {
    const capacity = this.mask + 1;
    if (capacity >= this.limit) return;
    const larger = Math.min(this.limit, capacity === 0 ? FIRST_CAPACITY : capacity * (capacity < SMALL_CAPACITY ? 8 : 2));
    const times = new Float64Array(larger);
    const values = new this.type(larger);
    times.set(this.times);
    values.set(this.values);
    this.times = times;
    this.values = values;
    this.mask = larger - 1;
  }
}
