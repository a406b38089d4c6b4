/**
 * Objects as machine code has them: words, in representation A of py/obj.h. The lowest bit set: a small
 * integer; 010: a string by its number; 110: None, False, True; a multiple of four: an address.
 *
 * An object that machine code has been given is remembered by its address until no word of it can be found in registers, stack or other memory of machine code
 * any more: as in the reference, whose collector looks at the same places, any word that looks like the address keeps the object.
 */
import { STATIC_QSTRS } from '../../compiler/known-qstrs.ts';
import { addressOf, reserveAddresses } from '../../objects/identity.ts';
import { intFromBigInt } from '../../objects/int.ts';
import { MpList } from '../../objects/list.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { BusError } from '../memory-bus.ts';
import { lowHalf, type Word } from '../word.ts';
import { MpForeignInstance } from './foreign-objects.ts';
import { asGuestError } from './machine-fault.ts';
import type { NativeMachine } from './native-machine.ts';
import type { WordHooks } from './native-memory.ts';
import { objectHooks, objectSize } from './object-layouts.ts';

const NONE = 6;
const FALSE = 14;
const TRUE = 30;
/** Small integers of words of 32 bits; and those of 64 bits as far as their words are exact numbers. */
const SMALL_MAX = 2 ** 30 - 1;
const SMALL_MIN = -(2 ** 30);
const EXACT = 2 ** 52;
const WIDE_LIMIT = 2n ** 62n;

const BLOCK = 16;
/** Objects lie in RAM, and behind it. */
const FIRST_OBJECT = 0x20000000;
const END_OF_OBJECTS = { 4: 0x30000000, 8: 0x70000000 } as const;
/** How far behind its address code may look into an object: a tuple is the only one that can be long. */
const LARGEST_OBJECT = 0x1000;

/** Objects remembered before the first look for those that can be forgotten. */
const FIRST_SWEEP = 4096;

export class ObjectWords {
  /** By address. */
  private readonly objects = new Map<number, Value>();
  /** Addresses of integers and strings, which have no identity of their own. */
  private readonly primitives = new Map<Value, number>();
  private sweepAt = FIRST_SWEEP;
  /** Strings by number. Those that every firmware has, native modules know by the same numbers. */
  private readonly qstrs: string[] = ['', ...STATIC_QSTRS];
  private readonly qstrNumbers = new Map<string, number>(this.qstrs.map((text, number) => [text, number]));

  /** Addresses that are not those of `id()`: of objects that lie in memory, or take more than a block. */
  private readonly places = new WeakMap<MpObj, number>();

  /** @param memoryWords everything in which a word may keep an object */
  constructor(
    private readonly machine: NativeMachine,
    private readonly memoryWords: () => Iterable<Int32Array>,
  ) {
    machine.memory.objectAt = address => this.hooksOf(address >>> 0);
  }

  /** The word of a value; 0 for none. */
  word(value: Value | undefined): Word {
    if (typeof value === 'number' && value >= SMALL_MIN && value <= SMALL_MAX) return (value << 1) | 1;
    if (this.machine.wide && (typeof value === 'number' || typeof value === 'bigint')) {
      if (typeof value === 'number' && value >= -EXACT && value < EXACT) return 2 * value + 1;
      const long = BigInt(value);
      if (long >= -WIDE_LIMIT && long < WIDE_LIMIT) return (long << 1n) | 1n;
    }
    return this.addressOrImmediate(value);
  }

  /** The word of an object that is no integer in a word. */
  pointer(value: Value | undefined): number {
    return this.addressOrImmediate(value);
  }

  private addressOrImmediate(value: Value | undefined): number {
    if (value === undefined) return 0;
    if (value === null) return NONE;
    if (value === false) return FALSE;
    if (value === true) return TRUE;
    if (typeof value === 'string') {
      const number = this.qstrNumbers.get(value);
      if (number !== undefined) return (number << 3) | 2;
    }
    return this.address(value);
  }

  /** Says where an object lies that is made of memory. */
  place(value: MpObj, address: number): void {
    this.places.set(value, address);
  }

  private address(value: Value): number {
    let address: number | undefined;
    if (value instanceof MpObj) {
      address = this.places.get(value);
      if (address === undefined) {
        const size = objectSize(value, this.machine.layout.bytes);
        if (size > 4 * this.machine.layout.bytes) this.places.set(value, (address = reserveAddresses(size)));
        else address = addressOf(value);
      } else if (value instanceof MpForeignInstance && value.block !== undefined) this.machine.heap.revive(value.block);
    } else {
      address = this.primitives.get(value);
      if (address === undefined) {
        address = reserveAddresses(BLOCK);
        this.primitives.set(value, address);
      }
    }
    if (!this.objects.has(address)) {
      if (this.objects.size >= this.sweepAt) this.sweep();
      this.objects.set(address, value);
    }
    return address | 0;
  }

  /** The value of a word; undefined for 0. @throws BusError for a word that is no object's */
  value(word: Word): Value | undefined {
    if (typeof word === 'bigint') {
      if ((word & 1n) === 0n) this.noObject(word);
      return intFromBigInt(BigInt.asIntN(64, word) >> 1n);
    }
    if (word & 1) return word === (word | 0) ? word >> 1 : (word - 1) / 2;
    switch (word) {
      case 0:
        return undefined;
      case NONE:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
    }
    if ((word & 7) === 2) {
      const text = this.qstrs[word >>> 3];
      if (text !== undefined) return text;
    }
    const known = this.objects.get(word >>> 0);
    if (known !== undefined) return known;
    if (!this.machine.wide) return this.machine.foreign.at(word);
    try {
      if (word !== (word | 0)) this.noObject(word);
      return this.machine.foreign.at(word);
    } catch (error) {
      throw asGuestError(error);
    }
  }

  /** The object at an address, if machine code has been given one. */
  known(word: number): Value | undefined {
    return this.objects.get(word >>> 0);
  }

  /** The value of a word that must not be 0. */
  required(word: Word): Value {
    const value = this.value(word);
    return value === undefined ? this.noObject(0) : value;
  }

  private noObject(word: Word): never {
    const fault = new BusError(lowHalf(word) >>> 0, 'read');
    throw this.machine.wide ? asGuestError(fault) : fault;
  }

  values(address: number, count: number): Value[] {
    return Array.from({ length: count }, (_, i) => this.required(this.machine.layout.load(address, i)));
  }

  /** The number of a string among all that machine code knows by number. */
  qstr(text: string): number {
    let number = this.qstrNumbers.get(text);
    if (number === undefined) {
      number = this.qstrs.push(text) - 1;
      this.qstrNumbers.set(text, number);
    }
    return number;
  }
  textOfQstr(number: number): string {
    const text = this.qstrs[number & 0xffff];
    if (text === undefined) this.noObject(number);
    return text;
  }

  /** Forgets objects whose address is nowhere. */
  sweep(): void {
    const found = new Set<number>();
    const listOf = new Map<number, MpList>(this.machine.lists.addresses());
    for (const words of this.memoryWords())
      for (let i = 0; i < words.length; i++) {
        const word = words[i];
        if ((word & 3) !== 0) continue;
        if (this.objects.has(word >>> 0)) found.add(word >>> 0);
        const list = listOf.get(word >>> 0);
        if (list !== undefined) found.add(this.address(list) >>> 0);
      }
    for (const [address, value] of this.objects) {
      if (found.has(address)) continue;
      this.objects.delete(address);
      if (!(value instanceof MpObj)) this.primitives.delete(value);
      else if (value instanceof MpList) this.machine.lists.forget(value);
    }
    this.sweepAt = Math.max(FIRST_SWEEP, this.objects.size * 2);
  }

  /** What code sees when it looks into an object at or before an address. */
  private hooksOf(address: number): WordHooks | undefined {
    if (address < FIRST_OBJECT || address >= END_OF_OBJECTS[this.machine.layout.bytes]) return undefined;
    for (let base = address; base > address - LARGEST_OBJECT; base -= BLOCK) {
      const value = this.objects.get(base);
      if (value === undefined) continue;
      const offset = address - base;
      if (offset >= objectSize(value, this.machine.layout.bytes)) return undefined;
      const hooks = objectHooks(this.machine, value);
      if (offset === 0) return hooks;
      return { read: at => hooks.read(offset + at), write: (at, word) => hooks.write(offset + at, word) };
    }
    return undefined;
  }
}
