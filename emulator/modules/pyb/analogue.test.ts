import { describe, expect, it } from 'vitest';
import { linesOf } from '../../boot/test-board.ts';

const loop = { wires: [['X5', 'X19']] } as const;

describe('pyb.DAC and pyb.ADC', () => {
  it('measures what it puts out', () => {
    const lines = linesOf(
      `
import pyb
dac = pyb.DAC(1, bits=12)
adc = pyb.ADC('X19')
for value in (0, 1000, 2048, 4095):
    dac.write(value)
    print(abs(adc.read() - value) <= 2)
`,
      loop,
    );
    expect(lines).toEqual(['True', 'True', 'True', 'True']);
  });

  it('plays a buffer at a timer, again and again', () => {
    const lines = linesOf(
      `
import pyb
from array import array
dac = pyb.DAC(1)
dac.write_timed(bytes([50, 100, 150, 200]), 1000, mode=pyb.DAC.CIRCULAR)
adc = pyb.ADC('X19')
buffer = bytearray(8)
pyb.udelay(1500)
adc.read_timed(buffer, pyb.Timer(7, freq=1000))
steps = {round((b - a) / 16) for a, b in zip(buffer, buffer[1:])}
print(sorted(steps))
`,
      loop,
    );
    expect(lines).toEqual(['[-9, 3]']);
  });

  it('makes triangles', () => {
    const lines = linesOf(
      `
import pyb
from array import array
pyb.DAC(1).triangle(81900)
values = array('H', bytes(300))
pyb.ADC('X19').read_timed(values, pyb.Timer(7, freq=1000))
# Up and down again in 8190 steps, ten times a second, between the rails less what the buffer needs.
print(min(values), 3840 < max(values) < 3850)
print(sorted({round((b - a) / 82) for a, b in zip(values, values[1:])}))
`,
      loop,
    );
    expect(lines).toEqual(['248 True', '[-1, 0, 1]']);
  });

  it('reads at the times of a timer', () => {
    const lines = linesOf(`
import pyb
from array import array
adc = pyb.ADC(pyb.Pin('X20'))
buffer = array('H', bytes(20))
start = pyb.micros()
print(adc.read_timed(buffer, 100), 99000 < pyb.elapsed_micros(start) < 102000)
one, two = array('H', bytes(8)), array('H', bytes(8))
print(pyb.ADC.read_timed_multi((adc, pyb.ADC('X21')), (one, two), pyb.Timer(8, freq=10000)))
`);
    expect(lines).toEqual(['20 True', 'True']);
  });
});

describe('pyb.ADCAll', () => {
  it('measures temperature, supply, battery and reference of the chip', () => {
    const lines = linesOf(
      `
import pyb
adc = pyb.ADCAll(12, 0x70000)
print(round(adc.read_core_vref(), 2), round(adc.read_vref(), 2), round(adc.read_core_vbat(), 1), round(adc.read_core_temp()))
`,
      { prepare: machine => machine.chip.setEnvironment({ temperature: 40 }) },
    );
    expect(lines).toEqual(['1.21 3.3 3.3 40']);
  });
});
