/**
 * sys.stdin, sys.stdout and sys.stderr. On a board they are its serial port (shared/runtime/sys_stdio_mphal.c); on the Unix port
 * and its relatives they are files with a descriptor (extmod/vfs_posix_file.c).
 */
import { drainStdout } from '../vm/printing.ts';
import type { Locals } from '../vm/type.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { MethodRef, Printer, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { ERRNO } from './errno-names.ts';
import { fun1 } from './function.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethod, streamMethods } from './stream.ts';
import { decodeAnyUtf8 } from './utf8.ts';

enum Fd {
  In = 0,
  Out = 1,
  Err = 2,
}

export class MpStdio extends MpObj {
  constructor(
    type: MpType,
    readonly fd: number,
  ) {
    super(type);
  }
}

const CR = 0x0d;
const LF = 0x0a;

/** Reads what the port has, at least one byte: none at the end of input. `all`: waits for as many as fit. */
function readBytes(into: Uint8Array, all: boolean): number {
  let n = 0;
  while (n < into.length) {
    if (n > 0 && !all && vm.port.stdinReady?.() !== true) break;
    const byte = vm.port.readStdin();
    if (byte < 0) break;
    into[n++] = byte;
  }
  return n;
}

function write(fd: number, data: Uint8Array, raw: boolean): void {
  if (fd === Fd.Err && vm.feature('posixFiles')) {
    vm.port.writeStderr(decodeAnyUtf8(data));
    return;
  }
  drainStdout();
  if (raw && vm.port.writeStdoutRaw !== undefined) vm.port.writeStdoutRaw(data);
  else vm.port.writeStdout(data);
}

function poll(wanted: number): number {
  let ready = wanted & PollFlag.Write;
  if ((wanted & PollFlag.Read) !== 0 && vm.port.stdinReady?.() === true) ready |= PollFlag.Read;
  return ready;
}

function serialProtocol(raw: boolean): StreamProtocol {
  return {
    isText: !raw,
    read(self: MpStdio, into: Uint8Array): number {
      if (self.fd !== Fd.In) return -ERRNO.EPERM;
      const n = readBytes(into, true);
      if (!raw) for (let i = 0; i < n; i++) if (into[i] === CR) into[i] = LF;
      return n;
    },
    write(self: MpStdio, data: Uint8Array): number {
      if (!raw && self.fd === Fd.In) return -ERRNO.EPERM;
      write(Fd.Out, data, raw);
      return data.length;
    },
    ioctl(_self: MpStdio, request: number, arg): number {
      if (request === StreamRequest.Poll) return poll(arg as number);
      return request === StreamRequest.Close ? 0 : -ERRNO.EINVAL;
    },
  };
}

function fileProtocol(raw: boolean): StreamProtocol {
  return {
    isText: !raw,
    read: (self: MpStdio, into: Uint8Array) => (self.fd === Fd.In ? readBytes(into, false) : -ERRNO.EBADF),
    write(self: MpStdio, data: Uint8Array): number {
      if (self.fd === Fd.In) return -ERRNO.EBADF;
      write(self.fd, data, raw);
      return data.length;
    },
    ioctl(self: MpStdio, request: number, arg): number {
      switch (request) {
        case StreamRequest.Flush:
        case StreamRequest.Close:
          return 0;
        case StreamRequest.Seek:
          return -ERRNO.ESPIPE;
        case StreamRequest.GetFileno:
          return self.fd;
        case StreamRequest.Poll:
          return poll(arg as number);
        default:
          return -ERRNO.EINVAL;
      }
    },
  };
}

const print = (out: Printer, self: MpStdio): void => out.write(`<io.${self.type.name} ${self.fd}>`);

const serialLocals = (): Locals => {
  const identity = fun1(self => self);
  return [
    ['buffer', new MpStdio(serialBufferType, 0)],
    ...streamMethods('read', 'readinto', 'readline', 'readlines', 'write'),
    ['close', identity],
    ['__enter__', identity],
    ['__exit__', streamMethod('__exit__')],
  ];
};
const serialType = new MpType('TextIOWrapper', {
  flags: TypeFlag.IterIsStream,
  print,
  stream: serialProtocol(false),
  locals: serialLocals,
});
const serialBufferType = new MpType('FileIO', { flags: TypeFlag.IterIsStream, print, stream: serialProtocol(true), locals: serialLocals });

const fileLocals = (): Locals => [
  ['fileno', fun1(self => (self as MpStdio).fd)],
  ...streamMethods('read', 'readinto', 'readline', 'readlines', 'write', 'seek', 'tell', 'flush', 'close', '__enter__', '__exit__'),
  ['__del__', streamMethod('close')],
];
const fileType = new MpType('TextIOWrapper', {
  flags: TypeFlag.IterIsStream,
  print,
  stream: fileProtocol(false),
  loadAttr(self: MpStdio, name: string, dest: MethodRef): boolean {
    if (name !== 'buffer') return false;
    dest.member = new MpStdio(fileBufferType, self.fd);
    return true;
  },
  locals: fileLocals,
});
const fileBufferType = new MpType('FileIO', { flags: TypeFlag.IterIsStream, print, stream: fileProtocol(true), locals: fileLocals });

interface Stdio {
  readonly stdin: Value;
  readonly stdout: Value;
  readonly stderr: Value;
}
const KEY = Symbol('stdio');

/** The running machine's three streams. */
export function stdio(): Stdio {
  return vm.stateOf<Stdio>(KEY, () => {
    const type = vm.feature('posixFiles') ? fileType : serialType;
    return { stdin: new MpStdio(type, Fd.In), stdout: new MpStdio(type, Fd.Out), stderr: new MpStdio(type, Fd.Err) };
  });
}
