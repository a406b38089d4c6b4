/** Each peripheral once through pyb, and once through its registers alone (stm.mem32): the pins do the same. */
import { describe, expect, it } from 'vitest';
import type { BoardMachine } from '../../boot/board-machine.ts';
import { type BoardRun, linesOf, runOnBoard } from '../../boot/test-board.ts';

/** What a register program begins with: `pin(port, number, alternate)` gives a pin to a peripheral. */
const REGISTERS = `
import stm
from stm import mem32
def update(address, clear, bits):
    mem32[address] = mem32[address] & ~clear | bits
def pin(port, number, alternate, drain=0):
    update(stm.RCC + stm.RCC_AHB1ENR, 0, 1 << (port - stm.GPIOA >> 10))
    half = port + stm.GPIO_AFR0 + (number >> 3) * 4
    update(half, 15 << (number & 7) * 4, alternate << (number & 7) * 4)
    update(port + stm.GPIO_OTYPER, 1 << number, drain << number)
    update(port + stm.GPIO_PUPDR, 3 << number * 2, 0)
    update(port + stm.GPIO_MODER, 3 << number * 2, 2 << number * 2)
`;

/** A net's bits from its first edge after the program began to drive it, with the times between them if they must be equal. */
function shape({ trace, clock }: BoardRun, net: string, timed: boolean): string[] {
  const edges = trace.net(net).edges(0, clock.now);
  // Where in its period a timer is started is the program's: its last edges are compared.
  return timed
    ? edges.slice(-5, -1).map(({ time, bit }, i) => `${bit} for ${edges[edges.length - 4 + i].time - time}`)
    : edges.map(({ bit }) => `${bit}`);
}

interface Comparison {
  nets: readonly string[];
  /** Whether the times between edges are the hardware's alone. */
  timed: boolean;
  driver: string;
  registers: string;
  prepare?: (machine: BoardMachine) => void;
}

function expectEqual({ nets, timed, driver, registers, prepare }: Comparison): void {
  const byDriver = runOnBoard(driver, { prepare });
  const byRegisters = runOnBoard(REGISTERS + registers, { prepare });
  expect(byRegisters.output).toBe('');
  for (const net of nets) {
    const expected = shape(byDriver, net, timed);
    expect(expected.length).toBeGreaterThan(1);
    expect(shape(byRegisters, net, timed)).toEqual(expected);
  }
}

function pullUps({ chip }: BoardMachine): void {
  for (const cpu of ['PB6', 'PB7']) {
    const resistor = chip.netlist.terminal('pull-up', false);
    resistor.setPull(4_700, chip.netlist.supply);
    chip.netlist.connect(chip.pin(cpu).terminal, resistor);
  }
}

describe('a peripheral set up through its registers', () => {
  it('GPIO does as pyb.Pin does', () => {
    expectEqual({
      nets: ['X1'],
      timed: false,
      driver: `
import pyb
pin = pyb.Pin('X1', pyb.Pin.OUT_PP)
for bit in (1, 0, 1, 1, 0):
    pin.value(bit)
`,
      registers: `
update(stm.RCC + stm.RCC_AHB1ENR, 0, 1)
update(stm.GPIOA + stm.GPIO_MODER, 3, 1)
for bit in (1, 0, 1, 1, 0):
    mem32[stm.GPIOA + stm.GPIO_BSRR] = 1 if bit else 1 << 16
`,
    });
  });

  it('a timer does as pyb.Timer does', () => {
    expectEqual({
      nets: ['X1'],
      timed: true,
      driver: `
import pyb
timer = pyb.Timer(2, prescaler=83, period=999)
timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width=300)
timer.counter(999)
for turn in range(2):
    while timer.counter() < 500: pass
    while timer.counter() >= 500: pass
while timer.counter() < 500: pass
timer.deinit()
`,
      registers: `
update(stm.RCC + stm.RCC_APB1ENR, 0, 1)
T = stm.TIM2
mem32[T + stm.TIM_PSC] = 83
mem32[T + stm.TIM_ARR] = 999
mem32[T + stm.TIM_EGR] = 1
mem32[T + stm.TIM_CR1] = 0x81
pin(stm.GPIOA, 0, 1)
mem32[T + stm.TIM_CCMR1] = 0x68
mem32[T + stm.TIM_CCR1] = 300
mem32[T + stm.TIM_CCER] = 1
mem32[T + stm.TIM_CNT] = 999
for turn in range(2):
    while mem32[T + stm.TIM_CNT] < 500: pass
    while mem32[T + stm.TIM_CNT] >= 500: pass
while mem32[T + stm.TIM_CNT] < 500: pass
mem32[T + stm.TIM_CCER] = 0
mem32[T + stm.TIM_CR1] = 0
`,
    });
  });

  it('a UART does as pyb.UART does', () => {
    expectEqual({
      nets: ['X1'],
      timed: false,
      driver: `
import pyb
pyb.UART(4, 115200).write(b'U')
`,
      registers: `
update(stm.RCC + stm.RCC_APB1ENR, 0, 1 << 19)
pin(stm.GPIOA, 0, 8)
U = stm.UART4
mem32[U + stm.USART_BRR] = 0x16d
mem32[U + stm.USART_CR1] = 1 << 13 | 1 << 3
mem32[U + stm.USART_DR] = ord('U')
while not mem32[U + stm.USART_SR] & 0x40: pass
`,
    });
  });

  it('SPI does as pyb.SPI does', () => {
    expectEqual({
      nets: ['X6', 'X8'],
      timed: false,
      driver: `
import pyb
pyb.SPI(1, pyb.SPI.CONTROLLER, baudrate=1000000, polarity=1, phase=1).send(0xa5)
`,
      registers: `
update(stm.RCC + stm.RCC_APB2ENR, 0, 1 << 12)
S = stm.SPI1
for number in (5, 6, 7):
    pin(stm.GPIOA, number, 5)
    update(stm.GPIOA + stm.GPIO_PUPDR, 0, 1 << number * 2)
mem32[S + stm.SPI_CR1] = 0x304 | 6 << 3 | 3 | 1 << 6
mem32[S + stm.SPI_DR] = 0xa5
while not mem32[S + stm.SPI_SR] & 1: pass
`,
    });
  });

  it('I2C does as pyb.I2C does', () => {
    expectEqual({
      nets: ['X9', 'X10'],
      timed: false,
      prepare: pullUps,
      driver: `
import pyb
i2c = pyb.I2C(1, pyb.I2C.CONTROLLER, baudrate=100000)
try:
    i2c.send(b'', 0x55)
except OSError:
    pass
`,
      registers: `
update(stm.RCC + stm.RCC_APB1ENR, 0, 1 << 21)
I = stm.I2C1
pin(stm.GPIOB, 6, 4, 1)
pin(stm.GPIOB, 7, 4, 1)
mem32[I + stm.I2C_CR2] = 42
mem32[I + stm.I2C_CCR] = 210
mem32[I + stm.I2C_TRISE] = 43
mem32[I + stm.I2C_CR1] = 1
update(I + stm.I2C_CR1, 0, 0x100)
while not mem32[I + stm.I2C_SR1] & 1: pass
mem32[I + stm.I2C_DR] = 0xaa
while not mem32[I + stm.I2C_SR1] & 0x400: pass
update(I + stm.I2C_CR1, 0, 0x200)
while mem32[I + stm.I2C_SR2] & 2: pass
`,
    });
  });

  it('ADC and DAC measure and make the same', () => {
    const wires = [['X5', 'X19']] as const;
    const byDriver = linesOf(`import pyb\npyb.DAC(1, bits=12).write(1234)\nprint(pyb.ADC('X19').read())\n`, { wires });
    const byRegisters = linesOf(
      `${REGISTERS}
update(stm.RCC + stm.RCC_APB1ENR, 0, 1 << 29)
update(stm.RCC + stm.RCC_APB2ENR, 0, 1 << 8)
update(stm.GPIOA + stm.GPIO_MODER, 0, 3 << 8)
update(stm.GPIOC + stm.GPIO_MODER, 0, 3)
mem32[stm.DAC + stm.DAC_DHR12R1] = 1234
mem32[stm.DAC + stm.DAC_CR] = 3
A = stm.ADC1
mem32[A + stm.ADC_CR2] = 1
mem32[A + stm.ADC_SQR3] = 10
update(A + stm.ADC_CR2, 0, 1 << 30)
while not mem32[A + stm.ADC_SR] & 2: pass
print(mem32[A + stm.ADC_DR])
`,
      { wires },
    );
    expect(byRegisters).toEqual(byDriver);
  });

  it('the RTC tells pyb.RTC the time that registers set', () => {
    const lines = linesOf(`${REGISTERS}
import pyb
rtc = pyb.RTC()
rtc.init()
R = stm.RTC
mem32[R + stm.RTC_WPR] = 0xca
mem32[R + stm.RTC_WPR] = 0x53
mem32[R + stm.RTC_ISR] = 0xffffffff
mem32[R + stm.RTC_DR] = 0x24 << 16 | 4 << 13 | 0x02 << 8 | 0x29
mem32[R + stm.RTC_TR] = 0x12 << 16 | 0x34 << 8 | 0x56
mem32[R + stm.RTC_ISR] = 0xffffff7f
mem32[R + stm.RTC_WPR] = 0xff
print(rtc.datetime()[:7])
`);
    expect(lines).toEqual(['(2024, 2, 29, 4, 12, 34, 56)']);
  });
});
