import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { power } from './power.ts';

describe('pow', () => {
  // Computed by the official cross-compiler, 1.27.0, in constant expressions.
  it.each([
    [8, 1.5, 22.627416997969522],
    [7, 1.5, 18.520259177452136],
    [2, -0.5, Math.SQRT1_2],
    [3.5, -2, 0.08163265306122448],
    [14, -2, 0.00510204081632653],
    [9.36, 20, 2.6638942152597623e19],
    [38.261, 100, 1.8863907924283922e158],
  ])('%s to the power of %s is %s', (x, y, expected) => expect(power(x, y)).toBe(expected));

  it.each([
    [1, Number.NaN, 1],
    [Number.NaN, 0, 1],
    [-1, Number.POSITIVE_INFINITY, 1],
    [-2, 3, -8],
    [-2, 0.5, Number.NaN],
    [0, -1, Number.POSITIVE_INFINITY],
    [-0, -1, Number.NEGATIVE_INFINITY],
    [10, 308, 1e308],
    [10, 309, Number.POSITIVE_INFINITY],
    [2, -1074, 5e-324],
    [2, -1075, 0],
    [10, -310, 1e-310],
    [5e-324, 0.5, 2.2227587494850775e-162],
  ])('%s to the power of %s is %s, as in C', (x, y, expected) => {
    expect(power(x, y)).toBe(expected);
  });

  it.each([
    // Exact results halfway between two doubles.
    [3, 34, 16677181699666568],
    [9, 17, 16677181699666568],
    [81, 8.5, 16677181699666568],
    [1 / 3 + 1 / 3, 0.5, 0.816496580927726],
  ])('%s to the power of %s is %s, however near the middle', (x, y, expected) => expect(power(x, y)).toBe(expected));

  it('is the nearest double for whole powers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 2 ** 40 }), fc.integer({ min: 2, max: 25 }), (x, y) => {
        expect(power(x, y)).toBe(Number(BigInt(x) ** BigInt(y)));
      }),
      { numRuns: 3000 },
    );
  });
});
