/** What follows from a board's and a chip's data about pins, worked out once for all chips made of it. */
import type { Hardware } from '../../boards/board.ts';
import type { Chip as ChipData, PinFunctions } from '../../boards/chips/chip.ts';

export interface PinNames {
  /** the CPU's name by every name */
  cpu: ReadonlyMap<string, string>;
  /** the first board name by the CPU's name */
  primary: ReadonlyMap<string, string>;
}

const knownNames = new WeakMap<Hardware, PinNames>();

/** A board's pin names, worked out once for each board. */
export function pinNamesOf(hardware: Hardware): PinNames {
  const known = knownNames.get(hardware);
  if (known !== undefined) return known;
  const cpu = new Map<string, string>();
  const primary = new Map<string, string>();
  for (const name of Object.keys(hardware.chip.pins)) cpu.set(name, name).set(name.slice(1), name);
  for (const { cpu: pin, name } of hardware.pins) {
    cpu.set(name, pin);
    if (!primary.has(pin)) primary.set(pin, name);
  }
  const names = { cpu, primary };
  knownNames.set(hardware, names);
  return names;
}

/** A pin of a port. */
export interface PortPin {
  readonly name: string;
  readonly index: number;
  readonly functions: PinFunctions;
}

const knownPorts = new WeakMap<ChipData, ReadonlyMap<string, readonly PortPin[]>>();

/** The pins of a port by its letter, worked out once for each chip's data. */
export function pinsOfPort(data: ChipData, letter: string): readonly PortPin[] {
  let ports = knownPorts.get(data);
  if (ports === undefined) {
    const found = new Map<string, PortPin[]>();
    for (const [name, functions] of Object.entries(data.pins)) {
      const pins = found.get(name[1]) ?? [];
      pins.push({ name, index: Number(name.slice(2)), functions });
      found.set(name[1], pins);
    }
    knownPorts.set(data, (ports = found));
  }
  return ports.get(letter) ?? [];
}

const knownAdcPins = new WeakMap<ChipData, ReadonlyMap<string, string>>();

/** The pins of the converters' channels, as `unit.channel`, worked out once for each chip's data. */
export function adcPinsOf(data: ChipData): ReadonlyMap<string, string> {
  let pins = knownAdcPins.get(data);
  if (pins !== undefined) return pins;
  const found = new Map<string, string>();
  for (const [name, { adc }] of Object.entries(data.pins)) {
    const match = adc === undefined ? null : /^ADC(\d+)_IN(\d+)$/.exec(adc);
    if (match !== null) for (const unit of match[1]) found.set(`${unit}.${match[2]}`, name);
  }
  knownAdcPins.set(data, (pins = found));
  return pins;
}
