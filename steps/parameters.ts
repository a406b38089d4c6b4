/** The words that sentences may hold: durations, frequencies, pins, LEDs, bytes. Units are always written. */
import { defineParameterType } from '@cucumber/cucumber';
import {
  durationUnits,
  frequencyUnits,
  parseQuantity,
  parseRange,
  percentUnits,
  quantityPattern,
  rangePattern,
  sizeUnits,
  voltageUnits,
} from '../reports/units.ts';

/** A parameter type of the library: how it is written, for the reference. */
export interface ParameterDoc {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly string[];
}

export const parameters: ParameterDoc[] = [];

function parameter(doc: ParameterDoc, regexp: string | readonly string[], transformer: (...groups: string[]) => unknown): void {
  parameters.push(doc);
  const patterns = (typeof regexp === 'string' ? [regexp] : regexp).map(source => new RegExp(source));
  defineParameterType({ name: doc.name, regexp: patterns, transformer, useForSnippets: false });
}

parameter(
  { name: 'duration', about: 'A duration, in ns.', examples: ['10 ms', '1.5 s', '250 µs', '40 ns', '2 min', '1 h'] },
  quantityPattern(durationUnits),
  text => Math.round(parseQuantity(text, durationUnits).value),
);
parameter(
  {
    name: 'duration-range',
    about: 'What a duration must be.',
    examples: ['10 ms ± 5 %', 'at most 2 s', 'between 9 ms and 11 ms', 'about 1 s'],
  },
  rangePattern(durationUnits),
  text => parseRange(text, durationUnits),
);
parameter(
  { name: 'frequency', about: 'A frequency, in Hz.', examples: ['50 Hz', '1.5 kHz', '42 MHz'] },
  quantityPattern(frequencyUnits),
  text => parseQuantity(text, frequencyUnits).value,
);
parameter(
  { name: 'frequency-range', about: 'What a frequency must be.', examples: ['50 Hz', '1 kHz ± 1 %', 'at least 10 Hz'] },
  rangePattern(frequencyUnits),
  text => parseRange(text, frequencyUnits),
);
parameter(
  { name: 'voltage', about: 'A voltage, in V.', examples: ['1.65 V', '300 mV'] },
  quantityPattern(voltageUnits),
  text => parseQuantity(text, voltageUnits).value,
);
parameter(
  { name: 'voltage-range', about: 'What a voltage must be.', examples: ['1.65 V ± 20 mV', 'at most 0.4 V'] },
  rangePattern(voltageUnits),
  text => parseRange(text, voltageUnits),
);
parameter(
  { name: 'percentage', about: 'A fraction, written in percent.', examples: ['25 %'] },
  quantityPattern(percentUnits),
  text => parseQuantity(text, percentUnits).value,
);
parameter(
  {
    name: 'percentage-range',
    about: 'What a fraction must be; a tolerance is in percentage points.',
    examples: ['25 % ± 1 %', 'at most 10 %'],
  },
  rangePattern(percentUnits),
  text => parseRange(text, percentUnits),
);
parameter(
  { name: 'size-range', about: 'What a number of bytes must be.', examples: ['at most 512 bytes', 'at least 90 KiB'] },
  rangePattern(sizeUnits),
  text => parseRange(text, sizeUnits),
);
parameter(
  { name: 'board', about: 'A board, by the name of its definition.', examples: ['pyboard-v1.1', 'PYBLITEv1.0'] },
  String.raw`[A-Za-z][\w.-]*[\w]`,
  text => text,
);
parameter(
  { name: 'dut', about: 'The board under test, or one of several by its name.', examples: ['the board', 'board "left"'] },
  'the board|board "([^"]*)"',
  name => name,
);
