/** Pins driven by hand, edge by edge in virtual time, so that what hangs on the nets can answer. */
import { frequencyOf } from '../../clock/frequency.ts';
import type { GpioPin } from '../../peripherals/gpio.ts';
import type { Bit } from '../../trace/level.ts';
import { now } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { elapse, pollUntil } from './time.ts';

/**
 * CPU cycles of one access to a pin: the port counts 48 for the four that a bit takes in its fastest software SPI
 * (MICROPY_HW_SOFTSPI_MAX_BAUDRATE).
 */
export const PIN_CYCLES = 12;

/** Lets CPU cycles pass. */
export const elapseCycles = (cycles: number): void => elapse(frequencyOf(hardware().chip.rcc.frequencies.hclk).nearest(cycles));

export function writePin(pin: GpioPin, bit: number): void {
  elapseCycles(PIN_CYCLES);
  pin.set(bit);
}

export function readPin(pin: GpioPin): Bit {
  elapseCycles(PIN_CYCLES);
  return pin.bit;
}

export function delayUs(us: number): void {
  if (us > 0) elapse(us * 1000);
}

/** Waits until a pin has a level, as a polling loop does. @returns when it had, in ns, or undefined after `limit` ns */
export function waitForLevel(pin: GpioPin, level: Bit, limit: number): number | undefined {
  // While it is observed, each of the net's edges is an event.
  const stop = pin.observe(() => {});
  try {
    return pollUntil(() => pin.bit === level, limit) ? now() : undefined;
  } finally {
    stop();
  }
}

/** Interrupts below the most urgent ones wait while bits are timed (mp_hal_quiet_timing_enter). */
export function quietly<T>(action: () => T): T {
  const { nvic } = hardware().chip;
  const before = nvic.basepri;
  now();
  nvic.setBasepri(1 << 4);
  try {
    return action();
  } finally {
    nvic.setBasepri(before);
  }
}
