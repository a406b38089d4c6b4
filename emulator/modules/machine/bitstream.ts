/** machine.bitstream (extmod/machine_bitstream.c, ports/stm32/machine_bitstream.c): bits as pulses of different widths, for addressable LEDs. */
import { bufferOf } from '../../objects/buffer.ts';
import { funVar } from '../../objects/function.ts';
import type { GpioPin } from '../../peripherals/gpio.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { BufferFlag } from '../../vm/type.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { findPin } from '../pyb/pin.ts';
import { elapseCycles } from '../stm32/bit-bang.ts';

const HIGH_LOW = 0;

/** Cycles that the port's loop adds to each level, and takes off what it was asked for; measured by its authors on this board. */
const OVERHEAD = 6;

/** Cycles for each level as the loop counts them, without its overhead. */
function cyclesOf(ns: number): number {
  const cycles = Math.floor((Math.floor(hardware().chip.rcc.frequencies.hclk / 1e6) * (ns >>> 0)) / 1000);
  return cycles > OVERHEAD ? cycles - OVERHEAD : cycles;
}

function send(pin: GpioPin, timing: readonly number[], bytes: Uint8Array): void {
  const [high0, low0, high1, low1] = timing.map(cyclesOf);
  const { nvic } = hardware().chip;
  const before = nvic.primask;
  now();
  nvic.setPrimask(true);
  try {
    for (const byte of bytes) {
      for (let bit = 7; bit >= 0; bit--) {
        const one = (byte >> bit) & 1;
        pin.set(1);
        elapseCycles((one ? high1 : high0) + OVERHEAD);
        pin.set(0);
        elapseCycles((one ? low1 : low0) + OVERHEAD);
      }
    }
  } finally {
    nvic.setPrimask(before);
  }
}

export const bitstream = funVar(4, 4, args => {
  const pin = findPin(args[0]).gpio;
  const encoding = toInt(args[1]);
  const { bytes } = bufferOf(args[3], BufferFlag.Read);
  if (encoding !== HIGH_LOW) raiseValueError('encoding');
  const timing = arrayItems(args[2]);
  if (timing.length !== 4)
    raiseValueError(vm.terse ? 'tuple/list has wrong length' : `requested length 4 but object has length ${timing.length}`);
  send(pin, timing.map(toInt), bytes);
  return null;
});
