/** array.array and what it shares with bytearray (py/objarray.c). */
import { getIter, iterNext } from '../vm/iteration.ts';
import { lenMaybe } from '../vm/operators.ts';
import { printValue } from '../vm/printing.ts';
import { raiseNotImplemented, raiseValueError } from '../vm/raise.ts';
import type { BufferView, TypeSlots } from '../vm/type.ts';
import { BufferFlag, MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { codeSize, readElement, writeElement } from './binary.ts';
import { bufferMaybe, bufferOf } from './buffer.ts';
import { makeBytearray } from './bytearray.ts';
import { MpBytes } from './bytes.ts';
import { MpFloat, newFloat } from './float.ts';
import { checkArgCount, fun2 } from './function.ts';
import { addressOf } from './identity.ts';
import { newInt } from './int.ts';
import { MpMemoryView } from './memoryview.ts';
import { raiseNegativeSize } from './new-str.ts';
import { sequenceIndex } from './sequence.ts';
import type { SliceBounds } from './slice.ts';
import { MpSlice, sequenceSlice } from './slice.ts';
import { compareByteSequences, findBytes } from './str.ts';
import { bytesMethods } from './str-methods.ts';
import { quotedBytes } from './str-repr.ts';
import { textData } from './text-data.ts';

const slots: TypeSlots = {
  print,
  unaryOp(op: UnaryOp, self: MpArray) {
    if (op === UnaryOp.Len) return self.length;
    return op === UnaryOp.Bool ? self.length !== 0 : undefined;
  },
  binaryOp: arrayBinaryOp,
  getItem,
  setItem,
  iter: (self: MpArray) => new ArrayIterator(self),
  buffer: (self: MpArray, flags: BufferFlag): BufferView => ({ bytes: self.buffer(flags), typecode: self.typecode }),
};

const ownMethods = (): [string, Value][] => [
  [
    'append',
    fun2((self, value) => {
      append(self as MpArray, value);
      return null;
    }),
  ],
  [
    'extend',
    fun2((self, source) => {
      extend(self as MpArray, source);
      return null;
    }),
  ],
];

export const arrayType = new MpType('array', { ...slots, makeNew, locals: ownMethods });

export const bytearrayType = new MpType('bytearray', {
  ...slots,
  flags: TypeFlag.EqChecksOtherType | TypeFlag.SubscrAllowsStackSlice,
  makeNew: (_type: MpType, args: readonly Value[], kw: KwArgs) => makeBytearray(args, kw),
  locals: () => [...ownMethods(), ...bytesMethods()],
});

/** Elements that typed arrays of the host hold as they are. The rest are read and written byte by byte. */
const TYPED = {
  b: Int8Array,
  B: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  f: Float32Array,
  d: Float64Array,
} as const;

type Elements = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** What a typed array's elements are to the guest. */
enum ElementKind {
  /** Always a small integer. */
  Small,
  /** An integer that may be an object on the heap. */
  Int,
  Float,
}

function kindOf(typecode: string): ElementKind {
  if (typecode === 'f' || typecode === 'd') return ElementKind.Float;
  return typecode === 'i' || typecode === 'I' ? ElementKind.Int : ElementKind.Small;
}

export class MpArray extends MpObj {
  readonly itemSize: number;
  private elements: Elements | undefined;
  private readonly kind: ElementKind;
  /** Elements for which there is room beyond the last. */
  free = 0;
  /** Elements in use. */
  length: number;
  private view: DataView | undefined;
  /** What an array of objects holds (code `O`): memory has but their addresses. */
  readonly objects: (Value | undefined)[] | undefined;

  /** `data` becomes the array's; its elements are those of `typecode`, which must be known. */
  constructor(
    type: MpType,
    readonly typecode: string,
    private data: Uint8Array,
  ) {
    super(type);
    this.itemSize = codeSize('@', typecode);
    this.length = Math.floor(data.length / this.itemSize);
    this.objects = typecode === 'O' ? [] : undefined;
    this.kind = kindOf(typecode);
    this.elements = this.typedElements();
  }

  private typedElements(): Elements | undefined {
    const { data, typecode } = this;
    if (typecode === 'B') return data;
    if (!Object.hasOwn(TYPED, typecode) || data.byteOffset % this.itemSize !== 0) return undefined;
    return new TYPED[typecode as keyof typeof TYPED](data.buffer as ArrayBuffer, data.byteOffset, Math.floor(data.length / this.itemSize));
  }

  /** Was there ever an element? */
  get hasMemory(): boolean {
    return this.data.length > 0;
  }

  /** The bytes in use, live. They are others once the array has grown. */
  bytes(): Uint8Array {
    const used = this.length * this.itemSize;
    return used >= this.data.length ? this.data : this.data.subarray(0, used);
  }

  /** The bytes of the elements from `start` to before `stop`, live. */
  bytesOf(start: number, stop: number): Uint8Array {
    return this.bytes().subarray(start * this.itemSize, stop * this.itemSize);
  }

  /** The bytes for one who reads or writes them by the buffer protocol. */
  buffer(_flags: BufferFlag): Uint8Array {
    return this.bytes();
  }

  get(index: number): Value {
    const { elements } = this;
    if (elements !== undefined) {
      const element = elements[index] ?? 0;
      if (this.kind === ElementKind.Small) return element;
      return this.kind === ElementKind.Int ? newInt(element) : newFloat(element);
    }
    const code = this.typecode;
    const object = this.objects?.[index];
    return object !== undefined ? object : readElement(code, this.dataView(), index);
  }

  set(index: number, value: Value): void {
    const code = this.typecode;
    const { elements } = this;
    // A typed array keeps the low bits of an integer, as C does.
    if (elements !== undefined && typeof value === 'number' && this.kind !== ElementKind.Float) elements[index] = value;
    else if (this.objects !== undefined) {
      this.objects[index] = value;
      writeElement('P', this.dataView(), index, addressOf(value));
    } else writeElement(code, this.dataView(), index, value);
  }

  private dataView(): DataView {
    this.view ??= new DataView(this.data.buffer, this.data.byteOffset, this.data.byteLength);
    return this.view;
  }

  /** Makes room for `room` elements in all, `length` of which stay. Memory views keep the old memory. */
  private resize(room: number): void {
    const size = this.itemSize;
    vm.heap.realloc((this.length + this.free) * size, room * size);
    const data = new Uint8Array(room * size);
    data.set(this.bytes());
    this.data = data;
    this.view = undefined;
    this.elements = this.typedElements();
    this.free = room - this.length;
  }

  append(value: Value): void {
    if (this.free === 0) this.resize(this.length + 8);
    this.set(this.length, value);
    this.length++;
    this.free--;
  }

  /** Adds the bytes of whole elements at the end. */
  appendBytes(bytes: Uint8Array, objects?: readonly (Value | undefined)[]): void {
    const count = Math.floor(bytes.length / this.itemSize);
    if (this.free < count) this.resize(this.length + count);
    this.data.set(bytes.subarray(0, count * this.itemSize), this.length * this.itemSize);
    if (this.objects !== undefined) for (let i = 0; i < count; i++) this.objects[this.length + i] = objects?.[i];
    this.length += count;
    this.free -= count;
  }

  /** Replaces the elements from `start` to before `stop` by those in `source`. */
  splice(start: number, stop: number, source: Uint8Array, objects?: readonly (Value | undefined)[]): void {
    const size = this.itemSize;
    const count = source.length / size;
    const grow = count - (stop - start);
    if (grow > this.free) {
      // The source may be this array's old memory: that stays as it was.
      this.resize(this.length + grow);
    }
    const { data, length } = this;
    if (grow > 0) {
      // The tail moves first: of a source that is this very memory the reference then copies what the tail has become.
      data.copyWithin((start + count) * size, stop * size, length * size);
      data.set(source, start * size);
    } else {
      data.set(source, start * size);
      data.copyWithin((start + count) * size, stop * size, length * size);
      data.fill(0, (length + grow) * size, length * size);
    }
    this.objects?.splice(start, stop - start, ...(objects ?? new Array(count).fill(undefined)));
    this.length += grow;
    this.free -= grow;
  }
}

/** A new array of zeros, accounted for. */
export function newArray(type: MpType, typecode: string, length: number): MpArray {
  const size = codeSize('@', typecode);
  vm.heap.alloc(4 * vm.wordSize);
  if (length < 0) raiseNegativeSize(length * size);
  vm.heap.alloc(length * size);
  return new MpArray(type, typecode, new Uint8Array(length * size));
}

/** A bytearray of these bytes, which become its own. Takes no heap. */
export function arrayOfBytes(bytes: Uint8Array): MpArray {
  return new MpArray(bytearrayType, 'B', bytes);
}

/** A bytearray of so many bytes at a place where there is no memory: it has a length, and reads as zeros. */
export function arrayOfNoMemory(length: number): MpArray {
  const array = arrayOfBytes(new Uint8Array(0));
  array.length = length;
  return array;
}

/** A new bytearray of these bytes, which become its own, accounted for. */
export function newBytearray(bytes: Uint8Array): MpArray {
  vm.heap.alloc(4 * vm.wordSize);
  vm.heap.alloc(bytes.length);
  return arrayOfBytes(bytes);
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 1, 2, false);
  const code = textData(args[0])[0] ?? '\0';
  return args.length === 1 ? newArray(arrayType, code, 0) : constructArray(arrayType, code, args[1]);
}

/** A bytearray takes the bytes of anything that has some; an array those of bytes and bytearrays only. All else is iterated. */
export function constructArray(type: MpType, code: string, source: Value): MpArray {
  const raw = type === bytearrayType || source instanceof MpBytes || (source instanceof MpArray && source.type === bytearrayType);
  const view = raw ? bufferMaybe(source, BufferFlag.Read) : undefined;
  if (view !== undefined) {
    const array = newArray(type, code, Math.floor(view.bytes.length / codeSize('@', code)));
    const into = array.bytes();
    into.set(view.bytes.subarray(0, into.length));
    return array;
  }
  const length = Number(lenMaybe(source) ?? 0);
  const array = newArray(type, code, length);
  const iterator = getIter(source);
  let index = 0;
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) {
    if (length === 0) array.append(item);
    // An iterable that gives more items than its length says would overrun the memory.
    else if (index < length) array.set(index++, item);
  }
  return array;
}

function append(self: MpArray, value: Value): void {
  self.append(value);
}

function extend(self: MpArray, source: Value): void {
  const view = bufferMaybe(source, BufferFlag.Read);
  if (view !== undefined) {
    self.appendBytes(view.bytes, source instanceof MpArray ? source.objects?.slice() : undefined);
    return;
  }
  const iterator = getIter(source);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) self.append(item);
}

function print(out: Printer, self: MpArray): void {
  if (self.type === bytearrayType) {
    out.write(`bytearray(b${quotedBytes(self.bytes())})`);
    return;
  }
  out.write(`array('${self.typecode}'`);
  for (let i = 0; i < self.length; i++) {
    out.write(i === 0 ? ', [' : ', ');
    printValue(out, self.get(i), PrintKind.Repr);
  }
  out.write(self.length > 0 ? '])' : ')');
}

function arrayBinaryOp(op: BinaryOp, lhs: MpArray, rhs: Value): Value | undefined {
  switch (op) {
    case BinaryOp.Add: {
      const { bytes } = bufferOf(rhs, BufferFlag.Read);
      const added = Math.floor(bytes.length / lhs.itemSize);
      const sum = newArray(lhs.type, lhs.typecode, lhs.length + added);
      const into = sum.bytes();
      into.set(lhs.bytes());
      into.set(bytes.subarray(0, added * lhs.itemSize), lhs.length * lhs.itemSize);
      if (lhs.objects !== undefined) sum.objects!.push(...lhs.objects, ...(rhs instanceof MpArray ? (rhs.objects ?? []) : []));
      return sum;
    }
    case BinaryOp.InplaceAdd:
      extend(lhs, rhs);
      return lhs;
    default:
      return bufferBinaryOp(op, lhs, rhs);
  }
}

/** `in` and the comparisons, which memoryview has too. */
export function bufferBinaryOp(op: BinaryOp, lhs: MpArray | MpMemoryView, rhs: Value): Value | undefined {
  const view = op === BinaryOp.Contains || op <= BinaryOp.MoreEqual ? bufferMaybe(rhs, BufferFlag.Read) : undefined;
  if (op === BinaryOp.Contains) {
    // In a bytearray without memory nothing is found, not even nothing.
    if (view !== undefined)
      return lhs instanceof MpArray && lhs.type === bytearrayType && lhs.hasMemory && findBytes(lhs.bytes(), view.bytes) >= 0;
    if (typeof rhs === 'number' || typeof rhs === 'bigint' || rhs instanceof MpFloat) raiseNotImplemented();
    return false;
  }
  if (op > BinaryOp.MoreEqual) return undefined;
  if (view === undefined) return false;
  // Bytes are compared as they lie in memory, so the element types must be of a kind; for an order they must be unsigned.
  const a = comparableCode(lhs.typecode);
  const b = comparableCode(view.typecode);
  const unsigned = lhs.typecode <= 'Z' || view.typecode <= 'Z';
  if (a === b && a !== 'f' && a !== 'd' && (op === BinaryOp.Equal || unsigned)) return compareByteSequences(op, lhs.bytes(), view.bytes);
  raiseNotImplemented();
}

const comparableCode = (code: string): string => code.toLowerCase();

function boundsOf(self: MpArray, slice: MpSlice): SliceBounds {
  const bounds = sequenceSlice(slice, self.length);
  if (bounds.step !== 1) raiseNotImplemented('only slices with step=1 (aka None) are supported');
  return bounds;
}

function getItem(self: MpArray, index: Value): Value {
  if (typeof index === 'number' && index >= 0 && index < self.length) return self.get(index);
  if (index instanceof MpSlice) {
    const { start, stop } = boundsOf(self, index);
    const part = newArray(self.type, self.typecode, stop - start);
    part.bytes().set(self.bytesOf(start, stop));
    if (self.objects !== undefined) part.objects!.push(...self.objects.slice(start, stop));
    return part;
  }
  return self.get(sequenceIndex(self.type.name, self.length, index));
}

function setItem(self: MpArray, index: Value, value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (index instanceof MpSlice) {
    const { start, stop } = boundsOf(self, index);
    const { bytes, objects } = sliceSource(value, self.itemSize);
    self.splice(start, stop, bytes, objects);
  } else self.set(sequenceIndex(self.type.name, self.length, index), value);
  return true;
}

/** The bytes of what is assigned to a slice of elements of this size. */
export function sliceSource(value: Value, itemSize: number): { bytes: Uint8Array; objects?: (Value | undefined)[] } {
  if (value instanceof MpArray || value instanceof MpMemoryView) {
    if (value.itemSize !== itemSize) raiseValueError('lhs and rhs should be compatible');
    return { bytes: value.bytes(), objects: value instanceof MpArray ? value.objects?.slice() : undefined };
  }
  if (value instanceof MpBytes) {
    if (itemSize !== 1) raiseValueError('lhs and rhs should be compatible');
    return { bytes: value.data };
  }
  raiseNotImplemented('array/bytes required on right side');
}

const arrayIteratorType = new MpType('iterator', {
  flags: TypeFlag.IterIsSelf,
  next: (self: ArrayIterator) => self.advance(),
});

/** Iterates over an array or a memoryview; sees elements that are added meanwhile. */
export class ArrayIterator extends MpObj {
  private at = 0;
  constructor(readonly array: { readonly length: number; get(index: number): Value }) {
    super(arrayIteratorType);
  }
  advance(): Value | undefined {
    return this.at < this.array.length ? this.array.get(this.at++) : undefined;
  }
}
