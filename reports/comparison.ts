/** What changed between two runs. */
import { type RunRecord, type ScenarioRecord, verdict } from './record.ts';

export interface Change {
  readonly scenario: ScenarioRecord;
  readonly before?: ScenarioRecord;
}

export interface Comparison {
  /** What the older runs are called, for the page. */
  readonly since: string;
  readonly broken: readonly Change[];
  readonly fixed: readonly Change[];
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
  /** Passed or failed before, skipped or not run now; or the other way round. */
  readonly other: readonly Change[];
  /** Virtual time differs by more than 1 %, and by more than 1 ms. */
  readonly slower: readonly Change[];
  readonly faster: readonly Change[];
}

function keyed(runs: readonly RunRecord[]): Map<string, ScenarioRecord> {
  return new Map(
    runs.flatMap(({ scenarios, request }) =>
      scenarios.map(scenario => [
        `${scenario.id}\n${scenario.facts?.target ?? request.target}\n${scenario.facts?.boards.map(({ board }) => board).join('+') || request.board || ''}`,
        scenario,
      ]),
    ),
  );
}

export function compare(older: readonly RunRecord[], newer: readonly RunRecord[]): Comparison {
  const before = keyed(older);
  const after = keyed(newer);
  const lists: Record<Exclude<keyof Comparison, 'since'>, Change[]> = {
    broken: [],
    fixed: [],
    added: [],
    removed: [],
    other: [],
    slower: [],
    faster: [],
  };
  for (const [key, scenario] of after) {
    const was = before.get(key);
    if (was === undefined) {
      lists.added.push({ scenario });
      continue;
    }
    const change = { scenario, before: was };
    const from = verdict(was.status);
    const to = verdict(scenario.status);
    if (from !== to) {
      if (to === 'failed') lists.broken.push(change);
      else if (from === 'failed' && to === 'passed') lists.fixed.push(change);
      else lists.other.push(change);
    } else if (to === 'passed' && was.facts?.virtualTime !== undefined && scenario.facts?.virtualTime !== undefined) {
      const difference = scenario.facts.virtualTime - was.facts.virtualTime;
      if (Math.abs(difference) > 1e6 && Math.abs(difference) > 0.01 * was.facts.virtualTime)
        (difference > 0 ? lists.slower : lists.faster).push(change);
    }
  }
  for (const [key, scenario] of before) if (!after.has(key)) lists.removed.push({ scenario });
  const first = older[0];
  const revision = first?.environment.git?.revision?.slice(0, 10);
  return {
    since:
      first === undefined
        ? ''
        : `the run of ${first.started.slice(0, 16).replace('T', ' ')} UTC${revision === undefined ? '' : ` (${revision})`}`,
    ...lists,
  };
}
