/**
 * Tokens to parse tree, with constants folded on the way (MicroPython 1.27.0, py/parse.c). The rules on the way down stand on a
 * stack of their own, so nesting is bounded by memory and never by JavaScript's stack.
 */

import { constantOf, isConstant, isConstantFalse, isConstantTrue } from './constant-node.ts';
import { foldBinary, foldUnary, isInteger, isNumber } from './fold.ts';
import {
  KIND_ANY,
  KIND_LIST,
  KIND_MANY,
  KIND_SEQUENCE,
  PART_INDEX,
  PART_OPTIONAL,
  PART_RULE,
  RULE_KIND,
  RULE_PARTS,
  RULE_PASSES,
  RULE_START,
  ruleId,
} from './grammar.ts';
import type { Lexer } from './lexer.ts';
import { floatLiteral, integerLiteral } from './literals.ts';
import type { MemoryMeter } from './memory-meter.ts';
import { DEFAULT_MODULE_CONSTANTS } from './module-constants.ts';
import { OPERAND_CHAINS, RULES_TO_ENTER, STARTS_CHAIN } from './operand-chains.ts';
import { BinaryOp, UnaryOp } from './operators.ts';
import {
  CONST_OBJECT,
  constObject,
  innerNode,
  integerLeaf,
  isName,
  LEAF,
  LEAF_INTEGER,
  LEAF_NAME,
  type Node,
  nameLeaf,
  type ParseNode,
  R,
  stringLeaf,
  tokenLeaf,
} from './parse-node.ts';
import { byteString, Q, type Qstr, type QstrPool } from './qstr-pool.ts';
import { CompileError, type CompileOptions, type Const, ConstBytes, ConstFloat, ConstTuple } from './rawcode.ts';
import type { TextTable } from './text-table.ts';
import { TOKEN_COUNT, Token } from './token.ts';

/** In a frame, instead of the number of parts: the first atom of the rule's expression is being read (see operand-chains.ts). */
const AFTER_OPERAND = -1;

/** Tuples nested deeper than this are built at run time; what handles constants may recurse. */
const MAX_TUPLE_DEPTH = 400;

/** Strings of up to this many bytes are always interned. */
const INTERN_LENGTH = 10;

/** Bits of the cross-compiler's own small integers. */
const HOST_SMALL_INT_BITS = 63;

export class Parser {
  /** Rules under way: number, line of the first token, and the parts done. */
  private readonly frames: number[] = [];
  private framesTop = 0;
  /** Nodes that are done and wait for the rule around them: those below `top`. */
  private readonly results: Node[] = [];
  private top = 0;
  /** What names that `const` declared stand for. */
  private readonly constants = new Map<Qstr, ParseNode>();
  private readonly nameLeaves: (ParseNode | undefined)[] = [];
  /** Rules that the reference would have on its stack beside the frames. */
  private skippedRules = 0;
  private readonly smallIntLimit: bigint;
  private readonly smallIntSafeLimit: number;

  constructor(
    private readonly lexer: Lexer,
    private readonly pool: QstrPool,
    private readonly texts: TextTable,
    private readonly options: CompileOptions,
    private readonly memory: MemoryMeter,
  ) {
    const bits = Math.min(Math.max(options.smallIntBits, 2), 64);
    this.smallIntLimit = 1n << BigInt(bits - 1);
    this.smallIntSafeLimit = Math.min(2 ** (bits - 1), Number.MAX_SAFE_INTEGER);
  }

  parse(input: CompileOptions['input']): Node {
    const top = ruleId(input === 'single' ? 'single_input' : input === 'eval' ? 'eval_input' : 'file_input');
    if (input === 'file' || this.starts(top)) this.run(top, input !== 'single');
    if (this.lexer.kind !== Token.End || this.top === 0) this.syntaxError();
    return this.results[0]!;
  }

  private starts(rule: number): boolean {
    return RULE_START[rule * TOKEN_COUNT + this.lexer.kind] !== 0;
  }

  private run(rule: number, dropLonelyConstants: boolean): void {
    const { lexer, results } = this;
    let line = lexer.tokenLine;
    let done = 0;
    // Each turn works on one rule until it needs another one (which becomes current) or is complete (the one below becomes current).
    for (;;) {
      const parts = RULE_PARTS[rule]!;
      let next = -1;
      switch (RULE_KIND[rule]) {
        case KIND_ANY: {
          // Nothing is left to do in a choice once it is made, so it takes no frame.
          const part = parts[RULE_START[rule * TOKEN_COUNT + lexer.kind]! - 1]!;
          if ((part & PART_RULE) !== 0) {
            rule = part & PART_INDEX;
            continue;
          }
          this.pushToken(rule);
          lexer.next();
          break;
        }

        case KIND_SEQUENCE: {
          while (done < parts.length) {
            const part = parts[done]!;
            if ((part & PART_RULE) === 0) {
              if (lexer.kind !== part) this.syntaxError();
              if (part === Token.Name) this.pushToken(rule);
              lexer.next();
              done++;
            } else if (this.starts(part & PART_INDEX)) {
              next = part & PART_INDEX;
              break;
            } else if ((part & PART_OPTIONAL) !== 0) {
              results[this.top++] = null;
              done++;
            } else {
              this.syntaxError();
            }
          }
          if (next < 0) this.finishSequence(rule, line, parts, dropLonelyConstants);
          break;
        }

        case KIND_MANY: {
          const part = parts[0]!;
          if (this.starts(part & PART_INDEX)) next = part & PART_INDEX;
          else if (done > 1) this.pushRule(rule, line, done);
          break;
        }

        default: {
          const element = parts[0]!;
          const separator = parts[1]!;
          let trailing = false;
          for (;;) {
            if ((done & 1) === 0) {
              if ((element & PART_RULE) !== 0) {
                if (this.starts(element & PART_INDEX)) {
                  next = element & PART_INDEX;
                  break;
                }
              } else if (lexer.kind === element) {
                this.pushToken(rule);
                lexer.next();
                done++;
                continue;
              }
              if (RULE_KIND[rule] === KIND_LIST) this.syntaxError();
              trailing = true;
              break;
            }
            if ((separator & PART_RULE) !== 0) {
              if (this.starts(separator & PART_INDEX)) next = separator & PART_INDEX;
              break;
            }
            if (lexer.kind !== separator) break;
            lexer.next();
            done++;
          }
          if (next < 0) {
            const count = (separator & PART_RULE) !== 0 ? done : (done + 1) >> 1;
            if (count > 1 || trailing) this.pushRule(rule, line, count);
          }
        }
      }

      if (next >= 0) {
        this.pushFrame(rule, line, done + 1);
        rule = next;
        line = lexer.tokenLine;
        done = 0;
        if (STARTS_CHAIN[rule * TOKEN_COUNT + lexer.kind] === 0) continue;
        const part = RULE_PARTS[R.atom]![RULE_START[R.atom * TOKEN_COUNT + lexer.kind]! - 1]!;
        if ((part & PART_RULE) !== 0) {
          this.pushFrame(rule, line, AFTER_OPERAND);
          this.skippedRules += OPERAND_CHAINS[rule]!.length;
          if (this.memory.used + this.stackBytes() > this.memory.limit) this.memory.fail(this.stackBytes());
          rule = part & PART_INDEX;
          continue;
        }
        this.pushToken(R.atom);
        lexer.next();
        const inner = this.enterChain(rule, line);
        if (inner >= 0) {
          rule = inner;
          done = 1;
          continue;
        }
      }
      for (;;) {
        if (this.framesTop === 0) return;
        this.framesTop -= 3;
        rule = this.frames[this.framesTop]!;
        line = this.frames[this.framesTop + 1]!;
        done = this.frames[this.framesTop + 2]!;
        if (done !== AFTER_OPERAND) break;
        this.skippedRules -= OPERAND_CHAINS[rule]!.length;
        const inner = this.enterChain(rule, line);
        if (inner >= 0) {
          rule = inner;
          done = 1;
          break;
        }
      }
    }
  }

  /**
   * After the first atom of a rule's expression: enters the rules of its chain that the next token concerns. Returns the innermost,
   * which is to go on with one part done, or -1 when the atom is all.
   */
  private enterChain(rule: number, line: number): number {
    const depth = RULES_TO_ENTER[rule * TOKEN_COUNT + this.lexer.kind]!;
    if (depth === 0) return -1;
    const chain = OPERAND_CHAINS[rule]!;
    for (let i = 0; i < depth - 1; i++) this.pushFrame(chain[i]!, line, 1);
    return chain[depth - 1]!;
  }

  private pushFrame(rule: number, line: number, done: number): void {
    const { frames, framesTop } = this;
    frames[framesTop] = rule;
    frames[framesTop + 1] = line;
    frames[framesTop + 2] = done;
    this.framesTop = framesTop + 3;
  }

  /** Guest memory of the stacks, in bytes: two words for a rule, one for a result. */
  private stackBytes(): number {
    return ((this.framesTop / 3 + this.skippedRules) * 2 + this.top) * this.memory.wordSize;
  }

  /** Accounts for a node of so many parts, and for new names. */
  private takeNode(parts: number): void {
    this.memory.take(8 + parts * this.memory.wordSize, this.stackBytes());
  }

  /** The rule of the frame that many below the top. */
  private frameRule(depth: number): number {
    return this.frames[this.framesTop - 3 * (depth + 1)]!;
  }

  private finishSequence(rule: number, line: number, parts: readonly number[], dropLonelyConstants: boolean): void {
    const { results } = this;
    // Without documentation strings, a statement that is only a constant does nothing.
    if (dropLonelyConstants && rule === R.expr_stmt && results[this.top - 1] === null) {
      const value = results[this.top - 2]!;
      if (value !== null && ((value.kind >= LEAF && value.kind !== LEAF_NAME) || value.kind === CONST_OBJECT)) {
        this.top -= 2;
        this.pushRule(R.pass_stmt, line, 0);
        return;
      }
    }
    let count = 0;
    for (const part of parts) if ((part & PART_RULE) !== 0 || part === Token.Name) count++;
    if (RULE_PASSES[rule] !== 0) {
      let only: Node = null;
      let present = 0;
      for (let i = this.top - count; i < this.top; i++) {
        if (results[i] !== null) {
          only = results[i]!;
          present++;
        }
      }
      if (present === 1) {
        this.top -= count;
        results[this.top++] = only;
        return;
      }
    }
    this.pushRule(rule, line, count);
  }

  private syntaxError(): never {
    const { lexer } = this;
    const at = (type: 'IndentationError' | 'SyntaxError', message: string): never => {
      throw new CompileError(type, message, lexer.fileName, lexer.tokenLine, null);
    };
    if (lexer.kind === Token.Indent) at('IndentationError', 'unexpected indent');
    if (lexer.kind === Token.DedentMismatch) at('IndentationError', "unindent doesn't match any outer indent level");
    if (lexer.kind === Token.MalformedFString) at('SyntaxError', 'malformed f-string');
    return at('SyntaxError', 'invalid syntax');
  }

  // Leaves

  private pushToken(rule: number): void {
    this.results[this.top++] = this.tokenNode(rule);
  }

  private tokenNode(rule: number): ParseNode {
    const { lexer, pool } = this;
    switch (lexer.kind) {
      case Token.Name: {
        const name = lexer.name;
        if (rule === R.atom && this.constants.size !== 0) {
          const constant = this.constants.get(name);
          if (constant?.kind === LEAF_INTEGER) return integerLeaf(constant.value as number | bigint);
          if (constant !== undefined) return this.objectNode(lexer.tokenLine, constantOf(constant, this.texts));
        }
        return (this.nameLeaves[name] ??= nameLeaf(name));
      }
      case Token.Integer:
        return this.constantNode(lexer.tokenLine, integerLiteral(lexer, this.options));
      case Token.FloatOrImaginary:
        this.takeObject(2, 0);
        return constObject(lexer.tokenLine, floatLiteral(lexer, this.options));
      case Token.String: {
        const { text, textLength } = lexer;
        const qstr = textLength <= INTERN_LENGTH ? pool.internBytes(text, 0, textLength) : this.findInterned(text, textLength);
        if (qstr >= 0) return stringLeaf(qstr);
        this.takeObject(4, textLength + 1);
        return constObject(lexer.tokenLine, this.texts.decode(byteString(text, 0, textLength)));
      }
      case Token.Bytes:
        this.takeObject(4, lexer.textLength + 1);
        return constObject(lexer.tokenLine, new ConstBytes(lexer.text.slice(0, lexer.textLength)));
      default:
        return tokenLeaf(lexer.kind);
    }
  }

  private findInterned(text: Uint8Array, length: number): Qstr {
    const found = this.pool.findBytes(text, 0, length);
    if (found >= 0 || this.options.isInterned === undefined) return found;
    const bytes = byteString(text, 0, length);
    return this.options.isInterned(this.texts.decode(bytes)) ? this.pool.intern(bytes) : -1;
  }

  private isSmallInt(value: number | bigint): boolean {
    if (typeof value === 'number') return value >= -this.smallIntSafeLimit && value < this.smallIntSafeLimit;
    return value >= -this.smallIntLimit && value < this.smallIntLimit;
  }

  /** A leaf for an integer that fits, else a constant object. */
  private constantNode(line: number, value: Const): ParseNode {
    if (isInteger(value) && this.isSmallInt(value)) return integerLeaf(value);
    return this.objectNode(line, value);
  }

  private objectNode(line: number, value: Const): ParseNode {
    this.takeObject(2, 0);
    return constObject(line, value);
  }

  /** Whether a node is an integer that the compiler itself holds as an object: a cross-compiler's own small integers have 63 bits. */
  private isLargeInteger(node: Node): boolean {
    if (node === null || node.kind !== CONST_OBJECT || !isInteger(node.value)) return false;
    if (this.options.crossCompiler !== true || this.options.smallIntBits === HOST_SMALL_INT_BITS) return true;
    return BigInt.asIntN(HOST_SMALL_INT_BITS, BigInt(node.value)) !== BigInt(node.value);
  }

  /**
   * Accounts for a constant object of so many words, with data of its own, and its node. The object stands where the tree would have
   * grown, so the tree goes on in a new piece.
   */
  private takeObject(words: number, data: number): void {
    this.takeNode(1);
    this.memory.allocateWords(4);
    this.memory.allocateWords(words);
    if (data > 0) this.memory.allocate(data);
  }

  // Inner nodes, simplified and folded

  private pushRule(rule: number, line: number, count: number): void {
    const { results } = this;
    switch (rule) {
      case R.atom_paren: {
        // Parentheses around a single expression are that expression; () and (a, b) stay.
        const inner = results[this.top - 1]!;
        if (inner !== null && inner.kind !== R.testlist_comp) return;
        break;
      }
      case R.testlist_comp: {
        const rest = results[this.top - 1]!;
        if (rest !== null && rest.kind === R.testlist_comp_3b) {
          this.top--; // (a,)
          count--;
        } else if (rest !== null && rest.kind === R.testlist_comp_3c) {
          this.top--; // (a, b): the list has already taken the first item
          rest.kind = R.testlist_comp;
          return;
        }
        break;
      }
      case R.testlist_comp_3c:
        count++; // the first item of the testlist_comp around it
        break;
      case R.or_test:
      case R.and_test: {
        const left = this.foldLogical(rule === R.or_test, count);
        if (left === 1) return;
        count = left;
        break;
      }
      case R.not_test_2: {
        const value = results[this.top - 1]!;
        if (isConstantFalse(value)) results[this.top - 1] = tokenLeaf(Token.KwTrue);
        else if (isConstantTrue(value)) results[this.top - 1] = tokenLeaf(Token.KwFalse);
        else break;
        return;
      }
      case R.expr:
      case R.xor_expr:
      case R.and_expr:
      case R.power:
      case R.shift_expr:
      case R.arith_expr:
      case R.term: {
        const value = this.foldArithmetic(rule, count);
        if (value === undefined) break;
        this.top -= count;
        results[this.top++] = this.constantNode(0, value);
        return;
      }
      case R.factor_2: {
        const value = this.foldArithmetic(rule, count);
        if (value === undefined) break;
        // An operator with one operand leaves a large integer large, whatever its value: so -(1 << 62) is an object on a 64-bit board.
        const large = this.isLargeInteger(results[this.top - 1]!);
        this.top -= count;
        results[this.top++] = large ? this.objectNode(0, value) : this.constantNode(0, value);
        return;
      }
      case R.atom_expr_normal: {
        const value = this.foldModuleConstant();
        if (value === undefined) break;
        this.top -= count;
        results[this.top++] = this.constantNode(0, value);
        return;
      }
      case R.expr_stmt:
        if (this.foldConstDeclaration()) return;
        break;
    }
    if (this.buildTuple(rule, line, count)) return;

    this.takeNode(count);
    const start = this.top - count;
    const node = innerNode(rule, line, results.slice(start, this.top));
    this.top = start;
    // The item taken from the testlist_comp around must be replaced by something.
    if (rule === R.testlist_comp_3c) results[this.top++] = node;
    results[this.top++] = node;
  }

  /** Drops what `or` and `and` decide before run time; returns how many operands are left. */
  private foldLogical(isOr: boolean, count: number): number {
    const { results } = this;
    const top = this.top;
    let keep = count;
    for (let i = count; i > 0; ) {
      const operand = results[top - 1 - --i]!;
      results[top - keep] = operand;
      if (i === 0) break;
      if (isOr ? isConstantTrue(operand) : isConstantFalse(operand)) break;
      if (!(isOr ? isConstantFalse(operand) : isConstantTrue(operand))) keep--;
    }
    keep--;
    this.top -= keep;
    return count - keep;
  }

  private foldArithmetic(rule: number, count: number): Const | undefined {
    const { results, options } = this;
    const top = this.top;
    if (rule === R.factor_2) {
      const operand = numberOf(results[top - 1]!);
      if (operand === undefined) return undefined;
      const token = results[top - 2]!.arg as Token;
      const op = token === Token.Tilde ? UnaryOp.Invert : token === Token.Plus ? UnaryOp.Positive : UnaryOp.Negative;
      return foldUnary(op, operand);
    }
    const first = numberOf(results[top - count]!);
    if (first === undefined) return undefined;
    let value: Const = first;
    const operators = rule === R.shift_expr || rule === R.arith_expr || rule === R.term;
    const step = operators ? 2 : 1;
    for (let i = top - count + step; i < top; i += step) {
      const operand = numberOf(results[i]!);
      if (operand === undefined) return undefined;
      let op: BinaryOp;
      if (operators) op = BinaryOp.LeftShift + (results[i - 1]!.arg - Token.LeftShift);
      else if (rule === R.expr) op = BinaryOp.Or;
      else if (rule === R.xor_expr) op = BinaryOp.Xor;
      else if (rule === R.and_expr) op = BinaryOp.And;
      else op = BinaryOp.Power;
      const folded: Const | undefined = foldBinary(op, value, operand, options);
      if (folded === undefined) return undefined;
      value = folded;
    }
    return value;
  }

  /** `math.pi` and the like, where the name before the dot is a module whose constants the compiler knows. */
  private foldModuleConstant(): Const | undefined {
    const { results, pool, options } = this;
    const trailer = results[this.top - 1]!;
    const base = results[this.top - 2]!;
    if (trailer === null || trailer.kind !== R.trailer_period || !isName(base)) return undefined;
    const names = (options.moduleConstants ?? DEFAULT_MODULE_CONSTANTS).get(pool.decode(base.arg));
    const value = names?.get(pool.decode(trailer.nodes[0]!.arg));
    if (value instanceof ConstFloat && options.float === 'single') return new ConstFloat(Math.fround(value.value));
    return value;
  }

  /** `NAME = const(value)`: remembers the value; true when the whole statement is done away with. */
  private foldConstDeclaration(): boolean {
    const { results, lexer } = this;
    const call = results[this.top - 1]!;
    const target = results[this.top - 2]!;
    if (call === null || call.kind !== R.atom_expr_normal || !isName(target)) return false;
    const [callee, trailer] = call.nodes;
    if (!isName(callee!) || callee.arg !== Q.const || trailer === null || trailer!.kind !== R.trailer_paren) return false;
    const value = trailer!.nodes[0]!;
    if (!isConstant(value)) throw new CompileError('SyntaxError', 'not a constant', lexer.fileName, call.line, null);
    this.constants.set(target.arg, value);
    if (this.pool.text(target.arg)[0] === '_') {
      this.top -= 2;
      this.pushRule(R.pass_stmt, 0, 0);
      return true;
    }
    results[this.top - 1] = value;
    return false;
  }

  private buildTuple(rule: number, line: number, count: number): boolean {
    switch (rule) {
      case R.testlist_comp:
        return this.frameRule(0) === R.atom_paren && this.buildTupleFromResults(line, count);
      case R.testlist_comp_3c:
        // The frames below: testlist_comp_3b, testlist_comp and what is around.
        if (this.frameRule(2) !== R.atom_paren || !this.buildTupleFromResults(line, count)) return false;
        this.framesTop -= 6;
        return true;
      case R.testlist_star_expr:
      case R.testlist:
      case R.subscriptlist:
        return this.buildTupleFromResults(line, count);
      default:
        return false;
    }
  }

  private buildTupleFromResults(line: number, count: number): boolean {
    const { results } = this;
    const start = this.top - count;
    for (let i = start; i < this.top; i++) if (!isConstant(results[i]!)) return false;
    const tuple = new ConstTuple(results.slice(start, this.top).map(node => constantOf(node!, this.texts)));
    if (tuple.depth > MAX_TUPLE_DEPTH) return false;
    this.top = start;
    this.takeObject(2 + count, 0);
    results[this.top++] = constObject(line, tuple);
    return true;
  }
}

/** The number that a node stands for, if it is one. */
function numberOf(node: Node): Const | undefined {
  if (node === null) return undefined;
  if (node.kind === LEAF_INTEGER) return node.value;
  return node.kind === CONST_OBJECT && isNumber(node.value) ? node.value : undefined;
}
