/**
 * `VfsLfs1`: the operations of `os` on littlefs 1, with the errors and corner cases of MicroPython's extmod/vfs_lfsx.c and
 * vfs_lfsx_file.c (1.27.0).
 */
import { type BlockDevice, BlockDevicePort, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_INIT } from '../block-device.ts';
import {
  type DirectoryItem,
  type FileStatus,
  type Filesystem,
  type FilesystemStatus,
  type OpenFile,
  type Path,
  pathBytes,
} from '../filesystem.ts';
import { DEFAULT_LITTLEFS_OPTIONS, type LittlefsOptions, openMode, WorkingDirectory } from '../littlefs/common.ts';
import { EINVAL, ENOENT, StorageError, StorageValueError } from '../storage-error.ts';
import { LittlefsFile } from './file.ts';
import * as operations from './operations.ts';
import { Directory, Littlefs1, NAME_MAX } from './state.ts';
import { forEachBlock } from './walk.ts';

function check(result: number): number {
  if (result < 0) throw new StorageError(-result);
  return result;
}

function connect(device: BlockDevice, options: Partial<LittlefsOptions>): Littlefs1 {
  const { readSize, programSize, lookahead } = { ...DEFAULT_LITTLEFS_OPTIONS, ...options };
  const port = new BlockDevicePort(device);
  port.ioctl(IOCTL_INIT, 1);
  const blockSize = port.ioctl(IOCTL_BLOCK_SIZE, 0, true) ?? 0;
  const blockCount = port.ioctl(IOCTL_BLOCK_COUNT, 0, true) ?? 0;
  // littlefs itself does not check these, and would divide by zero or run for ever.
  if (!(blockSize >= 128 && blockCount > 0 && readSize > 0 && programSize > 0 && lookahead > 0 && lookahead <= 0x80000))
    throw new StorageError(EINVAL);
  if (programSize % readSize !== 0 || blockSize % programSize !== 0) throw new StorageError(EINVAL);
  port.blockSize = blockSize;
  return new Littlefs1(port, readSize, programSize, blockSize, blockCount, lookahead);
}

export class Littlefs1Filesystem implements Filesystem {
  readonly fs: Littlefs1;
  private readonly directory = new WorkingDirectory();

  /** Mounts. @throws StorageError (errno 52 for a device without a littlefs 1) */
  constructor(device: BlockDevice, options: Partial<LittlefsOptions> = {}) {
    this.fs = connect(device, options);
    check(operations.mount(this.fs));
  }

  /** `VfsLfs1.mkfs`. @throws StorageError */
  static format(device: BlockDevice, options: Partial<LittlefsOptions> = {}): void {
    check(operations.format(connect(device, options)));
  }

  private resolve(path: Path): Uint8Array {
    return this.directory.resolve(pathBytes(path));
  }

  open(path: Path, mode: string): OpenFile {
    const { flags, binary } = openMode(mode);
    const file = new LittlefsFile(this.fs, flags);
    check(file.open(this.resolve(path)));
    return new OpenLittlefsFile(file, binary);
  }

  list(path?: Path): IterableIterator<DirectoryItem> {
    const directory = new Directory();
    check(operations.openDirectory(this.fs, path === undefined ? this.directory.bytes : this.resolve(path), directory));
    return listEntries(this.fs, directory);
  }

  stat(path: Path): FileStatus {
    const { error, info } = operations.stat(this.fs, this.resolve(path));
    check(error);
    return { directory: info.directory, size: info.size, modified: undefined };
  }

  kindOf(path: Path): 'file' | 'directory' | 'none' {
    const { error, info } = operations.stat(this.fs, this.resolve(path));
    if (error !== 0) return 'none';
    return info.directory ? 'directory' : 'file';
  }

  makeDirectory(path: Path): void {
    check(operations.makeDirectory(this.fs, this.resolve(path)));
  }

  /** The same as `remove`: both take files and empty directories. */
  removeDirectory(path: Path): void {
    this.remove(path);
  }

  remove(path: Path): void {
    check(operations.remove(this.fs, this.resolve(path)));
  }

  rename(from: Path, to: Path): void {
    check(operations.rename(this.fs, this.resolve(from), this.resolve(to)));
  }

  changeDirectory(path: Path): void {
    const full = this.resolve(path);
    if (full.length > 1) {
      const { error, info } = operations.stat(this.fs, full);
      if (error !== 0 || !info.settled) throw new StorageError(ENOENT);
    }
    this.directory.change(full);
  }

  currentDirectory(): Uint8Array {
    return this.directory.path;
  }

  statistics(): FilesystemStatus {
    let used = 0;
    const error = forEachBlock(this.fs, () => {
      used++;
      return 0;
    });
    check(error);
    const { blockSize, blockCount } = this.fs;
    return { blockSize, blocks: blockCount, freeBlocks: blockCount - used, maxNameLength: NAME_MAX };
  }

  mount(readOnly: boolean): void {
    if (readOnly) this.fs.port.readOnly = true;
  }

  unmount(): void {}
}

/** As in littlefs 2: an entry that cannot be read is tried again, but not for ever. */
const MAX_FAILURES = 100;

function* listEntries(fs: Littlefs1, directory: Directory): IterableIterator<DirectoryItem> {
  try {
    for (let failures = 0; failures < MAX_FAILURES; ) {
      const next = operations.readDirectory(fs, directory);
      if (!next) return;
      failures = next.error === 0 ? 0 : failures + 1;
      yield next.info;
    }
  } finally {
    const index = fs.directories.lastIndexOf(directory);
    if (index >= 0) fs.directories.splice(index, 1);
  }
}

class OpenLittlefsFile implements OpenFile {
  closed = false;

  constructor(
    private readonly file: LittlefsFile,
    readonly binary: boolean,
  ) {}

  private get open(): LittlefsFile {
    if (this.closed) throw new StorageValueError();
    return this.file;
  }

  read(into: Uint8Array): number {
    return check(this.open.read(into));
  }

  write(data: Uint8Array): number {
    return check(this.open.write(data));
  }

  seek(offset: number, whence: 0 | 1 | 2): number {
    return check(this.open.seek(offset, whence));
  }

  flush(): void {
    check(this.open.sync());
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    check(this.file.close());
  }
}
