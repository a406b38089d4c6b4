import { EXTENDED_64, type ExtendedArithmetic, scaleSingle } from './decimal-exponent.ts';

/** Text to numbers, as py/parsenum.c of MicroPython 1.27.0 reads them: the compiler's literals, and int(), float() and complex(). */

const isSpace = (c: number): boolean => c === 32 || (c >= 9 && c <= 13);

function digitOf(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 0x20;
  return lower >= 97 && lower <= 122 && c < 128 ? lower - 87 : 99;
}

interface IntegerPrefix {
  /** Where the digits start. */
  start: number;
  /** The base, with 1 for a decimal number that starts with 0 (only zeros may follow). */
  base: number;
  negative: boolean;
}

function integerPrefix(text: string, base: number): IntegerPrefix {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  let negative = false;
  if (text[start] === '+') start++;
  else if (text[start] === '-') {
    start++;
    negative = true;
  }
  if (text.length - start <= 1 || text[start] !== '0') return { start, base: base === 0 ? 10 : base, negative };
  const letter = text.charCodeAt(start + 1) | 0x20;
  if (letter === 120 && (base === 0 || base === 16)) return { start: start + 2, base: 16, negative };
  if (letter === 111 && (base === 0 || base === 8)) return { start: start + 2, base: 8, negative };
  if (letter === 98 && (base === 0 || base === 2)) return { start: start + 2, base: 2, negative };
  return { start, base: base === 0 ? 1 : base, negative };
}

/**
 * The integer that a text holds: spaces around, a sign, a prefix (with base 0, or one that fits the base), digits and underscores.
 * Null when it holds none. The base is 0 or 2 to 36; anything else throws a RangeError (the caller has raised the guest's ValueError).
 */
export function parseInteger(text: string, base: number): number | bigint | null {
  if ((base !== 0 && base < 2) || base > 36) throw new RangeError('base out of range');
  const { start, base: radix, negative } = integerPrefix(text, base);
  let at = start;
  let value = 0;
  let digits = 0;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 95) continue;
    const digit = digitOf(c);
    if (digit >= radix) break;
    value = value * radix + digit;
    digits++;
  }
  if (at === start) return null;
  const end = at;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  if (at !== text.length) return null;
  if (digits <= 10 || Number.isSafeInteger(value)) {
    if (Number.isSafeInteger(value)) return negative ? 0 - value : value;
  }
  const big = bigFromDigits(text.slice(start, end).replaceAll('_', ''), radix);
  return negative ? -big : big;
}

/** A big integer of digits in any base; halves the text, so that long ones do not take quadratic time. */
function bigFromDigits(digits: string, radix: number): bigint {
  if (radix === 10) return BigInt(digits);
  if (radix === 16) return BigInt(`0x${digits}`);
  if (radix === 8) return BigInt(`0o${digits}`);
  if (radix === 2) return BigInt(`0b${digits}`);
  if (digits.length <= 9) return BigInt(Number.parseInt(digits, radix));
  const half = digits.length >> 1;
  return (
    bigFromDigits(digits.slice(0, half), radix) * BigInt(radix) ** BigInt(digits.length - half) + bigFromDigits(digits.slice(half), radix)
  );
}

/** The guest's message for a text that `parseInteger` refuses. Detailed reporting quotes the digits as `repr` does. */
export function integerSyntaxMessage(text: string, base: number, reporting: 'detailed' | 'normal' | 'terse'): string {
  if (reporting === 'terse') return 'invalid syntax for integer';
  const { start, base: radix } = integerPrefix(text, base);
  const message = `invalid syntax for integer with base ${radix === 1 ? 0 : radix}`;
  return reporting === 'normal' ? message : `${message}: ${quoteAscii(text.slice(start))}`;
}

/** `repr` of a text, byte by byte: what is not printable ASCII is escaped. */
function quoteAscii(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let quoted = quote;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === quote || character === '\\') quoted += `\\${character}`;
    else if (code >= 32 && code <= 126) quoted += character;
    else if (character === '\n') quoted += '\\n';
    else if (character === '\r') quoted += '\\r';
    else if (character === '\t') quoted += '\\t';
    else quoted += `\\x${(code & 0xff).toString(16).padStart(2, '0')}`;
  }
  return quoted + quote;
}

export interface DecimalOptions {
  /** Whether a `j` at the end makes an imaginary number. */
  allowImaginary: boolean;
  /** For complex(): a real part may precede the imaginary one. */
  forceComplex: boolean;
  /** Width of the guest's floats. */
  width: 'single' | 'double';
  /** The machine's `long double` (see decimal-exponent.ts); EXTENDED_64 unless given. */
  extended?: ExtendedArithmetic;
}

/** Digits beyond this mantissa only move the exponent. */
const MANTISSA_MAX = { single: 0x19999998n, double: 0x1999999999999998n };
const MAX_EXPONENT_DIGITS = Math.floor((0x3fffffff - 9) / 10);

/**
 * An unsigned decimal number at the start of a text: its value, and the length that it takes (0 when there is none; -1 for an exponent
 * without digits, which is an error).
 */
export function parseDecimalDigits(
  text: string,
  { width, extended = EXTENDED_64 }: Pick<DecimalOptions, 'width' | 'extended'>,
): { value: number; length: number } {
  const max = MANTISSA_MAX[width];
  let part: 'integer' | 'fraction' | 'exponent' = 'integer';
  let mantissa = 0n;
  let exponent = 0;
  let exponentNegative = false;
  let shift = 0;
  let integerZeros = 0;
  let fractionZeros = 0;
  let small = 0;
  const accept = (digit: number, inFraction: boolean): void => {
    if (isFull()) {
      if (!inFraction) shift++;
      return;
    }
    if (inFraction) shift--;
    if (mantissa === 0n && small < 1e14) small = small * 10 + digit;
    else mantissa = (mantissa === 0n ? BigInt(small) : mantissa) * 10n + BigInt(digit);
  };
  let at = 0;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c >= 48 && c <= 57) {
      const digit = c - 48;
      if (part === 'exponent') {
        if (exponent < MAX_EXPONENT_DIGITS) exponent = exponent * 10 + digit;
      } else if (digit === 0 || isFull()) {
        if (part === 'integer') integerZeros++;
        else fractionZeros++;
      } else {
        for (; integerZeros > 0; integerZeros--) accept(0, false);
        for (; fractionZeros > 0; fractionZeros--) accept(0, true);
        accept(digit, part === 'fraction');
      }
    } else if (part === 'integer' && c === 46) {
      part = 'fraction';
    } else if (part !== 'exponent' && (c | 0x20) === 101) {
      part = 'exponent';
      const sign = text.charCodeAt(at + 1);
      if (sign === 43) at++;
      else if (sign === 45) {
        at++;
        exponentNegative = true;
      }
      if (at + 1 === text.length) return { value: 0, length: -1 };
    } else if (c !== 95) {
      break;
    }
  }
  const total = (exponentNegative ? -exponent : exponent) + shift + integerZeros;
  const value =
    width === 'single'
      ? scaleSingle(Math.fround(mantissa === 0n ? small : Number(mantissa)), total)
      : extended.decimalToDouble(mantissa === 0n ? BigInt(small) : mantissa, total);
  return { value, length: at };

  function isFull(): boolean {
    return mantissa === 0n ? small >= Number(max) : mantissa >= max;
  }
}

/**
 * The decimal number that a text holds: a float (`number`) or, with an imaginary part or `forceComplex`, a complex number. Null when it
 * holds none.
 */
export function parseDecimal(text: string, options: DecimalOptions): number | { real: number; imag: number } | null {
  let at = 0;
  let real = 0;
  let haveReal = false;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    let negative = false;
    if (text[at] === '+') at++;
    else if (text[at] === '-') {
      at++;
      negative = true;
    }
    const start = at;
    let value: number;
    const word = text.slice(at, at + 8).toLowerCase();
    if (word.startsWith('inf')) {
      at += word === 'infinity' ? 8 : 3;
      value = Number.POSITIVE_INFINITY;
    } else if (word.startsWith('nan')) {
      at += 3;
      value = Number.NaN;
    } else {
      const number = parseDecimalDigits(text.slice(at), options);
      if (number.length < 0) return null;
      at += number.length;
      value = number.value;
    }
    let imaginary = false;
    if (options.allowImaginary && (text.charCodeAt(at) | 0x20) === 106) {
      if (at === start) value = 1;
      at++;
      imaginary = true;
    }
    if (negative) value = -value;
    if (at === start) return null;
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at !== text.length) {
      if (!options.forceComplex || imaginary || haveReal) return null;
      real = value;
      haveReal = true;
      continue;
    }
    if (imaginary) return { real, imag: value };
    if (haveReal) return null;
    return options.forceComplex ? { real: value, imag: 0 } : value;
  }
}
