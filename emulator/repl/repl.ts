/** The REPL's modes: friendly with continuation and paste, raw, raw-paste with flow control (shared/runtime/pyexec.c). */

import { printReplInfo, replInfo } from '../modules/repl-info.ts';
import { excTypes, newException } from '../objects/exception.ts';
import { str } from '../vm/printing.ts';
import { Raise } from '../vm/raise.ts';
import { now } from '../vm/service.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { bytesOf, Key, readByte, send } from './console.ts';
import { needsContinuation } from './continuation.ts';
import { type History, LineEditor } from './line-editor.ts';
import { type Outcome, runInput } from './run-input.ts';

export type ReplMode = 'friendly' | 'raw';

export interface ReplState {
  mode: ReplMode;
  readonly history: History;
  /** First line of the banner. */
  readonly banner: string;
  /** sys.ps1 and sys.ps2, which the guest may set. */
  prompt(which: 'ps1' | 'ps2'): Value;
}

/** Bytes that may be under way in raw-paste mode before the board asks for more; half of it is the window (MICROPY_REPL_STDIN_BUFFER_MAX). */
const PASTE_BUFFER = 256;

/** Runs the REPL in its mode until that mode is left (undefined) or the guest wants out: a soft reset. */
export function runRepl(state: ReplState): Outcome | undefined {
  return state.mode === 'raw' ? rawRepl(state) : friendlyRepl(state);
}

const EXIT: Outcome = { ended: 'exit', status: 0 };

function friendlyRepl(state: ReplState): Outcome | undefined {
  const editor = new LineEditor(state.history);
  const banner = () => send(`${state.banner}\r\nType "help()" for more information.\r\n`);
  banner();
  for (;;) {
    vm.heap.lockDepth = 0;
    editor.line = '';
    const key = editor.read(str(state.prompt('ps1')));
    let input: 'file' | 'single' = 'single';
    if (key === Key.CtrlA) {
      send('\r\n');
      state.mode = 'raw';
      return undefined;
    }
    if (key === Key.CtrlB) {
      send('\r\n');
      banner();
      continue;
    }
    if (key === Key.CtrlC) {
      send('\r\n');
      continue;
    }
    if (key === Key.CtrlD) {
      send('\r\n');
      return EXIT;
    }
    if (key === Key.CtrlE) {
      send('\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ');
      const pasted = readPaste();
      if (pasted === undefined) continue;
      editor.line = pasted;
      input = 'file';
    } else if (editor.line === '') {
      continue;
    } else if (!readContinuation(editor, state)) continue;
    const start = now();
    const outcome = runInput(bytesOf(editor.line), input, '<stdin>', { repl: true });
    if (replInfo().shown) printReplInfo(start);
    if (outcome.ended === 'exit') return outcome;
  }
}

/** Reads on while the input is not complete; false when it was cancelled. */
function readContinuation(editor: LineEditor, state: ReplState): boolean {
  while (needsContinuation(editor.line)) {
    editor.line += '\n';
    const key = editor.read(str(state.prompt('ps2')));
    if (key === Key.CtrlC) {
      send('\r\n');
      return false;
    }
    if (key === Key.CtrlD) break;
  }
  return true;
}

/** Paste mode's text; undefined when it was cancelled. */
function readPaste(): string | undefined {
  const chunks: string[] = [];
  for (;;) {
    const c = readByte();
    if (c === Key.CtrlC) {
      send('\r\n');
      return undefined;
    }
    if (c === Key.CtrlD) {
      send('\r\n');
      vm.port.dropLineEnd?.();
      return chunks.join('');
    }
    const char = String.fromCharCode(c);
    chunks.push(char);
    send(c === Key.Return ? '\r\n=== ' : char);
  }
}

function rawRepl(state: ReplState): Outcome | undefined {
  for (;;) {
    send('raw REPL; CTRL-B to exit\r\n');
    const outcome = rawLines(state);
    if (outcome !== 'reset') return outcome;
  }
}

function rawLines(state: ReplState): Outcome | undefined | 'reset' {
  for (;;) {
    send('>');
    let line: number[] = [];
    for (;;) {
      const c = readByte();
      if (c === Key.CtrlA) {
        if (line.length !== 2 || line[0] !== Key.CtrlE) return 'reset';
        const outcome = rawPaste(line[1]);
        if (outcome?.ended === 'exit') return outcome;
        line = [];
        send('>');
      } else if (c === Key.CtrlB) {
        send('\r\n');
        state.mode = 'friendly';
        return undefined;
      } else if (c === Key.CtrlC) line = [];
      else if (c === Key.CtrlD) break;
      else line.push(c);
    }
    send('OK');
    if (line.length === 0) {
      send('\r\n');
      return EXIT;
    }
    const outcome = runInput(Uint8Array.from(line), 'file', '<stdin>', { printEof: true });
    if (outcome.ended === 'exit') return outcome;
  }
}

/** Raw-paste mode: the source flows in under a window, so that nothing is lost. */
function rawPaste(command: number): Outcome | undefined {
  if (command !== 0x41) {
    send('R\x00');
    return undefined;
  }
  const window = PASTE_BUFFER / 2;
  send(`R\x01${String.fromCharCode(window & 0xff, window >> 8)}\x01`);
  const read = (): Uint8Array => {
    const bytes: number[] = [];
    let left = window;
    for (;;) {
      const c = readByte();
      if (c === Key.CtrlC || c === Key.CtrlD) {
        send('\x04');
        if (c === Key.CtrlC) throw new Raise(newException(excTypes.KeyboardInterrupt, []));
        return Uint8Array.from(bytes);
      }
      bytes.push(c);
      if (--left === 0) {
        send('\x01');
        left = window;
      }
    }
  };
  return runInput(read, 'file', '<stdin>', { printEof: true });
}
