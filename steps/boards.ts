/** Which boards are on the bench. */
import { type Bench, defaultName } from './bench.ts';
import { family } from './step.ts';

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
