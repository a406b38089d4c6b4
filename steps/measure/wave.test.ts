import { describe, expect, test } from 'vitest';
import { duty, frequency, periods, pulses, wave } from './wave.ts';

/** A square wave of 1 kHz, a quarter of the time high, from 0 to 10 ms. */
const square = wave(
  0,
  10e6,
  0,
  Array.from({ length: 20 }, (_, i) => ({ t: 100_000 + Math.floor(i / 2) * 1e6 + (i % 2) * 250_000, level: ((i + 1) % 2) as 0 | 1 })),
);

describe('a wave', () => {
  test('has its frequency from rising edge to rising edge', () => {
    expect(frequency(square)).toBeCloseTo(1000, 6);
  });

  test('has its duty cycle over whole periods', () => {
    expect(duty(square)).toBeCloseTo(0.25, 9);
  });

  test('has no frequency with less than two rising edges', () => {
    expect(frequency(wave(0, 100, 0, [{ t: 50, level: 1 }]))).toBeUndefined();
    expect(duty(wave(0, 100, 0, [{ t: 50, level: 1 }]))).toBeUndefined();
  });

  test('that never changes is high all the time, or never', () => {
    expect(duty(wave(0, 100, 1, []))).toBe(1);
    expect(duty(wave(0, 100, 0, []))).toBe(0);
  });

  test('has pulses only where both their edges were seen', () => {
    expect(
      pulses(
        wave(0, 100, 1, [
          { t: 10, level: 0 },
          { t: 30, level: 1 },
        ]),
      ).map(({ width, level }) => [width, level]),
    ).toEqual([[20, 'low']]);
  });

  test('leaves out what was before and after, and levels that repeat', () => {
    const seen = wave(100, 200, 0, [
      { t: 50, level: 1 },
      { t: 120, level: 1 },
      { t: 130, level: 1 },
      { t: 250, level: 0 },
    ]);
    expect(seen.edges).toEqual([{ t: 120, rising: true }]);
  });

  test('does not take the begin of a signal for an edge', () => {
    expect(
      wave(0, 100, 'z', [
        { t: 10, level: 1 },
        { t: 20, level: 0 },
      ]).edges,
    ).toEqual([{ t: 20, rising: false }]);
  });

  test('has periods', () => {
    expect(new Set(periods(square, true))).toEqual(new Set([1e6]));
  });
});
