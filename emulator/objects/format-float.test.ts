import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXTENDED_113 } from './decimal-exponent.ts';
import { formatFloat } from './format-float.ts';
import { parseDecimal } from './parse-number.ts';

const repr = (value: number, width: 'single' | 'double' = 'double'): string =>
  formatFloat(value, { format: 'g', precision: 'repr', width });
const single = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

describe('double precision', () => {
  // Printed by the official Unix executable, 1.27.0 (which adds .0 to repr).
  it.each([
    [0.1, '0.1'],
    [1e16, '1e+16'],
    [1e15, '1000000000000000'],
    [123456789012345680, '1.2345678901234568e+17'],
    [5e-324, '4.940656458412465e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [9.995, '9.994999999999999'],
    [-0, '-0'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NaN, 'nan'],
  ])('repr(%s) is %s', (value, text) => expect(repr(value)).toBe(text));

  it.each([
    [2.5, 'f', 0, '3'],
    [1e22, 'f', 3, '10000000000000000000000.000'],
    [1 / 3, 'g', 10, '0.3333333333'],
    [1e300, 'f', 6, '1e+300'],
    [123.456, 'e', 6, '1.234560e+02'],
    [0.000123, 'f', 3, '0.000'],
    [1e40, 'f', 2, '1e+40'],
    [9.995, 'f', 2, '9.99'],
    [100, 'g', 6, '100'],
    [100, 'E', -1, '1.000000E+02'],
  ] as const)('%s as %s with %s digits is %s', (value, format, precision, text) =>
    expect(formatFloat(value, { format, precision, width: 'double' })).toBe(text),
  );

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), value => {
        const back = parseDecimal(repr(value), { allowImaginary: false, forceComplex: false, width: 'double' });
        expect(Object.is(back, value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back with the long double of WebAssembly, too', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        const text = formatFloat(value, { format: 'g', precision: 'repr', width: 'double', extended: EXTENDED_113 });
        expect(Number(text)).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('single precision', () => {
  // Printed by the reference's code compiled for a Cortex-M4F.
  it.each([
    [0xc6e5747a, 'g', 'repr', '-29370.238'],
    [0x4c3fc99a, 'g', 'repr', '50275944'],
    [0x4c3fc99a, 'f', 7, '50275944.0000000'],
    [0x0674e55d, 'g', 'repr', '4.605981e-35'],
    [0x467840e4, 'E', 0, '2E+04'],
    [0x43b3b47b, 'e', 12, '3.594100000000e+02'],
    [0xee1dda47, 'f', 17, '-1.2213257e+28'],
    [0x9e1684dc, 'e', 18, '-7.968408000000000000e-21'],
    [0xd897f747, 'g', 'repr', '-1336706400000000'],
    [0x73a744fa, 'E', -1, '2.650490E+31'],
  ] as const)('bits %i as %s with precision %s are %s', (bits, format, precision, text) =>
    expect(formatFloat(single(bits), { format, precision, width: 'single' })).toBe(text),
  );

  it('shows the signs that were asked for', () => {
    expect(formatFloat(1, { format: 'g', precision: 3, sign: '+', width: 'single' })).toBe('+1');
    expect(formatFloat(-1, { format: 'g', precision: 3, sign: ' ', width: 'single' })).toBe('-1');
    expect(formatFloat(Number.NaN, { format: 'G', precision: 3, sign: ' ', width: 'single' })).toBe(' NAN');
  });
});
