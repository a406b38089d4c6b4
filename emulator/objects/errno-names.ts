/** Numbers and names of errors, as MicroPython's own list has them (py/mperrno.h); the names that `errno` exports are marked in modules/errno.ts. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
} as const;

/** Those that `errno` exports and that an OSError's text names, in the reference's order. */
export const EXPORTED_ERRNOS: readonly (readonly [string, number])[] = Object.entries(ERRNO).filter(
  ([name]) => name !== 'ENOSPC' && name !== 'EROFS' && name !== 'ENOTDIR' && name !== 'ESPIPE',
);
const EXPORTED = new Map<number, string>(EXPORTED_ERRNOS.map(([name, number]) => [number, name]));

export function errnoName(number: number): string | undefined {
  return EXPORTED.get(number);
}
