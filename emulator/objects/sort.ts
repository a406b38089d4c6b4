/**
 * The sort of lists (mp_quicksort in py/objlist.c). It is not stable, and the order in which it asks `key` and `<` is
 * observable, so the partitioning is the reference's, step by step.
 */
import { call1 } from '../vm/call.ts';
import { binaryOp } from '../vm/operators.ts';
import { deeper } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { BinaryOp } from '../vm/value.ts';

/** Sorts in place; `key` is called anew for each comparison. */
export function quicksort(items: Value[], key: Value | undefined, reverse: boolean): void {
  // A guest's `<` or key that empties the list while it is sorted leaves holes: they count as None.
  const keyOf = (i: number): Value => {
    const item = items[i] ?? null;
    return key === undefined ? item : call1(key, item);
  };
  const wanted = !reverse;
  const less = (a: Value, b: Value): boolean => binaryOp(BinaryOp.Less, a, b) === wanted;
  const swap = (i: number, j: number): void => {
    if (i >= items.length || j >= items.length) return;
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  };
  // Sorts the items after `head` up to and with `tail`.
  const sort = (head: number, tail: number): void => {
    while (tail - head > 1) {
      let h = head;
      let t = tail;
      const pivot = keyOf(tail);
      for (;;) {
        do h++;
        while (h < t && less(keyOf(h), pivot));
        do t--;
        while (h < t && less(pivot, keyOf(t)));
        if (h >= t) break;
        swap(h, t);
      }
      swap(h, tail);
      // The smaller part first, so that the recursion stays as deep as the logarithm.
      if (t - head < tail - h) {
        deeper(() => sort(head, t));
        head = h;
      } else {
        deeper(() => sort(h, tail));
        tail = t;
      }
    }
  };
  if (items.length > 1) deeper(() => sort(-1, items.length - 1));
}
