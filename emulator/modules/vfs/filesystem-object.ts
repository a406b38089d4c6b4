/** VfsFat, VfsLfs1 and VfsLfs2 for the guest: the methods that all of them have, over the storage layer's filesystems (extmod/vfs_fat.c, vfs_lfsx.c). */
import { newBytes } from '../../objects/bytes.ts';
import { fun1, fun2, fun3, funVar } from '../../objects/function.ts';
import { newInt } from '../../objects/int.ts';
import { MpPolymorphIterator } from '../../objects/polymorph-iterator.ts';
import { cStringData, newStrFromBytes } from '../../objects/str-bytes.ts';
import { newTuple } from '../../objects/tuple.ts';
import { type DirectoryItem, type Filesystem, S_IFDIR, S_IFREG } from '../../storage/filesystem.ts';
import { isTrue } from '../../vm/operators.ts';
import type { MpType } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { epochSeconds } from '../time.ts';
import { MpFile } from './file-object.ts';
import { pathText } from './mounts.ts';
import { storageRaises } from './storage-errors.ts';

export class MpFilesystem extends MpObj {
  constructor(
    type: MpType,
    readonly filesystem: Filesystem,
    /** The block device, if it is an object of the guest's. */
    readonly device: Value,
    /** Its files are shown with their address. */
    readonly filesShowAddress: boolean,
  ) {
    super(type);
  }
}

const fs = (value: Value): Filesystem => (value as MpFilesystem).filesystem;

class Listing extends MpPolymorphIterator {
  constructor(
    private readonly items: Iterator<DirectoryItem>,
    private readonly asStr: boolean,
  ) {
    super();
  }
  advance(): Value | undefined {
    const { done, value } = storageRaises(() => this.items.next());
    if (done) return undefined;
    const name = this.asStr ? newStrFromBytes(value.name) : newBytes(value.name.slice());
    return newTuple([name, value.directory ? S_IFDIR : S_IFREG, 0, newInt(value.size)]);
  }
}

function ilistdir(args: readonly Value[]): Value {
  const path = args.length === 2 ? args[1] : '';
  vm.heap.alloc(16 * vm.wordSize);
  const data = cStringData(path);
  return new Listing(
    storageRaises(() => fs(args[0]).list(data)),
    typeof path === 'string',
  );
}

function stat(self: Value, path: Value): Value {
  const { directory, size, modified } = storageRaises(() => fs(self).stat(cStringData(path)));
  const time = modified === undefined ? 0 : newInt(modified - epochSeconds());
  return newTuple([directory ? S_IFDIR : S_IFREG, 0, 0, 0, 0, 0, newInt(size), time, time, time]);
}

function statvfs(self: Value): Value {
  const { blockSize, blocks, freeBlocks, maxNameLength } = storageRaises(() => fs(self).statistics());
  // littlefs counts a block as often as it is used: the rest may be less than nothing, which 64 bits show modulo 2^32.
  const free = newInt(vm.wordSize === 8 ? freeBlocks >>> 0 : freeBlocks);
  return newTuple([blockSize, blockSize, blocks, free, free, 0, 0, 0, 0, maxNameLength]);
}

/** A method that takes one path and gives nothing. */
const onPath = (operation: (filesystem: Filesystem, path: Uint8Array) => void) =>
  fun2((self, path) => {
    storageRaises(() => operation(fs(self), cStringData(path)));
    return null;
  });

/** The methods, `mkfs` first, in the reference's order. */
export function filesystemMethods(mkfs: Value): [string, Value][] {
  return [
    ['mkfs', mkfs],
    [
      'open',
      fun3((self, path, mode) => {
        const { filesystem, filesShowAddress } = self as MpFilesystem;
        const modeText = pathText(mode);
        const data = cStringData(path);
        vm.heap.alloc(16 * vm.wordSize);
        return new MpFile(
          storageRaises(() => filesystem.open(data, modeText)),
          self as MpFilesystem,
          filesShowAddress,
        );
      }),
    ],
    ['ilistdir', funVar(1, 2, ilistdir)],
    ['mkdir', onPath((filesystem, path) => filesystem.makeDirectory(path))],
    ['rmdir', onPath((filesystem, path) => filesystem.removeDirectory(path))],
    ['chdir', onPath((filesystem, path) => filesystem.changeDirectory(path))],
    ['getcwd', fun1(self => newStrFromBytes(storageRaises(() => fs(self).currentDirectory())))],
    ['remove', onPath((filesystem, path) => filesystem.remove(path))],
    [
      'rename',
      fun3((self, from, to) => {
        storageRaises(() => fs(self).rename(cStringData(from), cStringData(to)));
        return null;
      }),
    ],
    ['stat', fun2(stat)],
    ['statvfs', fun2(self => statvfs(self))],
    [
      'mount',
      fun3((self, readOnly, mkfsToo) => {
        storageRaises(() => fs(self).mount(isTrue(readOnly), isTrue(mkfsToo)));
        return null;
      }),
    ],
    [
      'umount',
      fun1(self => {
        storageRaises(() => fs(self).unmount());
        return null;
      }),
    ],
  ];
}
