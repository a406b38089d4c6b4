/** machine.ADC (ports/stm32/machine_adc.c): single conversions by polling, of a pin or of what is inside the chip. */
import { checkArgCount, fun1 } from '../../objects/function.ts';
import { isInt } from '../../objects/int.ts';
import { type Adc, AdcCr1, AdcCr2, AdcFlag, AdcRegister } from '../../peripherals/adc.ts';
import { PinMode, PinPull } from '../../peripherals/gpio.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { findPin } from '../pyb/pin.ts';
import { elapse, pollUntil, tickDeadline } from '../stm32/time.ts';

const Channel = { CORE_VREF: 256, CORE_TEMP: 257, CORE_VBAT: 258, VREF: 0xffff } as const;

const LAST_EXTERNAL = 19;

/** SMPR's values for 15 and 480 cycles. */
const SAMPLE_PIN = 1;
const SAMPLE_INTERNAL = 7;

/** CCR of the common registers: the temperature sensor and the reference, the battery. */
const TSVREFE = 1 << 23;
const VBATE = 1 << 22;
const CCR = 4;

const ns = (us: number) => us * 1000;
/** What the converter and the temperature sensor take to settle (ADC_STAB_DELAY_US, ADC_TEMPSENSOR_DELAY_US), and one µs as the port adds it. */
const STABLE = ns(3 + 1);
const TEMPERATURE_STABLE = ns(10 + 1);
const CONVERSION_TIMEOUT_MS = 10;

class MpAdc extends MpObj {
  constructor(
    readonly unit: Adc,
    readonly channel: number,
    private readonly sampling: number,
  ) {
    super(adcType);
    vm.heap.alloc(4 * vm.wordSize);
  }

  read(): number {
    if (this.channel === Channel.VREF) return 0xffff;
    now();
    this.select();
    const { unit } = this;
    unit.writeRegister(AdcRegister.CR2, unit.peek(AdcRegister.CR2) | AdcCr2.SWSTART);
    const converted = () => (unit.peek(AdcRegister.SR) & AdcFlag.EOC) !== 0;
    pollUntil(converted, tickDeadline(CONVERSION_TIMEOUT_MS) - now());
    const raw = unit.readRegister(AdcRegister.DR);
    if (this.channel === Channel.CORE_VBAT) modifyCommon(VBATE, 0);
    const bits = 12 - 2 * ((unit.peek(AdcRegister.CR1) & AdcCr1.RES) >>> 24);
    // The low bits repeat the high ones, so that full scale is 65535.
    return bits < 8
      ? ((raw << (16 - bits)) | (raw << (16 - 2 * bits)) | (raw >> (3 * bits - 16))) & 0xffff
      : (raw << (16 - bits)) | (raw >> (2 * bits - 16));
  }

  private select(): void {
    const { unit, channel } = this;
    if ((unit.peek(AdcRegister.CR2) & AdcCr2.ADON) === 0) {
      unit.writeRegister(AdcRegister.CR2, unit.peek(AdcRegister.CR2) | AdcCr2.ADON);
      elapse(STABLE);
    }
    let number: number = channel;
    const { internal } = hardware().chip.data.adc;
    if (channel === Channel.CORE_VBAT) {
      number = internal.battery;
      modifyCommon(0, VBATE);
    } else if (channel > LAST_EXTERNAL) {
      // What is no channel is the reference.
      number = channel === Channel.CORE_TEMP ? internal.temperature : internal.reference;
      modifyCommon(VBATE, TSVREFE);
      if (channel === Channel.CORE_TEMP) elapse(TEMPERATURE_STABLE);
    }
    unit.writeRegister(AdcRegister.SQR3, number & 0x1f);
    const register = number <= 9 ? AdcRegister.SMPR2 : AdcRegister.SMPR1;
    const shift = (number <= 9 ? number : number - 10) * 3;
    unit.writeRegister(register, ((unit.peek(register) & ~(7 << shift)) | (this.sampling << shift)) >>> 0);
  }
}

/** The registers that the converters share. */
function commonBlock() {
  const { chip } = hardware();
  const [name] = Object.entries(chip.data.peripherals).find(([, { kind }]) => kind === 'adc-common')!;
  return chip.block(name);
}

function modifyCommon(clear: number, set: number): void {
  const common = commonBlock();
  common.writeRegister(CCR, (common.peek(CCR) & ~clear) | set);
}

/** Clocks a converter and sets it to single conversions of 12 bits. */
function configure(unit: Adc): void {
  const { chip } = hardware();
  now();
  chip.rcc.enable(unit.name);
  commonBlock().writeRegister(CCR, 0);
  unit.writeRegister(AdcRegister.CR1, unit.peek(AdcRegister.CR1) & ~AdcCr1.RES);
  unit.writeRegister(AdcRegister.CR2, unit.peek(AdcRegister.CR2) & ~(AdcCr2.EXTEN | AdcCr2.ALIGN | AdcCr2.DMA | AdcCr2.CONT));
  unit.writeRegister(AdcRegister.SQR1, 1 << 20);
}

export const adcType: MpType = new MpType('ADC', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    const [source] = args;
    const { chip } = hardware();
    let unit = chip.adc(1);
    let channel: number;
    let sampling = SAMPLE_PIN;
    if (isInt(source)) {
      channel = toInt(source) >>> 0;
      if (channel >= Channel.CORE_VREF && channel <= Channel.CORE_VBAT) sampling = SAMPLE_INTERNAL;
    } else {
      const pin = findPin(source);
      const match = /^ADC(\d+)_IN(\d+)$/.exec(pin.gpio.functions.adc ?? '');
      if (match === null) raiseValueError(`Pin(${pin.cpuName}) does not have ADC capabilities`);
      unit = chip.adc(Number(match[1][0]));
      channel = Number(match[2]);
      pin.gpio.configure({ mode: PinMode.ANALOG, pull: PinPull.NONE });
    }
    configure(unit);
    return new MpAdc(unit, channel, sampling);
  },
  print: (out: Printer, { unit, channel }: MpAdc) => out.write(`<ADC${unit.number} channel=${channel}>`),
  locals: (): Locals => [
    ['VREF', Channel.VREF],
    ['CORE_VREF', Channel.CORE_VREF],
    ['CORE_TEMP', Channel.CORE_TEMP],
    ['CORE_VBAT', Channel.CORE_VBAT],
    ['read_u16', fun1((adc: Value) => (adc as MpAdc).read())],
  ],
});
