/** The module select (extmod/modselect.c): waiting until one of several streams is ready. */
import { ERRNO } from '../objects/errno-names.ts';
import { toFloat } from '../objects/float.ts';
import { fun0, fun2, fun3, funVar } from '../objects/function.ts';
import { MpInstance } from '../objects/instance.ts';
import { newList } from '../objects/list.ts';
import { ioctl, PollFlag, StreamOp, StreamRequest, streamOfChecked } from '../objects/stream.ts';
import { type MpTuple, newTuple } from '../objects/tuple.ts';
import { arrayItems } from '../vm/iteration.ts';
import { toInt } from '../vm/operators.ts';
import { raiseOSError, raiseValueError } from '../vm/raise.ts';
import { now } from '../vm/service.ts';
import { mayBlock } from '../vm/threads.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';
import { deadlineIn, NS_PER_MS, waitForEvent } from './waiting.ts';

interface Polled {
  readonly stream: Value;
  events: number;
  ready: number;
}

type PollSet = Map<Value, Polled>;

/** Standard input, output and error, where numbers of open files can be polled. */
const STDIN = 0;
const STDERR = 2;

/** @param merge adds to the events that are waited for already */
function watch(set: PollSet, stream: Value, events: number, merge: boolean): void {
  const known = set.get(stream);
  if (known !== undefined) {
    known.events = merge ? known.events | events : events;
    return;
  }
  if (typeof stream === 'number' && vm.feature('posix')) {
    if (stream < 0) raiseValueError();
  } else streamOfChecked(stream, StreamOp.Ioctl);
  vm.heap.alloc(4 * vm.wordSize);
  set.set(stream, { stream, events, ready: 0 });
}

function pollFileNumber(fd: number, events: number): number {
  if (fd === STDIN) return vm.port.stdinReady?.() === false ? 0 : events & PollFlag.Read;
  return fd <= STDERR ? events & PollFlag.Write : PollFlag.Invalid;
}

/** Asks every stream once. Returns how many are ready. */
function pollOnce(set: PollSet): number {
  let count = 0;
  for (const polled of set.values()) {
    const { stream, events } = polled;
    const ready = typeof stream === 'number' ? pollFileNumber(stream, events) : ioctl(stream, StreamRequest.Poll, events);
    polled.ready = Math.max(0, ready);
    if (ready < 0) raiseOSError(-ready);
    if (ready !== 0) count++;
  }
  return count;
}

/** @param timeout in ms; undefined: none */
function waitReady(set: PollSet, timeout: number | undefined): number {
  const deadline = deadlineIn(timeout === undefined ? Infinity : timeout * NS_PER_MS);
  // A stream written in Python may become ready just because time passes: it is asked every millisecond.
  const inPython = [...set.keys()].some(stream => stream instanceof MpInstance);
  for (;;) {
    const count = pollOnce(set);
    if (count > 0 || now() >= deadline) return count;
    waitForEvent(inPython ? Math.min(deadline, now() + NS_PER_MS) : deadline, deadline);
  }
}

/** `ipoll` flag: a stream that was ready is not asked again until its events are set anew. */
const ONE_SHOT = 1;

class MpPoll extends MpObj {
  readonly set: PollSet = new Map();
  /** What an iteration still has to give. */
  ready: Polled[] = [];
  oneShot = false;
  /** The tuple that ipoll gives each time. */
  readonly items: Value[] = [null, 0];
  tuple: MpTuple | undefined = undefined;
  constructor() {
    super(pollType);
  }
  override *heldValues(): Iterable<Value> {
    for (const { stream } of this.set.values()) yield stream;
  }
}

function pollArgs(args: readonly Value[]): number {
  const self = args[0] as MpPoll;
  const timeout = args.length < 2 || args[1] === null ? -1 : toInt(args[1]);
  self.oneShot = args.length >= 3 && (toInt(args[2]) & ONE_SHOT) !== 0;
  return waitReady(self.set, timeout < 0 ? undefined : timeout);
}

function ipollNext(self: MpPoll): Value | undefined {
  for (;;) {
    const polled = self.ready.shift();
    if (polled === undefined) return undefined;
    // It may have been taken out since.
    if (self.set.get(polled.stream) !== polled) continue;
    self.items[0] = polled.stream;
    self.items[1] = polled.ready;
    if (self.oneShot) polled.events = 0;
    return self.tuple;
  }
}

const pollType = new MpType('poll', {
  flags: TypeFlag.IterIsSelf,
  next: ipollNext,
  locals: () => [
    [
      'register',
      funVar(2, 3, args => {
        watch((args[0] as MpPoll).set, args[1], args.length === 3 ? toInt(args[2]) : PollFlag.Read | PollFlag.Write, false);
        return null;
      }),
    ],
    [
      'unregister',
      fun2((self, stream) => {
        (self as MpPoll).set.delete(stream);
        return null;
      }),
    ],
    [
      'modify',
      fun3((self, stream, events) => {
        const polled = (self as MpPoll).set.get(stream);
        if (polled === undefined) raiseOSError(ERRNO.ENOENT);
        polled.events = toInt(events);
        return null;
      }),
    ],
    [
      'poll',
      mayBlock(
        funVar(1, 2, args => {
          pollArgs(args);
          const ready = [...(args[0] as MpPoll).set.values()].filter(polled => polled.ready !== 0);
          return newList(ready.map(polled => newTuple([polled.stream, polled.ready])));
        }),
      ),
    ],
    [
      'ipoll',
      mayBlock(
        funVar(1, 3, args => {
          const self = args[0] as MpPoll;
          self.tuple ??= newTuple(self.items);
          pollArgs(args);
          self.ready = [...self.set.values()].filter(polled => polled.ready !== 0);
          return self;
        }),
      ),
    ],
  ],
});

function select(args: readonly Value[]): Value {
  const [reads, writes, errors] = args.slice(0, 3).map(arrayItems);
  let timeout: number | undefined;
  if (args.length === 4 && args[3] !== null) {
    const seconds = toFloat(args[3]);
    if (seconds >= 0) timeout = Math.trunc(seconds * 1000);
  }
  const set: PollSet = new Map();
  for (const stream of reads) watch(set, stream, PollFlag.Read, true);
  for (const stream of writes) watch(set, stream, PollFlag.Write, true);
  for (const stream of errors) watch(set, stream, PollFlag.Error | PollFlag.HangUp, true);
  waitReady(set, timeout);
  const readyFor = (flags: number) => newList([...set.values()].filter(({ ready }) => (ready & flags) !== 0).map(({ stream }) => stream));
  return newTuple([readyFor(PollFlag.Read), readyFor(PollFlag.Write), readyFor(~(PollFlag.Read | PollFlag.Write))]);
}

export const selectModule: ModuleDef = {
  name: 'select',
  extensible: true,
  names: () => {
    const names: [string, Value][] = [];
    if (vm.feature('selectSelect')) names.push(['select', mayBlock(funVar(3, 4, select))]);
    names.push(
      [
        'poll',
        fun0(() => {
          vm.heap.alloc(8 * vm.wordSize);
          return new MpPoll();
        }),
      ],
      ['POLLIN', PollFlag.Read],
      ['POLLOUT', PollFlag.Write],
      ['POLLERR', PollFlag.Error],
      ['POLLHUP', PollFlag.HangUp],
    );
    return names;
  },
};
