/** What a net is from now on while somebody on it plays a waveform or is an analogue source. */
import { type Bit, Level } from '../trace/level.ts';
import type { AnalogWaveform, Waveform } from '../trace/waveform.ts';
import { type Drive, type Net, OUTPUT_RESISTANCE, type Terminal } from './net.ts';

/** One waveform drives, resistors do the rest. */
export class DrivenNet implements Waveform {
  constructor(
    private readonly waveform: Waveform,
    private readonly released: Level,
  ) {}

  get duty(): number | undefined {
    return this.waveform.duty;
  }

  get finite(): boolean {
    return this.waveform.finite === true;
  }

  levelAt(time: number): Level {
    const level = this.waveform.levelAt(time);
    return level >= Level.PULLED_LOW ? this.released : level;
  }

  nextEdge(time: number): number {
    return this.waveform.nextEdge(time);
  }
}

interface Contribution {
  waveform: Waveform | undefined;
  source: AnalogWaveform | undefined;
  conductance: number;
}

/** Several waveforms or sources on one net; a snapshot of who drives what. */
export class SharedNet implements Waveform {
  private readonly dynamic: Contribution[];

  readonly voltage: AnalogWaveform = {
    valueAt: time => this.voltageAt(time),
    nextChange: time => this.nextChange(time),
  };

  constructor(
    terminals: Terminal[],
    private readonly net: Net,
    private readonly high: number,
    private readonly low: number,
    private readonly pull: number,
    private readonly pullCurrent: number,
    private readonly before: Bit,
  ) {
    this.dynamic = terminals
      .filter(terminal => terminal.waveform !== undefined || terminal.source !== undefined)
      .map(({ waveform, source, conductance }) => ({ waveform, source, conductance }));
    this.supply = terminals[0].netlist.supply;
    this.finite = this.dynamic.every(({ waveform }) => waveform?.finite === true);
  }

  readonly finite: boolean;

  private readonly supply: number;

  levelAt(time: number): Level {
    let { high, low } = this;
    let analog = false;
    for (const { waveform, source } of this.dynamic) {
      if (source !== undefined) analog = true;
      else {
        const drive = driveOf(waveform!.levelAt(time));
        if (drive === 1) high++;
        else if (drive === 0) low++;
      }
    }
    if (!analog || high > 0 || low > 0) return this.net.resolve(high, low, this.pull, this.pullCurrent, this.before);
    return this.voltageAt(time) >= this.supply / 2 ? Level.PULLED_HIGH : Level.PULLED_LOW;
  }

  nextEdge(time: number): number {
    const level = this.levelAt(time);
    // A smooth source may go on for ever without crossing; an answer with no change is allowed, an endless search is not.
    for (let tries = 0; tries < 10_000; tries++) {
      time = this.nextChange(time);
      if (time === Infinity || this.levelAt(time) !== level) return time;
    }
    return time;
  }

  private nextChange(time: number): number {
    let next = Infinity;
    for (const { waveform, source } of this.dynamic) {
      next = Math.min(next, source === undefined ? waveform!.nextEdge(time) : source.nextChange(time));
    }
    return next;
  }

  private voltageAt(time: number): number {
    let conductance = this.pull + (this.high + this.low) / OUTPUT_RESISTANCE;
    let current = this.pullCurrent + (this.high * this.supply) / OUTPUT_RESISTANCE;
    for (const { waveform, source, conductance: own } of this.dynamic) {
      if (source !== undefined) {
        conductance += own;
        current += own * source.valueAt(time);
      } else {
        const drive = driveOf(waveform!.levelAt(time));
        if (drive >= 0) conductance += 1 / OUTPUT_RESISTANCE;
        if (drive === 1) current += this.supply / OUTPUT_RESISTANCE;
      }
    }
    return conductance === 0 ? 0 : current / conductance;
  }
}

/** What an output does that plays a level; one that floats has let go. */
export function driveOf(level: Level): Drive {
  return level >= Level.PULLED_LOW ? -1 : (level as Bit);
}
