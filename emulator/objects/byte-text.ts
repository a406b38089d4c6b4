/**
 * Byte text: a JavaScript string whose characters are bytes, 0 to 255. MicroPython's str methods work on UTF-8 bytes, and the
 * same ones serve bytes and bytearray; here they all work on byte text. Of an ASCII str, which nearly all are, the byte text is
 * the string itself.
 */

import { isAscii } from './str-width.ts';
import { decodeAnyUtf8, encodeUtf8 } from './utf8.ts';

const CHUNK = 4096;

export function byteTextOfBytes(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let i = 0; i < length; i += CHUNK) text += String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK) as unknown as number[]);
  return text;
}

export function byteTextOfStr(text: string): string {
  return isAscii(text) ? text : byteTextOfBytes(encodeUtf8(text));
}

export function bytesOfByteText(text: string): Uint8Array {
  const { length } = text;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The str that these bytes are; bytes that are no UTF-8 are kept (see utf8.ts). */
export function strOfByteText(text: string): string {
  return isAscii(text) ? text : decodeAnyUtf8(bytesOfByteText(text));
}
