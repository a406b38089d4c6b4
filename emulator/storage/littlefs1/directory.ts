/**
 * Directories: reading a pair, and writing it anew with changes. The whole pair is copied to its other block for each
 * commit; a checksum over all of it makes it valid.
 *
 * Source: littlefs 1's SPEC.md ("Metadata pairs", "Directories") and DESIGN.md.
 */
import { crc32 } from '../littlefs/crc.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { allocate } from './allocator.ts';
import { BLOCK_NULL } from './cache.ts';
import { CORRUPT, FATAL, NO_ENTRY } from './result.ts';
import { CONTINUES, Directory, ENTRY_SIZE, type Entry, HEAD_SIZE, type Littlefs1, overlap } from './state.ts';
import { findPredecessor, noteRelocation } from './walk.ts';

const CHECKSUM_SIZE = 4;
const head = new Uint8Array(HEAD_SIZE);
const word = new Uint8Array(4);
const byte = new Uint8Array(1);

/** Allocates an empty directory. Nothing is written yet. @returns an error or 0 */
export function allocateDirectory(fs: Littlefs1, directory: Directory): number {
  const first = allocate(fs);
  if (first < 0) return first;
  directory.pair0 = first;
  const second = allocate(fs);
  if (second < 0) return second;
  directory.pair1 = second;
  // What the block holds is taken for an older revision.
  const error = fs.device.read(fs.device.readCache, null, directory.pair0, 0, word, 0, 4);
  if (error !== 0 && error !== CORRUPT) return error;
  directory.revision = ((error === 0 ? load32(word, 0) : 0) + 1) >>> 0;
  directory.size = HEAD_SIZE + CHECKSUM_SIZE;
  directory.tail0 = BLOCK_NULL;
  directory.tail1 = BLOCK_NULL;
  directory.offset = HEAD_SIZE;
  return 0;
}

/** Reads the head of a pair's current block. @returns `CORRUPT` if neither is valid, an error, or 0 */
export function fetch(fs: Littlefs1, directory: Directory, block0: number, block1: number): number {
  const device = fs.device;
  const blocks = [block0, block1];
  let valid = false;
  for (let i = 0; i < 2; i++) {
    let error = device.read(device.readCache, null, blocks[i], 0, head, 0, HEAD_SIZE);
    if (error === CORRUPT) continue;
    if (error !== 0) return error;
    const revision = load32(head, 0);
    if (valid && ((revision - directory.revision) | 0) < 0) continue;
    const size = load32(head, 4);
    const length = size & 0x7fffffff;
    if (length < HEAD_SIZE + CHECKSUM_SIZE || length > fs.blockSize) continue;
    const tail0 = load32(head, 8);
    const tail1 = load32(head, 12);
    error = device.checksum(blocks[i], HEAD_SIZE, length - HEAD_SIZE, crc32(-1, head, 0, HEAD_SIZE));
    if (error === CORRUPT) continue;
    if (error !== 0) return error;
    if (device.crc !== 0) continue;
    valid = true;
    directory.pair0 = blocks[i];
    directory.pair1 = blocks[1 - i];
    directory.offset = HEAD_SIZE;
    directory.revision = revision;
    directory.size = size;
    directory.tail0 = tail0;
    directory.tail1 = tail1;
  }
  return valid ? 0 : CORRUPT;
}

export function fetchTail(fs: Littlefs1, directory: Directory): number {
  return fetch(fs, directory, directory.tail0, directory.tail1);
}

/** A part of a directory that is replaced: `length` bytes at `offset` of the old block by `data`. */
export interface Region {
  offset: number;
  length: number;
  data: Uint8Array;
}

/** Writes a directory with changes. @returns an error or 0 */
export function commit(fs: Littlefs1, directory: Directory, regions: readonly Region[]): number {
  directory.revision = (directory.revision + 1) >>> 0;
  const previous = directory.pair0;
  directory.pair0 = directory.pair1;
  directory.pair1 = previous;
  for (const { data, length } of regions) directory.size = (directory.size + data.length - length) >>> 0;

  const old0 = directory.pair0;
  const old1 = directory.pair1;
  let relocated = false;
  for (;;) {
    const result = writeDirectory(fs, directory, old1, regions);
    if (result === 0) break;
    if (result !== CORRUPT) return result < -FATAL ? result + FATAL : result;
    relocated = true;
    fs.device.programCache.drop();
    // The superblock cannot move; the filesystem can only be read from now on.
    if (overlap(old0, old1, 0, 1)) return CORRUPT;
    const block = allocate(fs);
    if (block < 0) return block;
    directory.pair0 = block;
  }
  if (relocated) {
    const error = noteRelocation(fs, old0, old1, directory.pair0, directory.pair1);
    if (error !== 0) return error;
  }
  for (let i = fs.directories.length - 1; i >= 0; i--) {
    const open = fs.directories[i];
    if (overlap(open.pair0, open.pair1, directory.pair0, directory.pair1)) {
      open.pair0 = directory.pair0;
      open.pair1 = directory.pair1;
    }
  }
  return 0;
}

/** @returns `CORRUPT` if the block does not hold what was written, an error, or 0 */
function writeDirectory(fs: Littlefs1, directory: Directory, oldBlock: number, regions: readonly Region[]): number {
  const device = fs.device;
  const block = directory.pair0;
  const program = (offset: number, bytes: Uint8Array): number =>
    device.program(device.programCache, null, block, offset, bytes, 0, bytes.length);
  let error = device.erase(block);
  if (error !== 0) return error;
  const bytes = directory.headBytes();
  let crc = crc32(-1, bytes, 0, HEAD_SIZE);
  error = program(0, bytes);
  if (error !== 0) return error;

  const end = directory.length - CHECKSUM_SIZE;
  let next = 0;
  let oldOffset = HEAD_SIZE;
  let newOffset = HEAD_SIZE;
  while (newOffset < end) {
    if (next < regions.length && regions[next].offset === oldOffset) {
      const { data, length } = regions[next++];
      crc = crc32(crc, data, 0, data.length);
      error = program(newOffset, data);
      if (error !== 0) return error;
      oldOffset += length;
      newOffset += data.length;
    } else {
      error = device.read(device.readCache, null, oldBlock, oldOffset, byte, 0, 1);
      if (error !== 0) return error - FATAL;
      crc = crc32(crc, byte, 0, 1);
      error = program(newOffset, byte);
      if (error !== 0) return error;
      oldOffset++;
      newOffset++;
    }
  }
  store32(word, 0, crc);
  error = program(newOffset, word.slice());
  if (error !== 0) return error;
  error = device.sync();
  if (error !== 0) return error;
  error = device.checksum(block, 0, end, -1);
  if (error !== 0) return error - FATAL;
  return device.crc === crc ? 0 : CORRUPT;
}

/** Writes an entry in its place, and its name if it is given. */
export function updateEntry(fs: Littlefs1, directory: Directory, entry: Entry, name?: Uint8Array): number {
  const regions: Region[] = [{ offset: entry.offset, length: ENTRY_SIZE, data: entry.bytes.slice() }];
  if (name) regions.push({ offset: entry.offset + ENTRY_SIZE, length: entry.nameLength, data: name.subarray(0, entry.nameLength) });
  return commit(fs, directory, regions);
}

/** Adds an entry at the end, in a further pair if it does not fit. */
export function appendEntry(fs: Littlefs1, directory: Directory, entry: Entry, name: Uint8Array): number {
  const add = (to: Directory): number => {
    entry.offset = to.size - CHECKSUM_SIZE;
    return commit(fs, to, [
      { offset: entry.offset, length: 0, data: entry.bytes.slice() },
      { offset: entry.offset, length: 0, data: name.subarray(0, entry.nameLength) },
    ]);
  };
  for (let pairs = 0; pairs <= fs.blockCount; pairs++) {
    if (directory.size + entry.length <= fs.blockSize) return add(directory);
    if (!directory.continues) {
      const last = directory.clone();
      let error = allocateDirectory(fs, directory);
      if (error !== 0) return error;
      directory.tail0 = last.tail0;
      directory.tail1 = last.tail1;
      error = add(directory);
      if (error !== 0) return error;
      last.size = (last.size | CONTINUES) >>> 0;
      last.tail0 = directory.pair0;
      last.tail1 = directory.pair1;
      return commit(fs, last, []);
    }
    const error = fetchTail(fs, directory);
    if (error !== 0) return error;
  }
  return CORRUPT;
}

/** Takes an entry out; a pair that becomes empty by it is left out of its directory. */
export function removeEntry(fs: Littlefs1, directory: Directory, entry: Entry): number {
  const length = entry.length;
  if (directory.length === HEAD_SIZE + CHECKSUM_SIZE + length) {
    const before = new Directory();
    const found = findPredecessor(fs, directory.pair0, directory.pair1, before);
    if (found < 0) return found;
    if (before.continues) {
      if (!directory.continues) before.size &= 0x7fffffff;
      before.tail0 = directory.tail0;
      before.tail1 = directory.tail1;
      return commit(fs, before, []);
    }
  }
  const error = commit(fs, directory, [{ offset: entry.offset, length, data: new Uint8Array(0) }]);
  if (error !== 0) return error;
  for (let i = fs.files.length - 1; i >= 0; i--) {
    const file = fs.files[i];
    if (!overlap(file.pair0, file.pair1, directory.pair0, directory.pair1)) continue;
    if (file.entryOffset === entry.offset) {
      file.pair0 = BLOCK_NULL;
      file.pair1 = BLOCK_NULL;
    } else if (file.entryOffset > entry.offset) {
      file.entryOffset -= length;
    }
  }
  for (const open of fs.directories) {
    if (overlap(open.pair0, open.pair1, directory.pair0, directory.pair1) && open.offset > entry.offset) {
      open.offset -= length;
      open.position -= length;
    }
  }
  return 0;
}

/** Reads the entry at the directory's place, and goes on. @returns `NO_ENTRY` at the end, an error, or 0 */
export function nextEntry(fs: Littlefs1, directory: Directory, entry: Entry): number {
  for (let pairs = 0; directory.offset + ENTRY_SIZE > directory.length - CHECKSUM_SIZE; pairs++) {
    if (!directory.continues) {
      entry.offset = directory.offset;
      return NO_ENTRY;
    }
    const error = pairs > fs.blockCount ? CORRUPT : fetchTail(fs, directory);
    if (error !== 0) return error;
    directory.offset = HEAD_SIZE;
    directory.position += HEAD_SIZE + CHECKSUM_SIZE;
  }
  const error = readEntry(fs, directory, directory.offset, entry);
  if (error !== 0) return error;
  directory.offset += entry.length;
  directory.position += entry.length;
  return 0;
}

export function readEntry(fs: Littlefs1, directory: Directory, offset: number, entry: Entry): number {
  const error = fs.device.read(fs.device.readCache, null, directory.pair0, offset, entry.bytes, 0, ENTRY_SIZE);
  if (error === 0) entry.offset = offset;
  return error;
}
