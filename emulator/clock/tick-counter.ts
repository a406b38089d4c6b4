/**
 * A clock domain: counts the ticks of a frequency that may change, on a grid that does not drift.
 *
 * A timer's kernel clock, a UART's bit clock, the RTC's crystal: all see time as whole ticks of such a domain.
 */
import type { Clock } from './clock.ts';
import type { Frequency } from './frequency.ts';

export class TickCounter {
  private baseTime: number;
  private baseTick = 0;

  constructor(
    private readonly clock: Clock,
    private current: Frequency,
  ) {
    this.baseTime = clock.now;
  }

  get frequency(): Frequency {
    return this.current;
  }

  /** Ticks completed at `time` (ns), counted from when the domain was made. */
  at(time: number): number {
    return this.baseTick + this.current.ticksIn(time - this.baseTime);
  }

  /** Ticks completed now. */
  get now(): number {
    return this.baseTick + this.current.ticksIn(this.clock.now - this.baseTime);
  }

  /** The first ns at which `tick` ticks have been completed, if the frequency stays. */
  timeOf(tick: number): number {
    return this.baseTime + this.current.durationOf(tick - this.baseTick);
  }

  /** Another domain, on the same grid until the frequency of one of them changes. */
  copy(): TickCounter {
    const copy = new TickCounter(this.clock, this.current);
    copy.baseTime = this.baseTime;
    copy.baseTick = this.baseTick;
    return copy;
  }

  /** Goes on at another frequency from now. */
  setFrequency(frequency: Frequency): void {
    if (frequency === this.current) return;
    this.baseTick = this.now;
    this.baseTime = this.clock.now;
    this.current = frequency;
  }

  /** The domain as it is now, which stays as it is when this one changes. */
  snapshot(): TickGrid {
    return new TickGrid(this.current, this.baseTime, this.baseTick);
  }
}

/** An immutable clock domain, for waveforms. */
export class TickGrid {
  constructor(
    private readonly frequency: Frequency,
    private readonly baseTime: number,
    private readonly baseTick: number,
  ) {}

  at(time: number): number {
    return this.baseTick + this.frequency.ticksIn(time - this.baseTime);
  }

  timeOf(tick: number): number {
    return this.baseTime + this.frequency.durationOf(tick - this.baseTick);
  }
}
