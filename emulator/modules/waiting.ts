/** Letting virtual time pass in a native function: what mp_hal_delay_ms and mp_event_wait do in the reference. */
import { handlePending } from '../vm/scheduler.ts';
import { now, rebudget } from '../vm/service.ts';
import { hot, vm } from '../vm/vm.ts';

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_S = 1_000_000_000;

/** Runs what is pending, or else sleeps until `deadline` (ns) or until something happens. */
export function waitForEvent(deadline: number): void {
  if (hot.pending) {
    handlePending();
    return;
  }
  now();
  vm.port.idle(deadline);
  rebudget();
  if (hot.pending) handlePending();
}

/** Sleeps until `deadline` (ns); pending exceptions and callbacks are handled meanwhile. */
export function waitUntil(deadline: number): void {
  if (hot.pending) handlePending();
  while (now() < deadline) waitForEvent(deadline);
}

/** A delay in milliseconds as the port has it. */
export function delayMs(ms: number): void {
  const start = now();
  if (!vm.feature('millisecondTick')) {
    waitUntil(start + ms * NS_PER_MS);
    return;
  }
  // Whole ticks are counted, from the last one on; even a delay of 0 sleeps until the next interrupt.
  const lastTick = Math.floor(start / NS_PER_MS) * NS_PER_MS;
  if (ms === 0) waitForEvent(lastTick + NS_PER_MS);
  else waitUntil(lastTick + ms * NS_PER_MS);
}
