/** Values in memory, by the type codes of `struct` and `array` (py/binary.c). */
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { newFloat } from './float.ts';
import { addressOf } from './identity.ts';
import { toFloat } from './number.ts';
import { newStr } from './new-str.ts';

/** Byte order and alignment, as the first character of a format says: native, little endian, big endian. */
export type ByteOrder = '@' | '<' | '>';

interface Layout {
  readonly size: number;
  readonly align: number;
}

const SIZES: Record<string, number> = { b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, l: 4, L: 4, q: 8, Q: 8, e: 2, f: 4, d: 8 };
const sizes = new Map(Object.entries(SIZES));

/** Size and alignment in bytes. Raises ValueError for an unknown type code. */
export function binaryLayout(order: string, typecode: string): Layout {
  const native = order === '@';
  let size = sizes.get(typecode);
  if (typecode === 'P' || typecode === 'O' || typecode === 'S' || (native && (typecode === 'l' || typecode === 'L'))) size = vm.wordSize;
  if (size === undefined || !(native || order === '<' || order === '>')) raiseValueError('bad typecode');
  return { size, align: native ? size : 1 };
}

export function binarySize(order: string, typecode: string): number {
  return binaryLayout(order, typecode).size;
}

/** Objects whose addresses were stored in memory; kept, so that they can be had back. */
const OBJECTS = Symbol('objects stored by address');
const objectsByAddress = () => vm.stateOf(OBJECTS, () => new Map<number, Value>());

const scratch = new DataView(new ArrayBuffer(8));

/** A half-precision number (IEEE 754 binary16). */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds a single-precision number to half precision the way a build without hardware for it does: half up, carrying into the exponent. */
function numberToHalfInSoftware(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  let fraction = (bits >> 13) & 0x3ff;
  if (bits & (1 << 12)) fraction++;
  let exponent = (bits >> 23) & 0xff;
  if (exponent === 0xff) exponent = 0x1f;
  else if (exponent !== 0) {
    exponent -= 127 - 15;
    if (exponent < 0) {
      if (exponent >= -11) {
        fraction = (fraction | 0x400) >> -exponent;
        fraction = (fraction >> 1) + (fraction & 1);
      } else fraction = 0;
      exponent = 0;
    } else if (exponent > 0x3f) {
      exponent = 0x1f;
      fraction = 0;
    }
  }
  return (((bits >>> 16) & 0x8000) | (exponent << 10) | fraction) & 0xffff;
}

/** Rounds to half precision as the hardware does: to nearest, ties to even. */
function numberToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const single = Math.abs(Math.fround(value));
  if (Number.isNaN(single)) return sign | 0x7e00 | ((bits >> 13) & 0x1ff);
  if (single >= 65520) return sign | 0x7c00;
  const exponent = single < 2 ** -14 ? -14 : Math.floor(Math.log2(single));
  const unit = 2 ** (exponent - 10);
  const scaled = single / unit;
  let mantissa = Math.floor(scaled);
  const rest = scaled - mantissa;
  if (rest > 0.5 || (rest === 0.5 && mantissa % 2 === 1)) mantissa++;
  return sign | (single < 2 ** -14 ? mantissa : mantissa + ((exponent + 14) << 10));
}

const isSigned = (typecode: string) => typecode > 'Z';

function fromUnsigned(value: bigint): Value {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads one value at `at`, which must be aligned already. */
export function readBinary(order: string, typecode: string, bytes: Uint8Array, at: number): Value {
  const little = order !== '>';
  const view = viewOf(bytes);
  switch (typecode) {
    case 'e':
      return newFloat(halfToNumber(view.getUint16(at, little)));
    case 'f':
      return newFloat(view.getFloat32(at, little));
    case 'd':
      return newFloat(view.getFloat64(at, little));
    case 'O': {
      const address = Number(vm.wordSize === 4 ? view.getUint32(at, little) : view.getBigUint64(at, little));
      const value = objectsByAddress().get(address);
      return value === undefined ? null : value;
    }
    case 'S':
      return newStr('');
  }
  const { size } = binaryLayout(order, typecode);
  const signed = isSigned(typecode);
  switch (size) {
    case 1:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return signed ? view.getInt16(at, little) : view.getUint16(at, little);
    case 4:
      return signed ? view.getInt32(at, little) : view.getUint32(at, little);
    default:
      return fromUnsigned(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
  }
}

/** Writes one value at `at`. An integer is cut to its size. Raises TypeError for a value of another kind. */
export function writeBinary(order: string, typecode: string, value: Value, bytes: Uint8Array, at: number): void {
  const little = order !== '>';
  const view = viewOf(bytes);
  switch (typecode) {
    case 'e': {
      const number = toFloat(value);
      view.setUint16(at, vm.wordSize === 8 ? numberToHalf(number) : numberToHalfInSoftware(number), little);
      return;
    }
    case 'f':
      view.setFloat32(at, toFloat(value), little);
      return;
    case 'd':
      view.setFloat64(at, toFloat(value), little);
      return;
    case 'O': {
      const address = addressOf(value);
      objectsByAddress().set(address, value);
      if (vm.wordSize === 4) view.setUint32(at, address, little);
      else view.setBigUint64(at, BigInt(address), little);
      return;
    }
  }
  const { size } = binaryLayout(order, typecode);
  const integer = typeof value === 'number' || typeof value === 'bigint' ? value : toInt(value);
  if (size === 8 || typeof integer === 'bigint' || Math.abs(integer) > 2 ** 31) {
    scratch.setBigInt64(0, BigInt.asIntN(64, BigInt(integer)), true);
    for (let i = 0; i < size; i++) bytes[at + (little ? i : size - 1 - i)] = scratch.getUint8(i);
    return;
  }
  if (size === 1) view.setInt8(at, integer);
  else if (size === 2) view.setInt16(at, integer, little);
  else view.setInt32(at, integer, little);
}

/** Item `index` of an array of `typecode`; a bytearray's is `B`. */
export function readArrayItem(typecode: string, bytes: Uint8Array, index: number): Value {
  if (typecode === 'B') return bytes[index];
  return readBinary('@', typecode, bytes, index * binarySize('@', typecode));
}

export function writeArrayItem(typecode: string, bytes: Uint8Array, index: number, value: Value): void {
  writeBinary('@', typecode, value, bytes, index * binarySize('@', typecode));
}
