/** machine's buses from a program's side, with parts on the bench and the waves on the nets. */
import { describe, expect, it } from 'vitest';
import { Dht22 } from '../../parts/dht22.ts';
import { Ds18b20 } from '../../parts/ds18b20.ts';
import { Eeprom24C } from '../../parts/eeprom-24c.ts';
import { W25q } from '../../parts/w25q.ts';
import { Ws2812 } from '../../parts/ws2812.ts';
import { type BenchTools, runOnBoard } from './board-program.ts';

const lines = (source: string, setUp?: (bench: BenchTools) => void) => runOnBoard(source, setUp).output.trimEnd().split('\n');
const NS = 1e9;

const withEeprom = ({ attach, parts }: BenchTools) => attach(new Eeprom24C(parts, 'eeprom', '24C256', 0), { scl: 'X9', sda: 'X10' });

/** What a memory must answer, whatever bus object drives it. */
const EEPROM_PROGRAM = (bus: string) => `
from machine import *
import time
i2c = ${bus}
print(i2c.scan())
i2c.writeto_mem(0x50, 0x0123, b'hello', addrsize=16)
time.sleep_ms(10)
print(i2c.readfrom_mem(0x50, 0x0123, 5, addrsize=16))
print(i2c.writeto(0x50, b'\\x01\\x24'), i2c.readfrom(0x50, 3), i2c.readfrom(0x50, 1), i2c.readfrom(0x50, 2))
buf = bytearray(2)
i2c.readfrom_mem_into(0x50, 0x0123, buf, addrsize=16)
print(buf, i2c.writevto(0x50, (b'\\x01', b'', b'\\x23')))
for action in (lambda: i2c.readfrom(0x51, 1), lambda: i2c.writeto(0x51, b'a'), lambda: i2c.readfrom_mem(0x50, 0, 1, addrsize=7)):
    try:
        action()
    except Exception as e:
        print(repr(e))
`;

const EEPROM_OUTPUT = [
  '[80]',
  "b'hello'",
  "2 b'ell' b'o' b'\\xff\\xff'",
  "bytearray(b'he') 2",
  'OSError(19,)',
  'OSError(19,)',
  "ValueError('invalid addrsize',)",
];

describe('machine.SoftI2C', () => {
  it('reads and writes a memory on any pins', () => {
    expect(lines(EEPROM_PROGRAM("SoftI2C(scl=Pin('X9'), sda=Pin('X10'))"), withEeprom)).toEqual(EEPROM_OUTPUT);
  });

  it('clocks at the rate it was given, but for the time that the pins take', () => {
    const { output, trace } = runOnBoard(
      "from machine import *\nb = SoftI2C(scl='X9', sda='X10', freq=100_000)\nprint(b)\nb.writeto(0x50, bytes(8))",
      withEeprom,
    );
    expect(output).toBe('SoftI2C(scl=B6, sda=B7, freq=100000)\n');
    const { highPulse } = trace.digital('X9').statistics();
    expect(highPulse!.min).toBeGreaterThanOrEqual(5_000);
    expect(highPulse!.min).toBeLessThan(5_500);
  });

  it('waits for a target that stretches the clock, and gives up after its timeout', () => {
    const program = `
from machine import *
import time
b = SoftI2C(scl='X9', sda='X10', timeout=2000)
hold = Pin('X1', Pin.OPEN_DRAIN, value=0)
t = time.ticks_us()
try:
    b.start()
except OSError as e:
    print(e.errno, 2000 <= time.ticks_diff(time.ticks_us(), t) < 2600)
`;
    expect(lines(program, ({ wire }) => wire('X1', 'X9'))).toEqual(['110 True']);
  });

  it('has the primitive operations', () => {
    const program = `
from machine import *
b = SoftI2C(scl='X9', sda='X10')
b.start()
print(b.write(b'\\xa0\\x00\\x00'))
b.stop()
b.start()
print(b.write(b'\\xa1'))
buf = bytearray(3)
b.readinto(buf)
b.stop()
print(buf)
b.start()
print(b.write(b'\\xa2\\x00'))
b.stop()
`;
    expect(lines(program, withEeprom)).toEqual(['3', '1', "bytearray(b'\\xff\\xff\\xff')", '0']);
  });
});

describe('machine.I2C', () => {
  it('reads and writes a memory through the I2C block', () => {
    expect(lines(EEPROM_PROGRAM('I2C(1)'), withEeprom)).toEqual(EEPROM_OUTPUT);
  });

  it('has the clock that its registers give, 16 to 9 in fast mode', () => {
    const { output, trace } = runOnBoard(
      "from machine import *\nb = I2C('X', freq=400_000)\nprint(b)\nb.writeto(0x50, bytes(8))",
      withEeprom,
    );
    expect(output).toBe('I2C(1, scl=B6, sda=B7, freq=336000)\n');
    const { period, highPulse } = trace.digital('X9').statistics();
    expect(Math.round(NS / period!.min)).toBeCloseTo(336_000, -3);
    expect(highPulse!.min / period!.min).toBeCloseTo(9 / 25, 2);
  });

  it('refuses buses, pins and operations that it has not', () => {
    const program = `
from machine import *
for action in (lambda: I2C(3), lambda: I2C('Z'), lambda: I2C(1, scl='X9', sda='X10'), lambda: I2C(1).start(), lambda: I2C(1).readinto(b''), lambda: I2C(1).readfrom(8, 1, False)):
    try:
        action()
    except Exception as e:
        print(repr(e))
`;
    expect(lines(program)).toEqual([
      'ValueError("I2C(3) doesn\'t exist",)',
      'ValueError("I2C(Z) doesn\'t exist",)',
      "ValueError('explicit choice of scl/sda is not implemented',)",
      "OSError('I2C operation not supported',)",
      "OSError('I2C operation not supported',)",
      'OSError(22,)',
    ]);
  });
});

describe('machine.I2CTarget', () => {
  const wired = ({ wire }: BenchTools) => {
    wire('X1', 'X9');
    wire('X2', 'X10');
  };

  it('is a memory to a controller', () => {
    const program = `
from machine import *
mem = bytearray(b'01234567')
t = I2CTarget(1, 67, mem=mem)
c = SoftI2C(scl='X1', sda='X2')
print(t, c.scan())
c.writeto_mem(67, 6, b'test')
print(mem, c.readfrom_mem(67, 5, 4), t.memaddr)
c.writeto_mem(67, 3, b'')
print(t.memaddr)
`;
    expect(lines(program, wired)).toEqual(['I2CTarget(1, addr=67) [67]', "bytearray(b'st2345te') b'5tes' 5", '3']);
  });

  it('tells a program of every byte, which answers it in the interrupt', () => {
    const program = `
from machine import *
events = []
buf = bytearray(1)
def handler(t):
    flags = irq.flags()
    if flags & I2CTarget.IRQ_READ_REQ:
        t.write(b'R')
    if flags & I2CTarget.IRQ_WRITE_REQ:
        t.readinto(buf)
        seen.append(buf[0])
seen = [0] * 0
t = I2CTarget('X', 66)
try:
    t.irq(handler, I2CTarget.IRQ_READ_REQ)
except ValueError as e:
    print(e)
micropython = __import__('micropython')
store = bytearray(4)
n = 0
def handler(t):
    global n
    flags = irq.flags()
    if flags & I2CTarget.IRQ_READ_REQ:
        t.write(b'R')
    if flags & I2CTarget.IRQ_WRITE_REQ:
        t.readinto(buf)
        store[n] = buf[0]
        n += 1
irq = t.irq(handler, I2CTarget.IRQ_READ_REQ | I2CTarget.IRQ_WRITE_REQ, hard=True)
c = SoftI2C(scl='X1', sda='X2')
print(c.writeto(66, b'abc'), store, c.readfrom(66, 2))
t.deinit()
print(c.scan())
`;
    expect(lines(program, wired)).toEqual(['hard IRQ required', "3 bytearray(b'abc\\x00') b'RR'", '[]']);
  });
});

const withFlash = ({ attach, parts }: BenchTools) =>
  attach(new W25q(parts, 'memory', 'W25Q16'), { sck: 'X6', mosi: 'X8', miso: 'X7', cs: 'X5' });

const FLASH_PROGRAM = (bus: string) => `
from machine import *
spi = ${bus}
cs = Pin('X5', Pin.OUT, value=1)
def exchange(out):
    into = bytearray(len(out))
    cs(0)
    spi.write_readinto(out, into)
    cs(1)
    return into
print(exchange(b'\\x9f\\x00\\x00\\x00'))
cs(0)
spi.write(b'\\x9f')
print(spi.read(3))
cs(1)
`;
const FLASH_OUTPUT = ["bytearray(b'\\x00\\xef@\\x15')", "b'\\xef@\\x15'"];

describe('machine.SPI and SoftSPI', () => {
  it('talk to a memory through the SPI block', () => {
    const answer = lines(FLASH_PROGRAM('SPI(1, baudrate=1_000_000)'), withFlash);
    expect([answer[0].replace("b'\\xff", "b'\\x00"), answer[1]]).toEqual(FLASH_OUTPUT);
  });

  it('talk to a memory on any pins', () => {
    const answer = lines(FLASH_PROGRAM("SoftSPI(baudrate=100_000, sck='X6', mosi='X8', miso='X7')"), withFlash);
    expect([answer[0].replace("b'\\xff", "b'\\x00"), answer[1]]).toEqual(FLASH_OUTPUT);
  });

  it('say how they are set', () => {
    const program = `
from machine import *
print(SPI(1, 1_000_000, polarity=1))
print(SoftSPI(200_000, polarity=1, phase=1, firstbit=SPI.LSB, sck='X6', mosi='X8', miso='X7'))
for action in (lambda: SPI(3), lambda: SoftSPI(), lambda: SoftSPI(bits=9), lambda: SPI(1, sck='X1'), lambda: SPI(1).write_readinto(b'1', bytearray(2))):
    try:
        action()
    except Exception as e:
        print(e)
`;
    expect(lines(program)).toEqual([
      'SPI(1, baudrate=656250, polarity=1, phase=0, bits=8)',
      'SoftSPI(baudrate=166666, polarity=1, phase=1, firstbit=128, sck=A5, mosi=A7, miso=A6)',
      "SPI(3) doesn't exist",
      'must specify all of sck/mosi/miso',
      'bits must be 8',
      'explicit choice of sck/mosi/miso is not implemented',
      'buffers must be the same length',
    ]);
  });

  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])('have the clock idle at %i and data on the line at the sampling edge, phase %i', (polarity, phase) => {
    const program = (bus: string) => `from machine import *\n${bus}.write(b'\\xa5\\x0f')`;
    const settings = `polarity=${polarity}, phase=${phase}`;
    for (const bus of [`SPI(1, 100_000, ${settings})`, `SoftSPI(100_000, ${settings}, sck='X6', mosi='X8', miso='X7')`]) {
      const { trace } = runOnBoard(program(bus));
      const sampling = polarity === phase ? 1 : 0;
      // The last sixteen: before them the pins were set up.
      const edges = trace
        .digital('X6')
        .edges()
        .filter(({ bit }) => bit === sampling)
        .slice(-16 - (sampling === polarity && phase === 0 ? 1 : 0))
        .slice(0, 16);
      const data = trace.digital('X8');
      expect(edges.map(({ time }) => data.bitAt(time)).join(''), bus).toBe('1010010100001111');
    }
  });
});

describe('what times bits', () => {
  it('reads a DS18B20 through onewire', () => {
    const program = `
import onewire, time
from machine import Pin
ow = onewire.OneWire(Pin('Y1'))
roms = ow.scan()
print(len(roms), roms[0][0], ow.crc8(roms[0]))
ow.reset(); ow.writebyte(0xcc); ow.writebyte(0x44)
time.sleep_ms(800)
ow.reset(); ow.writebyte(0xcc); ow.writebyte(0xbe)
data = [ow.readbyte() for _ in range(9)]
print((data[0] | data[1] << 8) / 16)
`;
    const answer = lines(program, ({ attach, parts }) => {
      const sensor = attach(new Ds18b20(parts, 'thermometer', 4711), { data: 'Y1' });
      sensor.set('temperature', 21.5);
    });
    expect(answer).toEqual(['1 40 0', '21.5']);
  });

  it('reads a DHT22, and times out without one', () => {
    const program = `
from machine import *
buf = bytearray(5)
dht_readinto(Pin('Y1'), buf)
print(buf[0] << 8 | buf[1], buf[2] << 8 | buf[3], sum(buf[:4]) & 255 == buf[4])
for pin, b in (('Y2', buf), ('Y1', bytearray(4))):
    try:
        dht_readinto(Pin(pin), b)
    except Exception as e:
        print(repr(e))
`;
    const answer = lines(program, ({ attach, parts }) => {
      const sensor = attach(new Dht22(parts, 'sensor', 'DHT22'), { data: 'Y1' });
      sensor.set('temperature', 23.4);
      sensor.set('humidity', 45.6);
    });
    expect(answer).toEqual(['456 234 True', 'OSError(110,)', "ValueError('buffer too small',)"]);
  });

  it('lights a strip of WS2812 by bitstream, with the widths it was given', () => {
    let strip: Ws2812 | undefined;
    const { trace } = runOnBoard(
      "from machine import *\nbitstream(Pin('Y1', Pin.OUT), 0, (400, 850, 800, 450), b'\\x10\\x20\\x30\\xff\\x00\\x80')\nimport time\ntime.sleep_ms(2)",
      ({ attach, parts }) => {
        strip = attach(new Ws2812(parts, 'strip', 2, false), { din: 'Y1' });
      },
    );
    const { highPulse } = trace.digital('Y1').statistics();
    expect(Math.abs(highPulse!.min - 400)).toBeLessThan(20);
    expect(Math.abs(highPulse!.max - 800)).toBeLessThan(20);
    expect(strip!.read('colors')).toEqual(['#201030', '#00ff80']);
  });

  it('measures a pulse by time_pulse_us, and says how it timed out', () => {
    const program = `
from machine import *
p = Pin('X1', Pin.IN)
time_pulse_us(p, 1)
print(abs(time_pulse_us(p, 1, 10_000) - 500) <= 1, 0 <= 1500 - time_pulse_us(p, 0, 10_000) <= 30)
print(time_pulse_us(Pin('X3', Pin.IN, Pin.PULL_DOWN), 1, 300), time_pulse_us(Pin('X3', Pin.IN, Pin.PULL_DOWN), 0, 300))
`;
    const wave = `
import pyb
t = pyb.Timer(4, freq=500)
t.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X9'), pulse_width_percent=25)
`;
    expect(lines(wave + program, ({ wire }) => wire('X1', 'X9'))).toEqual(['True True', '-2 -1']);
  });
});
