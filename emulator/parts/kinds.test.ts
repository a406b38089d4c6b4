import { describe, expect, it } from 'vitest';
import { PART_KINDS } from './kinds.ts';
import { benchWithParts } from './test-bench.ts';

describe('every kind of part', () => {
  it.each([...PART_KINDS.keys()])('%s can be made, set to what it is, read, and broken and mended again', kind => {
    const { parts } = benchWithParts();
    const part = PART_KINDS.get(kind)!.make(parts, 'it', {});
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
});
