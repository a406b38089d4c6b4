import { describe, expect, it } from 'vitest';
import { PinMode } from '../peripherals/gpio.ts';
import { setUpSpi } from '../peripherals/test-bench.ts';
import { Hd44780 } from './hd44780.ts';
import { Max7219 } from './max7219.ts';
import { benchWithParts } from './test-bench.ts';
import { Tft, type TftModel } from './tft.ts';
import { Tm1637 } from './tm1637.ts';

const MICROSECOND = 1000;
const MILLISECOND = 1_000_000;

function outputs(bench: ReturnType<typeof benchWithParts>, pins: readonly string[]) {
  for (const pin of pins) bench.chip.pin(pin).configure({ mode: PinMode.OUTPUT });
  return (pin: string, bit: number) => bench.chip.pin(pin).set(bit ? 1 : 0);
}

describe('HD44780', () => {
  const DATA = ['X1', 'X2', 'X3', 'X4', 'X5', 'X6', 'X7', 'X8'];

  function display(columns = 16, rows = 2) {
    const bench = benchWithParts();
    const wires = Object.fromEntries(DATA.map((pin, bit) => [`d${bit}`, pin]));
    const part = bench.wire(new Hd44780(bench.parts, 'lcd', columns, rows), { rs: 'Y1', rw: 'Y2', e: 'Y3', ...wires });
    const set = outputs(bench, [...DATA, 'Y1', 'Y2', 'Y3']);
    const pass = (time: number) => bench.clock.advanceTo(bench.clock.now + time);
    const strobe = (value: number, rs: number, from = 0) => {
      set('Y1', rs);
      for (let bit = from; bit < 8; bit++) set(DATA[bit], (value >> bit) & 1);
      set('Y3', 1);
      pass(MICROSECOND);
      set('Y3', 0);
    };
    const command = (value: number, wait = 2 * MILLISECOND) => {
      strobe(value, 0);
      pass(wait);
    };
    const write = (text: string) => {
      for (const character of text) {
        strobe(character.charCodeAt(0), 1);
        pass(50 * MICROSECOND);
      }
    };
    pass(50 * MILLISECOND);
    return { ...bench, part, set, pass, strobe, command, write };
  }

  it('shows what is written to the places of its lines', () => {
    const { part, command, write } = display(20, 4);
    for (const byte of [0x38, 0x0c, 0x01, 0x06]) command(byte);
    write('one');
    for (const [place, text] of [
      [0x40, 'two'],
      [0x14, 'three'],
      [0x54, 'four'],
    ] as const) {
      command(0x80 | place);
      write(text);
    }
    expect(part.read('text')).toBe('one\ntwo\nthree\nfour');
    command(0x18);
    expect(part.read('text')).toBe('ne                 t\nwo                 f\nhree               o\nour                t');
    command(0x08);
    expect(part.read('text')).toBe('\n\n\n');
  });

  it('takes halves of bytes when it is told to', () => {
    const { part, command, strobe, pass } = display();
    command(0x20);
    for (const [value, rs] of [
      [0x28, 0],
      [0x0e, 0],
      [0x41, 1],
    ]) {
      strobe(value, rs, 4);
      pass(MICROSECOND);
      strobe(value << 4, rs, 4);
      pass(50 * MICROSECOND);
    }
    expect(part.read('text')).toBe('A\n');
    expect(part.read('cursor')).toBe('underline');
  });

  it('loses what comes while it is busy, and says so', () => {
    const { part, command, strobe, pass, write } = display();
    for (const byte of [0x38, 0x0c]) command(byte);
    command(0x01, 100 * MICROSECOND);
    write('lost');
    expect(part.read('lost')).toBe(4);
    pass(2 * MILLISECOND);
    strobe(0x41, 1);
    expect(part.read('text')).toBe('A\n');
  });

  it('answers with its busy flag and its memory', () => {
    const { chip, command, write, set, pass } = display();
    for (const byte of [0x38, 0x0c, 0x01]) command(byte);
    write('A');
    command(0x80);
    const ask = (rs: number) => {
      for (const pin of DATA) chip.pin(pin).configure({ mode: PinMode.INPUT });
      set('Y1', rs);
      set('Y2', 1);
      set('Y3', 1);
      const value = DATA.reduce((sum, pin, bit) => sum | (chip.pin(pin).bit << bit), 0);
      set('Y3', 0);
      set('Y2', 0);
      for (const pin of DATA) chip.pin(pin).configure({ mode: PinMode.OUTPUT });
      return value;
    };
    expect(ask(1)).toBe(0x41);
    expect(ask(0)).toBe(0x01);
    command(0x01, 10 * MICROSECOND);
    expect(ask(0) & 0x80).toBe(0x80);
    pass(2 * MILLISECOND);
    expect(ask(0)).toBe(0);
  });

  it('lets its data pins go though RW falls together with E', () => {
    const { chip, set } = display();
    for (const pin of DATA) chip.pin(pin).configure({ mode: PinMode.INPUT });
    set('Y2', 1);
    set('Y3', 1);
    set('Y2', 0);
    set('Y3', 0);
    chip.pin('X1').configure({ mode: PinMode.OUTPUT, latch: 1 });
    expect(chip.pin('X1').terminal.contentions).toBe(0);
    expect(chip.pin('X1').bit).toBe(1);
  });
});

describe('MAX7219', () => {
  function matrix(count = 1) {
    const bench = benchWithParts();
    const { transfer } = setUpSpi(bench.chip);
    return { part: bench.wire(new Max7219(bench.parts, 'leds', count), { clk: 'X6', din: 'X8', cs: 'X5' }), transfer };
  }

  it('shows rows once it is awake', () => {
    const { part, transfer } = matrix();
    transfer([1, 0x81]);
    transfer([11, 7]);
    expect((part.read('picture') as string).includes('#')).toBe(false);
    transfer([12, 1]);
    expect((part.read('picture') as string).split('\n')[0]).toBe('#......#');
    transfer([15, 1]);
    expect(part.read('picture')).toBe(Array(8).fill('########').join('\n'));
  });

  it('passes on what is for the next in the chain', () => {
    const { part, transfer } = matrix(2);
    transfer([12, 1, 12, 1]);
    transfer([11, 7, 11, 7]);
    // The first word ends up in the last driver, which is at the left.
    transfer([1, 0xf0, 0, 0]);
    transfer([2, 0x0f, 2, 0x01]);
    const rows = (part.read('picture') as string).split('\n');
    expect(rows.slice(0, 2)).toEqual(['####............', '....####.......#']);
    expect(part.image.width).toBe(16);
  });

  it('decodes digits', () => {
    const { part, transfer } = matrix();
    for (const word of [
      [12, 1],
      [11, 7],
      [9, 0xff],
      [1, 0x82],
      [2, 1],
      [3, 10],
      [4, 15],
    ])
      transfer(word);
    expect(part.read('text')).toBe('0000 -12.');
  });
});

describe('TM1637', () => {
  function display() {
    const bench = benchWithParts();
    const part = bench.wire(new Tm1637(bench.parts, 'digits'), { clk: 'X1', dio: 'X2' });
    const pass = () => bench.clock.advanceTo(bench.clock.now + 5 * MICROSECOND);
    for (const pin of ['X1', 'X2']) bench.chip.pin(pin).configure({ mode: PinMode.OUTPUT, openDrain: true, latch: 1 });
    const set = (pin: string, bit: number) => {
      bench.chip.pin(pin).set(bit ? 1 : 0);
      pass();
    };
    const transfer = (bytes: readonly number[], answers = 0) => {
      set('X2', 0);
      const acknowledged = bytes.map(byte => {
        for (let bit = 0; bit < 8; bit++) {
          set('X1', 0);
          set('X2', (byte >> bit) & 1);
          set('X1', 1);
        }
        set('X1', 0);
        set('X2', 1);
        set('X1', 1);
        return bench.chip.pin('X2').bit === 0;
      });
      let answer = 0;
      for (let bit = 0; bit < answers * 8; bit++) {
        set('X1', 0);
        set('X1', 1);
        answer |= bench.chip.pin('X2').bit << bit;
      }
      if (answers > 0) {
        set('X1', 0);
        set('X1', 1);
      }
      set('X1', 0);
      set('X2', 0);
      set('X1', 1);
      set('X2', 1);
      return { acknowledged, answer };
    };
    return { part, transfer };
  }

  it('acknowledges and shows digits from an address on', () => {
    const { part, transfer } = display();
    expect(transfer([0x40]).acknowledged).toEqual([true]);
    transfer([0xc1, 0x06, 0xdb]);
    expect(part.read('text')).toBe('    ');
    transfer([0x8a]);
    expect(part.read('text')).toBe(' 12 ');
    expect(part.read('brightness')).toBe(2);
    expect(part.read('segments')).toEqual(Uint8Array.of(0, 0x06, 0xdb, 0));
  });

  it('says which key is pressed', () => {
    const { part, transfer } = display();
    expect(transfer([0x42], 1).answer).toBe(0xff);
    part.set('key', 1);
    expect(transfer([0x42], 1).answer).toBe(0xf7);
    part.set('key', 16);
    expect(transfer([0x42], 1).answer).toBe(0xe8);
  });

  it('can fail to acknowledge', () => {
    const { part, transfer } = display();
    part.inject('no-ack');
    expect(transfer([0x40]).acknowledged).toEqual([false]);
  });
});

describe('a colour display', () => {
  function display(model: TftModel, options = {}) {
    const bench = benchWithParts();
    const { transfer } = setUpSpi(bench.chip);
    const part = bench.wire(new Tft(bench.parts, 'tft', model, options), { sck: 'X6', mosi: 'X8', cs: 'X5', dc: 'X4', res: 'X3' });
    const set = outputs(bench, ['X3', 'X4']);
    set('X3', 1);
    const send = (command: number, ...data: number[]) => {
      set('X4', 0);
      transfer([command]);
      set('X4', 1);
      if (data.length > 0) transfer(data);
    };
    const at = (x: number, y: number) => {
      const { width, rgba } = part.image;
      return [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
    };
    const window = (x0: number, y0: number, x1: number, y1: number) => {
      send(0x2a, x0 >> 8, x0 & 255, x1 >> 8, x1 & 255);
      send(0x2b, y0 >> 8, y0 & 255, y1 >> 8, y1 & 255);
    };
    const wake = (madctl: number, colmod: number) => {
      for (const command of [0x11, 0x29]) send(command);
      send(0x36, madctl);
      send(0x3a, colmod);
    };
    return { part, set, send, at, window, wake };
  }

  it('fills a window with pixels of 16 bits, upright with the usual setting', () => {
    const { part, send, at, window, wake } = display('ILI9341');
    wake(0x48, 0x55);
    window(1, 2, 2, 3);
    send(0x2c, 0xf8, 0, 0x07, 0xe0, 0, 0x1f, 0xff, 0xff);
    expect([at(1, 2), at(2, 2), at(1, 3), at(2, 3), at(3, 2)]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
      [0, 0, 0],
    ]);
    expect(part.image).toMatchObject({ width: 240, height: 320 });
    send(0x28);
    expect(part.read('colors')).toEqual(['#000000']);
  });

  it('turns and mirrors, and swaps colours that are sent in the wrong order', () => {
    const { send, at, window, wake } = display('ILI9341');
    wake(0x28 | 0x40, 0x55); // rows and columns exchanged
    window(10, 0, 10, 0);
    send(0x2c, 0xf8, 0);
    expect(at(0, 10)).toEqual([255, 0, 0]);
    send(0x36, 0x60);
    expect(at(0, 10)).toEqual([0, 0, 255]);
  });

  it('takes pixels of 12 and 18 bits', () => {
    const { send, at, window, wake } = display('ST7735');
    wake(0xc0, 0x03);
    window(0, 0, 1, 0);
    send(0x2c, 0xf0, 0x00, 0xf0);
    expect([at(0, 0), at(1, 0)]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
    ]);
    send(0x3a, 0x06);
    send(0x2c, 0, 0, 0xfc);
    expect(at(0, 0)).toEqual([0, 0, 255]);
  });

  it('scrolls, inverts, and forgets its settings at a reset', () => {
    const { part, set, send, at, window, wake } = display('ST7789');
    wake(0, 0x55);
    send(0x21);
    window(5, 30, 5, 30);
    send(0x2c, 0xff, 0xff);
    send(0x33, 0, 0, 1, 64, 0, 0);
    send(0x37, 0, 10);
    expect(at(5, 20)).toEqual([255, 255, 255]);
    expect(part.read('inverted')).toBe(false);
    send(0x20);
    expect([part.read('inverted'), at(5, 20)]).toEqual([true, [0, 0, 0]]);
    set('X3', 0);
    expect(part.read('on')).toBe(false);
  });

  it('ends a window where its memory ends', () => {
    const { send, at, window, wake } = display('ST7735');
    wake(0xc0, 0x05);
    window(0, 0, 128, 160);
    send(0x2c, ...Array.from({ length: 128 }, () => [0, 0]).flat(), 0xff, 0xff);
    expect(at(0, 1)).toEqual([255, 255, 255]);
  });

  it('may sit somewhere in a larger memory', () => {
    const { send, at, window, wake } = display('ST7735', { width: 128, height: 128, columnOffset: 2, rowOffset: 3 });
    wake(0xc0, 0x05);
    window(2, 3, 2, 3);
    send(0x2c, 0xff, 0xff);
    expect(at(0, 0)).toEqual([255, 255, 255]);
  });
});
