/** The prompt: typing, keys, pasting, and what the board answers. */

import type { Dut } from '../targets/target.ts';
import { onScreen, TerminalScreen } from '../views/terminal.ts';
import { formatDuration } from '../views/units.ts';
import { type Bench, describeDut } from './bench.ts';
import { difference, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('REPL');

/** Virtual time that a board has to answer before the next step comes; a program that runs on is none the worse for it. */
const patience = 1e9;

/** Sends text and lets the board take it in; time passes only until it waits for input again. */
async function send(bench: Bench, dut: Dut, text: string | Uint8Array, limit = patience): Promise<void> {
  await dut.serial().write(text);
  await bench.act(session => session.advanceUntil({ kind: 'idle', board: dut.name }, limit));
}

/** Types a line. Output steps look at what comes after it was entered: the echo is not an answer. */
async function typeLine(bench: Bench, dut: Dut, line: string): Promise<void> {
  if (line !== '') await send(bench, dut, line);
  const position = await dut.serial().position();
  await send(bench, dut, '\r');
  // The line end of the typed line itself belongs to the echo.
  const after = Buffer.from(await dut.serial().peek(position)).toString('latin1');
  bench.listenFrom(dut, position + (after.startsWith('\r\n') ? 2 : 0));
}

step(
  '{string} is typed',
  {
    about: 'Types a line at the prompt and presses Enter. Steps about answers look at what comes after that.',
    needs: ['repl'],
    passes: `When "6 * 7" is typed
Then the board answers "42"`,
  },
  async function (this: Bench, line: string) {
    await typeLine(this, await this.running(), line);
  },
);

step(
  '{string} is typed on {dut}',
  {
    about: 'Types a line at the prompt of one of several boards.',
    needs: ['repl'],
    passes: `When "6 * 7" is typed on the board
Then the board answers "42"`,
  },
  async function (this: Bench, line: string, board: string | undefined) {
    await typeLine(this, await this.running(board), line);
  },
);

step(
  '{string} is typed without Enter',
  {
    about: 'Types characters and leaves the line open.',
    needs: ['repl'],
    passes: `When "print(6 * 7)" is typed without Enter
And Enter is pressed
Then the board answers "42"`,
  },
  async function (this: Bench, text: string) {
    const dut = await this.running();
    this.listenFrom(dut, await dut.serial().position());
    await send(this, dut, text);
  },
);

step(
  'these lines are typed:',
  {
    about:
      'Types several lines, each with Enter. The prompt indents by itself: the lines are typed as they stand here, without what it has already put there.',
    takes: 'the lines as a doc string',
    needs: ['repl'],
    passes: `When these lines are typed:
  """
  for i in range(3):
      print(i)

  """
Then the board prints "2"`,
  },
  async function (this: Bench, lines: string) {
    const dut = await this.running();
    this.listenFrom(dut, await dut.serial().position());
    for (const line of lines.split('\n')) await send(this, dut, `${await restOfLine(this, dut, line)}\r`);
  },
);

step(
  '{key} is pressed',
  {
    about: 'Presses a key of the terminal. Steps about answers look at what comes after it.',
    needs: ['repl'],
    passes: `When "while True: pass" is typed
And Enter is pressed
And Ctrl-C is pressed
Then the board prints "KeyboardInterrupt"`,
  },
  async function (this: Bench, key: string) {
    const dut = await this.running();
    const position = await dut.serial().position();
    await send(this, dut, key);
    const after = Buffer.from(await dut.serial().peek(position)).toString('latin1');
    this.listenFrom(dut, position + (after.startsWith('\r\n') ? 2 : 0));
  },
);

step(
  '{key} is pressed {times}',
  {
    about: 'Presses a key several times.',
    needs: ['repl'],
    passes: `When "1 + 1" is typed
And "2 + 2" is typed
And Up is pressed twice
And Enter is pressed
Then the board answers "2"`,
  },
  async function (this: Bench, key: string, times: number) {
    const dut = await this.running();
    this.listenFrom(dut, await dut.serial().position());
    for (let i = 0; i < times; i++) await send(this, dut, key);
  },
);

step(
  'the bytes {bytes} are sent',
  {
    about: 'Sends bytes to the serial port as they are.',
    needs: ['repl'],
    passes: `Given the board has booted
When the bytes 01 are sent
Then the board prints "raw REPL; CTRL-B to exit"`,
  },
  async function (this: Bench, bytes: Uint8Array) {
    const dut = await this.running();
    this.listenFrom(dut, await dut.serial().position());
    await send(this, dut, bytes);
  },
);

step(
  'this is pasted:',
  {
    about: 'Pastes text in paste mode: Ctrl-E, the text, Ctrl-D.',
    takes: 'the text as a doc string',
    needs: ['repl'],
    passes: `When this is pasted:
  """
  for i in range(3):
      print('item', i)
  """
Then the board prints "item 2"`,
  },
  async function (this: Bench, text: string) {
    const dut = await this.running();
    await send(this, dut, '\x05');
    await send(this, dut, text.replaceAll('\n', '\r'));
    this.listenFrom(dut, await dut.serial().position());
    await send(this, dut, '\x04');
  },
);

step(
  '{dut} is started with {string}',
  {
    about: 'Sends a program of one line to the raw REPL and lets it run: time passes only in the steps that follow.',
    needs: ['execute'],
    passes: `When the board is started with "import time; time.sleep(1); print('done')"
Then the board prints "done" within 2 s`,
  },
  async function (this: Bench, board: string | undefined, code: string) {
    await start(this, board, code);
  },
);

step(
  '{dut} is started with the program:',
  {
    about: 'Sends a program to the raw REPL and lets it run: time passes only in the steps that follow. For programs that do not end.',
    takes: 'the program as a doc string',
    needs: ['execute'],
    passes: `When the board is started with the program:
  """
  import time
  while True:
      print('tick')
      time.sleep_ms(100)
  """
And 1 s passes
Then the board prints "tick"`,
  },
  async function (this: Bench, board: string | undefined, code: string) {
    await start(this, board, code);
  },
);

async function start(bench: Bench, board: string | undefined, code: string): Promise<void> {
  const dut = await bench.running(board);
  await send(bench, dut, '\x03\x01');
  const position = await dut.serial().position();
  await dut.serial().write(`${code}\n\x04`);
  // Up to the answer "OK", after which the program runs.
  await bench.act(session => session.advanceUntil({ kind: 'serial', board: dut.name, text: 'OK', from: position }, patience));
  bench.listenFrom(dut, position + 2);
}

/** What the prompt has answered: the lines between what was typed and the next prompt. */
async function answer(bench: Bench, dut: Dut): Promise<string> {
  const screen = onScreen(await bench.output(dut));
  const lines = screen.split('\n');
  if (/^(>>> |\.\.\. |=== )/.test(lines.at(-1)!)) lines.pop();
  return lines.join('\n').replace(/\n$/, '');
}

step(
  '{dut} answers {string}',
  {
    about: 'Between the line that was typed last and the next prompt the board printed exactly this.',
    needs: ['repl'],
    passes: `When "6 * 7" is typed
Then the board answers "42"`,
    fails: { steps: `When "6 * 7" is typed\nThen the board answers "4"`, says: 'seen      "42"' },
  },
  async function (this: Bench, board: string | undefined, expected: string) {
    const seen = await answer(this, await this.dut(board));
    if (seen !== expected) throw new ExpectationFailed(`the answer ${JSON.stringify(expected)}`, JSON.stringify(seen));
  },
);

step(
  '{dut} answers:',
  {
    about:
      'Between the line that was typed last and the next prompt the board printed exactly these lines. Blanks at the end of a line are not compared.',
    takes: 'the lines as a doc string',
    needs: ['repl'],
    passes: `When "for i in range(2): print(i)" is typed
And Enter is pressed
Then the board answers:
  """
  0
  1
  """`,
    fails: { steps: `When "print(1)" is typed\nThen the board answers:\n  """\n  2\n  """`, says: '- 2' },
  },
  async function (this: Bench, board: string | undefined, expected: string) {
    const unpadded = (text: string): string => text.replace(/[ \t]+$/gm, '');
    const seen = unpadded(await answer(this, await this.dut(board)));
    if (seen !== unpadded(expected)) {
      throw new ExpectationFailed('the board to answer these lines', 'it answered others', {
        evidence: difference(unpadded(expected), seen),
      });
    }
  },
);

step(
  '{dut} answers nothing',
  {
    about: 'After the line that was typed last the next prompt came at once.',
    needs: ['repl'],
    passes: `When "x = 1" is typed
Then the board answers nothing`,
    fails: { steps: `When "1" is typed\nThen the board answers nothing`, says: 'seen      "1"' },
  },
  async function (this: Bench, board: string | undefined) {
    const seen = await answer(this, await this.dut(board));
    if (seen !== '') throw new ExpectationFailed('no answer', JSON.stringify(seen));
  },
);

step(
  '{dut} prints {string}',
  {
    about: 'What the board has sent since the last stimulus (a line, a key, a reset) holds this text.',
    needs: ['repl'],
    passes: `When "print('Hello, World!')" is typed
Then the board prints "World"`,
    fails: { steps: `When "print('Hello')" is typed\nThen the board prints "World"`, says: 'expected  the board to print "World"' },
  },
  async function (this: Bench, board: string | undefined, expected: string) {
    const dut = await this.dut(board);
    const seen = await this.output(dut);
    if (!plain(seen).includes(expected))
      throw new ExpectationFailed(`${describeDut(dut)} to print ${JSON.stringify(expected)}`, seen === '' ? 'nothing' : 'something else', {
        evidence: seen,
      });
  },
);

step(
  '{dut} prints {string} within {duration}',
  {
    about: 'What the board sends since the last stimulus holds this text, or will hold it within so much time from now.',
    needs: ['repl'],
    passes: `When the board is started with "import time; time.sleep(1); print('done')"
Then the board prints "done" within 2 s`,
    fails: {
      steps: `When the board is started with "import time; time.sleep(1); print('done')"\nThen the board prints "done" within 500 ms`,
      says: 'to print "done" within 500 ms',
    },
  },
  async function (this: Bench, board: string | undefined, expected: string, limit: number) {
    const dut = await this.dut(board);
    const text = expected.replaceAll('\n', '\r\n');
    const { reason } = await this.act(session =>
      session.advanceUntil({ kind: 'serial', board: dut.name, text: latin1Of(text), from: this.listensFrom(dut) }, limit),
    );
    if (reason !== 'met')
      throw new ExpectationFailed(
        `${describeDut(dut)} to print ${JSON.stringify(expected)} within ${formatDuration(limit)}`,
        'it did not',
        { evidence: await this.output(dut) },
      );
  },
);

step(
  '{dut} does not print {string}',
  {
    about: 'What the board has sent since the last stimulus does not hold this text.',
    needs: ['repl'],
    passes: `When "1" is typed
Then the board does not print "Traceback"`,
    fails: { steps: `When "1/0" is typed\nThen the board does not print "Traceback"`, says: 'not to print "Traceback"' },
  },
  async function (this: Bench, board: string | undefined, unexpected: string) {
    const dut = await this.dut(board);
    const seen = await this.output(dut);
    if (plain(seen).includes(unexpected))
      throw new ExpectationFailed(`${describeDut(dut)} not to print ${JSON.stringify(unexpected)}`, 'it did', { evidence: seen });
  },
);

step(
  '{dut} does not print {string} within {duration}',
  {
    about: 'Lets so much time pass; the board must not have sent this text by then.',
    needs: ['repl'],
    passes: `When the board is started with "import time; time.sleep(1); print('done')"
Then the board does not print "done" within 500 ms`,
    fails: {
      steps: `When the board is started with "import time; time.sleep(1); print('done')"\nThen the board does not print "done" within 2 s`,
      says: 'not to print "done" within 2 s',
    },
  },
  async function (this: Bench, board: string | undefined, unexpected: string, limit: number) {
    const dut = await this.dut(board);
    const text = unexpected.replaceAll('\n', '\r\n');
    const { reason, now } = await this.act(session =>
      session.advanceUntil({ kind: 'serial', board: dut.name, text: latin1Of(text), from: this.listensFrom(dut) }, limit),
    );
    if (reason === 'met')
      throw new ExpectationFailed(
        `${describeDut(dut)} not to print ${JSON.stringify(unexpected)} within ${formatDuration(limit)}`,
        'it did',
        { at: now },
      );
  },
);

step(
  '{dut} prints nothing for {duration}',
  {
    about: 'Lets so much time pass, in which the board sends not one byte.',
    needs: ['repl'],
    passes: `Given the board has booted
Then the board prints nothing for 1 s`,
    fails: {
      steps: `When the board is started with "while True: print(1)"\nThen the board prints nothing for 1 s`,
      says: 'to print nothing for 1 s',
    },
  },
  async function (this: Bench, board: string | undefined, duration: number) {
    const dut = await this.dut(board);
    const from = await dut.serial().position();
    await this.act(session => session.advance(duration));
    const seen = Buffer.from(await dut.serial().peek(from)).toString('latin1');
    if (seen !== '')
      throw new ExpectationFailed(`${describeDut(dut)} to print nothing for ${formatDuration(duration)}`, `${seen.length} bytes`, {
        evidence: seen,
      });
  },
);

step(
  'what {dut} prints matches {pattern}',
  {
    about: 'What the board has sent since the last stimulus matches the regular expression.',
    needs: ['repl'],
    passes: `When "import sys; sys.version" is typed
Then what the board prints matches /MicroPython v1\\.27\\.\\d/`,
    fails: { steps: `When "1" is typed\nThen what the board prints matches /\\d\\d/`, says: 'to match /\\d\\d/' },
  },
  async function (this: Bench, board: string | undefined, pattern: RegExp) {
    const seen = await this.output(await this.dut(board));
    if (!pattern.test(plain(seen)))
      throw new ExpectationFailed(`what the board prints to match ${pattern}`, 'it does not', { evidence: seen });
  },
);

step(
  '{dut} sends the bytes {bytes}',
  {
    about: 'Since the last stimulus the board has sent exactly these bytes.',
    needs: ['repl'],
    passes: `When the bytes 01 are sent
And the bytes 05 41 01 are sent
Then the board sends the bytes 52 01 80 00 01`,
    fails: {
      steps: `When the bytes 01 are sent\nAnd the bytes 05 41 01 are sent\nThen the board sends the bytes 52 00`,
      says: 'expected  the bytes 52 00',
    },
  },
  async function (this: Bench, board: string | undefined, expected: Uint8Array) {
    const dut = await this.dut(board);
    const seen = await dut.serial().peek(this.listensFrom(dut));
    if (Buffer.compare(seen, expected) !== 0)
      throw new ExpectationFailed(`the bytes ${hexBytes(expected)}`, seen.length === 0 ? 'none' : hexBytes(seen));
  },
);

step(
  'the prompt of {dut} is {string}',
  {
    about: 'The line with the cursor begins with this.',
    needs: ['repl'],
    passes: `When "def f():" is typed
Then the prompt of the board is "...     "`,
    fails: { steps: `When "def f():" is typed\nThen the prompt of the board is ">>> "`, says: 'seen      "...     "' },
  },
  async function (this: Bench, board: string | undefined, expected: string) {
    const seen = new TerminalScreen().feed(await this.transcript(await this.dut(board))).lastLine;
    if (!seen.startsWith(expected)) throw new ExpectationFailed(`the prompt ${JSON.stringify(expected)}`, JSON.stringify(seen));
  },
);

step(
  'the line at the prompt is {string}',
  {
    about: 'The line with the cursor, without the prompt, is this: for editing, history and completion.',
    needs: ['repl'],
    passes: `When "print('x')" is typed
And Up is pressed
Then the line at the prompt is "print('x')"`,
    fails: { steps: `When "print('x')" is typed\nAnd Up is pressed\nThen the line at the prompt is "y"`, says: `seen      "print('x')"` },
  },
  async function (this: Bench, expected: string) {
    const line = new TerminalScreen().feed(await this.transcript(await this.dut())).lastLine;
    const seen = line.replace(/^(>>> |\.\.\. |=== |>)/, '');
    if (seen !== expected) throw new ExpectationFailed(`the line ${JSON.stringify(expected)}`, JSON.stringify(seen));
  },
);

step(
  'this session takes place:',
  {
    about:
      'A whole session at the prompt. What stands after ">>> " and "... " is typed, line by line; the rest must come back, exactly. Blanks at the end of a line are not compared, and "<...>" stands for any text in a line.',
    takes: 'the session as a doc string',
    needs: ['repl'],
    passes: `Then this session takes place:
  """
  >>> x = 6
  >>> x * 7
  42
  >>> for i in range(2):
  ...     print(i)
  ...
  0
  1
  """`,
    fails: { steps: `Then this session takes place:\n  """\n  >>> 6 * 7\n  41\n  """`, says: '- 41' },
  },
  async function (this: Bench, session: string) {
    const dut = await this.running();
    const begin = await dut.serial().position();
    // The prompt of the first line was there before.
    const screenBefore = new TerminalScreen().feed(await this.transcript(dut)).lastLine;
    for (const line of session.split('\n')) {
      const typed = /^(?:>>>|\.\.\.)(?: (.*))?$/.exec(line);
      if (typed === null) continue;
      await send(this, dut, `${await restOfLine(this, dut, typed[1] ?? '')}\r`, 60e9);
    }
    const output = Buffer.from(await dut.serial().peek(begin)).toString('utf8');
    const lines = onScreen(screenBefore + output).split('\n');
    if (/^>>> ?$/.test(lines.at(-1)!)) lines.pop();
    const seen = lines.map(line => line.trimEnd());
    const expected = session.split('\n').map(line => line.trimEnd());
    // Placeholders take what was seen, so that they make no difference.
    const compared = expected.map((line, index) =>
      line.includes('<...>') && seen[index] !== undefined && placeholder(line).test(seen[index]) ? seen[index] : line,
    );
    if (compared.join('\n') !== seen.join('\n'))
      throw new ExpectationFailed('this session', 'another', { evidence: difference(compared.join('\n'), seen.join('\n')) });
  },
);

/** What is left to type of a line, since the prompt may have indented already; too much of it is taken back. */
async function restOfLine(bench: Bench, dut: Dut, line: string): Promise<string> {
  for (let i = 0; i < 20; i++) {
    const shown = new TerminalScreen().feed(await bench.transcript(dut)).lastLine.replace(/^(>>> |\.\.\. )/, '');
    if (line.startsWith(shown)) return line.slice(shown.length);
    await send(bench, dut, '\x7f');
  }
  return line;
}

function placeholder(line: string): RegExp {
  return new RegExp(
    `^${line
      .split('<...>')
      .map(piece => piece.replace(/[.*+?^${'$'}{}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
}

/** Output as steps compare it: line ends as `\n`. */
function plain(output: string): string {
  return output.replaceAll('\r\n', '\n');
}

/** Text as the session looks for it: one character a byte. */
function latin1Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function hexBytes(bytes: Uint8Array): string {
  return [...bytes]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join(' ')
    .toUpperCase();
}
