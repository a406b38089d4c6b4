/** The module websocket (extmod/modwebsocket.c): the framing of RFC 6455 over another stream. */
import { ERRNO } from '../objects/errno-names.ts';
import { checkArgCount } from '../objects/function.ts';
import {
  closeStream,
  type IoctlArg,
  StreamOp,
  type StreamProtocol,
  StreamRequest,
  streamMethods,
  streamOf,
  streamOfChecked,
  writeExactly,
} from '../objects/stream.ts';
import { callMethod } from '../vm/call.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

const OPCODE = 0x0f;
const FINAL = 0x80;
const CONTINUATION = 0;
const TEXT = 1;
/** From here on frames control the connection. */
const CLOSE = 8;
const MAX_SHORT = 126;
const MAX_MESSAGE = 0x10000;

enum Part {
  Header,
  /** Length and mask. */
  Extension,
  Payload,
  Control,
}

class MpWebsocket extends MpObj {
  part = Part.Header;
  /** Bytes of the current part that are missing. */
  missing = 2;
  filled = 0;
  readonly buffer = new Uint8Array(6);
  readonly mask = new Uint8Array(4);
  maskAt = 0;
  left = 0;
  /** Type of frames that are sent. */
  opcode = TEXT;
  /** First byte of the current frame, and of the last one with data. */
  frame = 0;
  dataFrame = 0;

  constructor(
    readonly stream: Value,
    readonly blockingWrites: boolean,
  ) {
    super(websocketType);
  }

  /** Takes in the two bytes that every frame begins with. Returns false for a length of 64 bits. */
  header(): boolean {
    const [first, second] = this.buffer;
    this.frame = first;
    // A continuation keeps the type of what it continues.
    this.dataFrame = (first & OPCODE) === CONTINUATION ? (this.dataFrame & OPCODE) | (first & ~OPCODE) : first;
    this.mask.fill(0);
    const length = second & 0x7f;
    if (length === MAX_SHORT + 1) return false;
    this.filled = 0;
    this.left = length;
    this.missing = (length === MAX_SHORT ? 2 : 0) + ((second & 0x80) !== 0 ? 4 : 0);
    if (this.missing > 0) this.part = Part.Extension;
    else this.enterPayload();
    return true;
  }

  extension(): void {
    if ((this.filled & 2) !== 0) this.left = (this.buffer[0] << 8) | this.buffer[1];
    if ((this.filled & 4) !== 0) this.mask.set(this.buffer.subarray(this.filled - 4, this.filled));
    this.filled = 0;
    this.enterPayload();
  }

  private enterPayload(): void {
    this.part = (this.frame & OPCODE) >= CLOSE ? Part.Control : Part.Payload;
  }

  enterHeader(): void {
    this.part = Part.Header;
    this.missing = 2;
    this.maskAt = 0;
    this.filled = 0;
  }
}

function read(self: MpWebsocket, into: Uint8Array): number {
  const readStream = streamOf(self.stream).read!;
  for (;;) {
    if (self.missing > 0) {
      const n = readStream(self.stream, self.buffer.subarray(self.filled, self.filled + self.missing));
      if (n <= 0) return n;
      self.filled += n;
      self.missing -= n;
      if (self.missing > 0) return -ERRNO.EAGAIN;
    }
    if (self.part === Part.Header) {
      if (self.header()) continue;
      // There is no way on from there.
      closeStream(self.stream);
      return -ERRNO.EIO;
    }
    if (self.part === Part.Extension) {
      self.extension();
      continue;
    }
    let n = 0;
    if (self.left > 0) {
      n = readStream(self.stream, into.subarray(0, self.left));
      if (n <= 0) return n;
      for (let i = 0; i < n; i++) into[i] ^= self.mask[self.maskAt++ & 3];
      self.left -= n;
    }
    if (self.left === 0) {
      const control = self.part === Part.Control;
      self.enterHeader();
      if (control) {
        if ((self.frame & OPCODE) !== CLOSE) continue;
        writeFrame(self, Uint8Array.of(FINAL | CLOSE, 0), new Uint8Array(0));
        return 0;
      }
    }
    // An empty frame is not the end.
    if (n > 0) return n;
  }
}

function writeFrame(self: MpWebsocket, header: Uint8Array, data: Uint8Array): number {
  if (self.blockingWrites) callMethod(self.stream, 'setblocking', [true]);
  let { done, errno } = writeExactly(self.stream, header);
  if (errno === 0) ({ done, errno } = writeExactly(self.stream, data));
  if (self.blockingWrites) callMethod(self.stream, 'setblocking', [false]);
  return errno !== 0 ? -errno : done;
}

function write(self: MpWebsocket, data: Uint8Array): number {
  if (data.length >= MAX_MESSAGE) return -ERRNO.ENOBUFS;
  const first = FINAL | self.opcode;
  const header = data.length < MAX_SHORT ? [first, data.length] : [first, MAX_SHORT, data.length >> 8, data.length & 0xff];
  return writeFrame(self, Uint8Array.from(header), data);
}

function ioctl(self: MpWebsocket, request: number, arg: IoctlArg): number {
  switch (request) {
    case StreamRequest.Close:
      closeStream(self.stream);
      return 0;
    case StreamRequest.GetDataOpts:
      return self.dataFrame & OPCODE;
    case StreamRequest.SetDataOpts: {
      const before = self.opcode;
      self.opcode = (arg as number) & OPCODE;
      return before;
    }
    default:
      return -ERRNO.EINVAL;
  }
}

const websocketType: MpType = new MpType('websocket', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 2, false);
    streamOfChecked(args[0], StreamOp.Read | StreamOp.Write | StreamOp.Ioctl);
    vm.heap.alloc(3 * vm.wordSize + 20);
    return new MpWebsocket(args[0], args[1] === true);
  },
  stream: { read, write, ioctl } satisfies StreamProtocol,
  locals: () => streamMethods('read', 'readinto', 'readline', 'write', 'ioctl', 'close'),
});

export const websocketModule: ModuleDef = {
  name: 'websocket',
  extensible: true,
  names: () => [['websocket', websocketType]],
};
