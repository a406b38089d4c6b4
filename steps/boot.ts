/** The boot: its phases and modes, the scripts it runs, and the prompt at its end. */
import type { DataTable } from '@cucumber/cucumber';
import type { BootPhase, TraceEvent } from '../emulator/session/handle.ts';
import { formatDuration, formatTime } from '../views/units.ts';
import { type Bench, describeDut } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('Boot');

const phases: readonly BootPhase[] = [
  'off',
  'reset',
  'mode-selection',
  'mode-confirmation',
  'mounting',
  'factory-reset',
  'boot.py',
  'usb-configuration',
  'main.py',
  'script-error',
  'repl',
  'soft-reset',
  'deepsleep',
  'bootloader',
  'no-firmware',
  'fault',
];

function phaseOf(name: string): BootPhase {
  if (!phases.includes(name as BootPhase)) throw new BadStep(`there is no boot phase "${name}"; ${whatExists(name, phases)}`);
  return name as BootPhase;
}

step(
  '{dut} reaches its prompt within {duration}',
  {
    about: 'Waits until the board waits for input at its prompt.',
    passes: `When the board powers on
Then the board reaches its prompt within 5 s`,
    fails: {
      steps: `Given the flash holds "main.py":
  """
  while True:
      pass
  """
When the board powers on
Then the board reaches its prompt within 5 s`,
      says: 'to reach its prompt within 5 s',
    },
  },
  async function (this: Bench, board: string | undefined, limit: number) {
    const dut = await this.dut(board);
    await this.act(() => this.prompt(dut, limit));
  },
);

step(
  '{dut} does not reach its prompt within {duration}',
  {
    about: 'Lets so much time pass; the board must not wait for input at its prompt in all that time.',
    passes: `Given the flash holds "main.py":
  """
  while True:
      pass
  """
When the board powers on
Then the board does not reach its prompt within 2 s`,
    fails: { steps: `When the board powers on\nThen the board does not reach its prompt within 5 s`, says: 'it was there' },
  },
  async function (this: Bench, board: string | undefined, limit: number) {
    const dut = await this.dut(board);
    const { reason, now } = await this.act(session => session.advanceUntil({ kind: 'idle', board: dut.name }, limit));
    if (reason === 'met')
      throw new ExpectationFailed(`${describeDut(dut)} not to reach its prompt within ${formatDuration(limit)}`, 'it was there', {
        at: now,
      });
  },
);

step(
  '{dut} reaches phase {string} within {duration}',
  {
    about: `Waits until the boot is in this phase: ${phases.join(', ')}.`,
    needs: ['boot'],
    passes: `When the board powers on
Then the board reaches phase "repl" within 5 s`,
    fails: {
      steps: `When the board powers on\nThen the board reaches phase "fault" within 1 s`,
      says: 'to reach phase "fault" within 1 s',
    },
  },
  async function (this: Bench, board: string | undefined, name: string, limit: number) {
    const dut = await this.dut(board);
    const phase = phaseOf(name);
    const { reason } = await this.act(session => session.advanceUntil({ kind: 'phase', board: dut.name, phase }, limit));
    if (reason !== 'met') {
      throw new ExpectationFailed(
        `${describeDut(dut)} to reach phase "${phase}" within ${formatDuration(limit)}`,
        `phase "${(await dut.state!()).phase}"`,
      );
    }
  },
);

step(
  '{dut} is in phase {string}',
  {
    about: `The boot is in this phase now: ${phases.join(', ')}.`,
    needs: ['boot'],
    passes: `Given the board has booted
Then the board is in phase "repl"`,
    fails: { steps: `Given the board has booted\nThen the board is in phase "boot.py"`, says: 'seen      phase "repl"' },
  },
  async function (this: Bench, board: string | undefined, name: string) {
    const dut = await this.dut(board);
    const phase = phaseOf(name);
    const seen = (await dut.state!()).phase;
    if (seen !== phase) throw new ExpectationFailed(`${describeDut(dut)} to be in phase "${phase}"`, `phase "${seen}"`);
  },
);

step(
  '{dut} is in {mode} mode',
  {
    about: 'The boot mode that was chosen.',
    needs: ['boot'],
    passes: `Given the board has booted
Then the board is in standard mode`,
    fails: { steps: `Given the board has booted\nThen the board is in safe mode`, says: 'seen      standard mode' },
  },
  async function (this: Bench, board: string | undefined, mode: string) {
    const dut = await this.dut(board);
    const seen = (await dut.state!()).mode;
    if (seen !== mode)
      throw new ExpectationFailed(`${describeDut(dut)} to be in ${mode} mode`, seen === undefined ? 'no mode yet' : `${seen} mode`);
  },
);

/** The boot events of a board since its power was switched on or its last reset was looked at. */
async function bootEvents(bench: Bench, board: string): Promise<readonly TraceEvent[]> {
  const session = await bench.session();
  return session.trace!.events({ kinds: ['phase', 'script'], board, from: bench.lookedFrom });
}

step(
  '{dut} goes through the phases:',
  {
    about: 'Since it was powered on, the boot went through these phases in this order; others may lie between.',
    takes: 'a table of one column',
    needs: ['boot', 'trace'],
    passes: `When the board powers on
And the board reaches its prompt within 5 s
Then the board goes through the phases:
  | boot.py |
  | main.py |
  | repl    |`,
    fails: {
      steps: `When the board powers on
And the board reaches its prompt within 5 s
Then the board goes through the phases:
  | main.py |
  | boot.py |`,
      says: 'expected  "boot.py" after "main.py"',
    },
  },
  async function (this: Bench, board: string | undefined, table: DataTable) {
    const dut = await this.dut(board);
    const events = (await bootEvents(this, dut.name)).filter(event => event.kind === 'phase');
    const wanted = table.raw().map(([name]) => phaseOf(name));
    let place = 0;
    for (const [index, phase] of wanted.entries()) {
      const found = events.findIndex((event, at) => at >= place && event.phase === phase);
      if (found < 0) {
        const listed = events.map(event => `${formatTime(event.t)}  ${event.phase}`).join('\n');
        throw new ExpectationFailed(index === 0 ? `the phase "${phase}"` : `"${phase}" after "${wanted[index - 1]}"`, 'it did not come', {
          evidence: listed || 'no phase at all',
        });
      }
      place = found + 1;
    }
  },
);

/** Names of the scripts that began, in their order. */
async function scripts(bench: Bench, board: string | undefined): Promise<string[]> {
  const dut = await bench.dut(board);
  return (await bootEvents(bench, dut.name)).flatMap(event => (event.kind === 'script' && event.edge === 'start' ? [event.name] : []));
}

step(
  '{dut} has run {string}',
  {
    about: 'The boot has run this script.',
    needs: ['boot', 'trace'],
    passes: `When the board powers on
And the board reaches its prompt within 5 s
Then the board has run "main.py"`,
    fails: {
      steps: `When the board powers on\nAnd the board reaches its prompt within 5 s\nThen the board has run "setup.py"`,
      says: 'seen      boot.py, main.py',
    },
  },
  async function (this: Bench, board: string | undefined, name: string) {
    const seen = await scripts(this, board);
    if (!seen.some(script => sameScript(script, name)))
      throw new ExpectationFailed(`the script "${name}" to have run`, seen.join(', ') || 'no script ran');
  },
);

step(
  '{dut} has not run {string}',
  {
    about: 'The boot has not run this script.',
    needs: ['boot', 'trace'],
    passes: `When the board powers on
And the board reaches its prompt within 5 s
Then the board has not run "other.py"`,
    fails: {
      steps: `When the board powers on\nAnd the board reaches its prompt within 5 s\nThen the board has not run "main.py"`,
      says: 'not to have run',
    },
  },
  async function (this: Bench, board: string | undefined, name: string) {
    const seen = await scripts(this, board);
    if (seen.some(script => sameScript(script, name))) throw new ExpectationFailed(`the script "${name}" not to have run`, seen.join(', '));
  },
);

/** A script may be told by its name, or by its whole path. */
function sameScript(seen: string, name: string): boolean {
  return seen === name || seen.endsWith(`/${name}`);
}
