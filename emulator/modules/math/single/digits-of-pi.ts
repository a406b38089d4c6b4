/**
 * Large angles modulo π/2, by Payne and Hanek's method in steps of eight bits (arithmetic.ts): only those digits of 2/π are multiplied
 * that matter for the fraction. Up to the last sums everything is exact.
 */
import { f, floats, fma, word } from './arithmetic.ts';

/** A reduced angle: x = quadrants · π/2 + high + low. */
export interface Reduced {
  readonly quadrants: number;
  readonly high: number;
  readonly low: number;
}

/** 2/π after the point, to the base of 256. */
const TWO_BY_PI = [
  0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90,
  0x41, 0xfe, 0x51, 0x63, 0xab, 0xde, 0xbb, 0xc5, 0x61, 0xb7, 0x24, 0x6e, 0x3a, 0x42, 0x4d, 0xd2, 0xe0,
];

/** π/2 in parts of eight bits and less. */
const HALF_PI = floats(
  0x3fc90000,
  0x39f00000,
  0x37da0000,
  0x33a20000,
  0x2e840000,
  0x2b500000,
  0x27c20000,
  0x22d00000,
  0x1fc40000,
  0x1bc60000,
);
/** Digits of the product that are computed at first, less one. */
const TERMS = 9;

/** For x above 2^7 · π/2, finite. */
export function reduceByDigits(x: number): Reduced {
  const bits = word(x);
  const exponent = (bits >>> 23) - 134;
  const significand = (bits & 0x007fffff) | 0x00800000;
  const factor = [significand >> 16, (significand >> 8) & 255, significand & 255];
  const first = Math.max(0, Math.trunc((exponent - 3) / 8));
  let scale = exponent - 8 * (first + 1);
  const product = (i: number) => factor.reduce((sum, digit, j) => sum + digit * (TWO_BY_PI[first + i - j] ?? 0), 0);

  let last = TERMS;
  let digits: number[] = [];
  let quadrants = 0;
  let fraction = 0;
  /** The fraction is above ½, so that its complement is reduced. */
  let upper = 0;
  for (;;) {
    // The digits of the product, the lowest first; what is left over is its integer part and a bit more.
    digits = [];
    let carry = product(last);
    for (let i = last - 1; i >= 0; i--) {
      digits.push(carry & 255);
      carry = product(i) + (carry >> 8);
    }
    fraction = carry * 2 ** scale;
    fraction -= 8 * Math.floor(fraction / 8);
    quadrants = Math.trunc(fraction);
    fraction -= quadrants;
    const top = last - 1;
    upper = 0;
    if (scale > 0) {
      const integer = digits[top] >> (8 - scale);
      quadrants += integer;
      digits[top] -= integer << (8 - scale);
      upper = digits[top] >> (7 - scale);
    } else if (scale < 0 && fraction >= 0.5) upper = 2;
    // With a scale of 0 the reference looks at a bit that is never set: the angle stays up to π/2 then.
    if (upper > 0) {
      quadrants++;
      let borrowed = 0;
      for (let i = 0; i < last; i++) {
        if (borrowed !== 0) digits[i] = 0xff - digits[i];
        else if (digits[i] !== 0) {
          borrowed = 1;
          digits[i] = 0x100 - digits[i];
        }
      }
      if (scale > 0) digits[top] &= 0xff >> scale;
      if (upper === 2) fraction = 1 - fraction - (borrowed !== 0 ? 2 ** scale : 0);
    }
    if (fraction !== 0 || digits.slice(TERMS).some(digit => digit !== 0)) break;
    // Nearly a multiple of π/2: as many more digits as there are zeros.
    let missing = 1;
    while (digits[TERMS - missing] === 0) missing++;
    if (missing > TERMS) break;
    last += missing;
  }

  if (fraction === 0) {
    do {
      last--;
      scale -= 8;
    } while (digits[last] === 0);
  } else {
    const integer = fraction * 2 ** -scale;
    if (integer >= 256) {
      digits[last] = integer % 256;
      last++;
      scale += 8;
      digits[last] = Math.floor(integer / 256);
    } else digits[last] = integer;
  }

  const parts: number[] = [];
  for (let i = last, weight = 2 ** scale; i >= 0; i--, weight /= 256) parts[i] = weight * digits[i];
  // Times π/2, the highest term first; the sum is rounded from the lowest on.
  const terms: number[] = [];
  for (let i = last; i >= 0; i--) {
    let sum = 0;
    for (let k = 0; k <= TERMS && k <= last - i; k++) sum = fma(HALF_PI[k], parts[i + k], sum);
    terms.push(sum);
  }
  let high = 0;
  for (let i = last; i >= 0; i--) high = f(high + terms[i]);
  let low = f(terms[0] - high);
  for (let i = 1; i <= last; i++) low = f(low + terms[i]);
  return upper === 0 ? { quadrants: quadrants & 7, high, low } : { quadrants: quadrants & 7, high: -high, low: -low };
}
