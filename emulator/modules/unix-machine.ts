/** The module machine of the Unix port, which knows no hardware (ports/unix/modmachine.c). */
import { ERRNO } from '../objects/errno-names.ts';
import { excTypes } from '../objects/exception.ts';
import { fun0 } from '../objects/function.ts';
import { toIntTruncated } from '../objects/int.ts';
import { raise, raiseOSError, raiseValueError } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import { MpObj, type Printer, type Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';
import { pinBaseType, signalType, timePulseUs } from './virtual-pin.ts';

class MpMemory extends MpObj {
  constructor(readonly size: number) {
    super(memoryType);
  }
}

/** Physical memory is a file of the system, /dev/mem, that the guest's does not have. */
function access(self: MpMemory, index: Value): never {
  const address = BigInt.asUintN(8 * vm.wordSize, BigInt(toIntTruncated(index)));
  if (address % BigInt(self.size) !== 0n) {
    const low = BigInt.asUintN(32, address).toString(16).padStart(8, '0');
    raiseValueError(`address ${low} is not aligned to ${self.size} bytes`);
  }
  raiseOSError(ERRNO.ENOENT);
}

const memoryType: MpType = new MpType('mem', {
  print: (out: Printer, self: MpMemory) => out.write(`<${8 * self.size}-bit memory>`),
  getItem: (self: MpMemory, index) => access(self, index),
  setItem: (self: MpMemory, index, value) => (value === undefined ? false : access(self, index)),
});

/** Ends the program, as if it had come to its end. */
function softReset(): never {
  raise(excTypes.SystemExit);
}

export const unixMachineModule: ModuleDef = {
  name: 'machine',
  extensible: true,
  names: () => [
    ['mem8', new MpMemory(1)],
    ['mem16', new MpMemory(2)],
    ['mem32', new MpMemory(4)],
    ['soft_reset', fun0(softReset)],
    ['idle', fun0(() => null)],
    ['time_pulse_us', timePulseUs()],
    ['PinBase', pinBaseType],
    ['Signal', signalType],
  ],
};
