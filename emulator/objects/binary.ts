/** Values in memory, by type code: what array, memoryview, struct and uctypes read and write (py/binary.c). All boards are little-endian. */
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { newFloat, toFloat } from './float.ts';
import { guestMemory } from './guest-memory.ts';
import { decodeHalf, encodeHalf } from './half-float.ts';
import { addressOf } from './identity.ts';
import { intFromBigInt, newInt, wrapToSmallInt } from './int.ts';
import { intIntoBytes } from './int-bytes.ts';
import { allocBig, isBig, LONG_LONG_DIGITS } from './int-size.ts';
import { newStr } from './new-str.ts';
import { strFromUtf8 } from './str.ts';

/** `@` is native: sizes and alignment of the board's C compiler. `<` and `>` are standard sizes, without alignment. */
export type StructType = '@' | '<' | '>';

const SIZES: Record<string, number> = { b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, l: 4, L: 4, q: 8, Q: 8, e: 2, f: 4, d: 8 };

/** Bytes of a value. Raises ValueError for an unknown code. */
export function codeSize(structType: StructType, code: string): number {
  if (code === 'O' || code === 'P' || code === 'S') return vm.wordSize;
  if (structType === '@' && (code === 'l' || code === 'L')) return vm.wordSize;
  const size = SIZES[code];
  if (size === undefined) raiseValueError('bad typecode');
  return size;
}

/** Boundary, in bytes, that a value is aligned to: its size with `@`, none otherwise. */
export function codeAlignment(structType: StructType, code: string): number {
  return structType === '@' ? codeSize('@', code) : 1;
}

/** Codes above Z are signed, those below are not. */
const isSigned = (code: string): boolean => code > 'Z';

/** A 64-bit integer. */
function read64(view: DataView, at: number, signed: boolean, littleEndian: boolean): number | bigint {
  const high = littleEndian ? at + 4 : at;
  const low = littleEndian ? at : at + 4;
  const upper = signed ? view.getInt32(high, littleEndian) : view.getUint32(high, littleEndian);
  const value = upper * 2 ** 32 + view.getUint32(low, littleEndian);
  if (Number.isSafeInteger(value)) return value;
  return signed ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian);
}

function readInt(view: DataView, at: number, size: number, signed: boolean, littleEndian: boolean): number | bigint {
  switch (size) {
    case 1:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return signed ? view.getInt16(at, littleEndian) : view.getUint16(at, littleEndian);
    case 4:
      return signed ? view.getInt32(at, littleEndian) : view.getUint32(at, littleEndian);
    default:
      return read64(view, at, signed, littleEndian);
  }
}

function writeInt(view: DataView, at: number, size: number, value: number | bigint, littleEndian: boolean): void {
  if (typeof value === 'bigint') {
    intIntoBytes(value, new Uint8Array(view.buffer, view.byteOffset + at, size), !littleEndian);
    return;
  }
  switch (size) {
    case 1:
      view.setInt8(at, value);
      break;
    case 2:
      view.setInt16(at, value, littleEndian);
      break;
    case 4:
      view.setInt32(at, value, littleEndian);
      break;
    default:
      view.setUint32(littleEndian ? at : at + 4, value, littleEndian);
      view.setInt32(littleEndian ? at + 4 : at, Math.floor(value / 2 ** 32), littleEndian);
  }
}

/** The value at byte `at`, as struct.unpack gives it. */
export function unpackValue(structType: StructType, code: string, view: DataView, at: number): Value {
  const littleEndian = structType !== '>';
  switch (code) {
    case 'e':
      return newFloat(decodeHalf(view.getUint16(at, littleEndian)));
    case 'f':
      return newFloat(view.getFloat32(at, littleEndian));
    case 'd':
      return newFloat(view.getFloat64(at, littleEndian));
    case 'O':
      return storedObject(Number(readInt(view, at, vm.wordSize, false, littleEndian)));
    case 'S':
      return newStr(strAt(Number(readInt(view, at, vm.wordSize, false, littleEndian))));
  }
  return newInt(readInt(view, at, codeSize(structType, code), isSigned(code), littleEndian));
}

/** Writes a value as struct.pack does: an integer that is too large loses its high bits. Raises TypeError for what is no number. */
export function packValue(structType: StructType, code: string, view: DataView, at: number, value: Value): void {
  const littleEndian = structType !== '>';
  switch (code) {
    case 'e':
      view.setUint16(at, encodeHalf(toFloat(value)), littleEndian);
      return;
    case 'f':
      view.setFloat32(at, toFloat(value), littleEndian);
      return;
    case 'd':
      view.setFloat64(at, toFloat(value), littleEndian);
      return;
    case 'O':
      writeInt(view, at, vm.wordSize, storeObject(value), littleEndian);
      return;
  }
  writeInt(view, at, codeSize(structType, code), integerOf(value), littleEndian);
}

/** Objects whose words were stored in memory (code `O`), so that they can be had back. They are never given up. */
const STORED = Symbol('objects stored in memory');
const storedObjects = (): Map<number, Value> => vm.stateOf(STORED, () => new Map<number, Value>());

/** The word that stands for an object: a small integer's value with its tag, otherwise an address. */
function storeObject(value: Value): number | bigint {
  if (typeof value === 'number' && !isBig(value)) return intFromBigInt(BigInt(value) * 2n + 1n);
  const address = addressOf(value);
  storedObjects().set(address, value);
  return address;
}

/** The object that a word stands for. A word that never stood for one is None: the reference would crash. */
function storedObject(word: number): Value {
  if (word % 2 === 1) return wrapToSmallInt(BigInt(word) >> 1n);
  const value = storedObjects().get(word);
  return value === undefined ? null : value;
}

/** The C string at an address: bytes up to a zero, or to the end of the memory that is known there. */
function strAt(address: number): string {
  const block = guestMemory().blockAt(address);
  if (block === undefined) return '';
  const bytes = block.bytes.subarray(address - block.base);
  const end = bytes.indexOf(0);
  return strFromUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}

const integerOf = (value: Value): number | bigint => (typeof value === 'number' || typeof value === 'bigint' ? value : toInt(value));

/** Element `index` of an array. */
export function readElement(code: string, view: DataView, index: number): Value {
  switch (code) {
    case 'B':
      return view.getUint8(index);
    case 'b':
      return view.getInt8(index);
    case 'H':
      return view.getUint16(index * 2, true);
    case 'h':
      return view.getInt16(index * 2, true);
    case 'f':
      return newFloat(view.getFloat32(index * 4, true));
    case 'd':
      return newFloat(view.getFloat64(index * 8, true));
    case 'q':
    case 'Q':
      // Always an object on the heap, however small the value.
      allocBig(LONG_LONG_DIGITS);
      return read64(view, index * 8, code === 'q', true);
    case 'i':
      return newInt(view.getInt32(index * 4, true));
    case 'I':
      return newInt(view.getUint32(index * 4, true));
    case 'l':
    case 'L':
      return newInt(readInt(view, index * vm.wordSize, vm.wordSize, code === 'l', true));
    case 'P':
      return newInt(readInt(view, index * vm.wordSize, vm.wordSize, true, true));
    case 'O':
      return storedObject(Number(readInt(view, index * vm.wordSize, vm.wordSize, false, true)));
    default:
      return 0;
  }
}

/** Stores an element of an array: an integer that is too large loses its high bits. Raises TypeError for what is no number. */
export function writeElement(code: string, view: DataView, index: number, value: Value): void {
  switch (code) {
    case 'f':
      view.setFloat32(index * 4, toFloat(value), true);
      return;
    case 'd':
      view.setFloat64(index * 8, toFloat(value), true);
      return;
    case 'e':
    case 'S':
      // The reference stores nothing for these in an array.
      integerOf(value);
      return;
  }
  const size = codeSize('@', code);
  writeInt(view, index * size, size, integerOf(value), true);
}
