import { describe, expect, it } from 'vitest';
import { PinMode } from '../peripherals/gpio.ts';
import { setUpI2c, setUpSpi } from '../peripherals/test-bench.ts';
import { Eeprom24C } from './eeprom-24c.ts';
import { Mma7660Register as M, Mma7660 } from './mma7660.ts';
import { Ssd1306I2c, Ssd1306Spi } from './ssd1306.ts';
import { benchWithParts } from './test-bench.ts';
import { W25q } from './w25q.ts';

const MILLISECOND = 1_000_000;

function onI2c() {
  const bench = benchWithParts();
  return { ...bench, ...setUpI2c(bench.chip) };
}

function onSpi() {
  const bench = benchWithParts();
  return { ...bench, ...setUpSpi(bench.chip) };
}

const ON_I2C = { scl: 'X9', sda: 'X10' };
const ON_SPI = { sck: 'X6', mosi: 'X8', cs: 'X5' };

describe('MMA7660', () => {
  function accelerometer() {
    const bench = onI2c();
    const { chip, clock, parts, wire, write, read } = bench;
    chip.pin('MMA_AVDD').configure({ mode: PinMode.OUTPUT, latch: 1 });
    const part = wire(new Mma7660(parts, 'accel'), { ...ON_I2C, avdd: 'MMA_AVDD', int: 'MMA_INT' });
    const registers = (first: number, count: number) => {
      write(0x4c, [first], false);
      return read(0x4c, count);
    };
    const activate = () => {
      write(0x4c, [M.MODE, 1]);
      clock.advanceTo(clock.now + 30 * MILLISECOND);
    };
    return { ...bench, part, registers, activate };
  }

  it('measures in counts of 1/21.3 g once it is active', () => {
    const { part, registers, activate } = accelerometer();
    part.set('x', -0.5);
    part.set('y', 1.6);
    expect(registers(M.XOUT, 3)).toEqual([0, 0, 0]);
    activate();
    expect(registers(M.XOUT, 3)).toEqual([-11 & 0x3f, 31, 21]);
    expect(part.read('active')).toBe(true);
  });

  it('measures at its rate only', () => {
    const { part, registers, activate, write, clock } = accelerometer();
    write(0x4c, [M.SR, 7]); // once a second
    activate();
    clock.advanceTo(clock.now + 1200 * MILLISECOND);
    expect(registers(M.ZOUT, 1)).toEqual([21]);
    part.set('z', 0);
    expect(registers(M.ZOUT, 1)).toEqual([21]);
    clock.advanceTo(clock.now + 1000 * MILLISECOND);
    expect(registers(M.ZOUT, 1)).toEqual([0]);
  });

  it('takes settings in standby only', () => {
    const { registers, activate, write } = accelerometer();
    activate();
    write(0x4c, [M.SR, 3]);
    expect(registers(M.SR, 1)).toEqual([0]);
    write(0x4c, [M.MODE, 0]);
    write(0x4c, [M.SR, 3]);
    expect(registers(M.SR, 1)).toEqual([3]);
  });

  it('is gone without its supply, and comes back reset', () => {
    const { chip, registers, activate, write } = accelerometer();
    activate();
    chip.pin('MMA_AVDD').set(0);
    expect(write(0x4c, [M.MODE])).toBe(-1);
    chip.pin('MMA_AVDD').set(1);
    expect(registers(M.MODE, 1)).toEqual([0]);
  });

  it('says which way is up, and pulls its interrupt pin when that changes', () => {
    const { chip, part, registers, activate, write, clock } = accelerometer();
    write(0x4c, [M.INTSU, 7]);
    activate();
    expect(registers(M.TILT, 1)[0] & 0x1f).toBe(1);
    part.set('z', -1);
    expect(chip.pin('MMA_INT').bit).toBe(0);
    clock.advanceTo(clock.now + 20 * MILLISECOND);
    expect(registers(M.TILT, 1)[0] & 3).toBe(2);
    part.set('tapped', true);
    clock.advanceTo(clock.now + 20 * MILLISECOND);
    expect(registers(M.TILT, 1)[0] & 0x20).toBe(0x20);
    clock.advanceTo(clock.now + 20 * MILLISECOND);
    expect(registers(M.TILT, 1)[0] & 0x20).toBe(0);
  });

  it('misbehaves on request', () => {
    const { part, registers, activate, write } = accelerometer();
    activate();
    part.inject('no-ack');
    expect(write(0x4c, [0])).toBe(-1);
    part.clear();
    part.inject('drift', 0.25);
    expect(registers(M.ZOUT, 1)[0]).toBe(27);
    part.inject('removed');
    expect(write(0x4c, [0])).toBe(-1);
    part.clear();
    expect(write(0x4c, [0])).toBe(1);
    part.inject('wrong-answers');
    expect(registers(M.MODE, 1)[0]).not.toBe(1);
  });
});

describe('24C EEPROM', () => {
  it('keeps what is written, and is busy while it writes', () => {
    const { clock, parts, wire, write, read } = onI2c();
    const eeprom = wire(new Eeprom24C(parts, 'eeprom', '24C32'), ON_I2C);
    expect(write(0x50, [0x01, 0x00, 1, 2, 3])).toBe(5);
    expect(write(0x50, [0])).toBe(-1);
    expect(eeprom.read('busy')).toBe(true);
    clock.advanceTo(clock.now + 5 * MILLISECOND);
    write(0x50, [0x01, 0x00], false);
    expect(read(0x50, 4)).toEqual([1, 2, 3, 0xff]);
    expect([...eeprom.bytes.slice(0x100, 0x103)]).toEqual([1, 2, 3]);
  });

  it('rolls over within a page when written, and at its end when read', () => {
    const { clock, parts, wire, write, read } = onI2c();
    const eeprom = wire(new Eeprom24C(parts, 'eeprom', '24C02'), ON_I2C);
    write(0x50, [6, 10, 11, 12, 13]);
    expect([...eeprom.bytes.slice(0, 8)]).toEqual([12, 13, 255, 255, 255, 255, 10, 11]);
    clock.advanceTo(clock.now + 5 * MILLISECOND);
    write(0x50, [0xff], false);
    expect(read(0x50, 2)).toEqual([255, 12]);
  });

  it('has its upper address bits in the bus address, if it is small', () => {
    const { parts, wire, write } = onI2c();
    const eeprom = wire(new Eeprom24C(parts, 'eeprom', '24C16'), ON_I2C);
    write(0x57, [0x10, 99]);
    expect(eeprom.bytes[0x710]).toBe(99);
  });

  it('refuses data while it is write-protected', () => {
    const { parts, wire, write } = onI2c();
    const eeprom = wire(new Eeprom24C(parts, 'eeprom', '24C02'), ON_I2C);
    eeprom.set('write-protect', true);
    expect(write(0x50, [0, 1])).toBe(1);
    expect(eeprom.bytes[0]).toBe(0xff);
  });
});

describe('SSD1306', () => {
  it('shows what is written over I2C', () => {
    const { parts, wire, write } = onI2c();
    const display = wire(new Ssd1306I2c(parts, 'oled', 128, 32), ON_I2C);
    for (const command of [0xa8, 31, 0xa1, 0xc8, 0x20, 0, 0x21, 0, 127, 0x22, 0, 3, 0xaf]) write(0x3c, [0x80, command]);
    write(0x3c, [0x40, 0x03, 0x81]);
    const { controller } = display;
    expect(controller.picture().split('\n')[0].slice(0, 4)).toBe('##..');
    expect([controller.pixel(0, 1), controller.pixel(1, 7), controller.pixel(1, 8)]).toEqual([true, true, false]);
    write(0x3c, [0x80, 0xa7]);
    expect(controller.pixel(0, 0)).toBe(false);
    expect(controller.pixel(5, 5)).toBe(true);
    write(0x3c, [0x80, 0xae]);
    expect((display.read('pixels') as Uint8Array).some(pixel => pixel === 1)).toBe(false);
  });

  it('wraps from page to page and back to the start of its window', () => {
    const { parts, wire, write } = onI2c();
    const { controller } = wire(new Ssd1306I2c(parts, 'oled'), ON_I2C);
    for (const command of [0xa1, 0xc8, 0x20, 0, 0x21, 2, 3, 0x22, 1, 2, 0xaf]) write(0x3c, [0x80, command]);
    write(0x3c, [0x40, 1, 1, 1, 1, 0]);
    expect([controller.pixel(2, 8), controller.pixel(3, 8), controller.pixel(2, 16), controller.pixel(3, 16)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('shows what is written over SPI, told commands from data by a pin', () => {
    const { chip, parts, wire, transfer } = onSpi();
    const display = wire(new Ssd1306Spi(parts, 'oled'), { ...ON_SPI, dc: 'X4', res: 'X3' });
    for (const name of ['X3', 'X4']) chip.pin(name).configure({ mode: PinMode.OUTPUT });
    chip.pin('X3').set(1);
    transfer([0xa1, 0xc8, 0x81, 0x20, 0xaf]);
    chip.pin('X4').set(1);
    transfer([0xff]);
    expect(display.controller.pixel(0, 7)).toBe(true);
    expect(display.read('contrast')).toBe(0x20);
    display.inject('silent');
    transfer([0xff]);
    display.clear('silent');
    expect(display.controller.pixel(1, 7)).toBe(false);
    chip.pin('X3').set(0);
    expect(display.read('on')).toBe(false);
  });
});

describe('W25Q flash', () => {
  function flash() {
    const bench = onSpi();
    const { parts, wire, transfer, clock } = bench;
    const part = wire(new W25q(parts, 'flash', 'W25Q32'), { ...ON_SPI, miso: 'X7' });
    const ready = () => {
      while (transfer([0x05, 0])[1] & 1) clock.advanceTo(clock.now + MILLISECOND);
    };
    return { ...bench, part, ready };
  }

  it('says what it is', () => {
    const { transfer } = flash();
    expect(transfer([0x9f, 0, 0, 0]).slice(1)).toEqual([0xef, 0x40, 0x16]);
  });

  it('programs after it was enabled, clears bits only, and wraps in a page', () => {
    const { part, transfer, ready } = flash();
    transfer([0x02, 0, 0, 0, 0x55]);
    expect(part.contentAt(0, 1)[0]).toBe(0xff);
    transfer([0x06]);
    transfer([0x02, 0, 0, 0xff, 0x0f, 0xf0]);
    expect(part.read('busy')).toBe(true);
    expect(transfer([0x03, 0, 0, 0xff, 0])[4]).toBe(0xff);
    ready();
    expect(transfer([0x03, 0, 0, 0xff, 0])[4]).toBe(0x0f);
    expect(part.contentAt(0, 1)[0]).toBe(0xf0);
    transfer([0x06]);
    transfer([0x02, 0, 0, 0xff, 0xf0]);
    ready();
    expect(part.contentAt(0xff, 1)[0]).toBe(0);
  });

  it('erases a sector, in its time', () => {
    const { clock, part, transfer, ready } = flash();
    transfer([0x06]);
    transfer([0x02, 0, 0x10, 0, 1, 2, 3]);
    ready();
    transfer([0x06]);
    const start = clock.now;
    transfer([0x20, 0, 0x10, 0]);
    ready();
    expect(clock.now - start).toBeGreaterThanOrEqual(45 * MILLISECOND);
    expect([...part.contentAt(0x1000, 3)]).toEqual([255, 255, 255]);
    expect(transfer([0x0b, 0, 0x10, 0, 0, 0])[5]).toBe(0xff);
  });

  it('follows a program that takes the pins over from the SPI block', () => {
    const { chip, transfer } = flash();
    expect(transfer([0x9f, 0]).at(-1)).toBe(0xef);
    for (const name of ['X5', 'X6', 'X8']) chip.pin(name).configure({ mode: PinMode.OUTPUT });
    chip.pin('X7').configure({ mode: PinMode.INPUT });
    chip.pin('X5').set(1);
    chip.pin('X6').set(0);
    chip.pin('X5').set(0);
    let answer = 0;
    for (let bit = 0; bit < 16; bit++) {
      chip.pin('X8').set(((0x9f00 >> (15 - bit)) & 1) as 0 | 1);
      chip.pin('X6').set(1);
      answer = (answer << 1) | chip.pin('X7').bit;
      chip.pin('X6').set(0);
    }
    expect(answer & 0xff).toBe(0xef);
  });

  it('can fail to program', () => {
    const { part, transfer, ready } = flash();
    part.inject('write-fails');
    transfer([0x06]);
    transfer([0x02, 0, 0, 0, 0x55]);
    ready();
    expect(part.contentAt(0, 1)[0]).toBe(0xff);
  });

  it('keeps the first part of what it was writing or erasing when its supply goes', () => {
    const { part, transfer, clock, ready } = flash();
    const write = (command: number[]) => {
      transfer([0x06]);
      transfer(command);
    };
    write([0x02, 0, 0x10, 0, ...Array<number>(100).fill(0x55)]);
    ready();
    write([0x02, 0, 0x10, 0, ...Array<number>(100).fill(0x11)]);
    clock.advanceTo(clock.now + 0.2 * 700_000);
    part.inject('unpowered');
    expect(transfer([0x03, 0, 0x10, 0, 0]).at(-1)).toBe(0xff);
    part.clear();
    const page = [...part.contentAt(0x1000, 100)];
    const changed = page.lastIndexOf(0x11) + 1;
    expect(changed).toBeGreaterThan(40);
    expect(page).toEqual([...Array(changed).fill(0x11), ...Array(100 - changed).fill(0x55)]);

    write([0x20, 0, 0x10, 0]);
    clock.advanceTo(clock.now + 22 * MILLISECOND);
    part.inject('unpowered');
    part.clear();
    expect([...part.contentAt(0x1000, 100)]).toEqual(Array(100).fill(0xff));
    write([0x02, 0, 0x1f, 0xf0, 7]);
    ready();
    write([0x20, 0, 0x10, 0]);
    clock.advanceTo(clock.now + 22 * MILLISECOND);
    part.inject('unpowered');
    expect(part.contentAt(0x1ff0, 1)[0]).toBe(7);
  });
});
