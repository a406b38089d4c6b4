/** Widths of pulses: machine.time_pulse_us (extmod/machine_pulse.c), and machine.dht_readinto (drivers/dht/dht.c), which is built on it. */
import { bufferOf } from '../../objects/buffer.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { fun2, funVar } from '../../objects/function.ts';
import { type GpioPin, PinMode, PinPull } from '../../peripherals/gpio.ts';
import type { Bit } from '../../trace/level.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseOSError, raiseValueError } from '../../vm/raise.ts';
import { boardTime } from '../../vm/service.ts';
import { BufferFlag } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { findPin } from '../pyb/pin.ts';
import { delayUs, quietly, waitForLevel } from '../stm32/bit-bang.ts';
import { delayMs } from '../waiting.ts';

const us = (ns: number) => Math.floor(boardTime(ns) / 1000);

/** Longest that a sensor may take for its first answer, for the pulse after it, and for a bit, in µs. */
const ANSWER_LIMIT = 100;
const PREAMBLE_LIMIT = 150;
const BIT_LIMIT = 100;
/** A bit is a one if its pulse is longer than this, µs. */
const ONE_LENGTH = 48;

/** @returns µs for which the pin had the level, -2 if it did not come to it in time, -1 if it did not leave it */
export function timePulse(pin: GpioPin, level: Bit, timeoutUs: number): number {
  const limit = timeoutUs * 1000;
  const start = waitForLevel(pin, level, limit);
  if (start === undefined) return -2;
  const end = waitForLevel(pin, (1 - level) as Bit, limit);
  if (end === undefined) return -1;
  // Both are read off the same counter of microseconds.
  return us(end) - us(start);
}

export const timePulseUs = funVar(2, 3, args => {
  const pin = findPin(args[0]).gpio;
  const level = isTrue(args[1]) ? 1 : 0;
  return timePulse(pin, level, args.length > 2 ? toInt(args[2]) >>> 0 : 1_000_000);
});

function readSensor(pin: GpioPin, buffer: Uint8Array): boolean {
  pin.set(1);
  delayUs(10);
  if (waitForLevel(pin, 0, ANSWER_LIMIT * 1000) === undefined) return false;
  if (timePulse(pin, 1, PREAMBLE_LIMIT) < 0) return false;
  for (let i = 0; i < 40; i++) {
    const width = timePulse(pin, 1, BIT_LIMIT);
    if (width < 0) return false;
    buffer[i >> 3] = (buffer[i >> 3] << 1) | (width > ONE_LENGTH ? 1 : 0);
  }
  return true;
}

export const dhtReadInto = fun2((pinArg: Value, into: Value) => {
  const pin = findPin(pinArg).gpio;
  pin.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.NONE, speed: 2 });
  const buffer = bufferOf(into, BufferFlag.Write).bytes;
  if (buffer.length < 5) raiseValueError('buffer too small');
  pin.set(1);
  delayMs(250);
  pin.set(0);
  delayMs(18);
  if (!quietly(() => readSensor(pin, buffer))) raiseOSError(ERRNO.ETIMEDOUT);
  return null;
});
