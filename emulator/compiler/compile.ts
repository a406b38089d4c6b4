/** Python source to MicroPython bytecode. */
import { compileAssembler } from './compile-assembler.ts';
import { compileScope, definitionHandlers } from './compile-definitions.ts';
import { expressionHandlers } from './compile-expressions.ts';
import { statementHandlers } from './compile-statements.ts';
import { Compiler, type NodeHandler } from './compiler.ts';
import { BytecodeEmitter } from './emit-bytecode.ts';
import { type AssemblerEmitter, Pass } from './emitter.ts';
import { RULE_COUNT } from './grammar.ts';
import { Lexer } from './lexer.ts';
import { Parser } from './parse.ts';
import type { Node } from './parse-node.ts';
import { QstrPool } from './qstr-pool.ts';
import { type CompiledModule, CompileError, type CompileOptions } from './rawcode.ts';
import { EmitOption, NameKind, ScopeKind } from './scope.ts';
import { TextTable } from './text-table.ts';
import { byteStringOf, encodeUtf8 } from './utf8.ts';

const handlers: (NodeHandler | undefined)[] = new Array(RULE_COUNT + 1).fill(undefined);
for (const [kind, handler] of [...statementHandlers, ...definitionHandlers, ...expressionHandlers]) handlers[kind] = handler;

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
  const tree = new Parser(lexer, pool, texts, options).parse(options.input);

  const compiler = new Compiler(pool, options, handlers, sourceFile, options.input === 'single');
  compileScopes(compiler, tree, options);
  return {
    qstrs: compiler.qstrTable.qstrs.map(qstr => texts.ofQstr(qstr)),
    consts: compiler.constTable.consts,
    root: compiler.scopes[0]!.rawCode!,
    ...(texts.exactBytes.size > 0 ? { exactBytes: texts.exactBytes } : {}),
  };
}

function compileScopes(c: Compiler, tree: Node, options: CompileOptions): void {
  // The tree of a source that is a lone name or constant has no inner node at its root; the module's scope does not mind.
  c.newScope(ScopeKind.Module, tree!, DEFAULT_EMIT[options.defaultEmit]);
  const emitter = new BytecodeEmitter(c, options.optLevel >= 3);
  c.emit = emitter;
  let maxLabels = 0;
  // Scopes join the list while their parents are compiled.
  for (let i = 0; i < c.scopes.length && c.error_ === null; i++) {
    const scope = c.scopes[i]!;
    if (scope.emit === EmitOption.Assembler) compileAssembler(c, scope, Pass.Scope, null);
    else compileScope(c, scope, Pass.Scope);
    for (const info of scope.names) if (info.kind === NameKind.GlobalImplicit) scope.checkToCloseOver(info);
    if (c.nextLabel > maxLabels) maxLabels = c.nextLabel;
  }
  if (c.error_ === null) for (const scope of c.scopes) scope.numberNames();
  emitter.setMaxLabels(maxLabels);
  let assembler: AssemblerEmitter | null = null;
  for (let i = 0; i < c.scopes.length && c.error_ === null; i++) {
    const scope = c.scopes[i]!;
    if (scope.emit === EmitOption.Assembler) {
      assembler ??= options.nativeBackend?.assembler(c, maxLabels) ?? null;
      if (assembler === null) {
        c.error('NotImplementedError', 'cannot emit native code for this architecture');
        break;
      }
      compileAssembler(c, scope, Pass.CodeSize, assembler);
      if (c.error_ === null) compileAssembler(c, scope, Pass.Emit, assembler);
      continue;
    }
    compileScope(c, scope, Pass.StackSize);
    if (c.error_ === null) compileScope(c, scope, Pass.CodeSize);
    if (c.error_ === null) while (!compileScope(c, scope, Pass.Emit));
  }
  if (c.error_ !== null) {
    c.setErrorLine(c.scope.node);
    throw new CompileError(c.error_.type, c.error_.message, options.fileName, c.errorLine, c.pool.decode(c.scope.simpleName));
  }
  c.linkChildren();
}
