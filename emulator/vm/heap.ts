/**
 * Accounting for the guest's heap (DESIGN D10). Host memory is JavaScript's business; what is kept here is how much the
 * device would have in use, so that memory runs out when it would there. Sizes are rounded up to the reference's blocks.
 */

import { Cycles } from './cost.ts';
import { hot } from './hot.ts';

/** Size of a heap block in words (MICROPY_BYTES_PER_GC_BLOCK is four words). */
const WORDS_PER_BLOCK = 4;

export class Heap {
  /** Bytes in use, whole blocks. */
  used = 0;
  /** Bytes ever allocated, and the most that were in use at once (micropython.mem_total, mem_peak). */
  allocated = 0;
  peak = 0;
  /** Above 0 while allocation is forbidden (hard interrupts, micropython.heap_lock). */
  lockDepth = 0;
  enabled = true;
  /** Bytes allocated since the last collection; compared with `threshold`. */
  private sinceCollection = 0;
  /** gc.threshold() in bytes; -1: only when memory runs out. */
  threshold = -1;
  readonly blockSize: number;

  constructor(
    /** Bytes that can be allocated. */
    readonly total: number,
    wordSize: number,
    private readonly hooks: {
      /** Traces what is reachable and returns its size in bytes. */
      collect: () => number;
      /** Raises the guest's MemoryError. */
      fail: (bytes: number, locked: boolean) => never;
    },
  ) {
    this.blockSize = WORDS_PER_BLOCK * wordSize;
  }

  get available(): number {
    return this.total - this.used;
  }

  private round(bytes: number): number {
    const b = this.blockSize;
    // A block's size is a power of two.
    return bytes < 0x40000000 && bytes === (bytes | 0) ? (bytes + b - 1) & -b : Math.ceil(bytes / b) * b;
  }

  /** Accounts for a new object of `bytes`. Throws the guest's MemoryError when it does not fit. */
  alloc(bytes: number): void {
    if (bytes <= 0) return;
    if (this.lockDepth > 0) this.hooks.fail(bytes, true);
    const size = this.round(bytes);
    if (this.threshold >= 0 && this.enabled && (this.sinceCollection += size) >= this.threshold) this.collect();
    if (this.used + size > this.total) {
      if (this.enabled) this.collect();
      if (this.used + size > this.total) this.hooks.fail(bytes, false);
    }
    this.take(size);
  }

  /** As `alloc`, for what fits into one block: the most there is of. */
  allocBlock(): void {
    const { blockSize, used } = this;
    if (this.lockDepth > 0 || this.threshold >= 0 || used + blockSize > this.total) {
      this.alloc(blockSize);
      return;
    }
    hot.budget -= Cycles.allocation + Cycles.allocatedBlock;
    this.allocated += blockSize;
    if ((this.used = used + blockSize) > this.peak) this.peak = this.used;
  }

  private take(size: number): void {
    hot.budget -= Cycles.allocation + Cycles.allocatedBlock * (size / this.blockSize);
    this.used += size;
    this.allocated += size;
    if (this.used > this.peak) this.peak = this.used;
  }

  /** Like `alloc`, but says no instead of raising. */
  tryAlloc(bytes: number): boolean {
    if (this.lockDepth > 0) return false;
    const size = this.round(bytes);
    if (this.used + size > this.total) {
      if (this.enabled) this.collect();
      if (this.used + size > this.total) return false;
    }
    this.take(size);
    return true;
  }

  /** Accounts for memory that is given back at once, without a collection. */
  free(bytes: number): void {
    if (bytes <= 0) return;
    this.used = Math.max(0, this.used - this.round(bytes));
  }

  /** Accounts for a block that changes its size. Throws the guest's MemoryError when that cannot be: while the heap is locked it never can. */
  realloc(oldBytes: number, newBytes: number): void {
    if (oldBytes <= 0) this.alloc(newBytes);
    else if (!this.tryRealloc(oldBytes, newBytes)) this.hooks.fail(newBytes, this.lockDepth > 0);
  }

  /** Like `realloc`, but says no instead of raising. */
  tryRealloc(oldBytes: number, newBytes: number): boolean {
    if (oldBytes <= 0) return this.tryAlloc(newBytes);
    if (this.lockDepth > 0) return false;
    const grow = this.round(newBytes) - this.round(oldBytes);
    if (grow <= 0) this.used = Math.max(0, this.used + grow);
    else {
      if (this.used + grow > this.total) {
        if (this.enabled) this.collect();
        if (this.used + grow > this.total) return false;
      }
      this.take(grow);
    }
    return true;
  }

  /** Everything is free again, as after a reset. */
  reset(): void {
    this.used = this.allocated = this.peak = 0;
    this.lockDepth = 0;
    this.enabled = true;
    this.sinceCollection = 0;
    this.threshold = -1;
  }

  collect(): void {
    this.sinceCollection = 0;
    this.used = this.hooks.collect();
    hot.budget -= Cycles.sweptBlock * (this.total / this.blockSize);
    hot.budget -= Cycles.markedBlock * (this.used / this.blockSize);
  }
}
