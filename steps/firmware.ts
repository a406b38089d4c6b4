/** Firmware: which one a board has, how another one comes onto it, and what happens when that goes wrong. */
import { resolve } from 'node:path';
import { BenchFileError, firmwareFrom } from '../targets/bench-file.ts';
import { buildFirmware, FirmwareBuildError, NoBootloaderError } from '../targets/firmware/build-firmware.ts';
import { ManifestError } from '../targets/firmware/manifest.ts';
import type { Dut } from '../targets/target.ts';
import { formatDuration } from '../views/units.ts';
import { type Bench, defaultName, describeDut } from './bench.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('Firmware');

/** A firmware file as it is, or what a manifest gives. @throws BadStep */
function firmwareOf(path: string, board: string | object, compiler = true): Uint8Array {
  const file = resolve(path);
  try {
    if (!path.endsWith('.py')) return firmwareFrom(file);
    return buildFirmware({ board, manifests: [file], compiler }).file;
  } catch (error) {
    if (error instanceof BenchFileError) throw new BadStep(`the host has no firmware file "${path}" (seen from ${process.cwd()})`);
    if (error instanceof ManifestError || error instanceof FirmwareBuildError || error instanceof NoBootloaderError)
      throw new BadStep(`no firmware comes of "${path}": ${error.message}`);
    throw error;
  }
}

function equip(bench: Bench, name: string | undefined, path: string, compiler: boolean): void {
  const board = name ?? defaultName;
  bench.setBoard(board, {});
  bench.setBoard(board, { firmware: firmwareOf(path, bench.definitionOf(board), compiler) });
}

step(
  '{dut} has the firmware {string}',
  {
    about:
      'The board has this firmware instead of the stock one: a file that "boardspec firmware" has built (.dfu, .hex), or a manifest (.py), from which it is built now. The path is from the folder in which the specs run.',
    needs: ['firmware'],
    passes: `Given the board has the firmware "examples/firmware/manifest.py"
When the board runs "import station; print(station.report('chip', 21.5, 'degrees'))"
Then it prints "chip: 21.5 degrees"`,
    fails: {
      steps: `Given the board has the firmware "examples/firmware/no-such.dfu"`,
      says: 'the host has no firmware file "examples/firmware/no-such.dfu"',
    },
  },
  function (this: Bench, board: string | undefined, path: string) {
    equip(this, board, path, true);
  },
);

step(
  '{dut} has the firmware {string} without the compiler',
  {
    about:
      'As the step above, with a firmware that is built from a manifest without the compiler: it runs only .mpy files and frozen modules, and has no prompt.',
    needs: ['firmware'],
    passes: `Given the board has the firmware "examples/firmware/standalone.py" without the compiler
When the board powers on
Then the board prints "station starts" within 5 s`,
    fails: {
      steps: `Given the board has the firmware "package.json" without the compiler`,
      says: 'only a manifest (.py) can be built without the compiler',
    },
  },
  function (this: Bench, board: string | undefined, path: string) {
    if (!path.endsWith('.py')) throw new BadStep('only a manifest (.py) can be built without the compiler; a file is what it is');
    equip(this, board, path, false);
  },
);

/** A hand ties the board's DFU pad to the supply and resets it. */
async function toBootloader(bench: Bench, dut: Dut): Promise<void> {
  const pad = dut.description.bootloaderPad;
  if (pad === undefined) throw new BadStep(`${dut.description.board} has no bootloader that takes firmware files`);
  const { phase } = await dut.state!();
  await dut.holdSwitch!(pad, true);
  if (phase === 'off') await dut.powerOn!();
  else await dut.holdReset!(true);
  await bench.act(session => session.advance(press));
  bench.listenFrom(dut, await dut.serial().position());
  if (phase !== 'off') await dut.holdReset!(false);
  await bench.act(session => session.advance(1e6));
  await dut.holdSwitch!(pad, false);
}

/** How long a finger stays on RST. */
const press = 50e6;

step(
  '{dut} is put into its bootloader',
  {
    about: "The board is reset, or powered on, with its DFU pad tied to the supply: it comes up in the bootloader of the chip's ROM.",
    needs: ['firmware'],
    passes: `When the board is put into its bootloader
Then the board is in its bootloader`,
    fails: { steps: `Given the board is a unix\nWhen the board is put into its bootloader`, says: 'unix has no bootloader' },
  },
  async function (this: Bench, board: string | undefined) {
    await toBootloader(this, await this.handle(board));
  },
);

step(
  '{dut} is in its bootloader',
  {
    about: "The bootloader of the chip's ROM waits for a host: no LED is lit, no script runs, and there is no prompt.",
    needs: ['firmware', 'boot'],
    passes: `Given the board has booted
When the board is started with "import machine; machine.bootloader()"
And 100 ms pass
Then the board is in its bootloader`,
    fails: { steps: `Given the board has booted\nThen the board is in its bootloader`, says: 'seen      phase "repl"' },
  },
  async function (this: Bench, board: string | undefined) {
    const dut = await this.dut(board);
    const { phase } = await dut.state!();
    if (phase !== 'bootloader') throw new ExpectationFailed(`${describeDut(dut)} to be in its bootloader`, `phase "${phase}"`);
  },
);

step(
  'the firmware {string} is installed on {dut}',
  {
    about:
      'A host installs the firmware through the bootloader, in which the board must be: it is written, read back and started. The files in the flash stay. The path is as in the first step here.',
    needs: ['firmware'],
    passes: `Given the board is put into its bootloader
When the firmware "examples/firmware/manifest.py" is installed on the board
And the board runs "import station; print(station.__file__)"
Then it prints "station/__init__.py"`,
    fails: {
      steps: `Given the board has booted\nWhen the firmware "examples/firmware/manifest.py" is installed on the board`,
      says: 'is not in its bootloader',
    },
  },
  async function (this: Bench, path: string, board: string | undefined) {
    const dut = await this.handle(board);
    const file = firmwareOf(path, this.definitionOf(dut.name));
    this.listenFrom(dut, await dut.serial().position());
    this.look();
    await installing(() => this.act(() => dut.firmware!.install(file)));
  },
);

step(
  'the chip of {dut} is erased and the firmware {string} installed',
  {
    about:
      'As the step above, but the whole chip is erased first: the files in the flash are gone, and it is formatted when the firmware starts.',
    needs: ['firmware'],
    passes: `Given the flash holds "notes.txt":
  """
  kept?
  """
And the board is put into its bootloader
When the chip of the board is erased and the firmware "examples/firmware/manifest.py" installed
And the board reaches its prompt within 10 s
Then there is no file "/flash/notes.txt"`,
    fails: {
      steps: `Given the board has booted\nWhen the chip of the board is erased and the firmware "examples/firmware/manifest.py" installed`,
      says: 'is not in its bootloader',
    },
  },
  async function (this: Bench, board: string | undefined, path: string) {
    const dut = await this.handle(board);
    const file = firmwareOf(path, this.definitionOf(dut.name));
    this.listenFrom(dut, await dut.serial().position());
    this.look();
    await installing(() => this.act(() => dut.firmware!.install(file, { massErase: true })));
  },
);

step(
  'the installation of the firmware {string} on {dut} begins',
  {
    about: 'As above, but time does not pass: what follows can cut it short. It goes on by itself as time passes.',
    needs: ['firmware'],
    passes: `Given the board is put into its bootloader
When the installation of the firmware "examples/firmware/manifest.py" on the board begins
And 500 ms pass
And the board loses power
And the board powers on
And 1 s passes
Then the board is in phase "no-firmware"`,
    fails: {
      steps: `Given the board has booted\nWhen the installation of the firmware "examples/firmware/manifest.py" on the board begins`,
      says: 'is not in its bootloader',
    },
  },
  async function (this: Bench, path: string, board: string | undefined) {
    const dut = await this.handle(board);
    const file = firmwareOf(path, this.definitionOf(dut.name));
    await installing(() => dut.firmware!.begin(file));
  },
);

/** What the bootloader's host cannot do is the scenario's mistake, and said as such. */
async function installing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'wrong-state' || code === 'bad-image') throw new BadStep(message);
    throw error;
  }
}

/** Tries to install, and says what the refusal says. @throws ExpectationFailed if there is none */
async function refusal(bench: Bench, board: string | undefined, file: (dut: Dut) => Uint8Array, what: string): Promise<string> {
  const dut = await bench.handle(board);
  try {
    const duration = await dut.firmware!.begin(file(dut));
    throw new ExpectationFailed(`${describeDut(dut)} to refuse ${what}`, `it takes it, in ${formatDuration(duration)}`);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'bad-image') return message;
    if (code === 'wrong-state') throw new BadStep(message);
    throw error;
  }
}

step(
  '{dut} refuses the firmware {string} because {string}',
  {
    about:
      'The file is not installed: it is broken, or for another board. The board keeps the firmware that it has. The text is a part of the reason.',
    needs: ['firmware'],
    passes: `Given the board is put into its bootloader
Then the board refuses the firmware "package.json" because "it is no firmware file"`,
    fails: {
      steps: `Given the board is put into its bootloader
Then the board refuses the firmware "examples/firmware/manifest.py" because "it is cut short"`,
      says: 'expected  the board to refuse "examples/firmware/manifest.py"',
    },
  },
  async function (this: Bench, board: string | undefined, path: string, reason: string) {
    const message = await refusal(this, board, dut => firmwareOf(path, this.definitionOf(dut.name)), `"${path}"`);
    if (!message.includes(reason)) throw new ExpectationFailed(`a refusal because ${JSON.stringify(reason)}`, message);
  },
);

step(
  '{dut} refuses the first {int} bytes of the firmware {string}',
  {
    about: 'A file that is cut short, as by a broken download, is not installed.',
    needs: ['firmware'],
    passes: `Given the board is put into its bootloader
Then the board refuses the first 1000 bytes of the firmware "examples/firmware/manifest.py"`,
    fails: {
      steps: `Given the board is put into its bootloader
Then the board refuses the first 9999999 bytes of the firmware "examples/firmware/manifest.py"`,
      says: 'the board to refuse the first 9999999 bytes',
    },
  },
  async function (this: Bench, board: string | undefined, count: number, path: string) {
    const file = (dut: Dut) => firmwareOf(path, this.definitionOf(dut.name)).subarray(0, count);
    await refusal(this, board, file, `the first ${count} bytes of "${path}"`);
  },
);

step(
  '{dut} refuses the firmware {string} of a {board}',
  {
    about: 'A firmware that a manifest gives for another board is not installed.',
    needs: ['firmware'],
    passes: `Given the board is a pyboard-v1.1
And the board is put into its bootloader
Then the board refuses the firmware "examples/firmware/manifest.py" of a pyblite-v1.0`,
    fails: {
      steps: `Given the board is a pyboard-v1.1
And the board is put into its bootloader
Then the board refuses the firmware "examples/firmware/manifest.py" of a pyboard-v1.1`,
      says: 'it takes it',
    },
  },
  async function (this: Bench, board: string | undefined, path: string, other: string) {
    await refusal(this, board, () => firmwareOf(path, other), `"${path}" of a ${other}`);
  },
);
