/** `mem8`, `mem16` and `mem32` of machine and stm (extmod/machine_mem.c): the address space as the processor sees it. */
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

const unsigned = (value: Value) => Number(BigInt.asUintN(32, BigInt(toIntTruncated(value))));

function addressOf(index: Value, size: AccessSize): number {
  const address = unsigned(index);
  if (address % size !== 0) raiseValueError(`address ${address.toString(16).padStart(8, '0')} is not aligned to ${size} bytes`);
  return address;
}

export const memoryType: MpType = new MpType('mem', {
  print: (out: Printer, { size }: MpMemory) => out.write(`<${8 * size}-bit memory>`),
  getItem: ({ size }: MpMemory, index) => guestMemory().read(addressOf(index, size), size) >>> 0,
  setItem({ size }: MpMemory, index, value) {
    if (value === undefined) return false;
    guestMemory().write(addressOf(index, size), unsigned(value), size);
    return true;
  },
});

const made = new Map<AccessSize, MpMemory>();

/** The object for accesses of `size` bytes: machine's and stm's are the same. */
export function memoryOf(size: AccessSize): MpObj {
  let object = made.get(size);
  if (object === undefined) made.set(size, (object = new MpMemory(size)));
  return object;
}
