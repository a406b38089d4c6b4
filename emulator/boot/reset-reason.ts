/** Why the board has started, as the firmware tells it from the chip's flags (machine_init in ports/stm32/modmachine.c). */
import type { Chip } from '../peripherals/chip.ts';
import { PwrCr, PwrRegister } from '../peripherals/pwr.ts';
import { ResetFlag } from '../peripherals/rcc.ts';

/** machine.SOFT_RESET and its like. */
export const ResetReason = { SOFT: 0, POWER_ON: 1, HARD: 2, WATCHDOG: 3, DEEP_SLEEP: 4 } as const;
export type ResetReason = (typeof ResetReason)[keyof typeof ResetReason];

/** Reads the flags, and clears them for the next time. */
export function takeResetReason({ pwr, rcc }: Chip): ResetReason {
  const flags = rcc.resetFlags;
  const wokeUp = pwr.standbyFlag;
  if (wokeUp) pwr.writeRegister(PwrRegister.CR, pwr.readRegister(PwrRegister.CR) | PwrCr.CSBF);
  rcc.clearResetFlags();
  if (wokeUp) return ResetReason.DEEP_SLEEP;
  if (flags & (ResetFlag.INDEPENDENT_WATCHDOG | ResetFlag.WINDOW_WATCHDOG)) return ResetReason.WATCHDOG;
  if (flags & (ResetFlag.POWER_ON | ResetFlag.BROWN_OUT)) return ResetReason.POWER_ON;
  return flags & ResetFlag.PIN ? ResetReason.HARD : ResetReason.SOFT;
}
