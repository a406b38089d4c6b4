/**
 * Non-local returns of native code (py/nlr.h): `nlr_push` saves the registers that calls keep into a buffer and returns 0; when an exception is raised later, it
 * returns a second time, with 1. Native code writes into the buffer, so the registers lie there as the reference puts them.
 */
import type { Word } from '../word.ts';
import { RSP } from '../x64/state.ts';
import type { NativeMemory } from './native-memory.ts';
import type { WordMemory } from './word-memory.ts';

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

/** Saves and restores the registers that calls keep. */
export interface NlrRegisters {
  save(buffer: number): void;
  /** @returns where to go on */
  restore(buffer: number): number;
}

/** By a table, for registers of 32 bits. */
export function nlrByLayout(layout: NlrLayout, memory: NativeMemory, r: Int32Array, floats: Int32Array | null): NlrRegisters {
  return {
    save: buffer => {
      for (const [word, register] of layout.registers) memory.write32((buffer + 4 * word) | 0, r[register]);
      if (layout.floats !== null && floats !== null)
        for (let i = 0; i < layout.floats.count; i++)
          memory.write32((buffer + 4 * (layout.floats.word + i)) | 0, floats[layout.floats.first + i]);
    },
    restore: buffer => {
      for (const [word, register] of layout.registers) r[register] = memory.read32((buffer + 4 * word) | 0);
      if (layout.floats !== null && floats !== null)
        for (let i = 0; i < layout.floats.count; i++)
          floats[layout.floats.first + i] = memory.read32((buffer + 4 * (layout.floats.word + i)) | 0);
      return r[layout.link];
    },
  };
}

/** py/nlrx64.c: RBP, RSP, RBX and R12 to R15 behind the return address, which `nlr_push` finds on the stack. */
const X64_REGISTERS = [5, 4, 3, 12, 13, 14, 15];
const X64_RETURN = 2;

export function nlrX64(memory: NativeMemory, r: Int32Array): NlrRegisters {
  return {
    save: buffer => {
      memory.writePair(buffer + 8 * X64_RETURN, memory.read32(r[RSP]), 0);
      X64_REGISTERS.forEach((register, i) => {
        memory.writePair(buffer + 8 * (X64_RETURN + 1 + i), r[2 * register], r[2 * register + 1]);
      });
    },
    restore: buffer => {
      X64_REGISTERS.forEach((register, i) => {
        memory.readPair(buffer + 8 * (X64_RETURN + 1 + i), r, 2 * register);
      });
      // The call of `nlr_push` returns once more.
      r[RSP] += 8;
      return memory.read32(buffer + 8 * X64_RETURN);
    },
  };
}

/** Word of the buffer that takes the exception. */
const VALUE = 1;

export class NlrStack {
  private readonly entries: { buffer: number; depth: number }[] = [];

  constructor(
    private readonly registers: NlrRegisters,
    private readonly words: WordMemory,
  ) {}

  push(buffer: number, depth: number): void {
    this.registers.save(buffer);
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
  jump(depth: number, exception: Word): number | undefined {
    this.trim(depth);
    const top = this.entries[this.entries.length - 1];
    if (top === undefined || top.depth !== depth) return undefined;
    this.entries.pop();
    this.words.store(top.buffer, VALUE, exception);
    return this.registers.restore(top.buffer);
  }
}
