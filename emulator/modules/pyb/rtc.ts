/** pyb.RTC (ports/stm32/rtc.c). */
import { checkArgCount, fun1, funVar } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { ExtiLine } from '../../peripherals/exti.ts';
import { RtcCr, RtcIsr, RtcRegister } from '../../peripherals/rtc.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import { finishRtc, readRtc, rtcInfo, setDate, setTime, startRtc, unlocked } from '../stm32/rtc.ts';
import { setInternalCallback } from './extint.ts';

class MpRtc extends MpObj {}

let theRtc: MpRtc | undefined;

const block = () => hardware().chip.rtc;
const modify = (register: number, clear: number, set: number) =>
  block().writeRegister(register, ((block().peek(register) & ~clear) | set) >>> 0);

function datetime(args: readonly Value[]): Value {
  finishRtc();
  if (args.length === 1) {
    const { year, month, day, weekday, hour, minute, second, subseconds } = readRtc();
    return newTuple([year, month, day, weekday, hour, minute, second, subseconds]);
  }
  const items = arrayItems(args[1]);
  if (items.length !== 8) raiseValueError(`requested length 8 but object has length ${items.length}`);
  setDate(toInt(items[0]) - 2000, toInt(items[1]), toInt(items[2]), toInt(items[3]));
  setTime(toInt(items[4]), toInt(items[5]), toInt(items[6]));
  return null;
}

/** The wake-up timer's clock (WUCKSEL) and value for a time in ms. */
function wakeupSettings(ms: number): { clock: number; value: number } {
  let divider = 2;
  let clock = 3;
  while (divider <= 16 && ms > 2000 * divider) {
    divider *= 2;
    clock--;
  }
  let value: number;
  if (divider <= 16) value = Math.trunc(((32768 / divider) * ms) / 1000);
  else {
    clock = 4;
    value = Math.trunc(ms / 1000);
    if (value > 0x10000) {
      clock = 6;
      value -= 0x10000;
      if (value > 0x10000) raiseValueError('wakeup value too large');
    }
  }
  return { clock, value: value > 0 ? value - 1 : value };
}

/** RTC.wakeup(): sets the wake-up timer by its arguments, the object first. */
export function setWakeup(args: readonly Value[]): Value {
  finishRtc();
  const { chip } = hardware();
  const irq = chip.irq('RTC_WKUP');
  chip.nvic.disable(irq);
  let settings: { clock: number; value: number } | undefined;
  let callback: Value = null;
  if (args.length <= 3) {
    if (args[1] !== null) settings = wakeupSettings(toInt(args[1]));
    if (args.length === 3) callback = args[2];
  } else {
    settings = { clock: toInt(args[1]), value: toInt(args[2]) };
    callback = args[3];
  }
  setInternalCallback(ExtiLine.RTC_WAKEUP, callback);
  unlocked(() => {
    modify(RtcRegister.CR, RtcCr.WUTE, 0);
    if (settings === undefined) modify(RtcRegister.CR, RtcCr.WUTIE, 0);
    else {
      block().writeRegister(RtcRegister.WUTR, settings.value >>> 0);
      modify(RtcRegister.CR, RtcCr.WUCKSEL, RtcCr.WUTIE | RtcCr.WUTE | (settings.clock & 7));
    }
  });
  if (settings === undefined) {
    chip.exti.setMask(ExtiLine.RTC_WAKEUP, false);
    return null;
  }
  chip.exti.configure(ExtiLine.RTC_WAKEUP, { rising: true, falling: false, interrupt: true, event: false });
  block().writeRegister(RtcRegister.ISR, ~(RtcIsr.WUTF | RtcIsr.INIT) >>> 0);
  chip.exti.clear(ExtiLine.RTC_WAKEUP);
  chip.nvic.enable(irq, IrqPriority.RTC_WKUP);
  return null;
}

function calibration(args: readonly Value[]): Value {
  finishRtc();
  if (args.length === 1) {
    const value = block().peek(RtcRegister.CALR);
    return value & 0x8000 ? 512 - (value & 0x1ff) : -(value & 0x1ff) || 0;
  }
  const value = toInt(args[1]);
  if (value < -511 || value > 512) {
    // 0x0ffe and 0x0fff switch the 512 Hz output at RTC_OUT.
    if ((value & 0xfffe) !== 0x0ffe) raiseValueError('calibration value out of range');
    const on = value & 1;
    unlocked(() => modify(RtcRegister.CR, RtcCr.COSEL | RtcCr.COE, on ? RtcCr.COE : 0));
    return on;
  }
  unlocked(() => block().writeRegister(RtcRegister.CALR, value > 0 ? 0x8000 | (512 - value) : -value));
  return null;
}

export const rtcType: MpType = new MpType('RTC', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    theRtc ??= new MpRtc(rtcType);
    return theRtc;
  },
  locals: (): Locals => [
    [
      'init',
      fun1(() => {
        startRtc(true);
        finishRtc();
        return null;
      }),
    ],
    ['info', fun1(() => rtcInfo())],
    ['datetime', funVar(1, 2, datetime)],
    ['wakeup', funVar(2, 4, setWakeup)],
    ['calibration', funVar(1, 2, calibration)],
  ],
});
