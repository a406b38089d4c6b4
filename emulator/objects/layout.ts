/**
 * Where attributes lie in the tables of instances. Most instances of a class are given the same attributes in the same order, so their tables have
 * the same keys in the same slots: they share them, and what it takes to add a further one is worked out once.
 */
import { hashString } from './str-hash.ts';
import { hashAllocation, INDEX_FROM } from './table-size.ts';

/** The keys of a hash table whose entries are names, and none of them was ever deleted. Not to be changed. */
export class Layout {
  private readonly steps = new Map<string, Step>();
  /** The slot of each key, in a table that is large enough to want it. */
  readonly index: Map<string, number> | null;

  constructor(
    readonly keys: (string | undefined)[],
    readonly used: number,
  ) {
    this.index = keys.length < INDEX_FROM ? null : new Map(keys.flatMap((key, slot) => (key === undefined ? [] : [[key, slot]])));
  }

  /** What adding a key does; undefined when so much is known already that a table that does so is to be on its own. */
  with(key: string): Step | undefined {
    const known = this.steps.get(key);
    if (known !== undefined) return known;
    if (this.used >= MOST_KEYS || this.steps.size >= MOST_STEPS || layouts >= MOST_LAYOUTS) return undefined;
    layouts++;
    const step = stepFrom(this, key);
    this.steps.set(key, step);
    return step;
  }
}

/** A key is added. */
export interface Step {
  readonly to: Layout;
  /** Where it lies. */
  readonly slot: number;
  /** When the table grows: which slot's entry comes into each of the new ones, -1 for none. */
  readonly moves: readonly number[] | null;
}

/** No guest fills the host's memory: further keys, further ways to go on from a layout, and further layouts are not shared. */
const MOST_KEYS = 32;
const MOST_STEPS = 16;
const MOST_LAYOUTS = 10_000;
let layouts = 0;

/** The layout of a table without entries. */
export const EMPTY_LAYOUT = new Layout([], 0);

/** An array without holes, which the host is quicker with. */
function filled<T>(n: number, value: T): T[] {
  const array: T[] = [];
  for (let i = 0; i < n; i++) array.push(value);
  return array;
}

function stepFrom(from: Layout, key: string): Step {
  const grows = from.used === from.keys.length;
  const keys = grows ? filled<string | undefined>(hashAllocation(from.keys.length + 1), undefined) : from.keys.slice();
  const moves = grows ? filled(keys.length, -1) : null;
  const put = (name: string): number => {
    let slot = hashString(name) % keys.length;
    while (keys[slot] !== undefined) slot = slot + 1 === keys.length ? 0 : slot + 1;
    keys[slot] = name;
    return slot;
  };
  if (moves !== null) {
    for (const [slot, name] of from.keys.entries()) if (name !== undefined) moves[put(name)] = slot;
  }
  const slot = put(key);
  return { to: new Layout(keys, from.used + 1), slot, moves };
}
