import { describe, expect, it } from 'vitest';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import { TimerRegister as T } from '../peripherals/timer.ts';
import { Led } from './led.ts';
import { PartError } from './part.ts';
import { Potentiometer } from './potentiometer.ts';
import { PushButton } from './push-button.ts';
import { Servo } from './servo.ts';
import { benchWithParts } from './test-bench.ts';

describe('LED', () => {
  it('is lit by its pin and noted in the trace', () => {
    const { chip, clock, trace, parts, wire } = benchWithParts();
    const pin = chip.pin('LED_RED');
    pin.configure({ mode: PinMode.OUTPUT });
    const led = wire(new Led(parts, 'LED1'), { anode: 'LED_RED' });
    clock.advanceTo(1000);
    pin.set(1);
    clock.advanceTo(2000);
    pin.set(0);
    expect(trace.state('LED1').changes()).toEqual([
      { time: 0, state: 'off' },
      { time: 1000, state: 'on' },
      { time: 2000, state: 'off' },
    ]);
    expect(led.read('lit')).toBe(false);
  });

  it('is as bright as the duty cycle of its PWM, at the cost of no event', () => {
    const { chip, clock, trace, parts, wire } = benchWithParts();
    const led = wire(new Led(parts, 'LED4'), { anode: 'LED_BLUE' });
    chip.rcc.enable('TIM3');
    chip.pin('LED_BLUE').configure({ mode: PinMode.ALTERNATE, alternate: 2 });
    const timer = chip.timer(3);
    timer.writeRegister(T.ARR, 999);
    timer.writeRegister(T.CCR1, 200);
    timer.writeRegister(T.CCMR1, 0x60);
    timer.writeRegister(T.CCER, 1);
    timer.writeRegister(T.CR1, 1);
    expect(led.read('brightness')).toBeCloseTo(0.2);
    expect(trace.state('LED4').current).toBe('20 %');
    expect(clock.nextDue).toBe(Infinity);
    led.inject('broken');
    expect(led.read('lit')).toBe(false);
  });
});

describe('push-button', () => {
  function button(bounce: number) {
    const bench = benchWithParts();
    const { chip, parts, wire } = bench;
    const part = wire(new PushButton(parts, 'button', bounce), { a: 'X17' });
    chip.pin('X17').configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    return { ...bench, part, pin: chip.pin('X17') };
  }

  it('pulls its pin to ground while it is pressed', () => {
    const { part, pin } = button(0);
    expect(pin.bit).toBe(1);
    part.press();
    expect(pin.bit).toBe(0);
    part.release();
    expect(pin.bit).toBe(1);
  });

  it('bounces for as long as it is told, the same each time', () => {
    const run = () => {
      const { part, clock, trace } = button(2);
      clock.advanceTo(1_000_000);
      part.press();
      clock.advanceTo(20_000_000);
      return trace.net('X17').edges(900_000);
    };
    const edges = run();
    expect(edges.length).toBeGreaterThan(1);
    expect(edges.length % 2).toBe(1);
    expect(edges.at(-1)!.bit).toBe(0);
    expect(edges.at(-1)!.time).toBeLessThanOrEqual(3_000_000);
    expect(run()).toEqual(edges);
  });

  it('can stick, get dirty, and be pulled off', () => {
    const { part, pin } = button(0);
    part.inject('stuck');
    expect(pin.bit).toBe(0);
    part.inject('removed');
    expect(pin.bit).toBe(1);
    part.clear();
    expect(pin.bit).toBe(1);
    part.inject('dirty');
    part.press();
    expect(pin.bit).toBe(1);
    part.clear('dirty');
    expect(pin.bit).toBe(0);
  });

  it('names what it has when asked for what it has not', () => {
    const { part } = button(0);
    expect(() => part.pin('c')).toThrow('button has no pin "c"; it has: a, b');
    expect(() => part.set('pressed', 3)).toThrow(PartError);
    expect(() => part.set('bounce', -1)).toThrow('control "bounce" goes from 0 ms to 1000 ms, not to -1');
    expect(() => part.inject('haunted')).toThrow('has no fault "haunted"; it has: removed, stuck, dirty');
  });
});

describe('potentiometer', () => {
  it('gives a part of the supply', () => {
    const { chip, parts, wire } = benchWithParts();
    const pot = wire(new Potentiometer(parts, 'pot'), { wiper: 'X19' });
    chip.pin('X19').configure({ mode: PinMode.ANALOG });
    pot.set('position', 25);
    expect(chip.pin('X19').voltage).toBeCloseTo(0.825);
    pot.inject('noise', 0.2);
    expect(Math.abs(chip.pin('X19').voltage - 0.825)).toBeLessThanOrEqual(0.2);
    expect(chip.pin('X19').voltage).not.toBeCloseTo(0.825, 5);
    pot.clear();
    expect(chip.pin('X19').voltage).toBeCloseTo(0.825);
  });
});

describe('servo', () => {
  function servo() {
    const bench = benchWithParts();
    const { chip, parts, wire } = bench;
    const part = wire(new Servo(parts, 'servo'), { signal: 'X1' });
    chip.rcc.enable('TIM5');
    chip.pin('X1').configure({ mode: PinMode.ALTERNATE, alternate: 2 });
    const timer = chip.timer(5);
    timer.writeRegister(T.PSC, 839);
    timer.writeRegister(T.ARR, 1999);
    timer.writeRegister(T.EGR, 1);
    timer.writeRegister(T.CCMR1, 0x68);
    timer.writeRegister(T.CCER, 1);
    timer.writeRegister(T.CR1, 1);
    return { ...bench, part, timer };
  }

  it('turns its arm to where the pulses send it, at its speed', () => {
    const { part, timer, clock } = servo();
    timer.writeRegister(T.CCR1, 150);
    clock.advanceTo(1_000_000_000);
    expect(part.read('angle')).toBe(0);
    timer.writeRegister(T.CCR1, 247);
    clock.advanceTo(1_120_000_000);
    expect(part.read('target')).toBeCloseTo(90);
    expect(part.read('pulse')).toBe(2470);
    expect(part.read('angle')).toBeGreaterThan(10);
    expect(part.read('angle')).toBeLessThan(50);
    clock.advanceTo(2_000_000_000);
    expect(part.read('angle')).toBeCloseTo(90);
  });

  it('stays where it is when it is jammed or hears nothing', () => {
    const { part, timer, clock } = servo();
    timer.writeRegister(T.CCR1, 200);
    clock.advanceTo(1_000_000_000);
    const angle = part.read('angle');
    part.inject('jammed');
    timer.writeRegister(T.CCR1, 100);
    clock.advanceTo(2_000_000_000);
    expect(part.read('angle')).toBe(angle);
    part.clear();
    timer.writeRegister(T.CR1, 0);
    clock.advanceTo(3_000_000_000);
    expect(part.read('angle')).toBeCloseTo(-46.4, 0);
  });
});
