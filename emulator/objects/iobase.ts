/** io.IOBase (py/modio.c): the base of streams written in Python. The protocol calls their `readinto`, `write` and `ioctl`. */
import { callMethod } from '../vm/call.ts';
import { toInt } from '../vm/operators.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { arrayOfBytes } from './array.ts';
import { ERRNO } from './errno-names.ts';
import { guestMemory } from './guest-memory.ts';
import { newInt } from './int.ts';
import { type IoctlArg, type StreamProtocol, StreamRequest } from './stream.ts';

class MpIOBase extends MpObj {
  constructor() {
    super(ioBaseType);
  }
}

/** The method gets a bytearray that is the buffer itself. None means that the stream would block. */
function transfer(self: Value, method: string, bytes: Uint8Array): number {
  const result = callMethod(self, method, [arrayOfBytes(bytes)]);
  return result === null ? -ERRNO.EAGAIN : toInt(result);
}

/** A seek's offset and whence, as they lie in the guest's memory: the method gets their address. */
function seekInMemory(self: Value, request: { offset: number; readonly whence: number }): number {
  const memory = guestMemory();
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(request.offset), true);
  view.setInt32(8, request.whence, true);
  const result = toInt(callMethod(self, 'ioctl', [StreamRequest.Seek, newInt(memory.addressOf(bytes))]));
  request.offset = Number(view.getBigInt64(0, true));
  return result;
}

function ioctl(self: Value, request: number, arg: IoctlArg): number {
  if (typeof arg === 'number') return toInt(callMethod(self, 'ioctl', [newInt(request), newInt(arg)]));
  if ('bytes' in arg) return toInt(callMethod(self, 'ioctl', [newInt(request), newInt(guestMemory().addressOf(arg.bytes))]));
  return seekInMemory(self, arg);
}

const protocol: StreamProtocol = {
  read: (self: Value, into) => transfer(self, 'readinto', into),
  write: (self: Value, data) => transfer(self, 'write', data),
  ioctl,
};

let singleton: MpIOBase | undefined;
export const ioBaseType = new MpType('IOBase', {
  makeNew: () => (singleton ??= new MpIOBase()),
  stream: protocol,
});
