/**
 * UTF-8 for guest strings. Unlike the platform's coder this one keeps lone surrogates, as MicroPython does: it encodes them
 * in three bytes like any other code point.
 *
 * A MicroPython str is bytes, and a few operations leave bytes in it that are no UTF-8 (`'%c' % 200`, a precision that cuts a
 * character). Such a byte is kept as the lone surrogate U+DC00 + byte, U+DC80 to U+DCFF (Python calls that "surrogateescape"),
 * and encoded as that one byte. So these 128 code points cannot be told from the bytes they stand for.
 */

/** The code point that stands for the byte 0x80; the others follow. */
const ESCAPED_BYTE = 0xdc80;

export function encodeUtf8(text: string): Uint8Array {
  const n = text.length;
  let i = 0;
  const ascii = new Uint8Array(n);
  for (; i < n; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) break;
    ascii[i] = unit;
  }
  if (i === n) return ascii;
  const out = new Uint8Array(n * 3);
  out.set(ascii.subarray(0, i));
  let p = i;
  for (; i < n; i++) {
    const code = text.codePointAt(i)!;
    if (code < 0x80) out[p++] = code;
    else if (code < 0x800) {
      out[p++] = 0xc0 | (code >> 6);
      out[p++] = 0x80 | (code & 0x3f);
    } else if (code >= ESCAPED_BYTE && code <= ESCAPED_BYTE + 0x7f) {
      out[p++] = code & 0xff;
    } else if (code < 0x10000) {
      out[p++] = 0xe0 | (code >> 12);
      out[p++] = 0x80 | ((code >> 6) & 0x3f);
      out[p++] = 0x80 | (code & 0x3f);
    } else {
      i++;
      out[p++] = 0xf0 | (code >> 18);
      out[p++] = 0x80 | ((code >> 12) & 0x3f);
      out[p++] = 0x80 | ((code >> 6) & 0x3f);
      out[p++] = 0x80 | (code & 0x3f);
    }
  }
  return out.slice(0, p);
}

/** Decodes what MicroPython accepts as UTF-8: well-formed lead and continuation bytes, surrogates included. Undefined when it is not that. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return decode(bytes, false);
}

/** Decodes any bytes: those that are no UTF-8 are kept as escaped bytes. */
export function decodeAnyUtf8(bytes: Uint8Array): string {
  return decode(bytes, true)!;
}

/** Bytes that follow a lead byte; -1 for a byte that leads nothing. */
const continuationBytes = (lead: number): number => (lead < 0xc0 || lead >= 0xf8 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3);

function decode(bytes: Uint8Array, escaping: boolean): string | undefined {
  let text = '';
  let chunk: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i++];
    let code = lead;
    if (lead >= 0x80) {
      const more = continuationBytes(lead);
      let k = 0;
      code = lead & (0x3f >> more);
      while (k < more && i + k < bytes.length && (bytes[i + k] & 0xc0) === 0x80) code = (code << 6) | (bytes[i + k++] & 0x3f);
      if (k === more) {
        i += more;
        if (code > 0x10ffff) code = 0xfffd;
      } else {
        if (!escaping) return undefined;
        code = 0xdc00 + lead;
      }
    }
    if (code > 0xffff) chunk.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
    else chunk.push(code);
    if (chunk.length > 4096) {
      text += String.fromCharCode(...chunk);
      chunk = [];
    }
  }
  return text + String.fromCharCode(...chunk);
}
