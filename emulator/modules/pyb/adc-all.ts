/** pyb.ADCAll (ports/stm32/adc.c): any channel at any resolution, and what the chip measures inside itself. */
import { newFloat } from '../../objects/float.ts';
import { checkArgCount, fun1, fun2 } from '../../objects/function.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { initAdc, internalChannels, pinOfChannel, readChannel, resolutionOf } from '../stm32/adc.ts';
import { channelOf } from './adc.ts';

/** Factory calibration (DS8626 tables 70 and 71): codes of the reference and of the sensor at 30 °C and 110 °C. */
const CALIBRATION = { reference: 0x1fff_7a2a, at30: 0x1fff_7a2c, at110: 0x1fff_7a2e } as const;
const SUPPLY = Math.fround(3.3);
const SCALE = Math.fround(SUPPLY / 4095);

const single = Math.fround;
const unit = () => hardware().chip.adc(1);
const calibration = (name: keyof typeof CALIBRATION) => hardware().chip.space.read16(CALIBRATION[name]);

class MpAdcAll extends MpObj {
  constructor() {
    super(adcAllType);
    vm.heap.alloc(76);
  }
}

const KEY = Symbol('ADC reference correction');

/** By how much readings are off because the supply is not 3.3 V: found by reading the reference. */
const correction = () => vm.stateOf(KEY, () => ({ factor: 1 }));

/** A reading of an internal channel as if it had 12 bits. */
function readInternal(channel: number): number {
  const value = readChannel(unit(), channel);
  return value << (12 - resolutionOf(unit()));
}

function readReference(): number {
  const code = calibration('reference');
  correction().factor = single(code / readInternal(internalChannels().reference));
  return single(code * SCALE);
}

function readTemperature(): number {
  const raw = readInternal(internalChannels().temperature);
  const slope = single((calibration('at110') - calibration('at30')) / 80);
  return single(single(single(single(raw * correction().factor) - calibration('at30')) / slope) + 30);
}

export const adcAllType: MpType = new MpType('ADCAll', {
  makeNew(_type, args, kw): Value {
    checkArgCount(args.length, kw, 1, 2, false);
    const object = new MpAdcAll();
    const bits = toInt(args[0]);
    const mask = args.length > 1 ? toInt(args[1]) : -1;
    if (![6, 8, 10, 12].includes(bits)) raiseValueError(`resolution ${bits} not supported`);
    for (let channel = 0; channel < 16; channel++)
      if (mask & (1 << channel)) pinOfChannel(channel)?.configure({ mode: PinMode.ANALOG, pull: 0 });
    initAdc(unit(), bits);
    return object;
  },
  locals: (): Locals => [
    ['read_channel', fun2((_self, channel) => readChannel(unit(), channelOf(toInt(channel))))],
    ['read_core_temp', fun1(() => newFloat(readTemperature()))],
    [
      'read_core_vbat',
      fun1(() => {
        const { adc } = hardware().chip.data;
        return newFloat(single(single(readInternal(internalChannels().battery) * adc.batteryDivider * SCALE) * correction().factor));
      }),
    ],
    ['read_core_vref', fun1(() => newFloat(readReference()))],
    [
      'read_vref',
      fun1(() => {
        readReference();
        return newFloat(single(SUPPLY * correction().factor));
      }),
    ],
  ],
});
