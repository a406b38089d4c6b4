/** reversed (py/objreversed.c). */
import { loadMethodMaybe } from '../vm/attributes.ts';
import { callMethodRef } from '../vm/call.ts';
import { len, toInt } from '../vm/operators.ts';
import { getItem } from '../vm/subscript.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MethodRef, MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';

export const reversedType = new MpType('reversed', {
  flags: TypeFlag.IterIsSelf,
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 1, 1, false);
    const ref = new MethodRef();
    loadMethodMaybe(args[0], '__reversed__', ref);
    if (ref.member !== undefined) return callMethodRef(ref, []);
    vm.heap.alloc(3 * vm.wordSize);
    return new MpReversed(type, args[0], toInt(len(args[0])));
  },
  next(self: MpReversed): Value | undefined {
    if (self.left === 0) return undefined;
    self.left--;
    return getItem(self.sequence, self.left);
  },
});

export class MpReversed extends MpObj {
  constructor(
    type: MpType,
    readonly sequence: Value,
    /** Items that are still to come. */
    public left: number,
  ) {
    super(type);
  }
}
