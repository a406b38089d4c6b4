/** Giving a peripheral its pins (mp_hal_pin_config_alt). */
import type { CpuPin } from '../../../boards/board.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { hardware } from '../hardware.ts';
import { findAlternate } from '../pyb/alternate.ts';

/** Connects a pin to a peripheral: `('PB6', 'I2C', 1)`. @returns false if it has no such function */
export function configureAlternate(
  name: CpuPin,
  kind: string,
  unit: number,
  options: { openDrain?: boolean; pull?: 0 | 1 | 2 } = {},
): boolean {
  const pin = hardware().chip.pin(name);
  const alternate = findAlternate(pin, kind, unit);
  if (alternate === undefined) return false;
  const { openDrain = false, pull = 0 } = options;
  pin.configure({ mode: PinMode.ALTERNATE, alternate: alternate.index, openDrain, pull, speed: 2 });
  return true;
}
