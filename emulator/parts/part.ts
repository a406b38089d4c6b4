/**
 * What a part is: something wired to the board's pins, with controls that a spec sets, readings that it checks, and faults
 * that it injects.
 *
 *     const button = new PushButton(bench, 'button');
 *     bench.netlist.connect(button.pin('a'), chip.pin('X17').terminal);
 *     button.set('pressed', true);
 *     button.inject('stuck');
 *
 * A part is a timed model: whatever it does later it schedules on the bench's clock, and its only randomness is the
 * bench's seeded generator. To write one, extend `Part` and declare its pins, controls, readings and faults in the
 * constructor.
 */
import type { Clock } from '../clock/clock.ts';
import type { Netlist, Terminal, Wire } from '../peripherals/net.ts';
import type { SeededRandom } from '../peripherals/seeded-random.ts';
import type { Trace } from '../trace/trace.ts';

/** What a display shows. */
export interface PartImage {
  readonly width: number;
  readonly height: number;
  /** 8 bits a channel, red, green, blue, alpha, row by row from the top left corner. */
  readonly rgba: Uint8Array;
}

/** What a part stands on. */
export interface PartBench {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly netlist: Netlist;
  /** A part takes a fork of it, so that parts do not disturb each other's randomness. */
  readonly random: SeededRandom;
}

export type ControlValue = number | boolean | string | Uint8Array;

/** Something about a part that a spec can set. */
export interface Control {
  /** One phrase for the documentation. */
  readonly description: string;
  readonly type: 'number' | 'boolean' | 'text' | 'bytes';
  /** `°C`, `%`, `g`, `ms` … */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** The texts that are allowed, if not all are. */
  readonly choices?: readonly string[];
  get(): ControlValue;
  set(value: ControlValue): void;
}

/** Something about a part that a spec can check. */
export interface Reading {
  readonly description: string;
  readonly unit?: string;
  read(): ControlValue | readonly ControlValue[];
}

/** A way in which a part can misbehave. */
export interface Fault {
  readonly description: string;
  /** What a number given with it means; a fault without takes none. */
  readonly amount?: string;
  /** Begins, with an amount if one was given. */
  begin(amount: number | undefined): void;
  /** Ends. */
  end(): void;
}

/** A part was asked for a pin, control, reading or fault that it does not have, or a control was set out of its range. */
export class PartError extends Error {
  override readonly name = 'PartError';
}

const TYPE_OF = { number: 'number', boolean: 'boolean', text: 'string', bytes: 'object' } as const;

export abstract class Part {
  protected readonly clock: Clock;
  protected readonly trace: Trace;
  protected readonly random: SeededRandom;

  private readonly pinMap = new Map<string, Terminal>();
  private readonly controlMap = new Map<string, Control>();
  private readonly readingMap = new Map<string, Reading>();
  private readonly faultMap = new Map<string, Fault>();
  private readonly active = new Set<string>();
  private removedWires: Wire[] = [];

  /** @param name as specs and the trace name it; unique on the bench */
  constructor(
    protected readonly bench: PartBench,
    readonly name: string,
  ) {
    this.clock = bench.clock;
    this.trace = bench.trace;
    this.random = bench.random.fork(name);
    this.addFault('removed', {
      description: 'the part is pulled off its wires',
      begin: () => this.pullOff(),
      end: () => this.putBack(),
    });
  }

  get pins(): ReadonlyMap<string, Terminal> {
    return this.pinMap;
  }

  get controls(): ReadonlyMap<string, Control> {
    return this.controlMap;
  }

  get readings(): ReadonlyMap<string, Reading> {
    return this.readingMap;
  }

  get faults(): ReadonlyMap<string, Fault> {
    return this.faultMap;
  }

  /** @throws PartError if it has no such pin */
  pin(name: string): Terminal {
    return this.find(this.pinMap, 'pin', name);
  }

  /** @throws PartError if it has no such control */
  control(name: string): Control {
    return this.find(this.controlMap, 'control', name);
  }

  /** Sets a control. @throws PartError if there is none of that name, or the value is not of its type or range */
  set(name: string, value: ControlValue): void {
    const control = this.control(name);
    if (typeof value !== TYPE_OF[control.type]) {
      throw new PartError(`${this.name}: control "${name}" takes a ${control.type}, not ${String(value)}`);
    }
    const { min = -Infinity, max = Infinity, unit = '', choices } = control;
    if (typeof value === 'number' && !(value >= min && value <= max)) {
      throw new PartError(`${this.name}: control "${name}" goes from ${min} ${unit} to ${max} ${unit}, not to ${value}`);
    }
    if (choices !== undefined && !choices.includes(String(value))) {
      throw new PartError(`${this.name}: control "${name}" is one of ${choices.join(', ')}, not ${String(value)}`);
    }
    control.set(value);
  }

  /** What it shows, if it is a display. */
  get image(): PartImage | undefined {
    return undefined;
  }

  /** What a reading says now. @throws PartError if it has no such reading */
  read(name: string): ControlValue | readonly ControlValue[] {
    return this.find(this.readingMap, 'reading', name).read();
  }

  /** Makes a fault begin, and notes it in the trace. @throws PartError if it has no such fault, or the amount is wrong */
  inject(name: string, amount?: number): void {
    const fault = this.find(this.faultMap, 'fault', name);
    if (fault.amount === undefined && amount !== undefined) throw new PartError(`${this.name}: fault "${name}" takes no amount`);
    if (fault.amount !== undefined && amount === undefined) {
      throw new PartError(`${this.name}: fault "${name}" needs an amount: ${fault.amount}`);
    }
    if (this.active.has(name)) fault.end();
    this.active.add(name);
    this.trace.events('faults').record(name, { text: this.name, value: amount });
    fault.begin(amount);
  }

  /** Ends a fault, or all of them. @throws PartError if it has no such fault */
  clear(name?: string): void {
    for (const each of name === undefined ? [...this.active] : [name]) {
      const fault = this.find(this.faultMap, 'fault', each);
      if (!this.active.delete(each)) continue;
      this.trace.events('faults').record(`${each} over`, { text: this.name });
      fault.end();
    }
  }

  /** Whether a fault is going on. */
  isFaulty(name: string): boolean {
    return this.active.has(name);
  }

  protected addPin(name: string, traced = false): Terminal {
    const terminal = this.bench.netlist.terminal(`${this.name}.${name}`, traced);
    this.pinMap.set(name, terminal);
    return terminal;
  }

  protected addControl(name: string, control: Control): void {
    this.controlMap.set(name, control);
  }

  /** A number that the part keeps; `changed` is called when it has been set to another one. */
  protected addNumber(
    name: string,
    options: { description: string; unit?: string; initial: number; min?: number; max?: number },
    changed?: (value: number) => void,
  ): { readonly value: number } {
    const { initial, ...rest } = options;
    const box = { value: initial };
    this.addControl(name, {
      ...rest,
      type: 'number',
      get: () => box.value,
      set: value => {
        if (value === box.value) return;
        box.value = value as number;
        changed?.(box.value);
      },
    });
    return box;
  }

  protected addReading(name: string, reading: Reading): void {
    this.readingMap.set(name, reading);
  }

  protected addFault(name: string, fault: Fault): void {
    this.faultMap.set(name, fault);
  }

  /** A fault that is only a flag, asked for with `isFaulty`. */
  protected addFlagFault(name: string, description: string, changed: () => void = () => {}): void {
    this.addFault(name, { description, begin: changed, end: changed });
  }

  /** A fault with a number, which is 0 while it is off. */
  protected addAmountFault(name: string, description: string, amount: string, changed: () => void = () => {}): { readonly value: number } {
    const box = { value: 0 };
    this.addFault(name, {
      description,
      amount,
      begin: value => {
        box.value = value!;
        changed();
      },
      end: () => {
        box.value = 0;
        changed();
      },
    });
    return box;
  }

  private pullOff(): void {
    const own = [...this.pinMap.values()];
    this.removedWires = own
      .flatMap(terminal => this.bench.netlist.wiresAt(terminal))
      .filter(({ a, b }) => !(own.includes(a) && own.includes(b)));
    for (const wire of this.removedWires) wire.disconnect();
  }

  private putBack(): void {
    for (const wire of this.removedWires) wire.connect();
    this.removedWires = [];
  }

  private find<T>(all: ReadonlyMap<string, T>, kind: string, name: string): T {
    const found = all.get(name);
    if (found === undefined) {
      throw new PartError(`${this.name} has no ${kind} "${name}"; it has: ${[...all.keys()].join(', ') || 'none'}`);
    }
    return found;
  }
}
