/** Alternate functions of pins as the port knows them: it leaves out those that it has no driver for (ports/stm32/boards/make-pins.py). */
import type { Hardware } from '../../../boards/board.ts';
import type { GpioPin } from '../../peripherals/gpio.ts';
import { hardware } from '../hardware.ts';

export interface Alternate {
  readonly index: number;
  /** `AF1_TIM2` */
  readonly name: string;
  readonly kind: string;
  readonly unit: number;
  /** `CH1` */
  readonly signal: string;
}

const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  TIM: ['CH1', 'CH2', 'CH3', 'CH4', 'CH1N', 'CH2N', 'CH3N', 'CH1_ETR', 'ETR', 'BKIN'],
  I2C: ['SDA', 'SCL'],
  I2S: ['CK', 'MCK', 'SD', 'WS', 'EXTSD'],
  USART: ['RX', 'TX', 'CTS', 'RTS', 'CK'],
  UART: ['RX', 'TX', 'CTS', 'RTS'],
  SPI: ['NSS', 'SCK', 'MISO', 'MOSI'],
  CAN: ['TX', 'RX'],
};

/** Whether the board's firmware has the bus that a function belongs to. */
function isBuiltIn({ i2cs, i2ss, spis, uarts, cans }: Hardware, kind: string, unit: number): boolean {
  const buses = { I2C: i2cs, I2S: i2ss, SPI: spis, USART: uarts, UART: uarts, CAN: cans }[kind];
  return buses === undefined || buses.some(({ id }) => id === unit);
}

/** A pin's functions, in the order of the chip's table; a function with two signals on one number counts twice. */
export function alternatesOf(pin: GpioPin): Alternate[] {
  const found: Alternate[] = [];
  for (const [key, signals] of Object.entries(pin.functions.af)) {
    for (const text of signals.split('/')) {
      const match = /^([A-Z0-9]+[A-Z])(\d+)(ext)?_(.*)$/.exec(text);
      if (match === null) continue;
      const [, kind, unit, ext, rest] = match;
      const signal = ext === undefined ? rest : `EXT${rest}`;
      if (!SUPPORTED[kind]?.includes(signal) || !isBuiltIn(hardware().hardware, kind, Number(unit))) continue;
      found.push({ index: Number(key), name: `AF${key}_${kind}${unit}`, kind, unit: Number(unit), signal });
    }
  }
  return found;
}

/** The first function of a pin that belongs to a unit: `('TIM', 2)`. */
export function findAlternate(pin: GpioPin, kind: string, unit: number): Alternate | undefined {
  return alternatesOf(pin).find(entry => entry.kind === kind && entry.unit === unit);
}
