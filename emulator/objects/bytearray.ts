/** Making a bytearray (py/objarray.c); its type stands in array.ts, with which it shares all but its methods. */
import { raiseTypeError } from '../vm/raise.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { MpArray } from './array.ts';
import { bytearrayType, constructArray, newArray } from './array.ts';
import { checkArgCount } from './function.ts';
import { wordFromInt } from './int.ts';

export { bytearrayType };

export function makeBytearray(args: readonly Value[], kw: KwArgs): MpArray {
  checkArgCount(args.length, kw, 0, 3, false);
  if (args.length === 0) return newArray(bytearrayType, 'B', 0);
  const [source] = args;
  if (typeof source === 'number' || typeof source === 'bigint') return newArray(bytearrayType, 'B', wordFromInt(source));
  if (typeof source === 'string' && args.length === 1) {
    raiseTypeError(vm.terse ? 'wrong number of arguments' : 'string argument without an encoding');
  }
  return constructArray(bytearrayType, 'B', source);
}
