/** Virtual time while guest code runs: cycles become nanoseconds, due events happen, the next budget is set (DESIGN D2, D4). */
import { hot, type Vm, vm, vmHooks } from './vm.ts';

/** Longest budget in cycles, so that the counter stays a small integer. */
const MAX_BUDGET = 1 << 29;

/** Brings the clock up to the cycles that have been spent, without letting events happen. Returns the time. */
export function settleTime(): number {
  const spent = vm.budgetGiven - hot.budget;
  vm.budgetGiven = hot.budget;
  const scaled = spent * 1e9 + vm.cpuRemainder;
  const ns = Math.floor(scaled / vm.cpuFrequency);
  vm.cpuRemainder = scaled - ns * vm.cpuFrequency;
  return vm.clock.now + ns;
}

/** Spends what is due: advances the clock through due events and sets a new budget. */
export function service(): void {
  const target = settleTime();
  vm.clock.advanceTo(target);
  vm.attention = false;
  rebudget();
  vm.port.boundary?.();
  vm.threads?.boundary();
}

/** Cycles that a native function works before it looks up again, while threads wait for their turn. */
const WORK_SLICE = 100_000;

/**
 * What a native function's own loop does, in cycles: they count, and what falls due meanwhile happens. Each loop in which a guest can keep
 * a native function for long calls this, so that no such loop lasts for ever in no virtual time.
 */
export function work(cycles: number): void {
  if ((hot.budget -= cycles) < -PATIENCE) serviceInside();
}

/** So many cycles what falls due waits for the native function to end: nearly all end sooner, and things happen between instructions. */
const PATIENCE = 50_000;

/** As `service`, where no other thread may take over. */
function serviceInside(): void {
  const { clock } = vm;
  clock.advanceTo(settleTime());
  vm.attention = false;
  rebudget();
  if (vm.threads !== null && hot.budget < WORK_SLICE)
    vm.budgetGiven = hot.budget = Math.max(1, Math.min(WORK_SLICE, cyclesUntil(clock.nextDue)));
  vm.port.boundary?.();
}

/** Has `service` called before the next instruction: an interrupt is pending, or the guest is to be left. No time is lost or gained. */
export function serviceSoon(machine: Vm): void {
  machine.attention = true;
  if (machine !== vm || hot.budget < 0) return;
  machine.budgetGiven -= hot.budget + 1;
  hot.budget = -1;
}

/** Sets the budget by the next event. To be called when an event was scheduled or time has moved. */
export function rebudget(): void {
  const { clock } = vm;
  const due = vm.threads === null ? clock.nextDue : Math.min(clock.nextDue, vm.threads.sliceEnd);
  vm.budgetGiven = hot.budget = vm.attention ? 0 : cyclesUntil(due);
}

function cyclesUntil(due: number): number {
  if (due === Infinity) return MAX_BUDGET;
  return Math.min(MAX_BUDGET, Math.max(1, Math.ceil(((due - vm.clock.now) * vm.cpuFrequency) / 1e9)));
}

/** The virtual time now, in ns, with the cycles spent since the last event counted in. */
export function now(): number {
  const target = settleTime();
  if (target > vm.clock.now) vm.clock.advanceTo(target);
  rebudget();
  return vm.clock.now;
}

/** The board's own time at `time` (ns): what its tick counters are of. */
export function boardTime(time: number): number {
  return vm.localTime === null ? time : vm.localTime.at(time);
}

/** What the board's tick counters say now, in ns. */
export const boardNow = (): number => boardTime(now());

/** When the board's own time is `local`. */
export function whenBoardTime(local: number): number {
  return vm.localTime === null ? local : vm.localTime.when(local);
}

/** How long the board takes to count `ns` of its own. */
export function boardSpan(ns: number): number {
  return vm.localTime === null ? ns : vm.localTime.span(ns);
}

/** Lets `ns` of virtual time pass in a native operation; events inside happen at their own times. */
export function spend(ns: number): void {
  const target = settleTime() + ns;
  vm.clock.advanceTo(target);
  rebudget();
}

vmHooks.service = service;
