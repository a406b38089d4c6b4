import { describe, expect, test } from 'vitest';
import { compare } from './comparison.ts';
import { conformance, mergeRuns } from './conformance.ts';
import { annotations } from './github.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { page } from './page.ts';
import { hostile, sampleRun, sampleScenario } from './sample-run.ts';

const hostileScenario = sampleScenario(hostile, 'failed', {
  feature: hostile,
  reason: hostile,
  steps: [{ keyword: 'Then', text: hostile, status: 'failed', duration: 1, message: hostile, docString: hostile, table: [[hostile]] }],
  evidence: [{ name: hostile, mediaType: 'text/plain', body: hostile, encoding: 'text' }],
});
const hostileReport = conformance([sampleRun([hostileScenario], { errors: [hostile] })], [{ id: 'B1', title: hostile, group: hostile }]);
const options = { readEvidence: (_: unknown, { body }: { body?: string }) => Buffer.from(body ?? '') };

describe('whatever a board prints', () => {
  const html = page(hostileReport, options);

  test('adds no element and no script to the page', () => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('</pre><script');
    expect(html).not.toContain('\x1b');
    expect(html).not.toContain('\u202e');
  });

  test('could run nothing even if it did: the page allows its own script alone', () => {
    expect(html).toMatch(
      /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-[A-Za-z0-9+/=]+'"/,
    );
  });

  test('leaves the JUnit file well-formed', () => {
    const xml = junit(hostileReport);
    expect(xml).not.toContain('<script');
    expect(xml).not.toContain(']]>');
    expect(xml).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f]/);
    expect(xml.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  });

  test('ends no code block of the Markdown, and begins no HTML in it', () => {
    const text = markdown(hostileReport);
    const outside = text
      .split(/^(`{3,})text\n[\s\S]*?^\1$/m)
      .filter((_, index) => index % 2 === 0)
      .join('');
    expect(outside).not.toContain('<script');
    expect(outside).not.toContain('<img');
    expect(outside).not.toContain('<!--');
  });

  test('gives no command to GitHub Actions', () => {
    const lines = annotations(hostileReport.scenarios);
    expect(lines).toHaveLength(1);
    expect(lines[0].split('\n')).toHaveLength(1);
    expect(lines[0]).toContain('%250A');
  });
});

describe('the conformance report', () => {
  const rows = [
    { id: 'B1', title: 'It boots', group: 'Boot' },
    { id: 'B2', title: 'It boots safely', group: 'Boot' },
  ];

  test('says of each row and board whether it holds', () => {
    const other = { rows: ['B2'], tags: ['@B2'] };
    const state = (...scenarios: Parameters<typeof sampleRun>[0][number][]) =>
      conformance([sampleRun(scenarios)], rows).rows[0].cells['pyboard-v1.1 on emulator'].state;
    expect(state(sampleScenario('a', 'passed'))).toBe('holds');
    expect(state(sampleScenario('a', 'passed'), sampleScenario('b', 'failed'))).toBe('fails');
    expect(state(sampleScenario('a', 'passed'), sampleScenario('b', 'skipped'))).toBe('partly');
    expect(state(sampleScenario('a', 'skipped'))).toBe('open');
    expect(state(sampleScenario('a', 'passed', other))).toBe('unspecified');
  });

  test('counts a step without a definition as a failure', () => {
    expect(conformance([sampleRun([sampleScenario('a', 'undefined')])], rows).totals).toEqual({
      passed: 0,
      failed: 1,
      skipped: 0,
      'not-run': 0,
    });
  });

  test('shows rows that only a tag names', () => {
    const report = conformance([sampleRun([sampleScenario('a', 'passed', { rows: ['Z9'] })])], rows);
    expect(report.rows.map(({ id }) => id)).toEqual(['B1', 'B2', 'Z9']);
  });

  test('has a column for each board and target', () => {
    const lite = sampleScenario('a', 'passed', {
      facts: {
        ...sampleScenario('', 'passed').facts!,
        boards: [{ name: 'board', board: 'pyblite-v1.0', machine: 'PYBLITEv1.0', firmware: 'v1.27.0' }],
      },
    });
    const report = conformance([sampleRun([sampleScenario('a', 'passed'), lite])], rows);
    expect(report.columns.map(({ id }) => id)).toEqual(['pyblite-v1.0 on emulator', 'pyboard-v1.1 on emulator']);
  });

  test('has valid numbers in its page', () => {
    const html = page(
      conformance(
        [sampleRun([sampleScenario('a', 'passed'), sampleScenario('b', 'failed'), sampleScenario('c', 'skipped', { reason: 'no pins' })])],
        rows,
      ),
      options,
    );
    expect(html).toContain('1 of 3 scenarios failed');
    expect(html).toContain('skipped: no pins');
    expect(html).toContain('1.5 s virtual');
    expect(html).not.toContain('undefined');
    expect(html).not.toContain('NaN');
  });
});

describe('merging', () => {
  test('puts the shards of a run together', () => {
    const merged = mergeRuns([sampleRun([sampleScenario('a', 'passed')]), sampleRun([sampleScenario('b', 'failed')])]);
    expect(merged.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)).sort()).toEqual(['a', 'b']);
  });

  test('takes the later of two runs of the same scenario on the same board', () => {
    const merged = mergeRuns([
      sampleRun([sampleScenario('a', 'passed')], { started: '2026-01-03T00:00:00.000Z' }),
      sampleRun([sampleScenario('a', 'failed')]),
    ]);
    expect(merged.flatMap(({ scenarios }) => scenarios.map(({ status }) => status))).toEqual(['passed']);
  });

  test('keeps runs of the same scenario on several boards apart', () => {
    const facts = { ...sampleScenario('', 'passed').facts!, boards: [{ name: 'board', board: 'other', machine: '', firmware: '' }] };
    const merged = mergeRuns([sampleRun([sampleScenario('a', 'passed')]), sampleRun([sampleScenario('a', 'failed', { facts })])]);
    expect(merged.flatMap(({ scenarios }) => scenarios)).toHaveLength(2);
  });

  test('prefers a run to none', () => {
    const notRun = sampleScenario('a', 'not-run', { facts: undefined });
    const merged = mergeRuns([
      sampleRun([sampleScenario('a', 'passed')]),
      sampleRun([notRun], { started: '2026-01-03T00:00:00.000Z', interrupted: true }),
    ]);
    expect(merged.flatMap(({ scenarios }) => scenarios.map(({ status }) => status))).toEqual(['passed']);
  });
});

describe('comparing two runs', () => {
  test('tells what was broken, fixed, added and removed, and what takes longer', () => {
    const slower = { facts: { ...sampleScenario('', 'passed').facts!, virtualTime: 2_000_000_000 } };
    const older = sampleRun(
      ['broken', 'same', 'gone', 'slow'].map(name => sampleScenario(name, 'passed')).concat(sampleScenario('fixed', 'failed')),
    );
    const newer = sampleRun([
      sampleScenario('broken', 'failed'),
      sampleScenario('same', 'passed'),
      sampleScenario('slow', 'passed', slower),
      sampleScenario('fixed', 'passed'),
      sampleScenario('new', 'passed'),
    ]);
    const { since, ...lists } = compare([older], [newer]);
    const names = Object.fromEntries(Object.entries(lists).map(([list, changes]) => [list, changes.map(({ scenario }) => scenario.name)]));
    expect(names).toEqual({
      broken: ['broken'],
      fixed: ['fixed'],
      added: ['new'],
      removed: ['gone'],
      other: [],
      slower: ['slow'],
      faster: [],
    });
    expect(since).toContain('2026-01-02 03:04');
  });
});
