/**
 * The characters of a source, as the lexer sees them: the current one and two more, all kinds of newlines as one, the last line always
 * ended, lines and columns counted; and the arguments of f-strings read in between as if they stood in the source.
 */

export const EOF = -1;
const TAB_SIZE = 8;

export const SPACE = 1;
export const LETTER = 2;
export const DIGIT = 4;
export const HEX_DIGIT = 8;
export const NAME_START = 16;
export const NAME_PART = 32;

/** Classes of bytes. Letters are ASCII only; a name may hold any byte with the high bit set. */
export const CLASS = new Uint8Array(256);
for (let c = 0; c < 256; c++) {
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
  const digit = c >= 48 && c <= 57;
  const lower = c | 0x20;
  if (c === 32 || (c >= 9 && c <= 13)) CLASS[c]! |= SPACE;
  if (letter) CLASS[c]! |= LETTER;
  if (digit) CLASS[c]! |= DIGIT;
  if (digit || (lower >= 97 && lower <= 102 && letter)) CLASS[c]! |= HEX_DIGIT;
  if (letter || c === 95 || c >= 0x80) CLASS[c]! |= NAME_START;
  if (letter || digit || c === 95 || c >= 0x80) CLASS[c]! |= NAME_PART;
}

export const is = (c: number, mask: number): boolean => c >= 0 && (CLASS[c]! & mask) !== 0;

/** A copy of the source with one newline character, the last line ended, and room for the look-ahead to read zeros. */
function normaliseNewlines(source: Uint8Array): { bytes: Uint8Array; length: number } {
  const bytes = new Uint8Array(source.length + 8);
  let length = 0;
  if (source.indexOf(13) < 0) {
    bytes.set(source);
    length = source.length;
  } else {
    for (let i = 0; i < source.length; i++) {
      const c = source[i]!;
      bytes[length++] = c === 13 ? 10 : c;
      if (c === 13 && source[i + 1] === 10) i++;
    }
  }
  if (length === 0 || bytes[length - 1] !== 10) bytes[length++] = 10;
  return { bytes, length };
}

export class SourceReader {
  protected readonly source: Uint8Array;
  protected readonly length: number;
  /** The next byte to be read; in plain reading the current character is at position - 3. */
  protected position = 0;
  protected c0 = EOF;
  protected c1 = EOF;
  protected c2 = EOF;
  protected line = 1;
  protected column = 1;
  /** Depth of brackets, within which newlines are spaces. */
  protected bracketLevel = 0;

  /** Arguments of an f-string's `.format(`; read back as source once the literal is complete (`argumentsRead` is then not 0). */
  protected readonly formatArguments: number[] = [];
  protected argumentsRead = 0;
  private saved0 = 0;
  private saved1 = 0;
  private saved2 = 0;

  constructor(source: Uint8Array) {
    const { bytes, length } = normaliseNewlines(source);
    this.source = bytes;
    this.length = length;
    this.reload(0);
  }

  /** Skips spaces, comments and joined lines; true when it stopped at a newline. */
  protected skipWhitespace(stopAtNewline: boolean): boolean {
    for (;;) {
      const c = this.c0;
      if (c === 10) {
        if (stopAtNewline && this.bracketLevel === 0) return true;
        this.step();
      } else if (c === 32 || c === 9 || c === 11 || c === 12 || c === 13) {
        this.step();
      } else if (c === 35) {
        this.skipComment();
      } else if (c === 92 && this.c1 === 10) {
        this.step();
        this.step();
      } else {
        return false;
      }
    }
  }

  private skipComment(): void {
    if (this.argumentsRead === 0) {
      const start = this.position - 3;
      const end = this.source.indexOf(10, start);
      this.column += end - start;
      this.reload(end);
    } else {
      while (this.c0 !== EOF && this.c0 !== 10) this.step();
    }
  }

  /** Moves the current character to a position in the source. */
  protected reload(at: number): void {
    const { source, length } = this;
    this.c0 = at < length ? source[at]! : EOF;
    this.c1 = at + 1 < length ? source[at + 1]! : EOF;
    this.c2 = at + 2 < length ? source[at + 2]! : EOF;
    this.position = at + 3;
  }

  /** Goes to the next character. */
  protected step(): void {
    if (this.c0 === 10) {
      this.line++;
      this.column = 1;
    } else if (this.c0 === 9) {
      this.column = Math.floor((this.column - 1 + TAB_SIZE) / TAB_SIZE) * TAB_SIZE + 1;
    } else {
      this.column++;
    }
    this.c0 = this.c1;
    this.c1 = this.c2;
    if (this.argumentsRead === 0) {
      this.c2 = this.position < this.length ? this.source[this.position]! : EOF;
      this.position++;
    } else {
      const args = this.formatArguments;
      this.c2 = this.argumentsRead < args.length ? args[this.argumentsRead++]! : 0;
      if (this.c0 === 0) {
        // All arguments are read; go on with the source where the literal ended.
        this.c0 = this.saved0;
        this.c1 = this.saved1;
        this.c2 = this.saved2;
        args.length = 0;
        this.argumentsRead = 0;
      }
    }
  }

  /** The literal is complete: its arguments are the next source text. */
  protected startReadingArguments(): void {
    const args = this.formatArguments;
    args.push(41);
    this.saved0 = this.c0;
    this.saved1 = this.c1;
    this.saved2 = this.c2;
    this.c0 = args[0]!;
    this.c1 = args[1]!;
    this.c2 = args[2]!;
    this.argumentsRead = 3;
  }
}
