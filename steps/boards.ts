/** Which boards are on the bench, and which of them a sentence means. */
import type { DataTable } from '@cucumber/cucumber';
import { definedModule, definedModuleNames } from '../emulator/modules/extension/define-module.ts';
import { type Bench, defaultName } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep } from './failure.ts';
import { family, library } from './step.ts';

const step = family('Boards');

step(
  '{dut} is a(n) {board}',
  {
    about:
      'Chooses what a board of the bench is; with a name, adds a board of that name. Without this step the bench has the board that the run was told to use.',
    passes: 'Given the board is a webassembly',
    fails: { steps: 'Given the board is a webasembly', says: 'did you mean "webassembly"' },
  },
  function (this: Bench, name: string | undefined, board: string) {
    this.setBoard(name ?? defaultName, { board });
  },
);

step(
  '{dut} has the module {string}',
  {
    about:
      "Builds a module into a board's firmware that the project has written in TypeScript or JavaScript (`defineModule`, see [writing modules](writing-modules.md)). The board can import it from then on.",
    needs: ['modules'],
    passes: 'Given the board has the module "wheel"\nWhen the board runs "import wheel; print(wheel.TEETH)"\nThen it prints "36"',
    fails: { steps: 'Given the board has the module "weel"', says: 'did you mean "wheel"' },
  },
  function (this: Bench, name: string | undefined, module: string) {
    const found = definedModule(module);
    if (found === undefined)
      throw new BadStep(
        definedModuleNames().length === 0
          ? `there is no module "${module}": this project defines none (docs/writing-modules.md says how)`
          : `there is no module "${module}"; ${whatExists(module, definedModuleNames())}`,
      );
    this.addModule(name ?? defaultName, found.file);
  },
);

step(
  'the boards:',
  {
    about:
      'Puts several boards on the bench, in step on one clock. Pins are then named with their board (`pin left.X1`), and a wire between two boards is a wire like any other.',
    takes: 'a table of name and board',
    needs: ['several-boards'],
    passes: `Given the boards:
  | name  | board        |
  | left  | pyboard-v1.1 |
  | right | pyblite-v1.0 |
And pin left.X1 is wired to pin right.X2
When board "left" runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
And board "right" runs "import pyb; print(pyb.Pin('X2', pyb.Pin.IN).value())"
Then it prints "1"`,
    fails: {
      steps: `Given the boards:
  | name  | board       |
  | left  | pyboard-v11 |`,
      says: 'did you mean "pyboard-v1.1"',
    },
  },
  function (this: Bench, table: DataTable) {
    const rows = table.hashes();
    for (const { name, board } of rows) {
      if (name === undefined || board === undefined) throw new BadStep('the table of boards needs the columns name and board');
      if (rows.filter(row => row.name === name).length > 1) throw new BadStep(`two boards are called "${name}"`);
      this.setBoard(name, { board });
    }
  },
);

const two = `Given board "left" is a pyboard-v1.1
And board "right" is a pyboard-v1.1`;

step(
  '{dut} is the one that steps speak of',
  {
    about: 'From now on steps that name no board mean this one: "the board", pins, LEDs, buses, files.',
    needs: ['several-boards'],
    passes: `${two}
And board "right" is the one that steps speak of
When the board runs "import pyb; pyb.LED(1).on(); pyb.Pin('X1', pyb.Pin.OUT).high()"
Then the red LED is lit
And pin X1 is high
And the red LED of board "left" is off`,
    fails: {
      steps: `${two}
And board "rigth" is the one that steps speak of`,
      says: 'did you mean "right"',
    },
  },
  async function (this: Bench, board: string | undefined) {
    if (board !== undefined) await this.speakOf(board);
  },
);

// This one is a form of all the others: step.ts defines each of them in it.
library.push({
  family: 'Boards',
  expression: 'on board {string}, …',
  about: "Any step of the library, said of one board among several: what it does not name with a board of its own is that board's.",
  needs: ['several-boards'],
  passes: `${two}
When on board "left", the board runs "print('left')"
And on board "right", the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high(); print('right')"
Then on board "left", it prints "left"
And on board "right", it prints "right"
And on board "right", pin X1 is high
And on board "left", pin X1 is floating`,
  fails: {
    steps: `${two}
When on board "left", the board runs "print('left')"
Then on board "left", it prints "right"`,
    says: 'left',
  },
});
