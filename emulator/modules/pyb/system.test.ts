import { describe, expect, it } from 'vitest';
import { linesOf, runOnBoard } from '../../boot/test-board.ts';

describe('pyb.RTC', () => {
  it('keeps the time that was set, and time.time() follows', () => {
    const lines = linesOf(`
import pyb, time
rtc = pyb.RTC()
rtc.datetime((2024, 2, 28, 3, 23, 59, 58, 0))
pyb.delay(3100)
print(rtc.datetime()[:7], time.localtime()[:6])
`);
    expect(lines).toEqual(['(2024, 2, 29, 4, 0, 0, 1) (2024, 2, 29, 0, 0, 1)']);
  });

  it('wakes a callback up', () => {
    const lines = linesOf(`
import pyb
rtc = pyb.RTC()
start = pyb.millis()
times = []
rtc.wakeup(100, lambda line: times.append(pyb.elapsed_millis(start)))
start = pyb.millis()
pyb.delay(350)
rtc.wakeup(None)
pyb.delay(300)
print([round(time / 100) for time in times])
`);
    expect(lines).toEqual(['[1, 2, 3]']);
  });

  it('ends stop mode, after which the clocks are as before', () => {
    const { output, clock } = runOnBoard(`
import pyb
rtc = pyb.RTC()
rtc.wakeup(2000)
pyb.stop()
print(pyb.freq())
`);
    expect(output.trim()).toBe('(168000000, 168000000, 42000000, 84000000)');
    expect(clock.now).toBeGreaterThan(2e9);
  });
});

describe('pyb.freq', () => {
  it('sets the clocks, and the virtual time of code follows', () => {
    const lines = linesOf(`
import pyb
def spin():
    start = pyb.micros()
    for i in range(1000):
        pass
    return pyb.elapsed_micros(start)
fast = spin()
pyb.freq(84000000)
print(pyb.freq(), round(spin() / fast, 1))
for wanted in (1000000, 0):
    try:
        pyb.freq(wanted)
    except ValueError as error:
        print(error)
`);
    expect(lines).toEqual(['(84000000, 84000000, 21000000, 42000000) 2.0', 'invalid freq', 'invalid freq']);
  });
});

describe('interrupts', () => {
  it('wait while they are disabled, and come when they are enabled again', () => {
    const lines = linesOf(`
import pyb
count = 0
def tick(timer):
    global count
    count += 1
timer = pyb.Timer(10, freq=100, callback=tick)
before = pyb.disable_irq()
pyb.udelay(55000)
inside = count
pyb.enable_irq(before)
pyb.udelay(10)
print(before, inside, count)
`);
    expect(lines).toEqual(['True 0 1']);
  });

  it('come from the switch', () => {
    const lines = linesOf(
      `
import pyb
pressed = 0
def down():
    global pressed
    pressed += 1
switch = pyb.Switch()
switch.callback(down)
while not pressed:
    pyb.wfi()
print(pressed, switch())
`,
      { prepare: (machine, clock) => void clock.at(600e6, () => machine.holdSwitch('USR', true, false)) },
    );
    expect(lines).toEqual(['1 True']);
  });
});

describe('pyb.USB_HID', () => {
  it('hands reports to the host at its polling interval', () => {
    const reports: number[][] = [];
    const lines = linesOf(
      `
import pyb
print(pyb.usb_mode())
hid = pyb.USB_HID()
print(hid.send((1, 2, 3, 4)))
`,
      { prepare: machine => machine.usbDevice.onReport(report => reports.push([...report])) },
    );
    // The default interfaces have no HID.
    expect(lines).toEqual(['VCP+MSC', '0']);
    expect(reports).toEqual([]);
  });
});

describe('pyb.Flash and pyb.SDCard', () => {
  it('are block devices', () => {
    const lines = linesOf(`
import pyb
flash = pyb.Flash()
print(flash, flash.ioctl(4, 0), flash.ioctl(5, 0), pyb.Flash(start=0), pyb.Flash(start=512, len=1024))
block = bytearray(512)
print(flash.readblocks(0, block), block[510:])
for start in (-2, 100, 1 << 30):
    try:
        pyb.Flash(start=start)
    except ValueError as error:
        print('ValueError', error)
card = pyb.SDCard()
print(card.present(), card.info(), card.power(True), pyb.SD is card)
`);
    expect(lines).toEqual([
      'Flash() 480 512 Flash(start=0, len=114688) Flash(start=512, len=1024)',
      "0 bytearray(b'U\\xaa')",
      'ValueError ',
      'ValueError ',
      'ValueError ',
      'False None False True',
    ]);
  });
});

describe('pyb.LED', () => {
  it('dims by a timer channel', () => {
    const { trace } = runOnBoard(`
import pyb
led = pyb.LED(4)
led.intensity(64)
pyb.delay(100)
print(led.intensity())
`);
    const { duty } = trace.net('LED_BLUE').statistics(trace.clock.now - 50e6, trace.clock.now - 10e6);
    expect(duty).toBeCloseTo(64 / 255, 2);
  });
});

describe('os.dupterm', () => {
  it('has the USB port in its second place, and copies the REPL to others', () => {
    const { output, trace } = runOnBoard(
      `
import os, pyb
uart = pyb.UART(4, 115200, timeout=10)
os.dupterm(uart, 0)
print('both')
vcp = os.dupterm(None, 1)
print('only uart')
os.dupterm(vcp, 1)
os.dupterm(None, 0)
print(vcp)
`,
    );
    expect(output).toBe('both\nUSB_VCP(0)\n');
    expect(trace.bytes('uart4.tx').latin1()).toBe('both\nonly uart\n');
  });
});

describe('rng()', () => {
  const PROGRAM = "import pyb, machine\nprint(hasattr(pyb, 'rng'), hasattr(machine, 'rng'), hasattr(pyb, 'DAC'))";

  it('is there where the chip has a generator of random numbers', () => {
    expect(linesOf(PROGRAM)).toEqual(['True True True']);
  });

  it('is not there on a PYBLITE, whose chip has none', () => {
    expect(runOnBoard(PROGRAM, { board: 'pyblite-v1.0' }).output.trim()).toBe('False False False');
  });
});
