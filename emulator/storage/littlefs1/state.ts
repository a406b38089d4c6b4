/** What a mounted littlefs 1 knows. Source: littlefs's SPEC.md of version 1 (disk version 1.1). */
import type { BlockDevicePort } from '../block-device.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { BLOCK_NULL, type Cache, CachedDevice } from './cache.ts';

export const DISK_VERSION = 0x00010001;
export const NAME_MAX = 255;
export const FILE_MAX = 2147483647;

export const TYPE_FILE = 0x11;
export const TYPE_DIRECTORY = 0x22;
export const TYPE_SUPERBLOCK = 0x2e;
/** Bit of an entry's type: it is moving elsewhere. */
export const TYPE_MOVING = 0x80;

/** Bytes of a directory's head: revision, size, tail. */
export const HEAD_SIZE = 16;
/** Bytes of an entry before its name: type, three lengths, and a directory's pair or a file's head and size. */
export const ENTRY_SIZE = 12;
/** Bit of a directory's size: it goes on in its tail. */
export const CONTINUES = 0x80000000;

/** A pair of blocks that holds a directory, or a part of one, and a place in it. */
export class Directory {
  /** The first one is current. */
  pair0 = BLOCK_NULL;
  pair1 = BLOCK_NULL;
  /** Of the next entry to be read. */
  offset = 0;
  revision = 0;
  /** In bytes, head and checksum included; with `CONTINUES`. */
  size = 0;
  tail0 = BLOCK_NULL;
  tail1 = BLOCK_NULL;
  // While open for reading:
  head0 = BLOCK_NULL;
  head1 = BLOCK_NULL;
  position = 0;

  /** The size without its flag. */
  get length(): number {
    return this.size & 0x7fffffff;
  }

  get continues(): boolean {
    return this.size >= CONTINUES;
  }

  get hasTail(): boolean {
    return this.tail0 !== BLOCK_NULL && this.tail1 !== BLOCK_NULL;
  }

  set(other: Directory): void {
    this.pair0 = other.pair0;
    this.pair1 = other.pair1;
    this.offset = other.offset;
    this.revision = other.revision;
    this.size = other.size;
    this.tail0 = other.tail0;
    this.tail1 = other.tail1;
    this.head0 = other.head0;
    this.head1 = other.head1;
    this.position = other.position;
  }

  clone(): Directory {
    const copy = new Directory();
    copy.set(this);
    return copy;
  }

  /** The head as it is on the medium. */
  headBytes(): Uint8Array {
    const bytes = new Uint8Array(HEAD_SIZE);
    store32(bytes, 0, this.revision);
    store32(bytes, 4, this.size);
    store32(bytes, 8, this.tail0);
    store32(bytes, 12, this.tail1);
    return bytes;
  }
}

/** An entry of a directory, without its name. */
export class Entry {
  /** In its pair's block. */
  offset = 0;
  readonly bytes = new Uint8Array(ENTRY_SIZE);

  get type(): number {
    return this.bytes[0];
  }
  set type(type: number) {
    this.bytes[0] = type;
  }

  get isMoving(): boolean {
    return (this.bytes[0] & TYPE_MOVING) !== 0;
  }

  get isFileOrDirectory(): boolean {
    const type = this.bytes[0] & 0x7f;
    return type === TYPE_FILE || type === TYPE_DIRECTORY;
  }

  /** Where the name begins, from the entry's beginning. */
  get nameAt(): number {
    return 4 + this.bytes[1] + this.bytes[2];
  }

  get nameLength(): number {
    return this.bytes[3];
  }

  /** With the name. */
  get length(): number {
    return this.nameAt + this.nameLength;
  }

  /** A directory's first block, or a file's last one. */
  get first(): number {
    return load32(this.bytes, 4);
  }

  /** A directory's second block, or a file's size. */
  get second(): number {
    return load32(this.bytes, 8);
  }

  point(first: number, second: number): void {
    store32(this.bytes, 4, first);
    store32(this.bytes, 8, second);
  }

  /** Makes it an entry of its own. @param nameLength taken modulo 256, as the format has room for no more */
  init(type: number, nameLength: number, first: number, second: number): void {
    this.bytes.set([type, 8, 0, nameLength & 0xff]);
    this.point(first, second);
  }

  set(other: Entry): void {
    this.offset = other.offset;
    this.bytes.set(other.bytes);
  }
}

/** As much of an open file as commits and the allocator need. */
export interface OpenFileState {
  /** The pair of its entry; `BLOCK_NULL` when it was removed. */
  pair0: number;
  pair1: number;
  entryOffset: number;
  head: number;
  size: number;
  block: number;
  position: number;
  dirty: boolean;
  writing: boolean;
  cache: Cache;
}

export class Littlefs1 {
  readonly device: CachedDevice;
  root0 = BLOCK_NULL;
  root1 = BLOCK_NULL;
  /** The last one was opened last. */
  readonly files: OpenFileState[] = [];
  readonly directories: Directory[] = [];
  /** What a power cut may have left was mended. */
  consistent = false;
  /** An entry that is moving is looked for where it was, too. */
  moving = false;

  // The allocator's window on the blocks.
  readonly lookahead: Uint32Array;
  freeOffset = 0;
  freeSize = 0;
  freeIndex = 0;
  /** Blocks left to look at before the filesystem counts as full. */
  unseen = 0;

  constructor(
    readonly port: BlockDevicePort,
    readSize: number,
    programSize: number,
    readonly blockSize: number,
    readonly blockCount: number,
    /** Blocks in the allocator's map. */
    readonly lookaheadBits: number,
  ) {
    this.device = new CachedDevice(port, readSize, programSize, blockSize);
    this.lookahead = new Uint32Array(Math.ceil(lookaheadBits / 32));
  }

  get hasRoot(): boolean {
    return this.root0 !== BLOCK_NULL && this.root1 !== BLOCK_NULL;
  }
}

/** True if two pairs have a block in common: one may be older than a relocation. */
export function overlap(a0: number, a1: number, b0: number, b1: number): boolean {
  return a0 === b0 || a1 === b1 || a0 === b1 || a1 === b0;
}
