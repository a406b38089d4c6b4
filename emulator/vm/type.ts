/**
 * Types. A built-in type is a constant with slots, shared by all boards; a class made by the guest is a type whose slots
 * are those of `objects/instance.ts`. The slots are MicroPython's (py/obj.h); `undefined` from a slot means "not supported".
 */

import type { MpMap } from '../objects/map.ts';
import { Cycles } from './cost.ts';
import { work } from './service.ts';
import type { BinaryOp, KwArgs, MethodRef, Printer, PrintKind, UnaryOp, Value } from './value.ts';
import { MpObj } from './value.ts';

export enum TypeFlag {
  None = 0,
  /** A class made by the guest. */
  Instance = 0x01,
  /** An object may compare unequal to itself (float nan, user classes). */
  EqNotReflexive = 0x02,
  /** `==` also asks when the other operand has a different type. */
  EqChecksOtherType = 0x04,
  /** The type has a test of its own for `!=`. */
  EqHasNeqTest = 0x08,
  /** A function: binds self when it is looked up on an instance. */
  BindsSelf = 0x10,
  BuiltinFun = 0x20,
  /** The object is its own iterator. */
  IterIsSelf = 0x40,
  /** A stream: iterates by lines. */
  IterIsStream = 0x80,
  /** The class (or a base) has properties, descriptors, `__setattr__` or `__delattr__`. */
  SpecialAccessors = 0x100,
  IsSubclassed = 0x200,
  /** A slice that is only used to subscript needs no heap. */
  SubscrAllowsStackSlice = 0x400,
  /** Subclass of BaseException, built in. */
  NativeException = 0x800,
}

/** Raw access to an object's bytes. `typecode` is that of `struct` (`B` for plain bytes). The view is live. */
export interface BufferView {
  bytes: Uint8Array;
  typecode: string;
}
export enum BufferFlag {
  Read = 1,
  Write = 2,
  ReadWrite = 3,
}

// biome-ignore lint/suspicious/noExplicitAny: a slot's self is of the class that the type stands for, which only its author knows
type Self = any;
export type Locals = readonly (readonly [string, Value])[];

export interface TypeSlots {
  /** Creates an instance; `type` is the type that was called (a subclass has its native part made with the native type). */
  makeNew?: (type: MpType, args: readonly Value[], kw: KwArgs) => Value;
  print?: (out: Printer, self: Self, kind: PrintKind) => void;
  call?: (self: Self, args: Value[], kw: KwArgs) => Value;
  unaryOp?: (op: UnaryOp, self: Self) => Value | undefined;
  /** `lhs` is of this type (for the Reverse… operations too: operands come swapped). */
  binaryOp?: (op: BinaryOp, lhs: Self, rhs: Value) => Value | undefined;
  /** Fills `dest`; returns false when the lookup must go on in `locals`. Must not write `dest` before nested guest calls are done. */
  loadAttr?: (self: Self, name: string, dest: MethodRef) => boolean;
  /** Stores, or deletes when `value` is undefined. Returns false when there is no such attribute. */
  storeAttr?: (self: Self, name: string, value: Value | undefined) => boolean;
  getItem?: (self: Self, index: Value) => Value | undefined;
  /** Stores, or deletes when `value` is undefined; false: not supported. */
  setItem?: (self: Self, index: Value, value: Value | undefined) => boolean;
  /** Makes an iterator. Types with IterIsSelf need none. */
  iter?: (self: Self) => Value | undefined;
  /** The next item, or undefined at the end (`vm.stopValue` then holds the StopIteration's value, if any). */
  next?: (self: Self) => Value | undefined;
  buffer?: (self: Self, flags: BufferFlag) => BufferView | undefined;
  /** The type's stream protocol (objects/stream.ts), inherited by Python subclasses. */
  stream?: unknown;
  /** Methods and class attributes of a built-in type, in the reference's order; called on first use, so that files may depend on each other. */
  locals?: () => Locals;
  parent?: MpType;
  flags?: number;
}

/** Set by objects/map.ts, which stands above this file. */
export const mapHooks: { fixedMap: (entries: Locals) => MpMap } = {
  fixedMap: () => {
    throw new Error('objects/map.ts is not loaded');
  },
};

let typeType: MpType | undefined;
const typesBeforeTypeType: MpType[] = [];

export class MpType extends MpObj {
  flags: number;
  parents: readonly MpType[];
  makeNew: TypeSlots['makeNew'];
  print: TypeSlots['print'];
  call: TypeSlots['call'];
  unaryOp: TypeSlots['unaryOp'];
  binaryOp: TypeSlots['binaryOp'];
  loadAttr: TypeSlots['loadAttr'];
  storeAttr: TypeSlots['storeAttr'];
  getItem: TypeSlots['getItem'];
  setItem: TypeSlots['setItem'];
  iter: TypeSlots['iter'];
  next: TypeSlots['next'];
  buffer: TypeSlots['buffer'];
  stream: unknown;
  private localsSource: TypeSlots['locals'];
  private localsMap: MpMap | null | undefined;
  /** A guest class's bases as it was given them; undefined for built-in types. */
  basesTuple: Value | undefined = undefined;

  constructor(
    readonly name: string,
    slots: TypeSlots,
  ) {
    super(typeType as MpType);
    if (typeType === undefined) typesBeforeTypeType.push(this);
    this.flags = slots.flags ?? 0;
    this.parents = slots.parent ? [slots.parent] : [];
    this.makeNew = slots.makeNew;
    this.print = slots.print;
    this.call = slots.call;
    this.unaryOp = slots.unaryOp;
    this.binaryOp = slots.binaryOp;
    this.loadAttr = slots.loadAttr;
    this.storeAttr = slots.storeAttr;
    this.getItem = slots.getItem;
    this.setItem = slots.setItem;
    this.iter = slots.iter;
    this.next = slots.next;
    this.buffer = slots.buffer;
    this.stream = slots.stream;
    this.localsSource = slots.locals;
    this.localsMap = slots.locals === undefined ? null : undefined;
  }

  /** The namespace: fixed for a built-in type, the class body's map for a guest class, null when there is none. */
  get locals(): MpMap | null {
    if (this.localsMap === undefined) {
      const source = this.localsSource!;
      this.localsMap = mapHooks.fixedMap(source());
    }
    return this.localsMap;
  }
  set locals(map: MpMap | null) {
    this.localsMap = map;
  }
}

/** Declares which type is `type`, every type's type. Called once, by objects/type.ts. */
export function defineTypeType(type: MpType): void {
  typeType = type;
  for (const early of typesBeforeTypeType) (early as { type: MpType }).type = type;
  typesBeforeTypeType.length = 0;
}

/** The types of values that are JavaScript primitives; each is set by the file in objects/ that defines it. */
export const primitiveTypes = {} as { int: MpType; str: MpType; bool: MpType; none: MpType };

export function typeOf(value: Value): MpType {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return primitiveTypes.int;
    case 'string':
      return primitiveTypes.str;
    case 'boolean':
      return primitiveTypes.bool;
    default:
      return value === null ? primitiveTypes.none : value.type;
  }
}

export function typeName(value: Value): string {
  return typeOf(value).name;
}

/** True when `type` is `ancestor` or derives from it (depth first, as the reference does). */
export function isSubclass(type: MpType, ancestor: MpType): boolean {
  for (;;) {
    if (type === ancestor) return true;
    const { parents } = type;
    const last = parents.length - 1;
    if (last < 0) return false;
    for (let i = 0; i < last; i++) {
      work(Cycles.classLookup);
      if (isSubclass(parents[i], ancestor)) return true;
    }
    type = parents[last];
  }
}
