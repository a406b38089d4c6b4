/**
 * The threaded list of all pairs: who precedes whom, who is whose parent, what is in use; and mending what a power cut left
 * half done.
 *
 * Source: littlefs's DESIGN.md ("Threaded trees", "Orphans", "The move problem").
 */

import { load32, store32 } from '../littlefs/words.ts';
import { EQUAL, LESS } from './cache.ts';
import { commit, commitOrphaning, ORPHANED, tailTag, takePendingMove } from './commit.ts';
import { addGlobalState, fetch, fetchMatch, fetchTail, get } from './fetch.ts';
import { CORRUPT, NO_ENTRY } from './result.ts';
import { traverseSkipList } from './skip-list.ts';
import { DISK_VERSION, type Littlefs2, MetadataPair, type OpenFileEntry, overlap, pairBytes, samePair } from './state.ts';
import {
  makeTag,
  makeTagIf,
  NO_ID,
  TYPE_DELETE,
  TYPE_DIRECTORY_STRUCT,
  TYPE_INLINE_STRUCT,
  TYPE_SKIP_LIST_STRUCT,
  TYPE_SOFT_TAIL,
  TYPE_STRUCT,
  typeOf,
} from './tag.ts';

/** Finds circles in a list by Brent's method, as littlefs does. */
export class CycleGuard {
  private pair0 = 0xffffffff;
  private pair1 = 0xffffffff;
  private step = 1;
  private period = 1;

  /** @returns `CORRUPT` if the list has come back to a pair, else 0 */
  check(pair: MetadataPair): number {
    if (samePair(pair.tail0, pair.tail1, this.pair0, this.pair1)) return CORRUPT;
    if (this.step === this.period) {
      this.pair0 = pair.tail0;
      this.pair1 = pair.tail1;
      this.step = 0;
      this.period *= 2;
    }
    this.step++;
    return 0;
  }
}

const structBytes = new Uint8Array(8);

/**
 * Calls `use` for every block in use, some of them several times.
 * @param orphans also the directories that entries point to, though they may not be in the list yet
 */
export function forEachBlock(fs: Littlefs2, use: (block: number) => number, orphans: boolean): number {
  const pair = MetadataPair.beforeFirst();
  const guard = new CycleGuard();
  while (pair.hasTail) {
    let error = guard.check(pair) || use(pair.tail0) || use(pair.tail1);
    if (error !== 0) return error;
    error = fetchTail(fs, pair);
    if (error !== 0) return error;
    for (let id = 0; id < pair.count; id++) {
      const tag = get(fs, pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, id, 8), structBytes);
      if (tag === NO_ENTRY) continue;
      if (tag < 0) return tag;
      const first = load32(structBytes, 0);
      const second = load32(structBytes, 4);
      if (typeOf(tag) === TYPE_SKIP_LIST_STRUCT) error = traverseSkipList(fs, null, first, second, use);
      else if (orphans && typeOf(tag) === TYPE_DIRECTORY_STRUCT) error = use(first) || use(second);
      if (error !== 0) return error;
    }
  }
  for (let i = fs.open.length - 1; i >= 0; i--) {
    const file = fs.open[i] as OpenFileEntry;
    if (file.kind !== 'file' || file.inline) continue;
    if (file.dirty) {
      const error = traverseSkipList(fs, file.cache, file.head, file.size, use);
      if (error !== 0) return error;
    }
    if (file.writing) {
      const error = traverseSkipList(fs, file.cache, file.block, file.position, use);
      if (error !== 0) return error;
    }
  }
  return 0;
}

/** The number of blocks in use, shared ones counted as often as they are used. @returns it, or an error */
export function countBlocks(fs: Littlefs2, orphans: boolean): number {
  let count = 0;
  const error = forEachBlock(
    fs,
    () => {
      count++;
      return 0;
    },
    orphans,
  );
  return error !== 0 ? error : count;
}

/** Finds the pair whose tail is this one. @returns 0, `NO_ENTRY`, or another error */
export function findPredecessor(fs: Littlefs2, block0: number, block1: number, into: MetadataPair): number {
  into.tail0 = 0;
  into.tail1 = 1;
  const guard = new CycleGuard();
  while (into.hasTail) {
    if (guard.check(into) !== 0) return CORRUPT;
    if (overlap(into.tail0, into.tail1, block0, block1)) return 0;
    const error = fetchTail(fs, into);
    if (error !== 0) return error;
  }
  return NO_ENTRY;
}

const childBytes = new Uint8Array(8);

/** Finds the entry that points to a directory. @returns its tag, `NO_ENTRY`, or another error */
export function findParent(fs: Littlefs2, block0: number, block1: number, into: MetadataPair): number {
  const device = fs.device;
  into.tail0 = 0;
  into.tail1 = 1;
  const guard = new CycleGuard();
  while (into.hasTail) {
    const circle = guard.check(into);
    if (circle !== 0) return circle;
    const tag = fetchMatch(
      fs,
      into,
      into.tail0,
      into.tail1,
      makeTag(0x7ff, 0, 0x3ff),
      makeTag(TYPE_DIRECTORY_STRUCT, 0, 8),
      (_tag, block, offset) => {
        const error = device.read(device.programCache, device.readCache, fs.config.blockSize, block, offset, childBytes, 8);
        if (error !== 0) return error;
        return overlap(load32(childBytes, 0), load32(childBytes, 4), block0, block1) ? EQUAL : LESS;
      },
    );
    if (tag !== 0 && tag !== NO_ENTRY) return tag;
  }
  return NO_ENTRY;
}

// The global state, as the next commit will write it.

export function changeOrphans(fs: Littlefs2, by: number): void {
  const state = fs.global;
  state.tag = (state.tag + by) | 0;
  state.tag = (state.tag & 0x7fffffff) | (state.hasOrphans ? 0x80000000 : 0);
}

/** An entry is moving away from a pair; `NO_ID` if none is. */
export function setMove(fs: Littlefs2, id: number, block0: number, block1: number): void {
  const state = fs.global;
  const moving = id !== NO_ID;
  state.tag = (state.tag & ~makeTag(0x7ff, NO_ID, 0)) | (moving ? makeTag(TYPE_DELETE, id, 0) : 0);
  state.pair0 = moving ? block0 : 0;
  state.pair1 = moving ? block1 : 0;
}

export function setNeedsSuperblock(fs: Littlefs2, needed: boolean): void {
  fs.global.tag = (fs.global.tag & ~0x200) | (needed ? 0x200 : 0);
}

/** The superblock's contents. */
export function superblockBytes(fs: Littlefs2): Uint8Array {
  const bytes = new Uint8Array(24);
  const values = [DISK_VERSION, fs.config.blockSize, fs.blockCount, fs.nameMax, fs.fileMax, fs.attributeMax];
  for (let i = 0; i < values.length; i++) store32(bytes, i * 4, values[i]);
  return bytes;
}

/** Before the first change after mounting: finishes what was interrupted. @returns an error or 0 */
export function makeConsistent(fs: Littlefs2): number {
  return updateSuperblock(fs) || finishMove(fs) || removeOrphans(fs, true);
}

function updateSuperblock(fs: Littlefs2): number {
  if (!fs.global.needsSuperblock) return 0;
  const root = new MetadataPair();
  let error = fetch(fs, root, fs.root0, fs.root1);
  if (error !== 0) return error;
  error = commit(fs, root, [{ tag: makeTag(TYPE_INLINE_STRUCT, 0, 24), data: superblockBytes(fs) }]);
  if (error !== 0) return error;
  setNeedsSuperblock(fs, false);
  return 0;
}

/** Deletes the entry that had arrived elsewhere already. */
function finishMove(fs: Littlefs2): number {
  if (!fs.globalOnDisk.hasMove) return 0;
  const pair = new MetadataPair();
  const error = fetch(fs, pair, fs.globalOnDisk.pair0, fs.globalOnDisk.pair1);
  if (error !== 0) return error;
  const moving = fs.globalOnDisk.moveId;
  setMove(fs, NO_ID, 0, 0);
  return commit(fs, pair, [{ tag: makeTag(TYPE_DELETE, moving, 0) }]);
}

/**
 * Removes directories without a parent, and mends pointers to pairs that have moved.
 * @param afterPowerLoss otherwise a directory without a parent is one that is just being made
 */
export function removeOrphans(fs: Littlefs2, afterPowerLoss: boolean): number {
  if (!fs.global.hasOrphans) return 0;
  // Pairs that moved first: they can hide orphans.
  let pass = 0;
  // A sound filesystem needs a few walks along its pairs; on a damaged one the walk may never end.
  let budget = 64 * (fs.blockCount + 64);
  while (pass < 2) {
    const previous = MetadataPair.beforeFirst();
    previous.split = true;
    let more = false;
    while (previous.hasTail) {
      if (--budget < 0) return CORRUPT;
      const result = mendTail(fs, previous, pass, afterPowerLoss);
      if (result < 0) return result;
      if (result === ORPHANED) more = true;
    }
    pass = more ? 0 : pass + 1;
  }
  changeOrphans(fs, -fs.global.orphans);
  return 0;
}

const MENDED = 1;

/** Looks at the pair behind `previous`, and steps on to it if it needs no mending. @returns `ORPHANED`, `MENDED`, 0, an error */
function mendTail(fs: Littlefs2, previous: MetadataPair, pass: number, afterPowerLoss: boolean): number {
  const pair = new MetadataPair();
  let error = fetchTail(fs, pair, previous);
  if (error !== 0) return error;
  if (!previous.split) {
    const parent = new MetadataPair();
    const tag = findParent(fs, previous.tail0, previous.tail1, parent);
    if (tag < 0 && tag !== NO_ENTRY) return tag;
    if (pass === 0 && tag !== NO_ENTRY) {
      const state = get(fs, parent, makeTag(0x7ff, NO_ID, 0), tag, childBytes);
      if (state < 0) return state;
      const block0 = load32(childBytes, 0);
      const block1 = load32(childBytes, 4);
      if (!samePair(block0, block1, previous.tail0, previous.tail1)) {
        const moving = takePendingMove(fs, previous);
        return mended(
          commitOrphaning(fs, previous, [
            { tag: makeTagIf(moving !== NO_ID, TYPE_DELETE, moving, 0) },
            { tag: makeTag(TYPE_SOFT_TAIL, NO_ID, 8), data: pairBytes(block0, block1) },
          ]),
        );
      }
    }
    if (pass === 1 && tag === NO_ENTRY && afterPowerLoss) {
      error = addGlobalState(fs, pair, fs.globalDelta);
      if (error !== 0) return error;
      return mended(commitOrphaning(fs, previous, [tailTag(pair)]));
    }
  }
  previous.set(pair);
  return 0;
}

function mended(result: number): number {
  return result === 0 ? MENDED : result;
}
