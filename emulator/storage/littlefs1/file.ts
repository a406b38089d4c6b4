/** An open file of littlefs 1: a skip-list that is never changed in place. Source: littlefs 1's DESIGN.md; its behaviour. */

import { OPEN_APPEND, OPEN_CREATE, OPEN_EXCLUSIVE, OPEN_TRUNCATE } from '../littlefs/common.ts';
import { PathWalk } from '../littlefs/path-walk.ts';
import { blockIndex, blockOffset, skipLevel, trailingZeros } from '../littlefs/skip-index.ts';
import { load32, store32 } from '../littlefs/words.ts';
import { acknowledge, allocate } from './allocator.ts';
import { BLOCK_NULL, Cache } from './cache.ts';
import { appendEntry, fetch, readEntry, updateEntry } from './directory.ts';
import { find } from './find.ts';
import { BAD_FILE, CORRUPT, EXISTS, FATAL, FILE_TOO_BIG, INVALID_ARGUMENT, IS_DIRECTORY, NO_ENTRY } from './result.ts';
import { Directory, Entry, FILE_MAX, type Littlefs1, type OpenFileState, TYPE_DIRECTORY, TYPE_FILE } from './state.ts';
import { makeConsistent } from './walk.ts';

const MODE_MASK = 3;
const READ_ONLY = 1;
const WRITE_ONLY = 2;

const byte = new Uint8Array(1);
const zero = new Uint8Array(1);
const word = new Uint8Array(4);

export class LittlefsFile implements OpenFileState {
  pair0 = BLOCK_NULL;
  pair1 = BLOCK_NULL;
  entryOffset = 0;
  head = BLOCK_NULL;
  size = 0;
  position = 0;
  block = 0;
  offset = 0;
  cache: Cache;
  dirty = false;
  writing = false;
  private reading = false;
  private failed = false;

  constructor(
    private readonly fs: Littlefs1,
    private readonly flags: number,
    cache?: Cache,
  ) {
    const { readSize, programSize } = fs.device;
    this.cache = cache ?? new Cache(new Uint8Array(Math.max(readSize, programSize)));
  }

  /** @returns an error or 0 */
  open(pathBytes: Uint8Array): number {
    const { fs, flags } = this;
    if ((flags & MODE_MASK) !== READ_ONLY) {
      const error = makeConsistent(fs);
      if (error !== 0) return error;
    }
    const directory = new Directory();
    const entry = new Entry();
    const path = new PathWalk(pathBytes);
    let error = find(fs, directory, entry, path);
    if (error !== 0 && (error !== NO_ENTRY || path.endsInSlash)) return error;
    if (error === NO_ENTRY) {
      if (!(flags & OPEN_CREATE)) return NO_ENTRY;
      const { name } = path;
      entry.init(TYPE_FILE, name.length, BLOCK_NULL, 0);
      error = appendEntry(fs, directory, entry, name);
      if (error !== 0) return error;
    } else if (entry.type === TYPE_DIRECTORY) {
      return IS_DIRECTORY;
    } else if (flags & OPEN_EXCLUSIVE) {
      return EXISTS;
    }
    this.pair0 = directory.pair0;
    this.pair1 = directory.pair1;
    this.entryOffset = entry.offset;
    this.head = entry.first;
    this.size = entry.second;
    if (flags & OPEN_TRUNCATE) {
      if (this.size !== 0) this.dirty = true;
      this.head = BLOCK_NULL;
      this.size = 0;
    }
    this.cache.drop();
    if ((flags & MODE_MASK) !== READ_ONLY) fs.device.clear(this.cache);
    fs.files.push(this);
    return 0;
  }

  /** @returns an error or 0; the file is closed in any case */
  close(): number {
    const error = this.sync();
    const index = this.fs.files.lastIndexOf(this);
    if (index >= 0) this.fs.files.splice(index, 1);
    return error;
  }

  /** Finds the block and offset of a position. */
  private locate(position: number): number {
    if (this.size === 0) {
      this.block = BLOCK_NULL;
      this.offset = 0;
      return 0;
    }
    const { fs } = this;
    let head = this.head;
    let current = blockIndex(fs.blockSize, this.size - 1);
    const target = blockIndex(fs.blockSize, position);
    while (current > target) {
      const level = skipLevel(current, target);
      const error = fs.device.read(this.cache, null, head, 4 * level, word, 0, 4);
      if (error !== 0) return error;
      head = load32(word, 0);
      current -= 1 << level;
    }
    this.block = head;
    this.offset = blockOffset(fs.blockSize, position);
    return 0;
  }

  /** Makes the list longer by a block, or takes a copy of the last one if that is not full. */
  private extend(): number {
    const { fs } = this;
    const state = { head: this.block, size: this.position };
    for (;;) {
      const block = allocate(fs);
      if (block < 0) return block;
      const result = this.startBlock(block, state);
      if (result !== CORRUPT) return result < -FATAL ? result + FATAL : result;
      fs.device.programCache.drop();
    }
  }

  /** @param state is used up by an attempt that fails, as in the original @returns `CORRUPT` if the new block is bad */
  private startBlock(block: number, state: { head: number; size: number }): number {
    const { device, blockSize } = this.fs;
    const { readCache } = device;
    let error = device.erase(block);
    if (error !== 0) return error;
    if (state.size === 0) {
      this.block = block;
      this.offset = 0;
      return 0;
    }
    let index = blockIndex(blockSize, state.size - 1);
    state.size = blockOffset(blockSize, state.size - 1) + 1;
    if (state.size !== blockSize) {
      for (let i = 0; i < state.size; i++) {
        error = device.read(readCache, null, state.head, i, byte, 0, 1);
        if (error !== 0) return error - FATAL;
        error = device.program(this.cache, readCache, block, i, byte, 0, 1);
        if (error !== 0) return error;
      }
      this.block = block;
      this.offset = state.size;
      return 0;
    }
    index++;
    const pointers = trailingZeros(index) + 1;
    for (let i = 0; i < pointers; i++) {
      store32(word, 0, state.head);
      error = device.program(this.cache, readCache, block, 4 * i, word, 0, 4);
      if (error !== 0) return error;
      if (i !== pointers - 1) {
        error = device.read(readCache, null, state.head, 4 * i, word, 0, 4);
        if (error !== 0) return error - FATAL;
        state.head = load32(word, 0);
      }
    }
    this.block = block;
    this.offset = 4 * pointers;
    return 0;
  }

  /** Copies the current block, up to the current offset, to a new one. */
  private relocate(): number {
    const { fs } = this;
    const pending = fs.device.programCache;
    for (;;) {
      const block = allocate(fs);
      if (block < 0) return block;
      const result = this.copyTo(block);
      if (result === CORRUPT) continue;
      if (result !== 0) return result < -FATAL ? result + FATAL : result;
      this.cache.buffer.set(pending.buffer);
      this.cache.block = pending.block;
      this.cache.offset = pending.offset;
      fs.device.clear(pending);
      this.block = block;
      return 0;
    }
  }

  private copyTo(block: number): number {
    const { device } = this.fs;
    let error = device.erase(block);
    if (error !== 0) return error;
    for (let i = 0; i < this.offset; i++) {
      error = device.read(device.readCache, this.cache, this.block, i, byte, 0, 1);
      if (error !== 0) return error - FATAL;
      error = device.program(device.programCache, device.readCache, block, i, byte, 0, 1);
      if (error !== 0) return error;
    }
    return 0;
  }

  /** Ends reading or writing; what was written becomes the file, in memory. */
  private flush(): number {
    if (this.reading) {
      this.cache.drop();
      this.reading = false;
    }
    if (!this.writing) return 0;
    const position = this.position;
    let error = this.copyRest();
    if (error !== 0) return error;
    for (;;) {
      error = this.fs.device.flush(this.cache, this.fs.device.readCache);
      if (error !== CORRUPT) break;
      error = this.relocate();
      if (error !== 0) return error;
    }
    if (error !== 0) return error;
    this.head = this.block;
    this.size = this.position;
    this.writing = false;
    this.dirty = true;
    this.position = position;
    return 0;
  }

  /** A skip-list cannot be changed in the middle: what lies behind the written part is copied. */
  private copyRest(): number {
    const { readCache } = this.fs.device;
    // The old file is read with the read cache's memory, of which only one may believe that it holds something.
    const shared = new Cache(readCache.buffer);
    shared.block = readCache.block;
    shared.offset = readCache.offset;
    const old = new LittlefsFile(this.fs, READ_ONLY, shared);
    old.head = this.head;
    old.size = this.size;
    old.position = this.position;
    readCache.drop();
    const data = new Uint8Array(1);
    while (this.position < this.size) {
      let result = old.read(data);
      if (result < 0) return result;
      result = this.write(data);
      if (result < 0) return result;
      if (readCache.block !== BLOCK_NULL) {
        shared.drop();
        readCache.drop();
      }
    }
    return 0;
  }

  /** Brings the entry up to date. @returns an error or 0 */
  sync(): number {
    let error = this.flush();
    if (error !== 0) return error;
    if (!this.dirty || this.failed || this.pair0 === BLOCK_NULL || this.pair1 === BLOCK_NULL) return 0;
    const { fs } = this;
    const directory = new Directory();
    error = fetch(fs, directory, this.pair0, this.pair1);
    if (error !== 0) return error;
    const entry = new Entry();
    error = readEntry(fs, directory, this.entryOffset, entry);
    if (error !== 0) return error;
    entry.point(this.head, this.size);
    error = updateEntry(fs, directory, entry);
    if (error !== 0) return error;
    this.dirty = false;
    return 0;
  }

  /** @returns the number of bytes read, 0 at the end, or an error */
  read(into: Uint8Array): number {
    if ((this.flags & MODE_MASK) === WRITE_ONLY) return BAD_FILE;
    if (this.writing) {
      const error = this.flush();
      if (error !== 0) return error;
    }
    if (this.position >= this.size) return 0;
    const { device, blockSize } = this.fs;
    const total = Math.min(into.length, this.size - this.position);
    let done = 0;
    while (done < total) {
      if (!this.reading || this.offset === blockSize) {
        const error = this.locate(this.position);
        if (error !== 0) return error;
        this.reading = true;
      }
      const count = Math.min(total - done, blockSize - this.offset);
      const error = device.read(this.cache, null, this.block, this.offset, into, done, count);
      if (error !== 0) return error;
      this.position += count;
      this.offset += count;
      done += count;
    }
    return total;
  }

  /** @returns the number of bytes written, or an error */
  write(data: Uint8Array): number {
    if ((this.flags & MODE_MASK) === READ_ONLY) return BAD_FILE;
    if (this.reading) {
      const error = this.flush();
      if (error !== 0) return error;
    }
    if (this.flags & OPEN_APPEND && this.position < this.size) this.position = this.size;
    if (this.position + data.length > FILE_MAX) return FILE_TOO_BIG;
    if (!this.writing && this.position > this.size) {
      const position = this.position;
      this.position = this.size;
      while (this.position < position) {
        const result = this.write(zero);
        if (result < 0) return result;
      }
    }
    const { device, blockSize } = this.fs;
    let done = 0;
    while (done < data.length) {
      if (!this.writing || this.offset === blockSize) {
        const error = this.startWriting();
        if (error !== 0) return this.fail(error);
      }
      const count = Math.min(data.length - done, blockSize - this.offset);
      for (;;) {
        let error = device.program(this.cache, device.readCache, this.block, this.offset, data, done, count);
        if (error === 0) break;
        if (error === CORRUPT) error = this.relocate();
        if (error !== 0) return this.fail(error);
      }
      this.position += count;
      this.offset += count;
      done += count;
      acknowledge(this.fs);
    }
    this.failed = false;
    return data.length;
  }

  /** Finds or makes the block to write to. */
  private startWriting(): number {
    if (!this.writing && this.position > 0) {
      const error = this.locate(this.position - 1);
      if (error !== 0) return error;
      // What was read into the cache must not be taken for written.
      this.fs.device.clear(this.cache);
    }
    acknowledge(this.fs);
    const error = this.extend();
    if (error !== 0) return error;
    this.writing = true;
    return 0;
  }

  private fail(error: number): number {
    this.failed = true;
    return error;
  }

  /** @returns the new position, or an error */
  seek(offset: number, whence: 0 | 1 | 2): number {
    const error = this.flush();
    if (error !== 0) return error;
    const from = whence === 0 ? 0 : whence === 1 ? this.position : this.size;
    const target = from + offset;
    if (target < 0 || target > FILE_MAX) return INVALID_ARGUMENT;
    this.position = target;
    return target;
  }
}
