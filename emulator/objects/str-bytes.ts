/** The bytes of strings, as the reference's C code sees them: what parsers and protocols take and give. */
import { raise } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { MpBytes, newBytes } from './bytes.ts';
import { excTypes } from './exception.ts';
import { newStr } from './new-str.ts';
import { raiseImplicitConversion } from './text-data.ts';
import { decodeAnyUtf8, decodeUtf8, encodeUtf8 } from './utf8.ts';

/** The bytes of a str or bytes object; raises TypeError for anything else (mp_obj_str_get_data). */
export function strData(value: Value): Uint8Array {
  if (typeof value === 'string') return encodeUtf8(value);
  if (value instanceof MpBytes) return value.data;
  raiseImplicitConversion(value);
}

/** As `strData`, but up to the first zero byte: what C code takes for the string. */
export function cStringData(value: Value): Uint8Array {
  const data = strData(value);
  const end = data.indexOf(0);
  return end < 0 ? data : data.subarray(0, end);
}

/** The text of a str or bytes object. */
export function strText(value: Value): string {
  return typeof value === 'string' ? value : decodeAnyUtf8(strData(value));
}

/** A new str of these bytes. Raises UnicodeError when they are no UTF-8. */
export function newStrFromBytes(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) raise(excTypes.UnicodeError);
  return newStr(text);
}

/** A new str or bytes object, of the type that `like` has, without a check of the encoding (mp_obj_new_str_of_type). */
export function newStrOfTypeOf(like: Value, bytes: Uint8Array): Value {
  return typeof like === 'string' ? newStr(decodeAnyUtf8(bytes)) : newBytes(bytes.slice());
}
