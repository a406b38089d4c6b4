/**
 * Appending one commit to a metadata block: tags, each combined with the one before, and a checksum at the end that makes
 * them valid all at once.
 *
 * Source: littlefs's SPEC.md ("Metadata blocks", "0x5xx CRC", "0x5ff Forward-CRC").
 */

import { crc32 } from '../littlefs/crc.ts';
import { store32 } from '../littlefs/words.ts';
import { alignUp } from './cache.ts';
import { CORRUPT, NO_SPACE } from './result.ts';
import type { Littlefs2 } from './state.ts';
import { diskSize, INVALID, makeTag, NO_ID, TYPE_COMMIT_CRC, TYPE_FORWARD_CRC } from './tag.ts';

const EMPTY = new Uint8Array(0);
const word = new Uint8Array(8);
const byte = new Uint8Array(1);

export class CommitWriter {
  private crc = -1;
  private readonly begin: number;
  private readonly limit: number;

  /** @param offset where the commit begins @param previous the tag before it (-1 in a fresh block) */
  constructor(
    private readonly fs: Littlefs2,
    readonly block: number,
    public offset: number,
    public previous: number,
  ) {
    this.begin = offset;
    // Room for a checksum is always left.
    this.limit = fs.config.blockSize - 8;
  }

  /** Writes raw bytes, which the checksum covers. @returns an error or 0 */
  program(bytes: Uint8Array, length = bytes.length): number {
    const device = this.fs.device;
    const error = device.program(device.programCache, device.readCache, false, this.block, this.offset, bytes, 0, length);
    if (error !== 0) return error;
    this.crc = crc32(this.crc, bytes, 0, length);
    this.offset += length;
    return 0;
  }

  /**
   * Writes a tag and its data; data of a tag with `INVALID` is copied from a place on the medium.
   * @returns `NO_SPACE` if it does not fit, another error, or 0
   */
  tag(tag: number, data: Uint8Array | undefined, block: number, offset: number): number {
    const size = diskSize(tag);
    if (this.offset + size > this.limit) return NO_SPACE;
    storeBigEndian((tag & 0x7fffffff) ^ this.previous);
    let error = this.program(word, 4);
    if (error !== 0) return error;
    if (!(tag & INVALID)) {
      error = this.program(data ?? EMPTY, size - 4);
      if (error !== 0) return error;
    } else {
      const device = this.fs.device;
      for (let i = 0; i < size - 4; i++) {
        error = device.read(null, device.readCache, size - 4 - i, block, offset + i, byte, 1);
        if (error !== 0) return error;
        error = this.program(byte, 1);
        if (error !== 0) return error;
      }
    }
    this.previous = tag & 0x7fffffff;
    return 0;
  }

  /** Closes the commit with its checksum, and reads it back. @returns `CORRUPT` if the block did not take it, an error, or 0 */
  finish(): number {
    const { fs } = this;
    const device = fs.device;
    const { blockSize, programSize, cacheSize } = fs.config;
    const end = alignUp(Math.min(this.offset + 20, blockSize), programSize);
    let firstCrcAt = 0;
    let firstCrc = 0;
    while (this.offset < end) {
      // A checksum tag covers at most so much padding; then come further ones.
      let next = Math.min(end - (this.offset + 4), 0x3fe) + this.offset + 4;
      if (next < end) next = Math.min(next, end - 20);
      let leading = 0xff;
      if (next >= end && next <= blockSize - programSize) {
        byte[0] = 0xff;
        let error = device.read(null, device.readCache, programSize, this.block, next, byte, 1);
        if (error !== 0 && error !== CORRUPT) return error;
        leading = byte[0];
        error = this.forwardChecksum(next);
        if (error !== 0) return error;
      }
      // The next tag's highest bit must differ from what is there now.
      const invert = (~leading >> 7) & 1;
      const tag = makeTag(TYPE_COMMIT_CRC + invert, NO_ID, next - (this.offset + 4));
      storeBigEndian(tag ^ this.previous);
      this.crc = crc32(this.crc, word, 0, 4);
      store32(word, 4, this.crc);
      let error = device.program(device.programCache, device.readCache, false, this.block, this.offset, word, 0, 8);
      if (error !== 0) return error;
      if (firstCrcAt === 0) {
        firstCrcAt = this.offset + 4;
        firstCrc = this.crc;
      }
      this.offset = next;
      this.previous = tag ^ (invert << 31);
      this.crc = -1;
      // The padding is not programmed, which the cache would not understand.
      if (next >= end || next >= device.programCache.offset + cacheSize) {
        error = device.sync(device.programCache, device.readCache, false);
        if (error !== 0) return error;
      }
    }
    let error = device.checksum(device.readCache, firstCrcAt + 4, this.block, this.begin, firstCrcAt - this.begin, -1);
    if (error !== 0) return error;
    if (device.crc !== firstCrc) return CORRUPT;
    // A block that ignores writes may hold an older commit that looks alike.
    error = device.checksum(device.readCache, 4, this.block, firstCrcAt, 4, device.crc);
    if (error !== 0) return error;
    return device.crc === 0 ? 0 : CORRUPT;
  }

  /** A checksum of what is behind the commit now, by which an interrupted programming will be recognised. */
  private forwardChecksum(next: number): number {
    const device = this.fs.device;
    const { programSize } = this.fs.config;
    const error = device.checksum(device.readCache, programSize, this.block, next, programSize, -1);
    if (error !== 0 && error !== CORRUPT) return error;
    const data = new Uint8Array(8);
    store32(data, 0, programSize);
    store32(data, 4, device.crc);
    return this.tag(makeTag(TYPE_FORWARD_CRC, NO_ID, 8), data, 0, 0);
  }
}

function storeBigEndian(value: number): void {
  word[0] = value >>> 24;
  word[1] = value >>> 16;
  word[2] = value >>> 8;
  word[3] = value;
}
