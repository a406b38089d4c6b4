/**
 * Files as a POSIX system has them: what `VfsPosix` stands on. Whoever runs the `unix` profile gives it one: in memory, or folders
 * of the host. Paths are absolute, without `.`, `..` and repeated slashes. Operations fail with `StorageError`.
 */

/** Flags of `open`, with Linux's values. */
export const O_WRONLY = 0x001;
export const O_RDWR = 0x002;
export const O_CREAT = 0x040;
export const O_EXCL = 0x080;
export const O_TRUNC = 0x200;
export const O_APPEND = 0x400;
/** The bits that say what may be done: 0 for reading only. */
export const O_ACCMODE = 0x003;

export interface PosixStatus {
  /** Type and permissions. */
  mode: number;
  inode: number;
  device: number;
  links: number;
  user: number;
  group: number;
  /** Bytes. */
  size: number;
  /** Seconds since 1970. */
  accessed: number;
  modified: number;
  changed: number;
}

export interface PosixEntry {
  name: string;
  /** The type bits of the mode. */
  type: number;
  inode: number;
}

/** `os.statvfs`, in its order but for the repeated ones. */
export interface PosixSpace {
  blockSize: number;
  fragmentSize: number;
  blocks: number;
  freeBlocks: number;
  availableBlocks: number;
  files: number;
  freeFiles: number;
  availableFiles: number;
  flags: number;
  maxNameLength: number;
}

export interface PosixFile {
  /** @returns bytes read; 0 at the end */
  read(into: Uint8Array): number;
  /** @returns bytes written */
  write(data: Uint8Array): number;
  /** @param whence 0: from the beginning, 1: from the current position, 2: from the end @returns the new position */
  seek(offset: number, whence: number): number;
  sync(): void;
  close(): void;
}

export interface PosixFiles {
  /** @param flags O_ values */
  open(path: string, flags: number): PosixFile;
  stat(path: string): PosixStatus;
  /** Without `.` and `..`. */
  list(path: string): Iterable<PosixEntry>;
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  space(path: string): PosixSpace;
}

/** Makes a path absolute and plain. @param directory the current directory, absolute */
export function normalizePath(path: string, directory: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}
