/** int.from_bytes and int.to_bytes (py/objint.c). */
import { toInt } from '../vm/operators.ts';
import { raise, raiseValueError } from '../vm/raise.ts';
import { BufferFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { bufferOf } from './buffer.ts';
import { MpBytes } from './bytes.ts';
import { excTypes } from './exception.ts';
import { newInt } from './int.ts';
import { bitLength, DIGIT_BITS, digitsOf, isBig } from './int-size.ts';
import { allocStr } from './new-str.ts';

/** The unsigned integer that the bytes are. */
export function unsignedFromBytes(bytes: Uint8Array, bigEndian: boolean): number | bigint {
  const { length } = bytes;
  if (length <= 6) {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + bytes[bigEndian ? i : length - 1 - i];
    return value;
  }
  let hex = '0x';
  for (let i = 0; i < length; i++) hex += bytes[bigEndian ? i : length - 1 - i].toString(16).padStart(2, '0');
  return BigInt(hex);
}

/** Writes the low bytes of an integer, in two's complement. */
export function intIntoBytes(value: number | bigint, into: Uint8Array, bigEndian: boolean): void {
  const { length } = into;
  if (typeof value === 'number') {
    // A negative number's bytes above the sixth are all sign.
    let rest = value;
    for (let i = 0; i < length; i++) {
      into[bigEndian ? length - 1 - i : i] = ((rest % 256) + 256) % 256;
      rest = Math.floor(rest / 256);
    }
    return;
  }
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  for (let i = 0; i < length; i++) into[bigEndian ? i : length - 1 - i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
}

/** `int.from_bytes(bytes, byteorder)`: args are the type, the bytes, the order. */
export function intFromBytes(args: readonly Value[]): Value {
  const { bytes } = bufferOf(args[1], BufferFlag.Read);
  return newInt(unsignedFromBytes(bytes, args.length < 3 || args[2] !== 'little'));
}

/** `int.to_bytes(length=1, byteorder='big')`. A negative integer is written in two's complement, whatever `signed` says. */
export function intToBytes(args: readonly Value[]): Value {
  const value = args[0] as number | bigint;
  const length = args.length < 2 ? 1 : toInt(args[1]);
  if (length < 0) raiseValueError();
  allocStr(length);
  if (!fitsBytes(value, length)) raise(excTypes.OverflowError, 'buffer too small');
  const data = new Uint8Array(length);
  intIntoBytes(value, data, args.length < 3 || args[2] !== 'little');
  return new MpBytes(data);
}

function fitsBytes(value: number | bigint, length: number): boolean {
  if (value >= 0) return bitLength(value) <= length * 8;
  if (!isBig(value)) return bitLength(typeof value === 'number' ? -value - 1 : ~value) + 1 <= length * 8;
  // A large negative integer is refused when the bytes of its digits do not all fit, even if only its sign is in them.
  const digitBytes = (digitsOf(value) * DIGIT_BITS) / 8;
  if (length > digitBytes) return true;
  const bytes = BigInt.asUintN(digitBytes * 8, BigInt(value));
  return length > 0 && bytes >> BigInt(length * 8) === 0n && bytes >> BigInt(length * 8 - 1) === 1n;
}
