/** Which parse nodes are constants, and what constant they are. */
import { CONST_OBJECT, LEAF_INTEGER, LEAF_STRING, LEAF_TOKEN, type Node, type ParseNode, R } from './parse-node.ts';
import { Q } from './qstr-pool.ts';
import { CONST_ELLIPSIS, type Const, ConstBytes, ConstComplex, ConstFloat, ConstTuple } from './rawcode.ts';
import type { TextTable } from './text-table.ts';
import { Token } from './token.ts';

export function isConstant(node: Node): node is ParseNode {
  if (node === null) return false;
  switch (node.kind) {
    case LEAF_INTEGER:
    case LEAF_STRING:
    case CONST_OBJECT:
      return true;
    case LEAF_TOKEN:
      return node.arg === Token.KwNone || node.arg === Token.KwFalse || node.arg === Token.KwTrue || node.arg === Token.Ellipsis;
    case R.atom_paren:
      return node.nodes[0] === null;
    default:
      return false;
  }
}

/** The constant of a node for which `isConstant` holds. */
export function constantOf(node: ParseNode, texts: TextTable): Const {
  switch (node.kind) {
    case LEAF_STRING:
      return texts.ofQstr(node.arg);
    case LEAF_TOKEN:
      if (node.arg === Token.Ellipsis) return CONST_ELLIPSIS;
      return node.arg === Token.KwNone ? null : node.arg === Token.KwTrue;
    case R.atom_paren:
      return new ConstTuple([]);
    default:
      return node.value;
  }
}

function truth(value: Const): boolean {
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'string') return value.length !== 0;
  if (value instanceof ConstBytes) return value.data.length !== 0;
  if (value instanceof ConstTuple) return value.items.length !== 0;
  if (value instanceof ConstFloat) return value.value !== 0;
  if (value instanceof ConstComplex) return value.real !== 0 || value.imag !== 0;
  return true;
}

function truthOf(node: Node): boolean | undefined {
  if (node === null) return undefined;
  switch (node.kind) {
    case LEAF_INTEGER:
    case CONST_OBJECT:
      return truth(node.value);
    case LEAF_STRING:
      return node.arg !== Q.empty;
    case LEAF_TOKEN:
      if (node.arg === Token.KwNone || node.arg === Token.KwFalse) return false;
      return node.arg === Token.KwTrue || node.arg === Token.Ellipsis ? true : undefined;
    case R.atom_paren:
      return node.nodes[0] === null ? false : undefined;
    default:
      return undefined;
  }
}

export const isConstantTrue = (node: Node): boolean => truthOf(node) === true;
export const isConstantFalse = (node: Node): boolean => truthOf(node) === false;
