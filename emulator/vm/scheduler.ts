/** What happens between bytecodes (py/scheduler.c): pending exceptions and callbacks from micropython.schedule. */
import { call1 } from './call.ts';
import { runFinalisers } from './collector.ts';
import { Raise } from './raise.ts';
import type { Value } from './value.ts';
import { hot, vm } from './vm.ts';

/** How many callbacks can wait (MICROPY_SCHEDULER_DEPTH). */
const DEPTH: Readonly<Record<string, number>> = { unix: 4, webassembly: 4 };
const DEFAULT_DEPTH = 8;

/** Queues a call; false when the queue is full. */
export function scheduleCall(fun: Value, arg: Value): boolean {
  if (vm.schedule.length >= (DEPTH[vm.profile.name] ?? DEFAULT_DEPTH)) return false;
  vm.schedule.push([fun, arg]);
  hot.pending = true;
  return true;
}

/** Makes `exception` be raised at the next branch. Never throws; safe to call from an event. */
export function raiseLater(exception: Value): void {
  vm.pendingException = exception;
  hot.pending = true;
}

/** Does a native function wait for the running code (a sort for its key, say)? It may hold objects that no trace sees. */
function insideNative(): boolean {
  let frame = vm.frame;
  while (frame !== null && frame.caller !== null) frame = frame.caller;
  return frame !== null && frame.outer !== null;
}

/** Handles what is pending: raises the pending exception, or runs one scheduled callback. Only the main thread does. */
export function handlePending(): void {
  if (vm.threads !== null && vm.threads.current !== null) return;
  if (vm.finalisationDue && !insideNative()) runFinalisers();
  const exception = vm.pendingException;
  if (exception !== undefined) {
    vm.pendingException = undefined;
    hot.pending = vm.schedule.length > 0;
    throw new Raise(exception);
  }
  runScheduled();
}

/** Runs one scheduled callback, if callbacks may run. */
export function runScheduled(): void {
  if (vm.schedulerLocked > 0 || vm.schedule.length === 0) {
    hot.pending = vm.pendingException !== undefined;
    return;
  }
  const [fun, arg] = vm.schedule.shift()!;
  hot.pending = false;
  vm.schedulerLocked++;
  try {
    call1(fun, arg);
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    vm.port.callbackFailed?.(error.exception);
  } finally {
    vm.schedulerLocked--;
    hot.pending = vm.schedule.length > 0 || vm.pendingException !== undefined;
  }
}
