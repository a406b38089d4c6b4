/** What `VfsLfs1` and `VfsLfs2` have in common: options, modes, and a current directory that is only a text. */
import { StorageValueError } from '../storage-error.ts';

export interface LittlefsOptions {
  /** Smallest read, in bytes. */
  readSize: number;
  /** Smallest program, in bytes. */
  programSize: number;
  /** Size of the allocator's map: bytes (version 2) or bits (version 1). */
  lookahead: number;
  /** Files get a time (version 2 only). */
  mtime: boolean;
  /** Now, in nanoseconds since 1970, as the board's clock has it. */
  timeNs: () => bigint;
}

/** The defaults of `VfsLfs2(…)`; the clock stands at the one that a pyboard wakes up with. */
export const DEFAULT_LITTLEFS_OPTIONS: LittlefsOptions = {
  readSize: 32,
  programSize: 32,
  lookahead: 32,
  mtime: true,
  timeNs: () => BigInt(Date.UTC(2015, 0, 1)) * 1_000_000n,
};

export const OPEN_READ = 0x001;
export const OPEN_WRITE = 0x002;
export const OPEN_CREATE = 0x100;
/** Fails if the file exists. */
export const OPEN_EXCLUSIVE = 0x200;
export const OPEN_TRUNCATE = 0x400;
/** Every write goes to the end. */
export const OPEN_APPEND = 0x800;

const MODES: ReadonlyMap<string, number> = new Map([
  ['r', OPEN_READ],
  ['w', OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE],
  ['x', OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE],
  ['a', OPEN_WRITE | OPEN_CREATE | OPEN_APPEND],
]);

/** @throws StorageValueError if there is more than one of r, w, x, a, or "+" comes first */
export function openMode(mode: string): { flags: number; binary: boolean } {
  let flags = 0;
  let binary = false;
  for (const letter of mode) {
    const own = MODES.get(letter);
    if (own !== undefined) {
      if (flags !== 0) throw new StorageValueError();
      flags = own;
    } else if (letter === '+') {
      flags |= OPEN_READ | OPEN_WRITE;
    } else if (letter === 'b') {
      binary = true;
    } else if (letter === 't') {
      binary = false;
    }
  }
  return { flags: flags === 0 ? OPEN_READ : flags, binary };
}

const SLASH = 0x2f;
const DOT = 0x2e;

/** The current directory; ends in a slash. */
export class WorkingDirectory {
  bytes: Uint8Array = Uint8Array.of(SLASH);

  /** The path from the root. */
  resolve(path: Uint8Array): Uint8Array {
    const end = path.indexOf(0);
    const text = end < 0 ? path : path.subarray(0, end);
    return text[0] === SLASH ? text : concatenate(this.bytes, text);
  }

  /** Without the final slash. */
  get path(): Uint8Array {
    return this.bytes.length === 1 ? this.bytes : this.bytes.subarray(0, -1);
  }

  /** Goes to a directory that exists. @param full from the root; "." and ".." are worked out */
  change(full: Uint8Array): void {
    const names: Uint8Array[] = [];
    for (let from = 1; from < full.length; ) {
      let to = full.indexOf(SLASH, from);
      if (to < 0) to = full.length;
      const name = full.subarray(from, to);
      from = to + 1;
      if (name.length === 0 || (name.length === 1 && name[0] === DOT)) continue;
      if (name.length === 2 && name[0] === DOT && name[1] === DOT) names.pop();
      else names.push(name.slice());
    }
    let bytes = Uint8Array.of(SLASH);
    for (const name of names) bytes = concatenate(concatenate(bytes, name), Uint8Array.of(SLASH));
    this.bytes = bytes;
  }
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
