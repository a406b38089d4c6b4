/** The module _asyncio (extmod/modasyncio.c): tasks, and queues of tasks in the order of their times. */
import { MpDict } from '../objects/dict.ts';
import { excTypes, isExceptionInstance } from '../objects/exception.ts';
import { checkArgCount, fun1, fun2, funVar } from '../objects/function.ts';
import { loadMethodMaybe } from '../vm/attributes.ts';
import { call1, callMethodRef } from '../vm/call.ts';
import { toInt } from '../vm/operators.ts';
import { Raise, raise, raiseKeyError, raiseRuntimeError, raiseTypeError } from '../vm/raise.ts';
import { boardNow } from '../vm/service.ts';
import { MpType } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MethodRef, MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';
import { NS_PER_MS } from './waiting.ts';

/** States of a task: running, and done without or with somebody who waited for it. While others wait, it is their queue. */
const RUNNING = true;
const DONE_UNNOTICED = null;
const DONE_WAITED_FOR = false;

/** Where ticks wrap around. */
const period = () => 2 ** Math.min(53, vm.profile.smallIntBits - 1);

const ticks = () => Math.floor(boardNow() / NS_PER_MS) % period();

/** Milliseconds from `start` to `end`, across the wrap. */
function ticksDiff(end: number, start: number): number {
  const p = period();
  const difference = (((end - start) % p) + p) % p;
  return difference >= p / 2 ? difference - p : difference;
}

class MpTask extends MpObj {
  /** What it waits on, or the exception to throw into it, or what it ended with. */
  data: Value = null;
  state: Value = RUNNING;
  /** When it is to run, in ticks. */
  time = 0;

  constructor(
    type: MpType,
    readonly coroutine: Value,
  ) {
    super(type);
  }

  get done(): boolean {
    return this.state === DONE_UNNOTICED || this.state === DONE_WAITED_FOR;
  }
}

class MpTaskQueue extends MpObj {
  /** In the order of their times; of equal times the older entry first. */
  readonly tasks: MpTask[] = [];

  constructor(
    type: MpType,
    /** Called after each push, where the build has that: the event loop of a port that is driven by events. */
    readonly onPush: Value | undefined,
  ) {
    super(type);
  }

  push(task: MpTask, time: number): void {
    task.data = null;
    task.time = time;
    let at = this.tasks.length;
    while (at > 0 && ticksDiff(time, this.tasks[at - 1].time) < 0) at--;
    this.tasks.splice(at, 0, task);
    if (this.onPush !== undefined) call1(this.onPush, 0);
  }

  remove(task: MpTask): void {
    const at = this.tasks.indexOf(task);
    if (at >= 0) this.tasks.splice(at, 1);
  }
}

/** Whatever else it may be crashes the reference. */
function asTask(value: Value): MpTask {
  if (!(value instanceof MpTask)) raiseTypeError('expecting a Task');
  return value;
}

function newTaskQueue(onPush: Value | undefined): MpTaskQueue {
  vm.heap.alloc((vm.feature('asyncioPushCallback') ? 3 : 2) * vm.wordSize);
  return new MpTaskQueue(taskQueueType, onPush);
}

const taskQueueType = new MpType('TaskQueue', {
  makeNew(_type: MpType, args: readonly Value[], kw: KwArgs) {
    checkArgCount(args.length, kw, 0, vm.feature('asyncioPushCallback') ? 1 : 0, false);
    return newTaskQueue(args[0]);
  },
  locals: () => [
    ['peek', fun1(queue => (queue as MpTaskQueue).tasks[0] ?? null)],
    [
      'push',
      funVar(2, 3, args => {
        const time = args.length === 3 ? toInt(args[2]) : ticks();
        (args[0] as MpTaskQueue).push(asTask(args[1]), time);
        return null;
      }),
    ],
    [
      'pop',
      fun1(queue => {
        const task = (queue as MpTaskQueue).tasks.shift();
        if (task === undefined) raise(excTypes.IndexError, 'empty heap');
        return task;
      }),
    ],
    [
      'remove',
      fun2((queue, task) => {
        (queue as MpTaskQueue).remove(asTask(task));
        return null;
      }),
    ],
  ],
});

const CONTEXT = Symbol('asyncio context');
/** The namespace of asyncio.core, which the first task brings along. */
const contextSlot = () =>
  vm.volatileStateOf<{ dict: MpDict | undefined }>(CONTEXT, () => {
    const slot = { dict: undefined as MpDict | undefined };
    vm.roots.add(() => [slot.dict]);
    return slot;
  });

function fromContext(name: string): Value {
  const value = contextSlot().dict?.map.get(name);
  if (value === undefined) raiseKeyError(name);
  return value;
}

function cancel(task: MpTask): boolean {
  if (task.done) return false;
  if (task === fromContext('cur_task')) raiseRuntimeError("can't cancel self");
  // What waits for another task passes the request on.
  let self = task;
  const passed = new Set([self]);
  while (self.data instanceof MpTask && !passed.has(self.data)) {
    self = self.data;
    passed.add(self);
  }
  const queue = fromContext('_task_queue');
  if (!(queue instanceof MpTaskQueue)) raiseTypeError('expecting a TaskQueue');
  const ref = new MethodRef();
  loadMethodMaybe(self.data, 'remove', ref);
  if (ref.member !== undefined) {
    callMethodRef(ref, [self]);
    queue.push(self, ticks());
  } else if (ticksDiff(self.time, ticks()) > 0) {
    queue.remove(self);
    queue.push(self, ticks());
  }
  self.data = fromContext('CancelledError');
  return true;
}

/** Begins to wait for the task. */
function waitFor(self: MpTask): Value {
  if (self.done) self.state = DONE_WAITED_FOR;
  else if (self.state === RUNNING) self.state = newTaskQueue(undefined);
  else if (!(self.state instanceof MpTaskQueue)) raiseRuntimeError("can't wait");
  return self;
}

/** One step of waiting: puts the calling task on the queue of those that wait, or raises what the task ended with. */
function waitStep(self: MpTask): Value {
  if (self.done) {
    if (!isExceptionInstance(self.data)) raiseTypeError('exceptions must derive from BaseException');
    throw new Raise(self.data);
  }
  const caller = asTask(fromContext('cur_task'));
  if (!(self.state instanceof MpTaskQueue)) raiseRuntimeError("can't wait");
  self.state.push(caller, ticks());
  caller.data = self;
  return null;
}

const methods = () => ({
  done: fun1(task => (task as MpTask).done),
  cancel: fun1(task => cancel(task as MpTask)),
});
let taskMethods: ReturnType<typeof methods> | undefined;

const taskType = new MpType('Task', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs) {
    checkArgCount(args.length, kw, 1, 2, false);
    vm.heap.alloc(8 * vm.wordSize);
    if (args.length === 2) {
      if (!(args[1] instanceof MpDict)) raiseTypeError('expecting a dict');
      contextSlot().dict = args[1];
    }
    return new MpTask(type, args[0]);
  },
  loadAttr(self: MpTask, name: string, dest: MethodRef) {
    taskMethods ??= methods();
    dest.self = undefined;
    if (name === 'coro') dest.member = self.coroutine;
    else if (name === 'data') dest.member = self.data;
    else if (name === 'state') dest.member = self.state;
    else if (name === 'ph_key') dest.member = self.time;
    else if (name === 'done' || name === 'cancel') {
      dest.member = taskMethods[name];
      dest.self = self;
    } else return false;
    return true;
  },
  storeAttr(self: MpTask, name: string, value: Value | undefined) {
    if (value === undefined) return false;
    if (name === 'data') self.data = value;
    else if (name === 'state') self.state = value;
    else return false;
    return true;
  },
  iter: waitFor,
  next: waitStep,
});

export const asyncioNativeModule: ModuleDef = {
  name: '_asyncio',
  extensible: false,
  names: () => [
    ['TaskQueue', taskQueueType],
    ['Task', taskType],
  ],
};
