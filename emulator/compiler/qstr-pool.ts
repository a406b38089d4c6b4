/**
 * Interned strings of one compilation. Names and short strings are compared thousands of times, so they become small integers as
 * they leave the lexer. Texts are kept as byte strings (one character for each byte of the UTF-8 source), because a MicroPython
 * source is bytes and an identifier may hold any byte with the high bit set.
 */
import { CROSS_COMPILER_QSTRS, STATIC_QSTRS } from './known-qstrs.ts';
import { KEYWORDS } from './token.ts';
import { decodeUtf8 } from './utf8.ts';

/** Index of an interned string in its pool. */
export type Qstr = number;

const HASH_SEED = 5381;

function hashOfText(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) | 0;
  return hash;
}

export class QstrPool {
  private slots: Int32Array;
  private mask: number;
  private readonly hashes: number[];
  private readonly texts: string[];

  constructor(base?: QstrPool) {
    if (base) {
      this.slots = base.slots.slice();
      this.mask = base.mask;
      this.hashes = base.hashes.slice();
      this.texts = base.texts.slice();
    } else {
      this.slots = new Int32Array(2048);
      this.mask = 2047;
      this.hashes = [];
      this.texts = [];
    }
  }

  get size(): number {
    return this.texts.length;
  }

  /** The byte string of a qstr. */
  text(qstr: Qstr): string {
    return this.texts[qstr]!;
  }

  /** The characters of a qstr. */
  decode(qstr: Qstr): string {
    return decodeUtf8(this.texts[qstr]!);
  }

  internBytes(bytes: Uint8Array, start: number, end: number): Qstr {
    let hash = HASH_SEED;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0;
    const found = this.lookup(hash, bytes, start, end);
    if (found >= 0) return found;
    return this.add(hash, byteString(bytes, start, end));
  }

  /** The qstr of these bytes, or -1 when nothing has interned them. */
  findBytes(bytes: Uint8Array, start: number, end: number): Qstr {
    let hash = HASH_SEED;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0;
    return this.lookup(hash, bytes, start, end);
  }

  /** Interns a byte string. */
  intern(text: string): Qstr {
    const hash = hashOfText(text);
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const qstr = this.slots[slot]! - 1;
      if (qstr < 0) return this.add(hash, text);
      if (this.hashes[qstr] === hash && this.texts[qstr] === text) return qstr;
    }
  }

  private lookup(hash: number, bytes: Uint8Array, start: number, end: number): Qstr {
    const length = end - start;
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const qstr = this.slots[slot]! - 1;
      if (qstr < 0) return -1;
      if (this.hashes[qstr] !== hash) continue;
      const text = this.texts[qstr]!;
      if (text.length !== length) continue;
      let i = 0;
      while (i < length && text.charCodeAt(i) === bytes[start + i]) i++;
      if (i === length) return qstr;
    }
  }

  private add(hash: number, text: string): Qstr {
    const qstr = this.texts.length;
    this.texts.push(text);
    this.hashes.push(hash);
    if (this.texts.length * 2 > this.mask) this.grow();
    else this.place(hash, qstr);
    return qstr;
  }

  private grow(): void {
    this.mask = this.mask * 2 + 1;
    this.slots = new Int32Array(this.mask + 1);
    for (let qstr = 0; qstr < this.hashes.length; qstr++) this.place(this.hashes[qstr]!, qstr);
  }

  private place(hash: number, qstr: Qstr): void {
    let slot = hash & this.mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = qstr + 1;
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

const knownQstrs = new QstrPool();
for (const keyword of KEYWORDS) knownQstrs.intern(keyword);
/** Keywords come first, so that the lexer tells them by their index. */
export const KEYWORD_QSTRS = knownQstrs.size;
for (const text of STATIC_QSTRS) knownQstrs.intern(text);
for (const text of CROSS_COMPILER_QSTRS) knownQstrs.intern(text);
for (const text of ['__debug__', 'OrderedDict']) knownQstrs.intern(text);

/** A pool that knows the strings that every compiler is built with. */
export function newQstrPool(): QstrPool {
  return new QstrPool(knownQstrs);
}

const known = (text: string): Qstr => {
  const size = knownQstrs.size;
  const qstr = knownQstrs.intern(text);
  if (knownQstrs.size !== size) throw new Error(`'${text}' is not a known qstr`);
  return qstr;
};

/** Names that the compiler itself looks for or emits. */
export const Q = {
  empty: known(''),
  star: known('*'),
  module: known('<module>'),
  lambda: known('<lambda>'),
  listcomp: known('<listcomp>'),
  dictcomp: known('<dictcomp>'),
  setcomp: known('<setcomp>'),
  genexpr: known('<genexpr>'),
  __class__: known('__class__'),
  __name__: known('__name__'),
  __module__: known('__module__'),
  __qualname__: known('__qualname__'),
  __repl_print__: known('__repl_print__'),
  __aiter__: known('__aiter__'),
  __anext__: known('__anext__'),
  __aenter__: known('__aenter__'),
  __aexit__: known('__aexit__'),
  AssertionError: known('AssertionError'),
  BaseException: known('BaseException'),
  StopAsyncIteration: known('StopAsyncIteration'),
  OrderedDict: known('OrderedDict'),
  const: known('const'),
  range: known('range'),
  super: known('super'),
  micropython: known('micropython'),
  bytecode: known('bytecode'),
  native: known('native'),
  viper: known('viper'),
  asm_thumb: known('asm_thumb'),
  asm_xtensa: known('asm_xtensa'),
  asm_rv32: known('asm_rv32'),
  object: known('object'),
  bool: known('bool'),
  int: known('int'),
  uint: known('uint'),
  ptr: known('ptr'),
  ptr8: known('ptr8'),
  ptr16: known('ptr16'),
  ptr32: known('ptr32'),
  label: known('label'),
  align: known('align'),
  data: known('data'),
} as const;
