/** str (py/objstr.c, py/objstrunicode.c): a JavaScript string, which the guest counts in characters. */

import { Cycles } from '../vm/cost.ts';
import { internCharacter } from '../vm/interning.ts';
import { toIntMaybe } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raise, raiseIndexError, raiseNotImplemented, raiseTypeError } from '../vm/raise.ts';
import { work } from '../vm/service.ts';
import type { BufferView } from '../vm/type.ts';
import { BufferFlag, MpType, primitiveTypes, typeName } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, PrintKind, plainOp, StringPrinter, UnaryOp } from '../vm/value.ts';
import { bufferMaybe, bufferOf } from './buffer.ts';
import { byteTextOfBytes } from './byte-text.ts';
import { emptyBytes, MpBytes } from './bytes.ts';
import { dictType, MpDict } from './dict.ts';
import { excTypes } from './exception.ts';
import { checkArgCount, raiseUnimplementedKeywords } from './function.ts';
import { allocStr, newSharedStr, newStr } from './new-str.ts';
import { MpPolymorphIterator } from './polymorph-iterator.ts';
import { findText, sameText } from './search-text.ts';
import { MpSlice } from './slice.ts';
import { strMethods } from './str-methods.ts';
import { formatPercent } from './str-percent.ts';
import { printJsonText, quotedStr } from './str-repr.ts';
import { characterCount, offsetOfCharacter, rememberWidth, StrWidth, utf8Length, widthOf } from './str-width.ts';
import { raiseImplicitConversion } from './text-data.ts';
import { MpTuple } from './tuple.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export const strType = new MpType('str', {
  makeNew: (_type: MpType, args: readonly Value[], kw: KwArgs) => makeStr(args, kw),
  print(out: Printer, self: string, kind: PrintKind) {
    if (kind === PrintKind.Json) printJsonText(out, self);
    else out.write(kind === PrintKind.Str ? self : quotedStr(self));
  },
  unaryOp(op: UnaryOp, self: string) {
    if (op === UnaryOp.Len) return characterCount(self);
    return op === UnaryOp.Bool ? self.length !== 0 : undefined;
  },
  binaryOp: strBinaryOp,
  getItem: strGetItem,
  iter: (self: string) => new StrIterator(self),
  buffer: (self: string, flags: BufferFlag): BufferView | undefined =>
    flags === BufferFlag.Read ? { bytes: encodeUtf8(self), typecode: 'B' } : undefined,
  locals: () => strMethods(),
});
primitiveTypes.str = strType;

/** str(…), and bytes.decode(…) with the bytes first. Raises UnicodeError for bytes that are no UTF-8. */
export function makeStr(args: readonly Value[], kw: KwArgs): Value {
  if (kw !== null && kw.length > 0) raiseUnimplementedKeywords();
  checkArgCount(args.length, kw, 0, 3, false);
  if (args.length === 0) return '';
  const [value] = args;
  if (args.length === 1) {
    const out = new StringPrinter();
    printValue(out, value, PrintKind.Str);
    return newStr(out.text);
  }
  if (value instanceof MpBytes) return newSharedStr(strFromUtf8(value.data));
  return newStr(strFromUtf8(bufferOf(value, BufferFlag.Read).bytes));
}

/** The str that the bytes are. Raises UnicodeError when they are no UTF-8. Takes no heap. */
export function strFromUtf8(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) raise(excTypes.UnicodeError);
  return text;
}

/** The slot of str and of bytes: with a str only a str goes, with bytes anything that has bytes. */
export function strBinaryOp(op: BinaryOp, lhs: string | MpBytes, rhs: Value): Value | undefined {
  if (typeof lhs === 'string' && typeof rhs === 'string') {
    const result = twoStrings(op, lhs, rhs);
    if (result !== undefined) return result;
  }
  if (op === BinaryOp.Modulo) {
    if (rhs instanceof MpTuple) return formatPercent(lhs, rhs.items, undefined);
    return formatPercent(lhs, [rhs], rhs instanceof MpDict && rhs.type === dictType ? rhs : undefined);
  }
  if (op === BinaryOp.Multiply) {
    const times = toIntMaybe(rhs);
    return times === undefined ? undefined : repeated(lhs, times);
  }
  if (typeof lhs === 'string') {
    if (op === BinaryOp.Contains && typeof rhs !== 'string') raiseImplicitConversion(rhs);
    return undefined;
  }
  const other = rhs instanceof MpBytes ? rhs.data : bufferMaybe(rhs, BufferFlag.Read)?.bytes;
  return other === undefined ? undefined : twoByteSequences(op, lhs, rhs, other);
}

function twoStrings(op: BinaryOp, lhs: string, rhs: string): Value | undefined {
  switch (op) {
    case BinaryOp.Add:
    case BinaryOp.InplaceAdd:
      return concatenated(lhs, rhs);
    case BinaryOp.Contains:
      return findText(lhs, rhs) >= 0;
    case BinaryOp.Equal:
      return sameText(lhs, rhs);
    case BinaryOp.Less:
      return compareStrings(lhs, rhs) < 0;
    case BinaryOp.LessEqual:
      return compareStrings(lhs, rhs) <= 0;
    case BinaryOp.More:
      return compareStrings(lhs, rhs) > 0;
    case BinaryOp.MoreEqual:
      return compareStrings(lhs, rhs) >= 0;
    default:
      return undefined;
  }
}

export function concatenated(lhs: string, rhs: string): string {
  if (lhs.length === 0) return rhs;
  if (rhs.length === 0) return lhs;
  if (lhs.length + rhs.length < 48) return newStr(lhs + rhs);
  // The sum's width follows from the parts', so that a string that grows is not looked through again and again.
  const width = Math.max(widthOf(lhs), widthOf(rhs));
  if (width === StrWidth.Ascii) {
    allocStr(lhs.length + rhs.length);
    const sum = lhs + rhs;
    rememberWidth(sum, width);
    return sum;
  }
  return newStr(lhs + rhs);
}

/** By code points, which is the order of the UTF-8 bytes. */
function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  work(Cycles.byte * n);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = x >= 0xd800 && x < 0xe000 ? 1 : 0;
    if (surrogates === (y >= 0xd800 && y < 0xe000 ? 1 : 0)) return x - y;
    // A surrogate is part of a character above all others that have no surrogates.
    return surrogates === 1 ? 1 : -1;
  }
  return a.length - b.length;
}

function twoByteSequences(op: BinaryOp, lhs: MpBytes, rhs: Value, other: Uint8Array): Value | undefined {
  const { data } = lhs;
  switch (op) {
    case BinaryOp.Add:
    case BinaryOp.InplaceAdd: {
      if (data.length === 0 && rhs instanceof MpBytes) return rhs;
      if (other.length === 0) return lhs;
      allocStr(data.length + other.length);
      const sum = new Uint8Array(data.length + other.length);
      sum.set(data);
      sum.set(other, data.length);
      return new MpBytes(sum);
    }
    case BinaryOp.Contains:
      return findBytes(data, other) >= 0;
    default:
      return compareByteSequences(op, data, other);
  }
}

/** The comparison of two byte sequences; undefined when `op` is none. Not for `!=`. */
export function compareByteSequences(op: BinaryOp, a: Uint8Array, b: Uint8Array): boolean | undefined {
  if (plainOp(op) > BinaryOp.MoreEqual) return undefined;
  if (op === BinaryOp.Equal && a.length !== b.length) return false;
  const n = Math.min(a.length, b.length);
  let i = 0;
  while (i < n && a[i] === b[i]) i++;
  const order = i < n ? a[i] - b[i] : a.length - b.length;
  switch (op) {
    case BinaryOp.Equal:
      return order === 0;
    case BinaryOp.Less:
      return order < 0;
    case BinaryOp.LessEqual:
      return order <= 0;
    case BinaryOp.More:
      return order > 0;
    case BinaryOp.MoreEqual:
      return order >= 0;
    default:
      return undefined;
  }
}

/** Where `needle` first stands in `bytes`, or -1. */
export function findBytes(bytes: Uint8Array, needle: Uint8Array): number {
  const { length } = needle;
  if (length === 0) return 0;
  if (length * bytes.length > 1 << 20) return findText(byteTextOfBytes(bytes), byteTextOfBytes(needle));
  const last = bytes.length - length;
  for (let at = bytes.indexOf(needle[0]); at >= 0 && at <= last; at = bytes.indexOf(needle[0], at + 1)) {
    let i = 1;
    while (i < length && bytes[at + i] === needle[i]) i++;
    if (i === length) return at;
  }
  return -1;
}

function repeated(value: string | MpBytes, times: number): Value {
  if (typeof value === 'string') {
    if (times <= 0 || value.length === 0) return '';
    if (value.length * times < 48) return newStr(value.repeat(times));
    allocStr(utf8Length(value) * times);
    return value.repeat(times);
  }
  if (times <= 0) return emptyBytes;
  const { data } = value;
  allocStr(data.length * times);
  const out = new Uint8Array(data.length * times);
  for (let i = 0; i < times; i++) out.set(data, i * data.length);
  return new MpBytes(out);
}

function strGetItem(self: string, index: Value): Value {
  if (index instanceof MpSlice) return slice(self, index);
  const at = typeof index === 'number' && index === (index | 0) ? index : characterIndex(index);
  if (widthOf(self) !== StrWidth.Astral) {
    const i = at < 0 ? at + self.length : at;
    if (i < 0 || i >= self.length) raiseIndexError('string index out of range');
    return internCharacter(self[i]);
  }
  const i = at < 0 ? at + characterCount(self) : at;
  const offset = i < 0 ? self.length : offsetOfCharacter(self, i);
  if (offset >= self.length) raiseIndexError('string index out of range');
  return internCharacter(String.fromCodePoint(self.codePointAt(offset)!));
}

function characterIndex(index: Value): number {
  const at = toIntMaybe(index);
  if (at === undefined) raiseTypeError(`string indices must be integers, not ${typeName(index)}`);
  return at;
}

/** UTF-16 offset of a slice's bound, moved to the nearest end when it is outside. */
export function characterOffset(text: string, index: Value): number {
  const at = characterIndex(index);
  if (at >= 0) return offsetOfCharacter(text, at);
  const length = characterCount(text);
  return at + length <= 0 ? 0 : offsetOfCharacter(text, at + length);
}

function slice(text: string, { start, stop, step }: MpSlice): string {
  if (step !== null && step !== 1) raiseNotImplemented('only slices with step=1 (aka None) are supported');
  const from = start === null ? 0 : characterOffset(text, start);
  const to = stop === null ? text.length : characterOffset(text, stop);
  return to <= from ? '' : newStr(text.slice(from, to));
}

class StrIterator extends MpPolymorphIterator {
  private at = 0;
  constructor(readonly text: string) {
    super();
  }
  advance(): Value | undefined {
    const { text, at } = this;
    if (at >= text.length) return undefined;
    const unit = text.charCodeAt(at);
    // Most characters are one UTF-16 unit.
    const character = (unit & 0xfc00) === 0xd800 ? String.fromCodePoint(text.codePointAt(at)!) : text[at];
    this.at += character.length;
    return internCharacter(character);
  }
}
