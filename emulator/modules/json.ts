/** The module json (extmod/modjson.c). The parser takes more than JSON: commas and colons are white space, brackets need not match. */
import { bufferOf } from '../objects/buffer.ts';
import { dictStore, type MpDict, newDict } from '../objects/dict.ts';
import { newFloat } from '../objects/float.ts';
import { fun1, funKw, parseArgs } from '../objects/function.ts';
import { intFromText } from '../objects/int.ts';
import { listAppend, MpList, newList } from '../objects/list.ts';
import { parseDecimal } from '../objects/parse-number.ts';
import { newStrFromBytes, strText } from '../objects/str-bytes.ts';
import { StreamOp, StreamPrinter, streamOfChecked } from '../objects/stream.ts';
import { encodeUtf8 } from '../objects/utf8.ts';
import { arrayItems } from '../vm/iteration.ts';
import { printValue } from '../vm/printing.ts';
import { raiseOSError, raiseValueError } from '../vm/raise.ts';
import { BufferFlag } from '../vm/type.ts';
import type { KwArgs, Printer, Value } from '../vm/value.ts';
import { PrintKind, StringPrinter } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

/** The end of the input; no JSON has a null character. */
const END = 0;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const ESCAPES = new Map([...'bfnrt'].map((c, i) => [c.charCodeAt(0), '\b\f\n\r\t'.charCodeAt(i)]));

class JsonParser {
  private current = END;
  private readonly stack: (MpList | MpDict)[] = [];
  private top: MpList | MpDict | undefined;
  /** A key that waits for its value. */
  private key: Value | undefined;

  /** @param next gives the next byte, END after the last */
  constructor(private readonly next: () => number) {
    this.advance();
  }

  private advance(): number {
    this.current = this.next();
    return this.current;
  }

  parse(): Value {
    const result = this.document();
    while (this.current === 0x20 || (this.current >= 0x09 && this.current <= 0x0d)) this.advance();
    if (this.current !== END || this.stack.length > 0) this.fail();
    return result;
  }

  private document(): Value {
    for (;;) {
      if (this.current === END) this.fail();
      const first = String.fromCharCode(this.current);
      this.advance();
      if (',: \t\n\r'.includes(first)) continue;
      if (first === '}' || first === ']') {
        if (this.top === undefined) this.fail();
        const outer = this.stack.pop();
        if (outer === undefined) return this.top;
        this.top = outer;
        continue;
      }
      const value = this.value(first);
      const container = first === '[' || first === '{' ? (value as MpList | MpDict) : undefined;
      if (this.top === undefined) {
        if (container === undefined) return value;
        this.top = container;
        continue;
      }
      this.add(value, container !== undefined);
      if (container !== undefined) {
        this.stack.push(this.top);
        this.top = container;
      }
    }
  }

  private add(value: Value, isContainer: boolean): void {
    const { top } = this;
    if (top instanceof MpList) listAppend(top, value);
    else if (this.key === undefined) {
      this.key = value;
      if (isContainer) this.fail();
    } else {
      dictStore(top as MpDict, this.key, value);
      this.key = undefined;
    }
  }

  private value(first: string): Value {
    switch (first) {
      case 'n':
        return this.word('ull', null);
      case 'f':
        return this.word('alse', false);
      case 't':
        return this.word('rue', true);
      case '"':
        return this.string();
      case '[':
        return newList([]);
      case '{':
        return newDict();
      default:
        if (first === '-' || (first >= '0' && first <= '9')) return this.number(first);
        this.fail();
    }
  }

  private word(rest: string, value: Value): Value {
    for (const c of rest) {
      if (this.current !== c.charCodeAt(0)) this.fail();
      this.advance();
    }
    return value;
  }

  private string(): Value {
    const bytes: number[] = [];
    while (this.current !== END && this.current !== QUOTE) {
      let byte = this.current;
      if (byte === BACKSLASH) {
        byte = this.advance();
        if (byte === 0x75) {
          bytes.push(...encodeUtf8(String.fromCharCode(this.unicodeEscape())));
          this.advance();
          continue;
        }
        byte = ESCAPES.get(byte) ?? byte;
      }
      bytes.push(byte);
      this.advance();
    }
    if (this.current === END) this.fail();
    this.advance();
    return newStrFromBytes(Uint8Array.from(bytes));
  }

  /** Four hexadecimal digits; what is none is taken for one somehow. */
  private unicodeEscape(): number {
    let code = 0;
    for (let i = 0; i < 4; i++) {
      let digit = ((this.advance() | 0x20) - 0x30) & 0xff;
      if (digit > 9) digit = (digit - 0x27) & 0xff;
      code = (code << 4) | digit;
    }
    return code & 0xffff;
  }

  private number(first: string): Value {
    let text = first;
    let isFloat = false;
    for (;;) {
      const c = String.fromCharCode(this.current);
      if (c === '.' || c === 'e' || c === 'E') isFloat = true;
      else if (!(c === '+' || c === '-' || (c >= '0' && c <= '9'))) break;
      text += c;
      this.advance();
    }
    if (!isFloat) return intFromText(text, 10);
    const number = parseDecimal(text, { allowImaginary: false, forceComplex: false, ...vm.floats });
    if (typeof number !== 'number') raiseValueError('invalid syntax for number');
    return newFloat(number);
  }

  private fail(): never {
    raiseValueError('syntax error in JSON');
  }
}

function load(stream: Value): Value {
  const { read } = streamOfChecked(stream, StreamOp.Read);
  const byte = new Uint8Array(1);
  return new JsonParser(() => {
    const n = read!(stream, byte);
    if (n < 0) raiseOSError(-n);
    return n === 0 ? END : byte[0];
  }).parse();
}

function loads(value: Value): Value {
  const { bytes } = bufferOf(value, BufferFlag.Read);
  let at = 0;
  return new JsonParser(() => (at < bytes.length ? bytes[at++] : END)).parse();
}

/** A printer with the separators that the keyword argument asks for. */
function separated(printer: Printer, args: readonly Value[], kw: KwArgs): Printer {
  const [separators] = parseArgs([{ name: 'separators', kwOnly: true, default: null }], args, kw);
  if (separators === undefined || separators === null) return printer;
  const items = arrayItems(separators);
  if (items.length !== 2) {
    raiseValueError(vm.terse ? 'tuple/list has wrong length' : `requested length 2 but object has length ${items.length}`);
  }
  const cString = (value: Value) => strText(value).split('\0', 1)[0];
  return { write: text => printer.write(text), itemSeparator: cString(items[0]), keySeparator: cString(items[1]) };
}

export const jsonModule: ModuleDef = {
  name: 'json',
  extensible: true,
  names: () => [
    [
      'dump',
      funKw(2, (args, kw) => {
        const out = separated({ write: () => {} }, args.slice(2), kw);
        const stream = new StreamPrinter(args[1]);
        printValue({ ...out, write: text => stream.write(text) }, args[0], PrintKind.Json);
        return null;
      }),
    ],
    [
      'dumps',
      funKw(1, (args, kw) => {
        const text = new StringPrinter();
        printValue(separated(text, args.slice(1), kw), args[0], PrintKind.Json);
        return newStrFromBytes(encodeUtf8(text.text));
      }),
    ],
    ['load', fun1(load)],
    ['loads', fun1(loads)],
  ],
};
