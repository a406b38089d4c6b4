/**
 * Exact conversion between ticks of a frequency and virtual nanoseconds.
 *
 * 168 MHz has no whole number of nanoseconds in a cycle, and an hour has more cycles times nanoseconds than a double
 * holds. So the ratio is kept as a reduced fraction and time is split where needed: no error ever accumulates.
 */

const NS_PER_SECOND = 1_000_000_000;

export class Frequency {
  /** Ticks in `nanoseconds`, as a reduced fraction. */
  readonly ticks: number;
  readonly nanoseconds: number;

  /** @param hertz a whole number above 0. @throws RangeError if it is not */
  constructor(readonly hertz: number) {
    if (!Number.isSafeInteger(hertz) || hertz <= 0)
      throw new RangeError(`a frequency must be a whole number of hertz above 0, not ${hertz}`);
    const divisor = greatestCommonDivisor(hertz, NS_PER_SECOND);
    this.ticks = hertz / divisor;
    this.nanoseconds = NS_PER_SECOND / divisor;
  }

  /** How many ticks have been completed after `duration` ns. */
  ticksIn(duration: number): number {
    const { ticks, nanoseconds } = this;
    const whole = Math.floor(duration / nanoseconds);
    return whole * ticks + Math.floor(((duration - whole * nanoseconds) * ticks) / nanoseconds);
  }

  /** The first ns at which `count` ticks have been completed. */
  durationOf(count: number): number {
    const { ticks, nanoseconds } = this;
    const whole = Math.floor(count / ticks);
    return whole * nanoseconds + Math.ceil(((count - whole * ticks) * nanoseconds) / ticks);
  }

  /** The duration of `count` ticks (which need not be whole) to the nearest ns. */
  nearest(count: number): number {
    return Math.round((count * this.nanoseconds) / this.ticks);
  }
}

const known = new Map<number, Frequency>();

/** The frequency of so many hertz; those that boards use are made once. @throws RangeError as the constructor does */
export function frequencyOf(hertz: number): Frequency {
  let frequency = known.get(hertz);
  if (frequency === undefined) {
    frequency = new Frequency(hertz);
    if (known.size < 1000) known.set(hertz, frequency);
  }
  return frequency;
}

/** A clock that stands still: no tick is ever completed. */
class Stopped extends Frequency {
  override ticksIn(): number {
    return 0;
  }

  override durationOf(count: number): number {
    return count <= 0 ? 0 : Infinity;
  }

  override nearest(): number {
    return 0;
  }
}

/** The frequency of a clock that has been stopped. */
export const STOPPED: Frequency = new Stopped(1);

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
