/**
 * Names: one segment of a path in the two forms a directory holds, the long name and the 8.3 name.
 *
 * Source: FAT specification 1.03, "Long Directory Entries"; the numbered names, the case bits and what counts as an illegal
 * character are FatFs's (observed on the official Unix port).
 */
import { toCapitalByte, toCodePage, toUnicode } from './code-page.ts';
import { CASE_BODY, CASE_EXTENSION, DELETED, DELETED_ESCAPE } from './layout.ts';

/** The 8.3 name cannot stand for the long name. */
export const NAME_LOSSY = 0x01;
/** The name needs long entries. */
export const NAME_LONG = 0x02;
/** Last segment of the path. */
export const NAME_LAST = 0x04;
/** "." or "..". */
export const NAME_DOT = 0x20;
/** Compare 8.3 names only. */
export const NAME_SHORT_ONLY = 0x40;
/** No segment at all: the directory itself. */
export const NAME_NONE = 0x80;

export const SHORT_NAME_LENGTH = 11;
export const MAX_LONG_NAME = 255;

const SPACE = 0x20;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;

const ILLEGAL = new Set([...'"*:<>?|\x7f'].map(c => c.charCodeAt(0)));
const ILLEGAL_IN_SHORT = new Set([...'+,;=[]'].map(c => c.charCodeAt(0)));

export interface SegmentName {
  /** 8.3 name as in a directory entry: 11 bytes, padded with spaces. */
  short: Uint8Array;
  /** `NAME_…` bits, and the case bits of an entry. */
  flags: number;
}

/** Where reading a path has arrived. */
export interface PathCursor {
  bytes: Uint8Array;
  at: number;
  encoding: 'cp437' | 'utf8';
}

export function isSeparator(byte: number): boolean {
  return byte === SLASH || byte === BACKSLASH;
}

/** The next UTF-16 units of the path: one, two in one number (high surrogate above), 0 at the end, or -1 for bad coding. */
function nextUnit(path: PathCursor): number {
  if (path.at >= path.bytes.length) return 0;
  const byte = path.bytes[path.at++];
  if (byte < 0x80) return byte;
  if (path.encoding === 'cp437') return toUnicode(byte);
  const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
  let code = byte & (0x3f >> more);
  for (let i = 0; i < more; i++) {
    const next = path.at < path.bytes.length ? path.bytes[path.at++] : 0;
    if ((next & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (next & 0x3f);
  }
  if (code < 0x80 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return -1;
  return code < 0x10000 ? code : ((0xd800 + ((code - 0x10000) >> 10)) << 16) | (0xdc00 + (code & 0x3ff));
}

/**
 * Takes the next segment off the path: its long form goes to `long` (ended by 0), its short form to `name`. A control
 * character ends the path. Trailing spaces and dots do not count.
 * @returns false if it is no valid name
 */
export function parseSegment(path: PathCursor, long: Uint16Array, name: SegmentName): boolean {
  let length = 0;
  let unit: number;
  for (;;) {
    unit = nextUnit(path);
    if (unit === -1) return false;
    if (unit > 0xffff || unit < 0) {
      if (length + 1 >= MAX_LONG_NAME) return false;
      long[length++] = unit >>> 16;
      unit &= 0xffff;
    } else if (unit < SPACE || isSeparator(unit)) break;
    if (ILLEGAL.has(unit) || length >= MAX_LONG_NAME) return false;
    long[length++] = unit;
  }
  if (isSeparator(unit)) while (path.at < path.bytes.length && isSeparator(path.bytes[path.at])) path.at++;
  const last = unit < SPACE ? NAME_LAST : 0;

  if ((length === 1 && long[0] === DOT) || (length === 2 && long[0] === DOT && long[1] === DOT)) {
    long[length] = 0;
    name.short.fill(SPACE).fill(DOT, 0, length);
    name.flags = last | NAME_DOT;
    return true;
  }
  while (length > 0 && (long[length - 1] === SPACE || long[length - 1] === DOT)) length--;
  long[length] = 0;
  if (length === 0) return false;
  name.flags = last | makeShortName(long, length, name.short);
  return true;
}

/** Fills in the 8.3 name. @returns `NAME_LOSSY`, `NAME_LONG` and case bits */
function makeShortName(long: Uint16Array, length: number, short: Uint8Array): number {
  let flags = 0;
  let at = 0;
  while (long[at] === SPACE) at++;
  if (at > 0 || long[at] === DOT) flags |= NAME_LOSSY | NAME_LONG;
  let extension = length;
  while (extension > 0 && long[extension - 1] !== DOT) extension--;

  short.fill(SPACE);
  // Small and capital letters seen, in the body and in the extension.
  const small = [false, false];
  const capital = [false, false];
  let inExtension = 0;
  let filled = 0;
  let end = 8;
  for (;;) {
    const unit = long[at++];
    if (unit === 0) break;
    if (unit === SPACE || (unit === DOT && at !== extension)) {
      flags |= NAME_LOSSY | NAME_LONG;
      continue;
    }
    if (filled >= end || at === extension) {
      if (end === SHORT_NAME_LENGTH) {
        flags |= NAME_LOSSY | NAME_LONG;
        break;
      }
      if (at !== extension) flags |= NAME_LOSSY | NAME_LONG;
      if (at > extension) break;
      at = extension;
      filled = 8;
      end = SHORT_NAME_LENGTH;
      inExtension = 1;
      continue;
    }
    let byte = unit;
    if (unit >= 0x80) {
      flags |= NAME_LONG;
      byte = toCodePage(unit);
      if (byte & 0x80) byte = toCapitalByte(byte);
    }
    if (byte === 0 || ILLEGAL_IN_SHORT.has(byte)) {
      byte = UNDERSCORE;
      flags |= NAME_LOSSY | NAME_LONG;
    } else if (byte >= 0x41 && byte <= 0x5a) {
      capital[inExtension] = true;
    } else if (byte >= 0x61 && byte <= 0x7a) {
      small[inExtension] = true;
      byte -= 0x20;
    }
    short[filled++] = byte;
  }
  if (short[0] === DELETED) short[0] = DELETED_ESCAPE;

  if ((small[0] && capital[0]) || (small[1] && capital[1])) flags |= NAME_LONG;
  if (!(flags & NAME_LONG)) {
    if (small[1]) flags |= CASE_EXTENSION;
    if (small[0]) flags |= CASE_BODY;
  }
  return flags;
}

/**
 * An 8.3 name with a number, for a long name that has none of its own: "LONGFI~1.TXT". From the sixth on the number is a
 * hash of the long name, so that a hundred alike names do not need a hundred searches.
 */
export function numberedShortName(short: Uint8Array, source: Uint8Array, long: Uint16Array, sequence: number): void {
  short.set(source);
  let number = sequence;
  if (sequence > 5) {
    for (let i = 0; long[i] !== 0; i++) {
      for (let bit = 0; bit < 16; bit++) {
        number = (number << 1) + ((long[i] >> bit) & 1);
        if (number & 0x10000) number ^= 0x11021;
      }
    }
  }
  const suffix = `~${(number >>> 0).toString(16).toUpperCase()}`.slice(-8);
  let at = 0;
  while (at < 8 - suffix.length && short[at] !== SPACE) at++;
  for (let i = 0; at < 8; i++, at++) short[at] = i < suffix.length ? suffix.charCodeAt(i) : SPACE;
}

/** Ties long entries to their short one. */
export function shortNameChecksum(bytes: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < SHORT_NAME_LENGTH; i++) sum = ((sum >> 1) + (sum << 7) + bytes[at + i]) & 0xff;
  return sum;
}
