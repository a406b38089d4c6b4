/**
 * A CAN bus: nodes that hear each other, arbitration, acknowledgement, errors.
 *
 * A frame is decided as a whole: when the bus is free, everybody who has something to send begins, the frame with the
 * dominant identifier wins, and everybody else at the same speed receives it. The wires show its bits all the same.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { EventStream } from '../trace/event-stream.ts';
import { bitsToAcknowledge, type CanFrame, compareArbitration, frameBits, INTERMISSION } from './can-frame.ts';

/** Somebody on the bus. */
export interface CanNode {
  readonly name: string;
  /** ns of a bit, not rounded */
  readonly bitTime: number;
  /** Whether it takes part: hears, acknowledges, and may send. */
  readonly isOnBus: boolean;
  /** Whether it acknowledges; a silent one only listens. */
  readonly acknowledges: boolean;
  /** The frame that it wants to send next, if any. */
  readonly pendingFrame: CanFrame | undefined;
  /** Bits go over the wire, seen by everybody. @param own whether this node sends them */
  showBits(bits: readonly (0 | 1)[], start: number, bitTime: number, own: boolean): void;
  /** The frame went out and somebody acknowledged it. */
  sent(): void;
  /** Another node had the lower identifier. */
  lostArbitration(): void;
  /** Nobody acknowledged, or the bus was disturbed; it may try again. */
  failed(reason: 'acknowledge' | 'bit' | 'stuff'): void;
  /** A frame for everybody. */
  received(frame: CanFrame): void;
  /** What was on the bus could not be understood. */
  disturbed(): void;
}

/** How far bit times may differ for nodes to understand each other. */
const TOLERANCE = 0.015;

/** A bus that goes on at other boards (session/joint-can.ts). */
export interface CanLink {
  /** ns that must have passed since a node began to want the bus, so that every side knows. */
  readonly window: number;
  /** Tells the other sides what the nodes on this one want. @param again a frame is over: who still wants to send wants it from now on */
  announce(again?: boolean): void;
  /** Since when a node has wanted to send its next frame. */
  since(node: CanNode): number;
  /** An order of all nodes that is the same on every side. */
  rank(node: CanNode): string;
}

export class CanBus {
  private readonly nodes = new Set<CanNode>();
  link?: CanLink;
  private busy = false;
  private scheduled: ClockEvent | undefined;
  /** Set by a fault: nothing gets through. */
  broken = false;

  constructor(
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  add(node: CanNode): void {
    this.nodes.add(node);
    this.link?.announce();
  }

  remove(node: CanNode): void {
    this.nodes.delete(node);
    this.link?.announce();
  }

  /** Everybody on it. */
  get members(): Iterable<CanNode> {
    return this.nodes;
  }

  /** Somebody has something to send, or has come or gone. */
  wake(): void {
    if (this.link !== undefined) {
      this.link.announce();
      this.wakeTogether(this.link);
      return;
    }
    if (this.busy || this.scheduled?.pending) return;
    // Everybody who wants the bus in this instant begins together.
    this.scheduled = this.clock.after(0, () => this.arbitrate());
  }

  /** Begins as soon as every side knows of the node that has waited longest. */
  private wakeTogether({ window }: CanLink): void {
    if (this.busy) return;
    const waiting = this.waiting();
    if (waiting.length === 0) return;
    const time = Math.min(...waiting.map(node => this.link!.since(node))) + window;
    if (this.scheduled?.pending && this.scheduled.time <= time) return;
    this.clock.cancel(this.scheduled);
    this.scheduled = this.clock.at(Math.ceil(time), () => this.arbitrate());
  }

  private waiting(): CanNode[] {
    return [...this.nodes].filter(node => node.isOnBus && node.pendingFrame !== undefined);
  }

  private arbitrate(): void {
    if (this.busy) return;
    const { link } = this;
    let senders = this.waiting();
    if (link !== undefined) {
      senders = senders.filter(node => link.since(node) + link.window <= this.clock.now);
      senders.sort((a, b) => (link.rank(a) < link.rank(b) ? -1 : 1));
      if (senders.length === 0) this.wakeTogether(link);
    }
    if (senders.length === 0) return;
    senders.sort((a, b) => compareArbitration(a.pendingFrame!, b.pendingFrame!));
    const [winner, ...others] = senders;
    const frame = winner.pendingFrame!;
    for (const node of others) node.lostArbitration();
    const { bitTime } = winner;
    const listeners = [...this.nodes].filter(node => node !== winner && node.isOnBus);
    const agrees = (node: CanNode) => Math.abs(node.bitTime / bitTime - 1) <= TOLERANCE;
    const mistimed = listeners.filter(node => !agrees(node));
    const collision = others.some(node => compareArbitration(node.pendingFrame!, frame) === 0 && !sameData(node.pendingFrame!, frame));
    const disturbed = this.broken || mistimed.length > 0 || collision;
    const acknowledged = !disturbed && listeners.some(node => node.acknowledges);
    const whole = frameBits(frame, acknowledged);
    const bits = acknowledged ? whole : whole.slice(0, bitsToAcknowledge(frame));
    // An error flag of six dominant bits, its echo, and the delimiter.
    if (!acknowledged) bits.push(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    const start = this.clock.now;
    this.busy = true;
    for (const node of this.nodes) if (node.isOnBus) node.showBits(bits, start, bitTime, node === winner);
    this.clock.at(Math.ceil(start + bits.length * bitTime), () => {
      if (acknowledged) {
        this.events.record('frame', { start, value: frame.id, text: winner.name, data: frame.data });
        for (const node of listeners) if (node.isOnBus) node.received(frame);
        winner.sent();
      } else {
        this.events.record('error', { start, value: frame.id, text: disturbed ? 'disturbed' : 'not acknowledged', data: frame.data });
        for (const node of mistimed) node.disturbed();
        if (disturbed) for (const node of listeners.filter(agrees)) node.disturbed();
        winner.failed(disturbed ? (collision ? 'bit' : 'stuff') : 'acknowledge');
      }
      this.link?.announce(true);
    });
    this.clock.at(Math.ceil(start + (bits.length + INTERMISSION) * bitTime), () => {
      this.busy = false;
      this.wake();
    });
  }
}

function sameData(a: CanFrame, b: CanFrame): boolean {
  return a.dlc === b.dlc && a.data.every((byte, index) => byte === b.data[index]);
}
