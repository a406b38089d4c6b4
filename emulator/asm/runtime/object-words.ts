/**
 * Objects as machine code has them: words, in the representation of MicroPython's 32-bit ports (representation A of py/obj.h). The lowest bit set: a small
 * integer; 010: a string by its number; 110: None, False, True; a multiple of four: an address.
 *
 * An object that machine code has been given is remembered by its address until no word of it can be found in registers, stack or other memory of machine code
 * any more: as in the reference, whose collector looks at the same places, any word that looks like the address keeps the object.
 */
import { MpCell } from '../../objects/cell.ts';
import { addressOf, reserveAddresses } from '../../objects/identity.ts';
import { typeOf } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { BusError } from '../memory-bus.ts';
import type { NativeMemory, WordHooks } from './native-memory.ts';

const NONE = 6;
const FALSE = 14;
const TRUE = 30;
const SMALL_MAX = 2 ** 30 - 1;
const SMALL_MIN = -(2 ** 30);

/** Objects remembered before the first look for those that can be forgotten. */
const FIRST_SWEEP = 4096;

export class ObjectWords {
  /** By address. */
  private readonly objects = new Map<number, Value>();
  /** Addresses of integers and strings, which have no identity of their own. */
  private readonly primitives = new Map<Value, number>();
  private sweepAt = FIRST_SWEEP;
  private readonly qstrs: string[] = [''];
  private readonly qstrNumbers = new Map<string, number>([['', 0]]);

  /** @param memoryWords everything in which a word may keep an object */
  constructor(
    private readonly memory: NativeMemory,
    private readonly memoryWords: () => Iterable<Int32Array>,
  ) {
    memory.objectAt = address => this.hooksOf(address >>> 0);
  }

  /** The word of a value; 0 for none. */
  word(value: Value | undefined): number {
    if (typeof value === 'number' && value >= SMALL_MIN && value <= SMALL_MAX) return (value << 1) | 1;
    if (value === undefined) return 0;
    if (value === null) return NONE;
    if (value === false) return FALSE;
    if (value === true) return TRUE;
    return this.address(value);
  }

  private address(value: Value): number {
    let address: number | undefined;
    if (value instanceof MpObj) address = addressOf(value);
    else {
      address = this.primitives.get(value);
      if (address === undefined) {
        address = reserveAddresses(16);
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
  value(word: number): Value | undefined {
    if (word & 1) return word >> 1;
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
    const value = this.objects.get(word >>> 0);
    if (value === undefined) throw new BusError(word >>> 0, 'read');
    return value;
  }

  /** The object at an address, if machine code has been given one. */
  known(word: number): Value | undefined {
    return this.objects.get(word >>> 0);
  }

  /** The value of a word that must not be 0. */
  required(word: number): Value {
    const value = this.value(word);
    if (value === undefined) throw new BusError(0, 'read');
    return value;
  }

  values(address: number, count: number): Value[] {
    return Array.from({ length: count }, (_, i) => this.required(this.memory.read32((address + 4 * i) | 0)));
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
    if (text === undefined) throw new BusError(number >>> 0, 'read');
    return text;
  }

  /** Everything that machine code may still refer to. */
  remembered(): Iterable<Value> {
    this.sweep();
    return this.objects.values();
  }

  /** Forgets objects whose address is nowhere. */
  sweep(): void {
    const found = new Set<number>();
    for (const words of this.memoryWords())
      for (let i = 0; i < words.length; i++) {
        const word = words[i];
        if ((word & 3) === 0 && this.objects.has(word >>> 0)) found.add(word >>> 0);
      }
    for (const [address, value] of this.objects) {
      if (found.has(address)) continue;
      this.objects.delete(address);
      if (!(value instanceof MpObj)) this.primitives.delete(value);
    }
    this.sweepAt = Math.max(FIRST_SWEEP, this.objects.size * 2);
  }

  /** What code sees when it looks into an object: its type in the first word, and in the second what a cell holds. */
  private hooksOf(address: number): WordHooks | undefined {
    const value = this.objects.get(address);
    if (value === undefined) return undefined;
    return {
      read: offset => {
        if (offset === 0) return this.word(typeOf(value));
        return offset === 4 && value instanceof MpCell ? this.word(value.value) : undefined;
      },
      write: (offset, word) => {
        if (offset !== 4 || !(value instanceof MpCell)) return false;
        value.value = this.value(word);
        return true;
      },
    };
  }
}
