/** `format % values` (py/objstr.c). Works on byte text: widths and precisions count bytes. */
import { printValue } from '../vm/printing.ts';
import { raiseKeyError, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { PrintKind, StringPrinter } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { byteTextOfBytes, byteTextOfStr, strOfByteText } from './byte-text.ts';
import { MpBytes } from './bytes.ts';
import type { MpDict } from './dict.ts';
import { MpFloat, toFloat } from './float.ts';
import type { FormatSpec } from './format.ts';
import { FormatFlag, formattedFloat, formattedInt, padded } from './format.ts';
import { intFromFloat, toCInt } from './int.ts';
import { internStr, requireRoom } from './new-str.ts';
import { textLike, textOf } from './text-object.ts';

/** The values, and how many were used. */
class Values {
  used = 0;
  constructor(
    readonly items: readonly Value[],
    readonly dict: MpDict | undefined,
  ) {}
  next(): Value {
    if (this.used >= this.items.length) raiseTypeError('format string needs more arguments');
    return this.items[this.used++];
  }
}

function raiseFormatError(message: string): never {
  raiseValueError(vm.terse ? 'bad format string' : message);
}

/** Formats `values`; with `dict`, `%(key)s` looks a value up there. */
export function formatPercent(pattern: string | MpBytes, values: readonly Value[], dict: MpDict | undefined): Value {
  const text = textOf(pattern);
  const { length } = text;
  const source = new Values(values, dict);
  let out = '';
  let at = 0;
  for (;;) {
    const percent = text.indexOf('%', at);
    if (percent < 0) break;
    out += text.slice(at, percent);
    at = percent + 1;
    if (at >= length) raiseFormatError('incomplete format');
    if (text[at] === '%') {
      out += '%';
      at++;
      continue;
    }
    const field = parseField(text, at, source);
    ({ at } = field);
    out += formatValue(pattern, field, text[at], at);
    at++;
    if (out.length > 1024) requireRoom(out.length);
  }
  out += text.slice(at);
  if (dict === undefined && source.used !== values.length) raiseTypeError("format string didn't convert all arguments");
  return textLike(pattern, out);
}

interface Field {
  /** Where the conversion's letter stands. */
  at: number;
  value: Value;
  spec: FormatSpec;
  alternate: boolean;
}

function parseField(text: string, start: number, source: Values): Field {
  let at = start;
  let value: Value | undefined;
  if (text[at] === '(') {
    if (source.dict === undefined) raiseTypeError('format needs a dict');
    source.used = 1;
    const end = text.indexOf(')', at + 1);
    if (end < 0) raiseFormatError('incomplete format key');
    const key = internStr(strOfByteText(text.slice(at + 1, end)));
    value = source.dict.map.get(key);
    if (value === undefined) raiseKeyError(key);
    at = end + 1;
  }
  const spec: FormatSpec = { flags: 0, separator: '', fill: ' ', width: 0, precision: -1 };
  let alternate = false;
  for (; ; at++) {
    if (text[at] === '-') spec.flags |= FormatFlag.LeftAdjust;
    else if (text[at] === '+') spec.flags |= FormatFlag.ShowSign;
    else if (text[at] === ' ') spec.flags |= FormatFlag.SpaceSign;
    else if (text[at] === '#') alternate = true;
    else if (text[at] === '0') {
      spec.flags |= FormatFlag.PadAfterSign;
      spec.fill = '0';
    } else break;
  }
  const number = (whenNone: number): number => {
    if (text[at] === '*') {
      at++;
      return toCInt(source.next());
    }
    const from = at;
    while (text[at] >= '0' && text[at] <= '9') at++;
    return at === from ? whenNone : Math.min(Number(text.slice(from, at)), 0x7fffffff);
  };
  spec.width = number(0);
  if (text[at] === '.') {
    at++;
    spec.precision = at < text.length ? number(0) : -1;
  }
  if (at >= text.length) raiseFormatError('incomplete format');
  return { at, value: value === undefined ? source.next() : value, spec, alternate };
}

function formatValue(pattern: string | MpBytes, { value, spec, alternate }: Field, letter: string, index: number): string {
  switch (letter) {
    case 'c':
      return padded(character(value), { ...spec, fill: ' ' });
    case 'd':
    case 'i':
    case 'u':
      return formattedInt(value instanceof MpFloat ? intFromFloat(value.value) : value, 10, false, spec);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return formattedFloat(toFloat(value), letter, spec);
    case 'o':
      if (alternate) spec.flags |= FormatFlag.ShowPrefix | FormatFlag.ShowOctalLetter;
      return formattedInt(value, 8, false, spec);
    case 'x':
    case 'X':
      if (alternate) spec.flags |= FormatFlag.ShowPrefix;
      return formattedInt(value, 16, letter === 'X', spec);
    case 'r':
    case 's': {
      const text = printed(pattern, value, letter);
      const { precision } = spec;
      return padded(precision >= 0 ? text.slice(0, precision) : text, { ...spec, fill: ' ' });
    }
    default:
      raiseFormatError(
        `unsupported format character '${strOfByteText(letter)}' (0x${letter.charCodeAt(0).toString(16)}) at index ${index}`,
      );
  }
}

function character(value: Value): string {
  if (typeof value === 'string') {
    const text = byteTextOfStr(value);
    if (text.length !== 1) raiseTypeError('%c needs int or char');
    return text;
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String.fromCharCode(toCInt(value) & 0xff);
  raiseTypeError('integer needed');
}

/** A value as %s or %r shows it; in a bytes pattern %s shows bytes as they are. */
function printed(pattern: string | MpBytes, value: Value, letter: string): string {
  if (letter === 's' && value instanceof MpBytes && pattern instanceof MpBytes) return byteTextOfBytes(value.data);
  if (letter === 's' && typeof value === 'string') return byteTextOfStr(value);
  const out = new StringPrinter();
  printValue(out, value, letter === 'r' ? PrintKind.Repr : PrintKind.Str);
  return byteTextOfStr(out.text);
}
