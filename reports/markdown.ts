/** The conformance report in Markdown: for a job summary, a pull request, or a documentation page. */

import { escapeMarkdown as e, markdownBlock } from '../views/printable.ts';
import type { Comparison } from './comparison.ts';
import type { Cell, Conformance } from './conformance.ts';
import { verdict } from './record.ts';

const cellText = (cell: Cell): string => {
  const all = cell.passed + cell.failed + cell.skipped + cell['not-run'];
  return {
    holds: `✅ ${cell.passed}`,
    fails: `❌ ${cell.failed} of ${all}`,
    partly: `☑️ ${cell.passed} of ${all}`,
    open: `➖ ${all}`,
    unspecified: '',
  }[cell.state];
};

export function markdown(report: Conformance, options: { readonly comparison?: Comparison; readonly title?: string } = {}): string {
  const { totals, columns, rows, scenarios } = report;
  const lines = [`# ${e(options.title ?? 'Conformance report')}`, ''];
  lines.push(
    `**${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}${totals['not-run'] > 0 ? `, ${totals['not-run']} not run` : ''}**`,
    '',
  );
  for (const { id, machine, firmware } of columns) lines.push(`- ${e(id)}${machine === '' ? '' : `: ${e(machine)}, ${e(firmware)}`}`);
  if (report.errors.length > 0) lines.push('', '## Outside of scenarios', '', ...report.errors.map(markdownBlock));
  if (options.comparison !== undefined) lines.push('', ...comparisonLines(options.comparison));
  const specified = rows.filter(({ cells }) => Object.values(cells).some(({ state }) => state !== 'unspecified'));
  if (specified.length > 0) {
    lines.push(
      '',
      '## What holds where',
      '',
      `| row | ${columns.map(({ id }) => e(id)).join(' | ')} |`,
      `| --- | ${columns.map(() => '---').join(' | ')} |`,
    );
    for (const row of specified)
      lines.push(`| **${e(row.id)}** ${e(row.title)} | ${columns.map(({ id }) => cellText(row.cells[id])).join(' | ')} |`);
    const unspecified = rows.filter(row => !specified.includes(row));
    if (unspecified.length > 0) lines.push('', `Without a scenario: ${unspecified.map(({ id }) => e(id)).join(', ')}.`);
  }
  const failed = scenarios.filter(({ status }) => verdict(status) === 'failed');
  if (failed.length > 0) {
    lines.push('', '## Failures');
    for (const scenario of failed) {
      const bad = scenario.steps.find(({ status }) => verdict(status) === 'failed');
      lines.push('', `### ${e(scenario.name)}`, '', `${e(`${scenario.uri}:${scenario.line}`)} on ${e(scenario.columns.join(', '))}`);
      if (bad !== undefined) lines.push('', `${e(`${bad.keyword} ${bad.text}`)}`, '', markdownBlock(bad.message ?? bad.status));
    }
  }
  const skipped = scenarios.filter(({ status }) => verdict(status) === 'skipped');
  if (skipped.length > 0) {
    lines.push('', '## Skipped', '', '| scenario | reason |', '| --- | --- |');
    for (const { name, reason } of skipped) lines.push(`| ${e(name)} | ${e(reason ?? '')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function comparisonLines(comparison: Comparison): string[] {
  const lists = [
    ['Broken', comparison.broken],
    ['Fixed', comparison.fixed],
    ['New', comparison.added],
    ['Gone', comparison.removed],
    ['Changed otherwise', comparison.other],
    ['Slower in virtual time', comparison.slower],
    ['Faster in virtual time', comparison.faster],
  ] as const;
  const filled = lists.filter(([, changes]) => changes.length > 0);
  return [
    `## Changes since ${e(comparison.since)}`,
    '',
    ...(filled.length === 0
      ? ['Nothing changed.']
      : filled.flatMap(([title, changes]) => [
          `**${title}: ${changes.length}**`,
          '',
          ...changes.map(({ scenario }) => `- ${e(scenario.feature)}: ${e(scenario.name)}`),
          '',
        ])),
  ];
}
