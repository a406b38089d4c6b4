/** How the port's drivers wait: delays and polling loops in which events happen and interrupts are taken, each at its own time. */
import { boardNow, boardSpan, now, rebudget, whenBoardTime } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { NS_PER_MS, waitForEvent } from '../waiting.ts';

/** Lets `ns` of the board's own time pass as a busy loop does: interrupts are taken in between, callbacks of the scheduler wait. */
export function elapse(ns: number): void {
  now();
  try {
    hardware().chip.elapse(boardSpan(ns));
  } finally {
    rebudget();
  }
}

/** How often a poll looks when nothing happens, ns: for flags that come of time alone, such as that of an oscillator. */
const POLL_STEP = 100_000;

/** Polls until `condition` holds or `limit` ns have passed, as `elapse` does. @returns whether it holds */
export function pollUntil(condition: () => boolean, limit: number): boolean {
  const end = now() + limit;
  const { chip } = hardware();
  try {
    for (;;) {
      const left = end - chip.clock.now;
      if (chip.waitUntil(condition, Math.min(left, POLL_STEP))) return true;
      if (left <= POLL_STEP) return false;
    }
  } finally {
    rebudget();
  }
}

/** Milliseconds since the start, as HAL_GetTick counts them. */
export const ticks = (): number => Math.floor(boardNow() / NS_PER_MS);

/** When a HAL timeout of `ms` ends that starts now, in ns: whole ticks are counted. */
export const tickDeadline = (ms: number): number => whenBoardTime((ticks() + ms) * NS_PER_MS);

/** As `pollUntil`, but scheduled callbacks and Ctrl-C are handled too, and the timeout is in ticks (MICROPY_EVENT_POLL_HOOK). */
export function waitUntilReady(condition: () => boolean, ms: number): boolean {
  const deadline = tickDeadline(ms);
  for (;;) {
    if (condition()) return true;
    if (now() >= deadline) return false;
    waitForEvent(deadline);
  }
}
