/** Texts as characters, with the few whose bytes the characters do not determine. */
import type { Qstr, QstrPool } from './qstr-pool.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const surrogate = /[\ud800-\udfff]/;

export class TextTable {
  /** UTF-8 (or not quite UTF-8) bytes of the texts that encoding would not give back. */
  readonly exactBytes = new Map<string, Uint8Array>();

  constructor(private readonly pool: QstrPool) {}

  ofQstr(qstr: Qstr): string {
    return this.decode(this.pool.text(qstr));
  }

  /** The characters of a byte string. */
  decode(bytes: string): string {
    const text = decodeUtf8(bytes);
    if (text !== bytes && surrogate.test(text)) {
      const encoded = encodeUtf8(text);
      let same = encoded.length === bytes.length;
      for (let i = 0; same && i < encoded.length; i++) same = encoded[i] === bytes.charCodeAt(i);
      if (!same) {
        const exact = new Uint8Array(bytes.length);
        for (let i = 0; i < bytes.length; i++) exact[i] = bytes.charCodeAt(i);
        this.exactBytes.set(text, exact);
      }
    }
    return text;
  }
}
