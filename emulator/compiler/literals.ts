/** Number literals: the lexer has found where they end, not whether they are well formed. */

import { floatKind } from '../objects/decimal-exponent.ts';
import { integerSyntaxMessage, parseDecimal, parseInteger } from '../objects/parse-number.ts';
import type { Lexer } from './lexer.ts';
import { CompileError, type CompileOptions, ConstComplex, ConstFloat } from './rawcode.ts';

function invalid(lexer: Lexer, message: string): never {
  throw new CompileError('SyntaxError', message, lexer.fileName, lexer.tokenLine, null);
}

export function integerLiteral(lexer: Lexer, options: CompileOptions): number | bigint {
  const { text, textLength } = lexer;
  // Most are a few decimal digits.
  if (textLength <= 9 && (text[0] !== 48 || textLength === 1)) {
    let value = 0;
    let i = 0;
    for (; i < textLength; i++) {
      const digit = text[i]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i === textLength) return value;
  }
  const literal = lexer.tokenText();
  return parseInteger(literal, 0) ?? invalid(lexer, integerSyntaxMessage(literal, 0, options.errorReporting));
}

export function floatLiteral(lexer: Lexer, options: CompileOptions): ConstFloat | ConstComplex {
  if (options.float === 'none') invalid(lexer, 'decimal numbers not supported');
  const value = parseDecimal(lexer.tokenText(), {
    allowImaginary: true,
    forceComplex: false,
    ...floatKind(options.float, options.longDoubleBits),
  });
  if (value === null) return invalid(lexer, 'invalid syntax for number');
  if (typeof value === 'number') return new ConstFloat(value);
  if (options.complex === false) return invalid(lexer, 'complex values not supported');
  return new ConstComplex(value.real, value.imag);
}
