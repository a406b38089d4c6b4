/** dict and OrderedDict (py/objdict.c). */
import { raiseKeyError } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { MpMap } from './map.ts';

export const dictType = new MpType('dict', {});

export class MpDict extends MpObj {
  constructor(
    readonly map: MpMap = new MpMap(0),
    type: MpType = dictType,
  ) {
    super(type);
  }
}

/** A new dict with room for `n` entries, accounted for. */
export function newDict(n = 0): MpDict {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpDict(new MpMap(n));
}

/** Stores an entry; raises TypeError when the dict is read-only. */
export function dictStore(dict: MpDict, key: Value, value: Value): void {
  dict.map.set(key, value);
}

/** Deletes an entry; raises KeyError when there is none. */
export function dictDelete(dict: MpDict, key: Value): void {
  if (dict.map.delete(key) === undefined) raiseKeyError(key);
}
