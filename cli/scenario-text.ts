/** A failed scenario as a terminal shows it. */

import { type ScenarioRecord, verdict } from '../reports/record.ts';
import { printable } from '../views/printable.ts';
import { paint } from './progress.ts';

export function describeScenario(scenario: ScenarioRecord, terminal: { isTTY?: boolean }): string {
  const lines = [
    `${paint(terminal, 'red', '✗')} ${paint(terminal, 'bold', printable(scenario.name))}  ${paint(terminal, 'dim', `${scenario.uri}:${scenario.line}`)}`,
  ];
  const bad = scenario.steps.find(({ status }) => verdict(status) === 'failed');
  if (bad !== undefined) {
    lines.push(`    ${bad.keyword === '' ? 'hook' : bad.keyword} ${printable(bad.text)}`);
    lines.push(
      ...printable(bad.message ?? bad.status)
        .split('\n')
        .map(line => `    ${line}`),
    );
  }
  return lines.join('\n');
}
