/**
 * Committing changes to a pair, and everything that must follow from it: open files and directories whose ids shift, parents
 * and predecessors of pairs that moved.
 *
 * Source: littlefs's DESIGN.md ("The move problem", "Orphans"); the order of steps is that of littlefs 2.11.
 */

import { load32 } from '../littlefs/words.ts';
import { CommitWriter } from './commit-writer.ts';
import { allocatePair, compactAndSplit, RELOCATED, stateBytes } from './compact.ts';
import { changeOrphans, findParent, findPredecessor, removeOrphans, setMove } from './consistency.ts';
import { addGlobalState, fetchTail } from './fetch.ts';
import { CORRUPT, FATAL, NO_ENTRY, NO_SPACE } from './result.ts';
import { GlobalState, type Littlefs2, MetadataPair, type OpenDirectory, type OpenFileEntry, overlap, pairBytes } from './state.ts';
import {
  chunkOf,
  idOf,
  kindOf,
  makeTag,
  makeTagIf,
  moveId,
  NO_ID,
  TYPE_CREATE,
  TYPE_DELETE,
  TYPE_MOVE_STATE,
  TYPE_TAIL,
  typeOf,
} from './tag.ts';
import { ALL_TAGS, type CommitTag, traverse } from './traverse.ts';

export { allocatePair };

/** The pair became empty and is to be left out of its directory. */
const DROPPED = 2;
/** The commit succeeded, but left orphans behind. */
export const ORPHANED = 3;

/** Commits tags to a pair. @returns an error or 0 */
export function commit(fs: Littlefs2, pair: MetadataPair, tags: readonly CommitTag[]): number {
  const result = commitOrphaning(fs, pair, tags);
  if (result < 0) return result;
  return result === ORPHANED ? removeOrphans(fs, false) : 0;
}

/** `commit` that leaves orphans to its caller. @returns `ORPHANED`, 0 or an error */
export function commitOrphaning(fs: Littlefs2, pair: MetadataPair, tags: readonly CommitTag[]): number {
  let error = evictInlineFiles(fs, pair);
  if (error !== 0) return error;

  let old0 = pair.pair0;
  let old1 = pair.pair1;
  let changed = pair.clone();
  const other = new MetadataPair();
  let result = commitRelocating(fs, changed, pair, pair.pair0, pair.pair1, tags, other);
  if (result < 0) return result;
  // If the pair is open, it has been brought up to date already.
  if (overlap(pair.pair0, pair.pair1, old0, old1)) pair.set(changed);

  if (result === DROPPED) {
    error = addGlobalState(fs, pair, fs.globalDelta);
    if (error !== 0) return error;
    old0 = other.pair0;
    old1 = other.pair1;
    result = commitRelocating(fs, other, null, old0, old1, [tailTag(pair)], null);
    if (result < 0) return result;
    changed = other.clone();
  }

  let orphans = false;
  while (result === RELOCATED) {
    noteRelocation(fs, old0, old1, changed);
    // The parent's entry is to point to the new pair.
    let tag = findParent(fs, old0, old1, other);
    if (tag < 0 && tag !== NO_ENTRY) return tag;
    const hasParent = tag !== NO_ENTRY;
    if (hasParent) {
      changeOrphans(fs, 1);
      const moving = takePendingMove(fs, other);
      if (moving !== NO_ID && moving < idOf(tag)) tag = moveId(tag, -1);
      const parent0 = other.pair0;
      const parent1 = other.pair1;
      result = commitRelocating(
        fs,
        other,
        null,
        parent0,
        parent1,
        [{ tag: makeTagIf(moving !== NO_ID, TYPE_DELETE, moving, 0) }, { tag, data: pairBytes(changed.pair0, changed.pair1) }],
        null,
      );
      if (result < 0) return result;
      if (result === RELOCATED) {
        old0 = parent0;
        old1 = parent1;
        changed = other.clone();
        orphans = true;
        continue;
      }
    }

    // So is the predecessor's tail. A pair that has none is new.
    error = findPredecessor(fs, old0, old1, other);
    if (error !== 0 && error !== NO_ENTRY) return error;
    result = 0;
    if (error === NO_ENTRY) continue;
    if (fs.global.hasOrphans) changeOrphans(fs, hasParent ? -1 : 0);
    const moving = takePendingMove(fs, other);
    old0 = other.pair0;
    old1 = other.pair1;
    result = commitRelocating(
      fs,
      other,
      null,
      old0,
      old1,
      [
        { tag: makeTagIf(moving !== NO_ID, TYPE_DELETE, moving, 0) },
        { tag: makeTag(TYPE_TAIL + (other.split ? 1 : 0), NO_ID, 8), data: pairBytes(changed.pair0, changed.pair1) },
      ],
      null,
    );
    if (result < 0) return result;
    changed = other.clone();
  }
  return orphans ? ORPHANED : 0;
}

/** A tag that takes over the tail of a pair. */
export function tailTag(pair: MetadataPair): CommitTag {
  return { tag: makeTag(TYPE_TAIL + (pair.split ? 1 : 0), NO_ID, 8), data: pairBytes(pair.tail0, pair.tail1) };
}

/** If an entry of the pair is moving away, its deletion must go along: the relocation would outdate the move. */
export function takePendingMove(fs: Littlefs2, pair: MetadataPair): number {
  if (!fs.global.hasMoveHere(pair)) return NO_ID;
  const moving = fs.global.moveId;
  setMove(fs, NO_ID, 0, 0);
  return moving;
}

/** Inline files that are not wholly in memory cannot follow a change of their pair. */
function evictInlineFiles(fs: Littlefs2, pair: MetadataPair): number {
  for (let i = fs.open.length - 1; i >= 0; i--) {
    const file = fs.open[i] as OpenFileEntry;
    if (
      file.kind === 'file' &&
      file.pair !== pair &&
      overlap(file.pair.pair0, file.pair.pair1, pair.pair0, pair.pair1) &&
      file.inline &&
      file.size > fs.config.cacheSize
    ) {
      const error = file.evict();
      if (error !== 0) return error;
    }
  }
  return 0;
}

function noteRelocation(fs: Littlefs2, old0: number, old1: number, pair: MetadataPair): void {
  if (fs.isRoot(old0, old1)) {
    fs.root0 = pair.pair0;
    fs.root1 = pair.pair1;
  }
  for (const entry of fs.open) {
    if (overlap(old0, old1, entry.pair.pair0, entry.pair.pair1)) {
      entry.pair.pair0 = pair.pair0;
      entry.pair.pair1 = pair.pair1;
    }
    if (entry.kind === 'directory') {
      const directory = entry as OpenDirectory;
      if (overlap(old0, old1, directory.head0, directory.head1)) {
        directory.head0 = pair.pair0;
        directory.head1 = pair.pair1;
      }
    }
  }
}

/**
 * Commits, and leaves relocations to its caller.
 * @param owner the caller's own pair, if that is open: its id is the caller's business
 * @param predecessor becomes the pair before this one, if this one is dropped
 * @returns `RELOCATED`, `DROPPED`, 0 or an error
 */
function commitRelocating(
  fs: Littlefs2,
  pair: MetadataPair,
  owner: MetadataPair | null,
  old0: number,
  old1: number,
  tags: readonly CommitTag[],
  predecessor: MetadataPair | null,
): number {
  let deletes = false;
  for (const { tag, data } of tags) {
    if (typeOf(tag) === TYPE_CREATE) {
      pair.count = (pair.count + 1) & 0xffff;
    } else if (typeOf(tag) === TYPE_DELETE) {
      pair.count = (pair.count - 1) & 0xffff;
      deletes = true;
    } else if (kindOf(tag) === TYPE_TAIL) {
      pair.tail0 = load32(data as Uint8Array, 0);
      pair.tail1 = load32(data as Uint8Array, 4);
      pair.split = (chunkOf(tag) & 1) !== 0;
    }
  }

  let result = 0;
  let dropped = false;
  if (deletes && pair.count === 0 && predecessor) {
    const error = findPredecessor(fs, pair.pair0, pair.pair1, predecessor);
    if (error !== 0 && error !== NO_ENTRY) return error;
    dropped = error === 0 && predecessor.split;
  }
  if (dropped) {
    result = DROPPED;
  } else {
    const appended = pair.erased && pair.count < 0xff ? append(fs, pair, tags) : NO_SPACE;
    if (appended === NO_SPACE || appended === CORRUPT) {
      fs.device.programCache.drop();
      result = compactAndSplit(fs, pair, tags, pair, 0, pair.count);
      if (result < 0) return result;
    } else if (appended !== 0) {
      return appended < -FATAL ? appended + FATAL : appended;
    }
  }
  const error = updateOpen(fs, pair, owner, old0, old1, tags);
  return error !== 0 ? error : result;
}

/** Adds a commit behind the last one. @returns `NO_SPACE` or `CORRUPT` if the pair must be compacted, another error, or 0 */
function append(fs: Littlefs2, pair: MetadataPair, tags: readonly CommitTag[]): number {
  const writer = new CommitWriter(fs, pair.pair0, pair.offset, pair.lastTag);
  let error = traverse(fs, pair, pair.offset, pair.lastTag, tags, 0, ALL_TAGS, (tag, data, block, offset) =>
    writer.tag(tag, data, block, offset),
  );
  if (error !== 0) return error;
  const delta = new GlobalState();
  delta.xor(fs.global);
  delta.xor(fs.globalOnDisk);
  delta.xor(fs.globalDelta);
  delta.tag &= ~0x3ff;
  if (!delta.isZero) {
    error = addGlobalState(fs, pair, delta);
    if (error !== 0) return error - FATAL;
    error = writer.tag(makeTag(TYPE_MOVE_STATE, NO_ID, 12), stateBytes(delta), 0, 0);
    if (error !== 0) return error;
  }
  error = writer.finish();
  if (error !== 0) return error;
  pair.offset = writer.offset;
  pair.lastTag = writer.previous;
  fs.globalOnDisk.set(fs.global);
  fs.globalDelta.clear();
  return 0;
}

/** Brings open files and directories of a pair up to date. @returns an error or 0 */
function updateOpen(
  fs: Littlefs2,
  pair: MetadataPair,
  owner: MetadataPair | null,
  old0: number,
  old1: number,
  tags: readonly CommitTag[],
): number {
  for (let i = fs.open.length - 1; i >= 0; i--) {
    const entry = fs.open[i];
    if (!overlap(entry.pair.pair0, entry.pair.pair1, old0, old1)) continue;
    entry.pair.set(pair);
    if (entry.pair !== owner) {
      for (const { tag } of tags) {
        if (typeOf(tag) === TYPE_DELETE && entry.id === idOf(tag) && entry.kind !== 'directory') {
          // Its file is gone.
          entry.pair.pair0 = 0xffffffff;
          entry.pair.pair1 = 0xffffffff;
        } else if (typeOf(tag) === TYPE_DELETE && entry.id > idOf(tag)) {
          shift(entry as OpenDirectory, -1);
        } else if (typeOf(tag) === TYPE_CREATE && entry.id >= idOf(tag)) {
          shift(entry as OpenDirectory, 1);
        }
      }
    }
    for (let pairs = 0; entry.id >= entry.pair.count && entry.pair.split; pairs++) {
      // It is in the tail now.
      if (!fs.isRoot(entry.pair.tail0, entry.pair.tail1)) entry.id -= entry.pair.count;
      const error = pairs > fs.blockCount ? CORRUPT : fetchTail(fs, entry.pair);
      if (error !== 0) return error;
    }
  }
  return 0;
}

function shift(entry: OpenDirectory, by: number): void {
  entry.id += by;
  if (entry.kind === 'directory') entry.position += by;
}
