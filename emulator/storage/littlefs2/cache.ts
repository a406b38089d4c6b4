/**
 * Reading and programming through littlefs's caches: one for reading, one for programming, and one for each open file.
 *
 * What is cached when decides which blocks a device is asked for, and in which portions it is programmed; both are visible
 * to a device that the guest has written. The rules are those of littlefs 2.11 (DESIGN.md; MicroPython 1.27.0).
 */
import type { BlockDevicePort } from '../block-device.ts';
import { IOCTL_BLOCK_ERASE, IOCTL_SYNC } from '../block-device.ts';
import { crc32 } from '../littlefs/crc.ts';
import { CORRUPT } from './result.ts';

/** No block at all. */
export const BLOCK_NULL = 0xffffffff;
/** The cache holds a file that lives in its directory entry. */
export const BLOCK_INLINE = 0xfffffffe;

export interface Geometry {
  readSize: number;
  programSize: number;
  cacheSize: number;
  blockSize: number;
}

export class Cache {
  block = BLOCK_NULL;
  offset = 0;
  size = 0;

  constructor(public buffer: Uint8Array) {}

  /** Forgets which block it holds. */
  drop(): void {
    this.block = BLOCK_NULL;
  }

  /** Forgets the contents, too, so that they never reach another block. */
  clear(): void {
    this.buffer.fill(0xff);
    this.block = BLOCK_NULL;
  }

  /** True if it holds `offset` of a block, or some bytes behind it. */
  reaches(block: number, offset: number): boolean {
    return block === this.block && offset < this.offset + this.size;
  }
}

export const EQUAL = 0;
export const LESS = 1;
export const GREATER = 2;

const scratch = new Uint8Array(8);

export class CachedDevice {
  readonly readCache: Cache;
  readonly programCache: Cache;
  /** 0 while it is not known: then no block number is checked. */
  blockCount = 0;

  constructor(
    readonly port: BlockDevicePort,
    readonly geometry: Geometry,
  ) {
    this.readCache = new Cache(new Uint8Array(geometry.cacheSize).fill(0xff));
    this.programCache = new Cache(new Uint8Array(geometry.cacheSize).fill(0xff));
  }

  /**
   * Reads through the caches.
   * @param pending bytes not yet programmed, which come before those of the medium
   * @param hint how many bytes will probably be read from here on
   */
  read(pending: Cache | null, cache: Cache, hint: number, block: number, offset: number, into: Uint8Array, length = into.length): number {
    const { blockSize, readSize, cacheSize } = this.geometry;
    if (offset + length > blockSize || (this.blockCount > 0 && block >= this.blockCount)) return CORRUPT;
    hint >>>= 0;
    let at = 0;
    while (at < length) {
      let count = length - at;
      if (pending?.reaches(block, offset)) {
        if (offset >= pending.offset) {
          count = Math.min(count, pending.size - (offset - pending.offset));
          copy(pending.buffer, offset - pending.offset, into, at, count);
          at += count;
          offset += count;
          continue;
        }
        count = Math.min(count, pending.offset - offset);
      }
      if (cache.reaches(block, offset)) {
        if (offset >= cache.offset) {
          count = Math.min(count, cache.size - (offset - cache.offset));
          copy(cache.buffer, offset - cache.offset, into, at, count);
          at += count;
          offset += count;
          continue;
        }
        count = Math.min(count, cache.offset - offset);
      }
      const left = length - at;
      const aligned = count - (count % readSize);
      if (left >= hint && offset % readSize === 0 && left >= readSize && aligned > 0) {
        const error = this.port.readAt(block, offset, into.subarray(at, at + aligned));
        if (error !== 0) return error;
        at += aligned;
        offset += aligned;
        continue;
      }
      cache.block = block;
      cache.offset = offset - (offset % readSize);
      cache.size = Math.min(Math.min(alignUp(offset + Math.max(hint, 1), readSize), blockSize) - cache.offset, cacheSize);
      const error = this.port.readAt(block, cache.offset, cache.buffer.subarray(0, cache.size));
      if (error !== 0) return error;
    }
    return 0;
  }

  /** Compares with the medium. @returns `EQUAL`; `LESS` or `GREATER` for what the medium holds; or an error */
  compare(cache: Cache, hint: number, block: number, offset: number, bytes: Uint8Array, from: number, length: number): number {
    for (let i = 0; i < length; i += 8) {
      const count = Math.min(length - i, 8);
      const error = this.read(null, cache, hint - i, block, offset + i, scratch, count);
      if (error !== 0) return error;
      for (let k = 0; k < count; k++) {
        const difference = scratch[k] - bytes[from + i + k];
        if (difference !== 0) return difference < 0 ? LESS : GREATER;
      }
    }
    return EQUAL;
  }

  /** The checksum, continued over bytes of the medium. @returns an error, or 0 with the checksum in `this.crc` */
  checksum(cache: Cache, hint: number, block: number, offset: number, length: number, crc: number): number {
    this.crc = crc;
    for (let i = 0; i < length; i += 8) {
      const count = Math.min(length - i, 8);
      const error = this.read(null, cache, hint - i, block, offset + i, scratch, count);
      if (error !== 0) return error;
      this.crc = crc32(this.crc, scratch, 0, count);
    }
    return 0;
  }
  crc = 0;

  /** Programs what a cache holds. @param validate reads it back, and answers `CORRUPT` if it differs */
  flush(cache: Cache, readCache: Cache, validate: boolean): number {
    if (cache.block === BLOCK_NULL || cache.block === BLOCK_INLINE) return 0;
    const length = alignUp(cache.size, this.geometry.programSize);
    const error = this.port.writeAt(cache.block, cache.offset, cache.buffer.subarray(0, length));
    if (error !== 0) return error;
    if (validate) {
      readCache.drop();
      const order = this.compare(readCache, length, cache.block, cache.offset, cache.buffer, 0, length);
      if (order < 0) return order;
      if (order !== EQUAL) return CORRUPT;
    }
    cache.clear();
    return 0;
  }

  /** Flushes, and has the device flush its own caches. */
  sync(cache: Cache, readCache: Cache, validate: boolean): number {
    readCache.drop();
    const error = this.flush(cache, readCache, validate);
    if (error !== 0) return error;
    return this.port.ioctl(IOCTL_SYNC, 0) ?? 0;
  }

  /** Programs through a cache; a full cache is flushed at once. */
  program(
    cache: Cache,
    readCache: Cache,
    validate: boolean,
    block: number,
    offset: number,
    bytes: Uint8Array,
    from: number,
    length: number,
  ): number {
    const { cacheSize, programSize } = this.geometry;
    const end = from + length;
    while (from < end) {
      if (block === cache.block && offset >= cache.offset && offset < cache.offset + cacheSize) {
        const count = Math.min(end - from, cacheSize - (offset - cache.offset));
        copy(bytes, from, cache.buffer, offset - cache.offset, count);
        from += count;
        offset += count;
        cache.size = Math.max(cache.size, offset - cache.offset);
        if (cache.size === cacheSize) {
          const error = this.flush(cache, readCache, validate);
          if (error !== 0) return error;
        }
        continue;
      }
      cache.block = block;
      cache.offset = offset - (offset % programSize);
      cache.size = 0;
    }
    return 0;
  }

  erase(block: number): number {
    return this.port.ioctl(IOCTL_BLOCK_ERASE, block, true) ?? 0;
  }
}

export function alignUp(value: number, unit: number): number {
  const over = value % unit;
  return over === 0 ? value : value - over + unit;
}

function copy(from: Uint8Array, at: number, to: Uint8Array, toAt: number, count: number): void {
  if (count < 16) for (let i = 0; i < count; i++) to[toAt + i] = from[at + i];
  else to.set(from.subarray(at, at + count), toAt);
}
