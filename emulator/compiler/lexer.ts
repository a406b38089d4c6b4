/**
 * Source bytes to tokens, as MicroPython 1.27.0's lexer does (py/lexer.c): three characters of look-ahead, indentation with tabs of
 * eight, adjacent literals joined, and f-strings turned into a literal followed by `.format(...)`, whose text is fed back to the lexer
 * itself.
 */

import { KEYWORD_QSTRS, type Qstr, type QstrPool } from './qstr-pool.ts';
import { CompileError } from './rawcode.ts';
import { CLASS, DIGIT, EOF, HEX_DIGIT, is, LETTER, NAME_PART, NAME_START, SourceReader } from './source-reader.ts';
import { Token } from './token.ts';

/**
 * Most bytes of arguments that one f-string may collect. F-strings nested in one another copy their rest at each level; the reference
 * runs out of memory there.
 */
const MAX_FORMAT_ARGUMENTS = 1 << 20;

export class Lexer extends SourceReader {
  /** The current token. */
  kind: Token = Token.Invalid;
  tokenLine = 1;
  tokenColumn = 1;
  /** The name of a `Token.Name`. */
  name: Qstr = 0;
  /** Bytes of a number, string or bytes literal. */
  text = new Uint8Array(64);
  textLength = 0;

  private pendingDents = 0;
  private readonly indents = [0];

  constructor(
    source: Uint8Array,
    private readonly pool: QstrPool,
    readonly fileName: string,
    /** The value of `__debug__`: true without optimisation. */
    private readonly debug: boolean,
  ) {
    super(source);
    this.next();
    // The first token must stand in the first column; otherwise the parser shall see an indent where none can be.
    if (this.tokenColumn !== 1 && this.kind !== Token.Newline) this.kind = Token.Indent;
  }

  /** The literal's bytes as a string with one character for each byte. */
  tokenText(): string {
    let text = '';
    for (let i = 0; i < this.textLength; i++) text += String.fromCharCode(this.text[i]!);
    return text;
  }

  next(): void {
    if (this.formatArguments.length !== 0 && this.argumentsRead === 0) this.startReadingArguments();

    this.textLength = 0;
    const atNewline = this.skipWhitespace(true);
    this.tokenLine = this.line;
    this.tokenColumn = this.column;

    if (this.pendingDents !== 0) {
      if (this.pendingDents < 0) {
        this.kind = Token.Dedent;
        this.pendingDents++;
      } else {
        this.kind = Token.Indent;
        this.pendingDents--;
      }
    } else if (atNewline) {
      this.readNewline();
    } else if (this.c0 === EOF) {
      this.kind = Token.End;
    } else if (this.atLiteral()) {
      this.readLiterals();
    } else if ((CLASS[this.c0]! & NAME_START) !== 0) {
      this.readName();
    } else if ((CLASS[this.c0]! & DIGIT) !== 0 || (this.c0 === 46 && is(this.c1, DIGIT))) {
      this.readNumber();
    } else {
      this.readOperator();
    }
  }

  private readNewline(): void {
    this.skipWhitespace(false);
    this.kind = Token.Newline;
    const indents = this.indents;
    const spaces = this.column - 1;
    let top = indents[indents.length - 1]!;
    if (spaces > top) {
      indents.push(spaces & 0xffff);
      this.pendingDents++;
    } else if (spaces < top) {
      while (spaces < top) {
        indents.pop();
        this.pendingDents--;
        top = indents[indents.length - 1]!;
      }
      if (spaces !== top) this.kind = Token.DedentMismatch;
    }
  }

  private readName(): void {
    if (this.argumentsRead === 0) {
      const start = this.position - 3;
      let end = start + 1;
      while ((CLASS[this.source[end]!]! & NAME_PART) !== 0) end++;
      this.column += end - start;
      this.name = this.pool.internBytes(this.source, start, end);
      this.reload(end);
    } else {
      do {
        this.addByte(this.c0);
        this.step();
      } while (is(this.c0, NAME_PART));
      this.name = this.pool.internBytes(this.text, 0, this.textLength);
    }
    this.kind = Token.Name;
    if (this.name < KEYWORD_QSTRS) {
      this.kind = Token.KwFalse + this.name;
      if (this.kind === Token.KwDebug) this.kind = this.debug ? Token.KwTrue : Token.KwFalse;
    }
  }

  private readNumber(): void {
    let radix = false;
    if (this.c0 === 46) {
      this.kind = Token.FloatOrImaginary;
    } else {
      this.kind = Token.Integer;
      const prefix = this.c1 | 0x20;
      if (this.c0 === 48 && (prefix === 98 || prefix === 111 || prefix === 120)) radix = true;
    }
    this.addByte(this.c0);
    this.step();
    while (this.c0 !== EOF) {
      const c = this.c0;
      if (!radix && (c === 101 || c === 69)) {
        this.kind = Token.FloatOrImaginary;
        this.addByte(101);
        this.step();
        if (this.c0 === 43 || this.c0 === 45) {
          this.addByte(this.c0);
          this.step();
        }
      } else if ((CLASS[c]! & (LETTER | DIGIT)) !== 0 || c === 46) {
        if (c === 46 || c === 106 || c === 74) this.kind = Token.FloatOrImaginary;
        this.addByte(c);
        this.step();
      } else if (c === 95) {
        this.step();
      } else {
        break;
      }
    }
  }

  private readOperator(): void {
    const c = this.c0;
    this.step();
    switch (c) {
      case 40:
        this.bracketLevel++;
        this.kind = Token.ParenOpen;
        return;
      case 41:
        this.bracketLevel--;
        this.kind = Token.ParenClose;
        return;
      case 91:
        this.bracketLevel++;
        this.kind = Token.BracketOpen;
        return;
      case 93:
        this.bracketLevel--;
        this.kind = Token.BracketClose;
        return;
      case 123:
        this.bracketLevel++;
        this.kind = Token.BraceOpen;
        return;
      case 125:
        this.bracketLevel--;
        this.kind = Token.BraceClose;
        return;
      case 44:
        this.kind = Token.Comma;
        return;
      case 59:
        this.kind = Token.Semicolon;
        return;
      case 126:
        this.kind = Token.Tilde;
        return;
      case 58:
        this.kind = this.accept(61) ? Token.Walrus : Token.Colon;
        return;
      case 60:
        if (this.accept(61)) this.kind = Token.LessEqual;
        else if (this.accept(60)) this.kind = this.accept(61) ? Token.LeftShiftEqual : Token.LeftShift;
        else this.kind = Token.Less;
        return;
      case 62:
        if (this.accept(61)) this.kind = Token.MoreEqual;
        else if (this.accept(62)) this.kind = this.accept(61) ? Token.RightShiftEqual : Token.RightShift;
        else this.kind = Token.More;
        return;
      case 42:
        if (this.accept(61)) this.kind = Token.StarEqual;
        else if (this.accept(42)) this.kind = this.accept(61) ? Token.DoubleStarEqual : Token.DoubleStar;
        else this.kind = Token.Star;
        return;
      case 43:
        this.kind = this.accept(61) ? Token.PlusEqual : Token.Plus;
        return;
      case 45:
        if (this.accept(61)) this.kind = Token.MinusEqual;
        else this.kind = this.accept(62) ? Token.Arrow : Token.Minus;
        return;
      case 38:
        this.kind = this.accept(61) ? Token.AmpersandEqual : Token.Ampersand;
        return;
      case 124:
        this.kind = this.accept(61) ? Token.PipeEqual : Token.Pipe;
        return;
      case 47:
        if (this.accept(61)) this.kind = Token.SlashEqual;
        else if (this.accept(47)) this.kind = this.accept(61) ? Token.DoubleSlashEqual : Token.DoubleSlash;
        else this.kind = Token.Slash;
        return;
      case 37:
        this.kind = this.accept(61) ? Token.PercentEqual : Token.Percent;
        return;
      case 94:
        this.kind = this.accept(61) ? Token.CaretEqual : Token.Caret;
        return;
      case 64:
        this.kind = this.accept(61) ? Token.AtEqual : Token.At;
        return;
      case 61:
        this.kind = this.accept(61) ? Token.DoubleEqual : Token.Equal;
        return;
      case 33:
        this.kind = this.accept(61) ? Token.NotEqual : Token.Invalid;
        return;
      case 46:
        if (this.c0 === 46 && this.c1 === 46) {
          this.step();
          this.step();
          this.kind = Token.Ellipsis;
        } else {
          this.kind = Token.Period;
        }
        return;
      default:
        this.kind = Token.Invalid;
    }
  }

  private accept(c: number): boolean {
    if (this.c0 !== c) return false;
    this.step();
    return true;
  }

  /** Whether a string or bytes literal starts here, with its prefix. */
  private atLiteral(): boolean {
    const { c0, c1 } = this;
    if (c0 === 39 || c0 === 34) return true;
    if (c0 !== 114 && c0 !== 117 && c0 !== 98 && c0 !== 102) return false;
    if (c1 === 39 || c1 === 34) return true;
    // rb, br, rf and fr
    const pair = (c0 === 114 && (c1 === 98 || c1 === 102)) || (c1 === 114 && (c0 === 98 || c0 === 102));
    return pair && (this.c2 === 39 || this.c2 === 34);
  }

  /** Reads a literal and those that follow it directly and are of the same kind. */
  private readLiterals(): void {
    this.kind = Token.End;
    do {
      const { c0, c1 } = this;
      const bytes = c0 === 98 || (c0 === 114 && c1 === 98);
      const raw = c0 === 114 || ((c0 === 98 || c0 === 102) && c1 === 114);
      const format = c0 === 102 || (c0 === 114 && c1 === 102);
      let prefix = 0;
      if (c0 === 117) prefix = 1;
      else if (c0 === 98 || c0 === 102) prefix = c1 === 114 ? 2 : 1;
      else if (c0 === 114) prefix = c1 === 98 || c1 === 102 ? 2 : 1;

      const kind = bytes ? Token.Bytes : Token.String;
      if (this.kind === Token.End) this.kind = kind;
      else if (this.kind !== kind) break;
      for (; prefix > 0; prefix--) this.step();
      this.readLiteral(raw, format);
      this.skipWhitespace(true);
    } while (this.atLiteral());
  }

  private readLiteral(raw: boolean, format: boolean): void {
    const quote = this.c0 === 34 ? 34 : 39;
    this.step();
    let quotes = 1;
    if (this.c0 === quote && this.c1 === quote) {
      this.step();
      this.step();
      quotes = 3;
    }
    let closing = 0;
    if (format && this.formatArguments.length === 0) {
      for (const c of '.format(') this.formatArguments.push(c.charCodeAt(0));
    }

    while (this.c0 !== EOF && (quotes > 1 || this.c0 !== 10) && closing < quotes) {
      if (this.c0 === quote) {
        closing++;
        this.addByte(quote);
      } else {
        closing = 0;
        while (format && this.c0 === 123) this.readReplacementField();
        if (this.c0 === 92) {
          this.step();
          this.readEscape(raw);
        } else {
          if (this.argumentsRead === 0) this.addPlainRun(quote, format);
          this.addByte(this.c0);
        }
      }
      this.step();
    }
    if (closing < quotes) this.kind = Token.LonelyStringOpen;
    this.textLength -= Math.min(closing, this.textLength);
  }

  /** Takes the bytes before one that needs a closer look, leaving the last of them as the current character. */
  private addPlainRun(quote: number, format: boolean): void {
    const source = this.source;
    const start = this.position - 3;
    let end = start;
    for (;;) {
      const c = source[end + 1]!;
      if (c === quote || c === 92 || c === 10 || c === 9 || (format && c === 123) || end + 2 >= this.length) break;
      end++;
    }
    if (end === start || source[start] === 10 || source[start] === 9) return;
    const count = end - start;
    this.reserve(count);
    this.text.set(source.subarray(start, end), this.textLength);
    this.textLength += count;
    this.column += count;
    this.reload(end);
  }

  /** At `{` in an f-string: moves the expression to the arguments, and leaves what `str.format` shall see in the literal. */
  private readReplacementField(): void {
    this.step();
    if (this.c0 === 123) {
      this.addByte(123);
      this.step();
    } else {
      const args = this.formatArguments;
      args.push(40);
      const start = args.length;
      // Up to the conversion, format or end. Knows nothing of Python's syntax but brackets, exactly as the reference.
      let level = 0;
      while (this.c0 !== EOF && (level !== 0 || !this.atFieldEnd())) {
        const c = this.c0;
        if (c === 91 || c === 123) level = (level + 1) >>> 0;
        else if (c === 93 || c === 125) level = (level - 1) >>> 0;
        if (this.formatArguments.push(c) > MAX_FORMAT_ARGUMENTS) this.outOfMemory();
        this.step();
      }
      const collected = this.formatArguments;
      if (collected[collected.length - 1] === 61) {
        // f'{a=}' is 'a={}'.format(a)
        for (let i = start; i < collected.length; i++) this.addByte(collected[i]!);
        collected.length--;
      }
      collected.push(41, 44);
    }
    this.addByte(123);
  }

  private outOfMemory(): never {
    const message = `memory allocation failed, allocating ${this.formatArguments.length} bytes`;
    throw new CompileError('MemoryError', message, this.fileName, 0, null);
  }

  private atFieldEnd(): boolean {
    if (this.c0 === 58 || this.c0 === 125) return true;
    return this.c0 === 33 && (this.c1 === 114 || this.c1 === 115) && (this.c2 === 58 || this.c2 === 125);
  }

  /** At the character after a backslash. */
  private readEscape(raw: boolean): void {
    let c = this.c0;
    if (raw) {
      this.addByte(92);
    } else {
      switch (c) {
        case 10:
          return; // an escaped newline disappears
        case 92:
        case 39:
        case 34:
          break;
        case 97:
          c = 7;
          break;
        case 98:
          c = 8;
          break;
        case 116:
          c = 9;
          break;
        case 110:
          c = 10;
          break;
        case 118:
          c = 11;
          break;
        case 102:
          c = 12;
          break;
        case 114:
          c = 13;
          break;
        case 117:
        case 85:
          if (this.kind === Token.Bytes) {
            this.addByte(92);
            break;
          }
          c = this.readHex(c === 117 ? 4 : 8);
          break;
        case 120:
          c = this.readHex(2);
          break;
        case 78:
          throw new CompileError('NotImplementedError', 'unicode name escapes', this.fileName, 0, null);
        default:
          if (c >= 48 && c <= 55) {
            let digits = 3;
            let value = c - 48;
            while (this.c1 >= 48 && this.c1 <= 55 && --digits !== 0) {
              this.step();
              value = value * 8 + (this.c0 - 48);
            }
            c = value;
          } else {
            this.addByte(92); // an unknown escape stands for itself
          }
      }
    }
    if (c === EOF) return;
    if (c < 0x110000 && this.kind === Token.String) this.addCharacter(c);
    else if (c < 0x100 && this.kind === Token.Bytes) this.addByte(c);
    else this.kind = Token.Invalid;
  }

  private readHex(digits: number): number {
    let value = 0;
    while (digits-- > 0) {
      this.step();
      const c = this.c0;
      if (!is(c, HEX_DIGIT)) {
        this.kind = Token.Invalid;
        return 0;
      }
      value = value * 16 + (c <= 57 ? c - 48 : (c & 0xdf) - 55);
    }
    return value === 0xffffffff ? EOF : value;
  }

  private reserve(count: number): void {
    if (this.textLength + count <= this.text.length) return;
    const larger = new Uint8Array(Math.max(this.text.length * 2, this.textLength + count));
    larger.set(this.text);
    this.text = larger;
  }

  private addByte(byte: number): void {
    if (this.textLength === this.text.length) this.reserve(1);
    this.text[this.textLength++] = byte;
  }

  private addCharacter(code: number): void {
    if (code < 0x80) {
      this.addByte(code);
    } else if (code < 0x800) {
      this.addByte(0xc0 | (code >> 6));
      this.addByte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      this.addByte(0xe0 | (code >> 12));
      this.addByte(0x80 | ((code >> 6) & 0x3f));
      this.addByte(0x80 | (code & 0x3f));
    } else {
      this.addByte(0xf0 | (code >> 18));
      this.addByte(0x80 | ((code >> 12) & 0x3f));
      this.addByte(0x80 | ((code >> 6) & 0x3f));
      this.addByte(0x80 | (code & 0x3f));
    }
  }
}
