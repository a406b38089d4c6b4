/** Quantities as sentences write them: a number, a unit, and often a tolerance. */

/** What a sentence says a value must be. Bounds are inclusive unless `exclusive` says otherwise. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly exclusive?: 'min' | 'max';
  /** As it was written. */
  readonly text: string;
}

export interface Unit {
  readonly symbol: string;
  readonly factor: number;
}

/** Factors to ns. */
export const durationUnits: Readonly<Record<string, number>> = {
  ns: 1,
  µs: 1e3,
  us: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
  days: 86_400e9,
  day: 86_400e9,
};
/** Factors to Hz. */
export const frequencyUnits: Readonly<Record<string, number>> = { mHz: 1e-3, Hz: 1, kHz: 1e3, MHz: 1e6 };
/** Factors to V. */
export const voltageUnits: Readonly<Record<string, number>> = { µV: 1e-6, mV: 1e-3, V: 1 };
/** Factors to a fraction of 1. */
export const percentUnits: Readonly<Record<string, number>> = { '%': 0.01, ppm: 1e-6 };
/** Factors to bytes. */
export const sizeUnits: Readonly<Record<string, number>> = { byte: 1, bytes: 1, B: 1, KiB: 1024, MiB: 1_048_576, kB: 1000, MB: 1_000_000 };

export const number = String.raw`[-+]?\d+(?:\.\d+)?`;

/** The regular expression source of one quantity with one of these units. */
export function quantityPattern(units: Readonly<Record<string, number>>): string {
  const symbols = Object.keys(units)
    .sort((a, b) => b.length - a.length)
    .join('|');
  return `${number} ?(?:${symbols})(?![A-Za-z])`;
}

/** The regular expression source of a range of these units. */
export function rangePattern(units: Readonly<Record<string, number>>): string {
  const one = quantityPattern(units);
  return [
    `between ${one} and ${one}`,
    `(?:at least|at most|less than|more than|about) ${one}`,
    `${one} ?(?:±|\\+/-) ?(?:${one}|${number} ?%|${number} ?ppm)`,
    one,
  ].join('|');
}

interface Quantity {
  readonly value: number;
  /** Half of what the last written digit stands for. */
  readonly resolution: number;
}

/** @throws Error if the text is no such quantity */
export function parseQuantity(text: string, units: Readonly<Record<string, number>>): Quantity {
  const match = new RegExp(`^(${number}) ?(.*)$`, 'u').exec(text.trim());
  if (match === null || !Object.hasOwn(units, match[2]))
    throw new Error(`"${text}" is no number with one of the units ${Object.keys(units).join(', ')}`);
  const factor = units[match[2]];
  const decimals = /\.(\d+)$/.exec(match[1])?.[1].length ?? 0;
  return { value: clean(Number(match[1]) * factor), resolution: (0.5 * factor) / 10 ** decimals };
}

/**
 * Parses a range. A value alone stands for all that rounds to it as written: `50 Hz` is 49.5 to 50.5 Hz, `1.50 V` is 1.495
 * to 1.505 V. `about` is 10 % around the value.
 * @throws Error if the text is no such range
 */
export function parseRange(text: string, units: Readonly<Record<string, number>>): Range {
  const between = /^between (.*) and (.*)$/.exec(text);
  if (between) return { min: parseQuantity(between[1], units).value, max: parseQuantity(between[2], units).value, text };
  const bound = /^(at least|at most|less than|more than|about) (.*)$/.exec(text);
  if (bound) {
    const { value } = parseQuantity(bound[2], units);
    switch (bound[1]) {
      case 'at least':
        return { min: value, max: Infinity, text };
      case 'at most':
        return { min: -Infinity, max: value, text };
      case 'less than':
        return { min: -Infinity, max: value, exclusive: 'max', text };
      case 'more than':
        return { min: value, max: Infinity, exclusive: 'min', text };
      default:
        return { min: value - Math.abs(value) * 0.1, max: value + Math.abs(value) * 0.1, text };
    }
  }
  const tolerance = /^(.*?) ?(?:±|\+\/-) ?(.*)$/.exec(text);
  if (tolerance) {
    const { value } = parseQuantity(tolerance[1], units);
    const relative = /^(.*?) ?(%|ppm)$/.exec(tolerance[2]);
    // A percentage of a percentage would be ambiguous: there, `±` is in percentage points.
    const by =
      relative !== null && !Object.hasOwn(units, relative[2])
        ? Math.abs(value) * Number(relative[1]) * percentUnits[relative[2]]
        : parseQuantity(tolerance[2], units).value;
    return { min: clean(value - by), max: clean(value + by), text };
  }
  const { value, resolution } = parseQuantity(text, units);
  return { min: clean(value - resolution), max: clean(value + resolution), text };
}

export function contains(range: Range, value: number): boolean {
  if (Number.isNaN(value)) return false;
  const aboveMin = range.exclusive === 'min' ? value > range.min : value >= range.min;
  const belowMax = range.exclusive === 'max' ? value < range.max : value <= range.max;
  return aboveMin && belowMax;
}

/** Takes off what binary fractions add: 3 significant digits beyond the 12 that anybody writes. */
function clean(value: number): number {
  return Number(value.toPrecision(15));
}

function trimmed(value: number, digits: number): string {
  return Number(value.toPrecision(digits)).toString();
}

/** A duration in the unit that suits it: `1.5 ms`, `250 ns`, `2 s`. Up to 6 significant digits. */
export function formatDuration(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${trimmed(ns, 6)} ns`;
  if (size < 1e6) return `${trimmed(ns / 1e3, 6)} µs`;
  if (size < 1e9) return `${trimmed(ns / 1e6, 6)} ms`;
  return `${trimmed(ns / 1e9, 6)} s`;
}

/** A point in time, in seconds, with all digits that are not zero, in groups of three: `1.204 6 s`. */
export function formatTime(ns: number): string {
  const whole = Math.floor(ns / 1e9);
  const fraction = String(Math.round(ns - whole * 1e9))
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${whole} s` : `${whole}.${fraction.replace(/(\d{3})(?=\d)/g, '$1 ')} s`;
}

export function formatFrequency(hz: number): string {
  if (hz >= 1e6) return `${trimmed(hz / 1e6, 6)} MHz`;
  if (hz >= 1e3) return `${trimmed(hz / 1e3, 6)} kHz`;
  return `${trimmed(hz, 6)} Hz`;
}

export function formatVoltage(volts: number): string {
  return Math.abs(volts) < 0.1 && volts !== 0 ? `${trimmed(volts * 1e3, 4)} mV` : `${trimmed(volts, 4)} V`;
}

export function formatPercentage(fraction: number): string {
  return `${trimmed(fraction * 100, 5)} %`;
}

export function formatSize(bytes: number): string {
  return bytes >= 1_048_576
    ? `${trimmed(bytes / 1_048_576, 4)} MiB`
    : bytes >= 10_240
      ? `${trimmed(bytes / 1024, 4)} KiB`
      : `${bytes} bytes`;
}
