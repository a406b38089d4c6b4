/** A relay module: a high level at `in` closes its contact, after the time that armatures take. */
import type { ClockEvent } from '../clock/clock.ts';
import { Part, type PartBench } from './part.ts';

/** ns; typical of small power relays (operate and release time in their data sheets). */
const OPERATE = 8_000_000;
const RELEASE = 5_000_000;

export class Relay extends Part {
  private closed = false;
  private switches = 0;
  private event: ClockEvent | undefined;

  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const input = this.addPin('in');
    // The input of such a module is pulled down, so that it rests while the board boots.
    input.setPull(10_000, 0);
    const state = bench.trace.state(name);
    const settle = (closed: boolean) => {
      if (this.isFaulty('welded') || this.isFaulty('open-coil') || closed === this.closed) return;
      this.closed = closed;
      this.switches++;
      state.record(closed ? 'closed' : 'open');
    };
    input.observe(bit => {
      this.clock.cancel(this.event);
      this.event = this.clock.after(bit === 1 ? OPERATE : RELEASE, () => settle(bit === 1));
    });
    this.addReading('closed', { description: 'whether its contact is closed', read: () => this.closed });
    this.addReading('switched', { description: 'how often it has switched', read: () => this.switches });
    this.addFlagFault('welded', 'the contact stays as it is', () => settle(input.bit === 1));
    this.addFlagFault('open-coil', 'the contact stays open', () => {
      if (this.isFaulty('open-coil')) this.closed = false;
      else settle(input.bit === 1);
    });
    state.record('open');
  }
}
