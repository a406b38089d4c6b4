/** Expressions (py/compile.c of MicroPython 1.27.0). */

import { closeOverAndMakeFunction, declareGlobalOrNonlocal, makeFunctionWithDefaults } from './compile-definitions.ts';
import type { Compiler, NodeHandler } from './compiler.ts';
import { modifiedName } from './compiler.ts';
import { isConstantFalse, isConstantTrue } from './constant-node.ts';
import { AccessKind, BuildKind, type Label, Pass, STAR_DOUBLE, STAR_SINGLE } from './emitter.ts';
import { BinaryOp, UnaryOp } from './operators.ts';
import { CONST_OBJECT, isKind, isName, LEAF_NAME, LEAF_TOKEN, listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Q } from './qstr-pool.ts';
import { isComprehension, NAME_IS_PARAMETER, NameKind, ScopeKind } from './scope.ts';
import { Token } from './token.ts';

export const hasCompFor = (node: ParseNode): boolean => node.nodes.length === 2 && isKind(node.nodes[1]!, R.comp_for);

/** Jumps to the label when the truth of the node is `condition`. */
export function jumpIf(c: Compiler, node: Node, condition: boolean, label: Label): void {
  if (isConstantFalse(node)) {
    if (!condition) c.emit.jump(label);
    return;
  }
  if (isConstantTrue(node)) {
    if (condition) c.emit.jump(label);
    return;
  }
  if (node !== null && (node.kind === R.or_test || node.kind === R.and_test)) {
    const last = node.nodes.length - 1;
    if ((node.kind === R.or_test) === condition) {
      for (const operand of node.nodes) jumpIf(c, operand, condition, label);
    } else {
      const decided = c.newLabel();
      for (let i = 0; i < last; i++) jumpIf(c, node.nodes[i]!, !condition, decided);
      jumpIf(c, node.nodes[last]!, condition, label);
      c.emit.labelAssign(decided);
    }
    return;
  }
  if (isKind(node, R.not_test_2)) {
    jumpIf(c, node.nodes[0]!, !condition, label);
    return;
  }
  c.node(node);
  c.emit.popJumpIf(condition, label);
}

export function tuple(c: Compiler, node: ParseNode): void {
  for (const item of node.nodes) c.node(item);
  c.emit.build(node.nodes.length, BuildKind.Tuple);
}

function conditional(c: Compiler, node: ParseNode): void {
  const branches = node.nodes[1]!;
  const otherwise = c.newLabel();
  const end = c.newLabel();
  jumpIf(c, branches.nodes[0]!, false, otherwise);
  c.node(node.nodes[0]!);
  c.emit.jump(end);
  c.emit.labelAssign(otherwise);
  c.emit.adjustStackSize(-1);
  c.node(branches.nodes[1]!);
  c.emit.labelAssign(end);
}

function lambda(c: Compiler, node: ParseNode): void {
  if (c.pass === Pass.Scope) node.scope = c.newScope(ScopeKind.Lambda, node, c.scope.emit);
  makeFunctionWithDefaults(c, node.scope!, node.nodes[0]!, R.varargslist);
}

function assignmentExpression(c: Compiler, target: Node, value: Node): void {
  if (!isName(target)) c.syntaxError(target, "can't assign to expression");
  c.node(value);
  c.emit.dupTop();
  if (!isName(target)) return;
  const name = target.arg;
  const { scope } = c;
  // In a comprehension the name belongs to the scope around it (PEP 572).
  if (c.pass === Pass.Scope && isComprehension(scope.kind)) {
    const parent = scope.parent!;
    if (modifiedName(parent, name).kind === NameKind.GlobalExplicit) {
      scope.findOrAdd(name, NameKind.GlobalExplicit);
    } else {
      const info = scope.findOrAdd(name, NameKind.Undecided);
      const isGlobal = parent.parent === null;
      if (!isGlobal && info.kind === NameKind.GlobalImplicit) info.kind = NameKind.Undecided;
      declareGlobalOrNonlocal(c, target, info, isGlobal);
    }
  }
  c.storeName(name);
}

function orAnd(c: Compiler, node: ParseNode): void {
  const end = c.newLabel();
  const last = node.nodes.length - 1;
  node.nodes.forEach((operand, i) => {
    c.node(operand);
    if (i < last) c.emit.jumpIfOrPop(node.kind === R.or_test, end);
  });
  c.emit.labelAssign(end);
}

function comparison(c: Compiler, node: ParseNode): void {
  const { nodes } = node;
  c.node(nodes[0]!);
  const chained = nodes.length > 3;
  const failed = chained ? c.newLabel() : 0;
  for (let i = 1; i + 1 < nodes.length; i += 2) {
    const more = i + 2 < nodes.length;
    c.node(nodes[i + 1]!);
    if (more) {
      c.emit.dupTop();
      c.emit.rotThree();
    }
    const op = nodes[i]!;
    if (op.kind === LEAF_TOKEN) {
      c.emit.binary(op.arg === Token.KwIn ? BinaryOp.In : BinaryOp.Less + (op.arg - Token.Less));
    } else if (op.kind === R.comp_op_not_in) {
      c.emit.binary(BinaryOp.NotIn);
    } else {
      c.emit.binary(op.nodes[0] === null ? BinaryOp.Is : BinaryOp.IsNot);
    }
    if (more) c.emit.jumpIfOrPop(false, failed);
  }
  if (!chained) return;
  const end = c.newLabel();
  c.emit.jump(end);
  c.emit.labelAssign(failed);
  c.emit.adjustStackSize(1);
  c.emit.rotTwo();
  c.emit.popTop();
  c.emit.labelAssign(end);
}

function bitwise(c: Compiler, node: ParseNode): void {
  const op = node.kind === R.expr ? BinaryOp.Or : node.kind === R.xor_expr ? BinaryOp.Xor : BinaryOp.And;
  c.node(node.nodes[0]!);
  for (let i = 1; i < node.nodes.length; i++) {
    c.node(node.nodes[i]!);
    c.emit.binary(op);
  }
}

function arithmetic(c: Compiler, node: ParseNode): void {
  const { nodes } = node;
  c.node(nodes[0]!);
  for (let i = 1; i + 1 < nodes.length; i += 2) {
    c.node(nodes[i + 1]!);
    c.emit.binary(BinaryOp.LeftShift + (nodes[i]!.arg - Token.LeftShift));
  }
}

function sign(c: Compiler, node: ParseNode): void {
  c.node(node.nodes[1]!);
  const token = node.nodes[0]!.arg;
  c.emit.unary(token === Token.Tilde ? UnaryOp.Invert : token === Token.Plus ? UnaryOp.Positive : UnaryOp.Negative);
}

/** An atom and its trailers: calls, subscripts and attributes. */
export function atomWithTrailers(c: Compiler, node: ParseNode): void {
  const atom = node.nodes[0]!;
  c.node(atom);
  const rest = node.nodes[1]!;
  if (rest === null) return;
  const trailers = rest.kind === R.atom_expr_trailers ? (rest.nodes as ParseNode[]) : [rest];
  let i = 0;

  if (
    c.scope.kind === ScopeKind.Function &&
    isName(atom) &&
    atom.arg === Q.super &&
    trailers[0]!.kind === R.trailer_paren &&
    trailers[0]!.nodes[0] === null
  ) {
    // super() stands for super(__class__, <first parameter>)
    c.loadName(Q.__class__);
    const self = c.scope.names.find(info => (info.flags & NAME_IS_PARAMETER) !== 0);
    if (self === undefined) {
      c.syntaxError(trailers[0]!, "super() can't find self");
      return;
    }
    c.loadName(self.name);
    if (trailers.length >= 3 && trailers[1]!.kind === R.trailer_period && trailers[2]!.kind === R.trailer_paren) {
      c.emit.loadMethod(trailers[1]!.nodes[0]!.arg, true);
      callArguments(c, trailers[2]!.nodes[0]!, true, 0);
      i = 3;
    } else {
      c.emit.callFunction(2, 0, 0);
      i = 1;
    }
  } else if (
    c.options.orderedDictLiteral === true &&
    isName(atom) &&
    atom.arg === Q.OrderedDict &&
    trailers[0]!.kind === R.trailer_paren &&
    isKind(trailers[0]!.nodes[0]!, R.atom_brace)
  ) {
    // OrderedDict({...}) fills an empty one, which keeps the order of the display.
    c.emit.callFunction(0, 0, 0);
    braces(c, trailers[0]!.nodes[0]!, false);
    i = 1;
  }

  for (; i < trailers.length; i++) {
    const trailer = trailers[i]!;
    if (trailer.kind === R.trailer_period && i + 1 < trailers.length && trailers[i + 1]!.kind === R.trailer_paren) {
      c.emit.loadMethod(trailer.nodes[0]!.arg, false);
      callArguments(c, trailers[++i]!.nodes[0]!, true, 0);
    } else {
      c.node(trailer);
    }
  }
}

function power(c: Compiler, node: ParseNode): void {
  c.allNodes(node);
  c.emit.binary(BinaryOp.Power);
}

/** The arguments and the call; the callee is on the stack, with `extra` positional arguments. */
export function callArguments(c: Compiler, list: Node, isMethod: boolean, extra: number): void {
  const args = listItems(list, R.arglist);
  let positional = extra;
  let keyword = 0;
  let stars = 0;
  let starred = 0n;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    switch (arg.kind) {
      case R.arglist_star:
        if ((stars & STAR_DOUBLE) !== 0) {
          c.syntaxError(arg, '* arg after **');
          return;
        }
        if (i >= c.options.smallIntBits - 1) {
          // A small integer tells which arguments are starred.
          c.syntaxError(arg, 'too many args');
          return;
        }
        stars |= STAR_SINGLE;
        starred |= 1n << BigInt(i);
        c.node(arg.nodes[0]!);
        positional++;
        continue;
      case R.arglist_dbl_star:
        stars |= STAR_DOUBLE;
        c.emit.loadNull();
        c.node(arg.nodes[0]!);
        keyword++;
        continue;
      case R.argument: {
        const [first, second] = arg.nodes;
        if (isKind(second!, R.argument_3)) {
          assignmentExpression(c, first!, second.nodes[0]!);
          positional++;
        } else if (isKind(second!, R.comp_for)) {
          comprehension(c, arg, ScopeKind.GeneratorExpression);
          positional++;
        } else {
          if (first!.kind !== LEAF_NAME) {
            c.syntaxError(arg, 'LHS of keyword arg must be an id');
            return;
          }
          c.emit.loadConstString(first!.arg);
          c.node(second!);
          keyword++;
        }
        continue;
      }
    }
    if ((stars & STAR_DOUBLE) !== 0) {
      c.syntaxError(arg, 'positional arg after **');
      return;
    }
    if (keyword > 0) {
      c.syntaxError(arg, 'positional arg after keyword arg');
      return;
    }
    c.node(arg);
    positional++;
  }
  if (stars !== 0) c.emit.loadConstSmallInt(starred < 0x40000000n ? Number(starred) : starred);
  if (isMethod) c.emit.callMethod(positional, keyword, stars);
  else c.emit.callFunction(positional, keyword, stars);
}

/** The node has the inner expression and a comp_for. */
function comprehension(c: Compiler, node: ParseNode, kind: ScopeKind): void {
  const compFor = node.nodes[1]!;
  if (c.pass === Pass.Scope) compFor.scope = c.newScope(kind, node, c.scope.emit);
  closeOverAndMakeFunction(c, compFor.scope!, 0, 0);
  c.node(compFor.nodes[1]!);
  if (kind === ScopeKind.GeneratorExpression) c.emit.getIter(false);
  c.emit.callFunction(1, 0, 0);
}

function parentheses(c: Compiler, node: ParseNode): void {
  const inner = node.nodes[0]!;
  if (inner === null) c.emit.build(0, BuildKind.Tuple);
  else if (hasCompFor(inner)) comprehension(c, inner, ScopeKind.GeneratorExpression);
  else tuple(c, inner);
}

function brackets(c: Compiler, node: ParseNode): void {
  const inner = node.nodes[0]!;
  if (inner === null) {
    c.emit.build(0, BuildKind.List);
  } else if (inner.kind !== R.testlist_comp) {
    c.node(inner);
    c.emit.build(1, BuildKind.List);
  } else if (hasCompFor(inner)) {
    comprehension(c, inner, ScopeKind.ListComprehension);
  } else {
    c.allNodes(inner);
    c.emit.build(inner.nodes.length, BuildKind.List);
  }
}

function braces(c: Compiler, node: ParseNode, makeMap: boolean): void {
  const inner = node.nodes[0]!;
  if (inner === null) {
    if (makeMap) c.emit.build(0, BuildKind.Map);
  } else if (inner.kind === R.dictorsetmaker_item) {
    if (makeMap) c.emit.build(1, BuildKind.Map);
    c.node(inner);
    c.emit.storeMap();
  } else if (inner.kind === R.dictorsetmaker) {
    const [first, rest] = inner.nodes;
    const isDict = isKind(first!, R.dictorsetmaker_item);
    if (rest!.kind !== R.dictorsetmaker_list) {
      comprehension(c, inner, isDict ? ScopeKind.DictComprehension : ScopeKind.SetComprehension);
      return;
    }
    const items = listItems(rest!.nodes[0]!, R.dictorsetmaker_list2);
    if (isDict && makeMap) c.emit.build(1 + items.length, BuildKind.Map);
    c.node(first!);
    if (isDict) c.emit.storeMap();
    const terse = c.options.errorReporting === 'terse';
    for (const item of items) {
      c.node(item);
      const isPair = isKind(item, R.dictorsetmaker_item);
      if (isPair !== isDict) {
        const message = isDict ? 'expecting key:value for dict' : 'expecting just a value for set';
        c.syntaxError(inner, terse ? 'invalid syntax' : message);
        return;
      }
      if (isDict) c.emit.storeMap();
    }
    if (!isDict) c.emit.build(1 + items.length, BuildKind.Set);
  } else {
    c.node(inner);
    c.emit.build(1, BuildKind.Set);
  }
}

function subscriptSlice(c: Compiler, node: ParseNode): void {
  let slice = node;
  if (node.kind === R.subscript_2) {
    c.node(node.nodes[0]!);
    slice = node.nodes[1]!;
  } else {
    c.emit.loadConstToken(Token.KwNone);
  }
  const end = slice.nodes[0]!;
  let step: Node = null;
  if (end === null) {
    c.emit.loadConstToken(Token.KwNone);
  } else if (end.kind === R.subscript_3c) {
    c.emit.loadConstToken(Token.KwNone);
    step = end.nodes[0]!;
  } else if (end.kind === R.subscript_3d) {
    c.node(end.nodes[0]!);
    step = end.nodes[1]!.nodes[0]!;
  } else {
    c.node(end);
  }
  if (step !== null) c.node(step);
  c.emit.build(step === null ? 2 : 3, BuildKind.Slice);
}

export function yieldFrom(c: Compiler): void {
  c.emit.getIter(false);
  c.emit.loadConstToken(Token.KwNone);
  c.emit.yield(true);
  c.reserveLabelsForNative(3);
}

/** Calls a method of the object on the stack and awaits what it returns. */
export function awaitMethod(c: Compiler, name: number): void {
  c.emit.loadMethod(name, false);
  c.emit.callMethod(0, 0, 0);
  yieldFrom(c);
}

const isYieldScope = (c: Compiler): boolean => c.scope.kind === ScopeKind.Function || c.scope.kind === ScopeKind.Lambda;

function yieldExpression(c: Compiler, node: ParseNode): void {
  if (!isYieldScope(c)) {
    c.syntaxError(node, "'yield' outside function");
    return;
  }
  const value = node.nodes[0]!;
  if (isKind(value, R.yield_arg_from)) {
    c.node(value.nodes[0]!);
    yieldFrom(c);
    return;
  }
  if (value === null) c.emit.loadConstToken(Token.KwNone);
  else c.node(value);
  c.emit.yield(false);
  c.reserveLabelsForNative(1);
}

function awaitExpression(c: Compiler, node: ParseNode): void {
  if (!isYieldScope(c) && c.options.topLevelAwait !== true) {
    c.syntaxError(node, "'await' outside function");
    return;
  }
  atomWithTrailers(c, node);
  yieldFrom(c);
}

export const expressionHandlers: readonly (readonly [number, NodeHandler])[] = [
  [CONST_OBJECT, (c, node) => c.emit.loadConstObject(node.value)],
  [R.testlist_star_expr, tuple],
  [R.testlist, tuple],
  [R.subscriptlist, tuple],
  [R.namedexpr_test, (c, node) => assignmentExpression(c, node.nodes[0]!, node.nodes[1]!)],
  [R.test_if_expr, conditional],
  [R.lambdef, lambda],
  [R.lambdef_nocond, lambda],
  [R.or_test, orAnd],
  [R.and_test, orAnd],
  [
    R.not_test_2,
    (c, node) => {
      c.node(node.nodes[0]!);
      c.emit.unary(UnaryOp.Not);
    },
  ],
  [R.comparison, comparison],
  [R.star_expr, (c, node) => c.syntaxError(node, '*x must be assignment target')],
  [R.expr, bitwise],
  [R.xor_expr, bitwise],
  [R.and_expr, bitwise],
  [R.shift_expr, arithmetic],
  [R.arith_expr, arithmetic],
  [R.term, arithmetic],
  [R.factor_2, sign],
  [R.power, power],
  [R.atom_expr_await, awaitExpression],
  [R.atom_expr_normal, atomWithTrailers],
  [R.atom_paren, parentheses],
  [R.atom_bracket, brackets],
  [R.atom_brace, (c, node) => braces(c, node, true)],
  [R.trailer_paren, (c, node) => callArguments(c, node.nodes[0]!, false, 0)],
  [
    R.trailer_bracket,
    (c, node) => {
      c.node(node.nodes[0]!);
      c.emit.subscript(AccessKind.Load);
    },
  ],
  [R.trailer_period, (c, node) => c.emit.attribute(node.nodes[0]!.arg, AccessKind.Load)],
  [R.subscript_2, subscriptSlice],
  [R.subscript_3, subscriptSlice],
  [
    R.dictorsetmaker_item,
    (c, node) => {
      c.node(node.nodes[1]!);
      c.node(node.nodes[0]!);
    },
  ],
  [R.yield_expr, yieldExpression],
];
