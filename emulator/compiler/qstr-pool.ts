/**
 * Interned strings of one compilation. Names and short strings are compared thousands of times, so they become small integers as
 * they leave the lexer. Texts are kept as byte strings (one character for each byte of the UTF-8 source), because a MicroPython
 * source is bytes and an identifier may hold any byte with the high bit set.
 */
import { CROSS_COMPILER_QSTRS, STATIC_QSTRS } from './known-qstrs.ts';
import type { MemoryMeter } from './memory-meter.ts';
import { KEYWORDS } from './token.ts';
import { decodeUtf8 } from './utf8.ts';

/** Index of an interned string in its pool. */
export type Qstr = number;

const HASH_SEED = 5381;

function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0;
  return hash;
}

function hashOfText(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) | 0;
  return hash;
}

/** A hash table of texts: open addressing, slots hold 1 + the text's index. */
class Table {
  private slots: number[];
  private mask: number;
  readonly hashes: number[] = [];
  readonly texts: string[] = [];

  constructor(size: number) {
    this.slots = new Array(size).fill(0);
    this.mask = size - 1;
  }

  findBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const index = this.slots[slot]! - 1;
      if (index < 0) return -1;
      if (this.hashes[index] !== hash) continue;
      const text = this.texts[index]!;
      if (text.length !== length) continue;
      let i = 0;
      while (i < length && text.charCodeAt(i) === bytes[start + i]) i++;
      if (i === length) return index;
    }
  }

  findText(hash: number, text: string): number {
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const index = this.slots[slot]! - 1;
      if (index < 0) return -1;
      if (this.hashes[index] === hash && this.texts[index] === text) return index;
    }
  }

  add(hash: number, text: string): number {
    const index = this.texts.push(text) - 1;
    this.hashes.push(hash);
    if (this.texts.length * 2 > this.mask) this.grow();
    else this.place(hash, index);
    return index;
  }

  private grow(): void {
    this.slots = new Array(this.slots.length * 2).fill(0);
    this.mask = this.slots.length - 1;
    for (let index = 0; index < this.hashes.length; index++) this.place(this.hashes[index]!, index);
  }

  private place(hash: number, index: number): void {
    let slot = hash & this.mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = index + 1;
  }
}

/** Names that every compiler knows; shared by all pools. */
const known = new Table(2048);

function addKnown(text: string): void {
  const hash = hashOfText(text);
  if (known.findText(hash, text) < 0) known.add(hash, text);
}

for (const keyword of KEYWORDS) addKnown(keyword);
/** Keywords come first, so that the lexer tells them by their index. */
export const KEYWORD_QSTRS = known.texts.length;
for (const text of STATIC_QSTRS) addKnown(text);
for (const text of CROSS_COMPILER_QSTRS) addKnown(text);
addKnown('OrderedDict');

const KNOWN_QSTRS = known.texts.length;

/** The strings of one compilation, on top of the known names. */
export class QstrPool {
  private readonly own = new Table(64);
  /** Accounts for the strings; set once there is something to account for. */
  memory: MemoryMeter | null = null;

  /** The byte string of a qstr. */
  text(qstr: Qstr): string {
    return qstr < KNOWN_QSTRS ? known.texts[qstr]! : this.own.texts[qstr - KNOWN_QSTRS]!;
  }

  /** What this compilation has interned that no compiler knows, in order: the order of the source, which dir() shows. */
  get added(): readonly string[] {
    return this.own.texts.map(decodeUtf8);
  }

  /** The characters of a qstr. */
  decode(qstr: Qstr): string {
    return decodeUtf8(this.text(qstr));
  }

  internBytes(bytes: Uint8Array, start: number, end: number): Qstr {
    const hash = hashOfBytes(bytes, start, end);
    const found = this.find(hash, bytes, start, end);
    return found >= 0 ? found : this.add(hash, byteString(bytes, start, end));
  }

  /** The qstr of these bytes, or -1 when nothing has interned them. */
  findBytes(bytes: Uint8Array, start: number, end: number): Qstr {
    return this.find(hashOfBytes(bytes, start, end), bytes, start, end);
  }

  private find(hash: number, bytes: Uint8Array, start: number, end: number): Qstr {
    const index = known.findBytes(hash, bytes, start, end);
    if (index >= 0) return index;
    const own = this.own.findBytes(hash, bytes, start, end);
    return own >= 0 ? KNOWN_QSTRS + own : -1;
  }

  /** Interns a byte string. */
  intern(text: string): Qstr {
    const hash = hashOfText(text);
    const index = known.findText(hash, text);
    if (index >= 0) return index;
    const own = this.own.findText(hash, text);
    return own >= 0 ? KNOWN_QSTRS + own : this.add(hash, text);
  }

  /** A string takes its bytes and a terminator, and in the pool a pointer, a length and a hash. */
  private add(hash: number, text: string): Qstr {
    this.memory?.take(text.length + 3 + this.memory.wordSize);
    return KNOWN_QSTRS + this.own.add(hash, text);
  }
}

/** Bytes as a string with one character each. */
export function byteString(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length <= 64) {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }
  let text = '';
  for (let i = start; i < end; i += 8192) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, Math.min(i + 8192, end)) as unknown as number[]);
  }
  return text;
}

function knownQstr(text: string): Qstr {
  const index = known.findText(hashOfText(text), text);
  if (index < 0) throw new Error(`'${text}' is not a known qstr`);
  return index;
}

/** Names that the compiler itself looks for or emits. */
export const Q = {
  empty: knownQstr(''),
  star: knownQstr('*'),
  module: knownQstr('<module>'),
  lambda: knownQstr('<lambda>'),
  listcomp: knownQstr('<listcomp>'),
  dictcomp: knownQstr('<dictcomp>'),
  setcomp: knownQstr('<setcomp>'),
  genexpr: knownQstr('<genexpr>'),
  __class__: knownQstr('__class__'),
  __name__: knownQstr('__name__'),
  __module__: knownQstr('__module__'),
  __qualname__: knownQstr('__qualname__'),
  __repl_print__: knownQstr('__repl_print__'),
  __aiter__: knownQstr('__aiter__'),
  __anext__: knownQstr('__anext__'),
  __aenter__: knownQstr('__aenter__'),
  __aexit__: knownQstr('__aexit__'),
  AssertionError: knownQstr('AssertionError'),
  BaseException: knownQstr('BaseException'),
  StopAsyncIteration: knownQstr('StopAsyncIteration'),
  OrderedDict: knownQstr('OrderedDict'),
  const: knownQstr('const'),
  range: knownQstr('range'),
  super: knownQstr('super'),
  micropython: knownQstr('micropython'),
  bytecode: knownQstr('bytecode'),
  native: knownQstr('native'),
  viper: knownQstr('viper'),
  asm_thumb: knownQstr('asm_thumb'),
  asm_xtensa: knownQstr('asm_xtensa'),
  asm_rv32: knownQstr('asm_rv32'),
  object: knownQstr('object'),
  bool: knownQstr('bool'),
  int: knownQstr('int'),
  uint: knownQstr('uint'),
  ptr: knownQstr('ptr'),
  ptr8: knownQstr('ptr8'),
  ptr16: knownQstr('ptr16'),
  ptr32: knownQstr('ptr32'),
  label: knownQstr('label'),
  align: knownQstr('align'),
  data: knownQstr('data'),
} as const;
