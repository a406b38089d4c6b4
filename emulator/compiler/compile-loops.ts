/** `if`, `while` and `for` (py/compile.c of MicroPython 1.27.0). */
import { assign } from './compile-assignment.ts';
import { jumpIf } from './compile-expressions.ts';
import type { Compiler, NodeHandler } from './compiler.ts';
import { isConstantFalse, isConstantTrue } from './constant-node.ts';
import type { Label } from './emitter.ts';
import { BinaryOp } from './operators.ts';
import { integerLeaf, isKind, isName, LEAF_INTEGER, listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Q } from './qstr-pool.ts';

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
export function enterLoop(c: Compiler): { breakLabel: Label; continueLabel: Label; leave: () => void } {
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

export const loopHandlers: readonly (readonly [number, NodeHandler])[] = [
  [R.if_stmt, ifStatement],
  [R.while_stmt, whileStatement],
  [R.for_stmt, forStatement],
];
