import { describe, expect, it } from 'vitest';
import { PinMode } from '../peripherals/gpio.ts';
import { setUpI2c } from '../peripherals/test-bench.ts';
import { Bme280 } from './bme280.ts';
import { Ds1307 } from './ds1307.ts';
import { Ds3231 } from './ds3231.ts';
import { HcSr04 } from './hc-sr04.ts';
import { Hx711 } from './hx711.ts';
import { Mpu6050 } from './mpu6050.ts';
import { benchWithParts } from './test-bench.ts';

const MICROSECOND = 1000;
const MILLISECOND = 1_000_000;
const SECOND = 1_000_000_000;
const WIRES = { scl: 'X9', sda: 'X10' };

function onI2c(address: number) {
  const bench = benchWithParts();
  const { write, read } = setUpI2c(bench.chip);
  const set = (register: number, ...values: number[]) => write(address, [register, ...values]);
  const get = (register: number, count = 1) => {
    write(address, [register], false);
    return read(address, count);
  };
  const pass = (time: number) => bench.clock.advanceTo(bench.clock.now + time);
  return { ...bench, set, get, pass };
}

describe('BME280', () => {
  function sensor(model: 'BME280' | 'BMP280' = 'BME280') {
    const bench = onI2c(0x76);
    return { ...bench, part: bench.wire(new Bme280(bench.parts, 'air', model), WIRES) };
  }
  const word = (bytes: number[]) => (bytes[0] << 12) | (bytes[1] << 4) | (bytes[2] >> 4);

  it('gives nothing before it has measured', () => {
    const { get } = sensor();
    expect(get(0xd0)).toEqual([0x60]);
    expect(get(0xf7, 8)).toEqual([0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  });

  it('measures once in forced mode, in the time of its data sheet, and sleeps', () => {
    const { set, get, pass } = sensor();
    set(0xf2, 1);
    set(0xf4, 0x25);
    expect(get(0xf3)).toEqual([8]);
    pass(9 * MILLISECOND);
    expect(get(0xf3)).toEqual([0]);
    expect(get(0xf4)[0] & 3).toBe(0);
    expect(word(get(0xfa, 3))).not.toBe(0x8_0000);
  });

  it('has converter values that its calibration turns into what it was set to', () => {
    const { set, get, pass, part } = sensor();
    part.set('temperature', 25.08);
    set(0xf4, 0x21);
    pass(5 * MILLISECOND);
    // The worked example of the BMP280 data sheet, section 3.12: 519888 is 25.08 °C.
    expect(Math.abs(word(get(0xfa, 3)) - 519_888)).toBeLessThan(20);
    expect(word(get(0xf7, 3))).toBe(0x8_0000);
  });

  it('goes on measuring in normal mode, and smooths when it is told to', () => {
    const { set, get, pass, part } = sensor();
    set(0xf5, 0x04 | (1 << 5)); // filter 2, 62.5 ms
    set(0xf4, 0x27);
    pass(10 * MILLISECOND);
    const before = word(get(0xfa, 3));
    part.set('temperature', 35);
    pass(70 * MILLISECOND);
    const between = word(get(0xfa, 3));
    pass(2 * SECOND);
    const after = word(get(0xfa, 3));
    expect(between).toBeGreaterThan(before);
    expect(between).toBeLessThan(after);
  });

  it('is a BMP280 when it says so, and starts anew on request', () => {
    const { set, get, pass } = sensor('BMP280');
    expect(get(0xd0)).toEqual([0x58]);
    set(0xf4, 0x27);
    pass(20 * MILLISECOND);
    set(0xe0, 0xb6);
    expect(get(0xf4)).toEqual([0]);
    expect(get(0xf7, 3)).toEqual([0x80, 0, 0]);
  });
});

describe('MPU-6050', () => {
  function sensor() {
    const bench = onI2c(0x68);
    return { ...bench, part: bench.wire(new Mpu6050(bench.parts, 'imu'), { ...WIRES, int: 'X1' }) };
  }
  const axis = ([upper, lower]: number[]) => ((upper << 24) >> 16) | lower;

  it('sleeps until it is woken', () => {
    const { set, get, pass, part } = sensor();
    expect([...get(0x75), ...get(0x6b)]).toEqual([0x68, 0x40]);
    pass(SECOND);
    expect(get(0x3f, 2)).toEqual([0, 0]);
    set(0x6b, 0);
    pass(50 * MILLISECOND);
    expect(axis(get(0x3f, 2))).toBe(16384);
    expect(part.read('awake')).toBe(true);
  });

  it('measures at its full scale, and stops at its end', () => {
    const { set, get, pass, part } = sensor();
    part.set('x', -3);
    part.set('turn-z', 250);
    part.set('temperature', 36.53);
    set(0x6b, 0);
    pass(50 * MILLISECOND);
    expect(axis(get(0x3b, 2))).toBe(-32768);
    expect(axis(get(0x41, 2))).toBe(0);
    set(0x1b, 0x08, 0x08);
    pass(50 * MILLISECOND);
    expect(axis(get(0x3b, 2))).toBe(-24576);
    expect(axis(get(0x47, 2))).toBe(16375);
  });

  it('says on its pin that there is something new, until that is read', () => {
    const { chip, set, get, pass } = sensor();
    set(0x1a, 3);
    set(0x19, 99); // ten a second
    set(0x37, 0x20);
    set(0x38, 1);
    set(0x6b, 0);
    pass(50 * MILLISECOND);
    expect(chip.pin('X1').bit).toBe(1);
    expect(get(0x3a)).toEqual([1]);
    expect(chip.pin('X1').bit).toBe(0);
    expect(get(0x3a)).toEqual([0]);
    pass(100 * MILLISECOND);
    expect(chip.pin('X1').bit).toBe(1);
  });
});

describe('DS3231', () => {
  function clock() {
    const bench = onI2c(0x68);
    bench.chip.pin('X1').terminal.setPull(10_000, 3.3);
    return { ...bench, part: bench.wire(new Ds3231(bench.parts, 'rtc'), { ...WIRES, sqw: 'X1' }) };
  }

  it('counts on, over the end of a leap year February', () => {
    const { part, get, pass } = clock();
    part.set('time', '2028-02-28 23:59:58');
    pass(3 * SECOND);
    expect(get(0, 7)).toEqual([0x01, 0, 0, 2, 0x29, 0x02, 0x28]);
  });

  it('takes the time over the bus, in twelve hours, too', () => {
    const { part, set, get, pass } = clock();
    set(0, 0x59, 0x59, 0x60 | 0x11, 7, 0x31, 0x12, 0x26);
    pass(1.1 * SECOND);
    expect(get(0, 7)).toEqual([0, 0, 0x40 | 0x12, 1, 0x01, 0x01, 0x27]);
    expect(part.control('time').get()).toBe('2027-01-01 00:00:00');
  });

  it('says that it had stopped until it is told that this is known', () => {
    const { set, get, part } = clock();
    expect(get(0x0f)[0] & 0x80).toBe(0x80);
    set(0x0f, 0);
    expect(get(0x0f)[0] & 0x80).toBe(0);
    part.inject('battery-empty');
    expect(get(0x0f)[0] & 0x80).toBe(0x80);
  });

  it('wakes somebody at an alarm, with its pin', () => {
    const { chip, part, set, get, pass } = clock();
    part.set('time', '2026-03-01 07:05:55');
    set(0x07, 0x00, 0x06, 0x80, 0x80); // at minute 6, second 0
    set(0x0e, 0x05);
    pass(4.5 * SECOND);
    expect(chip.pin('X1').bit).toBe(1);
    pass(SECOND);
    expect(chip.pin('X1').bit).toBe(0);
    expect(get(0x0f)[0] & 3).toBe(1);
    set(0x0f, 0);
    expect(chip.pin('X1').bit).toBe(1);
  });

  it('measures its temperature in quarters of a degree', () => {
    const { part, set, get, pass } = clock();
    part.set('temperature', -3.25);
    set(0x0e, 0x3c);
    pass(200 * MILLISECOND);
    expect(get(0x11, 2)).toEqual([0xfc, 0xc0]);
  });

  it('gives a square wave whose fall is the second, and drifts on request', () => {
    const { chip, part, set, pass, clock: time } = clock();
    set(0x0e, 0x00);
    const falls: number[] = [];
    chip.pin('X1').terminal.observe((bit, at) => bit === 0 && falls.push(at));
    pass(3.5 * SECOND);
    expect(falls).toHaveLength(3);
    expect(falls[1] - falls[0]).toBe(SECOND);
    part.set('time', '2026-01-01 00:00:00');
    part.inject('drift', 100_000);
    const start = time.now;
    pass(10 * SECOND);
    expect(time.now - start).toBe(10 * SECOND);
    expect(part.control('time').get()).toBe('2026-01-01 00:00:11');
  });

  it('refuses what is no time', () => {
    const { part } = clock();
    expect(() => part.set('time', 'noon')).toThrow('no time from 2000 to 2099');
    expect(() => part.set('time', '2026-02-30 00:00:00')).toThrow('no time that there is');
  });
});

describe('DS1307', () => {
  it('stands still until its oscillator is started, and keeps 56 bytes', () => {
    const bench = onI2c(0x68);
    const { set, get, pass } = bench;
    const part = bench.wire(new Ds1307(bench.parts, 'rtc'), WIRES);
    pass(5 * SECOND);
    expect(get(0)).toEqual([0x80]);
    set(0, 0x58, 0x59, 0x23, 6, 0x28, 0x02, 0x26);
    pass(3 * SECOND);
    expect(get(0, 7)).toEqual([0x01, 0, 0, 7, 0x01, 0x03, 0x26]);
    set(0x3f, 7, 0x11);
    expect(get(0x3f, 2)).toEqual([7, 0x11]);
    part.inject('battery-empty');
    expect(get(0x3f)).toEqual([0]);
    expect(part.read('running')).toBe(false);
  });
});

describe('HC-SR04', () => {
  function measure(set: (part: HcSr04) => void, trigger = 10 * MICROSECOND): number {
    const { chip, clock, parts, wire } = benchWithParts();
    const part = wire(new HcSr04(parts, 'sonar'), { trig: 'X1', echo: 'X2' });
    set(part);
    chip.pin('X1').configure({ mode: PinMode.OUTPUT });
    let rose = 0;
    let width = -1;
    chip.pin('X2').terminal.observe((bit, time) => {
      if (bit === 1) rose = time;
      else width = time - rose;
    });
    chip.pin('X1').set(1);
    clock.advanceTo(clock.now + trigger);
    chip.pin('X1').set(0);
    clock.advanceTo(clock.now + 100 * MILLISECOND);
    return width;
  }

  it('answers with a pulse as long as the way there and back', () => {
    // 1 m at 20 °C: 2 m at 343.2 m/s.
    expect(measure(part => part.set('distance', 100)) / 1e6).toBeCloseTo(5.827, 2);
    expect(measure(part => part.set('temperature', 0)) / 1e6).toBeCloseTo(6.037, 2);
  });

  it('gives up after 38 ms, and hears no trigger that is too short', () => {
    expect(measure(part => part.set('distance', 500))).toBe(38 * MILLISECOND);
    expect(measure(part => part.inject('no-echo'))).toBe(38 * MILLISECOND);
    expect(measure(() => {}, 5 * MICROSECOND)).toBe(-1);
  });
});

describe('HX711', () => {
  function scale() {
    const { chip, clock, parts, wire } = benchWithParts();
    const part = wire(new Hx711(parts, 'cell', 5, 2), { sck: 'X1', dout: 'X2' });
    chip.pin('X1').configure({ mode: PinMode.OUTPUT });
    const pulse = (high = MICROSECOND) => {
      chip.pin('X1').set(1);
      clock.advanceTo(clock.now + high);
      chip.pin('X1').set(0);
      clock.advanceTo(clock.now + MICROSECOND);
      return chip.pin('X2').bit;
    };
    /** @param more pulses after the 24 bits */
    const read = (more: number) => {
      while (chip.pin('X2').bit === 1) clock.advanceTo(clock.now + MILLISECOND);
      let value = 0;
      for (let bit = 0; bit < 24; bit++) value = (value << 1) | pulse();
      for (let i = 0; i < more; i++) pulse();
      return (value << 8) >> 8;
    };
    return { chip, clock, part, pulse, read };
  }

  it('converts its load ten times a second', () => {
    const { clock, part, read } = scale();
    part.set('load', 2.5);
    const start = clock.now;
    // 2 mV/V at half its load, over a full scale of half the supply by a gain of 128.
    expect(read(1)).toBe(Math.round(0.001 * 128 * 2 * 2 ** 23));
    expect(clock.now - start).toBeGreaterThanOrEqual(400 * MILLISECOND);
    const first = clock.now;
    part.set('load', -1);
    expect(read(1)).toBeLessThan(0);
    expect(clock.now - first).toBeGreaterThan(90 * MILLISECOND);
  });

  it('keeps its rate, whenever it is read', () => {
    const { chip, clock, read } = scale();
    read(1);
    const falls: number[] = [];
    for (let i = 0; i < 3; i++) {
      while (chip.pin('X2').bit === 1) clock.advanceTo(clock.now + MILLISECOND);
      falls.push(Math.round(clock.now / MILLISECOND));
      clock.advanceTo(clock.now + 60 * MILLISECOND);
      read(1);
    }
    expect(falls.map(time => time - falls[0]).map(time => Math.round(time / 5) * 5)).toEqual([0, 100, 200]);
  });

  it('takes gain and input from the pulses after the last bit', () => {
    const { part, read } = scale();
    part.set('load', 5);
    const full = read(3);
    expect(part.read('gain')).toBe(128);
    expect(read(2)).toBe(Math.round(full / 2));
    expect(read(1)).toBe(0);
    expect(read(1)).toBe(full);
  });

  it('powers down when its clock stays high, and starts anew', () => {
    const { chip, clock, part, pulse, read } = scale();
    read(3);
    pulse(70 * MICROSECOND);
    clock.advanceTo(clock.now + SECOND);
    expect(read(1)).toBe(0);
    expect(part.read('gain')).toBe(128);
    chip.pin('X1').set(1);
    clock.advanceTo(clock.now + MILLISECOND);
    expect(part.read('asleep')).toBe(true);
  });
});
