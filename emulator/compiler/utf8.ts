/**
 * UTF-8 as MicroPython reads and writes it: surrogates are encoded like any other code point, and bytes that are not UTF-8 survive
 * (a string literal in a source may hold any bytes).
 */

const firstNonAscii = /[^\x00-\x7f]/;

/**
 * The characters of a byte string (one character for each byte). A byte that is no part of a well-formed sequence becomes the lone
 * surrogate U+DC80 + (byte - 0x80).
 */
export function decodeUtf8(bytes: string): string {
  if (!firstNonAscii.test(bytes)) return bytes;
  let text = '';
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes.charCodeAt(i);
    const extra = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    let code = extra === 1 ? lead & 0x1f : extra === 2 ? lead & 0x0f : extra === 3 ? lead & 0x07 : lead;
    let valid = extra >= 0;
    for (let k = 1; valid && k <= extra; k++) {
      const next = i + k < bytes.length ? bytes.charCodeAt(i + k) : 0;
      if ((next & 0xc0) !== 0x80) valid = false;
      code = (code << 6) | (next & 0x3f);
    }
    if (valid && ((extra === 2 && code < 0x800) || (extra === 3 && (code < 0x10000 || code > 0x10ffff)))) valid = false;
    if (valid) {
      text += String.fromCodePoint(code);
      i += extra + 1;
    } else {
      text += String.fromCharCode(0xdc00 + lead);
      i++;
    }
  }
  return text;
}

/** The UTF-8 bytes of a string; a lone surrogate takes three bytes, as in MicroPython. */
export function encodeUtf8(text: string): Uint8Array {
  const length = text.length;
  let bytes = new Uint8Array(length);
  let i = 0;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) break;
    bytes[i] = code;
  }
  if (i === length) return bytes;
  const rest = new Uint8Array(i + (length - i) * 3);
  rest.set(bytes.subarray(0, i));
  bytes = rest;
  let end = i;
  for (; i < length; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < length) {
      const low = text.charCodeAt(i + 1);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      }
    }
    if (code < 0x80) bytes[end++] = code;
    else if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      bytes[end++] = 0xe0 | (code >> 12);
      bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[end++] = 0x80 | (code & 0x3f);
    } else {
      bytes[end++] = 0xf0 | (code >> 18);
      bytes[end++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[end++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.subarray(0, end);
}

/** The UTF-8 bytes of a string as a byte string. */
export function byteStringOf(text: string): string {
  if (!firstNonAscii.test(text)) return text;
  let bytes = '';
  for (const byte of encodeUtf8(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
