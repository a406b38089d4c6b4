/**
 * A short cut for the parser. Between `test` and `atom` stand a dozen rules for operators of rising precedence, and most expressions use
 * none of them. These rules do nothing but pass their first part on unless a token of theirs follows. So the parser reads the atom
 * first, and enters only those rules that the token after it concerns: the deepest one that goes on with it, and all around that one.
 */
import {
  KIND_ANY,
  KIND_LIST,
  KIND_LIST_TRAILING,
  KIND_SEQUENCE,
  PART_INDEX,
  PART_OPTIONAL,
  PART_RULE,
  RULE_COUNT,
  RULE_KIND,
  RULE_PARTS,
  RULE_PASSES,
  RULE_START,
  ruleId,
} from './grammar.ts';
import { TOKEN_COUNT, Token } from './token.ts';

const ATOM = ruleId('atom');

/** A token that starts an atom; all of them take the same way down. */
const ATOM_TOKEN = Token.Name;

/** Rules from this one down to `atom`, without it and without choices; null when the way is not made of rules that pass their part on. */
function chainFrom(rule: number): number[] | null {
  const chain: number[] = [];
  while (rule !== ATOM) {
    const parts = RULE_PARTS[rule]!;
    let first = parts[0]!;
    if (RULE_KIND[rule] === KIND_ANY) {
      const choice = RULE_START[rule * TOKEN_COUNT + ATOM_TOKEN]!;
      if (choice === 0) return null;
      first = parts[choice - 1]!;
    } else if (RULE_KIND[rule] === KIND_SEQUENCE) {
      if (RULE_PASSES[rule] === 0 || parts.slice(1).some(part => (part & PART_OPTIONAL) === 0)) return null;
      chain.push(rule);
    } else if (RULE_KIND[rule] === KIND_LIST || RULE_KIND[rule] === KIND_LIST_TRAILING) {
      chain.push(rule);
    } else {
      return null;
    }
    if ((first & PART_RULE) === 0 || (first & PART_OPTIONAL) !== 0) return null;
    rule = first & PART_INDEX;
  }
  return chain;
}

/** Whether a rule that has its first part goes on with a token. */
function continues(rule: number, token: Token): boolean {
  const parts = RULE_PARTS[rule]!;
  const rest = RULE_KIND[rule] === KIND_SEQUENCE ? parts.slice(1) : [parts[1]!];
  return rest.some(part => ((part & PART_RULE) !== 0 ? RULE_START[(part & PART_INDEX) * TOKEN_COUNT + token] !== 0 : part === token));
}

/** The chain of each rule that has one, outermost rule first. */
export const OPERAND_CHAINS: readonly (readonly number[] | null)[] = Array.from({ length: RULE_COUNT }, (_, rule) => chainFrom(rule));

/**
 * For each rule with a chain and each token after the atom: how many rules of the chain to enter (0 when the whole is the atom alone).
 * Index: rule * TOKEN_COUNT + token.
 */
export const RULES_TO_ENTER = new Uint8Array(RULE_COUNT * TOKEN_COUNT);

/** For each rule and token: 1 when the rule has a chain and the token starts its atom. Index as above. */
export const STARTS_CHAIN = new Uint8Array(RULE_COUNT * TOKEN_COUNT);

OPERAND_CHAINS.forEach((chain, rule) => {
  if (chain === null) return;
  for (let token = 0; token < TOKEN_COUNT; token++) {
    const at = rule * TOKEN_COUNT + token;
    STARTS_CHAIN[at] = RULE_START[ATOM * TOKEN_COUNT + token] !== 0 ? 1 : 0;
    for (let depth = chain.length; depth > 0; depth--) {
      if (!continues(chain[depth - 1]!, token)) continue;
      RULES_TO_ENTER[at] = depth;
      break;
    }
  }
});
