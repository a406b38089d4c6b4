/** Faults: what goes wrong on a real bench, put in by a step and never by replacing a part. */
import type { Fault, MediumName } from '../emulator/session/handle.ts';
import type { Bench } from './bench.ts';
import type { Named } from './parameters.ts';
import { checkPin } from './pins.ts';
import { family } from './step.ts';

const step = family('Faults');

async function inject(bench: Bench, fault: Fault): Promise<void> {
  bench.need('faults');
  await (await bench.session()).faults!.inject(fault);
}

step(
  'the power fails at write {int} to {medium}',
  {
    about:
      'Cuts the power in the middle of a write to the medium, counted from now: 1 is the next one. What was to be written then is half there.',
    needs: ['faults', 'media'],
    passes: `Given the board has booted
And the power fails at write 1 to the flash
When the board is started with "f = open('/flash/a.txt', 'w'); f.write('x' * 2000); f.close()"
And 2 s pass
Then the board is in phase "off"`,
  },
  async function (this: Bench, write: number, { name, board }: Named) {
    const dut = await this.handle(board);
    await inject(this, { kind: 'power-cut-at-write', board: dut.name, medium: name as MediumName, write });
  },
);

step(
  'the supply of {dut} falls to {voltage} for {duration}',
  {
    about: 'A brown-out: the supply falls and comes back.',
    needs: ['faults'],
    passes: `Given the board has booted
When the supply of the board falls to 1.5 V for 10 ms
And 2 s pass
Then the reset cause of the board is "brown-out"`,
  },
  async function (this: Bench, board: string | undefined, volts: number, duration: number) {
    const dut = await this.handle(board);
    await inject(this, { kind: 'brown-out', board: dut.name, volts, duration });
  },
);

step(
  '{string} stops answering',
  {
    about: 'From now on the part neither acknowledges nor answers.',
    needs: ['faults', 'parts'],
    passes: `Given a 24c256 called "eeprom" is wired:
  | scl | X9  |
  | sda | X10 |
And "eeprom" stops answering
When the board runs "import pyb; print(pyb.I2C(1, pyb.I2C.CONTROLLER).is_ready(0x50))"
Then it prints "False"`,
    fails: { steps: `Given "eeprom" stops answering`, says: 'eeprom' },
  },
  async function (this: Bench, part: string) {
    await inject(this, { kind: 'silent', part });
  },
);

step(
  '{string} does not answer {times}',
  {
    about: 'The part neither acknowledges nor answers for the next transfers, so many; then it is well again.',
    needs: ['faults', 'parts'],
    passes: `Given a 24c256 called "eeprom" is wired:
  | scl | X9  |
  | sda | X10 |
And "eeprom" does not answer once
When the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).send(bytes(2), 0x50)"
Then it raises OSError
When the board runs "import pyb; print(pyb.I2C(1, pyb.I2C.CONTROLLER).send(bytes(2), 0x50))"
Then it prints "None"`,
    fails: { steps: `Given "eeprom" does not answer once`, says: 'eeprom' },
  },
  async function (this: Bench, part: string, count: number) {
    await inject(this, { kind: 'silent', part, count });
  },
);

step(
  '{string} has the fault {string}',
  {
    about: "A fault of the part's own list (see its page) is there from now on.",
    needs: ['faults', 'parts'],
    passes: `Given a ds18b20 called "probe" is wired:
  | data | X1 |
And "probe" has the fault "wrong-answers"`,
    fails: { steps: `Given a ds18b20 called "probe" is wired:\n  | data | X1 |\nAnd "probe" has the fault "flat"`, says: 'flat' },
  },
  async function (this: Bench, part: string, fault: string) {
    await inject(this, { kind: 'part', part, fault });
  },
);

step(
  '{pin} is stuck {level}',
  {
    about: 'The line is stuck at this level, whoever drives it.',
    needs: ['faults', 'pins'],
    passes: `Given pin X1 is stuck low
When the board runs "import pyb; p = pyb.Pin('X1', pyb.Pin.OUT); p.high(); print(p.value())"
Then it prints "0"`,
    fails: { steps: `Given pin X99 is stuck low`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, level: 'high' | 'low') {
    await checkPin(this, pin);
    await inject(this, { kind: 'stuck', pin, level });
  },
);

step(
  '{pin} has noise of {voltage}',
  {
    about: 'Noise on an analogue net: so many volts RMS, from the seed of the run.',
    needs: ['faults', 'pins'],
    passes: `Given pin X19 is driven to 1.65 V
And pin X19 has noise of 50 mV
When the board runs "import pyb; a = pyb.ADC('X19'); print(len({a.read() for i in range(50)}) > 5)"
Then it prints "True"`,
    fails: { steps: `Given pin X99 has noise of 1 mV`, says: 'there is no pin "X99"' },
  },
  async function (this: Bench, pin: string, volts: number) {
    await checkPin(this, pin);
    await inject(this, { kind: 'noise', pin, volts });
  },
);

step(
  'the clock of {dut} is off by {float} ppm',
  {
    about: "The board's oscillator runs fast (positive) or slow by so many parts per million.",
    needs: ['faults'],
    passes: `Given the clock of the board is off by 500 ppm
When the board runs the program:
  """
  import pyb
  pwm = pyb.Timer(2, freq=1000).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=50)
  """
Then pin X1 has a frequency of 1000.5 Hz ± 0.01 % over 1 s`,
    fails: {
      steps: `Given the clock of the board is off by 200000 ppm`,
      says: 'from -100000 to 100000 ppm',
    },
  },
  async function (this: Bench, board: string | undefined, ppm: number) {
    const dut = await this.dut(board);
    await inject(this, { kind: 'drift', board: dut.name, ppm });
  },
);

step(
  'the clock of {dut} drifts by {float} ppm a second',
  {
    about: "The error of the board's oscillator grows (or falls) from now on, as it does while the board warms up.",
    needs: ['faults'],
    passes: `Given the board has booted
And the clock of the board drifts by 100 ppm a second
When the board runs "import time; time.sleep(10)"
Then it takes 9.995 s ± 1 ms`,
    fails: {
      steps: `Given the clock of the board drifts by 1 ppm a second
And the clock of board "other" drifts by 1 ppm a second`,
      says: 'there is no board "other"',
    },
  },
  async function (this: Bench, board: string | undefined, ppmPerSecond: number) {
    const dut = await this.dut(board);
    await inject(this, { kind: 'drift', board: dut.name, ppm: 0, ppmPerSecond });
  },
);

step(
  'the RTC crystal of {dut} is off by {float} ppm',
  {
    about: "The crystal of the board's real-time clock runs fast (positive) or slow by so many parts per million.",
    needs: ['faults'],
    passes: `Given the RTC crystal of the board is off by 10000 ppm
When the board runs the program:
  """
  import pyb, time
  rtc = pyb.RTC()
  rtc.datetime((2026, 1, 1, 4, 12, 0, 0, 0))
  time.sleep_ms(59500)
  print(rtc.datetime()[5:7])
  """
Then it prints "(1, 0)"`,
    fails: {
      steps: `Given the RTC crystal of the board is off by 200000 ppm`,
      says: 'from -100000 to 100000 ppm',
    },
  },
  async function (this: Bench, board: string | undefined, ppm: number) {
    const dut = await this.dut(board);
    await inject(this, { kind: 'drift', board: dut.name, ppm, oscillator: 'rtc' });
  },
);

for (const operation of ['read', 'write'] as const) {
  step(
    `${operation}s of {medium} fail`,
    {
      about: `Every ${operation} of the medium fails with an error from now on.`,
      needs: ['faults', 'media'],
      passes: `Given an SD card is inserted
And the board has booted
And ${operation}s of the SD card fail
When the board runs the program:
  """
  import pyb
  block = bytearray(512)
  print(pyb.SDCard().${operation}blocks(0, block))
  """`,
    },
    async function (this: Bench, { name, board }: Named) {
      const dut = await this.dut(board);
      await inject(this, { kind: 'medium-error', board: dut.name, medium: name as MediumName, operation });
    },
  );
}

step(
  'all faults are gone',
  {
    about: 'Takes back every fault that was put in.',
    needs: ['faults'],
    passes: `Given pin X1 is stuck low
And all faults are gone
When the board runs "import pyb; p = pyb.Pin('X1', pyb.Pin.OUT); p.high(); print(p.value())"
Then it prints "1"`,
  },
  async function (this: Bench) {
    this.need('faults');
    await (await this.session()).faults!.clearAll();
  },
);
