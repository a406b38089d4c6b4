/** Power and reset: switching a board on and off, its buttons, and what it says its reset was. */
import type { Bench } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import type { Named } from './parameters.ts';
import { family } from './step.ts';

const step = family('Power and reset');

/** How long a finger stays on a button. */
const press = 50e6;

step(
  '{dut} powers on',
  {
    about: 'Switches the power on. Time does not pass: what follows sees the boot from its beginning.',
    needs: ['power'],
    passes: `When the board powers on
Then the board reaches its prompt within 5 s`,
  },
  async function (this: Bench, board: string | undefined) {
    const dut = await this.handle(board);
    this.listenFrom(dut, await dut.serial().position());
    this.poweredAt = this.now;
    this.look();
    await dut.powerOn!();
  },
);

step(
  '{dut} loses power',
  {
    about: 'Cuts the power at this instant, whatever the board does. RAM is lost; flash and card keep what was written.',
    needs: ['power'],
    passes: `Given the board has booted
When the board loses power
Then the board is in phase "off"`,
  },
  async function (this: Bench, board: string | undefined) {
    await (await this.handle(board)).powerOff!();
  },
);

step(
  '{dut} is off',
  {
    about: 'The board has no power: it is switched off if it was on. For a scenario that tells the whole boot.',
    needs: ['power'],
    passes: `Given the board is off
When the board powers on
Then the board reaches its prompt within 5 s`,
  },
  async function (this: Bench, board: string | undefined) {
    await (await this.handle(board)).powerOff!();
  },
);

step(
  '{dut} has booted',
  {
    about: 'The board is on and at its prompt; it is switched on if it was not.',
    passes: `Given the board has booted
Then the board is in phase "repl"`,
  },
  async function (this: Bench, board: string | undefined) {
    await this.running(board);
  },
);

/** Presses or releases a button: RST, or a switch of the board. */
async function hold(bench: Bench, { name, board }: Named, pressed: boolean): Promise<void> {
  const dut = await bench.handle(board);
  if (name === 'RST') {
    bench.need('reset');
    if (!pressed) bench.listenFrom(dut, await dut.serial().position());
    await dut.holdReset!(pressed);
    return;
  }
  bench.need('switches');
  const { switches } = dut.description;
  if (!switches.includes(name)) throw new BadStep(`there is no button "${name}"; ${whatExists(name, ['RST', ...switches])}`);
  await dut.holdSwitch!(name, pressed);
}

step(
  '{button} is held',
  {
    about: 'A finger presses the button and stays on it. While RST is held the board is in reset.',
    passes: `Given the board has booted
When USR is held
Then the board runs "import pyb; print(pyb.Switch().value())"
And it prints "True"`,
    fails: { steps: `Given the board has booted\nWhen USER is held`, says: 'there is no button "USER"; did you mean "USR"' },
  },
  async function (this: Bench, button: Named) {
    await hold(this, button, true);
  },
);

step(
  '{button} is released',
  {
    about: 'The finger leaves the button. When it leaves RST, the board starts.',
    passes: `Given the board has booted
When USR is held
And 100 ms pass
And USR is released
And 100 ms pass
Then the board runs "import pyb; print(pyb.Switch().value())"
And it prints "False"`,
  },
  async function (this: Bench, button: Named) {
    await hold(this, button, false);
  },
);

step(
  '{button} is pressed',
  {
    about: 'Presses the button for 50 ms. Pressing RST is a hard reset.',
    passes: `Given the board has booted
When RST is pressed
Then the board reaches its prompt within 5 s`,
  },
  async function (this: Bench, button: Named) {
    await hold(this, button, true);
    await this.act(session => session.advance(press));
    await hold(this, button, false);
  },
);

step(
  '{button} is pressed for {duration}',
  {
    about: 'Presses the button for so long.',
    passes: `Given the board has booted
When USR is pressed for 200 ms
Then the board runs "print(1)"`,
  },
  async function (this: Bench, button: Named, duration: number) {
    await hold(this, button, true);
    await this.act(session => session.advance(duration));
    await hold(this, button, false);
  },
);

step(
  '{dut} is soft reset',
  {
    about: 'Interrupts what runs and presses Ctrl-D at the prompt: the heap is lost, the scripts run again, the hardware keeps its power.',
    needs: ['soft-reset'],
    passes: `Given the board runs "x = 1"
When the board is soft reset
And the board runs "print('x' in globals())"
Then it prints "False"`,
  },
  async function (this: Bench, board: string | undefined) {
    const dut = await this.running(board);
    await this.act(async session => {
      if (dut.softReset !== undefined) {
        this.listenFrom(dut, await dut.serial().position());
        await dut.softReset();
        return;
      }
      await dut.serial().write('\x03\x03\x02');
      await session.advanceUntil({ kind: 'idle', board: dut.name }, 1e9);
      this.listenFrom(dut, await dut.serial().position());
      await dut.serial().write('\x04');
      await session.advanceUntil({ kind: 'idle', board: dut.name }, 20e9);
    });
  },
);

step(
  'the reset cause of {dut} is {string}',
  {
    about: 'What the last reset was: power-on, hard, soft, watchdog, deepsleep, brown-out.',
    needs: ['boot'],
    passes: `Given the board has booted
Then the reset cause of the board is "power-on"`,
    fails: { steps: `Given the board has booted\nThen the reset cause of the board is "watchdog"`, says: 'seen      "power-on"' },
  },
  async function (this: Bench, board: string | undefined, cause: string) {
    const dut = await this.dut(board);
    const { resetCause } = await dut.state!();
    if (resetCause !== cause) throw new ExpectationFailed(`the reset cause to be "${cause}"`, `"${resetCause}"`);
  },
);
