import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frequency } from './frequency.ts';

describe('Frequency', () => {
  it('counts 168 MHz exactly over an hour', () => {
    const cpu = new Frequency(168_000_000);
    expect(cpu.ticksIn(3_600_000_000_000)).toBe(604_800_000_000);
    expect(cpu.durationOf(604_800_000_000)).toBe(3_600_000_000_000);
  });

  it('completes a tick at the first nanosecond that is not too early', () => {
    const cpu = new Frequency(168_000_000);
    expect(cpu.durationOf(1)).toBe(6);
    expect(cpu.ticksIn(5)).toBe(0);
    expect(cpu.ticksIn(6)).toBe(1);
    expect(cpu.durationOf(21)).toBe(125);
  });

  it('agrees with exact arithmetic, and each conversion is the inverse of the other', () => {
    const hertz = fc.constantFrom(
      168_000_000,
      84_000_000,
      42_000_000,
      96_000_000,
      16_000_000,
      12_000_000,
      32_768,
      32_000,
      115_200,
      1,
      9_600,
    );
    fc.assert(
      fc.property(hertz, fc.nat(3_600_000_000_000), (f, duration) => {
        const frequency = new Frequency(f);
        const ticks = frequency.ticksIn(duration);
        expect(BigInt(ticks)).toBe((BigInt(duration) * BigInt(f)) / 1_000_000_000n);
        expect(frequency.ticksIn(frequency.durationOf(ticks))).toBe(ticks);
        expect(frequency.durationOf(ticks)).toBeLessThanOrEqual(duration);
      }),
    );
  });

  it('refuses what is no frequency', () => {
    for (const hertz of [0, -1, 1.5, NaN]) expect(() => new Frequency(hertz)).toThrow(RangeError);
  });
});
