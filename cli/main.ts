/** The boardspec command. Each subcommand is read from disk only when it is called. */
import { Command, Option } from 'commander';
import { packageVersion } from '../targets/package-root.ts';
import { registerCompile } from './compile.ts';
import { reportFailure } from './failure.ts';
import { registerFirmware } from './firmware.ts';
import { registerFlash } from './flash.ts';
import { registerMicropython } from './micropython.ts';
import { registerRepl } from './repl.ts';
import { registerRun } from './run.ts';
import { registerServe } from './serve.ts';

const program = new Command('boardspec')
  .description('Hardware testing for MicroPython boards: Gherkin specs that run on a virtual board')
  .version(packageVersion, '--version')
  .helpCommand(false)
  .enablePositionalOptions()
  .showHelpAfterError("(see 'boardspec --help')");

// Whoever reads our output may stop doing so (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const collect = (value: string, before: string[]): string[] => [...before, value];

program
  .command('test')
  .description('runs specs; exit code 0 only if all passed')
  .argument('[paths...]', 'feature files or folders, with :LINE for one scenario (default: features)')
  .option('--target <name>', 'what the specs run against')
  .option('--board <name>', 'the board that scenarios get which name none: a name, or a YAML file')
  .option('-t, --tags <expression>', 'only scenarios whose tags match, such as "@B1 and not @slow"')
  .option('-n, --name <pattern>', 'only scenarios whose name matches; may be repeated', collect, [])
  .option('--shard <i/n>', 'only the i-th of n parts, for a CI matrix')
  .option('--rerun', 'only what failed, or did not run, in the last run')
  .option('-p, --parallel <workers>', 'worker processes (default: by the number of scenarios and CPUs)')
  .option('--retry <times>', 'run a failing scenario again, at most so often', '0')
  .option('--fail-fast', 'stop at the first failure')
  .option('--dry-run', 'show what would run, and which steps have no definition')
  .option('--watch', 'run again when a spec, step or program changes')
  .option('--order <order>', 'defined, or random[:SEED]', 'defined')
  .option('--flash <folder|image>', 'what the flash holds, unless a scenario says otherwise')
  .option('--sd <folder|image>', 'what the card in the slot holds, unless a scenario says otherwise')
  .option('--firmware <file>', 'the firmware that boards have, of "boardspec firmware", unless a scenario says otherwise')
  .option('--bench <file>', 'boards, parts and wires from a YAML file, unless a scenario names its boards')
  .option('--seed <number>', 'seed of noise, bounce and drift on the virtual boards', '1')
  .addOption(
    new Option('--evidence <when>', 'when transcripts, diagrams and traces are attached')
      .choices(['on-failure', 'always'])
      .default('on-failure'),
  )
  .option('--wall-limit <seconds>', 'host time that one call on a board may take', '30')
  .option('-o, --out <folder>', 'where the reports go', 'reports/out')
  .option('--summary <file>', 'also write {passed, failed, skipped} as JSON')
  .option('--allure', 'also collect results for Allure and build its report')
  .option('--rows <file>', 'titles of the rows that tags name (default: features/rows.yaml)')
  .option('--compare <record>', 'show what changed since an older run; may be repeated', collect, [])
  .option('-q, --quiet', 'print failures and the end only')
  .action(async (paths, options) => (await import('./test.ts')).test(paths, options));

program
  .command('report')
  .description('builds the reports from the last run, or from the records of several (shards, boards), merged')
  .argument('[records...]', 'run records, or folders that hold them (default: the last run)')
  .option('-o, --out <folder>', 'where the reports go', 'reports/out')
  .option('--rows <file>', 'titles of the rows that tags name (default: features/rows.yaml)')
  .option('--compare <record>', 'show what changed since an older run; may be repeated', collect, [])
  .option('--title <text>', 'title of the report')
  .option('--allure', 'also build the Allure report (needs Java)')
  .action(async (records, options) => (await import('./report.ts')).report(records, options));

registerRun(program);
registerRepl(program);
registerServe(program);
registerMicropython(program);
registerCompile(program);

registerFirmware(program);
registerFlash(program);

program
  .command('steps')
  .description('lists the steps, with examples')
  .argument('[words...]', 'only steps with these words')
  .option('--examples', 'show the examples, too')
  .option('--json', 'everything, as JSON')
  .option('--markdown', 'the step reference, as Markdown')
  .addOption(new Option('--docs <folder>', 'all generated pages of the documentation').hideHelp())
  .action(async (words, options) => (await import('./steps.ts')).steps(words, options));

program
  .command('boards')
  .description('lists the boards with what they have')
  .argument('[board]', 'one board, with its pins')
  .option('--json', 'as JSON')
  .option('--markdown', 'the board reference, as Markdown')
  .action(async (board, options) => (await import('./boards.ts')).boards(board, options));

program
  .command('init')
  .description('makes a small spec project in a folder, without overwriting anything')
  .argument('[folder]', 'where', '.')
  .action(async folder => (await import('./init.ts')).init(folder));

program.parseAsync().catch(reportFailure);
