/** A built-in method taken from its type (`list.append`): checks that its first argument is of that type (py/runtime.c). */
import { call } from '../vm/call.ts';
import { raiseTypeError } from '../vm/raise.ts';
import { MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

const checkedFunType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpCheckedFun, args: Value[], kw: KwArgs) => {
    if (args.length > 0) {
      const given = typeOf(args[0]);
      if (given !== self.owner) {
        raiseTypeError(vm.detailed ? `argument should be a '${self.owner.name}' not a '${given.name}'` : 'argument has wrong type');
      }
    }
    return call(self.fun, args, kw);
  },
});

export class MpCheckedFun extends MpObj {
  constructor(
    readonly owner: MpType,
    readonly fun: Value,
  ) {
    super(checkedFunType);
    vm.heap.alloc(3 * vm.wordSize);
  }
}
