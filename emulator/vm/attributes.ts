/** Attribute lookup (py/runtime.c): on any value, with binding of methods. Classes and instances add theirs in objects/instance.ts. */
import { MpBoundMethod } from '../objects/bound-method.ts';
import { MpCheckedFun } from '../objects/checked-function.ts';
import { excTypes } from '../objects/exception.ts';
import { moduleName, moduleType } from '../objects/module.ts';
import { nextBuiltin } from '../objects/next-builtin.ts';
import { objectType } from '../objects/object.ts';
import { classmethodType, type MpStaticOrClassMethod, staticmethodType } from '../objects/static-class-method.ts';
import { Raise, raiseAttributeError } from './raise.ts';
import { isSubclass, MpType, TypeFlag, typeName, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { MethodRef, MpObj } from './value.ts';
import { vm } from './vm.ts';

/** Turns a member found in a type's namespace into what a lookup gives: a value, or a function and its first argument. */
export function convertMember(self: Value | undefined, type: MpType, member: Value, dest: MethodRef): void {
  if (member instanceof MpObj) {
    const { flags } = member.type;
    if ((flags & TypeFlag.BindsSelf) !== 0) {
      dest.member = member;
      dest.self = undefined;
      if ((flags & TypeFlag.BuiltinFun) !== 0) {
        // A built-in function in a guest class acts like a staticmethod.
        if ((type.flags & TypeFlag.Instance) !== 0) return;
        if (self === undefined && type !== objectType) {
          dest.member = new MpCheckedFun(type, member);
          return;
        }
      }
      dest.self = self;
      return;
    }
    if (member.type === staticmethodType) {
      dest.member = (member as MpStaticOrClassMethod).fun;
      dest.self = undefined;
      return;
    }
    if (member.type === classmethodType) {
      let owner: Value = type;
      if (self !== undefined) owner = self instanceof MpType ? self : typeOf(self);
      dest.member = (member as MpStaticOrClassMethod).fun;
      dest.self = owner;
      return;
    }
  }
  dest.member = member;
  dest.self = undefined;
}

/** Looks `name` up on `obj`; leaves `dest.member` undefined when there is none. */
export function loadMethodMaybe(obj: Value, name: string, dest: MethodRef): void {
  const type = typeOf(obj);
  if (name === '__class__') {
    dest.member = type;
    dest.self = undefined;
    return;
  }
  if (name === '__next__' && (type.next !== undefined || (type.flags & TypeFlag.IterIsStream) !== 0)) {
    dest.member = nextBuiltin();
    dest.self = obj;
    return;
  }
  if (type.loadAttr !== undefined) {
    dest.member = undefined;
    dest.self = undefined;
    if (type.loadAttr(obj, name, dest) || dest.member !== undefined) return;
  }
  const { locals } = type;
  const member = locals === null ? undefined : locals.get(name);
  if (member === undefined) {
    dest.member = undefined;
    dest.self = undefined;
  } else convertMember(obj, type, member, dest);
}

/** As `loadMethodMaybe`, but raises AttributeError when there is none. */
export function loadMethod(obj: Value, name: string, dest: MethodRef): void {
  loadMethodMaybe(obj, name, dest);
  if (dest.member === undefined) raiseNoAttribute(obj, name);
}

function raiseNoAttribute(obj: Value, name: string): never {
  if (vm.terse) raiseAttributeError('no such attribute');
  if (obj instanceof MpType) raiseAttributeError(`type object '${obj.name}' has no attribute '${name}'`);
  if (vm.detailed && typeOf(obj) === moduleType) raiseAttributeError(`module '${moduleName(obj)}' has no attribute '${name}'`);
  raiseAttributeError(`'${typeName(obj)}' object has no attribute '${name}'`);
}

export function loadAttr(obj: Value, name: string): Value {
  const dest = new MethodRef();
  loadMethod(obj, name, dest);
  return dest.self === undefined ? dest.member! : MpBoundMethod.make(dest.member!, dest.self);
}

/** The attribute, or undefined. */
export function loadAttrMaybe(obj: Value, name: string): Value | undefined {
  const dest = new MethodRef();
  loadMethodMaybe(obj, name, dest);
  if (dest.member === undefined) return undefined;
  return dest.self === undefined ? dest.member : MpBoundMethod.make(dest.member, dest.self);
}

/** A lookup for hasattr and getattr with a default: an AttributeError (or, with `all`, any exception) means "none". */
export function loadMethodProtected(obj: Value, name: string, dest: MethodRef, all: boolean): void {
  try {
    loadMethodMaybe(obj, name, dest);
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    if (!all && !isSubclass(typeOf(error.exception), excTypes.AttributeError)) throw error;
    dest.member = undefined;
    dest.self = undefined;
  }
}

export function storeAttr(obj: Value, name: string, value: Value): void {
  if (!typeOf(obj).storeAttr?.(obj, name, value)) raiseNoStore(obj, name);
}

export function deleteAttr(obj: Value, name: string): void {
  if (!typeOf(obj).storeAttr?.(obj, name, undefined)) raiseNoStore(obj, name);
}

function raiseNoStore(obj: Value, name: string): never {
  raiseAttributeError(vm.terse ? 'no such attribute' : `'${typeName(obj)}' object has no attribute '${name}'`);
}
