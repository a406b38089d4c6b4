/** pyb.LCD (ports/stm32/lcd.c): the LCD32MKv1.0 skin, 128 by 32 pixels, 16 by 4 characters, over SPI. */

import { checkArgCount, fun1, fun2, fun3, funVar } from '../../objects/function.ts';
import { cStringData } from '../../objects/str-bytes.ts';
import type { GpioPin } from '../../peripherals/gpio.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType, typeName } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { glyph } from '../framebuf/font.ts';
import { hardware } from '../hardware.ts';
import { CONTROLLER, findSpi, type SpiDriver } from '../stm32/spi-driver.ts';
import { bytesToSend } from '../stm32/transfer-buffer.ts';
import { delayMs } from '../waiting.ts';

const INSTRUCTION = 0;
const DATA = 1;
const WIDTH = 128;
const HEIGHT = 32;
const PAGES = 4;
const COLUMNS = 16;
const LINES = 4;
const CLOCK = 16_000_000;
const TRANSFER_MS = 1000;

/** What sets the controller up: direction, bias, power, contrast, start line, on (UC1701X datasheet). */
const SET_UP = [0xa0, 0xc0, 0xa2, 0x2f, 0x21, 0x81, 0x28, 0x40, 0xaf];
const PAGE = 0xb0;
const COLUMN_HIGH = 0x10;
const CONTRAST = 0x81;
const MAX_CONTRAST = 0x2f;

/** Pins at the two positions: chip select, reset, data or instruction, back light. */
const POSITIONS = {
  X: { select: 'X3', reset: 'X4', a0: 'X5', light: 'X12' },
  Y: { select: 'Y3', reset: 'Y4', a0: 'Y5', light: 'Y12' },
} as const;

class MpLcd extends MpObj {
  private readonly spi: SpiDriver;
  private readonly select: GpioPin;
  private readonly reset: GpioPin;
  private readonly a0: GpioPin;
  readonly light: GpioPin;
  private readonly text = new Uint8Array(COLUMNS * LINES).fill(0x20);
  private line = 0;
  private column = 0;
  private nextLine = false;
  /** What is shown, and what show() will show. A byte is eight pixels of a column, the highest the lowest bit. */
  shown = new Uint8Array(WIDTH * PAGES);
  readonly drawn = new Uint8Array(WIDTH * PAGES);

  constructor(position: 'X' | 'Y') {
    super(lcdType);
    vm.heap.alloc(16 * 4 + 512 * 2 + 44);
    const { chip } = hardware();
    const pins = POSITIONS[position];
    this.spi = findSpi(position);
    [this.select, this.reset, this.a0, this.light] = [pins.select, pins.reset, pins.a0, pins.light].map(name => chip.pin(name));
    Object.assign(this.spi.settings, { mode: CONTROLLER, direction: 0, nss: 0x200, ti: false, crc: undefined });
    this.spi.setParameters(Math.floor(this.spi.source / CLOCK), -1, 1, 1, 8, 0);
    this.spi.init();
    for (const [pin, latch] of [[this.select, 1], [this.reset, 1], [this.a0, 1], [this.light, 0]] as const) // biome-ignore format: pairs
      pin.configure({ mode: PinMode.OUTPUT, latch, openDrain: false, pull: 0, speed: 2 });
    delayMs(1);
    this.reset.set(0);
    delayMs(1);
    this.reset.set(1);
    delayMs(1);
    for (const byte of SET_UP) this.out(INSTRUCTION, byte);
    for (let page = 0; page < PAGES; page++) {
      this.goTo(page, 0);
      for (let i = 0; i < WIDTH; i++) this.out(DATA, 0);
    }
  }

  out(kind: number, byte: number): void {
    this.select.set(0);
    this.a0.set(kind === INSTRUCTION ? 0 : 1);
    this.spi.transfer(1, Uint8Array.of(byte), undefined, TRANSFER_MS);
    this.select.set(1);
  }

  private goTo(page: number, column: number): void {
    this.out(INSTRUCTION, PAGE | page);
    this.out(INSTRUCTION, COLUMN_HIGH | ((column >> 4) & 0x0f));
    this.out(INSTRUCTION, column & 0x0f);
  }

  /** Writes at the cursor, and redraws what has changed. */
  write(characters: Uint8Array): void {
    const { text } = this;
    let from = this.line * COLUMNS + this.column;
    let to = from;
    for (let i = 0; i < characters.length; i++) {
      if (this.nextLine) {
        if (this.line + 1 < LINES) this.line++;
        else {
          text.copyWithin(0, COLUMNS);
          text.fill(0x20, COLUMNS * (LINES - 1));
          from = 0;
          to = COLUMNS * LINES;
        }
        this.nextLine = false;
        this.column = 0;
      }
      const character = characters[i];
      if (character === 0x0a) this.nextLine = true;
      else if (character === 0x0d) this.column = 0;
      else if (character === 0x08) {
        if (this.column > 0) {
          this.column--;
          from = 0;
        }
      } else if (this.column >= COLUMNS) {
        this.nextLine = true;
        i--;
      } else {
        text[this.line * COLUMNS + this.column++] = character;
        to = Math.max(to, this.line * COLUMNS + this.column);
      }
    }
    for (let at = from; at < to; at++) this.drawCharacter(at);
  }

  private drawCharacter(at: number): void {
    const page = Math.floor(at / COLUMNS);
    this.goTo(page, 8 * (COLUMNS - 1 - (at - page * COLUMNS)));
    const character = this.text[at];
    const columns = glyph(character < 32 || character > 126 ? 127 : character);
    for (let i = 7; i >= 0; i--) this.out(DATA, columns[i]);
  }

  set(x: number, y: number, on: boolean): void {
    if (x < 0 || x >= WIDTH || y < 0 || y >= HEIGHT) return;
    const bit = 1 << (y & 7);
    if (on) this.drawn[x + WIDTH * (y >> 3)] |= bit;
    else this.drawn[x + WIDTH * (y >> 3)] &= ~bit;
  }

  drawText(characters: Uint8Array, x: number, y: number, on: boolean): void {
    for (const character of characters) {
      const columns = glyph(character < 32 || character > 127 ? 127 : character);
      for (const column of columns) {
        for (let row = 0; row < 8; row++) if (column & (1 << row)) this.set(x, y + row, on);
        x++;
      }
    }
  }

  show(): void {
    this.shown = this.drawn.slice();
    for (let page = 0; page < PAGES; page++) {
      this.goTo(page, 0);
      for (let i = WIDTH - 1; i >= 0; i--) this.out(DATA, this.shown[WIDTH * page + i]);
    }
  }
}

const self = (value: Value) => value as MpLcd;

export const lcdType: MpType = new MpType('LCD', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    const [position] = args;
    if (typeof position !== 'string') raiseTypeError(`can't convert '${typeName(position)}' object to str implicitly`);
    const name = position.toUpperCase();
    if (name !== 'X' && name !== 'Y') raiseValueError(`LCD(${position}) doesn't exist`);
    return new MpLcd(name);
  },
  locals: (): Locals => [
    [
      'command',
      fun3((lcd, kind, data) => {
        for (const byte of bytesToSend(data)) self(lcd).out(toInt(kind), byte);
        return null;
      }),
    ],
    [
      'contrast',
      fun2((lcd, value) => {
        const contrast = Math.min(MAX_CONTRAST, Math.max(0, toInt(value)));
        self(lcd).out(INSTRUCTION, CONTRAST);
        self(lcd).out(INSTRUCTION, contrast);
        return null;
      }),
    ],
    ['light', fun2((lcd, on) => (self(lcd).light.set(isTrue(on) ? 1 : 0), null))],
    ['write', fun2((lcd, text) => (self(lcd).write(cStringData(text)), null))],
    ['fill', fun2((lcd, colour) => (fill(self(lcd), toInt(colour)), null))],
    [
      'get',
      fun3((lcd, xArg, yArg) => {
        const x = toInt(xArg);
        const y = toInt(yArg);
        if (x < 0 || x >= WIDTH || y < 0 || y >= HEIGHT) return 0;
        return (self(lcd).shown[x + WIDTH * (y >> 3)] >> (y & 7)) & 1;
      }),
    ],
    [
      'pixel',
      funVar(4, 4, args => {
        const [x, y] = [toInt(args[1]), toInt(args[2])];
        if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT) self(args[0]).set(x, y, toInt(args[3]) !== 0);
        return null;
      }),
    ],
    [
      'text',
      funVar(5, 5, args => {
        const text = cStringData(args[1]);
        const [x, y, colour] = [toInt(args[2]), toInt(args[3]), toInt(args[4])];
        self(args[0]).drawText(text, x, y, colour !== 0);
        return null;
      }),
    ],
    ['show', fun1(lcd => (self(lcd).show(), null))],
  ],
});

function fill(lcd: MpLcd, colour: number): void {
  lcd.shown.fill(colour === 0 ? 0 : 0xff);
  lcd.drawn.fill(colour === 0 ? 0 : 0xff);
}
