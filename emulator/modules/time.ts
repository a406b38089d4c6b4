/** The module time (extmod/modtime.c, ports/unix/modtime.c): all of it virtual time. */

import { ERRNO } from '../objects/errno-names.ts';
import { excTypes } from '../objects/exception.ts';
import { newFloat, toFloat } from '../objects/float.ts';
import { fun0, fun1, fun2, funVar } from '../objects/function.ts';
import { newInt, toAnyInt } from '../objects/int.ts';
import { newTuple } from '../objects/tuple.ts';
import { arrayItems } from '../vm/iteration.ts';
import { toInt } from '../vm/operators.ts';
import { raise, raiseOSError, raiseTypeError } from '../vm/raise.ts';
import { boardNow, boardSpan, now, spend } from '../vm/service.ts';
import { mayBlock } from '../vm/threads.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { dateTimeOf, secondsOf } from './calendar.ts';
import type { ModuleDef } from './module-def.ts';
import { delayMs, NS_PER_MS, NS_PER_S, NS_PER_US, sleepFor } from './waiting.ts';

const SECONDS_1970_TO_2000 = 946_684_800;

/** Seconds from 1970 to the port's epoch. */
export const epochSeconds = () => (vm.feature('epoch2000') ? SECONDS_1970_TO_2000 : 0);

/** What a machine without a clock of its own believes the time at power-on to be: 1 January 2025. */
const DEFAULT_START = 1_735_689_600;

/** The wall-clock time of the board: whole seconds since 1970, and the ns of the current one. */
export function wallClock(): { seconds: number; ns: number } {
  const time = now();
  if (vm.port.wallClock !== undefined) return vm.port.wallClock();
  return { seconds: DEFAULT_START + Math.floor(time / NS_PER_S), ns: time % NS_PER_S };
}

/** Ticks wrap around at a power of two that fits a small integer. */
const period = () => 1n << BigInt(vm.profile.smallIntBits - 1);
const wrapped = (ticks: number) => (vm.wordSize === 4 ? ticks % 2 ** 30 : ticks);

function smallIntValue(value: Value): bigint {
  return BigInt(typeof value === 'number' || typeof value === 'bigint' ? value : toInt(value));
}

function ticksDiff(end: Value, start: Value): Value {
  const p = period();
  const difference = smallIntValue(end) - smallIntValue(start) + p / 2n;
  return newInt((((difference % p) + p) % p) - p / 2n);
}

function ticksAdd(ticks: Value, delta: Value): Value {
  const p = period();
  const d = BigInt(toAnyInt(delta));
  if (d <= -p / 2n || d >= p / 2n) raise(excTypes.OverflowError, 'ticks interval overflow');
  return newInt((((smallIntValue(ticks) + d) % p) + p) % p);
}

/** Cycles since the counter was first asked for: that is when it is started. */
const CYCLE_COUNTER = Symbol('cycle counter');
function ticksCpu(): Value {
  if (vm.feature('posix')) return 0;
  const time = now();
  const { start } = vm.stateOf(CYCLE_COUNTER, () => ({ start: time }));
  return Math.floor(((time - start) * (vm.cpuFrequency / 1e6)) / 1000) % 2 ** 30;
}

function tupleOf(seconds: number, length: 8 | 9): Value {
  const t = dateTimeOf(seconds);
  const fields = [t.year, t.month, t.day, t.hour, t.minute, t.second, t.weekday, t.yearDay];
  return newTuple(length === 9 ? [...fields, 0] : fields);
}

/** Seconds given by the guest. With double precision they may be a float. */
function timestamp(value: Value): number {
  return vm.profile.float === 'double' ? Math.trunc(toFloat(value)) : Number(toAnyInt(value));
}

function localtime(args: readonly Value[]): Value {
  const posix = vm.feature('posix');
  if (args.length === 0 || (args[0] === null && !posix)) return tupleOf(wallClock().seconds, posix ? 9 : 8);
  return tupleOf(timestamp(args[0]) + epochSeconds(), posix ? 9 : 8);
}

function mktime(tuple: Value): Value {
  const items = arrayItems(tuple);
  if (items.length < 8 || items.length > 9) raiseTypeError('mktime needs a tuple of length 8 or 9');
  const [year, month, day, hour, minute, second] = items.slice(0, 6).map(toInt);
  const seconds = secondsOf(year, month, day, hour, minute, second);
  if (vm.feature('posix') && (seconds === -1 || !Number.isSafeInteger(seconds))) raise(excTypes.OverflowError, 'invalid mktime usage');
  return newInt(seconds - epochSeconds());
}

function time(): Value {
  const { seconds, ns } = wallClock();
  if (vm.profile.float === 'double') return newFloat(seconds - epochSeconds() + Math.floor(ns / NS_PER_US) / 1e6);
  return newInt(seconds - epochSeconds());
}

function sleep(value: Value): Value {
  const seconds = toFloat(value);
  if (!vm.feature('posix')) {
    delayMs(Math.max(0, Math.trunc(vm.float32 ? Math.fround(1000 * seconds) : 1000 * seconds)));
    return null;
  }
  const ns = Math.trunc(seconds) * NS_PER_S + Math.round((seconds % 1) * 1e6) * NS_PER_US;
  if (ns < 0 || Number.isNaN(ns)) raiseOSError(ERRNO.EINVAL);
  sleepFor(ns);
  return null;
}

export const timeModule: ModuleDef = {
  name: 'time',
  extensible: true,
  names: () => {
    const calendar = funVar(0, 1, localtime);
    const date: [string, Value][] = [
      ['gmtime', calendar],
      ['localtime', calendar],
      ['mktime', fun1(mktime)],
      ['time', fun0(time)],
      [
        'time_ns',
        fun0(() => {
          const { seconds, ns } = wallClock();
          return newInt(BigInt(seconds - epochSeconds()) * BigInt(NS_PER_S) + BigInt(ns));
        }),
      ],
    ];
    const names: [string, Value][] = [
      ...(vm.feature('wallClock') ? date : []),
      ['sleep', mayBlock(fun1(sleep))],
      [
        'sleep_ms',
        mayBlock(
          fun1(value => {
            const ms = toInt(value);
            if (ms >= 0) delayMs(ms);
            return null;
          }),
        ),
      ],
      [
        'sleep_us',
        fun1(value => {
          const us = toInt(value);
          // A busy loop: events happen, but nothing that is scheduled.
          if (us > 0) spend(boardSpan(us * NS_PER_US));
          return null;
        }),
      ],
      ['ticks_ms', fun0(() => wrapped(Math.floor(boardNow() / NS_PER_MS)))],
      ['ticks_us', fun0(() => wrapped(Math.floor(boardNow() / NS_PER_US)))],
      ['ticks_cpu', fun0(ticksCpu)],
      ['ticks_add', fun2(ticksAdd)],
      ['ticks_diff', fun2(ticksDiff)],
    ];
    // Processor time, of a processor that does nothing else.
    if (vm.feature('posix')) names.push(['clock', fun0(() => newFloat(Math.floor(now() / NS_PER_MS) / 1000))]);
    return names;
  },
};
