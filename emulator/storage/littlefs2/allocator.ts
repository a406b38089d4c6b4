/**
 * The block allocator: a map of some blocks ahead, found by walking the whole filesystem, and walked anew when it is used up.
 *
 * Source: littlefs's DESIGN.md ("The block allocator").
 */
import { forEachBlock } from './consistency.ts';
import { NO_SPACE } from './result.ts';
import type { Littlefs2 } from './state.ts';

/** All blocks handed out so far are committed: from here on the allocator may look at every block once. */
export function markCheckpoint(fs: Littlefs2): void {
  fs.checkpoint = fs.blockCount;
}

/** Forgets the map. */
export function dropLookahead(fs: Littlefs2): void {
  fs.lookaheadSize = 0;
  fs.lookaheadNext = 0;
  markCheckpoint(fs);
}

function isUsed(fs: Littlefs2, at: number): boolean {
  return (fs.lookahead[at >> 3] & (1 << (at & 7))) !== 0;
}

function scan(fs: Littlefs2): number {
  fs.lookaheadStart = (fs.lookaheadStart + fs.lookaheadNext) % fs.blockCount;
  fs.lookaheadNext = 0;
  fs.lookaheadSize = Math.min(8 * fs.config.lookaheadSize, fs.checkpoint);
  fs.lookahead.fill(0);
  const error = forEachBlock(
    fs,
    block => {
      const at = ((block - fs.lookaheadStart + fs.blockCount) >>> 0) % fs.blockCount;
      if (at < fs.lookaheadSize) fs.lookahead[at >> 3] |= 1 << (at & 7);
      return 0;
    },
    true,
  );
  if (error !== 0) dropLookahead(fs);
  return error;
}

/** @returns a free block, `NO_SPACE`, or another error */
export function allocate(fs: Littlefs2): number {
  for (;;) {
    while (fs.lookaheadNext < fs.lookaheadSize) {
      if (!isUsed(fs, fs.lookaheadNext)) {
        const block = (fs.lookaheadStart + fs.lookaheadNext) % fs.blockCount;
        // On to the next free one, so that a checkpoint frees as much as it can.
        do {
          fs.lookaheadNext++;
          fs.checkpoint--;
        } while (fs.lookaheadNext < fs.lookaheadSize && isUsed(fs, fs.lookaheadNext));
        return block;
      }
      fs.lookaheadNext++;
      fs.checkpoint--;
    }
    if (fs.checkpoint <= 0) return NO_SPACE;
    const error = scan(fs);
    if (error !== 0) return error;
  }
}
