/**
 * A character display with the controller HD44780U (Hitachi data sheet ADE-207-272(Z) rev. 0.0): `rs`, `rw`, `e` and eight
 * data pins, of which four suffice. It takes its time: what comes while it is busy is lost, as on the real one.
 */
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

/** ns at 270 kHz (table 6). */
const TIME = { clear: 1_520_000, other: 37_000 } as const;
/** It initialises itself after power-on (figure 23: 40 ms at 2.7 V). */
const POWER_ON = 15_000_000;

const LINE_LENGTH = 40;

export class Hd44780 extends Part {
  private readonly display = new Uint8Array(2 * LINE_LENGTH).fill(0x20);
  private readonly glyphs = new Uint8Array(64);
  private busyUntil: number;
  private nibble = -1;
  private eightBits = true;
  private twoLines = false;
  private isOn = false;
  private cursorOn = false;
  private blinking = false;
  private increment = 1;
  private shifting = false;
  private shift = 0;
  /** address counter: in the display memory, or in that of glyphs */
  private address = 0;
  private inGlyphs = false;
  private lost = 0;
  private readLow = false;
  private presenting = false;
  private output = 0;

  /** Pins `rs`, `rw`, `e`, `d0` … `d7`; `rw` that is not wired is low, as is a data pin. `backlight` lights it. */
  constructor(
    bench: PartBench,
    name: string,
    private readonly columns = 16,
    private readonly rows = 2,
  ) {
    super(bench, name);
    for (const pin of ['rs', 'rw', 'backlight']) this.addPin(pin);
    for (let bit = 0; bit < 8; bit++) this.addPin(`d${bit}`);
    this.addPin('e').observe(bit => this.enabled(bit));
    this.busyUntil = bench.clock.now + POWER_ON;
    this.addReading('text', { description: 'what it shows, line by line, spaces at their ends left out', read: () => this.text });
    this.addReading('on', { description: 'whether it displays', read: () => this.isOn });
    this.addReading('backlight', { description: 'whether its light is on', read: () => this.pin('backlight').bit === 1 });
    this.addReading('cursor', {
      description: 'how the cursor is shown: off, underline, block, or both',
      read: () => (this.cursorOn ? (this.blinking ? 'both' : 'underline') : this.blinking ? 'block' : 'off'),
    });
    this.addReading('glyphs', { description: 'the eight glyphs of its user, eight rows each', read: () => this.glyphs.slice() });
    this.addReading('lost', { description: 'how many instructions came while it was busy', read: () => this.lost });
    this.addFlagFault('silent', 'it ignores everything');
  }

  private get text(): string {
    if (!this.isOn) return Array.from({ length: this.rows }, () => '').join('\n');
    return Array.from({ length: this.rows }, (_, row) =>
      Array.from({ length: this.columns }, (_, column) => characterOf(this.display[this.place(row, column)]))
        .join('')
        .trimEnd(),
    ).join('\n');
  }

  /** Where in its memory a place of the panel is: rows three and four continue the first two. */
  private place(row: number, column: number): number {
    const line = this.twoLines ? row & 1 : 0;
    const length = this.twoLines ? LINE_LENGTH : 2 * LINE_LENGTH;
    const start = this.twoLines ? (row >> 1) * this.columns : row * this.columns;
    return line * LINE_LENGTH + ((((start + column + this.shift) % length) + length) % length);
  }

  private get isBusy(): boolean {
    return this.clock.now < this.busyUntil;
  }

  private enabled(bit: Bit): void {
    if (this.isFaulty('silent')) return;
    // Whether it is read from or written to is decided when E rises: RW may change together with the fall.
    if (bit === 1) {
      this.presenting = this.pin('rw').bit === 1;
      if (this.presenting) this.present();
    } else if (this.presenting) this.release();
    else this.take();
  }

  private get firstPin(): number {
    return this.eightBits ? 0 : 4;
  }

  private release(): void {
    this.presenting = false;
    for (let pin = this.firstPin; pin < 8; pin++) this.pin(`d${pin}`).setDrive(-1);
  }

  /** It puts a byte, or its upper and then its lower half, on the data pins while E is high. */
  private present(): void {
    if (!this.readLow) {
      const status = (this.isBusy ? 0x80 : 0) | this.address;
      this.output = this.pin('rs').bit === 0 ? status : this.content;
      if (this.pin('rs').bit === 1) this.advance();
    }
    const half = this.readLow ? this.output << 4 : this.output;
    for (let pin = this.firstPin; pin < 8; pin++) this.pin(`d${pin}`).setDrive(((half >> pin) & 1) as Bit);
    this.readLow = !this.eightBits && !this.readLow;
  }

  private take(): void {
    this.readLow = false;
    let value = 0;
    for (let pin = 0; pin < 8; pin++) value |= this.pin(`d${pin}`).bit << pin;
    if (!this.eightBits) {
      if (this.nibble < 0) {
        this.nibble = value & 0xf0;
        return;
      }
      value = this.nibble | (value >> 4);
      this.nibble = -1;
    }
    // The first instructions wake it out of any state and are understood at any time (figures 23 and 24).
    const waking = this.pin('rs').bit === 0 && (value & 0xe0) === 0x20;
    if (this.isBusy && !waking) {
      this.lost++;
      return;
    }
    this.busyUntil = Math.max(this.busyUntil, this.clock.now + TIME.other);
    if (this.pin('rs').bit === 1) this.write(value);
    else this.instruct(value);
  }

  private get content(): number {
    return this.inGlyphs ? this.glyphs[this.address & 0x3f] : this.display[this.index];
  }

  private get index(): number {
    return this.twoLines
      ? ((this.address >> 6) & 1) * LINE_LENGTH + ((this.address & 0x3f) % LINE_LENGTH)
      : this.address % (2 * LINE_LENGTH);
  }

  private write(byte: number): void {
    if (this.inGlyphs) this.glyphs[this.address & 0x3f] = byte & 0x1f;
    else this.display[this.index] = byte;
    this.advance();
    if (this.shifting && !this.inGlyphs) this.shift += this.increment;
  }

  /** The address counter goes on; at the end of a line to the beginning of the other. */
  private advance(): void {
    if (this.inGlyphs) this.address = (this.address + this.increment) & 0x3f;
    else if (this.twoLines) {
      const size = 2 * LINE_LENGTH;
      const next = (this.index + this.increment + size) % size;
      this.address = next < LINE_LENGTH ? next : 0x40 + next - LINE_LENGTH;
    } else this.address = (this.address + this.increment + 2 * LINE_LENGTH) % (2 * LINE_LENGTH);
  }

  /** Table 6. */
  private instruct(value: number): void {
    if (value & 0x80) {
      this.address = value & 0x7f;
      this.inGlyphs = false;
    } else if (value & 0x40) {
      this.address = value & 0x3f;
      this.inGlyphs = true;
    } else if (value & 0x20) {
      this.eightBits = (value & 0x10) !== 0;
      this.twoLines = (value & 8) !== 0;
      this.nibble = -1;
    } else if (value & 0x10) {
      const step = value & 4 ? 1 : -1;
      if (value & 8) this.shift -= step;
      else {
        const { increment } = this;
        this.increment = step;
        this.advance();
        this.increment = increment;
      }
    } else if (value & 8) {
      this.isOn = (value & 4) !== 0;
      this.cursorOn = (value & 2) !== 0;
      this.blinking = (value & 1) !== 0;
    } else if (value & 4) {
      this.increment = value & 2 ? 1 : -1;
      this.shifting = (value & 1) !== 0;
    } else if (value & 3) {
      if ((value & 2) === 0) {
        this.display.fill(0x20);
        this.increment = 1;
      }
      this.address = this.shift = 0;
      this.inGlyphs = false;
      this.busyUntil = this.clock.now + TIME.clear;
    }
  }
}

/** ROM code A00 (table 4) where it is ASCII, its arrows and its degree sign; the user's glyphs are ⓪ to ⑦. */
function characterOf(code: number): string {
  if (code < 16) return '⓪①②③④⑤⑥⑦'[code & 7];
  const other = ({ 92: '¥', 126: '→', 127: '←', 223: '°', 228: 'µ', 244: 'Ω', 255: '█' } as Record<number, string>)[code];
  if (other !== undefined) return other;
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '?';
}
