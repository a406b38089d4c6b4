/** A light-emitting diode with its resistor, between a pin and a rail. */
import { Part, type PartBench } from './part.ts';

export class Led extends Part {
  /**
   * Pin `anode` is the end that is switched, whichever it is.
   * @param lit the level that lights it
   * @param color for pictures
   */
  constructor(
    bench: PartBench,
    name: string,
    private readonly lit: 0 | 1 = 1,
    readonly color = 'red',
  ) {
    super(bench, name);
    const terminal = this.addPin('anode');
    const state = bench.trace.state(name);
    const note = () => state.record(describe(this.brightness));
    // A dimmed LED changes a thousand times a second: its state is noted when the pin's waveform changes, not at each edge.
    terminal.onResolved = note;
    this.addReading('lit', { description: 'whether it shines at all', read: () => this.brightness > 0 });
    this.addReading('brightness', { description: 'share of time for which it is on', read: () => this.brightness });
    this.addFlagFault('broken', 'it does not light any more', note);
    note();
  }

  /** 0 dark to 1 bright: of a dimmed LED, the duty cycle. */
  get brightness(): number {
    if (this.isFaulty('broken')) return 0;
    const { currentWaveform, level } = this.pin('anode').net;
    // A weak pull does not light it.
    if (currentWaveform === undefined && level > 1) return 0;
    const high = currentWaveform?.duty ?? level & 1;
    return this.lit === 1 ? high : 1 - high;
  }
}

function describe(brightness: number): string {
  return brightness === 0 ? 'off' : brightness === 1 ? 'on' : `${Math.round(brightness * 100)} %`;
}
