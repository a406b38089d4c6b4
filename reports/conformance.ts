/** Boards × rows × scenarios: what holds where. The HTML page, the Markdown, the JSON and the JUnit file show this. */
import { type RunRecord, type ScenarioRecord, type Totals, totals, verdict } from './record.ts';
import type { Row } from './rows.ts';

export const conformanceFormat = 'boardspec-conformance/1';

/**
 * `holds`: all scenarios passed. `partly`: none failed and some passed, but others were skipped or did not run.
 * `open`: none ran to its end. `unspecified`: there is no scenario.
 */
export type CellState = 'holds' | 'fails' | 'partly' | 'open' | 'unspecified';

export interface Cell extends Totals {
  readonly state: CellState;
}

/** A board as one target played it: a column of the report. */
export interface Column {
  /** Unique: `pyboard-v1.1 on emulator`. */
  readonly id: string;
  readonly board: string;
  readonly target: string;
  readonly machine: string;
  readonly firmware: string;
}

export interface ConformanceRow extends Row {
  /** By column id. */
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Conformance {
  readonly format: typeof conformanceFormat;
  readonly generated: string;
  readonly boardspec: string;
  readonly totals: Totals;
  readonly columns: readonly Column[];
  readonly rows: readonly ConformanceRow[];
  readonly scenarios: readonly PlacedScenario[];
  readonly runs: readonly Omit<RunRecord, 'scenarios'>[];
  readonly errors: readonly string[];
}

/** A scenario, and the columns to which it speaks. */
export interface PlacedScenario extends ScenarioRecord {
  readonly columns: readonly string[];
}

/** Where a scenario belongs that did not get as far as having a board. */
const nowhere: Column = { id: 'no board', board: '', target: '', machine: '', firmware: '' };

export function conformance(runs: readonly RunRecord[], rows: readonly Row[], now = new Date()): Conformance {
  const columns = new Map<string, Column>();
  const scenarios: PlacedScenario[] = [];
  for (const run of runs) {
    const fallback = columnOf(run);
    for (const scenario of run.scenarios) {
      const own = (scenario.facts?.boards ?? []).map(({ board, machine, firmware }) => {
        const target = scenario.facts!.target;
        return { id: `${board} on ${target}`, board, target, machine, firmware };
      });
      const placed = own.length > 0 ? own : [fallback];
      for (const column of placed) {
        const known = columns.get(column.id);
        if (known === undefined || known.machine === '') columns.set(column.id, column);
      }
      scenarios.push({ ...scenario, columns: [...new Set(placed.map(({ id }) => id))] });
    }
  }
  const ordered = [...columns.values()].sort((a, b) =>
    a.id === nowhere.id ? 1 : b.id === nowhere.id ? -1 : count(scenarios, b) - count(scenarios, a) || (a.id < b.id ? -1 : 1),
  );
  return {
    format: conformanceFormat,
    generated: now.toISOString(),
    boardspec: runs[0]?.boardspec ?? '',
    totals: totals(scenarios),
    columns: ordered,
    rows: allRows(scenarios, rows).map(row => ({
      ...row,
      cells: Object.fromEntries(
        ordered.map(({ id }) => [id, cell(scenarios.filter(({ rows, columns }) => rows.includes(row.id) && columns.includes(id)))]),
      ),
    })),
    scenarios,
    runs: runs.map(({ scenarios: _, ...rest }) => rest),
    errors: [...new Set(runs.flatMap(({ errors }) => errors))],
  };
}

/** The column of a scenario that opened no board: that of the run, if it was told one. */
function columnOf(run: RunRecord): Column {
  const target = run.request.target;
  const boards = run.scenarios.flatMap(({ facts }) => (facts?.target === target ? facts!.boards : []));
  const board = run.request.board ?? mostFrequent(boards.map(({ board }) => board));
  if (board === undefined || target === undefined) return nowhere;
  const known = boards.find(known => known.board === board);
  return { id: `${board} on ${target}`, board, target, machine: known?.machine ?? '', firmware: known?.firmware ?? '' };
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function count(scenarios: readonly PlacedScenario[], column: Column): number {
  return scenarios.filter(({ columns }) => columns.includes(column.id)).length;
}

/** The rows of the project, and those that only tags name. */
function allRows(scenarios: readonly ScenarioRecord[], rows: readonly Row[]): Row[] {
  const known = new Set(rows.map(({ id }) => id));
  const tagged = [...new Set(scenarios.flatMap(({ rows }) => rows))]
    .filter(id => !known.has(id))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return [...rows, ...tagged.map(id => ({ id, title: '', group: rows.length > 0 ? 'Other rows' : '' }))];
}

export function cell(scenarios: readonly ScenarioRecord[]): Cell {
  const sum = totals(scenarios);
  return { ...sum, state: stateOf(sum) };
}

function stateOf({ passed, failed, skipped, 'not-run': notRun }: Totals): CellState {
  if (failed > 0) return 'fails';
  if (passed === 0) return skipped + notRun > 0 ? 'open' : 'unspecified';
  return skipped + notRun > 0 ? 'partly' : 'holds';
}

/**
 * One record of several: shards of one run, runs of several boards, or repetitions. A scenario that ran again on the same board and target
 * counts as it went last; what is `not-run` in one record gives way to any other.
 */
export function mergeRuns(runs: readonly RunRecord[]): RunRecord[] {
  const sorted = [...runs].sort((a, b) => (a.started < b.started ? -1 : 1));
  const best = new Map<string, { run: number; scenario: ScenarioRecord }>();
  sorted.forEach((run, index) => {
    for (const scenario of run.scenarios) {
      const where = scenario.facts?.boards.map(({ board }) => board).join('+') || run.request.board || '';
      const key = `${scenario.id}\n${scenario.facts?.target ?? run.request.target}\n${where}`;
      const before = best.get(key);
      if (before === undefined || verdict(scenario.status) !== 'not-run') best.set(key, { run: index, scenario });
    }
  });
  // A scenario that never got its turn in one record and ran in another of the same kind has no board there: drop the shadow.
  const kind = (run: number, { id }: ScenarioRecord): string => [id, sorted[run].request.target, sorted[run].request.board].join('\n');
  const ran = new Set(
    [...best.values()].filter(({ scenario }) => scenario.status !== 'not-run').map(({ run, scenario }) => kind(run, scenario)),
  );
  return sorted.map((run, index) => ({
    ...run,
    scenarios: [...best.values()]
      .filter(({ run, scenario }) => run === index && !(scenario.status === 'not-run' && ran.has(kind(run, scenario))))
      .map(({ scenario }) => scenario),
  }));
}
