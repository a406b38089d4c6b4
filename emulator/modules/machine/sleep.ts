/** machine.idle, lightsleep and deepsleep (ports/stm32/modmachine.c, powerctrl.c). */
import { PwrCr, PwrRegister } from '../../peripherals/pwr.ts';
import { RtcRegister } from '../../peripherals/rtc.ts';
import { boardNow, now, rebudget, whenBoardTime } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import { setWakeup } from '../pyb/rtc.ts';
import { restoreClocks } from '../stm32/clock.ts';
import { finishRtc, unlocked } from '../stm32/rtc.ts';
import { NS_PER_MS } from '../waiting.ts';

/** RTC's CR: alarms A and B, the wake-up timer, the time stamp; and their flags in ISR. */
const WAKING_INTERRUPTS = 0xf000;
const WAKING_FLAGS = 0x0f00;

/** Waits for an interrupt: SysTick's at the latest. */
export function idle(): Value {
  const tick = Math.floor(boardNow() / NS_PER_MS) + 1;
  hardware().idle(whenBoardTime(tick * NS_PER_MS));
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

/** What woke the chip the last time must be forgotten, or it would wake at once (RM0090 section 5.3.7). */
function forgetWakeups(): void {
  const { rtc, pwr } = hardware().chip;
  unlocked(() => {
    const control = rtc.peek(RtcRegister.CR);
    rtc.writeRegister(RtcRegister.CR, (control & ~WAKING_INTERRUPTS) >>> 0);
    rtc.writeRegister(RtcRegister.ISR, (rtc.peek(RtcRegister.ISR) & ~WAKING_FLAGS) >>> 0);
    pwr.writeRegister(PwrRegister.CR, pwr.readRegister(PwrRegister.CR) | PwrCr.CWUF);
    rtc.writeRegister(RtcRegister.CR, control);
  });
}

/** Standby: the board boots when it wakes. */
export function deepSleep(args: readonly Value[]): never {
  wakeAfter(args);
  const { chip, standby } = hardware();
  finishRtc();
  now();
  forgetWakeups();
  const { pwr } = chip;
  pwr.writeRegister(PwrRegister.CR, pwr.readRegister(PwrRegister.CR) | PwrCr.PDDS);
  return standby();
}
