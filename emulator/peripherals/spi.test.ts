import { describe, expect, it } from 'vitest';
import type { Bit } from '../trace/level.ts';
import { PinMode } from './gpio.ts';
import type { Terminal } from './net.ts';
import { SpiRegister as R, SpiCr1, SpiCr2, SpiFlag } from './spi.ts';
import { type SpiMode, SpiPort, type SpiTarget } from './spi-bus.ts';
import { chipOnBench } from './test-bench.ts';

/** Answers each byte with the one before, inverted. */
class Echo implements SpiTarget {
  last = 0xff;
  readonly got: number[] = [];
  readonly log: string[] = [];

  select(): void {
    this.log.push('select');
  }

  deselect(): void {
    this.log.push('deselect');
  }

  output(): number {
    return ~this.last & 0xff;
  }

  input(byte: number): void {
    this.last = byte;
    this.got.push(byte);
  }
}

const CONTROLLER = SpiCr1.MSTR | SpiCr1.SSM | SpiCr1.SSI | SpiCr1.SPE;

/** SPI1 on X6 (SCK), X7 (MISO), X8 (MOSI), select on X5, and an echo. */
function bus(options: { mode?: SpiMode; targetMode?: SpiMode; prescaler?: number; cr1?: number } = {}) {
  const { mode = { polarity: 0, phase: 0 }, prescaler = 3, cr1 = 0 } = options;
  const bench = chipOnBench();
  const { chip, clock } = bench;
  for (const name of ['X6', 'X7', 'X8']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
  chip.pin('X5').configure({ mode: PinMode.OUTPUT, latch: 1 });
  const spi = chip.spi(1);
  chip.rcc.enable('SPI1');
  const setting = CONTROLLER | (prescaler << 3) | (mode.polarity ? SpiCr1.CPOL : 0) | (mode.phase ? SpiCr1.CPHA : 0) | cr1;
  spi.writeRegister(R.CR1, setting);
  const wire = (name: string, pin: string): Terminal => {
    const terminal = chip.netlist.terminal(name);
    chip.netlist.connect(terminal, chip.pin(pin).terminal);
    return terminal;
  };
  const echo = new Echo();
  const port = new SpiPort(
    { sck: wire('sck', 'X6'), miso: wire('miso', 'X7'), mosi: wire('mosi', 'X8'), select: wire('cs', 'X5') },
    echo,
    options.targetMode ?? mode,
    chip.netlist.spiPorts,
  );
  clock.advanceTo(1_000_000);
  const exchange = (value: number): number => {
    chip.waitUntil(() => (spi.readRegister(R.SR) & SpiFlag.TXE) !== 0, 1e9);
    spi.writeRegister(R.DR, value);
    chip.waitUntil(() => (spi.readRegister(R.SR) & SpiFlag.RXNE) !== 0, 1e9);
    return spi.readRegister(R.DR);
  };
  const select = (on: boolean) => chip.pin('X5').set(on ? 0 : 1);
  return { ...bench, spi, echo, port, exchange, select, wire };
}

const MODES: SpiMode[] = [0, 1].flatMap(polarity => [0, 1].map(phase => ({ polarity: polarity as Bit, phase: phase as Bit })));

describe('SPI controller', () => {
  it.each(MODES)('exchanges bytes in mode %o', mode => {
    const { echo, exchange, select } = bus({ mode });
    select(true);
    expect([0x12, 0x34, 0xff, 0x00].map(exchange)).toEqual([0x00, 0xed, 0xcb, 0x00]);
    select(false);
    expect(echo.got).toEqual([0x12, 0x34, 0xff, 0x00]);
    expect(echo.log).toEqual(['select', 'deselect']);
  });

  it('runs at the bus clock divided by 2 to 256', () => {
    for (const [prescaler, megahertz] of [
      [0, 42],
      [7, 84 / 256],
    ]) {
      const { clock, trace, exchange } = bus({ prescaler });
      const start = clock.now;
      exchange(0x55);
      const duration = clock.now - start;
      expect(Math.abs(duration - 8000 / megahertz)).toBeLessThan(2);
      const sck = trace.net('X6').edges(start, clock.now);
      expect(sck).toHaveLength(16);
    }
  });

  it('puts data on the line when the mode says so', () => {
    for (const mode of MODES) {
      const { clock, trace, exchange } = bus({ mode, prescaler: 7 });
      const start = clock.now;
      exchange(0xa5);
      const sampling = trace
        .net('X6')
        .edges(start - 1, clock.now + 10_000)
        .filter(edge => edge.bit === (mode.polarity ^ mode.phase ^ 1));
      expect(sampling).toHaveLength(8);
      const seen = sampling.reduce((value, edge) => (value << 1) | trace.net('X8').bitAt(edge.time), 0);
      expect(seen).toBe(0xa5);
    }
  });

  it('leaves a target that is not selected alone', () => {
    const { echo, exchange } = bus();
    exchange(0x12);
    expect(echo.got).toEqual([]);
  });

  it('talks nonsense to a target in another mode', () => {
    const { echo, exchange, select } = bus({ mode: { polarity: 0, phase: 0 }, targetMode: { polarity: 0, phase: 1 } });
    select(true);
    exchange(0x12);
    exchange(0x9a);
    expect(echo.got[0]).not.toBe(0x12);
  });

  it('sends the least significant bit first, and 16 bits, when told to', () => {
    const least = bus({ cr1: SpiCr1.LSBFIRST });
    least.select(true);
    least.exchange(0x01);
    expect(least.echo.got).toEqual([0x80]);
    const wide = bus({ cr1: SpiCr1.DFF });
    wide.select(true);
    expect(wide.exchange(0x1234)).toBe(0x0000);
    expect(wide.exchange(0x5678)).toBe(0xcbcb);
    expect(wide.echo.got).toEqual([0x12, 0x34, 0x56, 0x78]);
  });

  it('hears itself over a loop-back wire', () => {
    const { chip, exchange } = bus();
    chip.netlist.connect(chip.pin('X7').terminal, chip.pin('X8').terminal);
    expect([0x00, 0x5a, 0xff].map(exchange)).toEqual([0x00, 0x5a, 0xff]);
  });

  it('says when a frame was lost', () => {
    const { chip, spi } = bus();
    for (const byte of [1, 2]) {
      chip.waitUntil(() => (spi.readRegister(R.SR) & SpiFlag.TXE) !== 0, 1e9);
      spi.writeRegister(R.DR, byte);
    }
    chip.waitUntil(() => (spi.readRegister(R.SR) & SpiFlag.BSY) === 0, 1e9);
    expect(spi.readRegister(R.SR) & SpiFlag.OVR).not.toBe(0);
    spi.readRegister(R.DR);
    expect(spi.readRegister(R.SR) & SpiFlag.OVR).toBe(0);
  });

  it('interrupts when it can take and give data', () => {
    const { chip, spi } = bus();
    const got: number[] = [];
    const rest = [1, 2, 3];
    chip.netlist.connect(chip.pin('X7').terminal, chip.pin('X8').terminal);
    chip.nvic.setHandler(chip.irq('SPI1'), () => {
      const status = spi.readRegister(R.SR);
      if (status & SpiFlag.RXNE) got.push(spi.readRegister(R.DR));
      if (status & SpiFlag.TXE) {
        if (rest.length > 0) spi.writeRegister(R.DR, rest.shift()!);
        else spi.writeRegister(R.CR2, SpiCr2.RXNEIE);
      }
    });
    chip.nvic.enable(chip.irq('SPI1'), 4);
    spi.writeRegister(R.CR2, SpiCr2.RXNEIE | SpiCr2.TXEIE);
    chip.elapse(1_000_000);
    expect(got).toEqual([1, 2, 3]);
  });

  it('appends a CRC and checks the one that comes', () => {
    const { chip, spi, exchange } = bus({ cr1: SpiCr1.CRCEN });
    chip.netlist.connect(chip.pin('X7').terminal, chip.pin('X8').terminal);
    exchange(0x31);
    chip.waitUntil(() => (spi.readRegister(R.SR) & SpiFlag.TXE) !== 0, 1e9);
    spi.writeRegister(R.DR, 0x32);
    spi.writeRegister(R.CR1, spi.readRegister(R.CR1) | SpiCr1.CRCNEXT);
    chip.elapse(100_000);
    expect(spi.readRegister(R.SR) & SpiFlag.CRCERR).toBe(0);
    // CRC-8 with polynomial 7 over "12"
    expect(spi.readRegister(R.TXCRCR)).toBe(0x72);
  });
});

describe('a bit-banging controller', () => {
  it.each(MODES)('exchanges bytes with the same target in mode %o', mode => {
    const { chip, clock, spi, echo, select } = bus({ mode });
    spi.writeRegister(R.CR1, 0);
    const [sck, miso, mosi] = ['X6', 'X7', 'X8'].map(name => chip.pin(name));
    sck.configure({ mode: PinMode.OUTPUT, latch: mode.polarity });
    mosi.configure({ mode: PinMode.OUTPUT });
    miso.configure({ mode: PinMode.INPUT });
    const wait = () => clock.advanceTo(clock.now + 500);
    const exchange = (byte: number) => {
      let got = 0;
      for (let bit = 7; bit >= 0; bit--) {
        if (mode.phase === 0) {
          mosi.set((byte >> bit) & 1);
          wait();
          sck.set(mode.polarity ^ 1);
          got = (got << 1) | miso.bit;
          wait();
          sck.set(mode.polarity);
        } else {
          sck.set(mode.polarity ^ 1);
          mosi.set((byte >> bit) & 1);
          wait();
          got = (got << 1) | miso.bit;
          sck.set(mode.polarity);
          wait();
        }
      }
      return got;
    };
    select(true);
    wait();
    expect([0x12, 0x34, 0xff].map(exchange)).toEqual([0x00, 0xed, 0xcb]);
    expect(echo.got).toEqual([0x12, 0x34, 0xff]);
  });
});

describe('SPI target', () => {
  it('is clocked by another block', () => {
    const { chip, exchange } = bus();
    for (const [pin, other] of [
      ['Y6', 'X6'],
      ['Y7', 'X7'],
      ['Y8', 'X8'],
    ]) {
      chip.pin(pin).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
      chip.netlist.connect(chip.pin(pin).terminal, chip.pin(other).terminal);
    }
    const target = chip.spi(2);
    chip.rcc.enable('SPI2');
    const got: number[] = [];
    const give = [0xca, 0xfe, 0x99];
    chip.nvic.setHandler(chip.irq('SPI2'), () => {
      if (target.readRegister(R.SR) & SpiFlag.RXNE) got.push(target.readRegister(R.DR));
      if (target.readRegister(R.SR) & SpiFlag.TXE) target.writeRegister(R.DR, give.shift() ?? 0);
    });
    chip.nvic.enable(chip.irq('SPI2'), 4);
    target.writeRegister(R.DR, give.shift()!);
    target.writeRegister(R.CR2, SpiCr2.RXNEIE | SpiCr2.TXEIE);
    target.writeRegister(R.CR1, SpiCr1.SSM | SpiCr1.SPE);
    expect([1, 2, 3].map(exchange)).toEqual([0xca, 0xfe, 0x99]);
    chip.elapse(1000);
    expect(got).toEqual([1, 2, 3]);
  });
});
