/**
 * What machine code sees when it looks into an object of the guest: the words of the reference's structures (py/obj*.h of MicroPython 1.27.0), as far as native
 * code and native modules read or write them. The object itself stays what it is; its words are made when they are read.
 */
import { MpArray } from '../../objects/array.ts';
import { MpBoundMethod } from '../../objects/bound-method.ts';
import { MpBytes } from '../../objects/bytes.ts';
import { MpCell } from '../../objects/cell.ts';
import { MpDict } from '../../objects/dict.ts';
import { MpFloat } from '../../objects/float.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { MpInstance } from '../../objects/instance.ts';
import { MpList } from '../../objects/list.ts';
import { MpModule } from '../../objects/module.ts';
import { MpSlice } from '../../objects/slice.ts';
import { utf8Length } from '../../objects/str-width.ts';
import { MpTuple } from '../../objects/tuple.ts';
import { MpType, typeOf } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { lowHalf, type Word } from '../word.ts';
import type { NativeMachine } from './native-machine.ts';
import type { WordHooks } from './native-memory.ts';
import { typeWord, typeWords } from './type-image.ts';

/** Bytes that an object takes in the reference, as far as code can look. */
export function objectSize(value: Value, wordBytes: 4 | 8): number {
  if (value instanceof MpTuple) return wordBytes * (2 + value.items.length);
  if (value instanceof MpInstance) return 5 * wordBytes;
  if (value instanceof MpType) return wordBytes * typeWords(wordBytes);
  return 4 * wordBytes;
}

/** The words of an object. */
export function objectHooks(machine: NativeMachine, value: Value): WordHooks {
  const shift = machine.wide ? 3 : 2;
  return {
    read: offset => (offset === 0 ? machine.words.word(typeOf(value)) : read(machine, value, offset >> shift)),
    write: (offset, word) => write(machine, value, offset >> shift, word),
  };
}

const floatBits = new Float32Array(1);
const floatWord = new Int32Array(floatBits.buffer);
const doubleBits = new Float64Array(1);
const doubleWord = new BigInt64Array(doubleBits.buffer);

function read(machine: NativeMachine, value: Value, index: number): Word | undefined {
  const { words } = machine;
  if (value instanceof MpTuple) return index === 1 ? value.items.length : words.word(value.items[index - 2]);
  if (value instanceof MpList) {
    if (index === 1) return value.alloc;
    return index === 2 ? value.items.length : machine.lists.itemsOf(value);
  }
  if (value instanceof MpCell) return index === 1 ? words.word(value.value) : undefined;
  if (value instanceof MpType) return typeWord(machine, value, index);
  if (value instanceof MpInstance) return index === 4 ? words.word(value.subobj) : undefined;
  if (value instanceof MpFloat) {
    if (index !== 1) return undefined;
    if (machine.wide) {
      doubleBits[0] = value.value;
      return doubleWord[0];
    }
    floatBits[0] = value.value;
    return floatWord[0];
  }
  if (value instanceof MpModule) return index === 1 ? words.word(value.globals) : undefined;
  if (value instanceof MpBoundMethod) return index === 1 ? words.word(value.method) : words.word(value.self);
  if (value instanceof MpSlice) return words.word([value.start, value.stop, value.step][index - 1]);
  if (value instanceof MpDict) return index === 1 ? (value.map.used << 3) | 0 : index === 2 ? value.map.alloc : undefined;
  if (typeof value === 'string') return index === 2 ? utf8Length(value) : index === 3 ? guestMemory().addressOfStr(value) | 0 : undefined;
  const bytes = value instanceof MpBytes ? value.data : value instanceof MpArray ? value.bytes() : undefined;
  if (bytes === undefined) return undefined;
  if (index === 3) return guestMemory().addressOf(bytes) | 0;
  if (index === 2) return value instanceof MpArray ? value.length : bytes.length;
  return value instanceof MpArray ? value.typecode.charCodeAt(0) | (value.free << 8) : undefined;
}

function write(machine: NativeMachine, value: Value, index: number, word: Word): boolean {
  const { words } = machine;
  if (value instanceof MpCell && index === 1) value.value = words.value(word);
  else if (value instanceof MpTuple && index >= 2) (value.items as Value[])[index - 2] = words.required(word);
  else if (value instanceof MpList && index === 2) machine.lists.setLength(value, lowHalf(word) >>> 0);
  else return false;
  return true;
}

interface ItemRegion {
  readonly address: number;
  readonly size: number;
  /** What lies behind the list's end, by index: code takes an item out there after it has made the list shorter, or puts one in before. */
  readonly beyond: Map<number, Value>;
}

/** Where the items of lists lie for machine code: an array of words for each list that code has looked into. */
export class ListItems {
  private readonly regions = new Map<MpList, ItemRegion>();

  constructor(private readonly machine: NativeMachine) {}

  /** Address of a list's items; another one when the list has grown since. */
  itemsOf(list: MpList): number {
    return this.regionOf(list).address | 0;
  }

  private regionOf(list: MpList): ItemRegion {
    const { memory, words, layout, wide } = this.machine;
    const shift = wide ? 3 : 2;
    const size = layout.bytes * Math.max(list.alloc, list.items.length, 1);
    const known = this.regions.get(list);
    if (known !== undefined && known.size >= size) return known;
    if (known !== undefined) memory.unmap(known.address, known.size);
    const beyond = known?.beyond ?? new Map<number, Value>();
    const address = memory.reserve(size, {
      read: offset => {
        const index = offset >> shift;
        return words.word(index < list.items.length ? list.items[index] : beyond.get(index));
      },
      write: (offset, word) => {
        const index = offset >> shift;
        const value = words.value(word);
        if (index < list.items.length) list.items[index] = value ?? null;
        else if (value === undefined) beyond.delete(index);
        else beyond.set(index, value);
        return true;
      },
    });
    const region = { address, size, beyond };
    this.regions.set(list, region);
    return region;
  }

  setLength(list: MpList, length: number): void {
    const { items } = list;
    const { beyond } = this.regionOf(list);
    for (let i = length; i < items.length; i++) beyond.set(i, items[i]);
    if (items.length > length) items.length = length;
    while (items.length < length && items.length < list.alloc) {
      items.push(beyond.get(items.length) ?? null);
      beyond.delete(items.length - 1);
    }
  }

  /** Whether a word is the address of a list's items: code that has it keeps the list. */
  *addresses(): Iterable<[number, MpList]> {
    for (const [list, { address }] of this.regions) yield [address, list];
  }

  /** The list is not known to machine code any more. */
  forget(list: MpList): void {
    const region = this.regions.get(list);
    if (region === undefined) return;
    this.machine.memory.unmap(region.address, region.size);
    this.regions.delete(list);
  }
}
