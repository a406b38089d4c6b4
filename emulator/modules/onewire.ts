/** _onewire (extmod/modonewire.c): the time slots of a 1-Wire bus on any pin (Maxim, application note 126). */
import { bufferOf } from '../objects/buffer.ts';
import { fun1, fun2 } from '../objects/function.ts';
import type { GpioPin } from '../peripherals/gpio.ts';
import { toInt } from '../vm/operators.ts';
import { BufferFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import type { ModuleDef } from './module-def.ts';
import { findPin } from './pyb/pin.ts';
import { delayUs, quietly, readPin, writePin } from './stm32/bit-bang.ts';

/** µs: the reset pulse, the wait for the answer to it, and the rest of the slot; likewise for bits. */
const RESET = [480, 70, 410] as const;
const READ = [6, 9, 55] as const;
const WRITE = [6, 54, 10] as const;

const pinOf = (value: Value) => findPin(value).gpio;

/** @returns whether somebody is there */
function reset(pin: GpioPin): boolean {
  writePin(pin, 0);
  delayUs(RESET[0]);
  const present = quietly(() => {
    writePin(pin, 1);
    delayUs(RESET[1]);
    return readPin(pin) === 0;
  });
  delayUs(RESET[2]);
  return present;
}

function readBit(pin: GpioPin): number {
  writePin(pin, 1);
  const bit = quietly(() => {
    writePin(pin, 0);
    delayUs(READ[0]);
    writePin(pin, 1);
    delayUs(READ[1]);
    return readPin(pin);
  });
  delayUs(READ[2]);
  return bit;
}

function writeBit(pin: GpioPin, bit: boolean): void {
  quietly(() => {
    writePin(pin, 0);
    delayUs(WRITE[0]);
    if (bit) writePin(pin, 1);
    delayUs(WRITE[1]);
    writePin(pin, 1);
    delayUs(WRITE[2]);
  });
}

function readByte(pin: GpioPin): number {
  let value = 0;
  for (let bit = 0; bit < 8; bit++) value |= readBit(pin) << bit;
  return value;
}

/** The CRC of 1-Wire: x^8 + x^5 + x^4 + 1, lowest bit first (Maxim, application note 27). */
function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

export const oneWireModule: ModuleDef = {
  name: '_onewire',
  extensible: false,
  names: () => [
    ['reset', fun1(pin => reset(pinOf(pin)))],
    ['readbit', fun1(pin => readBit(pinOf(pin)))],
    ['readbyte', fun1(pin => readByte(pinOf(pin)))],
    ['writebit', fun2((pin, bit) => (writeBit(pinOf(pin), toInt(bit) !== 0), null))],
    [
      'writebyte',
      fun2((pin, value) => {
        const byte = toInt(value);
        for (let bit = 0; bit < 8; bit++) writeBit(pinOf(pin), ((byte >> bit) & 1) === 1);
        return null;
      }),
    ],
    ['crc8', fun1(data => crc8(bufferOf(data, BufferFlag.Read).bytes))],
  ],
};
