/** machine.mem8, mem16 and mem32 (extmod/machine_mem.c): memory and registers by address. What answers nowhere is a hard fault. */
import { type AccessSize, guestMemory } from '../../objects/guest-memory.ts';
import { toIntTruncated } from '../../objects/int.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';

class MpMemory extends MpObj {
  constructor(readonly size: AccessSize) {
    super(memoryType);
  }
}

/** The low 32 bits, unsigned. */
const word = (value: Value) => Number(BigInt.asUintN(32, BigInt(toIntTruncated(value))));

function addressOf(index: Value, size: AccessSize): number {
  const address = word(index);
  if (address % size !== 0) raiseValueError(`address ${address.toString(16).padStart(8, '0')} is not aligned to ${size} bytes`);
  return address;
}

export const memoryType: MpType = new MpType('mem', {
  print: (out: Printer, self: MpMemory) => out.write(`<${8 * self.size}-bit memory>`),
  getItem: (self: MpMemory, index) => guestMemory().read(addressOf(index, self.size), self.size),
  setItem(self: MpMemory, index, value) {
    if (value === undefined) return false;
    guestMemory().write(addressOf(index, self.size), word(value), self.size);
    return true;
  },
});

export const mem8 = new MpMemory(1);
export const mem16 = new MpMemory(2);
export const mem32 = new MpMemory(4);
