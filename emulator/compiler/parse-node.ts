/** The parse tree. One class for all nodes keeps the compiler's property accesses monomorphic. */
import { RULE_COUNT, ruleId } from './grammar.ts';
import type { Qstr } from './qstr-pool.ts';
import type { Const } from './rawcode.ts';
import type { Scope } from './scope.ts';
import { TOKEN_COUNT, type Token } from './token.ts';

/** A node, or null where an optional part is missing. */
export type Node = ParseNode | null;

/** Kinds of leaves; an inner node's kind is the number of its grammar rule. */
export const LEAF = 248;
export const LEAF_INTEGER = 248;
export const LEAF_NAME = 249;
export const LEAF_STRING = 250;
export const LEAF_TOKEN = 251;
/** An inner node for a constant object (a big integer, float, long string, bytes, tuple). */
export const CONST_OBJECT = RULE_COUNT;

if (CONST_OBJECT >= LEAF) throw new Error('too many grammar rules');

const NO_NODES: Node[] = [];

export class ParseNode {
  /** Scope that the compiler makes for a function, lambda, class or comprehension. */
  scope: Scope | null = null;

  constructor(
    public kind: number,
    /** Line of the first token, from 1; 0 for leaves and folded constants. */
    readonly line: number,
    /** Qstr of a name or string, or the token of a token leaf. */
    readonly arg: number,
    /** Value of an integer leaf or a constant object. */
    readonly value: Const,
    readonly nodes: Node[],
  ) {}
}

export const integerLeaf = (value: number | bigint): ParseNode => new ParseNode(LEAF_INTEGER, 0, 0, value, NO_NODES);
export const nameLeaf = (name: Qstr): ParseNode => new ParseNode(LEAF_NAME, 0, name, null, NO_NODES);
export const stringLeaf = (text: Qstr): ParseNode => new ParseNode(LEAF_STRING, 0, text, null, NO_NODES);
export const constObject = (line: number, value: Const): ParseNode => new ParseNode(CONST_OBJECT, line, 0, value, NO_NODES);
export const innerNode = (kind: number, line: number, nodes: Node[]): ParseNode => new ParseNode(kind, line, 0, null, nodes);

const tokenLeaves = Array.from({ length: TOKEN_COUNT }, (_, token) => new ParseNode(LEAF_TOKEN, 0, token, null, NO_NODES));
export const tokenLeaf = (token: Token): ParseNode => tokenLeaves[token]!;

/** Told apart from ParseNode for the type checker alone: what fails a test below is still a node. */
declare const matched: unique symbol;
export type Matched = ParseNode & { readonly [matched]: true };

export const isInner = (node: Node): node is Matched => node !== null && node.kind < LEAF;
export const isLeaf = (node: Node): node is Matched => node !== null && node.kind >= LEAF;
export const isKind = (node: Node, kind: number): node is Matched => node !== null && node.kind === kind;
export const isName = (node: Node): node is Matched => node !== null && node.kind === LEAF_NAME;
export const isToken = (node: Node, token: Token): boolean => node !== null && node.kind === LEAF_TOKEN && node.arg === token;

/** The items of a list that the parser leaves out when it has one item or none. */
export function listItems(node: Node, listKind: number): readonly Node[] {
  if (node === null) return NO_NODES;
  return node.kind === listKind ? node.nodes : [node];
}

/** Numbers of the rules that the parser or the compiler treat on their own. */
export const R = {
  and_expr: ruleId('and_expr'),
  and_test: ruleId('and_test'),
  annassign: ruleId('annassign'),
  arglist: ruleId('arglist'),
  arglist_dbl_star: ruleId('arglist_dbl_star'),
  arglist_star: ruleId('arglist_star'),
  argument: ruleId('argument'),
  argument_3: ruleId('argument_3'),
  arith_expr: ruleId('arith_expr'),
  assert_stmt: ruleId('assert_stmt'),
  async_funcdef: ruleId('async_funcdef'),
  async_stmt: ruleId('async_stmt'),
  atom: ruleId('atom'),
  atom_brace: ruleId('atom_brace'),
  atom_bracket: ruleId('atom_bracket'),
  atom_expr_await: ruleId('atom_expr_await'),
  atom_expr_normal: ruleId('atom_expr_normal'),
  atom_expr_trailers: ruleId('atom_expr_trailers'),
  atom_paren: ruleId('atom_paren'),
  break_stmt: ruleId('break_stmt'),
  classdef: ruleId('classdef'),
  classdef_2: ruleId('classdef_2'),
  comp_for: ruleId('comp_for'),
  comp_if: ruleId('comp_if'),
  comp_op_not_in: ruleId('comp_op_not_in'),
  comparison: ruleId('comparison'),
  continue_stmt: ruleId('continue_stmt'),
  decorated: ruleId('decorated'),
  decorator: ruleId('decorator'),
  decorators: ruleId('decorators'),
  del_stmt: ruleId('del_stmt'),
  dictorsetmaker: ruleId('dictorsetmaker'),
  dictorsetmaker_item: ruleId('dictorsetmaker_item'),
  dictorsetmaker_list: ruleId('dictorsetmaker_list'),
  dictorsetmaker_list2: ruleId('dictorsetmaker_list2'),
  dotted_as_name: ruleId('dotted_as_name'),
  dotted_as_names: ruleId('dotted_as_names'),
  dotted_name: ruleId('dotted_name'),
  eval_input: ruleId('eval_input'),
  expr: ruleId('expr'),
  expr_stmt: ruleId('expr_stmt'),
  expr_stmt_assign_list: ruleId('expr_stmt_assign_list'),
  expr_stmt_augassign: ruleId('expr_stmt_augassign'),
  exprlist: ruleId('exprlist'),
  factor_2: ruleId('factor_2'),
  file_input: ruleId('file_input'),
  file_input_2: ruleId('file_input_2'),
  for_stmt: ruleId('for_stmt'),
  funcdef: ruleId('funcdef'),
  global_stmt: ruleId('global_stmt'),
  if_stmt: ruleId('if_stmt'),
  if_stmt_elif: ruleId('if_stmt_elif'),
  if_stmt_elif_list: ruleId('if_stmt_elif_list'),
  import_as_names: ruleId('import_as_names'),
  import_from: ruleId('import_from'),
  import_from_2b: ruleId('import_from_2b'),
  import_name: ruleId('import_name'),
  lambdef: ruleId('lambdef'),
  lambdef_nocond: ruleId('lambdef_nocond'),
  name_list: ruleId('name_list'),
  namedexpr_test: ruleId('namedexpr_test'),
  nonlocal_stmt: ruleId('nonlocal_stmt'),
  not_test_2: ruleId('not_test_2'),
  one_or_more_period_or_ellipsis: ruleId('one_or_more_period_or_ellipsis'),
  or_test: ruleId('or_test'),
  pass_stmt: ruleId('pass_stmt'),
  power: ruleId('power'),
  raise_stmt: ruleId('raise_stmt'),
  raise_stmt_arg: ruleId('raise_stmt_arg'),
  return_stmt: ruleId('return_stmt'),
  shift_expr: ruleId('shift_expr'),
  simple_stmt_2: ruleId('simple_stmt_2'),
  single_input: ruleId('single_input'),
  star_expr: ruleId('star_expr'),
  subscript_2: ruleId('subscript_2'),
  subscript_3: ruleId('subscript_3'),
  subscript_3c: ruleId('subscript_3c'),
  subscript_3d: ruleId('subscript_3d'),
  subscriptlist: ruleId('subscriptlist'),
  suite_block_stmts: ruleId('suite_block_stmts'),
  term: ruleId('term'),
  test_if_expr: ruleId('test_if_expr'),
  testlist: ruleId('testlist'),
  testlist_comp: ruleId('testlist_comp'),
  testlist_comp_3b: ruleId('testlist_comp_3b'),
  testlist_comp_3c: ruleId('testlist_comp_3c'),
  testlist_star_expr: ruleId('testlist_star_expr'),
  tfpdef: ruleId('tfpdef'),
  trailer_bracket: ruleId('trailer_bracket'),
  trailer_paren: ruleId('trailer_paren'),
  trailer_period: ruleId('trailer_period'),
  try_stmt: ruleId('try_stmt'),
  try_stmt_as_name: ruleId('try_stmt_as_name'),
  try_stmt_except: ruleId('try_stmt_except'),
  try_stmt_except_and_more: ruleId('try_stmt_except_and_more'),
  try_stmt_except_list: ruleId('try_stmt_except_list'),
  try_stmt_finally: ruleId('try_stmt_finally'),
  typedargslist: ruleId('typedargslist'),
  typedargslist_dbl_star: ruleId('typedargslist_dbl_star'),
  typedargslist_name: ruleId('typedargslist_name'),
  typedargslist_star: ruleId('typedargslist_star'),
  varargslist: ruleId('varargslist'),
  varargslist_dbl_star: ruleId('varargslist_dbl_star'),
  varargslist_name: ruleId('varargslist_name'),
  varargslist_star: ruleId('varargslist_star'),
  while_stmt: ruleId('while_stmt'),
  with_item: ruleId('with_item'),
  with_stmt: ruleId('with_stmt'),
  with_stmt_list: ruleId('with_stmt_list'),
  xor_expr: ruleId('xor_expr'),
  yield_arg_from: ruleId('yield_arg_from'),
  yield_expr: ruleId('yield_expr'),
  yield_stmt: ruleId('yield_stmt'),
} as const;
