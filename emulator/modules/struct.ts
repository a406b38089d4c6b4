/** The module struct (py/modstruct.c): values packed into bytes, by a format. */
import { codeAlignment, codeSize, packValue, type StructType, unpackValue } from '../objects/binary.ts';
import { bufferOf } from '../objects/buffer.ts';
import { newBytes } from '../objects/bytes.ts';
import { fun1, funVar } from '../objects/function.ts';
import { strText } from '../objects/str-bytes.ts';
import { newTuple } from '../objects/tuple.ts';
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

interface Item {
  readonly typecode: string;
  readonly count: number;
}

interface Format {
  readonly order: StructType;
  readonly items: readonly Item[];
  /** Bytes it takes, alignment included. */
  readonly size: number;
  /** Values it stands for. */
  readonly values: number;
}

const isDigit = (c: string) => c >= '0' && c <= '9';

function parseFormat(value: Value): Format {
  const text = strText(value).split('\0', 1)[0];
  const first = text[0] ?? '';
  const hasOrder = first !== '' && '!@=<>'.includes(first);
  const order = !hasOrder ? '@' : first === '!' ? '>' : (first as StructType);
  const items: Item[] = [];
  let size = 0;
  let values = 0;
  for (let i = hasOrder ? 1 : 0; i < text.length; i++) {
    let digits = '';
    while (isDigit(text[i])) digits += text[i++];
    const count = digits === '' ? 1 : Number(digits);
    const typecode = text[i] ?? '\0';
    items.push({ typecode, count });
    if (typecode === 'x') size += count;
    else if (typecode === 's') {
      values++;
      size += count;
    } else {
      // The reference knows "=" as an order, but no type code of it.
      if (first === '=') raiseValueError('bad typecode');
      const itemSize = codeSize(order, typecode);
      values += count;
      if (count > 0) size = align(size, codeAlignment(order, typecode)) + count * itemSize;
    }
  }
  return { order, items, size, values };
}

const align = (at: number, boundary: number) => Math.ceil(at / boundary) * boundary;
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An offset counted from the end when negative. */
function offsetIn(bytes: Uint8Array, value: Value): number {
  const offset = toInt(value);
  if (offset >= 0) return offset;
  if (bytes.length + offset < 0) raiseValueError('buffer too small');
  return bytes.length + offset;
}

function unpackFrom(args: readonly Value[]): Value {
  const { order, items, size, values } = parseFormat(args[0]);
  vm.heap.alloc((2 + values) * vm.wordSize);
  vm.heap.free((2 + values) * vm.wordSize);
  const { bytes } = bufferOf(args[1], BufferFlag.Read);
  const base = args.length > 2 ? offsetIn(bytes, args[2]) : 0;
  if (base + size > bytes.length) raiseValueError('buffer too small');
  const view = viewOf(bytes);
  const out: Value[] = [];
  let at = 0;
  for (const { typecode, count } of items) {
    if (out.length >= values) break;
    if (typecode === 'x') at += count;
    else if (typecode === 's') {
      out.push(newBytes(bytes.slice(base + at, base + at + count)));
      at += count;
    } else {
      const size = codeSize(order, typecode);
      if (count > 0) at = align(at, codeAlignment(order, typecode));
      for (let n = 0; n < count; n++, at += size) out.push(unpackValue(order, typecode, view, base + at));
    }
  }
  return newTuple(out);
}

/** Stops without an error when there are too few values; ignores those that are too many. */
function packInto(format: Format, bytes: Uint8Array, base: number, values: readonly Value[]): void {
  const { order, items } = format;
  const view = viewOf(bytes);
  let at = 0;
  let next = 0;
  for (const { typecode, count } of items) {
    if (next >= values.length) break;
    if (typecode === 'x') {
      bytes.fill(0, base + at, base + at + count);
      at += count;
    } else if (typecode === 's') {
      const source = bufferOf(values[next++], BufferFlag.Read).bytes.subarray(0, count);
      bytes.set(source, base + at);
      bytes.fill(0, base + at + source.length, base + at + count);
      at += count;
    } else {
      const size = codeSize(order, typecode);
      if (count > 0) at = align(at, codeAlignment(order, typecode));
      for (let n = 0; n < count && next < values.length; n++, at += size) packValue(order, typecode, view, base + at, values[next++]);
    }
  }
}

function pack(args: readonly Value[]): Value {
  const format = parseFormat(args[0]);
  vm.heap.alloc(format.size + 1);
  vm.heap.free(format.size + 1);
  const bytes = new Uint8Array(format.size);
  packInto(format, bytes, 0, args.slice(1));
  return newBytes(bytes);
}

function packIntoBuffer(args: readonly Value[]): Value {
  const { bytes } = bufferOf(args[1], BufferFlag.Write);
  const offset = offsetIn(bytes, args[2]);
  const format = parseFormat(args[0]);
  if (offset + format.size > bytes.length) raiseValueError('buffer too small');
  packInto(format, bytes, offset, args.slice(3));
  return null;
}

export const structModule: ModuleDef = {
  name: 'struct',
  extensible: true,
  names: () => {
    const unpack = funVar(2, 3, unpackFrom);
    return [
      ['calcsize', fun1(format => parseFormat(format).size)],
      ['pack', funVar(1, Infinity, pack)],
      ['pack_into', funVar(3, Infinity, packIntoBuffer)],
      ['unpack', unpack],
      ['unpack_from', unpack],
    ];
  },
};
