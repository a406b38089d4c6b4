/** A terminal as far as a MicroPython prompt uses one: what a person sees after all the backspaces and erasing. */

export class TerminalScreen {
  private readonly finished: string[] = [];
  private line: string[] = [];
  private column = 0;
  private escape = '';

  /** Takes a piece of output; pieces may end anywhere, also inside a control sequence. */
  feed(text: string): this {
    for (const c of text) this.character(c);
    return this;
  }

  /** All lines, the unfinished last one included. */
  get lines(): string[] {
    return [...this.finished, this.line.join('')];
  }

  /** The line with the cursor. */
  get lastLine(): string {
    return this.line.join('');
  }

  private character(c: string): void {
    if (this.escape !== '') {
      this.escape += c;
      const [, digits, command] = /^\x1b\[(\d*)([A-Za-z~])$/.exec(this.escape) ?? [];
      if (command !== undefined) this.control(command, digits === '' ? 1 : Number(digits));
      else if (/^\x1b(\[\d*)?$/.test(this.escape)) return;
      this.escape = '';
      return;
    }
    switch (c) {
      case '\x1b':
        this.escape = c;
        return;
      case '\r':
        this.column = 0;
        return;
      case '\n':
        this.finished.push(this.line.join(''));
        this.line = [];
        this.column = 0;
        return;
      case '\b':
        this.column = Math.max(0, this.column - 1);
        return;
      case '\x07':
        return;
      default:
        while (this.line.length < this.column) this.line.push(' ');
        this.line[this.column++] = c;
    }
  }

  private control(command: string, count: number): void {
    if (command === 'D') this.column = Math.max(0, this.column - count);
    else if (command === 'C') this.column += count;
    else if (command === 'K') this.line.length = Math.min(this.line.length, this.column);
  }
}

/** What a person sees after this output. */
export function onScreen(output: string): string {
  return new TerminalScreen().feed(output).lines.join('\n');
}
