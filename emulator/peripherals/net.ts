/**
 * Nets: what is wired together, who drives it, and what everybody on it sees.
 *
 * A `Terminal` is one pin of the chip or of a part. It can drive strongly (a push-pull output), release, pull through a
 * resistor, play a waveform whose edges are known in advance, or be an analogue source. Terminals that are wired together
 * share a `Net`, which resolves their drives to a level and a voltage, records it for each terminal that has a signal in
 * the trace, and tells those who watch for edges.
 *
 * A waveform that nobody watches costs nothing until somebody looks: its edges become clock events only while somebody on
 * the net observes.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { AnalogSignal } from '../trace/analog-signal.ts';
import type { DigitalSignal } from '../trace/digital-signal.ts';
import { type Bit, bitOf, Level } from '../trace/level.ts';
import type { Trace } from '../trace/trace.ts';
import type { AnalogWaveform, Waveform } from '../trace/waveform.ts';
import type { CanTransceiver } from './can.ts';
import type { CanBus } from './can-bus.ts';
import type { I2cPort } from './i2c-bus.ts';
import { DrivenNet, driveOf, SharedNet } from './net-waveform.ts';
import type { SpiPort } from './spi-bus.ts';

/** What an output does: -1 nothing, 0 low, 1 high. */
export type Drive = -1 | 0 | 1;

/** Ohms of a GPIO output transistor, roughly (DS8626 table 50: 0.4 V at 8 mA). */
export const OUTPUT_RESISTANCE = 50;

/**
 * Zero, as a float. A terminal that began with a whole number would change its shape at its first pull, and V8 would never again manage to
 * optimise what makes terminals, nor what that is inlined into.
 */
const NONE = -0;

/** How many changes may follow from each other in one instant before it is called an oscillation. */
const MAX_DEPTH = 64;

export interface EdgeObserver {
  (bit: Bit, time: number): void;
  /**
   * How late (ns) it may be told of an edge that a wired board has made, the edge's true time given. Default: `EDGE_PATIENCE`.
   */
  patience?: () => number;
}

/** An interrupt's or a capture's: less than a handler's latency. */
export const EDGE_PATIENCE = 1_000;

/** Of those who answer within a bit of a bus: what follows a clock. */
export const BUS_PATIENCE = 100;

/** Gives an observer a patience. */
export function patient(observer: (bit: Bit, time: number) => void, patience: () => number): EdgeObserver {
  return Object.assign(observer, { patience });
}

/** A net that goes on at other boards, in workers of their own (session/joint-nets.ts). */
export interface JointNet {
  /** Drives or wires on this side may have changed. */
  changed(): void;
  /** Somebody is about to look at the net: lets the other boards come up to now. */
  sync(): void;
}

/** One end of wires: a pin of the chip or of a part. */
export class Terminal {
  /** What the terminal is wired to; its own net if nothing. */
  net: Net;
  /** Its record in the trace, if it has one. */
  signal?: DigitalSignal;
  /** Its voltage in the trace, from when it first was analogue. */
  voltageSignal?: AnalogSignal;
  /** Called whenever the net was resolved anew: a level has changed, or a waveform. Not called at a waveform's edges. */
  onResolved?: () => void;
  /** Counts the times at which it was driven against another output. */
  contentions = 0;

  /** @internal */ output: Drive = -1;
  /** @internal */ waveform: Waveform | undefined;
  /** @internal */ source: AnalogWaveform | undefined;
  /** @internal siemens of the output or source */ conductance = 1 / OUTPUT_RESISTANCE;
  /** @internal siemens */ pullConductance = NONE;
  /** @internal volts */ pullVoltage = NONE;
  /** @internal */ readonly observers: EdgeObserver[] = [];

  /**
   * @param name as the trace and messages name it: `X1`, `eeprom.sda`
   * @param netlist what it belongs to
   */
  constructor(
    readonly name: string,
    readonly netlist: Netlist,
  ) {
    this.net = new Net(netlist, [this]);
  }

  /** What everybody on the net sees now. */
  get level(): Level {
    this.net.joint?.sync();
    return this.net.level;
  }

  /** The logic value of the net now. */
  get bit(): Bit {
    this.net.joint?.sync();
    return bitOf(this.net.level);
  }

  /** Volts of the net now. */
  get voltage(): number {
    this.net.joint?.sync();
    return this.net.voltageAt(this.netlist.clock.now);
  }

  /** Drives strongly high or low, or releases. Ends a waveform or source. */
  setDrive(drive: Drive): void {
    if (drive === this.output && this.waveform === undefined && this.source === undefined) return;
    this.output = drive;
    this.waveform = undefined;
    this.source = undefined;
    this.net.update();
  }

  /** The same, as a wire of a bus does it. */
  drive(drive: Drive): void {
    this.setDrive(drive);
  }

  /** Connects a resistor to a fixed voltage, besides what is driven. `ohms` of Infinity takes it away. */
  setPull(ohms: number, volts: number): void {
    const conductance = 1 / ohms;
    if (conductance === this.pullConductance && volts === this.pullVoltage) return;
    this.pullConductance = conductance;
    this.pullVoltage = volts;
    this.net.update();
  }

  /** Drives what the waveform says from now on; a floating level of it releases the net. */
  play(waveform: Waveform): void {
    this.output = -1;
    this.source = undefined;
    this.waveform = waveform;
    this.net.update();
  }

  /** Drives a voltage through a resistance. @param ohms above 0 */
  setSource(source: AnalogWaveform, ohms = OUTPUT_RESISTANCE): void {
    this.output = -1;
    this.waveform = undefined;
    this.source = source;
    this.conductance = 1 / ohms;
    this.net.update();
  }

  /** Sets everything at once, with one change of the net. */
  configure(drive: Drive, waveform: Waveform | undefined, pullConductance: number, pullVoltage: number): void {
    if (
      drive === this.output &&
      waveform === this.waveform &&
      this.source === undefined &&
      pullConductance === this.pullConductance &&
      pullVoltage === this.pullVoltage
    ) {
      return;
    }
    this.output = drive;
    this.waveform = waveform;
    this.source = undefined;
    this.pullConductance = pullConductance;
    this.pullVoltage = pullVoltage;
    this.net.update();
  }

  /**
   * Calls back at each change of the net's logic value, at its time, from then on.
   * @returns a function that ends it
   */
  observe(observer: EdgeObserver): () => void {
    this.net.joint?.sync();
    this.observers.push(observer);
    this.net.observersChanged();
    return () => {
      const place = this.observers.indexOf(observer);
      if (place < 0) return;
      this.observers.splice(place, 1);
      this.net.observersChanged();
    };
  }
}

/** Terminals that are wired together, and the level they agree on. Made and merged by `Netlist`. */
export class Net {
  private waveform: Waveform | undefined;
  private staticLevel: Level = Level.FLOATING_LOW;
  /** the logic value that observers were last told */
  private toldBit: Bit = 0;
  private observed = false;
  private edgeEvent: ClockEvent | undefined;
  private depth = 0;
  private contended = false;
  /** Set while the net goes on at other boards. */
  joint: JointNet | undefined;

  /** @internal */
  constructor(
    private readonly netlist: Netlist,
    /** @internal */ readonly terminals: Terminal[],
  ) {}

  get level(): Level {
    return this.waveform === undefined ? this.staticLevel : this.waveform.levelAt(this.netlist.clock.now);
  }

  /** What the net is known to do from now on, if it is more than to stay. */
  get currentWaveform(): Waveform | undefined {
    return this.waveform;
  }

  /** Volts at `time`, which is now or, as far as waveforms are known, later. */
  voltageAt(time: number): number {
    let conductance = 0;
    let current = 0;
    const { supply } = this.netlist;
    for (const terminal of this.terminals) {
      const drive = terminal.waveform === undefined ? terminal.output : driveOf(terminal.waveform.levelAt(time));
      if (terminal.source !== undefined) {
        conductance += terminal.conductance;
        current += terminal.conductance * terminal.source.valueAt(time);
      } else if (drive >= 0) {
        conductance += 1 / OUTPUT_RESISTANCE;
        if (drive === 1) current += supply / OUTPUT_RESISTANCE;
      }
      conductance += terminal.pullConductance;
      current += terminal.pullConductance * terminal.pullVoltage;
    }
    return conductance === 0 ? (bitOf(this.staticLevel) === 1 ? supply : 0) : current / conductance;
  }

  /** @internal Works out the level anew; to be called when a drive or the wiring has changed. */
  update(): void {
    const before = bitOf(this.level);
    let high = 0;
    let low = 0;
    let dynamic = 0;
    let pull = 0;
    let pullCurrent = 0;
    let player: Terminal | undefined;
    const { terminals } = this;
    for (let i = 0; i < terminals.length; i++) {
      const terminal = terminals[i];
      if (terminal.output === 1) high++;
      else if (terminal.output === 0) low++;
      else if (terminal.waveform !== undefined || terminal.source !== undefined) {
        dynamic++;
        player = terminal;
      }
      if (terminal.pullConductance !== 0) {
        pull += terminal.pullConductance;
        pullCurrent += terminal.pullConductance * terminal.pullVoltage;
      }
    }
    if (dynamic === 0) {
      this.waveform = undefined;
      this.setLevel(this.resolve(high, low, pull, pullCurrent, before));
      this.joint?.changed();
      return;
    }
    const released = pull === 0 ? Level.FLOATING_LOW + before : Level.PULLED_LOW + this.threshold(pullCurrent / pull, before);
    if (dynamic === 1 && high === 0 && low === 0 && player!.waveform !== undefined) {
      this.waveform = new DrivenNet(player!.waveform, released as Level);
    } else {
      this.waveform = new SharedNet(terminals.slice(), this, high, low, pull, pullCurrent, before);
      this.recordVoltage();
    }
    this.noteContention((high > 0 && low > 0) || this.waveform.levelAt(this.netlist.clock.now) >= Level.CONTENTION_LOW);
    for (let i = 0; i < terminals.length; i++) {
      terminals[i].signal?.recordWaveform(this.waveform);
      terminals[i].onResolved?.();
    }
    this.tell(bitOf(this.level));
    this.scheduleEdge();
    this.joint?.changed();
  }

  /** @internal */
  observersChanged(): void {
    const observed = this.terminals.some(terminal => terminal.observers.length > 0);
    if (observed && !this.observed) this.toldBit = bitOf(this.level);
    this.observed = observed;
    this.scheduleEdge();
  }

  /** @internal The net is about to be given up; its terminals go to others. */
  dissolve(): void {
    this.netlist.clock.cancel(this.edgeEvent);
  }

  /** @internal Takes over what another net knew, so that a floating net keeps its charge. */
  adopt(level: Level): void {
    this.staticLevel = (bitOf(level) + Level.FLOATING_LOW) as Level;
    this.toldBit = bitOf(level);
  }

  /** @internal Static resolution of strong drives, then pulls, then the charge that is left. */
  resolve(high: number, low: number, pull: number, pullCurrent: number, before: Bit): Level {
    if (high > 0 && low > 0) return high > low ? Level.CONTENTION_HIGH : Level.CONTENTION_LOW;
    if (high > 0) return Level.HIGH;
    if (low > 0) return Level.LOW;
    if (pull > 0) return (Level.PULLED_LOW + this.threshold(pullCurrent / pull, before)) as Level;
    return (Level.FLOATING_LOW + before) as Level;
  }

  /** An input's logic value at a voltage: below 0.3 VDD low, above 0.7 VDD high, in between as it was (DS8626 table 48). */
  threshold(volts: number, before: Bit): Bit {
    const { supply } = this.netlist;
    return volts >= 0.7 * supply ? 1 : volts <= 0.3 * supply ? 0 : before;
  }

  private setLevel(level: Level): void {
    if (this.edgeEvent?.pending) this.netlist.clock.cancel(this.edgeEvent);
    this.noteContention(level >= Level.CONTENTION_LOW);
    this.staticLevel = level;
    const { terminals } = this;
    for (let i = 0; i < terminals.length; i++) {
      terminals[i].signal?.record(level);
      if (terminals[i].voltageSignal !== undefined) this.recordVoltage();
      terminals[i].onResolved?.();
    }
    this.tell(bitOf(level));
  }

  private tell(bit: Bit): void {
    if (!this.observed || bit === this.toldBit) return;
    if (this.depth >= MAX_DEPTH) {
      this.netlist.trace.events('nets').record('oscillation', { text: this.name });
      return;
    }
    this.toldBit = bit;
    const time = this.netlist.clock.now;
    this.depth++;
    try {
      for (const { observers } of this.terminals) {
        if (observers.length === 1) observers[0](bit, time);
        else if (observers.length > 1) for (const observer of observers.slice()) observer(bit, time);
      }
    } finally {
      this.depth--;
    }
  }

  private scheduleEdge(): void {
    const { clock } = this.netlist;
    if (!this.observed || this.waveform === undefined) {
      if (this.edgeEvent?.pending) clock.cancel(this.edgeEvent);
      return;
    }
    const next = this.waveform.nextEdge(clock.now);
    if (next === Infinity) clock.cancel(this.edgeEvent);
    else if (this.edgeEvent === undefined) this.edgeEvent = clock.at(next, () => this.edge());
    else clock.reschedule(this.edgeEvent, next);
  }

  private edge(): void {
    const { waveform } = this;
    if (waveform === undefined) return;
    this.tell(bitOf(waveform.levelAt(this.netlist.clock.now)));
    if (this.waveform === waveform && !this.edgeEvent!.pending) this.scheduleEdge();
  }

  private recordVoltage(): void {
    for (const terminal of this.terminals) {
      if (terminal.signal === undefined) continue;
      terminal.voltageSignal ??= this.netlist.trace.analog(`${terminal.name}.voltage`);
      if (this.waveform instanceof SharedNet) terminal.voltageSignal.recordWaveform(this.waveform.voltage);
      else terminal.voltageSignal.record(this.voltageAt(this.netlist.clock.now));
    }
  }

  private noteContention(contended: boolean): void {
    if (contended === this.contended) return;
    this.contended = contended;
    if (contended) for (const terminal of this.terminals) if (terminal.output >= 0) terminal.contentions++;
    this.netlist.trace.events('nets').record(contended ? 'contention' : 'contention over', { text: this.name });
  }

  /** The names of those on it that the trace knows, or of all. */
  get name(): string {
    const known = this.terminals.filter(terminal => terminal.signal !== undefined);
    return (known.length > 0 ? known : this.terminals).map(terminal => terminal.name).join(' ');
  }
}

/** Two terminals that are connected. */
export interface Wire {
  readonly a: Terminal;
  readonly b: Terminal;
  /** Takes the wire away; the two nets go on by themselves. Harmless if it is not there. */
  disconnect(): void;
  /** Puts it back. Harmless if it is there. */
  connect(): void;
}

/** All terminals and wires of a bench. */
export class Netlist {
  private readonly wires = new Set<Wire>();
  /** Called with each net that was made anew because wires came or went. */
  onRewired?: (net: Net) => void;
  /** Everything on the bench that answers on an I2C bus. */
  readonly i2cPorts = new Set<I2cPort>();
  /** Everything on the bench that answers on an SPI bus. */
  readonly spiPorts = new Set<SpiPort>();
  /** CAN buses by name, and what connects pins to them. */
  readonly canBuses = new Map<string, CanBus>();
  readonly canTransceivers = new Set<CanTransceiver>();
  /** Called with each CAN bus that is made. */
  onCanBus?: (name: string, bus: CanBus) => void;

  /** @param supply volts of a strong high */
  constructor(
    readonly clock: Clock,
    readonly trace: Trace,
    readonly supply = 3.3,
  ) {}

  /** A new terminal that is wired to nothing. @param traced true to record its net under its name */
  terminal(name: string, traced = false): Terminal {
    const terminal = new Terminal(name, this);
    if (traced) terminal.signal = this.trace.digital(name);
    return terminal;
  }

  /** The wires that end at a terminal. */
  wiresAt(terminal: Terminal): Wire[] {
    return [...this.wires].filter(({ a, b }) => a === terminal || b === terminal);
  }

  /** Wires two terminals together. */
  connect(a: Terminal, b: Terminal): Wire {
    const wire: Wire = { a, b, connect: () => this.add(wire), disconnect: () => this.remove(wire) };
    this.add(wire);
    return wire;
  }

  private add(wire: Wire): void {
    if (this.wires.has(wire)) return;
    this.wires.add(wire);
    const [a, b] = [wire.a.net, wire.b.net];
    if (a !== b) this.rebuild([...a.terminals, ...b.terminals], [a, b]);
  }

  private remove(wire: Wire): void {
    if (!this.wires.delete(wire)) return;
    const net = wire.a.net;
    const left = this.reachable(wire.a);
    if (left.includes(wire.b)) return;
    const level = net.level;
    net.dissolve();
    for (const group of [left, net.terminals.filter(terminal => !left.includes(terminal))]) this.found(group, level);
  }

  private rebuild(terminals: Terminal[], old: Net[]): void {
    const level = old[0].level;
    for (const net of old) net.dissolve();
    this.found(terminals, level);
  }

  private found(terminals: Terminal[], level: Level): void {
    const net = new Net(this, terminals);
    for (const terminal of terminals) terminal.net = net;
    this.onRewired?.(net);
    net.adopt(level);
    net.observersChanged();
    net.update();
  }

  private reachable(from: Terminal): Terminal[] {
    const seen = [from];
    for (const terminal of seen) {
      for (const { a, b } of this.wires) {
        const other = a === terminal ? b : b === terminal ? a : undefined;
        if (other !== undefined && !seen.includes(other)) seen.push(other);
      }
    }
    return seen;
  }
}
