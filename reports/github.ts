/** What GitHub Actions understands: annotations at the failing lines, and a summary of the job. */
import { appendFileSync } from 'node:fs';
import { printable } from '../views/printable.ts';
import { type ScenarioRecord, verdict } from './record.ts';

/** Summaries are cut off by GitHub at 1 MiB. */
const summaryLimit = 1_000_000;

const data = (text: string): string => printable(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

/** One workflow command for each failed scenario. Guest output cannot add commands of its own: its line ends are encoded. */
export function annotations(scenarios: readonly ScenarioRecord[]): string[] {
  return scenarios
    .filter(({ status }) => verdict(status) === 'failed')
    .map(scenario => {
      const bad = scenario.steps.find(({ status }) => verdict(status) === 'failed');
      const message = bad === undefined ? scenario.status : `${bad.keyword} ${bad.text}\n${bad.message ?? bad.status}`;
      return `::error file=${property(scenario.uri)},line=${bad?.line ?? scenario.line},title=${property(scenario.name)}::${data(message)}`;
    });
}

export function appendSummary(file: string, markdown: string): void {
  appendFileSync(
    file,
    markdown.length > summaryLimit ? `${markdown.slice(0, summaryLimit)}\n\n… cut off here; see the report.\n` : markdown,
  );
}
