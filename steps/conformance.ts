/** Conformance: the same program does the same elsewhere. */

import { targetNames } from '../targets/index.ts';
import { type Bench, text } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, difference, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';
import { targetOf } from './target-pool.ts';

const step = family('Conformance');

/** Virtual (or host) time that a program has on the other target. */
const patience = 60e9;

step(
  'it does the same on target {string}',
  {
    about: "Runs the program that ran last on another target's default board, too: it prints the same, and raises the same.",
    needs: ['execute'],
    passes: `When the board runs "print([x * x for x in range(5)], 'abc'.upper())"
Then it does the same on target "wasm"`,
    fails: {
      steps: `When the board runs "import sys; print(sys.platform)"\nThen it does the same on target "wasm"`,
      says: '- webassembly',
    },
  },
  async function (this: Bench, name: string) {
    if (!targetNames.includes(name)) throw new BadStep(`there is no target "${name}"; ${whatExists(name, targetNames)}`);
    const target = targetOf(name, { wallLimit: this.parameters.wallLimit });
    await compareWith(this, name, target.defaultBoard);
  },
);

step(
  'it does the same on a {board}',
  {
    about: 'Runs the program that ran last on another board of the same target, too: it prints the same, and raises the same.',
    needs: ['execute'],
    passes: `When the board runs "print(sum(range(10)))"
Then it does the same on a unix`,
    fails: { steps: `When the board runs "import sys; print(sys.platform)"\nThen it does the same on a unix`, says: '- linux' },
  },
  async function (this: Bench, board: string) {
    const { boards } = this.target;
    if (!boards.includes(board)) throw new BadStep(`target "${this.target.name}" has no board "${board}"; ${whatExists(board, boards)}`);
    await compareWith(this, this.target.name, board);
  },
);

async function compareWith(bench: Bench, targetName: string, board: string): Promise<void> {
  const program = bench.lastProgram();
  bench.unexpected = false;
  const target = targetOf(targetName, { wallLimit: bench.parameters.wallLimit });
  const session = await target.open({ boards: [{ name: 'other', board }], seed: bench.seed });
  try {
    const dut = session.boards.get('other')!;
    if (dut.powerOn !== undefined) {
      await dut.powerOn();
      await session.advanceUntil({ kind: 'idle' }, 20e9);
    }
    const result = await dut.execute(program.code, patience);
    const there = `${text(result.stdout)}${text(result.stderr)}`;
    const here = `${program.stdout}${program.stderr}`;
    if (there !== here) {
      throw new ExpectationFailed(`${program.title} to do the same on ${board} (target ${targetName})`, 'it differs', {
        evidence: difference(there, here).replace('- expected, + seen', '- there, + here'),
      });
    }
  } finally {
    await session.close();
  }
}
