/** memoryview (py/objarray.c): another object's memory, as elements. A view of an array that grows keeps the memory it had. */
import { raise, raiseNotImplemented, raiseValueError } from '../vm/raise.ts';
import type { BufferView } from '../vm/type.ts';
import { BufferFlag, MpType, TypeFlag } from '../vm/type.ts';
import type { BinaryOp, KwArgs, Value } from '../vm/value.ts';
import { MpObj, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { ArrayIterator, bufferBinaryOp, MpArray, sliceSource } from './array.ts';
import { codeSize, readElement, writeElement } from './binary.ts';
import { bufferMaybe, bufferOf } from './buffer.ts';
import { bytesHex } from './bytes-hex.ts';
import { excTypes } from './exception.ts';
import { checkArgCount, funVar } from './function.ts';
import { sequenceIndex } from './sequence.ts';
import { MpSlice, sequenceSlice } from './slice.ts';

export const memoryviewType = new MpType('memoryview', {
  flags: TypeFlag.EqChecksOtherType | TypeFlag.SubscrAllowsStackSlice,
  makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
    checkArgCount(args.length, kw, 1, 1, false);
    const { bytes, typecode } = bufferOf(args[0], BufferFlag.Read);
    const writable = bufferMaybe(args[0], BufferFlag.ReadWrite) !== undefined;
    vm.heap.alloc(4 * vm.wordSize);
    const source = args[0];
    const length = source instanceof MpArray ? source.length : Math.floor(bytes.length / codeSize('@', typecode));
    if (source instanceof MpMemoryView) return new MpMemoryView(source.memory, source.offset, length, typecode, writable, source);
    return new MpMemoryView(bytes, 0, length, typecode, writable, source);
  },
  unaryOp(op: UnaryOp, self: MpMemoryView) {
    if (op === UnaryOp.Len) return self.length;
    return op === UnaryOp.Bool ? self.length !== 0 : undefined;
  },
  binaryOp: (op: BinaryOp, lhs: MpMemoryView, rhs: Value) => bufferBinaryOp(op, lhs, rhs),
  getItem,
  setItem,
  iter: (self: MpMemoryView) => new ArrayIterator(self),
  buffer: (self: MpMemoryView, flags: BufferFlag): BufferView | undefined =>
    self.writable || (flags & BufferFlag.Write) === 0 ? { bytes: self.bytes(), typecode: self.typecode } : undefined,
  locals: () => [['hex', funVar(1, 2, bytesHex)]],
});

export class MpMemoryView extends MpObj {
  private view: DataView | undefined;

  constructor(
    /** The memory that the first view was made of. */
    readonly memory: Uint8Array,
    /** The first element's position in it, in elements. */
    readonly offset: number,
    /** In elements. Drivers set it to what they have put there, be it more than there was. */
    public length: number,
    readonly typecode: string,
    readonly writable: boolean,
    /** What owns the memory: it lives as long as its views. */
    readonly owner: Value,
    readonly itemSize: number = codeSize('@', typecode),
  ) {
    super(memoryviewType);
  }

  bytes(): Uint8Array {
    return this.memory.subarray(this.offset * this.itemSize, (this.offset + this.length) * this.itemSize);
  }

  private dataView(): DataView {
    this.view ??= new DataView(this.memory.buffer, this.memory.byteOffset, this.memory.byteLength);
    return this.view;
  }

  /** Is there memory for an element? There is not where the view was made of a place without any. */
  private reaches(index: number): boolean {
    return (this.offset + index + 1) * this.itemSize <= this.memory.length;
  }

  get(index: number): Value {
    return this.reaches(index) ? readElement(this.typecode, this.dataView(), this.offset + index) : 0;
  }

  set(index: number, value: Value): void {
    if (this.reaches(index)) writeElement(this.typecode, this.dataView(), this.offset + index, value);
  }
}

/** A view of memory that no guest object owns (or whose owner is given), accounted for: what drivers and modules hand out. */
export function newMemoryView(bytes: Uint8Array, typecode: string, writable: boolean, owner: Value = null): MpMemoryView {
  vm.heap.alloc(4 * vm.wordSize);
  return new MpMemoryView(bytes, 0, Math.floor(bytes.length / codeSize('@', typecode)), typecode, writable, owner);
}

function getItem(self: MpMemoryView, index: Value): Value {
  if (!(index instanceof MpSlice)) return self.get(sequenceIndex('memoryview', self.length, index));
  const { start, stop } = boundsOf(self, index);
  // Of a bound that no double holds exactly the integer itself is compared.
  const exactStart = typeof index.start === 'bigint' ? index.start : start;
  if (exactStart >= 2 ** (vm.wordSize * 8 - 8)) raise(excTypes.OverflowError, 'memoryview offset too large');
  vm.heap.alloc(4 * vm.wordSize);
  return new MpMemoryView(self.memory, self.offset + start, stop - start, self.typecode, self.writable, self.owner, self.itemSize);
}

function setItem(self: MpMemoryView, index: Value, value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (!(index instanceof MpSlice)) {
    const at = sequenceIndex('memoryview', self.length, index);
    if (!self.writable) return false;
    self.set(at, value);
    return true;
  }
  const { start, stop } = boundsOf(self, index);
  const { bytes } = sliceSource(value, self.itemSize);
  if (!self.writable) return false;
  if (bytes.length !== (stop - start) * self.itemSize) raiseValueError('lhs and rhs should be compatible');
  self.memory.set(bytes, (self.offset + start) * self.itemSize);
  return true;
}

function boundsOf(self: MpMemoryView, slice: MpSlice): { start: number; stop: number } {
  const bounds = sequenceSlice(slice, self.length);
  if (bounds.step !== 1) raiseNotImplemented('only slices with step=1 (aka None) are supported');
  return bounds;
}
