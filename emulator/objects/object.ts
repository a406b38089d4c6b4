/** object (py/objobject.c). */
import { raiseAttributeError, raiseTypeError } from '../vm/raise.ts';
import type { Locals } from '../vm/type.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount, fun1, fun2, fun3 } from './function.ts';
import { MpInstance, newInstance, storeMember } from './instance.ts';
import { MpStaticOrClassMethod, staticmethodType } from './static-class-method.ts';

export const objectType: MpType = new MpType('object', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 0, 0, false);
    vm.heap.alloc(vm.wordSize);
    return new MpPlainObject(type);
  },
  locals: (): Locals => [
    ['__init__', fun1(() => null)],
    ['__new__', new MpStaticOrClassMethod(staticmethodType, fun1(makeBlank))],
    ['__setattr__', fun3((self, name, value) => (storeMember(instance(self, name), name as string, value), null))],
    ['__delattr__', fun2(deleteMember)],
  ],
});

/** What `object()` makes: nothing but an identity. */
export class MpPlainObject extends MpObj {}

function makeBlank(type: Value): Value {
  if (!(type instanceof MpType) || (type.flags & TypeFlag.Instance) === 0) raiseTypeError('arg must be user-type');
  return newInstance(type);
}

function instance(self: Value, name: Value): MpInstance {
  if (!(self instanceof MpInstance)) raiseTypeError('arg must be user-type');
  if (typeof name !== 'string') raiseTypeError();
  return self;
}

function deleteMember(self: Value, name: Value): Value {
  if (!storeMember(instance(self, name), name as string, undefined)) raiseAttributeError('no such attribute');
  return null;
}
