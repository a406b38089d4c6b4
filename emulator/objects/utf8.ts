/**
 * UTF-8 for guest strings. Unlike the platform's coder this one keeps lone surrogates, as MicroPython does: it encodes them
 * in three bytes like any other code point.
 */

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
  let text = '';
  let chunk: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i++];
    let code = lead;
    if (lead >= 0x80) {
      const more = lead >= 0xc0 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf8 ? 3 : -1;
      if (more < 0 || i + more > bytes.length) return undefined;
      code = lead & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = bytes[i++];
        if ((next & 0xc0) !== 0x80) return undefined;
        code = (code << 6) | (next & 0x3f);
      }
      if (code > 0x10ffff) code = 0xfffd;
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
