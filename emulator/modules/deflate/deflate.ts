/** The module deflate (extmod/moddeflate.c): a stream that decompresses another one, or compresses into it. */
import { ERRNO } from '../../objects/errno-names.ts';
import { excTypes } from '../../objects/exception.ts';
import { checkArgCount } from '../../objects/function.ts';
import {
  closeStream,
  type StreamMethod,
  StreamOp,
  type StreamProtocol,
  StreamRequest,
  streamMethods,
  streamOf,
  streamOfChecked,
} from '../../objects/stream.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raise, raiseOSError, raiseValueError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { adler32, crc32Register } from './checksum.ts';
import { Compressor } from './compress.ts';
import { InflateResult, Inflater, Wrapper } from './inflate.ts';

enum Format {
  /** Reads zlib or gzip, writes raw data. */
  Auto,
  Raw,
  Zlib,
  Gzip,
}

/** The smallest window, which a device with little memory can afford. */
const DEFAULT_WINDOW_BITS = 8;
/** Heap of the reference's two states, less their windows. */
const READ_STATE_SIZE = 1316;
const WRITE_STATE_SIZE = 44;

class MpDeflateIO extends MpObj {
  inflater: Inflater | undefined;
  atEnd = false;
  compressor: Compressor | undefined;
  inputLength = 0;
  checksum = 0;

  constructor(
    type: MpType,
    /** The other stream; undefined once closed. */
    public stream: Value | undefined,
    readonly format: Format,
    readonly windowBits: number,
    readonly closesStream: boolean,
  ) {
    super(type);
  }
}

/** Reads one byte of the compressed data. The end of it comes too early, always. */
function nextByte(self: MpDeflateIO): number {
  const byte = new Uint8Array(1);
  const n = streamOf(self.stream!).read!(self.stream!, byte);
  if (n < 0) raiseOSError(-n);
  if (n === 0) raise(excTypes.EOFError);
  return byte[0];
}

/** Makes the inflater at the first read. Undefined: the header is not what was asked for. */
function startReading(self: MpDeflateIO): Inflater | undefined {
  if (self.inflater !== undefined) return self.inflater;
  streamOfChecked(self.stream!, StreamOp.Read);
  vm.heap.alloc(READ_STATE_SIZE);
  const inflater = new Inflater(() => nextByte(self));
  self.inflater = inflater;
  let { windowBits } = self;
  if (self.format === Format.Raw) windowBits ||= DEFAULT_WINDOW_BITS;
  else {
    const header = inflater.readHeader();
    if (header === undefined) return undefined;
    if (self.format === Format.Zlib && header.wrapper !== Wrapper.Zlib) return undefined;
    if (self.format === Format.Gzip && header.wrapper !== Wrapper.Gzip) return undefined;
    if (windowBits === 0 || header.windowBits < windowBits) windowBits = header.windowBits;
  }
  vm.heap.alloc(2 ** windowBits);
  inflater.start(windowBits);
  return inflater;
}

function read(self: MpDeflateIO, into: Uint8Array): number {
  const inflater = self.stream === undefined ? undefined : startReading(self);
  if (inflater === undefined) return -ERRNO.EINVAL;
  if (self.atEnd) return 0;
  const { result, length } = inflater.read(into);
  if (result === InflateResult.Done) self.atEnd = true;
  return result < 0 ? -ERRNO.EINVAL : length;
}

function put(self: MpDeflateIO, bytes: Uint8Array): number {
  return streamOf(self.stream!).write!(self.stream!, bytes);
}

/** Makes the compressor at the first write, and writes the header. Undefined: that failed. */
function startWriting(self: MpDeflateIO): Compressor | undefined {
  if (self.compressor !== undefined) return self.compressor;
  streamOfChecked(self.stream!, StreamOp.Write);
  const windowBits = self.windowBits || DEFAULT_WINDOW_BITS;
  vm.heap.alloc(2 ** windowBits);
  vm.heap.alloc(WRITE_STATE_SIZE);
  const compressor = new Compressor(windowBits, byte => {
    const n = put(self, Uint8Array.of(byte));
    if (n < 0) raiseOSError(-n);
  });
  self.compressor = compressor;
  let written = 0;
  if (self.format === Format.Zlib) {
    // RFC 1950: deflate, window size; default compression level, and what makes both a multiple of 31.
    const method = 0x08 | (Math.max(windowBits - 8, 1) << 4);
    const flags = 0x80 | (31 - ((method * 256 + 0x80) % 31));
    written = put(self, Uint8Array.of(method, flags));
    self.checksum = 1;
  } else if (self.format === Format.Gzip) {
    // RFC 1952: deflate, no flags, no time, fastest, made on Unix.
    written = put(self, Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3));
    self.checksum = 0xffffffff;
  }
  if (written < 0) return undefined;
  compressor.start();
  return compressor;
}

function write(self: MpDeflateIO, data: Uint8Array): number {
  const compressor = self.stream === undefined ? undefined : startWriting(self);
  if (compressor === undefined) return -ERRNO.EINVAL;
  self.inputLength += data.length;
  if (self.format === Format.Zlib) self.checksum = adler32(data, self.checksum);
  else if (self.format === Format.Gzip) self.checksum = crc32Register(data, self.checksum);
  compressor.compress(data);
  return data.length;
}

function footer(self: MpDeflateIO): Uint8Array {
  const bytes = new Uint8Array(self.format === Format.Zlib ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (self.format === Format.Zlib) view.setUint32(0, self.checksum);
  else {
    view.setUint32(0, ~self.checksum, true);
    view.setUint32(4, self.inputLength, true);
  }
  return bytes;
}

function ioctl(self: MpDeflateIO, request: number): number {
  if (request !== StreamRequest.Close) return -ERRNO.EINVAL;
  if (self.stream === undefined) return 0;
  let result = 0;
  if (self.compressor !== undefined) {
    self.compressor.finish();
    if (self.format === Format.Zlib || self.format === Format.Gzip) result = Math.min(0, put(self, footer(self)));
  }
  if (self.closesStream) closeStream(self.stream);
  self.stream = undefined;
  return result;
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 1, 4, false);
  const format = args.length > 1 ? toInt(args[1]) : Format.Auto;
  const windowBits = args.length > 2 ? toInt(args[2]) : 0;
  if (format < Format.Auto || format > Format.Gzip) raiseValueError('format');
  if (windowBits !== 0 && (windowBits < 5 || windowBits > 15)) raiseValueError('wbits');
  vm.heap.alloc(5 * vm.wordSize);
  return new MpDeflateIO(type, args[0], format, windowBits, args.length > 3 && isTrue(args[3]));
}

const READ_METHODS: StreamMethod[] = ['read', 'readinto', 'readline'];

const readerType = new MpType('DeflateIO', {
  makeNew,
  stream: { read, ioctl } satisfies StreamProtocol,
  locals: () => streamMethods(...READ_METHODS, 'close', '__enter__', '__exit__'),
});
/** As builds with compression have it. */
const readerWriterType = new MpType('DeflateIO', {
  makeNew,
  stream: { read, write, ioctl } satisfies StreamProtocol,
  locals: () => streamMethods(...READ_METHODS, 'write', 'close', '__enter__', '__exit__'),
});

export const deflateModule: ModuleDef = {
  name: 'deflate',
  extensible: false,
  names: () => [
    ['DeflateIO', vm.feature('deflateCompress') ? readerWriterType : readerType],
    ['AUTO', Format.Auto],
    ['RAW', Format.Raw],
    ['ZLIB', Format.Zlib],
    ['GZIP', Format.Gzip],
  ],
};
