/** The module uctypes (extmod/moductypes.c): structures in memory, by address. */

import { arrayOfBytes, arrayOfNoMemory, bytearrayType, MpArray } from '../../objects/array.ts';
import { packValue, unpackValue } from '../../objects/binary.ts';
import { bufferOf } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { MpDict } from '../../objects/dict.ts';
import { excTypes } from '../../objects/exception.ts';
import { newFloat, toFloat } from '../../objects/float.ts';
import { checkArgCount, fun1, fun2, funVar } from '../../objects/function.ts';
import { type AccessSize, guestMemory } from '../../objects/guest-memory.ts';
import { newInt, toIntTruncated } from '../../objects/int.ts';
import { MpRegisterBytes } from '../../objects/register-bytes.ts';
import { MpTuple } from '../../objects/tuple.ts';
import { lenMaybe, toInt } from '../../vm/operators.ts';
import { raise, raiseKeyError, raiseTypeError } from '../../vm/raise.ts';
import { BufferFlag, MpType } from '../../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../../vm/value.ts';
import { MpObj, UnaryOp } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import {
  AggregateType,
  aggregateConstant,
  aggregateOf,
  BIT_LENGTH_SHIFT,
  BIT_POSITION_SHIFT,
  bitFieldOf,
  isBitField,
  Layout,
  raiseSyntax,
  ScalarType,
  scalarConstant,
  scalarOf,
  scalarSize,
  sizeOfDescriptor,
  smallInt,
} from './descriptor.ts';

class MpStruct extends MpObj {
  constructor(
    readonly address: number,
    readonly descriptor: Value,
    readonly layout: number,
  ) {
    super(structType);
  }
}

function newStruct(address: number, descriptor: Value, layout: number): MpStruct {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpStruct(address, descriptor, layout);
}

/** A bytearray that is the memory itself. */
function bytearrayByRef(address: number, size: number): MpArray {
  vm.heap.alloc(4 * vm.wordSize);
  return bytearrayView(address, size);
}

/** The same for our own use: nothing is taken from the heap. */
function bytearrayView(address: number, size: number): MpArray {
  const memory = guestMemory();
  return memory.isRegisters(address, size) ? new MpRegisterBytes(address, size) : arrayOfBytes(memory.bytesAt(address, size));
}

/** Longer than the memory of any board, and than what is worth having on the host for it. */
const NOWHERE_BYTES = 1 << 23;

/** `bytearray_at(address, size)`. One that is larger than all memory is made, as in the reference, but holds nothing. */
function bytearrayAt(address: number, size: number): MpArray {
  if (size <= NOWHERE_BYTES) return bytearrayByRef(address, size);
  vm.heap.alloc(4 * vm.wordSize);
  return arrayOfNoMemory(size);
}

/** An address as the guest gives it: an integer of any size, cut to a word. */
function addressArg(value: Value): number {
  const word = Number(toIntTruncated(value));
  return word < 0 ? word + 2 ** (8 * vm.wordSize) : word;
}

/** Type codes of `struct` for the scalars that are not bit fields. */
const TYPECODES = 'BbHhIiQq------fd';
const signExtend = (value: number, size: number) => (value << (32 - 8 * size)) >> (32 - 8 * size);
const isSigned = (type: ScalarType) => (type & 1) === 1;

const scratch = new DataView(new ArrayBuffer(8));

/** Reads eight bytes into the scratch space, by words. */
function readLong(address: number): DataView {
  const memory = guestMemory();
  scratch.setUint32(0, memory.read(address, 4), true);
  scratch.setUint32(4, memory.read(address + 4, 4), true);
  return scratch;
}

function writeLong(address: number): void {
  const memory = guestMemory();
  memory.write(address, scratch.getUint32(0, true), 4);
  memory.write(address + 4, scratch.getUint32(4, true), 4);
}

/** Reads a scalar in one access, as the processor does: registers care. */
function readNative(type: ScalarType, address: number): Value {
  const memory = guestMemory();
  if (type === ScalarType.Float32) {
    scratch.setUint32(0, memory.read(address, 4), true);
    return newFloat(scratch.getFloat32(0, true));
  }
  if (type === ScalarType.Float64) return newFloat(readLong(address).getFloat64(0, true));
  if (type === ScalarType.Uint64) return newInt(readLong(address).getBigUint64(0, true));
  if (type === ScalarType.Int64) return newInt(readLong(address).getBigInt64(0, true));
  const size = scalarSize(type) as AccessSize;
  const value = memory.read(address, size);
  return newInt(isSigned(type) ? signExtend(value, size) : value);
}

function writeNative(type: ScalarType, address: number, value: Value): void {
  const memory = guestMemory();
  if (type === ScalarType.Float32) {
    scratch.setFloat32(0, toFloat(value), true);
    memory.write(address, scratch.getUint32(0, true), 4);
    return;
  }
  if (type === ScalarType.Float64) {
    scratch.setFloat64(0, toFloat(value), true);
    writeLong(address);
    return;
  }
  if (type === ScalarType.Uint64 || type === ScalarType.Int64) {
    const whole = typeof value === 'number' || typeof value === 'bigint' ? value : toInt(value);
    scratch.setBigInt64(0, BigInt.asIntN(64, BigInt(whole)), true);
    writeLong(address);
    return;
  }
  const word = Number(BigInt.asUintN(32, BigInt(toIntTruncated(value))));
  memory.write(address, word, scalarSize(type) as AccessSize);
}

const orderOf = (layout: number) => (layout === Layout.LittleEndian ? '<' : '>');

/** The bytes of a scalar in a packed structure with a byte order are accessed one by one. */
function readScalar(type: ScalarType, address: number, layout: number): Value {
  if (layout === Layout.Native) return readNative(type, address);
  const memory = guestMemory();
  for (let i = 0; i < scalarSize(type); i++) scratch.setUint8(i, memory.read(address + i, 1));
  return unpackValue(orderOf(layout), TYPECODES[type], scratch, 0);
}

function writeScalar(type: ScalarType, address: number, layout: number, value: Value): void {
  if (layout === Layout.Native) {
    writeNative(type, address, value);
    return;
  }
  packValue(orderOf(layout), TYPECODES[type], scratch, 0, value);
  const memory = guestMemory();
  for (let i = 0; i < scalarSize(type); i++) memory.write(address + i, scratch.getUint8(i), 1);
}

/** The integer that a bit field is part of, always unsigned. */
function readCarrier(address: number, size: AccessSize, layout: number): number {
  const memory = guestMemory();
  if (layout === Layout.Native) return memory.read(address, size);
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + memory.read(address + (layout === Layout.LittleEndian ? size - 1 - i : i), 1);
  return value;
}

function writeCarrier(address: number, size: AccessSize, layout: number, value: number): void {
  const memory = guestMemory();
  if (layout === Layout.Native) {
    memory.write(address, value, size);
    return;
  }
  for (let i = 0; i < size; i++) memory.write(address + (layout === Layout.BigEndian ? size - 1 - i : i), (value >>> (8 * i)) & 0xff, 1);
}

/** Loads a field, or stores `value` into it. */
function field(self: MpStruct, name: string, value: Value | undefined): Value {
  const { descriptor, layout } = self;
  if (!(descriptor instanceof MpDict)) raiseTypeError('struct: no fields');
  const code = descriptor.map.get(name);
  if (code === undefined) raiseKeyError(name);
  if (typeof code === 'number') {
    const scalar = scalarOf(code);
    if (isBitField(scalar.type)) return bitField(self, scalar.type, scalar.value, value);
    const address = self.address + scalar.value;
    if (value === undefined) return readScalar(scalar.type, address, layout);
    writeScalar(scalar.type, address, layout, value);
    return value;
  }
  if (!(code instanceof MpTuple) || value !== undefined) raiseSyntax();
  const { type, offset } = aggregateOf(code);
  const address = self.address + offset;
  if (type === AggregateType.Struct) return newStruct(address, code.items[1], layout);
  if (type === AggregateType.Array && code.items.length === 2) {
    const items = scalarOf(smallInt(code.items[1]));
    if (items.type === ScalarType.Uint8) return bytearrayByRef(address, items.value);
  }
  return newStruct(address, code, layout);
}

function bitField(self: MpStruct, type: ScalarType, code: number, value: Value | undefined): Value {
  const { offset, position, length } = bitFieldOf(code);
  const address = self.address + offset;
  const size = scalarSize(type) as AccessSize;
  const carrier = readCarrier(address, size, self.layout);
  const mask = 2 ** length - 1;
  if (value === undefined) return newInt(Number((BigInt(carrier) >> BigInt(position)) & BigInt(mask)));
  const bits = (toInt(value) & mask) << position;
  writeCarrier(address, size, self.layout, ((carrier & ~(mask << position)) | bits) >>> 0);
  return value;
}

/** What a pointer at `address` points to. */
function pointerAt(address: number): number {
  return vm.wordSize === 4 ? guestMemory().read(address, 4) : Number(readLong(address).getBigUint64(0, true));
}

/** Loads an item, or stores `value` into it; undefined when that is not supported. */
function item(self: MpStruct, index: Value, value: Value | undefined): Value | undefined {
  const { descriptor, layout } = self;
  if (!(descriptor instanceof MpTuple)) raiseTypeError("struct: can't index");
  const { items } = descriptor;
  const i = smallInt(index);
  const { type } = aggregateOf(descriptor);
  if (type === AggregateType.Array) {
    const { type: itemType, value: count } = scalarOf(smallInt(items[1]));
    if (i >= count) raise(excTypes.IndexError, 'struct: index out of range');
    if (items.length === 2) {
      const address = self.address + scalarSize(itemType) * i;
      if (value === undefined) return readScalar(itemType, address, layout);
      writeScalar(itemType, address, layout, value);
      return value;
    }
    if (value !== undefined) return undefined;
    return newStruct(self.address + sizeOfDescriptor(items[2], layout) * i, items[2], layout);
  }
  if (type === AggregateType.Pointer) {
    const target = pointerAt(self.address);
    if (typeof items[1] === 'number') {
      const { type: itemType } = scalarOf(items[1]);
      return readNative(itemType, target + scalarSize(itemType) * i);
    }
    return newStruct(target + sizeOfDescriptor(items[1], layout) * i, items[1], layout);
  }
  raiseSyntax();
}

const structType = new MpType('struct', {
  makeNew(_type: MpType, args: readonly Value[], kw: KwArgs) {
    checkArgCount(args.length, kw, 2, 3, false);
    return newStruct(addressArg(args[0]), args[1], args.length === 3 ? toInt(args[2]) : Layout.Native);
  },
  print(out: Printer, self: MpStruct) {
    const { descriptor } = self;
    let kind = 'ERROR';
    if (descriptor instanceof MpDict) kind = 'STRUCT';
    else if (descriptor instanceof MpTuple) {
      const { type } = aggregateOf(descriptor);
      kind = type === AggregateType.Pointer ? 'PTR' : type === AggregateType.Array ? 'ARRAY' : 'unk';
    }
    out.write(`<struct ${kind} ${self.address.toString(16)}>`);
  },
  loadAttr(self: MpStruct, name: string, dest: MethodRef) {
    const value = field(self, name, undefined);
    dest.member = value;
    dest.self = undefined;
    return true;
  },
  storeAttr(self: MpStruct, name: string, value: Value | undefined) {
    field(self, name, value);
    return true;
  },
  getItem: (self: MpStruct, index: Value) => item(self, index, undefined),
  setItem: (self: MpStruct, index: Value, value: Value | undefined) => value !== undefined && item(self, index, value) !== undefined,
  unaryOp(op: UnaryOp, self: MpStruct) {
    if (op !== UnaryOp.IntMaybe || !(self.descriptor instanceof MpTuple)) return undefined;
    if (aggregateOf(self.descriptor).type !== AggregateType.Pointer) return undefined;
    return newInt(pointerAt(self.address));
  },
  buffer: (self: MpStruct, flags: BufferFlag) => ({
    bytes: bytearrayView(self.address, sizeOfDescriptor(self.descriptor, self.layout)).buffer(flags),
    typecode: 'B',
  }),
});

function addressOfBuffer(value: Value): Value {
  const memory = guestMemory();
  if (typeof value === 'string') return newInt(memory.addressOfStr(value));
  return newInt(memory.addressOf(bufferOf(value, BufferFlag.Read).bytes));
}

function sizeOf(args: readonly Value[]): Value {
  const [value] = args;
  if (value instanceof MpArray && value.type === bytearrayType) return toInt(lenMaybe(value)!);
  if (value instanceof MpStruct) {
    if (args.length !== 1) raiseTypeError();
    return sizeOfDescriptor(value.descriptor, value.layout);
  }
  return sizeOfDescriptor(value, args.length === 2 ? toInt(args[1]) : Layout.Native);
}

function scalarNames(): [string, Value][] {
  const long = () => (vm.wordSize === 8 ? ScalarType.Int64 : ScalarType.Int32);
  const types: [string, ScalarType][] = [
    ['VOID', ScalarType.Uint8],
    ['UINT8', ScalarType.Uint8],
    ['INT8', ScalarType.Int8],
    ['UINT16', ScalarType.Uint16],
    ['INT16', ScalarType.Int16],
    ['UINT32', ScalarType.Uint32],
    ['INT32', ScalarType.Int32],
    ['UINT64', ScalarType.Uint64],
    ['INT64', ScalarType.Int64],
    ['BFUINT8', ScalarType.BitsUint8],
    ['BFINT8', ScalarType.BitsInt8],
    ['BFUINT16', ScalarType.BitsUint16],
    ['BFINT16', ScalarType.BitsInt16],
    ['BFUINT32', ScalarType.BitsUint32],
    ['BFINT32', ScalarType.BitsInt32],
  ];
  const others: [string, ScalarType][] = [
    ['FLOAT32', ScalarType.Float32],
    ['FLOAT64', ScalarType.Float64],
    ['SHORT', ScalarType.Int16],
    ['USHORT', ScalarType.Uint16],
    ['INT', ScalarType.Int32],
    ['UINT', ScalarType.Uint32],
    ['LONG', long()],
    ['ULONG', long() - 1],
    ['LONGLONG', ScalarType.Int64],
    ['ULONGLONG', ScalarType.Uint64],
  ];
  const constants = (list: [string, ScalarType][]): [string, Value][] => list.map(([name, type]) => [name, scalarConstant(type)]);
  return [...constants(types), ['BF_POS', BIT_POSITION_SHIFT], ['BF_LEN', BIT_LENGTH_SHIFT], ...constants(others)];
}

export const uctypesModule: ModuleDef = {
  name: 'uctypes',
  extensible: false,
  names: () => [
    ['struct', structType],
    ['sizeof', funVar(1, 2, sizeOf)],
    ['addressof', fun1(addressOfBuffer)],
    ['bytes_at', fun2((address, size) => newBytes(guestMemory().bytesAt(addressArg(address), toInt(size)).slice()))],
    ['bytearray_at', fun2((address, size) => bytearrayAt(addressArg(address), toInt(size)))],
    ['NATIVE', Layout.Native],
    ['LITTLE_ENDIAN', Layout.LittleEndian],
    ['BIG_ENDIAN', Layout.BigEndian],
    ...scalarNames(),
    ['PTR', aggregateConstant(AggregateType.Pointer)],
    ['ARRAY', aggregateConstant(AggregateType.Array)],
  ],
};
