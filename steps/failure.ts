/**
 * How a failed expectation reads: what was expected, what was seen and when, then what the board was doing and what it
 * said last. One way for every step, so that a person always finds the same thing in the same place.
 */
import type { BoardState, Nanoseconds } from '../emulator/session/handle.ts';
import { printable } from '../views/printable.ts';
import { formatTime } from '../views/units.ts';

/** Thrown by a step whose expectation does not hold. */
export class ExpectationFailed extends Error {
  override readonly name = 'ExpectationFailed';

  constructor(
    readonly expected: string,
    readonly seen: string,
    readonly details: {
      /** When it was seen; the step's time when absent. */
      readonly at?: Nanoseconds;
      /** More lines to show, such as a difference or a measured list. */
      readonly evidence?: string;
      /** What to do about it. */
      readonly hint?: string;
    } = {},
  ) {
    super(`expected ${expected}, seen ${seen}`);
  }
}

/** What a step cannot do because of how it was written: a pin that does not exist, a value out of range. */
export class BadStep extends Error {
  override readonly name = 'BadStep';
}

/** What surrounds a failure. */
export interface FailureContext {
  readonly now: Nanoseconds | undefined;
  /** Is `now` virtual? */
  readonly virtual: boolean;
  readonly boards: readonly {
    readonly name: string;
    readonly board: string;
    readonly target: string;
    readonly state: BoardState | undefined;
    /** The last of what it printed. */
    readonly serial: string;
  }[];
}

const serialLines = 12;

/** The whole message, for the report and the terminal. Guest output in it is made printable. */
export function describeFailure(failure: Error, context: FailureContext): string {
  const lines: string[] = [];
  if (failure instanceof ExpectationFailed) {
    lines.push(...field('expected', failure.expected), ...field('seen', failure.seen));
  } else {
    lines.push(...field('error', failure.message || String(failure)));
  }
  const details = failure instanceof ExpectationFailed ? failure.details : {};
  if (context.now !== undefined) {
    const at = details.at ?? context.now;
    const later = at !== context.now ? `; the step ended at ${formatTime(context.now)}` : '';
    lines.push(...field('at', `${formatTime(at)} ${context.virtual ? 'virtual time' : 'host time'}${later}`));
  }
  if (details.evidence !== undefined) lines.push(...block('evidence', shortened(details.evidence)));
  if (details.hint !== undefined) lines.push(...field('hint', details.hint));
  for (const board of context.boards) {
    const label = context.boards.length > 1 ? `board "${board.name}"` : 'board';
    lines.push(...field(label, `${board.board} on ${board.target}${board.state === undefined ? '' : `: ${describeState(board.state)}`}`));
    lines.push(...block(context.boards.length > 1 ? `serial of "${board.name}"` : 'serial', lastLines(board.serial)));
  }
  return lines.join('\n');
}

/** A board's state in one line. */
export function describeState(state: BoardState): string {
  const lit = Object.entries(state.leds).filter(([, intensity]) => intensity > 0);
  const pressed = Object.entries(state.switches).filter(([, held]) => held);
  const parts = [state.phase === 'off' ? 'off' : `phase ${state.phase}${state.mode === undefined ? '' : ` (${state.mode} mode)`}`];
  if (state.phase !== 'off') {
    parts.push(state.activity.replaceAll('-', ' '));
    if (state.where !== undefined) parts.push(`at ${printable(state.where)}`);
    parts.push(`reset cause ${state.resetCause}`);
    parts.push(lit.length === 0 ? 'no LED lit' : `LEDs lit: ${lit.map(([name, i]) => (i < 255 ? `${name} (${i})` : name)).join(', ')}`);
    if (pressed.length > 0) parts.push(`held: ${pressed.map(([name]) => name).join(', ')}`);
    if (state.heap !== undefined) parts.push(`heap ${state.heap.free} of ${state.heap.total} bytes free`);
  }
  if (state.hardFault !== undefined) {
    const { at, where, cause } = state.hardFault;
    parts.push(`hard fault at ${formatTime(at)}: ${cause}${where === undefined ? '' : `, at ${printable(where)}`}`);
  }
  return parts.join('; ');
}

function lastLines(serial: string): string {
  if (serial === '') return '(nothing was printed)';
  const lines = printable(serial.slice(-8000)).split('\n');
  if (serial.length > 8000) lines[0] = '…';
  const shown = lines.slice(-serialLines).map(line => (line.length > 200 ? `${line.slice(0, 200)} …` : line));
  return (lines.length > serialLines && serial.length <= 8000 ? [`… ${lines.length - serialLines} lines before`] : [])
    .concat(shown)
    .join('\n');
}

/** A guest that prints without end must not fill the report. */
function shortened(text: string): string {
  const limit = 20_000;
  const lines = printable(text.length > limit ? text.slice(0, limit) : text).split('\n');
  const shown = lines.slice(0, 40);
  return text.length > limit || lines.length > shown.length ? `${shown.join('\n')}\n… ${text.length} characters in all` : shown.join('\n');
}

const width = 9;

/** Longer than this nobody reads what was expected or seen; the evidence has the whole. */
const fieldLimit = 2000;

function field(name: string, text: string): string[] {
  const [first, ...rest] = (text.length > fieldLimit ? `${text.slice(0, fieldLimit)} … (${text.length} characters)` : text).split('\n');
  return [`${name.padEnd(width)} ${first}`, ...rest.map(line => `${' '.repeat(width)} ${line}`)];
}

function block(name: string, text: string): string[] {
  return [name, ...text.split('\n').map(line => `  | ${line}`)];
}

/** Two texts, line by line: equal lines indented, missing ones with `-`, unexpected ones with `+`. */
export function difference(expected: string, seen: string): string {
  const a = printable(expected).split('\n');
  const b = printable(seen).split('\n');
  if (a.length * b.length > 1_000_000) return `expected ${a.length} lines, seen ${b.length} lines (too long to compare)`;
  // Longest common subsequence, from the end.
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--)
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  }
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push(`  ${visibleEnd(a[i++])}`);
      j++;
    } else if (i < a.length && (j >= b.length || table[i + 1][j] >= table[i][j + 1])) out.push(`- ${visibleEnd(a[i++])}`);
    else out.push(`+ ${visibleEnd(b[j++])}`);
  }
  return `- expected, + seen\n${condense(out).join('\n')}`;
}

/** Spaces at the end of a line are often the very difference. */
function visibleEnd(line: string): string {
  return line.replace(/[ \t]+$/, blanks => blanks.replaceAll(' ', '·').replaceAll('\t', '→'));
}

/** Keeps three equal lines around each difference. */
function condense(lines: string[]): string[] {
  const keep = new Set<number>();
  lines.forEach((line, index) => {
    if (line.startsWith('  ')) return;
    for (let k = index - 3; k <= index + 3; k++) keep.add(k);
  });
  const out: string[] = [];
  let hidden = 0;
  const flush = (): void => {
    if (hidden > 0) out.push(`  (${hidden} equal ${hidden === 1 ? 'line' : 'lines'})`);
    hidden = 0;
  };
  lines.forEach((line, index) => {
    if (keep.has(index)) {
      flush();
      out.push(line);
    } else {
      hidden++;
    }
  });
  flush();
  return out;
}
