/** Built-in functions that make text or print it (py/modbuiltins.c). */
import { MpBytes } from '../../objects/bytes.ts';
import { newDict } from '../../objects/dict.ts';
import { excTypes } from '../../objects/exception.ts';
import { fun1, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { newStr } from '../../objects/new-str.ts';
import { characterCount } from '../../objects/str-width.ts';
import { StreamPrinter } from '../../objects/stream.ts';
import { raiseImplicitConversion } from '../../objects/text-data.ts';
import { decodeAnyUtf8 } from '../../objects/utf8.ts';
import { callMethod } from '../../vm/call.ts';
import { binaryOp, toInt } from '../../vm/operators.ts';
import { flushStdout, holdStdout, printValue, repr, stdout } from '../../vm/printing.ts';
import { raise, raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import type { KwArgs, Printer, Value } from '../../vm/value.ts';
import { BinaryOp, PrintKind } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';

export function textFunctions(): [string, Value][] {
  return [
    ['__repl_print__', fun1(replPrint)],
    ['bin', fun1(value => callMethod('{:#b}', 'format', [value]))],
    ['chr', fun1(chr)],
    ['hex', fun1(value => binaryOp(BinaryOp.Modulo, '%#x', value))],
    ['input', funVar(0, 1, input)],
    ['oct', fun1(value => binaryOp(BinaryOp.Modulo, '%#o', value))],
    ['ord', fun1(ord)],
    ['print', funKw(0, print)],
    ['repr', fun1(value => newStr(repr(value)))],
  ];
}

function chr(value: Value): Value {
  const code = toInt(value);
  if (code < 0 || code >= 0x110000) raiseValueError('chr() arg not in range(0x110000)');
  return newStr(String.fromCodePoint(code));
}

function ord(value: Value): Value {
  let length: number;
  if (typeof value === 'string') {
    length = characterCount(value);
    if (length === 1) return value.codePointAt(0)!;
  } else if (value instanceof MpBytes) {
    length = value.data.length;
    if (length === 1) return value.data[0];
  } else raiseImplicitConversion(value);
  raiseTypeError(vm.terse ? 'ord expects a character' : `ord() expected a character, but string of length ${length} found`);
}

/** Text of a str or bytes argument that is only printed. */
function printable(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof MpBytes) return decodeAnyUtf8(value.data);
  raiseImplicitConversion(value);
}

function print(args: readonly Value[], kw: KwArgs): Value {
  let separator = ' ';
  let end = '\n';
  let file: Value | undefined;
  if (kw !== null && kw.length > 0) {
    const given = parseArgs(
      [
        { name: 'sep', kwOnly: true, default: ' ' },
        { name: 'end', kwOnly: true, default: '\n' },
        { name: 'file', kwOnly: true },
      ],
      [],
      kw,
    );
    file = given[2];
    const printer = file === undefined ? undefined : new StreamPrinter(file);
    separator = printable(given[0]!);
    end = printable(given[1]!);
    if (printer !== undefined) {
      printTo(printer, args, separator, end);
      return null;
    }
  }
  holdStdout();
  try {
    printTo(stdout, args, separator, end);
  } finally {
    flushStdout();
  }
  return null;
}

function printTo(out: Printer, args: readonly Value[], separator: string, end: string): void {
  for (let i = 0; i < args.length; i++) {
    if (i > 0) out.write(separator);
    printValue(out, args[i], PrintKind.Str);
  }
  out.write(end);
}

/** What the REPL does with an expression's value: shows it, and keeps it as `_`. */
function replPrint(value: Value): Value {
  if (value === null) return null;
  printValue(stdout, value, PrintKind.Repr);
  stdout.write('\n');
  vm.builtinsOverride ??= newDict(1);
  vm.builtinsOverride.map.set('_', value);
  return null;
}

/** Reads a line with the REPL's line editor. */
function input(args: readonly Value[]): Value {
  if (args.length === 1) printValue(stdout, args[0], PrintKind.Str);
  const line = vm.port.readLine === undefined ? plainLine() : vm.port.readLine();
  if (line === 'interrupt') raise(excTypes.KeyboardInterrupt);
  if (line === 'end') raise(excTypes.EOFError);
  return newStr(line.text);
}

/** A line as it comes, where the port has no line editor. */
function plainLine(): { text: string } | 'end' {
  const bytes: number[] = [];
  for (let byte = vm.port.readStdin(); byte !== 0x0a && byte !== 0x0d; byte = vm.port.readStdin()) {
    if (byte < 0) {
      if (bytes.length === 0) return 'end';
      break;
    }
    bytes.push(byte);
  }
  return { text: decodeAnyUtf8(Uint8Array.from(bytes)) };
}
