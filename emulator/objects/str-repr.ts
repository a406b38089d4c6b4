/** Quoting of strings and bytes: repr() and JSON (py/objstr.c, py/objstrunicode.c). */
import type { Printer } from '../vm/value.ts';

const NAMED: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Single quotes, unless the text has some and no double ones. */
const quoteFor = (single: boolean, double: boolean): string => (single && !double ? '"' : "'");

/** A str as repr() shows it: all but printable ASCII is escaped. */
export function quotedStr(text: string): string {
  const quote = quoteFor(text.includes("'"), text.includes('"'));
  const quoteCode = quote.charCodeAt(0);
  let out = quote;
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i)!;
    if (code > 0xffff) i++;
    if (isEscapedByte(code) || isEscapedByte(text.charCodeAt(i + 1))) {
      const malformed = malformedCharacter(text, i, code);
      code = malformed.code;
      i = malformed.end;
    }
    if (code === quoteCode) out += `\\${quote}`;
    else if (code >= 32 && code <= 126 && code !== 92) out += String.fromCharCode(code);
    else if (NAMED[code] !== undefined) out += NAMED[code];
    else if (code < 0x100) out += `\\x${hex(code, 2)}`;
    else if (code < 0x10000) out += `\\u${hex(code, 4)}`;
    else out += `\\U${hex(code, 8)}`;
  }
  return out + quote;
}

const isEscapedByte = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff;

/**
 * What the reference reads where a string holds bytes that are no UTF-8. Continuation bytes belong to whatever is before them: they
 * lengthen a character that is not ASCII, and are passed over after one that is. `at` is the character's last UTF-16 unit.
 */
function malformedCharacter(text: string, at: number, first: number): { code: number; end: number } {
  let code = first;
  if (isEscapedByte(first)) {
    code = first & 0x7f;
    for (let mask = 0x40; (code & mask) !== 0; mask >>= 1) code &= ~mask;
  }
  let end = at;
  for (;;) {
    const next = text.charCodeAt(end + 1);
    if (!isEscapedByte(next) || (next & 0xc0) !== 0x80) return { code, end };
    if (first >= 0x80) code = ((code << 6) | (next & 0x3f)) >>> 0;
    end++;
  }
}

/** Bytes as repr() shows them, without the `b`. */
export function quotedBytes(bytes: Uint8Array): string {
  const quote = quoteFor(bytes.includes(39), bytes.includes(34));
  const quoteCode = quote.charCodeAt(0);
  let out = quote;
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes[i];
    if (code === quoteCode) out += `\\${quote}`;
    else if (code === 92) out += '\\\\';
    else if (code >= 32 && code <= 126) out += String.fromCharCode(code);
    else out += NAMED[code] ?? `\\x${hex(code, 2)}`;
  }
  return out + quote;
}

/** A JSON string: quotes, backslashes and control characters are escaped, all else is as it is. */
export function printJsonText(out: Printer, text: string): void {
  let quoted = '"';
  let plainFrom = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 32 && code !== 34 && code !== 92) continue;
    quoted += text.slice(plainFrom, i);
    quoted += code === 34 ? '\\"' : (NAMED[code] ?? `\\u${hex(code, 4)}`);
    plainFrom = i + 1;
  }
  out.write(`${quoted}${text.slice(plainFrom)}"`);
}
