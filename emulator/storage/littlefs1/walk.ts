/**
 * Walking along all directories: what is in use, who precedes whom, who is whose parent; and mending what a power cut left
 * half done.
 *
 * Source: littlefs 1's DESIGN.md ("Directories", "The move problem").
 */
import { blockIndex } from '../littlefs/skip-index.ts';
import { load32 } from '../littlefs/words.ts';
import type { Cache } from './cache.ts';
import { commit, fetch, fetchTail, nextEntry, readEntry, removeEntry, updateEntry } from './directory.ts';
import { CORRUPT, NO_ENTRY } from './result.ts';
import { CONTINUES, Directory, ENTRY_SIZE, Entry, type Littlefs1, overlap, TYPE_DIRECTORY, TYPE_FILE, TYPE_MOVING } from './state.ts';

const KIND_MASK = 0x70;
const word = new Uint8Array(8);

/** Calls `use` for every block of a file. @param pending its bytes that are not programmed yet */
function forEachFileBlock(fs: Littlefs1, pending: Cache | null, head: number, size: number, use: (block: number) => number): number {
  if (size === 0) return 0;
  let index = blockIndex(fs.blockSize, size - 1);
  // No file is larger than the medium; only a damaged one says so.
  if (index > fs.blockCount) return CORRUPT;
  for (;;) {
    let error = use(head);
    if (error !== 0 || index === 0) return error;
    const count = 2 - (index & 1);
    error = fs.device.read(fs.device.readCache, pending, head, 0, word, 0, count * 4);
    if (error !== 0) return error;
    head = load32(word, (count - 1) * 4);
    if (count === 2) {
      error = use(load32(word, 0));
      if (error !== 0) return error;
    }
    index -= count;
  }
}

/** Calls `use` for every block in use. @returns an error or 0 */
export function forEachBlock(fs: Littlefs1, use: (block: number) => number): number {
  if (!fs.hasRoot) return 0;
  const directory = new Directory();
  const entry = new Entry();
  directory.tail0 = 0;
  directory.tail1 = 1;
  for (let pairs = 0; directory.hasTail; pairs++) {
    let error = pairs > fs.blockCount ? CORRUPT : use(directory.tail0) || use(directory.tail1);
    if (error !== 0) return error;
    error = fetchTail(fs, directory);
    if (error !== 0) return error;
    while (directory.offset + ENTRY_SIZE <= directory.length - 4) {
      error = readEntry(fs, directory, directory.offset, entry);
      if (error !== 0) return error;
      directory.offset += entry.length;
      if ((entry.type & KIND_MASK) !== (TYPE_FILE & KIND_MASK)) continue;
      error = forEachFileBlock(fs, null, entry.first, entry.second, use);
      if (error !== 0) return error;
    }
  }
  for (let i = fs.files.length - 1; i >= 0; i--) {
    const file = fs.files[i];
    if (file.dirty) {
      const error = forEachFileBlock(fs, file.cache, file.head, file.size, use);
      if (error !== 0) return error;
    }
    if (file.writing) {
      const error = forEachFileBlock(fs, file.cache, file.block, file.position, use);
      if (error !== 0) return error;
    }
  }
  return 0;
}

/** Finds the directory whose tail is this pair. @returns 1, 0 if there is none, or an error */
export function findPredecessor(fs: Littlefs1, block0: number, block1: number, into: Directory): number {
  if (!fs.hasRoot) return 0;
  let error = fetch(fs, into, 0, 1);
  if (error !== 0) return error;
  for (let pairs = 0; into.hasTail; pairs++) {
    if (overlap(into.tail0, into.tail1, block0, block1)) return 1;
    error = pairs > fs.blockCount ? CORRUPT : fetchTail(fs, into);
    if (error !== 0) return error;
  }
  return 0;
}

/**
 * Goes through all entries from the pair `into`'s tail on, until one satisfies `wanted`.
 * @returns 1 if one did, 0, or an error
 */
function searchEntries(fs: Littlefs1, into: Directory, entry: Entry, wanted: () => boolean): number {
  for (let pairs = 0; into.hasTail; pairs++) {
    let error = pairs > fs.blockCount ? CORRUPT : fetchTail(fs, into);
    if (error !== 0) return error;
    for (;;) {
      error = nextEntry(fs, into, entry);
      if (error === NO_ENTRY) break;
      if (error !== 0) return error;
      if (wanted()) return 1;
    }
  }
  return 0;
}

/** Finds the entry that points to a directory. @returns 1, 0 if there is none, or an error */
function findParent(fs: Littlefs1, block0: number, block1: number, into: Directory, entry: Entry): number {
  if (!fs.hasRoot) return 0;
  into.tail0 = 0;
  into.tail1 = 1;
  return searchEntries(
    fs,
    into,
    entry,
    () => (entry.type & KIND_MASK) === (TYPE_DIRECTORY & KIND_MASK) && overlap(entry.first, entry.second, block0, block1),
  );
}

/** Has an entry that was to move arrived elsewhere? @returns 1, 0, or an error */
export function hasMoved(fs: Littlefs1, moving: Entry): number {
  if (!fs.hasRoot) return 0;
  const directory = new Directory();
  const error = fetch(fs, directory, 0, 1);
  if (error !== 0) return error;
  const entry = new Entry();
  const { first, second } = moving;
  return searchEntries(fs, directory, entry, () => !entry.isMoving && entry.first === first && entry.second === second);
}

/** A pair has moved to another block: whoever points to it must learn that. @returns an error or 0 */
export function noteRelocation(fs: Littlefs1, old0: number, old1: number, new0: number, new1: number): number {
  const other = new Directory();
  const entry = new Entry();
  let found = findParent(fs, old0, old1, other, entry);
  if (found < 0) return found;
  if (found) {
    entry.point(new0, new1);
    const error = updateEntry(fs, other, entry);
    if (error !== 0) return error;
    if (overlap(old0, old1, fs.root0, fs.root1)) {
      fs.root0 = new0;
      fs.root1 = new1;
    }
    return removeOrphan(fs);
  }
  found = findPredecessor(fs, old0, old1, other);
  if (found <= 0) return found;
  other.tail0 = new0;
  other.tail1 = new1;
  return commit(fs, other, []);
}

/** Before the first change after mounting. @returns an error or 0 */
export function makeConsistent(fs: Littlefs1): number {
  return fs.consistent ? 0 : removeOrphan(fs);
}

/** Mends moves that were half done, and the first directory that no entry points to. @returns an error or 0 */
function removeOrphan(fs: Littlefs1): number {
  fs.consistent = true;
  if (!fs.hasRoot) return 0;
  const previous = new Directory();
  previous.size = CONTINUES;
  const directory = new Directory();
  directory.tail0 = 0;
  directory.tail1 = 1;
  for (let pairs = 0; pairs < fs.blockCount; pairs++) {
    if (!directory.hasTail) return 0;
    let error = fetchTail(fs, directory);
    if (error !== 0) return error;
    if (!previous.continues) {
      const parent = new Directory();
      const entry = new Entry();
      const found = findParent(fs, previous.tail0, previous.tail1, parent, entry);
      if (found < 0) return found;
      if (!found) {
        previous.tail0 = directory.tail0;
        previous.tail1 = directory.tail1;
        return commit(fs, previous, []);
      }
      const { first, second } = entry;
      const same = (first === previous.tail0 && second === previous.tail1) || (first === previous.tail1 && second === previous.tail0);
      if (!same) {
        previous.tail0 = first;
        previous.tail1 = second;
        return commit(fs, previous, []);
      }
    }
    error = mendMoves(fs, directory);
    if (error !== 0) return error;
    previous.set(directory);
  }
  return CORRUPT;
}

/** Removes entries that have arrived elsewhere, and keeps those that have not. */
function mendMoves(fs: Littlefs1, directory: Directory): number {
  const entry = new Entry();
  for (;;) {
    let error = nextEntry(fs, directory, entry);
    if (error === NO_ENTRY) return 0;
    if (error !== 0) return error;
    if (!entry.isMoving) continue;
    const moved = hasMoved(fs, entry);
    if (moved < 0) return moved;
    if (moved) {
      error = removeEntry(fs, directory, entry);
    } else {
      entry.type &= ~TYPE_MOVING;
      error = updateEntry(fs, directory, entry);
    }
    if (error !== 0) return error;
  }
}
