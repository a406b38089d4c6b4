/** range (py/objrange.c). Its numbers are machine words: arithmetic on them wraps round as in C. */
import { raiseValueError } from '../vm/raise.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { checkArgCount } from './function.ts';
import { sequenceIndex } from './sequence.ts';
import { MpSlice, sliceIndices } from './slice.ts';
import { toWord, type Word, wordInt } from './small-int.ts';

export const rangeType = new MpType('range', {
  makeNew,
  print(out: Printer, self: MpRange) {
    out.write(`range(${self.start}, ${self.stop}${self.step === 1 ? '' : `, ${self.step}`})`);
  },
  unaryOp(op: UnaryOp, self: MpRange): Value | undefined {
    if (op === UnaryOp.Bool) return self.length() > 0;
    return op === UnaryOp.Len ? self.length() : undefined;
  },
  binaryOp(op: BinaryOp, lhs: MpRange, rhs: Value): Value | undefined {
    if (op !== BinaryOp.Equal || !(rhs instanceof MpRange) || !vm.feature('rangeEquality')) return undefined;
    const length = lhs.length();
    if (length !== rhs.length()) return false;
    return length === 0 || (lhs.start === rhs.start && (length === 1 || lhs.step === rhs.step));
  },
  loadAttr(self: MpRange, name: string, dest: MethodRef): boolean {
    if (name !== 'start' && name !== 'stop' && name !== 'step') return false;
    dest.member = self[name];
    return true;
  },
  getItem,
  iter: (self: MpRange) => new MpRangeIterator(self.start, self.stop, self.step),
});

export class MpRange extends MpObj {
  constructor(
    readonly start: Word,
    readonly stop: Word,
    readonly step: Word,
    type: MpType = rangeType,
  ) {
    super(type);
  }

  length(): Word {
    const { start, stop, step } = this;
    if (typeof start === 'number' && typeof stop === 'number' && typeof step === 'number' && vm.wordSize === 8) {
      const span = step > 0 ? stop - start + step - 1 : stop - start + step + 1;
      if (Number.isSafeInteger(span)) return Math.max(0, Math.trunc(span / step));
    }
    const wide = BigInt(step);
    const span = BigInt(wordInt(BigInt(stop) - BigInt(start) + wide + (wide > 0n ? -1n : 1n)));
    const length = wordInt(span / wide);
    if (length < 0) return 0;
    return length;
  }

  /** The item at `index`, which is in range. */
  at(index: Word): Word {
    return wordSum(this.start, wordProduct(index, this.step));
  }
}

export const rangeIteratorType = new MpType('iterator', {
  flags: TypeFlag.IterIsSelf,
  next: (self: MpRangeIterator) => self.advance(),
});

export class MpRangeIterator extends MpObj {
  constructor(
    private at: Word,
    private readonly stop: Word,
    private readonly step: Word,
  ) {
    super(rangeIteratorType);
  }
  advance(): Value | undefined {
    const { at, stop, step } = this;
    if (step > 0 ? at >= stop : at <= stop) return undefined;
    if (typeof at === 'number' && typeof step === 'number' && at + step === ((at + step) | 0)) this.at = at + step;
    else this.at = wordSum(at, step);
    return at;
  }
}

function wordSum(a: Word, b: Word): Word {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (vm.wordSize === 4) return sum | 0;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return wordInt(BigInt(a) + BigInt(b));
}

function wordProduct(a: Word, b: Word): Word {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (vm.wordSize === 4 ? (product | 0) === product : Number.isSafeInteger(product)) return product + 0;
  }
  return wordInt(BigInt(a) * BigInt(b));
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 1, 3, false);
  vm.heap.alloc(4 * vm.wordSize);
  if (args.length === 1) return new MpRange(0, toWord(args[0]), 1, type);
  const start = toWord(args[0]);
  const stop = toWord(args[1]);
  const step = args.length === 3 ? toWord(args[2]) : 1;
  if (step === 0) raiseValueError('zero step');
  return new MpRange(start, stop, step, type);
}

function getItem(self: MpRange, index: Value): Value {
  const length = self.length();
  if (!(index instanceof MpSlice)) {
    if (typeof length === 'bigint') {
      // Longer than a number can count.
      const given = BigInt(toWord(index));
      const at = given < 0n ? given + length : given;
      if (at >= 0n && at < length) return self.at(wordInt(at));
    }
    return self.at(sequenceIndex('range', Number(length), index));
  }
  const { start, stop, step } = sliceIndices(index, Number(length));
  vm.heap.alloc(4 * vm.wordSize);
  return new MpRange(self.at(start), self.at(stop), wordProduct(step, self.step));
}
