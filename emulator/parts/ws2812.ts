/**
 * A strip of WS2812B LEDs (data sheet WS2812B): pulses of 0.4 and 0.8 µs carry bits, a pause latches them. Each LED takes
 * the first 24 bits (32 with white) and passes the rest on.
 */
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

/** ns: a high longer than this is a 1, a low longer than that latches. */
const ONE = 550;
const LATCH = 50_000;

export class Ws2812 extends Part {
  private readonly incoming: number[] = [];
  private readonly shown: Uint8Array;
  private readonly bytesPerLed: number;
  private roseAt = 0;
  private fellAt = 0;
  private byte = 0;
  private bits = 0;
  private readonly brokenAt: { readonly value: number };

  /** Pin `din`. @param white true for LEDs with a fourth, white, chip */
  constructor(
    bench: PartBench,
    name: string,
    readonly count: number,
    white = false,
  ) {
    super(bench, name);
    this.bytesPerLed = white ? 4 : 3;
    this.shown = new Uint8Array(count * this.bytesPerLed);
    this.brokenAt = this.addAmountFault('broken', 'an LED of the chain passes nothing on', 'its number, from 1');
    this.addReading('colors', {
      description: 'what each LED shows, as #rrggbb (#rrggbbww with white)',
      read: () => Array.from({ length: count }, (_, index) => this.colorOf(index)),
    });
    this.addPin('din').observe((bit, time) => this.edge(bit, time));
  }

  /** What an LED shows, as `#rrggbb`. @param index from 0 */
  colorOf(index: number): string {
    this.latchIfQuiet(this.clock.now);
    const { bytesPerLed } = this;
    // Green comes first on the wire.
    const [green, red, blue, white] = this.shown.subarray(index * bytesPerLed, (index + 1) * bytesPerLed);
    return `#${[red, green, blue, ...(white === undefined ? [] : [white])].map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
  }

  private edge(bit: Bit, time: number): void {
    if (bit === 1) {
      this.latchIfQuiet(time);
      this.roseAt = time;
      return;
    }
    this.fellAt = time;
    this.byte = ((this.byte << 1) | (time - this.roseAt > ONE ? 1 : 0)) & 0xff;
    if (++this.bits < 8) return;
    this.bits = 0;
    if (this.incoming.length < this.shown.length) this.incoming.push(this.byte);
  }

  private latchIfQuiet(time: number): void {
    if (time - this.fellAt < LATCH || (this.incoming.length === 0 && this.bits === 0)) return;
    const { brokenAt, bytesPerLed } = this;
    const reach = brokenAt.value > 0 ? (brokenAt.value - 1) * bytesPerLed : this.shown.length;
    // An LED that got only part of its bits shows what it showed before.
    const whole = Math.floor(this.incoming.length / bytesPerLed) * bytesPerLed;
    for (let i = 0; i < Math.min(whole, reach); i++) this.shown[i] = this.incoming[i];
    this.incoming.length = 0;
    this.bits = 0;
  }
}
