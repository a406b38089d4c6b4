/**
 * Timers that the port keeps in software (shared/runtime/softtimer.c): they expire on whole milliseconds of SysTick, and their callbacks
 * run at the priority of PendSV, below every interrupt of a peripheral.
 */
import type { ClockEvent } from '../../clock/clock.ts';
import { PENDSV } from '../../peripherals/nvic.ts';
import { now, rebudget, whenBoardTime } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { dispatchIrq, IrqPriority } from '../interrupts.ts';
import { NS_PER_MS } from '../waiting.ts';
import { ticks } from './time.ts';

export interface SoftTimer {
  /** What the callback gets. */
  readonly object: Value;
  callback: Value;
  hard: boolean;
  periodic: boolean;
  /** ms */
  period: number;
  /** in ticks of a millisecond */
  expiry: number;
}

interface State {
  /** Those that run. The earliest is served first, among equals the one that was added first. */
  readonly running: Set<SoftTimer>;
  event: ClockEvent | undefined;
}

const KEY = Symbol('soft timers');

function state(): State {
  return vm.volatileStateOf<State>(KEY, () => {
    const made: State = { running: new Set(), event: undefined };
    vm.roots.add(() => [...made.running].flatMap(timer => [timer.object, timer.callback]));
    return made;
  });
}

function earliest(): SoftTimer | undefined {
  let first: SoftTimer | undefined;
  for (const timer of state().running) if (first === undefined || timer.expiry < first.expiry) first = timer;
  return first;
}

/** Asks for PendSV at the tick at which the next timer expires: never the current one, whose interrupt has been. */
function schedule(): void {
  const { clock, nvic } = hardware().chip;
  const made = state();
  const first = earliest();
  clock.cancel(made.event);
  made.event = undefined;
  if (first === undefined) return;
  const tick = Math.max(first.expiry, ticks() + 1);
  made.event = clock.at(whenBoardTime(tick * NS_PER_MS), () => nvic.pend(PENDSV));
  rebudget();
}

function serve(): void {
  const { running } = state();
  const tick = ticks();
  for (let timer = earliest(); timer !== undefined && timer.expiry <= tick; timer = earliest()) {
    running.delete(timer);
    if (!dispatchIrq(timer.callback, timer.object, timer.hard)) timer.periodic = false;
    if (!timer.periodic) continue;
    timer.expiry += timer.period;
    running.add(timer);
  }
  schedule();
}

/** Starts a timer, `period` ms from now. */
export function startSoftTimer(timer: SoftTimer): void {
  now();
  const { nvic } = hardware().chip;
  nvic.setHandler(PENDSV, serve);
  nvic.enable(PENDSV, IrqPriority.PENDSV);
  timer.expiry = ticks() + timer.period;
  state().running.add(timer);
  schedule();
}

export function stopSoftTimer(timer: SoftTimer): void {
  state().running.delete(timer);
}

/** A soft reset stops them all. */
export function stopSoftTimers(): void {
  const made = state();
  made.running.clear();
  hardware().chip.clock.cancel(made.event);
}
