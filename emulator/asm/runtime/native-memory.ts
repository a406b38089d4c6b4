/**
 * What machine code sees of a running MicroPython: the buffers that the guest's objects keep their bytes in, the machine's own memory for code, stacks and
 * structures, objects as far as code looks into them, and behind all that the board's bus.
 *
 * Guest buffers have their addresses from `objects/guest-memory.ts`. What is found once is kept in a table with an entry for each sixteen bytes, because machine
 * code reads memory all the time.
 */
import { excTypes, newMessageException } from '../../objects/exception.ts';
import { type MemoryBus as BoardBus, guestMemory, isBusFault } from '../../objects/guest-memory.ts';
import { reserveAddresses } from '../../objects/identity.ts';
import { Raise } from '../../vm/raise.ts';

import { BusError, type WideBus } from '../memory-bus.ts';
import { putWord, type Word, wordOf } from '../word.ts';

/** Something at an address that is not plain memory: an object that code reads or writes a word of. */
export interface WordHooks {
  /** The word at an offset, a multiple of a word's bytes; undefined where there is nothing. */
  read(offset: number): Word | undefined;
  /** False where nothing can be written. */
  write(offset: number, value: Word): boolean;
}

interface Block {
  readonly base: number;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly hooks: WordHooks | null;
  /** A guest's buffer: zeros follow, to the end of the sixteen bytes. */
  readonly padded: boolean;
  /** Something in it was fetched as code. */
  isCode: boolean;
}

const GRANULE_BITS = 4;
const GRANULE = 1 << GRANULE_BITS;
/** Addresses from here on are in the table: the RAM of the boards, and what lies behind it for more buffers than a board could hold. */
const TABLE_BASE = 0x20000000;
/** Up to the peripherals of the boards; a process has none. */
const TABLE_END = { 4: 0x30000000, 8: 0x70000000 } as const;

const NO_BYTES = new Uint8Array(0);

export class NativeMemory implements WideBus {
  onCodeWrite: ((address: number) => void) | null = null;
  /** Called before an access to the board's bus, so that it happens at its own virtual time. */
  beforeBusAccess: () => void = () => {};
  afterBusAccess: () => void = () => {};
  /** Finds hooks for an address that is no block: objects that the guest has handed to machine code. */
  objectAt: (address: number) => WordHooks | undefined = () => undefined;

  private table = new Uint32Array(1024);
  private readonly blocks: (Block | null)[] = [null];
  private readonly pair = new Int32Array(2);

  /** @param wordBytes of what objects are made of, 4 or 8 */
  constructor(readonly wordBytes: 4 | 8) {}

  /** Puts plain memory at an address, a multiple of 16. */
  map(base: number, bytes: Uint8Array): void {
    this.enter({ base, size: bytes.length, bytes, view: viewOf(bytes), hooks: null, padded: false, isCode: false });
  }

  /** Puts an object at an address, a multiple of 16. */
  mapObject(base: number, size: number, hooks: WordHooks): void {
    this.enter({ base, size, bytes: NO_BYTES, view: viewOf(NO_BYTES), hooks, padded: false, isCode: false });
  }

  /** Finds a place for an object of so many bytes: its address. */
  reserve(size: number, hooks: WordHooks): number {
    const address = reserveAddresses(size);
    this.mapObject(address, size, hooks);
    return address;
  }

  /** Copies of what is mapped are of no use any more. */
  unmap(base: number, size: number): void {
    const first = (base - TABLE_BASE) >>> GRANULE_BITS;
    const last = (base + size - 1 - TABLE_BASE) >>> GRANULE_BITS;
    const index = this.table[first];
    for (let granule = first; granule <= last && granule < this.table.length; granule++) this.table[granule] = 0;
    if (index !== undefined) this.blocks[index] = null;
  }

  private enter(block: Block): void {
    const first = (block.base - TABLE_BASE) >>> GRANULE_BITS;
    const size = block.padded ? block.size + 1 : Math.max(1, block.size);
    const last = (block.base + size - 1 - TABLE_BASE) >>> GRANULE_BITS;
    if (block.base < TABLE_BASE || block.base + block.size > TABLE_END[this.wordBytes])
      throw new Raise(newMessageException(excTypes.MemoryError, 'memory allocation failed'));
    if (last >= this.table.length) {
      const larger = new Uint32Array(Math.max(last + 1, this.table.length * 2));
      larger.set(this.table);
      this.table = larger;
    }
    this.blocks.push(block);
    this.table.fill(this.blocks.length - 1, first, last + 1);
  }

  /** The block that holds an address, if it is one of ours or a guest buffer's. */
  private find(address: number): Block | null {
    const granule = (address - TABLE_BASE) >>> GRANULE_BITS;
    const index = this.table[granule];
    if (index !== undefined && index !== 0) return this.blocks[index];
    const found = guestMemory().blockAt(address >>> 0);
    if (found === undefined || found.base < TABLE_BASE || found.base + found.bytes.length > TABLE_END[this.wordBytes]) return null;
    const { base, bytes } = found;
    this.enter({ base, size: bytes.length, bytes, view: viewOf(bytes), hooks: null, padded: true, isCode: false });
    return this.blocks[this.blocks.length - 1];
  }

  /** The bytes at an address, live. @throws BusError where there is no plain memory */
  bytesAt(address: number, length: number): Uint8Array {
    if (length === 0) return NO_BYTES;
    const block = this.find(address);
    const offset = block === null ? 0 : (address >>> 0) - block.base;
    if (block !== null && block.hooks === null && offset + length <= block.size) return block.bytes.subarray(offset, offset + length);
    const view = guestMemory().bus?.view?.(address >>> 0, length);
    if (view === undefined) throw new BusError(address >>> 0, 'read');
    return view;
  }

  /** The bytes before the next zero. */
  cStringAt(address: number): Uint8Array {
    let end = address;
    while (this.read8(end) !== 0) end = (end + 1) | 0;
    return this.bytesAt(address, end - address);
  }

  /** Whether plain memory of ours, or a buffer of the guest's, is there. */
  isMapped(address: number): boolean {
    const block = this.find(address);
    return block !== null && block.hooks === null && (address >>> 0) - block.base < block.size;
  }

  private slowRead(address: number, size: 1 | 2 | 4): number {
    const block = this.find(address);
    if (block !== null) {
      const offset = (address >>> 0) - block.base;
      if (block.hooks !== null) return this.hookRead(block.hooks, address, offset, size);
      if (offset + size <= block.size)
        return size === 1 ? block.bytes[offset] : size === 2 ? block.view.getUint16(offset, true) : block.view.getInt32(offset, true);
      if (size > 1) return this.readBytes(address, size);
      if (block.padded && offset <= (block.size | (GRANULE - 1))) return 0;
    } else {
      const hooks = this.objectAt(address & ~15);
      if (hooks !== undefined) return this.hookRead(hooks, address, address & 15, size);
    }
    const bus = this.bus(address, 'read');
    if (size > 1 && address & (size - 1)) return this.readBytes(address, size);
    return this.onBus(address, 'read', () => {
      const value = bus.read(address >>> 0, size);
      return size === 4 ? value | 0 : value;
    });
  }

  private slowWrite(address: number, value: number, size: 1 | 2 | 4): void {
    const block = this.find(address);
    if (block !== null) {
      const offset = (address >>> 0) - block.base;
      if (block.hooks !== null) {
        if (!this.hookWrite(block.hooks, offset, value, size)) throw new BusError(address >>> 0, 'write');
        return;
      }
      if (offset + size <= block.size) {
        if (size === 1) block.bytes[offset] = value;
        else if (size === 2) block.view.setUint16(offset, value, true);
        else block.view.setInt32(offset, value, true);
        if (block.isCode) this.onCodeWrite?.(address);
        return;
      }
      if (size > 1) {
        for (let i = 0; i < size; i++) this.write8((address + i) | 0, value >>> (8 * i));
        return;
      }
    } else {
      const hooks = this.objectAt(address & ~15);
      if (hooks !== undefined) {
        if (!this.hookWrite(hooks, address & 15, value, size)) throw new BusError(address >>> 0, 'write');
        return;
      }
    }
    const bus = this.bus(address, 'write');
    if (size > 1 && address & (size - 1)) {
      for (let i = 0; i < size; i++) this.write8((address + i) | 0, value >>> (8 * i));
      return;
    }
    this.onBus(address, 'write', () => {
      bus.write(address >>> 0, size === 4 ? value >>> 0 : size === 2 ? value & 0xffff : value & 0xff, size);
      return 0;
    });
  }

  private hookRead(hooks: WordHooks, address: number, offset: number, size: 1 | 2 | 4): number {
    const word = hooks.read(offset & -this.wordBytes);
    if (word === undefined || (size === 4 && offset & 3)) throw new BusError(address >>> 0, 'read');
    putWord(this.pair, 0, word);
    const half = this.pair[(offset & (this.wordBytes - 1)) >> 2];
    if (size === 4) return half;
    const shifted = half >>> ((offset & 3) * 8);
    return size === 2 ? shifted & 0xffff : shifted & 0xff;
  }

  /** Only whole words can be written. */
  private hookWrite(hooks: WordHooks, offset: number, value: number, size: number): boolean {
    return size === this.wordBytes && (offset & (size - 1)) === 0 && hooks.write(offset, value);
  }

  /** What hooks answer at an address, and the offset there. */
  private hooksAt(address: number): { hooks: WordHooks; offset: number } | undefined {
    const block = this.find(address);
    if (block !== null) return block.hooks === null ? undefined : { hooks: block.hooks, offset: (address >>> 0) - block.base };
    const hooks = this.objectAt(address & ~15);
    return hooks === undefined ? undefined : { hooks, offset: address & 15 };
  }

  /** An access that crosses from one block to the next, or that the bus takes only in parts. */
  private readBytes(address: number, size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.read8((address + i) | 0) << (8 * i);
    return value;
  }

  private bus(address: number, access: 'read' | 'write' | 'fetch'): BoardBus {
    const { bus } = guestMemory();
    if (bus === undefined) throw new BusError(address >>> 0, access);
    return bus;
  }

  private onBus(address: number, access: 'read' | 'write', action: () => number): number {
    this.beforeBusAccess();
    try {
      return action();
    } catch (error) {
      if (isBusFault(error)) throw new BusError(address >>> 0, access);
      throw error;
    } finally {
      this.afterBusAccess();
    }
  }

  read8(address: number): number {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null) {
      const offset = (address >>> 0) - block.base;
      if (offset < block.bytes.length) return block.bytes[offset];
    }
    return this.slowRead(address, 1);
  }
  read16(address: number): number {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null) {
      const offset = (address >>> 0) - block.base;
      if (offset + 2 <= block.bytes.length) return block.view.getUint16(offset, true);
    }
    return this.slowRead(address, 2);
  }
  read32(address: number): number {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null) {
      const offset = (address >>> 0) - block.base;
      if (offset + 4 <= block.bytes.length) return block.view.getInt32(offset, true);
    }
    return this.slowRead(address, 4);
  }
  readPair(address: number, into: Int32Array, at: number): void {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null) {
      const offset = (address >>> 0) - block.base;
      if (offset + 8 <= block.bytes.length) {
        into[at] = block.view.getInt32(offset, true);
        into[at + 1] = block.view.getInt32(offset + 4, true);
        return;
      }
    }
    const found = (address & 7) === 0 ? this.hooksAt(address) : undefined;
    if (found !== undefined && this.wordBytes === 8) {
      const word = found.hooks.read(found.offset);
      if (word === undefined) throw new BusError(address >>> 0, 'read');
      putWord(into, at, word);
      return;
    }
    const low = this.read32(address);
    into[at + 1] = this.read32(address + 4);
    into[at] = low;
  }
  writePair(address: number, low: number, high: number): void {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null && !block.isCode) {
      const offset = (address >>> 0) - block.base;
      if (offset + 8 <= block.bytes.length) {
        block.view.setInt32(offset, low, true);
        block.view.setInt32(offset + 4, high, true);
        return;
      }
    }
    const found = (address & 7) === 0 ? this.hooksAt(address) : undefined;
    if (found !== undefined && this.wordBytes === 8) {
      this.pair[0] = low;
      this.pair[1] = high;
      if (!found.hooks.write(found.offset, wordOf(this.pair, 0))) throw new BusError(address >>> 0, 'write');
      return;
    }
    this.write32(address, low);
    this.write32(address + 4, high);
  }
  write8(address: number, value: number): void {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null && !block.isCode) {
      const offset = (address >>> 0) - block.base;
      if (offset < block.bytes.length) {
        block.bytes[offset] = value;
        return;
      }
    }
    this.slowWrite(address, value, 1);
  }
  write16(address: number, value: number): void {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null && !block.isCode) {
      const offset = (address >>> 0) - block.base;
      if (offset + 2 <= block.bytes.length) {
        block.view.setUint16(offset, value, true);
        return;
      }
    }
    this.slowWrite(address, value, 2);
  }
  write32(address: number, value: number): void {
    const block = this.blocks[this.table[(address - TABLE_BASE) >>> GRANULE_BITS]];
    if (block != null && !block.isCode) {
      const offset = (address >>> 0) - block.base;
      if (offset + 4 <= block.bytes.length) {
        block.view.setInt32(offset, value, true);
        return;
      }
    }
    this.slowWrite(address, value, 4);
  }

  fetch8(address: number): number {
    const block = this.find(address);
    if (block !== null && block.hooks === null) {
      const offset = (address >>> 0) - block.base;
      if (offset < block.size) {
        block.isCode = true;
        return block.bytes[offset];
      }
    }
    throw new BusError(address >>> 0, 'fetch');
  }

  fetch16(address: number): number {
    const block = this.find(address);
    if (block !== null && block.hooks === null) {
      const offset = (address >>> 0) - block.base;
      if (offset + 2 <= block.size) {
        block.isCode = true;
        return block.view.getUint16(offset, true);
      }
    }
    // Peripherals and the system space cannot be executed: ARMv7-M Architecture Reference Manual, table B3-1.
    const region = address >>> 29;
    const bus = guestMemory().bus;
    if (bus === undefined || region === 2 || region > 4) throw new BusError(address >>> 0, 'fetch');
    try {
      return bus.read(address >>> 0, 2);
    } catch (error) {
      if (isBusFault(error)) throw new BusError(address >>> 0, 'fetch');
      throw error;
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
