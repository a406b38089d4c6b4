/**
 * Reading and programming through the caches of littlefs 1: one read unit, one program unit, and one for each open file.
 *
 * Source: littlefs 1.7's documentation; what is read and programmed in which portions is observed on the official Unix port.
 */
import type { BlockDevicePort } from '../block-device.ts';
import { IOCTL_BLOCK_ERASE, IOCTL_SYNC } from '../block-device.ts';
import { crc32 } from '../littlefs/crc.ts';
import { CORRUPT } from './result.ts';

export const BLOCK_NULL = 0xffffffff;

export class Cache {
  block = BLOCK_NULL;
  offset = 0;

  constructor(readonly buffer: Uint8Array) {}

  /** Forgets which block it holds. */
  drop(): void {
    this.block = BLOCK_NULL;
  }
}

const byte = new Uint8Array(1);

export class CachedDevice {
  readonly readCache: Cache;
  readonly programCache: Cache;
  /** The result of `checksum`. */
  crc = 0;

  constructor(
    readonly port: BlockDevicePort,
    readonly readSize: number,
    readonly programSize: number,
    readonly blockSize: number,
  ) {
    this.readCache = new Cache(new Uint8Array(readSize));
    this.programCache = new Cache(new Uint8Array(programSize));
    this.clear(this.programCache);
  }

  /** Forgets the contents of a cache that programs. */
  clear(cache: Cache): void {
    cache.buffer.fill(0xff, 0, this.programSize);
    cache.block = BLOCK_NULL;
  }

  /**
   * Reads through the caches. Whether a block exists is for the device to say: a damaged filesystem may point anywhere.
   * @param pending bytes not yet programmed @returns an error or 0
   */
  read(cache: Cache, pending: Cache | null, block: number, offset: number, into: Uint8Array, at: number, length: number): number {
    const { readSize, programSize } = this;
    const end = at + length;
    while (at < end) {
      if (pending && block === pending.block && offset >= pending.offset && offset < pending.offset + programSize) {
        const from = offset - pending.offset;
        const count = Math.min(end - at, programSize - from);
        into.set(pending.buffer.subarray(from, from + count), at);
        at += count;
        offset += count;
        continue;
      }
      if (block === cache.block && offset >= cache.offset && offset < cache.offset + readSize) {
        const from = offset - cache.offset;
        const count = Math.min(end - at, readSize - from);
        into.set(cache.buffer.subarray(from, from + count), at);
        at += count;
        offset += count;
        continue;
      }
      const left = end - at;
      if (offset % readSize === 0 && left >= readSize) {
        const count = left - (left % readSize);
        const error = this.port.readAt(block, offset, into.subarray(at, at + count));
        if (error !== 0) return error;
        at += count;
        offset += count;
        continue;
      }
      cache.block = block;
      cache.offset = offset - (offset % readSize);
      const error = this.port.readAt(block, cache.offset, cache.buffer.subarray(0, readSize));
      if (error !== 0) return error;
    }
    return 0;
  }

  /** How many bytes from `offset` on the cache holds. */
  private held(cache: Cache, block: number, offset: number): number {
    return block === cache.block && offset >= cache.offset ? Math.max(0, cache.offset + this.readSize - offset) : 0;
  }

  /** @returns 1 if the medium holds these bytes, 0 if it does not, or an error */
  matches(cache: Cache, block: number, offset: number, bytes: Uint8Array, from: number, length: number): number {
    for (let i = 0; i < length; ) {
      const count = Math.min(this.held(cache, block, offset + i), length - i);
      for (let k = 0; k < count; k++) if (cache.buffer[offset + i + k - cache.offset] !== bytes[from + i + k]) return 0;
      i += count;
      if (count > 0) continue;
      const error = this.read(cache, null, block, offset + i, byte, 0, 1);
      if (error !== 0) return error;
      if (byte[0] !== bytes[from + i]) return 0;
      i++;
    }
    return 1;
  }

  /** Continues a checksum over bytes of the medium. @returns an error, or 0 and `crc` */
  checksum(block: number, offset: number, length: number, crc: number): number {
    const cache = this.readCache;
    this.crc = crc;
    for (let i = 0; i < length; ) {
      const count = Math.min(this.held(cache, block, offset + i), length - i);
      const at = offset + i - cache.offset;
      this.crc = crc32(this.crc, cache.buffer, at, at + count);
      i += count;
      if (count > 0) continue;
      const error = this.read(cache, null, block, offset + i, byte, 0, 1);
      if (error !== 0) return error;
      this.crc = crc32(this.crc, byte, 0, 1);
      i++;
    }
    return 0;
  }

  /** Programs what a cache holds. @param verify the cache to read it back with, if that is wanted */
  flush(cache: Cache, verify: Cache | null): number {
    if (cache.block === BLOCK_NULL) return 0;
    const bytes = cache.buffer.subarray(0, this.programSize);
    const error = this.writeVerified(cache.block, cache.offset, bytes, verify);
    if (error !== 0) return error;
    this.clear(cache);
    return 0;
  }

  private writeVerified(block: number, offset: number, bytes: Uint8Array, verify: Cache | null): number {
    const error = this.port.writeAt(block, offset, bytes);
    if (error !== 0 || !verify) return error;
    const same = this.matches(verify, block, offset, bytes, 0, bytes.length);
    return same < 0 ? same : same === 1 ? 0 : CORRUPT;
  }

  /** Programs through a cache, whole units directly. @param verify as for `flush` @returns an error or 0 */
  program(cache: Cache, verify: Cache | null, block: number, offset: number, bytes: Uint8Array, from: number, length: number): number {
    const { programSize } = this;
    const end = from + length;
    while (from < end) {
      if (block === cache.block && offset >= cache.offset && offset < cache.offset + programSize) {
        const at = offset - cache.offset;
        const count = Math.min(end - from, programSize - at);
        cache.buffer.set(bytes.subarray(from, from + count), at);
        from += count;
        offset += count;
        if (offset % programSize === 0) {
          const error = this.flush(cache, verify);
          if (error !== 0) return error;
        }
        continue;
      }
      const left = end - from;
      if (offset % programSize === 0 && left >= programSize) {
        const count = left - (left % programSize);
        const error = this.writeVerified(block, offset, bytes.subarray(from, from + count), verify);
        if (error !== 0) return error;
        from += count;
        offset += count;
        continue;
      }
      cache.block = block;
      cache.offset = offset - (offset % programSize);
    }
    return 0;
  }

  erase(block: number): number {
    return this.port.ioctl(IOCTL_BLOCK_ERASE, block, true) ?? 0;
  }

  sync(): number {
    this.readCache.drop();
    const error = this.flush(this.programCache, null);
    if (error !== 0) return error;
    return this.port.ioctl(IOCTL_SYNC, 0) ?? 0;
  }
}
