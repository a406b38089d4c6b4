/** An open file of one of our filesystems, as a stream: `FileIO` when it is binary, `TextIOWrapper` when it is text (extmod/vfs_fat_file.c, vfs_lfsx_file.c). */
import { ERRNO } from '../../objects/errno-names.ts';
import { formatAddress } from '../../objects/identity.ts';
import {
  type IoctlArg,
  type SeekRequest,
  type StreamProtocol,
  StreamRequest,
  streamMethod,
  streamMethods,
  type Whence,
} from '../../objects/stream.ts';
import type { OpenFile } from '../../storage/filesystem.ts';
import { StorageError } from '../../storage/storage-error.ts';
import { type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import type { Printer } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { storageRaises } from './storage-errors.ts';

export class MpFile extends MpObj {
  constructor(
    readonly file: OpenFile,
    /** The filesystem object, which lives as long as its files. */
    readonly filesystem: MpObj,
    /** FAT files are shown with their address, littlefs files without. */
    readonly showsAddress: boolean,
  ) {
    super(file.binary ? fileIOType : textIOType);
    vm.finalisable.add(this);
  }
}

/** Answers with a count, or with the negative errno of what failed. */
function answering(operation: () => number): number {
  return storageRaises(() => {
    try {
      return operation();
    } catch (error) {
      if (error instanceof StorageError) return -error.errno;
      throw error;
    }
  });
}

const protocol: StreamProtocol = {
  read: (self: MpFile, into) => answering(() => self.file.read(into)),
  write: (self: MpFile, data) => answering(() => self.file.write(data)),
  ioctl(self: MpFile, request: number, arg: IoctlArg) {
    switch (request) {
      case StreamRequest.Seek: {
        const seek = arg as SeekRequest;
        return answering(() => {
          seek.offset = self.file.seek(seek.offset, seek.whence as Whence);
          return 0;
        });
      }
      case StreamRequest.Flush:
        return answering(() => {
          self.file.flush();
          return 0;
        });
      case StreamRequest.Close:
        return answering(() => {
          if (!self.file.closed) self.file.close();
          return 0;
        });
      default:
        return -ERRNO.EINVAL;
    }
  },
};

function print(out: Printer, self: MpFile): void {
  const address = self.showsAddress ? ` ${formatAddress(self)}` : '';
  out.write(`<io.${self.type.name}${address}>`);
}

const locals = (): Locals => [
  ...streamMethods('read', 'readinto', 'readline', 'readlines', 'write', 'flush', 'close', 'seek', 'tell'),
  ['__del__', streamMethod('close')],
  ...streamMethods('__enter__', '__exit__'),
];
const slots = { print, locals, flags: TypeFlag.IterIsStream };
const fileIOType = new MpType('FileIO', { ...slots, stream: protocol });
const textIOType = new MpType('TextIOWrapper', { ...slots, stream: { ...protocol, isText: true } satisfies StreamProtocol });
