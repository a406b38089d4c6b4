/**
 * str.format (py/objstr.c): `{name!conversion:specification}`. Works on byte text, so that widths, precisions and fills count bytes as the
 * reference does. The specification is `[[fill]align][sign][#][0][width][,|_][.precision][type]` and may hold fields of its own.
 */

import { printValue } from '../vm/printing.ts';
import { deeper, raiseIndexError, raiseKeyError, raiseNotImplemented, raiseValueError } from '../vm/raise.ts';
import { typeName } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { PrintKind, StringPrinter } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { strOfByteText } from './byte-text.ts';
import { MpFloat, toFloat } from './float.ts';
import type { FormatSpec } from './format.ts';
import { FormatFlag, formattedFloat, formattedInt, padded } from './format.ts';
import { toCInt } from './int.ts';
import { internStr, newStr, requireRoom } from './new-str.ts';
import { textData } from './text-data.ts';
import type { TextObject } from './text-object.ts';
import { textLike, textOf } from './text-object.ts';

/** In a build with terse messages all faults of a format string are one. */
function raiseFormatError(message: string): never {
  raiseValueError(vm.terse ? 'bad format string' : message);
}

/** Which arguments the fields take: numbered by themselves, or by the fields. */
interface Fields {
  readonly args: readonly Value[];
  readonly kw: KwArgs;
  /** Next argument for a field without a number; -1 once a field had one. */
  next: number;
}

/** `s.format(*args, **kw)`; `args[0]` is the format string. */
export function formatBraces(args: readonly Value[], kw: KwArgs): Value {
  const self = args[0] as TextObject;
  return textLike(self, format(textOf(self), { args, kw, next: 0 }));
}

function format(text: string, fields: Fields): string {
  let out = '';
  let at = 0;
  const { length } = text;
  while (at < length) {
    const plain = at;
    while (at < length && text[at] !== '{' && text[at] !== '}') at++;
    out += text.slice(plain, at);
    if (at >= length) break;
    const brace = text[at++];
    if (text[at] === brace) {
      out += brace;
      at++;
      continue;
    }
    if (brace === '}') raiseFormatError("single '}' encountered in format string");
    const nameStart = at;
    while (at < length && text[at] !== '}' && text[at] !== '!' && text[at] !== ':') at++;
    const name = text.slice(nameStart, at);
    let conversion = '';
    if (text[at] === '!') {
      conversion = text[++at];
      if (conversion !== 'r' && conversion !== 's') raiseConversion(conversion);
      at++;
    }
    let specification: string | undefined;
    if (text[at] === ':') {
      at++;
      // "{:}" is the same as "{}".
      if (text[at] !== '}') {
        const start = at;
        for (let nest = 1; at < length; at++) {
          if (text[at] === '{') nest++;
          else if (text[at] === '}' && --nest === 0) break;
        }
        specification = text.slice(start, at);
      }
    }
    if (at >= length) raiseFormatError("unmatched '{' in format");
    if (text[at] !== '}') raiseFormatError("expected ':' after format specifier");
    at++;
    out += formatField(fieldValue(name, fields), conversion, specification, fields);
    if (out.length > 1024) requireRoom(out.length);
  }
  return out;
}

function raiseConversion(conversion: string | undefined): never {
  if (!vm.detailed) raiseFormatError('bad conversion specifier');
  if (conversion === undefined) raiseValueError('end of format while looking for conversion specifier');
  raiseValueError(`unknown conversion specifier ${strOfByteText(conversion)}`);
}

/** The argument that a field names. */
function fieldValue(name: string, fields: Fields): Value {
  const { args, kw } = fields;
  if (name === '') {
    if (fields.next < 0) raiseFormatError("can't switch from manual field specification to automatic field numbering");
    if (fields.next >= args.length - 1) raiseIndexError('tuple index out of range');
    return args[++fields.next];
  }
  let value: Value | undefined;
  let rest: string;
  if (name[0] >= '0' && name[0] <= '9') {
    if (fields.next > 0) raiseFormatError("can't switch from automatic field numbering to manual field specification");
    const [digits] = /^[0-9]+/.exec(name)!;
    const index = Number(digits);
    if (index >= args.length - 1) raiseIndexError('tuple index out of range');
    value = args[index + 1];
    fields.next = -1;
    rest = name.slice(digits.length);
  } else {
    const end = name.search(/[.[]/);
    const key = internStr(strOfByteText(end < 0 ? name : name.slice(0, end)));
    for (let i = 0; kw !== null && i < kw.length; i += 2) if (kw[i] === key) value = kw[i + 1];
    if (value === undefined) raiseKeyError(key);
    rest = end < 0 ? '' : name.slice(end);
  }
  if (rest !== '') raiseNotImplemented('attributes not supported');
  return value;
}

const isAlignment = (char: string | undefined): boolean => char !== undefined && char !== '' && '<>=^'.includes(char);
const looksInteger = (value: Value): boolean => typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
const looksNumeric = (value: Value): boolean => looksInteger(value) || value instanceof MpFloat;

function formatField(value: Value, conversion: string, specification: string | undefined, fields: Fields): string {
  let arg = value;
  if (conversion !== '' || specification === undefined) {
    const out = new StringPrinter();
    printValue(out, value, conversion === 'r' ? PrintKind.Repr : PrintKind.Str);
    arg = newStr(out.text);
  }
  if (specification === undefined) return textData(arg);
  const { spec, type } = deeper(() => parseSpecification(format(specification, fields), arg));
  if (looksInteger(arg)) {
    // An integer has no precision; a float made of one has.
    const { precision } = spec;
    spec.precision = 0;
    switch (type) {
      case 'b':
        return formattedInt(arg, 2, false, spec);
      case 'c':
        return padded(String.fromCharCode(toCInt(arg) & 0xff), spec);
      case '':
      case 'n':
      case 'd':
        return formattedInt(arg, 10, false, spec);
      case 'o':
        if ((spec.flags & FormatFlag.ShowPrefix) !== 0) spec.flags |= FormatFlag.ShowOctalLetter;
        return formattedInt(arg, 8, false, spec);
      case 'x':
      case 'X':
        return formattedInt(arg, 16, type === 'X', spec);
      case 's':
        raiseUnknownCode(type, arg);
    }
    spec.precision = precision;
  }
  if (looksNumeric(arg)) return formatAsFloat(arg, type, spec);
  if ((spec.flags & FormatFlag.PadAfterSign) !== 0) raiseFormatError("'=' alignment not allowed in string format specifier");
  if (type !== '' && type !== 's') raiseUnknownCode(type, arg);
  const text = textData(arg);
  return padded(spec.precision >= 0 ? text.slice(0, spec.precision) : text, spec);
}

function formatAsFloat(arg: Value, type: string, spec: FormatSpec): string {
  switch (type) {
    case '':
    case 'n':
      return formattedFloat(toFloat(arg), 'g', spec);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return formattedFloat(toFloat(arg), type, spec);
    case '%': {
      spec.flags |= FormatFlag.AddPercent;
      const percent = toFloat(arg) * 100;
      return formattedFloat(vm.float32 ? Math.fround(percent) : percent, 'f', spec);
    }
    default:
      raiseUnknownCode(type, arg);
  }
}

function raiseUnknownCode(type: string, arg: Value): never {
  raiseFormatError(`unknown format code '${type}' for object of type '${typeName(arg)}'`);
}

function parseSpecification(text: string, arg: Value): { spec: FormatSpec; type: string } {
  let at = 0;
  let fill = '';
  let align = '';
  let flags = 0;
  if (isAlignment(text[0])) align = text[at++];
  else if (text.length > 1 && isAlignment(text[1])) {
    fill = text[at++];
    align = text[at++];
  }
  if (text[at] === '+' || text[at] === '-' || text[at] === ' ') {
    if (text[at] === '+') flags |= FormatFlag.ShowSign;
    else if (text[at] === ' ') flags |= FormatFlag.SpaceSign;
    at++;
  }
  if (text[at] === '#') {
    flags |= FormatFlag.ShowPrefix;
    at++;
  }
  if (text[at] === '0') {
    if (align === '' && looksNumeric(arg)) align = '=';
    if (fill === '') fill = '0';
  }
  const number = (): number => {
    const start = at;
    while (text[at] >= '0' && text[at] <= '9') at++;
    return at === start ? -1 : Math.min(Number(text.slice(start, at)), 0x7fffffff);
  };
  const width = number();
  let separator = '';
  if (text[at] === ',' || text[at] === '_') separator = text[at++];
  let precision = -1;
  if (text[at] === '.') {
    at++;
    precision = number();
  }
  let type = '';
  if (at < text.length && 'bcdeEfFgGnosxX%'.includes(text[at])) type = text[at++];
  if (at < text.length && text[at] !== '\0') raiseFormatError('invalid format specifier');
  if (align === '') align = looksNumeric(arg) ? '>' : '<';
  if ((flags & (FormatFlag.ShowSign | FormatFlag.SpaceSign)) !== 0) {
    if (type === 's') raiseFormatError('sign not allowed in string format specifier');
    if (type === 'c') raiseFormatError("sign not allowed with integer format specifier 'c'");
  }
  if (align === '<') flags |= FormatFlag.LeftAdjust;
  else if (align === '=') flags |= FormatFlag.PadAfterSign;
  else if (align === '^') flags |= FormatFlag.CenterAdjust;
  return { spec: { flags, separator, fill: fill === '' || fill === '\0' ? ' ' : fill, width, precision }, type };
}
