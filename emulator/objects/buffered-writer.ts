/** io.BufferedWriter (py/modio.c): collects what is written and passes it on in pieces of one size. */
import { toInt } from '../vm/operators.ts';
import { raiseOSError } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount, fun1 } from './function.ts';
import { type StreamProtocol, streamMethods, writeExactly } from './stream.ts';

class MpBufferedWriter extends MpObj {
  length = 0;
  constructor(
    type: MpType,
    readonly stream: Value,
    readonly buffer: Uint8Array,
  ) {
    super(type);
  }
}

/** The buffer is always passed on whole, so that a block device behind the stream gets whole blocks. */
function write(self: MpBufferedWriter, data: Uint8Array): number {
  let rest = data;
  while (rest.length > 0) {
    const room = self.buffer.length - self.length;
    if (rest.length < room) {
      self.buffer.set(rest, self.length);
      self.length += rest.length;
      break;
    }
    self.buffer.set(rest.subarray(0, room), self.length);
    rest = rest.subarray(room);
    const { errno } = writeExactly(self.stream, self.buffer);
    if (errno !== 0) return -errno;
    self.length = 0;
    if (self.buffer.length === 0) break;
  }
  return data.length;
}

function flush(value: Value): Value {
  const self = value as MpBufferedWriter;
  if (self.length > 0) {
    const { errno } = writeExactly(self.stream, self.buffer.subarray(0, self.length));
    if (errno !== 0) raiseOSError(errno);
    self.length = 0;
  }
  return null;
}

export const bufferedWriterType = new MpType('BufferedWriter', {
  makeNew(type, args, kw) {
    checkArgCount(args.length, kw, 2, 2, false);
    const size = toInt(args[1]);
    vm.heap.alloc(4 * vm.wordSize + (size < 0 ? size + 2 ** (8 * vm.wordSize) : size));
    return new MpBufferedWriter(type, args[0], new Uint8Array(size));
  },
  stream: { write } satisfies StreamProtocol,
  locals: () => [...streamMethods('write'), ['flush', fun1(flush)]],
});
