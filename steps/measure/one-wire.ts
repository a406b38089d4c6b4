/**
 * What a 1-Wire bus carried, read off the levels of its line at standard speed (Maxim, application note 126; data sheet DS18B20,
 * "1-Wire signaling"). Who pulls the line low cannot be seen on it: bytes of both directions follow each other.
 */
import { pulses, type Wave } from './wave.ts';

/** What came between a reset pulse and the next, or before the first one. Times in ns. */
export interface OneWireExchange {
  readonly t: number;
  /** Whether somebody answered the reset; undefined for what came before the first one. */
  readonly presence: boolean | undefined;
  readonly data: Uint8Array;
  /** Bits behind the last whole byte. */
  readonly bits: number;
}

const MICROSECOND = 1000;
/** A low pulse of 480 µs resets the bus; the longest of a bit takes 120 µs. */
const RESET = 400 * MICROSECOND;
/** A device answers 15 to 60 µs after the reset pulse; no bit is sent before 480 µs after it. */
const ANSWER = 100 * MICROSECOND;
/** A line that is low for longer than this at the beginning of a slot carries a 0. */
const ONE = 15 * MICROSECOND;

export function oneWireExchanges(wave: Wave): OneWireExchange[] {
  const exchanges: { t: number; presence: boolean | undefined; bits: number[] }[] = [];
  let released = -Infinity;
  for (const { t, width, level } of pulses(wave)) {
    if (level === 'high') continue;
    if (width >= RESET) {
      exchanges.push({ t, presence: false, bits: [] });
      released = t + width;
      continue;
    }
    if (exchanges.length === 0) exchanges.push({ t, presence: undefined, bits: [] });
    const exchange = exchanges[exchanges.length - 1];
    if (exchange.presence === false && t - released <= ANSWER) exchange.presence = true;
    else exchange.bits.push(width <= ONE ? 1 : 0);
  }
  return exchanges.map(({ t, presence, bits }) => ({ t, presence, data: bytesOf(bits), bits: bits.length % 8 }));
}

/** Whole bytes, the lowest bit first. */
function bytesOf(bits: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: bits.length >> 3 }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((byte, bit, n) => byte | (bit << n), 0),
  );
}
