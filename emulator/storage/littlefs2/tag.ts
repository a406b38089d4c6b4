/**
 * Metadata tags: 32 bits that tell what follows them in a metadata block, and for which file.
 *
 * A tag is kept as a signed number, so that "invalid" (the highest bit) and error codes are both negative.
 *
 * Source: littlefs's SPEC.md, "Metadata tags" (disk version 2.1).
 */

// Types of three digits; the first digit alone is the kind.
export const TYPE_FILE = 0x001;
export const TYPE_DIRECTORY = 0x002;
export const TYPE_SUPERBLOCK = 0x0ff;
export const TYPE_NAME = 0x000;
export const TYPE_STRUCT = 0x200;
export const TYPE_DIRECTORY_STRUCT = 0x200;
export const TYPE_INLINE_STRUCT = 0x201;
export const TYPE_SKIP_LIST_STRUCT = 0x202;
export const TYPE_USER_ATTRIBUTE = 0x300;
export const TYPE_SPLICE = 0x400;
export const TYPE_CREATE = 0x401;
export const TYPE_DELETE = 0x4ff;
export const TYPE_COMMIT_CRC = 0x500;
export const TYPE_FORWARD_CRC = 0x5ff;
export const TYPE_TAIL = 0x600;
export const TYPE_SOFT_TAIL = 0x600;
export const TYPE_MOVE_STATE = 0x7ff;
// Types that exist in memory only: instructions to a commit.
export const FROM_NOTHING = 0x000;
export const FROM_MOVE = 0x101;
export const FROM_USER_ATTRIBUTES = 0x102;

/** The id of things that belong to no file. */
export const NO_ID = 0x3ff;
/** A size that says: the tag deletes. */
export const SIZE_DELETED = 0x3ff;
/** Marks a tag that is read from the medium; on the medium, one that was never written. */
export const INVALID = 0x80000000 | 0;

export function makeTag(type: number, id: number, size: number): number {
  return (type << 20) | (id << 10) | size;
}

/** `makeTag`, or the tag that does nothing. */
export function makeTagIf(condition: boolean, type: number, id: number, size: number): number {
  return condition ? makeTag(type, id, size) : 0;
}

export const isValid = (tag: number): boolean => tag >= 0;
export const isDelete = (tag: number): boolean => (tag & 0x3ff) === SIZE_DELETED;
/** The kind: the type's first digit. */
export const kindOf = (tag: number): number => (tag & 0x70000000) >> 20;
/** The kind with one more bit, which tells a checksum of a commit from others. */
export const kindAndBit = (tag: number): number => (tag & 0x78000000) >> 20;
export const typeOf = (tag: number): number => (tag & 0x7ff00000) >> 20;
/** The type's last two digits. */
export const chunkOf = (tag: number): number => (tag >> 20) & 0xff;
/** By how many entries a create or delete tag changes a directory. */
export const spliceOf = (tag: number): number => (tag << 4) >> 24;
export const idOf = (tag: number): number => (tag >> 10) & 0x3ff;
export const sizeOf = (tag: number): number => tag & 0x3ff;
/** Bytes on the medium, the tag itself included. */
export const diskSize = (tag: number): number => 4 + (isDelete(tag) ? 0 : tag & 0x3ff);
/** The same tag with its id moved. */
export const moveId = (tag: number, by: number): number => (tag + (by << 10)) | 0;
