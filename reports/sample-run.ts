/** A run record for the tests of reports: one scenario of each state, with hostile output in it. */
import { type RunRecord, recordFormat, type ScenarioRecord, type Status } from './record.ts';

/** What a board might print or name a file, to break a report. */
export const hostile = '</pre><script>alert(1)</script>"\'&<img src=x onerror=alert(2)>]]>\x1b[2J\u202etxt.exe ``` | <!-- %0A::error::';

export function sampleScenario(name: string, status: Status, change: Partial<ScenarioRecord> = {}): ScenarioRecord {
  const facts = {
    target: 'emulator',
    boards: [{ name: 'board', board: 'pyboard-v1.1', machine: 'PYBv1.1 with STM32F405RG', firmware: 'v1.27.0' }],
    virtualTime: 1_500_000_000,
    seed: 1,
    checks: 2,
  };
  return {
    id: `features/sample.feature##${name}`,
    uri: 'features/sample.feature',
    line: 3,
    feature: 'A sample',
    name,
    tags: ['@B1'],
    rows: ['B1'],
    status,
    attempts: 1,
    duration: 12.5,
    facts,
    steps: [
      { keyword: 'When', text: 'something happens', line: 4, status: 'passed', duration: 1 },
      {
        keyword: 'Then',
        text: 'it is seen',
        line: 5,
        status,
        duration: 2,
        ...(status === 'failed' ? { message: 'expected  this\nseen      that' } : {}),
      },
    ],
    evidence: [],
    ...change,
  };
}

export function sampleRun(scenarios: readonly ScenarioRecord[], change: Partial<RunRecord> = {}): RunRecord {
  return {
    format: recordFormat,
    boardspec: '0.1.0',
    started: '2026-01-02T03:04:05.000Z',
    finished: '2026-01-02T03:04:06.000Z',
    interrupted: false,
    request: { target: 'emulator', seed: 1 },
    environment: { node: 'v20.0.0', platform: 'linux x64', cucumber: '12.9.0' },
    scenarios,
    errors: [],
    ...change,
  };
}
