/**
 * Memory that native modules allocate (`m_malloc` of py/dynruntime.h): blocks of the guest's heap at addresses that machine code works with.
 *
 * A block lives as long as something leads to it: an object of the guest that is made of it, or a word that looks like its address in registers, stack, or a
 * block that lives. What a collection has not come across is forgotten by the next one: its address leads nowhere any more, until an object that is made of it
 * after all (one that only TypeScript held) is given to machine code again.
 */
import { guestMemory } from '../../objects/guest-memory.ts';
import { reserveAddresses } from '../../objects/identity.ts';
import { MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { NativeMemory } from './native-memory.ts';
import type { ObjectWords } from './object-words.ts';

const blockType = new MpType('native memory', {});

/** Never seen by the guest: an object so that the collector can follow it. */
export class NativeBlock extends MpObj {
  /** The collection that last came across it. */
  seen: number;
  readonly words: Int32Array;
  /** When it has been forgotten: the blocks that it led to. */
  children: NativeBlock[] | null = null;

  constructor(
    private readonly heap: NativeHeap,
    readonly address: number,
    readonly bytes: Uint8Array,
    readonly size: number,
  ) {
    super(blockType);
    this.words = new Int32Array(bytes.buffer);
    this.seen = heap.collection;
  }

  override heapBytes(): number {
    return this.size;
  }

  override heldValues(): Iterable<Value | undefined> {
    this.seen = this.heap.collection;
    return this.heap.valuesIn([this.words]);
  }
}

const GRANULE = 16;

export class NativeHeap {
  collection = 0;
  /** By the number of each sixteen bytes that they take. */
  private readonly granules = new Map<number, NativeBlock>();
  private readonly blocks = new Set<NativeBlock>();

  constructor(
    private readonly memory: NativeMemory,
    private readonly words: () => ObjectWords,
  ) {}

  /** The block that an address lies in. */
  blockAt(address: number): NativeBlock | undefined {
    return this.granules.get(address >>> 4);
  }

  /** New memory, zeros; undefined when there is not enough. */
  allocate(size: number): NativeBlock | undefined {
    if (!vm.heap.tryAlloc(size)) return undefined;
    const room = Math.ceil(size / GRANULE) * GRANULE;
    const block = new NativeBlock(this, reserveAddresses(room), new Uint8Array(room), size);
    guestMemory().place(block.bytes.buffer, block.address);
    this.enter(block);
    return block;
  }

  private enter(block: NativeBlock): void {
    this.blocks.add(block);
    this.memory.map(block.address, block.bytes);
    for (let at = 0; at < block.bytes.length; at += GRANULE) this.granules.set((block.address + at) >>> 4, block);
  }

  private forget(block: NativeBlock): void {
    this.blocks.delete(block);
    this.memory.unmap(block.address, block.bytes.length);
    for (let at = 0; at < block.bytes.length; at += GRANULE) this.granules.delete((block.address + at) >>> 4);
  }

  /** Gives memory back. */
  free(block: NativeBlock): void {
    vm.heap.free(block.size);
    this.forget(block);
  }

  /** Makes sure that a block that an object is made of can be reached, and all that it leads to. */
  revive(block: NativeBlock): void {
    if (block.children === null) return;
    const { children } = block;
    block.children = null;
    block.seen = this.collection;
    this.enter(block);
    for (const child of children) this.revive(child);
  }

  /** As C's realloc; undefined when there is not enough memory. */
  reallocate(block: NativeBlock, size: number, mayMove: boolean): NativeBlock | undefined {
    if (size <= block.bytes.length && size > block.bytes.length - GRANULE) return block;
    if (!mayMove) return undefined;
    const moved = this.allocate(size);
    if (moved === undefined) return undefined;
    moved.bytes.set(block.bytes.subarray(0, Math.min(size, block.bytes.length)));
    this.free(block);
    return moved;
  }

  /** A collection begins: forgets what the last one did not come across. */
  collect(): void {
    const dead = [...this.blocks].filter(block => block.seen < this.collection);
    for (const block of dead) block.children = this.blocksIn(block.words);
    for (const block of dead) this.forget(block);
    this.collection++;
  }

  private blocksIn(words: Int32Array): NativeBlock[] {
    const found: NativeBlock[] = [];
    for (const word of words) {
      const block = (word & 3) === 0 ? this.blockAt(word) : undefined;
      if (block !== undefined) found.push(block);
    }
    return found;
  }

  /** Whatever words in memory may lead to: objects that machine code knows, and blocks. */
  *valuesIn(memory: Iterable<Int32Array>): Iterable<Value> {
    const words = this.words();
    for (const part of memory)
      for (let i = 0; i < part.length; i++) {
        const word = part[i];
        if ((word & 3) !== 0 || word === 0) continue;
        const value = words.known(word);
        if (value !== undefined) yield value;
        const block = this.blockAt(word);
        if (block !== undefined) yield block;
      }
  }

  /** The memory of all blocks. */
  *contents(): Iterable<Int32Array> {
    for (const block of this.blocks) yield block.words;
  }
}
