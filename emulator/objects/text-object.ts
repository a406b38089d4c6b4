/** What str, bytes and bytearray have in common: their bytes as byte text, and making another of the same kind. */
import { raise } from '../vm/raise.ts';
import { typeOf } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { arrayOfBytes, bytearrayType, MpArray } from './array.ts';
import { bytesOfByteText, byteTextOfBytes, byteTextOfStr, strOfByteText } from './byte-text.ts';
import { emptyBytes, MpBytes, newBytes } from './bytes.ts';
import { excTypes } from './exception.ts';
import { allocStr, newStr } from './new-str.ts';
import { isAscii } from './str-width.ts';
import { raiseImplicitConversion } from './text-data.ts';
import { decodeUtf8 } from './utf8.ts';

export type TextObject = string | MpBytes | MpArray;

/** The object's bytes as byte text. */
export function textOf(self: TextObject): string {
  if (typeof self === 'string') return byteTextOfStr(self);
  return byteTextOfBytes(self instanceof MpBytes ? self.data : self.bytes());
}

/** A new object of the kind of `like`, accounted for. A str may get bytes that are no UTF-8. */
export function textLike(like: TextObject, text: string): TextObject {
  if (typeof like === 'string') return newStr(strOfByteText(text));
  if (like instanceof MpBytes) return newBytes(bytesOfByteText(text));
  allocStr(text.length);
  return arrayOfBytes(bytesOfByteText(text));
}

/** As `textLike`, but raises UnicodeError where a str would get bytes that are no UTF-8. */
export function checkedTextLike(like: TextObject, text: string): TextObject {
  if (typeof like === 'string') {
    if (isAscii(text)) return newStr(text);
    const str = decodeUtf8(bytesOfByteText(text));
    if (str === undefined) raise(excTypes.UnicodeError);
    return newStr(str);
  }
  if (like instanceof MpBytes) return newBytes(bytesOfByteText(text));
  vm.heap.alloc(4 * vm.wordSize);
  vm.heap.alloc(text.length);
  return arrayOfBytes(bytesOfByteText(text));
}

/** The empty str, or the empty bytes, which stand for an empty bytearray too. */
export function emptyLike(like: TextObject): string | MpBytes {
  return typeof like === 'string' ? '' : emptyBytes;
}

/** An argument's byte text. It must be a str where `self` is one, and bytes or a bytearray otherwise; raises TypeError. */
export function matchingText(self: TextObject, arg: Value): string {
  if (typeof self === 'string') {
    if (typeof arg === 'string') return byteTextOfStr(arg);
  } else if (arg instanceof MpBytes || (arg instanceof MpArray && typeOf(arg) === bytearrayType)) return textOf(arg);
  raiseImplicitConversion(arg);
}
