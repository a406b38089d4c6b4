/**
 * Single-precision arithmetic for the functions beside this file, which repeat, step by step, those that the reference links into
 * firmwares for chips with a unit for single precision only (lib/libm: FreeBSD's msun and newlib's functions, Sun Microsystems 1993, by
 * way of musl). They are not correctly rounded, so each step is rounded as on the chip; where the compiler for a Cortex-M4F fuses a
 * product with a sum (its default for C), the sum alone is. Which it fuses was read off its output, and the results were compared with those of
 * that code on an emulated Cortex-M4.
 */

export const f = Math.fround;

/** a · b + c, rounded once: the product of two single-precision numbers is exact in a double. */
export const fma = (a: number, b: number, c: number): number => f(a * b + c);

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The 32 bits of a number, as a signed integer. */
export function word(x: number): number {
  float[0] = x;
  return bits[0];
}

export function ofWord(value: number): number {
  bits[0] = value;
  return float[0];
}

/** The number with the low 12 bits of its significand cleared. */
export const highPart = (x: number): number => ofWord(word(x) & 0xfffff000);

/** x · 2^n. Far down, a number below 1 is rounded twice. */
export const scale = (x: number, n: number): number => (n < -126 ? f(f(x * 2 ** -126) * 2 ** (n + 126)) : f(x * 2 ** n));

/** The polynomial with these coefficients, lowest first, by Horner's rule in fused steps. */
export function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = coefficients[coefficients.length - 1];
  for (let i = coefficients.length - 2; i >= 0; i--) sum = fma(sum, x, coefficients[i]);
  return sum;
}

/** Numbers by their 32 bits. */
export const floats = (...words: readonly number[]): readonly number[] => words.map(ofWord);

export const sqrt = (x: number): number => f(Math.sqrt(x));
