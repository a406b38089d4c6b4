/**
 * The display controller SSD1306 with its panel (data sheet SSD1306 rev. 1.1), on I2C or on four-wire SPI. What is read
 * back are the pixels as an eye would see them: remapping, scrolling by start line, inversion and "all on" included.
 */
import { I2cPart } from './i2c-part.ts';
import type { PartBench, PartImage, Reading } from './part.ts';
import { SpiDisplay } from './spi-display.ts';

/** Commands that take arguments, and how many. */
const ARGUMENTS: Record<number, number> = {
  32: 1, // 0x20 memory addressing mode
  33: 2, // 0x21 column range
  34: 2, // 0x22 page range
  38: 6, // 0x26 horizontal scroll
  39: 6,
  41: 5, // 0x29 diagonal scroll
  42: 5,
  129: 1, // 0x81 contrast
  141: 1, // 0x8D charge pump
  163: 2, // 0xA3 scroll area
  168: 1, // 0xA8 multiplex ratio
  211: 1, // 0xD3 display offset
  213: 1, // 0xD5 clock
  217: 1, // 0xD9 pre-charge
  218: 1, // 0xDA COM pins
  219: 1, // 0xDB VCOMH
};

const COLUMNS = 128;
const ROWS = 64;

/** The controller itself: commands and data in, pixels out. */
export class Ssd1306Controller {
  /** Whether it displays at all. */
  on = false;
  inverted = false;
  allOn = false;
  contrast = 0x7f;

  private readonly ram = new Uint8Array((COLUMNS * ROWS) / 8);
  private mode = 2;
  private column = 0;
  private page = 0;
  private columnRange = [0, 127];
  private pageRange = [0, 7];
  private startLine = 0;
  private offset = 0;
  private multiplex = 63;
  private segmentRemap = false;
  private comReversed = false;
  private readonly argumentsSoFar: number[] = [];
  private command = -1;

  /** @param width, height of the panel that hangs on it, in pixels */
  constructor(
    readonly width = 128,
    readonly height = 64,
  ) {}

  /** The reset input: registers, but not the memory. */
  reset(): void {
    this.on = this.inverted = this.allOn = this.segmentRemap = this.comReversed = false;
    this.contrast = 0x7f;
    this.mode = 2;
    this.column = this.page = this.startLine = this.offset = 0;
    this.columnRange = [0, 127];
    this.pageRange = [0, 7];
    this.multiplex = 63;
    this.command = -1;
  }

  writeData(byte: number): void {
    this.ram[this.page * COLUMNS + this.column] = byte;
    if (this.mode === 1) {
      if (this.page++ === this.pageRange[1]) {
        this.page = this.pageRange[0];
        this.column = this.column === this.columnRange[1] ? this.columnRange[0] : (this.column + 1) % COLUMNS;
      }
      this.page &= 7;
    } else if (this.mode === 0) {
      if (this.column++ === this.columnRange[1]) {
        this.column = this.columnRange[0];
        this.page = this.page === this.pageRange[1] ? this.pageRange[0] : (this.page + 1) & 7;
      }
      this.column %= COLUMNS;
    } else this.column = (this.column + 1) % COLUMNS;
  }

  writeCommand(byte: number): void {
    if (this.command < 0) {
      this.command = byte;
      this.argumentsSoFar.length = 0;
    } else this.argumentsSoFar.push(byte);
    if (this.argumentsSoFar.length < (ARGUMENTS[this.command] ?? 0)) return;
    this.execute(this.command, this.argumentsSoFar);
    this.command = -1;
  }

  private execute(command: number, args: number[]): void {
    if (command < 0x10) this.column = (this.column & 0x70) | command;
    else if (command < 0x20) this.column = (this.column & 0x0f) | ((command & 7) << 4);
    else if (command >= 0x40 && command < 0x80) this.startLine = command & 0x3f;
    else if (command >= 0xb0 && command < 0xb8) this.page = command & 7;
    else {
      switch (command) {
        case 0x20:
          this.mode = args[0] & 3;
          break;
        case 0x21:
          this.columnRange = [args[0] & 0x7f, args[1] & 0x7f];
          this.column = this.columnRange[0];
          break;
        case 0x22:
          this.pageRange = [args[0] & 7, args[1] & 7];
          this.page = this.pageRange[0];
          break;
        case 0x81:
          this.contrast = args[0];
          break;
        case 0xa0:
        case 0xa1:
          this.segmentRemap = command === 0xa1;
          break;
        case 0xa4:
        case 0xa5:
          this.allOn = command === 0xa5;
          break;
        case 0xa6:
        case 0xa7:
          this.inverted = command === 0xa7;
          break;
        case 0xa8:
          this.multiplex = args[0] & 0x3f;
          break;
        case 0xae:
        case 0xaf:
          this.on = command === 0xaf;
          break;
        case 0xc0:
        case 0xc8:
          this.comReversed = command === 0xc8;
          break;
        case 0xd3:
          this.offset = args[0] & 0x3f;
      }
    }
  }

  /**
   * Whether a pixel shines, as seen on the panel with its connector at the top, the way the usual modules are mounted: with
   * segments remapped and COM scanned in reverse, memory's first bit is the upper left pixel.
   */
  pixel(x: number, y: number): boolean {
    if (!this.on || x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    if (this.allOn) return true;
    const segment = this.segmentRemap ? x : this.width - 1 - x;
    const row = this.comReversed ? y : this.multiplex - y;
    if (row < 0 || row > this.multiplex) return false;
    const line = (row + this.startLine + this.offset) % ROWS;
    const bit = (this.ram[(line >> 3) * COLUMNS + segment] >> (line & 7)) & 1;
    return (bit === 1) !== this.inverted;
  }

  /** All pixels, a byte each, 1 if it shines, row by row. */
  pixels(): Uint8Array {
    const pixels = new Uint8Array(this.width * this.height);
    for (let y = 0; y < this.height; y++) for (let x = 0; x < this.width; x++) pixels[y * this.width + x] = this.pixel(x, y) ? 1 : 0;
    return pixels;
  }

  get image(): PartImage {
    const { width, height } = this;
    const rgba = Uint8Array.from(Array.from(this.pixels()).flatMap(pixel => (pixel ? [255, 255, 255, 255] : [0, 0, 0, 255])));
    return { width, height, rgba };
  }

  /** The pixels as lines of `#` and `.`. */
  picture(): string {
    const { width, height } = this;
    return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => (this.pixel(x, y) ? '#' : '.')).join('')).join(
      '\n',
    );
  }
}

/** What a spec can read, on either bus. */
const readingsOf = (controller: Ssd1306Controller): Record<string, Reading> => ({
  pixels: { description: 'the pixels, a byte each, row by row', read: () => controller.pixels() },
  picture: { description: 'the pixels as lines of # and .', read: () => controller.picture() },
  on: { description: 'whether it displays', read: () => controller.on },
  contrast: { description: '0 to 255', read: () => controller.contrast },
});

export class Ssd1306I2c extends I2cPart {
  readonly controller: Ssd1306Controller;
  private controlByte = -1;

  constructor(
    bench: PartBench,
    name: string,
    width = 128,
    height = 64,
    private readonly address = 0x3c,
  ) {
    super(bench, name);
    this.controller = new Ssd1306Controller(width, height);
    for (const [reading, is] of Object.entries(readingsOf(this.controller))) this.addReading(reading, is);
  }

  override get image(): PartImage {
    return this.controller.image;
  }

  protected override addressed(address: number): boolean {
    this.controlByte = -1;
    return address === this.address;
  }

  /** A control byte, then commands or data; with its Co bit, only one of them before the next control byte. */
  protected override written(byte: number): boolean {
    if (this.controlByte < 0) {
      this.controlByte = byte;
      return true;
    }
    if (this.controlByte & 0x40) this.controller.writeData(byte);
    else this.controller.writeCommand(byte);
    if (this.controlByte & 0x80) this.controlByte = -1;
    return true;
  }

  /** The status: bit 6 says that the display is off. */
  protected override nextByte(): number {
    return this.controller.on ? 0 : 0x40;
  }
}

export class Ssd1306Spi extends SpiDisplay {
  readonly controller: Ssd1306Controller;

  constructor(bench: PartBench, name: string, width = 128, height = 64) {
    super(bench, name);
    this.controller = new Ssd1306Controller(width, height);
    for (const [reading, is] of Object.entries(readingsOf(this.controller))) this.addReading(reading, is);
  }

  override get image(): PartImage {
    return this.controller.image;
  }

  protected override reset(): void {
    this.controller.reset();
  }

  protected override command(byte: number): void {
    this.controller.writeCommand(byte);
  }

  protected override data(byte: number): void {
    this.controller.writeData(byte);
  }
}
