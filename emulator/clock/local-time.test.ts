import { describe, expect, it } from 'vitest';
import { Clock } from './clock.ts';
import { LocalTime } from './local-time.ts';

describe('the time of a board whose oscillator is off', () => {
  it('runs as fast as its oscillator, and keeps what it has counted when the error changes', () => {
    const clock = new Clock();
    const local = new LocalTime(clock);
    local.setError(1000);
    clock.advanceTo(1e9);
    expect(local.at(clock.now)).toBe(1_001_000_000);
    local.setError(-1000);
    expect(local.at(clock.now)).toBe(1_001_000_000);
    expect(local.at(2e9)).toBe(2_000_000_000);
  });

  it('says the first instant at which it has counted so far', () => {
    const local = new LocalTime(new Clock());
    local.setError(20);
    for (const wanted of [0, 1, 999_999, 1_000_000, 123_456_789]) {
      const time = local.when(wanted);
      expect(local.at(time)).toBeGreaterThanOrEqual(wanted);
      expect(time === 0 || local.at(time - 1) < wanted).toBe(true);
    }
    expect(local.span(1e9)).toBe(999_980_000);
    expect(local.span(Infinity)).toBe(Infinity);
  });
});

describe('a clock on which somebody sleeps', () => {
  it('tells events until when he does nothing, but not those that follow in the same instant', () => {
    const clock = new Clock();
    const seen: number[] = [];
    clock.at(10, () => seen.push(clock.quietUntil));
    clock.at(10, () => seen.push(clock.quietUntil));
    clock.sleep(100);
    expect(seen).toEqual([100, 10]);
    expect(clock.now).toBe(10);
    clock.sleep(100);
    expect(clock.now).toBe(100);
  });

  it('does things as of an earlier time, and goes on from where it was', () => {
    const clock = new Clock();
    clock.advanceTo(50);
    clock.asOf(30, () => expect(clock.now).toBe(30));
    expect(clock.now).toBe(50);
    clock.asOf(80, () => expect(clock.now).toBe(50));
  });
});
