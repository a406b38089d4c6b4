/**
 * A four- or six-digit display with the driver TM1637 (Titan Micro Electronics data sheet V2.4): two wires like I2C's, but
 * without addresses and with the lowest bit first.
 */
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';
import { segmentsToText } from './seven-segment.ts';

export class Tm1637 extends Part {
  private readonly segments: Uint8Array;
  private brightness = 0;
  private isOn = false;
  private fixed = false;
  private reading = false;
  private address = 0;
  private key = 0;

  private started = false;
  private bits = 0;
  private byte = 0;
  private count = 0;

  /** Pins `clk` and `dio`, both pulled up on the usual modules. */
  constructor(
    bench: PartBench,
    name: string,
    private readonly digits = 4,
  ) {
    super(bench, name);
    this.segments = new Uint8Array(6);
    const [clk, dio] = [this.addPin('clk'), this.addPin('dio')];
    for (const pin of [clk, dio]) pin.setPull(10_000, bench.netlist.supply);
    clk.observe(bit => this.clocked(bit));
    dio.observe(bit => this.moved(bit));
    this.addNumberKey();
    this.addReading('text', { description: 'what its digits show; ? for what is no character', read: () => this.text });
    this.addReading('segments', { description: 'the segments of each digit, bit 7 the point or colon', read: () => this.shown });
    this.addReading('colon', {
      description: 'whether the colon, or the point of the second digit, shines',
      read: () => (this.shown[1] & 0x80) !== 0,
    });
    this.addReading('brightness', { description: '0 to 7', read: () => this.brightness });
    this.addReading('on', { description: 'whether it displays', read: () => this.isOn });
    this.addFlagFault('no-ack', 'it does not acknowledge');
  }

  private addNumberKey(): void {
    this.addControl('key', {
      description: 'which of its 16 keys is pressed; 0 for none',
      type: 'number',
      min: 0,
      max: 16,
      get: () => this.key,
      set: value => {
        this.key = Math.round(value as number);
      },
    });
  }

  private get shown(): Uint8Array {
    return this.isOn ? this.segments.slice(0, this.digits) : new Uint8Array(this.digits);
  }

  private get text(): string {
    return [...this.shown].map(segmentsToText).join('');
  }

  /** START and STOP: the data moves while the clock is high. */
  private moved(bit: Bit): void {
    if (this.pin('clk').bit === 0 || this.acknowledging) return;
    this.started = bit === 0;
    this.bits = this.count = 0;
    this.reading = false;
    this.pin('dio').setDrive(-1);
  }

  private get acknowledging(): boolean {
    return this.bits === 9;
  }

  private clocked(bit: Bit): void {
    if (!this.started) return;
    if (bit === 1) {
      if (this.bits < 8 && !this.reading) this.byte = (this.byte >> 1) | (this.pin('dio').bit << 7);
      if (this.bits < 8) this.bits++;
      return;
    }
    if (this.bits === 9) {
      this.pin('dio').setDrive(-1);
      this.bits = 0;
      if (this.reading) this.sendBit();
    } else if (this.bits === 8) {
      // The eighth falling edge begins the acknowledge (figure "interface").
      if (!this.reading) this.take(this.byte);
      else this.reading = false;
      this.bits = 9;
      this.pin('dio').setDrive(this.isFaulty('no-ack') ? -1 : 0);
    } else if (this.reading) this.sendBit();
  }

  /** Keys as the data sheet's table has them: SG1 to SG8 of K1, then of K2. */
  private sendBit(): void {
    const { key } = this;
    const code = key === 0 ? 0xff : key <= 8 ? 0xf7 - (key - 1) : 0xef - (key - 9);
    this.pin('dio').setDrive((code >> this.bits) & 1 ? -1 : 0);
  }

  private take(byte: number): void {
    if (this.count++ > 0) {
      this.segments[this.address] = byte;
      if (!this.fixed) this.address = (this.address + 1) % 6;
      else this.count = 1;
      return;
    }
    if ((byte & 0xc0) === 0x40) {
      this.fixed = (byte & 4) !== 0;
      this.reading = (byte & 3) === 2;
    } else if ((byte & 0xc0) === 0xc0) this.address = (byte & 7) % 6;
    else if ((byte & 0xc0) === 0x80) {
      this.isOn = (byte & 8) !== 0;
      this.brightness = byte & 7;
    }
  }
}
