/**
 * Nets that go on at other boards. Each board's worker has its own part of such a net, with a terminal at its border for each of the others: that does
 * what all terminals on the other side do together. A change on one side is told to the others with its time, and what is known of the future with
 * it: a serial frame is one message.
 */

import type { ClockEvent } from '../clock/clock.ts';
import { ConstantVoltage } from '../peripherals/analog-source.ts';
import type { Drive, JointNet, Net, Netlist, Wire as NetWire, Terminal } from '../peripherals/net.ts';
import { EDGE_PATIENCE, OUTPUT_RESISTANCE } from '../peripherals/net.ts';
import { driveOf } from '../peripherals/net-waveform.ts';
import { Level } from '../trace/level.ts';
import { EdgeList, type Waveform } from '../trace/waveform.ts';
import { AHEAD } from './token.ts';

/** What one side of a joint net does from a time on. */
export interface SideMessage {
  readonly kind: 'side';
  readonly net: number;
  readonly t: number;
  /** Counts what one side tells of the net. */
  readonly number: number;
  readonly drive: Drive;
  /** Siemens of the pulls together, and the amperes they would feed into a short circuit to ground. */
  readonly pull: number;
  readonly pullCurrent: number;
  /** Edges that are known in advance; levels as in the trace. */
  readonly edges?: { readonly times: readonly number[]; readonly levels: readonly Level[] };
  /** An analogue source: volts behind ohms. */
  readonly source?: { readonly volts: number; readonly ohms: number };
}

/** A waveform that goes on for ever is told in pieces of so many edges. */
const EDGES = 64;
/** A voltage that changes all the time is told anew so often, in ns. */
const VOLTAGE_STEP = 10_000;

/** What a joint net needs of the bench. */
export interface JointHost {
  readonly netlist: Netlist;
  /** Tells another board. */
  send(to: number, message: SideMessage): void;
  /** Lets the other boards come up to now. */
  sync(): void;
}

export class JointNets {
  private readonly joints = new Map<number, Joint>();
  private readonly waiting = new Map<number, Map<number, SideMessage>>();

  constructor(private readonly host: JointHost) {
    host.netlist.onRewired = net => this.rewired(net);
  }

  get size(): number {
    return this.joints.size;
  }

  /**
   * Makes a net joint, or changes who is on it.
   * @param pins on this side @param others the boards on it, and what their pins are called
   */
  join(id: number, pins: readonly Terminal[], others: ReadonlyMap<number, string>): void {
    this.leave(id);
    const joint = new Joint(id, this.host, pins, others);
    this.joints.set(id, joint);
    joint.connect();
    for (const [from, message] of this.waiting.get(id) ?? []) joint.apply(from, message);
    this.waiting.delete(id);
    joint.tell();
  }

  leave(id: number): void {
    this.joints.get(id)?.disconnect();
    this.joints.delete(id);
  }

  /** What another side does; now, as of the message's time. */
  apply(from: number, message: SideMessage): void {
    const joint = this.joints.get(message.net);
    if (joint !== undefined) {
      joint.apply(from, message);
      return;
    }
    // The wire has not been laid on this side yet.
    const waiting = this.waiting.get(message.net) ?? new Map<number, SideMessage>();
    this.waiting.set(message.net, waiting.set(from, message));
  }

  /** A board is gone: its pins float. */
  silence(board: number): void {
    for (const joint of this.joints.values()) joint.silence(board);
  }

  /** How late this side may hear of the others, in ns: what the least patient observer allows. */
  get patience(): number {
    let patience = AHEAD;
    for (const joint of this.joints.values()) patience = Math.min(patience, joint.patience);
    return patience;
  }

  private rewired(net: Net): void {
    const on = [...this.joints.values()].filter(joint => joint.isOn(net));
    if (on.length === 1) net.joint = on[0];
    else if (on.length > 1) {
      net.joint = {
        changed: () => {
          for (const joint of on) joint.changed();
        },
        sync: () => this.host.sync(),
      };
    }
  }
}

class Joint implements JointNet {
  private readonly borders = new Map<number, Terminal>();
  private links: NetWire[] = [];
  private last = '';
  private lastDynamic: readonly unknown[] = [];
  private refresh: ClockEvent | undefined;
  private applying = false;
  private told = 0;
  private readonly heard = new Map<number, number>();

  constructor(
    private readonly id: number,
    private readonly host: JointHost,
    private readonly pins: readonly Terminal[],
    others: ReadonlyMap<number, string>,
  ) {
    for (const [board, name] of others) this.borders.set(board, host.netlist.terminal(name));
  }

  connect(): void {
    const [first, ...rest] = this.pins;
    for (const terminal of [...rest, ...this.borders.values()]) this.links.push(this.host.netlist.connect(first, terminal));
  }

  disconnect(): void {
    this.host.netlist.clock.cancel(this.refresh);
    for (const border of this.borders.values()) border.configure(-1, undefined, 0, 0);
    for (const link of this.links) link.disconnect();
    this.links = [];
  }

  isOn(net: Net): boolean {
    for (const border of this.borders.values()) if (net.terminals.includes(border)) return true;
    return false;
  }

  private isBorder(terminal: Terminal): boolean {
    for (const border of this.borders.values()) if (border === terminal) return true;
    return false;
  }

  get patience(): number {
    let patience = AHEAD;
    for (const { observers } of this.pins[0].net.terminals) {
      for (const observer of observers) patience = Math.min(patience, observer.patience?.() ?? EDGE_PATIENCE);
    }
    return patience;
  }

  sync(): void {
    if (!this.applying) this.host.sync();
  }

  changed(): void {
    if (!this.applying) this.tell();
  }

  /** Tells the others what this side does, if that is news. @param again the known edges have passed */
  tell(again = false): void {
    const { clock } = this.host.netlist;
    let high = 0;
    let low = 0;
    let pull = 0;
    let pullCurrent = 0;
    const dynamic: Terminal[] = [];
    for (const terminal of this.pins[0].net.terminals) {
      if (this.isBorder(terminal)) continue;
      if (terminal.output === 1) high++;
      else if (terminal.output === 0) low++;
      else if (terminal.waveform !== undefined || terminal.source !== undefined) dynamic.push(terminal);
      pull += terminal.pullConductance;
      pullCurrent += terminal.pullConductance * terminal.pullVoltage;
    }
    const key = `${high} ${low} ${pull} ${pullCurrent}`;
    const drivers = dynamic.map(terminal => terminal.waveform ?? terminal.source);
    if (!again && key === this.last && sameItems(drivers, this.lastDynamic)) return;
    this.last = key;
    this.lastDynamic = drivers;
    clock.cancel(this.refresh);
    const t = clock.now;
    let message: SideMessage = { kind: 'side', net: this.id, t, number: ++this.told, drive: strongest(high, low), pull, pullCurrent };
    if (dynamic.some(terminal => terminal.source !== undefined)) {
      const { source, until } = thevenin(dynamic, high, low, t, this.host.netlist.supply);
      message = { ...message, drive: -1, source };
      if (until !== Infinity) this.refresh = clock.at(Math.max(until, t + VOLTAGE_STEP), () => this.tell(true));
    } else if (dynamic.length > 0) {
      const edges = edgesOf(
        dynamic.map(terminal => terminal.waveform!),
        high,
        low,
        t,
      );
      message = { ...message, drive: -1, edges };
      if (edges.times.length > EDGES) this.refresh = clock.at(edges.times[EDGES], () => this.tell(true));
    }
    for (const board of this.borders.keys()) this.host.send(board, message);
  }

  apply(from: number, message: SideMessage): void {
    const border = this.borders.get(from);
    // What the host did while time stood still is heard at once, and so before what had been on its way.
    if (border === undefined || message.number < (this.heard.get(from) ?? 0)) return;
    this.heard.set(from, message.number);
    const { clock } = this.host.netlist;
    const { t, drive, pull, pullCurrent, edges, source } = message;
    const volts = pull === 0 ? 0 : pullCurrent / pull;
    this.applying = true;
    try {
      if (source !== undefined) {
        border.setPull(1 / pull, volts);
        border.setSource(new ConstantVoltage(source.volts), source.ohms);
      } else if (edges === undefined) clock.asOf(t, () => border.configure(drive, undefined, pull, volts));
      else {
        const { times, levels } = edges;
        // Those on this side who watch are told each edge that has passed meanwhile, at its own time.
        let index = 0;
        for (; index + 1 < times.length && times[index + 1] <= clock.now; index++) {
          clock.asOf(times[index], () => border.configure(driveOf(levels[index]), undefined, pull, volts));
        }
        const rest = new EdgeList(times.slice(index), levels.slice(index), levels[index]);
        clock.asOf(times[index], () => {
          if (times.length === index + 1) border.configure(driveOf(levels[index]), undefined, pull, volts);
          else border.configure(-1, rest, pull, volts);
        });
      }
    } finally {
      this.applying = false;
    }
    // What others on this side did meanwhile, because of it.
    this.tell();
  }

  silence(board: number): void {
    this.borders.get(board)?.configure(-1, undefined, 0, 0);
  }
}

function strongest(high: number, low: number): Drive {
  if (high > 0 && low > 0) return high > low ? 1 : 0;
  return high > 0 ? 1 : low > 0 ? 0 : -1;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** What strong outputs and waveforms drive together from `from` on: the level then, and its next changes. */
function edgesOf(waveforms: readonly Waveform[], high: number, low: number, from: number): { times: number[]; levels: Level[] } {
  const levelAt = (time: number): Level => {
    let highs = high;
    let lows = low;
    for (const waveform of waveforms) {
      const drive = driveOf(waveform.levelAt(time));
      if (drive === 1) highs++;
      else if (drive === 0) lows++;
    }
    const drive = strongest(highs, lows);
    return drive < 0 ? Level.FLOATING_HIGH : (drive as Level);
  };
  const times = [from];
  const levels = [levelAt(from)];
  let time = from;
  // A waveform may name instants at which nothing changes, for ever.
  for (let tries = 0; times.length <= EDGES && tries < 10 * EDGES; tries++) {
    time = Math.min(...waveforms.map(waveform => waveform.nextEdge(time)));
    if (time === Infinity) break;
    const level = levelAt(time);
    if (level === levels[levels.length - 1]) continue;
    times.push(time);
    levels.push(level);
  }
  return { times, levels };
}

/** Sources and outputs together, as one source behind one resistance; and until when that holds. */
function thevenin(dynamic: readonly Terminal[], high: number, low: number, time: number, supply: number) {
  let conductance = (high + low) / OUTPUT_RESISTANCE;
  let current = (high * supply) / OUTPUT_RESISTANCE;
  let until = Infinity;
  for (const terminal of dynamic) {
    if (terminal.source !== undefined) {
      conductance += terminal.conductance;
      current += terminal.conductance * terminal.source.valueAt(time);
      until = Math.min(until, terminal.source.nextChange(time));
      continue;
    }
    const drive = driveOf(terminal.waveform!.levelAt(time));
    until = Math.min(until, terminal.waveform!.nextEdge(time));
    if (drive < 0) continue;
    conductance += 1 / OUTPUT_RESISTANCE;
    if (drive === 1) current += supply / OUTPUT_RESISTANCE;
  }
  // Released for the moment: next to nothing, so that it does not matter.
  if (conductance === 0) return { source: { volts: 0, ohms: 1e12 }, until };
  return { source: { volts: current / conductance, ohms: 1 / conductance }, until };
}
