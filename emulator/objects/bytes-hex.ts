/** Bytes as hexadecimal text and back: bytes.hex, bytes.fromhex, and binascii's functions (py/objstr.c). */
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag, isSubclass, type MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { arrayOfBytes, bytearrayType } from './array.ts';
import { bufferOf } from './buffer.ts';
import { emptyBytes, MpBytes } from './bytes.ts';
import { allocStr, newStr } from './new-str.ts';
import { textData } from './text-data.ts';

/** The digits of the bytes, with a separator between them. `separator` is one byte of byte text, or empty. */
export function hexText(bytes: Uint8Array, separator: string): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += (i > 0 ? separator : '') + bytes[i].toString(16).padStart(2, '0');
  return text;
}

/** The first byte of a separator argument: an empty one stands for a null character, as in C. */
export function hexSeparator(args: readonly Value[]): string {
  return args.length > 1 ? textData(args[1])[0] || '\0' : '';
}

/** `b.hex([separator])`: a str, but for no bytes at all it is the empty bytes. */
export function bytesHex(args: readonly Value[]): Value {
  const { bytes } = bufferOf(args[0], BufferFlag.Read);
  return bytes.length === 0 ? emptyBytes : newStr(hexText(bytes, hexSeparator(args)));
}

/** The bytes that pairs of hexadecimal digits stand for; white space between pairs is skipped. Raises ValueError for anything else. */
export function parseHex(text: Uint8Array): Uint8Array {
  const out = new Uint8Array(text.length >> 1);
  let length = 0;
  for (let i = 0; i < text.length; ) {
    const first = text[i++];
    if (first === 32 || (first >= 9 && first <= 13)) continue;
    const high = hexDigit(first);
    const low = i < text.length ? hexDigit(text[i++]) : -1;
    if (high < 0 || low < 0) raiseValueError('non-hex digit');
    out[length++] = high * 16 + low;
  }
  return out.subarray(0, length);
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return code < 128 && lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** `bytes.fromhex(text)`, `bytearray.fromhex(text)` */
export function bytesFromHex(type: Value, text: Value): Value {
  const data = parseHex(bufferOf(text, BufferFlag.Read).bytes);
  allocStr(data.length);
  return isSubclass(type as MpType, bytearrayType) ? arrayOfBytes(data.slice()) : new MpBytes(data);
}
