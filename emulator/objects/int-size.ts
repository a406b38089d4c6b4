/**
 * What integers take on the guest's heap. A small integer takes nothing. Any other is an object of four words and an array of
 * digits of 16 bits (the official builds' MPZ_DIG_SIZE, whatever the word). The sizes of the arrays are those of py/mpz.c, which asks for
 * room before it computes: so a result that does not fit the heap ends in MemoryError before the host computes it.
 */
import { vm, vmHooks } from '../vm/vm.ts';

/** Longest integer that the host can hold (V8), less a margin. */
const HOST_MAX_BITS = 2 ** 30 - 64;
const MIN_DIGITS = 2;

export const DIGIT_BITS = 16;
const DIGIT_BYTES = DIGIT_BITS / 8;

/** Digits of a machine word, and of a 64-bit number. */
export const wordDigits = (): number => (vm.wordSize * 8) / DIGIT_BITS;
export const LONG_LONG_DIGITS = 4;

/** Bits of the magnitude; 0 for 0. */
export function bitLength(value: number | bigint): number {
  return typeof value === 'number' ? bitsOfNumber(Math.abs(value)) : bitsOfBigInt(value < 0n ? -value : value);
}

function bitsOfNumber(magnitude: number): number {
  return magnitude < 2 ** 32 ? 32 - Math.clz32(magnitude) : 64 - Math.clz32(Math.floor(magnitude / 2 ** 32));
}

/** Where the last large integer's top bits were. The next one's are mostly near, and only the top bits need be looked at. */
let lastShift = 64;

function bitsOfBigInt(magnitude: bigint): number {
  if (magnitude < 1n << 53n) return bitsOfNumber(Number(magnitude));
  for (let shift = lastShift; ; ) {
    const top = Number(magnitude >> BigInt(shift));
    if (top === Infinity) break;
    if (top === 0) shift >>= 1;
    else if (top > Number.MAX_SAFE_INTEGER) shift += Math.max(16, Math.floor(Math.log2(top)) - 40);
    else {
      lastShift = shift;
      return shift + bitsOfNumber(top);
    }
  }
  // Far from the last one: look at the whole.
  const hex = magnitude.toString(16);
  const bits = 4 * (hex.length - 1) + bitsOfNumber(Number.parseInt(hex[0], 16));
  lastShift = bits - 40;
  return bits;
}

/** mpz digits of a value; 0 for 0. */
export function digitsOf(value: number | bigint): number {
  return Math.ceil(bitLength(value) / DIGIT_BITS);
}

const SMALL_INT_END_64 = 1n << 62n;

/** Is the value no small integer, so that it is an object on the heap? */
export function isBig(value: number | bigint): boolean {
  if (typeof value === 'number') return value > vm.smallIntMax || value < vm.smallIntMin;
  return vm.wordSize === 4 || value >= SMALL_INT_END_64 || value < -SMALL_INT_END_64;
}

const digitBytes = (digits: number): number => Math.max(digits, MIN_DIGITS) * DIGIT_BYTES;

/** Takes heap for an array of digits. */
export function allocDigits(digits: number): void {
  const bytes = digitBytes(digits);
  vm.heap.alloc(bytes);
  if (digits * DIGIT_BITS > HOST_MAX_BITS) vmHooks.memoryError(bytes, false);
}

export function reallocDigits(before: number, after: number): void {
  if (before > 0 && after <= Math.max(before, MIN_DIGITS)) return;
  const bytes = digitBytes(after);
  if (before <= 0) vm.heap.alloc(bytes);
  else vm.heap.realloc(digitBytes(before), bytes);
  if (after * DIGIT_BITS > HOST_MAX_BITS) vmHooks.memoryError(bytes, false);
}

export function freeDigits(digits: number): void {
  if (digits > 0) vm.heap.free(digitBytes(digits));
}

/** Takes heap for an integer object and its digits. */
export function allocBig(digits: number): void {
  vm.heap.alloc(4 * vm.wordSize);
  allocDigits(digits);
}

/** Heap bytes of a value, for tracing: the object and the digits it needs. */
export function sizeOfInt(value: number | bigint): number {
  return isBig(value) ? 4 * vm.wordSize + digitBytes(digitsOf(value)) : 0;
}
