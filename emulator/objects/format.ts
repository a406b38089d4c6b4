/**
 * Formatting of numbers and padding, shared by `%`, str.format and printing (py/mpprint.c). Widths and precisions count bytes, so all
 * text here is byte text (byte-text.ts).
 */
import { toInt } from '../vm/operators.ts';
import type { Printer, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { type FloatFormat, formatFloat } from './format-float.ts';
import { digitsInBase } from './int.ts';
import { requireRoom } from './new-str.ts';

export enum FormatFlag {
  LeftAdjust = 0x01,
  ShowSign = 0x02,
  SpaceSign = 0x04,
  ShowPrefix = 0x08,
  PadAfterSign = 0x10,
  CenterAdjust = 0x20,
  AddPercent = 0x40,
  ShowOctalLetter = 0x80,
  /** A float is shown with a point or an exponent. */
  AlwaysDecimal = 0x100,
}

export interface FormatSpec {
  flags: number;
  /** Between groups of digits: `,`, `_` or nothing. */
  separator: string;
  /** One byte. */
  fill: string;
  /** Least width in bytes; -1 when none was given. */
  width: number;
  /** -1 when none was given. */
  precision: number;
}

export type FloatLetter = FloatFormat['format'];

/** The precision that means "as many digits as it takes to read the same float back". */
export const REPR_PRECISION = 99;

/** `text` padded to the width. Zeros that fill up a number with grouped digits are grouped too, and never start with a separator. */
export function padded(text: string, { flags, separator, fill, width }: FormatSpec): string {
  let pad = width - text.length;
  let grouped = 0;
  if (separator !== '' && fill === '0') {
    grouped = separator === '_' ? 5 : 4;
    if (width % grouped === 0) {
      pad++;
      width++;
    }
  }
  if (pad <= 0) return text;
  // The padding is built in the host's memory: it must fit the guest's first.
  requireRoom(width);
  const padding = (count: number): string => {
    if (grouped === 0) return fill.repeat(count);
    let zeros = '';
    for (let i = 0; i < count; i++) zeros += (width - (i % grouped)) % grouped === 0 ? separator : '0';
    return zeros;
  };
  if ((flags & FormatFlag.CenterAdjust) !== 0) {
    const left = pad >> 1;
    return padding(left) + text + padding(pad - left);
  }
  if ((flags & FormatFlag.LeftAdjust) !== 0) return text + padding(pad);
  return padding(pad) + text;
}

/** Digits of a magnitude, with a separator between groups of three (decimal) or four digits. */
export function groupedDigits(magnitude: number | bigint, base: number, upperCase: boolean, separator: string): string {
  let digits = digitsInBase(magnitude, base);
  if (upperCase) digits = digits.toUpperCase();
  if (separator === '') return digits;
  const group = base === 10 ? 3 : 4;
  let grouped = digits.slice(-group);
  for (let end = digits.length - group; end > 0; end -= group) grouped = digits.slice(Math.max(0, end - group), end) + separator + grouped;
  return grouped;
}

/** An integer (or what converts to one) in base 2, 8, 10 or 16. Raises TypeError for what is no integer. */
export function formattedInt(value: Value, base: number, upperCase: boolean, spec: FormatSpec): string {
  const int = typeof value === 'number' || typeof value === 'bigint' ? value : toInt(value);
  let { flags, fill, width, precision } = spec;
  const { separator } = spec;
  if ((flags & (FormatFlag.LeftAdjust | FormatFlag.CenterAdjust)) === 0 && fill === '0') {
    width = Math.max(width, precision);
    precision = 0;
  }
  let prefix = '';
  if (int >= 0) {
    if ((flags & FormatFlag.ShowSign) !== 0) prefix = '+';
    else if ((flags & FormatFlag.SpaceSign) !== 0) prefix = ' ';
  }
  if ((flags & FormatFlag.ShowPrefix) !== 0) prefix += basePrefix(base, upperCase, (flags & FormatFlag.ShowOctalLetter) !== 0);
  const sign = int < 0 ? '-' : '';
  const magnitude = int < 0 ? -int : int;
  const digits = groupedDigits(magnitude, base, upperCase, separator);
  if (precision > 1) {
    // The number is filled up with zeros to the precision, and that is placed in the width.
    const zeros = padded(digits, { flags: 0, separator, fill: '0', width: precision, precision: 0 });
    const filled = sign + prefix + zeros;
    const room = width - (sign.length + prefix.length + Math.max(digits.length, precision));
    if (room <= 0) return filled;
    return (flags & FormatFlag.LeftAdjust) !== 0 ? filled + ' '.repeat(room) : ' '.repeat(room) + filled;
  }
  if ((flags & FormatFlag.PadAfterSign) === 0) return padded(sign + prefix + digits, { flags, separator, fill, width, precision });
  const before = sign + prefix;
  return before + padded(digits, { flags, separator, fill, width: width - before.length, precision });
}

function basePrefix(base: number, upperCase: boolean, octalLetter: boolean): string {
  const letter = base === 2 ? 'b' : base === 16 ? 'x' : base === 8 && octalLetter ? 'o' : '';
  return base === 10 ? '' : `0${upperCase ? letter.toUpperCase() : letter}`;
}

/** A float in one of the formats e, E, f, F, g, G. */
export function formattedFloat(value: number, format: FloatLetter, spec: FormatSpec): string {
  const { flags } = spec;
  const sign = (flags & FormatFlag.ShowSign) !== 0 ? '+' : (flags & FormatFlag.SpaceSign) !== 0 ? ' ' : '';
  const precision = spec.precision === REPR_PRECISION ? 'repr' : spec.precision;
  let text = formatFloat(value, { format, precision, sign, ...vm.floats });
  if ((flags & FormatFlag.AlwaysDecimal) !== 0 && !/[.en]/.test(text)) text += '.0';
  if ((flags & FormatFlag.AddPercent) !== 0) text += '%';
  if ((flags & FormatFlag.PadAfterSign) !== 0 && text[0] < '0') return text[0] + padded(text.slice(1), { ...spec, width: spec.width - 1 });
  return padded(text, spec);
}

export function printFloat(out: Printer, value: number, format: FloatLetter, spec: FormatSpec): void {
  out.write(formattedFloat(value, format, spec));
}
