/** A level that repeats for ever on a clock's grid: what a timer's output plays. */
import type { TickGrid } from '../clock/tick-counter.ts';
import type { Bit, Level } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';

export class PulseTrain implements Waveform {
  /**
   * @param grid the clock that the ticks are of
   * @param origin the tick at which a cycle begins; may lie before the waveform's start
   * @param cycle ticks in a cycle
   * @param ticks where in the cycle the level changes, ascending, at least one, each at least 0 and below `cycle`
   * @param bits the level from each of `ticks` on
   */
  constructor(
    private readonly grid: TickGrid,
    private readonly origin: number,
    readonly cycle: number,
    private readonly ticks: readonly number[],
    private readonly bits: readonly Bit[],
  ) {}

  get duty(): number {
    const { ticks, bits, cycle } = this;
    let high = 0;
    for (let index = 0; index < ticks.length; index++) {
      const end = index + 1 < ticks.length ? ticks[index + 1] : cycle + ticks[0];
      if (bits[index] === 1) high += end - ticks[index];
    }
    return high / cycle;
  }

  levelAt(time: number): Level {
    const phase = this.phaseOf(this.grid.at(time));
    const { ticks, bits } = this;
    let index = ticks.length - 1;
    while (index > 0 && ticks[index] > phase) index--;
    return ticks[index] <= phase ? bits[index] : bits[bits.length - 1];
  }

  nextEdge(time: number): number {
    const now = this.grid.at(time);
    const phase = this.phaseOf(now);
    const { ticks, bits } = this;
    for (let index = 0; index < ticks.length; index++) {
      if (ticks[index] > phase && bits[index] !== bits[(index || ticks.length) - 1]) return this.grid.timeOf(now + ticks[index] - phase);
    }
    for (let index = 0; index < ticks.length; index++) {
      if (bits[index] !== bits[(index || ticks.length) - 1]) return this.grid.timeOf(now + this.cycle + ticks[index] - phase);
    }
    return Infinity;
  }

  private phaseOf(tick: number): number {
    const phase = (tick - this.origin) % this.cycle;
    return phase < 0 ? phase + this.cycle : phase;
  }
}
