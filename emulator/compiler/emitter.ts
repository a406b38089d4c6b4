/**
 * What the compiler asks of a code emitter (the method table of py/emit.h, MicroPython 1.27.0). The bytecode emitter is in
 * emit-bytecode.ts; emitters of machine code plug in through `CompileOptions.nativeBackend`.
 */
import type { BinaryOp, UnaryOp } from './operators.ts';
import type { Node, ParseNode } from './parse-node.ts';
import type { Qstr, QstrPool } from './qstr-pool.ts';
import type { CompileError, Const, NativeInfo } from './rawcode.ts';
import type { Scope, ScopeKind } from './scope.ts';
import type { Token } from './token.ts';

/** Each scope is compiled several times; nothing but `Emit` leaves code behind. */
export enum Pass {
  /** Find out what the names mean. */
  Scope = 1,
  /** Find out how deep the stack gets. */
  StackSize = 2,
  /** Find out how long the code gets, and where labels are. */
  CodeSize = 3,
  /** Write the code; repeated as long as it still shrinks. */
  Emit = 4,
}

export enum SetupKind {
  With,
  Except,
  Finally,
}

export enum BuildKind {
  Tuple,
  List,
  Map,
  Set,
  Slice,
}

export enum AccessKind {
  Load,
  Store,
  Delete,
}

export enum ImportKind {
  Name,
  From,
  Star,
}

export const STAR_SINGLE = 1;
export const STAR_DOUBLE = 2;

/** A jump target within a scope. */
export type Label = number;

export interface Emitter {
  startPass(pass: Pass, scope: Scope): void;
  /** False when the emit pass must be repeated. */
  endPass(): boolean;
  adjustStackSize(delta: number): void;
  setSourceLine(line: number): void;

  /** A local (`deref` false), or the content of a cell or free variable. */
  local(access: AccessKind, name: Qstr, localNumber: number, deref: boolean): void;
  /** A global, or (`byName`) a name of a module or class body. */
  global(access: AccessKind, name: Qstr, byName: boolean): void;

  labelAssign(label: Label): void;
  import(name: Qstr, kind: ImportKind): void;
  /** None, False, True or Ellipsis. */
  loadConstToken(token: Token): void;
  loadConstSmallInt(value: number | bigint): void;
  loadConstString(text: Qstr): void;
  loadConstObject(value: Const): void;
  loadNull(): void;
  loadMethod(name: Qstr, isSuper: boolean): void;
  loadBuildClass(): void;
  subscript(access: AccessKind): void;
  attribute(name: Qstr, access: AccessKind): void;
  dupTop(): void;
  dupTopTwo(): void;
  popTop(): void;
  rotTwo(): void;
  rotThree(): void;
  jump(label: Label): void;
  popJumpIf(condition: boolean, label: Label): void;
  jumpIfOrPop(condition: boolean, label: Label): void;
  /** Leaves `exceptDepth` exception blocks; `fromFor` when the jump also leaves a for loop whose iterator is on the stack. */
  unwindJump(label: Label, exceptDepth: number, fromFor: boolean): void;
  setupBlock(label: Label, kind: SetupKind): void;
  withCleanup(label: Label): void;
  asyncWithSetupFinally(noException: Label, finallyBlock: Label, returnOrUnwind: Label): void;
  endFinally(): void;
  getIter(onStack: boolean): void;
  forIter(label: Label): void;
  forIterEnd(): void;
  popExceptJump(label: Label, withinHandler: boolean): void;
  unary(op: UnaryOp): void;
  binary(op: BinaryOp): void;
  build(count: number, kind: BuildKind): void;
  storeMap(): void;
  storeComprehension(kind: ScopeKind, stackIndex: number): void;
  unpackSequence(count: number): void;
  unpackEx(left: number, right: number): void;
  makeFunction(scope: Scope, posDefaults: number, kwDefaults: number): void;
  makeClosure(scope: Scope, closedOver: number, posDefaults: number, kwDefaults: number): void;
  callFunction(positional: number, keyword: number, stars: number): void;
  callMethod(positional: number, keyword: number, stars: number): void;
  returnValue(): void;
  raise(count: number): void;
  yield(from: boolean): void;
  startExceptHandler(): void;
  endExceptHandler(): void;
}

/** What all emitters of one module share: its qstr and constant tables and, for the scope at hand, its children. */
export interface EmitContext {
  readonly pool: QstrPool;
  readonly pass: Pass;
  useQstr(qstr: Qstr): number;
  useConst(value: Const): number;
  /** Index of an inner scope's code in the child table. The compiler fills `RawCode.children` when all scopes have code. */
  useChild(scope: Scope): number;
  /** Records an error, in place of one that is there already; its line is found from the nodes around. */
  error(type: CompileError['type'], message: string): void;
  /** The next label that the compiler will give out. It leaves out some behind it where emitters of machine code need labels of their own. */
  readonly nextLabel: Label;
  /** The characters of a qstr, as a constant. */
  textOf(qstr: Qstr): string;
}

/** Inline assembler: each instruction is a call in the parse tree. */
export interface AssemblerEmitter {
  startPass(pass: Pass): void;
  /** Checks the parameters' names and returns their number. */
  countParameters(parameters: readonly Node[]): number;
  /** False when the label's name is taken. */
  label(label: Label, name: Qstr): boolean;
  align(bytes: number): void;
  data(bytes: number, value: number | bigint): void;
  op(name: Qstr, args: readonly Node[], node: ParseNode): void;
  /** The type signature is the type of the result: 0 object, 1 bool, 2 int, 3 uint. */
  endPass(typeSignature: number): void;
  /** The code, after the emit pass. */
  code(): { code: Uint8Array; native: NativeInfo };
}

/** Machine code for one architecture. Each method is called once for a module, when a function first asks. */
export interface NativeBackend {
  /**
   * Emitter for `@micropython.native` and `@micropython.viper` (see Scope.emit), or null when there is none. At the end of an emit pass
   * it puts its code in `Scope.rawCode`.
   */
  emitter(context: EmitContext, maxLabels: number): Emitter | null;
  /** Inline assembler, or null when there is none. */
  assembler(context: EmitContext, maxLabels: number): AssemblerEmitter | null;
}
