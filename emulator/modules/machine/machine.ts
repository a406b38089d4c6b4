/** machine (extmod/modmachine.c, ports/stm32/modmachine.c). */
import { newBytes } from '../../objects/bytes.ts';
import { excTypes } from '../../objects/exception.ts';
import { fun0, funVar } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { ResetFlag } from '../../peripherals/rcc.ts';
import { RngRegister } from '../../peripherals/rng.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raise } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import type { Locals } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import type { ModuleDef } from '../module-def.ts';
import { pinType } from '../pyb/pin.ts';
import { rtcType } from '../pyb/rtc.ts';
import { setFrequency } from '../stm32/clock.ts';
import { pollUntil } from '../stm32/time.ts';
import { uartType } from '../stm32/uart.ts';
import { NS_PER_MS } from '../waiting.ts';
import { adcType } from './adc.ts';
import { bitstream } from './bitstream.ts';
import { i2cType } from './i2c.ts';
import { i2cTargetType } from './i2c-target.ts';
import { i2sType } from './i2s.ts';
import { info } from './info.ts';
import { mem8, mem16, mem32 } from './mem.ts';
import { dhtReadInto, timePulseUs } from './pulse.ts';
import { signalType } from './signal.ts';
import { deepSleep, idle, lightSleep } from './sleep.ts';
import { softI2cType } from './soft-i2c.ts';
import { softSpiType } from './soft-spi.ts';
import { spiType } from './spi.ts';
import { timerType } from './timer.ts';
import { wdtType } from './wdt.ts';

const RNG_ENABLE = 4;
const RNG_TIMEOUT = 10 * NS_PER_MS;

/** `rng`, where the chip has a generator. */
export const randomNumberFunction = (): Locals => (hardware().chip.has('RNG') ? [['rng', fun0(randomNumber)]] : []);

/** The next 30 bits of the chip's generator. */
function randomNumber(): number {
  const { chip } = hardware();
  now();
  const rng = chip.block('RNG');
  if ((rng.readRegister(RngRegister.CR) & RNG_ENABLE) === 0) {
    chip.rcc.enable('RNG');
    rng.writeRegister(RngRegister.CR, rng.readRegister(RngRegister.CR) | RNG_ENABLE);
  }
  if (!pollUntil(() => (rng.readRegister(RngRegister.SR) & 1) !== 0, RNG_TIMEOUT)) return 0;
  return rng.readRegister(RngRegister.DR) >>> 2;
}

/** The chip's clocks, or sets them: SYSCLK, AHB, APB1, APB2, in Hz. */
export function frequency(args: readonly Value[]): Value {
  if (args.length === 0) {
    const { sysclk, hclk, pclk1, pclk2 } = hardware().chip.rcc.frequencies;
    return newTuple([sysclk, hclk, pclk1, pclk2]);
  }
  const [sysclk, ahb = sysclk, apb1 = Math.trunc(sysclk / 4), apb2 = Math.trunc(sysclk / 2)] = args.map(toInt);
  setFrequency(sysclk, ahb, apb1, apb2);
  return null;
}

export const uniqueId = (): Value =>
  newBytes(Uint8Array.from(hardware().hardware.uniqueId.match(/../g)!, pair => Number.parseInt(pair, 16)));

/** Whether interrupts were enabled, which enable_irq takes (ports/stm32/irq.c). */
export const disableIrq = (): Value => fun0(() => (now(), !hardware().chip.nvic.setPrimask(true)));

export const enableIrq = (): Value => funVar(0, 1, args => (hardware().chip.nvic.setPrimask(args.length > 0 && !isTrue(args[0])), null));

const sleep = () => funVar(0, 1, lightSleep);

export const machineModule: ModuleDef = {
  name: 'machine',
  extensible: true,
  names: () => [
    ['mem8', mem8],
    ['mem16', mem16],
    ['mem32', mem32],
    ['unique_id', fun0(uniqueId)],
    ['soft_reset', funVar(0, 1, args => raise(excTypes.SystemExit, ...args))],
    ['bootloader', funVar(0, 1, () => hardware().bootloader())],
    ['reset', fun0(() => hardware().reset(ResetFlag.SOFTWARE))],
    ['reset_cause', fun0(() => hardware().resetCause)],
    ['idle', fun0(idle)],
    ['freq', funVar(0, 4, frequency)],
    ['lightsleep', sleep()],
    ['deepsleep', funVar(0, 1, deepSleep)],
    ['bitstream', bitstream],
    ['dht_readinto', dhtReadInto],
    ['time_pulse_us', timePulseUs],
    ['Signal', signalType],
    ['SoftI2C', softI2cType],
    ['SoftSPI', softSpiType],
    ['ADC', adcType],
    ['I2C', i2cType],
    ['I2CTarget', i2cTargetType],
    ['I2S', i2sType],
    ['SPI', spiType],
    ['UART', uartType],
    ['WDT', wdtType],
    ['info', funVar(0, 1, info)],
    ...randomNumberFunction(),
    ['sleep', sleep()],
    ['disable_irq', disableIrq()],
    ['enable_irq', enableIrq()],
    ['Pin', pinType],
    ['RTC', rtcType],
    ['Timer', timerType],
    ['PWRON_RESET', 1],
    ['HARD_RESET', 2],
    ['WDT_RESET', 3],
    ['DEEPSLEEP_RESET', 4],
    ['SOFT_RESET', 0],
  ],
};
