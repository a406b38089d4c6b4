/** The parts on the bench: attached by kind, with controls, readings, pictures and faults. */

import { Clock } from '../clock/clock.ts';
import { type HostPartSetup, makeHostPart } from '../parts/host-part.ts';
import { PART_KINDS, type PartKindDefinition } from '../parts/kinds.ts';
import { type Part, type PartBench, PartError } from '../parts/part.ts';
import { Netlist } from '../peripherals/net.ts';
import { Trace } from '../trace/trace.ts';
import { SessionError } from './error.ts';
import type { PartImage, PartKind, PartSetup, PartValue, Quantity } from './handle.ts';
import type { BenchNets } from './nets.ts';

const QUANTITY_TYPES: Readonly<Record<string, Quantity['type']>> = {
  number: 'number',
  boolean: 'flag',
  text: 'text',
  bytes: 'bytes',
  numbers: 'numbers',
};

function typeOf(value: unknown): string {
  if (typeof value === 'string') return 'text';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'numbers' : typeof value;
}

export class BenchParts {
  readonly parts = new Map<string, Part>();
  private readonly kindOf = new Map<string, PartKindDefinition>();
  private readonly boardOf = new Map<string, string>();

  constructor(
    private readonly partBench: () => PartBench,
    private readonly nets: () => BenchNets,
    private readonly now: () => number,
    private readonly ask: (part: string, method: string, ...args: unknown[]) => unknown,
  ) {}

  kinds(): PartKind[] {
    return [...PART_KINDS.values()].map(definition => this.kind(definition));
  }

  list(): { name: string; kind: PartKind; board: string }[] {
    return [...this.parts.keys()].map(name => ({ name, kind: this.kind(this.kindOf.get(name)!), board: this.boardOf.get(name) ?? '' }));
  }

  private readonly described = new Map<PartKindDefinition, PartKind>();

  /** What a kind has, from a part of its own that stands on no bench: to look at a reading may change it. */
  private kind(definition: PartKindDefinition): PartKind {
    let kind = this.described.get(definition);
    if (kind === undefined) {
      const { random, netlist } = this.partBench();
      const clock = new Clock();
      const trace = new Trace(clock);
      const scratch: PartBench = { clock, trace, netlist: new Netlist(clock, trace, netlist.supply), random: random.fork('kinds') };
      kind = this.describe(definition, definition.make(scratch, definition.kind, {}));
      this.described.set(definition, kind);
    }
    return kind;
  }

  private describe(definition: PartKindDefinition, part: Part): PartKind {
    const quantity = (
      name: string,
      item: { type?: string; unit?: string; description: string; min?: number; max?: number; choices?: readonly string[] },
    ): Quantity => ({
      name,
      type: QUANTITY_TYPES[item.type ?? 'number'] ?? 'number',
      unit: item.unit ?? '',
      text: item.description,
      min: item.min,
      max: item.max,
      values: item.choices,
    });
    return {
      kind: definition.kind,
      title: definition.title,
      source: definition.source,
      pins: [...part.pins.keys()].map(name => ({ name, optional: true, text: '' })),
      controls: [...part.controls].map(([name, control]) => quantity(name, control)),
      readings: [...part.readings].map(([name, reading]) => quantity(name, { ...reading, type: typeOf(reading.read()) })),
      options: definition.options,
      faults: [...part.faults].map(([name, fault]) => ({ name, text: fault.description })),
    };
  }

  attach(setup: PartSetup): void {
    const definition = PART_KINDS.get(setup.kind.toLowerCase());
    if (definition === undefined)
      throw new SessionError('unknown-kind', `there is no part of kind "${setup.kind}"`, [...PART_KINDS.keys()], this.now());
    if (this.parts.has(setup.name))
      throw new SessionError('wrong-state', `there is a part called "${setup.name}" on this bench already`, [], this.now());
    const options = setup.options ?? {};
    const part = definition.make(this.partBench(), setup.name, options);
    this.add(setup.name, part, definition);
    try {
      for (const [pin, to] of Object.entries(setup.pins)) this.nets().wire({ pins: [`${setup.name}.${pin}`, to] });
      const taken = new Set(definition.options.map(option => option.name));
      for (const [name, value] of Object.entries(options)) if (!taken.has(name)) this.control(setup.name, name, value);
    } catch (error) {
      this.detach(setup.name);
      throw error;
    }
  }

  /** Puts a part on the bench whose behaviour is the host's. */
  attachHost({ name, kind, pins }: PartSetup, setup: HostPartSetup): void {
    if (this.parts.has(name))
      throw new SessionError('wrong-state', `there is a part called "${name}" on this bench already`, [], this.now());
    const part = makeHostPart(this.partBench(), name, setup, (method, ...args) => this.ask(name, method, ...args));
    const source = 'written by the user, in the host';
    this.add(name, part, { kind, title: kind, source, options: [], make: () => part });
    try {
      for (const [pin, to] of Object.entries(pins)) this.nets().wire({ pins: [`${name}.${pin}`, to] });
    } catch (error) {
      this.detach(name);
      throw error;
    }
  }

  /** Enters a part that is on the bench from the start: one of a board's own. */
  add(name: string, part: Part, definition: PartKindDefinition, board = ''): void {
    this.parts.set(name, part);
    this.kindOf.set(name, definition);
    this.boardOf.set(name, board);
  }

  detach(name: string): void {
    const part = this.part(name);
    part.inject('removed');
    this.parts.delete(name);
  }

  part(name: string): Part {
    const part = this.parts.get(name);
    if (part === undefined)
      throw new SessionError('unknown-part', `there is no part called "${name}" on this bench`, [...this.parts.keys()], this.now());
    return part;
  }

  control(name: string, control: string, value: PartValue): void {
    const part = this.part(name);
    if (!part.controls.has(control))
      throw new SessionError('unknown-control', `${name} has no control "${control}"`, [...part.controls.keys()], this.now());
    try {
      part.set(control, value as never);
    } catch (error) {
      if (error instanceof PartError) throw new SessionError('bad-value', error.message, [], this.now());
      throw error;
    }
  }

  reading(name: string, reading: string): PartValue {
    const part = this.part(name);
    if (part.readings.has(reading)) return part.read(reading) as PartValue;
    const control = part.controls.get(reading);
    if (control !== undefined) return control.get() as PartValue;
    throw new SessionError('unknown-reading', `${name} has no reading "${reading}"`, [...part.readings.keys()], this.now());
  }

  image(name: string): PartImage {
    const part = this.part(name);
    const { image } = part;
    if (image === undefined) throw new SessionError('unknown-reading', `${name} has no pixels`, [...part.readings.keys()], this.now());
    return image;
  }
}
