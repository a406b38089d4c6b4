/** The built-in `next`: a file of its own, because a lookup of `__next__` on a built-in iterator gives it, bound (py/modbuiltins.c). */
import { iterNext, iterNextAllowRaise } from '../vm/iteration.ts';
import { raiseStopIteration } from '../vm/raise.ts';
import { vm } from '../vm/vm.ts';
import type { MpNativeFun } from './function.ts';
import { funVar } from './function.ts';

let builtin: MpNativeFun | undefined;

export function nextBuiltin(): MpNativeFun {
  builtin ??= funVar(1, 2, args => {
    if (args.length === 2) {
      const next = iterNext(args[0]);
      return next === undefined ? args[1] : next;
    }
    const item = iterNextAllowRaise(args[0]);
    if (item === undefined) raiseStopIteration(vm.stopValue);
    return item;
  });
  return builtin;
}
