/** What can be done with a littlefs 1 as a whole and with its entries. Source: its SPEC.md; behaviour of littlefs 1.7. */
import { PathWalk } from '../littlefs/path-walk.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { acknowledge } from './allocator.ts';
import { allocateDirectory, appendEntry, commit, fetch, nextEntry, removeEntry, updateEntry } from './directory.ts';
import { find } from './find.ts';
import { CORRUPT, EXISTS, INVALID_ARGUMENT, IS_DIRECTORY, NO_ENTRY, NOT_DIRECTORY, NOT_EMPTY } from './result.ts';
import {
  DISK_VERSION,
  Directory,
  Entry,
  HEAD_SIZE,
  type Littlefs1,
  overlap,
  TYPE_DIRECTORY,
  TYPE_FILE,
  TYPE_MOVING,
  TYPE_SUPERBLOCK,
} from './state.ts';
import { findPredecessor, hasMoved, makeConsistent } from './walk.ts';

const MAGIC = 'littlefs';
const SUPERBLOCK_SIZE = 32;
const EMPTY_SIZE = HEAD_SIZE + 4;

function superblock(fs: Littlefs1): Uint8Array {
  const bytes = new Uint8Array(SUPERBLOCK_SIZE);
  bytes.set([TYPE_SUPERBLOCK, 20, 0, MAGIC.length]);
  const values = [fs.root0, fs.root1, fs.blockSize, fs.blockCount, DISK_VERSION];
  for (let i = 0; i < values.length; i++) store32(bytes, 4 + 4 * i, values[i]);
  for (let i = 0; i < MAGIC.length; i++) bytes[24 + i] = MAGIC.charCodeAt(i);
  return bytes;
}

/** Makes an empty filesystem. @returns an error or 0 */
export function format(fs: Littlefs1): number {
  fs.lookahead.fill(0);
  fs.freeOffset = 0;
  fs.freeSize = Math.min(fs.lookaheadBits, fs.blockCount);
  fs.freeIndex = 0;
  acknowledge(fs);
  const superDirectory = new Directory();
  let error = allocateDirectory(fs, superDirectory);
  if (error !== 0) return error;
  const root = new Directory();
  error = allocateDirectory(fs, root);
  if (error !== 0) return error;
  error = commit(fs, root, []);
  if (error !== 0) return error;
  fs.root0 = root.pair0;
  fs.root1 = root.pair1;
  superDirectory.tail0 = root.pair0;
  superDirectory.tail1 = root.pair1;
  superDirectory.size = HEAD_SIZE + SUPERBLOCK_SIZE + 4;
  const data = superblock(fs);
  // Into both blocks; one of them is enough.
  let valid = false;
  for (let i = 0; i < 2; i++) {
    error = commit(fs, superDirectory, [{ offset: HEAD_SIZE, length: SUPERBLOCK_SIZE, data }]);
    if (error !== 0 && error !== CORRUPT) return error;
    valid ||= error === 0;
  }
  if (!valid) return CORRUPT;
  return fetch(fs, superDirectory, 0, 1);
}

/** Finds the superblock. @returns an error or 0 */
export function mount(fs: Littlefs1): number {
  acknowledge(fs);
  const directory = new Directory();
  let error = fetch(fs, directory, 0, 1);
  if (error !== 0) return error;
  const bytes = new Uint8Array(SUPERBLOCK_SIZE);
  error = fs.device.read(fs.device.readCache, null, directory.pair0, HEAD_SIZE, bytes, 0, SUPERBLOCK_SIZE);
  if (error !== 0) return error;
  fs.root0 = load32(bytes, 4);
  fs.root1 = load32(bytes, 8);
  if (String.fromCharCode(...bytes.subarray(24)) !== MAGIC) return CORRUPT;
  const version = load32(bytes, 20);
  return version >>> 16 !== DISK_VERSION >>> 16 || (version & 0xffff) > (DISK_VERSION & 0xffff) ? INVALID_ARGUMENT : 0;
}

/** @returns an error or 0 */
export function makeDirectory(fs: Littlefs1, pathBytes: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const parent = new Directory();
  const entry = new Entry();
  const path = new PathWalk(pathBytes);
  error = find(fs, parent, entry, path);
  if (error !== NO_ENTRY || path.endsInSlash) return error || EXISTS;
  acknowledge(fs);
  const directory = new Directory();
  error = allocateDirectory(fs, directory);
  if (error !== 0) return error;
  directory.tail0 = parent.tail0;
  directory.tail1 = parent.tail1;
  error = commit(fs, directory, []);
  if (error !== 0) return error;
  const { name } = path;
  entry.init(TYPE_DIRECTORY, name.length, directory.pair0, directory.pair1);
  parent.tail0 = directory.pair0;
  parent.tail1 = directory.pair1;
  error = appendEntry(fs, parent, entry, name);
  if (error !== 0) return error;
  acknowledge(fs);
  return 0;
}

/** Reads a directory that is to be removed. @returns `NOT_EMPTY`, an error, or 0 */
function fetchEmpty(fs: Littlefs1, entry: Entry, into: Directory): number {
  const error = fetch(fs, into, entry.first, entry.second);
  if (error !== 0) return error;
  // A directory that goes on elsewhere is not empty either.
  return into.size === EMPTY_SIZE ? 0 : NOT_EMPTY;
}

/** Takes a directory without an entry out of the list. */
function dropOrphan(fs: Littlefs1, orphan: Directory): number {
  const before = new Directory();
  const found = findPredecessor(fs, orphan.pair0, orphan.pair1, before);
  if (found <= 0) return found < 0 ? found : CORRUPT;
  before.tail0 = orphan.tail0;
  before.tail1 = orphan.tail1;
  return commit(fs, before, []);
}

/** Removes a file or an empty directory. @returns an error or 0 */
export function remove(fs: Littlefs1, pathBytes: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const directory = new Directory();
  const entry = new Entry();
  error = find(fs, directory, entry, new PathWalk(pathBytes));
  if (error !== 0) return error;
  const removed = new Directory();
  if (entry.type === TYPE_DIRECTORY) {
    error = fetchEmpty(fs, entry, removed);
    if (error !== 0) return error;
    // The original writes to wherever its stack points.
    if (overlap(entry.first, entry.second, fs.root0, fs.root1)) return INVALID_ARGUMENT;
  }
  const wasDirectory = entry.type === TYPE_DIRECTORY;
  error = removeEntry(fs, directory, entry);
  if (error !== 0 || !wasDirectory) return error;
  return dropOrphan(fs, removed);
}

/** Renames or moves; what has the new name is replaced if it is of the same kind, and empty. @returns an error or 0 */
export function rename(fs: Littlefs1, from: Uint8Array, to: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const oldDirectory = new Directory();
  const oldEntry = new Entry();
  error = find(fs, oldDirectory, oldEntry, new PathWalk(from));
  if (error !== 0) return error;
  if (oldEntry.nameLength === 0) return INVALID_ARGUMENT;
  oldEntry.type |= TYPE_MOVING;
  error = updateEntry(fs, oldDirectory, oldEntry);
  if (error !== 0) return error;

  const newDirectory = new Directory();
  const previous = new Entry();
  const path = new PathWalk(to);
  error = find(fs, newDirectory, previous, path);
  if (error !== 0 && (error !== NO_ENTRY || path.endsInSlash)) return error;
  const exists = error === 0;
  if (exists && previous.type !== (oldEntry.type & 0x7f)) return IS_DIRECTORY;
  const replacesDirectory = exists && previous.type === TYPE_DIRECTORY;
  const replaced = new Directory();
  if (replacesDirectory) {
    error = fetchEmpty(fs, previous, replaced);
    if (error !== 0) return error;
  }

  const { name } = path;
  const entry = new Entry();
  entry.set(oldEntry);
  entry.offset = previous.offset;
  entry.type &= ~TYPE_MOVING;
  entry.bytes[3] = name.length;
  error = exists ? updateEntry(fs, newDirectory, entry, name) : appendEntry(fs, newDirectory, entry, name);
  if (error !== 0) return error;

  // Anew, because the old pair may be another one now.
  fs.moving = true;
  error = find(fs, oldDirectory, oldEntry, new PathWalk(from));
  if (error !== 0) return error;
  fs.moving = false;
  error = removeEntry(fs, oldDirectory, oldEntry);
  if (error !== 0 || !replacesDirectory) return error;
  return dropOrphan(fs, replaced);
}

export interface EntryInfo {
  name: Uint8Array;
  /** True for all that is no file. */
  directory: boolean;
  /** Surely a directory, and not on the move. */
  settled: boolean;
  size: number;
}

function readName(fs: Littlefs1, directory: Directory, entry: Entry, info: EntryInfo): number {
  const name = new Uint8Array(entry.nameLength);
  const device = fs.device;
  const error = device.read(device.readCache, null, directory.pair0, entry.offset + entry.nameAt, name, 0, name.length);
  const end = name.indexOf(0);
  info.name = end < 0 ? name : name.subarray(0, end);
  return error;
}

const unknown = (): EntryInfo => ({ name: new Uint8Array(0), directory: true, settled: false, size: 0 });

function describe(entry: Entry): EntryInfo {
  const file = entry.type === TYPE_FILE;
  return { name: new Uint8Array(0), directory: !file, settled: entry.type === TYPE_DIRECTORY, size: file ? entry.second : 0 };
}

export function stat(fs: Littlefs1, pathBytes: Uint8Array): { error: number; info: EntryInfo } {
  const directory = new Directory();
  const entry = new Entry();
  const error = find(fs, directory, entry, new PathWalk(pathBytes));
  if (error !== 0) return { error, info: unknown() };
  const info = describe(entry);
  if (overlap(entry.first, entry.second, fs.root0, fs.root1)) return { error: 0, info };
  return { error: readName(fs, directory, entry, info), info };
}

/** Begins to read a directory; it must be taken off `fs.directories` in the end. @returns an error or 0 */
export function openDirectory(fs: Littlefs1, pathBytes: Uint8Array, directory: Directory): number {
  const entry = new Entry();
  let error = find(fs, directory, entry, new PathWalk(pathBytes));
  if (error !== 0) return error;
  if (entry.type !== TYPE_DIRECTORY) return NOT_DIRECTORY;
  error = fetch(fs, directory, entry.first, entry.second);
  if (error !== 0) return error;
  directory.head0 = directory.pair0;
  directory.head1 = directory.pair1;
  directory.position = HEAD_SIZE;
  directory.offset = HEAD_SIZE;
  fs.directories.push(directory);
  return 0;
}

/** The next entry. @returns undefined at the end; an error in `error` */
export function readDirectory(fs: Littlefs1, directory: Directory): { error: number; info: EntryInfo } | undefined {
  const entry = new Entry();
  for (;;) {
    const error = nextEntry(fs, directory, entry);
    if (error === NO_ENTRY) return undefined;
    if (error !== 0) return { error, info: unknown() };
    if (!entry.isFileOrDirectory) continue;
    if (!entry.isMoving) break;
    const moved = hasMoved(fs, entry);
    if (moved < 0) return { error: moved, info: unknown() };
    if (moved === 0) {
      entry.type &= ~TYPE_MOVING;
      break;
    }
  }
  const info = describe(entry);
  return { error: readName(fs, directory, entry, info), info };
}
