/**
 * The grammar of MicroPython 1.27.0 (Python 3.4 with async/await, f-strings, `:=` and annotations) as a table, one rule a line.
 *
 * A rule is one of
 *   any    the first alternative that the next token can start
 *   seq    all parts in order
 *   pass   like seq, but with a single part present the rule leaves that part alone in the tree
 *   many   one or more of its part
 *   list   parts separated by the second part
 *   list,  the same, with a trailing separator allowed
 * A part is a token as it is written, `<rule>`, or `[rule]` when it may be missing. The grammar is LL(1): the next token decides every
 * choice. Names of rules follow Python's own grammar, and tell the compiler how to compile a node.
 */
import { TOKEN_COUNT, TOKEN_SPELLINGS, type Token } from './token.ts';

const GRAMMAR = `
single_input              any   NEWLINE <simple_stmt> <compound_stmt>
file_input                pass  [file_input_2]
file_input_2              many  <file_input_3>
file_input_3              any   NEWLINE <stmt>
eval_input                pass  <testlist> [eval_input_2]
eval_input_2              seq   NEWLINE

decorated                 pass  <decorators> <decorated_body>
decorators                many  <decorator>
decorator                 seq   @ <dotted_name> [trailer_paren] NEWLINE
decorated_body            any   <classdef> <funcdef> <async_funcdef>
async_funcdef             seq   async <funcdef>
funcdef                   seq   def NAME ( [typedargslist] ) [funcdefrettype] : <suite>
funcdefrettype            pass  -> <test>
typedargslist             list, <typedargslist_item> ,
typedargslist_item        any   <typedargslist_name> <typedargslist_star> <typedargslist_dbl_star>
typedargslist_name        pass  NAME [generic_colon_test] [generic_equal_test]
typedargslist_star        seq   * [tfpdef]
typedargslist_dbl_star    seq   ** NAME [generic_colon_test]
tfpdef                    seq   NAME [generic_colon_test]
varargslist               list, <varargslist_item> ,
varargslist_item          any   <varargslist_name> <varargslist_star> <varargslist_dbl_star>
varargslist_name          pass  NAME [generic_equal_test]
varargslist_star          seq   * [vfpdef]
varargslist_dbl_star      seq   ** NAME
vfpdef                    pass  NAME
generic_colon_test        pass  : <test>
generic_equal_test        pass  = <test>

stmt                      any   <compound_stmt> <simple_stmt>
simple_stmt               pass  <simple_stmt_2> NEWLINE
simple_stmt_2             list, <small_stmt> ;
small_stmt                any   <del_stmt> <pass_stmt> <flow_stmt> <import_stmt> <global_stmt> <nonlocal_stmt> <assert_stmt> <expr_stmt>
expr_stmt                 seq   <testlist_star_expr> [expr_stmt_2]
expr_stmt_2               any   <annassign> <expr_stmt_augassign> <expr_stmt_assign_list>
expr_stmt_augassign       pass  <augassign> <expr_stmt_6>
expr_stmt_assign_list     many  <expr_stmt_assign>
expr_stmt_assign          pass  = <expr_stmt_6>
expr_stmt_6               any   <yield_expr> <testlist_star_expr>
testlist_star_expr        list, <testlist_star_expr_2> ,
testlist_star_expr_2      any   <star_expr> <test>
annassign                 seq   : <test> [expr_stmt_assign]
augassign                 any   += -= *= @= /= %= &= |= ^= <<= >>= **= //=

del_stmt                  seq   del <exprlist>
pass_stmt                 seq   pass
flow_stmt                 any   <break_stmt> <continue_stmt> <return_stmt> <raise_stmt> <yield_stmt>
break_stmt                seq   break
continue_stmt             seq   continue
return_stmt               seq   return [testlist]
yield_stmt                seq   <yield_expr>
raise_stmt                seq   raise [raise_stmt_arg]
raise_stmt_arg            pass  <test> [raise_stmt_from]
raise_stmt_from           pass  from <test>

import_stmt               any   <import_name> <import_from>
import_name               seq   import <dotted_as_names>
import_from               seq   from <import_from_2> import <import_from_3>
import_from_2             any   <dotted_name> <import_from_2b>
import_from_2b            pass  <one_or_more_period_or_ellipsis> [dotted_name]
import_from_3             any   * <import_as_names_paren> <import_as_names>
import_as_names_paren     pass  ( <import_as_names> )
one_or_more_period_or_ellipsis many <period_or_ellipsis>
period_or_ellipsis        any   . ...
import_as_name            seq   NAME [as_name]
dotted_as_name            pass  <dotted_name> [as_name]
as_name                   pass  as NAME
import_as_names           list, <import_as_name> ,
dotted_as_names           list  <dotted_as_name> ,
dotted_name               list  NAME .
global_stmt               seq   global <name_list>
nonlocal_stmt             seq   nonlocal <name_list>
name_list                 list  NAME ,
assert_stmt               seq   assert <test> [assert_stmt_extra]
assert_stmt_extra         pass  , <test>

compound_stmt             any   <if_stmt> <while_stmt> <for_stmt> <try_stmt> <with_stmt> <funcdef> <classdef> <decorated> <async_stmt>
async_stmt                seq   async <async_stmt_2>
async_stmt_2              any   <funcdef> <with_stmt> <for_stmt>
if_stmt                   seq   if <namedexpr_test> : <suite> [if_stmt_elif_list] [else_stmt]
if_stmt_elif_list         many  <if_stmt_elif>
if_stmt_elif              seq   elif <namedexpr_test> : <suite>
while_stmt                seq   while <namedexpr_test> : <suite> [else_stmt]
for_stmt                  seq   for <exprlist> in <testlist> : <suite> [else_stmt]
try_stmt                  seq   try : <suite> <try_stmt_2>
try_stmt_2                any   <try_stmt_except_and_more> <try_stmt_finally>
try_stmt_except_and_more  pass  <try_stmt_except_list> [else_stmt] [try_stmt_finally]
try_stmt_except           seq   except [try_stmt_as_name] : <suite>
try_stmt_as_name          pass  <test> [as_name]
try_stmt_except_list      many  <try_stmt_except>
try_stmt_finally          seq   finally : <suite>
else_stmt                 pass  else : <suite>
with_stmt                 seq   with <with_stmt_list> : <suite>
with_stmt_list            list  <with_item> ,
with_item                 pass  <test> [with_item_as]
with_item_as              pass  as <expr>
suite                     any   <suite_block> <simple_stmt>
suite_block               pass  NEWLINE INDENT <suite_block_stmts> DEDENT
suite_block_stmts         many  <stmt>

namedexpr_test            pass  <test> [namedexpr_test_2]
namedexpr_test_2          pass  := <test>
test                      any   <lambdef> <test_if_expr>
test_if_expr              pass  <or_test> [test_if_else]
test_if_else              seq   if <or_test> else <test>
test_nocond               any   <lambdef_nocond> <or_test>
lambdef                   seq   lambda [varargslist] : <test>
lambdef_nocond            seq   lambda [varargslist] : <test_nocond>

or_test                   list  <and_test> or
and_test                  list  <not_test> and
not_test                  any   <not_test_2> <comparison>
not_test_2                seq   not <not_test>
comparison                list  <expr> <comp_op>
comp_op                   any   < > == <= >= != in <comp_op_not_in> <comp_op_is>
comp_op_not_in            seq   not in
comp_op_is                seq   is [comp_op_is_not]
comp_op_is_not            seq   not
star_expr                 seq   * <expr>
expr                      list  <xor_expr> |
xor_expr                  list  <and_expr> ^
and_expr                  list  <shift_expr> &
shift_expr                list  <arith_expr> <shift_op>
shift_op                  any   << >>
arith_expr                list  <term> <arith_op>
arith_op                  any   + -
term                      list  <factor> <term_op>
term_op                   any   * @ / % //
factor                    any   <factor_2> <power>
factor_2                  pass  <factor_op> <factor>
factor_op                 any   + - ~
power                     pass  <atom_expr> [power_dbl_star]
power_dbl_star            pass  ** <factor>
atom_expr                 any   <atom_expr_await> <atom_expr_normal>
atom_expr_await           seq   await <atom> [atom_expr_trailers]
atom_expr_normal          pass  <atom> [atom_expr_trailers]
atom_expr_trailers        many  <trailer>

atom                      any   NAME INTEGER FLOAT_OR_IMAG STRING BYTES ... None True False <atom_paren> <atom_bracket> <atom_brace>
atom_paren                seq   ( [atom_2b] )
atom_2b                   any   <yield_expr> <testlist_comp>
atom_bracket              seq   [ [testlist_comp] ]
atom_brace                seq   { [dictorsetmaker] }
testlist_comp             pass  <testlist_comp_2> [testlist_comp_3]
testlist_comp_2           any   <star_expr> <namedexpr_test>
testlist_comp_3           any   <comp_for> <testlist_comp_3b>
testlist_comp_3b          pass  , [testlist_comp_3c]
testlist_comp_3c          list, <testlist_comp_2> ,
trailer                   any   <trailer_paren> <trailer_bracket> <trailer_period>
trailer_paren             seq   ( [arglist] )
trailer_bracket           seq   [ <subscriptlist> ]
trailer_period            seq   . NAME

subscriptlist             list, <subscript> ,
subscript                 any   <subscript_3> <subscript_2>
subscript_2               pass  <test> [subscript_3]
subscript_3               seq   : [subscript_3b]
subscript_3b              any   <subscript_3c> <subscript_3d>
subscript_3c              seq   : [test]
subscript_3d              pass  <test> [sliceop]
sliceop                   seq   : [test]

exprlist                  list, <exprlist_2> ,
exprlist_2                any   <star_expr> <expr>
testlist                  list, <test> ,
dictorsetmaker            pass  <dictorsetmaker_item> [dictorsetmaker_tail]
dictorsetmaker_item       pass  <test> [generic_colon_test]
dictorsetmaker_tail       any   <comp_for> <dictorsetmaker_list>
dictorsetmaker_list       seq   , [dictorsetmaker_list2]
dictorsetmaker_list2      list, <dictorsetmaker_item> ,

classdef                  seq   class NAME [classdef_2] : <suite>
classdef_2                pass  ( [arglist] )
arglist                   list, <arglist_2> ,
arglist_2                 any   <arglist_star> <arglist_dbl_star> <argument>
arglist_star              seq   * <test>
arglist_dbl_star          seq   ** <test>
argument                  pass  <test> [argument_2]
argument_2                any   <comp_for> <generic_equal_test> <argument_3>
argument_3                seq   := <test>
comp_iter                 any   <comp_for> <comp_if>
comp_for                  seq   for <exprlist> in <or_test> [comp_iter]
comp_if                   seq   if <test_nocond> [comp_iter]
yield_expr                seq   yield [yield_arg]
yield_arg                 any   <yield_arg_from> <testlist>
yield_arg_from            seq   from <test>
`;

export const KIND_ANY = 0;
export const KIND_SEQUENCE = 1;
export const KIND_MANY = 2;
export const KIND_LIST = 3;
export const KIND_LIST_TRAILING = 4;

/** A part of a rule: the token or rule in the low bits, and what it is. */
export const PART_INDEX = 0x0ff;
export const PART_RULE = 0x100;
export const PART_OPTIONAL = 0x200;

const KINDS = new Map([
  ['any', KIND_ANY],
  ['seq', KIND_SEQUENCE],
  ['pass', KIND_SEQUENCE],
  ['many', KIND_MANY],
  ['list', KIND_LIST],
  ['list,', KIND_LIST_TRAILING],
]);

const lines = GRAMMAR.split('\n').filter(line => line !== '');
const names = lines.map(line => line.slice(0, line.indexOf(' ')));
const idOf = new Map(names.map((name, id) => [name, id]));

export const RULE_COUNT = names.length;

/** Name of each rule, for messages and debugging. */
export const RULE_NAMES: readonly string[] = names;

/** The number of a rule. Throws when the grammar has no such rule, so that a mistyped name is found at start. */
export function ruleId(name: string): number {
  const id = idOf.get(name);
  if (id === undefined) throw new Error(`no grammar rule '${name}'`);
  return id;
}

function part(text: string): number {
  if (text.length > 2 && text[0] === '<' && text.endsWith('>')) return PART_RULE | ruleId(text.slice(1, -1));
  if (text.length > 2 && text[0] === '[' && text.endsWith(']')) return PART_RULE | PART_OPTIONAL | ruleId(text.slice(1, -1));
  const token = TOKEN_SPELLINGS.get(text);
  if (token === undefined) throw new Error(`no token '${text}'`);
  return token;
}

export const RULE_KIND = new Uint8Array(RULE_COUNT);
/** 1 for rules that leave a single part alone in the tree. */
export const RULE_PASSES = new Uint8Array(RULE_COUNT);
export const RULE_PARTS: (readonly number[])[] = [];

lines.forEach((line, id) => {
  const [, kind, ...parts] = line.split(/\s+/);
  RULE_KIND[id] = KINDS.get(kind!)!;
  RULE_PASSES[id] = kind === 'pass' ? 1 : 0;
  RULE_PARTS[id] = parts.map(part);
});

/**
 * For each rule and token: 0 when the token cannot start the rule; otherwise, for `any` rules, 1 + the part to take, and for others 1.
 * Index: rule * TOKEN_COUNT + token.
 */
export const RULE_START = new Uint8Array(RULE_COUNT * TOKEN_COUNT);

function startsPart(part: number, token: Token): boolean {
  return (part & PART_RULE) !== 0 ? RULE_START[(part & PART_INDEX) * TOKEN_COUNT + token] !== 0 : part === token;
}

for (let changed = true; changed; ) {
  changed = false;
  for (let rule = 0; rule < RULE_COUNT; rule++) {
    const parts = RULE_PARTS[rule]!;
    const choices = RULE_KIND[rule] === KIND_ANY ? parts : parts.slice(0, 1);
    for (let token = 0; token < TOKEN_COUNT; token++) {
      const at = rule * TOKEN_COUNT + token;
      if (RULE_START[at] !== 0) continue;
      const choice = choices.findIndex(part => startsPart(part, token));
      if (choice < 0) continue;
      RULE_START[at] = choice + 1;
      changed = true;
    }
  }
}
