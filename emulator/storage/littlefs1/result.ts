/** Error codes of littlefs 1: negative errno numbers, but for a "corrupt" of its own (source: its `enum lfs_error`). */
import { EBADF, EEXIST, EFBIG, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from '../storage-error.ts';

export const CORRUPT = -52;
export const NO_ENTRY = -ENOENT;
export const EXISTS = -EEXIST;
export const NOT_DIRECTORY = -ENOTDIR;
export const IS_DIRECTORY = -EISDIR;
export const NOT_EMPTY = -ENOTEMPTY;
export const BAD_FILE = -EBADF;
export const FILE_TOO_BIG = -EFBIG;
export const INVALID_ARGUMENT = -EINVAL;
export const NO_SPACE = -ENOSPC;

/** Subtracted from an error that taking another block cannot mend, until that has been ruled out. */
export const FATAL = 1000;
