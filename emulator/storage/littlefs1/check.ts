/** Is a littlefs 1 sound? Everything can be reached and read, and no block is outside. Source: littlefs's SPEC.md of version 1. */
import type { BlockDevice } from '../block-device.ts';
import type { LittlefsOptions } from '../littlefs/common.ts';
import { StorageError } from '../storage-error.ts';
import { readTree } from '../tree.ts';
import { Littlefs1Filesystem } from './littlefs1-filesystem.ts';
import { forEachBlock } from './walk.ts';

/** Looks at all of a filesystem. Reads only. @returns what is wrong; nothing for a sound one */
export function checkLittlefs1(device: BlockDevice, options: Partial<LittlefsOptions> = {}): string[] {
  const readOnly: BlockDevice = {
    readBlocks: (block, into, offset) => device.readBlocks(block, into, offset),
    ioctl: (...asked) => device.ioctl(...asked),
  };
  const problems: string[] = [];
  try {
    const { fs } = new Littlefs1Filesystem(readOnly, options);
    const error = forEachBlock(fs, block => {
      if (block >= fs.blockCount) problems.push(`block ${block} does not exist, but is used`);
      return 0;
    });
    if (error !== 0) problems.push(`the blocks in use cannot be found (errno ${-error})`);
    readTree(new Littlefs1Filesystem(readOnly, options));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    problems.push(`it cannot be read (errno ${error.errno})`);
  }
  return problems;
}
