/** VfsRom (extmod/vfs_rom.c): a read-only filesystem in a buffer, whose files are parts of that buffer. */
import { bufferOf } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { checkArgCount, fun1, fun2, fun3 } from '../../objects/function.ts';
import { MpPolymorphIterator } from '../../objects/polymorph-iterator.ts';
import { cStringData, newStrFromBytes } from '../../objects/str-bytes.ts';
import { type IoctlArg, type SeekRequest, type StreamProtocol, StreamRequest, streamMethods, Whence } from '../../objects/stream.ts';
import { newTuple } from '../../objects/tuple.ts';
import { S_IFDIR, S_IFREG } from '../../storage/filesystem.ts';
import { isTrue } from '../../vm/operators.ts';
import { raiseOSError } from '../../vm/raise.ts';
import { BufferFlag, MpType, TypeFlag } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { pathText } from './mounts.ts';

/** The first three bytes: "RM1" with high bits, which is the kind of the outermost record. */
const MAGIC = [0xd2, 0xcd, 0x31];
const MIN_SIZE = 4;
const SLASH = 0x2f;
const EROFS = 30;

enum Kind {
  Unused = 0,
  Padding,
  Data,
  DataPointer,
  Directory,
  File,
  Filesystem = 0x14a6b1,
}

interface Range {
  start: number;
  end: number;
}

interface Entry {
  readonly directory: boolean;
  readonly name: Uint8Array;
  /** What is in the record, behind the name. */
  readonly content: Range;
}

type Found = { directory: boolean; range: Range } | undefined;

class RomImage {
  private at = 0;
  readonly root: Range;

  constructor(readonly bytes: Uint8Array) {
    if (bytes.length < MIN_SIZE || MAGIC.some((byte, i) => bytes[i] !== byte)) raiseOSError(ERRNO.ENODEV);
    const record = this.record({ start: 0, end: bytes.length });
    if (record.kind !== Kind.Filesystem || record.end > bytes.length) raiseOSError(ERRNO.ENODEV);
    this.root = { start: record.start, end: record.end };
  }

  /** An integer with seven bits a byte, the highest first; undefined when it does not end before `end`. */
  private integer(end: number): number | undefined {
    let value = 0;
    for (;;) {
      if (this.at >= end) return undefined;
      const byte = this.bytes[this.at++];
      value = value * 128 + (byte & 0x7f);
      if ((byte & 0x80) === 0) return value;
    }
  }

  /** The record at the beginning of a range: its kind, and where its content is. Unused: the image is corrupt. */
  private record(range: Range): Range & { kind: number } {
    this.at = range.start;
    const kind = this.integer(range.end);
    const length = kind === undefined ? undefined : this.integer(range.end);
    if (kind === undefined || length === undefined) return { kind: Kind.Unused, start: range.end, end: range.end };
    return { kind, start: this.at, end: this.at + length };
  }

  /** The files and directories in a range. Stops where the image is corrupt. */
  *entries(range: Range): IterableIterator<Entry> {
    const rest = { ...range };
    while (rest.start < rest.end) {
      const { kind, start, end } = this.record(rest);
      if (kind === Kind.Unused) return;
      rest.start = end;
      if (kind !== Kind.Directory && kind !== Kind.File) continue;
      this.at = start;
      const nameLength = this.integer(end);
      if (nameLength === undefined) return;
      const nameAt = this.at;
      const content = { start: nameAt + nameLength, end };
      yield { directory: kind === Kind.Directory, name: this.bytes.subarray(nameAt, content.start), content };
    }
  }

  /** Where a file's bytes are; undefined when the image is corrupt. */
  data(content: Range): Range | undefined {
    const rest = { ...content };
    while (rest.start < rest.end) {
      const { kind, start, end } = this.record(rest);
      if (kind === Kind.Unused) return undefined;
      if (kind === Kind.Data) return { start, end };
      if (kind === Kind.DataPointer) {
        this.at = start;
        const size = this.integer(end);
        const offset = size === undefined ? undefined : this.integer(end);
        if (size === undefined || offset === undefined) return undefined;
        return { start: this.root.start + offset, end: this.root.start + offset + size };
      }
      rest.start = end;
    }
    return undefined;
  }

  find(path: Uint8Array): Found {
    let range = this.root;
    let at = path[0] === SLASH ? 1 : 0;
    while (at < path.length) {
      let matched: Entry | undefined;
      for (const entry of this.entries(range)) {
        const end = at + entry.name.length;
        if (end > path.length || (end < path.length && path[end] !== SLASH)) continue;
        if (!entry.name.every((byte, i) => path[at + i] === byte)) continue;
        matched = entry;
        at = end;
        break;
      }
      if (matched === undefined) return undefined;
      if (!matched.directory) {
        if (at !== path.length) return undefined;
        const data = this.data(matched.content);
        return data === undefined ? undefined : { directory: false, range: data };
      }
      range = matched.content;
      if (path[at] === SLASH) at++;
    }
    return { directory: true, range };
  }
}

class MpVfsRom extends MpObj {
  constructor(
    /** Kept alive: the files are in it. */
    readonly memory: Value,
    readonly image: RomImage,
  ) {
    super(vfsRomType);
  }
}

class MpRomFile extends MpObj {
  position = 0;
  constructor(
    type: MpType,
    readonly bytes: Uint8Array,
  ) {
    super(type);
  }
}

function read(self: MpRomFile, into: Uint8Array): number {
  const count = Math.min(into.length, self.bytes.length - self.position);
  into.set(self.bytes.subarray(self.position, self.position + count));
  self.position += count;
  return count;
}

function ioctl(self: MpRomFile, request: number, arg: IoctlArg): number {
  if (request === StreamRequest.Close) return 0;
  if (request !== StreamRequest.Seek) return -ERRNO.EINVAL;
  const seek = arg as SeekRequest;
  const size = self.bytes.length;
  const from = seek.whence === Whence.Set ? 0 : seek.whence === Whence.Current ? self.position : size;
  const position = from + seek.offset;
  if (position < 0) return -ERRNO.EINVAL;
  seek.offset = self.position = Math.min(position, size);
  return 0;
}

const protocol: StreamProtocol = { read, ioctl };
const fileSlots = {
  flags: TypeFlag.IterIsStream,
  locals: () => streamMethods('read', 'readinto', 'readline', 'readlines', 'seek', 'tell', 'close', '__enter__', '__exit__'),
};
const romFileIOType = new MpType('FileIO', {
  ...fileSlots,
  buffer: (self: MpRomFile, flags) => (flags === BufferFlag.Read ? { bytes: self.bytes, typecode: 'B' } : undefined),
  stream: protocol,
});
const romTextIOType = new MpType('TextIOWrapper', { ...fileSlots, stream: { ...protocol, isText: true } satisfies StreamProtocol });

function open(vfs: Value, path: Value, mode: Value): Value {
  let type = romTextIOType;
  for (const letter of pathText(mode)) {
    if ('wa+'.includes(letter)) raiseOSError(EROFS);
    if (letter === 'b') type = romFileIOType;
    else if (letter === 't') type = romTextIOType;
  }
  vm.heap.alloc(4 * vm.wordSize);
  const { image } = vfs as MpVfsRom;
  const found = image.find(cStringData(path));
  if (found === undefined) raiseOSError(ERRNO.ENOENT);
  if (found.directory) raiseOSError(ERRNO.EISDIR);
  return new MpRomFile(type, image.bytes.subarray(found.range.start, found.range.end));
}

class Listing extends MpPolymorphIterator {
  private readonly entries: IterableIterator<Entry>;
  constructor(
    private readonly image: RomImage,
    range: Range,
    private readonly asStr: boolean,
  ) {
    super();
    this.entries = image.entries(range);
  }
  advance(): Value | undefined {
    const { done, value } = this.entries.next();
    if (done) return undefined;
    const { directory, name, content } = value as Entry;
    const data = directory ? content : this.image.data(content);
    if (data === undefined) return undefined;
    return newTuple([this.asStr ? newStrFromBytes(name) : newBytes(name.slice()), directory ? S_IFDIR : S_IFREG, 0, data.end - data.start]);
  }
}

/** What an import asks about a path. */
export function romImportStat(vfs: Value, path: string): 'none' | 'file' | 'dir' {
  const found = (vfs as MpVfsRom).image.find(cStringData(path));
  return found === undefined ? 'none' : found.directory ? 'dir' : 'file';
}

export const vfsRomType: MpType = new MpType('VfsRom', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    vm.heap.alloc(4 * vm.wordSize);
    return new MpVfsRom(args[0], new RomImage(bufferOf(args[0], BufferFlag.Read).bytes));
  },
  locals: () => [
    [
      'mount',
      fun3((_vfs, _readOnly, mkfs) => {
        if (isTrue(mkfs)) raiseOSError(ERRNO.EPERM);
        return null;
      }),
    ],
    ['umount', fun1(vfs => vfs)],
    ['open', fun3(open)],
    [
      'chdir',
      fun2((_vfs, path) => {
        if (pathText(path) !== '/') raiseOSError(ERRNO.EOPNOTSUPP);
        return null;
      }),
    ],
    ['getcwd', fun1(() => '')],
    [
      'ilistdir',
      fun2((vfs, path) => {
        const { image } = vfs as MpVfsRom;
        const found = image.find(cStringData(path));
        if (found === undefined || !found.directory) raiseOSError(ERRNO.ENOENT);
        vm.heap.alloc(6 * vm.wordSize);
        return new Listing(image, found.range, typeof path === 'string');
      }),
    ],
    [
      'stat',
      fun2((vfs, path) => {
        const found = (vfs as MpVfsRom).image.find(cStringData(path));
        if (found === undefined) raiseOSError(ERRNO.ENOENT);
        const { directory, range } = found;
        return newTuple([directory ? S_IFDIR : S_IFREG, 0, 0, 0, 0, 0, range.end - range.start, 0, 0, 0]);
      }),
    ],
    [
      'statvfs',
      fun2(vfs => {
        const { root } = (vfs as MpVfsRom).image;
        return newTuple([1, 0, root.end - root.start, 0, 0, 0, 0, 0, 0, 32767]);
      }),
    ],
  ],
});
