/** Guest callbacks of hardware interrupts: at once with heap and scheduler locked (hard), or soon, between two bytecodes (soft). */
import { printException } from '../objects/exception.ts';
import { call1 } from '../vm/call.ts';
import { stdout } from '../vm/printing.ts';
import { Raise } from '../vm/raise.ts';
import { scheduleCall } from '../vm/scheduler.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

/** Interrupt priorities of the port (ports/stm32/irq.h), in the NVIC's sixteen levels. */
export const IrqPriority = {
  SYSTICK: 0,
  UART: 1,
  SDIO: 4,
  DMA: 5,
  FLASH: 6,
  OTG_FS: 6,
  TIM5: 6,
  CAN: 7,
  SPI: 8,
  I2C: 8,
  TIMX: 13,
  EXTINT: 14,
  PENDSV: 15,
  RTC_WKUP: 15,
} as const;

/**
 * Calls `handler(arg)` as an interrupt handler does: the heap is locked, nothing scheduled runs in between, and an uncaught
 * exception is printed behind `message`. Returns false after an exception; the caller then disables its callback.
 */
export function callHard(handler: Value, arg: Value, message: string): boolean {
  vm.schedulerLocked++;
  vm.heap.lockDepth++;
  try {
    call1(handler, arg);
    return true;
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    stdout.write(message);
    printException(stdout, error.exception);
    return false;
  } finally {
    vm.heap.lockDepth--;
    vm.schedulerLocked--;
  }
}

/** Runs a callback hard or soft. Returns false when it has to be disabled. */
export function dispatchIrq(handler: Value, arg: Value, hard: boolean): boolean {
  if (handler === null) return true;
  if (hard) return callHard(handler, arg, 'Uncaught exception in IRQ callback handler\n');
  scheduleCall(handler, arg);
  return true;
}
