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
  const until = due - clock.now;
  const cycles = vm.attention
    ? 0
    : until === Infinity
      ? MAX_BUDGET
      : Math.min(MAX_BUDGET, Math.max(1, Math.ceil((until * vm.cpuFrequency) / 1e9)));
  vm.budgetGiven = hot.budget = cycles;
}

/** The virtual time now, in ns, with the cycles spent since the last event counted in. */
export function now(): number {
  const target = settleTime();
  if (target > vm.clock.now) vm.clock.advanceTo(target);
  rebudget();
  return vm.clock.now;
}

/** Lets `ns` of virtual time pass in a native operation; events inside happen at their own times. */
export function spend(ns: number): void {
  const target = settleTime() + ns;
  vm.clock.advanceTo(target);
  rebudget();
}

vmHooks.service = service;
