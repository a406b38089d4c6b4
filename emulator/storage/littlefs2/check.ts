/** Is a littlefs 2 sound? Everything can be reached and read, and no block is used twice. Source: littlefs's SPEC.md. */
import type { BlockDevice } from '../block-device.ts';
import type { LittlefsOptions } from '../littlefs/common.ts';
import { StorageError } from '../storage-error.ts';
import { readTree } from '../tree.ts';
import { forEachBlock } from './consistency.ts';
import { Littlefs2Filesystem } from './littlefs2-filesystem.ts';

/** Looks at all of a filesystem. Reads only. @returns what is wrong; nothing for a sound one */
export function checkLittlefs2(device: BlockDevice, options: Partial<LittlefsOptions> = {}): string[] {
  const readOnly: BlockDevice = {
    readBlocks: (block, into, offset) => device.readBlocks(block, into, offset),
    ioctl: (...asked) => device.ioctl(...asked),
  };
  const problems: string[] = [];
  try {
    const { fs } = new Littlefs2Filesystem(readOnly, options);
    const used = new Set<number>();
    const error = forEachBlock(
      fs,
      block => {
        if (block >= fs.blockCount) problems.push(`block ${block} does not exist, but is used`);
        else if (used.has(block)) problems.push(`block ${block} is used twice`);
        used.add(block);
        return 0;
      },
      false,
    );
    if (error !== 0) problems.push(`the blocks in use cannot be found (errno ${-error})`);
    readTree(new Littlefs2Filesystem(readOnly, options));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    problems.push(`it cannot be read (errno ${error.errno})`);
  }
  return problems;
}
