/** A mechanical contact between two terminals, which bounces when it closes and opens. */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Netlist, Terminal, Wire } from '../peripherals/net.ts';
import type { SeededRandom } from '../peripherals/seeded-random.ts';

export class Contact {
  /** ns for which it bounces. */
  bounceTime = 0;
  /** How often it opens and closes in that time, at most. */
  bounces = 6;

  private closed = false;
  private wire: Wire | undefined;
  private readonly events: ClockEvent[] = [];

  constructor(
    private readonly netlist: Netlist,
    private readonly clock: Clock,
    private readonly random: SeededRandom,
    private readonly a: Terminal,
    private readonly b: Terminal,
  ) {}

  /** Whether it is meant to be closed; it may still bounce. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Closes or opens it. */
  set(closed: boolean): void {
    if (closed === this.closed) return;
    this.closed = closed;
    for (const event of this.events) this.clock.cancel(event);
    this.events.length = 0;
    this.connect(closed);
    if (this.bounceTime <= 0) return;
    const count = this.random.between(1, this.bounces);
    const times = Array.from({ length: 2 * count }, () => 1 + Math.floor(this.random.fraction() * this.bounceTime)).sort((x, y) => x - y);
    for (const [index, time] of times.entries()) {
      this.events.push(this.clock.after(time, () => this.connect(index % 2 === 1 ? closed : !closed)));
    }
  }

  private connect(connected: boolean): void {
    if (connected === (this.wire !== undefined)) return;
    if (connected) this.wire = this.netlist.connect(this.a, this.b);
    else {
      this.wire?.disconnect();
      this.wire = undefined;
    }
  }
}
