/** The methods of str, which bytes and bytearray share (py/objstr.c). They work on byte text: see byte-text.ts. */

import { listFrom } from '../vm/iteration.ts';
import { toInt } from '../vm/operators.ts';
import { raiseNotImplemented, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import type { Locals } from '../vm/type.ts';
import { typeOf } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bytearrayType, MpArray } from './array.ts';
import { strOfByteText } from './byte-text.ts';
import { MpBytes, makeBytes } from './bytes.ts';
import { bytesFromHex, bytesHex } from './bytes-hex.ts';
import { fun1, fun2, funKw, funVar, parseArgs } from './function.ts';
import { listAppend, MpList, newList } from './list.ts';
import { newStr, raiseNegativeSize, requireRoom } from './new-str.ts';
import { findText, findTextBack } from './search-text.ts';
import { clampedIndex } from './sequence.ts';
import { classmethodType, MpStaticOrClassMethod } from './static-class-method.ts';
import { characterOffset, makeStr } from './str.ts';
import { formatBraces } from './str-format.ts';
import { characterCount, isAscii, StrWidth, utf8Length, widthOf } from './str-width.ts';
import { textData } from './text-data.ts';
import type { TextObject } from './text-object.ts';
import { checkedTextLike, emptyLike, matchingText, textLike, textOf } from './text-object.ts';
import { MpTuple, newTuple } from './tuple.ts';

type Args = readonly Value[];

/** In the reference's order. */
const shared = (): [string, Value][] => [
  ['find', funVar(2, 4, args => find(args, 1))],
  ['rfind', funVar(2, 4, args => find(args, -1))],
  ['index', funVar(2, 4, args => foundOrRaise(find(args, 1)))],
  ['rindex', funVar(2, 4, args => foundOrRaise(find(args, -1)))],
  ['join', fun2((self, items) => join(self as TextObject, items))],
  ['split', funVar(1, 3, split)],
  ['splitlines', funKw(1, splitLines)],
  ['rsplit', funVar(1, 3, splitFromRight)],
  ['startswith', funVar(2, 4, args => startsOrEndsWith(args, false))],
  ['endswith', funVar(2, 4, args => startsOrEndsWith(args, true))],
  ['strip', funVar(1, 2, args => strip(args, true, true))],
  ['lstrip', funVar(1, 2, args => strip(args, true, false))],
  ['rstrip', funVar(1, 2, args => strip(args, false, true))],
  ['format', funKw(1, formatBraces)],
  ['replace', funVar(3, 4, replace)],
  ['count', funVar(2, 4, count)],
  ['partition', fun2((self, separator) => partition(self as TextObject, separator, 1))],
  ['rpartition', fun2((self, separator) => partition(self as TextObject, separator, -1))],
  ['center', fun2((self, width) => center(self as TextObject, width))],
  ['lower', fun1(self => textLike(self as TextObject, lowerCase(textOf(self as TextObject))))],
  ['upper', fun1(self => textLike(self as TextObject, upperCase(textOf(self as TextObject))))],
  ['isspace', fun1(self => /^[\t-\r ]+$/.test(textOf(self as TextObject)))],
  ['isalpha', fun1(self => /^[A-Za-z]+$/.test(textOf(self as TextObject)))],
  ['isdigit', fun1(self => /^[0-9]+$/.test(textOf(self as TextObject)))],
  ['isupper', fun1(self => isCase(self as TextObject, /[a-z]/))],
  ['islower', fun1(self => isCase(self as TextObject, /[A-Z]/))],
];

export const strMethods = (): Locals => [...shared(), ['encode', funVar(1, 3, args => makeBytes(withEncoding(args), null))]];

export const bytesMethods = (): Locals => [
  ['hex', funVar(1, 2, bytesHex)],
  ['fromhex', new MpStaticOrClassMethod(classmethodType, fun2(bytesFromHex))],
  ['decode', funVar(1, 3, args => makeStr(withEncoding(args), null))],
  ...shared(),
];

const withEncoding = (args: Args): Args => (args.length === 1 ? [args[0], 'utf-8'] : args);

function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, part => part.toLowerCase());
}

function upperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, part => part.toUpperCase());
}

function isCase(self: TextObject, other: RegExp): boolean {
  const text = textOf(self);
  return /[A-Za-z]/.test(text) && !other.test(text);
}

/** Byte offset of a slice's bound, moved to the nearest end when it is outside. */
function byteOffset(self: TextObject, index: Value): number {
  if (typeof self !== 'string') return clampedIndex(typeOf(self).name, self instanceof MpBytes ? self.data.length : self.length, index);
  const offset = characterOffset(self, index);
  return isAscii(self) ? offset : utf8Length(self.slice(0, offset));
}

/** The part of `args[0]` that the optional arguments `args[2]` and `args[3]` select, as byte offsets. */
function selectedPart(args: Args, text: string): { start: number; end: number } {
  const self = args[0] as TextObject;
  const start = args.length > 2 && args[2] !== null ? byteOffset(self, args[2]) : 0;
  const end = args.length > 3 && args[3] !== null ? byteOffset(self, args[3]) : text.length;
  return { start, end };
}

function find(args: Args, direction: 1 | -1): number {
  const self = args[0] as TextObject;
  const [, wanted] = args;
  if (args.length === 2 && typeof self === 'string' && typeof wanted === 'string') {
    const at = direction === 1 ? findText(self, wanted) : findTextBack(self, wanted);
    return at <= 0 || widthOf(self) !== StrWidth.Astral ? at : characterCount(self.slice(0, at));
  }
  const needle = matchingText(self, args[1]);
  const text = textOf(self);
  const { start, end } = selectedPart(args, text);
  if (end < start) return -1;
  const part = start === 0 && end === text.length ? text : text.slice(start, end);
  const at = direction === 1 ? findText(part, needle) : findTextBack(part, needle);
  if (at < 0) return -1;
  const found = start + at;
  return typeof self !== 'string' || isAscii(self) ? found : strOfByteText(text.slice(0, found)).length - pairsBefore(text, found);
}

/** Characters of four bytes in the first `end` bytes: each takes two UTF-16 units. */
function pairsBefore(text: string, end: number): number {
  let pairs = 0;
  for (let i = 0; i < end; i++) if (text.charCodeAt(i) >= 0xf0) pairs++;
  return pairs;
}

function foundOrRaise(at: number): number {
  if (at < 0) raiseValueError('substring not found');
  return at;
}

function join(self: TextObject, arg: Value): Value {
  const { items } = (arg instanceof MpList && typeOf(arg).name === 'list') || arg instanceof MpTuple ? arg : listFrom(arg);
  if (typeof self === 'string' && items.every(isStr)) return joinStrings(self, items as readonly string[]);
  const separator = textOf(self);
  const parts: string[] = [];
  let length = 0;
  for (const item of items) {
    const fits = typeof self === 'string' ? typeof item === 'string' : isBytesLike(item);
    if (!fits) raiseTypeError('join expects a list of str/bytes objects consistent with self object');
    const part = textOf(item as TextObject);
    length += part.length + (parts.length > 0 ? separator.length : 0);
    parts.push(part);
  }
  if (length > 256) requireRoom(length + 1);
  return textLike(self, parts.join(separator));
}

const isStr = (value: Value): value is string => typeof value === 'string';

function joinStrings(separator: string, parts: readonly string[]): string {
  let length = separator.length * Math.max(parts.length - 1, 0);
  for (const part of parts) length += part.length;
  if (length > 256) requireRoom(length + 1);
  return newStr(parts.join(separator));
}

function isBytesLike(value: Value): boolean {
  return value instanceof MpBytes || (value instanceof MpArray && value.type === bytearrayType);
}

const isSpaceAt = (text: string, i: number): boolean => {
  const code = text.charCodeAt(i);
  return code === 32 || (code >= 9 && code <= 13);
};

function split(args: Args): Value {
  const self = args[0] as TextObject;
  const separator = args.length > 1 ? args[1] : null;
  let splits = args.length > 2 ? toInt(args[2]) : -1;
  const result = newList([]);
  if (splits < 0 && typeof self === 'string' && typeof separator === 'string' && separator.length > 0) {
    for (const part of parted(self, separator)) listAppend(result, newStr(part));
    return result;
  }
  const text = textOf(self);
  const { length } = text;
  const append = (from: number, to: number): void => listAppend(result, checkedTextLike(self, text.slice(from, to)));
  if (separator === null) {
    let at = 0;
    while (at < length && isSpaceAt(text, at)) at++;
    while (at < length && splits !== 0) {
      const start = at;
      while (at < length && !isSpaceAt(text, at)) at++;
      append(start, at);
      if (at >= length) return result;
      while (at < length && isSpaceAt(text, at)) at++;
      if (splits > 0) splits--;
    }
    if (at < length) append(at, length);
    return result;
  }
  matchingText(self, separator);
  // A bytearray passes that check, but not this one.
  const mark = textData(separator);
  if (mark.length === 0) raiseValueError('empty separator');
  for (let start = 0; ; ) {
    const at = splits === 0 ? -1 : findText(text, mark, start);
    append(start, at < 0 ? length : at);
    if (at < 0) return result;
    start = at + mark.length;
    if (splits > 0) splits--;
  }
}

/** The parts of `text` between the places of a `mark` that is not empty. */
function parted(text: string, mark: string): string[] {
  const parts: string[] = [];
  for (let start = 0; ; ) {
    const at = findText(text, mark, start);
    parts.push(at < 0 ? text.slice(start) : text.slice(start, at));
    if (at < 0) return parts;
    start = at + mark.length;
  }
}

function splitLines(args: Args, kw: KwArgs): Value {
  const self = args[0] as TextObject;
  const [keepEnds] = parseArgs([{ name: 'keepends', as: 'bool', default: false }], args.slice(1), kw);
  const result = newList([]);
  const text = textOf(self);
  const { length } = text;
  for (let start = 0; start < length; ) {
    let end = start;
    while (end < length && text[end] !== '\n' && text[end] !== '\r') end++;
    const next = end === length ? end : end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    listAppend(result, checkedTextLike(self, text.slice(start, keepEnds ? next : end)));
    start = next;
  }
  return result;
}

function splitFromRight(args: Args): Value {
  if (args.length < 3) return split(args);
  const self = args[0] as TextObject;
  let splits = toInt(args[2]);
  if (splits < 0) return split(args);
  vm.heap.alloc(4 * vm.wordSize);
  vm.heap.alloc(Math.max(4, splits + 1) * vm.wordSize);
  if (args[1] === null) raiseNotImplemented('rsplit(None,n)');
  const mark = textData(args[1]);
  if (mark.length === 0) raiseValueError('empty separator');
  const alloc = Math.max(4, splits + 1);
  const text = textOf(self);
  const parts: Value[] = [];
  let last = text.length;
  for (;;) {
    const at = splits === 0 || last < mark.length ? -1 : findTextBack(text, mark, last - mark.length);
    if (at < 0) break;
    parts.push(checkedTextLike(self, text.slice(at + mark.length, last)));
    last = at;
    splits--;
  }
  parts.push(checkedTextLike(self, text.slice(0, last)));
  const result = new MpList(parts.reverse());
  result.alloc = alloc;
  return result;
}

function startsOrEndsWith(args: Args, atEnd: boolean): boolean {
  const self = args[0] as TextObject;
  const [, part] = args;
  if (args.length === 2 && typeof self === 'string' && typeof part === 'string') return atEnd ? self.endsWith(part) : self.startsWith(part);
  const text = textOf(self);
  // The reference looks at the end first.
  const end = args.length > 3 && args[3] !== null ? byteOffset(self, args[3]) : text.length;
  const start = args.length > 2 && args[2] !== null ? byteOffset(self, args[2]) : 0;
  const length = Math.max(end - start, 0);
  const prefixes = args[1] instanceof MpTuple ? args[1].items : [args[1]];
  for (const prefix of prefixes) {
    const wanted = textData(prefix);
    if (wanted.length <= length && text.startsWith(wanted, atEnd ? start + length - wanted.length : start)) return true;
  }
  return false;
}

function strip(args: Args, left: boolean, right: boolean): Value {
  const self = args[0] as TextObject;
  const chars = args.length > 1 ? matchingText(self, args[1]) : ' \t\n\r\v\f';
  const text = textOf(self);
  let start = 0;
  let end = text.length;
  const stripped = new Set(chars);
  if (left) while (start < end && stripped.has(text[start])) start++;
  if (right) while (end > start && stripped.has(text[end - 1])) end--;
  if (start === end) return emptyLike(self);
  return end - start === text.length ? self : checkedTextLike(self, text.slice(start, end));
}

function center(self: TextObject, widthArg: Value): Value {
  const width = toInt(widthArg);
  const text = textOf(self);
  if (width >= 0 && text.length >= width) return self;
  if (width < 0) raiseNegativeSize(width + 1);
  requireRoom(width + 1);
  const left = (width - text.length) >> 1;
  return textLike(self, ' '.repeat(left) + text + ' '.repeat(width - text.length - left));
}

function replace(args: Args): Value {
  const self = args[0] as TextObject;
  const [, wanted, instead] = args;
  if (args.length === 3 && typeof self === 'string' && typeof wanted === 'string' && typeof instead === 'string' && wanted.length > 0) {
    return replaceAll(self, wanted, instead);
  }
  let most = args.length === 4 ? toInt(args[3]) : -1;
  if (most === 0) return self;
  if (most < 0) most = Number.POSITIVE_INFINITY;
  const old = matchingText(self, args[1]);
  const replacement = matchingText(self, args[2]);
  const text = textOf(self);
  if (old.length > text.length) return self;
  const parts: string[] = [];
  let done = 0;
  let from = 0;
  if (old.length === 0) {
    parts.push('');
    done = 1;
    for (; done < most && from < text.length; done++) parts.push(text[from++]);
  } else {
    for (; done < most; done++) {
      const at = findText(text, old, from);
      if (at < 0) break;
      parts.push(text.slice(from, at));
      from = at + old.length;
    }
  }
  if (done === 0) return self;
  requireRoom(text.length + done * (replacement.length - old.length) + 1);
  parts.push(text.slice(from));
  return textLike(self, parts.join(replacement));
}

function replaceAll(text: string, old: string, replacement: string): string {
  const parts = parted(text, old);
  if (parts.length === 1) return text;
  const length = text.length + (parts.length - 1) * (replacement.length - old.length);
  if (length > 256) requireRoom(length + 1);
  return newStr(parts.join(replacement));
}

function count(args: Args): number {
  const self = args[0] as TextObject;
  const needle = matchingText(self, args[1]);
  const text = textOf(self);
  const { start, end } = selectedPart(args, text);
  const part = text.slice(start, end);
  if (needle.length === 0) return charactersIn(part) + 1;
  let found = 0;
  for (let at = findText(part, needle); at >= 0; at = findText(part, needle, at + needle.length)) found++;
  return found;
}

/** Bytes that are no continuation bytes. */
function charactersIn(text: string): number {
  let characters = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xc0) !== 0x80) characters++;
  return characters;
}

function partition(self: TextObject, arg: Value, direction: 1 | -1): Value {
  const mark = matchingText(self, arg);
  if (mark.length === 0) raiseValueError('empty separator');
  const text = textOf(self);
  // The separator becomes of the same kind as the string, even when it is not found.
  const separator = typeOf(arg) === typeOf(self) ? arg : checkedTextLike(self, mark);
  const at = direction === 1 ? findText(text, mark) : findTextBack(text, mark);
  const empty = emptyLike(self);
  if (at < 0) return newTuple(direction === 1 ? [self, empty, empty] : [empty, empty, self]);
  const before = checkedTextLike(self, text.slice(0, at));
  return newTuple([before, separator, checkedTextLike(self, text.slice(at + mark.length))]);
}
