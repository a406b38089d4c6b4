/**
 * Files in blocks of their own: a skip-list from the last block back to the first. Block n begins with pointers to the blocks
 * n - 1, n - 2, n - 4 … as often as n can be divided by two, and one more.
 *
 * Source: littlefs's SPEC.md ("CTZ skip-lists") and DESIGN.md.
 */
import { blockIndex, blockOffset, skipLevel, trailingZeros } from '../littlefs/skip-index.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { allocate } from './allocator.ts';
import { BLOCK_NULL, type Cache } from './cache.ts';
import { CORRUPT, FATAL } from './result.ts';
import type { Littlefs2 } from './state.ts';

/** Where `findBlock` and `extend` leave block and offset. */
export const found = { block: BLOCK_NULL, offset: 0 };

const word = new Uint8Array(8);
const byte = new Uint8Array(1);

/** Finds the block of a position. @param head last block of a file of `size` bytes @returns an error, or 0 and `found` */
export function findBlock(fs: Littlefs2, cache: Cache, head: number, size: number, position: number): number {
  if (size === 0) {
    found.block = BLOCK_NULL;
    found.offset = 0;
    return 0;
  }
  const { blockSize } = fs.config;
  let current = blockIndex(blockSize, size - 1);
  const target = blockIndex(blockSize, position);
  while (current > target) {
    const skip = skipLevel(current, target);
    const error = fs.device.read(null, cache, 4, head, 4 * skip, word, 4);
    head = load32(word, 0);
    if (error !== 0) return error;
    current -= 1 << skip;
  }
  found.block = head;
  found.offset = blockOffset(blockSize, position);
  return 0;
}

/**
 * Makes a file that ends at `size` longer: by a new block, or by a copy of its last one if that is not full.
 * @returns an error, or 0 and in `found` the block, and the offset at which to write on
 */
export function extend(fs: Littlefs2, programCache: Cache, readCache: Cache, head: number, size: number): number {
  for (;;) {
    const block = allocate(fs);
    if (block < 0) return block;
    const result = startBlock(fs, programCache, readCache, block, head, size);
    if (result !== CORRUPT) return result < -FATAL ? result + FATAL : result;
    // The block is bad: another one.
    programCache.drop();
  }
}

/** @returns `CORRUPT` if the new block is bad, 0, or an error (less `FATAL` if it was an old block's) */
function startBlock(fs: Littlefs2, programCache: Cache, readCache: Cache, block: number, head: number, size: number): number {
  const { device } = fs;
  const { blockSize } = fs.config;
  let error = device.erase(block);
  if (error !== 0) return error;
  found.block = block;
  if (size === 0) {
    found.offset = 0;
    return 0;
  }
  const used = blockOffset(blockSize, size - 1) + 1;
  if (used !== blockSize) {
    for (let i = 0; i < used; i++) {
      error = device.read(null, readCache, used - i, head, i, byte, 1);
      if (error !== 0) return error - FATAL;
      error = device.program(programCache, readCache, true, block, i, byte, 0, 1);
      if (error !== 0) return error;
    }
    found.block = block;
    found.offset = used;
    return 0;
  }
  const index = blockIndex(blockSize, size - 1) + 1;
  const pointers = trailingZeros(index) + 1;
  let pointer = head;
  for (let i = 0; i < pointers; i++) {
    store32(word, 0, pointer);
    error = device.program(programCache, readCache, true, block, 4 * i, word, 0, 4);
    if (error !== 0) return error;
    if (i !== pointers - 1) {
      error = device.read(null, readCache, 4, pointer, 4 * i, word, 4);
      if (error !== 0) return error - FATAL;
      pointer = load32(word, 0);
    }
  }
  found.block = block;
  found.offset = 4 * pointers;
  return 0;
}

/** Calls `use` for every block of a file. @param pending bytes of the file that are not programmed yet */
export function traverseSkipList(fs: Littlefs2, pending: Cache | null, head: number, size: number, use: (block: number) => number): number {
  if (size === 0) return 0;
  let index = blockIndex(fs.config.blockSize, size - 1);
  // No file is larger than the medium; only a damaged one says so.
  if (index > fs.blockCount) return CORRUPT;
  for (;;) {
    let error = use(head);
    if (error !== 0) return error;
    if (index === 0) return 0;
    const count = 2 - (index & 1);
    error = fs.device.read(pending, fs.device.readCache, count * 4, head, 0, word, count * 4);
    if (error !== 0) return error;
    if (count === 2) {
      const first = load32(word, 0);
      head = load32(word, 4);
      error = use(first);
      if (error !== 0) return error;
    } else {
      head = load32(word, 0);
    }
    index -= count;
  }
}
