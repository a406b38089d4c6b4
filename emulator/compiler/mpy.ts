/**
 * `.mpy` files, version 6, sub-version 3 (py/persistentcode.c of MicroPython 1.27.0).
 *
 * A file is: 'M', version, architecture << 2 | sub-version (0 without machine code), bits of a small integer; the architecture's
 * flags, if any; the number of qstrs and of constants; the qstrs; the constants; and the tree of raw codes. Numbers are variable-length,
 * seven bits a byte, most significant first.
 */
import { floatKind } from '../objects/decimal-exponent.ts';
import { formatFloat } from '../objects/format-float.ts';
import { parseDecimal, parseInteger } from '../objects/parse-number.ts';
import { STATIC_QSTRS } from './known-qstrs.ts';
import {
  CONST_ELLIPSIS,
  CONST_FUNCTION_TABLE,
  CodeKind,
  type CompiledModule,
  type Const,
  ConstBytes,
  ConstComplex,
  ConstEllipsis,
  ConstFloat,
  ConstFunctionTable,
  ConstTuple,
  type NativeInfo,
  type RawCode,
} from './rawcode.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export const MPY_VERSION = 6;
export const MPY_SUB_VERSION = 3;

const ARCH_FLAGS_PRESENT = 0x40;

/** Viper scope flags that say which data and relocations follow the code. */
const VIPER_RELOCATIONS = 0x10;
const VIPER_RODATA = 0x20;
const VIPER_BSS = 0x40;

enum ObjectType {
  FunctionTable,
  None,
  False,
  True,
  Ellipsis,
  String,
  Bytes,
  Integer,
  Float,
  Complex,
  Tuple,
}

/** A file that is no `.mpy`, or not one for this machine. The guest sees a ValueError with this message. */
export class MpyError extends Error {
  override readonly name = 'MpyError';
}

const INCOMPATIBLE = 'incompatible .mpy file';

const STATIC_INDEX = new Map(STATIC_QSTRS.map((text, index) => [text, index + 1]));

// Writing

export interface WriteOptions {
  /** Bits of a small integer, sign included, as the module was compiled for. */
  smallIntBits: number;
  /** Architecture number, written when the module holds machine code. */
  arch?: number;
  /** Flags of the architecture (RV32's extensions); written when not 0. */
  archFlags?: number;
}

class Writer {
  private bytes = new Uint8Array(256);
  private length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  uint(value: number): void {
    const groups = [value % 128];
    for (let rest = Math.floor(value / 128); rest !== 0; rest = Math.floor(rest / 128)) groups.push(0x80 | (rest % 128));
    for (let i = groups.length - 1; i >= 0; i--) this.byte(groups[i]!);
  }

  data(data: Uint8Array): void {
    if (this.length + data.length > this.bytes.length) this.reserve(data.length);
    this.bytes.set(data, this.length);
    this.length += data.length;
  }

  private reserve(count: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

const hasNative = (code: RawCode): boolean => code.kind !== CodeKind.Bytecode || code.children.some(hasNative);

/** The bytes of a `.mpy` file. */
export function writeMpy(module: CompiledModule, options: WriteOptions): Uint8Array {
  const out = new Writer();
  const native = hasNative(module.root);
  const flags = options.archFlags ?? 0;
  out.byte(0x4d);
  out.byte(MPY_VERSION);
  out.byte((flags !== 0 ? ARCH_FLAGS_PRESENT : 0) | (native ? MPY_SUB_VERSION | ((options.arch ?? 0) << 2) : 0));
  out.byte(options.smallIntBits & 0xff);
  if (flags !== 0) out.uint(flags);
  out.uint(module.qstrs.length);
  out.uint(module.consts.length);
  const encode = (text: string): Uint8Array => module.exactBytes?.get(text) ?? encodeUtf8(text);
  for (const qstr of module.qstrs) {
    const index = STATIC_INDEX.get(qstr);
    if (index !== undefined) {
      out.uint((index << 1) | 1);
      continue;
    }
    const text = encode(qstr);
    out.uint(text.length << 1);
    out.data(text);
    out.byte(0);
  }
  for (const value of module.consts) writeObject(out, value, encode);
  writeRawCode(out, module.root);
  return out.take();
}

function writeObject(out: Writer, value: Const, encode: (text: string) => Uint8Array): void {
  const text = (type: ObjectType, data: Uint8Array, terminated: boolean): void => {
    out.byte(type);
    out.uint(data.length);
    out.data(data);
    if (terminated) out.byte(0);
  };
  if (value === null) out.byte(ObjectType.None);
  else if (value === false) out.byte(ObjectType.False);
  else if (value === true) out.byte(ObjectType.True);
  else if (value instanceof ConstEllipsis) out.byte(ObjectType.Ellipsis);
  else if (value instanceof ConstFunctionTable) out.byte(ObjectType.FunctionTable);
  else if (typeof value === 'string') text(ObjectType.String, encode(value), true);
  else if (value instanceof ConstBytes) text(ObjectType.Bytes, value.data, true);
  else if (value instanceof ConstTuple) {
    out.byte(ObjectType.Tuple);
    out.uint(value.items.length);
    for (const item of value.items) writeObject(out, item, encode);
  } else if (value instanceof ConstFloat) text(ObjectType.Float, encodeUtf8(reprFloat(value.value)), false);
  else if (value instanceof ConstComplex) text(ObjectType.Complex, encodeUtf8(reprComplex(value)), false);
  else text(ObjectType.Integer, encodeUtf8(value.toString()), false);
}

function reprFloat(value: number): string {
  const text = formatFloat(value, { format: 'g', precision: 'repr', width: 'double' });
  return /[.en]/.test(text) ? text : `${text}.0`;
}

function reprComplex(value: ConstComplex): string {
  const part = (number: number): string => formatFloat(number, { format: 'g', precision: 'repr', width: 'double' });
  if (value.real === 0) return `${part(value.imag)}j`;
  return `(${part(value.real)}${value.imag >= 0 || Number.isNaN(value.imag) ? '+' : ''}${part(value.imag)}j)`;
}

function writeRawCode(out: Writer, code: RawCode): void {
  out.uint(code.code.length * 8 + (code.children.length > 0 ? 4 : 0) + (code.kind - CodeKind.Bytecode));
  out.data(code.code);
  if (code.kind === CodeKind.NativePython) {
    out.uint(code.native!.preludeOffset ?? 0);
  } else if (code.kind !== CodeKind.Bytecode) {
    const native = code.native!;
    out.uint(native.viperFlags ?? 0);
    if (code.kind === CodeKind.NativeAsm) {
      out.uint(native.nPosArgs ?? 0);
      out.uint(native.typeSig ?? 0);
    } else {
      if (native.rodata !== undefined) out.uint(native.rodata.length);
      if (native.bssSize !== undefined) out.uint(native.bssSize);
      if (native.rodata !== undefined) out.data(native.rodata);
    }
  }
  if (code.children.length > 0) {
    out.uint(code.children.length);
    for (const child of code.children) writeRawCode(out, child);
  }
  if (code.native?.relocations !== undefined) out.data(code.native.relocations);
}

// Reading

export interface ReadOptions {
  /** Bits of the machine's small integers; a file made for wider ones is refused. */
  smallIntBits: number;
  /** Architecture whose machine code the machine runs; 0 for none. */
  arch: number;
  /** Flags of that architecture which the machine has. */
  archFlags?: number;
  /** Width of the machine's floats. */
  float: 'single' | 'double' | 'none';
  /** As in CompileOptions. */
  longDoubleBits?: 64 | 113 | undefined;
}

/** Raw codes within raw codes, and tuples within tuples; the compiler itself goes no deeper than its own nesting limit. */
const MAX_NESTING = 500;

class Reader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new MpyError(INCOMPATIBLE);
    return this.bytes[this.at++]!;
  }

  uint(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if (value > 0xffffffff) throw new MpyError(INCOMPATIBLE);
      if ((byte & 0x80) === 0) return value;
    }
  }

  data(length: number): Uint8Array {
    if (length > this.left) throw new MpyError(INCOMPATIBLE);
    this.at += length;
    // Not a copy: constants of a file in a ROM filesystem lie in that ROM.
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A count of things that take at least a byte each, so that a broken file cannot ask for more than it holds. */
  count(): number {
    const count = this.uint();
    if (count > this.left) throw new MpyError(INCOMPATIBLE);
    return count;
  }

  text(length: number): string {
    let text = '';
    for (const byte of this.data(length)) text += String.fromCharCode(byte);
    return text;
  }
}

export interface MpyFile extends CompiledModule {
  readonly smallIntBits: number;
  readonly arch: number;
  readonly archFlags: number;
}

/**
 * Reads a `.mpy` file. Throws MpyError for one that is malformed or meant for another machine. The prelude of each bytecode and
 * the indices in it are checked, so that running the code meets no surprises outside of it.
 */
export function readMpy(bytes: Uint8Array, options: ReadOptions): MpyFile {
  const input = new Reader(bytes);
  const magic = input.byte();
  const version = input.byte();
  const feature = input.byte();
  const smallIntBits = input.byte();
  const arch = (feature >> 2) & 0x2f;
  if (
    magic !== 0x4d ||
    version !== MPY_VERSION ||
    (arch !== 0 && (feature & 3) !== MPY_SUB_VERSION) ||
    smallIntBits > options.smallIntBits
  ) {
    throw new MpyError(INCOMPATIBLE);
  }
  if (arch !== 0 && !runsOn(arch, options.arch)) {
    throw new MpyError(options.arch === 0 ? 'native code in .mpy unsupported' : 'incompatible .mpy arch');
  }
  let archFlags = 0;
  if ((feature & ARCH_FLAGS_PRESENT) !== 0) {
    archFlags = input.uint();
    if ((archFlags & (options.archFlags ?? 0)) !== archFlags) throw new MpyError(INCOMPATIBLE);
  }
  const qstrCount = input.count();
  const constCount = input.uint();
  if (qstrCount + constCount > input.left) throw new MpyError(INCOMPATIBLE);
  const exactBytes = new Map<string, Uint8Array>();
  const decode = (text: string): string => {
    const decoded = decodeUtf8(text);
    if (decoded !== text && /[\ud800-\udfff]/.test(decoded))
      exactBytes.set(
        decoded,
        Uint8Array.from(text, c => c.charCodeAt(0)),
      );
    return decoded;
  };
  const qstrs: string[] = [];
  for (let i = 0; i < qstrCount; i++) qstrs.push(readQstr(input, decode));
  const consts: Const[] = [];
  for (let i = 0; i < constCount; i++) consts.push(readObject(input, options, decode, 0));
  const root = readRawCode(input, arch, qstrs.length, 0);
  return { qstrs, consts, root, smallIntBits, arch, archFlags, ...(exactBytes.size > 0 ? { exactBytes } : {}) };
}

const ARCH_ARMV6M = 4;
const ARCH_ARMV7EMDP = 8;

/** A Thumb machine runs the code of the lesser Thumb machines too. */
const runsOn = (arch: number, machine: number): boolean =>
  arch === machine || (machine <= ARCH_ARMV7EMDP && arch >= ARCH_ARMV6M && arch < machine);

function readQstr(input: Reader, decode: (text: string) => string): string {
  const length = input.uint();
  if ((length & 1) !== 0) {
    const text = STATIC_QSTRS[Math.floor(length / 2) - 1];
    if (text === undefined) throw new MpyError(INCOMPATIBLE);
    return text;
  }
  const text = decode(input.text(length / 2));
  input.byte();
  return text;
}

function readObject(input: Reader, options: ReadOptions, decode: (text: string) => string, depth: number): Const {
  const type: ObjectType = input.byte();
  switch (type) {
    case ObjectType.FunctionTable:
      if (options.arch === 0) throw new MpyError(INCOMPATIBLE);
      return CONST_FUNCTION_TABLE;
    case ObjectType.None:
      return null;
    case ObjectType.False:
      return false;
    case ObjectType.True:
      return true;
    case ObjectType.Ellipsis:
      return CONST_ELLIPSIS;
    case ObjectType.String: {
      const text = decode(input.text(input.uint()));
      input.byte();
      return text;
    }
    case ObjectType.Bytes: {
      const data = input.data(input.uint());
      input.byte();
      return new ConstBytes(data);
    }
    case ObjectType.Tuple: {
      if (depth >= MAX_NESTING) throw new MpyError(INCOMPATIBLE);
      const count = input.count();
      const items: Const[] = [];
      for (let i = 0; i < count; i++) items.push(readObject(input, options, decode, depth + 1));
      return new ConstTuple(items);
    }
    case ObjectType.Integer: {
      const value = parseInteger(input.text(input.uint()), 10);
      if (value === null) throw new MpyError(INCOMPATIBLE);
      return value;
    }
    case ObjectType.Float:
    case ObjectType.Complex: {
      const text = input.text(input.uint());
      if (options.float === 'none') throw new MpyError(INCOMPATIBLE);
      const complex = type === ObjectType.Complex;
      // A complex number with both parts is written in parentheses, which reading it does not understand.
      const value = parseDecimal(text, {
        allowImaginary: complex,
        forceComplex: false,
        ...floatKind(options.float, options.longDoubleBits),
      });
      if (value === null) throw new MpyError('invalid syntax for number');
      return typeof value === 'number' ? new ConstFloat(value) : new ConstComplex(value.real, value.imag);
    }
    default:
      throw new MpyError(INCOMPATIBLE);
  }
}

function readRawCode(input: Reader, arch: number, qstrCount: number, depth: number): RawCode {
  if (depth >= MAX_NESTING) throw new MpyError(INCOMPATIBLE);
  const kindAndLength = input.uint();
  const kind: CodeKind = (kindAndLength & 3) + CodeKind.Bytecode;
  const hasChildren = (kindAndLength & 4) !== 0;
  const code = input.data(Math.floor(kindAndLength / 8));
  let native: NativeInfo | undefined;
  let scopeFlags = 0;
  if (kind === CodeKind.Bytecode) {
    scopeFlags = checkPrelude(code, 0, qstrCount);
  } else {
    if (arch === 0) throw new MpyError(INCOMPATIBLE);
    if (kind === CodeKind.NativePython) {
      const preludeOffset = input.uint();
      scopeFlags = checkPrelude(code, preludeOffset, qstrCount);
      native = { arch, preludeOffset };
    } else {
      const flags = input.uint();
      if (kind === CodeKind.NativeAsm) {
        native = { arch, viperFlags: flags, nPosArgs: input.uint(), typeSig: input.uint() };
      } else {
        const rodataSize = (flags & VIPER_RODATA) !== 0 ? input.uint() : undefined;
        const bssSize = (flags & VIPER_BSS) !== 0 ? input.uint() : undefined;
        native = {
          arch,
          viperFlags: flags,
          ...(rodataSize !== undefined ? { rodata: input.data(rodataSize) } : {}),
          ...(bssSize !== undefined ? { bssSize } : {}),
        };
      }
      scopeFlags = flags;
    }
  }
  const children: RawCode[] = [];
  if (hasChildren) {
    const count = input.count();
    for (let i = 0; i < count; i++) children.push(readRawCode(input, arch, qstrCount, depth + 1));
  }
  if (kind !== CodeKind.Bytecode && (scopeFlags & VIPER_RELOCATIONS) !== 0 && kind !== CodeKind.NativePython) {
    native = { ...native!, relocations: readRelocations(input) };
  }
  return { kind, code, children, scopeFlags, ...(native !== undefined ? { native } : {}) };
}

/** The relocations after viper code, up to and with the 0xff that ends them; so does the end of the file. */
function readRelocations(input: Reader): Uint8Array {
  const bytes: number[] = [];
  const uint = (): void => {
    let byte: number;
    do {
      byte = input.byte();
      bytes.push(byte);
    } while ((byte & 0x80) !== 0);
  };
  for (;;) {
    const op = input.left > 0 ? input.byte() : 0xff;
    bytes.push(op);
    if (op === 0xff) return Uint8Array.from(bytes);
    if ((op & 1) !== 0) uint();
    const target = op >> 1;
    if (target <= 5 && (target & 1) !== 0) uint();
  }
}

/** Checks that the prelude lies within the code and names qstrs that exist; returns the scope flags. */
function checkPrelude(code: Uint8Array, offset: number, qstrCount: number): number {
  let at = offset;
  const next = (): number => {
    if (at >= code.length) throw new MpyError(INCOMPATIBLE);
    return code[at++]!;
  };
  let byte = next();
  let flags = 0;
  let positional = byte & 3;
  let keyword = 0;
  for (let n = 0; (byte & 0x80) !== 0; n++) {
    if (n > 12) throw new MpyError(INCOMPATIBLE);
    byte = next();
    flags |= ((byte & 0x40) >> 6) << n;
    positional |= (byte & 4) << n;
    keyword |= ((byte & 8) >> 3) << n;
  }
  let info = 0;
  let cells = 0;
  for (let n = 0; ; n++) {
    if (n > 4) throw new MpyError(INCOMPATIBLE);
    byte = next();
    cells |= (byte & 1) << n;
    info |= ((byte & 0x7e) >> 1) << (6 * n);
    if ((byte & 0x80) === 0) break;
  }
  const end = at + info + cells;
  if (end > code.length) throw new MpyError(INCOMPATIBLE);
  for (let i = 0; i < 1 + positional + keyword; i++) {
    let index = 0;
    do {
      byte = next();
      index = index * 128 + (byte & 0x7f);
    } while ((byte & 0x80) !== 0);
    if (index >= qstrCount || at > end - cells) throw new MpyError(INCOMPATIBLE);
  }
  return flags;
}
