/**
 * Colour displays on four-wire SPI with the controllers ILI9341 (Ilitek data sheet V1.11), ST7735R (Sitronix V0.2) and
 * ST7789V (V1.6), which share their commands: a window, pixels of 12, 16 or 18 bits into it, mirroring, and vertical scrolling.
 * What is read back is what an eye sees on the panel, upright. Reading its memory over SPI is not modelled.
 */
import type { PartBench, PartImage } from './part.ts';
import { SpiDisplay } from './spi-display.ts';

export type TftModel = 'ILI9341' | 'ST7735' | 'ST7789';

/**
 * Pixels of the memory; how the usual modules mount their glass, which is what drivers' settings of MADCTL make up for; and
 * whether its colours are in the order blue, green, red, or inverted (IPS).
 */
const MODELS = {
  ILI9341: { columns: 240, rows: 320, width: 240, height: 320, mirrorX: true, mirrorY: false, bgr: true, inverted: false },
  ST7735: { columns: 128, rows: 160, width: 128, height: 160, mirrorX: true, mirrorY: true, bgr: false, inverted: false },
  ST7789: { columns: 240, rows: 320, width: 240, height: 320, mirrorX: false, mirrorY: false, bgr: false, inverted: true },
} as const;

const Command = {
  SWRESET: 0x01,
  SLPIN: 0x10,
  SLPOUT: 0x11,
  INVOFF: 0x20,
  INVON: 0x21,
  DISPOFF: 0x28,
  DISPON: 0x29,
  CASET: 0x2a,
  RASET: 0x2b,
  RAMWR: 0x2c,
  VSCRDEF: 0x33,
  MADCTL: 0x36,
  VSCSAD: 0x37,
  COLMOD: 0x3a,
  WRCONT: 0x3c,
} as const;

const MADCTL = { MY: 0x80, MX: 0x40, MV: 0x20, BGR: 0x08 } as const;

export class Tft extends SpiDisplay {
  private readonly model: {
    readonly [field in keyof (typeof MODELS)[TftModel]]: (typeof MODELS)[TftModel][field] extends boolean ? boolean : number;
  };
  private readonly width: number;
  private readonly height: number;
  /** columns and rows of memory before the panel's first, as it is mounted */
  private readonly offset: readonly [number, number];
  private readonly bgr: boolean;
  /** what each pixel was given, 18 bits in 0xRRGGBB */
  private readonly memory: Uint32Array;

  private isOn = false;
  private asleep = true;
  private inverted = false;
  private madctl = 0;
  private colmod = 6;
  private columns: [number, number] = [0, 0];
  private rows: [number, number] = [0, 0];
  private scroll = { top: 0, length: 0, start: 0 };
  private current = -1;
  private readonly bytes: number[] = [];
  private column = 0;
  private row = 0;

  constructor(
    bench: PartBench,
    name: string,
    model: TftModel,
    options: { width?: number; height?: number; columnOffset?: number; rowOffset?: number; bgr?: boolean } = {},
  ) {
    super(bench, name);
    const { columnOffset = 0, rowOffset = 0 } = options;
    // An ST7735R whose panel is not strapped to its size (GM pins, section 9.10) uses all of its 132 × 162 pixels.
    const whole = model === 'ST7735' && columnOffset + rowOffset > 0 ? { columns: 132, rows: 162 } : {};
    this.model = { ...MODELS[model], ...whole };
    this.width = options.width ?? this.model.width;
    this.height = options.height ?? this.model.height;
    this.offset = [columnOffset, rowOffset];
    this.bgr = options.bgr ?? this.model.bgr;
    this.memory = new Uint32Array(this.model.columns * this.model.rows);
    this.reset();
    this.addReading('on', { description: 'whether it displays', read: () => this.isVisible });
    this.addReading('inverted', { description: 'whether its colours are inverted', read: () => this.inverted !== this.model.inverted });
    this.addReading('pixels', {
      description: 'red, green and blue of each pixel, a byte each, row by row',
      read: () => this.image.rgba.filter((_, index) => index % 4 !== 3),
    });
    this.addReading('colors', {
      description: 'the colours that it shows, as #rrggbb, the most frequent first',
      read: () => this.colors,
    });
  }

  private get isVisible(): boolean {
    return this.isOn && !this.asleep;
  }

  /** The panel, upright as the usual modules are held. */
  override get image(): PartImage {
    const { width, height, model, memory } = this;
    const rgba = new Uint8Array(width * height * 4);
    const swapped = ((this.madctl & MADCTL.BGR) !== 0) !== this.bgr;
    const inverted = this.inverted !== model.inverted ? 0xff : 0;
    const [left, top] = this.offset;
    for (let y = 0; y < height; y++) {
      const line = model.mirrorY ? height - 1 - y : y;
      const row = this.scrolled(line + (model.mirrorY ? model.rows - height - top : top));
      for (let x = 0; x < width; x++) {
        const place = model.mirrorX ? width - 1 - x + model.columns - width - left : x + left;
        const color = this.isVisible ? memory[row * model.columns + place] : 0;
        const flip = this.isVisible ? inverted : 0;
        const at = (y * width + x) * 4;
        const [red, blue] = swapped ? [color & 0xff, color >> 16] : [color >> 16, color & 0xff];
        rgba[at] = red ^ flip;
        rgba[at + 1] = ((color >> 8) & 0xff) ^ flip;
        rgba[at + 2] = blue ^ flip;
        rgba[at + 3] = 255;
      }
    }
    return { width, height, rgba };
  }

  private get colors(): string[] {
    const counts = new Map<number, number>();
    const { rgba } = this.image;
    for (let at = 0; at < rgba.length; at += 4) {
      const color = (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
      counts.set(color, (counts.get(color) ?? 0) + 1);
    }
    return [...counts]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, 16)
      .map(([color]) => `#${color.toString(16).padStart(6, '0')}`);
  }

  /** The row of memory that a line shows: the scrolling area turns round (VSCRDEF, VSCSAD). */
  private scrolled(row: number): number {
    const { top, length, start } = this.scroll;
    if (length === 0 || row < top || row >= top + length) return row;
    return top + ((((row - top + start - top) % length) + length) % length);
  }

  protected override reset(): void {
    this.isOn = this.inverted = false;
    this.asleep = true;
    this.madctl = 0;
    this.colmod = 6;
    this.scroll = { top: 0, length: 0, start: 0 };
    this.columns = [0, this.model.columns - 1];
    this.rows = [0, this.model.rows - 1];
    this.current = -1;
  }

  protected override command(command: number): void {
    this.current = command;
    this.bytes.length = 0;
    switch (command) {
      case Command.SWRESET:
        this.reset();
        break;
      case Command.SLPIN:
      case Command.SLPOUT:
        this.asleep = command === Command.SLPIN;
        break;
      case Command.INVON:
      case Command.INVOFF:
        this.inverted = command === Command.INVON;
        break;
      case Command.DISPON:
      case Command.DISPOFF:
        this.isOn = command === Command.DISPON;
        break;
      case Command.RAMWR:
        this.column = this.columns[0];
        this.row = this.rows[0];
    }
  }

  protected override data(byte: number): void {
    const { bytes } = this;
    bytes.push(byte);
    const word = (index: number) => (bytes[index] << 8) | bytes[index + 1];
    switch (this.current) {
      case Command.CASET:
        if (bytes.length === 4) this.columns = [word(0), word(2)];
        break;
      case Command.RASET:
        if (bytes.length === 4) this.rows = [word(0), word(2)];
        break;
      case Command.VSCRDEF:
        if (bytes.length === 6) this.scroll = { ...this.scroll, top: word(0), length: word(2) };
        break;
      case Command.VSCSAD:
        if (bytes.length === 2) this.scroll.start = word(0);
        break;
      case Command.MADCTL:
        this.madctl = byte;
        break;
      case Command.COLMOD:
        this.colmod = byte & 7;
        break;
      case Command.RAMWR:
      case Command.WRCONT:
        this.pixelByte();
    }
  }

  /** 12 bits a pixel, two in three bytes; 16, 5-6-5; or 18, in the upper bits of three bytes. */
  private pixelByte(): void {
    const { bytes } = this;
    if (this.colmod === 5) {
      if (bytes.length < 2) return;
      const value = (bytes[0] << 8) | bytes[1];
      this.put(spread(value >> 11, 5), spread((value >> 5) & 0x3f, 6), spread(value & 0x1f, 5));
    } else {
      if (bytes.length < 3) return;
      const [a, b, c] = bytes;
      if (this.colmod === 3) {
        this.put(spread(a >> 4, 4), spread(a & 15, 4), spread(b >> 4, 4));
        this.put(spread(b & 15, 4), spread(c >> 4, 4), spread(c & 15, 4));
      } else this.put(spread(a >> 2, 6), spread(b >> 2, 6), spread(c >> 2, 6));
    }
    bytes.length = 0;
  }

  private put(red: number, green: number, blue: number): void {
    const { model, madctl } = this;
    let [x, y] = [this.column, this.row];
    if (madctl & MADCTL.MV) [x, y] = [y, x];
    if (madctl & MADCTL.MX) x = model.columns - 1 - x;
    if (madctl & MADCTL.MY) y = model.rows - 1 - y;
    if (x >= 0 && y >= 0 && x < model.columns && y < model.rows) this.memory[y * model.columns + x] = (red << 16) | (green << 8) | blue;
    // A window that reaches beyond the memory ends with it (ST7735R, section 10.1.20): drivers that give the count of columns
    // for the last one rely on it.
    const [width, height] = madctl & MADCTL.MV ? [model.rows, model.columns] : [model.columns, model.rows];
    if (this.column++ >= Math.min(this.columns[1], width - 1)) {
      this.column = this.columns[0];
      if (this.row++ >= Math.min(this.rows[1], height - 1)) this.row = this.rows[0];
    }
  }
}

/** A channel of few bits as one of eight, so that full is 255. */
function spread(value: number, bits: number): number {
  return Math.round((value * 255) / (2 ** bits - 1));
}
