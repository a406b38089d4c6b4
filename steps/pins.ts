/** Pins: their levels and voltages now, what the bench puts on them, and the waves they make over time. */
import type { DataTable } from '@cucumber/cucumber';
import { CapabilityMissing } from '../targets/target.ts';
import {
  contains,
  durationUnits,
  formatDuration,
  formatFrequency,
  formatPercentage,
  formatTime,
  formatVoltage,
  parseQuantity,
  type Range,
} from '../views/units.ts';
import type { Bench } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { describeWave, duty, frequency, pulses, type Wave, wave } from './measure/wave.ts';
import { family } from './step.ts';

const step = family('Pins');

/** @throws BadStep, naming the pins there are, if the bench has no such pin */
export async function checkPin(bench: Bench, pin: string): Promise<void> {
  bench.need('pins');
  const session = await bench.session();
  const parts = pin.includes('.') ? pin.split('.') : [undefined, pin];
  const dut =
    parts[0] !== undefined
      ? session.boards.get(parts[0])
      : session.boards.size === 1
        ? [...session.boards.values()][0]
        : session.boards.get(bench.speaksOf ?? '');
  if (dut === undefined) {
    if (parts[0] === undefined)
      throw new BadStep(`there are several boards: say whose pin ${pin} is, such as "pin ${[...session.boards.keys()][0]}.${pin}"`);
    return;
  }
  if (dut.description.pins.length === 0) throw new CapabilityMissing('pins', bench.target.name, `a ${dut.description.board} has none`);
  const names = dut.description.pins.flatMap(({ name, aliases }) => [name, ...aliases]);
  if (!names.includes(parts[1]!)) throw new BadStep(`there is no pin "${pin}"; ${whatExists(parts[1]!, names, 12)}`);
}

async function read(bench: Bench, pin: string) {
  await checkPin(bench, pin);
  const reading = await (await bench.session()).pins!.read(pin);
  const by = reading.drivers.length > 0 ? ` (${reading.drivers.join(', ')})` : '';
  return { ...reading, text: `${reading.level}, ${formatVoltage(reading.volts)}${by}` };
}

step(
  '{pin} is {level}',
  {
    about: 'The level of the pin now.',
    needs: ['pins'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
Then pin X1 is high`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).low()"\nThen pin X1 is high`,
      says: 'expected  pin X1 to be high',
    },
  },
  async function (this: Bench, pin: string, level: string) {
    const seen = await read(this, pin);
    if (seen.level !== level) throw new ExpectationFailed(`pin ${pin} to be ${level}`, seen.text);
  },
);

step(
  '{pin} is floating',
  {
    about: 'Nothing drives the pin and nothing pulls it.',
    needs: ['pins'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.IN, pyb.Pin.PULL_NONE)"
Then pin X1 is floating`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.IN, pyb.Pin.PULL_UP)"\nThen pin X1 is floating`,
      says: 'expected  pin X1 to be floating',
    },
  },
  async function (this: Bench, pin: string) {
    const seen = await read(this, pin);
    if (seen.level !== 'floating') throw new ExpectationFailed(`pin ${pin} to be floating`, seen.text);
  },
);

step(
  '{pin} has contention',
  {
    about: 'Two outputs drive the pin against each other now.',
    needs: ['pins'],
    passes: `Given pin X1 is driven low
When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
Then pin X1 has contention`,
    fails: { steps: `Given pin X1 is driven low\nThen pin X1 has contention`, says: 'expected  contention at pin X1' },
  },
  async function (this: Bench, pin: string) {
    const seen = await read(this, pin);
    if (seen.level !== 'contention') throw new ExpectationFailed(`contention at pin ${pin}`, seen.text);
  },
);

step(
  '{pin} has {voltage-range}',
  {
    about: 'The voltage of the pin now.',
    needs: ['pins'],
    passes: `When the board runs "import pyb; pyb.DAC(1).write(128)"
Then pin X5 has 1.65 V ± 30 mV`,
    fails: {
      steps: `When the board runs "import pyb; pyb.DAC(1).write(128)"\nThen pin X5 has at least 3 V`,
      says: 'expected  pin X5 to have at least 3 V',
    },
  },
  async function (this: Bench, pin: string, range: Range) {
    const seen = await read(this, pin);
    if (!contains(range, seen.volts)) throw new ExpectationFailed(`pin ${pin} to have ${range.text}`, seen.text);
  },
);

step(
  '{pin} is set up as {string}',
  {
    about: 'What the board uses the pin for: input, output, open-drain, analog, or the name of an alternate function.',
    needs: ['pins'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT)"
Then pin X1 is set up as "output"`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT)"\nThen pin X1 is set up as "input"`,
      says: 'seen      "output"',
    },
  },
  async function (this: Bench, pin: string, mode: string) {
    const seen = await read(this, pin);
    if (seen.mode !== mode && !(seen.mode ?? '').split(' ').includes(mode))
      throw new ExpectationFailed(`pin ${pin} to be set up as "${mode}"`, seen.mode === undefined ? 'no pin of a board' : `"${seen.mode}"`);
  },
);

step(
  '{pin} is driven {level}',
  {
    about: 'The bench drives the pin to this level, through 100 Ω, until it is released.',
    needs: ['pins'],
    passes: `Given pin X1 is driven high
When the board runs "import pyb; print(pyb.Pin('X1', pyb.Pin.IN).value())"
Then it prints "1"`,
    fails: { steps: `Given pin X99 is driven high`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low') {
    await checkPin(this, pin);
    await (await this.session()).pins!.drive(pin, { kind: 'level', level });
  },
);

step(
  '{pin} is driven to {voltage}',
  {
    about: 'The bench puts a voltage on the pin, until it is released.',
    needs: ['pins'],
    passes: `Given pin X19 is driven to 1.65 V
When the board runs "import pyb; print(2000 < pyb.ADC('X19').read() < 2100)"
Then it prints "True"`,
    fails: { steps: `Given pin X99 is driven to 1 V`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, volts: number) {
    await checkPin(this, pin);
    await (await this.session()).pins!.drive(pin, { kind: 'voltage', volts });
  },
);

step(
  '{pin} is driven by a {frequency} square wave',
  {
    about: 'The bench drives the pin with a square wave from 0 V to 3.3 V, half the time high.',
    needs: ['pins'],
    passes: `Given pin X1 is driven by a 1 kHz square wave
Then pin X1 has a frequency of 1 kHz over 10 ms`,
    fails: { steps: `Given pin X99 is driven by a 1 kHz square wave`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, hertz: number) {
    await checkPin(this, pin);
    await (await this.session()).pins!.drive(pin, { kind: 'wave', shape: 'square', frequency: hertz, low: 0, high: 3.3, duty: 0.5 });
  },
);

step(
  '{pin} is driven by a {frequency} sine wave from {voltage} to {voltage}',
  {
    about: 'The bench puts a sine wave on the pin.',
    needs: ['pins'],
    passes: `Given pin X19 is driven by a 100 Hz sine wave from 0 V to 3.3 V
When the board runs "import pyb; print(pyb.ADC('X19').read() >= 0)"
Then it prints "True"`,
    fails: { steps: `Given pin X99 is driven by a 1 kHz sine wave from 0 V to 1 V`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, hertz: number, low: number, high: number) {
    await checkPin(this, pin);
    await (await this.session()).pins!.drive(pin, { kind: 'wave', shape: 'sine', frequency: hertz, low, high });
  },
);

step(
  '{pin} gets a {level} pulse of {duration}',
  {
    about: 'The bench drives the pin to this level for so long, and lets go of it. That time passes.',
    needs: ['pins'],
    passes: `Given pin X1 is pulled down through 10 kΩ
And 1 ms passes
When pin X1 gets a high pulse of 5 ms
Then pin X1 was high for 5 ms`,
    fails: { steps: `When pin X99 gets a high pulse of 5 ms`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low', width: number) {
    await checkPin(this, pin);
    const session = await this.session();
    await this.act(async () => {
      await session.pins!.drive(pin, { kind: 'level', level });
      await session.advance(width);
      await session.pins!.release(pin);
    });
  },
);

step(
  '{pin} gets {int} {level} pulses of {duration} every {duration}',
  {
    about: 'The bench drives the pin with so many pulses and returns to the other level after each. That time passes.',
    needs: ['pins'],
    passes: `Given pin X1 is driven low
And 1 ms passes
When pin X1 gets 3 high pulses of 1 ms every 5 ms
Then pin X1 rose 3 times`,
    fails: { steps: `When pin X99 gets 3 high pulses of 1 ms every 5 ms`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, count: number, level: 'high' | 'low', width: number, period: number) {
    await checkPin(this, pin);
    if (period <= width) throw new BadStep(`pulses of ${formatDuration(width)} cannot come every ${formatDuration(period)}`);
    const session = await this.session();
    const rest = level === 'high' ? 'low' : 'high';
    await this.act(async () => {
      for (let i = 0; i < count; i++) {
        await session.pins!.drive(pin, { kind: 'level', level });
        await session.advance(width);
        await session.pins!.drive(pin, { kind: 'level', level: rest });
        await session.advance(period - width);
      }
    });
  },
);

step(
  '{pin} is released',
  {
    about: 'The bench takes its own output off the pin.',
    needs: ['pins'],
    passes: `Given pin X1 is driven high
When pin X1 is released
Then pin X1 is floating`,
    fails: { steps: `When pin X99 is released`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string) {
    await checkPin(this, pin);
    await (await this.session()).pins!.release(pin);
  },
);

step(
  '{pin} is wired to {pin}',
  {
    about: 'Connects two pins with a wire.',
    needs: ['pins'],
    passes: `Given pin X1 is wired to pin X2
When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high(); print(pyb.Pin('X2', pyb.Pin.IN).value())"
Then it prints "1"`,
    fails: { steps: `Given pin X1 is wired to pin X99`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, a: string, b: string) {
    await checkPin(this, a);
    await checkPin(this, b);
    await (await this.session()).wire!({ pins: [a, b] });
  },
);

step(
  '{pin} is pulled {word} through {int} kΩ',
  {
    about: 'Puts a pull resistor on the pin: pulled up or pulled down.',
    needs: ['pins'],
    passes: `Given pin X1 is pulled up through 10 kΩ
Then pin X1 is high`,
    fails: { steps: `Given pin X1 is pulled sideways through 10 kΩ`, says: 'up or down' },
  },
  async function (this: Bench, pin: string, direction: string, kiloohms: number) {
    await checkPin(this, pin);
    if (direction !== 'up' && direction !== 'down') throw new BadStep(`a pin is pulled up or down, not "${direction}"`);
    await (await this.session()).wire!({ pins: [pin], pull: { to: direction === 'up' ? 'high' : 'low', ohms: kiloohms * 1000 } });
  },
);

step(
  '{pin} goes {level} within {duration}',
  {
    about: 'Waits until the pin has this level.',
    needs: ['pins'],
    passes: `When the board is started with "import pyb; pyb.delay(20); pyb.Pin('X1', pyb.Pin.OUT).high()"
Then pin X1 goes high within 50 ms`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).low()"\nThen pin X1 goes high within 50 ms`,
      says: 'to go high within 50 ms',
    },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low', limit: number) {
    await checkPin(this, pin);
    const { reason } = await this.act(session => session.advanceUntil({ kind: 'level', pin, level }, limit));
    if (reason !== 'met')
      throw new ExpectationFailed(`pin ${pin} to go ${level} within ${formatDuration(limit)}`, (await read(this, pin)).text);
  },
);

step(
  '{pin} stays {level} for {duration}',
  {
    about: 'Lets so much time pass, in which the pin has this level without a break: not the shortest glitch.',
    needs: ['pins', 'trace'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
Then pin X1 stays high for 100 ms`,
    fails: {
      steps: `When the board is started with "import pyb; p = pyb.Pin('X1', pyb.Pin.OUT); p.high(); pyb.delay(50); p.low()"
And pin X1 goes high within 10 ms
Then pin X1 stays high for 100 ms`,
      says: 'expected  pin X1 to stay high for 100 ms',
    },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low', duration: number) {
    await this.act(session => session.advance(duration));
    const seen = await waveOf(this, pin);
    if (seen.edges.length > 0 || seen.initial !== (level === 'high' ? 1 : 0)) {
      throw new ExpectationFailed(
        `pin ${pin} to stay ${level} for ${formatDuration(duration)}`,
        seen.edges.length > 0 ? `an edge at ${formatTime(seen.edges[0].t)}` : (await read(this, pin)).text,
        {
          ...(seen.edges.length > 0 ? { at: seen.edges[0].t } : {}),
          evidence: describeWave(seen),
        },
      );
    }
  },
);

/** The pin's levels during the last action. */
export async function waveOf(bench: Bench, pin: string): Promise<Wave> {
  bench.need('pins', 'trace');
  await checkPin(bench, pin);
  const session = await bench.session();
  const { from, to } = bench.window;
  const name = await netName(bench, pin);
  const board = pin.includes('.') ? pin.split('.')[0] : undefined;
  const events = await session.trace!.events({
    kinds: ['net'],
    names: [name],
    from,
    to,
    ...(board !== undefined && session.boards.has(board) ? { board } : {}),
  });
  // What happens in the very first instant of the action is an edge of it.
  const levels = await session.trace!.levels(from - 1, [name]);
  return wave(
    from,
    to,
    levels[name],
    events.flatMap(event => (event.kind === 'net' && event.t >= from ? [{ t: event.t, level: event.level }] : [])),
  );
}

/** The name under which the trace has a pin: its first one. */
async function netName(bench: Bench, pin: string): Promise<string> {
  const session = await bench.session();
  const [board, own] = pin.includes('.') ? pin.split('.') : [undefined, pin];
  const dut = board === undefined ? [...session.boards.values()][0] : session.boards.get(board);
  return dut?.description.pins.find(({ name, aliases }) => name === own || aliases.includes(own))?.name ?? pin;
}

function expectFrequency(pin: string, seen: Wave, range: Range): void {
  const hertz = frequency(seen);
  if (hertz === undefined || !contains(range, hertz)) {
    throw new ExpectationFailed(
      `pin ${pin} to have a frequency of ${range.text}`,
      hertz === undefined ? 'no two rising edges' : formatFrequency(hertz),
      { evidence: describeWave(seen) },
    );
  }
}

function expectDuty(pin: string, seen: Wave, range: Range): void {
  const share = duty(seen);
  if (share === undefined || !contains(range, share)) {
    throw new ExpectationFailed(
      `pin ${pin} to have a duty cycle of ${range.text}`,
      share === undefined ? 'no whole period' : formatPercentage(share),
      { evidence: describeWave(seen) },
    );
  }
}

const pwm = `When the board runs the program:
  """
  import pyb
  timer = pyb.Timer(2, freq=1000)
  timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=25)
  """`;

step(
  '{pin} has a frequency of {frequency-range} over {duration}',
  {
    about: 'Lets so much time pass and measures the frequency, from rising edge to rising edge.',
    needs: ['pins', 'trace'],
    passes: `${pwm}
Then pin X1 has a frequency of 1 kHz ± 0.1 % over 50 ms`,
    fails: { steps: `${pwm}\nThen pin X1 has a frequency of 2 kHz over 50 ms`, says: 'seen      1 kHz' },
  },
  async function (this: Bench, pin: string, range: Range, duration: number) {
    await this.act(session => session.advance(duration));
    expectFrequency(pin, await waveOf(this, pin), range);
  },
);

step(
  '{pin} has a duty cycle of {percentage-range} over {duration}',
  {
    about: 'Lets so much time pass and measures the share of whole periods in which the pin is high.',
    needs: ['pins', 'trace'],
    passes: `${pwm}
Then pin X1 has a duty cycle of 25 % ± 0.5 % over 50 ms`,
    fails: { steps: `${pwm}\nThen pin X1 has a duty cycle of 50 % over 50 ms`, says: 'seen      25 %' },
  },
  async function (this: Bench, pin: string, range: Range, duration: number) {
    await this.act(session => session.advance(duration));
    expectDuty(pin, await waveOf(this, pin), range);
  },
);

step(
  '{pin} had a frequency of {frequency-range}',
  {
    about: 'The frequency during the last action: the program that ran, the time that passed.',
    needs: ['pins', 'trace'],
    passes: `${pwm}
And 20 ms pass
Then pin X1 had a frequency of 1 kHz`,
    fails: { steps: `${pwm}\nAnd 20 ms pass\nThen pin X1 had a frequency of 500 Hz`, says: 'seen      1 kHz' },
  },
  async function (this: Bench, pin: string, range: Range) {
    expectFrequency(pin, await waveOf(this, pin), range);
  },
);

step(
  '{pin} was {level} for {duration-range}',
  {
    about: 'During the last action the pin made one whole pulse of this level, or several, each so long.',
    needs: ['pins', 'trace'],
    passes: `When the board runs the program:
  """
  import pyb
  p = pyb.Pin('X1', pyb.Pin.OUT)
  p.low()
  p.high()
  pyb.delay(5)
  p.low()
  """
Then pin X1 was high for 5 ms ± 2 %`,
    fails: {
      steps: `When the board runs the program:
  """
  import pyb
  p = pyb.Pin('X1', pyb.Pin.OUT)
  p.low()
  p.high()
  pyb.delay(5)
  p.low()
  """
Then pin X1 was high for 10 ms`,
      says: 'expected  pin X1 to be high for 10 ms',
    },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low', range: Range) {
    const seen = await waveOf(this, pin);
    const found = pulses(seen).filter(pulse => pulse.level === level);
    const wrong = found.find(({ width }) => !contains(range, width));
    if (found.length === 0 || wrong !== undefined) {
      throw new ExpectationFailed(
        `pin ${pin} to be ${level} for ${range.text}`,
        wrong === undefined ? `no ${level} pulse` : formatDuration(wrong.width),
        {
          ...(wrong === undefined ? {} : { at: wrong.t }),
          evidence: describeWave(seen),
        },
      );
    }
  },
);

for (const [verb, rising] of [
  ['rose', true],
  ['fell', false],
] as const) {
  step(
    `{pin} ${verb} {times}`,
    {
      about: `During the last action the pin ${verb} exactly so often.`,
      needs: ['pins', 'trace'],
      passes: `When the board runs the program:
  """
  import pyb
  p = pyb.Pin('X1', pyb.Pin.OUT)
  for i in range(3):
      p.low()
      p.high()
  p.low()
  """
Then pin X1 ${verb} 3 times`,
      fails: {
        steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).low()"\nThen pin X1 ${verb} twice`,
        says: `expected  pin X1 to have ${rising ? 'risen' : 'fallen'} 2 times`,
      },
    },
    async function (this: Bench, pin: string, times: number) {
      const seen = await waveOf(this, pin);
      const count = seen.edges.filter(edge => edge.rising === rising).length;
      if (count !== times)
        throw new ExpectationFailed(`pin ${pin} to have ${rising ? 'risen' : 'fallen'} ${times} times`, `${count} times`, {
          evidence: describeWave(seen),
        });
    },
  );
}

step(
  '{pin} made no pulse shorter than {duration}',
  {
    about: 'During the last action the pin was free of glitches: it kept each level at least so long.',
    needs: ['pins', 'trace'],
    passes: `${pwm}
And 20 ms pass
Then pin X1 made no pulse shorter than 200 µs`,
    fails: { steps: `${pwm}\nAnd 20 ms pass\nThen pin X1 made no pulse shorter than 500 µs`, says: 'a high pulse of 250 µs' },
  },
  async function (this: Bench, pin: string, shortest: number) {
    const seen = await waveOf(this, pin);
    const glitch = pulses(seen).find(({ width }) => width < shortest);
    if (glitch !== undefined) {
      throw new ExpectationFailed(
        `no pulse of pin ${pin} shorter than ${formatDuration(shortest)}`,
        `a ${glitch.level} pulse of ${formatDuration(glitch.width)}`,
        { at: glitch.t, evidence: describeWave(seen) },
      );
    }
  },
);

step(
  'these edges came in order:',
  {
    about:
      'During the last action these edges came in this order, others between them apart; with a column "after", so long after the one before (with its tolerance, if it has one).',
    takes: 'a table with the columns pin, edge (rises, falls) and, if wanted, after',
    needs: ['pins', 'trace'],
    passes: `When the board runs the program:
  """
  import pyb
  a = pyb.Pin('X1', pyb.Pin.OUT)
  b = pyb.Pin('X2', pyb.Pin.OUT)
  a.low()
  b.low()
  a.high()
  pyb.delay(1)
  b.high()
  """
Then these edges came in order:
  | pin | edge  |
  | X1  | rises |
  | X2  | rises |`,
    fails: {
      steps: `When the board runs the program:
  """
  import pyb
  a = pyb.Pin('X1', pyb.Pin.OUT)
  b = pyb.Pin('X2', pyb.Pin.OUT)
  a.low()
  b.low()
  a.high()
  pyb.delay(1)
  b.high()
  """
Then these edges came in order:
  | pin | edge  |
  | X2  | rises |
  | X1  | rises |`,
      says: 'expected  X1 rises after X2 rises',
    },
  },
  async function (this: Bench, table: DataTable) {
    const wanted = table.hashes();
    if (wanted.some(({ pin, edge }) => pin === undefined || (edge !== 'rises' && edge !== 'falls')))
      throw new BadStep('the table needs the columns pin and edge, and an edge rises or falls');
    const waves = new Map<string, Wave>();
    for (const { pin } of wanted) if (!waves.has(pin)) waves.set(pin, await waveOf(this, pin));
    const evidence = [...waves].map(([pin, seen]) => `${pin}: ${describeWave(seen)}`).join('\n');
    let after = this.window.from - 1;
    let before = '';
    for (const { pin, edge, after: delay } of wanted) {
      const found = waves.get(pin)!.edges.find(seen => seen.t > after && seen.rising === (edge === 'rises'));
      const title = `${pin} ${edge}${before === '' ? '' : ` after ${before}`}`;
      if (found === undefined) throw new ExpectationFailed(title, 'it did not', { evidence });
      if (delay) {
        const { value, resolution } = parseQuantity(delay.split(/ ?±/)[0], durationUnits);
        const tolerance = /±\s*(.+)$/.exec(delay)?.[1];
        const by =
          tolerance === undefined
            ? resolution
            : tolerance.endsWith('%')
              ? (value * Number.parseFloat(tolerance)) / 100
              : parseQuantity(tolerance, durationUnits).value;
        if (before !== '' && Math.abs(found.t - after - value) > by)
          throw new ExpectationFailed(`${title}, ${delay} later`, `${formatDuration(found.t - after)} later`, { at: found.t, evidence });
      }
      after = found.t;
      before = `${pin} ${edge}`;
    }
  },
);

step(
  'the phase of {pin} behind {pin} is {duration-range}',
  {
    about: 'During the last action each rising edge of the first pin came so long after the last rising edge of the second.',
    needs: ['pins', 'trace'],
    passes: `Given pin X1 is driven by a 1 kHz square wave
And pin X2 is driven by a 1 kHz square wave
When 10 ms pass
Then the phase of pin X2 behind pin X1 is at most 1 µs`,
    fails: {
      steps: `Given pin X1 is driven by a 1 kHz square wave
And pin X2 is driven by a 1 kHz square wave
When 10 ms pass
Then the phase of pin X2 behind pin X1 is 100 µs`,
      says: 'to be 100 µs behind',
    },
  },
  async function (this: Bench, pin: string, reference: string, range: Range) {
    const seen = await waveOf(this, pin);
    const other = (await waveOf(this, reference)).edges.filter(({ rising }) => rising);
    const delays = seen.edges
      .filter(({ rising }) => rising)
      .flatMap(({ t }) => {
        const before = other.filter(edge => edge.t <= t).at(-1);
        return before === undefined ? [] : [{ t, delay: t - before.t }];
      });
    const wrong = delays.find(({ delay }) => !contains(range, delay));
    if (delays.length === 0 || wrong !== undefined) {
      throw new ExpectationFailed(
        `pin ${pin} to be ${range.text} behind pin ${reference}`,
        wrong === undefined ? 'no edge' : formatDuration(wrong.delay),
        { ...(wrong === undefined ? {} : { at: wrong.t }), evidence: describeWave(seen) },
      );
    }
  },
);

step(
  'no net has contention',
  {
    about: 'Since the start of the scenario no two outputs drove against each other.',
    needs: ['pins', 'trace'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
Then no net has contention`,
    fails: {
      steps: `Given pin X1 is driven low\nWhen the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"\nThen no net has contention`,
      says: 'expected  no contention',
    },
  },
  async function (this: Bench) {
    const events = await (await this.session()).trace!.events({ kinds: ['contention'] });
    if (events.length > 0) {
      throw new ExpectationFailed('no contention', `${events.length} times`, {
        at: events[0].t,
        evidence: events
          .slice(0, 8)
          .map(event => (event.kind === 'contention' ? `${formatTime(event.t)}  ${event.name}: ${event.drivers.join(' against ')}` : ''))
          .join('\n'),
      });
    }
  },
);
