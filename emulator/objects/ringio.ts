/** micropython.RingIO: a ring of bytes with the methods of a stream (py/objringio.c). */
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag, MpType } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferMaybe } from './buffer.ts';
import { ERRNO } from './errno-names.ts';
import { checkArgCount, fun1 } from './function.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethods } from './stream.ts';

/** Sizes and positions are 16 bits wide. */
const MAX_SIZE = 0xffff;

const protocol: StreamProtocol = {
  read(self: MpRingIO, into: Uint8Array): number {
    const n = Math.min(into.length, self.available);
    for (let i = 0; i < n; i++) into[i] = self.take();
    return n;
  },
  write(self: MpRingIO, data: Uint8Array): number {
    const n = Math.min(data.length, self.room);
    for (let i = 0; i < n; i++) self.put(data[i]);
    return n;
  },
  ioctl(self: MpRingIO, request: number, arg): number {
    if (request === StreamRequest.Close) return 0;
    if (request !== StreamRequest.Poll) return -ERRNO.EINVAL;
    const wanted = arg as number;
    let ready = 0;
    if (self.available > 0) ready |= wanted & PollFlag.Read;
    if (self.room > 0) ready |= wanted & PollFlag.Write;
    return ready;
  },
};

export const ringIOType = new MpType('RingIO', {
  makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 1, 1, false);
    const view = bufferMaybe(args[0], BufferFlag.ReadWrite);
    const size = view === undefined ? toInt(args[0]) + 1 : view.bytes.length;
    if (view === undefined) vm.heap.alloc(size);
    if (size < 2 || size > MAX_SIZE) raiseValueError();
    vm.heap.alloc(4 * vm.wordSize);
    return new MpRingIO(type, view === undefined ? new Uint8Array(size) : view.bytes, view === undefined ? null : args[0]);
  },
  stream: protocol,
  locals: () => [['any', fun1(self => (self as MpRingIO).available)], ...streamMethods('read', 'readline', 'readinto', 'write', 'close')],
});

export class MpRingIO extends MpObj {
  private readAt = 0;
  private writeAt = 0;
  constructor(
    type: MpType,
    /** The memory: its own, or that of `owner`. One byte of it is always free. */
    private readonly memory: Uint8Array,
    readonly owner: Value,
  ) {
    super(type);
  }
  get available(): number {
    return (this.memory.length + this.writeAt - this.readAt) % this.memory.length;
  }
  get room(): number {
    return this.memory.length - 1 - this.available;
  }
  take(): number {
    const byte = this.memory[this.readAt];
    this.readAt = (this.readAt + 1) % this.memory.length;
    return byte;
  }
  put(byte: number): void {
    this.memory[this.writeAt] = byte;
    this.writeAt = (this.writeAt + 1) % this.memory.length;
  }
}
