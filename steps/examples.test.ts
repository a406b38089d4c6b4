import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScenarioRecord } from '../reports/record.ts';
import { readRecord, recordFileName } from '../reports/record-file.ts';
import { packageRoot } from '../targets/package-root.ts';
import { exampleFeature, examples } from './examples.ts';
import type { StepDefinition } from './step.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function boardspec(...args: string[]): string {
  const result = spawnSync(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), ...args], {
    cwd: packageRoot,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0 && result.status !== 1) throw new Error(`boardspec ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** Examples that wait for hardware which the virtual board does not have yet: docs/status.md says what that is. */
const awaited = new Set<string>([]);

function awaitsHardware({ name, reason, steps }: ScenarioRecord): boolean {
  if (awaited.has(name) || reason?.includes('not built') === true) return true;
  return steps.some(({ message }) => /no module named '(pyb|machine|stm)'|'module' object has no attribute/.test(message ?? ''));
}

// All examples run in one go, before the tests are told apart: a process for each would take minutes.
const { library } = JSON.parse(boardspec('steps', '--json')) as { library: StepDefinition[] };
const list = examples(library);
const file = join(folder, 'examples.feature');
writeFileSync(file, exampleFeature(list));
boardspec('test', file, '--out', folder, '--quiet', '--parallel', '0');
const record = readRecord(join(folder, recordFileName));
const results = new Map(record.scenarios.map(scenario => [scenario.name, scenario]));

test('nothing goes wrong outside of the examples', () => {
  expect(record.errors).toEqual([]);
});

describe('the example of each step', () => {
  test.for(list)('$name', ({ name, says, step }, { skip }) => {
    const scenario = results.get(name)!;
    const failed = scenario.steps.find(({ status }) => status !== 'passed');
    if (awaitsHardware(scenario)) skip('the virtual board does not have this yet');
    if (says === undefined) {
      expect(failed === undefined ? 'passed' : `${failed.text}\n${failed.message}\n${scenario.reason ?? ''}`).toBe('passed');
      return;
    }
    expect(scenario.status, scenario.reason ?? failed?.message).toBe('failed');
    expect(failed!.message).toContain(says);
    // It is the last step that fails, not one that only leads there.
    expect(scenario.steps.filter(({ keyword }) => keyword !== '').at(-1)!.text, step.expression).toBe(failed!.text);
  });
});
