/** machine from a program's side: the chip, its resets and sleeps, timers, signals, the converter, sound. */
import { describe, expect, it } from 'vitest';
import { ConstantVoltage } from '../../peripherals/analog-source.ts';
import { type BenchTools, runOnBoard } from './board-program.ts';

const lines = (source: string, setUp?: (bench: BenchTools) => void) => runOnBoard(source, setUp).output.trimEnd().split('\n');

describe('resets', () => {
  it('has a cause for each kind, and a watchdog that bites when it is not fed', () => {
    const { output, clock, trace } = runOnBoard(`
import machine, time
cause = machine.reset_cause()
print(cause, time.ticks_ms())
if cause == machine.PWRON_RESET:
    dog = machine.WDT(timeout=500)
    for _ in range(3):
        time.sleep_ms(300)
        dog.feed()
    print('fed', time.ticks_ms())
    while True:
        pass
elif cause == machine.WDT_RESET:
    machine.Pin('X1', machine.Pin.OUT, value=1)
    machine.reset()
elif cause == machine.HARD_RESET:
    print(machine.Pin('X1').mode())
    machine.deepsleep(2000)
elif cause == machine.DEEPSLEEP_RESET:
    print(machine.RTC().datetime()[4:7])
`);
    const [first, fed, watchdog, hard, mode, deep, time] = output.trimEnd().split('\n');
    expect(first).toMatch(/^1 /);
    const fedAt = Number(fed.split(' ')[1]);
    const bittenAt = Number(watchdog.split(' ')[1]);
    expect(watchdog).toMatch(/^3 /);
    expect(bittenAt - fedAt).toBeGreaterThanOrEqual(500);
    expect(bittenAt - fedAt).toBeLessThan(520);
    expect(hard).toMatch(/^2 /);
    expect(mode).toBe('0');
    expect(deep).toMatch(/^4 /);
    expect(time).toBe('(0, 0, 2)');
    expect(clock.now).toBeGreaterThan(3.4e9);
    expect(
      trace
        .digital('X1')
        .edges()
        .map(({ bit }) => bit),
    ).toEqual([1]);
  });

  it('resets as by hand after a fault that nobody wants to see', () => {
    const program = `
import machine
print(machine.reset_cause())
if machine.reset_cause() == machine.PWRON_RESET:
    machine.mem32[0x60000000] = 1
`;
    expect(lines(program)).toEqual(['1', '2']);
  });

  it('refuses watchdogs that cannot be', () => {
    const program = `
import machine
for arguments in ((1,), (0, 0), (0, 100_000)):
    try:
        machine.WDT(*arguments)
    except ValueError as e:
        print(e)
`;
    expect(lines(program)).toEqual(["WDT(1) doesn't exist", 'WDT timeout too short', 'WDT timeout too long']);
  });

  it('raises SystemExit for a soft reset', () => {
    const { output, machine } = runOnBoard(
      'import machine\ntry:\n    machine.soft_reset(3)\nexcept SystemExit as e:\n    print(repr(e))\nmachine.soft_reset(5)',
    );
    expect(output).toBe('SystemExit(3,)\n');
    expect(machine.exitStatus).toBe(5);
  });
});

describe('memory', () => {
  it('is reached by address, at its own size, with the effects of the registers', () => {
    const program = `
from machine import *
Pin('X1', Pin.OUT)
mem32[0x40020018] = 1
print(Pin('X1').value(), mem32[0x40020014] & 1, mem16[0x1fff7a22])
mem16[0x4002001a] = 1
print(Pin('X1').value())
mem8[0x20010000] = 0x1ff
print(mem8[0x20010000], mem32)
b = bytearray(b'abcd')
import uctypes
mem16[uctypes.addressof(b)] = 0x4241
print(b)
for memory, address in ((mem32, 2), (mem16, 0x40020015)):
    try:
        memory[address]
    except ValueError as e:
        print(e)
`;
    expect(lines(program)).toEqual([
      '1 1 1024',
      '0',
      '255 <32-bit memory>',
      "bytearray(b'ABcd')",
      'address 00000002 is not aligned to 4 bytes',
      'address 40020015 is not aligned to 2 bytes',
    ]);
  });

  it('faults where nothing answers, with the registers on the screen if they are wanted', () => {
    const { output, machine } = runOnBoard('import machine, pyb\npyb.fault_debug(True)\nmachine.mem32[0x60000000]');
    expect(output).toMatch(/HardFault\r\nR0 +60000000\r\n/);
    expect(output).toMatch(/HFSR +40000000\r\nCFSR +00008200\r\nBFAR +60000000\r\nStack:\r\n/);
    expect(machine.state().phase).toBe('fault');
  });
});

describe('clocks and sleep', () => {
  it('sets the frequency to what the PLL can make, and the buses by their dividers', () => {
    const program = `
import machine
for arguments in ((), (84_000_000,), (100_000_000,), (48_000_000, 24_000_000, 24_000_000, 24_000_000), (16_000_000,), (168_000_000,)):
    machine.freq(*arguments)
    print(machine.freq())
try:
    machine.freq(1_000_000)
except ValueError as e:
    print(e)
`;
    expect(lines(program)).toEqual([
      '(168000000, 168000000, 42000000, 84000000)',
      '(84000000, 84000000, 21000000, 42000000)',
      '(96000000, 96000000, 24000000, 48000000)',
      '(48000000, 24000000, 24000000, 24000000)',
      '(16000000, 16000000, 4000000, 8000000)',
      '(168000000, 168000000, 42000000, 84000000)',
      'invalid freq',
    ]);
  });

  it('runs slower at a lower frequency', () => {
    const program = `
import machine, time
def work():
    t = time.ticks_us()
    for _ in range(2000):
        pass
    return time.ticks_diff(time.ticks_us(), t)
fast = work()
machine.freq(84_000_000)
print(1.9 < work() / fast < 2.1)
`;
    expect(lines(program)).toEqual(['True']);
  });

  it('sleeps lightly until the RTC or a pin wakes it, and goes on with its clocks as they were', () => {
    const program = `
import machine
rtc = machine.RTC()
rtc.datetime((2026, 1, 1, 4, 0, 0, 0, 0))
machine.lightsleep(3000)
print(rtc.datetime()[4:7], machine.freq()[0])
hits = []
pin = machine.Pin('X1', machine.Pin.IN)
pin.irq(lambda p: print('pin', p.value()), machine.Pin.IRQ_RISING, hard=True)
rtc.wakeup(None)
machine.lightsleep()
print('woken')
`;
    const answer = lines(program, ({ machine, clock }) => {
      const { netlist } = machine.chip;
      const button = netlist.terminal('button');
      netlist.connect(machine.chip.pin('X1').terminal, button);
      button.setDrive(0);
      clock.at(20e9, () => button.setDrive(1));
    });
    expect(answer).toEqual(['(0, 0, 3) 168000000', 'pin 1', 'woken']);
  });

  it('idles to the next interrupt, no longer than a tick', () => {
    expect(
      lines('import machine, time\nt = time.ticks_us()\nmachine.idle()\nprint(0 < time.ticks_diff(time.ticks_us(), t) <= 1100)'),
    ).toEqual(['True']);
  });
});

describe('machine.disable_irq', () => {
  it('holds interrupts back until they are enabled again', () => {
    const program = `
import machine, time
t = machine.Timer(period=1, mode=machine.Timer.ONE_SHOT, hard=True, callback=lambda t: print('tick'))
state = machine.disable_irq()
inner = machine.disable_irq()
time.sleep_us(5000)
print(state, inner)
machine.enable_irq(inner)
time.sleep_us(10)
print('still')
machine.enable_irq(state)
time.sleep_us(10)
print('end')
`;
    expect(lines(program)).toEqual(['True False', 'still', 'tick', 'end']);
  });
});

describe('machine.Timer', () => {
  it('calls at whole milliseconds, periodically or once, softly or in the interrupt', () => {
    const program = `
import machine, time
from machine import Timer
at = []
start = time.ticks_ms()
t = Timer(-1, period=7, callback=lambda t: at.append(time.ticks_diff(time.ticks_ms(), start)))
time.sleep_ms(30)
t.deinit()
time.sleep_ms(20)
print(at, t)
def hard(t):
    try:
        bytearray(100)
    except MemoryError:
        print('locked')
once = Timer(freq=100, mode=Timer.ONE_SHOT, hard=True, callback=hard)
time.sleep_ms(40)
print(once)
def fails(t):
    1 / 0
bad = Timer(period=2, hard=True, callback=fails)
time.sleep_ms(20)
print('on')
for arguments in ({'period': 1 << 30}, ):
    try:
        Timer(**arguments)
    except ValueError as e:
        print(e)
try:
    Timer(1)
except ValueError as e:
    print(e)
`;
    expect(lines(program)).toEqual([
      '[7, 14, 21, 28] Timer(mode=PERIODIC, period=7)',
      'locked',
      'Timer(mode=ONE_SHOT, period=10)',
      'Uncaught exception in IRQ callback handler',
      // The heap is locked: there is no room for a traceback, nor for a message.
      'ZeroDivisionError: ',
      'on',
      'period too large',
      "Timer doesn't exist",
    ]);
  });
});

describe('machine.Signal', () => {
  it('inverts a pin, and a signal, and makes a pin from its arguments', () => {
    const program = `
from machine import *
p = Pin('X1', Pin.OUT)
s = Signal(p, invert=True)
s.on()
print(p.value(), s.value())
s(0)
print(p.value(), s(), Signal(s, invert=True).value())
t = Signal('X2', Pin.OUT, value=1, invert=True)
print(Pin('X2').value(), t.value())
t.off()
print(Pin('X2').value())
for arguments in ((p, 1), (p, p)):
    try:
        Signal(*arguments)
    except TypeError as e:
        print(repr(e))
`;
    expect(lines(program)).toEqual(['0 1', '1 0 1', '0 1', '1', 'TypeError()', 'TypeError()']);
  });
});

describe('machine.ADC', () => {
  it('reads a pin and what is inside the chip, full scale at 65535', () => {
    const program = `
from machine import *
a = ADC('X1')
print(a, abs(a.read_u16() - 32768) < 200, ADC(Pin('X2')).read_u16(), ADC(ADC.VREF).read_u16())
for channel, volts in ((ADC.CORE_VREF, 1.21), (ADC.CORE_TEMP, 0.76), (ADC.CORE_VBAT, 1.65)):
    print(abs(ADC(channel).read_u16() / 65535 * 3.3 - volts) < 0.03)
try:
    ADC('Y1')
except ValueError as e:
    print(e)
`;
    const answer = lines(program, ({ machine }) => {
      const { netlist } = machine.chip;
      for (const [pin, volts] of [
        ['X1', 1.65],
        ['X2', 3.3],
      ] as const) {
        const source = netlist.terminal(`source ${pin}`);
        source.setSource(new ConstantVoltage(volts), 10);
        netlist.connect(machine.chip.pin(pin).terminal, source);
      }
    });
    expect(answer).toEqual(['<ADC1 channel=0> True 65535 65535', 'True', 'True', 'True', 'Pin(C6) does not have ADC capabilities']);
  });
});

describe('machine.I2S', () => {
  const pins = "sck=Pin('Y6'), ws=Pin('Y5'), sd=Pin('Y8')";

  it('sends samples at their rate, and silence when there are none', () => {
    const { output, trace } = runOnBoard(`
import time
from machine import *
out = I2S(2, ${pins}, mode=I2S.TX, bits=16, format=I2S.STEREO, rate=16_000, ibuf=1000)
print(out)
print(out.write(b'\\x34\\x12\\xcd\\xab' * 400))
time.sleep_ms(40)
out.deinit()
`);
    expect(output).toBe('I2S(id=2,\nsck=B13,\nws=B12,\nsd=B15,\nmode=512,\nbits=16, format=1,\nrate=16000, ibuf=1000)\n1600\n');
    // Half a period of 16 kHz for each channel.
    expect(trace.digital('Y5').statistics().highPulse!.min).toBe(31_250);
    expect(trace.digital('Y5').statistics().lowPulse!.max).toBe(31_250);
    const clock = trace.digital('Y6').edges();
    const data = trace.digital('Y8');
    const bits = clock
      .filter(({ bit }) => bit === 1)
      .map(({ time }) => data.bitAt(time))
      .join('');
    const frame = (0x1234_abcd).toString(2).padStart(32, '0');
    // All of it in one piece: the silence before and behind it has the length of the DMA's buffer.
    expect(bits).toContain(frame.repeat(384));
    expect(bits.endsWith('0'.repeat(500))).toBe(true);
  });

  it('receives what is on the line, and calls back', () => {
    const program = `
import time
from machine import *
sound = I2S(2, ${pins}, mode=I2S.RX, bits=16, format=I2S.MONO, rate=8000, ibuf=4000)
buf = bytearray(64)
print(sound.readinto(buf), buf == b'\\xff' * 64)
sound.irq(lambda s: print('done', s is sound))
buf2 = bytearray(256)
print(sound.readinto(buf2))
time.sleep_ms(60)
print(buf2 == b'\\xff' * 256)
try:
    sound.write(b'1234')
except OSError as e:
    print(e.errno)
sound.deinit()
for settings in ({'bits': 24}, {'rate': 16000, 'ibuf': 0}, {'sck': Pin('X1')}, {'ws': 1}):
    try:
        I2S(2, **dict(dict(${pins}, mode=I2S.RX, bits=16, format=I2S.MONO, rate=8000, ibuf=4000), **settings))
    except ValueError as e:
        print(e)
b = bytearray(b'\\x01\\x02\\x00\\x80')
I2S.shift(buf=b, bits=16, shift=-1)
print(b)
`;
    const answer = lines(program, ({ machine }) => {
      const { netlist } = machine.chip;
      const microphone = netlist.terminal('microphone');
      netlist.connect(machine.chip.pin('Y8').terminal, microphone);
      microphone.setDrive(1);
    });
    expect(answer).toEqual([
      '64 True',
      '256',
      'done True',
      'True',
      '1',
      'invalid bits',
      'invalid ibuf',
      'invalid SCK pin',
      'WS not a Pin type',
      "bytearray(b'\\x00\\x01\\x00\\xc0')",
    ]);
  });
});

describe('what the chip says of itself', () => {
  it('has its number, random numbers, and an account of its memory', () => {
    const { output } = runOnBoard(`
import machine
print(machine.unique_id().hex(), 0 <= machine.rng() < 1 << 30, machine.rng() != machine.rng())
machine.info()
`);
    expect(output).toMatch(/^3a0024001051363437313635 True True\nID=3a002400:10513634:37313635\nDEVID=0x0413\nREVID=0x1003\nS=168000000\n/);
    expect(output).toMatch(/_heap_end=0x2001c000\n_ram_end=0x20020000\nqstr:\n {2}n_pool=\d+\n/);
    expect(output).toMatch(/\nGC:\n {2}103296 total\n {2}\d+ : \d+\n {2}1=\d+ 2=\d+ m=\d+\nLFS free: \d+ bytes\n$/);
  });
});
