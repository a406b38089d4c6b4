/** What guests pass to send and receive on a bus (ports/stm32/bufhelper.c): a number, or an object with bytes. */
import { bufferOf } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { isInt } from '../../objects/int.ts';
import { toInt } from '../../vm/operators.ts';
import { BufferFlag } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';

/** Bytes to send: those of the object, or one that is the number. */
export function bytesToSend(value: Value): Uint8Array {
  if (isInt(value)) return Uint8Array.of(toInt(value) & 0xff);
  return bufferOf(value, BufferFlag.Read).bytes;
}

/** Where to put what is received: the object's bytes, or as many new ones as the number says. `result` is what the method gives back. */
export function bufferToReceive(value: Value): { bytes: Uint8Array; result: () => Value } {
  if (!isInt(value)) return { bytes: bufferOf(value, BufferFlag.Write).bytes, result: () => value };
  return newReceiveBuffer(toInt(value));
}

export function newReceiveBuffer(length: number): { bytes: Uint8Array; result: () => Value } {
  const size = length < 0 ? length + 2 ** 32 : length;
  // The memory must be there before the transfer; newBytes accounts for it.
  const room = Math.min(size + 1, 0xffff_ffff);
  vm.heap.alloc(room);
  vm.heap.free(room);
  const bytes = new Uint8Array(size);
  return { bytes, result: () => newBytes(bytes) };
}
