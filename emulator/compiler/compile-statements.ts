/** Simple statements (py/compile.c of MicroPython 1.27.0). */

import { assign, deleteTarget } from './compile-assignment.ts';
import { jumpIf } from './compile-expressions.ts';
import { type Compiler, NO_LABEL, type NodeHandler } from './compiler.ts';
import { AccessKind, BuildKind, ImportKind } from './emitter.ts';
import { BinaryOp } from './operators.ts';
import {
  CONST_OBJECT,
  isKind,
  isName,
  isToken,
  LEAF,
  LEAF_NAME,
  LEAF_TOKEN,
  listItems,
  type Node,
  type ParseNode,
  R,
} from './parse-node.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import { NameKind, ScopeKind } from './scope.ts';
import { Token } from './token.ts';

// Expression statements and assignment

const AUGMENTED_TO_INPLACE = BinaryOp.InplaceOr - Token.PipeEqual;

function expressionStatement(c: Compiler, node: ParseNode): void {
  const [target, rest] = node.nodes as [ParseNode, Node];
  if (rest === null) {
    if (c.isRepl && c.scope.kind === ScopeKind.Module) {
      c.loadName(Q.__repl_print__);
      c.node(target);
      c.emit.callFunction(1, 0, 0);
      c.emit.popTop();
    } else if (!((target.kind >= LEAF && target.kind !== LEAF_NAME) || target.kind === CONST_OBJECT)) {
      c.node(target);
      c.emit.popTop();
    }
    return;
  }
  if (rest.kind === R.annassign) {
    // Annotations are ignored, except that one without a value declares a local.
    const value = rest.nodes[1]!;
    if (value !== null) plainAssignment(c, target, value);
    else if (c.scope.kind === ScopeKind.Function && isName(target)) c.scope.findOrAdd(target.arg, NameKind.Local);
  } else if (rest.kind === R.expr_stmt_augassign) {
    assign(c, target, 'load for augmented');
    c.node(rest.nodes[1]!);
    c.emit.binary(AUGMENTED_TO_INPLACE + rest.nodes[0]!.arg);
    assign(c, target, 'store augmented');
  } else if (rest.kind === R.expr_stmt_assign_list) {
    const last = rest.nodes.length - 1;
    c.node(rest.nodes[last]!);
    if (last > 0) c.emit.dupTop();
    assign(c, target);
    for (let i = 0; i < last; i++) {
      if (i + 1 < last) c.emit.dupTop();
      assign(c, rest.nodes[i]!);
    }
  } else {
    plainAssignment(c, target, rest);
  }
}

function plainAssignment(c: Compiler, target: ParseNode, value: ParseNode): void {
  const targets = target.nodes;
  const count = targets.length;
  if (
    value.kind === R.testlist_star_expr &&
    target.kind === R.testlist_star_expr &&
    count === value.nodes.length &&
    (count === 2 || count === 3) &&
    !targets.some(item => isKind(item, R.star_expr))
  ) {
    // a, b = c, d needs no tuple.
    for (const item of value.nodes) c.node(item);
    if (count === 3) c.emit.rotThree();
    c.emit.rotTwo();
    for (const item of targets) assign(c, item);
    return;
  }
  c.node(value);
  assign(c, target);
}

function deleteStatement(c: Compiler, node: ParseNode): void {
  for (const target of listItems(node.nodes[0]!, R.exprlist)) deleteTarget(c, target);
}

// Leaving

function breakOrContinue(c: Compiler, node: ParseNode): void {
  const isBreak = node.kind === R.break_stmt;
  const label = isBreak ? c.breakLabel : c.continueLabel;
  if (label === NO_LABEL) c.syntaxError(node, "'break'/'continue' outside loop");
  c.emit.unwindJump(label, c.exceptLevel - c.breakContinueExceptLevel, isBreak && c.breakFromFor);
}

function returnStatement(c: Compiler, node: ParseNode): void {
  if (c.scope.kind !== ScopeKind.Function) {
    c.syntaxError(node, "'return' outside function");
    return;
  }
  const value = node.nodes[0]!;
  if (value === null) {
    c.emit.loadConstToken(Token.KwNone);
  } else if (value.kind === R.test_if_expr) {
    // Both branches return; there is no need to meet first.
    const branches = value.nodes[1]!;
    const otherwise = c.newLabel();
    jumpIf(c, branches.nodes[0]!, false, otherwise);
    c.node(value.nodes[0]!);
    c.emit.returnValue();
    c.emit.labelAssign(otherwise);
    c.node(branches.nodes[1]!);
  } else {
    c.node(value);
  }
  c.emit.returnValue();
}

function raiseStatement(c: Compiler, node: ParseNode): void {
  const value = node.nodes[0]!;
  if (value === null) {
    c.emit.raise(0);
  } else if (value.kind === R.raise_stmt_arg) {
    c.node(value.nodes[0]!);
    c.node(value.nodes[1]!);
    c.emit.raise(2);
  } else {
    c.node(value);
    c.emit.raise(1);
  }
}

function assertStatement(c: Compiler, node: ParseNode): void {
  if (c.options.optLevel !== 0) return;
  const end = c.newLabel();
  jumpIf(c, node.nodes[0]!, true, end);
  c.emit.global(AccessKind.Load, Q.AssertionError, false);
  if (node.nodes[1] !== null) {
    c.node(node.nodes[1]!);
    c.emit.callFunction(1, 0, 0);
  }
  c.emit.raise(1);
  c.emit.labelAssign(end);
}

// import

/** Imports a module; returns the name that the statement binds. */
function importModule(c: Compiler, node: Node): Qstr {
  let module = node;
  let alias = -1;
  if (isKind(module, R.dotted_as_name)) {
    alias = module.nodes[1]!.arg;
    module = module.nodes[0]!;
  }
  if (module === null) {
    c.emit.import(Q.empty, ImportKind.Name); // from . import x
    return Q.empty;
  }
  if (isName(module)) {
    c.emit.import(module.arg, ImportKind.Name);
    return alias >= 0 ? alias : module.arg;
  }
  const names = module.nodes.map(name => name!.arg);
  c.emit.import(c.pool.intern(names.map(name => c.pool.text(name)).join('.')), ImportKind.Name);
  if (alias < 0) return names[0]!;
  for (const name of names.slice(1)) c.emit.attribute(name, AccessKind.Load);
  return alias;
}

function importName(c: Compiler, node: ParseNode): void {
  for (const item of listItems(node.nodes[0]!, R.dotted_as_names)) {
    c.emit.loadConstSmallInt(0);
    c.emit.loadConstToken(Token.KwNone);
    c.storeName(importModule(c, item));
  }
}

function importFrom(c: Compiler, node: ParseNode): void {
  let source: Node = node.nodes[0]!;
  let dots: Node = null;
  if (source!.kind === LEAF_TOKEN || source!.kind === R.one_or_more_period_or_ellipsis) {
    dots = source;
    source = null;
  } else if (source!.kind === R.import_from_2b) {
    [dots, source] = source!.nodes as [Node, Node];
  }
  let level = 0;
  for (const dot of listItems(dots, R.one_or_more_period_or_ellipsis)) level += isToken(dot, Token.Period) ? 1 : 3;

  if (isToken(node.nodes[1]!, Token.Star)) {
    if (c.scope.kind !== ScopeKind.Module) {
      c.syntaxError(node, 'import * not at module level');
      return;
    }
    c.emit.loadConstSmallInt(level);
    c.emit.loadConstString(Q.star);
    c.emit.build(1, BuildKind.Tuple);
    importModule(c, source);
    c.emit.import(Q.empty, ImportKind.Star);
    return;
  }
  c.emit.loadConstSmallInt(level);
  const items = listItems(node.nodes[1]!, R.import_as_names);
  for (const item of items) c.emit.loadConstString(item!.nodes[0]!.arg);
  c.emit.build(items.length, BuildKind.Tuple);
  importModule(c, source);
  for (const item of items) {
    const [name, alias] = item!.nodes;
    c.emit.import(name!.arg, ImportKind.From);
    c.storeName(alias === null ? name!.arg : alias!.arg);
  }
  c.emit.popTop();
}
const allNodes: NodeHandler = (c, node) => c.allNodes(node);

export const statementHandlers: readonly (readonly [number, NodeHandler])[] = [
  [R.file_input, allNodes],
  [R.file_input_2, allNodes],
  [R.simple_stmt_2, allNodes],
  [R.suite_block_stmts, allNodes],
  [R.pass_stmt, allNodes],
  [R.expr_stmt, expressionStatement],
  [R.del_stmt, deleteStatement],
  [R.break_stmt, breakOrContinue],
  [R.continue_stmt, breakOrContinue],
  [R.return_stmt, returnStatement],
  [
    R.yield_stmt,
    (c, node) => {
      c.node(node.nodes[0]!);
      c.emit.popTop();
    },
  ],
  [R.raise_stmt, raiseStatement],
  [R.import_name, importName],
  [R.import_from, importFrom],
  [R.assert_stmt, assertStatement],
];
