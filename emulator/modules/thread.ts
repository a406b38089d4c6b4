/** The module _thread (py/modthread.c): threads, which take turns in virtual time, and locks. */
import { MpDict } from '../objects/dict.ts';
import { excTypes } from '../objects/exception.ts';
import { fun0, fun1, funVar } from '../objects/function.ts';
import { newInt } from '../objects/int.ts';
import { arrayItems } from '../vm/iteration.ts';
import { toInt } from '../vm/operators.ts';
import { raise, raiseMessage, raiseTypeError } from '../vm/raise.ts';
import { mayBlock, type Thread, threads } from '../vm/threads.ts';
import { MpType } from '../vm/type.ts';
import { MpObj, type Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';
import { deadlineIn } from './waiting.ts';

class MpLock extends MpObj {
  locked = false;
  /** Who took it last; null: the main thread. */
  private owner: Thread | null = null;

  constructor() {
    super(lockType);
  }

  /** Takes the lock; false when it is not free and `wait` is not set. Nothing but its release ends the wait, not even Ctrl-C. */
  acquire(wait: boolean): boolean {
    deadlineIn(0);
    while (this.locked) {
      if (!wait) return false;
      threads().wait(Infinity, Infinity, false, this.owner);
    }
    this.locked = true;
    this.owner = vm.threads?.current ?? null;
    return true;
  }

  release(): void {
    if (!this.locked) raiseMessage(excTypes.RuntimeError);
    this.locked = false;
  }
}

function acquire(args: readonly Value[]): Value {
  return (args[0] as MpLock).acquire(args.length > 1 ? toInt(args[1]) !== 0 : true);
}

function release(lock: Value): Value {
  (lock as MpLock).release();
  return null;
}

const lockType = new MpType('lock', {
  locals: () => {
    const take = mayBlock(funVar(1, 3, acquire));
    return [
      ['acquire', take],
      ['release', fun1(release)],
      ['locked', fun1(lock => (lock as MpLock).locked)],
      ['__enter__', take],
      ['__exit__', funVar(4, 4, args => release(args[0]))],
    ];
  },
});

/** The stack size that _thread.stack_size has set, in bytes; 0: the port's. */
interface StackSize {
  bytes: number;
}
const stackSizeState = (): StackSize => vm.volatileStateOf(stackSize, () => ({ bytes: 0 }));

/** Sets the stack size of threads to come, to 0 without an argument; returns the one that was set. */
function stackSize(args: readonly Value[]): Value {
  const state = stackSizeState();
  const before = state.bytes;
  state.bytes = args.length === 0 ? 0 : toInt(args[0]);
  return before;
}

function startNewThread(args: readonly Value[]): Value {
  const positional = [...arrayItems(args[1])];
  let keywords: Value[] | null = null;
  if (args.length === 3) {
    if (!(args[2] instanceof MpDict)) raiseTypeError('expecting a dict for keyword args');
    keywords = [];
    for (const [key, value] of args[2].map.entries()) keywords.push(key, value);
  }
  return newInt(threads().start(args[0], positional, keywords, stackSizeState().bytes).ident);
}

export const threadModule: ModuleDef = {
  name: '_thread',
  extensible: false,
  names: () => [
    ['LockType', lockType],
    ['get_ident', fun0(() => newInt(threads().ident))],
    ['stack_size', funVar(0, 1, stackSize)],
    ['start_new_thread', funVar(2, 3, startNewThread)],
    ['exit', fun0(() => raise(excTypes.SystemExit))],
    [
      'allocate_lock',
      fun0(() => {
        vm.heap.alloc(6 * vm.wordSize);
        return new MpLock();
      }),
    ],
  ],
};
