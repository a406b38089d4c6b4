/**
 * How much guest memory compiling would take. The reference compiles within the board's heap, so a program that is too big, or nested
 * too deep, ends there in MemoryError. Sizes are those of the reference's structures; fragmentation is not modelled.
 */
import { CompileError } from './rawcode.ts';

export const DEFAULT_MEMORY_LIMIT = 64 << 20;

export class MemoryMeter {
  /** Bytes taken so far. */
  used = 0;
  private readonly block: number;

  constructor(
    /** Bytes in a machine word: 4 or 8. */
    readonly wordSize: number,
    readonly limit: number,
    private readonly fileName: string,
  ) {
    this.block = 4 * wordSize;
  }

  /** Takes bytes within a larger allocation. `besides` counts memory that comes and goes. */
  take(bytes: number, besides = 0): void {
    this.used += bytes;
    if (this.used + besides > this.limit) this.fail(bytes);
  }

  /** Takes an allocation of its own, which the heap rounds up to whole blocks. */
  allocate(bytes: number): void {
    this.take(Math.ceil(bytes / this.block) * this.block);
  }

  /** Takes an object of so many words. */
  allocateWords(words: number): void {
    this.allocate(words * this.wordSize);
  }

  fail(bytes: number): never {
    throw new CompileError('MemoryError', `memory allocation failed, allocating ${bytes} bytes`, this.fileName, 0, null);
  }
}
