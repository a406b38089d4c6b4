/**
 * Instances of guest classes (py/objtype.c): lookup through the bases, depth first and left to right as the reference does,
 * special methods, descriptors and properties, and the native part of a class derived from a built-in type.
 */
import { convertMember, loadMethodMaybe } from '../vm/attributes.ts';
import { call, call1, callMethodRef, raiseNotCallable } from '../vm/call.ts';
import { Cycles } from '../vm/cost.ts';
import { binaryOp, binaryOpName, isTrue, toInt, unaryOp } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raiseAttributeError, raiseTypeError } from '../vm/raise.ts';
import { work } from '../vm/service.ts';
import { getItem, setItem } from '../vm/subscript.ts';
import type { BufferFlag, BufferView } from '../vm/type.ts';
import { type MpType, TypeFlag, typeName, typeOf } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MethodRef, MpObj, PrintKind, UNARY_OP_NAMES, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { MpCheckedFun } from './checked-function.ts';
import { newDict } from './dict.ts';
import { MpException } from './exception.ts';
import { funKw, type MpNativeFun } from './function.ts';
import { addressOf, formatAddress } from './identity.ts';
import { MpMap } from './map.ts';
import { objectType } from './object.ts';
import { MpProperty } from './property.ts';
import { notImplemented } from './singletons.ts';

export class MpInstance extends MpObj {
  /** Its attributes. No other object has a field of this name: translated code knows an instance by it. */
  members: MpMap;
  /** The native part of a class derived from a built-in type; `initWrapper()` until that is constructed; undefined when there is no native base. */
  subobj: Value | undefined = undefined;
  constructor(type: MpType) {
    super(type);
    this.members = MpMap.shared();
  }
}

/** Marks, in a lookup, that a native base answers a special method by a slot. */
export const NATIVE_SLOT = Symbol('native slot');
export type Looked = Value | undefined | typeof NATIVE_SLOT;

type SlotName = 'makeNew' | 'print' | 'call' | 'unaryOp' | 'binaryOp' | 'getItem' | 'iter' | 'buffer';

interface NativeBases {
  readonly count: number;
  readonly last: MpType | undefined;
}

const knownBases = new WeakMap<MpType, NativeBases>();

/** The native base of a class, or undefined; `count` says how many it has. A class keeps its bases. */
export function nativeBases(type: MpType): NativeBases {
  let bases = knownBases.get(type);
  if (bases === undefined) {
    bases = findNativeBases(type);
    knownBases.set(type, bases);
  }
  return bases;
}

/** From its bases, which are known: each class asks when it is made. */
function findNativeBases(type: MpType): NativeBases {
  if (type === objectType) return { count: 0, last: undefined };
  if ((type.flags & TypeFlag.Instance) === 0) return { count: 1, last: type };
  let count = 0;
  let last: MpType | undefined;
  for (const parent of type.parents) {
    const bases = nativeBases(parent);
    count += bases.count;
    last = bases.last ?? last;
  }
  return { count, last };
}

let wrapper: MpNativeFun | undefined;
/** `__init__` of a native base, called on an instance of a class derived from it: constructs the native part. */
export function initWrapper(): MpNativeFun {
  wrapper ??= funKw(1, (args, kw) => {
    const self = args[0] as MpInstance;
    const { last } = nativeBases(self.type);
    self.subobj = last!.makeNew!(last!, args.slice(1), kw);
    return null;
  });
  return wrapper;
}

/** A blank instance of a guest class, accounted for. */
export function newInstance(type: MpType): MpInstance {
  const { count } = nativeBases(type);
  vm.heap.alloc((4 + count) * vm.wordSize);
  const instance = new MpInstance(type);
  if (count > 0) instance.subobj = initWrapper();
  return instance;
}

/**
 * Looks `name` up in a class and its bases. `obj` is the instance, or undefined; `asType`: the lookup is on the class `owner` itself.
 * With `slot`, a native base that has it answers NATIVE_SLOT. The result is in `dest`, but for NATIVE_SLOT, which is returned.
 */
export function classLookup(
  type: MpType,
  name: string,
  obj: MpInstance | undefined,
  owner: MpType | undefined,
  slot: SlotName | undefined,
  dest: MethodRef,
): typeof NATIVE_SLOT | undefined {
  dest.member = undefined;
  dest.self = undefined;
  for (;;) {
    work(Cycles.classLookup);
    const native = (type.flags & TypeFlag.Instance) === 0;
    if (slot !== undefined && native) {
      if (type[slot] !== undefined || (slot === 'iter' && (type.flags & (TypeFlag.IterIsStream | TypeFlag.IterIsSelf)) !== 0))
        return NATIVE_SLOT;
    }
    const { locals } = type;
    if (locals !== null && name !== '') {
      const member = locals.get(name);
      if (member !== undefined) {
        if (owner !== undefined) {
          const builtin = member instanceof MpObj && (member.type.flags & TypeFlag.BuiltinFun) !== 0;
          // A native method taken from a class derived in Python: the reference passes on whatever it is called with, and goes wild.
          if (builtin && native && type !== objectType && owner !== type) dest.member = new MpCheckedFun(type, member);
          else convertMember(undefined, owner, member, dest);
        } else {
          let self: Value | undefined = obj;
          if (obj !== undefined && native && type !== objectType) {
            self = obj.subobj;
            if (self === initWrapper()) raiseAttributeError('call super().__init__() first');
          }
          convertMember(self, type, member, dest);
        }
        return undefined;
      }
    }
    if (obj !== undefined && owner === undefined && native && type !== objectType && name !== '') {
      loadMethodMaybe(obj.subobj!, name, dest);
      if (dest.member !== undefined) return undefined;
    }
    const { parents } = type;
    const last = parents.length - 1;
    if (last < 0) return undefined;
    for (let i = 0; i < last; i++) {
      if (parents[i] === objectType) continue;
      const found = classLookup(parents[i], name, obj, owner, slot, dest);
      if (found !== undefined || dest.member !== undefined) return found;
    }
    type = parents[last];
    if (type === objectType) return undefined;
  }
}

function print(out: Printer, self: MpInstance, kind: PrintKind): void {
  const ref = new MethodRef();
  let found = classLookup(self.type, kind === PrintKind.Str ? '__str__' : '__repr__', self, undefined, 'print', ref);
  if (found === undefined && ref.member === undefined && kind === PrintKind.Str) {
    found = classLookup(self.type, '__repr__', self, undefined, undefined, ref);
  }
  if (found === NATIVE_SLOT) {
    const inner = self.subobj!;
    if (inner instanceof MpException) {
      if (kind !== PrintKind.Str) out.write(self.type.name);
      printValue(out, inner, kind | PrintKind.ExcSubclass);
    } else printValue(out, inner, kind);
    return;
  }
  if (ref.member !== undefined) {
    printValue(out, call1(ref.member, self), PrintKind.Str);
    return;
  }
  out.write(`<${self.type.name} object at ${formatAddress(self)}>`);
}

/** Makes an instance: `__new__`, then `__init__`, then the native part if nobody has made it yet. (vm/translate/invoke.ts does the same for calls from code.) */
export function instanceMakeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  const ref = new MethodRef();
  const newFound = classLookup(type, '__new__', undefined, undefined, 'makeNew', ref);
  if (newFound === NATIVE_SLOT || ref.member === undefined) return initialise(newInstance(type), args, kw);
  return madeByNew(type, ref.member, args, kw);
}

/** The instance that a class's own `__new__` makes; what is of another class is not initialised. */
export function madeByNew(type: MpType, makeNew: Value, args: readonly Value[], kw: KwArgs): Value {
  const made = call(makeNew, [type, ...args], kw);
  return typeOf(made) === type ? initialise(made as MpInstance, args, kw) : made;
}

function initialise(instance: MpInstance, args: readonly Value[], kw: KwArgs): Value {
  const { type } = instance;
  const ref = new MethodRef();
  classLookup(type, '__init__', instance, undefined, undefined, ref);
  if (ref.member !== undefined) requireNone(callMethodRef(ref, args.slice(), kw));
  if (instance.subobj !== undefined && instance.subobj === wrapper) {
    const { last } = nativeBases(type);
    instance.subobj = last!.makeNew!(last!, args, kw);
  }
  return instance;
}

/** Raises TypeError unless `__init__` returned None. */
export function requireNone(result: Value): void {
  if (result === null) return;
  raiseTypeError(vm.terse ? '__init__() should return None' : `__init__() should return None, not '${typeName(result)}'`);
}

function instanceUnaryOp(op: UnaryOp, self: MpInstance): Value | undefined {
  if (op === UnaryOp.Sizeof) {
    const words = 4 + nativeBases(self.type).count + self.members.alloc * 2;
    return words * vm.wordSize;
  }
  const ref = new MethodRef();
  const found = classLookup(self.type, UNARY_OP_NAMES[op], self, undefined, 'unaryOp', ref);
  if (found === NATIVE_SLOT) return unaryOp(op, self.subobj!);
  if (ref.member !== undefined) {
    const value = call1(ref.member, self);
    if (op === UnaryOp.Hash) return hashWord(value);
    if (op === UnaryOp.IntMaybe && typeof value !== 'number' && typeof value !== 'bigint') raiseTypeError();
    return value;
  }
  if (op === UnaryOp.Hash) {
    classLookup(self.type, '__eq__', self, undefined, undefined, ref);
    if (ref.member === undefined) return addressOf(self);
  }
  return undefined;
}

/** A hash given by `__hash__`, cut to a small integer. */
function hashWord(value: Value): Value {
  if (typeof value === 'bigint') return Number(BigInt.asIntN(vm.profile.smallIntBits === 31 ? 31 : 53, value));
  const n = toInt(value);
  return n >= vm.smallIntMin && n <= vm.smallIntMax ? n : Number(BigInt.asIntN(31, BigInt(n)));
}

function instanceBinaryOp(op: BinaryOp, lhs: MpInstance, rhs: Value): Value | undefined {
  const ref = new MethodRef();
  const found = classLookup(lhs.type, binaryOpName(op), lhs, undefined, 'binaryOp', ref);
  if (found === NATIVE_SLOT) return binaryOp(op, lhs.subobj!, rhs);
  if (ref.member === undefined) return undefined;
  const result = callMethodRef(ref, [rhs]);
  if (op === BinaryOp.Contains) return isTrue(result);
  return result === notImplemented ? undefined : result;
}

function instanceLoadAttr(self: MpInstance, name: string, dest: MethodRef): boolean {
  const own = self.members.get(name);
  if (own !== undefined) {
    dest.member = own;
    dest.self = undefined;
    return true;
  }
  if (name === '__dict__') {
    const dict = newDict();
    (dict as { map: MpMap }).map = self.members.copy();
    dict.map.fixed = true;
    dest.member = dict;
    dest.self = undefined;
    return true;
  }
  const { type } = self;
  classLookup(type, name, self, undefined, undefined, dest);
  const member = dest.member;
  if (member !== undefined) {
    if ((type.flags & TypeFlag.SpecialAccessors) === 0) return true;
    if (member instanceof MpProperty) {
      if (member.get === null) raiseAttributeError('unreadable attribute');
      const value = call1(member.get, self);
      dest.member = value;
      dest.self = undefined;
      return true;
    }
    const bound = dest.self;
    const ref = new MethodRef();
    loadMethodMaybe(member, '__get__', ref);
    if (ref.member !== undefined) {
      const value = callMethodRef(ref, [self, typeOf(self)]);
      dest.member = value;
      dest.self = undefined;
    } else {
      dest.member = member;
      dest.self = bound;
    }
    return true;
  }
  if (name === '__getattr__' || name === '__get__' || name === '__set__' || name === '__delete__' || name === '__set_name__') return true;
  if ((name === '__setattr__' || name === '__delattr__') && vm.feature('delattrSetattr')) return true;
  const ref = new MethodRef();
  loadMethodMaybe(self, '__getattr__', ref);
  if (ref.member !== undefined) {
    const value = callMethodRef(ref, [name]);
    dest.member = value;
    dest.self = undefined;
  }
  return true;
}

/** Stores without asking for special accessors: what `object.__setattr__` does. */
export function storeMember(self: MpInstance, name: string, value: Value | undefined): boolean {
  if (value === undefined) return self.members.delete(name) !== undefined;
  self.members.set(name, value);
  return true;
}

function instanceStoreAttr(self: MpInstance, name: string, value: Value | undefined): boolean {
  const { type } = self;
  if ((type.flags & TypeFlag.SpecialAccessors) === 0) return storeMember(self, name, value);
  const ref = new MethodRef();
  classLookup(type, name, self, undefined, undefined, ref);
  const member = ref.member;
  if (member !== undefined) {
    if (member instanceof MpProperty) {
      const fun = value === undefined ? member.del : member.set;
      if (fun === null) return false;
      call(fun, value === undefined ? [self] : [self, value]);
      return true;
    }
    loadMethodMaybe(member, value === undefined ? '__delete__' : '__set__', ref);
    if (ref.member !== undefined) {
      callMethodRef(ref, value === undefined ? [self] : [self, value]);
      return true;
    }
  }
  if (vm.feature('delattrSetattr')) {
    loadMethodMaybe(self, value === undefined ? '__delattr__' : '__setattr__', ref);
    if (ref.member !== undefined) {
      callMethodRef(ref, value === undefined ? [name] : [name, value]);
      return true;
    }
  }
  return storeMember(self, name, value);
}

function instanceGetItem(self: MpInstance, index: Value): Value | undefined {
  const ref = new MethodRef();
  const found = classLookup(self.type, '__getitem__', self, undefined, 'getItem', ref);
  if (found === NATIVE_SLOT) return getItem(self.subobj!, index);
  return ref.member === undefined ? undefined : callMethodRef(ref, [index]);
}

function instanceSetItem(self: MpInstance, index: Value, value: Value | undefined): boolean {
  const ref = new MethodRef();
  const found = classLookup(self.type, value === undefined ? '__delitem__' : '__setitem__', self, undefined, 'getItem', ref);
  if (found === NATIVE_SLOT) {
    setItem(self.subobj!, index, value);
    return true;
  }
  if (ref.member === undefined) return false;
  callMethodRef(ref, value === undefined ? [index] : [index, value]);
  return true;
}

export function instanceCall(self: MpInstance, args: Value[], kw: KwArgs): Value {
  const ref = new MethodRef();
  const found = classLookup(self.type, '__call__', self, undefined, 'call', ref);
  if (found === NATIVE_SLOT) return call(self.subobj!, args, kw);
  if (ref.member === undefined) raiseNotCallable(self);
  return callMethodRef(ref, args, kw);
}

function instanceIter(self: MpInstance): Value | undefined {
  const ref = new MethodRef();
  const found = classLookup(self.type, '__iter__', self, undefined, 'iter', ref);
  if (found === NATIVE_SLOT) {
    const inner = typeOf(self.subobj!);
    if ((inner.flags & (TypeFlag.IterIsSelf | TypeFlag.IterIsStream)) !== 0) return self.subobj;
    return inner.iter!(self.subobj!);
  }
  return ref.member === undefined ? undefined : callMethodRef(ref, []);
}

function instanceBuffer(self: MpInstance, flags: BufferFlag): BufferView | undefined {
  const found = classLookup(self.type, '', self, undefined, 'buffer', new MethodRef());
  return found === NATIVE_SLOT ? typeOf(self.subobj!).buffer!(self.subobj!, flags) : undefined;
}

/** Has the instance a `__call__`? */
export function instanceIsCallable(self: MpInstance): boolean {
  const ref = new MethodRef();
  return classLookup(self.type, '__call__', self, undefined, 'call', ref) === NATIVE_SLOT || ref.member !== undefined;
}

/** The slots of every guest class. */
export const instanceSlots = {
  makeNew: instanceMakeNew,
  print,
  call: instanceCall,
  unaryOp: instanceUnaryOp,
  binaryOp: instanceBinaryOp,
  loadAttr: instanceLoadAttr,
  storeAttr: instanceStoreAttr,
  getItem: instanceGetItem,
  setItem: instanceSetItem,
  iter: instanceIter,
  buffer: instanceBuffer,
};
