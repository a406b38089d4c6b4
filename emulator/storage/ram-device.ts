/** A block device in memory, as the documentation's example RAMBlockDev; also a medium whose power can be cut. */
import { type BlockDevice, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE } from './block-device.ts';
import { Medium } from './medium.ts';
import { EIO } from './storage-error.ts';

export class RamDevice extends Medium implements BlockDevice {
  readonly bytes: Uint8Array;

  /** @param erased what an erased byte reads as; undefined: erasing does nothing */
  constructor(
    readonly blockSize: number,
    readonly blockCount: number,
    private readonly erased: number | undefined = undefined,
  ) {
    super('RAM disk');
    this.bytes = new Uint8Array(blockSize * blockCount);
  }

  get size(): number {
    return this.bytes.length;
  }

  peek(offset: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  poke(offset: number, data: Uint8Array): void {
    this.bytes.set(data, offset);
  }

  readBlocks(block: number, into: Uint8Array, offset = 0): number {
    const start = block * this.blockSize + offset;
    if (start < 0 || start + into.length > this.bytes.length || this.failsToRead()) return -EIO;
    into.set(this.bytes.subarray(start, start + into.length));
    return 0;
  }

  writeBlocks(block: number, data: Uint8Array, offset?: number): number {
    const start = block * this.blockSize + (offset ?? 0);
    if (start < 0 || start + data.length > this.bytes.length || this.failsToWrite()) return -EIO;
    const progress = this.begin(data.length, 0);
    this.bytes.set(data.subarray(0, Math.floor(data.length * progress)), start);
    this.report('write', start, data.length, 0);
    if (this.failing) this.losePower();
    return 0;
  }

  ioctl(operation: number, argument: number): number | null {
    switch (operation) {
      case IOCTL_BLOCK_COUNT:
        return this.blockCount;
      case IOCTL_BLOCK_SIZE:
        return this.blockSize;
      case IOCTL_BLOCK_ERASE:
        return this.eraseBlock(argument);
      default:
        return null;
    }
  }

  save(): Uint8Array {
    return this.bytes.slice();
  }

  load(image: Uint8Array): void {
    if (image.length > this.bytes.length) throw new RangeError(`an image of ${image.length} bytes does not fit`);
    this.bytes.fill(this.erased ?? 0);
    this.bytes.set(image);
  }

  private eraseBlock(block: number): number {
    if (this.erased === undefined) return 0;
    const start = block * this.blockSize;
    if (start < 0 || start + this.blockSize > this.bytes.length) return -EIO;
    const progress = this.begin(this.blockSize, 0);
    this.bytes.fill(this.erased, start, start + Math.floor(this.blockSize * progress));
    this.report('erase', start, this.blockSize, 0);
    if (this.failing) this.losePower();
    return 0;
  }
}
