/** `try` and `with` (py/compile.c of MicroPython 1.27.0). */
import { assign } from './compile-assignment.ts';
import type { Compiler, NodeHandler } from './compiler.ts';
import { SetupKind } from './emitter.ts';
import { BinaryOp } from './operators.ts';
import { listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Token } from './token.ts';

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

export const exceptionHandlers: readonly (readonly [number, NodeHandler])[] = [
  [R.try_stmt, tryStatement],
  [R.with_stmt, (c, node) => withItems(c, listItems(node.nodes[0]!, R.with_stmt_list), 0, node.nodes[1]!)],
];
