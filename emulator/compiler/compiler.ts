/**
 * What is known while a module is compiled: the scope and pass at hand, labels, loops, the first error; and the tables of the module
 * (compiler_t of py/compile.c, MicroPython 1.27.0). How each kind of node is compiled is in compile-*.ts.
 */
import { ConstTable, QstrTable } from './emit-common.ts';
import { AccessKind, type EmitContext, type Emitter, type Label, Pass } from './emitter.ts';
import type { MemoryMeter } from './memory-meter.ts';
import { isInner, LEAF, LEAF_INTEGER, LEAF_NAME, LEAF_STRING, type Node, type ParseNode } from './parse-node.ts';
import type { Qstr, QstrPool } from './qstr-pool.ts';
import { CompileError, type CompileOptions, type Const, type RawCode } from './rawcode.ts';
import { EmitOption, isFunctionLike, type NameInfo, NameKind, Scope, type ScopeKind } from './scope.ts';
import type { TextTable } from './text-table.ts';
import { Token } from './token.ts';

export const NO_LABEL = -1;

/** Nodes within nodes; deeper ones end in the guest's RuntimeError, well before JavaScript's stack does. */
const MAX_DEPTH = 4000;

/** Words of what the reference allocates for a scope: itself, its first names, its raw code. */
const SCOPE_WORDS = 10;
const NAMES_WORDS = 8;
const RAW_CODE_WORDS = 8;

/** Compiles an inner node of one kind. */
export type NodeHandler = (c: Compiler, node: ParseNode) => void;

export interface FirstError {
  type: CompileError['type'];
  message: string;
}

export class Compiler implements EmitContext {
  pass = Pass.Scope;
  scope!: Scope;
  emit!: Emitter;
  readonly scopes: Scope[] = [];

  /** The first error. Compiling goes on to the next point where it is looked at, as in the reference: that decides the line. */
  firstError: FirstError | null = null;
  errorLine = 0;

  nextLabel = 0;
  breakLabel: Label = NO_LABEL;
  /** Whether `break` leaves a loop that keeps its iterator on the stack. */
  breakFromFor = false;
  continueLabel: Label = NO_LABEL;
  exceptLevel = 0;
  breakContinueExceptLevel = 0;

  /** Parameters of the function whose definition is being compiled. */
  haveStar = false;
  keywordDefaults = 0;
  positionalDefaults = 0;

  readonly qstrTable: QstrTable;
  readonly constTable = new ConstTable();
  private childCount = 0;
  private depth = 0;

  constructor(
    readonly pool: QstrPool,
    readonly options: CompileOptions,
    private readonly handlers: readonly (NodeHandler | undefined)[],
    sourceFile: Qstr,
    readonly isRepl: boolean,
    private readonly texts: TextTable,
    private readonly memory: MemoryMeter,
  ) {
    this.qstrTable = new QstrTable(sourceFile);
  }

  // Nodes

  node(node: Node): void {
    if (node === null) return;
    switch (node.kind) {
      case LEAF_NAME:
        this.loadName(node.arg);
        return;
      case LEAF_INTEGER:
        this.emit.loadConstSmallInt(node.value as number | bigint);
        return;
      case LEAF_STRING:
        this.emit.loadConstString(node.arg);
        return;
    }
    if (node.kind >= LEAF) {
      // A newline is all that is left of an empty line.
      if (node.arg !== Token.Newline) this.emit.loadConstToken(node.arg);
      return;
    }
    if (++this.depth > MAX_DEPTH) throw this.tooDeep();
    this.emit.setSourceLine(node.line);
    this.handlers[node.kind]!(this, node);
    this.depth--;
  }

  private tooDeep(): CompileError {
    return new CompileError('RuntimeError', 'maximum recursion depth exceeded', this.options.fileName, 0, null);
  }

  /** Compiles all children, and stops at the first with an error. */
  allNodes(node: ParseNode): void {
    for (const child of node.nodes) {
      this.node(child);
      if (this.firstError !== null) {
        this.setErrorLine(child);
        return;
      }
    }
  }

  // Errors

  setErrorLine(node: Node): void {
    if (this.errorLine === 0 && isInner(node)) this.errorLine = node.line;
  }

  syntaxError(node: Node, message: string): void {
    if (this.firstError !== null) return;
    this.firstError = { type: 'SyntaxError', message };
    this.setErrorLine(node);
  }

  /** An error that an emitter found; it replaces one that is there already. */
  error(type: CompileError['type'], message: string): void {
    this.firstError = { type, message };
  }

  // Names

  loadName(name: Qstr): void {
    if (this.pass === Pass.Scope) this.scope.findOrAdd(name, NameKind.GlobalImplicit);
    else this.accessName(AccessKind.Load, name);
  }

  storeName(name: Qstr): void {
    if (this.pass === Pass.Scope) modifiedName(this.scope, name);
    else this.accessName(AccessKind.Store, name);
  }

  deleteName(name: Qstr): void {
    if (this.pass === Pass.Scope) modifiedName(this.scope, name);
    else this.accessName(AccessKind.Delete, name);
  }

  private accessName(access: AccessKind, name: Qstr): void {
    const info = this.scope.find(name)!;
    switch (info.kind) {
      case NameKind.GlobalImplicit:
      case NameKind.GlobalImplicitAssigned:
        this.emit.global(access, name, true);
        break;
      case NameKind.GlobalExplicit:
        this.emit.global(access, name, false);
        break;
      case NameKind.Local:
        this.emit.local(access, name, info.localNumber, false);
        break;
      default:
        this.emit.local(access, name, info.localNumber, true);
    }
  }

  // Scopes, labels and exception levels

  newScope(kind: ScopeKind, node: ParseNode, emit: EmitOption): Scope {
    const scope = new Scope(kind, node, emit, this.scopes.length === 0 ? null : this.scope);
    this.scopes.push(scope);
    this.memory.allocateWords(SCOPE_WORDS);
    this.memory.allocateWords(NAMES_WORDS);
    this.memory.allocateWords(RAW_CODE_WORDS);
    return scope;
  }

  newLabel(): Label {
    return this.nextLabel++;
  }

  /** Labels that the emitters of machine code want here. */
  reserveLabelsForNative(count: number): void {
    if (this.scope.emit !== EmitOption.Bytecode) this.nextLabel += count;
  }

  enterExceptLevel(label: Label, kind: Parameters<Emitter['setupBlock']>[1]): void {
    this.emit.setupBlock(label, kind);
    this.exceptLevel++;
    if (this.exceptLevel > this.scope.exceptionStackSize) this.scope.exceptionStackSize = this.exceptLevel;
  }

  leaveExceptLevel(): void {
    this.exceptLevel--;
    this.emit.endFinally();
    this.reserveLabelsForNative(1);
  }

  // Tables

  startPass(pass: Pass, scope: Scope): void {
    this.pass = pass;
    this.scope = scope;
    this.nextLabel = 0;
    scope.children.length = 0;
    this.childCount = 0;
    this.depth = 0;
  }

  textOf(qstr: Qstr): string {
    return this.texts.ofQstr(qstr);
  }

  useQstr(qstr: Qstr): number {
    return this.qstrTable.use(qstr);
  }

  useConst(value: Const): number {
    return this.constTable.use(value);
  }

  /** Children are compiled after their parents: a parent notes their order now, and gets their code at the end. */
  useChild(scope: Scope): number {
    if (this.pass === Pass.Emit) this.scope.children.push(scope);
    return this.childCount++;
  }

  /** Accounts for the code of a scope that has been emitted. */
  takeCode(scope: Scope): void {
    this.memory.allocate(scope.rawCode!.code.length);
    this.memory.allocateWords(Math.max(0, scope.names.length - 4) * 2);
  }

  linkChildren(): void {
    for (const scope of this.scopes) {
      const children = scope.rawCode!.children as RawCode[];
      for (const child of scope.children) children.push(child.rawCode!);
    }
  }
}

/** The name in a scope that assigns or deletes it. */
export function modifiedName(scope: Scope, name: Qstr): NameInfo {
  const info = scope.findOrAdd(name, NameKind.GlobalImplicit);
  if (info.kind === NameKind.GlobalImplicit) {
    // In a function an assigned name is a local; elsewhere the mark keeps inner functions from closing over it.
    info.kind = isFunctionLike(scope.kind) ? NameKind.Local : NameKind.GlobalImplicitAssigned;
  }
  return info;
}
