/** The hash of strings and bytes (py/qstr.c): djb2 over the UTF-8 bytes, 16 bits, never zero. */
import type { Value } from '../vm/value.ts';
import { MpBytes } from './bytes.ts';
import { encodeUtf8 } from './utf8.ts';

export function hashBytes(bytes: Uint8Array): number {
  let hash = 5381;
  for (let i = 0; i < bytes.length; i++) hash = ((hash * 33) ^ bytes[i]) & 0xffff;
  return hash === 0 ? 1 : hash;
}

export function hashString(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return hashBytes(encodeUtf8(text));
    hash = ((hash * 33) ^ unit) & 0xffff;
  }
  return hash === 0 ? 1 : hash;
}

export function isStrLike(value: Value): boolean {
  return typeof value === 'string' || value instanceof MpBytes;
}
