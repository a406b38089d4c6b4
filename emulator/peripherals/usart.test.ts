import { describe, expect, it } from 'vitest';
import { ByteFlag } from '../trace/byte-stream.ts';
import { PinMode, PinPull } from './gpio.ts';
import { EIGHT_N_1, frameWaveform } from './serial-frame.ts';
import { chipOnBench } from './test-bench.ts';
import { UsartRegister as R, UsartCr1, UsartCr3, UsartFlag } from './usart.ts';

const ON = UsartCr1.UE | UsartCr1.TE | UsartCr1.RE;

/** USART3 on Y9 (TX) and Y10 (RX), UART4 on X1 (TX) and X2 (RX), crossed over. */
function twoUarts(baud = 115_200) {
  const bench = chipOnBench();
  const { chip, clock } = bench;
  const setUp = (number: number, tx: string, rx: string, alternate: number) => {
    const usart = chip.usart(number);
    chip.rcc.enable(usart.name);
    chip.pin(tx).configure({ mode: PinMode.ALTERNATE, alternate, pull: PinPull.UP });
    chip.pin(rx).configure({ mode: PinMode.ALTERNATE, alternate, pull: PinPull.UP });
    usart.writeRegister(R.BRR, Math.round(chip.rcc.frequencies.pclk1 / baud));
    usart.writeRegister(R.CR1, ON);
    return usart;
  };
  const a = setUp(3, 'Y9', 'Y10', 7);
  const b = setUp(4, 'X1', 'X2', 8);
  chip.netlist.connect(chip.pin('Y9').terminal, chip.pin('X2').terminal);
  chip.netlist.connect(chip.pin('X1').terminal, chip.pin('Y10').terminal);
  clock.advanceTo(clock.now + 2_000_000);
  return { ...bench, a, b };
}

describe('USART', () => {
  it('sends a byte with the bit times of its divider', () => {
    const { clock, trace, a } = twoUarts();
    const start = clock.now;
    a.writeRegister(R.DR, 0x55);
    clock.advanceTo(start + 1_000_000);
    const bit = (365 * 1e9) / 42e6;
    const edges = trace.net('Y9').edges(start - 1, start + 1_000_000);
    expect(edges).toHaveLength(10);
    edges.forEach((edge, index) => {
      expect(edge.time - start).toBe(Math.round(index * bit));
    });
    expect(edges[0].bit).toBe(0);
  });

  it('receives what another one sends', () => {
    const { clock, trace, a, b } = twoUarts();
    const got: number[] = [];
    for (const byte of [0x00, 0x42, 0xff]) {
      a.writeRegister(R.DR, byte);
      clock.advanceTo(clock.now + 100_000);
      expect(b.readRegister(R.SR) & UsartFlag.RXNE).not.toBe(0);
      got.push(b.readRegister(R.DR));
      expect(b.readRegister(R.SR) & UsartFlag.RXNE).toBe(0);
    }
    expect(got).toEqual([0x00, 0x42, 0xff]);
    expect([...trace.bytes('uart4.rx').bytes()]).toEqual(got);
    expect([...trace.bytes('uart3.tx').bytes()]).toEqual(got);
  });

  it('sends frames without a pause while its data register is filled in time', () => {
    const { clock, trace, a } = twoUarts();
    const start = clock.now;
    a.writeRegister(R.DR, 0x00);
    expect(a.readRegister(R.SR) & UsartFlag.TXE).not.toBe(0);
    a.writeRegister(R.DR, 0x00);
    expect(a.readRegister(R.SR) & (UsartFlag.TXE | UsartFlag.TC)).toBe(0);
    clock.advanceTo(start + 200_000);
    const bit = (365 * 1e9) / 42e6;
    const falls = trace
      .net('Y9')
      .edges(start - 1)
      .filter(edge => edge.bit === 0);
    expect(falls.map(edge => edge.time - start)).toEqual([0, Math.round(10 * bit)]);
    expect(a.readRegister(R.SR) & UsartFlag.TC).not.toBe(0);
  });

  it('interrupts for a received byte, and again for the next only after it was read', () => {
    const { chip, clock, a, b } = twoUarts();
    const got: number[] = [];
    chip.nvic.setHandler(chip.irq('UART4'), () => got.push(b.readRegister(R.DR)));
    chip.nvic.enable(chip.irq('UART4'), 1);
    b.writeRegister(R.CR1, ON | UsartCr1.RXNEIE);
    const rest = [1, 2, 3, 4, 5];
    while (rest.length > 0) {
      if (a.readRegister(R.SR) & UsartFlag.TXE) a.writeRegister(R.DR, rest.shift()!);
      chip.elapse(10_000);
    }
    chip.elapse(300_000);
    expect(got).toEqual([1, 2, 3, 4, 5]);
    expect(clock.now).toBeLessThan(5_000_000);
  });

  it('loses the second of two bytes that nobody reads, and says so', () => {
    const { clock, trace, a, b } = twoUarts();
    a.writeRegister(R.DR, 0x11);
    a.writeRegister(R.DR, 0x22);
    clock.advanceTo(clock.now + 300_000);
    expect(b.readRegister(R.SR) & UsartFlag.ORE).not.toBe(0);
    expect(b.readRegister(R.DR)).toBe(0x11);
    expect(b.readRegister(R.SR) & UsartFlag.ORE).toBe(0);
    const flags: number[] = [];
    trace.bytes('uart4.rx').forEach(-1, clock.now, (_, __, flag) => void flags.push(flag));
    expect(flags).toEqual([0, ByteFlag.OVERRUN]);
  });

  it('checks parity and 9 data bits', () => {
    const { clock, a, b } = twoUarts();
    a.writeRegister(R.CR1, ON | UsartCr1.PCE | UsartCr1.M);
    b.writeRegister(R.CR1, ON | UsartCr1.PCE | UsartCr1.M | UsartCr1.PS);
    clock.advanceTo(clock.now + 1_000_000);
    a.writeRegister(R.DR, 0x41);
    clock.advanceTo(clock.now + 200_000);
    expect(b.readRegister(R.SR) & UsartFlag.PE).not.toBe(0);
    expect(b.readRegister(R.DR) & 0xff).toBe(0x41);
    for (const usart of [a, b]) usart.writeRegister(R.CR1, ON | UsartCr1.M);
    a.writeRegister(R.DR, 0x1a5);
    clock.advanceTo(clock.now + 200_000);
    expect(b.readRegister(R.DR)).toBe(0x1a5);
  });

  it('sees a framing error when the other side is half as fast, and a break', () => {
    const { clock, a, b } = twoUarts();
    a.writeRegister(R.BRR, 730);
    a.writeRegister(R.DR, 0x00);
    clock.advanceTo(clock.now + 400_000);
    expect(b.readRegister(R.SR) & UsartFlag.FE).not.toBe(0);
    b.readRegister(R.DR);
    a.writeRegister(R.BRR, 365);
    a.writeRegister(R.CR1, ON | UsartCr1.SBK);
    clock.advanceTo(clock.now + 400_000);
    expect(a.readRegister(R.CR1) & UsartCr1.SBK).toBe(0);
    expect(b.readRegister(R.SR) & UsartFlag.FE).not.toBe(0);
    expect(b.readRegister(R.DR)).toBe(0);
  });

  it('notices an idle line after a frame', () => {
    const { clock, a, b } = twoUarts();
    a.writeRegister(R.DR, 1);
    clock.advanceTo(clock.now + 100_000);
    expect(b.readRegister(R.SR) & UsartFlag.IDLE).toBe(0);
    clock.advanceTo(clock.now + 100_000);
    expect(b.readRegister(R.SR) & UsartFlag.IDLE).not.toBe(0);
  });

  it('waits for CTS, and takes RTS back while it is full', () => {
    const { chip, clock, trace } = chipOnBench();
    const usart = chip.usart(2);
    chip.rcc.enable('USART2');
    for (const name of ['X1', 'X2', 'X3', 'X4']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 7, pull: PinPull.UP });
    usart.writeRegister(R.BRR, 365);
    usart.writeRegister(R.CR3, UsartCr3.RTSE | UsartCr3.CTSE);
    usart.writeRegister(R.CR1, ON);
    clock.advanceTo(1_000_000);
    expect(chip.pin('X2').bit).toBe(0); // RTS
    usart.writeRegister(R.DR, 0x55);
    clock.advanceTo(2_000_000);
    expect(trace.net('X3').edges(1_000_000)).toEqual([]);
    const peer = chip.netlist.terminal('peer cts');
    chip.netlist.connect(peer, chip.pin('X1').terminal);
    peer.setDrive(0);
    clock.advanceTo(3_000_000);
    expect(trace.net('X3').edges(1_000_000)).toHaveLength(10);
    const tx = chip.netlist.terminal('peer tx');
    chip.netlist.connect(tx, chip.pin('X4').terminal);
    tx.setDrive(1);
    tx.play(frameWaveform(0x33, EIGHT_N_1, clock.now, 1e9 / 115_200));
    clock.advanceTo(4_000_000);
    expect(chip.pin('X2').bit).toBe(1);
    expect(usart.readRegister(R.DR)).toBe(0x33);
    expect(chip.pin('X2').bit).toBe(0);
  });

  it('ignores a glitch that is shorter than half a bit', () => {
    const { chip, clock, b } = twoUarts();
    chip.pin('Y9').configure({ mode: PinMode.OUTPUT, latch: 1 });
    chip.pin('Y9').set(0);
    clock.advanceTo(clock.now + 3000);
    chip.pin('Y9').set(1);
    clock.advanceTo(clock.now + 300_000);
    expect(b.readRegister(R.SR) & UsartFlag.RXNE).toBe(0);
  });

  it('says what it does not do', () => {
    const { a } = twoUarts();
    expect(() => a.writeRegister(R.CR3, 0x20)).toThrow('USART3: smartcard mode (CR3.SCEN) is not modelled');
  });
});
