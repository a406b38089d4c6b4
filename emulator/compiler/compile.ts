/** Python source to MicroPython bytecode. */
import { compileAssembler } from './compile-assembler.ts';
import { asyncHandlers } from './compile-async.ts';
import { compileScope, definitionHandlers } from './compile-definitions.ts';
import { exceptionHandlers } from './compile-exceptions.ts';
import { expressionHandlers } from './compile-expressions.ts';
import { loopHandlers } from './compile-loops.ts';
import { statementHandlers } from './compile-statements.ts';
import { Compiler, type NodeHandler } from './compiler.ts';
import { BytecodeEmitter } from './emit-bytecode.ts';
import { type AssemblerEmitter, type Emitter, Pass } from './emitter.ts';
import { RULE_COUNT } from './grammar.ts';
import { Lexer } from './lexer.ts';
import { DEFAULT_MEMORY_LIMIT, MemoryMeter } from './memory-meter.ts';
import { Parser } from './parse.ts';
import type { Node } from './parse-node.ts';
import { QstrPool } from './qstr-pool.ts';
import { type CompiledModule, CompileError, type CompileOptions } from './rawcode.ts';
import { EmitOption, NameKind, type Scope, ScopeKind } from './scope.ts';
import { TextTable } from './text-table.ts';
import { byteStringOf, encodeUtf8 } from './utf8.ts';

const handlers: (NodeHandler | undefined)[] = new Array(RULE_COUNT + 1).fill(undefined);
const everyHandler = [
  ...statementHandlers,
  ...loopHandlers,
  ...exceptionHandlers,
  ...asyncHandlers,
  ...definitionHandlers,
  ...expressionHandlers,
];
for (const [kind, handler] of everyHandler) handlers[kind] = handler;

const DEFAULT_EMIT = { bytecode: EmitOption.None, native: EmitOption.NativePython, viper: EmitOption.Viper } as const;

/**
 * Compiles a source: characters, or the bytes of a file.
 *
 * Throws CompileError and nothing else: also for a source that is too deeply nested.
 */
export function compile(source: string | Uint8Array, options: CompileOptions): CompiledModule {
  try {
    return compileSource(typeof source === 'string' ? encodeUtf8(source) : source, options);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new CompileError('RuntimeError', 'maximum recursion depth exceeded', options.fileName, 0, null);
    }
    throw error;
  }
}

function compileSource(source: Uint8Array, options: CompileOptions): CompiledModule {
  const pool = new QstrPool();
  const texts = new TextTable(pool);
  const sourceFile = pool.intern(byteStringOf(options.fileName));
  const lexer = new Lexer(source, pool, options.fileName, options.optLevel === 0);
  const memory = new MemoryMeter(options.smallIntBits > 31 ? 8 : 4, options.memoryLimit ?? DEFAULT_MEMORY_LIMIT, options.fileName);
  pool.memory = memory;
  const tree = new Parser(lexer, pool, texts, options, memory).parse(options.input);

  const compiler = new Compiler(pool, options, handlers, sourceFile, options.input === 'single', texts, memory);
  compileScopes(compiler, tree, options);
  return {
    qstrs: compiler.qstrTable.qstrs.map(qstr => texts.ofQstr(qstr)),
    consts: compiler.constTable.consts,
    root: compiler.scopes[0]!.rawCode!,
    scopes: compiler.scopes.map(scope => scope.rawCode!),
    interned: pool.added,
    ...(texts.exactBytes.size > 0 ? { exactBytes: texts.exactBytes } : {}),
  };
}

function compileScopes(c: Compiler, tree: Node, options: CompileOptions): void {
  // The tree of a source that is a lone name or constant has no inner node at its root; the module's scope does not mind.
  c.newScope(ScopeKind.Module, tree!, DEFAULT_EMIT[options.defaultEmit]);
  const bytecode = new BytecodeEmitter(c, options.optLevel >= 3);
  c.emit = bytecode;
  let maxLabels = 0;
  // Scopes join the list while their parents are compiled.
  for (let i = 0; i < c.scopes.length && c.firstError === null; i++) {
    const scope = c.scopes[i]!;
    if (scope.emit === EmitOption.Assembler) {
      compileAssembler(c, scope, Pass.Scope, null);
    } else {
      compileScope(c, scope, Pass.Scope);
      for (const info of scope.names) if (info.kind === NameKind.GlobalImplicit) scope.checkToCloseOver(info);
    }
    if (c.nextLabel > maxLabels) maxLabels = c.nextLabel;
  }
  if (c.firstError === null) for (const scope of c.scopes) scope.numberNames();
  bytecode.setMaxLabels(maxLabels);
  const emitters = new Emitters(c, bytecode, maxLabels);
  for (let i = 0; i < c.scopes.length && c.firstError === null; i++) emitters.compile(c.scopes[i]!);
  if (c.firstError !== null) {
    c.setErrorLine(c.scope.node);
    throw new CompileError(c.firstError.type, c.firstError.message, options.fileName, c.errorLine, c.pool.decode(c.scope.simpleName));
  }
  c.linkChildren();
}

/** The emitters of a module; those of machine code are made when a function asks for them. */
class Emitters {
  private native: Emitter | null = null;
  private assembler: AssemblerEmitter | null = null;

  constructor(
    private readonly c: Compiler,
    private readonly bytecode: Emitter,
    private readonly maxLabels: number,
  ) {}

  /** The passes after the first, which leave the scope with its code. */
  compile(scope: Scope): void {
    const { c } = this;
    const { nativeBackend, crossCompiler } = c.options;
    if (scope.emit === EmitOption.Assembler) {
      this.assembler ??= nativeBackend?.assembler(c, this.maxLabels) ?? null;
      if (this.assembler === null) {
        this.refuse(scope);
        return;
      }
      compileAssembler(c, scope, Pass.CodeSize, this.assembler);
      if (c.firstError === null) compileAssembler(c, scope, Pass.Emit, this.assembler);
      return;
    }
    c.emit = this.bytecode;
    if (scope.emit === EmitOption.NativePython || scope.emit === EmitOption.Viper) {
      this.native ??= nativeBackend?.emitter(c, this.maxLabels) ?? null;
      if (this.native !== null) {
        c.emit = this.native;
      } else if (crossCompiler === true || scope.emit === EmitOption.Viper) {
        this.refuse(scope);
        return;
      }
    }
    compileScope(c, scope, Pass.StackSize);
    if (c.firstError === null) compileScope(c, scope, Pass.CodeSize);
    if (c.firstError === null) {
      while (!compileScope(c, scope, Pass.Emit));
      c.takeCode(scope);
    }
  }

  private refuse(scope: Scope): void {
    this.c.scope = scope;
    this.c.error('NotImplementedError', 'cannot emit native code for this architecture');
  }
}
