/**
 * The files on a medium, seen with a programmer or a card reader in the hand: beside the board, whatever filesystem it is.
 * What the board has not written yet is not there.
 */
import { type BlockDevice, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE } from './block-device.ts';
import { checkFat } from './fat/check.ts';
import { FatFilesystem } from './fat/fat-filesystem.ts';
import type { FatTime } from './fat/volume.ts';
import type { Filesystem } from './filesystem.ts';
import { load32 } from './littlefs/words.ts';
import { checkLittlefs1 } from './littlefs1/check.ts';
import { Littlefs1Filesystem } from './littlefs1/littlefs1-filesystem.ts';
import { checkLittlefs2 } from './littlefs2/check.ts';
import { Littlefs2Filesystem } from './littlefs2/littlefs2-filesystem.ts';
import type { Medium } from './medium.ts';
import { EIO, ENOENT, StorageError } from './storage-error.ts';
import { listTree, type MediumEntry, readFile, writeTree } from './tree.ts';

export type FilesystemKind = 'fat' | 'littlefs1' | 'littlefs2';

/** The board's calendar, in the two forms that filesystems keep. */
export interface MediumClock {
  fat: () => FatTime;
  ns: () => bigint;
}

const DEFAULT_BLOCK = 512;
/** Where the magic text of each version is in its superblock's block, and the two numbers behind it. */
const SIGNATURES = [
  { kind: 'littlefs1', magicAt: 40, sizeAt: 28, countAt: 32 },
  { kind: 'littlefs2', magicAt: 8, sizeAt: 24, countAt: 28 },
] as const;
const MAGIC = 'littlefs';

/** A medium as a block device whose blocks are read and written in place, without operations of the medium. */
class DirectDevice implements BlockDevice {
  constructor(
    private readonly medium: Medium,
    private readonly blockSize: number,
    private readonly blockCount: number,
  ) {}

  private offsetOf(block: number, offset: number, length: number): number {
    const start = block * this.blockSize + offset;
    return start >= 0 && start + length <= Math.min(this.medium.size, this.blockSize * this.blockCount) ? start : -1;
  }

  readBlocks(block: number, into: Uint8Array, offset = 0): number {
    const start = this.offsetOf(block, offset, into.length);
    if (start < 0) return -EIO;
    this.medium.peek(start, into);
    return 0;
  }

  writeBlocks(block: number, data: Uint8Array, offset = 0): number {
    const start = this.offsetOf(block, offset, data.length);
    if (start < 0) return -EIO;
    this.medium.poke(start, data);
    return 0;
  }

  ioctl(operation: number): number | null {
    if (operation === IOCTL_BLOCK_COUNT) return this.blockCount;
    if (operation === IOCTL_BLOCK_SIZE) return this.blockSize;
    return operation === IOCTL_BLOCK_ERASE ? 0 : null;
  }
}

interface Found {
  kind: FilesystemKind;
  device: BlockDevice;
}

/** littlefs tells by its signature, in its first or second block, also how large it is; everything else is taken for FAT. */
function detect(medium: Medium): Found {
  const bytes = new Uint8Array(64);
  for (const at of [0, DEFAULT_BLOCK, 1024, 2048, 4096]) {
    if (at + bytes.length > medium.size) break;
    medium.peek(at, bytes);
    for (const { kind, magicAt, sizeAt, countAt } of SIGNATURES) {
      if (String.fromCharCode(...bytes.subarray(magicAt, magicAt + MAGIC.length)) !== MAGIC) continue;
      const blockSize = load32(bytes, sizeAt);
      const blockCount = load32(bytes, countAt);
      if (blockSize >= 128 && blockSize * blockCount <= medium.size)
        return { kind, device: new DirectDevice(medium, blockSize, blockCount) };
    }
  }
  return { kind: 'fat', device: new DirectDevice(medium, DEFAULT_BLOCK, Math.floor(medium.size / DEFAULT_BLOCK)) };
}

function mountFound({ kind, device }: Found, clock?: MediumClock): Filesystem {
  if (kind === 'littlefs1') return new Littlefs1Filesystem(device);
  if (kind === 'littlefs2') return new Littlefs2Filesystem(device, clock ? { timeNs: clock.ns } : {});
  const fs = new FatFilesystem(device, { encoding: 'utf8', ...(clock ? { time: clock.fat } : {}) });
  fs.mount(false, false);
  return fs;
}

export class MediumFiles {
  readonly kind: FilesystemKind;
  readonly filesystem: Filesystem;

  /** @throws StorageError if there is no filesystem that can be mounted */
  constructor(
    readonly medium: Medium,
    clock?: MediumClock,
  ) {
    const found = detect(medium);
    this.kind = found.kind;
    this.filesystem = mountFound(found, clock);
  }

  /** All files and folders. @throws StorageError for a damaged medium */
  list(): MediumEntry[] {
    return listTree(this.filesystem);
  }

  /** @returns undefined if there is no such file @throws StorageError for a damaged medium */
  read(path: string): Uint8Array | undefined {
    if (this.filesystem.kindOf(`/${trim(path)}`) !== 'file') return undefined;
    return readFile(this.filesystem, `/${trim(path)}`);
  }

  /** Creates or replaces a file, making folders on the way. @throws StorageError ENOSPC … */
  write(path: string, contents: Uint8Array): void {
    writeTree(this.filesystem, new Map([[`/${trim(path)}`, contents]]));
  }

  /** Removes a file or an empty folder. @returns false if there is none @throws StorageError */
  remove(path: string): boolean {
    const full = `/${trim(path)}`;
    const kind = this.filesystem.kindOf(full);
    if (kind === 'file') this.filesystem.remove(full);
    else if (kind === 'directory') this.filesystem.removeDirectory(full);
    return kind !== 'none';
  }
}

/** Is the filesystem on a medium sound? @returns what is wrong; nothing if it is sound */
export function checkMedium(medium: Medium): string[] {
  const { kind, device } = detect(medium);
  if (kind === 'littlefs1') return checkLittlefs1(device);
  if (kind === 'littlefs2') return checkLittlefs2(device);
  return checkFat(device, { encoding: 'utf8' }).map(({ path, text }) => `${path}: ${text}`);
}

export interface FormatOptions {
  kind: FilesystemKind;
  /** Only FAT has one. */
  label?: string;
  clock?: MediumClock;
}

/**
 * Makes a fresh filesystem with these files on a medium, and nothing else.
 * @param files contents by path, with or without a leading "/"; a path that ends in "/" is an empty folder
 * @throws StorageError ENOSPC if they do not fit, EIO if the medium is too small for the filesystem
 */
export function formatMedium(medium: Medium, files: ReadonlyMap<string, Uint8Array>, options: FormatOptions): void {
  const { kind, label, clock } = options;
  medium.load(new Uint8Array(0));
  const device = new DirectDevice(medium, DEFAULT_BLOCK, Math.floor(medium.size / DEFAULT_BLOCK));
  if (kind === 'littlefs1') Littlefs1Filesystem.format(device);
  else if (kind === 'littlefs2') Littlefs2Filesystem.format(device);
  else FatFilesystem.format(device, clock ? { time: clock.fat } : {}, label);
  writeTree(mountFound({ kind, device }, clock), new Map([...files].map(([path, contents]) => [`/${path.replace(/^\/+/, '')}`, contents])));
}

function trim(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  if (trimmed === '') throw new StorageError(ENOENT);
  return trimmed;
}
