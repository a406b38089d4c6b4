/** slice (py/objslice.c). */
import { toInt } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raiseValueError } from '../vm/raise.ts';
import { MpType } from '../vm/type.ts';
import type { MethodRef, Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { MpNativeFun } from './function.ts';
import { fun2 } from './function.ts';
import { newTuple } from './tuple.ts';

export const sliceType = new MpType('slice', {
  print,
  // A slice has no hash: the slot is here so that the default one, by identity, is not used.
  unaryOp: () => undefined,
  loadAttr,
});

export class MpSlice extends MpObj {
  constructor(
    readonly start: Value,
    readonly stop: Value,
    readonly step: Value,
  ) {
    super(sliceType);
  }
}

/** A new slice object, accounted for. */
export function newSlice(start: Value, stop: Value, step: Value): MpSlice {
  vm.heap.allocBlock();
  return new MpSlice(start, stop, step);
}

export interface SliceBounds {
  start: number;
  stop: number;
  step: number;
}

/** What the slice selects from a sequence of `length` items. Raises ValueError for a step of zero, TypeError for bounds that are no integers. */
export function sliceIndices(slice: MpSlice, length: number): SliceBounds {
  const step = slice.step === null ? 1 : toInt(slice.step);
  if (step === 0) raiseValueError("slice step can't be zero");
  const lowest = step > 0 ? 0 : -1;
  const highest = step > 0 ? length : length - 1;
  const start = slice.start === null ? (step > 0 ? lowest : highest) : bound(slice.start, length, lowest, highest);
  const stop = slice.stop === null ? (step > 0 ? highest : lowest) : bound(slice.stop, length, lowest, highest);
  return { start, stop, step };
}

function bound(value: Value, length: number, lowest: number, highest: number): number {
  const i = toInt(value);
  const at = i < 0 ? i + length : i;
  return at < lowest ? lowest : Math.min(at, highest);
}

/**
 * Bounds as the sequences use them: an empty selection has `stop === start`, and with a negative step `stop` is the last
 * index taken, not the one after it. With `step === 1` the items are `start` to `stop - 1`.
 */
export function sequenceSlice(slice: MpSlice, length: number): SliceBounds {
  const bounds = sliceIndices(slice, length);
  const { start, step } = bounds;
  if (step < 0) {
    bounds.stop++;
    if (start < bounds.stop) bounds.stop = start + 1;
  } else if (start > bounds.stop) bounds.stop = start;
  return bounds;
}

function print(out: Printer, self: MpSlice): void {
  out.write('slice(');
  printValue(out, self.start, PrintKind.Repr);
  out.write(', ');
  printValue(out, self.stop, PrintKind.Repr);
  out.write(', ');
  printValue(out, self.step, PrintKind.Repr);
  out.write(')');
}

let indices: MpNativeFun | undefined;
const indicesMethod = (): MpNativeFun =>
  (indices ??= fun2((self, length) => {
    const { start, stop, step } = sliceIndices(self as MpSlice, toInt(length));
    return newTuple([start, stop, step]);
  }));

function loadAttr(self: MpSlice, name: string, dest: MethodRef): boolean {
  if (name === 'start') dest.member = self.start;
  else if (name === 'stop') dest.member = self.stop;
  else if (name === 'step') dest.member = self.step;
  else if (name === 'indices') {
    dest.member = indicesMethod();
    dest.self = self;
  } else return false;
  return true;
}
