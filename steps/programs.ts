/** Programs: run them, and what they print, raise, take and use. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { contains, formatDuration, formatSize, type Range } from '../views/units.ts';
import { type Bench, text } from './bench.ts';
import { BadStep, difference, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('Programs');

/** Virtual time that a program has when no other is said. */
const patience = 60e9;

async function toItsEnd(bench: Bench, code: string, options: { title: string; board?: string }): Promise<void> {
  const result = await bench.run(`${code}\n`, { ...options, limit: patience });
  if (result.ended === 'limit') {
    throw new ExpectationFailed(`${options.title} to end within ${formatDuration(patience)}`, 'it was still running', {
      hint: 'start a program that does not end with "the program is started:"',
    });
  }
}

step(
  '{dut} runs the program:',
  {
    about:
      'Runs the program to its end. What it prints and raises is checked by the steps that follow; when it raises an exception and no step says so, the scenario fails.',
    takes: 'the program as a doc string',
    needs: ['execute'],
    passes: `When the board runs the program:
  """
  print(6 * 7)
  """
Then it prints "42"`,
  },
  async function (this: Bench, board: string | undefined, code: string) {
    await toItsEnd(this, code, { title: 'the program', board });
  },
);

step(
  '{dut} runs {string}',
  {
    about: 'Runs a program of one line to its end.',
    needs: ['execute'],
    passes: `When the board runs "print(6 * 7)"
Then it prints "42"`,
  },
  async function (this: Bench, board: string | undefined, code: string) {
    await toItsEnd(this, code, { title: `"${code}"`, board });
  },
);

step(
  '{dut} runs the script {string}',
  {
    about: 'Runs a program from a file of the host to its end. The path is from the folder in which the specs run.',
    needs: ['execute'],
    passes: `When the board runs the script "examples/hello.py"
Then it prints "Hello"`,
    fails: {
      steps: `When the board runs the script "examples/no-such-script.py"`,
      says: 'the host has no file "examples/no-such-script.py"',
    },
  },
  async function (this: Bench, board: string | undefined, file: string) {
    await toItsEnd(this, readScript(file), { title: file, board });
  },
);

step(
  '{dut} imports {string}',
  {
    about: 'Imports a module on the board. What that prints and raises is checked by the steps that follow.',
    needs: ['execute'],
    passes: `Given the flash holds "greet.py":
  """
  print('hello from', __name__)
  """
When the board imports "greet"
Then it prints "hello from greet"`,
    fails: { steps: `When the board imports "math"\nThen it raises ImportError`, says: 'it ended without an exception' },
  },
  async function (this: Bench, board: string | undefined, module: string) {
    if (!/^[\w.]+$/.test(module)) throw new BadStep(`"${module}" is no name of a module`);
    await toItsEnd(this, `import ${module}`, { title: `import ${module}`, board });
  },
);

function readScript(file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8');
  } catch {
    throw new BadStep(`the host has no file "${file}" (seen from ${process.cwd()})`);
  }
}

step(
  'it prints {string}',
  {
    about: 'The program that ran last printed this, among other things.',
    passes: `When the board runs "print('Hello, World!')"
Then it prints "Hello"`,
    fails: {
      steps: `When the board runs "print('Hello, World!')"
Then it prints "Goodbye"`,
      says: 'expected  the program to print "Goodbye"',
    },
  },
  function (this: Bench, expected: string) {
    const { stdout, stderr } = this.lastProgram();
    if (!stdout.includes(expected)) {
      throw new ExpectationFailed(
        `the program to print ${JSON.stringify(expected)}`,
        stdout === '' ? 'it printed nothing' : 'it printed something else',
        {
          evidence: stdout + stderr,
        },
      );
    }
  },
);

step(
  'it does not print {string}',
  {
    about: 'The program that ran last did not print this.',
    passes: `When the board runs "print('Hello, World!')"
Then it does not print "Goodbye"`,
    fails: {
      steps: `When the board runs "print('Hello, World!')"
Then it does not print "World"`,
      says: 'expected  the program not to print "World"',
    },
  },
  function (this: Bench, unexpected: string) {
    const { stdout } = this.lastProgram();
    if (stdout.includes(unexpected))
      throw new ExpectationFailed(`the program not to print ${JSON.stringify(unexpected)}`, 'it did', { evidence: stdout });
  },
);

step(
  'it prints text that matches {pattern}',
  {
    about: 'What the program that ran last printed matches the regular expression, somewhere.',
    passes: `When the board runs "print('v1.27', 42)"
Then it prints text that matches /v1\\.\\d+ 42/`,
    fails: {
      steps: `When the board runs "print('v1.27', 42)"
Then it prints text that matches /v2/`,
      says: 'expected  the program to print text that matches /v2/',
    },
  },
  function (this: Bench, pattern: RegExp) {
    const { stdout, stderr } = this.lastProgram();
    if (!pattern.test(stdout))
      throw new ExpectationFailed(`the program to print text that matches ${pattern}`, 'it did not', { evidence: stdout + stderr });
  },
);

step(
  'it prints no text that matches {pattern}',
  {
    about: 'Nothing that the program that ran last printed matches the regular expression.',
    passes: `When the board runs "print('all is well')"
Then it prints no text that matches /error|warning/i`,
    fails: {
      steps: `When the board runs "print('an ERROR')"
Then it prints no text that matches /error|warning/i`,
      says: 'seen      "ERROR"',
    },
  },
  function (this: Bench, pattern: RegExp) {
    const found = pattern.exec(this.lastProgram().stdout);
    if (found !== null)
      throw new ExpectationFailed(`the program to print no text that matches ${pattern}`, JSON.stringify(found[0]), {
        evidence: this.lastProgram().stdout,
      });
  },
);

step(
  'it prints:',
  {
    about:
      'The program that ran last printed exactly this, and ended without an exception. A line end after the last line is not compared.',
    takes: 'the whole output as a doc string',
    passes: `When the board runs "print(1, 2); print(3)"
Then it prints:
  """
  1 2
  3
  """`,
    fails: {
      steps: `When the board runs "print(1, 2); print(3)"
Then it prints:
  """
  1 2
  4
  """`,
      says: '- 4',
    },
  },
  function (this: Bench, expected: string) {
    const { stdout, stderr } = this.lastProgram();
    if (stderr !== '')
      throw new ExpectationFailed('the program to end without an exception', 'it raised one', { evidence: stdout + stderr });
    if (stdout.replace(/\n$/, '') !== expected) {
      throw new ExpectationFailed('the program to print these lines', 'it printed others', {
        evidence: difference(expected, stdout.replace(/\n$/, '')),
      });
    }
  },
);

step(
  'it prints nothing',
  {
    about: 'The program that ran last printed nothing.',
    passes: `When the board runs "x = 1"
Then it prints nothing`,
    fails: { steps: `When the board runs "print(1)"\nThen it prints nothing`, says: 'expected  the program to print nothing' },
  },
  function (this: Bench) {
    const { stdout } = this.lastProgram();
    if (stdout !== '') throw new ExpectationFailed('the program to print nothing', 'it printed something', { evidence: stdout });
  },
);

/** Type and message of the exception that a traceback ends with. */
function exceptionOf(stderr: string): { type: string; message: string } | undefined {
  const line = stderr
    .trimEnd()
    .split('\n')
    .filter(text => text !== '' && !text.startsWith(' '))
    .at(-1);
  if (line === undefined) return undefined;
  const [, type, message] = /^([A-Za-z_][\w.]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [undefined, line, ''];
  return { type, message: message ?? '' };
}

function raised(bench: Bench, type: string): { type: string; message: string } {
  const { stdout, stderr } = bench.lastProgram();
  bench.unexpected = false;
  const exception = exceptionOf(stderr);
  if (exception === undefined)
    throw new ExpectationFailed(`the program to raise ${type}`, 'it ended without an exception', { evidence: stdout });
  if (exception.type !== type)
    throw new ExpectationFailed(`the program to raise ${type}`, `it raised ${exception.type}`, { evidence: stdout + stderr });
  return exception;
}

step(
  'it raises {word}',
  {
    about: 'The program that ran last ended with an exception of this type.',
    passes: `When the board runs "1 / 0"
Then it raises ZeroDivisionError`,
    fails: { steps: `When the board runs "1 / 0"\nThen it raises ValueError`, says: 'seen      it raised ZeroDivisionError' },
  },
  function (this: Bench, type: string) {
    raised(this, type);
  },
);

step(
  'it raises {word} with message {string}',
  {
    about: 'The program that ran last ended with an exception of this type and with exactly this message.',
    passes: `When the board runs "1 / 0"
Then it raises ZeroDivisionError with message "divide by zero"`,
    fails: { steps: `When the board runs "1 / 0"\nThen it raises ZeroDivisionError with message "oops"`, says: 'divide by zero' },
  },
  function (this: Bench, type: string, message: string) {
    const exception = raised(this, type);
    if (exception.message !== message) {
      throw new ExpectationFailed(
        `${type} with message ${JSON.stringify(message)}`,
        `${type} with message ${JSON.stringify(exception.message)}`,
      );
    }
  },
);

step(
  'it raises no exception',
  {
    about: 'The program that ran last ended without an exception.',
    passes: `When the board runs "x = 1"
Then it raises no exception`,
    fails: { steps: `When the board runs "1 / 0"\nThen it raises no exception`, says: 'ZeroDivisionError' },
  },
  function (this: Bench) {
    const { stdout, stderr } = this.lastProgram();
    if (stderr !== '')
      throw new ExpectationFailed('the program to end without an exception', `it raised ${exceptionOf(stderr)?.type}`, {
        evidence: stdout + stderr,
      });
  },
);

step(
  'it exits',
  {
    about: 'The program that ran last ended by `sys.exit()`, or by a SystemExit that nobody caught. A board makes a soft reset then.',
    passes: `When the board runs "import sys; sys.exit()"
Then it exits`,
    fails: { steps: `When the board runs "x = 1"\nThen it exits`, says: 'seen      it came to its end' },
  },
  function (this: Bench) {
    const { ended, stderr } = this.lastProgram();
    if (ended === 'exit') return;
    this.unexpected = false;
    const exception = exceptionOf(stderr);
    throw new ExpectationFailed('the program to exit', exception === undefined ? 'it came to its end' : `it raised ${exception.type}`);
  },
);

step(
  'it does not exit',
  {
    about: 'The program that ran last did not end by `sys.exit()` or SystemExit.',
    passes: `When the board runs "x = 1"
Then it does not exit`,
    fails: { steps: `When the board runs "raise SystemExit"\nThen it does not exit`, says: 'expected  the program not to exit' },
  },
  function (this: Bench) {
    if (this.lastProgram().ended === 'exit') throw new ExpectationFailed('the program not to exit', 'it did');
  },
);

step(
  'it leaves {size-range} of the heap free',
  {
    about: "How much of the board's heap is free after the program that ran last, and after a garbage collection: what it holds is not.",
    needs: ['execute'],
    passes: `When the board runs "kept = bytearray(20000)"
Then it leaves at least 70 KiB of the heap free`,
    fails: {
      steps: `When the board runs "kept = bytearray(20000)"\nThen it leaves at least 90 KiB of the heap free`,
      says: 'expected  the program to leave at least 90 KiB of the heap free',
    },
  },
  async function (this: Bench, range: Range) {
    const { board } = this.lastProgram();
    const free = await look(this, board, 'import gc; gc.collect(); print(gc.mem_free())');
    if (!contains(range, free)) throw new ExpectationFailed(`the program to leave ${range.text} of the heap free`, formatSize(free));
  },
);

/** A number that a board tells about itself; what "it" is stays the program that ran before. */
export async function look(bench: Bench, board: string | undefined, code: string): Promise<number> {
  const { stdout, stderr } = await (await bench.running(board)).execute(`${code}\n`, patience);
  if (stderr.length > 0) throw new BadStep(`the board cannot tell: ${text(stderr).trimEnd().split('\n').at(-1)}`);
  return Number(text(stdout));
}

step(
  'it takes {duration-range}',
  {
    about: 'The program that ran last took so long, in virtual time.',
    needs: ['virtual-time'],
    passes: `When the board runs "import time; time.sleep_ms(100)"
Then it takes 100 ms ± 1 %`,
    fails: {
      steps: `When the board runs "import time; time.sleep_ms(100)"\nThen it takes at most 50 ms`,
      says: 'expected  the program to take at most 50 ms',
    },
  },
  function (this: Bench, range: Range) {
    const { duration } = this.lastProgram();
    if (!contains(range, duration)) throw new ExpectationFailed(`the program to take ${range.text}`, `it took ${formatDuration(duration)}`);
  },
);
