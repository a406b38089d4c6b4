import { describe, expect, it } from 'vitest';
import { integerSyntaxMessage, parseDecimal, parseDecimalDigits, parseInteger } from './parse-number.ts';

describe('integers', () => {
  it.each([
    ['12', 10, 12],
    ['  -12\n', 10, -12],
    ['1_000', 10, 1000],
    ['0x1F', 0, 31],
    ['0b101', 0, 5],
    ['-0o17', 0, -15],
    ['0x1f', 16, 31],
    ['z', 36, 35],
    ['00', 0, 0],
    ['9007199254740993', 10, 9007199254740993n],
    ['-123456789012345678901234567890', 10, -123456789012345678901234567890n],
    ['zzzzzzzzzzzzzzzzzzzz', 36, 13367494538843734067838845976575n],
  ] as const)('%j in base %i is %s', (text, base, value) => expect(parseInteger(text, base)).toBe(value));

  it.each([
    ['', 10],
    ['-', 10],
    ['1 2', 10],
    ['12', 2],
    ['012', 0],
    ['0x', 0],
    ['0x1f', 10],
    ['é', 10],
  ])('%j in base %i is refused', (text, base) => expect(parseInteger(text, base)).toBeNull());

  it('name the base and, in detail, the text', () => {
    expect(integerSyntaxMessage('0xg', 0, 'detailed')).toBe("invalid syntax for integer with base 16: 'g'");
    expect(integerSyntaxMessage("1'", 10, 'detailed')).toBe('invalid syntax for integer with base 10: "1\'"');
    expect(integerSyntaxMessage('012', 0, 'normal')).toBe('invalid syntax for integer with base 0');
    expect(integerSyntaxMessage('x', 10, 'terse')).toBe('invalid syntax for integer');
  });

  it('of a million digits take no more than a moment', () => {
    expect(parseInteger('7'.repeat(1_000_000), 10)).toBeTypeOf('bigint');
    expect(parseInteger('6'.repeat(300_000), 7)).toBeTypeOf('bigint');
  });
});

describe('decimal numbers', () => {
  const float = { allowImaginary: false, forceComplex: false, width: 'double' } as const;
  const complex = { allowImaginary: true, forceComplex: true, width: 'double' } as const;

  it.each([
    ['1.5', 1.5],
    [' -1e3 ', -1000],
    ['1_0.5', 10.5],
    ['.5', 0.5],
    ['5.', 5],
    ['InFinitY', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
    ['1e400', Number.POSITIVE_INFINITY],
    ['1e-400', 0],
    ['0e999999999999', 0],
    ['e5', 0], // as on the official build
    [`${'1'.repeat(5000)}e-4999`, 1.1111111111111112],
  ])('%j is %s', (text, value) => expect(parseDecimal(text, float)).toBe(value));

  it.each(['', '-', '1e', '1e+', '1..2', '1x', 'in', '1j'])('%j is refused', text => expect(parseDecimal(text, float)).toBeNull());

  it.each([
    ['1', 1, 0],
    ['2j', 0, 2],
    ['j', 0, 1],
    ['1+2j', 1, 2],
    ['-1-2J', -1, -2],
  ])('complex %j has the parts %s and %s', (text, real, imag) => expect(parseDecimal(text, complex)).toEqual({ real, imag }));

  it('may be imaginary literals without being complex', () => {
    expect(parseDecimal('1.5', { ...complex, forceComplex: false })).toBe(1.5);
    expect(parseDecimal('1+2j', { ...complex, forceComplex: false })).toBeNull();
  });

  // Read by the reference's code compiled for a Cortex-M4F: text and bits.
  it.each([
    ['60e27', 0x6f41ded6],
    ['44053.90', 0x472c15e6],
    ['92504216666.833', 0x51ac4d73],
    ['16087760.24033', 0x4b757ad1],
    ['896.80679e-47', 0x00000006],
    ['207416264535.8302217e-51', 0x00024231],
    ['80.667138102e64', 0x7f800000],
  ])('%s in single precision', (text, bits) => {
    const { value, length } = parseDecimalDigits(text, { width: 'single' });
    expect(length).toBe(text.length);
    expect(new Uint32Array(Float32Array.of(value).buffer)[0]).toBe(bits);
  });
});
