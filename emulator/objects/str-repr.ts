/** Quoting of strings and bytes: repr() and JSON (py/objstr.c, py/objstrunicode.c). */
import type { Printer } from '../vm/value.ts';

const NAMED: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Single quotes, unless the text has some and no double ones. */
const quoteFor = (single: boolean, double: boolean): string => (single && !double ? '"' : "'");

/** A str as repr() shows it: all but printable ASCII is escaped. */
export function quotedStr(text: string): string {
  const quote = quoteFor(text.includes("'"), text.includes('"'));
  let out = quote;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code === quote.charCodeAt(0)) out += `\\${quote}`;
    else if (code === 92) out += '\\\\';
    else if (code >= 32 && code <= 126) out += text[i];
    else if (NAMED[code] !== undefined) out += NAMED[code];
    else if (code < 0x100) out += `\\x${hex(code, 2)}`;
    else if (code >= 0xdc80 && code <= 0xdcff) {
      const { value, length } = malformedCharacter(text, i);
      i += length - 1;
      out += value < 0x100 ? `\\x${hex(value, 2)}` : `\\u${hex(value, 4)}`;
    } else if (code < 0x10000) out += `\\u${hex(code, 4)}`;
    else {
      out += `\\U${hex(code, 8)}`;
      i++;
    }
  }
  return out + quote;
}

/** What the reference reads where a string holds bytes that are no UTF-8: the bits of a lead byte, and of all the continuation bytes after it. */
function malformedCharacter(text: string, at: number): { value: number; length: number } {
  const byteAt = (i: number): number => {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    return unit >= 0xdc80 && unit <= 0xdcff ? unit - 0xdc00 : 0;
  };
  let value = byteAt(at) & 0x7f;
  for (let mask = 0x40; (value & mask) !== 0; mask >>= 1) value &= ~mask;
  let length = 1;
  for (; (byteAt(at + length) & 0xc0) === 0x80; length++) value = ((value << 6) | (byteAt(at + length) & 0x3f)) >>> 0;
  return { value, length };
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
