/** Drivers and registers share one model: what a class sets up, and what a program does by registers alone, make the same waves. */
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../trace/trace.ts';
import { runOnBoard } from './board-program.ts';

interface Case {
  readonly title: string;
  /** The nets that must behave alike. */
  readonly nets: readonly string[];
  readonly byClass: string;
  readonly byRegisters: string;
}

const PRELUDE = `
from machine import *
import stm, time
GPIOA, GPIOB, RCC = 0x40020000, 0x40020400, 0x40023800
def put(address, value, mask=0xffffffff):
    mem32[address] = mem32[address] & ~mask | value
def alternate(port, pin, function, pull=0, open_drain=0):
    put(port + 8, 2 << 2 * pin, 3 << 2 * pin)
    put(port + 12, pull << 2 * pin, 3 << 2 * pin)
    put(port + 4, open_drain << pin, 1 << pin)
    put(port + (0x20 if pin < 8 else 0x24), function << 4 * (pin & 7), 15 << 4 * (pin & 7))
    put(port, 2 << 2 * pin, 3 << 2 * pin)
`;

const CASES: readonly Case[] = [
  {
    title: 'GPIO',
    nets: ['X1'],
    byClass: "p = Pin('X1', Pin.OUT, value=1)\nfor _ in range(3):\n    p.low()\n    p.high()",
    byRegisters: 'mem32[GPIOA + 0x18] = 1\nput(GPIOA, 1, 3)\nfor _ in range(3):\n    mem16[GPIOA + 0x1a] = 1\n    mem16[GPIOA + 0x18] = 1',
  },
  {
    title: 'a timer with PWM',
    nets: ['X1'],
    byClass:
      "import pyb\nt = pyb.Timer(5, prescaler=83, period=999)\nt.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width=250)\ntime.sleep_ms(20)",
    byRegisters: `
alternate(GPIOA, 0, 2)
put(RCC + 0x40, 8, 8)
TIM5 = 0x40000c00
mem32[TIM5 + 0x28] = 83
mem32[TIM5 + 0x2c] = 999
mem32[TIM5 + 0x34] = 250
mem32[TIM5 + 0x18] = 0x68
mem32[TIM5 + 0x14] = 1
mem32[TIM5 + 0x20] = 1
mem32[TIM5] = 1
time.sleep_ms(20)
`,
  },
  {
    title: 'a UART',
    nets: ['X1'],
    byClass: "u = UART('XA', 115200)\ntime.sleep_ms(1)\nu.write(b'Hello')\nu.flush()\ntime.sleep_ms(1)",
    byRegisters: `
alternate(GPIOA, 0, 8, 1)
put(RCC + 0x40, 1 << 19, 1 << 19)
UART4 = 0x40004c00
mem32[UART4 + 8] = 364
mem32[UART4 + 12] = 0x200c
time.sleep_ms(1)
for byte in b'Hello':
    while not mem32[UART4] & 0x80:
        pass
    mem32[UART4 + 4] = byte
while not mem32[UART4] & 0x40:
    pass
time.sleep_ms(1)
`,
  },
  {
    title: 'SPI',
    nets: ['X6', 'X8'],
    byClass: "spi = SPI(1, 1_000_000, polarity=0, phase=0)\nspi.write(b'\\xa5')\ntime.sleep_us(100)\nspi.write(b'\\x3c')",
    byRegisters: `
put(RCC + 0x44, 1 << 12, 1 << 12)
for pin in (5, 6, 7):
    alternate(GPIOA, pin, 5, 2)
SPI1 = 0x40013000
mem32[SPI1] = 0x0304 | 6 << 3 | 0x40
def send(byte):
    mem32[SPI1 + 12] = byte
    while not mem32[SPI1 + 8] & 1:
        pass
    mem32[SPI1 + 12]
send(0xa5)
time.sleep_us(100)
send(0x3c)
`,
  },
  {
    title: 'I2C, whose target is not there',
    nets: ['X9', 'X10'],
    byClass: "i2c = I2C(1, freq=100_000)\ntry:\n    i2c.writeto(0x42, b'')\nexcept OSError:\n    pass",
    byRegisters: `
alternate(GPIOB, 6, 4, 1, 1)
alternate(GPIOB, 7, 4, 1, 1)
put(RCC + 0x40, 1 << 21, 1 << 21)
I2C1 = 0x40005400
mem32[I2C1 + 4] = 42
mem32[I2C1 + 0x1c] = 210
mem32[I2C1 + 0x20] = 43
mem32[I2C1] = 1
mem32[I2C1] = 0x101
while not mem32[I2C1 + 0x14] & 1:
    pass
mem32[I2C1 + 0x10] = 0x84
while not mem32[I2C1 + 0x14] & 0x402:
    pass
put(I2C1, 0x200, 0x200)
time.sleep_ms(1)
`,
  },
];

/** The edges of a net, from its first on; the first and the last stretch have no width, as they hang on the program. */
function wave(trace: Trace, net: string): string[] {
  const edges = trace.digital(net).edges();
  return edges.map(({ time, bit }, i) => `${bit} for ${i + 1 < edges.length ? edges[i + 1].time - time : '-'}`);
}

/** Widths that the CPU decides are those of the program; those that a block decides must agree to the nanosecond. */
const bits = (all: readonly string[]) => all.map(each => each[0]);

describe('by its class and by its registers alone, the same happens on the nets', () => {
  it.each(CASES)('$title', ({ nets, byClass, byRegisters }) => {
    const first = runOnBoard(PRELUDE + byClass);
    const second = runOnBoard(PRELUDE + byRegisters);
    for (const run of [first, second]) expect(run.output).toBe('');
    for (const net of nets) {
      const [a, b] = [wave(first.trace, net), wave(second.trace, net)];
      expect(a.length, net).toBeGreaterThan(3);
      const length = Math.min(a.length, b.length);
      // A wave that never ends is as long as the program lets it.
      if (net !== 'X1' || a.length < 20) expect(bits(b), net).toEqual(bits(a));
      expect(bits(b).slice(0, length), net).toEqual(bits(a).slice(0, length));
    }
  });

  it('a timer and a UART keep the same widths, to the nanosecond', () => {
    for (const { nets, byClass, byRegisters } of CASES.slice(1, 3)) {
      const [a, b] = [byClass, byRegisters].map(program => wave(runOnBoard(PRELUDE + program).trace, nets[0]));
      const length = Math.min(a.length, b.length) - 2;
      expect(length).toBeGreaterThan(8);
      expect(b.slice(1, length)).toEqual(a.slice(1, length));
    }
  });

  it('reads back what a class has set', () => {
    const { output } = runOnBoard(`${PRELUDE}
SPI(1, 1_000_000, polarity=1, phase=1)
print(hex(mem16[stm.SPI1 + stm.SPI_CR1]))
I2C(1, freq=100_000)
print(mem32[stm.I2C1 + stm.I2C_CCR], mem32[stm.I2C1 + stm.I2C_TRISE])
UART(4, 9600, parity=0, stop=2)
print(mem32[stm.UART4 + stm.USART_BRR], hex(mem32[stm.UART4 + stm.USART_CR2]))
Pin('X1', Pin.OPEN_DRAIN, Pin.PULL_UP)
print(mem32[stm.GPIOA + stm.GPIO_MODER] & 3, mem32[stm.GPIOA + stm.GPIO_OTYPER] & 1, mem32[stm.GPIOA + stm.GPIO_PUPDR] & 3)
mem32[stm.GPIOA + stm.GPIO_MODER] &= ~3
print(Pin('X1'))
`);
    expect(output.trimEnd().split('\n')).toEqual([
      '0x337',
      '210 43',
      '4375 0x2000',
      '1 1 1',
      'Pin(Pin.cpu.A0, mode=Pin.IN, pull=Pin.PULL_UP)',
    ]);
  });
});
