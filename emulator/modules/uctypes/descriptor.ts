/**
 * Descriptors of memory layouts: integers with a type in their upper bits and an offset in the lower ones, tuples for pointers, arrays
 * and substructures, dicts for structures (extmod/moductypes.c; documentation of uctypes, "Defining structure layout").
 */
import { MpDict } from '../../objects/dict.ts';
import { MpTuple } from '../../objects/tuple.ts';
import { raiseTypeError } from '../../vm/raise.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';

export enum Layout {
  LittleEndian = 0,
  BigEndian = 1,
  Native = 2,
}

export enum ScalarType {
  Uint8,
  Int8,
  Uint16,
  Int16,
  Uint32,
  Int32,
  Uint64,
  Int64,
  BitsUint8,
  BitsInt8,
  BitsUint16,
  BitsInt16,
  BitsUint32,
  BitsInt32,
  Float32,
  Float64,
}

export enum AggregateType {
  Struct,
  Pointer,
  Array,
}

/** Widths of the fields of a descriptor's integer, from the top: type, length and place of a bit field, offset. */
const SCALAR_TYPE_BITS = 4;
const AGGREGATE_TYPE_BITS = 2;
const OFFSET_BITS = 17;
const BIT_POSITION_BITS = 5;
export const BIT_POSITION_SHIFT = OFFSET_BITS;
export const BIT_LENGTH_SHIFT = OFFSET_BITS + BIT_POSITION_BITS;

const encode = (type: number, bits: number) => (type << (32 - bits)) >> 1;
/** The constant that stands for a type: to be combined with an offset. */
export const scalarConstant = (type: ScalarType) => encode(type, SCALAR_TYPE_BITS);
export const aggregateConstant = (type: AggregateType) => encode(type, AGGREGATE_TYPE_BITS);

const typeIn = (code: number, bits: number) => (code >> (31 - bits)) & ((1 << bits) - 1);
const valueIn = (code: number, bits: number) => code & ~(-0x80000000 >> bits);

export interface Scalar {
  readonly type: ScalarType;
  /** Bytes from the beginning, or items of an array. */
  readonly value: number;
}

export function scalarOf(code: number): Scalar {
  return { type: typeIn(code, SCALAR_TYPE_BITS), value: valueIn(code, SCALAR_TYPE_BITS) };
}

export interface BitField {
  readonly offset: number;
  readonly position: number;
  readonly length: number;
}

export const isBitField = (type: ScalarType) => type >= ScalarType.BitsUint8 && type <= ScalarType.BitsInt32;

/** Takes apart the value of a bit field's scalar. */
export function bitFieldOf(value: number): BitField {
  return {
    offset: value & ((1 << OFFSET_BITS) - 1),
    position: (value >> BIT_POSITION_SHIFT) & 31,
    length: (value >> BIT_LENGTH_SHIFT) & 31,
  };
}

export interface Aggregate {
  readonly type: AggregateType;
  readonly offset: number;
}

/** What the first item of a tuple says. */
export function aggregateOf(tuple: MpTuple): Aggregate {
  const code = smallInt(tuple.items[0]);
  return { type: typeIn(code, AGGREGATE_TYPE_BITS), offset: valueIn(code, AGGREGATE_TYPE_BITS) };
}

export function raiseSyntax(): never {
  raiseTypeError('syntax error in uctypes descriptor');
}

/** An integer where a descriptor must have one. */
export function smallInt(value: Value): number {
  if (typeof value !== 'number') raiseSyntax();
  return value;
}

/** Bytes of a scalar; a bit field counts as the integer it is part of. */
export function scalarSize(type: ScalarType): number {
  return type === ScalarType.Float32 ? 4 : 1 << ((type & 7) >> 1);
}

/** The size of the largest field met, which the whole is aligned to. */
interface Widest {
  field: number;
}

function aggregateSize(tuple: MpTuple, layout: number, widest: Widest): number {
  const { items } = tuple;
  if (items.length === 0) raiseSyntax();
  const { type } = aggregateOf(tuple);
  switch (type) {
    case AggregateType.Struct:
      if (items.length !== 2) raiseSyntax();
      return descriptorSize(items[1], layout, widest);
    case AggregateType.Pointer:
      if (items.length !== 2) raiseSyntax();
      widest.field = Math.max(widest.field, vm.wordSize);
      return vm.wordSize;
    case AggregateType.Array: {
      if (items.length !== 2 && items.length !== 3) raiseSyntax();
      const { type: itemType, value: count } = scalarOf(smallInt(items[1]));
      if (items.length === 3) return descriptorSize(items[2], layout, widest) * count;
      const size = scalarSize(itemType);
      widest.field = Math.max(widest.field, size);
      return size * count;
    }
    default:
      raiseSyntax();
  }
}

function descriptorSize(descriptor: Value, layout: number, widest: Widest): number {
  if (descriptor instanceof MpTuple) return aggregateSize(descriptor, layout, widest);
  if (typeof descriptor === 'number') raiseTypeError("can't unambiguously get sizeof scalar");
  if (!(descriptor instanceof MpDict)) raiseSyntax();
  let total = 0;
  for (const [, field] of descriptor.map.entries()) {
    let end: number;
    if (typeof field === 'number') {
      const { type, value } = scalarOf(field);
      const size = scalarSize(type);
      widest.field = Math.max(widest.field, size);
      end = (isBitField(type) ? bitFieldOf(value).offset : value) + size;
    } else {
      if (!(field instanceof MpTuple)) raiseSyntax();
      end = aggregateOf(field).offset + aggregateSize(field, layout, widest);
    }
    total = Math.max(total, end);
  }
  // An empty structure has no widest field, and stays empty.
  return layout === Layout.Native && widest.field > 0 ? Math.ceil(total / widest.field) * widest.field : total;
}

/** Bytes that the described thing takes. Raises TypeError for a descriptor that is none. */
export function sizeOfDescriptor(descriptor: Value, layout: number): number {
  return descriptorSize(descriptor, layout, { field: 0 });
}
