/** Which boards are on the bench. */
import { definedModule, definedModuleNames } from '../emulator/modules/extension/define-module.ts';
import { type Bench, defaultName } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep } from './failure.ts';
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
