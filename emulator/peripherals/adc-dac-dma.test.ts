import { describe, expect, it } from 'vitest';
import { AdcRegister as A, AdcCr1, AdcCr2, AdcFlag } from './adc.ts';
import { ConstantVoltage, NoisyVoltage, PeriodicVoltage, PointwiseVoltage } from './analog-source.ts';
import { DacRegister as D, DacCr } from './dac.ts';
import { DmaCr } from './dma.ts';
import { PinMode, PinPull } from './gpio.ts';
import { SpiCr1, SpiCr2, SpiRegister } from './spi.ts';
import { chipOnBench } from './test-bench.ts';
import { Cr1, TimerRegister as T } from './timer.ts';
import { UsartCr1, UsartCr3, UsartRegister } from './usart.ts';

/** ADC1 on X19 (PC0, channel 10). */
function converter() {
  const bench = chipOnBench();
  const { chip } = bench;
  chip.rcc.enable('ADC1');
  const pin = chip.pin('X19');
  pin.configure({ mode: PinMode.ANALOG });
  const source = chip.netlist.terminal('source');
  chip.netlist.connect(source, pin.terminal);
  const adc = chip.adc(1);
  chip.space.write32(0x4001_2304, 1 << 16); // PCLK2 / 4: 21 MHz
  adc.writeRegister(A.SQR3, 10);
  adc.writeRegister(A.SMPR1, 1); // 15 cycles
  adc.writeRegister(A.CR2, AdcCr2.ADON);
  const convert = () => {
    adc.writeRegister(A.CR2, adc.readRegister(A.CR2) | AdcCr2.SWSTART);
    chip.waitUntil(() => (adc.readRegister(A.SR) & AdcFlag.EOC) !== 0, 1_000_000);
    return adc.readRegister(A.DR);
  };
  return { ...bench, adc, source, convert, pin };
}

describe('ADC', () => {
  it('converts volts to twelve bits of the reference', () => {
    const { source, convert } = converter();
    const codes = [0, 1.1, 1.65, 3.299, 3.3, 5].map(volts => {
      source.setSource(new ConstantVoltage(volts));
      return convert();
    });
    expect(codes).toEqual([0, 1365, 2048, 4094, 4095, 4095]);
  });

  it('takes sampling time plus one clock a bit', () => {
    const { clock, source, convert, adc } = converter();
    source.setSource(new ConstantVoltage(1));
    let start = clock.now;
    convert();
    expect(clock.now - start).toBe(Math.round((27 * 1e9) / 21e6));
    adc.writeRegister(A.SMPR1, 7);
    adc.writeRegister(A.CR1, 3 << 24);
    start = clock.now;
    expect(convert()).toBe(19);
    expect(clock.now - start).toBe(Math.round((486 * 1e9) / 21e6));
  });

  it('samples the voltage at the end of the sampling time', () => {
    const { clock, source, convert } = converter();
    const step = clock.now + 700;
    source.setSource({ valueAt: time => (time >= step ? 3 : 1), nextChange: () => Infinity });
    expect(convert()).toBe(Math.floor((3 / 3.3) * 4096));
    source.setSource({ valueAt: time => (time >= step + 2100 ? 3 : 1), nextChange: () => Infinity });
    expect(convert()).toBe(Math.floor((1 / 3.3) * 4096));
  });

  it('measures the chip itself when its inputs are switched on', () => {
    const { chip, adc, convert } = converter();
    chip.environment.temperature = 45;
    chip.environment.battery = 3;
    const channel = (number: number) => {
      adc.writeRegister(A.SQR3, number);
      return (convert() / 4096) * 3.3;
    };
    expect(channel(17)).toBe(0);
    chip.space.write32(0x4001_2304, (1 << 16) | 0x80_0000);
    expect(channel(17)).toBeCloseTo(1.21, 2);
    expect(channel(16)).toBeCloseTo(0.76 + 20 * 0.0025, 2);
    chip.space.write32(0x4001_2304, (1 << 16) | 0x40_0000);
    expect(channel(18)).toBeCloseTo(1.5, 2);
  });

  it('scans a sequence into memory by DMA, at the pace of a timer', () => {
    const { chip, clock, adc, source } = converter();
    source.setSource(new PeriodicVoltage({ shape: 'sawtooth', frequency: 1000, low: 0, high: 3.3, start: clock.now }));
    chip.rcc.enable('DMA2');
    chip.rcc.enable('TIM3');
    const { space } = chip;
    const stream = 0x4002_6410;
    space.write32(stream + 8, 0x4001_204c);
    space.write32(stream + 12, 0x2000_1000);
    space.write32(stream + 4, 8);
    space.write32(stream, DmaCr.EN | DmaCr.MINC | (1 << 11) | (1 << 13) | DmaCr.TCIE);
    let done = 0;
    chip.nvic.setHandler(chip.irq('DMA2_Stream0'), () => {
      done = clock.now;
      space.write32(0x4002_6408, 0x3f);
    });
    chip.nvic.enable(chip.irq('DMA2_Stream0'), 5);
    const timer = chip.timer(3);
    timer.writeRegister(T.PSC, 83);
    timer.writeRegister(T.ARR, 99);
    timer.writeRegister(T.EGR, 1);
    timer.writeRegister(T.CR2, 0x20);
    adc.writeRegister(A.CR2, AdcCr2.ADON | AdcCr2.DMA | AdcCr2.DDS | (8 << 24) | (1 << 28));
    const start = clock.now;
    timer.writeRegister(T.CR1, Cr1.CEN);
    chip.elapse(2_000_000);
    const samples = Array.from({ length: 8 }, (_, i) => space.read16(0x2000_1000 + 2 * i));
    samples.forEach((sample, i) => {
      expect(Math.abs(sample - (i + 1) * 409.6)).toBeLessThan(5);
    });
    expect(done - start).toBeGreaterThan(800_000);
    expect(done - start).toBeLessThan(803_000);
    expect(space.read32(stream) & DmaCr.EN).toBe(0);
  });

  it('warns when a voltage leaves the window', () => {
    const { source, convert, adc } = converter();
    adc.writeRegister(A.HTR, 3000);
    adc.writeRegister(A.LTR, 1000);
    adc.writeRegister(A.CR1, AdcCr1.AWDEN);
    source.setSource(new ConstantVoltage(1.65));
    convert();
    expect(adc.readRegister(A.SR) & AdcFlag.AWD).toBe(0);
    source.setSource(new ConstantVoltage(3));
    convert();
    expect(adc.readRegister(A.SR) & AdcFlag.AWD).not.toBe(0);
  });

  it('lets an injected conversion in between', () => {
    const { chip, adc, source } = converter();
    source.setSource(new ConstantVoltage(1.65));
    chip.space.write32(0x4001_2304, (1 << 16) | 0x80_0000);
    adc.writeRegister(A.SMPR1, 7);
    adc.writeRegister(A.JSQR, 17 << 15);
    adc.writeRegister(A.CR2, AdcCr2.ADON | AdcCr2.SWSTART);
    chip.elapse(5000);
    adc.writeRegister(A.CR2, AdcCr2.ADON | AdcCr2.JSWSTART);
    chip.elapse(20_000);
    expect(adc.readRegister(A.SR) & AdcFlag.JEOC).not.toBe(0);
    expect(adc.readRegister(A.SR) & AdcFlag.EOC).toBe(0);
    expect(adc.readRegister(A.JDR1)).toBe(Math.floor((1.21 / 3.3) * 4096));
    chip.elapse(25_000);
    expect(adc.readRegister(A.DR)).toBe(2048);
  });

  it('sees the internal pull-up against a resistor to ground', () => {
    const { convert, pin, source } = converter();
    source.setPull(40_000, 0);
    pin.configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    expect(convert()).toBe(2048);
  });
});

describe('DAC', () => {
  function output() {
    const bench = chipOnBench();
    const { chip } = bench;
    chip.rcc.enable('DAC');
    chip.pin('X5').configure({ mode: PinMode.ANALOG });
    return { ...bench, dac: chip.dac!, x5: chip.pin('X5') };
  }

  it('puts a voltage on its pin, the buffer short of the rails', () => {
    const { dac, x5 } = output();
    dac.writeRegister(D.CR, DacCr.EN | DacCr.BOFF);
    dac.writeRegister(D.DHR12R1, 2048);
    expect(x5.terminal.voltage).toBeCloseTo((3.3 * 2048) / 4095, 6);
    dac.writeRegister(D.DHR8R1, 0xff);
    expect(x5.terminal.voltage).toBeCloseTo((3.3 * 0xff0) / 4095, 6);
    dac.writeRegister(D.CR, DacCr.EN);
    expect(x5.terminal.voltage).toBeCloseTo(3.1, 6);
    dac.writeRegister(D.DHR12R1, 0);
    expect(x5.terminal.voltage).toBeCloseTo(0.2, 6);
  });

  it('is read back by the ADC over a wire', () => {
    const { chip, adc, convert } = converter();
    chip.rcc.enable('DAC');
    chip.pin('X5').configure({ mode: PinMode.ANALOG });
    chip.netlist.connect(chip.pin('X5').terminal, chip.pin('X19').terminal);
    chip.dac!.writeRegister(D.CR, DacCr.EN | DacCr.BOFF);
    for (const value of [0, 1000, 3000, 4095]) {
      chip.dac!.writeRegister(D.DHR12R1, value);
      expect(Math.abs(convert() - value)).toBeLessThanOrEqual(1);
    }
    expect(adc.readRegister(A.SR) & AdcFlag.OVR).toBe(0);
  });

  it('plays a buffer by DMA at the pace of a timer', () => {
    const { chip, clock, trace, dac } = output();
    chip.rcc.enable('DMA1');
    chip.rcc.enable('TIM6');
    const stream = chip.dma(1).streams[5];
    stream.buffer = Uint8Array.of(0, 64, 128, 192);
    stream.ndtr = 4;
    stream.par = 0x4000_7410;
    stream.writeCr(DmaCr.EN | DmaCr.MINC | DmaCr.CIRC | (1 << 6) | (7 << 25));
    dac.writeRegister(D.CR, DacCr.EN | DacCr.BOFF | DacCr.TEN | DacCr.DMAEN);
    const timer = chip.timer(6);
    timer.writeRegister(T.PSC, 83);
    timer.writeRegister(T.ARR, 9);
    timer.writeRegister(T.CR2, 0x20);
    timer.writeRegister(T.EGR, 1);
    timer.writeRegister(T.CR1, Cr1.CEN);
    const start = clock.now;
    clock.advanceTo(start + 95_000);
    const steps = trace.analog('X5.voltage').changes(start + 1, clock.now);
    expect(steps.map(step => step.time - start)).toEqual([20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000]);
    expect(steps.slice(0, 4).map(step => Math.round((step.value / 3.3) * 4095) >> 4)).toEqual([64, 128, 192, 0]);
  });

  it('makes a triangle and noise', () => {
    const { dac } = output();
    dac.writeRegister(D.CR, DacCr.EN | DacCr.TEN | DacCr.TSEL | (2 << 6) | (1 << 8)); // amplitude 3, software
    dac.writeRegister(D.DHR12R1, 100);
    const shape = Array.from({ length: 8 }, () => {
      dac.writeRegister(D.SWTRIGR, 1);
      return dac.readRegister(D.DOR1);
    });
    expect(shape).toEqual([100, 101, 102, 103, 102, 101, 100, 101]);
    dac.writeRegister(D.CR, DacCr.EN | DacCr.TEN | DacCr.TSEL | (1 << 6) | (11 << 8));
    dac.writeRegister(D.DHR12R1, 0);
    const noise = Array.from({ length: 3 }, () => {
      dac.writeRegister(D.SWTRIGR, 1);
      return dac.readRegister(D.DOR1);
    });
    expect(noise[0]).toBe(0xaaa);
    expect(new Set(noise).size).toBe(3);
  });
});

describe('DMA', () => {
  it('copies memory to memory', () => {
    const { chip } = chipOnBench();
    chip.rcc.enable('DMA2');
    const { space } = chip;
    space.write32(0x2000_0000, 0x1122_3344);
    const stream = 0x4002_6400 + 0x10 + 7 * 0x18;
    space.write32(stream + 8, 0x2000_0000);
    space.write32(stream + 12, 0x1000_0000);
    space.write32(stream + 4, 4);
    space.write32(stream, DmaCr.EN | DmaCr.PINC | DmaCr.MINC | (2 << 6));
    expect(space.read32(0x1000_0000)).toBe(0x1122_3344);
    expect(space.read32(0x4002_6404) >>> 22).toBe(0x30);
  });

  it('stops with an error flag at an address where nothing answers', () => {
    const { chip } = chipOnBench();
    const stream = chip.dma(2).streams[0];
    stream.par = 0x6000_0000;
    stream.m0ar = 0x2000_0000;
    stream.ndtr = 1;
    stream.writeCr(DmaCr.EN | (2 << 6));
    expect(stream.flags & 8).toBe(8);
    expect(stream.cr & DmaCr.EN).toBe(0);
  });

  it('feeds a USART and an SPI', () => {
    const { chip, clock, trace } = chipOnBench();
    for (const name of ['DMA1', 'DMA2', 'UART4', 'SPI1']) chip.rcc.enable(name);
    chip.pin('X1').configure({ mode: PinMode.ALTERNATE, alternate: 8 });
    const uart = chip.usart(4);
    uart.writeRegister(UsartRegister.BRR, 365);
    uart.writeRegister(UsartRegister.CR1, UsartCr1.UE | UsartCr1.TE);
    const text = new TextEncoder().encode('hello');
    const out = chip.dma(1).streams[4];
    out.buffer = text;
    out.ndtr = text.length;
    out.par = 0x4000_4c04;
    out.writeCr(DmaCr.EN | DmaCr.MINC | (1 << 6) | (4 << 25));
    uart.writeRegister(UsartRegister.CR3, UsartCr3.DMAT);
    clock.advanceTo(clock.now + 1_000_000);
    expect(trace.bytes('uart4.tx').latin1()).toBe('hello');

    for (const name of ['X6', 'X7', 'X8']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
    chip.netlist.connect(chip.pin('X7').terminal, chip.pin('X8').terminal);
    const spi = chip.spi(1);
    const received = new Uint8Array(5);
    const [rx, tx] = [chip.dma(2).streams[2], chip.dma(2).streams[5]];
    for (const [stream, buffer, direction] of [
      [rx, received, 0],
      [tx, text, 1],
    ] as const) {
      stream.buffer = buffer;
      stream.ndtr = buffer.length;
      stream.par = 0x4001_300c;
      stream.writeCr(DmaCr.EN | DmaCr.MINC | (direction << 6) | (3 << 25));
    }
    spi.writeRegister(SpiRegister.CR1, SpiCr1.MSTR | SpiCr1.SSM | SpiCr1.SSI | SpiCr1.SPE);
    spi.writeRegister(SpiRegister.CR2, SpiCr2.TXDMAEN | SpiCr2.RXDMAEN);
    clock.advanceTo(clock.now + 100_000);
    expect(new TextDecoder().decode(received)).toBe('hello');
  });
});

describe('analogue sources', () => {
  it('are functions of time', () => {
    const sine = new PeriodicVoltage({ shape: 'sine', frequency: 50, low: 0, high: 3.3 });
    expect(sine.valueAt(0)).toBeCloseTo(1.65);
    expect(sine.valueAt(5_000_000)).toBeCloseTo(3.3);
    const line = new PointwiseVoltage([
      { time: 1000, volts: 1 },
      { time: 2000, volts: 3 },
    ]);
    expect([0, 1500, 5000].map(time => line.valueAt(time))).toEqual([1, 2, 3]);
    const noisy = new NoisyVoltage(new ConstantVoltage(1), 0.1, 42);
    const values = Array.from({ length: 100 }, (_, i) => noisy.valueAt(i * 1000));
    expect(Math.min(...values)).toBeGreaterThan(0.9);
    expect(Math.max(...values)).toBeLessThan(1.1);
    expect(new Set(values).size).toBeGreaterThan(90);
    expect(new NoisyVoltage(new ConstantVoltage(1), 0.1, 42).valueAt(77_000)).toBe(values[77]);
  });
});
