/** bytes (py/objstr.c). Its methods are those of str (str-methods.ts), and those of bytearray. */
import { getIter, iterNext } from '../vm/iteration.ts';
import { lenMaybe, toInt } from '../vm/operators.ts';
import { raiseNotImplemented, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import type { BufferView } from '../vm/type.ts';
import { BufferFlag, MpType } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bufferMaybe } from './buffer.ts';
import { raiseUnimplementedKeywords } from './function.ts';
import { isBig } from './int-size.ts';
import { allocStr } from './new-str.ts';
import { MpPolymorphIterator } from './polymorph-iterator.ts';
import { sequenceIndex } from './sequence.ts';
import { MpSlice, sequenceSlice } from './slice.ts';
import { strBinaryOp } from './str.ts';
import { hashBytes } from './str-hash.ts';
import { bytesMethods } from './str-methods.ts';
import { printJsonText, quotedBytes } from './str-repr.ts';
import { decodeAnyUtf8, encodeUtf8 } from './utf8.ts';

export const bytesType = new MpType('bytes', {
  makeNew: (_type: MpType, args: readonly Value[], kw: KwArgs) => makeBytes(args, kw),
  print,
  unaryOp(op: UnaryOp, self: MpBytes) {
    if (op === UnaryOp.Hash) return hashBytes(self.data);
    if (op === UnaryOp.Len) return self.data.length;
    return op === UnaryOp.Bool ? self.data.length !== 0 : undefined;
  },
  binaryOp: strBinaryOp,
  getItem,
  iter: (self: MpBytes) => new BytesIterator(self),
  buffer: (self: MpBytes, flags: BufferFlag): BufferView | undefined =>
    flags === BufferFlag.Read ? { bytes: self.data, typecode: 'B' } : undefined,
  locals: () => bytesMethods(),
});

/** The bytes are never changed: whoever makes one gives them away. */
export class MpBytes extends MpObj {
  constructor(readonly data: Uint8Array) {
    super(bytesType);
  }
}

export const emptyBytes = new MpBytes(new Uint8Array(0));

/** A new bytes object, accounted for. */
export function newBytes(data: Uint8Array): MpBytes {
  allocStr(data.length);
  return new MpBytes(data);
}

/** bytes(…), and str.encode(…) with the string first. */
export function makeBytes(args: readonly Value[], kw: KwArgs): Value {
  if (kw !== null && kw.length > 0) raiseUnimplementedKeywords();
  if (args.length === 0) return emptyBytes;
  const [source] = args;
  if (source instanceof MpBytes) return source;
  if (typeof source === 'string') {
    if (args.length < 2 || args.length > 3) {
      raiseTypeError(vm.terse ? 'wrong number of arguments' : 'string argument without an encoding');
    }
    // The new object shares the string's bytes.
    vm.heap.alloc(4 * vm.wordSize);
    return new MpBytes(encodeUtf8(source));
  }
  if (args.length > 1) raiseTypeError('wrong number of arguments');
  if (typeof source === 'number' && !isBig(source)) {
    if (source < 0) raiseValueError();
    allocStr(source);
    return new MpBytes(new Uint8Array(source));
  }
  const view = bufferMaybe(source, BufferFlag.Read);
  if (view !== undefined) return newBytes(view.bytes.slice());
  return bytesFromIterable(source);
}

function bytesFromIterable(source: Value): MpBytes {
  let alloc = Number(lenMaybe(source) ?? 16);
  vm.heap.alloc(alloc);
  const items: number[] = [];
  const iterator = getIter(source, true);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) {
    const value = toInt(item);
    if (value < 0 || value > 255) raiseValueError('bytes value out of range');
    if (items.length >= alloc) {
      const grown = ((items.length + 17) & ~7) + 8;
      vm.heap.realloc(alloc, grown);
      alloc = grown;
    }
    items.push(value);
  }
  vm.heap.realloc(alloc, items.length + 1);
  vm.heap.alloc(4 * vm.wordSize);
  return new MpBytes(Uint8Array.from(items));
}

function print(out: Printer, self: MpBytes, kind: PrintKind): void {
  if (kind === PrintKind.Json) printJsonText(out, decodeAnyUtf8(self.data));
  else if (kind === PrintKind.Raw) out.write(decodeAnyUtf8(self.data));
  else out.write(`b${quotedBytes(self.data)}`);
}

function getItem(self: MpBytes, index: Value): Value {
  const { data } = self;
  if (typeof index === 'number' && index >= 0 && index < data.length) return data[index];
  if (index instanceof MpSlice) {
    const { start, stop, step } = sequenceSlice(index, data.length);
    if (step !== 1) raiseNotImplemented('only slices with step=1 (aka None) are supported');
    return newBytes(data.slice(start, stop));
  }
  return data[sequenceIndex('bytes', data.length, index)];
}

class BytesIterator extends MpPolymorphIterator {
  private at = 0;
  constructor(readonly bytes: MpBytes) {
    super();
  }
  advance(): Value | undefined {
    const { data } = this.bytes;
    return this.at < data.length ? data[this.at++] : undefined;
  }
}
