/** What a block device holds: littlefs says so near its beginning, everything else is taken for FAT (extmod/vfs.c). */
import { exceptionMatches, excTypes } from '../../objects/exception.ts';
import { StorageError, StorageValueError } from '../../storage/storage-error.ts';
import { Raise } from '../../vm/raise.ts';
import type { Value } from '../../vm/value.ts';
import { newVfsFat } from './fat.ts';
import { guestBlockDevice } from './guest-block-device.ts';
import { littlefsTypes } from './littlefs.ts';

/** Where the superblock is looked for: it is kept twice. */
const SUPERBLOCKS = [0, 1];
const SUPERBLOCK_OFFSET = 8;
const SUPERBLOCK_LENGTH = 44;
const MAGIC = 'littlefs';

/** A filesystem object for the block device. Raises what making it raises. */
export function detectFilesystem(device: Value): Value {
  return littlefsOn(device) ?? newVfsFat(device);
}

function littlefsOn(device: Value): Value | undefined {
  try {
    const blocks = guestBlockDevice(device);
    const bytes = new Uint8Array(SUPERBLOCK_LENGTH);
    for (const block of SUPERBLOCKS) {
      blocks.readBlocks(block, bytes, SUPERBLOCK_OFFSET);
      for (const { type, magicAt } of littlefsTypes()) {
        const text = String.fromCharCode(...bytes.subarray(magicAt, magicAt + MAGIC.length));
        if (text === MAGIC) return type.makeNew!(type, [device], null);
      }
    }
  } catch (error) {
    // A device that cannot read a part of a block, say.
    if (error instanceof StorageError || error instanceof StorageValueError) return undefined;
    if (error instanceof Raise && exceptionMatches(error.exception, excTypes.BaseException)) return undefined;
    throw error;
  }
  return undefined;
}
