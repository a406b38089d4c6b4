import { describe, expect, it } from 'vitest';
import { boards } from '../../boards/index.ts';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import { chipOnBench, setUpI2c } from '../peripherals/test-bench.ts';
import { Level } from '../trace/level.ts';
import { boardParts } from './board-parts.ts';
import { makePart, partKinds } from './catalogue.ts';
import { benchWithParts } from './test-bench.ts';

describe('the parts of a board', () => {
  it.each(['pyboard-v1.1', 'pyblite-v1.0'])('are wired to the pins of %s', name => {
    const { chip, trace } = chipOnBench(boards.get(name)!.hardware!);
    const parts = boardParts(chip);
    expect([...parts.keys()]).toEqual(['LED1', 'LED2', 'LED3', 'LED4', 'USR', 'accel', 'SD']);
    chip.pin('LED_GREEN').configure({ mode: PinMode.OUTPUT, latch: 1 });
    expect(parts.get('LED2')!.read('lit')).toBe(true);
    expect(trace.state('LED2').current).toBe('on');
    chip.pin('SW').configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    parts.get('USR')!.set('pressed', true);
    expect(chip.pin('SW').bit).toBe(0);
    chip.pin('SD_SW').configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    expect(chip.pin('SD_SW').bit).toBe(1);
    parts.get('SD')!.set('card', true);
    expect(chip.pin('SD_SW').bit).toBe(0);
    const { write } = setUpI2c(chip);
    expect(write(0x4c, [7])).toBe(-1);
    chip.pin('MMA_AVDD').configure({ mode: PinMode.OUTPUT, latch: 1 });
    expect(write(0x4c, [7])).toBe(1);
    chip.pin('X9').configure({ mode: PinMode.INPUT });
    expect(chip.pin('X9').terminal.level).toBe(Level.PULLED_HIGH);
  });
});

describe('the catalogue', () => {
  it.each([...partKinds.keys()])('makes a %s that says what it has', kind => {
    const { parts } = benchWithParts();
    const part = makePart(parts, kind, 'it');
    expect(part.pins.size + part.controls.size).toBeGreaterThan(0);
    expect(part.faults.has('removed')).toBe(true);
    for (const { description } of [...part.controls.values(), ...part.readings.values(), ...part.faults.values()]) {
      expect(description).not.toBe('');
    }
    for (const [name, control] of part.controls) if (control.get() !== '') part.set(name, control.get());
    for (const [name, fault] of part.faults) {
      part.inject(name, fault.amount === undefined ? undefined : 0.5);
      part.clear(name);
    }
    for (const name of part.readings.keys()) expect(part.read(name)).toBeDefined();
  });

  it('names what it knows when asked for something else', () => {
    const { parts } = benchWithParts();
    expect(() => makePart(parts, 'toaster', 'it')).toThrow('there is no part "toaster"; there are: led, button');
    expect(() => makePart(parts, 'servo', 'it', { color: 'red' })).toThrow('servo has no option "color"; it has: centre');
  });
});
