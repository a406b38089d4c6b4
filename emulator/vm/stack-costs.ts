/**
 * What calls take of the device's C stack, in bytes. Fitted to how deep recursion goes on the official builds: PYBV11 (66 calls of a
 * function with one argument, 80 of one with nine variables, 63 of a method, in 15,360 bytes) and the Unix port (197, 247 and 190 in 80,000).
 */
import { vm } from './vm.ts';

export interface StackCosts {
  /** The interpreter for one call of a guest function. */
  readonly call: number;
  /** A function's state and its header, where they lie on the stack, take a multiple of this. */
  readonly alignment: number;
  /** The built-in function between two interpreters: a special method, a sort that asks for its key. */
  readonly nested: number;
  /** A built-in recursion: printing, comparing, importing. */
  readonly native: number;
  /** Resuming a generator. */
  readonly generator: number;
}

const COSTS_32: StackCosts = { call: 184, alignment: 8, nested: 96, native: 96, generator: 136 };
const COSTS_64: StackCosts = { call: 320, alignment: 16, nested: 200, native: 192, generator: 272 };

export const stackCosts = (): StackCosts => (vm.wordSize === 4 ? COSTS_32 : COSTS_64);

/** Words that a function's state has before its variables. */
export const STATE_HEADER_WORDS = 5;
/** A larger state goes to the heap. */
export const STATE_WORDS_ON_STACK = 11;
