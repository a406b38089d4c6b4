/** A square wave of an open-drain output: pulled low for half of its period, released for the other half. */
import { Level } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';

export class OpenDrainSquare implements Waveform {
  readonly duty = 0.5;

  /**
   * @param period ns, need not be whole
   * @param origin a time at which it falls, before or after now
   */
  constructor(
    private readonly period: number,
    private readonly origin: number,
  ) {}

  levelAt(time: number): Level {
    return this.halves(time) % 2 === 0 ? Level.LOW : Level.FLOATING_HIGH;
  }

  nextEdge(time: number): number {
    let half = this.halves(time);
    while (this.edge(half) <= time) half++;
    return this.edge(half);
  }

  /** The half period, counted from the origin, that a time is in. */
  private halves(time: number): number {
    const half = Math.floor(((time - this.origin) * 2) / this.period);
    // Edges are whole ns, so that one may belong to the half before.
    return this.edge(half + 1) <= time ? half + 1 : half;
  }

  private edge(half: number): number {
    return Math.ceil(this.origin + (half * this.period) / 2);
  }
}
