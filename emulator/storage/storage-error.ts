/**
 * How a storage operation fails: with an errno, which the guest sees as `OSError(errno)`.
 *
 * The numbers are MicroPython's own (`MICROPY_USE_INTERNAL_ERRNO`, listed in the documentation of `errno`), equal to Linux's.
 */
export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const EBADF = 9;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EMFILE = 24;
export const EFBIG = 27;
export const ENOSPC = 28;
export const EROFS = 30;
export const ENAMETOOLONG = 36;
export const ENOTEMPTY = 39;
export const ENODATA = 61;
/** "Illegal byte sequence", which littlefs uses for a corrupt filesystem. */
export const EILSEQ = 84;

/** An operation that failed as the guest is to see it. No stack trace: these are answers, not faults of the emulator. */
export class StorageError extends Error {
  /** @param errno positive, as in `OSError(errno)` */
  constructor(readonly errno: number) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`errno ${errno}`);
    Error.stackTraceLimit = limit;
    this.name = 'StorageError';
  }
}

/** A call that MicroPython answers with a bare `ValueError`: a bad mode, a closed file of littlefs. */
export class StorageValueError extends Error {
  constructor(message = '') {
    super(message);
    this.name = 'StorageValueError';
  }
}
