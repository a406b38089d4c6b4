/**
 * An SD card, and the slot it sits in.
 *
 * Source: SD Physical Layer Simplified Specification (512-byte blocks, transfer on four lines); MicroPython 1.27.0,
 * ports/stm32/sdcard.c (24 MHz bus clock, what `pyb.SDCard` answers). How long a card is busy after a write the
 * specification only bounds (250 ms); the value here is that of a common card.
 */
import { type BlockDevice, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_DEINIT, IOCTL_INIT, IOCTL_SYNC } from './block-device.ts';
import { Medium } from './medium.ts';
import { SparseBytes } from './sparse-bytes.ts';
import { EIO } from './storage-error.ts';

export const SD_BLOCK_SIZE = 512;

export interface SdCardTiming {
  /** ns from a read command to the first data. */
  readAccess: number;
  /** ns that the card is busy after each command that wrote. */
  writeBusy: number;
  /** ns for the 512 bytes of a block on the bus, checksum included. */
  transferBlock: number;
}

export const SD_CARD_TIMING: SdCardTiming = { readAccess: 300_000, writeBusy: 800_000, transferBlock: 43_400 };

/** The card type that `pyb.SDCard.info()` tells: 0 for up to 2 GB (SDSC), 1 for more (SDHC, SDXC). */
export type SdCardType = 0 | 1;

/** The card itself; it keeps its contents when it is pulled out. */
export class SdCard extends Medium {
  readonly blockCount: number;
  /** Out of its slot, where it does nothing. */
  pulled = false;
  private readonly bytes: SparseBytes;

  /** @param size in bytes, a multiple of 512. A fresh card reads as zeros; only what is written costs memory. */
  constructor(
    readonly size: number,
    readonly timing: SdCardTiming = SD_CARD_TIMING,
    name = 'SD card',
  ) {
    super(name);
    if (!Number.isSafeInteger(size) || size <= 0 || size % SD_BLOCK_SIZE !== 0)
      throw new RangeError('a card holds a whole number of 512-byte blocks');
    this.blockCount = size / SD_BLOCK_SIZE;
    this.bytes = new SparseBytes(size);
  }

  get type(): SdCardType {
    return this.size > 2 * 1024 ** 3 ? 1 : 0;
  }

  /** Host memory in use for the contents, in bytes. */
  get allocated(): number {
    return this.bytes.allocated;
  }

  peek(offset: number, into: Uint8Array): void {
    this.bytes.read(offset, into);
  }

  poke(offset: number, data: Uint8Array): void {
    this.bytes.write(offset, data.subarray(0, Math.max(0, this.size - offset)));
  }

  /** @returns false if the blocks do not exist, there is no power, or the read is to fail @throws PowerLost */
  read(block: number, into: Uint8Array): boolean {
    const count = Math.floor(into.length / SD_BLOCK_SIZE);
    if (!this.powered || block < 0 || block + count > this.blockCount || this.failsToRead()) return false;
    const duration = this.timing.readAccess + count * this.timing.transferBlock;
    if (this.busy(duration) < duration) {
      if (this.pulled) return false;
      this.losePower();
    }
    this.bytes.read(block * SD_BLOCK_SIZE, into.subarray(0, count * SD_BLOCK_SIZE));
    this.report('read', block * SD_BLOCK_SIZE, count * SD_BLOCK_SIZE, duration);
    return true;
  }

  /**
   * A cut in the middle of it leaves the blocks before that point new and the ones behind it old; the block itself is part
   * new, part old. @returns as `read` @throws PowerLost
   */
  write(block: number, data: Uint8Array): boolean {
    const count = Math.floor(data.length / SD_BLOCK_SIZE);
    if (!this.powered || block < 0 || block + count > this.blockCount || this.failsToWrite()) return false;
    const duration = this.timing.writeBusy + count * this.timing.transferBlock;
    const progress = this.begin(count * SD_BLOCK_SIZE, duration);
    const length = Math.floor(count * SD_BLOCK_SIZE * progress);
    this.bytes.write(block * SD_BLOCK_SIZE, data.subarray(0, length));
    this.report('write', block * SD_BLOCK_SIZE, count * SD_BLOCK_SIZE, duration * progress);
    if (!this.failing) return true;
    // A card that is pulled out loses its power, but not the board's.
    if (this.pulled) return false;
    this.losePower();
  }

  /** The contents up to the last byte that was ever written (a card of 4 GB is rarely wanted whole), or `length` bytes. */
  save(length = this.bytes.extent): Uint8Array {
    return this.bytes.slice(length);
  }

  load(image: Uint8Array): void {
    if (image.length > this.size) throw new RangeError(`an image of ${image.length} bytes does not fit a card of ${this.size} bytes`);
    this.bytes.clear();
    this.bytes.write(0, image);
  }
}

/** The slot: a card may be in it or not, and may be powered or not. Also the device behind `pyb.SDCard()`. */
export class SdCardSlot implements BlockDevice {
  private inserted: SdCard | undefined;
  /** The card that the firmware has initialised, which it takes for present until it turns it off. */
  private active: SdCard | undefined;
  /** A card that was pulled out has forgotten its initialisation. */
  private initialised = false;
  private readonly listeners: ((present: boolean) => void)[] = [];

  /** Adds a listener for insertion and removal (the slot's detect switch). */
  onDetect(listener: (present: boolean) => void): void {
    this.listeners.push(listener);
  }

  get card(): SdCard | undefined {
    return this.inserted;
  }

  /** What the detect switch says. */
  get present(): boolean {
    return this.inserted !== undefined;
  }

  insert(card: SdCard): void {
    this.inserted = card;
    card.pulled = false;
    for (const listener of this.listeners) listener(true);
  }

  /**
   * Pulls the card out, also from within a card's `onBusy` (which then returns the time until then): what was being written
   * is half there. A card that was powered answers no more until it is powered off and on again.
   */
  remove(): SdCard | undefined {
    const card = this.inserted;
    this.inserted = undefined;
    if (card) {
      card.pulled = true;
      this.initialised = false;
      for (const listener of this.listeners) listener(false);
    }
    return card;
  }

  /** Initialises the card, unless one has been already: even if that was pulled out since. @returns false without a card */
  powerOn(): boolean {
    if (this.active) return true;
    if (!this.inserted) return false;
    this.active = this.inserted;
    this.initialised = true;
    return true;
  }

  powerOff(): void {
    this.active = undefined;
  }

  /** Size in bytes, block size, and type, as the firmware knows them; undefined while no card is powered. */
  info(): { size: number; blockSize: number; type: SdCardType } | undefined {
    if (!this.active) return undefined;
    return { size: this.active.size, blockSize: SD_BLOCK_SIZE, type: this.active.type };
  }

  readBlocks(block: number, into: Uint8Array): number {
    if (!this.active || !this.initialised) return -EIO;
    return this.active.read(block >>> 0, into) ? 0 : -EIO;
  }

  writeBlocks(block: number, data: Uint8Array): number {
    if (!this.active || !this.initialised) return -EIO;
    return this.active.write(block >>> 0, data) ? 0 : -EIO;
  }

  ioctl(operation: number): number | null {
    switch (operation) {
      case IOCTL_INIT:
        return this.powerOn() ? 0 : -1;
      case IOCTL_DEINIT:
        this.powerOff();
        return 0;
      case IOCTL_SYNC:
        return 0;
      case IOCTL_BLOCK_COUNT:
        return this.active?.blockCount ?? 0;
      case IOCTL_BLOCK_SIZE:
        return SD_BLOCK_SIZE;
      default:
        return -1;
    }
  }
}
