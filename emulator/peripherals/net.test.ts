import { describe, expect, it } from 'vitest';
import { Clock } from '../clock/clock.ts';
import { Level } from '../trace/level.ts';
import { Trace } from '../trace/trace.ts';
import { EdgeList, type Waveform } from '../trace/waveform.ts';
import { Netlist } from './net.ts';

function bench() {
  const clock = new Clock();
  const trace = new Trace(clock);
  const netlist = new Netlist(clock, trace);
  const [a, b, c] = ['A', 'B', 'C'].map(name => netlist.terminal(name, true));
  return { clock, trace, netlist, a, b, c };
}

const square: Waveform = {
  levelAt: time => (time % 1000 < 500 ? Level.HIGH : Level.LOW),
  nextEdge: time => time - (time % 500) + 500,
};

describe('Net', () => {
  it('floats at the level it had when the output lets go', () => {
    const { a } = bench();
    expect(a.level).toBe(Level.FLOATING_LOW);
    a.setDrive(1);
    expect(a.level).toBe(Level.HIGH);
    a.setDrive(-1);
    expect(a.level).toBe(Level.FLOATING_HIGH);
  });

  it('is pulled by a resistor when nobody drives', () => {
    const { a } = bench();
    a.setPull(40_000, 3.3);
    expect(a.level).toBe(Level.PULLED_HIGH);
    a.setDrive(0);
    expect(a.level).toBe(Level.LOW);
    a.setDrive(-1);
    expect(a.level).toBe(Level.PULLED_HIGH);
  });

  it('lets the smaller of two opposing resistors win', () => {
    const { netlist, a, b } = bench();
    netlist.connect(a, b);
    a.setPull(40_000, 3.3);
    b.setPull(4_700, 0);
    expect(a.level).toBe(Level.PULLED_LOW);
    expect(a.voltage).toBeCloseTo((3.3 * 4_700) / 44_700, 6);
  });

  it('is a wired AND of open drains with a pull-up', () => {
    const { netlist, a, b, c } = bench();
    netlist.connect(a, b);
    netlist.connect(b, c);
    c.setPull(4_700, 3.3);
    a.setDrive(0);
    b.setDrive(0);
    expect(c.bit).toBe(0);
    a.setDrive(-1);
    expect(c.bit).toBe(0);
    b.setDrive(-1);
    expect(c.bit).toBe(1);
  });

  it('reports outputs that fight, and the end of it, in the trace', () => {
    const { clock, trace, netlist, a, b } = bench();
    netlist.connect(a, b);
    a.setDrive(1);
    clock.advanceTo(100);
    b.setDrive(0);
    expect(a.level).toBe(Level.CONTENTION_LOW);
    expect(a.voltage).toBeCloseTo(1.65);
    clock.advanceTo(200);
    a.setDrive(0);
    expect(trace.events('nets').events()).toMatchObject([
      { time: 100, name: 'contention', text: 'A B' },
      { time: 200, name: 'contention over' },
    ]);
    expect(b.contentions).toBe(1);
  });

  it('tells observers each change of the bit, and not of the strength', () => {
    const { clock, a } = bench();
    const seen: [number, number][] = [];
    const stop = a.observe((bit, time) => seen.push([bit, time]));
    clock.advanceTo(10);
    a.setDrive(1);
    a.setPull(1000, 3.3);
    a.setDrive(-1);
    clock.advanceTo(20);
    a.setDrive(0);
    stop();
    a.setDrive(1);
    expect(seen).toEqual([
      [1, 10],
      [0, 20],
    ]);
  });

  it('schedules nothing for a waveform that nobody observes, and every edge while somebody does', () => {
    const { clock, a } = bench();
    a.play(square);
    expect(clock.nextDue).toBe(Infinity);
    clock.advanceTo(10_750);
    expect(a.bit).toBe(0);
    const seen: number[] = [];
    const stop = a.observe((_, time) => seen.push(time));
    clock.advanceTo(12_000);
    expect(seen).toEqual([11_000, 11_500, 12_000]);
    stop();
    expect(clock.nextDue).toBe(Infinity);
    a.setDrive(0);
    expect(a.signal!.edges(10_000, 11_000)).toHaveLength(2);
  });

  it('shows a released waveform as what the resistors make of it', () => {
    const { clock, a } = bench();
    a.setPull(4_700, 3.3);
    a.play(new EdgeList([0, 100, 200], [Level.LOW, Level.FLOATING_LOW, Level.LOW], Level.FLOATING_LOW));
    expect(a.level).toBe(Level.LOW);
    clock.advanceTo(100);
    expect(a.level).toBe(Level.PULLED_HIGH);
    clock.advanceTo(250);
    expect(a.signal!.edges(50)).toEqual([
      { time: 100, bit: 1 },
      { time: 200, bit: 0 },
    ]);
  });

  it('resolves two waveforms against each other', () => {
    const { clock, netlist, a, b } = bench();
    netlist.connect(a, b);
    a.setPull(4_700, 3.3);
    a.play(new EdgeList([100, 200], [Level.LOW, Level.FLOATING_LOW], Level.FLOATING_LOW));
    b.play(new EdgeList([150, 250], [Level.LOW, Level.FLOATING_LOW], Level.FLOATING_LOW));
    const seen: number[] = [];
    b.observe((_, time) => seen.push(time));
    clock.advanceTo(1000);
    expect(seen).toEqual([100, 250]);
  });

  it('carries an analogue source, divided by what loads it, and reads it as a bit', () => {
    const { clock, netlist, a, b } = bench();
    netlist.connect(a, b);
    const ramp = {
      valueAt: (time: number) => Math.min(3.3, time / 1000),
      nextChange: (time: number) => (time >= 3300 ? Infinity : time + 10),
    };
    a.setSource(ramp, 1000);
    clock.advanceTo(1000);
    expect(b.voltage).toBeCloseTo(1);
    expect(b.bit).toBe(0);
    const seen: number[] = [];
    b.observe((_, time) => seen.push(time));
    clock.advanceTo(3000);
    expect(seen).toEqual([1650]);
    b.setPull(1000, 0);
    expect(b.voltage).toBeCloseTo(1.5);
  });

  it('falls apart again when a wire is taken away', () => {
    const { netlist, a, b, c } = bench();
    const ab = netlist.connect(a, b);
    netlist.connect(b, c);
    a.setDrive(1);
    expect(c.level).toBe(Level.HIGH);
    ab.disconnect();
    expect(c.level).toBe(Level.FLOATING_HIGH);
    b.setDrive(0);
    expect([a.bit, b.bit, c.bit]).toEqual([1, 0, 0]);
  });

  it('stops an inverter that feeds itself, and says so', () => {
    const { trace, netlist, a, b } = bench();
    netlist.connect(a, b);
    a.observe(bit => b.setDrive(bit === 1 ? 0 : 1));
    b.setDrive(1);
    expect(trace.events('nets').events().at(-1)).toMatchObject({ name: 'oscillation', text: 'A B' });
  });
});
