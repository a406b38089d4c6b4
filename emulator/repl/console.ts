/** What the REPL talks to: bytes in and out, as latin-1 text (one character a byte). */
import { vm } from '../vm/vm.ts';

export enum Key {
  CtrlA = 1,
  CtrlB = 2,
  CtrlC = 3,
  CtrlD = 4,
  CtrlE = 5,
  CtrlF = 6,
  Backspace = 8,
  Tab = 9,
  Return = 13,
  CtrlK = 11,
  CtrlN = 14,
  CtrlP = 16,
  CtrlU = 21,
  CtrlW = 23,
  Escape = 27,
  Delete = 127,
}

/** The input has ended (a process's standard input, not a board's serial port): there is nobody to prompt any more. */
export class EndOfInput {}

export function readByte(): number {
  const byte = (vm.port.readKey ?? vm.port.readStdin).call(vm.port);
  if (byte < 0) throw new EndOfInput();
  return byte;
}

export function send(text: string): void {
  if (text.length === 0) return;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (vm.port.writeStdoutRaw !== undefined) vm.port.writeStdoutRaw(bytes);
  else vm.port.writeStdout(bytes);
}

/** Bytes of a line that was typed or sent. */
export function bytesOf(line: string): Uint8Array {
  return Uint8Array.from(line, c => c.charCodeAt(0));
}
