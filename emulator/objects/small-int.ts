/** Machine words, and small integers: those that fit a word with its tag. A hash is one. */
import { toInt } from '../vm/operators.ts';
import { raiseMessage } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { excTypes } from './exception.ts';

/** A machine word: a `bigint` only where a 64-bit word does not fit a safe `number`. */
export type Word = number | bigint;

/** `value` cut to a small integer, as MP_OBJ_NEW_SMALL_INT does. A `bigint` where it does not fit a safe `number`. */
export function smallInt(value: bigint): number | bigint {
  const cut = BigInt.asIntN(vm.profile.smallIntBits, value);
  return cut >= Number.MIN_SAFE_INTEGER && cut <= Number.MAX_SAFE_INTEGER ? Number(cut) : cut;
}

/** `value` cut to a machine word with its sign: what C arithmetic that overflows leaves. */
export function wordInt(value: bigint): number | bigint {
  const cut = BigInt.asIntN(vm.wordSize * 8, value);
  return cut >= Number.MIN_SAFE_INTEGER && cut <= Number.MAX_SAFE_INTEGER ? Number(cut) : cut;
}

/** Like `toInt`, without loss where the word is wider than a safe `number`. Raises OverflowError for what does not fit a word. */
export function toWord(value: Value): Word {
  if (typeof value !== 'bigint') return toInt(value);
  // The magnitude must fit: the lowest word of all is refused.
  if (BigInt.asIntN(vm.wordSize * 8, value < 0n ? -value : value) < 0n || BigInt.asIntN(vm.wordSize * 8, value) !== value)
    raiseMessage(excTypes.OverflowError, 'overflow converting long int to machine word');
  return value;
}
