/** The line editor (shared/readline): cursor keys, history, auto-indent, tab completion; byte for byte what the device echoes. */
import { vm } from '../vm/vm.ts';
import { complete, MANY_MATCHES } from './completion.ts';
import { Key, readByte, send } from './console.ts';

enum Sequence {
  None,
  Esc,
  Bracket,
  BracketDigit,
  O,
}

/** Lines typed before, newest first. They outlive a soft reset, as on the device. */
export class History {
  readonly lines: string[] = [];
  constructor(private readonly size: number) {}

  push(line: string): void {
    if (line === '' || this.lines[0] === line) return;
    this.lines.unshift(line);
    this.lines.length = Math.min(this.lines.length, this.size);
  }
}

const isWordByte = (c: string) => /[A-Za-z0-9]/.test(c);
const isSpace = (c: string) => c === ' ' || (c >= '\t' && c <= '\r');

export class LineEditor {
  line = '';
  private start = 0;
  private cursor = 0;
  private sequence = Sequence.None;
  private digit = '';
  private historyAt = -1;
  private autoIndent = false;
  private justIndented = false;
  private prompt = '';

  constructor(private readonly history: History) {}

  /** Prompts, and edits until a line is entered (0) or a control key ends it (its code). What is typed is added to `line`. */
  read(prompt: string): number {
    this.start = this.cursor = this.line.length;
    this.sequence = Sequence.None;
    this.digit = '';
    this.historyAt = -1;
    this.prompt = prompt;
    send(prompt);
    if (this.line === '') this.autoIndent = true;
    this.indent();
    for (;;) {
      const result = this.process(readByte());
      if (result >= 0) return result;
    }
  }

  private moveBack(n: number): void {
    if (n <= 4) send('\b'.repeat(n));
    else send(`\x1b[${n}D`);
  }

  private wordDistance(forward: boolean): number {
    let at = this.cursor;
    let inWord = false;
    for (;;) {
      if (forward ? at === this.line.length : at === 0) break;
      if (isWordByte(this.line[forward ? at : at - 1])) inWord = true;
      else if (inWord) break;
      at += forward ? 1 : -1;
    }
    return Math.abs(at - this.cursor);
  }

  private cut(at: number, n: number): void {
    this.line = this.line.slice(0, at) + this.line.slice(at + n);
  }

  private process(c: number): number {
    const before = this.line.length;
    const words = vm.feature('replWordsMove');
    let back = 0;
    let redraw = false;
    let forward = 0;

    const home = () => {
      back = this.cursor - this.start;
    };
    const end = () => {
      forward = this.line.length - this.cursor;
    };
    const left = () => {
      if (this.cursor > this.start) back = 1;
    };
    const right = () => {
      if (this.cursor < this.line.length) forward = 1;
    };
    const deleteUnder = () => {
      if (this.cursor < this.line.length) {
        this.cut(this.cursor, 1);
        redraw = true;
      }
    };
    const recall = (line: string) => {
      this.line = this.line.slice(0, this.start) + line;
      back = this.cursor - this.start;
      redraw = true;
      forward = this.line.length - this.start;
    };
    const up = () => {
      if (this.historyAt + 1 < this.history.lines.length) recall(this.history.lines[++this.historyAt]);
    };
    const down = () => {
      if (this.historyAt >= 0) {
        this.historyAt--;
        recall(this.historyAt >= 0 ? this.history.lines[this.historyAt] : '');
      }
    };
    const killWordBack = () => {
      back = this.wordDistance(false);
      this.cut(this.cursor - back, back);
      redraw = true;
    };

    switch (this.sequence) {
      case Sequence.None:
        if (c >= Key.CtrlA && c <= Key.CtrlE && this.line.length === this.start) return c;
        if (c === Key.CtrlA) home();
        else if (c === Key.CtrlB) left();
        else if (c === Key.CtrlC) return c;
        else if (c === Key.CtrlD) deleteUnder();
        else if (c === Key.CtrlE) end();
        else if (c === Key.CtrlF) right();
        else if (c === Key.CtrlK) {
          this.line = this.line.slice(0, this.cursor);
          redraw = true;
        } else if (c === Key.CtrlN) down();
        else if (c === Key.CtrlP) up();
        else if (c === Key.CtrlU) {
          back = this.cursor - this.start;
          this.cut(this.start, back);
          redraw = true;
        } else if (c === Key.CtrlW && words) killWordBack();
        else if (c === Key.Return) {
          send('\r\n');
          this.history.push(this.line.slice(this.start));
          return 0;
        } else if (c === Key.Escape) this.sequence = Sequence.Esc;
        else if (c === Key.Backspace || c === Key.Delete) {
          if (this.cursor > this.start) {
            const typed = this.line.slice(this.start, this.cursor);
            back = /^ {4,}$/.test(typed) ? 4 : 1;
            this.cut(this.cursor - back, back);
            redraw = true;
          }
        } else if (this.justIndented && (c === Key.Tab || c === 32)) {
          this.autoIndent = false;
          if (c === 32) {
            back = 3;
            this.line = this.line.slice(0, -3);
          }
        } else if (c === Key.Tab) {
          let completion: string | typeof MANY_MATCHES;
          if (this.line !== '' && this.cursor > 0 && isSpace(this.line[this.cursor - 1])) completion = '    ';
          else completion = complete(this.line.slice(this.start, this.cursor));
          if (completion === MANY_MATCHES) {
            send(this.prompt);
            send(this.line.slice(this.start, this.cursor));
            redraw = true;
          } else if (completion !== '') {
            this.line = this.line.slice(0, this.cursor) + completion + this.line.slice(this.cursor);
            redraw = true;
            forward = completion.length;
          }
        } else if (c >= 32 && c <= 126) {
          this.line = this.line.slice(0, this.cursor) + String.fromCharCode(c) + this.line.slice(this.cursor);
          redraw = true;
          forward = 1;
        }
        break;
      case Sequence.Esc:
        this.sequence = Sequence.None;
        if (c === 0x5b) this.sequence = Sequence.Bracket;
        else if (c === 0x4f) this.sequence = Sequence.O;
        else if (words) {
          if (c === 0x62) back = this.wordDistance(false);
          else if (c === 0x66) forward = this.wordDistance(true);
          else if (c === 0x64) {
            this.cut(this.cursor, this.wordDistance(true));
            redraw = true;
          } else if (c === Key.Delete) killWordBack();
        }
        break;
      case Sequence.Bracket:
        if (c >= 0x30 && c <= 0x39) {
          this.sequence = Sequence.BracketDigit;
          this.digit = String.fromCharCode(c);
          break;
        }
        this.sequence = Sequence.None;
        if (c === 0x41) up();
        else if (c === 0x42) down();
        else if (c === 0x43) right();
        else if (c === 0x44) left();
        else if (c === 0x48) home();
        else if (c === 0x46) end();
        break;
      case Sequence.BracketDigit:
        this.sequence = Sequence.None;
        if (c === 0x7e) {
          if (this.digit === '1' || this.digit === '7') home();
          else if (this.digit === '4' || this.digit === '8') end();
          else if (this.digit === '3') deleteUnder();
        } else if (words) {
          if (c === 0x3b && this.digit === '1') this.sequence = Sequence.Bracket;
          else if (this.digit === '5' && c === 0x43) forward = this.wordDistance(true);
          else if (this.digit === '5' && c === 0x44) back = this.wordDistance(false);
        }
        break;
      case Sequence.O:
        // The reference leaves the state by the home and end keys only through the next byte.
        if (c === 0x48) home();
        else if (c === 0x46) end();
        this.sequence = Sequence.None;
        break;
    }

    if (back > 0) {
      this.moveBack(back);
      this.cursor -= back;
    }
    if (redraw) {
      if (this.line.length < before) send('\x1b[K');
      send(this.line.slice(this.cursor));
      this.moveBack(this.line.length - (this.cursor + forward));
      this.cursor += forward;
    } else if (forward > 0) {
      send(this.line.slice(this.cursor, this.cursor + forward));
      this.cursor += forward;
    }
    this.justIndented = false;
    return -1;
  }

  private indent(): void {
    this.justIndented = false;
    const { line } = this;
    if (!this.autoIndent || line.length <= 1 || !line.endsWith('\n')) return;
    const lines = line.slice(0, -1).split('\n');
    const last = lines[lines.length - 1];
    const spaces = last.length - last.trimStart().length;
    const leading = /^ */.exec(last)![0].length;
    if (lines.length > 1 && leading === last.length) {
      // No more indentation after two lines of nothing but spaces.
      const previous = lines[lines.length - 2];
      if (lines.length > 2 && /^ *$/.test(previous)) return;
    }
    let n = Math.floor((leading === last.length ? leading : Math.min(leading, spaces)) / 4);
    if (line[line.length - 2] === ':') n++;
    for (; n > 0; n--) {
      this.line += '    ';
      send('    ');
      this.cursor += 4;
      this.justIndented = true;
    }
  }
}

/** A line for input(): edited like one at the prompt, and remembered with those. */
export function readInputLine(history: History): { text: string } | 'interrupt' | 'end' {
  const editor = new LineEditor(history);
  const key = editor.read('');
  if (key === Key.CtrlC) return 'interrupt';
  if (key === Key.CtrlD && editor.line === '') return 'end';
  return { text: editor.line };
}
