/** io.StringIO and io.BytesIO (py/objstringio.c): a growing buffer with a position. */
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag, MpType, TypeFlag } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferOf } from './buffer.ts';
import { MpBytes, newBytes } from './bytes.ts';
import { ERRNO } from './errno-names.ts';
import { fun1 } from './function.ts';
import { addressOf } from './identity.ts';
import { newStrFromBytes } from './str-bytes.ts';
import { type IoctlArg, type SeekRequest, type StreamProtocol, StreamRequest, streamMethods, Whence } from './stream.ts';

/** Bytes of a fresh buffer, when nothing says how many. */
const DEFAULT_SIZE = 16;
/** MP_EFBIG, which errno-names has no name for. */
const EFBIG = 27;

export class MpStringIO extends MpObj {
  /** The buffer, of which `length` bytes are content; undefined once closed. */
  buffer: Uint8Array | undefined;
  length = 0;
  position = 0;
  /** The buffer is that of the string it was made from: no heap yet. */
  borrowed = false;

  constructor(type: MpType, size: number) {
    super(type);
    this.buffer = new Uint8Array(size);
  }

  open(): Uint8Array {
    if (this.buffer === undefined) raiseValueError('I/O operation on closed file');
    return this.buffer;
  }
}

function read(self: MpStringIO, into: Uint8Array): number {
  const buffer = self.open();
  if (self.length <= self.position) return 0;
  const count = Math.min(into.length, self.length - self.position);
  into.set(buffer.subarray(self.position, self.position + count));
  self.position += count;
  return count;
}

function write(self: MpStringIO, data: Uint8Array): number {
  let buffer = self.open();
  if (self.borrowed) {
    vm.heap.alloc(self.length);
    self.buffer = buffer = buffer.slice(0, self.length);
    self.borrowed = false;
  }
  const end = self.position + data.length;
  if (end >= 2 ** (8 * vm.wordSize)) return -EFBIG;
  if (end > buffer.length) {
    const size = Math.ceil(end / 8) * 8 + 16;
    vm.heap.realloc(buffer.length, size);
    const grown = new Uint8Array(size);
    grown.set(buffer.subarray(0, self.length));
    self.buffer = buffer = grown;
  }
  if (self.position > self.length) buffer.fill(0, self.length, self.position);
  buffer.set(data, self.position);
  self.position = end;
  if (end > self.length) self.length = end;
  return data.length;
}

function ioctl(self: MpStringIO, request: number, arg: IoctlArg): number {
  switch (request) {
    case StreamRequest.Seek: {
      const seek = arg as SeekRequest;
      const from = seek.whence === Whence.Current ? self.position : seek.whence === Whence.End ? self.length : 0;
      const position = Math.max(0, from + seek.offset);
      if (position >= 2 ** (8 * vm.wordSize)) return -ERRNO.EINVAL;
      seek.offset = self.position = position;
      return 0;
    }
    case StreamRequest.Flush:
      return 0;
    case StreamRequest.Close:
      if (self.buffer !== undefined && !self.borrowed) vm.heap.free(self.buffer.length);
      self.buffer = undefined;
      self.length = 0;
      return 0;
    default:
      return -ERRNO.EINVAL;
  }
}

function makeNew(type: MpType, args: readonly Value[]): Value {
  vm.heap.alloc(4 * vm.wordSize);
  const given = args[0];
  const initial =
    given === undefined || typeof given === 'number' || typeof given === 'bigint' ? undefined : bufferOf(given, BufferFlag.Read).bytes;
  vm.heap.alloc(4 * vm.wordSize);
  if (initial === undefined) {
    const size = given === undefined ? DEFAULT_SIZE : Math.max(1, toInt(given));
    vm.heap.alloc(size);
    return new MpStringIO(type, size);
  }
  const self = new MpStringIO(type, 0);
  self.borrowed = typeof given === 'string' || given instanceof MpBytes;
  if (!self.borrowed) vm.heap.alloc(Math.max(1, initial.length));
  self.buffer = self.borrowed ? initial : initial.slice();
  self.length = initial.length;
  return self;
}

function print(out: Printer, self: MpStringIO): void {
  out.write(`<io.${self.type.name} 0x${(addressOf(self) % 2 ** 32).toString(16)}>`);
}

const locals = (): [string, Value][] => [
  ...streamMethods('read', 'readinto', 'readline', 'write', 'seek', 'tell', 'flush', 'close'),
  [
    'getvalue',
    fun1(value => {
      const self = value as MpStringIO;
      const content = self.open().slice(0, self.length);
      return self.type === stringIOType ? newStrFromBytes(content) : newBytes(content);
    }),
  ],
  ...streamMethods('__enter__', '__exit__'),
];

const protocol: StreamProtocol = { read, write, ioctl };
const slots = { makeNew, print, locals, flags: TypeFlag.IterIsStream };
export const stringIOType = new MpType('StringIO', { ...slots, stream: { ...protocol, isText: true } satisfies StreamProtocol });
export const bytesIOType = new MpType('BytesIO', { ...slots, stream: protocol });
