/** Integers of 32 or 64 bits as the host has them: a number wherever that is exact, else a long integer. Signed, as far as nothing else is said. */
export type Word = number | bigint;

/** The signed value of a pair of halves in an array, the lower half first. */
export function wordOf(pairs: Int32Array, at: number): Word {
  const low = pairs[at];
  const high = pairs[at + 1];
  if (high === low >> 31) return low;
  if (high >= -0x200000 && high < 0x200000) return high * 4294967296 + (low >>> 0);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

export function putWord(pairs: Int32Array, at: number, word: Word): void {
  if (typeof word === 'number') {
    pairs[at] = word;
    pairs[at + 1] = word === (word | 0) ? word >> 31 : Math.floor(word / 4294967296);
  } else {
    pairs[at] = Number(BigInt.asIntN(32, word));
    pairs[at + 1] = Number(BigInt.asIntN(32, word >> 32n));
  }
}

/** The lower 32 bits, signed: of an address, or of a number that C keeps in an `int`. */
export const lowHalf = (word: Word): number => (typeof word === 'number' ? word | 0 : Number(BigInt.asIntN(32, word)));
