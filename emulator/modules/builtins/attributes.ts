/** Built-in functions on names, attributes and classes (py/modbuiltins.c). */
import { MpBoundMethod } from '../../objects/bound-method.ts';
import { fun0, fun1, fun2, fun3, funVar } from '../../objects/function.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { nameArgument } from '../../objects/name-argument.ts';
import { isSubclassOf } from '../../objects/type-object.ts';
import { deleteAttr, loadAttr, loadMethodProtected, storeAttr } from '../../vm/attributes.ts';
import { callMethodRef, isCallable } from '../../vm/call.ts';
import { raiseTypeError } from '../../vm/raise.ts';
import { MpType, typeOf } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MethodRef } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { knownNames } from '../known-names.ts';

export function attributeFunctions(): [string, Value][] {
  return [
    ['callable', fun1(isCallable)],
    [
      'delattr',
      fun2((obj, name) => {
        deleteAttr(obj, nameArgument(name));
        return null;
      }),
    ],
    ['dir', funVar(0, 1, dir)],
    ['getattr', funVar(2, 3, getAttr)],
    [
      'setattr',
      fun3((obj, name, value) => {
        storeAttr(obj, nameArgument(name), value);
        return null;
      }),
    ],
    ['globals', fun0(() => vm.currentGlobals())],
    [
      'hasattr',
      fun2((obj, name) => {
        const ref = new MethodRef();
        loadMethodProtected(obj, nameArgument(name), ref, false);
        return ref.member !== undefined;
      }),
    ],
    ['isinstance', fun2((obj, classes) => isSubclassOf(typeOf(obj), classes))],
    [
      'issubclass',
      fun2((type, classes) => {
        if (!(type instanceof MpType)) raiseTypeError('issubclass() arg 1 must be a class');
        return isSubclassOf(type, classes);
      }),
    ],
    ['locals', fun0(() => vm.locals)],
  ];
}

function getAttr(args: readonly Value[]): Value {
  const name = nameArgument(args[1]);
  if (args.length === 2) return loadAttr(args[0], name);
  const ref = new MethodRef();
  loadMethodProtected(args[0], name, ref, false);
  if (ref.member === undefined) return args[2];
  return ref.self === undefined ? ref.member : MpBoundMethod.make(ref.member, ref.self);
}

/** The names in scope; or an object's, found by asking it for every name that there is, so that `__getattr__` is heard too. */
function dir(args: readonly Value[]): Value {
  const list = newList([]);
  if (args.length === 0) {
    for (const [name] of vm.locals.map.entries()) listAppend(list, name);
    return list;
  }
  const ref = new MethodRef();
  loadMethodProtected(args[0], '__dir__', ref, false);
  if (ref.self !== undefined) return callMethodRef(ref, []);
  for (const name of knownNames()) {
    loadMethodProtected(args[0], name, ref, false);
    if (ref.member !== undefined) listAppend(list, name);
  }
  return list;
}
