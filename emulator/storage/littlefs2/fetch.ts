/**
 * Reading metadata: finding a pair's current block and last commit, and looking tags up in it.
 *
 * Source: littlefs's SPEC.md ("Directories / Metadata pairs", "Metadata blocks") and DESIGN.md.
 */

import { crc32 } from '../littlefs/crc.ts';
import { load32 } from '../littlefs/words.ts';
import { BLOCK_INLINE, type Cache, EQUAL, GREATER } from './cache.ts';
import { CORRUPT, NO_ENTRY } from './result.ts';
import { GlobalState, type Littlefs2, type MetadataPair } from './state.ts';
import {
  chunkOf,
  diskSize,
  INVALID,
  idOf,
  isDelete,
  isValid,
  kindAndBit,
  kindOf,
  makeTag,
  moveId,
  NO_ID,
  sizeOf,
  spliceOf,
  TYPE_COMMIT_CRC,
  TYPE_CREATE,
  TYPE_DELETE,
  TYPE_DIRECTORY,
  TYPE_FORWARD_CRC,
  TYPE_INLINE_STRUCT,
  TYPE_MOVE_STATE,
  TYPE_NAME,
  TYPE_SKIP_LIST_STRUCT,
  TYPE_SPLICE,
  TYPE_STRUCT,
  TYPE_TAIL,
  typeOf,
} from './tag.ts';

const word = new Uint8Array(8);

/** A tag as it is on the medium: the highest byte first. */
function bigEndian(bytes: Uint8Array): number {
  return (bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3];
}

/**
 * Looks a tag up, from the newest back to the oldest.
 * @param mask which bits of `wanted` count
 * @param from first byte of the tag's data that is wanted
 * @param into is filled with data, and behind its end with zeros
 * @returns the tag, with the id it has now; or an error
 */
export function getSlice(
  fs: Littlefs2,
  pair: MetadataPair,
  mask: number,
  wanted: number,
  from: number,
  into: Uint8Array,
  length: number,
): number {
  const device = fs.device;
  let offset = pair.offset;
  let next = pair.lastTag;
  // By how much ids were shifted by what was created and deleted since.
  let shift = 0;
  const byId = idOf(mask) !== 0;
  if (byId && fs.globalOnDisk.hasMoveHere(pair)) {
    // An entry that is moving away counts as gone.
    const moving = fs.globalOnDisk.moveId;
    if (moving === idOf(wanted)) return NO_ENTRY;
    if (moving < idOf(wanted)) shift -= makeTag(0, 1, 0);
  }
  while (offset >= 4 + diskSize(next)) {
    offset -= diskSize(next);
    const tag = next;
    let error = device.read(null, device.readCache, 4, pair.pair0, offset, word, 4);
    if (error !== 0) return error;
    next = (bigEndian(word) ^ tag) & 0x7fffffff;
    const shifted = (wanted - shift) | 0;
    if (byId && kindOf(tag) === TYPE_SPLICE && idOf(tag) <= idOf(shifted)) {
      if (tag === (makeTag(TYPE_CREATE, 0, 0) | (makeTag(0, NO_ID, 0) & shifted))) return NO_ENTRY;
      shift += makeTag(0, spliceOf(tag), 0);
    }
    if ((mask & tag) === (mask & (wanted - shift))) {
      if (isDelete(tag)) return NO_ENTRY;
      const count = Math.min(sizeOf(tag), length);
      error = device.read(null, device.readCache, count, pair.pair0, offset + 4 + from, into, count);
      if (error !== 0) return error;
      into.fill(0, count, length);
      return (tag + shift) | 0;
    }
  }
  return NO_ENTRY;
}

/** `getSlice` from the beginning of the data, as much as the wanted tag's size says. */
export function get(fs: Littlefs2, pair: MetadataPair, mask: number, wanted: number, into: Uint8Array): number {
  return getSlice(fs, pair, mask, wanted, 0, into, sizeOf(wanted));
}

/** Reads data of a tag through a cache. @returns an error or 0 */
export function getRead(
  fs: Littlefs2,
  pair: MetadataPair,
  cache: Cache,
  hint: number,
  mask: number,
  wanted: number,
  offset: number,
  into: Uint8Array,
  at: number,
  length: number,
): number {
  const { blockSize, readSize, cacheSize } = fs.config;
  if (offset + length > blockSize) return CORRUPT;
  const end = at + length;
  while (at < end) {
    if (cache.reaches(BLOCK_INLINE, offset) && offset >= cache.offset) {
      const count = Math.min(end - at, cache.size - (offset - cache.offset));
      into.set(cache.buffer.subarray(offset - cache.offset, offset - cache.offset + count), at);
      at += count;
      offset += count;
      continue;
    }
    cache.block = BLOCK_INLINE;
    cache.offset = offset - (offset % readSize);
    cache.size = Math.min(Math.ceil((offset + hint) / readSize) * readSize, cacheSize);
    const tag = getSlice(fs, pair, mask, wanted, cache.offset, cache.buffer, cache.size);
    if (tag < 0) return tag;
    // A cache that does not reach so far would be filled again for ever.
    if (!cache.reaches(BLOCK_INLINE, offset)) return CORRUPT;
  }
  return 0;
}

/**
 * Judges a tag that `fetchMatch` has come upon, whose data is on the medium.
 * @returns `EQUAL` if it is the one, `LESS` or `GREATER` for where it is in order, or an error
 */
export type Matcher = (tag: number, block: number, offset: number) => number;

/** Where `fetchMatch` leaves the id of what it found, or where it would have to be inserted. */
export const matched = { id: 0 };

/**
 * Reads a pair, and on the way looks for a tag.
 * @returns the tag; `NO_ENTRY` if it is not there but would belong here; 0 if it may be in the pair's tail; or an error
 */
export function fetchMatch(
  fs: Littlefs2,
  pair: MetadataPair,
  block0: number,
  block1: number,
  mask: number,
  wanted: number,
  matcher: Matcher | null,
): number {
  const device = fs.device;
  const { blockSize, programSize } = fs.config;
  let best = -1;
  if (fs.blockCount > 0 && (block0 >= fs.blockCount || block1 >= fs.blockCount)) return CORRUPT;

  // The block with the newer revision count comes first.
  const revisions = [0, 0];
  const blocks = [block0, block1];
  let newer = 0;
  for (let i = 0; i < 2; i++) {
    const error = device.read(null, device.readCache, 4, blocks[i], 0, word, 4);
    if (error === 0) revisions[i] = load32(word, 0);
    if (error !== 0 && error !== CORRUPT) return error;
    if (error !== CORRUPT && ((revisions[i] - revisions[1 - i]) | 0) > 0) newer = i;
  }
  pair.pair0 = blocks[newer];
  pair.pair1 = blocks[1 - newer];
  pair.revision = revisions[newer];
  pair.offset = 0;

  for (let attempt = 0; attempt < 2; attempt++) {
    let offset = 0;
    let previous = -1;
    let count = 0;
    let tail0 = 0xffffffff;
    let tail1 = 0xffffffff;
    let split = false;
    let candidate = best;
    let maybeErased = false;
    let hasForwardCrc = false;
    let forwardSize = 0;
    let forwardCrc = 0;
    store32Word(pair.revision);
    let crc = crc32(-1, word, 0, 4);

    for (;;) {
      offset += diskSize(previous);
      let error = device.read(null, device.readCache, blockSize, pair.pair0, offset, word, 4);
      if (error === CORRUPT) break;
      if (error !== 0) return error;
      crc = crc32(crc, word, 0, 4);
      const tag = bigEndian(word) ^ previous;
      if (!isValid(tag)) {
        // Nothing was written here since the last commit: only then can it still be erased.
        maybeErased = kindAndBit(previous) === TYPE_COMMIT_CRC;
        break;
      }
      if (offset + diskSize(tag) > blockSize) break;
      previous = tag;

      if (kindAndBit(tag) === TYPE_COMMIT_CRC) {
        error = device.read(null, device.readCache, blockSize, pair.pair0, offset + 4, word, 4);
        if (error === CORRUPT) break;
        if (error !== 0) return error;
        if (crc >>> 0 !== load32(word, 0)) break;
        // The commit tells whether the next tag's highest bit is inverted.
        previous ^= (chunkOf(tag) & 1) << 31;
        store32Word(crc);
        fs.seed = crc32(fs.seed, word, 0, 4);
        best = candidate;
        pair.offset = offset + diskSize(tag);
        pair.lastTag = previous;
        pair.count = count;
        pair.tail0 = tail0;
        pair.tail1 = tail1;
        pair.split = split;
        crc = -1;
        continue;
      }

      error = device.checksum(device.readCache, blockSize, pair.pair0, offset + 4, diskSize(tag) - 4, crc);
      if (error === CORRUPT) break;
      if (error !== 0) return error;
      crc = device.crc;

      const kind = kindOf(tag);
      if (kind === TYPE_NAME) {
        if (idOf(tag) >= count) count = idOf(tag) + 1;
      } else if (kind === TYPE_SPLICE) {
        count = (count + spliceOf(tag)) & 0xffff;
        if (tag === (makeTag(TYPE_DELETE, 0, 0) | (makeTag(0, NO_ID, 0) & candidate))) candidate |= INVALID;
        else if (candidate !== -1 && idOf(tag) <= idOf(candidate)) candidate = moveId(candidate, spliceOf(tag));
      } else if (kind === TYPE_TAIL) {
        split = (chunkOf(tag) & 1) !== 0;
        error = device.read(null, device.readCache, blockSize, pair.pair0, offset + 4, word, 8);
        if (error === CORRUPT) break;
        if (error !== 0) return error;
        tail0 = load32(word, 0);
        tail1 = load32(word, 4);
      } else if (typeOf(tag) === TYPE_FORWARD_CRC) {
        error = device.read(null, device.readCache, blockSize, pair.pair0, offset + 4, word, 8);
        if (error === CORRUPT) break;
        if (error !== 0) return error;
        forwardSize = load32(word, 0);
        forwardCrc = load32(word, 4);
        hasForwardCrc = true;
      }

      if (matcher && (mask & tag) === (mask & wanted)) {
        const order = matcher(tag, pair.pair0, offset + 4);
        if (order === CORRUPT) break;
        if (order < 0) return order;
        const same = makeTag(0x7ff, NO_ID, 0);
        if (order === EQUAL) candidate = tag;
        else if ((same & tag) === (same & candidate)) candidate = -1;
        else if (order === GREATER && idOf(tag) <= idOf(candidate)) candidate = tag | INVALID;
      }
    }

    if (pair.offset === 0) {
      pair.swap();
      pair.revision = revisions[1 - newer];
      continue;
    }

    // An interrupted programming behind the last commit shows in the checksum that the commit holds of it.
    pair.erased = false;
    if (maybeErased && pair.offset % programSize === 0 && hasForwardCrc) {
      const error = device.checksum(device.readCache, blockSize, pair.pair0, pair.offset, forwardSize, -1);
      if (error !== 0 && error !== CORRUPT) return error;
      pair.erased = device.crc >>> 0 === forwardCrc;
    }

    if (fs.globalOnDisk.hasMoveHere(pair)) {
      const moving = fs.globalOnDisk.moveId;
      if (moving === idOf(best)) best |= INVALID;
      else if (best !== -1 && moving < idOf(best)) best = moveId(best, -1);
    }
    matched.id = Math.min(idOf(best), pair.count);
    if (isValid(best)) return best;
    return idOf(best) < pair.count ? NO_ENTRY : 0;
  }
  return CORRUPT;
}

function store32Word(value: number): void {
  word[0] = value;
  word[1] = value >> 8;
  word[2] = value >> 16;
  word[3] = value >> 24;
}

/** Reads a pair. @returns an error or 0 */
export function fetch(fs: Littlefs2, pair: MetadataPair, block0: number, block1: number): number {
  const result = fetchMatch(fs, pair, block0, block1, -1, -1, null);
  return Math.min(result, 0);
}

/** Reads the pair behind another one, into `pair`. */
export function fetchTail(fs: Littlefs2, pair: MetadataPair, of: MetadataPair = pair): number {
  return fetch(fs, pair, of.tail0, of.tail1);
}

const stateBytes = new Uint8Array(12);

/** Combines the global state that a pair holds into `state`. */
export function addGlobalState(fs: Littlefs2, pair: MetadataPair, state: GlobalState): number {
  const tag = get(fs, pair, makeTag(0x7ff, 0, 0), makeTag(TYPE_MOVE_STATE, 0, 12), stateBytes);
  if (tag === NO_ENTRY) return 0;
  if (tag < 0) return tag;
  const held = new GlobalState();
  held.tag = load32(stateBytes, 0) | 0;
  held.pair0 = load32(stateBytes, 4);
  held.pair1 = load32(stateBytes, 8);
  state.xor(held);
  return 0;
}

export interface EntryInfo {
  name: Uint8Array;
  directory: boolean;
  size: number;
}

const structBytes = new Uint8Array(8);

/** Name, kind and size of an entry; an error in `error` if there is none. */
export function getInfo(fs: Littlefs2, pair: MetadataPair, id: number): { error: number; info: EntryInfo } {
  // Without a name it counts as a directory, as on the board.
  const info: EntryInfo = { name: new Uint8Array(0), directory: true, size: 0 };
  if (id === NO_ID) return { error: 0, info };
  const name = new Uint8Array(fs.nameMax + 1);
  let tag = get(fs, pair, makeTag(0x780, NO_ID, 0), makeTag(TYPE_NAME, id, fs.nameMax + 1), name);
  const end = name.indexOf(0);
  info.name = name.subarray(0, end < 0 ? fs.nameMax : end);
  if (tag < 0) return { error: tag, info };
  info.directory = typeOf(tag) === TYPE_DIRECTORY;
  tag = get(fs, pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, id, 8), structBytes);
  if (tag < 0) return { error: tag, info };
  if (typeOf(tag) === TYPE_SKIP_LIST_STRUCT) info.size = load32(structBytes, 4);
  else if (typeOf(tag) === TYPE_INLINE_STRUCT) info.size = sizeOf(tag);
  return { error: 0, info };
}
