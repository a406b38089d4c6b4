/** pyb (ports/stm32/modpyb.c). */

import { fun0, fun1, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { ResetFlag } from '../../peripherals/rcc.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { boardNow } from '../../vm/service.ts';
import type { Locals } from '../../vm/type.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { info } from '../machine/info.ts';
import { disableIrq, enableIrq, frequency, randomNumberFunction, uniqueId } from '../machine/machine.ts';
import { deepSleep, idle, lightSleep } from '../machine/sleep.ts';
import type { ModuleDef } from '../module-def.ts';
import { countryFunction } from '../network.ts';
import { syncFilesystems } from '../os.ts';
import { replInfo } from '../repl-info.ts';
import { elapse } from '../stm32/time.ts';
import { uartType } from '../stm32/uart.ts';
import { pathFunction } from '../vfs/operations.ts';
import { delayMs } from '../waiting.ts';
import { accelType } from './accel.ts';
import { adcType } from './adc.ts';
import { adcAllType } from './adc-all.ts';
import { canType } from './can.ts';
import { dacType } from './dac.ts';
import { extIntType } from './extint.ts';
import { flashType } from './flash.ts';
import { i2cType } from './i2c.ts';
import { lcdType } from './lcd.ts';
import { ledType } from './led.ts';
import { pinType } from './pin.ts';
import { replUart } from './repl-uart.ts';
import { rtcType } from './rtc.ts';
import { sdCard, sdCardType } from './sd-card.ts';
import { servoFunctions, servoType } from './servo.ts';
import { spiType } from './spi.ts';
import { switchType } from './switch.ts';
import { timerType } from './timer.ts';
import { sendReport, usbHidType } from './usb-hid.ts';
import { hidKeyboard, hidMouse, usbMode } from './usb-mode.ts';
import { isVcpConnected, usbVcpType } from './usb-vcp.ts';

/** Microseconds and milliseconds wrap as the port's do: 30 bits, so that they stay small integers. */
const TICKS_MASK = 0x3fff_ffff;
const millis = () => Math.floor(boardNow() / 1e6) % (TICKS_MASK + 1);
const micros = () => Math.floor(boardNow() / 1e3) % (TICKS_MASK + 1);

const ns = (microseconds: number) => microseconds * 1000;

export const pybModule: ModuleDef = {
  name: 'pyb',
  extensible: false,
  names: () => [...functions(), ...classes()],
};

function functions(): Locals {
  return [
    ['fault_debug', fun1(value => ((hardware().faultDebug = isTrue(value)), null))],
    ['bootloader', funVar(0, 1, () => hardware().bootloader())],
    ['hard_reset', fun0(() => hardware().reset(ResetFlag.SOFTWARE))],
    ['info', funVar(0, 1, info)],
    ['unique_id', fun0(uniqueId)],
    ['freq', funVar(0, 4, frequency)],
    ['repl_info', fun1(value => ((replInfo().shown = toInt(value) !== 0), null))],
    ['wfi', fun0(idle)],
    ['disable_irq', disableIrq()],
    ['enable_irq', enableIrq()],
    ['stop', funVar(0, 1, lightSleep)],
    ['standby', funVar(0, 1, deepSleep)],
    ['main', funKw(1, setMain)],
    ['repl_uart', funVar(0, 1, replUart)],
    ['country', countryFunction()],
    ['usb_mode', usbMode()],
    ['hid_mouse', hidMouse()],
    ['hid_keyboard', hidKeyboard()],
    ['USB_HID', usbHidType],
    ['USB_VCP', usbVcpType],
    ['have_cdc', fun0(isVcpConnected)],
    ['hid', fun1(sendReport)],
    ['millis', fun0(millis)],
    ['elapsed_millis', fun1(start => (millis() - toInt(start)) & TICKS_MASK)],
    ['micros', fun0(micros)],
    ['elapsed_micros', fun1(start => (micros() - toInt(start)) & TICKS_MASK)],
    ['delay', fun1(ms => (wait(toInt(ms), delayMs), null))],
    ['udelay', fun1(us => (wait(toInt(us), duration => elapse(ns(duration))), null))],
    ['sync', fun0(syncFilesystems)],
    ['mount', pathFunction('mount')],
  ];
}

function classes(): Locals {
  const { hardware: wired, chip } = hardware();
  const present = (condition: unknown, ...entries: [string, Value][]) => (condition === undefined ? [] : entries);
  return [
    ['Timer', timerType],
    ...randomNumberFunction(),
    ['RTC', rtcType],
    ['Pin', pinType],
    ['ExtInt', extIntType],
    ...servoFunctions(),
    ...present(wired.servos, ['Servo', servoType]),
    ...present(wired.switch, ['Switch', switchType]),
    ['Flash', flashType],
    ...present(wired.sdCard, ['SD', sdCard()], ['SDCard', sdCardType]),
    ['LED', ledType],
    ['I2C', i2cType],
    ['SPI', spiType],
    ['UART', uartType],
    ...(wired.cans.length > 0 ? [['CAN', canType] as [string, Value]] : []),
    ['ADC', adcType],
    ['ADCAll', adcAllType],
    ...(chip.has('DAC') ? [['DAC', dacType] as [string, Value]] : []),
    ...present(wired.accelerometer, ['Accel', accelType]),
    ['LCD', lcdType],
  ];
}

/** A negative time is none. */
function wait(duration: number, delay: (duration: number) => void): void {
  if (duration >= 0) delay(duration);
}

/** pyb.main(): what to run after boot.py, and how it is compiled. */
function setMain(args: readonly Value[], kw: KwArgs): Value {
  if (typeof args[0] === 'string') {
    const [opt] = parseArgs([{ name: 'opt', as: 'int', default: 0 }] as const, args.slice(1), kw);
    hardware().mainScript = args[0];
    vm.optLevel = opt as number;
  }
  return null;
}
