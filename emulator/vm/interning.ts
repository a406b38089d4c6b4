/**
 * Interned strings (py/qstr.c): names in code, attributes, single characters. Each is kept for as long as the machine runs. Their bytes lie
 * in chunks, their addresses in pools that double.
 */
import { STATIC_QSTRS } from '../compiler/known-qstrs.ts';
import { utf8Length } from '../objects/str-width.ts';
import { COMMON_QSTRS, THUMB_QSTRS, UNIX_QSTRS } from './firmware-qstrs.ts';
import { raiseRuntimeError } from './raise.ts';
import { STM32_QSTRS } from './stm32-qstrs.ts';
import { type Vm, vm } from './vm.ts';

/** Bytes of a chunk for the strings' text (MICROPY_ALLOC_QSTR_CHUNK_INIT). */
const CHUNK_BYTES = 128;
/** Entries that the first pool has; each further one has twice as many as the one before. */
const FIRST_POOL = 20;

/** `sys.platform` of the STM32 boards, whose firmware's names are known exactly. */
const STM32 = 'pyboard';

const inOrder = (...lists: readonly (readonly string[])[]): readonly string[] => lists.flat().sort();

/** Names in the ROM besides the static ones, by what the firmware is built for. */
const NAMES = {
  stm32: () => inOrder(COMMON_QSTRS, THUMB_QSTRS, STM32_QSTRS),
  thumb: () => [...inOrder(COMMON_QSTRS, UNIX_QSTRS), ...inOrder(THUMB_QSTRS, ['mul', 'neg'])],
  plain: () => inOrder(COMMON_QSTRS, UNIX_QSTRS),
};
const made: { [build in keyof typeof NAMES]?: readonly string[] } = {};

/** The names that the firmware has besides the static ones, in the order in which it has them. */
export function firmwareNames(): readonly string[] {
  const { platform, nativeArch } = vm.profile;
  const build = platform === STM32 ? 'stm32' : nativeArch < THUMB_ARCHES ? 'plain' : 'thumb';
  made[build] ??= NAMES[build]();
  return made[build];
}

/** Strings of the ROM by the list that they stand in: the firmware's, with the static ones, and those of its frozen modules. */
const roms = new Map<readonly string[], ReadonlySet<string>>();

function romOf(names: readonly string[], others: readonly string[] = []): ReadonlySet<string> {
  let found = roms.get(names);
  if (found === undefined) roms.set(names, (found = new Set([...others, ...names])));
  return found;
}

/** Whether the firmware has a string in its ROM. */
function isInRom(text: string): boolean {
  if (romOf(firmwareNames(), STATIC_QSTRS).has(text) || vm.romStrings.has(text)) return true;
  const frozen = vm.frozen?.qstrs;
  return frozen !== undefined && romOf(frozen).has(text);
}

/** What a machine's interned strings take on its heap. */
export interface Interned {
  pools: number;
  /** Entries for which there is room in the pools. */
  capacity: number;
  /** Bytes of the pools, whole blocks. */
  poolBytes: number;
  /** Bytes of text, and of the chunks they lie in. */
  textBytes: number;
  chunkBytes: number;
}
const KEY = Symbol('interned');

export const interned = (): Interned =>
  vm.stateOf<Interned>(KEY, () => ({ pools: 0, capacity: 0, poolBytes: 0, textBytes: 0, chunkBytes: 0 }));

/** After a reset nothing is interned. */
export function forgetInterned(): void {
  charactersOf = undefined;
  vm.strings.clear();
  vm.state.delete(KEY);
}

/** Architecture numbers of native code from here on are those of ARM. */
const THUMB_ARCHES = 3;

/** Longer strings than this are never looked for: names are short. */
const LONGEST = 64;
/** An interned string's length is kept in a byte. */
const LONGEST_NAME = 255;

export function isInterned(text: string): boolean {
  return text.length <= LONGEST && (vm.strings.has(text) || isInRom(text));
}

/** Interns a string, if it is not yet, and accounts for it. Raises MemoryError, and RuntimeError for one that is too long. */
export function intern(text: string): void {
  if (vm.strings.has(text) || isInRom(text)) return;
  if (text.length > LONGEST && utf8Length(text) > LONGEST_NAME) raiseRuntimeError('name too long');
  const account = interned();
  const { wordSize, heap } = vm;
  if (vm.strings.size === account.capacity) {
    const entries = FIRST_POOL * 2 ** account.pools;
    const bytes = 6 * wordSize + entries * (wordSize + 3);
    heap.alloc(bytes);
    account.pools++;
    account.capacity += entries;
    account.poolBytes += Math.ceil(bytes / heap.blockSize) * heap.blockSize;
  }
  const bytes = utf8Length(text) + 1;
  if (account.textBytes + bytes > account.chunkBytes) {
    // What is left at the end of the last chunk is given back.
    account.chunkBytes = account.textBytes + Math.max(CHUNK_BYTES, bytes);
    heap.alloc(Math.max(CHUNK_BYTES, bytes));
  }
  account.textBytes += bytes;
  vm.strings.add(text);
}

/** The machine whose ASCII characters `asciiInterned` tells of. */
let charactersOf: Vm | undefined;
const asciiInterned = new Uint8Array(128);

/** Interns a string of one character: what indexing and iterating give, so it is quick for ASCII. */
export function internCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 128) {
    if (charactersOf !== vm) {
      charactersOf = vm;
      asciiInterned.fill(0);
    }
    if (asciiInterned[code] === 1) return character;
    intern(character);
    asciiInterned[code] = 1;
  } else intern(character);
  return character;
}
