/** property (py/objproperty.c). The attribute lookup of instances does the work. */
import { MpType } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { fun2, parseArgs } from './function.ts';

export const propertyType = new MpType('property', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    const [get, set, del] = parseArgs(
      [
        { name: '', default: null },
        { name: '', default: null },
        { name: '', default: null },
        { name: 'doc', default: null },
      ],
      args,
      kw,
    );
    return newProperty(get!, set!, del!, type);
  },
  locals: () => [
    ['getter', fun2((self, fun) => newProperty(fun, (self as MpProperty).set, (self as MpProperty).del, (self as MpProperty).type))],
    ['setter', fun2((self, fun) => newProperty((self as MpProperty).get, fun, (self as MpProperty).del, (self as MpProperty).type))],
    ['deleter', fun2((self, fun) => newProperty((self as MpProperty).get, (self as MpProperty).set, fun, (self as MpProperty).type))],
  ],
});

export class MpProperty extends MpObj {
  /** Each is None where it is absent. */
  constructor(
    readonly get: Value,
    readonly set: Value,
    readonly del: Value,
    type: MpType = propertyType,
  ) {
    super(type);
  }
}

function newProperty(get: Value, set: Value, del: Value, type: MpType): MpProperty {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpProperty(get, set, del, type);
}
