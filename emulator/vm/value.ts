/**
 * How guest values are represented.
 *
 * | guest                  | here                                                        |
 * | ---------------------- | ----------------------------------------------------------- |
 * | None, True, False      | `null`, `true`, `false`                                     |
 * | int                    | `number` when it is a safe integer, otherwise `bigint`      |
 * | str                    | `string` (UTF-16; `objects/str.ts` counts in code points)   |
 * | everything else        | an object of a class that extends `MpObj`                   |
 *
 * `undefined` is never a guest value: it says "absent", "not supported" or "stop", as MP_OBJ_NULL does in the reference.
 * An integer is never `-0`, and never a `bigint` that would fit a `number`: `objects/int.ts` keeps to that.
 */
import type { MpType } from './type.ts';

export type Value = null | boolean | number | bigint | string | MpObj;

/** Keyword arguments, flat: name, value, name, value … Empty and absent are the same: `null`. */
export type KwArgs = readonly Value[] | null;

export abstract class MpObj {
  constructor(readonly type: MpType) {}
  /** Guest values that it holds elsewhere than in its own fields, for the collector. */
  heldValues?(): Iterable<Value | undefined>;
  /** What it takes on the device's heap, where its fields do not tell; `heldValues` is then all that it refers to. */
  heapBytes?(): number;
}

/** Receives what is printed; text is guest text (lone surrogates stand for themselves). */
export interface Printer {
  write(text: string): void;
  /** What `json.dumps` puts between items, and between a key and its value, when PrintKind.Json is printed. `, ` and `: ` when absent. */
  readonly itemSeparator?: string;
  readonly keySeparator?: string;
}

export class StringPrinter implements Printer {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

export enum PrintKind {
  Str = 0,
  Repr = 1,
  Exc = 2,
  Json = 3,
  Raw = 4,
  /** Added when an exception is printed on behalf of a class derived from it in Python. */
  ExcSubclass = 0x80,
}

/** Unary operations, numbered as in the bytecode (py/runtime0.h). */
export enum UnaryOp {
  Positive,
  Negative,
  Invert,
  Not,
  Bool,
  Len,
  Hash,
  Abs,
  IntMaybe,
  FloatMaybe,
  ComplexMaybe,
  Sizeof,
}

/** Binary operations, numbered as in the bytecode (py/runtime0.h). */
export enum BinaryOp {
  Less,
  More,
  Equal,
  LessEqual,
  MoreEqual,
  NotEqual,
  In,
  Is,
  ExceptionMatch,
  InplaceOr,
  InplaceXor,
  InplaceAnd,
  InplaceLshift,
  InplaceRshift,
  InplaceAdd,
  InplaceSubtract,
  InplaceMultiply,
  InplaceMatMultiply,
  InplaceFloorDivide,
  InplaceTrueDivide,
  InplaceModulo,
  InplacePower,
  Or,
  Xor,
  And,
  Lshift,
  Rshift,
  Add,
  Subtract,
  Multiply,
  MatMultiply,
  FloorDivide,
  TrueDivide,
  Modulo,
  Power,
  DivMod,
  Contains,
  ReverseOr,
  ReverseXor,
  ReverseAnd,
  ReverseLshift,
  ReverseRshift,
  ReverseAdd,
  ReverseSubtract,
  ReverseMultiply,
  ReverseMatMultiply,
  ReverseFloorDivide,
  ReverseTrueDivide,
  ReverseModulo,
  ReversePower,
}

/** `op` without its in-place variant: `InplaceAdd` and `Add` both give `Add`. */
export function plainOp(op: BinaryOp): BinaryOp {
  return op >= BinaryOp.InplaceOr && op <= BinaryOp.InplacePower ? op + (BinaryOp.Or - BinaryOp.InplaceOr) : op;
}

export const UNARY_OP_NAMES: readonly string[] = [
  '__pos__',
  '__neg__',
  '__invert__',
  '',
  '__bool__',
  '__len__',
  '__hash__',
  '__abs__',
  '__int__',
  '__float__',
  '__complex__',
  '__sizeof__',
];

const ARITHMETIC = ['or', 'xor', 'and', 'lshift', 'rshift', 'add', 'sub', 'mul', 'matmul', 'floordiv', 'truediv', 'mod', 'pow'];
export const BINARY_OP_NAMES: readonly string[] = [
  '__lt__',
  '__gt__',
  '__eq__',
  '__le__',
  '__ge__',
  '__ne__',
  '',
  '',
  '',
  ...ARITHMETIC.map(name => `__i${name}__`),
  ...ARITHMETIC.map(name => `__${name}__`),
  '__divmod__',
  '__contains__',
  ...ARITHMETIC.map(name => `__r${name}__`),
];

/** What `loadMethod` finds: a member, and the object to pass as its first argument when it is a method (`undefined` when it is not). */
export class MethodRef {
  member: Value | undefined = undefined;
  self: Value | undefined = undefined;
}
