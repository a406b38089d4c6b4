/** What lists, tuples and other sequences share: indices, comparison, search (py/sequence.c, mp_get_index in py/obj.c). */
import { binaryOp, equal, toIntMaybe } from '../vm/operators.ts';
import { raiseIndexError, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import { typeName } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { BinaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

/** The index that `index` stands for in a sequence of `length` items; raises TypeError, and IndexError when it is outside. */
export function sequenceIndex(type: string, length: number, index: Value): number {
  let i = typeof index === 'number' && index === (index | 0) ? index : integerIndex(type, index);
  if (i < 0) i += length;
  if (i < 0 || i >= length) raiseIndexError(vm.terse ? 'index out of range' : `${type} index out of range`);
  return i;
}

/** As `sequenceIndex`, but moves an index that is outside to the nearest end. */
export function clampedIndex(type: string, length: number, index: Value): number {
  let i = typeof index === 'number' && index === (index | 0) ? index : integerIndex(type, index);
  if (i < 0) i += length;
  return i < 0 ? 0 : Math.min(i, length);
}

function integerIndex(type: string, index: Value): number {
  const i = toIntMaybe(index);
  if (i === undefined) raiseTypeError(vm.terse ? 'indices must be integers' : `${type} indices must be integers, not ${typeName(index)}`);
  return i;
}

/** Compares two sequences of values. Not for `!=`, which the reference derives from `==`. */
export function compareSequences(op: BinaryOp, a: readonly Value[], b: readonly Value[]): boolean {
  if (op === BinaryOp.Equal && a.length !== b.length) return false;
  // Only `>` and `>=` are left to do when the others are turned round: guest code can see which side is asked.
  if (op === BinaryOp.Less || op === BinaryOp.LessEqual) {
    [a, b] = [b, a];
    op = op === BinaryOp.Less ? BinaryOp.More : BinaryOp.MoreEqual;
  }
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (equal(a[i], b[i])) continue;
    return op === BinaryOp.Equal ? false : binaryOp(op, a[i], b[i]) === true;
  }
  if (a.length !== b.length) return a.length > b.length;
  return op !== BinaryOp.More;
}

/** `sequence.index(value[, start[, stop]])`; `args` as the method got them, self first. */
export function indexInSequence(type: string, items: readonly Value[], args: readonly Value[]): number {
  const start = args.length > 2 ? clampedIndex(type, items.length, args[2]) : 0;
  const stop = args.length > 3 ? clampedIndex(type, items.length, args[3]) : items.length;
  for (let i = start; i < stop; i++) if (equal(items[i], args[1])) return i;
  raiseValueError('object not in sequence');
}

export function countInSequence(items: readonly Value[], value: Value): number {
  let count = 0;
  for (let i = 0; i < items.length; i++) if (equal(items[i], value)) count++;
  return count;
}

/** `items` repeated `times` times. The caller has accounted for the result, so that it fits the guest's heap. */
export function repeatItems(items: readonly Value[], times: number): Value[] {
  const { length } = items;
  if (length === 1) return new Array<Value>(times).fill(items[0]);
  const out: Value[] = [];
  for (let n = 0; n < times; n++) for (let i = 0; i < length; i++) out.push(items[i]);
  return out;
}
