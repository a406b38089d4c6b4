/**
 * The map under dicts, namespaces, keyword arguments and sets: a hash table with the reference's sizes, probing and growth
 * (py/map.c), because the order in which a guest sees its keys follows from them. Strings and integers, nearly all keys
 * there are, are found through an index beside the table, so that a lookup needs no hash of ours.
 */

import { isInterned } from '../vm/interning.ts';
import { equal, hashOf } from '../vm/operators.ts';
import { mapHooks } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { EMPTY_LAYOUT, type Layout, type Step } from './layout.ts';
import { hashAllocation, INDEX_FROM } from './table-size.ts';

/** A slot whose entry was deleted. */
export const DELETED = Symbol('deleted');
export type Slot = Value | undefined | typeof DELETED;

/** An interned string: while a table has no other keys, what is none is not even hashed. */
const isName = (key: Value): boolean => typeof key === 'string' && isInterned(key);

export class MpMap {
  /** Table size. For an ordered map the capacity of its array. */
  alloc: number;
  /** Number of entries. */
  used = 0;
  /** Read-only: the namespace of something built in. */
  fixed = false;
  /** Kept in order of insertion, without hashing (OrderedDict, fixed namespaces). */
  ordered = false;
  keys: Slot[];
  /** The layout that the keys are those of: they are then not to be changed. Null where the table has keys of its own. */
  layout: Layout | null = null;
  values: (Value | undefined)[];
  /** Slot of each string and number key, once the table is large enough to want it. */
  private index: Map<Value, number> | null = null;
  /** Counts the keys that came and went: while it stays the same, so do the keys. */
  changes = 0;
  /** Keys that are neither strings nor numbers; while there are some, strings and numbers may equal one of them. */
  private oddKeys = 0;
  /**
   * Only interned strings were stored since the table was made or grew: then a key that is no string is known to be absent without
   * its hash being asked for, so that an unhashable one is not noticed. Undefined until somebody wants to know, since that is seldom.
   */
  private names: boolean | undefined;

  constructor(
    alloc = 0,
    /** Words that an entry takes on the heap: 2 for key and value, 1 in a set. A set finds an element by `==` alone, a map also by identity. */
    readonly slotWords: 1 | 2 = 2,
  ) {
    this.alloc = alloc;
    this.names = slotWords === 2;
    this.keys = [];
    this.values = [];
    if (alloc > 0) vm.heap.alloc(this.tableBytes(alloc));
    for (let i = 0; i < alloc; i++) {
      this.keys.push(undefined);
      this.values.push(undefined);
    }
  }

  /** An empty table that shares its keys with others as long as it is filled as they are. */
  static shared(): MpMap {
    const map = new MpMap(0);
    map.layout = EMPTY_LAYOUT;
    map.keys = EMPTY_LAYOUT.keys;
    return map;
  }

  private tableBytes(alloc: number): number {
    return alloc * this.slotWords * vm.wordSize;
  }

  static fixedFrom(entries: readonly (readonly [Value, Value])[]): MpMap {
    const map = new MpMap(0);
    for (const [key, value] of entries) {
      map.keys.push(key);
      map.values.push(value);
      if (typeof key !== 'string') map.names = false;
      if (typeof key !== 'string' && typeof key !== 'number') map.oddKeys++;
    }
    map.alloc = map.used = entries.length;
    map.fixed = map.ordered = true;
    if (map.alloc >= INDEX_FROM) map.buildIndex();
    return map;
  }

  /** Gives it keys of its own. */
  private own(): void {
    if (this.layout === null) return;
    this.layout = null;
    this.keys = this.keys.slice();
    if (this.index !== null) this.buildIndex();
  }

  /** Adds a key as others have done. Returns its slot. */
  private follow({ to, slot, moves }: Step): number {
    if (moves !== null) {
      vm.heap.alloc(this.tableBytes(moves.length));
      const { values: old, alloc } = this;
      const values: (Value | undefined)[] = [];
      for (const from of moves) values.push(from < 0 ? undefined : old[from]);
      this.values = values;
      this.alloc = moves.length;
      vm.heap.free(this.tableBytes(alloc));
    }
    this.layout = to;
    this.keys = to.keys;
    this.index = to.index;
    this.used++;
    this.changes++;
    this.names = undefined;
    this.values[slot] = undefined;
    return slot;
  }

  private buildIndex(): void {
    const index = new Map<Value, number>();
    const { keys } = this;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key === 'string' || typeof key === 'number') index.set(key, i);
    }
    this.index = index;
  }

  private get namesOnly(): boolean {
    this.names ??= this.keys.every(key => key === undefined || key === DELETED || isName(key));
    return this.names;
  }

  /** The slot that holds `key`, or -1. */
  find(key: Value): number {
    if (typeof key === 'string' || typeof key === 'number') {
      if (this.index !== null) {
        const slot = this.index.get(key);
        if (slot !== undefined) return slot;
      } else {
        const { keys } = this;
        for (let i = 0, n = keys.length; i < n; i++) if (keys[i] === key) return i;
      }
      if (this.oddKeys === 0) return -1;
    } else if (this.alloc === 0 || this.namesOnly) {
      return -1;
    }
    return this.probe(key);
  }

  private probe(key: Value): number {
    const { keys } = this;
    const byIdentity = this.slotWords === 2;
    if (this.ordered) {
      for (let i = 0; i < keys.length; i++) {
        const other = keys[i] as Value;
        if (other === key || equal(other, key)) return i;
      }
      return -1;
    }
    const start = positiveModulo(hashOf(key), this.alloc);
    let slot = start;
    do {
      const other = keys[slot];
      if (other === undefined) return -1;
      if (other !== DELETED && ((byIdentity && other === key) || equal(other, key))) return slot;
      if (++slot >= keys.length) slot = 0;
    } while (slot !== start);
    return -1;
  }

  get(key: Value): Value | undefined {
    const slot = this.find(key);
    return slot < 0 ? undefined : this.values[slot];
  }

  has(key: Value): boolean {
    return this.find(key) >= 0;
  }

  /** Adds or overwrites. Not for fixed maps. */
  set(key: Value, value: Value): void {
    // Adding may replace the arrays, so the slot comes first.
    const slot = this.findOrAdd(key);
    this.values[slot] = value;
  }

  /** The slot of `key`, added with an undefined value when there was none. A guest's `__hash__` is called once. */
  findOrAdd(key: Value): number {
    if (typeof key === 'string' || typeof key === 'number') {
      if (this.index !== null) {
        const slot = this.index.get(key);
        if (slot !== undefined) return slot;
      } else {
        const { keys } = this;
        for (let i = 0, n = keys.length; i < n; i++) if (keys[i] === key) return i;
      }
    }
    if (this.layout !== null) {
      const step = typeof key === 'string' ? this.layout.with(key) : undefined;
      if (step !== undefined) return this.follow(step);
      this.own();
    }
    if (this.ordered) {
      if (this.oddKeys > 0 || (typeof key !== 'string' && typeof key !== 'number')) {
        const found = this.probe(key);
        if (found >= 0) return found;
      }
      if (this.used === this.alloc) {
        vm.heap.realloc(this.tableBytes(this.alloc), this.tableBytes(this.alloc + 4));
        this.alloc += 4;
      }
      const slot = this.used++;
      this.place(key, slot);
      return slot;
    }
    if (this.alloc === 0) this.grow();
    return this.probeOrAdd(key, hashOf(key));
  }

  private probeOrAdd(key: Value, hash: number | bigint): number {
    const byIdentity = this.slotWords === 2;
    const mayEqual = this.oddKeys > 0 || (typeof key !== 'string' && typeof key !== 'number');
    for (;;) {
      const { keys, alloc } = this;
      const start = positiveModulo(hash, alloc);
      let slot = start;
      let available = -1;
      do {
        const other = keys[slot];
        if (other === undefined) {
          if (available < 0) available = slot;
          break;
        }
        if (other === DELETED) {
          if (available < 0) available = slot;
        } else if (mayEqual && ((byIdentity && other === key) || equal(other, key))) return slot;
        if (++slot === alloc) slot = 0;
      } while (slot !== start);
      if (available >= 0) {
        this.used++;
        this.place(key, available);
        return available;
      }
      this.grow();
    }
  }

  /** All keys are strings or numbers: to know that another one is absent takes no comparison. */
  get plain(): boolean {
    return this.oddKeys === 0;
  }

  private place(key: Value, slot: number): void {
    this.changes++;
    this.keys[slot] = key;
    this.values[slot] = undefined;
    if (typeof key === 'string' || typeof key === 'number') {
      if (this.index !== null) this.index.set(key, slot);
      else if (this.keys.length >= INDEX_FROM) this.buildIndex();
    } else this.oddKeys++;
    if (this.names !== false) this.names = typeof key === 'string' ? undefined : false;
  }

  private grow(): void {
    const oldAlloc = this.alloc;
    const alloc = hashAllocation(oldAlloc + 1);
    vm.heap.alloc(this.tableBytes(alloc));
    const oldKeys = this.keys;
    const oldValues = this.values;
    const keys: Slot[] = [];
    const values: (Value | undefined)[] = [];
    for (let i = 0; i < alloc; i++) {
      keys.push(undefined);
      values.push(undefined);
    }
    this.names = this.slotWords === 2 ? undefined : false;
    for (let i = 0; i < oldKeys.length; i++) {
      const key = oldKeys[i];
      if (key === undefined || key === DELETED) continue;
      if (typeof key !== 'string') this.names = false;
      let slot = positiveModulo(hashOf(key), alloc);
      while (keys[slot] !== undefined) if (++slot === alloc) slot = 0;
      keys[slot] = key;
      values[slot] = oldValues[i];
    }
    this.alloc = alloc;
    this.keys = keys;
    this.values = values;
    this.index = null;
    if (alloc >= INDEX_FROM) this.buildIndex();
    vm.heap.free(this.tableBytes(oldAlloc));
  }

  /** Removes an entry and returns its value; undefined when there was none. */
  delete(key: Value): Value | undefined {
    const slot = this.find(key);
    if (slot < 0) return undefined;
    const value = this.values[slot];
    this.deleteSlot(slot);
    return value;
  }

  /** Removes the entry in a slot. `keepMark`: leaves a mark for the probing even where none is needed, as popitem() does. */
  deleteSlot(slot: number, keepMark = false): void {
    const stored = this.keys[slot] as Value;
    this.own();
    this.changes++;
    // It stays known that there was another key, until the table grows.
    if (this.names === undefined && !isName(stored)) this.names = false;
    if (typeof stored !== 'string' && typeof stored !== 'number') this.oddKeys--;
    this.used--;
    if (this.ordered) {
      this.keys.splice(slot, 1);
      this.values.splice(slot, 1);
      if (this.index !== null && slot < this.used) this.buildIndex();
      else this.index?.delete(stored as string | number);
      return;
    }
    const next = slot + 1 === this.alloc ? 0 : slot + 1;
    this.keys[slot] = this.keys[next] === undefined && !keepMark ? undefined : DELETED;
    this.values[slot] = undefined;
    if (this.index !== null) this.index.delete(stored as string | number);
  }

  clear(): void {
    this.changes++;
    vm.heap.free(this.tableBytes(this.alloc));
    this.alloc = this.used = this.oddKeys = 0;
    this.names = this.slotWords === 2;
    this.fixed = false;
    this.layout = null;
    this.keys = [];
    this.values = [];
    this.index = null;
  }

  /** A copy with the same table, so the same order. */
  copy(): MpMap {
    const map = new MpMap(0, this.slotWords);
    if (this.alloc > 0) vm.heap.alloc(this.tableBytes(this.alloc));
    map.alloc = this.alloc;
    map.used = this.used;
    map.ordered = this.ordered;
    map.keys = this.keys.slice();
    map.values = this.values.slice();
    map.oddKeys = this.oddKeys;
    map.names = this.names;
    if (this.index !== null) map.buildIndex();
    return map;
  }

  /** The slot of the first entry at or after slot `from`, or -1. For iteration that survives changes. */
  nextSlot(from: number): number {
    const { keys } = this;
    for (let i = from; i < keys.length; i++) {
      const key = keys[i];
      if (key !== undefined && key !== DELETED) return i;
    }
    return -1;
  }

  /** All entries, in the guest's order. */
  *entries(): IterableIterator<[Value, Value]> {
    for (let i = this.nextSlot(0); i >= 0; i = this.nextSlot(i + 1)) yield [this.keys[i] as Value, this.values[i] as Value];
  }
}

/** Where the probing for a key with this hash starts in a table of `n` slots. */
function positiveModulo(hash: number | bigint, n: number): number {
  // A hash is a machine word, unsigned when the table is indexed.
  if (typeof hash === 'number' && hash >= 0) return hash % n;
  return Number(BigInt.asUintN(vm.wordSize * 8, BigInt(hash)) % BigInt(n));
}

mapHooks.fixedMap = entries => MpMap.fixedFrom(entries);
