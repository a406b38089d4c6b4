/** Functions, classes, decorators and their scopes (py/compile.c of MicroPython 1.27.0). */

import { assign } from './compile-assignment.ts';
import { callArguments, jumpIf } from './compile-expressions.ts';
import type { Compiler, NodeHandler } from './compiler.ts';
import { AccessKind, BuildKind, Pass } from './emitter.ts';
import { isName, LEAF_NAME, listItems, type Node, type ParseNode, R } from './parse-node.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import {
  SCOPE_FLAG_DEFKWARGS,
  SCOPE_FLAG_GENERATOR,
  SCOPE_FLAG_HASCONSTS,
  SCOPE_FLAG_REFGLOBALS,
  SCOPE_FLAG_VARARGS,
  SCOPE_FLAG_VARKEYWORDS,
  SCOPE_FLAG_VIPERRET_SHIFT,
} from './rawcode.ts';
import {
  EmitOption,
  NAME_IS_DOUBLE_STAR_PARAMETER,
  NAME_IS_PARAMETER,
  NAME_IS_STAR_PARAMETER,
  NAME_VIPER_TYPE_SHIFT,
  type NameInfo,
  NameKind,
  type Scope,
  ScopeKind,
} from './scope.ts';
import { Token } from './token.ts';

// Making function objects

/**
 * Makes a function or closure of a scope. Positional defaults are on the stack as a tuple, keyword defaults below it as a dict, when there
 * are any.
 */
export function closeOverAndMakeFunction(c: Compiler, inner: Scope, posDefaults: number, kwDefaults: number): void {
  if (kwDefaults > 0) inner.flags |= SCOPE_FLAG_DEFKWARGS;
  inner.numDefPosArgs = posDefaults;
  c.scope.flags |= SCOPE_FLAG_REFGLOBALS | SCOPE_FLAG_HASCONSTS;
  let closedOver = 0;
  if (c.scope.kind !== ScopeKind.Module) {
    for (const outer of c.scope.names) {
      if (outer.kind !== NameKind.Cell && outer.kind !== NameKind.Free) continue;
      if (inner.find(outer.name)?.kind !== NameKind.Free) continue;
      c.emit.local(AccessKind.Load, outer.name, outer.localNumber, false);
      closedOver++;
    }
  }
  if (closedOver === 0) c.emit.makeFunction(inner, posDefaults, kwDefaults);
  else c.emit.makeClosure(inner, closedOver, posDefaults, kwDefaults);
}

const isStar = (kind: number): boolean => kind === R.typedargslist_star || kind === R.varargslist_star;
const isDoubleStar = (kind: number): boolean => kind === R.typedargslist_dbl_star || kind === R.varargslist_dbl_star;

function defaultOf(c: Compiler, parameter: ParseNode): void {
  if (isStar(parameter.kind)) {
    c.haveStar = true;
    return;
  }
  if (isDoubleStar(parameter.kind)) return;
  const isLeafName = parameter.kind === LEAF_NAME;
  const name = isLeafName ? parameter : parameter.nodes[0]!;
  const value = isLeafName ? null : parameter.nodes[parameter.kind === R.typedargslist_name ? 2 : 1]!;
  if (value === null) {
    if (!c.haveStar && c.positionalDefaults !== 0) {
      c.syntaxError(parameter, 'non-default argument follows default argument');
    }
    return;
  }
  if (!c.haveStar) {
    c.positionalDefaults++;
    c.node(value);
    return;
  }
  c.keywordDefaults++;
  if (c.keywordDefaults === 1) {
    // The tuple of positional defaults goes below the dict.
    if (c.positionalDefaults > 0) c.emit.build(c.positionalDefaults, BuildKind.Tuple);
    else c.emit.loadNull();
    c.emit.build(0, BuildKind.Map);
  }
  c.node(value);
  c.emit.loadConstString(name.arg);
  c.emit.storeMap();
}

export function makeFunctionWithDefaults(c: Compiler, inner: Scope, parameters: Node, listKind: number): void {
  // A default may hold a lambda with defaults of its own.
  const { haveStar, keywordDefaults, positionalDefaults } = c;
  c.haveStar = false;
  c.keywordDefaults = 0;
  c.positionalDefaults = 0;
  for (const parameter of listItems(parameters, listKind)) defaultOf(c, parameter!);
  if (c.firstError !== null) return;
  if (c.positionalDefaults > 0 && c.keywordDefaults === 0) {
    c.emit.build(c.positionalDefaults, BuildKind.Tuple);
    c.emit.loadNull();
  }
  closeOverAndMakeFunction(c, inner, c.positionalDefaults, c.keywordDefaults);
  c.haveStar = haveStar;
  c.keywordDefaults = keywordDefaults;
  c.positionalDefaults = positionalDefaults;
}

/** Leaves the function on the stack and returns its name. */
function functionObject(c: Compiler, node: ParseNode, emit: EmitOption): Qstr {
  if (c.pass === Pass.Scope) node.scope = c.newScope(ScopeKind.Function, node, emit);
  makeFunctionWithDefaults(c, node.scope!, node.nodes[1]!, R.typedargslist);
  return node.scope!.simpleName;
}

/** Leaves the class on the stack and returns its name. */
function classObject(c: Compiler, node: ParseNode, emit: EmitOption): Qstr {
  if (c.pass === Pass.Scope) node.scope = c.newScope(ScopeKind.Class, node, emit);
  c.emit.loadBuildClass();
  const inner = node.scope!;
  closeOverAndMakeFunction(c, inner, 0, 0);
  c.emit.loadConstString(inner.simpleName);
  const bases = node.nodes[1]!;
  callArguments(c, bases !== null && bases.kind === R.classdef_2 ? null : bases, false, 2);
  return inner.simpleName;
}

export function functionDefinition(c: Compiler, node: ParseNode): void {
  c.storeName(functionObject(c, node, c.scope.emit));
}

function classDefinition(c: Compiler, node: ParseNode): void {
  c.storeName(classObject(c, node, c.scope.emit));
}

// Decorators

/** The emit option of `@micropython.<name>`, or undefined when the decorator is not the compiler's. */
function builtInDecorator(c: Compiler, names: readonly Node[], current: EmitOption): EmitOption | undefined {
  if (names[0]!.arg !== Q.micropython) return undefined;
  if (names.length !== 2) {
    c.syntaxError(names[0]!, 'invalid micropython decorator');
    return current;
  }
  const option = decoratorOption(c, names[1]!.arg);
  if (option === undefined) {
    c.syntaxError(names[1]!, 'invalid micropython decorator');
    return current;
  }
  if (c.options.crossCompiler === true && !hasEmitter(c.options.nativeArch, option)) c.syntaxError(names[1]!, 'invalid arch');
  return option;
}

function decoratorOption(c: Compiler, name: Qstr): EmitOption | undefined {
  const { nativeArch } = c.options;
  const cross = c.options.crossCompiler === true;
  switch (name) {
    case Q.bytecode:
      return EmitOption.Bytecode;
    case Q.native:
      return cross || nativeArch !== 0 ? EmitOption.NativePython : undefined;
    case Q.viper:
      return cross || nativeArch !== 0 ? EmitOption.Viper : undefined;
    case Q.asm_thumb:
      return cross || (nativeArch >= 3 && nativeArch <= 8) ? EmitOption.Assembler : undefined;
    case Q.asm_xtensa:
      return cross || nativeArch === 9 || nativeArch === 10 ? EmitOption.Assembler : undefined;
    case Q.asm_rv32:
      return cross || nativeArch === 11 ? EmitOption.Assembler : undefined;
    default:
      return undefined;
  }
}

/** Whether the official cross-compiler has an emitter for an architecture. */
function hasEmitter(arch: number, option: EmitOption): boolean {
  switch (option) {
    case EmitOption.NativePython:
    case EmitOption.Viper:
      return arch !== 0 && arch !== 12;
    case EmitOption.Assembler:
      return (arch >= 3 && arch <= 9) || arch === 11;
    default:
      return true;
  }
}

function decorated(c: Compiler, node: ParseNode): void {
  const decorators = listItems(node.nodes[0]!, R.decorators);
  let emit = c.scope.emit;
  let calls = 0;
  for (const decorator of decorators) {
    const names = listItems(decorator!.nodes[0]!, R.dotted_name);
    const option = builtInDecorator(c, names, emit);
    if (option !== undefined) {
      emit = option;
      continue;
    }
    calls++;
    c.node(names[0]!);
    for (let i = 1; i < names.length; i++) c.emit.attribute(names[i]!.arg, AccessKind.Load);
    if (decorator!.nodes[1] !== null) c.node(decorator!.nodes[1]!);
  }
  const body = node.nodes[1]!;
  let name: Qstr;
  if (body.kind === R.funcdef) {
    name = functionObject(c, body, emit);
  } else if (body.kind === R.async_funcdef) {
    const inner = body.nodes[0]!;
    name = functionObject(c, inner, emit);
    inner.scope!.flags |= SCOPE_FLAG_GENERATOR;
  } else {
    name = classObject(c, body, emit);
  }
  for (; calls > 0; calls--) c.emit.callFunction(1, 0, 0);
  c.storeName(name);
}

// global and nonlocal

function declareGlobal(c: Compiler, node: Node, info: NameInfo): void {
  if (info.kind !== NameKind.Undecided && info.kind !== NameKind.GlobalExplicit) {
    c.syntaxError(node, 'identifier redefined as global');
    return;
  }
  info.kind = NameKind.GlobalExplicit;
  const outermost = c.scope.findGlobal(info.name);
  if (outermost !== undefined) outermost.kind = NameKind.GlobalExplicit;
}

function declareNonlocal(c: Compiler, node: Node, info: NameInfo): void {
  if (info.kind === NameKind.Undecided) {
    info.kind = NameKind.GlobalImplicit;
    c.scope.checkToCloseOver(info);
    // The check may have changed it.
    if ((info.kind as NameKind) === NameKind.GlobalImplicit) c.syntaxError(node, 'no binding for nonlocal found');
  } else if (info.kind !== NameKind.Free) {
    c.syntaxError(node, 'identifier redefined as nonlocal');
  }
}

export function declareGlobalOrNonlocal(c: Compiler, node: Node, info: NameInfo, isGlobal: boolean): void {
  if (isGlobal) declareGlobal(c, node, info);
  else declareNonlocal(c, node, info);
}

function declaration(c: Compiler, node: ParseNode): void {
  if (c.pass !== Pass.Scope) return;
  const isGlobal = node.kind === R.global_stmt;
  if (!isGlobal && c.scope.kind === ScopeKind.Module) {
    c.syntaxError(node, "can't declare nonlocal in outer code");
    return;
  }
  for (const name of listItems(node.nodes[0]!, R.name_list)) {
    declareGlobalOrNonlocal(c, node, c.scope.findOrAdd(name!.arg, NameKind.Undecided), isGlobal);
  }
}

// Parameters

const VIPER_TYPES = new Map<Qstr, number>([
  [Q.object, 0],
  [Q.bool, 1],
  [Q.int, 2],
  [Q.uint, 3],
  [Q.ptr, 4],
  [Q.ptr8, 5],
  [Q.ptr16, 6],
  [Q.ptr32, 7],
]);

/** The number of the native type that a viper annotation names. */
function viperType(c: Compiler, annotation: Node): number {
  if (annotation === null) return 0;
  if (!isName(annotation)) {
    c.syntaxError(annotation, 'annotation must be an identifier');
    return 0;
  }
  const type = VIPER_TYPES.get(annotation.arg);
  if (type === undefined) c.firstError = { type: 'ViperTypeError', message: `unknown type '${c.pool.decode(annotation.arg)}'` };
  return type ?? 0;
}

interface ParameterRules {
  name: number;
  star: number;
}

const TYPED: ParameterRules = { name: R.typedargslist_name, star: R.typedargslist_star };
const UNTYPED: ParameterRules = { name: R.varargslist_name, star: R.varargslist_star };

function declareParameter(c: Compiler, node: ParseNode, rules: ParameterRules): void {
  const { scope } = c;
  if ((scope.flags & SCOPE_FLAG_VARKEYWORDS) !== 0) {
    c.syntaxError(node, 'invalid syntax'); // ** must be last
    return;
  }
  let name: ParseNode | null;
  let flags = NAME_IS_PARAMETER;
  let annotated: ParseNode | null = null;
  if (node.kind === LEAF_NAME || node.kind === rules.name) {
    name = node.kind === LEAF_NAME ? node : node.nodes[0]!;
    if (node.kind !== LEAF_NAME) annotated = node;
    if (c.haveStar) scope.numKwOnlyArgs++;
    else scope.numPosArgs++;
  } else if (node.kind === rules.star) {
    if (c.haveStar) {
      c.syntaxError(node, 'invalid syntax');
      return;
    }
    c.haveStar = true;
    flags |= NAME_IS_STAR_PARAMETER;
    name = node.nodes[0]!;
    if (name !== null) {
      scope.flags |= SCOPE_FLAG_VARARGS;
      if (name.kind === R.tfpdef) {
        annotated = name;
        name = name.nodes[0]!;
      }
    }
  } else {
    flags |= NAME_IS_DOUBLE_STAR_PARAMETER;
    name = node.nodes[0]!;
    annotated = node;
    scope.flags |= SCOPE_FLAG_VARKEYWORDS;
  }
  if (name === null) return;
  const info = scope.findOrAdd(name.arg, NameKind.Undecided);
  if (info.kind !== NameKind.Undecided) {
    c.syntaxError(node, 'argument name reused');
    return;
  }
  info.kind = NameKind.Local;
  info.flags = flags;
  if (scope.emit === EmitOption.Viper && rules === TYPED && annotated !== null) {
    info.flags |= viperType(c, annotated.nodes[1]!) << NAME_VIPER_TYPE_SHIFT;
  }
}

// Bodies

/** One pass over a scope; false when the emit pass must be repeated. */
export function compileScope(c: Compiler, scope: Scope, pass: Pass): boolean {
  c.startPass(pass, scope);
  c.emit.startPass(pass, scope);
  c.reserveLabelsForNative(6);
  if (pass === Pass.Scope) {
    scope.stackSize = 0;
    scope.exceptionStackSize = 0;
  }
  const { node } = scope;
  switch (scope.kind) {
    case ScopeKind.Module:
      if (node !== null && node.kind === R.eval_input) {
        c.node(node.nodes[0]!);
        c.emit.returnValue();
      } else {
        c.node(node);
        c.emit.loadConstToken(Token.KwNone);
        c.emit.returnValue();
      }
      break;
    case ScopeKind.Function:
      functionBody(c, scope, node);
      break;
    case ScopeKind.Lambda:
      lambdaBody(c, scope, node);
      break;
    case ScopeKind.Class:
      classBody(c, scope, node);
      break;
    default:
      comprehensionBody(c, scope, node);
  }
  return c.emit.endPass();
}

function functionBody(c: Compiler, scope: Scope, node: ParseNode): void {
  if (c.pass === Pass.Scope) {
    c.haveStar = false;
    for (const parameter of listItems(node.nodes[1]!, R.typedargslist)) declareParameter(c, parameter!, TYPED);
    if (scope.emit === EmitOption.Viper) scope.flags |= viperType(c, node.nodes[2]!) << SCOPE_FLAG_VIPERRET_SHIFT;
  }
  c.node(node.nodes[3]!);
  c.emit.loadConstToken(Token.KwNone);
  c.emit.returnValue();
}

function lambdaBody(c: Compiler, scope: Scope, node: ParseNode): void {
  c.emit.setSourceLine(node.line);
  if (c.pass === Pass.Scope) {
    c.haveStar = false;
    for (const parameter of listItems(node.nodes[0]!, R.varargslist)) declareParameter(c, parameter!, UNTYPED);
  }
  c.node(node.nodes[1]!);
  if ((scope.flags & SCOPE_FLAG_GENERATOR) !== 0) {
    c.emit.popTop();
    c.emit.loadConstToken(Token.KwNone);
  }
  c.emit.returnValue();
}

function classBody(c: Compiler, scope: Scope, node: ParseNode): void {
  if (c.pass === Pass.Scope) scope.findOrAdd(Q.__class__, NameKind.Local);
  c.loadName(Q.__name__);
  c.storeName(Q.__module__);
  c.emit.loadConstString(node.nodes[0]!.arg);
  c.storeName(Q.__qualname__);
  c.node(node.nodes[2]!);
  const cell = scope.find(Q.__class__)!;
  if (cell.kind === NameKind.Local) c.emit.loadConstToken(Token.KwNone);
  else c.emit.local(AccessKind.Load, Q.__class__, cell.localNumber, false);
  c.emit.returnValue();
}

function comprehensionBody(c: Compiler, scope: Scope, node: ParseNode): void {
  // The iterator comes as an argument, whose name nothing in a source can have.
  if (c.pass === Pass.Scope) {
    scope.findOrAdd(Q.empty, NameKind.Local);
    scope.numPosArgs = 1;
  }
  c.emit.setSourceLine(node.line);
  const isGenerator = scope.kind === ScopeKind.GeneratorExpression;
  if (isGenerator) {
    // The iterator is one already: the loop finds null and the object where it else makes one.
    c.emit.loadNull();
    c.loadName(Q.empty);
    c.emit.loadNull();
    c.emit.loadNull();
  } else {
    if (scope.kind === ScopeKind.ListComprehension) c.emit.build(0, BuildKind.List);
    else c.emit.build(0, scope.kind === ScopeKind.DictComprehension ? BuildKind.Map : BuildKind.Set);
    c.loadName(Q.empty);
    c.emit.getIter(true);
  }
  comprehensionLoop(c, node.nodes[1]!, node.nodes[0]!, 0);
  if (isGenerator) c.emit.loadConstToken(Token.KwNone);
  c.emit.returnValue();
}

function comprehensionLoop(c: Compiler, compFor: ParseNode, inner: Node, depth: number): void {
  const top = c.newLabel();
  const end = c.newLabel();
  c.emit.labelAssign(top);
  c.emit.forIter(end);
  assign(c, compFor.nodes[0]!);
  let next = compFor.nodes[2]!;
  while (next !== null && next.kind === R.comp_if) {
    jumpIf(c, next.nodes[0]!, false, top);
    next = next.nodes[1]!;
  }
  if (next === null) {
    c.node(inner);
    if (c.scope.kind === ScopeKind.GeneratorExpression) {
      c.emit.yield(false);
      c.reserveLabelsForNative(1);
      c.emit.popTop();
    } else {
      c.emit.storeComprehension(c.scope.kind, 4 * depth + 5);
    }
  } else {
    c.node(next.nodes[1]!);
    c.emit.getIter(true);
    comprehensionLoop(c, next, inner, depth + 1);
  }
  c.emit.jump(top);
  c.emit.labelAssign(end);
  c.emit.forIterEnd();
}

export const definitionHandlers: readonly (readonly [number, NodeHandler])[] = [
  [R.decorated, decorated],
  [R.funcdef, functionDefinition],
  [R.classdef, classDefinition],
  [R.global_stmt, declaration],
  [R.nonlocal_stmt, declaration],
];
