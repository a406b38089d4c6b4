/** Types of values in viper code, and what the emitter knows about each value on the stack. */
import { NativeType } from './runtime-table.ts';

/** The lower four bits are the native type. */
export enum ValueType {
  Object = 0x00,
  Bool = 0x01,
  Int = 0x02,
  Uint = 0x03,
  Ptr = 0x04,
  Ptr8 = 0x05,
  Ptr16 = 0x06,
  Ptr32 = 0x07,
  /** The constant None, which becomes an object or a null pointer. */
  None = 0x54,
  /** A local that nothing has been assigned to. */
  Unbound = 0x60,
  /** The name of a type, which is about to be called. */
  Cast = 0x70,
}

const NAMES = new Map<ValueType, string>([
  [ValueType.Object, 'object'],
  [ValueType.Bool, 'bool'],
  [ValueType.Int, 'int'],
  [ValueType.Uint, 'uint'],
  [ValueType.Ptr, 'ptr'],
  [ValueType.Ptr8, 'ptr8'],
  [ValueType.Ptr16, 'ptr16'],
  [ValueType.Ptr32, 'ptr32'],
]);

/** As error messages name it. */
export const typeName = (type: ValueType): string => NAMES.get(type) ?? 'None';

export const isInteger = (type: ValueType): boolean => type === ValueType.Int || type === ValueType.Uint;

/** Native types by the name that a cast uses. */
export const NATIVE_TYPES = new Map<string, NativeType>([
  ['object', NativeType.Object],
  ['bool', NativeType.Bool],
  ['int', NativeType.Int],
  ['uint', NativeType.Uint],
  ['ptr', NativeType.Ptr],
  ['ptr8', NativeType.Ptr8],
  ['ptr16', NativeType.Ptr16],
  ['ptr32', NativeType.Ptr32],
]);

export enum Place {
  /** In its slot on the stack. */
  Stack,
  /** In a register, the slot is stale. */
  Register,
  /** A constant, the slot is stale. */
  Immediate,
}

export interface StackValue {
  type: ValueType;
  place: Place;
  /** Number of the register, or the constant. */
  data: number | bigint;
}
