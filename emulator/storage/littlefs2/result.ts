/** littlefs's error codes: negative errno numbers (source: littlefs's documentation of `enum lfs_error`). */
import { EEXIST, EFBIG, EILSEQ, EINVAL, EISDIR, ENAMETOOLONG, ENODATA, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from '../storage-error.ts';

export const CORRUPT = -EILSEQ;
export const NO_ENTRY = -ENOENT;
export const EXISTS = -EEXIST;
export const NOT_DIRECTORY = -ENOTDIR;
export const IS_DIRECTORY = -EISDIR;
export const NOT_EMPTY = -ENOTEMPTY;
export const FILE_TOO_BIG = -EFBIG;
export const INVALID_ARGUMENT = -EINVAL;
export const NO_SPACE = -ENOSPC;
export const NO_ATTRIBUTE = -ENODATA;
export const NAME_TOO_LONG = -ENAMETOOLONG;

/** Subtracted from an error that taking another block cannot mend, until that has been ruled out. */
export const FATAL = 1000;
