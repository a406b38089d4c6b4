/**
 * Regular expressions as MicroPython compiles them: to a byte code with 8-bit jumps (the library is named re1.5). Its limits are
 * observable, so they are kept: a jump, a class or a group number that does not fit its byte makes the expression too complex.
 *
 * Source: documentation of the module `re`; the limits were observed on the official Unix port.
 */

export enum Op {
  Char = 1,
  Any,
  Class,
  ClassNot,
  NamedClass,
  LineStart = 0x50,
  LineEnd,
  Jump = 0x60,
  /** Tries what follows first, then the jump's target. */
  Split,
  /** Tries the jump's target first. */
  SplitFar,
  Save = 0x7e,
  Match = 0x7f,
}

/** Operations up to here consume a character. */
export const LAST_CONSUMER = Op.NamedClass;

/** Marks a pair in a class as "a named class", whose letter is the pair's second byte. */
export const NAMED_IN_CLASS = 0;

export interface Program {
  /** Starts with a prefix that skips characters, for a search; a match begins behind it. */
  readonly code: Uint8Array;
  /** Number of capturing groups, the whole match not counted. */
  readonly groups: number;
}

/** Length of the prefix for searching. */
export const SEARCH_PREFIX = 5;

export type CompileFailure = 'too complex' | 'error';

const ch = (text: string) => text.charCodeAt(0);
const BACKSLASH = ch('\\');
const DASH = ch('-');
const CARET = ch('^');
const QUESTION = ch('?');
const CLOSE_BRACKET = ch(']');
const CLOSE_PAREN = ch(')');

/** One of d, D, s, S, w, W. */
function namesClass(c: number): boolean {
  return (c | 0x20) === 0x64 || (c | 0x24) === 0x77;
}

class Compiler {
  readonly code: number[] = [Op.SplitFar, 3, Op.Any, Op.Jump, 256 - 5, Op.Save, 0];
  groups = 0;
  at = 0;

  constructor(
    private readonly pattern: Uint8Array,
    private readonly deeper: <T>(action: () => T) => T,
  ) {}

  /** The character `ahead` of the current one; 0 from the end on, or at a zero byte, which ends the expression. */
  peek(ahead = 0): number {
    const i = this.at + ahead;
    return i < this.pattern.length ? this.pattern[i] : 0;
  }

  /** Compiles alternatives up to a closing parenthesis or the end. Returns false when the expression is too complex or malformed. */
  alternatives(): boolean {
    const { code } = this;
    const start = code.length;
    let fits = true;
    const signed = (value: number) => {
      if (value < -128 || value > 127) fits = false;
      return value & 0xff;
    };
    const jumpFrom = (from: number, to: number) => signed(to - from - 2);
    /** Where the last complete term begins: what a repetition applies to. */
    let term = start;
    /** Place of the jump distance at the end of the previous alternative; 0: there is none. */
    let jumpToEnd = 0;
    const closeAlternative = () => {
      if (jumpToEnd > 0) code[jumpToEnd] = signed(code.length - jumpToEnd - 1);
    };
    for (; this.peek() !== 0 && this.peek() !== CLOSE_PAREN; this.at++) {
      const c = this.peek();
      switch (c) {
        case BACKSLASH: {
          this.at++;
          const escaped = this.peek();
          if (escaped === 0) return false;
          term = code.length;
          code.push(namesClass(escaped) ? Op.NamedClass : Op.Char, escaped);
          break;
        }
        case ch('.'):
          term = code.length;
          code.push(Op.Any);
          break;
        case ch('['): {
          term = code.length;
          const pairs = this.classPairs();
          if (pairs < 0) return false;
          code[term + 1] = signed(pairs);
          break;
        }
        case ch('('): {
          term = code.length;
          const captures = this.peek(1) !== QUESTION || this.peek(2) !== ch(':');
          const group = captures ? ++this.groups : 0;
          if (captures) code.push(Op.Save, signed(2 * group));
          else this.at += 2;
          this.at++;
          if (!this.deeper(() => this.alternatives()) || this.peek() !== CLOSE_PAREN) return false;
          if (captures) code.push(Op.Save, signed(2 * group + 1));
          break;
        }
        case QUESTION:
        case ch('*'): {
          if (code.length === term) return false;
          code.splice(term, 0, 0, 0);
          if (c !== QUESTION) {
            const from = code.length;
            code.push(Op.Jump, jumpFrom(from, term));
          }
          code[term] = this.lazy() ? Op.SplitFar : Op.Split;
          code[term + 1] = jumpFrom(term, code.length);
          term = code.length;
          break;
        }
        case ch('+'): {
          if (code.length === term) return false;
          const from = code.length;
          code.push(this.lazy() ? Op.Split : Op.SplitFar, jumpFrom(from, term));
          term = code.length;
          break;
        }
        case ch('|'):
          closeAlternative();
          code.splice(start, 0, 0, 0);
          code.push(Op.Jump, 0);
          jumpToEnd = code.length - 1;
          code[start] = Op.Split;
          code[start + 1] = jumpFrom(start, code.length);
          term = code.length;
          break;
        case CARET:
          code.push(Op.LineStart);
          term = code.length;
          break;
        case ch('$'):
          code.push(Op.LineEnd);
          term = code.length;
          break;
        default:
          term = code.length;
          code.push(Op.Char, c);
      }
    }
    closeAlternative();
    return fits;
  }

  /** Takes the question mark that makes a repetition lazy. */
  private lazy(): boolean {
    if (this.peek(1) !== QUESTION) return false;
    this.at++;
    return true;
  }

  /** Compiles a class, its count left empty. Returns the number of pairs, or -1 when the class does not end. */
  private classPairs(): number {
    const { code } = this;
    this.at++;
    if (this.peek() === CARET) {
      code.push(Op.ClassNot, 0);
      this.at++;
    } else code.push(Op.Class, 0);
    let pairs = 0;
    for (; this.peek() !== CLOSE_BRACKET; this.at++, pairs++) {
      let low = this.peek();
      if (low === BACKSLASH) {
        this.at++;
        low = this.peek();
        if (namesClass(low)) {
          code.push(NAMED_IN_CLASS, low);
          continue;
        }
      }
      if (low === 0) return -1;
      if (this.peek(1) === DASH && this.peek(2) !== CLOSE_BRACKET) this.at += 2;
      code.push(low, this.peek());
    }
    return pairs;
  }
}

/** Compiles `pattern` (UTF-8 or bytes). `deeper` guards the recursion into groups. */
export function compileProgram(pattern: Uint8Array, deeper: <T>(action: () => T) => T): Program | CompileFailure {
  const compiler = new Compiler(pattern, deeper);
  if (!compiler.alternatives()) return 'too complex';
  if (compiler.peek() !== 0) return 'error';
  compiler.code.push(Op.Save, 1, Op.Match);
  return { code: Uint8Array.from(compiler.code), groups: compiler.groups };
}
