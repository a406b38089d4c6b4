/** Recorded serial bytes of one direction: a UART's line, the USB serial port. */

import type { Clock } from '../clock/clock.ts';
import { Samples } from './samples.ts';

/** What may be wrong with a byte; several can hold at once. */
export const ByteFlag = { PARITY_ERROR: 0x1_0000, FRAMING_ERROR: 0x2_0000, OVERRUN: 0x4_0000, BREAK: 0x8_0000, NOISE: 0x10_0000 } as const;

export class ByteStream {
  readonly kind = 'bytes';
  private readonly samples: Samples<Uint32Array>;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    limit?: number,
  ) {
    this.samples = new Samples(Uint32Array, limit);
  }

  /** Whether anything was ever recorded. */
  get used(): boolean {
    return this.samples.end > 0;
  }

  /** How many bytes were lost to the limit. */
  get dropped(): number {
    return this.samples.dropped;
  }

  /** Records a byte (or a 9-bit word) as complete now. @param flags of `ByteFlag` */
  record(byte: number, flags = 0): void {
    this.samples.push(this.clock.now, byte | flags);
  }

  recordAll(bytes: Uint8Array): void {
    const time = this.clock.now;
    for (let i = 0; i < bytes.length; i++) this.samples.push(time, bytes[i]);
  }

  /** Calls `visit` for each byte in `from` < time <= `to`, in order; a visit that returns false is the last. */
  forEach(from: number, to: number, visit: (time: number, byte: number, flags: number) => boolean | void): void {
    const { samples } = this;
    for (let number = Math.max(samples.lastAtOrBefore(from) + 1, samples.first); number < samples.end; number++) {
      const time = samples.time(number);
      if (time > to) return;
      const value = samples.value(number);
      if (visit(time, value & 0xffff, value & 0xffff_0000) === false) return;
    }
  }

  /** The bytes in `from` < time <= `to`, 9-bit words cut to eight; `from` is -1 unless given. */
  bytes(from = -1, to = this.clock.now): Uint8Array {
    const bytes: number[] = [];
    this.forEach(from, to, (_, byte) => void bytes.push(byte));
    return Uint8Array.from(bytes);
  }

  /** The same as text, one character a byte. */
  latin1(from = -1, to = this.clock.now): string {
    let text = '';
    this.forEach(from, to, (_, byte) => void (text += String.fromCharCode(byte & 0xff)));
    return text;
  }
}
