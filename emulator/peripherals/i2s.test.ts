import { describe, expect, it } from 'vitest';
import { DmaCr } from './dma.ts';
import { PinMode } from './gpio.ts';
import { SpiRegister as R, SpiCr2 } from './spi.ts';
import { chipOnBench } from './test-bench.ts';

const RCC = 0x4002_3800;
const MASTER_TX = 0x800 | 0x200;
const MASTER_RX = 0x800 | 0x300;
const ENABLE = 0x400;

/** I2S2 on Y6 (CK), Y5 (WS), Y8 (SD), clocked by PLLI2S at 86 MHz. */
function i2s() {
  const bench = chipOnBench();
  const { chip, clock } = bench;
  for (const name of ['Y5', 'Y6', 'Y8']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
  for (const name of ['SPI2', 'DMA1']) chip.rcc.enable(name);
  chip.space.write32(RCC + 0x84, (3 << 28) | (258 << 6)); // 12 / 12 * 258 / 3
  chip.space.write32(RCC, chip.space.read32(RCC) | 0x400_0000);
  clock.advanceTo(1_000_000);
  return { ...bench, spi: chip.spi(2) };
}

/** Sends half-words by DMA. */
function feed(chip: ReturnType<typeof i2s>['chip'], words: number[]) {
  const stream = chip.dma(1).streams[4];
  stream.buffer = new Uint8Array(Uint16Array.from(words).buffer);
  stream.ndtr = words.length;
  stream.par = 0x4000_380c;
  stream.writeCr(DmaCr.EN | DmaCr.MINC | DmaCr.CIRC | (1 << 6) | (1 << 11) | (1 << 13));
  chip.spi(2).writeRegister(R.CR2, SpiCr2.TXDMAEN);
}

describe('I2S', () => {
  it('clocks samples at the rate of its prescaler', () => {
    const { chip, clock, trace, spi } = i2s();
    expect(chip.rcc.frequencies.i2s).toBe(86e6);
    feed(chip, [1, 2]);
    spi.writeRegister(R.I2SPR, 61); // 86 MHz / (32 * 122)
    spi.writeRegister(R.I2SCFGR, MASTER_TX | ENABLE);
    const start = clock.now;
    clock.advanceTo(start + 10_000_000);
    expect(trace.net('Y5').statistics(start, clock.now).frequency).toBeCloseTo(86e6 / (32 * 122), 0);
    expect(trace.net('Y6').statistics(start, clock.now).frequency).toBeCloseTo(86e6 / 122, -2);
  });

  it('puts the most significant bit one clock after the word select', () => {
    const { chip, clock, trace, spi } = i2s();
    feed(chip, [0xa5c3, 0x1234]);
    spi.writeRegister(R.I2SPR, 61);
    spi.writeRegister(R.I2SCFGR, MASTER_TX | ENABLE);
    const start = clock.now;
    clock.advanceTo(start + 200_000);
    const [ck, ws, sd] = ['Y6', 'Y5', 'Y8'].map(name => trace.net(name));
    const words: { right: number; value: number }[] = [];
    let value = 0;
    let last = 0;
    for (const edge of ck.edges(start, clock.now)) {
      if (edge.bit === 0) continue;
      value = (value << 1) | sd.bitAt(edge.time);
      const right = ws.bitAt(edge.time);
      if (right !== last) {
        // The bit after the change of WS is the last of the word before.
        words.push({ right: last, value: value & 0xffff });
        value = 0;
      }
      last = right;
    }
    expect(words.slice(1, 5)).toEqual([
      { right: 1, value: 0x1234 },
      { right: 0, value: 0xa5c3 },
      { right: 1, value: 0x1234 },
      { right: 0, value: 0xa5c3 },
    ]);
  });

  it('hears what another block sends, at 32 bits', () => {
    const { chip, spi } = i2s();
    for (const [name, alternate] of [
      ['PC12', 6],
      ['PC10', 6],
      ['PA4', 6],
    ] as const) {
      chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate });
    }
    chip.rcc.enable('SPI3');
    const receiver = chip.spi(3);
    chip.netlist.connect(chip.pin('PC12').terminal, chip.pin('Y8').terminal);
    feed(chip, [0x8765, 0x4321, 0x0f1e, 0x2d3c]);
    for (const block of [spi, receiver]) block.writeRegister(R.I2SPR, 61);
    const got: number[] = [];
    chip.nvic.setHandler(chip.irq('SPI3'), () => got.push(receiver.readRegister(R.DR)));
    chip.nvic.enable(chip.irq('SPI3'), 4);
    receiver.writeRegister(R.CR2, SpiCr2.RXNEIE);
    spi.writeRegister(R.I2SCFGR, MASTER_TX | (2 << 1) | ENABLE);
    receiver.writeRegister(R.I2SCFGR, MASTER_RX | (2 << 1) | ENABLE);
    chip.elapse(400_000);
    const text = got.map(word => word.toString(16).padStart(4, '0')).join('');
    expect(text).toContain('876543210f1e2d3c87654321');
  });

  it('refuses to be a slave', () => {
    const { spi } = i2s();
    spi.writeRegister(R.I2SPR, 61);
    expect(() => spi.writeRegister(R.I2SCFGR, 0x800 | ENABLE)).toThrow('SPI2: I2S slave mode (I2SCFGR.I2SCFG) is not modelled');
  });
});
