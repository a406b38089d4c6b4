/** LEDs: lit or not, how bright, and how they flash, blink, alternate and step over time. */
import type { DataTable } from '@cucumber/cucumber';
import { CapabilityMissing, type Dut } from '../targets/target.ts';
import { contains, durationUnits, formatDuration, formatFrequency, parseRange, type Range } from '../views/units.ts';
import type { Bench } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { describeGlows, type Glow, glows } from './measure/lamp.ts';
import type { Named } from './parameters.ts';
import { family } from './step.ts';

const step = family('LEDs');

/** The LED that a sentence means. @throws BadStep, naming those there are */
function ledOf(dut: Dut, name: string): string {
  const { leds } = dut.description;
  const led = leds.find(led => led.name === name || String(led.index) === name);
  if (led === undefined)
    throw new BadStep(
      `there is no ${name} LED; ${whatExists(
        name,
        leds.map(led => led.name),
      )}`,
    );
  return led.name;
}

async function find(bench: Bench, { name, board }: Named): Promise<{ dut: Dut; led: string }> {
  bench.need('leds');
  const dut = await bench.dut(board);
  if (dut.description.leds.length === 0) throw new CapabilityMissing('leds', bench.target.name, `a ${dut.description.board} has none`);
  return { dut, led: ledOf(dut, name) };
}

function litNames(leds: Readonly<Record<string, number>>): string {
  const lit = Object.entries(leds).filter(([, intensity]) => intensity > 0);
  return lit.length === 0 ? 'no LED is lit' : `lit: ${lit.map(([name]) => name).join(', ')}`;
}

step(
  'the {led} is lit',
  {
    about: 'The LED is lit now, whatever its intensity.',
    needs: ['leds'],
    passes: `When the board runs "import pyb; pyb.LED(1).on()"
Then the red LED is lit`,
    fails: { steps: `Given the board has booted\nThen the red LED is lit`, says: 'expected  the red LED to be lit' },
  },
  async function (this: Bench, named: Named) {
    const { dut, led } = await find(this, named);
    const { leds } = await dut.state!();
    if (!(leds[led] > 0)) throw new ExpectationFailed(`the ${led} LED to be lit`, litNames(leds));
  },
);

step(
  'the {led} is off',
  {
    about: 'The LED is not lit now.',
    needs: ['leds'],
    passes: `Given the board has booted
Then the red LED is off`,
    fails: { steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen the red LED is off`, says: 'expected  the red LED to be off' },
  },
  async function (this: Bench, named: Named) {
    const { dut, led } = await find(this, named);
    const { leds } = await dut.state!();
    if (leds[led] > 0) throw new ExpectationFailed(`the ${led} LED to be off`, litNames(leds));
  },
);

step(
  'only the {led} is lit',
  {
    about: 'This LED of the board is lit now, and no other.',
    needs: ['leds'],
    passes: `When the board runs "import pyb; pyb.LED(3).on()"
Then only the orange LED is lit`,
    fails: {
      steps: `When the board runs "import pyb; pyb.LED(1).on(); pyb.LED(2).on()"\nThen only the red LED is lit`,
      says: 'seen      lit: red, green',
    },
  },
  async function (this: Bench, named: Named) {
    const { dut, led } = await find(this, named);
    const { leds } = await dut.state!();
    const lit = Object.keys(leds).filter(name => leds[name] > 0);
    if (lit.length !== 1 || lit[0] !== led) throw new ExpectationFailed(`only the ${led} LED to be lit`, litNames(leds));
  },
);

step(
  'only the {led} and the {led} are lit',
  {
    about: 'These two LEDs of the board are lit now, and no other.',
    needs: ['leds'],
    passes: `When the board runs "import pyb; pyb.LED(1).on(); pyb.LED(2).on()"
Then only the red LED and the green LED are lit`,
    fails: {
      steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen only the red LED and the green LED are lit`,
      says: 'seen      lit: red',
    },
  },
  async function (this: Bench, first: Named, second: Named) {
    const { dut, led } = await find(this, first);
    const other = ledOf(dut, second.name);
    const { leds } = await dut.state!();
    const lit = Object.keys(leds).filter(name => leds[name] > 0);
    if (lit.length !== 2 || !lit.includes(led) || !lit.includes(other))
      throw new ExpectationFailed(`only the ${led} and the ${other} LED to be lit`, litNames(leds));
  },
);

step(
  'no LED is lit',
  {
    about: 'All LEDs of the board are off now.',
    needs: ['leds'],
    passes: `Given the board has booted
Then no LED is lit`,
    fails: { steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen no LED is lit`, says: 'seen      lit: red' },
  },
  async function (this: Bench) {
    const { leds } = await (await this.dut()).state!();
    if (Object.values(leds).some(intensity => intensity > 0)) throw new ExpectationFailed('no LED to be lit', litNames(leds));
  },
);

step(
  'all LEDs are lit',
  {
    about: 'All LEDs of the board are lit now.',
    needs: ['leds'],
    passes: `When the board runs "import pyb; [pyb.LED(i).on() for i in range(1, 5)]"
Then all LEDs are lit`,
    fails: { steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen all LEDs are lit`, says: 'seen      lit: red' },
  },
  async function (this: Bench) {
    const { leds } = await (await this.dut()).state!();
    if (!Object.values(leds).every(intensity => intensity > 0)) throw new ExpectationFailed('all LEDs to be lit', litNames(leds));
  },
);

step(
  'the {led} has intensity {int}',
  {
    about: 'How bright the LED is now: 0 (off) to 255.',
    needs: ['leds'],
    passes: `When the board runs "import pyb; pyb.LED(4).intensity(128)"
Then the blue LED has intensity 128`,
    fails: {
      steps: `When the board runs "import pyb; pyb.LED(4).intensity(128)"\nThen the blue LED has intensity 255`,
      says: 'seen      128',
    },
  },
  async function (this: Bench, named: Named, intensity: number) {
    const { dut, led } = await find(this, named);
    const { leds } = await dut.state!();
    if (leds[led] !== intensity) throw new ExpectationFailed(`the ${led} LED to have intensity ${intensity}`, String(leds[led]));
  },
);

async function waitForLed(bench: Bench, named: Named, lit: boolean, limit: number): Promise<void> {
  const { dut, led } = await find(bench, named);
  const { reason } = await bench.act(session => session.advanceUntil({ kind: 'led', board: dut.name, led, lit }, limit));
  if (reason !== 'met')
    throw new ExpectationFailed(
      `the ${led} LED to ${lit ? 'light up' : 'go off'} within ${formatDuration(limit)}`,
      lit ? 'it stayed off' : 'it stayed lit',
    );
}

step(
  'the {led} lights up within {duration}',
  {
    about: 'Waits until the LED is lit.',
    needs: ['leds'],
    passes: `When the board is started with "import pyb; pyb.delay(100); pyb.LED(1).on()"
Then the red LED lights up within 200 ms`,
    fails: { steps: `Given the board has booted\nThen the red LED lights up within 200 ms`, says: 'seen      it stayed off' },
  },
  async function (this: Bench, named: Named, limit: number) {
    await waitForLed(this, named, true, limit);
  },
);

step(
  'the {led} goes off within {duration}',
  {
    about: 'Waits until the LED is off.',
    needs: ['leds'],
    passes: `When the board is started with "import pyb; pyb.LED(1).on(); pyb.delay(100); pyb.LED(1).off()"
And the red LED lights up within 50 ms
Then the red LED goes off within 200 ms`,
    fails: {
      steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen the red LED goes off within 200 ms`,
      says: 'seen      it stayed lit',
    },
  },
  async function (this: Bench, named: Named, limit: number) {
    await waitForLed(this, named, false, limit);
  },
);

/** When each LED of a board was lit in a span. */
async function watchLeds(
  bench: Bench,
  dut: Dut,
  names: readonly string[],
  span: { from: number; to: number },
): Promise<Map<string, Glow[]>> {
  bench.need('trace');
  const session = await bench.session();
  const events = await session.trace!.events({ kinds: ['led'], board: dut.name, names: [...names], to: span.to });
  return new Map(
    names.map(name => {
      const changes = events.flatMap(event =>
        event.kind === 'led' && event.name === name ? [{ t: event.t, intensity: event.intensity }] : [],
      );
      const before = changes.filter(({ t }) => t < span.from).at(-1);
      return [name, glows(span.from, span.to, (before?.intensity ?? 0) > 0, changes)];
    }),
  );
}

/** Lets time pass and watches one LED. */
async function watchFor(bench: Bench, named: Named, duration: number): Promise<{ led: string; seen: Glow[] }> {
  const { dut, led } = await find(bench, named);
  await bench.act(session => session.advance(duration));
  return { led, seen: (await watchLeds(bench, dut, [led], bench.window)).get(led)! };
}

step(
  'the {led} flashes {times} within {duration}',
  {
    about: 'Lets so much time pass, in which the LED lights up and goes off again exactly so often.',
    needs: ['leds', 'trace'],
    passes: `When the board is started with the program:
  """
  import pyb
  for i in range(6):
      pyb.LED(1).toggle()
      pyb.delay(50)
  """
Then the red LED flashes 3 times within 1 s`,
    fails: { steps: `Given the board has booted\nThen the red LED flashes 3 times within 1 s`, says: 'seen      it flashed 0 times' },
  },
  async function (this: Bench, named: Named, times: number, duration: number) {
    const { led, seen } = await watchFor(this, named, duration);
    const whole = seen.filter(({ open }) => !open);
    if (whole.length !== times) {
      throw new ExpectationFailed(
        `the ${led} LED to flash ${times} times within ${formatDuration(duration)}`,
        `it flashed ${whole.length} times`,
        { evidence: describeGlows(led, seen) },
      );
    }
  },
);

step(
  'the {led} blinks at {frequency-range} for {duration}',
  {
    about: 'Lets so much time pass, in which the LED blinks with this frequency, from lighting up to lighting up.',
    needs: ['leds', 'trace'],
    passes: `When the board is started with the program:
  """
  import pyb
  while True:
      pyb.LED(1).toggle()
      pyb.delay(50)
  """
Then the red LED blinks at 10 Hz ± 2 % for 2 s`,
    fails: { steps: `Given the board has booted\nThen the red LED blinks at 10 Hz for 2 s`, says: 'seen      it did not blink' },
  },
  async function (this: Bench, named: Named, range: Range, duration: number) {
    const { led, seen } = await watchFor(this, named, duration);
    const begins = seen.filter(glow => !(glow.open && glow.from === this.window.from)).map(({ from }) => from);
    const frequency = begins.length < 2 ? undefined : ((begins.length - 1) * 1e9) / (begins[begins.length - 1] - begins[0]);
    if (frequency === undefined || !contains(range, frequency)) {
      throw new ExpectationFailed(
        `the ${led} LED to blink at ${range.text}`,
        frequency === undefined ? 'it did not blink' : `it blinked at ${formatFrequency(frequency)}`,
        { evidence: describeGlows(led, seen) },
      );
    }
  },
);

step(
  'the {led} stays lit for {duration}',
  {
    about: 'Lets so much time pass, in which the LED is lit without a break.',
    needs: ['leds', 'trace'],
    passes: `When the board runs "import pyb; pyb.LED(1).on()"
Then the red LED stays lit for 1 s`,
    fails: { steps: `Given the board has booted\nThen the red LED stays lit for 1 s`, says: 'never lit' },
  },
  async function (this: Bench, named: Named, duration: number) {
    const { led, seen } = await watchFor(this, named, duration);
    if (seen.length !== 1 || seen[0].from > this.window.from || seen[0].to < this.window.to) {
      throw new ExpectationFailed(`the ${led} LED to stay lit for ${formatDuration(duration)}`, 'it did not', {
        evidence: describeGlows(led, seen),
      });
    }
  },
);

step(
  'the {led} stays off for {duration}',
  {
    about: 'Lets so much time pass, in which the LED is never lit.',
    needs: ['leds', 'trace'],
    passes: `Given the board has booted
Then the red LED stays off for 1 s`,
    fails: { steps: `When the board runs "import pyb; pyb.LED(1).on()"\nThen the red LED stays off for 1 s`, says: 'to stay off for 1 s' },
  },
  async function (this: Bench, named: Named, duration: number) {
    const { led, seen } = await watchFor(this, named, duration);
    if (seen.length > 0)
      throw new ExpectationFailed(`the ${led} LED to stay off for ${formatDuration(duration)}`, 'it was lit', {
        evidence: describeGlows(led, seen),
      });
  },
);

step(
  'the {led} and the {led} alternate every {duration-range}, {times}',
  {
    about:
      'From now on one LED is lit, then the other, each for so long, and never both; so often as a pair. Waits for as long as that takes.',
    needs: ['leds', 'trace'],
    passes: `When the board is started with the program:
  """
  import pyb
  for i in range(3):
      pyb.LED(1).on(); pyb.LED(2).off()
      pyb.delay(250)
      pyb.LED(1).off(); pyb.LED(2).on()
      pyb.delay(250)
  pyb.LED(2).off()
  """
Then the red LED and the green LED alternate every 250 ms ± 2 %, 3 times`,
    fails: { steps: `Given the board has booted\nThen the red LED and the green LED alternate every 250 ms, 3 times`, says: 'never lit' },
  },
  async function (this: Bench, first: Named, second: Named, range: Range, times: number) {
    const { dut, led } = await find(this, first);
    const other = ledOf(dut, second.name);
    const longest = (Number.isFinite(range.max) ? range.max : range.min) * (2 * times + 2);
    const session = await this.session();
    await session.advanceUntil(
      { kind: 'any', of: [led, other].map(name => ({ kind: 'led', board: dut.name, led: name, lit: true }) as const) },
      longest,
    );
    const from = session.now;
    await this.act(session => session.advance(Math.round(longest)));
    const lit = await watchLeds(this, dut, [led, other], { from, to: session.now });
    const evidence = `${describeGlows(led, lit.get(led)!)}\n${describeGlows(other, lit.get(other)!)}`;
    const turns = [...lit].flatMap(([name, list]) => list.map(glow => ({ name, ...glow }))).sort((a, b) => a.from - b.from);
    const expected = `the ${led} and the ${other} LED to alternate every ${range.text}, ${times} times`;
    const counts = [led, other].map(name => lit.get(name)!.length);
    if (counts.some(count => count !== times))
      throw new ExpectationFailed(expected, `${led} lit ${counts[0]} times, ${other} lit ${counts[1]} times`, { evidence });
    for (const [index, turn] of turns.entries()) {
      const next = turns[index + 1];
      if (next !== undefined && next.name === turn.name)
        throw new ExpectationFailed(expected, `${turn.name} was lit twice in a row`, { at: next.from, evidence });
      // Two writes of a program lie some µs apart: that is no overlap to an eye.
      if (next !== undefined && next.from < turn.to - 1e6)
        throw new ExpectationFailed(expected, 'both were lit', { at: next.from, evidence });
      if (!contains(range, turn.to - turn.from) && !(index === turns.length - 1 && turn.open))
        throw new ExpectationFailed(expected, `${turn.name} was lit for ${formatDuration(turn.to - turn.from)}`, {
          at: turn.from,
          evidence,
        });
    }
  },
);

step(
  'the LEDs step through:',
  {
    about:
      'From now on the LEDs that are lit change in these steps, each for so long. A row names the LEDs, joined by " and ", or "none". Waits for as long as that takes.',
    takes: 'a table with the columns LEDs and for',
    needs: ['leds', 'trace'],
    passes: `When the board is started with the program:
  """
  import pyb
  for i in (2, 3):
      pyb.LED(i).on()
      pyb.delay(600)
      pyb.LED(i).off()
  """
And the green LED lights up within 100 ms
Then the LEDs step through:
  | LEDs   | for          |
  | green  | 600 ms ± 5 % |
  | orange | 600 ms ± 5 % |`,
    fails: {
      steps: `When the board runs "import pyb; pyb.LED(1).on()"
Then the LEDs step through:
  | LEDs  | for    |
  | green | 600 ms |`,
      says: 'expected  step 1: green for 600 ms',
    },
  },
  async function (this: Bench, table: DataTable) {
    const dut = await this.dut();
    this.need('leds', 'trace');
    const wanted = table.hashes().map((row, index) => {
      if (row.LEDs === undefined || row.for === undefined) throw new BadStep('the table needs the columns LEDs and for');
      const names = row.LEDs === 'none' ? [] : row.LEDs.split(/ and |, /).map(name => ledOf(dut, name));
      return {
        title: `step ${index + 1}: ${row.LEDs} for ${row.for}`,
        lit: names.sort().join(' and ') || 'none',
        range: parseRange(row.for, durationUnits),
      };
    });
    const total = wanted.reduce((sum, { range }) => sum + (Number.isFinite(range.max) ? range.max : range.min), 0);
    const session = await this.session();
    const begin = session.now;
    await this.act(session => session.advance(Math.round(total)));
    const names = dut.description.leds.map(({ name }) => name);
    // The pattern may have begun before: a step that waited for its first LED stopped time a moment after.
    const lit = await watchLeds(this, dut, names, { from: begin, to: session.now });
    const changes = [...new Set([begin, ...[...lit.values()].flatMap(list => list.flatMap(glow => [glow.from, glow.to]))])].sort(
      (a, b) => a - b,
    );
    const steps: { lit: string; from: number; to: number }[] = [];
    for (const [index, from] of changes.entries()) {
      const to = changes[index + 1] ?? session.now;
      const now =
        names
          .filter(name => lit.get(name)!.some(glow => glow.from <= from && glow.to > from))
          .sort()
          .join(' and ') || 'none';
      const last = steps.at(-1);
      // What lasts less than a millisecond is the time between two writes of the program, not a step.
      if (to - from < 1e6) continue;
      if (last?.lit === now) last.to = to;
      else steps.push({ lit: now, from: last === undefined ? begin : from, to });
    }
    const evidence = steps.map(({ lit, from, to }) => `${lit} for ${formatDuration(to - from)}`).join('\n');
    for (const [index, { title, lit, range }] of wanted.entries()) {
      const seen = steps[index];
      if (seen === undefined) throw new ExpectationFailed(title, 'nothing more happened', { evidence });
      if (seen.lit !== lit) throw new ExpectationFailed(title, `${seen.lit} lit`, { at: seen.from, evidence });
      const cutOff = index === wanted.length - 1 && seen.to >= session.now && seen.to - seen.from >= range.min;
      if (!contains(range, seen.to - seen.from) && !cutOff)
        throw new ExpectationFailed(title, `for ${formatDuration(seen.to - seen.from)}`, { at: seen.from, evidence });
    }
  },
);

step(
  'all LEDs cycle for {duration}',
  {
    about: 'Lets so much time pass, in which every LED of the board goes on and off again more than once.',
    needs: ['leds', 'trace'],
    passes: `When the board is started with the program:
  """
  import pyb
  while True:
      for i in range(1, 5):
          pyb.LED(i).toggle()
          pyb.delay(20)
  """
Then all LEDs cycle for 2 s`,
    fails: { steps: `Given the board has booted\nThen all LEDs cycle for 2 s`, says: 'never lit' },
  },
  async function (this: Bench, duration: number) {
    const dut = await this.dut();
    await this.act(session => session.advance(duration));
    const names = dut.description.leds.map(({ name }) => name);
    const lit = await watchLeds(this, dut, names, this.window);
    const still = names.filter(name => lit.get(name)!.length < 2);
    if (still.length > 0)
      throw new ExpectationFailed('all LEDs to go on and off', `not so: ${still.join(', ')}`, {
        evidence: names.map(name => describeGlows(name, lit.get(name)!)).join('\n'),
      });
  },
);
