/** A failed scenario as a terminal shows it. */

import type { ScenarioRecord } from '../reports/record.ts';
import { similarSentences } from '../steps/similar-sentences.ts';
import { paint } from './progress.ts';

export function describeScenario(scenario: ScenarioRecord, sentences: readonly string[], terminal: { isTTY?: boolean }): string {
  const lines = [
    `${paint(terminal, 'red', '✗')} ${paint(terminal, 'bold', scenario.name)}  ${paint(terminal, 'dim', `${scenario.uri}:${scenario.line}`)}`,
  ];
  const bad = scenario.steps.find(({ status }) => status !== 'passed' && status !== 'skipped' && status !== 'not-run');
  if (bad !== undefined) {
    lines.push(`    ${bad.keyword === '' ? 'hook' : bad.keyword} ${bad.text}`);
    if (bad.status === 'undefined') {
      const near = similarSentences(bad.text, sentences);
      lines.push(
        '    this step has no definition',
        ...(near.length > 0
          ? ['    did you mean:', ...near.map(sentence => `      ${sentence}`)]
          : ["    see 'boardspec steps' for what there is"]),
      );
    } else if (bad.message !== undefined) {
      lines.push(...bad.message.split('\n').map(line => `    ${line}`));
    }
  }
  return lines.join('\n');
}
