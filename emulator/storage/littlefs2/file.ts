/**
 * An open file: small ones live in their directory entry and in the file's cache, larger ones in a skip-list that is never
 * changed in place. What is written becomes part of the filesystem with one commit, on a sync or close.
 *
 * Source: littlefs's DESIGN.md; behaviour of littlefs 2.11. As built for MicroPython, a file's mode is not enforced: one
 * opened for reading can be written.
 */

import { OPEN_APPEND, OPEN_CREATE, OPEN_EXCLUSIVE, OPEN_READ, OPEN_TRUNCATE, OPEN_WRITE } from '../littlefs/common.ts';
import { blockIndex, blockOffset } from '../littlefs/skip-index.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { allocate, markCheckpoint } from './allocator.ts';
import { BLOCK_INLINE, BLOCK_NULL, Cache } from './cache.ts';
import { commit } from './commit.ts';
import { makeConsistent } from './consistency.ts';
import { get, getRead, matched } from './fetch.ts';
import { find, PathWalk } from './find.ts';
import {
  CORRUPT,
  EXISTS,
  FATAL,
  FILE_TOO_BIG,
  INVALID_ARGUMENT,
  IS_DIRECTORY,
  NAME_TOO_LONG,
  NO_ENTRY,
  NO_SPACE,
  NOT_DIRECTORY,
} from './result.ts';
import { extend, findBlock, found } from './skip-list.ts';
import { FILE_MAX, type Littlefs2, MetadataPair, type OpenFileEntry } from './state.ts';
import {
  FROM_USER_ATTRIBUTES,
  makeTag,
  NO_ID,
  sizeOf,
  TYPE_CREATE,
  TYPE_FILE,
  TYPE_INLINE_STRUCT,
  TYPE_SKIP_LIST_STRUCT,
  TYPE_STRUCT,
  TYPE_USER_ATTRIBUTE,
  typeOf,
} from './tag.ts';
import type { UserAttribute } from './traverse.ts';

const byte = new Uint8Array(1);
const zero = new Uint8Array(1);

export class LittlefsFile implements OpenFileEntry {
  readonly kind = 'file';
  id = 0;
  readonly pair = new MetadataPair();
  /** Last block of the skip-list, or `BLOCK_INLINE`. */
  head = 0;
  /** Size as of the last flush. */
  size = 0;
  position = 0;
  block = 0;
  /** In `block`, where `position` lies, while reading or writing. */
  offset = 0;
  cache: Cache;
  dirty = false;
  writing = false;
  reading = false;
  inline = false;
  private failed = false;

  constructor(
    private readonly fs: Littlefs2,
    private readonly flags: number,
    private readonly attributes: readonly UserAttribute[],
  ) {
    this.cache = new Cache(new Uint8Array(fs.config.cacheSize));
  }

  /** Opens or creates the file. @returns an error or 0 */
  open(pathBytes: Uint8Array): number {
    const error = this.tryOpen(pathBytes);
    if (error !== 0) {
      this.failed = true;
      this.close();
    }
    return error;
  }

  private tryOpen(pathBytes: Uint8Array): number {
    const { fs, flags } = this;
    const writes = (flags & OPEN_WRITE) !== 0;
    if (writes) {
      const error = makeConsistent(fs);
      if (error !== 0) return error;
    }
    const path = new PathWalk(pathBytes);
    let tag = find(fs, this.pair, path);
    if (tag < 0 && !(tag === NO_ENTRY && path.isLast)) return tag;
    this.id = matched.id;
    fs.track(this);
    if (tag === NO_ENTRY) {
      const error = this.create(path);
      if (error !== 0) return error;
      tag = makeTag(TYPE_INLINE_STRUCT, 0, 0);
    } else if (flags & OPEN_EXCLUSIVE) {
      return EXISTS;
    } else if (typeOf(tag) !== TYPE_FILE) {
      return IS_DIRECTORY;
    } else if (flags & OPEN_TRUNCATE) {
      tag = makeTag(TYPE_INLINE_STRUCT, this.id, 0);
      this.dirty = true;
    } else {
      const struct = new Uint8Array(8);
      tag = get(fs, this.pair, makeTag(0x700, NO_ID, 0), makeTag(TYPE_STRUCT, this.id, 8), struct);
      if (tag < 0) return tag;
      this.head = load32(struct, 0);
      this.size = load32(struct, 4);
    }

    for (const { type, value } of this.attributes) {
      if (flags & OPEN_READ) {
        const result = get(fs, this.pair, makeTag(0x7ff, NO_ID, 0), makeTag(TYPE_USER_ATTRIBUTE + type, this.id, value.length), value);
        if (result < 0 && result !== NO_ENTRY) return result;
      }
      if (writes) {
        if (value.length > fs.attributeMax) return NO_SPACE;
        this.dirty = true;
      }
    }

    this.cache.clear();
    if (typeOf(tag) === TYPE_INLINE_STRUCT) return this.loadInline(sizeOf(tag));
    return 0;
  }

  private create(path: PathWalk): number {
    if (!(this.flags & OPEN_CREATE)) return NO_ENTRY;
    if (path.endsInSlash) return NOT_DIRECTORY;
    const { name } = path;
    if (name.length > this.fs.nameMax) return NAME_TOO_LONG;
    const error = commit(this.fs, this.pair, [
      { tag: makeTag(TYPE_CREATE, this.id, 0) },
      { tag: makeTag(TYPE_FILE, this.id, name.length), data: name },
      { tag: makeTag(TYPE_INLINE_STRUCT, this.id, 0) },
    ]);
    // A name that fits no metadata block at all.
    return error === NO_SPACE ? NAME_TOO_LONG : error;
  }

  private loadInline(size: number): number {
    this.becomeInline(size);
    if (size === 0) return 0;
    const wanted = makeTag(TYPE_STRUCT, this.id, Math.min(this.cache.size, 0x3fe));
    const tag = get(this.fs, this.pair, makeTag(0x700, NO_ID, 0), wanted, this.cache.buffer);
    return Math.min(tag, 0);
  }

  private becomeInline(size: number): void {
    this.head = BLOCK_INLINE;
    this.size = size;
    this.inline = true;
    this.cache.block = BLOCK_INLINE;
    this.cache.offset = 0;
    this.cache.size = this.fs.config.cacheSize;
  }

  /** @returns an error or 0; the file is closed in any case */
  close(): number {
    const error = this.sync();
    this.fs.untrack(this);
    return error;
  }

  /** Copies the current block, up to the current offset, to a new one. */
  private relocate(): number {
    const { fs } = this;
    const pending = fs.device.programCache;
    for (;;) {
      const block = allocate(fs);
      if (block < 0) return block;
      const result = this.copyTo(block);
      if (result === CORRUPT) {
        // Bad as well.
        pending.drop();
        continue;
      }
      if (result !== 0) return result < -FATAL ? result + FATAL : result;
      this.cache.buffer.set(pending.buffer);
      this.cache.block = pending.block;
      this.cache.offset = pending.offset;
      this.cache.size = pending.size;
      pending.clear();
      this.block = block;
      this.writing = true;
      return 0;
    }
  }

  private copyTo(block: number): number {
    const { device } = this.fs;
    let error = device.erase(block);
    if (error !== 0) return error;
    for (let i = 0; i < this.offset; i++) {
      error = this.inline
        ? getRead(
            this.fs,
            this.pair,
            this.cache,
            this.offset - i,
            makeTag(0xfff, 0x1ff, 0),
            makeTag(TYPE_INLINE_STRUCT, this.id, 0),
            i,
            byte,
            0,
            1,
          )
        : device.read(this.cache, device.readCache, this.offset - i, this.block, i, byte, 1);
      if (error !== 0) return error - FATAL;
      error = device.program(device.programCache, device.readCache, true, block, i, byte, 0, 1);
      if (error !== 0) return error;
    }
    return 0;
  }

  /** From the directory entry into a block of its own. */
  private outline(): number {
    this.offset = this.position;
    markCheckpoint(this.fs);
    const error = this.relocate();
    if (error !== 0) return error;
    this.inline = false;
    return 0;
  }

  evict(): number {
    return this.outline() || this.flush();
  }

  /** Ends reading or writing; what was written becomes the file, in memory. */
  flush(): number {
    if (this.reading) {
      if (!this.inline) this.cache.drop();
      this.reading = false;
    }
    if (!this.writing) return 0;
    const position = this.position;
    if (!this.inline) {
      let error = this.copyRest();
      if (error < 0) return error;
      for (;;) {
        error = this.fs.device.flush(this.cache, this.fs.device.readCache, true);
        if (error !== CORRUPT) break;
        error = this.relocate();
        if (error !== 0) return error;
      }
      if (error !== 0) return error;
    } else {
      this.position = Math.max(this.position, this.size);
    }
    this.head = this.block;
    this.size = this.position;
    this.writing = false;
    this.dirty = true;
    this.position = position;
    return 0;
  }

  /** A skip-list cannot be changed in the middle: what lies behind the written part is copied. */
  private copyRest(): number {
    const { device } = this.fs;
    const { readCache } = device;
    // The old file is read with the read cache's memory, of which only one may believe that it holds something.
    const old = new LittlefsFile(this.fs, OPEN_READ, []);
    old.head = this.head;
    old.size = this.size;
    old.position = this.position;
    old.cache = new Cache(readCache.buffer);
    old.cache.block = readCache.block;
    old.cache.offset = readCache.offset;
    old.cache.size = readCache.size;
    readCache.drop();
    const data = new Uint8Array(1);
    while (this.position < this.size) {
      let result = old.readFlushed(data, 1);
      if (result < 0) return result;
      result = this.writeFlushed(data, 1);
      if (result < 0) return result;
      if (readCache.block !== BLOCK_NULL) {
        old.cache.drop();
        readCache.drop();
      }
    }
    return 0;
  }

  /** Commits the file and its attributes. @returns an error or 0 */
  sync(): number {
    if (this.failed) return 0;
    const { fs } = this;
    let error = this.flush();
    if (error !== 0) {
      this.failed = true;
      return error;
    }
    const removed = this.pair.pair0 === BLOCK_NULL || this.pair.pair1 === BLOCK_NULL;
    if (!this.dirty || removed) return 0;
    let type = TYPE_INLINE_STRUCT;
    let data = this.cache.buffer;
    let size = this.size;
    if (!this.inline) {
      // The data must be on the medium before the entry that points to it.
      error = fs.device.sync(fs.device.programCache, fs.device.readCache, false);
      if (error !== 0) return error;
      type = TYPE_SKIP_LIST_STRUCT;
      data = new Uint8Array(8);
      store32(data, 0, this.head);
      store32(data, 4, this.size);
      size = 8;
    }
    error = commit(fs, this.pair, [
      { tag: makeTag(type, this.id, size), data },
      { tag: makeTag(FROM_USER_ATTRIBUTES, this.id, this.attributes.length), data: this.attributes },
    ]);
    if (error !== 0) {
      this.failed = true;
      return error;
    }
    this.dirty = false;
    return 0;
  }

  private readFlushed(into: Uint8Array, length: number): number {
    if (this.position >= this.size) return 0;
    const { fs } = this;
    const { blockSize } = fs.config;
    const total = Math.min(length, this.size - this.position);
    let done = 0;
    while (done < total) {
      if (!this.reading || this.offset === blockSize) {
        if (!this.inline) {
          const error = findBlock(fs, this.cache, this.head, this.size, this.position);
          if (error !== 0) return error;
          this.block = found.block;
          this.offset = found.offset;
        } else {
          this.block = BLOCK_INLINE;
          this.offset = this.position;
        }
        this.reading = true;
      }
      const count = Math.min(total - done, blockSize - this.offset);
      const error = this.inline
        ? getRead(
            fs,
            this.pair,
            this.cache,
            blockSize,
            makeTag(0xfff, 0x1ff, 0),
            makeTag(TYPE_INLINE_STRUCT, this.id, 0),
            this.offset,
            into,
            done,
            count,
          )
        : fs.device.read(null, this.cache, blockSize, this.block, this.offset, into.subarray(done, done + count), count);
      if (error !== 0) return error;
      this.position += count;
      this.offset += count;
      done += count;
    }
    return total;
  }

  /** @returns the number of bytes read, 0 at the end, or an error */
  read(into: Uint8Array): number {
    if (this.writing) {
      const error = this.flush();
      if (error !== 0) return error;
    }
    return this.readFlushed(into, into.length);
  }

  private writeFlushed(data: Uint8Array, length: number): number {
    const { fs } = this;
    const { blockSize } = fs.config;
    if (this.inline && Math.max(this.position + length, this.size) > fs.inlineMax) {
      const error = this.outline();
      if (error !== 0) return this.fail(error);
    }
    let done = 0;
    while (done < length) {
      if (!this.writing || this.offset === blockSize) {
        const error = this.startWriting();
        if (error !== 0) return this.fail(error);
      }
      const count = Math.min(length - done, blockSize - this.offset);
      for (;;) {
        let error = fs.device.program(this.cache, fs.device.readCache, true, this.block, this.offset, data, done, count);
        if (error === 0) break;
        if (error === CORRUPT) error = this.relocate();
        if (error !== 0) return this.fail(error);
      }
      this.position += count;
      this.offset += count;
      done += count;
      markCheckpoint(fs);
    }
    return length;
  }

  /** Finds or makes the block to write to. */
  private startWriting(): number {
    const { fs } = this;
    if (this.inline) {
      this.block = BLOCK_INLINE;
      this.offset = this.position;
    } else {
      if (!this.writing && this.position > 0) {
        const error = findBlock(fs, this.cache, this.head, this.size, this.position - 1);
        if (error !== 0) return error;
        this.block = found.block;
        // What was read into the cache must not be taken for written.
        this.cache.clear();
      }
      markCheckpoint(fs);
      const error = extend(fs, this.cache, fs.device.readCache, this.block, this.position);
      if (error !== 0) return error;
      this.block = found.block;
      this.offset = found.offset;
    }
    this.writing = true;
    return 0;
  }

  private fail(error: number): number {
    this.failed = true;
    return error;
  }

  /** @returns the number of bytes written, or an error */
  write(data: Uint8Array): number {
    if (this.reading) {
      const error = this.flush();
      if (error !== 0) return error;
    }
    if (this.flags & OPEN_APPEND && this.position < this.size) this.position = this.size;
    if (this.position + data.length > this.fs.fileMax) return FILE_TOO_BIG;
    if (!this.writing && this.position > this.size) {
      const position = this.position;
      this.position = this.size;
      while (this.position < position) {
        const result = this.writeFlushed(zero, 1);
        if (result < 0) return result;
      }
    }
    const written = this.writeFlushed(data, data.length);
    if (written >= 0) this.failed = false;
    return written;
  }

  /** The size, with what is not flushed yet. */
  get currentSize(): number {
    return this.writing ? Math.max(this.position, this.size) : this.size;
  }

  /** @returns the new position, or an error */
  seek(offset: number, whence: 0 | 1 | 2): number {
    const from = whence === 0 ? 0 : whence === 1 ? this.position : this.currentSize;
    const target = (from + offset) >>> 0;
    if (target > this.fs.fileMax) return INVALID_ARGUMENT;
    if (target === this.position) return target;
    const { blockSize } = this.fs.config;
    if (this.reading && this.offset !== blockSize && blockIndex(blockSize, this.position) === blockIndex(blockSize, target)) {
      const at = blockOffset(blockSize, target);
      if (at >= this.cache.offset && at < this.cache.offset + this.cache.size) {
        this.position = target;
        this.offset = at;
        return target;
      }
    }
    const error = this.flush();
    if (error !== 0) return error;
    this.position = target;
    return target;
  }

  /** Makes the file shorter, or longer by zeros. @returns an error or 0 */
  truncate(size: number): number {
    if (size > FILE_MAX) return INVALID_ARGUMENT;
    const position = this.position;
    const old = this.currentSize;
    const result = size < old ? this.shorten(size) : size > old ? this.lengthen(size) : 0;
    if (result < 0) return result;
    const sought = this.seek(position, 0);
    return Math.min(sought, 0);
  }

  private shorten(size: number): number {
    const { fs } = this;
    if (size <= fs.inlineMax) {
      let result = this.seek(0, 0);
      if (result < 0) return result;
      fs.device.readCache.drop();
      const start = fs.device.readCache.buffer;
      result = this.readFlushed(start, size);
      if (result < 0) return result;
      this.becomeInline(size);
      this.dirty = true;
      this.reading = true;
      this.cache.buffer.set(start.subarray(0, size));
      return 0;
    }
    let error = this.flush();
    if (error !== 0) return error;
    error = findBlock(fs, this.cache, this.head, this.size, size - 1);
    if (error !== 0) return error;
    this.block = found.block;
    this.position = size;
    this.head = this.block;
    this.size = size;
    this.dirty = true;
    this.reading = true;
    return 0;
  }

  private lengthen(size: number): number {
    let result = this.seek(0, 2);
    while (result >= 0 && this.position < size) result = this.write(zero);
    return result;
  }
}
