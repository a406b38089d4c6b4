/** pyb (ports/stm32/modpyb.c). */

import { newBytes } from '../../objects/bytes.ts';
import { fun0, fun1, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { toInt } from '../../vm/operators.ts';
import { now } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import type { ModuleDef } from '../module-def.ts';
import { elapse } from '../stm32/time.ts';
import { uartType } from '../stm32/uart.ts';
import { delayMs } from '../waiting.ts';
import { extIntType } from './extint.ts';
import { i2cType } from './i2c.ts';
import { ledType } from './led.ts';
import { pinType } from './pin.ts';
import { spiType } from './spi.ts';
import { switchType } from './switch.ts';
import { timerType } from './timer.ts';

/** Microseconds and milliseconds wrap as the port's do: 30 bits, so that they stay small integers. */
const TICKS_MASK = 0x3fff_ffff;
const millis = () => Math.floor(now() / 1e6) & TICKS_MASK;
const micros = () => Math.floor(now() / 1e3) & TICKS_MASK;

const uniqueId = () => Uint8Array.from(hardware().hardware.uniqueId.match(/../g)!, pair => Number.parseInt(pair, 16));

export const pybModule: ModuleDef = {
  name: 'pyb',
  extensible: false,
  names: () => [
    ['fault_debug', fun1(value => ((hardware().faultDebug = value === true || value === 1), null))],
    ['hard_reset', fun0(() => hardware().reset(1 << 28))],
    ['bootloader', funVar(0, 1, () => hardware().bootloader())],
    ['unique_id', fun0(() => newBytes(uniqueId()))],
    ['freq', funVar(0, 4, frequency)],
    [
      'main',
      funKw(1, (args, kw) => {
        if (typeof args[0] === 'string') {
          const [opt] = parseArgs([{ name: 'opt', as: 'int', default: 0 }] as const, args.slice(1), kw);
          hardware().mainScript = args[0];
          vm.optLevel = opt as number;
        }
        return null;
      }),
    ],
    ['millis', fun0(millis)],
    ['elapsed_millis', fun1(start => (millis() - toInt(start)) & TICKS_MASK)],
    ['micros', fun0(micros)],
    ['elapsed_micros', fun1(start => (micros() - toInt(start)) & TICKS_MASK)],
    [
      'delay',
      fun1(ms => {
        const duration = toInt(ms);
        if (duration >= 0) delayMs(duration);
        return null;
      }),
    ],
    [
      'udelay',
      fun1(us => {
        const duration = toInt(us);
        if (duration > 0) elapse(duration * 1000);
        return null;
      }),
    ],
    ['rng', fun0(() => hardware().chip.random.next32() >>> 2)],
    ['Pin', pinType],
    ['ExtInt', extIntType],
    ['Switch', switchType],
    ['LED', ledType],
    ['Timer', timerType],
    ['UART', uartType],
    ['I2C', i2cType],
    ['SPI', spiType],
  ],
};

function frequency(args: readonly Value[]): Value {
  const { chip } = hardware();
  if (args.length === 0) {
    const { sysclk, hclk, pclk1, pclk2 } = chip.rcc.frequencies;
    return newTuple([sysclk, hclk, pclk1, pclk2]);
  }
  throw new Error('setting the frequency is not built yet');
}
