/**
 * `VfsLfs2`: the operations of `os` on littlefs 2, with the errors and corner cases of MicroPython's extmod/vfs_lfsx.c and
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
import { countBlocks } from './consistency.ts';
import { LittlefsFile } from './file.ts';
import * as operations from './operations.ts';
import { Littlefs2, MetadataPair, NAME_MAX, type OpenDirectory } from './state.ts';
import type { UserAttribute } from './traverse.ts';

/** Erases of a metadata block before it is moved, as the port sets it. */
const BLOCK_CYCLES = 100;
/** The user attribute that holds a file's time: nanoseconds since 1970, 64 bits. */
const ATTRIBUTE_TIME = 1;

function check(result: number): number {
  if (result < 0) throw new StorageError(-result);
  return result;
}

function connect(device: BlockDevice, options: LittlefsOptions): Littlefs2 {
  const port = new BlockDevicePort(device);
  port.ioctl(IOCTL_INIT, 1);
  const blockSize = port.ioctl(IOCTL_BLOCK_SIZE, 0, true) ?? 0;
  const blockCount = port.ioctl(IOCTL_BLOCK_COUNT, 0, true) ?? 0;
  const { readSize, programSize, lookahead } = options;
  // littlefs itself does not check these, and would divide by zero or run for ever.
  if (!(blockSize >= 32 && blockCount >= 0 && readSize > 0 && programSize > 0 && lookahead > 0 && lookahead <= 0x10000))
    throw new StorageError(EINVAL);
  port.blockSize = blockSize;
  const cacheSize = Math.min(blockSize, 4 * Math.max(readSize, programSize));
  if (cacheSize % readSize !== 0 || cacheSize % programSize !== 0 || blockSize % cacheSize !== 0) throw new StorageError(EINVAL);
  return new Littlefs2(port, {
    readSize,
    programSize,
    blockSize,
    blockCount,
    cacheSize,
    blockCycles: BLOCK_CYCLES,
    lookaheadSize: lookahead,
  });
}

export class Littlefs2Filesystem implements Filesystem {
  readonly fs: Littlefs2;
  private readonly directory = new WorkingDirectory();
  private readonly options: LittlefsOptions;

  /** Mounts. @throws StorageError (EILSEQ for a device without a littlefs 2) */
  constructor(device: BlockDevice, options: Partial<LittlefsOptions> = {}) {
    this.options = { ...DEFAULT_LITTLEFS_OPTIONS, ...options };
    this.fs = connect(device, this.options);
    check(operations.mount(this.fs));
  }

  /** `VfsLfs2.mkfs`. @throws StorageError */
  static format(device: BlockDevice, options: Partial<LittlefsOptions> = {}): void {
    check(operations.format(connect(device, { ...DEFAULT_LITTLEFS_OPTIONS, ...options })));
  }

  open(path: Path, mode: string): OpenFile {
    const { flags, binary } = openMode(mode);
    const time = this.options.mtime ? timeBytes(this.options.timeNs()) : undefined;
    const attributes: UserAttribute[] = time ? [{ type: ATTRIBUTE_TIME, value: time }] : [];
    const file = new LittlefsFile(this.fs, flags, attributes);
    check(file.open(this.directory.resolve(pathBytes(path))));
    return new OpenLittlefsFile(file, binary, () => {
      if (time) time.set(timeBytes(this.options.timeNs()));
    });
  }

  list(path?: Path): IterableIterator<DirectoryItem> {
    const entry: OpenDirectory = { kind: 'directory', id: 0, pair: new MetadataPair(), position: 0, head0: 0, head1: 0 };
    check(operations.openDirectory(this.fs, path === undefined ? this.directory.bytes : this.directory.resolve(pathBytes(path)), entry));
    return listEntries(this.fs, entry);
  }

  stat(path: Path): FileStatus {
    const full = this.directory.resolve(pathBytes(path));
    const { error, info } = operations.stat(this.fs, full);
    check(error);
    const time = new Uint8Array(8);
    const size = operations.getAttribute(this.fs, full, ATTRIBUTE_TIME, time);
    const modified = size === 8 ? Number(new DataView(time.buffer).getBigUint64(0, true) / 1_000_000_000n) : undefined;
    return { directory: info.directory, size: info.size, modified };
  }

  kindOf(path: Path): 'file' | 'directory' | 'none' {
    const { error, info } = operations.stat(this.fs, this.directory.resolve(pathBytes(path)));
    if (error !== 0) return 'none';
    return info.directory ? 'directory' : 'file';
  }

  makeDirectory(path: Path): void {
    check(operations.makeDirectory(this.fs, this.directory.resolve(pathBytes(path))));
  }

  /** The same as `remove`: both take files and empty directories. */
  removeDirectory(path: Path): void {
    this.remove(path);
  }

  remove(path: Path): void {
    check(operations.remove(this.fs, this.directory.resolve(pathBytes(path))));
  }

  rename(from: Path, to: Path): void {
    check(operations.rename(this.fs, this.directory.resolve(pathBytes(from)), this.directory.resolve(pathBytes(to))));
  }

  changeDirectory(path: Path): void {
    const full = this.directory.resolve(pathBytes(path));
    if (full.length > 1) {
      const { error, info } = operations.stat(this.fs, full);
      if (error !== 0 || !info.directory) throw new StorageError(ENOENT);
    }
    this.directory.change(full);
  }

  currentDirectory(): Uint8Array {
    return this.directory.path;
  }

  statistics(): FilesystemStatus {
    const used = check(countBlocks(this.fs, true));
    const { blockSize, blockCount } = this.fs.config;
    return { blockSize, blocks: blockCount, freeBlocks: blockCount - used, maxNameLength: NAME_MAX };
  }

  mount(readOnly: boolean): void {
    if (readOnly) this.fs.port.readOnly = true;
  }

  unmount(): void {}
}

/**
 * An entry that cannot be read shows with as much of it as could be read, and is tried again: the board does the same, for
 * ever; here the list ends after so many failures in a row.
 */
const MAX_FAILURES = 100;

function* listEntries(fs: Littlefs2, entry: OpenDirectory): IterableIterator<DirectoryItem> {
  try {
    for (let failures = 0; failures < MAX_FAILURES; ) {
      const next = operations.readDirectory(fs, entry);
      if (!next) return;
      failures = next.error === 0 ? 0 : failures + 1;
      yield next.info;
    }
  } finally {
    fs.untrack(entry);
  }
}

function timeBytes(ns: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, ns), true);
  return bytes;
}

class OpenLittlefsFile implements OpenFile {
  closed = false;

  constructor(
    private readonly file: LittlefsFile,
    readonly binary: boolean,
    private readonly touch: () => void,
  ) {}

  private get open(): LittlefsFile {
    if (this.closed) throw new StorageValueError();
    return this.file;
  }

  read(into: Uint8Array): number {
    return check(this.open.read(into));
  }

  write(data: Uint8Array): number {
    const file = this.open;
    this.touch();
    return check(file.write(data));
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

  /** Makes the file shorter or longer. Not a method of the guest's files; for tools. */
  truncate(size: number): void {
    check(this.open.truncate(size));
  }
}
