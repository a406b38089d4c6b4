/** Folders of the host as a POSIX tree for a `unix` machine. What leads out of the folder, by `..` or by a symbolic link, is refused. */
import {
  closeSync,
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
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
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
import { EACCES, EINVAL, EIO, EROFS, StorageError } from '../storage/storage-error.ts';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const FILE_MODE = 0o644;
const MAX_NAME = 255;

/** Runs a host operation; a failure becomes the errno that a POSIX program would see. */
function host<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const errno = (constants.errno as Record<string, number>)[code ?? ''];
    if (errno === undefined) throw error;
    throw new StorageError(errno ?? EIO);
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
    const n = host(() => writeSync(this.fd, data, 0, data.length, this.append ? null : this.position));
    this.position = this.append ? host(() => fstatSync(this.fd).size) : this.position + n;
    return n;
  }

  seek(offset: number, whence: number): number {
    const from = whence === 0 ? 0 : whence === 1 ? this.position : host(() => fstatSync(this.fd).size);
    if (whence > 2 || from + offset < 0) throw new StorageError(EINVAL);
    return (this.position = from + offset);
  }

  sync(): void {
    host(() => fsyncSync(this.fd));
  }

  close(): void {
    host(() => closeSync(this.fd));
  }
}

export class HostFiles implements PosixFiles {
  private readonly root: string;

  /** @param folder that the guest sees as `/` */
  constructor(
    folder: string,
    private readonly readOnly = false,
  ) {
    this.root = realpathSync(folder);
  }

  open(path: string, flags: number): PosixFile {
    const writes = (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) !== 0;
    const name = writes ? this.changing(path) : this.existing(path);
    const host_ = flags & (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND);
    return new HostFile(
      host(() => openSync(name, host_, FILE_MODE)),
      (flags & O_APPEND) !== 0,
    );
  }

  stat(path: string): PosixStatus {
    const name = this.existing(path);
    const s = host(() => statSync(name));
    return {
      mode: s.mode,
      inode: s.ino,
      device: s.dev,
      links: s.nlink,
      user: s.uid,
      group: s.gid,
      size: s.size,
      accessed: Math.floor(s.atimeMs / 1000),
      modified: Math.floor(s.mtimeMs / 1000),
      changed: Math.floor(s.ctimeMs / 1000),
    };
  }

  list(path: string): Iterable<PosixEntry> {
    const name = this.existing(path);
    return host(() => readdirSync(name, { withFileTypes: true })).map(entry => ({
      name: entry.name,
      type: entry.isDirectory() ? S_IFDIR : entry.isFile() ? S_IFREG : entry.isSymbolicLink() ? S_IFLNK : 0,
      inode: 0,
    }));
  }

  makeDirectory(path: string): void {
    const name = this.changing(path);
    host(() => mkdirSync(name));
  }

  removeDirectory(path: string): void {
    const name = this.changing(path);
    host(() => rmdirSync(name));
  }

  unlink(path: string): void {
    const name = this.changing(path);
    host(() => unlinkSync(name));
  }

  rename(from: string, to: string): void {
    const [old, fresh] = [this.changing(from), this.changing(to)];
    host(() => renameSync(old, fresh));
  }

  space(path: string): PosixSpace {
    const s = host(() => statfsSync(this.existing(path)));
    return {
      blockSize: s.bsize,
      fragmentSize: s.bsize,
      blocks: s.blocks,
      freeBlocks: s.bfree,
      availableBlocks: s.bavail,
      files: s.files,
      freeFiles: s.ffree,
      availableFiles: s.ffree,
      flags: 0,
      maxNameLength: MAX_NAME,
    };
  }

  /** The host's name of something that is there, with every link followed. */
  private existing(path: string): string {
    const real = host(() => realpathSync(join(this.root, path)));
    return this.inside(real);
  }

  /** The host's name of something that may be made or changed: the folder it is in must be ours, and it must be no link out of it. */
  private changing(path: string): string {
    if (this.readOnly) throw new StorageError(EROFS);
    const name = join(this.root, path);
    if (name === this.root) return name;
    const folder = this.inside(host(() => realpathSync(dirname(name))));
    const full = join(folder, name.slice(dirname(name).length + 1));
    try {
      this.inside(realpathSync(full));
    } catch (error) {
      if (error instanceof StorageError) throw error;
      // It is not there yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return host(() => realpathSync(full));
    }
    return full;
  }

  private inside(real: string): string {
    if (real !== this.root && !real.startsWith(this.root === sep ? sep : this.root + sep)) throw new StorageError(EACCES);
    return real;
  }
}
