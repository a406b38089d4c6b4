/** Functions whose body is assembler: each statement is a call that stands for an instruction (compile_scope_inline_asm of py/compile.c, MicroPython 1.27.0). */
import type { Compiler } from './compiler.ts';
import { type AssemblerEmitter, Pass } from './emitter.ts';
import { CONST_OBJECT, isKind, isName, LEAF_INTEGER, listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import { CodeKind } from './rawcode.ts';
import { type Scope, ScopeKind } from './scope.ts';

/** Types of results that an annotation may name, as the runtime numbers them (MP_NATIVE_TYPE_xxx of py/runtime0.h). */
const RESULT_TYPES = new Map<Qstr, number>([
  [Q.object, 0],
  [Q.bool, 1],
  [Q.int, 2],
  [Q.uint, 3],
]);
const TYPE_INT = 2;

/** @param emitter null in the scope pass, which finds out about labels only */
export function compileAssembler(c: Compiler, scope: Scope, pass: Pass, emitter: AssemblerEmitter | null): void {
  c.startPass(pass, scope);
  if (scope.kind !== ScopeKind.Function) {
    c.syntaxError(null, 'inline assembler must be a function');
    return;
  }
  const { node } = scope;
  emitter?.startPass(pass);
  if (pass === Pass.CodeSize) {
    scope.numPosArgs = emitter!.countParameters(listItems(node.nodes[1]!, R.typedargslist));
    if (c.firstError !== null) {
      c.errorLine = node.line;
      return;
    }
  }
  const type = resultType(c, node.nodes[2]!);
  if (type === undefined) return;
  for (const statement of listItems(node.nodes[3]!, R.suite_block_stmts)) {
    if (isKind(statement, R.pass_stmt)) continue;
    const call = instructionCall(statement);
    if (call === null) {
      c.syntaxError(statement, 'expecting an assembler instruction');
      return;
    }
    const [name, trailer] = call.nodes as [ParseNode, ParseNode];
    if (!instruction(c, emitter, statement!, name.arg, listItems(trailer.nodes[0]!, R.arglist), trailer)) return;
    if (c.firstError !== null) {
      c.errorLine = trailer.line;
      return;
    }
  }
  emitter?.endPass(type);
  if (pass === Pass.Emit) {
    const { code, native } = emitter!.code();
    scope.rawCode = { kind: CodeKind.NativeAsm, code, children: [], scopeFlags: 0, native: { ...native, nPosArgs: scope.numPosArgs } };
  }
  if (c.firstError !== null) c.errorLine = node.line;
}

/** The number of the result's type, or undefined after an error that ends the function. */
function resultType(c: Compiler, annotation: Node): number | undefined {
  if (annotation === null) return TYPE_INT;
  if (!isName(annotation)) {
    c.syntaxError(annotation, 'return annotation must be an identifier');
    return TYPE_INT;
  }
  const type = RESULT_TYPES.get(annotation.arg);
  if (type === undefined) c.syntaxError(annotation, 'unknown type');
  return type;
}

/** The call `name(…)` that a statement consists of, or null. */
function instructionCall(statement: Node): ParseNode | null {
  if (!isKind(statement, R.expr_stmt) || statement.nodes[1] !== null) return null;
  const call = statement.nodes[0]!;
  if (!isKind(call, R.atom_expr_normal)) return null;
  return isName(call.nodes[0]!) && isKind(call.nodes[1]!, R.trailer_paren) ? call : null;
}

/** False after an error that ends the function at the statement's own line. */
function instruction(
  c: Compiler,
  emitter: AssemblerEmitter | null,
  statement: ParseNode,
  name: Qstr,
  args: readonly Node[],
  trailer: ParseNode,
): boolean {
  const refuse = (message: string): boolean => {
    c.syntaxError(statement, message);
    return false;
  };
  const first = args[0] ?? null;
  switch (name) {
    case Q.label: {
      if (args.length !== 1 || !isName(first)) return refuse("'label' requires 1 argument");
      const label = c.newLabel();
      return emitter === null || emitter.label(label, first.arg) || refuse('label redefined');
    }
    case Q.align:
      if (args.length !== 1 || first?.kind !== LEAF_INTEGER) return refuse("'align' requires 1 argument");
      emitter?.align(Number(first.value));
      return true;
    case Q.data:
      if (args.length < 2 || first?.kind !== LEAF_INTEGER) return refuse("'data' requires at least 2 arguments");
      if (emitter === null) return true;
      for (const arg of args.slice(1)) {
        const value = arg !== null && (arg.kind === LEAF_INTEGER || arg.kind === CONST_OBJECT) ? arg.value : null;
        if (typeof value !== 'number' && typeof value !== 'bigint') return refuse("'data' requires integer arguments");
        emitter.data(Number(first.value), value);
      }
      return true;
    default:
      emitter?.op(name, args, trailer);
      return true;
  }
}
