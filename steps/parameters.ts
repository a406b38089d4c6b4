/** The words that sentences may hold: durations, frequencies, pins, LEDs, bytes. Units are always written. */
import { defineParameterType } from '@cucumber/cucumber';
import {
  durationUnits,
  frequencyUnits,
  number,
  parseQuantity,
  parseRange,
  percentUnits,
  quantityPattern,
  rangePattern,
  sizeUnits,
  voltageUnits,
} from '../views/units.ts';

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
  { name: 'board', about: 'A board, by the name of its definition.', examples: ['pyboard-v1.1', 'pyblite-v1.0'] },
  String.raw`[A-Za-z][\w.-]*[\w]`,
  text => text,
);
parameter(
  { name: 'dut', about: 'The board under test, or one of several by its name.', examples: ['the board', 'board "left"'] },
  'the board|board "([^"]*)"',
  name => name,
);

/** A pin of a board or a part, as the session names it: `X1`, `left.X1`, `eeprom.SDA`. */
parameter(
  {
    name: 'pin',
    about: 'A pin of a board by any of its names, with several boards after the name of one; or a pin of a part.',
    examples: ['pin X1', 'pin left.X1', 'pin eeprom.SDA'],
  },
  String.raw`pin ((?:[A-Za-z_][\w-]*\.)?[A-Za-z_]\w*)`,
  name => name,
);
parameter({ name: 'level', about: 'A logic level.', examples: ['high', 'low'] }, 'high|low', text => text);
parameter({ name: 'edge', about: 'A direction of edges.', examples: ['rising', 'falling'] }, 'rising|falling', text => text);

/** Something on one of the boards; `board` is undefined when there is only one. */
export interface Named {
  readonly name: string;
  readonly board: string | undefined;
}

parameter(
  {
    name: 'led',
    about: "An LED, by its colour or its number, and the board's name when there are several.",
    examples: ['red LED', 'LED 4', 'blue LED of board "left"'],
  },
  String.raw`(?:(\w+) LED|LED (\d))(?: of board "([^"]*)")?`,
  (colour, digit, board): Named => ({ name: colour ?? digit, board }),
);
parameter(
  { name: 'button', about: 'A button of a board.', examples: ['RST', 'USR', 'USR of board "left"'] },
  '([A-Z][A-Z0-9]{1,7})(?: of board "([^"]*)")?',
  (name, board): Named => ({ name, board }),
);
parameter(
  {
    name: 'medium',
    about: 'What holds files: the flash of a board, or the card in its slot.',
    examples: ['the flash', 'the SD card', 'the flash of board "left"'],
  },
  'the (flash|SD card)(?: of board "([^"]*)")?',
  (name, board): Named => ({ name: name === 'flash' ? 'flash' : 'sd', board }),
);
parameter(
  { name: 'mode', about: 'A boot mode.', examples: ['standard', 'safe', 'factory-reset'] },
  'standard|safe|factory-reset',
  text => text,
);

const keys: Readonly<Record<string, string>> = {
  Enter: '\r',
  Tab: '\t',
  Backspace: '\x7f',
  Delete: '\x1b[3~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
};
parameter(
  { name: 'key', about: 'A key of a terminal: what it sends.', examples: ['Ctrl-C', 'Enter', 'Tab', 'Up', 'Home', 'Delete'] },
  ['Ctrl-[A-Z]', ...Object.keys(keys)].join('|'),
  text => (text.startsWith('Ctrl-') ? String.fromCharCode(text.charCodeAt(5) - 64) : keys[text]),
);
parameter(
  { name: 'bytes', about: 'Bytes, in hexadecimal or as text.', examples: ['0x3C', '00 AE FF', '"hello"'] },
  ['(?:0x)?[0-9A-Fa-f]{2}(?:,? (?:0x)?[0-9A-Fa-f]{2})*', String.raw`"(?:[^"\\]|\\.)*"`],
  text => parseBytes(text),
);
parameter(
  { name: 'hex', about: 'A number in hexadecimal: an address, a register.', examples: ['0x3C', '0x40020000'] },
  '0x[0-9A-Fa-f]+',
  text => Number.parseInt(text, 16),
);
parameter(
  { name: 'pattern', about: 'A regular expression.', examples: ['/v1\\.2\\d/', '/hello/i'] },
  String.raw`/(?:[^/\\]|\\.)+/[imsu]*`,
  text => {
    const end = text.lastIndexOf('/');
    return new RegExp(text.slice(1, end), text.slice(end + 1));
  },
);
parameter(
  {
    name: 'bus',
    about: "A bus of a board, as its documentation numbers it, and the board's name when there are several.",
    examples: ['UART 4', 'I2C 1', 'SPI 2', 'I2C 1 of board "left"'],
  },
  String.raw`(UART|I2C|SPI|CAN) ?(\d)(?: of board "([^"]*)")?`,
  (kind, number, board): Named => ({ name: `${kind}(${number})`, board }),
);
parameter({ name: 'times', about: 'How often.', examples: ['once', 'twice', '3 times'] }, String.raw`once|twice|\d+ times`, text =>
  text === 'once' ? 1 : text === 'twice' ? 2 : Number.parseInt(text, 10),
);

/** A value as a sentence writes it, with the unit that was written. */
export interface Written {
  readonly value: number | string | boolean;
  readonly unit: string;
  readonly text: string;
}

const unitSymbols = '(?: ?(?:°C|°|%|[a-zA-Zµ²/Ω]+(?:/s²)?))?';
parameter(
  {
    name: 'value',
    about: 'A value of a part: a number with its unit, a text, on or off.',
    examples: ['25.5 °C', '10 kΩ', '"hello"', 'on'],
  },
  [`${number}${unitSymbols}`, '"[^"]*"', 'on|off'],
  text => parseWritten(text),
);
parameter(
  {
    name: 'value-range',
    about: 'What a value of a part must be.',
    examples: ['25 °C ± 0.5 °C', 'at least 10 %', 'between 88° and 92°', '"ready"', 'on'],
  },
  [
    `between ${number}${unitSymbols} and ${number}${unitSymbols}`,
    `(?:at least|at most|less than|more than|about) ${number}${unitSymbols}`,
    `${number}${unitSymbols} ?(?:±|\\+/-) ?${number}${unitSymbols}`,
    `${number}${unitSymbols}`,
    '"[^"]*"',
    'on|off',
  ],
  text => text,
);

export function parseWritten(text: string): Written {
  if (text === 'on' || text === 'off') return { value: text === 'on', unit: '', text };
  if (text.startsWith('"')) return { value: text.slice(1, -1), unit: '', text };
  const [, digits, unit] = new RegExp(`^(${number}) ?(.*)$`).exec(text)!;
  return { value: Number(digits), unit, text };
}

/** Hexadecimal bytes, or quoted text with the escapes of Python (`\n`, `\r`, `\t`, `\\`, `\"`, `\xNN`), as UTF-8. */
export function parseBytes(text: string): Uint8Array {
  if (!text.startsWith('"')) return Uint8Array.from(text.split(/,? /).map(byte => Number.parseInt(byte.replace(/^0x/, ''), 16)));
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', "'": "'", '0': '\0' };
  const out: Buffer[] = [];
  for (const [piece, , hex, escaped] of text.slice(1, -1).matchAll(/(\\x([0-9a-fA-F]{2})|\\(.))|[^\\]+/gs)) {
    if (hex !== undefined) out.push(Buffer.from([Number.parseInt(hex, 16)]));
    else out.push(Buffer.from(escaped === undefined ? piece : (escapes[escaped] ?? piece), 'utf8'));
  }
  return Buffer.concat(out);
}
