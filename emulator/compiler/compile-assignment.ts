/** Assignment targets and what `del` deletes (py/compile.c of MicroPython 1.27.0). */

import { hasCompFor } from './compile-expressions.ts';
import type { Compiler } from './compiler.ts';
import { AccessKind } from './emitter.ts';
import { isKind, isName, LEAF, LEAF_NAME, type Node, type ParseNode, R } from './parse-node.ts';

const CANNOT_ASSIGN = "can't assign to expression";
const CANNOT_DELETE = "can't delete expression";

/** Augmented assignment loads its target, and stores to it later without evaluating its parts again. */
export type AssignKind = 'store' | 'load for augmented' | 'store augmented';

/** The last trailer of a target, once what is before it has been compiled. */
function lastTrailer(c: Compiler, rest: Node, compile: boolean): ParseNode | null {
  if (rest === null || rest.kind >= LEAF) return null;
  if (rest.kind !== R.atom_expr_trailers) return rest;
  const last = rest.nodes.length - 1;
  if (compile) for (let i = 0; i < last; i++) c.node(rest.nodes[i]!);
  return rest.nodes[last]!;
}

function assignTrailer(c: Compiler, target: ParseNode, kind: AssignKind): void {
  const again = kind === 'store augmented';
  if (!again) c.node(target.nodes[0]!);
  const trailer = lastTrailer(c, target.nodes[1]!, !again);
  if (isKind(trailer, R.trailer_bracket)) {
    if (again) {
      c.emit.rotThree();
      c.emit.subscript(AccessKind.Store);
    } else {
      c.node(trailer.nodes[0]!);
      if (kind === 'load for augmented') {
        c.emit.dupTopTwo();
        c.emit.subscript(AccessKind.Load);
      } else {
        c.emit.subscript(AccessKind.Store);
      }
    }
  } else if (isKind(trailer, R.trailer_period)) {
    const name = trailer.nodes[0]!.arg;
    if (kind === 'load for augmented') {
      c.emit.dupTop();
      c.emit.attribute(name, AccessKind.Load);
    } else {
      if (again) c.emit.rotTwo();
      c.emit.attribute(name, AccessKind.Store);
    }
  } else {
    c.syntaxError(target, CANNOT_ASSIGN);
  }
}

function assignSequence(c: Compiler, targets: readonly Node[]): void {
  let star = -1;
  for (let i = 0; i < targets.length; i++) {
    if (!isKind(targets[i]!, R.star_expr)) continue;
    if (star >= 0) {
      c.syntaxError(targets[i]!, 'multiple *x in assignment');
      return;
    }
    c.emit.unpackEx(i, targets.length - i - 1);
    star = i;
  }
  if (star < 0) c.emit.unpackSequence(targets.length);
  for (let i = 0; i < targets.length; i++) assign(c, i === star ? targets[i]!.nodes[0]! : targets[i]!);
}

/** Stores the top of the stack in a target (or, for augmented assignment, loads from it). */
export function assign(c: Compiler, target: Node, kind: AssignKind = 'store'): void {
  const node = target!;
  if (node.kind === LEAF_NAME) {
    if (kind === 'load for augmented') c.loadName(node.arg);
    else c.storeName(node.arg);
    return;
  }
  if (node.kind === R.atom_expr_normal) {
    assignTrailer(c, node, kind);
    return;
  }
  if (kind === 'store') {
    const inner = node.kind === R.atom_paren || node.kind === R.atom_bracket ? node.nodes[0]! : null;
    if (node.kind === R.testlist_star_expr || node.kind === R.exprlist) {
      assignSequence(c, node.nodes);
      return;
    }
    if (isKind(inner, R.testlist_comp)) {
      if (hasCompFor(inner)) c.syntaxError(node, CANNOT_ASSIGN);
      else assignSequence(c, inner.nodes);
      return;
    }
    if (node.kind === R.atom_bracket) {
      assignSequence(c, inner === null ? [] : [inner]);
      return;
    }
  }
  c.syntaxError(node, CANNOT_ASSIGN);
}

/** Deletes a target. */
export function deleteTarget(c: Compiler, target: Node): void {
  if (isName(target)) {
    c.deleteName(target.arg);
    return;
  }
  if (isKind(target, R.atom_expr_normal)) {
    c.node(target.nodes[0]!);
    const trailer = lastTrailer(c, target.nodes[1]!, true);
    if (isKind(trailer, R.trailer_bracket)) {
      c.node(trailer.nodes[0]!);
      c.emit.subscript(AccessKind.Delete);
      return;
    }
    if (isKind(trailer, R.trailer_period)) {
      c.emit.attribute(trailer.nodes[0]!.arg, AccessKind.Delete);
      return;
    }
  } else if (isKind(target, R.atom_paren)) {
    const inner = target.nodes[0]!;
    if (inner !== null && !hasCompFor(inner)) {
      for (const item of inner.nodes) deleteTarget(c, item);
      return;
    }
    // For empty parentheses the reference has no node to take a line from.
    c.syntaxError(inner, CANNOT_DELETE);
    return;
  }
  c.syntaxError(target, CANNOT_DELETE);
}
