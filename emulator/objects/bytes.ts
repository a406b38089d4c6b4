/** bytes (py/objstr.c). */
import { MpType } from '../vm/type.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

export const bytesType = new MpType('bytes', {});

export class MpBytes extends MpObj {
  constructor(readonly data: Uint8Array) {
    super(bytesType);
  }
}

/** A new bytes object, accounted for. */
export function newBytes(data: Uint8Array): MpBytes {
  if (data.length > 0) {
    vm.heap.alloc(4 * vm.wordSize);
    vm.heap.alloc(data.length + 1);
  }
  return new MpBytes(data);
}
