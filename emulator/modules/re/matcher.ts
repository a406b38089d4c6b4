/** Runs a compiled expression by backtracking, as MicroPython does: every choice is a recursion, and takes stack. */
import { LAST_CONSUMER, NAMED_IN_CLASS, Op, type Program, SEARCH_PREFIX } from './program.ts';

/** What is searched: `begin` to `end` of `text`; `^` matches at `lineStart` only. */
export interface Subject {
  readonly text: Uint8Array;
  readonly lineStart: number;
  begin: number;
  end: number;
}

/** The guest's stack: `enter` raises when it is used up. */
export interface MatchStack {
  enter(): void;
  leave(): void;
}

export class Matcher {
  /** Start and end of the whole match and of each group; -1 where a group did not take part. */
  readonly captures: Int32Array;

  /** @param signedChars a character of the reference's build is signed: ranges compare bytes as signed numbers */
  constructor(
    private readonly program: Program,
    private readonly subject: Subject,
    private readonly signedChars: boolean,
    private readonly stack: MatchStack,
  ) {
    this.captures = new Int32Array((program.groups + 1) * 2);
  }

  /** Matches at the subject's beginning, or searches from there. */
  run(anchored: boolean): boolean {
    this.captures.fill(-1);
    return this.from(anchored ? SEARCH_PREFIX : 0, this.subject.begin);
  }

  private from(pc: number, at: number): boolean {
    const { code } = this.program;
    const { text, end, lineStart } = this.subject;
    const { captures, stack } = this;
    stack.enter();
    for (;;) {
      const op = code[pc++];
      if (op <= LAST_CONSUMER && at >= end) break;
      switch (op) {
        case Op.Char:
          if (text[at] !== code[pc++]) {
            stack.leave();
            return false;
          }
          at++;
          continue;
        case Op.Any:
          at++;
          continue;
        case Op.Class:
        case Op.ClassNot:
          if (this.inClass(pc, text[at]) === (op === Op.ClassNot)) {
            stack.leave();
            return false;
          }
          pc += code[pc] * 2 + 1;
          at++;
          continue;
        case Op.NamedClass:
          if (!inNamedClass(code[pc++], text[at])) {
            stack.leave();
            return false;
          }
          at++;
          continue;
        case Op.Match:
          stack.leave();
          return true;
        case Op.Jump:
          pc += signed(code[pc]) + 1;
          continue;
        case Op.Split: {
          const target = pc + signed(code[pc]) + 1;
          if (this.from(pc + 1, at)) {
            stack.leave();
            return true;
          }
          pc = target;
          continue;
        }
        case Op.SplitFar: {
          if (this.from(pc + signed(code[pc]) + 1, at)) {
            stack.leave();
            return true;
          }
          pc++;
          continue;
        }
        case Op.Save: {
          const slot = code[pc++];
          if (slot >= captures.length) continue;
          const old = captures[slot];
          captures[slot] = at;
          const matched = this.from(pc, at);
          if (!matched) captures[slot] = old;
          stack.leave();
          return matched;
        }
        case Op.LineStart:
          if (at !== lineStart) break;
          continue;
        case Op.LineEnd:
          if (at !== end) break;
          continue;
      }
      break;
    }
    stack.leave();
    return false;
  }

  private inClass(pc: number, c: number): boolean {
    const { code } = this.program;
    const value = this.signedChars ? signed(c) : c;
    for (let pairs = code[pc++]; pairs > 0; pairs--, pc += 2) {
      if (code[pc] === NAMED_IN_CLASS) {
        if (inNamedClass(code[pc + 1], c)) return true;
        continue;
      }
      const low = this.signedChars ? signed(code[pc]) : code[pc];
      const high = this.signedChars ? signed(code[pc + 1]) : code[pc + 1];
      if (value >= low && value <= high) return true;
    }
    return false;
  }
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** Is `c` in the class that `letter` names? A capital letter names the complement. */
function inNamedClass(letter: number, c: number): boolean {
  const wanted = (letter & 0x20) !== 0;
  switch (letter | 0x20) {
    case 0x64:
      return (c >= 0x30 && c <= 0x39) === wanted;
    case 0x73:
      return (c === 0x20 || (c >= 0x09 && c <= 0x0d)) === wanted;
    default:
      return ((c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x5f) === wanted;
  }
}
