/** Parts on the bench: wire them up, set their controls, check their readings, look at their displays. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DataTable } from '@cucumber/cucumber';
import { PNG } from 'pngjs';
import type { PartImage, PartKind, PartValue, Quantity } from '../emulator/session/handle.ts';
import { formatDuration } from '../views/units.ts';
import { type Bench, text as guestText } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { parseWritten, type Written } from './parameters.ts';
import { family } from './step.ts';
import { describeUserPart, PlacedUserPart, userPart, userPartKinds } from './user-parts.ts';

const step = family('Parts');

async function partsOf(bench: Bench) {
  bench.need('parts');
  return (await bench.session()).parts!;
}

/** The kind of a part on the bench. @throws BadStep, naming the parts there are */
async function kindOf(bench: Bench, name: string): Promise<PartKind> {
  const own = bench.userParts.get(name);
  if (own !== undefined) return own.description;
  const list = await (await partsOf(bench)).list();
  const part = list.find(part => part.name === name);
  if (part === undefined)
    throw new BadStep(
      `there is no part "${name}" on the bench; ${whatExists(
        name,
        list.map(({ name }) => name),
      )}`,
    );
  return part.kind;
}

function quantityOf(kind: PartKind, list: readonly Quantity[], what: string, name: string): Quantity {
  const quantity = list.find(quantity => quantity.name === name);
  if (quantity === undefined)
    throw new BadStep(
      `a ${kind.kind} has no ${what} "${name}"; ${whatExists(
        name,
        list.map(({ name }) => name),
      )}`,
    );
  return quantity;
}

/** Unit symbols that people write for the one that the part documents. */
const sameUnit: Readonly<Record<string, string>> = { deg: '°', C: '°C', us: 'µs', ohm: 'Ω', Ohm: 'Ω' };
const prefixes: Readonly<Record<string, number>> = { n: 1e-9, µ: 1e-6, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6 };

/** A number in the quantity's own unit. @throws BadStep if the unit is another one */
function inUnit({ value, unit, text }: Written, quantity: Quantity): number {
  if (typeof value !== 'number')
    throw new BadStep(`${quantity.name} is a number${quantity.unit === '' ? '' : ` in ${quantity.unit}`}, not ${text}`);
  const written = sameUnit[unit] ?? unit;
  if (written === quantity.unit) return value;
  if (written.length > 1 && written.slice(1) === quantity.unit && Object.hasOwn(prefixes, written[0])) return value * prefixes[written[0]];
  if (quantity.unit.length > 1 && quantity.unit.slice(1) === written && Object.hasOwn(prefixes, quantity.unit[0]))
    return value / prefixes[quantity.unit[0]];
  throw new BadStep(
    quantity.unit === ''
      ? `${quantity.name} has no unit, but "${unit}" was written`
      : `${quantity.name} is in ${quantity.unit}, not in "${unit}"`,
  );
}

function controlValue(written: Written, quantity: Quantity): PartValue {
  switch (quantity.type) {
    case 'number': {
      const value = inUnit(written, quantity);
      if ((quantity.min !== undefined && value < quantity.min) || (quantity.max !== undefined && value > quantity.max)) {
        throw new BadStep(`${quantity.name} goes from ${quantity.min} to ${quantity.max} ${quantity.unit}, not to ${written.text}`);
      }
      return value;
    }
    case 'flag':
      if (typeof written.value !== 'boolean') throw new BadStep(`${quantity.name} is on or off, not ${written.text}`);
      return written.value;
    case 'text':
      if (quantity.values !== undefined && !quantity.values.includes(String(written.value)))
        throw new BadStep(`${quantity.name} cannot be ${written.text}; ${whatExists(String(written.value), quantity.values)}`);
      return String(written.value);
    case 'bytes':
      return Buffer.from(String(written.value), 'utf8');
    default:
      throw new BadStep(`${quantity.name} cannot be set by this step`);
  }
}

/** Pins and options of a part, from a table of two columns: what is written in capitals or known as a pin is a pin. */
async function attach(bench: Bench, kindName: string, name: string, rows: readonly (readonly string[])[]): Promise<void> {
  const parts = await partsOf(bench);
  const own = userPart(kindName);
  const kinds = own === undefined ? await parts.kinds() : [describeUserPart(own)];
  const kind = kinds.find(({ kind }) => kind === kindName);
  if (kind === undefined)
    throw new BadStep(
      `there is no part of kind "${kindName}"; ${whatExists(kindName, [...userPartKinds(), ...kinds.map(({ kind }) => kind)])}`,
    );
  const pins: Record<string, string> = {};
  const options: Record<string, PartValue> = {};
  for (const [key, value] of rows) {
    const pin = kind.pins.find(pin => pin.name.toLowerCase() === key.toLowerCase());
    if (pin !== undefined) pins[pin.name] = value.replace(/^pin /, '');
    else {
      const option = [...kind.options, ...kind.controls].find(option => option.name === key);
      if (option === undefined)
        throw new BadStep(
          `a ${kindName} has no pin or option "${key}"; ${whatExists(key, [...kind.pins.map(({ name }) => name), ...kind.options.map(({ name }) => name)])}`,
        );
      options[key] = /^0x[0-9a-fA-F]+$/.test(value)
        ? Number.parseInt(value, 16)
        : controlValue(parseWritten(/^[-+\d]|^on$|^off$|^"/.test(value) ? value : `"${value}"`), option);
    }
  }
  const missing = kind.pins.filter(pin => !pin.optional && pins[pin.name] === undefined);
  if (missing.length > 0)
    throw new BadStep(
      `a ${kindName} needs its ${missing.length === 1 ? 'pin' : 'pins'} ${missing.map(({ name }) => name).join(', ')} wired`,
    );
  if (own === undefined) {
    await parts.attach({ name, kind: kindName, pins, options });
    return;
  }
  const placed = new PlacedUserPart(own, name, options);
  bench.userParts.set(name, placed);
  await parts.attachHost({ name, kind: kindName, pins }, placed.device());
}

step(
  'a(n) {word} called {string} is wired:',
  {
    about: 'Puts a part on the bench and wires its pins to those of the board. Rows may also set options of the part, such as its address.',
    takes: 'a table of two columns: pin of the part and pin of the board, or option and value',
    needs: ['parts'],
    passes: `Given a potentiometer called "knob" is wired:
  | wiper | X19 |
When the position of "knob" is set to 50 %
And the board runs "import pyb; print(1900 < pyb.ADC('X19').read() < 2200)"
Then it prints "True"`,
    fails: { steps: `Given a potentiometre called "knob" is wired:\n  | wiper | X19 |`, says: 'did you mean "potentiometer"' },
  },
  async function (this: Bench, kind: string, name: string, table: DataTable) {
    await attach(this, kind, name, table.raw());
  },
);

step(
  'part {string} is removed',
  {
    about: 'Takes a part off the bench, wires and all.',
    needs: ['parts'],
    passes: `Given a potentiometer called "knob" is wired:
  | wiper | X19 |
When part "knob" is removed`,
    fails: { steps: `When part "knob" is removed`, says: 'there is no part "knob"' },
  },
  async function (this: Bench, name: string) {
    await kindOf(this, name);
    await (await partsOf(this)).detach(name);
  },
);

step(
  'the {word} of {string} is set to {value}',
  {
    about: 'Sets a control of a part: what a hand, or the world around it, would do.',
    needs: ['parts'],
    passes: `Given a potentiometer called "knob" is wired:
  | wiper | X19 |
When the position of "knob" is set to 25 %
And the board runs "import pyb; print(900 < pyb.ADC('X19').read() < 1150)"
Then it prints "True"`,
    fails: {
      steps: `Given a potentiometer called "knob" is wired:\n  | wiper | X19 |\nWhen the position of "knob" is set to 120 %`,
      says: 'position goes from 0 to 100',
    },
  },
  async function (this: Bench, control: string, name: string, written: Written) {
    const kind = await kindOf(this, name);
    const quantity = quantityOf(kind, kind.controls, 'control', control);
    const value = controlValue(written, quantity);
    const own = this.userParts.get(name);
    if (own === undefined) await (await partsOf(this)).control(name, control, value);
    else own.set(control, value);
  },
);

/** Checks a reading against what was written. Returns what was seen when it does not fit. */
function mismatch(seen: PartValue, range: string, quantity: Quantity): string | undefined {
  const shown = `${seen instanceof Uint8Array ? guestText(seen) : seen}${quantity.unit === '' ? '' : quantity.unit === '°' ? '°' : ` ${quantity.unit}`}`;
  if (range.startsWith('"'))
    return String(seen instanceof Uint8Array ? guestText(seen) : seen) === range.slice(1, -1) ? undefined : JSON.stringify(String(seen));
  if (range === 'on' || range === 'off')
    return seen === (range === 'on') ? undefined : seen === true ? 'on' : seen === false ? 'off' : shown;
  if (typeof seen !== 'number') return shown;
  const number = (text: string): number => inUnit(parseWritten(text), quantity);
  const between = /^between (.*) and (.*)$/.exec(range);
  if (between) return seen >= number(between[1]) && seen <= number(between[2]) ? undefined : shown;
  const bound = /^(at least|at most|less than|more than|about) (.*)$/.exec(range);
  if (bound) {
    const limit = number(bound[2]);
    const holds = {
      'at least': seen >= limit,
      'at most': seen <= limit,
      'less than': seen < limit,
      'more than': seen > limit,
      about: Math.abs(seen - limit) <= Math.abs(limit) * 0.1,
    }[bound[1]];
    return holds ? undefined : shown;
  }
  const tolerance = /^(.*?) ?(?:±|\+\/-) ?(.*)$/.exec(range);
  if (tolerance) {
    const middle = number(tolerance[1]);
    const written = parseWritten(tolerance[2]);
    const by =
      written.unit === '%' && quantity.unit !== '%'
        ? (Math.abs(middle) * (written.value as number)) / 100
        : number(written.unit === '' ? `${tolerance[2]} ${parseWritten(tolerance[1]).unit}` : tolerance[2]);
    return Math.abs(seen - middle) <= by + 1e-12 ? undefined : shown;
  }
  // A number alone stands for all that round to it as written.
  const written = parseWritten(range);
  const decimals = /\.(\d+)/.exec(range)?.[1].length ?? 0;
  const half = Math.abs(inUnit({ ...written, value: 0.5 / 10 ** decimals }, quantity));
  return Math.abs(seen - number(range)) <= half + 1e-12 ? undefined : shown;
}

step(
  'the {word} of {string} is {value-range}',
  {
    about: 'A reading of a part now: the angle of a servo, the state of a relay, the text of a display.',
    needs: ['parts'],
    passes: `When the board runs "import pyb; pyb.Servo(1).angle(45)"
And 1 s passes
Then the angle of "servo1" is 45° ± 1°`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Servo(1).angle(45)"\nAnd 1 s passes\nThen the angle of "servo1" is 10° ± 1°`,
      says: 'expected  the angle of "servo1" to be 10° ± 1°',
    },
  },
  async function (this: Bench, reading: string, name: string, range: string) {
    const kind = await kindOf(this, name);
    const quantity = quantityOf(kind, kind.readings, 'reading', reading);
    const own = this.userParts.get(name);
    const seen = mismatch(own === undefined ? await (await partsOf(this)).reading(name, reading) : own.reading(reading), range, quantity);
    if (seen !== undefined) throw new ExpectationFailed(`the ${reading} of "${name}" to be ${range}`, seen);
  },
);

step(
  'the {word} of {string} becomes {value} within {duration}',
  {
    about: 'Waits until a reading of a part has this value.',
    needs: ['parts'],
    passes: `Given a relay called "heater" is wired:
  | in | X1 |
When the board is started with "import pyb; pyb.delay(50); pyb.Pin('X1', pyb.Pin.OUT).high()"
Then the closed of "heater" becomes on within 100 ms`,
    fails: {
      steps: `Given a relay called "heater" is wired:\n  | in | X1 |\nWhen the board runs "1"\nThen the closed of "heater" becomes on within 100 ms`,
      says: 'expected  the closed of "heater" to become on within 100 ms',
    },
  },
  async function (this: Bench, reading: string, name: string, written: Written, limit: number) {
    const kind = await kindOf(this, name);
    const quantity = quantityOf(kind, kind.readings, 'reading', reading);
    const value = quantity.type === 'number' ? inUnit(written, quantity) : written.value;
    const { reason } = await this.act(session => session.advanceUntil({ kind: 'reading', part: name, reading, is: '=', value }, limit));
    if (reason !== 'met') {
      throw new ExpectationFailed(
        `the ${reading} of "${name}" to become ${written.text} within ${formatDuration(limit)}`,
        String(await (await partsOf(this)).reading(name, reading)),
      );
    }
  },
);

// ---------------------------------------------------------------------------------------------- displays

/** A pixel counts as lit when it is brighter than half. */
function lit({ rgba, width }: PartImage, x: number, y: number): boolean {
  const at = (y * width + x) * 4;
  return (rgba[at] * 299 + rgba[at + 1] * 587 + rgba[at + 2] * 114) / 1000 > 127;
}

const oled = `Given an ssd1306 called "oled" is wired:
  | scl | X9  |
  | sda | X10 |`;

step(
  'the display {string} shows, from column {int} and row {int}:',
  {
    about:
      'A piece of the display, pixel by pixel: "#" is lit, "." is dark, " " is not compared. Column and row count from 0 at the top left.',
    takes: 'the pixels as a doc string',
    needs: ['parts'],
    passes: `${oled}
Then the display "oled" shows, from column 0 and row 0:
  """
  ....
  ....
  """`,
    fails: {
      steps: `${oled}\nThen the display "oled" shows, from column 0 and row 0:\n  """\n  #...\n  """`,
      says: 'expected  these pixels',
    },
  },
  async function (this: Bench, name: string, column: number, row: number, picture: string) {
    await kindOf(this, name);
    const image = await (await partsOf(this)).image(name);
    const lines = picture.split('\n');
    const width = Math.max(...lines.map(line => line.length));
    if (column + width > image.width || row + lines.length > image.height)
      throw new BadStep(`"${name}" has ${image.width} × ${image.height} pixels: the picture does not fit`);
    const seen = lines.map((line, y) => [...line].map((c, x) => (c === ' ' ? ' ' : lit(image, column + x, row + y) ? '#' : '.')).join(''));
    if (seen.join('\n') !== picture) {
      this.attach(pngOf(image), { mediaType: 'image/png', fileName: `${name}.png` });
      throw new ExpectationFailed('these pixels', 'others', { evidence: seen.join('\n') });
    }
  },
);

step(
  'the display {string} matches the picture {string}',
  {
    about:
      'Every pixel of the display equals that of a PNG file of the host. When the environment variable BOARDSPEC_UPDATE_PICTURES is 1, a picture that is not there is written instead.',
    needs: ['parts'],
    passes: `${oled}
Then the display "oled" is dark`,
    fails: { steps: `${oled}\nThen the display "oled" matches the picture "no-such-picture.png"`, says: 'no-such-picture.png' },
  },
  async function (this: Bench, name: string, file: string) {
    await kindOf(this, name);
    const image = await (await partsOf(this)).image(name);
    let wanted: PNG;
    try {
      wanted = PNG.sync.read(readFileSync(resolve(file)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new BadStep(`${file} is no PNG file: ${(error as Error).message}`);
      if (process.env.BOARDSPEC_UPDATE_PICTURES !== '1')
        throw new BadStep(
          `the host has no picture "${file}"; set BOARDSPEC_UPDATE_PICTURES=1 to write what the display shows now, and look at it`,
        );
      mkdirSync(dirname(resolve(file)), { recursive: true });
      writeFileSync(resolve(file), pngOf(image));
      return;
    }
    if (wanted.width !== image.width || wanted.height !== image.height)
      throw new ExpectationFailed(`a picture of ${wanted.width} × ${wanted.height} pixels`, `${image.width} × ${image.height}`);
    let wrong = 0;
    let first: string | undefined;
    const difference = new PNG({ width: image.width, height: image.height });
    for (let i = 0; i < image.rgba.length; i += 4) {
      const same = [0, 1, 2].every(channel => image.rgba[i + channel] === wanted.data[i + channel]);
      difference.data.set(same ? [image.rgba[i] >> 2, image.rgba[i + 1] >> 2, image.rgba[i + 2] >> 2, 255] : [255, 0, 0, 255], i);
      if (same) continue;
      wrong++;
      first ??= `column ${(i / 4) % image.width}, row ${Math.floor(i / 4 / image.width)}`;
    }
    if (wrong > 0) {
      this.attach(pngOf(image), { mediaType: 'image/png', fileName: `${name}.png` });
      this.attach(PNG.sync.write(difference), { mediaType: 'image/png', fileName: `${name}-difference.png` });
      throw new ExpectationFailed(`the display to match ${file}`, `${wrong} pixels differ, the first at ${first}`);
    }
  },
);

step(
  'the display {string} is dark',
  {
    about: 'No pixel of the display is lit.',
    needs: ['parts'],
    passes: `${oled}
Then the display "oled" is dark`,
    fails: {
      steps: `${oled}
When the board runs the program:
  """
  import pyb
  i2c = pyb.I2C(1, pyb.I2C.CONTROLLER)
  i2c.send(b'\\x00\\x8d\\x14\\xaf\\xa5', 0x3c)
  """
Then the display "oled" is dark`,
      says: 'pixels are lit',
    },
  },
  async function (this: Bench, name: string) {
    await kindOf(this, name);
    const image = await (await partsOf(this)).image(name);
    let count = 0;
    for (let y = 0; y < image.height; y++) for (let x = 0; x < image.width; x++) if (lit(image, x, y)) count++;
    if (count > 0) {
      this.attach(pngOf(image), { mediaType: 'image/png', fileName: `${name}.png` });
      throw new ExpectationFailed(`the display "${name}" to be dark`, `${count} pixels are lit`);
    }
  },
);

function pngOf({ width, height, rgba }: PartImage): Buffer {
  const png = new PNG({ width, height });
  png.data.set(rgba);
  return PNG.sync.write(png);
}
