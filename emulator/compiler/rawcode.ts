/**
 * What the compiler hands to the virtual machine, and what a `.mpy` file holds.
 *
 * A compiled module is a tree of raw codes (one for each function, class body, comprehension and the module itself) that share one
 * table of qstrs and one of constant objects, as in MicroPython 1.27.0 (py/emitglue.h, py/persistentcode.h).
 */

import type { NativeBackend } from './emitter.ts';

/** A constant as the compiler knows it, before the virtual machine makes an object of it. Integers are `number` when safe, else `bigint`. */
export type Const =
  | null
  | boolean
  | number
  | bigint
  | string
  | ConstBytes
  | ConstFloat
  | ConstComplex
  | ConstTuple
  | ConstEllipsis
  | ConstFunctionTable;

export class ConstBytes {
  constructor(readonly data: Uint8Array) {}
}
export class ConstFloat {
  constructor(readonly value: number) {}
}
export class ConstComplex {
  constructor(
    readonly real: number,
    readonly imag: number,
  ) {}
}
export class ConstTuple {
  /** Tuples within tuples, this one included. */
  readonly depth: number;

  constructor(readonly items: readonly Const[]) {
    let inner = 0;
    for (const item of items) if (item instanceof ConstTuple && item.depth > inner) inner = item.depth;
    this.depth = inner + 1;
  }
}
export class ConstEllipsis {}
export const CONST_ELLIPSIS = new ConstEllipsis();
/** The runtime's table of functions that machine code calls; only modules with machine code have it among their constants. */
export class ConstFunctionTable {}
export const CONST_FUNCTION_TABLE = new ConstFunctionTable();

/** How a function's code is to be run. `asm` stands for inline assembler. The numbers are those of the `.mpy` format. */
export enum CodeKind {
  Bytecode = 2,
  NativePython = 3,
  NativeViper = 4,
  NativeAsm = 5,
}

/** Scope flags, as in the bytecode prelude (py/runtime0.h). */
export const SCOPE_FLAG_GENERATOR = 0x01;
export const SCOPE_FLAG_VARKEYWORDS = 0x02;
export const SCOPE_FLAG_VARARGS = 0x04;
export const SCOPE_FLAG_DEFKWARGS = 0x08;
/** Flags that only emitters of machine code look at: the function refers to globals, or to constant objects. */
export const SCOPE_FLAG_REFGLOBALS = 0x10;
export const SCOPE_FLAG_HASCONSTS = 0x20;
/** Viper: the type of the result stands above this bit. */
export const SCOPE_FLAG_VIPERRET_SHIFT = 6;

export interface RawCode {
  readonly kind: CodeKind;
  /** Bytecode with its prelude and line-number table, or machine code. */
  readonly code: Uint8Array;
  readonly children: readonly RawCode[];
  readonly scopeFlags: number;
  /** For machine code: how it is called and linked; absent for bytecode. */
  readonly native?: NativeInfo;
  /** Set on bytecode of a function that asked for `@micropython.native`: a board runs the same bytecode, only faster. */
  readonly emitter?: 'native';
}

export interface NativeInfo {
  /** Architecture number of the `.mpy` format (4 = armv6m, 5 = armv7m, 6 = armv7em, 7 = armv7emsp, 8 = armv7emdp, 11 = rv32imc …). */
  readonly arch: number;
  /** Offset of the prelude in `code` (native Python code), as in the `.mpy`. */
  readonly preludeOffset?: number;
  /** Viper and assembler: number of positional arguments, and the packed types of arguments and result (4 bits each, result first). */
  readonly nPosArgs?: number;
  readonly typeSig?: number;
  /** Viper and assembler: the flags that the file holds (0 from the compiler; native modules have data and relocations). */
  readonly viperFlags?: number;
  readonly rodata?: Uint8Array;
  readonly bssSize?: number;
  /** Relocations as in the file, with the 0xff that ends them. */
  readonly relocations?: Uint8Array;
  /** The function's own bytecode, when the compiler made it too: what an emulator without this architecture runs instead. */
  readonly fallback?: RawCode;
}

export interface CompiledModule {
  /** qstr_table: the bytecode names qstrs by index. Entry 0 is the source file's name. */
  readonly qstrs: readonly string[];
  /** obj_table: constants too big or too odd for an operand. */
  readonly consts: readonly Const[];
  readonly root: RawCode;
  /** Every raw code, in the order in which the compiler met its scope; absent where the code was read from a file. */
  readonly scopes?: readonly RawCode[];
  /** Strings that the compilation interned, in the order of the source; absent where the code was read from a file. */
  readonly interned?: readonly string[];
  /**
   * The exact bytes of strings that are not what UTF-8 encoding makes of their characters (a string literal may hold any bytes).
   * Absent when there are none, which is nearly always.
   */
  readonly exactBytes?: ReadonlyMap<string, Uint8Array>;
}

/** Modules by name, and their constants by name. Maps will do. */
export interface ConstantModules {
  get(module: string): { get(name: string): Const | undefined } | undefined;
}

export interface CompileOptions {
  /** File name for tracebacks, e.g. `main.py` or `<stdin>`. */
  readonly fileName: string;
  /** What is compiled: a whole file, one interactive statement, or an expression. */
  readonly input: 'file' | 'single' | 'eval';
  /** The REPL's way: expression statements print their value. Equal to input === 'single'. */
  readonly optLevel: number;
  /** Width of small integers in bits, sign included: 31 on 32-bit boards, 63 on `unix`. Decides what is an operand and what a constant object. */
  readonly smallIntBits: number;
  /** Float constants and folding: 'single' or 'double'; 'none' rejects them. */
  readonly float: 'single' | 'double' | 'none';
  /** Texts of error messages: mpy-cross and unix are 'detailed', boards 'normal'. */
  readonly errorReporting: 'detailed' | 'normal' | 'terse';
  /** Emitter for functions without a decorator of their own. */
  readonly defaultEmit: 'bytecode' | 'native' | 'viper';
  /** Architecture number for @native, @viper and inline assembler; 0 rejects them as an unconfigured build does. */
  readonly nativeArch: number;

  // The rest has defaults: what the official cross-compiler does, except that `crossCompiler` itself is false.

  /**
   * Emitters of machine code for `nativeArch`. Without one, `@native` functions are bytecode (marked in RawCode.emitter), and `@viper` and
   * assembler functions end in NotImplementedError('cannot emit native code for this architecture'). A cross-compiler refuses `@native`, too.
   */
  readonly nativeBackend?: NativeBackend;
  /**
   * Behave as the cross-compiler does: every decorator of any architecture is known, and 'invalid arch' where there is no emitter for it.
   */
  readonly crossCompiler?: boolean;
  /** Integers and floats that `module.NAME` is replaced by at compile time. Default: the floats of `math`. */
  readonly moduleConstants?: ConstantModules;
  /**
   * Whether a string is interned already. A string literal of more than ten bytes becomes a qstr when it is, and a constant object
   * otherwise. Asked for strings that neither the source nor the cross-compiler's own names have interned.
   */
  readonly isInterned?: (text: string) => boolean;
  /** OrderedDict({...}) keeps the order of the display: true where `collections.OrderedDict` is built in (`unix`, boards). */
  readonly orderedDictLiteral?: boolean;
  /** `await` outside functions is allowed (the WebAssembly port). */
  readonly topLevelAwait?: boolean;
  /**
   * Bytes of guest heap that parsing may take; more ends in MemoryError. Counted are the reference's parse tree, stacks and interned
   * strings, for words of 32 bits up to 31-bit small integers and of 64 bits above; not fragmentation. Default: 64 MiB.
   */
  readonly memoryLimit?: number;
  /** Mantissa bits of C's `long double` on the machine, which double-precision literals go through: 64 unless given. */
  readonly longDoubleBits?: 64 | 113;
  /** False where complex numbers are not built in: their literals are then errors. Default true. */
  readonly complex?: boolean;
}

/** A source that cannot be compiled. The virtual machine turns it into the guest's exception. */
export class CompileError {
  constructor(
    readonly type:
      | 'SyntaxError'
      | 'IndentationError'
      | 'NameError'
      | 'ViperTypeError'
      | 'OverflowError'
      | 'ValueError'
      | 'NotImplementedError'
      | 'MemoryError'
      | 'RuntimeError',
    readonly message: string,
    readonly fileName: string,
    /** Line in the source, from 1; 0 when the reference gives none. */
    readonly line: number,
    /** Name of the enclosing block, as the reference's traceback has it (`<module>`, a function's name). */
    readonly block: string | null,
  ) {}
}
