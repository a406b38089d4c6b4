/** Conversions as the port's drivers start them (ports/stm32/adc.c over the HAL): one channel, one result, by polling. */
import { type Adc, AdcFlag, AdcRegister } from '../../peripherals/adc.ts';
import type { GpioPin } from '../../peripherals/gpio.ts';
import { hardware } from '../hardware.ts';
import { NS_PER_MS } from '../waiting.ts';
import { elapse, pollUntil } from './time.ts';

const ADON = 1;
const SWSTART = 0x4000_0000;
const EOCS = 0x400;
const TSVREFE = 0x80_0000;
const VBATE = 0x40_0000;
const CCR = 4;

/** Numbers of the channels inside the chip. */
export interface InternalChannels {
  readonly temperature: number;
  readonly reference: number;
  readonly battery: number;
}

export const internalChannels = (): InternalChannels => hardware().chip.data.adc.internal;

/** ADC and channel of a pin, of the first unit that has it; undefined if it has none. */
export function adcOfPin(pin: GpioPin): { units: number[]; channel: number } | undefined {
  const match = /^ADC(\d+)_IN(\d+)$/.exec(pin.functions.adc ?? '');
  return match === null ? undefined : { units: [...match[1]].map(Number), channel: Number(match[2]) };
}

/** The pin of a channel of ADC1, if it is wired on the board. */
export function pinOfChannel(channel: number): GpioPin | undefined {
  const { chip, hardware: wired } = hardware();
  for (const { cpu } of wired.pins) {
    const pin = chip.pin(cpu);
    const found = adcOfPin(pin);
    if (found !== undefined && found.channel === channel && found.units.includes(1)) return pin;
  }
  return undefined;
}

function modify(adc: Adc, register: number, clear: number, set: number): void {
  adc.writeRegister(register, ((adc.peek(register) & ~clear) | set) >>> 0);
}

function modifyCommon(clear: number, set: number): void {
  const common = hardware().chip.block(commonName());
  common.writeRegister(CCR, ((common.readRegister(CCR) & ~clear) | set) >>> 0);
}

function commonName(): string {
  const { peripherals } = hardware().chip.data;
  return Object.keys(peripherals).find(name => peripherals[name].kind === 'adc-common')!;
}

/** HAL_ADC_Init: single conversions of `bits` bits, started by software, at half the bus clock. */
export function initAdc(adc: Adc, bits: number): void {
  hardware().chip.rcc.enable(adc.name);
  modifyCommon(0x3_0000, 0);
  modify(adc, AdcRegister.CR1, 0x0300_e900, ((12 - bits) / 2) << 24);
  modify(adc, AdcRegister.CR2, 0x3f00_0a02, EOCS);
  modify(adc, AdcRegister.SQR1, 0x00f0_0000, 0);
}

/** Bits of a result. */
export const resolutionOf = (adc: Adc): number => 12 - 2 * ((adc.peek(AdcRegister.CR1) >>> 24) & 3);

/** HAL_ADC_ConfigChannel: channels inside the chip are sampled longest. `sampling` is SMPR's field for the others. */
export function selectChannel(adc: Adc, channel: number, sampling = 1): void {
  const internal = internalChannels();
  const isInternal = channel === internal.temperature || channel === internal.reference || channel === internal.battery;
  const register = channel < 10 ? AdcRegister.SMPR2 : AdcRegister.SMPR1;
  const shift = (channel % 10) * 3;
  modify(adc, register, 7 << shift, (isInternal ? 7 : sampling) << shift);
  modify(adc, AdcRegister.SQR3, 0x1f, channel);
  if (channel === internal.battery && channel !== internal.temperature) modifyCommon(TSVREFE, VBATE);
  else if (isInternal) {
    modifyCommon(VBATE, TSVREFE);
    if (channel === internal.temperature) elapse(10_000);
  }
}

/** HAL_ADC_Start: a converter that is off takes 3 µs to come up. */
export function startConversion(adc: Adc): void {
  if ((adc.peek(AdcRegister.CR2) & ADON) === 0) {
    modify(adc, AdcRegister.CR2, 0, ADON);
    elapse(3_000);
  }
  adc.writeRegister(AdcRegister.SR, ~(AdcFlag.EOC | AdcFlag.OVR) >>> 0);
  modify(adc, AdcRegister.CR2, 0, SWSTART);
}

/** Starts the next conversion of a converter that is on. */
export const startAgain = (adc: Adc): void => modify(adc, AdcRegister.CR2, 0, SWSTART);

/** The result, when there is one; after 10 ms whatever there is. */
export function result(adc: Adc): number {
  pollUntil(() => (adc.peek(AdcRegister.SR) & AdcFlag.EOC) !== 0, 11 * NS_PER_MS);
  return adc.readRegister(AdcRegister.DR);
}

export const stopConversion = (adc: Adc): void => modify(adc, AdcRegister.CR2, ADON, 0);

/** Selects a channel and converts it once. */
export function readChannel(adc: Adc, channel: number, sampling = 1): number {
  selectChannel(adc, channel, sampling);
  startConversion(adc);
  const value = result(adc);
  stopConversion(adc);
  if (channel === internalChannels().battery) modifyCommon(VBATE, 0);
  return value;
}
