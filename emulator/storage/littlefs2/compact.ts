/**
 * Writing a pair anew: without what is obsolete, in the pair's other block, and in several pairs if one cannot hold it.
 *
 * Source: littlefs's DESIGN.md ("Metadata pairs", "Wear leveling"); thresholds are those of littlefs 2.11.
 */

import { load32, store32 } from '../littlefs/words.ts';
import { allocate } from './allocator.ts';
import { alignUp, BLOCK_NULL } from './cache.ts';
import { CommitWriter } from './commit-writer.ts';
import { countBlocks } from './consistency.ts';
import { addGlobalState } from './fetch.ts';
import { CORRUPT, FATAL, NO_SPACE } from './result.ts';
import { GlobalState, type Littlefs2, MetadataPair, overlap, pairBytes } from './state.ts';
import { diskSize, makeTag, NO_ID, TYPE_MOVE_STATE, TYPE_NAME, TYPE_TAIL } from './tag.ts';
import { type CommitTag, type TagFilter, traverse } from './traverse.ts';

/** A commit succeeded, but the pair has moved to another block: whoever points to it must learn that. */
export const RELOCATED = 1;

const word = new Uint8Array(4);

const isSuperblock = (pair: MetadataPair): boolean => overlap(pair.pair0, pair.pair1, 0, 1);

/** The revision counts of a pair after which it moves: never an even number, or only one of the blocks would ever move. */
const relocationPeriod = (fs: Littlefs2): number => (fs.config.blockCycles + 1) | 1;

/** Allocates a new, empty pair. Nothing is written yet. @returns an error or 0 */
export function allocatePair(fs: Littlefs2, pair: MetadataPair): number {
  let block = allocate(fs);
  if (block < 0) return block;
  pair.pair1 = block;
  block = allocate(fs);
  if (block < 0) return block;
  pair.pair0 = block;
  // What the block holds is taken for an older revision, so that the new one is surely newer.
  const error = fs.device.read(null, fs.device.readCache, 4, pair.pair0, 0, word, 4);
  pair.revision = error === 0 ? load32(word, 0) : 0;
  if (error !== 0 && error !== CORRUPT) return error;
  if (fs.config.blockCycles > 0) {
    // In 32 bits: what looks like the newest revision of all begins again at 0.
    const period = relocationPeriod(fs);
    const raised = (pair.revision + period - 1) >>> 0;
    pair.revision = raised - (raised % period);
  }
  pair.offset = 4;
  pair.lastTag = -1;
  pair.count = 0;
  pair.tail0 = BLOCK_NULL;
  pair.tail1 = BLOCK_NULL;
  pair.erased = false;
  pair.split = false;
  return 0;
}

function needsRelocation(fs: Littlefs2, pair: MetadataPair): boolean {
  return fs.config.blockCycles > 0 && ((pair.revision + 1) >>> 0) % relocationPeriod(fs) === 0;
}

function entries(begin: number, end: number): TagFilter {
  return { mask: makeTag(0x400, NO_ID, 0), wanted: makeTag(TYPE_NAME, 0, 0), begin, end, shift: -begin };
}

/** Writes the entries `begin` to `end` of `source` and of a commit to `pair`. @returns `RELOCATED`, 0 or an error */
export function compact(
  fs: Littlefs2,
  pair: MetadataPair,
  commit: readonly CommitTag[],
  source: MetadataPair,
  begin: number,
  end: number,
): number {
  let relocated = false;
  let tired = needsRelocation(fs, pair);
  pair.revision = (pair.revision + 1) >>> 0;
  let result = tired && !isSuperblock(pair) ? CORRUPT : writeCompacted(fs, pair, commit, source, begin, end, relocated);
  while (result === CORRUPT) {
    relocated = true;
    fs.device.programCache.drop();
    // The superblock cannot move; the filesystem can only be read from now on.
    if (isSuperblock(pair)) return NO_SPACE;
    const block = allocate(fs);
    if (block >= 0) pair.pair1 = block;
    else if (block !== NO_SPACE || !tired) return block;
    tired = false;
    result = writeCompacted(fs, pair, commit, source, begin, end, relocated);
  }
  if (result !== 0) return result < -FATAL ? result + FATAL : result;
  return relocated ? RELOCATED : 0;
}

/** @returns `CORRUPT` if the block does not hold what was written, another error, or 0 */
function writeCompacted(
  fs: Littlefs2,
  pair: MetadataPair,
  commit: readonly CommitTag[],
  source: MetadataPair,
  begin: number,
  end: number,
  relocated: boolean,
): number {
  const writer = new CommitWriter(fs, pair.pair1, 0, -1);
  let error = fs.device.erase(pair.pair1);
  if (error !== 0) return error;
  store32(word, 0, pair.revision);
  error = writer.program(word);
  if (error !== 0) return error;
  error = traverse(fs, source, 0, -1, commit, 0, entries(begin, end), (tag, data, block, offset) => writer.tag(tag, data, block, offset));
  if (error !== 0) return error;
  if (pair.hasTail) {
    error = writer.tag(makeTag(TYPE_TAIL + (pair.split ? 1 : 0), NO_ID, 8), pairBytes(pair.tail0, pair.tail1), 0, 0);
    if (error !== 0) return error;
  }

  const delta = new GlobalState();
  if (!relocated) {
    delta.xor(fs.globalOnDisk);
    delta.xor(fs.global);
  }
  delta.xor(fs.globalDelta);
  delta.tag &= ~0x3ff;
  const read = addGlobalState(fs, pair, delta);
  // Not a failure of the block that is being written.
  if (read !== 0) return read - FATAL;
  if (!delta.isZero) {
    error = writer.tag(makeTag(TYPE_MOVE_STATE, NO_ID, 12), stateBytes(delta), 0, 0);
    if (error !== 0) return error;
  }
  error = writer.finish();
  if (error !== 0) return error;

  pair.swap();
  pair.count = end - begin;
  pair.offset = writer.offset;
  pair.lastTag = writer.previous;
  fs.globalDelta.clear();
  if (!relocated) fs.globalOnDisk.set(fs.global);
  return 0;
}

export function stateBytes(state: GlobalState): Uint8Array {
  const bytes = new Uint8Array(12);
  store32(bytes, 0, state.tag);
  store32(bytes, 4, state.pair0);
  store32(bytes, 8, state.pair1);
  return bytes;
}

/** Moves the entries from `split` on to a new pair, which becomes the tail. @returns an error or 0 */
function splitOff(
  fs: Littlefs2,
  pair: MetadataPair,
  commit: readonly CommitTag[],
  source: MetadataPair,
  split: number,
  end: number,
): number {
  const tail = new MetadataPair();
  const error = allocatePair(fs, tail);
  if (error !== 0) return error;
  tail.split = pair.split;
  tail.tail0 = pair.tail0;
  tail.tail1 = pair.tail1;
  const result = compact(fs, tail, commit, source, split, end);
  if (result < 0) return result;
  pair.tail0 = tail.pair0;
  pair.tail1 = tail.pair1;
  pair.split = true;
  if (fs.isRoot(pair.pair0, pair.pair1) && split === 0) {
    fs.root0 = tail.pair0;
    fs.root1 = tail.pair1;
  }
  return 0;
}

/** `compact`, with as many splits as are needed for everything to fit. */
export function compactAndSplit(
  fs: Littlefs2,
  pair: MetadataPair,
  commit: readonly CommitTag[],
  source: MetadataPair,
  begin: number,
  end: number,
): number {
  const { blockSize, programSize } = fs.config;
  for (;;) {
    let split = begin;
    while (end - split > 1) {
      let size = 0;
      const error = traverse(fs, source, 0, -1, commit, 0, entries(split, end), tag => {
        size += diskSize(tag);
        return 0;
      });
      if (error !== 0) return error;
      // Room for a tail, global state, a delete and a checksum; and half a block is left for later commits.
      if (end - split < 0xff && size <= Math.min(blockSize - 40, alignUp(Math.floor(blockSize / 2), programSize))) break;
      split += Math.floor((end - split) / 2);
    }
    if (split === begin) break;
    const error = splitOff(fs, pair, commit, source, split, end);
    if (error !== 0 && error !== NO_SPACE) return error;
    // Without a block for a second pair it is tried in one.
    if (error !== 0) break;
    end = split;
  }

  if (needsRelocation(fs, pair) && isSuperblock(pair)) {
    // The superblock wears out: the root moves behind it, unless the filesystem is nearly full.
    const used = countBlocks(fs, false);
    if (used < 0) return used;
    if ((fs.blockCount - used) >>> 0 > Math.floor(fs.blockCount / 8)) {
      const error = splitOff(fs, pair, commit, source, begin, end);
      if (error !== 0 && error !== NO_SPACE) return error;
      // The superblock entry stays in both.
      if (error === 0) end = 1;
    }
  }
  return compact(fs, pair, commit, source, begin, end);
}
