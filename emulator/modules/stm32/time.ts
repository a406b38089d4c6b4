/** How the port's drivers wait: delays and polling loops in which events happen and interrupts are taken, each at its own time. */
import { now, rebudget } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { NS_PER_MS, waitForEvent } from '../waiting.ts';

/** Lets `ns` pass as a busy loop does: interrupts are taken in between, callbacks of the scheduler wait. */
export function elapse(ns: number): void {
  now();
  try {
    hardware().chip.elapse(ns);
  } finally {
    rebudget();
  }
}

/** Polls until `condition` holds or `limit` ns have passed, as `elapse` does. @returns whether it holds */
export function pollUntil(condition: () => boolean, limit: number): boolean {
  now();
  try {
    return hardware().chip.waitUntil(condition, limit);
  } finally {
    rebudget();
  }
}

/** Milliseconds since the start, as HAL_GetTick counts them. */
export const ticks = (): number => Math.floor(now() / NS_PER_MS);

/** When a HAL timeout of `ms` ends that starts now, in ns: whole ticks are counted. */
export const tickDeadline = (ms: number): number => (ticks() + ms) * NS_PER_MS;

/** As `pollUntil`, but scheduled callbacks and Ctrl-C are handled too, and the timeout is in ticks (MICROPY_EVENT_POLL_HOOK). */
export function waitUntilReady(condition: () => boolean, ms: number): boolean {
  const deadline = tickDeadline(ms);
  for (;;) {
    if (condition()) return true;
    if (now() >= deadline) return false;
    waitForEvent(deadline);
  }
}
