/**
 * Signals whose future is known: a PWM output, a byte leaving a UART, a clock burst of SPI, a sine at an analogue input.
 *
 * They are recorded and put on nets as one object instead of an event for each edge, so that a 1 MHz PWM that nobody
 * watches costs nothing. Whoever wants edges asks for the next one.
 *
 * A waveform is immutable: what changes the signal's future puts a new waveform in its place. It is only asked about times
 * from its start on.
 */
import type { Level } from './level.ts';

export interface Waveform {
  /** The level at a virtual time in ns. */
  levelAt(time: number): Level;
  /** The earliest time later than `time` at which the level changes; `Infinity` if it never will. Whole ns. */
  nextEdge(time: number): number;
  /** The share of time at a high level, if it repeats for ever. */
  readonly duty?: number;
  /** True if it has few edges, and then stays: the trace keeps those rather than the waveform. */
  readonly finite?: boolean;
}

export interface AnalogWaveform {
  /** Volts at a virtual time in ns. */
  valueAt(time: number): number;
  /**
   * The earliest time later than `time` at which the value has changed enough to be looked at again: the next step of a
   * stepped signal, or the next support point of a smooth one; `Infinity` if it never will.
   */
  nextChange(time: number): number;
}

/** A finite list of level changes, then constant: a serial frame, a bus transfer. Before the first change: `initial`. */
export class EdgeList implements Waveform {
  readonly finite = true;

  /**
   * @param times ns, ascending; index i is when the level becomes `levels[i]`
   * @param levels the level after each of `times`
   * @param initial the level before the first
   */
  constructor(
    readonly times: readonly number[] | Float64Array,
    readonly levels: readonly Level[],
    readonly initial: Level,
  ) {}

  levelAt(time: number): Level {
    const index = lastAtOrBefore(this.times, this.levels.length, time);
    return index < 0 ? this.initial : this.levels[index];
  }

  nextEdge(time: number): number {
    const { times, levels } = this;
    let index = lastAtOrBefore(times, levels.length, time);
    const before = index < 0 ? this.initial : levels[index];
    while (++index < levels.length) if (levels[index] !== before) return times[index];
    return Infinity;
  }
}

/** The index of the last of `times[0..count)` that is not later than `time`, or -1. `times` ascend. */
export function lastAtOrBefore(times: readonly number[] | Float64Array, count: number, time: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
