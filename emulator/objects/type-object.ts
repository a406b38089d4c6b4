/** `type`: making classes, calling them, their attributes; `super` (py/objtype.c). */
import { convertMember, loadMethodMaybe, loadMethodProtected } from '../vm/attributes.ts';
import { callMethodRef } from '../vm/call.ts';
import { printValue } from '../vm/printing.ts';
import { raiseAttributeError, raiseTypeError } from '../vm/raise.ts';
import { defineTypeType, isSubclass, MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { MethodRef, MpObj, PrintKind } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { MpFunction } from './bytecode-function.ts';
import { MpDict, newDict } from './dict.ts';
import { checkArgCount } from './function.ts';
import { classLookup, initWrapper, instanceSlots, type MpInstance, NATIVE_SLOT, nativeBases } from './instance.ts';
import { MpMap } from './map.ts';
import { nameArgument } from './name-argument.ts';
import { objectType } from './object.ts';
import { MpProperty } from './property.ts';
import { MpStaticOrClassMethod, staticmethodType } from './static-class-method.ts';
import { emptyTuple, MpTuple, newTuple } from './tuple.ts';

export const typeType: MpType = new MpType('type', {
  makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 1, 3, false);
    if (args.length === 1) return typeOf(args[0]);
    if (args.length !== 3) raiseTypeError('type takes 1 or 3 arguments');
    return newClass(nameArgument(args[0]), args[1], args[2]);
  },
  print: (out: Printer, self: MpType) => out.write(`<class '${self.name}'>`),
  call(self: MpType, args: Value[], kw: KwArgs): Value {
    if (self.makeNew === undefined) raiseTypeError(vm.terse ? "can't create instance" : `can't create '${self.name}' instances`);
    return self.makeNew(self, args, kw);
  },
  loadAttr(self: MpType, name: string, dest: MethodRef): boolean {
    dest.self = undefined;
    dest.member = undefined;
    switch (name) {
      case '__name__':
        dest.member = self.name;
        return true;
      case '__dict__': {
        const dict = newDict();
        const { locals } = self;
        (dict as { map: MpMap }).map = locals === null ? MpMap.fixedFrom([]) : locals.fixed ? locals : locals.copy();
        dict.map.fixed = true;
        dest.member = dict;
        return true;
      }
      case '__bases__':
        dest.member = self === objectType ? emptyTuple : newTuple(self.parents.length > 0 ? self.parents.slice() : [objectType]);
        return true;
    }
    classLookup(self, name, undefined, self, undefined, dest);
    return true;
  },
  storeAttr(self: MpType, name: string, value: Value | undefined): boolean {
    const { locals } = self;
    if (locals === null || locals.fixed) return false;
    if (value === undefined) return locals.delete(name) !== undefined;
    if ((self.flags & TypeFlag.SpecialAccessors) === 0 && isSpecialAccessor(name, value)) {
      if ((self.flags & TypeFlag.IsSubclassed) !== 0) raiseAttributeError("can't add special method to already-subclassed class");
      self.flags |= TypeFlag.SpecialAccessors;
    }
    locals.set(name, value);
    return true;
  },
});
defineTypeType(typeType);

function isSpecialAccessor(name: Value, value: Value): boolean {
  if ((name === '__setattr__' || name === '__delattr__') && vm.feature('delattrSetattr')) return true;
  if (value instanceof MpProperty) return true;
  if (!(value instanceof MpObj)) return false;
  const ref = new MethodRef();
  for (const special of ['__get__', '__set__', '__delete__']) {
    loadMethodProtected(value, special, ref, true);
    if (ref.member !== undefined) return true;
  }
  return false;
}

/** Makes a class. Raises TypeError for bases that cannot be. */
export function newClass(name: string, bases: Value, namespace: Value): MpType {
  if (!(bases instanceof MpTuple) || !(namespace instanceof MpDict)) raiseTypeError();
  let flags = TypeFlag.Instance | TypeFlag.EqNotReflexive | TypeFlag.EqChecksOtherType | TypeFlag.EqHasNeqTest;
  const parents: MpType[] = [];
  for (const base of bases.items) {
    if (!(base instanceof MpType)) raiseTypeError();
    if (base.makeNew === undefined) {
      raiseTypeError(vm.terse ? "type isn't an acceptable base type" : `type '${base.name}' isn't an acceptable base type`);
    }
    if ((base.flags & TypeFlag.Instance) !== 0) {
      base.flags |= TypeFlag.IsSubclassed;
      flags |= base.flags & TypeFlag.SpecialAccessors;
    }
    parents.push(base);
  }
  const { stream } = parents[0] ?? {};
  vm.heap.alloc((5 + 10 + (parents.length > 0 ? 1 : 0) + (stream !== undefined ? 1 : 0)) * vm.wordSize);
  const type = new MpType(name, { ...instanceSlots, flags, stream });
  type.parents = parents;
  type.locals = namespace.map;

  const setNames: [MethodRef, Value][] = [];
  for (const [key, value] of namespace.map.entries()) {
    if ((type.flags & TypeFlag.SpecialAccessors) === 0 && isSpecialAccessor(key, value)) type.flags |= TypeFlag.SpecialAccessors;
    if (value instanceof MpObj) {
      const ref = new MethodRef();
      loadMethodMaybe(value, '__set_name__', ref);
      if (ref.self !== undefined) setNames.push([ref, key]);
    }
  }
  if (nativeBases(type).count > 1) raiseTypeError('multiple bases have instance lay-out conflict');
  const made = namespace.map.get('__new__');
  if (made instanceof MpFunction || (made instanceof MpObj && (made.type.flags & TypeFlag.BindsSelf) !== 0)) {
    namespace.map.set('__new__', new MpStaticOrClassMethod(staticmethodType, made));
  }
  for (const [ref, key] of setNames) callMethodRef(ref, [type, key]);
  return type;
}

export const superType = new MpType('super', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 2, 2, false);
    const second = args[1] instanceof MpType ? args[1] : typeOf(args[1]);
    if (!isSubclassOf(second, args[0])) raiseTypeError();
    vm.heap.alloc(3 * vm.wordSize);
    return new MpSuper(type, args[0] as MpType, args[1]);
  },
  print(out: Printer, self: MpSuper) {
    out.write('<super: ');
    printValue(out, self.owner, PrintKind.Str);
    out.write(', ');
    printValue(out, self.obj, PrintKind.Str);
    out.write('>');
  },
  loadAttr(self: MpSuper, name: string, dest: MethodRef): boolean {
    superLookup(self.owner, self.obj, name, dest);
    return true;
  },
});

export class MpSuper extends MpObj {
  constructor(
    type: MpType,
    readonly owner: MpType,
    readonly obj: Value,
  ) {
    super(type);
  }
}

/** `super(owner, obj).name`: the lookup goes on behind `owner`. Leaves `dest.member` undefined when there is none. */
export function superLookup(owner: MpType, obj: Value, name: string, dest: MethodRef): void {
  dest.member = undefined;
  dest.self = undefined;
  const slot = name === '__init__' ? 'makeNew' : undefined;
  for (const parent of owner.parents) {
    if (parent === objectType) continue;
    if (classLookup(parent, name, obj as MpInstance, undefined, slot, dest) === NATIVE_SLOT) {
      dest.member = initWrapper();
      dest.self = obj;
      return;
    }
    if (dest.member !== undefined) return;
  }
  const member = objectType.locals?.get(name);
  if (member !== undefined) convertMember(obj, objectType, member, dest);
}

/** issubclass(type, info): `info` is a class or a tuple of classes. */
export function isSubclassOf(type: MpType, info: Value): boolean {
  const classes = info instanceof MpType ? [info] : info instanceof MpTuple ? info.items : undefined;
  if (classes === undefined) raiseTypeError('issubclass() arg 2 must be a class or a tuple of classes');
  return classes.some(item => item === objectType || (item instanceof MpType && isSubclass(type, item)));
}

/** The native part of `value` when it is, or derives from, the built-in type; undefined otherwise. */
export function nativePart(value: Value, native: MpType): Value | undefined {
  const type = typeOf(value);
  if (type === native) return value;
  return isSubclass(type, native) ? (value as MpInstance).subobj : undefined;
}
