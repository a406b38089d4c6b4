/** The module heapq (extmod/modheapq.c). The order of comparisons is the reference's, for a guest's `__lt__` sees it. */
import { excTypes } from '../objects/exception.ts';
import { fun1, fun2 } from '../objects/function.ts';
import { listAppend, MpList } from '../objects/list.ts';
import { binaryOp } from '../vm/operators.ts';
import { raise, raiseTypeError } from '../vm/raise.ts';
import { BinaryOp, type Value } from '../vm/value.ts';
import type { ModuleDef } from './module-def.ts';

function heapOf(value: Value): Value[] {
  if (!(value instanceof MpList)) raiseTypeError('heap must be a list');
  return value.items;
}

/** Moves the item at `at` towards the root until its parent is not greater. */
function towardsRoot(heap: Value[], start: number, at: number): void {
  const item = heap[at];
  while (at > start) {
    const parent = (at - 1) >> 1;
    if (binaryOp(BinaryOp.Less, item, heap[parent]) !== true) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = item;
}

/** Moves the item at `at` down to a leaf, smaller children up, and then up again to its place. */
function towardsLeaves(heap: Value[], at: number): void {
  const start = at;
  const item = heap[at];
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && binaryOp(BinaryOp.Less, heap[child], heap[child + 1]) === false) child++;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = item;
  towardsRoot(heap, start, at);
}

export const heapqModule: ModuleDef = {
  name: 'heapq',
  extensible: true,
  names: () => [
    [
      'heappush',
      fun2((list, item) => {
        const heap = heapOf(list);
        listAppend(list as MpList, item);
        towardsRoot(heap, 0, heap.length - 1);
        return null;
      }),
    ],
    [
      'heappop',
      fun1(list => {
        const heap = heapOf(list);
        if (heap.length === 0) raise(excTypes.IndexError, 'empty heap');
        const [item] = heap;
        const last = heap.pop()!;
        if (heap.length > 0) {
          heap[0] = last;
          towardsLeaves(heap, 0);
        }
        return item;
      }),
    ],
    [
      'heapify',
      fun1(list => {
        const heap = heapOf(list);
        for (let i = heap.length >> 1; i > 0; ) towardsLeaves(heap, --i);
        return null;
      }),
    ],
  ],
};
