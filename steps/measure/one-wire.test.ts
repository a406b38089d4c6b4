import { describe, expect, test } from 'vitest';
import { oneWireExchanges } from './one-wire.ts';
import { wave } from './wave.ts';

const us = 1000;

/** The line's levels, as low pulses [µs from the beginning, µs long]. */
const line = (...lows: [number, number][]) =>
  oneWireExchanges(
    wave(
      0,
      10e6,
      1,
      lows.flatMap(([at, width]) => [
        { t: at * us, level: 0 as const },
        { t: (at + width) * us, level: 1 as const },
      ]),
    ),
  );

/** The slots of a byte from a time on, 70 µs each. */
const byte = (value: number, at: number, zero = 60): [number, number][] =>
  Array.from({ length: 8 }, (_, i) => [at + i * 70, (value >> i) & 1 ? 6 : zero]);

describe('a 1-Wire bus', () => {
  test('is reset and answered, and carries bytes with the lowest bit first', () => {
    expect(line([100, 480], [610, 120], ...byte(0xcc, 1100), ...byte(0x44, 1700))).toEqual([
      { t: 100 * us, presence: true, data: Uint8Array.of(0xcc, 0x44), bits: 0 },
    ]);
  });

  test('has zeros that a device holds for no longer than it must', () => {
    expect(line([100, 480], [610, 120], ...byte(0x5a, 1100, 30))[0].data).toEqual(Uint8Array.of(0x5a));
  });

  test('without devices is reset in vain, and what is sent then is still seen', () => {
    expect(line([100, 480], ...byte(0xcc, 1100))).toEqual([{ t: 100 * us, presence: false, data: Uint8Array.of(0xcc), bits: 0 }]);
  });

  test('begins anew with each reset, whatever was sent before the first', () => {
    const seen = line([0, 6], [100, 480], [610, 120], [1100, 60], [2000, 480]);
    expect(seen.map(({ presence, bits }) => [presence, bits])).toEqual([
      [undefined, 1],
      [true, 1],
      [false, 0],
    ]);
  });
});
