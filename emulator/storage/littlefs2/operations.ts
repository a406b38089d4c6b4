/** What can be done with a littlefs as a whole and with its entries. Source: behaviour of littlefs 2.11; SPEC.md. */

import { load32 } from '../littlefs/words.ts';
import { dropLookahead, markCheckpoint } from './allocator.ts';
import { allocatePair, commit, tailTag } from './commit.ts';
import { CycleGuard, changeOrphans, findPredecessor, makeConsistent, setMove, setNeedsSuperblock, superblockBytes } from './consistency.ts';
import { addGlobalState, type EntryInfo, fetch, fetchMatch, fetchTail, get, getInfo, matched } from './fetch.ts';
import { find, nameMatcher, PathWalk } from './find.ts';
import {
  CORRUPT,
  EXISTS,
  INVALID_ARGUMENT,
  IS_DIRECTORY,
  NAME_TOO_LONG,
  NO_ATTRIBUTE,
  NO_ENTRY,
  NO_SPACE,
  NOT_DIRECTORY,
  NOT_EMPTY,
} from './result.ts';
import { DISK_VERSION, type Littlefs2, MetadataPair, type OpenDirectory, type OpenEntry, overlap, pairBytes } from './state.ts';
import {
  FROM_MOVE,
  idOf,
  isDelete,
  isValid,
  makeTag,
  makeTagIf,
  NO_ID,
  sizeOf,
  TYPE_CREATE,
  TYPE_DELETE,
  TYPE_DIRECTORY,
  TYPE_DIRECTORY_STRUCT,
  TYPE_INLINE_STRUCT,
  TYPE_SOFT_TAIL,
  TYPE_STRUCT,
  TYPE_SUPERBLOCK,
  TYPE_USER_ATTRIBUTE,
  typeOf,
} from './tag.ts';

const MAGIC = new TextEncoder().encode('littlefs');

/** Makes an empty filesystem. @returns an error or 0 */
export function format(fs: Littlefs2): number {
  fs.lookahead.fill(0);
  fs.lookaheadStart = 0;
  fs.lookaheadSize = Math.min(8 * fs.config.lookaheadSize, fs.blockCount);
  fs.lookaheadNext = 0;
  markCheckpoint(fs);
  const root = new MetadataPair();
  let error = allocatePair(fs, root);
  if (error !== 0) return error;
  error = commit(fs, root, [
    { tag: makeTag(TYPE_CREATE, 0, 0) },
    { tag: makeTag(TYPE_SUPERBLOCK, 0, 8), data: MAGIC },
    { tag: makeTag(TYPE_INLINE_STRUCT, 0, 24), data: superblockBytes(fs) },
  ]);
  if (error !== 0) return error;
  // Once more into the other block, so that no older filesystem can come back.
  root.erased = false;
  error = commit(fs, root, []);
  if (error !== 0) return error;
  return fetch(fs, root, 0, 1);
}

/** Finds the superblock, the root and the global state. @returns an error or 0 */
export function mount(fs: Littlefs2): number {
  const pair = MetadataPair.beforeFirst();
  const guard = new CycleGuard();
  const matchesMagic = nameMatcher(fs, MAGIC);
  while (pair.hasTail) {
    let error = guard.check(pair);
    if (error !== 0) return error;
    const tag = fetchMatch(fs, pair, pair.tail0, pair.tail1, makeTag(0x7ff, NO_ID, 0), makeTag(TYPE_SUPERBLOCK, 0, 8), matchesMagic);
    if (tag < 0) return tag;
    if (tag !== 0 && !isDelete(tag)) {
      fs.root0 = pair.pair0;
      fs.root1 = pair.pair1;
      error = readSuperblock(fs, pair);
      if (error !== 0) return error;
    }
    error = addGlobalState(fs, pair, fs.global);
    if (error !== 0) return error;
  }
  fs.global.tag = (fs.global.tag + (isValid(fs.global.tag) ? 0 : 1)) | 0;
  fs.globalOnDisk.set(fs.global);
  if (fs.blockCount === 0) return CORRUPT;
  // A different place at every boot, so that all blocks wear alike.
  fs.lookaheadStart = (fs.seed >>> 0) % fs.blockCount;
  dropLookahead(fs);
  return 0;
}

function readSuperblock(fs: Littlefs2, pair: MetadataPair): number {
  const bytes = new Uint8Array(24);
  const tag = get(fs, pair, makeTag(0x7ff, NO_ID, 0), makeTag(TYPE_INLINE_STRUCT, 0, 24), bytes);
  if (tag < 0) return tag;
  const [version, blockSize, blockCount, nameMax, fileMax, attributeMax] = [0, 4, 8, 12, 16, 20].map(at => load32(bytes, at));
  const minor = version & 0xffff;
  if (version >>> 16 !== DISK_VERSION >>> 16 || minor > (DISK_VERSION & 0xffff)) return INVALID_ARGUMENT;
  setNeedsSuperblock(fs, minor < (DISK_VERSION & 0xffff));
  if (nameMax > fs.nameMax || fileMax > fs.fileMax || attributeMax > fs.attributeMax) return INVALID_ARGUMENT;
  fs.nameMax = nameMax || fs.nameMax;
  fs.fileMax = fileMax || fs.fileMax;
  if (attributeMax !== 0) {
    fs.attributeMax = attributeMax;
    fs.inlineMax = Math.min(fs.inlineMax, attributeMax);
  }
  if (fs.config.blockCount !== 0 && blockCount !== fs.config.blockCount) return INVALID_ARGUMENT;
  fs.blockCount = blockCount;
  fs.device.blockCount = blockCount;
  return blockSize === fs.config.blockSize ? 0 : INVALID_ARGUMENT;
}

/** Keeps a pair up to date while another one is committed. */
function hold<T>(fs: Littlefs2, pair: MetadataPair, action: () => T): T {
  const entry: OpenEntry = { kind: 'held', id: 0, pair };
  fs.track(entry);
  try {
    return action();
  } finally {
    fs.untrack(entry);
  }
}

/** @returns an error or 0 */
export function makeDirectory(fs: Littlefs2, pathBytes: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const parent = new MetadataPair();
  const path = new PathWalk(pathBytes);
  const tag = find(fs, parent, path);
  if (!(tag === NO_ENTRY && path.isLast)) return tag < 0 ? tag : EXISTS;
  const id = matched.id;
  const { name } = path;
  if (name.length > fs.nameMax) return NAME_TOO_LONG;

  markCheckpoint(fs);
  const directory = new MetadataPair();
  error = allocatePair(fs, directory);
  if (error !== 0) return error;
  const last = parent.clone();
  for (let pairs = 0; last.split; pairs++) {
    error = pairs > fs.blockCount ? CORRUPT : fetchTail(fs, last);
    if (error !== 0) return error;
  }
  error = commit(fs, directory, [{ tag: makeTag(TYPE_SOFT_TAIL, NO_ID, 8), data: pairBytes(last.tail0, last.tail1) }]);
  if (error !== 0) return error;

  if (parent.split) {
    // Into the list behind the parent's last pair, before the parent knows it.
    changeOrphans(fs, 1);
    error = hold(fs, parent, () =>
      commit(fs, last, [{ tag: makeTag(TYPE_SOFT_TAIL, NO_ID, 8), data: pairBytes(directory.pair0, directory.pair1) }]),
    );
    if (error !== 0) return error;
    changeOrphans(fs, -1);
  }
  const pointer = pairBytes(directory.pair0, directory.pair1);
  return commit(fs, parent, [
    { tag: makeTag(TYPE_CREATE, id, 0) },
    { tag: makeTag(TYPE_DIRECTORY, id, name.length), data: name },
    { tag: makeTag(TYPE_DIRECTORY_STRUCT, id, 8), data: pointer },
    { tag: makeTagIf(!parent.split, TYPE_SOFT_TAIL, NO_ID, 8), data: pointer },
  ]);
}

/** Reads the pair of a directory that has an entry. @returns `NOT_EMPTY` if it is not empty, an error, or 0 */
function fetchEmpty(fs: Littlefs2, pair: MetadataPair, id: number, into: MetadataPair): number {
  const bytes = new Uint8Array(8);
  const tag = get(fs, pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, id, 8), bytes);
  if (tag < 0) return tag;
  const error = fetch(fs, into, load32(bytes, 0), load32(bytes, 4));
  if (error !== 0) return error;
  return into.count > 0 || into.split ? NOT_EMPTY : 0;
}

/** Takes a directory that no entry points to any more out of the list. */
function dropOrphan(fs: Littlefs2, orphan: MetadataPair): number {
  changeOrphans(fs, -1);
  const before = new MetadataPair();
  let error = findPredecessor(fs, orphan.pair0, orphan.pair1, before);
  if (error !== 0) return error;
  error = addGlobalState(fs, orphan, fs.globalDelta);
  if (error !== 0) return error;
  return commit(fs, before, [tailTag(orphan)]);
}

/** Removes a file or an empty directory. @returns an error or 0 */
export function remove(fs: Littlefs2, pathBytes: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const pair = new MetadataPair();
  const tag = find(fs, pair, new PathWalk(pathBytes));
  if (tag < 0) return tag;
  const id = idOf(tag);
  if (id === NO_ID) return INVALID_ARGUMENT;
  const directory = new MetadataPair();
  const isDirectory = typeOf(tag) === TYPE_DIRECTORY;
  if (isDirectory) {
    error = fetchEmpty(fs, pair, id, directory);
    if (error !== 0) return error;
    changeOrphans(fs, 1);
  }
  const erase = (): number => commit(fs, pair, [{ tag: makeTag(TYPE_DELETE, id, 0) }]);
  error = isDirectory ? hold(fs, directory, erase) : erase();
  if (error !== 0) return error;
  return fs.global.hasOrphans ? dropOrphan(fs, directory) : 0;
}

/** Renames or moves; what has the new name is replaced if it is of the same kind, and empty. @returns an error or 0 */
export function rename(fs: Littlefs2, from: Uint8Array, to: Uint8Array): number {
  let error = makeConsistent(fs);
  if (error !== 0) return error;
  const oldPair = new MetadataPair();
  const oldTag = find(fs, oldPair, new PathWalk(from));
  if (oldTag < 0) return oldTag;
  const oldId = idOf(oldTag);
  if (oldId === NO_ID) return INVALID_ARGUMENT;

  const newPair = new MetadataPair();
  const path = new PathWalk(to);
  const previousTag = find(fs, newPair, path);
  const newId = matched.id;
  const isNew = previousTag === NO_ENTRY && path.isLast;
  if ((previousTag < 0 || idOf(previousTag) === NO_ID) && !isNew) return previousTag < 0 ? previousTag : INVALID_ARGUMENT;

  const samePlace = overlap(oldPair.pair0, oldPair.pair1, newPair.pair0, newPair.pair1);
  let oldIdAfter = oldId;
  const replaced = new MetadataPair();
  let replacesDirectory = false;
  if (isNew) {
    if (path.endsInSlash && typeOf(oldTag) !== TYPE_DIRECTORY) return NOT_DIRECTORY;
    if (path.name.length > fs.nameMax) return NAME_TOO_LONG;
    // The new entry pushes the old one on.
    if (samePlace && newId <= oldIdAfter) oldIdAfter++;
  } else if (typeOf(previousTag) !== typeOf(oldTag)) {
    return typeOf(previousTag) === TYPE_DIRECTORY ? IS_DIRECTORY : NOT_DIRECTORY;
  } else if (samePlace && newId === oldIdAfter) {
    return 0;
  } else if (typeOf(previousTag) === TYPE_DIRECTORY) {
    error = fetchEmpty(fs, newPair, newId, replaced);
    if (error !== 0) return error;
    changeOrphans(fs, 1);
    replacesDirectory = true;
  }
  if (!samePlace) setMove(fs, oldIdAfter, oldPair.pair0, oldPair.pair1);

  const { name } = path;
  const move = (): number => {
    const failed = commit(fs, newPair, [
      { tag: makeTagIf(!isNew, TYPE_DELETE, newId, 0) },
      { tag: makeTag(TYPE_CREATE, newId, 0) },
      { tag: makeTag(typeOf(oldTag), newId, name.length), data: name },
      { tag: makeTag(FROM_MOVE, newId, oldId), data: oldPair },
      { tag: makeTagIf(samePlace, TYPE_DELETE, oldIdAfter, 0) },
    ]);
    if (failed !== 0 || samePlace || !fs.global.hasMove) return failed;
    setMove(fs, NO_ID, 0, 0);
    return commit(fs, oldPair, [{ tag: makeTag(TYPE_DELETE, oldId, 0) }]);
  };
  error = replacesDirectory ? hold(fs, replaced, move) : move();
  if (error !== 0) return error;
  return fs.global.hasOrphans ? dropOrphan(fs, replaced) : 0;
}

export function stat(fs: Littlefs2, pathBytes: Uint8Array): { error: number; info: EntryInfo } {
  const pair = new MetadataPair();
  const path = new PathWalk(pathBytes);
  const tag = find(fs, pair, path);
  const info: EntryInfo = { name: new Uint8Array(0), directory: false, size: 0 };
  if (tag < 0) return { error: tag, info };
  if (path.bytes.indexOf(0x2f, path.at) >= 0 && typeOf(tag) !== TYPE_DIRECTORY) return { error: NOT_DIRECTORY, info };
  return getInfo(fs, pair, idOf(tag));
}

/** Finds the pair and id that hold a path's attributes; those of the root are the superblock entry's. */
function findAttributes(fs: Littlefs2, pathBytes: Uint8Array, pair: MetadataPair): number {
  const tag = find(fs, pair, new PathWalk(pathBytes));
  if (tag < 0) return tag;
  if (idOf(tag) !== NO_ID) return idOf(tag);
  return fetch(fs, pair, fs.root0, fs.root1);
}

/** Reads a user attribute. @returns its size, which may be more than was asked for; `NO_ATTRIBUTE`; or another error */
export function getAttribute(fs: Littlefs2, pathBytes: Uint8Array, type: number, into: Uint8Array): number {
  const pair = new MetadataPair();
  const id = findAttributes(fs, pathBytes, pair);
  if (id < 0) return id;
  const tag = get(
    fs,
    pair,
    makeTag(0x7ff, NO_ID, 0),
    makeTag(TYPE_USER_ATTRIBUTE + type, id, Math.min(into.length, fs.attributeMax)),
    into,
  );
  if (tag < 0) return tag === NO_ENTRY ? NO_ATTRIBUTE : tag;
  return sizeOf(tag);
}

/** Sets a user attribute. @returns an error or 0 */
export function setAttribute(fs: Littlefs2, pathBytes: Uint8Array, type: number, value: Uint8Array): number {
  if (value.length > fs.attributeMax) return NO_SPACE;
  const pair = new MetadataPair();
  const id = findAttributes(fs, pathBytes, pair);
  if (id < 0) return id;
  return commit(fs, pair, [{ tag: makeTag(TYPE_USER_ATTRIBUTE + type, id, value.length), data: value }]);
}

/** Begins to read a directory; the entry must be untracked in the end. @returns an error or 0 */
export function openDirectory(fs: Littlefs2, pathBytes: Uint8Array, entry: OpenDirectory): number {
  const tag = find(fs, entry.pair, new PathWalk(pathBytes));
  if (tag < 0) return tag;
  if (typeOf(tag) !== TYPE_DIRECTORY) return NOT_DIRECTORY;
  let block0 = fs.root0;
  let block1 = fs.root1;
  if (idOf(tag) !== NO_ID) {
    const bytes = new Uint8Array(8);
    const struct = get(fs, entry.pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, idOf(tag), 8), bytes);
    if (struct < 0) return struct;
    block0 = load32(bytes, 0);
    block1 = load32(bytes, 4);
  }
  const error = fetch(fs, entry.pair, block0, block1);
  if (error !== 0) return error;
  entry.head0 = entry.pair.pair0;
  entry.head1 = entry.pair.pair1;
  entry.id = 0;
  entry.position = 0;
  fs.track(entry);
  return 0;
}

/** The next entry of a directory, without "." and "..". @returns undefined at the end; an error in `error` */
export function readDirectory(fs: Littlefs2, entry: OpenDirectory): { error: number; info: EntryInfo } | undefined {
  for (let pairs = 0; ; ) {
    if (entry.id === entry.pair.count) {
      if (!entry.pair.split) return undefined;
      const error = pairs++ > fs.blockCount ? CORRUPT : fetchTail(fs, entry.pair);
      if (error !== 0) return { error, info: { name: new Uint8Array(0), directory: true, size: 0 } };
      entry.id = 0;
    }
    const next = getInfo(fs, entry.pair, entry.id);
    if (next.error !== 0 && next.error !== NO_ENTRY) return next;
    entry.id++;
    if (next.error !== 0) continue;
    entry.position++;
    return next;
  }
}
