import { describe, expect, it } from 'vitest';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import { Level } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';
import { Dht22 } from './dht22.ts';
import { crc8, Ds18b20 } from './ds18b20.ts';
import { JumperWire } from './jumper-wire.ts';
import { RotaryEncoder } from './rotary-encoder.ts';
import { SerialPeer } from './serial-peer.ts';
import { benchWithParts } from './test-bench.ts';
import { Ws2812 } from './ws2812.ts';

const MICROSECOND = 1000;
const MILLISECOND = 1_000_000;

/** A 1-Wire controller that bit-bangs X1, with the slots of the data sheet. */
function oneWire(count = 1) {
  const bench = benchWithParts();
  const { chip, clock, parts, wire } = bench;
  const sensors = Array.from({ length: count }, (_, i) => wire(new Ds18b20(parts, `ds${i}`, 1000 + 77 * i), { data: 'X1' }));
  const pin = chip.pin('X1');
  pin.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.UP, latch: 1 });
  const wait = (microseconds: number) => clock.advanceTo(clock.now + microseconds * MICROSECOND);
  const reset = () => {
    pin.set(0);
    wait(480);
    pin.set(1);
    wait(70);
    const present = pin.bit === 0;
    wait(410);
    return present;
  };
  const slot = (bit: number) => {
    pin.set(0);
    wait(bit ? 6 : 60);
    pin.set(1);
    wait(9);
    const seen = pin.bit;
    wait(bit ? 55 : 5);
    return seen;
  };
  const write = (byte: number) => {
    for (let i = 0; i < 8; i++) slot((byte >> i) & 1);
  };
  const read = () => {
    let byte = 0;
    for (let i = 0; i < 8; i++) byte |= slot(1) << i;
    return byte;
  };
  return { ...bench, sensors, reset, slot, write, read, wait };
}

describe('DS18B20', () => {
  it('answers a reset with its presence', () => {
    const { sensors, reset } = oneWire();
    expect(reset()).toBe(true);
    sensors[0].inject('silent');
    expect(reset()).toBe(false);
  });

  it('measures, and says 85 °C before it has', () => {
    const { sensors, reset, write, read, wait, slot } = oneWire();
    const scratchpad = () => {
      reset();
      write(0xcc);
      write(0xbe);
      return Array.from({ length: 9 }, read);
    };
    expect(scratchpad().slice(0, 2)).toEqual([0x50, 0x05]);
    sensors[0].set('temperature', -10.125);
    reset();
    write(0xcc);
    write(0x44);
    expect(slot(1)).toBe(0);
    wait(750_000);
    expect(slot(1)).toBe(1);
    const answer = scratchpad();
    expect(answer.slice(0, 2)).toEqual([0x5e, 0xff]);
    expect(crc8(Uint8Array.from(answer))).toBe(0);
    sensors[0].inject('wrong-answers');
    expect(crc8(Uint8Array.from(scratchpad()))).not.toBe(0);
  });

  it('is quicker and coarser at nine bits', () => {
    const { sensors, reset, write, wait } = oneWire();
    sensors[0].set('temperature', 21.9);
    reset();
    write(0xcc);
    for (const byte of [0x4e, 0, 0, 0x1f]) write(byte);
    reset();
    write(0xcc);
    write(0x44);
    wait(93_750);
    expect(sensors[0].read('measured')).toBe(21.5);
  });

  it('is found by the search among others on the same wire', () => {
    const { sensors, reset, slot, write } = oneWire(3);
    const found: string[] = [];
    let lastFork = -1;
    let path: number[] = [];
    do {
      reset();
      write(0xf0);
      let fork = -1;
      const rom: number[] = [];
      for (let bit = 0; bit < 64; bit++) {
        const [yes, no] = [slot(1), slot(1)];
        let way: number = yes;
        if (yes === 0 && no === 0) {
          way = bit < lastFork ? path[bit] : bit === lastFork ? 1 : 0;
          if (way === 0) fork = bit;
        }
        slot(way);
        rom.push(way);
      }
      path = rom;
      lastFork = fork;
      found.push(rom.join(''));
    } while (lastFork >= 0 && found.length < 10);
    const expected = sensors.map(sensor => Array.from({ length: 64 }, (_, i) => (sensor.rom[i >> 3] >> (i & 7)) & 1).join(''));
    expect(found.sort()).toEqual(expected.sort());
  });
});

describe('DHT22', () => {
  function ask(model: 'DHT22' | 'DHT11' = 'DHT22') {
    const bench = benchWithParts();
    const { chip, clock, trace, parts, wire } = bench;
    const sensor = wire(new Dht22(parts, 'dht', model), { data: 'X1' });
    const pin = chip.pin('X1');
    pin.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.UP, latch: 1 });
    const measure = (low = 20) => {
      pin.set(0);
      clock.advanceTo(clock.now + low * MILLISECOND);
      pin.set(1);
      const start = clock.now;
      clock.advanceTo(start + 10 * MILLISECOND);
      const highs = trace.net('X1').pulses(start, clock.now, 1).slice(1);
      const bytes = [0, 0, 0, 0, 0];
      highs.forEach((pulse, i) => {
        bytes[i >> 3] = (bytes[i >> 3] << 1) | (pulse.end - pulse.start > 50 * MICROSECOND ? 1 : 0);
      });
      return { bytes, count: highs.length };
    };
    return { ...bench, sensor, measure };
  }

  it('answers with forty bits and their sum', () => {
    const { sensor, measure } = ask();
    sensor.set('temperature', -4.5);
    sensor.set('humidity', 65.2);
    const { bytes, count } = measure();
    expect(count).toBe(40);
    expect(((bytes[0] << 8) | bytes[1]) / 10).toBe(65.2);
    expect((((bytes[2] & 0x7f) << 8) | bytes[3]) / 10).toBe(4.5);
    expect(bytes[2] & 0x80).toBe(0x80);
    expect((bytes[0] + bytes[1] + bytes[2] + bytes[3]) & 0xff).toBe(bytes[4]);
  });

  it('says the same again when it is asked too soon', () => {
    const { sensor, measure, clock } = ask('DHT11');
    sensor.set('temperature', 20);
    expect(measure().bytes[2]).toBe(20);
    sensor.set('temperature', 30);
    expect(measure().bytes[2]).toBe(20);
    clock.advanceTo(clock.now + 1000 * MILLISECOND);
    expect(measure().bytes[2]).toBe(30);
  });

  it('does not wake for a short pulse, nor when it is broken', () => {
    const { sensor, measure } = ask();
    expect(measure(0.5).count).toBe(0);
    sensor.inject('silent');
    expect(measure().count).toBe(0);
  });
});

describe('WS2812', () => {
  function strip(count: number) {
    const bench = benchWithParts();
    const { chip, clock, parts, wire } = bench;
    const part = wire(new Ws2812(parts, 'strip', count), { din: 'X1' });
    const pin = chip.pin('X1');
    pin.configure({ mode: PinMode.INPUT });
    const source = chip.netlist.terminal('source');
    chip.netlist.connect(source, pin.terminal);
    source.setDrive(0);
    const send = (bytes: number[]) => {
      const times: number[] = [];
      const levels: Level[] = [];
      let time = clock.now;
      for (const byte of bytes) {
        for (let bit = 7; bit >= 0; bit--) {
          const one = (byte >> bit) & 1;
          times.push(time, time + (one ? 800 : 400));
          levels.push(Level.HIGH, Level.LOW);
          time += 1250;
        }
      }
      source.play(new EdgeList(times, levels, Level.LOW));
      clock.advanceTo(time);
    };
    return { ...bench, part, send };
  }

  it('shows colours once the line has paused', () => {
    const { part, send, clock } = strip(3);
    send([0x10, 0xff, 0x00, 1, 2, 3]);
    expect(part.colorOf(0)).toBe('#000000');
    clock.advanceTo(clock.now + 60 * MICROSECOND);
    expect(part.read('colors')).toEqual(['#ff1000', '#020103', '#000000']);
  });

  it('is dark behind an LED that passes nothing on', () => {
    const { part, send, clock } = strip(3);
    part.inject('broken', 2);
    send([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    clock.advanceTo(clock.now + 60 * MICROSECOND);
    expect(part.read('colors')).toEqual(['#010101', '#000000', '#000000']);
  });
});

describe('rotary encoder', () => {
  it('turns both ways in quadrature', () => {
    const { chip, clock, trace, parts, wire } = benchWithParts();
    const encoder = wire(new RotaryEncoder(parts, 'knob'), { a: 'X1', b: 'X2' });
    for (const name of ['X1', 'X2']) chip.pin(name).configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    encoder.set('position', 2);
    clock.advanceTo(100 * MILLISECOND);
    expect(encoder.read('position')).toBe(2);
    expect(trace.net('X1').edges(1)).toHaveLength(3);
    const fall = trace.net('X1').nextEdge(1, 0)!;
    expect(trace.net('X2').bitAt(fall.time)).toBe(1);
    encoder.set('position', -1);
    clock.advanceTo(300 * MILLISECOND);
    expect(encoder.read('position')).toBe(-1);
    const back = trace.net('X1').nextEdge(100 * MILLISECOND, 0)!;
    expect(trace.net('X2').bitAt(back.time)).toBe(0);
  });
});

describe('serial peer', () => {
  it('hears and says bytes, and echoes', () => {
    const { chip, clock, parts, wire } = benchWithParts();
    const [one, two] = [new SerialPeer(parts, 'one', 9600), new SerialPeer(parts, 'two', 9600)];
    chip.netlist.connect(one.pin('tx'), two.pin('rx'));
    chip.netlist.connect(two.pin('tx'), one.pin('rx'));
    two.set('echo', true);
    one.send([1, 2, 3]);
    clock.advanceTo(20 * MILLISECOND);
    expect([...two.take()]).toEqual([1, 2, 3]);
    expect([...one.take()]).toEqual([1, 2, 3]);
    two.inject('silent');
    one.send([4]);
    clock.advanceTo(40 * MILLISECOND);
    expect([...one.take()]).toEqual([]);
    wire(one, {});
  });

  it('waits for its clear-to-send', () => {
    const { chip, clock, parts } = benchWithParts();
    const [one, two] = [new SerialPeer(parts, 'one'), new SerialPeer(parts, 'two')];
    chip.netlist.connect(one.pin('tx'), two.pin('rx'));
    chip.netlist.connect(one.pin('cts'), two.pin('rts'));
    one.set('flow-control', true);
    two.set('ready', false);
    one.send([1]);
    clock.advanceTo(MILLISECOND);
    expect([...two.take()]).toEqual([]);
    two.set('ready', true);
    clock.advanceTo(2 * MILLISECOND);
    expect([...two.take()]).toEqual([1]);
  });

  it('is not understood when its speed is far off', () => {
    const { chip, clock, parts } = benchWithParts();
    const [one, two] = [new SerialPeer(parts, 'one'), new SerialPeer(parts, 'two')];
    chip.netlist.connect(one.pin('tx'), two.pin('rx'));
    one.inject('drift', 3);
    one.send([0x55, 0xaa, 0x0f]);
    clock.advanceTo(MILLISECOND);
    expect([...two.take()]).toEqual([0x55, 0xaa, 0x0f]);
    one.inject('drift', 30);
    one.send([0x55, 0xaa, 0x0f]);
    clock.advanceTo(2 * MILLISECOND);
    expect([...two.take()]).not.toEqual([0x55, 0xaa, 0x0f]);
    expect(() => one.set('format', '8X1')).toThrow('"8X1" is no serial format');
  });
});

describe('jumper wire', () => {
  it('connects two pins until it is pulled out', () => {
    const { chip, parts, wire } = benchWithParts();
    const jumper = wire(new JumperWire(parts, 'wire'), { a: 'X1', b: 'X2' });
    chip.pin('X1').configure({ mode: PinMode.OUTPUT, latch: 1 });
    chip.pin('X2').configure({ mode: PinMode.INPUT, pull: PinPull.DOWN });
    expect(chip.pin('X2').bit).toBe(1);
    jumper.set('connected', false);
    expect(chip.pin('X2').bit).toBe(0);
  });
});
