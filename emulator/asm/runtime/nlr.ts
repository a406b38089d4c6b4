/**
 * Non-local returns of native code (py/nlr.h): `nlr_push` saves the registers that calls keep into a buffer and returns 0; when an exception is raised later, it
 * returns a second time, with 1. Native code writes into the buffer, so the registers lie there as the reference puts them.
 */
import type { NativeMemory } from './native-memory.ts';

/** Which registers are at which word of the buffer. */
export interface NlrLayout {
  readonly registers: readonly (readonly [word: number, register: number])[];
  /** Floating-point registers, from a word on. */
  readonly floats: { readonly word: number; readonly first: number; readonly count: number } | null;
  readonly link: number;
}

/** py/nlrthumb.c */
export const NLR_THUMB: NlrLayout = {
  registers: [
    [2, 14],
    [3, 4],
    [4, 5],
    [5, 6],
    [6, 7],
    [7, 8],
    [8, 9],
    [9, 10],
    [10, 11],
    [11, 13],
  ],
  floats: { word: 12, first: 16, count: 6 },
  link: 14,
};

/** py/nlrrv32.c */
export const NLR_RV32: NlrLayout = {
  registers: [[2, 1], [3, 8], [4, 9], ...Array.from({ length: 10 }, (_, i) => [5 + i, 18 + i] as const), [15, 2]],
  floats: null,
  link: 1,
};

export class NlrStack {
  private readonly entries: { buffer: number; depth: number }[] = [];

  constructor(
    private readonly layout: NlrLayout,
    private readonly memory: NativeMemory,
    private readonly r: Int32Array,
    private readonly floats: Int32Array | null,
  ) {}

  push(buffer: number, depth: number): void {
    const { layout, memory, r } = this;
    for (const [word, register] of layout.registers) memory.write32((buffer + 4 * word) | 0, r[register]);
    if (layout.floats !== null && this.floats !== null)
      for (let i = 0; i < layout.floats.count; i++)
        memory.write32((buffer + 4 * (layout.floats.word + i)) | 0, this.floats[layout.floats.first + i]);
    this.entries.push({ buffer, depth });
  }

  pop(): void {
    this.entries.pop();
  }

  /** Forgets what deeper calls have left. */
  trim(depth: number): void {
    while (this.entries.length > 0 && this.entries[this.entries.length - 1].depth > depth) this.entries.pop();
  }

  /**
   * Restores the registers of the innermost `nlr_push` at this depth, and stores the exception's word.
   * @returns where to go on, or undefined when there is none at this depth
   */
  jump(depth: number, exception: number): number | undefined {
    this.trim(depth);
    const top = this.entries[this.entries.length - 1];
    if (top === undefined || top.depth !== depth) return undefined;
    this.entries.pop();
    const { layout, memory, r } = this;
    memory.write32((top.buffer + 4) | 0, exception);
    for (const [word, register] of layout.registers) r[register] = memory.read32((top.buffer + 4 * word) | 0);
    if (layout.floats !== null && this.floats !== null)
      for (let i = 0; i < layout.floats.count; i++)
        this.floats[layout.floats.first + i] = memory.read32((top.buffer + 4 * (layout.floats.word + i)) | 0);
    return r[layout.link];
  }
}
