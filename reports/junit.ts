/** JUnit XML, as CI systems read it: a suite for each feature and board, a case for each scenario. */

import { escapeXml as e } from '../views/printable.ts';
import type { Conformance, PlacedScenario } from './conformance.ts';
import { totals, verdict } from './record.ts';

export function junit(report: Conformance): string {
  const suites = new Map<string, PlacedScenario[]>();
  for (const scenario of report.scenarios) {
    const name = `${scenario.feature || scenario.uri} (${scenario.columns.join(', ')})`;
    suites.set(name, [...(suites.get(name) ?? []), scenario]);
  }
  const all = totals(report.scenarios);
  const seconds = (list: readonly PlacedScenario[]): string => (list.reduce((sum, { duration }) => sum + duration, 0) / 1000).toFixed(3);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="boardspec" tests="${report.scenarios.length}" failures="${all.failed}" errors="${report.errors.length}" skipped="${all.skipped + all['not-run']}" time="${seconds(report.scenarios)}">`,
  ];
  for (const [name, list] of suites) {
    const sum = totals(list);
    lines.push(
      `  <testsuite name="${e(name)}" tests="${list.length}" failures="${sum.failed}" errors="0" skipped="${sum.skipped + sum['not-run']}" time="${seconds(list)}" timestamp="${e(report.runs[0]?.started.slice(0, 19) ?? '')}">`,
    );
    for (const scenario of list) lines.push(...testCase(scenario));
    lines.push('  </testsuite>');
  }
  if (report.errors.length > 0) {
    lines.push(
      `  <testsuite name="outside of scenarios" tests="${report.errors.length}" failures="0" errors="${report.errors.length}" skipped="0" time="0">`,
    );
    for (const [index, error] of report.errors.entries()) {
      const name = `error ${index + 1}`;
      lines.push(
        `    <testcase classname="boardspec" name="${name}" time="0"><error message="${e(error.split('\n')[0])}">${e(error)}</error></testcase>`,
      );
    }
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>');
  return `${lines.join('\n')}\n`;
}

function testCase(scenario: PlacedScenario): string[] {
  const attributes = `classname="${e(scenario.feature || scenario.uri)}" name="${e(scenario.name)}" time="${(scenario.duration / 1000).toFixed(3)}" file="${e(scenario.uri)}" line="${scenario.line}"`;
  const state = verdict(scenario.status);
  if (state === 'passed') return [`    <testcase ${attributes}/>`];
  const bad = scenario.steps.find(({ status }) => verdict(status) === 'failed');
  const message = bad?.message ?? (bad === undefined ? (scenario.reason ?? 'did not run') : bad.status);
  const steps = scenario.steps.map(({ keyword, text, status }) => `${keyword} ${text} … ${status}`).join('\n');
  const verdictLine =
    state === 'failed'
      ? `<failure message="${e(`${bad?.keyword ?? ''} ${bad?.text ?? ''}`.trim())}" type="${e(scenario.status)}">${e(message)}</failure>`
      : `<skipped message="${e(message)}"/>`;
  return [`    <testcase ${attributes}>`, `      ${verdictLine}`, `      <system-out>${e(steps)}</system-out>`, '    </testcase>'];
}
