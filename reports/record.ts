/**
 * What a run left behind, as data: every scenario with its state, its place, its board and its evidence. The reports
 * are views of it; shards and repeated runs are merged in it. `reports/schema/run.schema.json` describes the file.
 */
import type { ScenarioFacts } from '../steps/facts.ts';

/** Format of the file; raised when a reader of the old one would misread the new one. */
export const recordFormat = 'boardspec-run/1';

/** `not-run`: the run ended before its turn. `undefined`: a step has no definition. */
export type Status = 'passed' | 'failed' | 'skipped' | 'undefined' | 'ambiguous' | 'pending' | 'not-run';

export interface RunRecord {
  readonly format: typeof recordFormat;
  readonly boardspec: string;
  /** ISO 8601. */
  readonly started: string;
  readonly finished: string;
  /** Ended by Ctrl-C or a signal. */
  readonly interrupted: boolean;
  /** What was asked for. */
  readonly request: RunRequest;
  readonly environment: Environment;
  readonly scenarios: readonly ScenarioRecord[];
  /** What went wrong outside of scenarios: files that do not parse, hooks of the run. */
  readonly errors: readonly string[];
}

export interface RunRequest {
  readonly target?: string;
  readonly board?: string;
  readonly seed?: number;
  readonly paths?: readonly string[];
  readonly tags?: string;
  readonly names?: readonly string[];
  readonly shard?: string;
}

export interface Environment {
  readonly node: string;
  readonly platform: string;
  readonly cucumber: string;
  readonly ci?: { readonly name: string; readonly url?: string };
  readonly git?: { readonly revision?: string; readonly branch?: string };
}

export interface ScenarioRecord {
  /** Same in every run: the file, the path of names to it, and the number among those of the same name. */
  readonly id: string;
  readonly uri: string;
  readonly line: number;
  readonly feature: string;
  readonly rule?: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** Mission rows that it specifies, from its tags: `L8`. */
  readonly rows: readonly string[];
  readonly status: Status;
  /** Why it was skipped. */
  readonly reason?: string;
  /** 1 for a scenario that was run once. */
  readonly attempts: number;
  /** Milliseconds of host time. */
  readonly duration: number;
  readonly facts?: ScenarioFacts;
  readonly steps: readonly StepRecord[];
  readonly evidence: readonly EvidenceRecord[];
}

export interface StepRecord {
  /** `Given`, `When` …; empty for a hook. */
  readonly keyword: string;
  readonly text: string;
  readonly line?: number;
  readonly docString?: string;
  readonly table?: readonly (readonly string[])[];
  readonly status: Status;
  /** Milliseconds of host time. */
  readonly duration: number;
  readonly message?: string;
}

export interface EvidenceRecord {
  readonly name: string;
  readonly mediaType: string;
  /** Where it is, from the folder of the record; set when it was written. */
  readonly file?: string;
  readonly body?: string;
  readonly encoding?: 'text' | 'base64';
}

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  'not-run': number;
}

/** Undefined, ambiguous and pending steps are failures: nothing was shown to hold. */
export function totals(scenarios: readonly Pick<ScenarioRecord, 'status'>[]): Totals {
  const sum: Totals = { passed: 0, failed: 0, skipped: 0, 'not-run': 0 };
  for (const { status } of scenarios) sum[verdict(status)]++;
  return sum;
}

export function verdict(status: Status): keyof Totals {
  return status === 'passed' || status === 'skipped' || status === 'not-run' ? status : 'failed';
}

/** The rows of a scenario's tags: a letter and a number, as in shared mission tables. */
export function rowsOf(tags: readonly string[]): string[] {
  return tags.filter(tag => /^@[A-Z]\d{1,2}$/.test(tag)).map(tag => tag.slice(1));
}
