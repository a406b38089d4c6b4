/**
 * The board as a USB drive: the logical unit that it presents, and a computer at the other end that keeps its own view of it.
 *
 * Source: MicroPython 1.27.0, ports/stm32/usbd_msc_interface.c (what each SCSI command does to the storage). The computer is
 * modelled as one that reads each block once and writes back on a flush, as desktop systems do with FAT on a stick: so the
 * board and the computer each have a cache, and corrupt the volume when both write.
 */
import { type BlockDevice, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_SYNC } from './block-device.ts';
import { FatFilesystem } from './fat/fat-filesystem.ts';
import type { FatTime } from './fat/volume.ts';
import { FLASH_BLOCK_SIZE, type FlashStorage } from './flash-storage.ts';
import { SD_BLOCK_SIZE, type SdCardSlot } from './sd-card.ts';
import { EIO, ENODEV, ENOENT, StorageError } from './storage-error.ts';
import { listTree, type MediumEntry, readFile, writeTree } from './tree.ts';

/** What the board answers to SCSI commands on one of its drives. */
export interface UsbLogicalUnit {
  /** TEST UNIT READY: false after an eject, or without a medium. */
  readonly ready: boolean;
  /** READ CAPACITY. */
  readonly capacity: { blockCount: number; blockSize: number };
  /** READ(10). @returns false for an error */
  read(block: number, into: Uint8Array): boolean;
  /** WRITE(10): the data is then with the board, but perhaps not yet on the medium. @returns false for an error */
  write(block: number, data: Uint8Array): boolean;
  /** PREVENT/ALLOW MEDIUM REMOVAL: the board writes its own cache to the medium. */
  allowRemoval(): void;
  /** START STOP UNIT. */
  start(started: boolean): void;
}

/** The internal flash as a drive. Its reads and writes never report an error. */
export class FlashUnit implements UsbLogicalUnit {
  private started = true;

  constructor(private readonly storage: FlashStorage) {}

  get ready(): boolean {
    return this.started;
  }

  get capacity(): { blockCount: number; blockSize: number } {
    return { blockCount: this.storage.blockCount, blockSize: FLASH_BLOCK_SIZE };
  }

  read(block: number, into: Uint8Array): boolean {
    this.storage.readBlocks(block, into);
    return true;
  }

  write(block: number, data: Uint8Array): boolean {
    this.storage.writeBlocks(block, data);
    return true;
  }

  allowRemoval(): void {
    this.storage.flush();
  }

  start(started: boolean): void {
    this.started = started;
  }
}

/** The SD card as a drive. */
export class SdCardUnit implements UsbLogicalUnit {
  private started: boolean;

  constructor(private readonly slot: SdCardSlot) {
    this.started = slot.powerOn();
  }

  get ready(): boolean {
    return this.started;
  }

  get capacity(): { blockCount: number; blockSize: number } {
    return { blockCount: this.slot.ioctl(IOCTL_BLOCK_COUNT) ?? 0, blockSize: SD_BLOCK_SIZE };
  }

  read(block: number, into: Uint8Array): boolean {
    return this.slot.readBlocks(block, into) === 0;
  }

  write(block: number, data: Uint8Array): boolean {
    return this.slot.writeBlocks(block, data) === 0;
  }

  allowRemoval(): void {}

  start(started: boolean): void {
    this.started = started;
  }
}

/** The computer's block cache: each block is read once, and written on `flush`. */
class HostCache implements BlockDevice {
  private readonly blocks = new Map<number, Uint8Array>();
  private readonly dirty = new Set<number>();

  constructor(private readonly unit: UsbLogicalUnit) {}

  readBlocks(block: number, into: Uint8Array): number {
    const { blockSize } = this.unit.capacity;
    for (let at = 0; at < into.length; at += blockSize) {
      const cached = this.load(block + at / blockSize);
      if (!cached) return -EIO;
      into.set(cached, at);
    }
    return 0;
  }

  writeBlocks(block: number, data: Uint8Array): number {
    const { blockSize, blockCount } = this.unit.capacity;
    for (let at = 0; at < data.length; at += blockSize) {
      const number = block + at / blockSize;
      if (number >= blockCount) return -EIO;
      this.blocks.set(number, data.slice(at, at + blockSize));
      this.dirty.add(number);
    }
    return 0;
  }

  ioctl(operation: number): number | null {
    if (operation === IOCTL_BLOCK_COUNT) return this.unit.capacity.blockCount;
    if (operation === IOCTL_BLOCK_SIZE) return this.unit.capacity.blockSize;
    return operation === IOCTL_SYNC ? 0 : null;
  }

  private load(block: number): Uint8Array | undefined {
    let bytes = this.blocks.get(block);
    if (!bytes) {
      bytes = new Uint8Array(this.unit.capacity.blockSize);
      if (!this.unit.read(block, bytes)) return undefined;
      this.blocks.set(block, bytes);
    }
    return bytes;
  }

  get dirtyBlocks(): number {
    return this.dirty.size;
  }

  /** Writes back, the lowest block first. @throws StorageError EIO */
  flush(): void {
    for (const block of [...this.dirty].sort((a, b) => a - b)) {
      if (!this.unit.write(block, this.blocks.get(block)!)) throw new StorageError(EIO);
      this.dirty.delete(block);
    }
  }
}

/** A computer that has the board's drive mounted. Mounting happens with the first use, and again after an eject. */
export class HostDrive {
  private cache: HostCache | undefined;
  private mounted: FatFilesystem | undefined;

  /** @param time the computer's clock */
  constructor(
    readonly unit: UsbLogicalUnit,
    private readonly time: () => FatTime,
  ) {}

  /** Blocks that the board does not have yet. */
  get dirtyBlocks(): number {
    return this.cache?.dirtyBlocks ?? 0;
  }

  /** The volume as the computer sees it. @throws StorageError ENODEV when the unit is ejected or holds no FAT volume */
  get filesystem(): FatFilesystem {
    if (!this.mounted) {
      if (!this.unit.ready) throw new StorageError(ENODEV);
      this.cache = new HostCache(this.unit);
      const fs = new FatFilesystem(this.cache, { encoding: 'utf8', time: this.time });
      fs.mount(false, false);
      this.mounted = fs;
    }
    return this.mounted;
  }

  /** Raw blocks, past the cache. @throws StorageError EIO, ENODEV */
  readBlocks(block: number, count: number): Uint8Array {
    if (!this.unit.ready) throw new StorageError(ENODEV);
    const bytes = new Uint8Array(count * this.unit.capacity.blockSize);
    if (!this.unit.read(block, bytes)) throw new StorageError(EIO);
    return bytes;
  }

  /** Raw blocks, past the cache. @throws StorageError EIO, ENODEV */
  writeBlocks(block: number, data: Uint8Array): void {
    if (!this.unit.ready) throw new StorageError(ENODEV);
    if (!this.unit.write(block, data)) throw new StorageError(EIO);
  }

  /** @throws StorageError */
  list(): MediumEntry[] {
    return listTree(this.filesystem);
  }

  /** @returns undefined if there is no such file @throws StorageError */
  readFile(path: string): Uint8Array | undefined {
    if (this.filesystem.kindOf(path) !== 'file') return undefined;
    return readFile(this.filesystem, path);
  }

  /** Into the computer's cache only, until it is flushed. @throws StorageError */
  writeFile(path: string, contents: Uint8Array): void {
    writeTree(this.filesystem, new Map([[path, contents]]));
  }

  /** @returns false if there is no such file @throws StorageError */
  removeFile(path: string): boolean {
    try {
      this.filesystem.remove(path);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.errno === ENOENT) return false;
      throw error;
    }
  }

  /** Sends what the computer holds back to the board, which may itself hold it back for five seconds. @throws StorageError EIO */
  flush(): void {
    this.mounted?.volume.flushWindow();
    this.cache?.flush();
  }

  /** Flushes, has the board flush, and lets go of the drive: it is not there again before it is plugged in anew. */
  eject(): void {
    this.flush();
    this.unit.allowRemoval();
    this.unit.start(false);
    this.forget();
  }

  /** The cable was pulled: what was not flushed is lost. */
  unplug(): void {
    this.forget();
  }

  private forget(): void {
    this.cache = undefined;
    this.mounted = undefined;
  }
}
