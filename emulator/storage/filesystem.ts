/**
 * A mounted filesystem as `vfs` sees it: what `os` calls on `VfsFat`, `VfsLfs1` and `VfsLfs2`, without guest objects.
 *
 * Paths are the guest's: bytes, usually UTF-8; a string stands for its UTF-8 bytes. An operation fails with `StorageError`
 * (the errno the guest sees), with `StorageValueError`, or with what the block device threw.
 */

export const S_IFDIR = 0x4000;
export const S_IFREG = 0x8000;

export type Path = string | Uint8Array;

export interface FileStatus {
  directory: boolean;
  /** Bytes; 0 for a directory. */
  size: number;
  /** Seconds since 1970-01-01 on the board's clock; undefined if the filesystem does not keep it (the guest sees 0). */
  modified: number | undefined;
}

export interface DirectoryItem {
  /** Bytes of the name, as the filesystem has them. */
  name: Uint8Array;
  directory: boolean;
  size: number;
}

/** The first ten numbers of `os.statvfs`. */
export interface FilesystemStatus {
  blockSize: number;
  blocks: number;
  freeBlocks: number;
  maxNameLength: number;
}

export interface OpenFile {
  /** Opened with "b". */
  readonly binary: boolean;
  readonly closed: boolean;
  /** @returns the number of bytes read; 0 at the end of the file */
  read(into: Uint8Array): number;
  /** @returns the number of bytes written, which is all of them */
  write(data: Uint8Array): number;
  /** @param whence 0: from the beginning, 1: from the current position, 2: from the end @returns the new position */
  seek(offset: number, whence: 0 | 1 | 2): number;
  flush(): void;
  close(): void;
}

export interface Filesystem {
  /** @param mode of "r", "w", "a", "x", "+", "b", "t" */
  open(path: Path, mode: string): OpenFile;
  /** Without "." and "..", in the order of the medium. */
  list(path?: Path): IterableIterator<DirectoryItem>;
  stat(path: Path): FileStatus;
  /** What `import` asks: never fails. */
  kindOf(path: Path): 'file' | 'directory' | 'none';
  makeDirectory(path: Path): void;
  removeDirectory(path: Path): void;
  remove(path: Path): void;
  rename(from: Path, to: Path): void;
  changeDirectory(path: Path): void;
  /** Absolute within this filesystem. */
  currentDirectory(): Uint8Array;
  statistics(): FilesystemStatus;
  /** `mount` of the filesystem object, with `vfs.mount`'s keyword arguments. */
  mount(readOnly: boolean, makeFilesystem: boolean): void;
  unmount(): void;
}

/** The bytes of a path. */
export function pathBytes(path: Path): Uint8Array {
  if (typeof path !== 'string') return path;
  const bytes = new Uint8Array(path.length);
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code >= 0x80) return new TextEncoder().encode(path);
    bytes[i] = code;
  }
  return bytes;
}

/** Text for a name's or path's bytes; what is no UTF-8 becomes U+FFFD. */
export function pathText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Seconds from 1970-01-01 to a date and time of the calendar. @param month 1 to 12 */
export function secondsSince1970(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
