/** Small integers: those that fit a word with its tag. A hash is one. */
import { vm } from '../vm/vm.ts';

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
