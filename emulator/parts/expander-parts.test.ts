import { describe, expect, it } from 'vitest';
import { PinMode } from '../peripherals/gpio.ts';
import { setUpI2c, setUpSpi } from '../peripherals/test-bench.ts';
import { Mcp23017 } from './mcp23017.ts';
import { Pcf8574 } from './pcf8574.ts';
import { SdCardSpi } from './sd-card-spi.ts';
import { ShiftRegister595 } from './shift-register-595.ts';
import { benchWithParts } from './test-bench.ts';

const MILLISECOND = 1_000_000;
const WIRES = { scl: 'X9', sda: 'X10' };

function onI2c() {
  const bench = benchWithParts();
  return { ...bench, ...setUpI2c(bench.chip) };
}

describe('PCF8574', () => {
  it('drives low strongly and high weakly, so that a high pin is an input', () => {
    const { chip, parts, wire, write, read } = onI2c();
    const part = wire(new Pcf8574(parts, 'port'), { ...WIRES, p0: 'X1', int: 'X2' });
    write(0x20, [0xf1]);
    expect(part.read('port')).toBe(0xf1);
    chip.pin('X1').configure({ mode: PinMode.OUTPUT, latch: 0 });
    expect(chip.pin('X2').bit).toBe(0);
    expect(read(0x20, 1)).toEqual([0xf0]);
    expect(part.pin('int').bit).toBe(0);
    expect(part.read('latch')).toBe(0xf1);
    expect(chip.pin('X1').terminal.contentions).toBe(0);
  });
});

describe('MCP23017', () => {
  function expander() {
    const bench = onI2c();
    const part = bench.wire(new Mcp23017(bench.parts, 'port'), { ...WIRES, a0: 'X1', b7: 'X2', inta: 'X3', reset: 'X4' });
    bench.chip.pin('X4').configure({ mode: PinMode.OUTPUT, latch: 1 });
    const set = (register: number, ...values: number[]) => bench.write(0x20, [register, ...values]);
    const get = (register: number, count = 1) => {
      bench.write(0x20, [register], false);
      return bench.read(0x20, count);
    };
    return { ...bench, part, set, get };
  }

  it('has two ports in turn, until its banks are separated', () => {
    const { set, get } = expander();
    set(0x00, 0xf0, 0x0f);
    expect(get(0x00, 2)).toEqual([0xf0, 0x0f]);
    set(0x0a, 0x80);
    expect([...get(0x00), ...get(0x10)]).toEqual([0xf0, 0x0f]);
  });

  it('drives its outputs, reads and inverts its inputs, and pulls them up', () => {
    const { chip, set, get } = expander();
    set(0x01, 0x7f);
    set(0x15, 0x80);
    expect(chip.pin('X2').bit).toBe(1);
    set(0x0c, 0x01);
    expect(get(0x12)[0] & 1).toBe(1);
    set(0x02, 0x01);
    expect(get(0x12)[0] & 1).toBe(0);
    chip.pin('X1').configure({ mode: PinMode.OUTPUT, latch: 0 });
    expect(get(0x12)[0] & 1).toBe(1);
  });

  it('interrupts at a change, keeps what it was, and is told by reading', () => {
    const { chip, set, get } = expander();
    chip.pin('X1').configure({ mode: PinMode.OUTPUT, latch: 0 });
    set(0x04, 0x01);
    expect(chip.pin('X3').bit).toBe(1);
    chip.pin('X1').set(1);
    expect(chip.pin('X3').bit).toBe(0);
    chip.pin('X1').set(0);
    expect(get(0x0e)).toEqual([0x01]);
    expect(get(0x10)[0] & 1).toBe(1);
    expect(chip.pin('X3').bit).toBe(1);
  });

  it('starts anew when its reset is low', () => {
    const { chip, set, get } = expander();
    set(0x00, 0);
    chip.pin('X4').set(0);
    chip.pin('X4').set(1);
    expect(get(0x00)).toEqual([0xff]);
  });
});

describe('74HC595', () => {
  it('shifts, latches, chains, and lets its outputs go', () => {
    const bench = benchWithParts();
    const { chip, clock, parts, wire } = bench;
    const one = wire(new ShiftRegister595(parts, 'one'), { ser: 'X1', srclk: 'X2', rclk: 'X3', oe: 'X4', srclr: 'X5', qa: 'X6' });
    const two = wire(new ShiftRegister595(parts, 'two'), { srclk: 'X2', rclk: 'X3' });
    chip.netlist.connect(one.pin("qh'"), two.pin('ser'));
    for (const pin of ['X1', 'X2', 'X3', 'X4', 'X5']) chip.pin(pin).configure({ mode: PinMode.OUTPUT, latch: pin === 'X5' ? 1 : 0 });
    const pulse = (pin: string) => {
      chip.pin(pin).set(1);
      clock.advanceTo(clock.now + 100);
      chip.pin(pin).set(0);
      clock.advanceTo(clock.now + 100);
    };
    for (let bit = 15; bit >= 0; bit--) {
      chip.pin('X1').set(((0xa501 >> bit) & 1) as 0 | 1);
      pulse('X2');
    }
    expect([one.read('outputs'), two.read('outputs')]).toEqual([0, 0]);
    pulse('X3');
    expect([one.read('outputs'), two.read('outputs')]).toEqual([0x01, 0xa5]);
    expect(chip.pin('X6').bit).toBe(1);
    chip.pin('X4').set(1);
    expect(one.read('enabled')).toBe(false);
    chip.pin('X5').set(0);
    pulse('X3');
    expect(one.read('outputs')).toBe(0);
  });
});

describe('SD card on SPI', () => {
  function card(megabytes: number) {
    const bench = benchWithParts();
    const { exchange } = setUpSpi(bench.chip);
    const part = bench.wire(new SdCardSpi(bench.parts, 'card', megabytes), { sck: 'X6', mosi: 'X8', miso: 'X7', cs: 'X5' });
    const select = (selected: boolean) => bench.chip.pin('X5').set(selected ? 0 : 1);
    const pass = (time: number) => bench.clock.advanceTo(bench.clock.now + time);
    const skip = (while_: (byte: number) => boolean, limit = 5000) => {
      for (let i = 0; i < limit; i++) {
        const byte = exchange(0xff);
        if (!while_(byte)) return byte;
      }
      throw new Error('it does not answer');
    };
    const command = (index: number, argument = 0, more = 0, crc = { 0: 0x95, 8: 0x87 }[index] ?? 0xff) => {
      select(true);
      for (const byte of [0x40 | index, argument >>> 24, (argument >>> 16) & 255, (argument >>> 8) & 255, argument & 255, crc])
        exchange(byte);
      const r1 = skip(byte => (byte & 0x80) !== 0, 10);
      return [r1, ...Array.from({ length: more }, () => exchange(0xff))];
    };
    const block = (length = 512) => {
      expect(skip(byte => byte === 0xff)).toBe(0xfe);
      const bytes = Array.from({ length }, () => exchange(0xff));
      exchange(0xff);
      exchange(0xff);
      return bytes;
    };
    const start = () => {
      command(0);
      command(8, 0x1aa, 4);
      for (let i = 0; i < 20; i++) {
        command(55);
        if (command(41, 0x4000_0000)[0] === 0) return;
        pass(10 * MILLISECOND);
      }
      throw new Error('it does not start');
    };
    return { ...bench, part, exchange, select, pass, skip, command, block, start };
  }

  it('starts as the specification tells, and says what it is', () => {
    const { command, start, block, part } = card(4096);
    // Before CMD0 it is not in SPI mode.
    expect(() => command(17)).toThrow('it does not answer');
    expect(command(0)).toEqual([1]);
    expect(command(8, 0x1aa, 4)).toEqual([1, 0, 0, 1, 0xaa]);
    expect(command(17)[0] & 4).toBe(4);
    start();
    expect(part.read('initialised')).toBe(true);
    expect(command(58, 0, 4)[1] & 0xc0).toBe(0xc0);
    command(9);
    const csd = block(16);
    expect(csd[0] >> 6).toBe(1);
    expect((((csd[7] & 0x3f) << 16) | (csd[8] << 8) | csd[9]) + 1).toBe(4096 * 2);
  });

  it('is addressed by bytes when it is small', () => {
    const { command, start, block, part } = card(64);
    part.set(
      'content',
      Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 1 : 2)),
    );
    start();
    expect(command(58, 0, 4)[1] & 0x40).toBe(0);
    command(17, 512);
    expect(block()[0]).toBe(2);
    expect(command(17, 100)[0]).toBe(0x20);
    expect(command(17, 64 * 1024 * 1024)[0]).toBe(0x40);
  });

  it('writes blocks in its time, one or many, and reads them', () => {
    const { clock, command, start, block, exchange, skip, part } = card(4096);
    start();
    command(24, 7);
    exchange(0xfe);
    for (let i = 0; i < 512; i++) exchange(i & 255);
    exchange(0);
    exchange(0);
    const before = clock.now;
    expect(exchange(0xff) & 0x1f).toBe(5);
    skip(byte => byte === 0);
    expect(clock.now - before).toBeGreaterThan(1.5 * MILLISECOND);
    command(25, 8);
    for (const value of [3, 4]) {
      exchange(0xfc);
      for (let i = 0; i < 514; i++) exchange(value);
      expect(exchange(0xff) & 0x1f).toBe(5);
      skip(byte => byte === 0);
    }
    exchange(0xfd);
    exchange(0xff);
    skip(byte => byte === 0);
    expect(part.read('writes')).toBe(3);
    command(18, 7);
    expect([block()[5], block()[0], block()[0]]).toEqual([5, 3, 4]);
    expect(command(12)[0]).toBe(0);
    expect(exchange(0xff)).toBe(0xff);
  });

  it('can refuse what is written, and answer nothing', () => {
    const { command, start, exchange, part } = card(4096);
    start();
    part.inject('write-fails');
    command(24, 1);
    exchange(0xfe);
    for (let i = 0; i < 514; i++) exchange(1);
    expect(exchange(0xff) & 0x1f).toBe(0x0d);
    part.clear();
    part.inject('silent');
    expect(() => command(13)).toThrow('it does not answer');
  });

  it('checks checksums where it must, and everywhere when it is told to', () => {
    const { command, start } = card(4096);
    expect(() => command(0, 0, 0, 0)).toThrow();
    start();
    expect(command(59, 1)).toEqual([0]);
    expect(command(13)[0] & 8).toBe(8);
  });
});
