import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock } from '../clock/clock.ts';
import { toJsonLines } from './json-lines.ts';
import { Level } from './level.ts';
import { Samples } from './samples.ts';
import { Trace, TraceChannelError } from './trace.ts';
import { toVcd } from './vcd.ts';
import { EdgeList, type Waveform } from './waveform.ts';

function setUp(limit?: number) {
  const clock = new Clock();
  const trace = new Trace(clock, limit);
  const drive = (name: string, changes: [time: number, level: Level][]) => {
    for (const [time, level] of changes) {
      clock.advanceTo(time);
      trace.digital(name).record(level);
    }
  };
  return { clock, trace, drive };
}

/** A square wave with a rising edge at `start` and every `period` ns from there. */
class Square implements Waveform {
  constructor(
    readonly start: number,
    readonly period: number,
    readonly high: number,
  ) {}

  levelAt(time: number): Level {
    return (time - this.start) % this.period < this.high ? Level.HIGH : Level.LOW;
  }

  nextEdge(time: number): number {
    const phase = (time - this.start) % this.period;
    return time - phase + (phase < this.high ? this.high : this.period);
  }
}

describe('DigitalSignal', () => {
  it('knows the level at any time, the edge included', () => {
    const { trace, drive } = setUp();
    drive('X1', [
      [10, Level.HIGH],
      [20, Level.LOW],
    ]);
    const x1 = trace.net('X1');
    expect([9, 10, 19, 20, 1000].map(time => x1.levelAt(time))).toEqual([Level.FLOATING_LOW, 1, 1, 0, 0]);
  });

  it('counts a change of strength alone as no edge', () => {
    const { trace, drive } = setUp();
    drive('X1', [
      [10, Level.PULLED_HIGH],
      [20, Level.HIGH],
      [30, Level.LOW],
    ]);
    expect(trace.net('X1').edges()).toEqual([
      { time: 10, bit: 1 },
      { time: 30, bit: 0 },
    ]);
  });

  it('lets the last of several changes in one nanosecond count', () => {
    const { trace, drive } = setUp();
    drive('X1', [
      [10, Level.HIGH],
      [10, Level.LOW],
      [20, Level.HIGH],
    ]);
    expect(trace.net('X1').edges()).toEqual([{ time: 20, bit: 1 }]);
  });

  it('measures period, duty cycle and pulse widths', () => {
    const { clock, trace, drive } = setUp();
    for (let i = 0; i < 5; i++) {
      drive('X1', [
        [100 + i * 40, Level.HIGH],
        [110 + i * 40, Level.LOW],
      ]);
    }
    clock.advanceTo(1000);
    expect(trace.net('X1').statistics()).toEqual({
      edges: 10,
      rising: 5,
      falling: 5,
      period: { min: 40, max: 40, mean: 40 },
      frequency: 25e6,
      duty: 0.25,
      highPulse: { min: 10, max: 10, mean: 10 },
      lowPulse: { min: 30, max: 30, mean: 30 },
    });
  });

  it('finds the next edge in a direction', () => {
    const { trace, drive } = setUp();
    drive('X1', [
      [10, Level.HIGH],
      [20, Level.LOW],
      [30, Level.HIGH],
    ]);
    const x1 = trace.net('X1');
    expect(x1.nextEdge(10, 1)).toEqual({ time: 30, bit: 1 });
    expect(x1.nextEdge(10)).toEqual({ time: 20, bit: 0 });
    expect(x1.nextEdge(30)).toBeUndefined();
    expect(x1.pulses(0, 30, 0)).toEqual([{ start: 20, end: 30, bit: 0 }]);
  });

  it('expands a repeating waveform only when asked, and only in the window', () => {
    const { clock, trace, drive } = setUp();
    clock.advanceTo(1000);
    trace.digital('PWM').recordWaveform(new Square(1000, 1000, 300));
    drive('PWM', [[3_600_000_000_500, Level.LOW]]);
    const pwm = trace.net('PWM');
    expect(pwm.edges(10_000, 12_000)).toEqual([
      { time: 10_300, bit: 0 },
      { time: 11_000, bit: 1 },
      { time: 11_300, bit: 0 },
      { time: 12_000, bit: 1 },
    ]);
    expect(pwm.statistics(1_000_000, 2_000_000)).toMatchObject({ frequency: 1e6, duty: 0.3 });
    expect(pwm.edges(3_600_000_000_000)).toEqual([{ time: 3_600_000_000_300, bit: 0 }]);
  });

  it('keeps what was sent of a frame that was cut short', () => {
    const { trace, clock, drive } = setUp();
    clock.advanceTo(100);
    const frame = new EdgeList([100, 110, 120, 130], [Level.LOW, Level.HIGH, Level.LOW, Level.HIGH], Level.HIGH);
    trace.digital('TX', Level.HIGH).recordWaveform(frame);
    expect(trace.net('TX').edges(0, 200)).toHaveLength(4);
    drive('TX', [[115, Level.LOW]]);
    expect(trace.net('TX').edges(0, 200)).toEqual([
      { time: 100, bit: 0 },
      { time: 110, bit: 1 },
      { time: 115, bit: 0 },
    ]);
  });

  it('agrees with a plain list whatever mix of levels and waveforms is recorded', () => {
    const step = fc.record({
      gap: fc.nat(30),
      level: fc.integer({ min: 0, max: 7 }),
      wave: fc.option(fc.array(fc.nat(20), { maxLength: 5 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const { clock, trace } = setUp();
        const signal = trace.digital('S');
        const model = new Array<Level>(40 * 31).fill(Level.FLOATING_LOW);
        for (const { gap, level, wave } of steps) {
          clock.advanceTo(clock.now + gap);
          const from = clock.now;
          if (wave === null) {
            signal.record(level as Level);
            model.fill(level as Level, from);
          } else {
            let time = from;
            const times = wave.map(width => (time += width));
            const levels = times.map((_, i) => (i & 1) as Level);
            signal.recordWaveform(new EdgeList(times, levels, Level.PULLED_HIGH));
            model.fill(Level.PULLED_HIGH, from);
            for (const [i, at] of times.entries()) model.fill(levels[i], at);
          }
        }
        expect(model.findIndex((level, time) => signal.levelAt(time) !== level)).toBe(-1);
        const changes: [number, Level][] = [];
        signal.forEachChange(0, model.length - 1, (time, level) => void changes.push([time, level]));
        const expected: [number, Level][] = [];
        for (let time = 1; time < model.length; time++) if (model[time] !== model[time - 1]) expected.push([time, model[time]]);
        expect(changes).toEqual(expected);
      }),
    );
  });
});

describe('Samples', () => {
  it('become a ring at their limit and count what they lose', () => {
    const samples = new Samples(Uint8Array, 64);
    for (let i = 0; i < 1000; i++) samples.push(i * 10, i & 0xff);
    expect(samples.dropped).toBe(1000 - 64);
    expect(samples.lastAtOrBefore(9999)).toBe(999);
    expect(samples.value(samples.lastAtOrBefore(9705))).toBe(970 & 0xff);
    expect(samples.lastAtOrBefore(0)).toBe(samples.first - 1);
  });
});

describe('Trace', () => {
  it('records states, bytes and events with their times', () => {
    const { clock, trace } = setUp();
    trace.state('boot').record('power-on');
    clock.advanceTo(5);
    trace.state('boot').record('boot.py');
    trace.bytes('uart1.tx').recordAll(Uint8Array.of(72, 105));
    trace.events('i2c1').record('write', { start: 2, value: 0x4c, data: Uint8Array.of(7, 1) });
    trace.mark('here');
    expect(trace.state('boot').stateAt(4)).toBe('power-on');
    expect(trace.state('boot').changes()).toEqual([
      { time: 0, state: 'power-on' },
      { time: 5, state: 'boot.py' },
    ]);
    expect(trace.bytes('uart1.tx').latin1()).toBe('Hi');
    expect(trace.events('i2c1').events()).toEqual([{ time: 5, start: 2, name: 'write', value: 0x4c, text: '', data: Uint8Array.of(7, 1) }]);
    expect(trace.events('markers').events()[0]).toMatchObject({ text: 'here', time: 5 });
  });

  it('finds a net by its alias and names those it knows when it does not', () => {
    const { trace } = setUp();
    trace.digital('X1');
    trace.findAlsoBy(name => (name === 'A0' ? 'X1' : undefined));
    expect(trace.net('A0')).toBe(trace.net('X1'));
    expect(() => trace.net('X99')).toThrow('no digital signal "X99" was recorded; there are: X1');
    expect(() => trace.analog('X1')).toThrow(TraceChannelError);
  });
});

describe('VCD', () => {
  it('declares each channel and writes its changes in order of time', () => {
    const { clock, trace, drive } = setUp();
    drive('X1', [[0, Level.PULLED_HIGH]]);
    trace.analog('X5');
    trace.digital('unused');
    trace.state('boot phase').record('main.py');
    drive('X1', [[10, Level.LOW]]);
    trace.analog('X5').record(1.5);
    drive('X1', [[20, Level.CONTENTION_LOW]]);
    trace.bytes('usb').record(0x0a);
    clock.advanceTo(25);
    expect(toVcd(trace)).toBe(
      [
        '$version boardspec $end',
        '$timescale 1 ns $end',
        '$scope module board $end',
        '$var wire 1 ! X1 $end',
        '$var real 64 " X5 $end',
        '$var string 1 % boot_phase $end',
        '$var string 1 & usb $end',
        '$upscope $end',
        '$enddefinitions $end',
        '#0',
        '$dumpvars',
        '1!',
        'r0 "',
        'smain.py %',
        's &',
        '$end',
        '#10',
        '0!',
        'r1.5 "',
        '#20',
        'x!',
        's0x0a &',
        '#25',
        '',
      ].join('\n'),
    );
  });

  it('refuses a window with more changes than the limit instead of filling memory', () => {
    const { clock, trace } = setUp();
    trace.digital('PWM').recordWaveform(new Square(0, 10, 5));
    clock.advanceTo(1e9);
    expect(() => toVcd(trace, { limit: 1000 })).toThrow('more than 1000 value changes');
  });
});

describe('JSON Lines', () => {
  it('has a header and one object for each thing recorded', () => {
    const { clock, trace, drive } = setUp();
    drive('X1', [[10, Level.HIGH]]);
    trace.events('i2c1').record('write', { start: 2, value: 0x4c, data: Uint8Array.of(7, 1) });
    trace.bytes('tx').record(65, 0x1_0000);
    clock.advanceTo(20);
    expect(toJsonLines(trace)).toBe(
      [
        '{"format":"boardspec trace","version":1,"unit":"ns","from":0,"to":20}',
        '{"t":10,"channel":"X1","level":"high"}',
        '{"t":10,"channel":"i2c1","event":"write","start":2,"value":76,"data":"0701"}',
        '{"t":10,"channel":"tx","byte":65,"flags":["parity error"]}',
        '',
      ].join('\n'),
    );
  });
});
