/**
 * Going through all tags of a pair and of a commit to be, leaving out what is overwritten or deleted later.
 *
 * Source: littlefs's DESIGN.md ("Metadata pairs"); the order of tags is that of littlefs 2.11.
 */

import type { Littlefs2, MetadataPair } from './state.ts';
import {
  diskSize,
  FROM_MOVE,
  FROM_NOTHING,
  FROM_USER_ATTRIBUTES,
  INVALID,
  idOf,
  isDelete,
  kindOf,
  makeTag,
  moveId,
  NO_ID,
  sizeOf,
  spliceOf,
  TYPE_DELETE,
  TYPE_SPLICE,
  TYPE_STRUCT,
  TYPE_USER_ATTRIBUTE,
  typeOf,
} from './tag.ts';

/** An attribute of a file that its owner keeps, such as its time. */
export interface UserAttribute {
  type: number;
  value: Uint8Array;
}

/** A tag to be committed, with its data; for `FROM_MOVE` the pair that the entry comes from. */
export interface CommitTag {
  tag: number;
  data?: Uint8Array | MetadataPair | readonly UserAttribute[];
}

/**
 * Is shown a tag with its data: bytes, or (if the tag has `INVALID`) a place on the medium.
 * @returns 0; a positive number to stop; or an error
 */
export type TagVisitor = (tag: number, data: Uint8Array | undefined, block: number, offset: number) => number;

/** Which tags are of interest, and how their ids change. */
export interface TagFilter {
  mask: number;
  wanted: number;
  /** Ids from here … */
  begin: number;
  /** … up to, but without, this one. */
  end: number;
  /** Added to each id. */
  shift: number;
}

export const ALL_TAGS: TagFilter = { mask: 0, wanted: 0, begin: 0, end: 0, shift: 0 };

const word = new Uint8Array(4);

/**
 * @param offset and `previous`: where to begin in the pair's block, as a commit left it
 * @param commit tags that follow those of the pair, from index `index` on
 * @param filtering the visitor only looks for later tags that make an earlier one obsolete
 */
export function traverse(
  fs: Littlefs2,
  pair: MetadataPair,
  offset: number,
  previous: number,
  commit: readonly CommitTag[],
  index: number,
  filter: TagFilter,
  visitor: TagVisitor,
  filtering = false,
): number {
  const device = fs.device;
  const byId = idOf(filter.mask) !== 0;
  for (;;) {
    let tag: number;
    let data: CommitTag['data'];
    let block = 0;
    let place = 0;
    if (offset + diskSize(previous) < pair.offset) {
      offset += diskSize(previous);
      const error = device.read(null, device.readCache, 4, pair.pair0, offset, word, 4);
      if (error !== 0) return error;
      tag = (((word[0] << 24) | (word[1] << 16) | (word[2] << 8) | word[3]) ^ previous) | INVALID;
      block = pair.pair0;
      place = offset + 4;
      previous = tag;
    } else if (index < commit.length) {
      tag = commit[index].tag;
      data = commit[index].data;
      index++;
    } else {
      return 0;
    }

    const kindMask = makeTag(0x7ff, 0, 0) & filter.mask;
    if ((kindMask & tag) !== (kindMask & filter.wanted)) continue;
    if (byId) {
      const later = new LaterTags(tag);
      const result = traverse(fs, pair, offset, previous, commit, index, ALL_TAGS, later.visit, true);
      if (result < 0) return result;
      tag = later.tag;
      if (idOf(tag) < filter.begin || idOf(tag) >= filter.end) continue;
    }

    const type = typeOf(tag);
    if (type === FROM_NOTHING) continue;
    if (type === FROM_MOVE) {
      // What moves in makes nothing obsolete that comes before it.
      if (filtering) continue;
      const from = sizeOf(tag);
      const moved: TagFilter = {
        mask: makeTag(0x600, NO_ID, 0),
        wanted: makeTag(TYPE_STRUCT, 0, 0),
        begin: from,
        end: from + 1,
        shift: idOf(tag) - from + filter.shift,
      };
      const result = traverse(fs, data as MetadataPair, 0, -1, [], 0, moved, visitor);
      if (result < 0) return result;
    } else if (type === FROM_USER_ATTRIBUTES) {
      for (const attribute of data as readonly UserAttribute[]) {
        const own = makeTag(TYPE_USER_ATTRIBUTE + attribute.type, (idOf(tag) + filter.shift) & NO_ID, attribute.value.length);
        const result = visitor(own, attribute.value, 0, 0);
        if (result < 0) return result;
        if (result > 0) break;
      }
    } else {
      const result = visitor(moveId(tag, filter.shift), data as Uint8Array | undefined, block, place);
      if (result !== 0) return result;
    }
  }
}

/** Sees the tags behind a tag, and works out whether it still counts and which id it has in the end. */
class LaterTags {
  constructor(public tag: number) {}

  readonly visit: TagVisitor = later => {
    // Unique attributes replace only their own type; all others their whole kind.
    const mask = later & makeTag(0x100, 0, 0) ? makeTag(0x7ff, NO_ID, 0) : makeTag(0x700, NO_ID, 0);
    const sameId = makeTag(0, NO_ID, 0) & this.tag;
    if (
      (mask & later) === (mask & this.tag) ||
      isDelete(this.tag) ||
      (makeTag(0x7ff, NO_ID, 0) & later) === (makeTag(TYPE_DELETE, 0, 0) | sameId)
    ) {
      this.tag = 0;
      return 1;
    }
    if (kindOf(later) === TYPE_SPLICE && idOf(later) <= idOf(this.tag)) this.tag = moveId(this.tag, spliceOf(later));
    return 0;
  };
}
