/** Sleeping: WFI, stop and standby (ports/stm32/powerctrl.c), shared by pyb and machine. */
import { PwrCr, PwrRegister } from '../../peripherals/pwr.ts';
import { RtcCr, RtcIsr, RtcRegister } from '../../peripherals/rtc.ts';
import { now, rebudget } from '../../vm/service.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { resumeClocks } from './clock-setting.ts';
import { finishRtc, unlocked } from './rtc.ts';

/** Waits for an interrupt: the next millisecond's tick at the latest. */
export function waitForInterrupt(): void {
  const { chip } = hardware();
  const time = now();
  const tick = (Math.floor(time / 1e6) + 1) * 1e6;
  try {
    if (chip.nvic.primask) chip.waitForInterrupt(tick - time);
    else hardware().idle(tick);
  } finally {
    rebudget();
  }
}

/** Stop mode until an external interrupt or the RTC wakes the chip; then the clocks are as before. */
export function enterStop(): void {
  const { chip } = hardware();
  now();
  const masked = chip.nvic.setPrimask(true);
  try {
    // In between, the bench may reset the board or take its power away.
    for (;;) {
      const next = chip.clock.nextDue;
      const end = chip.deepSleep.stop(next === Infinity ? Infinity : Math.max(1, next - chip.clock.now));
      if (end === 'woken') break;
      if (end === 'forever') vm.port.idle(Infinity);
      else vm.port.boundary?.();
    }
    resumeClocks();
  } finally {
    chip.nvic.setPrimask(masked);
    rebudget();
  }
}

/** Standby: everything is lost but the backup domain, and the board boots when it wakes. */
export function enterStandby(): never {
  finishRtc();
  const { chip, reset } = hardware();
  const { rtc, pwr, clock, deepSleep } = chip;
  const enables = RtcCr.ALRAIE | RtcCr.ALRBIE | RtcCr.WUTIE;
  const cr = rtc.peek(RtcRegister.CR);
  // An event that has already happened must not hide the next one.
  unlocked(() => {
    rtc.writeRegister(RtcRegister.CR, (cr & ~enables) >>> 0);
    rtc.writeRegister(RtcRegister.ISR, ~(RtcIsr.ALRAF | RtcIsr.ALRBF | RtcIsr.WUTF | RtcIsr.INIT) >>> 0);
    pwr.writeRegister(PwrRegister.CR, pwr.peek(PwrRegister.CR) | PwrCr.CWUF);
    rtc.writeRegister(RtcRegister.CR, cr);
  });
  now();
  for (;;) {
    const next = clock.nextDue;
    const end = deepSleep.enterStandby(next === Infinity ? Infinity : Math.max(1, next - clock.now));
    if (end === 'woken') return reset(0);
    if (end === 'forever') vm.port.idle(Infinity);
    else vm.port.boundary?.();
  }
}
