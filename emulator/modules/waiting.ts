/** Letting virtual time pass in a native function: what mp_hal_delay_ms and mp_event_wait do in the reference. */
import { handlePending } from '../vm/scheduler.ts';
import { boardNow, boardSpan, now, rebudget, whenBoardTime } from '../vm/service.ts';
import { hot, vm } from '../vm/vm.ts';

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_S = 1_000_000_000;

/** When a wait of `ns` that begins now ends; for a call that another thread's turn has cut in two, when it began first. */
export function deadlineIn(ns: number): number {
  const deadline = now() + boardSpan(ns);
  return vm.threads === null ? deadline : vm.threads.deadline(deadline);
}

/**
 * Runs what is pending, or else sleeps until `until` (ns) or until something happens. The function that waits in all until
 * `deadline` may be left here, and called anew (vm/threads.ts).
 */
export function waitForEvent(until: number, deadline = until, sleeps = false): void {
  if (hot.pending) {
    handlePending();
    if (vm.threads === null) return;
  }
  if (vm.threads !== null) {
    vm.threads.wait(until, deadline, sleeps);
    if (hot.pending) handlePending();
    return;
  }
  now();
  vm.port.idle(until);
  rebudget();
  if (hot.pending) handlePending();
}

/** Sleeps for `ns`, from now or from when a call began that is made anew. */
export function sleepFor(ns: number): void {
  const repeated = vm.threads?.repeating === true;
  const deadline = deadlineIn(ns);
  // Other threads may go on even if there is no time to wait.
  if (vm.threads !== null && !repeated && ns <= 0) vm.threads.wait(deadline, deadline);
  waitUntil(deadline);
}

/** Sleeps until `deadline` (ns); pending exceptions and callbacks are handled meanwhile. */
export function waitUntil(deadline: number): void {
  if (hot.pending) handlePending();
  while (now() < deadline) waitForEvent(deadline, deadline, true);
}

/** As `waitUntil`, by the board's own time, whose rate may change meanwhile. */
function waitUntilBoardTime(local: number): void {
  if (hot.pending) handlePending();
  while (boardNow() < local) {
    const deadline = whenBoardTime(local);
    waitForEvent(deadline, deadline, true);
  }
}

/** A delay in milliseconds as the port has it. */
export function delayMs(ms: number): void {
  if (!vm.feature('millisecondTick')) {
    sleepFor(ms * NS_PER_MS);
    return;
  }
  const start = boardNow();
  // Whole ticks are counted, from the last one on; even a delay of 0 sleeps until the next interrupt.
  const lastTick = Math.floor(start / NS_PER_MS) * NS_PER_MS;
  if (ms === 0) waitForEvent(whenBoardTime(lastTick + NS_PER_MS));
  else waitUntilBoardTime(lastTick + ms * NS_PER_MS);
}
