/** A folder of the host as a guest's file tree. Nothing outside the folder can be reached: neither by `..` nor by a symbolic link. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import {
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_TRUNC,
  type PosixEntry,
  type PosixFile,
  type PosixFiles,
  type PosixSpace,
  type PosixStatus,
} from '../storage/posix-files.ts';
import { EACCES, EIO, EROFS, StorageError } from '../storage/storage-error.ts';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const NAME_MAX = 255;

/** Runs a host operation; its failure becomes the guest's. */
function host<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const { errno } = error as NodeJS.ErrnoException;
    throw new StorageError(errno === undefined ? EIO : Math.abs(errno));
  }
}

class HostFile implements PosixFile {
  private position = 0;
  constructor(
    private readonly fd: number,
    private readonly append: boolean,
  ) {}

  read(into: Uint8Array): number {
    const n = host(() => readSync(this.fd, into, 0, into.length, this.position));
    this.position += n;
    return n;
  }

  write(data: Uint8Array): number {
    if (this.append) this.position = host(() => fstatSync(this.fd).size);
    const n = host(() => writeSync(this.fd, data, 0, data.length, this.position));
    this.position += n;
    return n;
  }

  seek(offset: number, whence: number): number {
    const base = whence === 0 ? 0 : whence === 1 ? this.position : host(() => fstatSync(this.fd).size);
    this.position = Math.max(0, base + offset);
    return this.position;
  }

  sync(): void {
    host(() => fsyncSync(this.fd));
  }

  close(): void {
    host(() => closeSync(this.fd));
  }
}

export class HostTree implements PosixFiles {
  private readonly root: string;

  /** @param folder of the host; must exist */
  constructor(
    folder: string,
    private readonly readonly: boolean,
  ) {
    this.root = realpathSync(folder);
  }

  /** The host's path, links resolved; refuses what lies outside. A last part that does not exist yet is allowed. */
  private inside(path: string): string {
    const full = join(this.root, path);
    let real: string;
    try {
      real = realpathSync(full);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return host(() => realpathSync(full));
      real = join(
        host(() => realpathSync(dirname(full))),
        basename(full),
      );
    }
    if (real !== this.root && !real.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep)) throw new StorageError(EACCES);
    return real;
  }

  private writable(): void {
    if (this.readonly) throw new StorageError(EROFS);
  }

  open(path: string, flags: number): PosixFile {
    if ((flags & O_ACCMODE) !== 0 || (flags & (O_CREAT | O_TRUNC)) !== 0) this.writable();
    let hostFlags = flags & O_ACCMODE;
    if ((flags & O_CREAT) !== 0) hostFlags |= constants.O_CREAT;
    if ((flags & O_EXCL) !== 0) hostFlags |= constants.O_EXCL;
    if ((flags & O_TRUNC) !== 0) hostFlags |= constants.O_TRUNC;
    // What is opened is the file that was checked: a link put there meanwhile is not followed.
    hostFlags |= constants.O_NOFOLLOW ?? 0;
    const real = this.inside(path);
    return new HostFile(
      host(() => openSync(real, hostFlags, 0o644)),
      (flags & O_APPEND) !== 0,
    );
  }

  stat(path: string): PosixStatus {
    const info = host(() => statSync(this.inside(path)));
    return {
      mode: info.mode,
      inode: info.ino,
      device: info.dev,
      links: info.nlink,
      user: info.uid,
      group: info.gid,
      size: info.size,
      accessed: Math.floor(info.atimeMs / 1000),
      modified: Math.floor(info.mtimeMs / 1000),
      changed: Math.floor(info.ctimeMs / 1000),
    };
  }

  *list(path: string): Iterable<PosixEntry> {
    const real = this.inside(path);
    for (const entry of host(() => readdirSync(real, { withFileTypes: true }))) {
      yield { name: entry.name, type: entry.isDirectory() ? S_IFDIR : S_IFREG, inode: 1 };
    }
  }

  makeDirectory(path: string): void {
    this.writable();
    host(() => mkdirSync(this.inside(path)));
  }

  removeDirectory(path: string): void {
    this.writable();
    host(() => rmdirSync(this.inside(path)));
  }

  unlink(path: string): void {
    this.writable();
    const real = join(this.inside(dirname(path)), basename(path));
    host(() => unlinkSync(real));
  }

  rename(from: string, to: string): void {
    this.writable();
    host(() => renameSync(this.inside(from), this.inside(to)));
  }

  space(path: string): PosixSpace {
    const info = host(() => statfsSync(this.inside(path)));
    return {
      blockSize: info.bsize,
      fragmentSize: info.bsize,
      blocks: info.blocks,
      freeBlocks: info.bfree,
      availableBlocks: info.bavail,
      files: info.files,
      freeFiles: info.ffree,
      availableFiles: info.ffree,
      flags: this.readonly ? 1 : 0,
      maxNameLength: NAME_MAX,
    };
  }
}
