/** Printing values: repr, str, and the streams that text goes to (py/obj.c, py/mpprint.c). */
import { encodeUtf8 } from '../objects/utf8.ts';
import { deeper } from './raise.ts';
import { typeOf } from './type.ts';
import type { Printer, Value } from './value.ts';
import { PrintKind, StringPrinter } from './value.ts';
import { vm } from './vm.ts';

/** Prints `value`. Raises RuntimeError when it is nested too deeply. */
export function printValue(out: Printer, value: Value, kind: PrintKind): void {
  if (typeof value === 'string' && kind === PrintKind.Str) {
    out.write(value);
    return;
  }
  const type = typeOf(value);
  if (type.print === undefined) out.write(`<${type.name}>`);
  else if (typeof value === 'object' && value !== null) deeper(() => type.print!(out, value, kind));
  else type.print(out, value, kind);
}

export function repr(value: Value): string {
  const out = new StringPrinter();
  printValue(out, value, PrintKind.Repr);
  return out.text;
}

export function str(value: Value): string {
  if (typeof value === 'string') return value;
  const out = new StringPrinter();
  printValue(out, value, PrintKind.Str);
  return out.text;
}

/** Standard output as a printer: what print() writes to. */
export const stdout: Printer = {
  write(text: string): void {
    if (holding > 0) {
      held += text;
      if (held.length >= HOLD_MAX) drainStdout();
    } else if (text.length > 0) vm.port.writeStdout(encodeUtf8(text));
  },
};

/** Text that is held back while one print() collects its pieces, so that the port gets them at once. */
let held = '';
let holding = 0;
const HOLD_MAX = 4096;

/** From here on `stdout` collects, until `flushStdout` is called as many times. */
export function holdStdout(): void {
  holding++;
}

export function flushStdout(): void {
  if (--holding === 0) drainStdout();
}

/** Sends what is held back. To be called before anything else is written to standard output. */
export function drainStdout(): void {
  if (held.length === 0) return;
  const text = held;
  held = '';
  vm.port.writeStdout(encodeUtf8(text));
}
