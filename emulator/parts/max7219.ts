/**
 * Displays with the LED driver MAX7219 (Maxim data sheet 19-4452 rev. 4): 8 × 8 matrices or eight digits, several in a
 * chain. 16 bits shift through each; what is there when `cs` rises is taken.
 */
import { SpiPort } from '../peripherals/spi-bus.ts';
import { Part, type PartBench, type PartImage } from './part.ts';
import { segmentsToText } from './seven-segment.ts';

const NOOP = 0;
const DECODE = 9;
const INTENSITY = 10;
const SCAN_LIMIT = 11;
const SHUTDOWN = 12;
const TEST = 15;

/** Code B (table 5), as segments in the order of `seven-segment.ts`. */
const CODE_B = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f, 0x40, 0x79, 0x76, 0x38, 0x73, 0x00];

class Driver {
  readonly digits = new Uint8Array(8);
  decode = 0;
  intensity = 0;
  scanLimit = 0;
  running = false;
  testing = false;

  take(register: number, value: number): void {
    if (register >= 1 && register <= 8) this.digits[register - 1] = value;
    else if (register === DECODE) this.decode = value;
    else if (register === INTENSITY) this.intensity = value & 15;
    else if (register === SCAN_LIMIT) this.scanLimit = value & 7;
    else if (register === SHUTDOWN) this.running = (value & 1) === 1;
    else if (register === TEST) this.testing = (value & 1) === 1;
  }

  /** The LEDs of a row or digit that shine: bit 7 the point, or the left column. */
  row(index: number): number {
    if (this.testing) return 0xff;
    if (!this.running || index > this.scanLimit) return 0;
    const byte = this.digits[index];
    if (((this.decode >> index) & 1) === 0) return byte;
    return (byte & 0x80) | mirrored(CODE_B[byte & 15]);
  }
}

/** Segments A to G are bits 6 to 0 of the chip, 0 to 6 of ours. */
function mirrored(segments: number): number {
  let result = 0;
  for (let bit = 0; bit < 7; bit++) result |= ((segments >> bit) & 1) << (6 - bit);
  return result;
}

export class Max7219 extends Part {
  private readonly drivers: Driver[];
  /** bytes in the chain, the latest last */
  private readonly chain: number[] = [];

  /** Pins `clk`, `din` and `cs`. @param count drivers in the chain; the first one, at `din`, is the rightmost of a row */
  constructor(
    bench: PartBench,
    name: string,
    private readonly count = 1,
  ) {
    super(bench, name);
    this.drivers = Array.from({ length: count }, () => new Driver());
    const [sck, mosi, select] = ['clk', 'din', 'cs'].map(pin => this.addPin(pin));
    new SpiPort(
      { sck, mosi, miso: undefined, select },
      { select: () => {}, deselect: () => this.latch(), output: () => 0, input: byte => this.shifted(byte) },
      { polarity: 0, phase: 0 },
      bench.netlist.spiPorts,
    );
    this.addFlagFault('silent', 'it ignores everything');
    this.addReading('picture', { description: 'the LEDs as lines of # and .', read: () => this.picture });
    this.addReading('text', { description: 'what eight digits show, the highest first', read: () => this.text });
    this.addReading('intensity', { description: 'brightness of the first, 0 to 15', read: () => this.drivers[0].intensity });
    this.addReading('on', { description: 'whether none is shut down', read: () => this.drivers.every(driver => driver.running) });
  }

  override get image(): PartImage {
    const rgba = Uint8Array.from(this.rows.flat().flatMap(lit => [lit ? 255 : 0, 0, 0, 255]));
    return { width: this.count * 8, height: 8, rgba };
  }

  /** Row by row, what shines. The last of the chain is at the left, as the usual modules are soldered. */
  private get rows(): boolean[][] {
    return Array.from({ length: 8 }, (_, row) =>
      [...this.drivers].reverse().flatMap(driver => {
        const byte = driver.row(row);
        return Array.from({ length: 8 }, (_, column) => ((byte >> (7 - column)) & 1) === 1);
      }),
    );
  }

  private get picture(): string {
    return this.rows.map(row => row.map(lit => (lit ? '#' : '.')).join('')).join('\n');
  }

  private get text(): string {
    return [...this.drivers]
      .reverse()
      .map(driver =>
        Array.from({ length: 8 }, (_, index) => {
          const byte = driver.row(7 - index);
          return segmentsToText(mirrored(byte & 0x7f)) + (byte & 0x80 ? '.' : '');
        }).join(''),
      )
      .join('');
  }

  private shifted(byte: number): void {
    this.chain.push(byte);
    if (this.chain.length > this.count * 2) this.chain.shift();
  }

  /** The word that came last is in the first driver. */
  private latch(): void {
    if (this.isFaulty('silent')) return;
    const { chain } = this;
    for (const [index, driver] of this.drivers.entries()) {
      const at = chain.length - 2 * (index + 1);
      if (at < 0) break;
      const register = chain[at] & 15;
      if (register !== NOOP) driver.take(register, chain[at + 1]);
    }
  }
}
