/** Following a path to an entry. Source: behaviour of littlefs 1.7 on the official Unix port. */
import type { PathWalk } from '../littlefs/path-walk.ts';
import { fetch, nextEntry } from './directory.ts';
import { NO_ENTRY, NOT_DIRECTORY } from './result.ts';
import { type Directory, type Entry, type Littlefs1, TYPE_DIRECTORY, TYPE_MOVING } from './state.ts';
import { hasMoved } from './walk.ts';

/**
 * Finds the entry of a path, the root's for a path without names. `directory` becomes the pair that it is in.
 * @returns `NO_ENTRY` with `path` at the missing name, `NOT_DIRECTORY`, an error, or 0
 */
export function find(fs: Littlefs1, directory: Directory, entry: Entry, path: PathWalk): number {
  entry.init(TYPE_DIRECTORY, 0, fs.root0, fs.root1);
  let at = path.at;
  for (;;) {
    at = path.skipSlashes(at);
    const end = path.nameEnd(at);
    // ".." that nothing comes before stays at the root.
    if (path.isDots(at, end, 1) || path.isDots(at, end, 2)) {
      at = end;
      continue;
    }
    const beyond = skipCancelled(path, end);
    if (beyond >= 0) {
      at = beyond;
      continue;
    }
    if (at === path.bytes.length) return 0;
    path.at = at;
    if (entry.type !== TYPE_DIRECTORY) return NOT_DIRECTORY;
    let error = fetch(fs, directory, entry.first, entry.second);
    if (error !== 0) return error;
    const name = path.bytes.subarray(at, end);
    error = findName(fs, directory, entry, name);
    if (error !== 0) return error;
    if (!fs.moving && entry.isMoving) {
      const moved = hasMoved(fs, entry);
      if (moved !== 0) return moved < 0 ? moved : NO_ENTRY;
      entry.type &= ~TYPE_MOVING;
    }
    at = end;
  }
}

function findName(fs: Littlefs1, directory: Directory, entry: Entry, name: Uint8Array): number {
  for (;;) {
    const error = nextEntry(fs, directory, entry);
    if (error !== 0) return error;
    if (!entry.isFileOrDirectory || entry.nameLength !== name.length) continue;
    const device = fs.device;
    const same = device.matches(device.readCache, directory.pair0, entry.offset + entry.nameAt, name, 0, name.length);
    if (same < 0) return same;
    if (same) return 0;
  }
}

/** Where to go on if a later ".." takes the name that ends at `end` back; -1 if none does. A "." counts as a name here. */
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
    } else {
      depth++;
    }
    from = to;
  }
}
