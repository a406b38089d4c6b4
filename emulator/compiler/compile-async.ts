/** `async def`, `async for` and `async with` (py/compile.c of MicroPython 1.27.0). */
import { assign } from './compile-assignment.ts';
import { functionDefinition } from './compile-definitions.ts';
import { awaitMethod, yieldFrom } from './compile-expressions.ts';
import { enterLoop } from './compile-loops.ts';
import type { Compiler, NodeHandler } from './compiler.ts';
import { AccessKind, SetupKind } from './emitter.ts';
import { BinaryOp } from './operators.ts';
import { listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Q } from './qstr-pool.ts';
import { SCOPE_FLAG_GENERATOR } from './rawcode.ts';
import { Token } from './token.ts';

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

export const asyncHandlers: readonly (readonly [number, NodeHandler])[] = [[R.async_stmt, asyncStatement]];
