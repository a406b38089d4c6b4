/**
 * How the firmware of STM32 boards makes a drive of 512-byte blocks out of flash sectors: it edits a copy of one sector in
 * RAM, erases the sector some time later, and programs it back when five seconds have passed without a write, or at once
 * when a file is closed. Between the erase and the programming the sector's contents exist in RAM only.
 *
 * Source: MicroPython 1.27.0, ports/stm32/flashbdev.c and storage.c; block numbers and the partition block are what
 * `pyb.Flash()` shows.
 */
import {
  type BlockDevice,
  IOCTL_BLOCK_COUNT,
  IOCTL_BLOCK_ERASE,
  IOCTL_BLOCK_SIZE,
  IOCTL_DEINIT,
  IOCTL_INIT,
  IOCTL_SYNC,
} from './block-device.ts';
import type { FlashMedium } from './flash-medium.ts';
import { EFAULT, EIO } from './storage-error.ts';

export const FLASH_BLOCK_SIZE = 512;
/** The first block of the partition; block 0 is a made-up partition table, the blocks between read as zeros. */
export const FLASH_PARTITION_START = 0x100;
/** The interval at which the firmware looks after a dirty cache, in ms (when the low nine bits of its tick are zero). */
export const FLASH_SERVICE_INTERVAL = 512;
/** A dirty sector is programmed when nothing was written for so long, in ms. */
const WRITE_BACK_DELAY = 5000;
const FAT12_PARTITION = 0x01;

/** A part of the flash that the filesystem may use. */
export interface FlashSegment {
  address: number;
  /** In bytes, a multiple of 512. */
  length: number;
}

export interface FlashStorageOptions {
  /** One or two segments, used as one row of blocks. */
  segments: readonly FlashSegment[];
  /** The RAM that holds the copy of a sector, in bytes; a larger sector is handled as if it were no larger than this. */
  cacheSize: number;
  /** Milliseconds since reset, of virtual time. */
  ticks: () => number;
  /** The cache has become dirty, or clean: the pyboard's red LED shows it. */
  onDirtyChange?: (dirty: boolean) => void;
}

/** The firmware's state for one boot: lost, cache and all, at every reset. */
export class FlashStorage {
  /** Made when it is first needed: most boards never write. */
  private cache: Uint8Array | undefined;
  /** Address of the sector in the cache; -1 for none. */
  private cachedSector = -1;
  private cachedSize = 0;
  private dirtyFlag = false;
  private erased = false;
  private lastWrite = 0;
  private readonly blocks: number;

  constructor(
    private readonly medium: FlashMedium,
    private readonly options: FlashStorageOptions,
  ) {
    this.blocks = options.segments.reduce((sum, segment) => sum + Math.floor(segment.length / FLASH_BLOCK_SIZE), 0);
  }

  /** Blocks of the whole drive, the made-up ones at its beginning included. */
  get blockCount(): number {
    return FLASH_PARTITION_START + this.blocks;
  }

  /** Bytes of the partition. */
  get partitionSize(): number {
    return this.blocks * FLASH_BLOCK_SIZE;
  }

  /** True while the cache holds what the flash does not. */
  get dirty(): boolean {
    return this.dirtyFlag;
  }

  /** Forgets the cache, as a reset does. */
  reset(): void {
    this.cachedSector = -1;
    this.erased = false;
    this.setDirty(false);
    this.lastWrite = 0;
  }

  /**
   * Reads whole blocks of the drive. @returns 0, or -EIO at the first block that does not exist
   */
  readBlocks(block: number, into: Uint8Array): number {
    if (this.medium.failsToRead()) return -EIO;
    const count = Math.floor(into.length / FLASH_BLOCK_SIZE);
    for (let i = 0; i < count; i++) {
      const part = into.subarray(i * FLASH_BLOCK_SIZE, (i + 1) * FLASH_BLOCK_SIZE);
      if (!this.readBlock((block + i) >>> 0, part)) return -EIO;
    }
    return 0;
  }

  /**
   * Writes whole blocks of the drive; writes to the made-up blocks are ignored.
   * @returns 0, or -EIO at the first block that does not exist @throws PowerLost
   */
  writeBlocks(block: number, data: Uint8Array): number {
    if (this.medium.failsToWrite()) return -EIO;
    const count = Math.floor(data.length / FLASH_BLOCK_SIZE);
    for (let i = 0; i < count; i++) {
      const number = (block + i) >>> 0;
      if (number < FLASH_PARTITION_START) continue;
      const address = this.addressOf(number - FLASH_PARTITION_START);
      if (address < 0) return -EIO;
      this.writeAt(address, data.subarray(i * FLASH_BLOCK_SIZE, (i + 1) * FLASH_BLOCK_SIZE));
    }
    return 0;
  }

  /** Reads from byte `offset` of partition block `block` on. @returns 0, or -1 at the first block that does not exist */
  readPartition(block: number, offset: number, into: Uint8Array): number {
    if (this.medium.failsToRead()) return -EIO;
    return this.eachPart(block, offset, into, (address, part) => this.readAt(address, part));
  }

  /** Writes from byte `offset` of partition block `block` on. @returns as `readPartition` @throws PowerLost */
  writePartition(block: number, offset: number, data: Uint8Array): number {
    if (this.medium.failsToWrite()) return -EIO;
    return this.eachPart(block, offset, data, (address, part) => this.writeAt(address, part));
  }

  /** Erases and programs a dirty sector at once. @throws PowerLost */
  flush(): void {
    if (!this.dirtyFlag) return;
    if (!this.erased) this.eraseSector();
    this.programSector();
  }

  /**
   * The firmware's interrupt handler, to be called every `FLASH_SERVICE_INTERVAL` ms while `dirty`: the first call erases
   * the sector, a later one programs it once nothing was written for five seconds. @throws PowerLost
   */
  service(): void {
    if (!this.dirtyFlag) return;
    if (!this.erased) this.eraseSector();
    else if (this.options.ticks() - this.lastWrite >= WRITE_BACK_DELAY) this.programSector();
  }

  private readBlock(block: number, into: Uint8Array): boolean {
    if (block === 0) {
      this.makePartitionTable(into);
      return true;
    }
    if (block < FLASH_PARTITION_START) {
      into.fill(0);
      return true;
    }
    const address = this.addressOf(block - FLASH_PARTITION_START);
    if (address < 0) return false;
    this.readAt(address, into);
    return true;
  }

  /** One entry, for the partition; heads and cylinders all ones, as for "see the sector numbers". */
  private makePartitionTable(into: Uint8Array): void {
    into.fill(0);
    const view = new DataView(into.buffer, into.byteOffset, FLASH_BLOCK_SIZE);
    const entry = 446;
    into.fill(0xff, entry + 1, entry + 4);
    into[entry + 4] = FAT12_PARTITION;
    into.fill(0xff, entry + 5, entry + 8);
    view.setUint32(entry + 8, FLASH_PARTITION_START, true);
    view.setUint32(entry + 12, this.blocks, true);
    view.setUint16(510, 0xaa55, true);
  }

  private addressOf(block: number): number {
    for (const segment of this.options.segments) {
      const count = Math.floor(segment.length / FLASH_BLOCK_SIZE);
      if (block < count) return segment.address + block * FLASH_BLOCK_SIZE;
      block -= count;
    }
    return -1;
  }

  private eachPart(block: number, offset: number, bytes: Uint8Array, move: (address: number, part: Uint8Array) => void): number {
    // An offset beyond the block counts on into the next ones.
    block += Math.floor(offset / FLASH_BLOCK_SIZE);
    offset %= FLASH_BLOCK_SIZE;
    let done = 0;
    while (done < bytes.length) {
      const length = Math.min(bytes.length - done, FLASH_BLOCK_SIZE - offset);
      const address = this.addressOf(block);
      if (address < 0) return -1;
      move(address + offset, bytes.subarray(done, done + length));
      done += length;
      block++;
      offset = 0;
    }
    return 0;
  }

  private readAt(address: number, into: Uint8Array): void {
    const offset = address - this.cachedSector;
    if (this.cache && this.cachedSector >= 0 && offset >= 0 && offset < this.cachedSize)
      into.set(this.cache.subarray(offset, offset + into.length));
    else this.medium.read(address, into);
  }

  private writeAt(address: number, data: Uint8Array): void {
    const sector = this.medium.sectorAt(address)!;
    const cache = (this.cache ??= new Uint8Array(this.options.cacheSize));
    if (this.cachedSector !== sector.address) {
      this.flush();
      this.cachedSector = sector.address;
      this.cachedSize = Math.min(sector.size, cache.length);
      this.medium.read(sector.address, cache.subarray(0, this.cachedSize));
    }
    cache.set(data, address - sector.address);
    this.lastWrite = this.options.ticks();
    this.setDirty(true);
  }

  private eraseSector(): void {
    this.medium.erase(this.cachedSector);
    this.erased = true;
  }

  private programSector(): void {
    this.medium.program(this.cachedSector, this.cache!.subarray(0, this.cachedSize));
    this.erased = false;
    this.setDirty(false);
  }

  private setDirty(dirty: boolean): void {
    if (this.dirtyFlag === dirty) return;
    this.dirtyFlag = dirty;
    this.options.onDirtyChange?.(dirty);
  }
}

/**
 * `pyb.Flash`: the whole drive with its made-up partition table (`start` and `length` undefined), or a part of the partition,
 * which also speaks the extended protocol.
 */
export class FlashDevice implements BlockDevice {
  /** In bytes, from the beginning of the partition; undefined for the whole drive. */
  readonly start: number | undefined;
  readonly length: number;

  /**
   * @param start bytes from the beginning of the partition (-1: its beginning)
   * @param length bytes (-1: to the end of the partition)
   * @returns undefined where `pyb.Flash(start, len)` raises ValueError: not multiples of 512, or outside the partition
   */
  static section(storage: FlashStorage, start: number, length: number): FlashDevice | undefined {
    const size = storage.partitionSize;
    if (start === -1) start = 0;
    else if (start < 0 || start >= size || start % FLASH_BLOCK_SIZE !== 0) return undefined;
    if (length === -1) length = size - start;
    else if (length <= 0 || start + length > size || length % FLASH_BLOCK_SIZE !== 0) return undefined;
    return new FlashDevice(storage, start, length);
  }

  static whole(storage: FlashStorage): FlashDevice {
    return new FlashDevice(storage, undefined, 0);
  }

  private constructor(
    readonly storage: FlashStorage,
    start: number | undefined,
    length: number,
  ) {
    this.start = start;
    this.length = length;
  }

  readBlocks(block: number, into: Uint8Array, offset?: number): number {
    if (offset === undefined) return this.storage.readBlocks(this.driveBlock(block), into);
    if (this.start === undefined) return -EIO;
    if (block < 0 || block * FLASH_BLOCK_SIZE >= this.length) return -EFAULT;
    return this.storage.readPartition(block + this.start / FLASH_BLOCK_SIZE, offset, into);
  }

  writeBlocks(block: number, data: Uint8Array, offset?: number): number {
    if (offset === undefined) return this.storage.writeBlocks(this.driveBlock(block), data);
    if (this.start === undefined) return -EIO;
    if (block < 0 || block * FLASH_BLOCK_SIZE >= this.length) return -EFAULT;
    return this.storage.writePartition(block + this.start / FLASH_BLOCK_SIZE, offset, data);
  }

  ioctl(operation: number, argument: number): number | null {
    switch (operation) {
      case IOCTL_INIT:
        // Argument 1 asks for the extended protocol, which the drive with the made-up blocks cannot have.
        return argument === 1 && this.start === undefined ? -1 : 0;
      case IOCTL_DEINIT:
      case IOCTL_SYNC:
        this.storage.flush();
        return 0;
      case IOCTL_BLOCK_COUNT:
        return this.start === undefined ? this.storage.blockCount : this.length / FLASH_BLOCK_SIZE;
      case IOCTL_BLOCK_SIZE:
        return FLASH_BLOCK_SIZE;
      case IOCTL_BLOCK_ERASE:
        return 0;
      default:
        return null;
    }
  }

  private driveBlock(block: number): number {
    return this.start === undefined ? block >>> 0 : (block + FLASH_PARTITION_START + this.start / FLASH_BLOCK_SIZE) >>> 0;
  }
}
