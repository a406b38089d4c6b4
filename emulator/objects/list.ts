/** list (py/objlist.c). */
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

export const listType = new MpType('list', {});

const MIN_ALLOC = 4;

export class MpList extends MpObj {
  /** Slots that the device would have allocated. */
  alloc: number;
  constructor(public items: Value[]) {
    super(listType);
    this.alloc = Math.max(MIN_ALLOC, items.length);
  }
}

/** A new list, accounted for. The array becomes the list's. */
export function newList(items: Value[]): MpList {
  vm.heap.alloc(4 * vm.wordSize);
  vm.heap.alloc(Math.max(MIN_ALLOC, items.length) * vm.wordSize);
  return new MpList(items);
}

export function listAppend(list: MpList, value: Value): void {
  if (list.items.length >= list.alloc) {
    vm.heap.realloc(list.alloc * vm.wordSize, list.alloc * 2 * vm.wordSize);
    list.alloc *= 2;
  }
  list.items.push(value);
}
