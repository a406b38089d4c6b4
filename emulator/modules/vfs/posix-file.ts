/** Files of VfsPosix (extmod/vfs_posix_file.c): streams that are known by a number. */
import { ERRNO } from '../../objects/errno-names.ts';
import { fun1 } from '../../objects/function.ts';
import { stdio } from '../../objects/stdio.ts';
import {
  type IoctlArg,
  PollFlag,
  type SeekRequest,
  type StreamProtocol,
  StreamRequest,
  streamMethod,
  streamMethods,
  streamOf,
} from '../../objects/stream.ts';
import { O_APPEND, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, type PosixFile } from '../../storage/posix-files.ts';
import { EBADF, StorageError } from '../../storage/storage-error.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import type { Printer, Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { pathText } from './mounts.ts';
import { posixState } from './posix-state.ts';
import { storageRaises } from './storage-errors.ts';

class MpPosixFile extends MpObj {
  constructor(
    type: MpType,
    /** -1 when it is closed. */
    public fd: number,
  ) {
    super(type);
    vm.finalisable.add(this);
  }

  /** Raises ValueError when it is closed. */
  openNumber(): number {
    if (this.fd < 0) raiseValueError('I/O operation on closed file');
    return this.fd;
  }

  open(): PosixFile {
    const file = posixState().file(this.openNumber());
    if (file === undefined) throw new StorageError(EBADF);
    return file;
  }
}

/** The standard stream of that number, as an object that has the protocol. */
function standardStream(fd: number): Value | undefined {
  const { stdin, stdout, stderr } = stdio();
  return [stdin, stdout, stderr][fd];
}

function answering(operation: () => number): number {
  try {
    return operation();
  } catch (error) {
    if (error instanceof StorageError) return -error.errno;
    throw error;
  }
}

function read(self: MpPosixFile, into: Uint8Array): number {
  const standard = standardStream(self.openNumber());
  if (standard !== undefined) return streamOf(standard).read!(standard, into);
  return answering(() => self.open().read(into));
}

function write(self: MpPosixFile, data: Uint8Array): number {
  const standard = standardStream(self.openNumber());
  if (standard !== undefined) return streamOf(standard).write!(standard, data);
  return answering(() => self.open().write(data));
}

function ioctl(self: MpPosixFile, request: number, arg: IoctlArg): number {
  if (request === StreamRequest.Close) {
    if (self.fd >= 0) {
      posixState().file(self.fd)?.close();
      posixState().remove(self.fd);
    }
    self.fd = -1;
    return 0;
  }
  const standard = standardStream(self.openNumber());
  if (standard !== undefined && request !== StreamRequest.GetFileno) return streamOf(standard).ioctl!(standard, request, arg);
  switch (request) {
    case StreamRequest.Flush:
      return answering(() => {
        self.open().sync();
        return 0;
      });
    case StreamRequest.Seek: {
      const seek = arg as SeekRequest;
      return answering(() => {
        seek.offset = self.open().seek(seek.offset, seek.whence);
        return 0;
      });
    }
    case StreamRequest.GetFileno:
      return self.fd;
    case StreamRequest.Poll:
      // Files on a disk never make anybody wait.
      return (arg as number) & (PollFlag.Read | PollFlag.Write);
    default:
      return -ERRNO.EINVAL;
  }
}

/** Opens a path, which is absolute, or takes over an open file's number. The mode's letters are the built-in function's. */
function newPosixFile(mode: string, makeNumber: (flags: number) => number): MpPosixFile {
  let access = 0;
  let flags = 0;
  let type = textIOType;
  for (const letter of mode) {
    if (letter === 'r') access = 0;
    else if (letter === 'w') {
      access = O_WRONLY;
      flags = O_CREAT | O_TRUNC;
    } else if (letter === 'a') {
      access = O_WRONLY;
      flags = O_CREAT | O_APPEND;
    } else if (letter === '+') access = O_RDWR;
    else if (letter === 'b') type = fileIOType;
    else if (letter === 't') type = textIOType;
  }
  vm.heap.alloc(2 * vm.wordSize);
  return new MpPosixFile(type, makeNumber(access | flags));
}

/** `open(number, mode)`: a file that is open already. */
export function openFileNumber(number: number, mode: Value): Value {
  return newPosixFile(pathText(mode), () => number);
}

export function openPosixPath(path: string, mode: string): Value {
  return newPosixFile(mode, flags =>
    storageRaises(() => {
      const state = posixState();
      return state.add(state.files.open(state.absolute(path), flags));
    }),
  );
}

const protocol: StreamProtocol = { read, write, ioctl };
const locals = (): Locals => [
  ['fileno', fun1(self => (self as MpPosixFile).openNumber())],
  ...streamMethods('read', 'readinto', 'readline', 'readlines', 'write', 'seek', 'tell', 'flush', 'close'),
  ['__del__', streamMethod('close')],
  ...streamMethods('__enter__', '__exit__'),
];
const print = (out: Printer, self: MpPosixFile): void => out.write(`<io.${self.type.name} ${self.fd}>`);
const slots = { print, locals, flags: TypeFlag.IterIsStream };
const fileIOType: MpType = new MpType('FileIO', { ...slots, stream: protocol });
const textIOType: MpType = new MpType('TextIOWrapper', { ...slots, stream: { ...protocol, isText: true } satisfies StreamProtocol });
