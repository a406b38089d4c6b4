/** Statements but for definitions (py/compile.c of MicroPython 1.27.0). */

import { assign, deleteTarget } from './compile-assignment.ts';
import { functionDefinition } from './compile-definitions.ts';
import { awaitMethod, jumpIf, yieldFrom } from './compile-expressions.ts';
import { type Compiler, NO_LABEL, type NodeHandler } from './compiler.ts';
import { isConstantFalse, isConstantTrue } from './constant-node.ts';
import { AccessKind, BuildKind, ImportKind, type Label, SetupKind } from './emitter.ts';
import { BinaryOp } from './operators.ts';
import {
  CONST_OBJECT,
  integerLeaf,
  isInner,
  isKind,
  isName,
  isToken,
  LEAF,
  LEAF_INTEGER,
  LEAF_NAME,
  LEAF_TOKEN,
  listItems,
  type Node,
  type ParseNode,
  R,
} from './parse-node.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import { SCOPE_FLAG_GENERATOR } from './rawcode.ts';
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

// if and loops

/** Compiles one branch of an `if`; true when nothing after it can be reached. */
function branch(c: Compiler, condition: Node, body: Node, end: Label, jumpToEnd: boolean): boolean {
  if (isConstantFalse(condition)) return false;
  const otherwise = c.newLabel();
  jumpIf(c, condition, false, otherwise);
  c.node(body);
  if (isConstantTrue(condition)) return true;
  if (jumpToEnd) c.emit.jump(end);
  c.emit.labelAssign(otherwise);
  return false;
}

function ifStatement(c: Compiler, node: ParseNode): void {
  const [condition, body, elifs, otherwise] = node.nodes as [Node, Node, Node, Node];
  const end = c.newLabel();
  let decided = branch(c, condition, body, end, elifs !== null || otherwise !== null);
  if (!decided) {
    for (const elif of listItems(elifs, R.if_stmt_elif_list)) {
      decided = branch(c, elif!.nodes[0]!, elif!.nodes[1]!, end, true);
      if (decided) break;
    }
  }
  if (!decided) c.node(otherwise);
  c.emit.labelAssign(end);
}

/** Runs `body` with new labels for `break` and `continue`; returns the function that brings the old ones back. */
function enterLoop(c: Compiler): { breakLabel: Label; continueLabel: Label; leave: () => void } {
  const outer = {
    breakLabel: c.breakLabel,
    breakFromFor: c.breakFromFor,
    continueLabel: c.continueLabel,
    level: c.breakContinueExceptLevel,
  };
  const breakLabel = c.newLabel();
  const continueLabel = c.newLabel();
  c.breakLabel = breakLabel;
  c.breakFromFor = false;
  c.continueLabel = continueLabel;
  c.breakContinueExceptLevel = c.exceptLevel;
  const leave = (): void => {
    c.breakLabel = outer.breakLabel;
    c.breakFromFor = outer.breakFromFor;
    c.continueLabel = outer.continueLabel;
    c.breakContinueExceptLevel = outer.level;
  };
  return { breakLabel, continueLabel, leave };
}

function whileStatement(c: Compiler, node: ParseNode): void {
  const [condition, body, otherwise] = node.nodes as [Node, Node, Node];
  const loop = enterLoop(c);
  if (!isConstantFalse(condition)) {
    const top = c.newLabel();
    if (!isConstantTrue(condition)) c.emit.jump(loop.continueLabel);
    c.emit.labelAssign(top);
    c.node(body);
    c.emit.labelAssign(loop.continueLabel);
    jumpIf(c, condition, true, top);
  }
  loop.leave();
  c.node(otherwise);
  c.emit.labelAssign(loop.breakLabel);
}

const NOT_PLAIN = new Set<number>([R.arglist_star, R.arglist_dbl_star, R.argument]);
const isPlainArgument = (node: ParseNode): boolean => !NOT_PLAIN.has(node.kind);

/** Start, end and step of `range(...)` when the loop can count by itself. */
function rangeOf(iterable: Node): [ParseNode, ParseNode, ParseNode] | null {
  if (!isKind(iterable, R.atom_expr_normal)) return null;
  const [callee, call] = iterable.nodes;
  if (!isName(callee!) || callee.arg !== Q.range || call!.kind !== R.trailer_paren) return null;
  const args = listItems(call!.nodes[0]!, R.arglist) as readonly ParseNode[];
  let range: [ParseNode, ParseNode, ParseNode];
  if (args.length === 1) range = [integerLeaf(0), args[0]!, integerLeaf(1)];
  else if (args.length === 2) range = [args[0]!, args[1]!, integerLeaf(1)];
  else if (args.length === 3) range = [args[0]!, args[1]!, args[2]!];
  else return null;
  const [start, end, step] = range;
  if (step.kind !== LEAF_INTEGER || step.value === 0) return null;
  return isPlainArgument(start) && isPlainArgument(end) ? range : null;
}

function forRange(c: Compiler, node: ParseNode, range: [ParseNode, ParseNode, ParseNode]): void {
  const [start, end, step] = range;
  const otherwise = node.nodes[3]!;
  const loop = enterLoop(c);
  const top = c.newLabel();
  const entry = c.newLabel();
  // The end is kept below the counter unless it is a small integer.
  const endOnStack = end.kind !== LEAF_INTEGER;
  if (endOnStack) c.node(end);
  c.node(start);
  c.emit.jump(entry);
  c.emit.labelAssign(top);
  c.emit.dupTop();
  assign(c, node.nodes[0]!);
  c.node(node.nodes[2]!);
  c.emit.labelAssign(loop.continueLabel);
  c.node(step);
  c.emit.binary(BinaryOp.InplaceAdd);
  c.emit.labelAssign(entry);
  if (endOnStack) {
    c.emit.dupTopTwo();
    c.emit.rotTwo();
  } else {
    c.emit.dupTop();
    c.node(end);
  }
  c.emit.binary((step.value as number | bigint) >= 0 ? BinaryOp.Less : BinaryOp.More);
  c.emit.popJumpIf(true, top);
  loop.leave();

  let done = 0;
  if (otherwise !== null) {
    // The else block may break out of an outer loop, so the counter goes first.
    c.emit.popTop();
    if (endOnStack) c.emit.popTop();
    c.node(otherwise);
    done = c.newLabel();
    c.emit.jump(done);
    c.emit.adjustStackSize(endOnStack ? 2 : 1);
  }
  c.emit.labelAssign(loop.breakLabel);
  c.emit.popTop();
  if (endOnStack) c.emit.popTop();
  if (otherwise !== null) c.emit.labelAssign(done);
}

function forStatement(c: Compiler, node: ParseNode): void {
  const [target, iterable, body, otherwise] = node.nodes as [Node, Node, Node, Node];
  if (isName(target)) {
    const range = rangeOf(iterable);
    if (range !== null) {
      forRange(c, node, range);
      return;
    }
  }
  const loop = enterLoop(c);
  c.breakFromFor = true;
  const exhausted = c.newLabel();
  c.node(iterable);
  c.emit.getIter(true);
  c.emit.labelAssign(loop.continueLabel);
  c.emit.forIter(exhausted);
  assign(c, target);
  c.node(body);
  c.emit.jump(loop.continueLabel);
  c.emit.labelAssign(exhausted);
  c.emit.forIterEnd();
  loop.leave();
  c.node(otherwise);
  c.emit.labelAssign(loop.breakLabel);
}

// try and with

function tryExcept(c: Compiler, body: Node, handlers: readonly Node[], otherwise: Node): void {
  const handlerStart = c.newLabel();
  const success = c.newLabel();
  c.enterExceptLevel(handlerStart, SetupKind.Except);
  c.node(body);
  c.emit.popExceptJump(success, false);
  c.emit.labelAssign(handlerStart);
  c.emit.startExceptHandler();
  const end = c.newLabel();

  for (let i = 0; i < handlers.length; i++) {
    const handler = handlers[i]!;
    const next = c.newLabel();
    let bound = -1;
    let type = handler.nodes[0]!;
    if (type === null) {
      if (i + 1 !== handlers.length) {
        c.syntaxError(handler, "default 'except' must be last");
        c.leaveExceptLevel();
        return;
      }
    } else {
      if (type.kind === R.try_stmt_as_name) {
        bound = type.nodes[1]!.arg;
        type = type.nodes[0]!;
      }
      c.emit.dupTop();
      c.node(type);
      c.emit.binary(BinaryOp.ExceptionMatch);
      c.emit.popJumpIf(false, next);
    }
    if (bound < 0) {
      c.emit.popTop();
      c.node(handler.nodes[1]!);
    } else {
      // The name is deleted at the end, come what may.
      c.storeName(bound);
      const cleanup = c.newLabel();
      c.enterExceptLevel(cleanup, SetupKind.Finally);
      c.node(handler.nodes[1]!);
      c.emit.loadConstToken(Token.KwNone);
      c.emit.labelAssign(cleanup);
      c.emit.adjustStackSize(1);
      c.emit.loadConstToken(Token.KwNone);
      c.storeName(bound);
      c.deleteName(bound);
      c.emit.adjustStackSize(-1);
      c.leaveExceptLevel();
    }
    c.emit.popExceptJump(end, true);
    c.emit.labelAssign(next);
    c.emit.adjustStackSize(1);
  }

  c.leaveExceptLevel();
  c.emit.endExceptHandler();
  c.emit.labelAssign(success);
  c.node(otherwise);
  c.emit.labelAssign(end);
}

function tryFinally(c: Compiler, compileBody: () => void, finallyBody: Node): void {
  const finallyLabel = c.newLabel();
  c.enterExceptLevel(finallyLabel, SetupKind.Finally);
  compileBody();
  // None tells that the body came to its end.
  c.emit.loadConstToken(Token.KwNone);
  c.emit.labelAssign(finallyLabel);
  c.emit.adjustStackSize(1); // a value that is being returned
  c.node(finallyBody);
  c.emit.adjustStackSize(-1);
  c.leaveExceptLevel();
}

function tryStatement(c: Compiler, node: ParseNode): void {
  const [body, rest] = node.nodes as [Node, ParseNode];
  if (rest.kind === R.try_stmt_finally) {
    const compileBody = (): void => {
      c.emit.adjustStackSize(3); // a pending unwinding jump
      c.node(body);
      c.emit.adjustStackSize(-3);
    };
    tryFinally(c, compileBody, rest.nodes[0]!);
  } else if (rest.kind === R.try_stmt_except_and_more) {
    const [handlers, otherwise, last] = rest.nodes as [Node, Node, Node];
    const compileBody = (): void => tryExcept(c, body, listItems(handlers, R.try_stmt_except_list), otherwise);
    if (last === null) compileBody();
    else tryFinally(c, compileBody, last.nodes[0]!);
  } else {
    tryExcept(c, body, listItems(rest, R.try_stmt_except_list), null);
  }
}

function withItems(c: Compiler, items: readonly Node[], index: number, body: Node): void {
  if (index === items.length) {
    c.node(body);
    return;
  }
  const end = c.newLabel();
  const item = items[index]!;
  if (item.kind === R.with_item) {
    c.node(item.nodes[0]!);
    c.enterExceptLevel(end, SetupKind.With);
    assign(c, item.nodes[1]!);
  } else {
    c.node(item);
    c.enterExceptLevel(end, SetupKind.With);
    c.emit.popTop();
  }
  withItems(c, items, index + 1, body);
  c.emit.withCleanup(end);
  c.reserveLabelsForNative(3);
  c.leaveExceptLevel();
}

// async

function asyncFor(c: Compiler, node: ParseNode): void {
  const [target, iterable, body, otherwise] = node.nodes as [Node, Node, Node, Node];
  const whileElse = c.newLabel();
  const onException = c.newLabel();
  const onValue = c.newLabel();
  const reraise = c.newLabel();
  c.node(iterable);
  c.emit.loadMethod(Q.__aiter__, false);
  c.emit.callMethod(0, 0, 0);
  const loop = enterLoop(c);
  c.emit.labelAssign(loop.continueLabel);
  c.enterExceptLevel(onException, SetupKind.Except);
  c.emit.dupTop();
  awaitMethod(c, Q.__anext__);
  assign(c, target);
  c.emit.popExceptJump(onValue, false);

  c.emit.labelAssign(onException);
  c.emit.startExceptHandler();
  c.emit.dupTop();
  c.emit.global(AccessKind.Load, Q.StopAsyncIteration, false);
  c.emit.binary(BinaryOp.ExceptionMatch);
  c.emit.popJumpIf(false, reraise);
  c.emit.popTop();
  c.emit.popExceptJump(whileElse, true);
  c.emit.labelAssign(reraise);
  c.emit.adjustStackSize(1);
  c.leaveExceptLevel();
  c.emit.endExceptHandler();

  c.emit.labelAssign(onValue);
  c.node(body);
  c.emit.jump(loop.continueLabel);
  loop.leave();
  c.emit.labelAssign(whileElse);
  c.node(otherwise);
  c.emit.labelAssign(loop.breakLabel);
  c.emit.popTop();
}

function asyncWithItems(c: Compiler, items: readonly Node[], index: number, body: Node): void {
  if (index === items.length) {
    c.node(body);
    return;
  }
  const finallyBlock = c.newLabel();
  const noException = c.newLabel();
  const returnOrUnwind = c.newLabel();
  const end = c.newLabel();
  const item = items[index]!;
  const isAs = item.kind === R.with_item;
  c.node(isAs ? item.nodes[0]! : item);
  c.emit.dupTop();
  awaitMethod(c, Q.__aenter__);
  if (isAs) assign(c, item.nodes[1]!);
  else c.emit.popTop();

  c.enterExceptLevel(finallyBlock, SetupKind.Finally);
  c.emit.adjustStackSize(3); // a pending unwinding jump
  asyncWithItems(c, items, index + 1, body);
  c.emit.adjustStackSize(-3);
  c.emit.asyncWithSetupFinally(noException, finallyBlock, returnOrUnwind);

  // An exception: (..., manager, exception). __aexit__ decides whether it goes on.
  c.emit.dupTop();
  c.emit.rotThree();
  c.emit.rotTwo();
  c.emit.loadMethod(Q.__aexit__, false);
  c.emit.rotThree();
  c.emit.rotThree();
  c.emit.dupTop();
  c.emit.attribute(Q.__class__, AccessKind.Load);
  c.emit.rotTwo();
  c.emit.loadConstToken(Token.KwNone);
  c.emit.callMethod(3, 0, 0);
  yieldFrom(c);
  c.emit.popJumpIf(false, end);
  c.emit.popTop();
  c.emit.loadConstToken(Token.KwNone);
  c.emit.jump(end);
  c.emit.adjustStackSize(2);

  // A return or a jump out: (..., manager, value, number); and the normal end: (..., None, manager).
  c.emit.labelAssign(returnOrUnwind);
  c.emit.rotThree();
  c.emit.rotThree();
  c.emit.labelAssign(noException);
  c.emit.loadMethod(Q.__aexit__, false);
  c.emit.loadConstToken(Token.KwNone);
  c.emit.dupTop();
  c.emit.dupTop();
  c.emit.callMethod(3, 0, 0);
  yieldFrom(c);
  c.emit.popTop();
  c.emit.adjustStackSize(-1);
  c.emit.labelAssign(end);
  c.leaveExceptLevel();
}

function asyncStatement(c: Compiler, node: ParseNode): void {
  const inner = node.nodes[0]!;
  if (inner.kind === R.funcdef) {
    functionDefinition(c, inner);
    inner.scope!.flags |= SCOPE_FLAG_GENERATOR;
    return;
  }
  if ((c.scope.flags & SCOPE_FLAG_GENERATOR) === 0) {
    c.syntaxError(inner, 'async for/with outside async function');
    return;
  }
  if (inner.kind === R.for_stmt) asyncFor(c, inner);
  else asyncWithItems(c, listItems(inner.nodes[0]!, R.with_stmt_list), 0, inner.nodes[1]!);
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
  [R.if_stmt, ifStatement],
  [R.while_stmt, whileStatement],
  [R.for_stmt, forStatement],
  [R.try_stmt, tryStatement],
  [R.with_stmt, (c, node) => withItems(c, listItems(node.nodes[0]!, R.with_stmt_list), 0, node.nodes[1]!)],
  [R.async_stmt, asyncStatement],
];

export { isInner };
