/**
 * The block protocol that filesystems speak to a device: `readblocks`, `writeblocks`, `ioctl`, in its simple form (whole
 * blocks) and its extended form (a part of a block, and explicit erasing).
 *
 * Source: MicroPython's documentation, "vfs", class AbstractBlockDev; what a filesystem makes of the answers is observed on
 * the official Unix port.
 */
import { EINVAL, EIO, EROFS } from './storage-error.ts';

export const IOCTL_INIT = 1;
export const IOCTL_DEINIT = 2;
export const IOCTL_SYNC = 3;
export const IOCTL_BLOCK_COUNT = 4;
export const IOCTL_BLOCK_SIZE = 5;
export const IOCTL_BLOCK_ERASE = 6;

/** What a read or write may answer: nothing or `true` for success, `false` for EIO, or 0 or a negative errno. */
export type BlockResult = number | boolean | null | undefined;

/**
 * A block device, native or written by the guest (then an adapter calls the guest's methods). A call may also throw, which
 * passes through the filesystem unchanged, as an exception raised in a guest's method does.
 */
export interface BlockDevice {
  /**
   * Fills `into` from block `block`; with `offset`, from that byte of the block on (the extended protocol). The buffer is
   * the caller's own memory, not a copy.
   */
  readBlocks(block: number, into: Uint8Array, offset?: number): BlockResult;
  /** Writes `data`; absent on a device that cannot be written. With `offset`, the block counts as erased before. */
  writeBlocks?(block: number, data: Uint8Array, offset?: number): BlockResult;
  /**
   * @param mustAnswer the caller needs a number; an adapter raises the guest's TypeError when there is none
   * @returns the answer, or null for none (an operation the device does not know)
   */
  ioctl(operation: number, argument: number, mustAnswer: boolean): number | null;
}

/** A device as a filesystem holds it: with answers brought to one form, and read-only on demand. */
export class BlockDevicePort {
  /** Block size in bytes; 512 until a filesystem has asked the device. */
  blockSize = 512;
  /** True after a read-only mount, or if the device has no `writeBlocks`. */
  readOnly: boolean;

  constructor(readonly device: BlockDevice) {
    this.readOnly = device.writeBlocks === undefined;
  }

  /** @returns 0, or a negative errno */
  read(block: number, into: Uint8Array): number {
    return toErrno(this.device.readBlocks(block, into));
  }

  /** @returns 0, or a negative errno; EROFS on a read-only device */
  write(block: number, data: Uint8Array): number {
    if (this.readOnly) return -EROFS;
    return toErrno(this.device.writeBlocks!(block, data));
  }

  /** Extended protocol. @returns 0, or a negative errno */
  readAt(block: number, offset: number, into: Uint8Array): number {
    return toErrno(this.device.readBlocks(block, into, offset));
  }

  /** Extended protocol. @returns 0, or a negative errno; EROFS on a read-only device */
  writeAt(block: number, offset: number, data: Uint8Array): number {
    if (this.readOnly) return -EROFS;
    return toErrno(this.device.writeBlocks!(block, data, offset));
  }

  ioctl(operation: number, argument: number, mustAnswer = false): number | null {
    return this.device.ioctl(operation, argument, mustAnswer);
  }
}

/** A positive number counts as EINVAL: littlefs would take it for a length and corrupt itself. */
function toErrno(result: BlockResult): number {
  if (result === 0 || result === null || result === undefined || result === true) return 0;
  if (result === false) return -EIO;
  return result > 0 ? -EINVAL : result;
}
