import { describe, expect, test } from 'vitest';
import {
  contains,
  durationUnits,
  formatDuration,
  formatTime,
  frequencyUnits,
  parseQuantity,
  parseRange,
  percentUnits,
  voltageUnits,
} from './units.ts';

describe('a quantity', () => {
  test.each([
    ['10 ms', durationUnits, 10e6],
    ['1.5 s', durationUnits, 1.5e9],
    ['250 µs', durationUnits, 250e3],
    ['250us', durationUnits, 250e3],
    ['2 min', durationUnits, 120e9],
    ['42 MHz', frequencyUnits, 42e6],
    ['300 mV', voltageUnits, 0.3],
    ['25 %', percentUnits, 0.25],
  ])('%s is a number with its unit', (text, units, value) => {
    expect(parseQuantity(text, units).value).toBeCloseTo(value, 9);
  });

  test('without a unit, or with one of another kind, is refused', () => {
    expect(() => parseQuantity('10', durationUnits)).toThrow('no number with one of the units');
    expect(() => parseQuantity('10 V', durationUnits)).toThrow('"10 V"');
  });
});

describe('a range', () => {
  const holds = (text: string, units: Readonly<Record<string, number>>, value: number): boolean => contains(parseRange(text, units), value);

  test('without a tolerance holds what rounds to it as written', () => {
    expect(holds('50 Hz', frequencyUnits, 50.4)).toBe(true);
    expect(holds('50 Hz', frequencyUnits, 50.6)).toBe(false);
    expect(holds('1.50 V', voltageUnits, 1.504)).toBe(true);
    expect(holds('1.50 V', voltageUnits, 1.506)).toBe(false);
    expect(holds('1.5 V', voltageUnits, 1.54)).toBe(true);
  });

  test('takes a tolerance in percent or in units', () => {
    expect(holds('10 ms ± 5 %', durationUnits, 10.5e6)).toBe(true);
    expect(holds('10 ms ± 5 %', durationUnits, 10.6e6)).toBe(false);
    expect(holds('10 ms ± 100 µs', durationUnits, 10.1e6)).toBe(true);
    expect(holds('1 MHz +/- 50 ppm', frequencyUnits, 1_000_040)).toBe(true);
    expect(holds('1 MHz +/- 50 ppm', frequencyUnits, 1_000_060)).toBe(false);
  });

  test('of a percentage has its tolerance in percentage points', () => {
    expect(holds('50 % ± 5 %', percentUnits, 0.55)).toBe(true);
    expect(holds('50 % ± 5 %', percentUnits, 0.56)).toBe(false);
  });

  test('takes bounds', () => {
    expect(holds('at most 2 s', durationUnits, 2e9)).toBe(true);
    expect(holds('less than 2 s', durationUnits, 2e9)).toBe(false);
    expect(holds('at least 2 s', durationUnits, 1.9e9)).toBe(false);
    expect(holds('more than 2 s', durationUnits, 2e9)).toBe(false);
    expect(holds('between 1 s and 2 s', durationUnits, 1.5e9)).toBe(true);
    expect(holds('about 1 s', durationUnits, 1.09e9)).toBe(true);
  });

  test('never holds what is no number', () => {
    expect(holds('at most 2 s', durationUnits, Number.NaN)).toBe(false);
  });
});

test('durations and times are written in the unit that suits them', () => {
  expect([0, 999, 1500, 2_500_000, 1_234_567_000].map(formatDuration)).toEqual(['0 ns', '999 ns', '1.5 µs', '2.5 ms', '1.23457 s']);
  expect([0, 5e9, 1_204_600_000, 123].map(formatTime)).toEqual(['0 s', '5 s', '1.204 6 s', '0.000 000 123 s']);
});
