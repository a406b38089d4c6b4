/** machine.idle, lightsleep and deepsleep (ports/stm32/modmachine.c, powerctrl.c). */
import { PwrCr, PwrRegister } from '../../peripherals/pwr.ts';
import { now, rebudget } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import { setWakeup } from '../pyb/rtc.ts';
import { restoreClocks } from '../stm32/clock.ts';
import { NS_PER_MS } from '../waiting.ts';

/** Waits for an interrupt: SysTick's at the latest. */
export function idle(): Value {
  const tick = Math.floor(now() / NS_PER_MS) + 1;
  hardware().idle(tick * NS_PER_MS);
  rebudget();
  return null;
}

/** Sets the RTC's wake-up timer, when a time in ms is given. */
function wakeAfter(args: readonly Value[]): void {
  if (args.length > 0) setWakeup([null, args[0]]);
}

/** Stop mode: the clocks stand still until an EXTI line wakes the chip; what woke it is handled once they run again. */
export function lightSleep(args: readonly Value[]): Value {
  wakeAfter(args);
  const { chip, idle } = hardware();
  const { nvic, deepSleep } = chip;
  now();
  const masked = nvic.setPrimask(true);
  try {
    while (deepSleep.stop(0) !== 'woken') idle(Infinity);
    restoreClocks();
  } finally {
    nvic.setPrimask(masked);
    rebudget();
  }
  return null;
}

/** Standby: the board boots when it wakes. */
export function deepSleep(args: readonly Value[]): never {
  wakeAfter(args);
  const { chip, standby } = hardware();
  now();
  const { pwr } = chip;
  pwr.writeRegister(PwrRegister.CR, pwr.readRegister(PwrRegister.CR) | PwrCr.CWUF | PwrCr.PDDS);
  return standby();
}
