/** Pins as the bench names them, wires between them, and the bench's own instruments at them. */
import type { BoardMachine } from '../boot/board-machine.ts';
import type { ClockEvent } from '../clock/clock.ts';
import type { Part } from '../parts/part.ts';
import { ConstantVoltage, NoisyVoltage, PeriodicVoltage, PointwiseVoltage } from '../peripherals/analog-source.ts';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import type { Netlist, Wire as NetWire, Terminal } from '../peripherals/net.ts';
import { Level } from '../trace/level.ts';
import type { AnalogWaveform } from '../trace/waveform.ts';
import { SessionError } from './error.ts';
import type { PinReading, PinRef, PinSource, Wire } from './handle.ts';

/** Above and below these an input is surely high, or low (DS8626 table 51 for 3.3 V, rounded). */
const HIGH_VOLTS = 2.0;
const LOW_VOLTS = 0.8;
const DEFAULT_OHMS = 100;
const RAILS: Readonly<Record<string, number>> = { GND: 0, '3V3': 3.3, '5V': 5 };

const CONTENTION = new Set<number>([Level.CONTENTION_LOW, Level.CONTENTION_HIGH]);
const FLOATING = new Set<number>([Level.FLOATING_LOW, Level.FLOATING_HIGH]);

export class BenchNets {
  private readonly probes = new Map<PinRef, Terminal>();
  /** What the bench drives a pin to for good: where a pulse goes back to. */
  private readonly driven = new Map<PinRef, 0 | 1>();
  private readonly timers = new Map<PinRef, ClockEvent[]>();
  private readonly rails = new Map<string, Terminal>();
  private readonly wires: { pins: readonly PinRef[]; links: NetWire[] }[] = [];

  constructor(
    private readonly boards: ReadonlyMap<string, BoardMachine>,
    private readonly parts: ReadonlyMap<string, Part>,
    private readonly now: () => number,
  ) {}

  private get netlist(): Netlist {
    const first = this.boards.values().next().value;
    if (first === undefined) throw new SessionError('wrong-state', 'no board on this bench has pins', [], this.now());
    return first.chip.netlist;
  }

  /** The terminal of a pin: `X1`, `left.X1`, `eeprom.SDA`, `GND`. @throws SessionError `unknown-pin` */
  terminal(pin: PinRef): Terminal {
    if (pin in RAILS) return this.rail(pin);
    const dot = pin.indexOf('.');
    if (dot > 0) {
      const owner = pin.slice(0, dot);
      const name = pin.slice(dot + 1);
      const board = this.boards.get(owner);
      if (board !== undefined) return this.boardPin(board, name);
      const part = this.parts.get(owner);
      if (part === undefined) {
        throw new SessionError(
          'unknown-part',
          `no board or part "${owner}" on this bench`,
          [...this.boards.keys(), ...this.parts.keys()],
          this.now(),
        );
      }
      const terminal = [...part.pins].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
      if (terminal === undefined) throw new SessionError('unknown-pin', `${owner} has no pin "${name}"`, [...part.pins.keys()], this.now());
      return terminal;
    }
    const board = this.boards.values().next().value;
    if (board === undefined) throw new SessionError('unknown-pin', `no board on this bench has a pin "${pin}"`, [], this.now());
    return this.boardPin(board, pin);
  }

  private boardPin(board: BoardMachine, name: string): Terminal {
    const pin = board.chip.findPin(name);
    if (pin === undefined) {
      throw new SessionError(
        'unknown-pin',
        `${board.name} has no pin "${name}"`,
        board.description.pins.map(known => known.name),
        this.now(),
      );
    }
    return pin.terminal;
  }

  private rail(name: string): Terminal {
    let terminal = this.rails.get(name);
    if (terminal === undefined) {
      terminal = this.netlist.terminal(name);
      terminal.setSource(new ConstantVoltage(RAILS[name]), 0.1);
      this.rails.set(name, terminal);
    }
    return terminal;
  }

  wire(wire: Wire): void {
    const terminals = wire.pins.map(pin => this.terminal(pin));
    const links: NetWire[] = [];
    for (let i = 1; i < terminals.length; i++) links.push(this.netlist.connect(terminals[0], terminals[i]));
    if (wire.pull !== undefined && terminals.length > 0) {
      const resistor = this.netlist.terminal(`pull at ${wire.pins[0]}`);
      resistor.setPull(wire.pull.ohms ?? 10_000, wire.pull.to === 'high' ? this.netlist.supply : 0);
      links.push(this.netlist.connect(terminals[0], resistor));
    }
    this.wires.push({ pins: wire.pins, links });
  }

  unwire(pin: PinRef): void {
    const terminal = this.terminal(pin);
    for (const link of this.netlist.wiresAt(terminal)) link.disconnect();
  }

  private probe(pin: PinRef): Terminal {
    let probe = this.probes.get(pin);
    if (probe === undefined) {
      probe = this.netlist.terminal(`bench at ${pin}`);
      this.netlist.connect(this.terminal(pin), probe);
      this.probes.set(pin, probe);
    }
    return probe;
  }

  drive(pin: PinRef, source: PinSource): void {
    const probe = this.probe(pin);
    this.stopTimers(pin);
    switch (source.kind) {
      case 'level':
        if (source.ohms !== undefined && source.ohms > 1000) {
          probe.setDrive(-1);
          probe.setPull(source.ohms, source.level === 'high' ? this.netlist.supply : 0);
        } else {
          probe.setDrive(source.level === 'high' ? 1 : 0);
          this.driven.set(pin, source.level === 'high' ? 1 : 0);
        }
        return;
      case 'voltage': {
        this.checkVolts(source.volts);
        let wave: AnalogWaveform = new ConstantVoltage(source.volts);
        if (source.noise !== undefined && source.noise > 0) wave = new NoisyVoltage(wave, source.noise, 1);
        probe.setSource(wave, source.ohms ?? DEFAULT_OHMS);
        return;
      }
      case 'wave':
        this.checkVolts(source.low);
        this.checkVolts(source.high);
        if (!(source.frequency > 0))
          throw new SessionError('bad-value', `a frequency must be above 0 Hz, not ${source.frequency}`, [], this.now());
        if (source.shape === 'square' && source.low <= LOW_VOLTS && source.high >= HIGH_VOLTS) {
          this.toggle(pin, probe, source.frequency, source.duty ?? 0.5);
          return;
        }
        probe.setSource(
          new PeriodicVoltage({ shape: source.shape, frequency: source.frequency, low: source.low, high: source.high, start: this.now() }),
          DEFAULT_OHMS,
        );
        return;
      case 'samples':
        for (const { volts } of source.samples) this.checkVolts(volts);
        if (source.samples.length === 0) throw new SessionError('bad-value', 'samples are missing', [], this.now());
        probe.setSource(new PointwiseVoltage(source.samples.map(({ at, volts }) => ({ time: this.now() + at, volts }))), DEFAULT_OHMS);
        return;
      case 'pulse': {
        const { level, width, count = 1, period = 2 * width } = source;
        const before = this.driven.get(pin) ?? -1;
        const bit = level === 'high' ? 1 : 0;
        const clock = this.netlist.clock;
        const events: ClockEvent[] = [];
        for (let i = 0; i < count; i++) {
          const start = this.now() + i * period;
          if (i === 0) probe.setDrive(bit);
          else events.push(clock.at(start, () => probe.setDrive(bit)));
          const rest = i === count - 1 ? before : ((1 - bit) as 0 | 1);
          events.push(clock.at(start + width, () => probe.setDrive(rest)));
        }
        this.timers.set(pin, events);
      }
    }
  }

  /** A square wave as edges, for pins that look at levels. */
  private toggle(pin: PinRef, probe: Terminal, frequency: number, duty: number): void {
    const clock = this.netlist.clock;
    const start = this.now();
    const period = 1e9 / frequency;
    const events: ClockEvent[] = [];
    this.timers.set(pin, events);
    const edge = (n: number): void => {
      const high = n % 2 === 0;
      probe.setDrive(high ? 1 : 0);
      const next = start + Math.floor(n / 2) * period + (high ? duty * period : period);
      events[0] = clock.at(Math.round(next), () => edge(n + 1));
    };
    edge(0);
  }

  private stopTimers(pin: PinRef): void {
    for (const event of this.timers.get(pin) ?? []) this.netlist.clock.cancel(event);
    this.timers.delete(pin);
  }

  private checkVolts(volts: number): void {
    if (!(volts >= 0 && volts <= 5)) throw new SessionError('bad-value', `a pin takes 0 to 5 V, not ${volts} V`, [], this.now());
  }

  release(pin: PinRef): void {
    this.stopTimers(pin);
    const probe = this.probes.get(pin);
    if (probe === undefined) return;
    this.driven.delete(pin);
    probe.setDrive(-1);
    probe.setPull(Infinity, 0);
  }

  read(pin: PinRef): PinReading {
    const terminal = this.terminal(pin);
    const volts = terminal.voltage;
    const { level } = terminal;
    const digital = terminal.net.terminals.every(each => each.source === undefined);
    let state: PinReading['level'];
    if (CONTENTION.has(level)) state = 'contention';
    else if (digital && FLOATING.has(level)) state = 'floating';
    else if (digital) state = (level & 1) === 1 ? 'high' : 'low';
    else state = volts >= HIGH_VOLTS ? 'high' : volts <= LOW_VOLTS ? 'low' : 'undefined';
    const drivers = terminal.net.terminals
      .filter(each => each.output !== -1 || each.waveform !== undefined || each.source !== undefined || each.pullConductance > 0)
      .map(each =>
        each.output === -1 && each.waveform === undefined && each.source === undefined
          ? `pull-${each.pullVoltage > 1 ? 'up' : 'down'} of ${each.name}`
          : each.name,
      );
    return { level: state, volts, drivers, mode: this.modeOf(pin) };
  }

  private modeOf(pin: PinRef): string | undefined {
    for (const board of this.boards.values()) {
      const gpio = board.chip.findPin(pin.startsWith(`${board.name}.`) ? pin.slice(board.name.length + 1) : pin);
      if (gpio === undefined) continue;
      const pull = gpio.pull === PinPull.UP ? ' pull-up' : gpio.pull === PinPull.DOWN ? ' pull-down' : '';
      switch (gpio.mode) {
        case PinMode.INPUT:
          return `input${pull}`;
        case PinMode.OUTPUT:
          return gpio.openDrain ? 'open-drain' : 'output';
        case PinMode.ALTERNATE:
          return `alternate ${gpio.functions.af[gpio.alternate] ?? gpio.alternate}`;
        default:
          return 'analog';
      }
    }
    return undefined;
  }

  /** Whether a pin is surely at a level now. */
  isAt(pin: PinRef, level: 'high' | 'low'): boolean {
    return this.read(pin).level === level;
  }
}
