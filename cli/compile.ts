/** `boardspec compile`: the cross-compiler, with the command line of the official mpy-cross. */
import { Command } from 'commander';

/**
 * Adds the command. Its options are mpy-cross's, single dash and all, so commander passes them on as they are.
 */
export function registerCompile(program: Command): void {
  program.enablePositionalOptions();
  const command = new Command('compile')
    .description('cross-compiles a Python file to .mpy, with the options of mpy-cross and the same bytes')
    .usage('[-o FILE.mpy] [-s NAME] [-O[N]] [-march=A] [-march-flags=F] [-msmall-int-bits=N] [-X emit=E] [-v] [--version] FILE.py')
    .argument('[arguments...]', 'options of mpy-cross and the file to compile; - is stdin')
    .helpOption('--help')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async () => {
      const { crossCompile } = await import('./cross-compile.ts');
      const given = (program as Command & { rawArgs: string[] }).rawArgs;
      process.exitCode = await crossCompile(given.slice(given.indexOf('compile') + 1));
    });
  program.addCommand(command);
}
