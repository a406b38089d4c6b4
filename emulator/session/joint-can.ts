/**
 * CAN buses that go on at other boards. Each board's worker has a bus of its own, with a stand-in for each node of the others; since all know the same
 * of every node, all decide alike who sends when. A node that has something to send says so at once, and the bus waits a little longer than
 * that news may take.
 */
import type { CanBus, CanLink, CanNode } from '../peripherals/can-bus.ts';
import type { CanFrame } from '../peripherals/can-frame.ts';
import type { Netlist } from '../peripherals/net.ts';
import { AHEAD } from './token.ts';

/** How late (ns) a side may hear of a node: less than `WINDOW`. */
const PATIENCE = 1_000;
/** From when a node has something to send until the bus begins with it: less than the intermission at 1 Mbit/s. */
const WINDOW = 2_000;

interface NodeState {
  readonly name: string;
  readonly bitTime: number;
  readonly isOnBus: boolean;
  readonly acknowledges: boolean;
  readonly frame: CanFrame | undefined;
  /** Since when it has wanted to send that. */
  readonly since: number;
}

export interface CanMessage {
  readonly kind: 'can';
  readonly bus: string;
  readonly t: number;
  readonly nodes: readonly NodeState[];
}

export class JointCan {
  private readonly buses = new Map<string, JointBus>();
  private readonly known = new Map<string, Map<number, CanMessage>>();

  /** @param tell all other boards */
  constructor(
    private readonly board: number,
    private readonly netlist: Netlist,
    private readonly tell: (message: CanMessage) => void,
  ) {
    netlist.onCanBus = (name, bus) => {
      const joint = new JointBus(name, bus, this.board, this.netlist, this.tell);
      this.buses.set(name, joint);
      joint.announce();
      for (const [from, message] of this.known.get(name) ?? []) joint.apply(from, message);
    };
  }

  /** Whether a bus goes on at another board: somebody there may get on it at any time. */
  get isShared(): boolean {
    for (const bus of this.buses.values()) if (bus.isShared) return true;
    return false;
  }

  get patience(): number {
    return this.isShared ? PATIENCE : AHEAD;
  }

  apply(from: number, message: CanMessage): void {
    const known = this.known.get(message.bus) ?? new Map<number, CanMessage>();
    this.known.set(message.bus, known.set(from, message));
    this.buses.get(message.bus)?.apply(from, message);
  }

  silence(board: number): void {
    for (const bus of this.buses.values()) bus.remove(board);
  }
}

class JointBus implements CanLink {
  readonly window = WINDOW;
  private readonly guests = new Map<number, Map<string, RemoteNode>>();
  private readonly local = new Map<CanNode, { key: string; since: number }>();
  private last = '';

  constructor(
    private readonly name: string,
    private readonly bus: CanBus,
    private readonly board: number,
    private readonly netlist: Netlist,
    private readonly tell: (message: CanMessage) => void,
  ) {
    bus.link = this;
  }

  get isShared(): boolean {
    return this.guests.size > 0;
  }

  rank(node: CanNode): string {
    return node instanceof RemoteNode ? node.rank : `${this.board} ${node.name}`;
  }

  since(node: CanNode): number {
    if (node instanceof RemoteNode) return node.state.since;
    return this.local.get(node)?.since ?? 0;
  }

  announce(again = false): void {
    const t = this.netlist.clock.now;
    const nodes: NodeState[] = [];
    for (const node of this.bus.members) {
      if (node instanceof RemoteNode) continue;
      const { name, bitTime, isOnBus, acknowledges, pendingFrame: frame } = node;
      const key = frame === undefined ? '' : `${frame.id} ${frame.extended} ${frame.remote} ${frame.dlc} ${frame.data}`;
      let pending = this.local.get(node);
      if (pending === undefined || pending.key !== key || again) this.local.set(node, (pending = { key, since: t }));
      nodes.push({ name, bitTime, isOnBus, acknowledges, frame, since: pending.since });
    }
    const key = JSON.stringify(nodes.map(({ frame, ...node }) => ({ ...node, frame: frame && { ...frame, data: [...frame.data] } })));
    if (key === this.last) return;
    this.last = key;
    this.tell({ kind: 'can', bus: this.name, t, nodes });
  }

  apply(from: number, { nodes }: CanMessage): void {
    const guests = this.guests.get(from) ?? new Map<string, RemoteNode>();
    this.guests.set(from, guests);
    for (const [name, node] of guests) {
      if (nodes.some(state => state.name === name)) continue;
      guests.delete(name);
      this.bus.remove(node);
    }
    for (const state of nodes) {
      const known = guests.get(state.name);
      if (known !== undefined) known.state = state;
      else {
        const node = new RemoteNode(`${from} ${state.name}`, state);
        guests.set(state.name, node);
        this.bus.add(node);
      }
    }
    this.bus.wake();
  }

  remove(board: number): void {
    for (const node of this.guests.get(board)?.values() ?? []) this.bus.remove(node);
    this.guests.delete(board);
  }
}

/** A node of another board, as that board has last told of it. */
class RemoteNode implements CanNode {
  constructor(
    readonly rank: string,
    public state: NodeState,
  ) {}

  get name(): string {
    return this.state.name;
  }

  get bitTime(): number {
    return this.state.bitTime;
  }

  get isOnBus(): boolean {
    return this.state.isOnBus;
  }

  get acknowledges(): boolean {
    return this.state.acknowledges;
  }

  get pendingFrame(): CanFrame | undefined {
    return this.state.frame;
  }

  showBits(): void {}

  /** What it wants next its own side will tell. */
  sent(): void {
    this.state = { ...this.state, frame: undefined };
  }

  failed(): void {
    this.state = { ...this.state, frame: undefined };
  }

  lostArbitration(): void {}
  received(): void {}
  disturbed(): void {}
}
