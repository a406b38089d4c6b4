/** Powers of integers (mpz_pow_inpl and mpz_pow3_inpl in py/mpz.c), with what they take on the heap while they run. */

import { vm } from '../vm/vm.ts';
import { floorModuloBig, intFromBigInt } from './int.ts';
import { allocBig, allocDigits, digitsOf, freeDigits, reallocDigits } from './int-size.ts';

/** `base ** exponent` for an exponent of 0 or more. The caller has taken heap for the result's object. */
export function intPower(base: number | bigint, exponent: number | bigint): number | bigint {
  if (base === 0 && exponent !== 0) return 0;
  allocDigits(2);
  if (exponent === 0) return 1;
  const clone = Math.max(2, digitsOf(base));
  vm.heap.alloc(4 * vm.wordSize);
  allocDigits(clone);
  vm.heap.alloc(4 * vm.wordSize);
  allocDigits(Math.max(2, digitsOf(exponent)));
  let result = 1n;
  let resultAlloc = 2;
  let factor = BigInt(base);
  let factorAlloc = clone;
  let factorDigits = digitsOf(factor);
  // Bits from the lowest: the exponent is looked through once, however long it is.
  const bits = exponent.toString(2);
  for (let i = bits.length - 1; ; i--) {
    if (bits[i] === '1') {
      const need = digitsOf(result) + factorDigits;
      reallocDigits(resultAlloc, need);
      resultAlloc = Math.max(resultAlloc, need);
      result *= factor;
    }
    if (i === 0) break;
    if (factor === 1n) continue;
    allocDigits(factorAlloc);
    reallocDigits(factorAlloc, factorDigits * 2);
    freeDigits(factorAlloc);
    factorAlloc = Math.max(factorAlloc, factorDigits * 2);
    factor *= factor;
    factorDigits = digitsOf(factor);
  }
  freeDigits(factorAlloc);
  freeDigits(Math.max(2, digitsOf(exponent)));
  vm.heap.free(4 * vm.wordSize);
  vm.heap.free(4 * vm.wordSize);
  return intFromBigInt(result);
}

/** `base ** exponent % modulus`; the modulus is not 0. A negative exponent gives 0, as in the reference. */
export function intPowerModulo(base: number | bigint, exponent: number | bigint, modulus: number | bigint): number | bigint {
  const mod = BigInt(modulus);
  const one = mod === 1n || mod === -1n;
  allocBig(one ? 2 : digitsOf(modulus) * 2 + 1);
  if (base === 0 || exponent < 0 || one) return 0;
  if (exponent === 0) return 1;
  let result = 1n;
  let factor = BigInt(base);
  const bits = exponent.toString(2);
  for (let i = bits.length - 1; ; i--) {
    if (bits[i] === '1') result = floorModuloBig(result * factor, mod);
    if (i === 0) break;
    factor = floorModuloBig(factor * factor, mod);
  }
  return intFromBigInt(result);
}
