import { describe, expect, it } from 'vitest';
import { linesOf, runOnBoard } from '../../boot/test-board.ts';

describe('pyb.Timer', () => {
  it('puts out PWM of the frequency and the duty cycle asked for', () => {
    const { trace } = runOnBoard(`
import pyb
timer = pyb.Timer(2, freq=1000)
timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=30)
pyb.delay(100)
`);
    const { frequency, duty } = trace.net('X1').statistics(20e6, 90e6);
    expect(frequency).toBeCloseTo(1000, 0);
    expect(duty).toBeCloseTo(0.3, 3);
  });

  it('changes the duty cycle at the end of a period, without a spike', () => {
    const { trace } = runOnBoard(`
import pyb
timer = pyb.Timer(2, freq=1000)
channel = timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=50)
for percent in range(10, 90, 7):
    channel.pulse_width_percent(percent)
    pyb.udelay(3333)
`);
    const pulses = [...trace.net('X1').edges(5e6, 40e6)];
    const widths = pulses.slice(1).map((edge, i) => edge.time - pulses[i].time);
    expect(Math.min(...widths)).toBeGreaterThan(95_000);
  });

  it('captures the edges of its pin', () => {
    // X1 carries 500 Hz of timer 2; timer 5, 1 MHz, captures rising edges on X4 (channel 4).
    const lines = linesOf(
      `
import pyb
pyb.Timer(2, freq=500).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=25)
counter = pyb.Timer(5, prescaler=83, period=0x3fffffff)
capture = counter.channel(4, pyb.Timer.IC, pin=pyb.Pin('X4'), polarity=pyb.Timer.RISING)
times = [0] * 5
n = [0]
def captured(timer):
    if n[0] < 5:
        times[n[0]] = capture.capture()
        n[0] += 1
capture.callback(captured)
pyb.delay(20)
print([b - a for a, b in zip(times, times[1:])])
`,
      { wires: [['X1', 'X4']] },
    );
    expect(lines).toEqual(['[2000, 2000, 2000, 2000]']);
  });

  it('counts a quadrature encoder up and down', () => {
    const lines = linesOf(
      `
import pyb
timer = pyb.Timer(4, prescaler=0, period=65535)
timer.channel(1, pyb.Timer.ENC_AB, pin=pyb.Pin('X9'))
timer.channel(2, pyb.Timer.ENC_AB, pin=pyb.Pin('X10'))
a = pyb.Pin('Y1', pyb.Pin.OUT_PP)
b = pyb.Pin('Y2', pyb.Pin.OUT_PP)
def turn(steps):
    for x, y in steps:
        a.value(x)
        b.value(y)
        pyb.udelay(10)
forward = [(1, 0), (1, 1), (0, 1), (0, 0)]
turn(forward * 3)
print(timer.counter())
turn([(0, 1), (1, 1), (1, 0), (0, 0)] * 2)
print(timer.counter())
`,
      { wires: [['Y1', 'X9'], ['Y2', 'X10']] }, // biome-ignore format: pairs
    );
    expect(lines).toEqual(['12', '4']);
  });

  it('calls back at each overflow, at its own time even while the program only delays', () => {
    const lines = linesOf(`
import pyb
count = 0
def overflow(timer):
    global count
    count += 1
timer = pyb.Timer(7, freq=250, callback=overflow)
pyb.delay(101)
print(count)
pyb.udelay(20100)
print(count)
timer.callback(None)
pyb.delay(50)
print(count)
`);
    expect(lines).toEqual(['25', '30', '30']);
  });

  it('stops calling back a function that fails, and prints why', () => {
    const lines = linesOf(`
import pyb
def fails(timer):
    raise ValueError(7)
pyb.Timer(7, freq=1000, callback=fails)
pyb.delay(5)
print('end')
`);
    expect(lines[0]).toBe('Uncaught exception in IRQ callback handler');
    // The heap is locked, so the exception has no room for its argument.
    expect(lines.at(-2)).toBe('ValueError: ');
    expect(lines.filter(line => line.startsWith('Uncaught'))).toHaveLength(1);
  });

  it('has its registers where mem32 reads and writes them', () => {
    const lines = linesOf(`
import pyb, stm
timer = pyb.Timer(3, prescaler=83, period=999)
print(stm.mem32[stm.TIM3 + stm.TIM_PSC], stm.mem32[stm.TIM3 + stm.TIM_ARR])
stm.mem32[stm.TIM3 + stm.TIM_PSC] = 8399
print(timer.prescaler(), timer.freq(), timer)
`);
    expect(lines).toEqual(['83 999', '8399 10 Timer(3, freq=10, prescaler=8399, period=999, mode=UP, div=1)']);
  });
});

describe('pyb.Servo', () => {
  it('sends a pulse of its width fifty times a second', () => {
    const { trace } = runOnBoard(`
import pyb
servo = pyb.Servo(1)
servo.angle(45)
pyb.delay(200)
`);
    const { frequency, duty } = trace.net('X1').statistics(60e6, 180e6);
    expect(frequency).toBeCloseTo(50, 1);
    // 45 degrees: 1500 µs and half of 970 µs, in steps of 10 µs.
    expect(duty! * 20_000).toBeCloseTo(1980, 0);
  });

  it('moves over the time it is given', () => {
    const lines = linesOf(`
import pyb
servo = pyb.Servo(2)
servo.angle(0)
servo.angle(90, 1000)
pyb.delay(510)
half = servo.angle()
pyb.delay(600)
print(40 < half < 50, servo.angle())
`);
    // The calibration ends at 2420 µs, a little before 90 degrees.
    expect(lines).toEqual(['True 85']);
  });

  it('stands still while a pyb.Timer on its block takes the interrupts, as with the reference', () => {
    const lines = linesOf(`
import pyb
servo = pyb.Servo(1)
timer = pyb.Timer(5)
servo.angle(60, 200)
pyb.delay(400)
print(servo.angle() < 10)
`);
    expect(lines).toEqual(['True']);
  });
});
