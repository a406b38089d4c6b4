import { describe, expect, it } from 'vitest';
import type { BoardMachine } from '../../boot/board-machine.ts';
import { linesOf, runOnBoard } from '../../boot/test-board.ts';
import { Mma7660 } from '../../parts/mma7660.ts';

/** The accelerometer and the pull-ups of its bus, as they are soldered to the board. */
function addAccelerometer({ chip }: BoardMachine): void {
  const { clock, trace, netlist, random } = chip;
  const part = new Mma7660({ clock, trace, netlist, random }, 'accel');
  for (const [pin, cpu] of [['scl', 'PB6'], ['sda', 'PB7'], ['avdd', 'PB5']] as const) // biome-ignore format: pairs
    netlist.connect(part.pin(pin), chip.pin(cpu).terminal);
  for (const cpu of ['PB6', 'PB7']) {
    const resistor = netlist.terminal('pull-up', false);
    resistor.setPull(4_700, netlist.supply);
    netlist.connect(chip.pin(cpu).terminal, resistor);
  }
}

describe('pyb.UART', () => {
  const loop = { wires: [['X1', 'X2']] } as const;

  it('sends frames of its format at its baud rate, and receives them', () => {
    const { output, trace } = runOnBoard(
      `
from pyb import UART
uart = UART(4, 9600, bits=8, parity=0, stop=2, timeout=50)
print(uart.write(b'\\x55\\x00'))
print(uart.read(10), uart.any())
`,
      loop,
    );
    expect(output.trim().split('\n')).toEqual(['2', "b'U\\x00' 0"]);
    // 0x55 with even parity: the line changes with every bit, each 104 µs long.
    const start = trace.net('X1').nextEdge(0, 0)!;
    const edges = trace.net('X1').edges(start.time - 1, start.time + 8.5 * 104_167);
    expect(edges).toHaveLength(9);
    for (let i = 1; i < edges.length; i++) expect(Math.abs(edges[i].time - edges[i - 1].time - 104_167)).toBeLessThan(200);
    expect(trace.bytes('uart4.rx').bytes()).toEqual(Uint8Array.of(0x55, 0));
  });

  it('keeps what its buffer holds, and holds the rest off', () => {
    const lines = linesOf(
      `
from pyb import UART
uart = UART(4, 115200, read_buf_len=8)
uart.write(b'0123456789')
print(uart.any(), uart.read())
`,
      loop,
    );
    // Eight in the buffer and one in the chip; the tenth overran it.
    expect(lines).toEqual(["8 b'012345678'"]);
  });

  it('calls back when the line has become idle', () => {
    const lines = linesOf(
      `
import pyb
from pyb import UART
uart = UART(4, 115200)
def idle(u):
    print('idle', u.any())
uart.irq(idle, UART.IRQ_RXIDLE)
uart.write('hello')
pyb.delay(5)
print(uart.irq().flags() & UART.IRQ_RXIDLE)
`,
      loop,
    );
    expect(lines).toEqual(['idle 5', '16']);
  });

  it('gives up after its timeout', () => {
    const lines = linesOf(`
import pyb
uart = pyb.UART(1, 9600, timeout=30)
start = pyb.millis()
print(uart.read(1), 29 <= pyb.elapsed_millis(start) <= 31, uart.readchar())
`);
    expect(lines).toEqual(['None True -1']);
  });

  it('repeats the REPL, and takes its input', () => {
    const { trace } = runOnBoard(`
import pyb
uart = pyb.UART(1, 115200)
pyb.repl_uart(uart)
print('hello')
print(pyb.repl_uart() is uart)
`);
    expect(String.fromCharCode(...trace.bytes('uart1.tx').bytes())).toBe('hello\nTrue\n');
  });
});

describe('pyb.SPI', () => {
  it('exchanges bytes with what is wired to it, in every mode', () => {
    const lines = linesOf(
      `
from pyb import SPI
for polarity in (0, 1):
    for phase in (0, 1):
        spi = SPI(1, SPI.CONTROLLER, baudrate=1000000, polarity=polarity, phase=phase)
        print(spi.send_recv(b'\\x12\\xa5\\xff'))
spi = SPI(1, SPI.CONTROLLER, baudrate=1000000, firstbit=SPI.LSB)
print(spi.send_recv(b'\\x01'), spi.recv(2), spi)
`,
      { wires: [['X7', 'X8']] },
    );
    expect(lines.slice(0, 4)).toEqual(new Array(4).fill("b'\\x12\\xa5\\xff'"));
    expect(lines[4]).toBe("b'\\x01' b'\\xff\\xff' SPI(1, SPI.CONTROLLER, baudrate=656250, prescaler=128, polarity=1, phase=0, bits=8)");
  });

  it('sends without pauses, at the rate it says', () => {
    const { trace } = runOnBoard(`
from pyb import SPI
spi = SPI(2, SPI.CONTROLLER, baudrate=1312500, polarity=0)
spi.send(bytes(range(10)))
`);
    const pulses = trace.net('Y6').pulses(0, undefined, 1);
    expect(pulses).toHaveLength(80);
    expect((pulses[79].start - pulses[0].start) / 79).toBeCloseTo(1e9 / 1_312_500, -1);
    expect(trace.bytes('spi2.mosi').bytes()).toEqual(Uint8Array.from(Array(10).keys()));
  });

  it('raises OSError when it is a peripheral that nobody clocks', () => {
    const lines = linesOf(`
from pyb import SPI
spi = SPI(1, SPI.PERIPHERAL)
try:
    spi.recv(2, timeout=20)
except OSError as error:
    print(error.errno)
`);
    expect(lines).toEqual(['110']);
  });
});

describe('pyb.I2C', () => {
  it('transfers at the speed asked for, and shows in the trace', () => {
    const { output, trace } = runOnBoard(
      `
import pyb
from pyb import I2C, Pin
Pin('MMA_AVDD', Pin.OUT_PP).high()
pyb.delay(50)
i2c = I2C(1, I2C.CONTROLLER, baudrate=100000)
print(i2c.scan(), i2c.is_ready(0x4c), i2c.is_ready(0x4d))
i2c.mem_write(1, 0x4c, 7)
print(i2c.mem_read(1, 0x4c, 7), i2c.mem_read(2, 0x4c, 6))
buffer = bytearray(4)
i2c.send(0, 0x4c)
i2c.recv(buffer, 0x4c)
print(len(buffer), i2c)
`,
      { prepare: addAccelerometer },
    );
    expect(output.trim().split('\n')).toEqual(['[76] True False', "b'\\x01' b'\\x00\\x01'", '4 I2C(1, I2C.CONTROLLER, baudrate=100000)']);
    const clock = trace.net('X9').pulses(0, undefined, 1);
    const shortest = Math.min(...clock.slice(1, -1).map(({ start, end }) => end - start));
    expect(shortest).toBeGreaterThan(4_000);
    const writes = trace.events('i2c1').events(-1, undefined, 'write');
    expect(writes.some(({ data }) => data?.join() === '7,1')).toBe(true);
  });

  it('answers as a peripheral what a controller asks', () => {
    // The controller is bus 2, driven byte by byte from its registers by a timer's callback while bus 1 waits.
    const lines = linesOf(`
from pyb import I2C
i2c = I2C(1, I2C.PERIPHERAL, addr=0x42)
print(i2c)
try:
    i2c.recv(1, timeout=20)
except OSError as error:
    print(error.errno)
i2c.init(I2C.CONTROLLER)
try:
    i2c.send(b'1')
except TypeError as error:
    print(error)
try:
    i2c.send(b'1', 0x42)
except OSError as error:
    print(error.errno)
`);
    expect(lines).toEqual(['I2C(1, I2C.PERIPHERAL, addr=0x42)', '110', 'addr argument required', '5']);
  });
});

describe('pyb.CAN', () => {
  it('receives what its filters let in, in loop-back', () => {
    const lines = linesOf(`
from pyb import CAN
can = CAN(1, CAN.LOOPBACK, baudrate=500000)
can.setfilter(0, CAN.LIST16, 0, (123, 124, 125, 126))
seen = []
can.rxcallback(0, lambda bus, reason: seen.append(reason))
can.send('message!', 123, timeout=50)
can.send('other', 99, timeout=50)
print(can.any(0), can.recv(0), can.any(0), seen)
`);
    expect(lines).toEqual(["True (123, False, False, 0, b'message!') False [0]"]);
  });
});
