/**
 * The port expander PCF8574 on I2C (NXP data sheet rev. 5): eight quasi-bidirectional pins, held high by 100 µA until
 * something, itself included, pulls them low.
 */
import { I2cPart } from './i2c-part.ts';
import type { PartBench } from './part.ts';

/** Ohms that give some 100 µA at 3.3 V (section 8.1). */
const WEAK = 33_000;

export class Pcf8574 extends I2cPart {
  private latch = 0xff;
  private seen = 0xff;

  /** Pins `scl`, `sda`, `int`, and `p0` to `p7`. */
  constructor(
    bench: PartBench,
    name: string,
    private readonly address = 0x20,
  ) {
    super(bench, name);
    this.addPin('int').setDrive(-1);
    for (let bit = 0; bit < 8; bit++) {
      const pin = this.addPin(`p${bit}`);
      pin.setPull(WEAK, bench.netlist.supply);
      pin.observe(() => this.changed());
    }
    this.addReading('port', { description: 'the levels of its eight pins, p0 lowest', read: () => this.levels });
    this.addReading('latch', { description: 'what was written to it', read: () => this.latch });
  }

  private get levels(): number {
    let levels = 0;
    for (let bit = 0; bit < 8; bit++) levels |= this.pin(`p${bit}`).bit << bit;
    return levels;
  }

  /** An input that differs from what was read last pulls the interrupt pin low (section 8.2). */
  private changed(): void {
    this.pin('int').setDrive((this.levels ^ this.seen) & this.latch ? 0 : -1);
  }

  protected override addressed(address: number): boolean {
    return address === this.address;
  }

  protected override written(byte: number): boolean {
    this.latch = byte;
    for (let bit = 0; bit < 8; bit++) this.pin(`p${bit}`).setDrive((byte >> bit) & 1 ? -1 : 0);
    this.settle();
    return true;
  }

  protected override nextByte(): number {
    this.settle();
    return this.seen;
  }

  private settle(): void {
    this.seen = this.levels;
    this.pin('int').setDrive(-1);
  }
}
