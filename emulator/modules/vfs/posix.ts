/** VfsPosix (extmod/vfs_posix.c): the files of a POSIX system, or a folder of them. */
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { checkArgCount, fun1, fun2, fun3 } from '../../objects/function.ts';
import { newInt } from '../../objects/int.ts';
import { newStr } from '../../objects/new-str.ts';
import { MpPolymorphIterator } from '../../objects/polymorph-iterator.ts';
import { newTuple } from '../../objects/tuple.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import type { PosixEntry } from '../../storage/posix-files.ts';
import { StorageError } from '../../storage/storage-error.ts';
import { isTrue } from '../../vm/operators.ts';
import { raiseOSError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { pathText } from './mounts.ts';
import { openFileNumber, openPosixPath } from './posix-file.ts';
import { posixState } from './posix-state.ts';
import { storageRaises } from './storage-errors.ts';

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const EROFS = 30;

class MpVfsPosix extends MpObj {
  readOnly = false;
  constructor(
    /** The folder that is its root, with a slash at its end; empty for the whole tree. */
    readonly root: string,
  ) {
    super(vfsPosixType);
  }

  /** An absolute path is one below the root; a relative one starts at the process's current directory. */
  path(value: Value): string {
    const path = pathText(value);
    return this.root === '' || !path.startsWith('/') ? path : this.root.slice(0, -1) + path;
  }

  absolute(value: Value): string {
    return posixState().absolute(this.path(value));
  }

  writable(): void {
    if (this.readOnly) raiseOSError(EROFS);
  }
}

const self = (value: Value) => value as MpVfsPosix;

export function newVfsPosix(root?: string): Value {
  vm.heap.alloc(8 * vm.wordSize);
  if (root === undefined) return new MpVfsPosix('');
  const relative = root !== '' && !root.startsWith('/');
  const { directory, files } = posixState();
  // A relative root is fixed to the current directory, which must still be there.
  if (relative) storageRaises(() => files.stat(directory));
  return new MpVfsPosix(`${relative ? `${directory}/${root}` : root}/`);
}

class Listing extends MpPolymorphIterator {
  constructor(
    private readonly entries: Iterator<PosixEntry>,
    private readonly asStr: boolean,
  ) {
    super();
  }
  advance(): Value | undefined {
    const { done, value } = storageRaises(() => this.entries.next());
    if (done) return undefined;
    return newTuple([this.asStr ? newStr(value.name) : newBytes(encodeUtf8(value.name)), value.type, newInt(value.inode)]);
  }
}

function ilistdir(vfs: Value, path: Value): Value {
  vm.heap.alloc(5 * vm.wordSize);
  const { files } = posixState();
  return storageRaises(() => {
    const absolute = self(vfs).absolute(path);
    // A path that is no directory fails here, not at the first entry.
    const entries = [...files.list(absolute)];
    return new Listing(entries[Symbol.iterator](), typeof path === 'string');
  });
}

function stat(vfs: Value, path: Value): Value {
  const s = storageRaises(() => posixState().files.stat(self(vfs).absolute(path)));
  const items = [s.inode, s.device, s.links, s.user, s.group, s.size, s.accessed, s.modified, s.changed];
  return newTuple([s.mode, ...items.map(newInt)]);
}

function statvfs(vfs: Value, path: Value): Value {
  const s = storageRaises(() => posixState().files.space(self(vfs).absolute(path)));
  return newTuple([
    s.blockSize,
    s.fragmentSize,
    s.blocks,
    s.freeBlocks,
    s.availableBlocks,
    s.files,
    s.freeFiles,
    s.availableFiles,
    s.flags,
    s.maxNameLength,
  ]);
}

function chdir(vfs: Value, path: Value): Value {
  const state = posixState();
  const absolute = self(vfs).absolute(path);
  const { mode } = storageRaises(() => state.files.stat(absolute));
  if ((mode & S_IFMT) !== S_IFDIR) raiseOSError(ERRNO.ENOTDIR);
  state.directory = absolute;
  return null;
}

/** An operation that changes something at one path. */
const change = (operation: (path: string) => void) =>
  fun2((vfs, path) => {
    self(vfs).writable();
    storageRaises(() => operation(self(vfs).absolute(path)));
    return null;
  });

function open(vfs: Value, path: Value, mode: Value): Value {
  const modeText = pathText(mode);
  if (self(vfs).readOnly && /[wa+]/.test(modeText)) raiseOSError(EROFS);
  return typeof path === 'number' ? openFileNumber(path, mode) : openPosixPath(self(vfs).path(path), modeText);
}

/** What an import asks about a path. */
export function posixImportStat(vfs: Value, path: string): 'none' | 'file' | 'dir' {
  const { root } = self(vfs);
  try {
    const { mode } = posixState().files.stat(posixState().absolute(root + path));
    return (mode & S_IFMT) === S_IFDIR ? 'dir' : (mode & S_IFMT) === S_IFREG ? 'file' : 'none';
  } catch (error) {
    if (error instanceof StorageError) return 'none';
    throw error;
  }
}

export const vfsPosixType: MpType = new MpType('VfsPosix', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 1, false);
    return newVfsPosix(args.length === 1 ? pathText(args[0]) : undefined);
  },
  locals: () => [
    [
      'mount',
      fun3((vfs, readOnly, mkfs) => {
        if (isTrue(readOnly)) self(vfs).readOnly = true;
        if (isTrue(mkfs)) raiseOSError(ERRNO.EPERM);
        return null;
      }),
    ],
    ['umount', fun1(() => null)],
    ['open', fun3(open)],
    ['chdir', fun2(chdir)],
    [
      'getcwd',
      fun1(vfs => {
        const { directory, files } = posixState();
        const { root } = self(vfs);
        // It may have been removed.
        storageRaises(() => files.stat(directory));
        return newStr(root === '' ? directory : directory.slice(root.length - 1));
      }),
    ],
    ['ilistdir', fun2(ilistdir)],
    ['mkdir', change(path => posixState().files.makeDirectory(path))],
    ['remove', change(path => posixState().files.unlink(path))],
    [
      'rename',
      fun3((vfs, from, to) => {
        self(vfs).writable();
        storageRaises(() => posixState().files.rename(self(vfs).absolute(from), self(vfs).absolute(to)));
        return null;
      }),
    ],
    ['rmdir', change(path => posixState().files.removeDirectory(path))],
    ['stat', fun2(stat)],
    ['statvfs', fun2(statvfs)],
  ],
});
