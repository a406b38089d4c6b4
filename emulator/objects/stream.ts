/**
 * The stream protocol (py/stream.c): what files, sockets, UARTs and `io` objects have in common, and the methods that a type
 * takes from here: `read`, `readinto`, `readline`, `write`, `seek` and the others.
 */
import { isTrue, toInt } from '../vm/operators.ts';
import { raise, raiseOSError } from '../vm/raise.ts';
import { BufferFlag, typeOf } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferMaybe, bufferOf } from './buffer.ts';
import { newBytes } from './bytes.ts';
import { ERRNO } from './errno-names.ts';
import { excTypes } from './exception.ts';
import { fun1, funVar, type MpNativeFun } from './function.ts';
import { toIntTruncated } from './int.ts';
import { listAppend, newList } from './list.ts';
import { newStrFromBytes } from './str-bytes.ts';
import { encodeUtf8 } from './utf8.ts';

/** Requests of `ioctl`, as the guest sees them (py/stream.h). */
export enum StreamRequest {
  Flush = 1,
  Seek = 2,
  Poll = 3,
  Close = 4,
  Timeout = 5,
  GetOpts = 6,
  SetOpts = 7,
  GetDataOpts = 8,
  SetDataOpts = 9,
  GetFileno = 10,
  GetBufferSize = 11,
}

/** Flags of a poll; equal to Linux's. */
export enum PollFlag {
  Read = 0x01,
  Write = 0x04,
  Error = 0x08,
  HangUp = 0x10,
  Invalid = 0x20,
}

export enum Whence {
  Set = 0,
  Current = 1,
  End = 2,
}

/** The argument of a seek; the stream writes the new position into `offset`. */
export interface SeekRequest {
  offset: number;
  readonly whence: number;
}

/** Memory that the guest passed to `ioctl`. */
export interface IoctlBuffer {
  readonly bytes: Uint8Array;
}

export type IoctlArg = number | SeekRequest | IoctlBuffer;

/** Every operation answers a count (0 at the end of a read) or a result, or a negative errno. */
export interface StreamProtocol {
  readonly isText?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a protocol's self is of the class that the type stands for
  read?: (self: any, into: Uint8Array) => number;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  write?: (self: any, data: Uint8Array) => number;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  ioctl?: (self: any, request: number, arg: IoctlArg) => number;
}

export enum StreamOp {
  Read = 1,
  Write = 2,
  Ioctl = 4,
}

/** The protocol of a value that is known to have one: a method of a stream type was called on it. */
export function streamOf(value: Value): StreamProtocol {
  const protocol = typeOf(value).stream as StreamProtocol | undefined;
  if (protocol === undefined) raise(excTypes.OSError, 'stream operation not supported');
  return protocol;
}

/** The protocol of any value. Raises OSError unless it has the operations. */
export function streamOfChecked(value: Value, ops: number): StreamProtocol {
  const protocol = typeOf(value).stream as StreamProtocol | undefined;
  if (
    protocol === undefined ||
    ((ops & StreamOp.Read) !== 0 && protocol.read === undefined) ||
    ((ops & StreamOp.Write) !== 0 && protocol.write === undefined) ||
    ((ops & StreamOp.Ioctl) !== 0 && protocol.ioctl === undefined)
  ) {
    raise(excTypes.OSError, 'stream operation not supported');
  }
  return protocol;
}

export function isNonBlocking(errno: number): boolean {
  return errno === ERRNO.EAGAIN;
}

function readOp(protocol: StreamProtocol): NonNullable<StreamProtocol['read']> {
  return protocol.read ?? unsupported;
}
function writeOp(protocol: StreamProtocol): NonNullable<StreamProtocol['write']> {
  return protocol.write ?? unsupported;
}
function unsupported(): never {
  raise(excTypes.OSError, 'stream operation not supported');
}

/** What a transfer achieved: bytes done, and the errno that ended it (0: none). */
export interface Transfer {
  done: number;
  errno: number;
}

/** Reads or writes until all is done, the stream ends, or fails. An EAGAIN after some bytes is no error. */
function transfer(stream: Value, bytes: Uint8Array, op: (self: Value, bytes: Uint8Array) => number, once: boolean): Transfer {
  let done = 0;
  while (done < bytes.length) {
    const n = op(stream, done === 0 ? bytes : bytes.subarray(done));
    if (n === 0) break;
    if (n < 0) return { done, errno: isNonBlocking(-n) && done > 0 ? 0 : -n };
    if (once) return { done: n, errno: 0 };
    done += n;
  }
  return { done, errno: 0 };
}

export function readExactly(stream: Value, into: Uint8Array): Transfer {
  return transfer(stream, into, readOp(streamOf(stream)), false);
}

export function writeExactly(stream: Value, data: Uint8Array): Transfer {
  return transfer(stream, data, writeOp(streamOf(stream)), false);
}

/** Moves the position. Returns the new one, or a negative errno. */
export function seekStream(stream: Value, offset: number, whence: number): number {
  const request: SeekRequest = { offset, whence };
  const result = ioctl(stream, StreamRequest.Seek, request);
  return result < 0 ? result : request.offset;
}

/** Calls the stream's ioctl; negative errno on failure. */
export function ioctl(stream: Value, request: number, arg: IoctlArg): number {
  return (streamOf(stream).ioctl ?? unsupported)(stream, request, arg);
}

function newContent(protocol: StreamProtocol, bytes: Uint8Array): Value {
  return protocol.isText ? newStrFromBytes(bytes) : newBytes(bytes);
}

/** Memory for a read of `size` bytes, as the guest's heap allows. A negative size is enormous, so it runs out of memory. */
function readBuffer(size: number): Uint8Array {
  if (size < 0) size += 2 ** (8 * vm.wordSize);
  vm.heap.alloc(size + 1);
  const bytes = new Uint8Array(size);
  vm.heap.free(size + 1);
  return bytes;
}

function read(args: readonly Value[], once: boolean): Value {
  const [stream] = args;
  let size = -1;
  if (args.length > 1) size = toInt(args[1]);
  if (size === -1) return readAll(stream);
  const protocol = streamOf(stream);
  if (protocol.isText) return readCharacters(stream, protocol, size);
  const bytes = readBuffer(size);
  const { done, errno } = transfer(stream, bytes, readOp(protocol), once);
  if (errno !== 0) {
    if (isNonBlocking(errno)) return null;
    raiseOSError(errno);
  }
  return newContent(protocol, bytes.slice(0, done));
}

/** Bytes in the character that `lead` begins. */
function characterLength(lead: number): number {
  if (lead < 0x80) return 1;
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  if ((lead & 0xf8) === 0xf0) return 4;
  return 5;
}

/** Reads `count` characters without ever reading too many bytes: as many bytes as characters are missing, again and again. */
function readCharacters(stream: Value, protocol: StreamProtocol, count: number): Value {
  let buffer: Uint8Array = new Uint8Array(0);
  let counted = 0;
  let missing = count;
  if (missing < 0) readBuffer(count);
  while (missing > 0) {
    const more = readBuffer(missing);
    const { done, errno } = transfer(stream, more, readOp(protocol), false);
    if (errno !== 0) {
      if (!isNonBlocking(errno)) raiseOSError(errno);
      if (buffer.length === 0) return null;
      break;
    }
    if (done === 0) break;
    const joined: Uint8Array = new Uint8Array(buffer.length + done);
    joined.set(buffer);
    joined.set(more.subarray(0, done), buffer.length);
    buffer = joined;
    for (;;) {
      const n = characterLength(buffer[counted]);
      if (counted + n > buffer.length) {
        missing = counted + n - buffer.length + (count - 1);
        break;
      }
      counted += n;
      count--;
      if (counted >= buffer.length) {
        missing = count;
        break;
      }
    }
  }
  return newContent(protocol, buffer);
}

/** Bytes by which a buffer of unknown size grows. */
const READ_CHUNK = 256;

function readAll(stream: Value): Value {
  const bytes = readToEnd(stream);
  return bytes === undefined ? null : newContent(streamOf(stream), bytes);
}

/** Reads until the end, or until a non-blocking stream has no more; undefined when it had nothing at all. */
function readToEnd(stream: Value): Uint8Array | undefined {
  const op = readOp(streamOf(stream));
  const chunks: Uint8Array[] = [];
  let total = 0;
  let chunk = new Uint8Array(READ_CHUNK);
  let filled = 0;
  for (;;) {
    const n = op(stream, chunk.subarray(filled));
    if (n < 0) {
      if (!isNonBlocking(-n)) raiseOSError(-n);
      if (total === 0) return undefined;
      break;
    }
    if (n === 0) break;
    filled += n;
    total += n;
    if (filled === READ_CHUNK) {
      chunks.push(chunk);
      // The reference grows one buffer; memory must run out here as it does there.
      vm.heap.alloc(total + READ_CHUNK);
      vm.heap.free(total + READ_CHUNK);
      chunk = new Uint8Array(READ_CHUNK);
      filled = 0;
    }
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const full of chunks) {
    bytes.set(full, at);
    at += READ_CHUNK;
  }
  bytes.set(chunk.subarray(0, filled), at);
  return bytes;
}

/** Reads up to and including a newline, byte by byte. None when a non-blocking stream has nothing. */
export function readLine(stream: Value, limit = -1): Value {
  const protocol = streamOf(stream);
  const op = readOp(protocol);
  const line: number[] = [];
  const byte = new Uint8Array(1);
  while (limit === -1 || limit-- !== 0) {
    const n = op(stream, byte);
    if (n < 0) {
      if (!isNonBlocking(-n)) raiseOSError(-n);
      if (line.length === 0) return null;
      break;
    }
    if (n === 0) break;
    line.push(byte[0]);
    if (byte[0] === 0x0a) break;
  }
  return newContent(protocol, Uint8Array.from(line));
}

/** The iterator of a stream: its lines. */
export function streamNextLine(stream: Value): Value | undefined {
  const line = readLine(stream);
  return isTrue(line) ? line : undefined;
}

/** The result of a write or a readinto, as its method gives it. */
export function transferResult({ done, errno }: Transfer): Value {
  if (errno === 0) return done;
  if (isNonBlocking(errno)) return null;
  raiseOSError(errno);
}

function transferWithBuffer(args: readonly Value[], flags: BufferFlag, once: boolean): Value {
  let { bytes } = bufferOf(args[1], flags);
  const word = 2 ** (8 * vm.wordSize);
  const size = (value: Value) => {
    const n = Number(toIntTruncated(value));
    return n < 0 ? n + word : n;
  };
  let limit = Infinity;
  if (args.length === 3) limit = size(args[2]);
  else if (args.length === 4) {
    bytes = bytes.subarray(Math.min(size(args[2]), bytes.length));
    limit = size(args[3]);
  }
  if (limit < bytes.length) bytes = bytes.subarray(0, limit);
  const protocol = streamOf(args[0]);
  return transferResult(transfer(args[0], bytes, flags === BufferFlag.Read ? writeOp(protocol) : readOp(protocol), once));
}

/** Writes all of `data`, raising what the stream's write method would raise. */
export function writeStream(stream: Value, data: Uint8Array): Value {
  return transferResult(writeExactly(stream, data));
}

export function closeStream(stream: Value): Value {
  const result = ioctl(stream, StreamRequest.Close, 0);
  if (result < 0) raiseOSError(-result);
  return null;
}

function seek(args: readonly Value[]): Value {
  const offset = toInt(args[1]);
  const whence = args.length === 3 ? toInt(args[2]) : Whence.Set;
  if (whence === Whence.Set && offset < 0) raiseOSError(ERRNO.EINVAL);
  const position = seekStream(args[0], offset, whence);
  if (position < 0) raiseOSError(-position);
  return position;
}

function ioctlMethod(args: readonly Value[]): Value {
  let arg: IoctlArg = 0;
  if (args.length > 2) arg = bufferMaybe(args[2], BufferFlag.Write) ?? Number(toIntTruncated(args[2]));
  const result = ioctl(args[0], toInt(args[1]), arg);
  if (result < 0) raiseOSError(-result);
  return result;
}

/** The methods, one object each, shared by all stream types: made on first use. */
const makers = {
  read: () => funVar(1, 2, args => read(args, false)),
  read1: () => funVar(1, 2, args => read(args, true)),
  readinto: () => funVar(2, 3, args => transferWithBuffer(args, BufferFlag.Write, false)),
  readinto1: () => funVar(2, 3, args => transferWithBuffer(args, BufferFlag.Write, true)),
  readline: () => funVar(1, 2, args => readLine(args[0], args.length > 1 ? toInt(args[1]) : -1)),
  readlines: () =>
    fun1(stream => {
      const lines = newList([]);
      for (let line = streamNextLine(stream); line !== undefined; line = streamNextLine(stream)) listAppend(lines, line);
      return lines;
    }),
  write: () => funVar(2, 4, args => transferWithBuffer(args, BufferFlag.Read, false)),
  write1: () => funVar(2, 4, args => transferWithBuffer(args, BufferFlag.Read, true)),
  close: () => fun1(closeStream),
  seek: () => funVar(2, 3, seek),
  tell: () => fun1(stream => seek([stream, 0, Whence.Current])),
  flush: () =>
    fun1(stream => {
      const result = ioctl(stream, StreamRequest.Flush, 0);
      if (result < 0) raiseOSError(-result);
      return null;
    }),
  ioctl: () => funVar(2, 3, ioctlMethod),
  __enter__: () => fun1(stream => stream),
  __exit__: () => funVar(4, 4, args => closeStream(args[0])),
};
export type StreamMethod = keyof typeof makers;
const methods = new Map<StreamMethod, MpNativeFun>();

/** The shared method of that name. */
export function streamMethod(name: StreamMethod): MpNativeFun {
  let method = methods.get(name);
  if (method === undefined) methods.set(name, (method = makers[name]()));
  return method;
}

/** Entries for a type's namespace: `streamMethods('read', 'readinto', …)`. */
export function streamMethods(...names: StreamMethod[]): [string, Value][] {
  return names.map(name => [name, streamMethod(name)]);
}

/** A stream as a printer: what `print(file=…)` and `json.dump` write to. */
export class StreamPrinter implements Printer {
  constructor(private readonly stream: Value) {
    streamOfChecked(stream, StreamOp.Write);
  }
  write(text: string): void {
    writeStream(this.stream, encodeUtf8(text));
  }
}
