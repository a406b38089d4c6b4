/** The handle's calls on parts: the catalogue, what is on the bench, controls, readings and pictures. */
import type { BoardMachine } from '../boot/board-machine.ts';
import { type CatalogueEntry, catalogue, type PartOptions } from '../parts/catalogue.ts';
import { Led } from '../parts/led.ts';
import { Mma7660 } from '../parts/mma7660.ts';
import { type Control, type ControlValue, type Part, type PartBench, PartError, type Reading } from '../parts/part.ts';
import { Servo } from '../parts/servo.ts';
import { Netlist } from '../peripherals/net.ts';
import { Trace } from '../trace/trace.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { PartImage, PartKind, PartSetup, PartValue, Quantity, SessionErrorCode } from './handle.ts';

/** Parts of a bench by name, with the board each belongs to, and what kind it is. */
export class BenchParts {
  private readonly parts = new Map<string, { part: Part; board: string; kind: PartKind; wires: (() => void)[] }>();

  constructor(private readonly bench: Bench) {}

  get(name: string): Part | undefined {
    return this.parts.get(name)?.part;
  }

  /** @throws SessionError `unknown-part` */
  find(name: string): Part {
    const found = this.get(name);
    if (found === undefined)
      throw new SessionError('unknown-part', `there is no part "${name}" on the bench`, [...this.parts.keys()], this.bench.now);
    return found;
  }

  list(): { name: string; kind: PartKind; board: string }[] {
    return [...this.parts].map(([name, { kind, board }]) => ({ name, kind, board }));
  }

  private get partBench(): PartBench {
    const { chip, netlist } = this.bench.pins;
    return { clock: this.bench.clock, trace: this.bench.trace, netlist, random: chip.random };
  }

  /** What is soldered to a board: its LEDs, and servos at their ports. */
  addOnBoard(machine: BoardMachine): void {
    const { leds, servos, accelerometer, i2cs } = machine.board.hardware!;
    const connect = (part: Part, pin: string, cpu: string, entry: string): void => {
      this.bench.pins.netlist.connect(part.pin(pin), machine.chip.pin(cpu).terminal);
      this.parts.set(part.name, { part, board: machine.name, kind: describeKind(catalogue.get(entry)!, part), wires: [] });
    };
    for (const { color, lit, pin } of leds) connect(new Led(this.partBench, color, lit, color), 'anode', pin, 'led');
    if (accelerometer !== undefined) {
      const part = new Mma7660(this.partBench, 'accel', accelerometer.address);
      const bus = i2cs.find(({ id }) => id === accelerometer.i2c)!;
      const pins = { scl: bus.scl, sda: bus.sda, avdd: accelerometer.power, int: accelerometer.interrupt };
      for (const [pin, cpu] of Object.entries(pins)) if (cpu !== undefined) connect(part, pin, cpu, 'mma7660');
    }
    servos?.ports.forEach(({ pin }, index) => {
      connect(new Servo(this.partBench, `servo${index + 1}`), 'signal', pin, 'servo');
    });
  }

  /** The brightness of a board's LEDs, 0 to 255, by name. */
  ledIntensities(machine: BoardMachine): Record<string, number> {
    return Object.fromEntries(
      machine.description.leds.map(({ name }) => {
        const part = this.parts.get(name)?.part;
        return [name, part instanceof Led ? Math.round(part.brightness * 255) : 0];
      }),
    );
  }

  /** Calls back at each edge of an LED's pin. Returns what stops it. */
  watchLed(name: string, listener: () => void): () => void {
    const part = this.parts.get(name)?.part;
    return part instanceof Led ? part.pin('anode').observe(listener) : () => {};
  }

  attach({ name, kind, pins, options = {} }: PartSetup): void {
    if (this.parts.has(name)) throw new SessionError('wrong-state', `there is a part "${name}" on the bench already`, [], this.bench.now);
    const entry = catalogue.get(kind);
    if (entry === undefined)
      throw new SessionError('unknown-kind', `there is no part of kind "${kind}"`, [...catalogue.keys()], this.bench.now);
    const own = new Set((entry.options ?? []).map(option => option.name));
    const part = asked(this.bench, 'bad-value', () => entry.make(this.partBench, name, options as PartOptions));
    const terminals = Object.entries(pins).map(
      ([pin, ref]) => [asked(this.bench, 'unknown-pin', () => part.pin(pin)), this.bench.pins.terminal(ref)] as const,
    );
    const wires = terminals.map(([pin, at]) => {
      const wire = this.bench.pins.netlist.connect(pin, at);
      return () => wire.disconnect();
    });
    for (const [control, value] of Object.entries(options))
      if (!own.has(control)) asked(this.bench, 'bad-value', () => part.set(control, value as ControlValue));
    this.parts.set(name, { part, board: [...this.bench.boards.keys()][0], kind: describeKind(entry, part), wires });
  }

  detach(name: string): void {
    this.find(name);
    for (const disconnect of this.parts.get(name)!.wires) disconnect();
    this.parts.delete(name);
  }

  control(name: string, control: string, value: PartValue): void {
    const part = this.find(name);
    if (!part.controls.has(control))
      throw new SessionError('unknown-control', `${name} has no control "${control}"`, [...part.controls.keys()], this.bench.now);
    asked(this.bench, 'bad-value', () => part.set(control, value as ControlValue));
  }

  reading(name: string, reading: string): PartValue {
    const part = this.find(name);
    if (!part.readings.has(reading))
      throw new SessionError('unknown-reading', `${name} has no reading "${reading}"`, [...part.readings.keys()], this.bench.now);
    return part.read(reading) as PartValue;
  }

  /** The pixels of a display, white on black. */
  image(name: string): PartImage {
    const part = this.find(name) as Part & {
      readonly controller?: { readonly width: number; readonly height: number; pixels(): Uint8Array };
    };
    if (part.controller === undefined) throw new SessionError('unknown-reading', `${name} has no pixels`, [], this.bench.now);
    const { width, height } = part.controller;
    const rgba = new Uint8Array(width * height * 4);
    part.controller.pixels().forEach((pixel, index) => {
      rgba.fill(pixel ? 255 : 0, index * 4, index * 4 + 3);
      rgba[index * 4 + 3] = 255;
    });
    return { width, height, rgba };
  }
}

/** What a part throws is about what it was asked. */
function asked<T>(bench: Bench, code: SessionErrorCode, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PartError || error instanceof RangeError) throw new SessionError(code, error.message, [], bench.now);
    throw error;
  }
}

const types = { number: 'number', boolean: 'flag', text: 'text', bytes: 'bytes' } as const;

function describeControl(name: string, { type, unit = '', description, min, max, choices }: Control): Quantity {
  return {
    name,
    type: types[type],
    unit,
    text: description,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(choices === undefined ? {} : { values: choices }),
  };
}

function describeReading(name: string, { unit = '', description, read }: Reading): Quantity {
  const value = read();
  const type =
    typeof value === 'number'
      ? 'number'
      : typeof value === 'boolean'
        ? 'flag'
        : typeof value === 'string'
          ? 'text'
          : value instanceof Uint8Array
            ? 'bytes'
            : 'numbers';
  return { name, type, unit, text: description };
}

function describeKind({ kind, title, source, optionalPins = [], options = [] }: CatalogueEntry, part: Part): PartKind {
  return {
    kind,
    title,
    source,
    pins: [...part.pins.keys()].map(name => ({ name, optional: optionalPins.includes(name), text: '' })),
    controls: [...part.controls].map(([name, control]) => describeControl(name, control)),
    readings: [...part.readings].map(([name, reading]) => describeReading(name, reading)),
    options: options.map(({ name, type, unit = '', description, min, max, choices }) => ({
      name,
      type,
      unit,
      text: description,
      min,
      max,
      values: choices,
    })),
    faults: [...part.faults].map(([name, { description, amount }]) => ({
      name,
      text: amount === undefined ? description : `${description}; ${amount}`,
    })),
  };
}

/** All kinds, each described by a part of its own on a bench of its own. */
function kinds(bench: Bench): PartKind[] {
  const { clock } = bench;
  const trace = new Trace(clock);
  const scratch: PartBench = {
    clock,
    trace,
    netlist: new Netlist(clock, trace, bench.pins.netlist.supply),
    random: bench.pins.chip.random.fork('kinds'),
  };
  return [...catalogue.values()].map(entry => describeKind(entry, entry.make(scratch, entry.kind, {})));
}

export function partCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  return {
    'parts.kinds': () => kinds(bench),
    'parts.list': () => bench.parts.list(),
    'parts.attach': (part: PartSetup) => bench.parts.attach(part),
    'parts.detach': (name: string) => bench.parts.detach(name),
    'parts.control': (name: string, control: string, value: PartValue) => bench.parts.control(name, control, value),
    'parts.reading': (name: string, reading: string) => bench.parts.reading(name, reading),
    'parts.image': (name: string) => bench.parts.image(name),
  };
}
