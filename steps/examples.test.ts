import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfiguration, loadSupport, runCucumber } from '@cucumber/cucumber/api';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScenarioRecord } from '../reports/record.ts';
import { RunRecorder } from '../reports/recorder.ts';
import { builtFile, packageRoot } from '../targets/package-root.ts';
import { type Example, exampleFeature, examples } from './examples.ts';
import type { StepDefinition } from './step.ts';

// All examples run in one go, before the tests are told apart: a process for each would take minutes.
const folder = mkdtempSync(join(tmpdir(), 'boardspec-examples-'));
const { list, results } = await run();

async function run(): Promise<{ list: Example[]; results: Map<string, ScenarioRecord> }> {
  const file = builtFile('steps/index.js');
  const environment = { cwd: packageRoot, stdout: process.stderr, stderr: process.stderr };
  const { runConfiguration } = await loadConfiguration(
    { file: false, provided: { paths: [folder], import: [file], publish: false } },
    environment,
  );
  const support = await loadSupport(runConfiguration, environment);
  const { library } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { library: readonly StepDefinition[] };
  const list = examples(library);
  writeFileSync(join(folder, 'examples.feature'), exampleFeature(list));
  const recorder = new RunRecorder({});
  runConfiguration.formats.stdout = builtFile('reports/silent.js');
  await runCucumber({ ...runConfiguration, support }, environment, envelope => recorder.accept(envelope));
  const record = recorder.record();
  expect(record.errors).toEqual([]);
  return { list, results: new Map(record.scenarios.map(scenario => [scenario.name, scenario])) };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the example of each step', () => {
  test.for(list)('$name', ({ name, says, step }, { skip }) => {
    const scenario = results.get(name)!;
    const failed = scenario.steps.find(({ status }) => status !== 'passed');
    if (scenario.status === 'skipped' && scenario.reason?.includes('not built')) skip(scenario.reason);
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
