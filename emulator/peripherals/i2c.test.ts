import { describe, expect, it } from 'vitest';
import { PinMode, PinPull } from './gpio.ts';
import { I2cCr1, I2cCr2, I2cSr1, I2cSr2, I2cRegister as R } from './i2c.ts';
import { I2cPort, type I2cTarget } from './i2c-bus.ts';
import type { Terminal } from './net.ts';
import { chipOnBench, i2cDriver } from './test-bench.ts';

/** A target of 256 bytes with an address pointer. */
class Memory implements I2cTarget {
  readonly bytes = new Uint8Array(256);
  readonly log: string[] = [];
  pointer = 0;
  refuses = false;
  private first = true;

  constructor(readonly address: number) {}

  start(address: number, read: boolean): boolean {
    if (address !== this.address || this.refuses) return false;
    this.log.push(read ? 'read' : 'write');
    this.first = !read;
    return true;
  }

  write(byte: number): boolean {
    if (this.first) this.pointer = byte;
    else this.bytes[this.pointer++] = byte;
    this.first = false;
    return true;
  }

  read(): number {
    return this.bytes[this.pointer++ & 0xff];
  }

  acknowledged(ack: boolean): void {
    this.log.push(ack ? 'ack' : 'nack');
  }

  stop(): void {
    this.log.push('stop');
  }
}

/** I2C1 on X9, X10 at 100 or 400 kHz, and a memory at 0x50. */
function bus(kilohertz = 100) {
  const bench = chipOnBench();
  const { chip, clock } = bench;
  for (const name of ['X9', 'X10']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 4, openDrain: true, pull: PinPull.UP });
  const i2c = chip.i2c(1);
  chip.rcc.enable('I2C1');
  i2c.writeRegister(R.CR2, 42);
  i2c.writeRegister(R.CCR, kilohertz <= 100 ? Math.ceil(42e6 / (kilohertz * 2000)) : 0xc000 | Math.ceil(42e6 / (kilohertz * 25_000)));
  i2c.writeRegister(R.CR1, I2cCr1.PE);
  const wire = (name: string, pin: string): Terminal => {
    const terminal = chip.netlist.terminal(name);
    chip.netlist.connect(terminal, chip.pin(pin).terminal);
    return terminal;
  };
  const memory = new Memory(0x50);
  const port = new I2cPort(wire('memory.scl', 'X9'), wire('memory.sda', 'X10'), memory, chip.netlist.i2cPorts);
  clock.advanceTo(1_000_000);

  return { ...bench, i2c, memory, port, wire, ...i2cDriver(chip, 1) };
}

describe('I2C controller', () => {
  it('writes to a target that acknowledges', () => {
    const { memory, write, trace } = bus();
    expect(write(0x50, [0x10, 0xde, 0xad])).toBe(3);
    expect([...memory.bytes.slice(0x10, 0x12)]).toEqual([0xde, 0xad]);
    expect(memory.log).toEqual(['write', 'stop']);
    expect(trace.events('i2c1').events()).toMatchObject([{ name: 'write', value: 0x50, data: Uint8Array.of(0x10, 0xde, 0xad) }]);
  });

  it.each([1, 2, 3, 4, 7])('reads %i bytes, refusing only the last', length => {
    const { memory, write, read } = bus();
    memory.bytes.set([11, 22, 33, 44, 55, 66, 77], 0x20);
    write(0x50, [0x20], false);
    expect(read(0x50, length)).toEqual([11, 22, 33, 44, 55, 66, 77].slice(0, length));
    expect(memory.log).toEqual(['write', 'stop', 'read', ...new Array(length - 1).fill('ack'), 'nack', 'stop']);
  });

  it('hears when nobody acknowledges', () => {
    const { write, trace } = bus();
    expect(write(0x33, [1])).toBe(-1);
    expect(
      trace
        .events('i2c1')
        .events()
        .map(event => event.name),
    ).toEqual(['nack', 'write']);
  });

  it.each([
    [100, 10_000],
    // 400 kHz is not to be had with 42 MHz and the 16:9 duty cycle: 5 * 25 ticks
    [400, 2976],
  ])('clocks at %i kHz', (kilohertz, period) => {
    const { clock, trace, write } = bus(kilohertz);
    const start = clock.now;
    write(0x50, [0x55, 0xaa]);
    const { period: measured } = trace.net('X9').statistics(start + 2 * period, start + 8 * period);
    expect(Math.abs(measured!.mean - period)).toBeLessThan(period * 0.01);
    const bits = trace
      .net('X9')
      .edges(start, clock.now)
      .filter(edge => edge.bit === 1);
    expect(bits).toHaveLength(3 * 9 + 1);
  });

  it('shows START, STOP and the acknowledge on the wires', () => {
    const { clock, trace, write } = bus();
    const start = clock.now;
    write(0x50, [0x00]);
    const sda = trace.net('X10').edges(start - 1);
    const scl = trace.net('X9');
    const whileHigh = sda.filter(edge => scl.bitAt(edge.time) === 1 && scl.bitAt(edge.time - 1) === 1);
    expect(whileHigh.map(edge => edge.bit)).toEqual([0, 1]);
  });

  it('waits while a target holds the clock', () => {
    const quick = bus();
    const begin = quick.clock.now;
    quick.write(0x50, [1, 2]);
    const normal = quick.clock.now - begin;
    const slow = bus();
    const start = slow.clock.now;
    const { memory, port, clock } = slow;
    const write = memory.write.bind(memory);
    memory.write = byte => {
      port.hold();
      clock.after(200_000, () => port.release());
      return write(byte);
    };
    slow.write(0x50, [1, 2]);
    expect(slow.clock.now - start).toBeGreaterThan(normal + 150_000);
    expect(memory.bytes[1]).toBe(2);
  });

  it('sends START only when the bus is free', () => {
    const { chip, clock, i2c, set, wire } = bus();
    const stuck = wire('stuck', 'X10');
    stuck.setDrive(0);
    set(I2cCr1.START);
    expect(chip.waitUntil(() => (i2c.readRegister(R.SR1) & I2cSr1.SB) !== 0, 50_000_000)).toBe(false);
    expect(i2c.readRegister(R.SR2) & I2cSr2.BUSY).not.toBe(0);
    expect(clock.nextDue).toBe(Infinity);
    stuck.setDrive(-1);
    expect(chip.waitUntil(() => (i2c.readRegister(R.SR1) & I2cSr1.SB) !== 0, 1_000_000)).toBe(true);
  });

  it('loses the arbitration to somebody who pulls SDA down', () => {
    const { clock, i2c, set, waitFor, wire } = bus();
    const rival = wire('rival', 'X10');
    set(I2cCr1.START);
    waitFor(I2cSr1.SB);
    i2c.writeRegister(R.DR, 0xa0);
    clock.after(2000, () => rival.setDrive(0));
    waitFor(I2cSr1.ARLO);
    expect(i2c.readRegister(R.SR2) & I2cSr2.MSL).toBe(0);
  });

  it('interrupts for events and errors', () => {
    const { chip, clock, i2c, set } = bus();
    const seen: string[] = [];
    chip.nvic.setHandler(chip.irq('I2C1_EV'), () => {
      seen.push('event');
      i2c.writeRegister(R.DR, 0x66);
    });
    chip.nvic.setHandler(chip.irq('I2C1_ER'), () => {
      seen.push('error');
      i2c.writeRegister(R.SR1, ~I2cSr1.AF);
    });
    chip.nvic.enable(chip.irq('I2C1_EV'), 1);
    chip.nvic.enable(chip.irq('I2C1_ER'), 1);
    i2c.writeRegister(R.CR2, 42 | I2cCr2.ITEVTEN | I2cCr2.ITERREN);
    set(I2cCr1.START);
    chip.elapse(1_000_000);
    expect(seen).toEqual(['event', 'error']);
    expect(clock.nextDue).toBe(Infinity);
  });
});

describe('a bit-banging controller', () => {
  it('is understood by the same target', () => {
    const { chip, clock, memory } = bus();
    const [scl, sda] = ['X9', 'X10'].map(name => chip.pin(name));
    for (const pin of [scl, sda]) pin.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.UP, latch: 1 });
    const wait = () => clock.advanceTo(clock.now + 2500);
    const start = () => {
      sda.set(1);
      wait();
      scl.set(1);
      wait();
      sda.set(0);
      wait();
      scl.set(0);
      wait();
    };
    const stop = () => {
      sda.set(0);
      wait();
      scl.set(1);
      wait();
      sda.set(1);
      wait();
    };
    const bitOut = (bit: number) => {
      sda.set(bit);
      wait();
      scl.set(1);
      wait();
      const seen = sda.bit;
      scl.set(0);
      wait();
      return seen;
    };
    const writeByte = (byte: number) => {
      for (let i = 7; i >= 0; i--) bitOut((byte >> i) & 1);
      return bitOut(1) === 0;
    };
    const readByte = (ack: boolean) => {
      let byte = 0;
      for (let i = 0; i < 8; i++) byte = (byte << 1) | bitOut(1);
      bitOut(ack ? 0 : 1);
      return byte;
    };
    start();
    expect([0xa0, 0x30, 0x12, 0x34].map(writeByte)).toEqual([true, true, true, true]);
    stop();
    expect([...memory.bytes.slice(0x30, 0x32)]).toEqual([0x12, 0x34]);
    start();
    writeByte(0xa0);
    writeByte(0x30);
    start();
    expect(writeByte(0xa1)).toBe(true);
    expect([readByte(true), readByte(false)]).toEqual([0x12, 0x34]);
    stop();
    start();
    expect(writeByte(0x66)).toBe(false);
    stop();
    expect(memory.log).toEqual(['write', 'stop', 'write', 'stop', 'read', 'ack', 'nack', 'stop']);
  });
});

describe('I2C target', () => {
  /** I2C2 on Y9, Y10 as target at 0x42, wired to I2C1. */
  function twoBlocks() {
    const bench = bus();
    const { chip } = bench;
    for (const [name, other] of [
      ['Y9', 'X9'],
      ['Y10', 'X10'],
    ]) {
      chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 4, openDrain: true, pull: PinPull.UP });
      chip.netlist.connect(chip.pin(name).terminal, chip.pin(other).terminal);
    }
    const target = chip.i2c(2);
    chip.rcc.enable('I2C2');
    target.writeRegister(R.OAR1, 0x4000 | (0x42 << 1));
    target.writeRegister(R.CR1, I2cCr1.PE);
    target.writeRegister(R.CR1, I2cCr1.PE | I2cCr1.ACK);
    target.writeRegister(R.CR2, 42 | I2cCr2.ITEVTEN | I2cCr2.ITBUFEN | I2cCr2.ITERREN);
    const got: number[] = [];
    const give = [0x31, 0x41, 0x59];
    const log: string[] = [];
    chip.nvic.setHandler(chip.irq('I2C2_EV'), () => {
      const status = target.readRegister(R.SR1);
      if (status & I2cSr1.ADDR) log.push(target.readRegister(R.SR2) & I2cSr2.TRA ? 'addressed to read' : 'addressed to write');
      else if (status & I2cSr1.RXNE) got.push(target.readRegister(R.DR));
      else if (status & I2cSr1.TXE) target.writeRegister(R.DR, give.shift() ?? 0xff);
      else if (status & I2cSr1.STOPF) {
        target.writeRegister(R.CR1, target.readRegister(R.CR1));
        log.push('stop');
      }
    });
    chip.nvic.setHandler(chip.irq('I2C2_ER'), () => target.writeRegister(R.SR1, ~I2cSr1.AF));
    chip.nvic.enable(chip.irq('I2C2_EV'), 1);
    chip.nvic.enable(chip.irq('I2C2_ER'), 1);
    return { ...bench, target, got, log };
  }

  it('receives, holding the clock until its program has read', () => {
    const { write, got, log, chip } = twoBlocks();
    expect(write(0x42, [1, 2, 3])).toBe(3);
    chip.elapse(10_000);
    expect(got).toEqual([1, 2, 3]);
    expect(log).toEqual(['addressed to write', 'stop']);
  });

  it('sends', () => {
    const { read, log } = twoBlocks();
    expect(read(0x42, 3)).toEqual([0x31, 0x41, 0x59]);
    expect(log[0]).toBe('addressed to read');
  });

  it('does not answer to another address', () => {
    const { write, log } = twoBlocks();
    expect(write(0x43, [1])).toBe(-1);
    expect(log).toEqual([]);
  });
});
