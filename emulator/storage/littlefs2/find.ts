/** Following a path to an entry. Source: behaviour of littlefs 2.11. */
import { PathWalk } from '../littlefs/path-walk.ts';
import { load32 } from '../littlefs/words.ts';
import { EQUAL, GREATER, LESS } from './cache.ts';
import { fetchMatch, get, type Matcher } from './fetch.ts';
import { CORRUPT, INVALID_ARGUMENT, NO_ENTRY, NOT_DIRECTORY } from './result.ts';
import type { Littlefs2, MetadataPair } from './state.ts';
import { idOf, makeTag, NO_ID, sizeOf, TYPE_DIRECTORY, TYPE_NAME, TYPE_STRUCT, typeOf } from './tag.ts';

/** Compares a name with names on the medium. */
export function nameMatcher(fs: Littlefs2, name: Uint8Array): Matcher {
  return (tag, block, offset) => {
    const length = Math.min(name.length, sizeOf(tag));
    const order = fs.device.compare(fs.device.readCache, length, block, offset, name, 0, length);
    if (order !== EQUAL || name.length === sizeOf(tag)) return order;
    return name.length < sizeOf(tag) ? LESS : GREATER;
  };
}

const structBytes = new Uint8Array(8);

/**
 * Finds the entry of a path. `pair` becomes the pair it is in (or would be inserted in), `matched.id` its id there.
 * @returns its tag, with id `NO_ID` for the root; `NO_ENTRY` if it or a directory on the way does not exist (then `path` is
 *   at the missing name); `NOT_DIRECTORY`; `INVALID_ARGUMENT` for a path that leads above the root; or another error
 */
export function find(fs: Littlefs2, pair: MetadataPair, path: PathWalk): number {
  let tag = makeTag(TYPE_DIRECTORY, NO_ID, 0);
  pair.tail0 = fs.root0;
  pair.tail1 = fs.root1;
  if (path.bytes.length === 0) return INVALID_ARGUMENT;
  let at = path.at;
  for (;;) {
    if (typeOf(tag) === TYPE_DIRECTORY) at = path.skipSlashes(at);
    const end = path.nameEnd(at);
    if (path.isDots(at, end, 1)) {
      at = end;
      continue;
    }
    if (path.isDots(at, end, 2)) return INVALID_ARGUMENT;
    const beyond = skipCancelled(path, end);
    if (beyond >= 0) {
      at = beyond;
      continue;
    }
    if (at === path.bytes.length) return tag;
    path.at = at;
    if (typeOf(tag) !== TYPE_DIRECTORY) return NOT_DIRECTORY;
    if (idOf(tag) !== NO_ID) {
      const struct = get(fs, pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, idOf(tag), 8), structBytes);
      if (struct < 0) return struct;
      pair.tail0 = load32(structBytes, 0);
      pair.tail1 = load32(structBytes, 4);
    }
    tag = findName(fs, pair, path.bytes.subarray(at, end));
    if (tag < 0) return tag;
    at = end;
  }
}

/** Searches the directory that begins at `pair`'s tail. */
function findName(fs: Littlefs2, pair: MetadataPair, name: Uint8Array): number {
  const matcher = nameMatcher(fs, name);
  const wanted = makeTag(TYPE_NAME, 0, Math.min(name.length, 0x3ff));
  // A sound directory has fewer pairs than there are blocks; a damaged one may go round in a circle.
  for (let pairs = 0; pairs <= fs.blockCount; pairs++) {
    const tag = fetchMatch(fs, pair, pair.tail0, pair.tail1, makeTag(0x780, 0, 0), wanted, matcher);
    if (tag !== 0) return tag;
    if (!pair.split) return NO_ENTRY;
  }
  return CORRUPT;
}

/** Where to go on if a later ".." takes the name that ends at `end` back; -1 if none does. */
function skipCancelled(path: PathWalk, end: number): number {
  let depth = 1;
  let from = end;
  for (;;) {
    from = path.skipSlashes(from);
    const to = path.nameEnd(from);
    if (to === from) return -1;
    if (path.isDots(from, to, 2)) {
      depth--;
      if (depth === 0) return to;
    } else if (!path.isDots(from, to, 1)) {
      depth++;
    }
    from = to;
  }
}

export { PathWalk };
