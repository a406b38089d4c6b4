/**
 * What a mounted littlefs knows: its configuration, its caches, the pairs and files that are open, and the global state that
 * makes operations on two directories atomic.
 *
 * Source: littlefs's SPEC.md and DESIGN.md.
 */
import type { BlockDevicePort } from '../block-device.ts';
import { BLOCK_NULL, type Cache, CachedDevice, type Geometry } from './cache.ts';
import { idOf, kindOf, sizeOf } from './tag.ts';

/** Version 2.1 of the format. */
export const DISK_VERSION = 0x00020001;
export const NAME_MAX = 255;
export const FILE_MAX = 2147483647;
export const ATTRIBUTE_MAX = 1022;

export interface Littlefs2Config extends Geometry {
  blockCount: number;
  /** Erases of a metadata block before its contents move to another one. */
  blockCycles: number;
  /** Bytes of the allocator's map; eight blocks a byte. */
  lookaheadSize: number;
}

/** Two blocks that hold a directory, or a part of one; the newer one counts. */
export class MetadataPair {
  /** The first one is current. */
  pair0 = BLOCK_NULL;
  pair1 = BLOCK_NULL;
  revision = 0;
  /** Where the next commit goes. */
  offset = 0;
  /** The last tag, which the next one is combined with. */
  lastTag = 0;
  /** Entries. */
  count = 0;
  /** Behind the last commit the block is still erased. */
  erased = false;
  /** The tail continues this directory; otherwise it begins another one. */
  split = false;
  tail0 = BLOCK_NULL;
  tail1 = BLOCK_NULL;

  set(other: MetadataPair): void {
    this.pair0 = other.pair0;
    this.pair1 = other.pair1;
    this.revision = other.revision;
    this.offset = other.offset;
    this.lastTag = other.lastTag;
    this.count = other.count;
    this.erased = other.erased;
    this.split = other.split;
    this.tail0 = other.tail0;
    this.tail1 = other.tail1;
  }

  clone(): MetadataPair {
    const copy = new MetadataPair();
    copy.set(this);
    return copy;
  }

  swap(): void {
    const first = this.pair0;
    this.pair0 = this.pair1;
    this.pair1 = first;
  }

  get hasTail(): boolean {
    return this.tail0 !== BLOCK_NULL && this.tail1 !== BLOCK_NULL;
  }

  /** A pair to begin a walk along all pairs with: its tail is the superblock's. */
  static beforeFirst(): MetadataPair {
    const start = new MetadataPair();
    start.tail0 = 0;
    start.tail1 = 1;
    return start;
  }
}

/** True if two pairs have a block in common: one may be older than a relocation. */
export function overlap(a0: number, a1: number, b0: number, b1: number): boolean {
  return a0 === b0 || a1 === b1 || a0 === b1 || a1 === b0;
}

/** True if two pairs are the same two blocks. */
export function samePair(a0: number, a1: number, b0: number, b1: number): boolean {
  return (a0 === b0 && a1 === b1) || (a0 === b1 && a1 === b0);
}

/** The bytes of a pair's two block numbers. */
export function pairBytes(block0: number, block1: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, block0, true);
  view.setUint32(4, block1, true);
  return bytes;
}

/**
 * State that belongs to no single pair: the exclusive or of what all pairs hold. It tells of a move that is half done and of
 * directories that may have lost their parent.
 */
export class GlobalState {
  tag = 0;
  pair0 = 0;
  pair1 = 0;

  /** Combines with another state, in place. */
  xor(other: GlobalState): void {
    this.tag ^= other.tag;
    this.pair0 = (this.pair0 ^ other.pair0) >>> 0;
    this.pair1 = (this.pair1 ^ other.pair1) >>> 0;
  }

  set(other: GlobalState): void {
    this.tag = other.tag;
    this.pair0 = other.pair0;
    this.pair1 = other.pair1;
  }

  clear(): void {
    this.tag = 0;
    this.pair0 = 0;
    this.pair1 = 0;
  }

  get isZero(): boolean {
    return this.tag === 0 && this.pair0 === 0 && this.pair1 === 0;
  }

  get hasOrphans(): boolean {
    return sizeOf(this.tag) !== 0;
  }

  get orphans(): number {
    return this.tag & 0x1ff;
  }

  get hasMove(): boolean {
    return kindOf(this.tag) !== 0;
  }

  /** The entry that is moving away. */
  get moveId(): number {
    return idOf(this.tag);
  }

  /** The superblock on the medium is of an older minor version. Never stored. */
  get needsSuperblock(): boolean {
    return (this.tag & 0x200) !== 0;
  }

  hasMoveHere(pair: MetadataPair): boolean {
    return this.hasMove && overlap(this.pair0, this.pair1, pair.pair0, pair.pair1);
  }
}

/** Something open, whose pair must be kept up to date when others change it. */
export interface OpenEntry {
  kind: 'file' | 'directory' | 'held';
  /** Index in its pair. */
  id: number;
  pair: MetadataPair;
}

export interface OpenDirectory extends OpenEntry {
  kind: 'directory';
  /** Entries read so far, "." and ".." included. */
  position: number;
  head0: number;
  head1: number;
}

/** As much of a file as commits and the allocator need to see. */
export interface OpenFileEntry extends OpenEntry {
  kind: 'file';
  head: number;
  size: number;
  block: number;
  position: number;
  dirty: boolean;
  writing: boolean;
  inline: boolean;
  cache: Cache;
  /** Moves an inline file into blocks of its own. @returns an error or 0 */
  evict(): number;
}

export class Littlefs2 {
  readonly device: CachedDevice;
  root0 = BLOCK_NULL;
  root1 = BLOCK_NULL;
  /** The last one was opened last. */
  readonly open: OpenEntry[] = [];
  /** Collected from checksums at mounting: where allocation begins. */
  seed = 0;
  /** As it shall be after the next commit. */
  readonly global = new GlobalState();
  /** As it is on the medium. */
  readonly globalOnDisk = new GlobalState();
  /** Taken over from pairs that were dropped. */
  readonly globalDelta = new GlobalState();
  blockCount: number;
  nameMax = NAME_MAX;
  fileMax = FILE_MAX;
  attributeMax = ATTRIBUTE_MAX;
  inlineMax: number;

  // The allocator's window on the blocks.
  readonly lookahead: Uint8Array;
  lookaheadStart = 0;
  lookaheadSize = 0;
  lookaheadNext = 0;
  /** Blocks left to look at before the filesystem counts as full. */
  checkpoint = 0;

  constructor(
    readonly port: BlockDevicePort,
    readonly config: Littlefs2Config,
  ) {
    this.device = new CachedDevice(port, config);
    this.blockCount = config.blockCount;
    this.device.blockCount = config.blockCount;
    this.lookahead = new Uint8Array(config.lookaheadSize);
    this.inlineMax = Math.min(config.cacheSize, Math.min(ATTRIBUTE_MAX, Math.floor(config.blockSize / 8)));
  }

  /** Adds to what is open. */
  track(entry: OpenEntry): void {
    this.open.push(entry);
  }

  untrack(entry: OpenEntry): void {
    const index = this.open.lastIndexOf(entry);
    if (index >= 0) this.open.splice(index, 1);
  }

  isRoot(block0: number, block1: number): boolean {
    return overlap(block0, block1, this.root0, this.root1);
  }
}
