/** The handle's calls on pins: the bench's own outputs, its meter, and wires. */
import { BoardMachine } from '../boot/board-machine.ts';
import { ConstantVoltage, NoisyVoltage, PeriodicVoltage, PointwiseVoltage } from '../peripherals/analog-source.ts';
import type { Chip } from '../peripherals/chip.ts';
import { type GpioPin, PinMode } from '../peripherals/gpio.ts';
import type { Netlist, Terminal } from '../peripherals/net.ts';
import { Level } from '../trace/level.ts';
import { type AnalogWaveform, EdgeList } from '../trace/waveform.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { PinReading, PinRef, PinSource, Wire } from './handle.ts';

/** Volts of the rails that a wire may go to. */
const RAILS: Readonly<Record<string, number>> = { GND: 0, '3V3': 3.3, '5V': 5 };
/** Ohms of a rail: next to none. */
const RAIL_RESISTANCE = 0.05;
const BENCH_RESISTANCE = 100;

/** The pins of a bench by name, with the bench's own outputs at them. */
export class BenchPins {
  private readonly outputs = new Map<Terminal, Terminal>();
  private readonly pulls = new Map<string, Terminal>();
  private readonly rails = new Map<string, Terminal>();
  private readonly sources = new Map<Terminal, AnalogWaveform>();

  constructor(private readonly bench: Bench) {}

  /** The first board's chip, whose nets everything on the bench joins. @throws SessionError if no board has pins */
  get chip(): Chip {
    for (const machine of this.bench.boards.values()) if (machine instanceof BoardMachine) return machine.chip;
    throw new SessionError('unknown-pin', 'no board on this bench has pins', [], this.bench.now);
  }

  get netlist(): Netlist {
    return this.chip.netlist;
  }

  /** @throws SessionError `unknown-pin`, `unknown-part` */
  terminal(ref: PinRef): Terminal {
    if (Object.hasOwn(RAILS, ref)) return this.rail(ref);
    return this.partPin(ref) ?? this.boardPin(ref).terminal;
  }

  /** @throws SessionError `unknown-pin` */
  boardPin(ref: PinRef): GpioPin {
    const [first, second] = ref.split('.');
    const machine = second === undefined ? [...this.bench.boards.values()][0] : this.bench.boards.get(first);
    const name = second ?? first;
    const known = machine?.description.pins.flatMap(pin => [pin.name, ...pin.aliases]) ?? [];
    if (!(machine instanceof BoardMachine) || !known.includes(name)) {
      throw new SessionError('unknown-pin', `there is no pin "${ref}" on this bench`, known, this.bench.now);
    }
    return machine.chip.pin(name);
  }

  private partPin(ref: PinRef): Terminal | undefined {
    const dot = ref.indexOf('.');
    const part = dot < 0 ? undefined : this.bench.parts.get(ref.slice(0, dot));
    if (part === undefined) return undefined;
    const terminal = part.pins.get(ref.slice(dot + 1)) ?? part.pins.get(ref.slice(dot + 1).toLowerCase());
    if (terminal === undefined)
      throw new SessionError('unknown-pin', `${part.name} has no pin "${ref.slice(dot + 1)}"`, [...part.pins.keys()], this.bench.now);
    return terminal;
  }

  private rail(name: string): Terminal {
    let rail = this.rails.get(name);
    if (rail === undefined) {
      rail = this.netlist.terminal(name, false);
      rail.setSource(new ConstantVoltage(RAILS[name]), RAIL_RESISTANCE);
      this.rails.set(name, rail);
    }
    return rail;
  }

  /** The bench's output at a pin, made and wired now if it was not there. */
  private output(ref: PinRef): Terminal {
    const at = this.terminal(ref);
    let output = this.outputs.get(at);
    if (output === undefined) {
      output = this.netlist.terminal('bench', false);
      this.outputs.set(at, output);
      this.netlist.connect(at, output);
    }
    return output;
  }

  drive(ref: PinRef, source: PinSource): void {
    const output = this.output(ref);
    const { now } = this.bench;
    const analog = (waveform: AnalogWaveform, ohms = BENCH_RESISTANCE): void => {
      this.sources.set(output, waveform);
      output.setSource(waveform, positive('ohms', ohms, this.bench));
    };
    this.sources.delete(output);
    switch (source.kind) {
      case 'level':
        if (source.ohms === undefined) output.setDrive(source.level === 'high' ? 1 : 0);
        else analog(new ConstantVoltage(source.level === 'high' ? this.netlist.supply : 0), source.ohms);
        return;
      case 'voltage': {
        const steady = new ConstantVoltage(volts(source.volts, this.bench));
        analog(source.noise ? new NoisyVoltage(steady, source.noise, this.bench.seed) : steady, source.ohms);
        return;
      }
      case 'wave':
        this.wave(output, source, analog);
        return;
      case 'samples':
        analog(new PointwiseVoltage(source.samples.map(({ at, volts: v }) => ({ time: now + at, volts: volts(v, this.bench) }))));
        return;
      case 'pulse':
        this.pulses(output, source);
    }
  }

  /** A square wave between the rails is a digital one, with edges that last no time; all else is analogue. */
  private wave(output: Terminal, source: Extract<PinSource, { kind: 'wave' }>, analog: (waveform: AnalogWaveform) => void): void {
    const { now } = this.bench;
    const { shape, frequency, low, high, duty = 0.5 } = source;
    positive('a frequency', frequency, this.bench);
    if (shape === 'square' && low <= 0.4 && high >= 2.4) output.play(new SquareWave(now, frequency, duty));
    else analog(new PeriodicVoltage({ shape, frequency, low: volts(low, this.bench), high: volts(high, this.bench), start: now }));
  }

  private pulses(output: Terminal, { level, width, count = 1, period = 2 * width }: Extract<PinSource, { kind: 'pulse' }>): void {
    const { now } = this.bench;
    const pulse = level === 'high' ? Level.HIGH : Level.LOW;
    const rest = level === 'high' ? Level.LOW : Level.HIGH;
    const times: number[] = [];
    const levels: Level[] = [];
    for (let i = 0; i < count; i++) {
      times.push(now + i * period, now + i * period + width);
      levels.push(pulse, i === count - 1 ? Level.FLOATING_LOW : rest);
    }
    output.play(new EdgeList(times, levels, rest));
  }

  release(ref: PinRef): void {
    const output = this.output(ref);
    this.sources.delete(output);
    output.setDrive(-1);
  }

  /** Adds noise to what the bench puts on a net. @param amplitude volts either way */
  addNoise(ref: PinRef, amplitude: number): () => void {
    const output = this.output(ref);
    const base = this.sources.get(output) ?? new ConstantVoltage(this.terminal(ref).voltage);
    output.setSource(new NoisyVoltage(base, amplitude, this.bench.seed), BENCH_RESISTANCE);
    return () => output.setSource(base, BENCH_RESISTANCE);
  }

  /** Holds a net at a rail, whoever drives it. */
  stick(ref: PinRef, high: boolean): () => void {
    const clamp = this.netlist.terminal('stuck', false);
    clamp.setSource(new ConstantVoltage(high ? this.netlist.supply : 0), RAIL_RESISTANCE);
    const wire = this.netlist.connect(this.terminal(ref), clamp);
    return () => wire.disconnect();
  }

  wire({ pins, pull }: Wire): void {
    const terminals = pins.map(pin => this.terminal(pin));
    for (let i = 1; i < terminals.length; i++) this.netlist.connect(terminals[i - 1], terminals[i]);
    if (pull === undefined) return;
    const name = `pull ${pins[0]}`;
    let resistor = this.pulls.get(name);
    if (resistor === undefined) {
      resistor = this.netlist.terminal(name, false);
      this.pulls.set(name, resistor);
      this.netlist.connect(terminals[0], resistor);
    }
    resistor.setPull(positive('ohms', pull.ohms ?? 10_000, this.bench), pull.to === 'high' ? this.netlist.supply : 0);
  }

  unwire(ref: PinRef): void {
    for (const wire of this.netlist.wiresAt(this.terminal(ref))) wire.disconnect();
    this.outputs.delete(this.terminal(ref));
  }

  read(ref: PinRef): PinReading {
    const terminal = this.terminal(ref);
    const { level } = terminal;
    const strength = level >> 1;
    const text = strength === 2 ? 'floating' : strength === 3 ? 'contention' : level & 1 ? 'high' : 'low';
    return { level: text, volts: terminal.voltage, drivers: this.drivers(terminal), mode: this.mode(ref) };
  }

  private drivers(at: Terminal): string[] {
    return at.net.terminals.flatMap(({ name, output, waveform, source, pullConductance, pullVoltage }) => {
      const found: string[] = [];
      if (output >= 0) found.push(`${name} drives ${output === 1 ? 'high' : 'low'}`);
      else if (waveform !== undefined) found.push(`${name} drives a wave`);
      else if (source !== undefined) found.push(`${name} drives a voltage`);
      if (pullConductance > 0) found.push(`${name} pulled ${pullVoltage > 1 ? 'up' : 'down'} through ${Math.round(1 / pullConductance)} Ω`);
      return found;
    });
  }

  private mode(ref: PinRef): string | undefined {
    if (Object.hasOwn(RAILS, ref) || this.partPin(ref) !== undefined) return undefined;
    const pin = this.boardPin(ref);
    switch (pin.mode) {
      case PinMode.INPUT:
        return 'input';
      case PinMode.OUTPUT:
        return pin.openDrain ? 'open-drain' : 'output';
      case PinMode.ANALOG:
        return 'analog';
      default:
        return `alternate ${pin.alternate}`;
    }
  }
}

/** A square wave from a time on. */
class SquareWave {
  private readonly period: number;

  constructor(
    private readonly start: number,
    frequency: number,
    readonly duty: number,
  ) {
    this.period = 1e9 / frequency;
  }

  levelAt(time: number): Level {
    const turns = (time - this.start) / this.period;
    return turns - Math.floor(turns) < this.duty - 1e-12 ? Level.HIGH : Level.LOW;
  }

  nextEdge(time: number): number {
    const turn = Math.floor((time - this.start) / this.period);
    for (let n = turn; ; n++) {
      const fall = Math.ceil(this.start + (n + this.duty) * this.period);
      if (fall > time) return fall;
      const rise = Math.ceil(this.start + (n + 1) * this.period);
      if (rise > time) return rise;
    }
  }
}

function volts(value: number, bench: Bench): number {
  if (!(value >= -0.3 && value <= 5.5))
    throw new SessionError('bad-value', `a bench output goes from 0 V to 5 V, not to ${value} V`, [], bench.now);
  return value;
}

function positive(what: string, value: number, bench: Bench): number {
  if (!(value > 0)) throw new SessionError('bad-value', `${what} must be above 0, not ${value}`, [], bench.now);
  return value;
}

export function pinCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  return {
    'pins.drive': (pin: PinRef, source: PinSource) => bench.pins.drive(pin, source),
    'pins.release': (pin: PinRef) => bench.pins.release(pin),
    'pins.read': (pin: PinRef) => bench.pins.read(pin),
    wire: (wire: Wire) => bench.pins.wire(wire),
    unwire: (pin: PinRef) => bench.pins.unwire(pin),
  };
}
