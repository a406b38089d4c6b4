/** The block allocator of littlefs 1. Source: its DESIGN.md, "The block allocator". */
import { NO_SPACE } from './result.ts';
import type { Littlefs1 } from './state.ts';
import { forEachBlock } from './walk.ts';

/** All blocks handed out so far are committed: every block may be looked at once more. */
export function acknowledge(fs: Littlefs1): void {
  fs.unseen = fs.blockCount;
}

const isUsed = (fs: Littlefs1, at: number): boolean => (fs.lookahead[at >> 5] & (1 << (at & 31))) !== 0;

/** @returns a free block, or an error */
export function allocate(fs: Littlefs1): number {
  for (;;) {
    while (fs.freeIndex !== fs.freeSize) {
      const at = fs.freeIndex;
      step(fs);
      if (isUsed(fs, at)) continue;
      // On to the next free one, so that acknowledging frees as much as it can.
      while (fs.freeIndex !== fs.freeSize && isUsed(fs, fs.freeIndex)) step(fs);
      return (fs.freeOffset + at) % fs.blockCount;
    }
    if (fs.unseen === 0) return NO_SPACE;
    fs.freeOffset = (fs.freeOffset + fs.freeSize) % fs.blockCount;
    fs.freeSize = Math.min(fs.lookaheadBits, fs.unseen);
    fs.freeIndex = 0;
    fs.lookahead.fill(0);
    const error = forEachBlock(fs, block => {
      const at = ((block - fs.freeOffset + fs.blockCount) >>> 0) % fs.blockCount;
      if (at < fs.freeSize) fs.lookahead[at >> 5] |= 1 << (at & 31);
      return 0;
    });
    if (error !== 0) return error;
  }
}

function step(fs: Littlefs1): void {
  fs.freeIndex++;
  fs.unseen--;
}
