import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecord } from '../reports/record-file.ts';
import { packageRoot } from '../targets/package-root.ts';
import { Project } from './test-project.ts';

const projects: Project[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

function project(): Project {
  const made = new Project();
  projects.push(made);
  return made;
}

const good = `@P1
Feature: Good
  Scenario: one
    When the board runs "print(1)"
    Then it prints "1"
  Scenario: two
    When the board runs "print(2)"
    Then it prints "2"
`;
const mixed = `Feature: Mixed
  @P2
  Scenario: holds
    When the board runs "print(1)"
    Then it prints "1"
  Scenario: fails
    When the board runs "print(1)"
    Then it prints "2"
  Scenario: is skipped
    Given the board is a webassembly
    And pin X1 is driven high
`;

describe('boardspec test', () => {
  test('ends with exit code 0 when all passed, and says where the report is', () => {
    const { status, stdout } = project().write('features/good.feature', good).boardspec(['test']);
    expect(status).toBe(0);
    expect(stdout).toContain('2 passed, 0 failed');
    expect(stdout).toContain('Conformance report: reports/out/conformance.html');
  });

  test('ends with exit code 1 when something failed, and shows it at once', () => {
    const { status, stdout } = project().write('features/mixed.feature', mixed).boardspec(['test']);
    expect(status).toBe(1);
    expect(stdout).toContain('✗ fails  features/mixed.feature:6');
    expect(stdout).toContain('expected  the program to print "2"');
  });

  test('skips what a target cannot do, with the reason, and does not fail for it', () => {
    const made = project().write(
      'features/skip.feature',
      'Feature: S\n  Scenario: s\n    Given pin X1 is driven high\n    Then pin X1 is low\n',
    );
    const { status, stdout } = made.boardspec(['test', '--target', 'wasm']);
    expect(stdout).toContain('0 passed, 0 failed, 1 skipped');
    expect(status).toBe(0);
    const record = readRecord(made.path('reports/out/results.json'));
    expect(record.scenarios[0].reason).toBe('target "wasm" has no pins to measure and drive (it runs the language and its libraries only)');
  });

  test('writes a summary for other programs', () => {
    const made = project().write('features/mixed.feature', mixed);
    made.boardspec(['test', '--target', 'wasm', '--summary', 'out/sum.json']);
    expect(JSON.parse(readFileSync(made.path('out/sum.json'), 'utf8'))).toEqual({ passed: 1, failed: 1, skipped: 1 });
  });

  test.each([
    [['test', '--target', 'teapot'], 'target "teapot": there is no such target; there are: emulator, wasm'],
    [['test', '--target', 'serial'], 'not built yet'],
    [['test', '--board', 'pybord'], 'has no board "pybord"'],
    [['test', '--shard', '3/2'], '--shard takes i/n'],
    [['test', '--tags', '@none'], 'no scenario found'],
    [['test', '--retry', 'x'], '--retry takes a whole number'],
    [['test', '--flash', 'nowhere'], 'nowhere: there is no such folder or image'],
    [['test', '--rerun'], '--rerun needs the record of a run before'],
    [['report', 'nowhere'], 'nowhere: there is no such file or folder'],
    [['boards', 'pyboard-v1.2'], 'did you mean "pyboard-v1.1"'],
  ])('%j ends with one clear line on stderr', (args, message) => {
    const { status, stderr } = project().write('features/good.feature', good).boardspec(args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^boardspec: /);
  });

  test('runs again what failed, and completes the report', () => {
    const made = project().write('features/mixed.feature', mixed).write('features/good.feature', good);
    made.boardspec(['test']);
    made.write('features/mixed.feature', mixed.replace('prints "2"', 'prints "1"'));
    const { status, stdout } = made.boardspec(['test', '--rerun']);
    expect(status).toBe(0);
    expect(stdout).toContain('1 scenario on target');
    const record = readRecord(made.path('reports/out/results.json'));
    expect(record.scenarios).toHaveLength(5);
    expect(record.scenarios.filter(({ status }) => status === 'passed')).toHaveLength(4);
    expect(made.boardspec(['test', '--rerun']).stdout).toContain('Nothing failed in the last run');
  });

  test('runs shards that together are the whole, and merges their records', () => {
    const made = project().write('features/mixed.feature', mixed).write('features/good.feature', good);
    for (const shard of [1, 2]) made.boardspec(['test', '--shard', `${shard}/2`, '--out', `shards/${shard}`]);
    const { status, stdout } = made.boardspec(['report', 'shards', '--out', 'merged']);
    expect(status).toBe(0);
    expect(stdout).toContain('2 runs, 5 scenarios: 3 passed, 1 failed, 1 skipped');
    expect(readFileSync(made.path('merged/conformance.html'), 'utf8')).toContain('2 runs merged');
  });

  test('runs in several processes with the same result', () => {
    const made = project().write('features/mixed.feature', mixed).write('features/good.feature', good);
    expect(made.boardspec(['test', '--parallel', '2']).stdout).toContain('3 passed, 1 failed, 1 skipped');
  });

  test('gives the same report for the same seed', () => {
    const made = project().write(
      'features/noise.feature',
      'Feature: N\n  Scenario: n\n    When the board runs "import os; print(os.urandom(8))"\n    Then it prints "never"\n',
    );
    const message = (seed: string): string | undefined => {
      made.boardspec(['test', '--seed', seed]);
      return readRecord(made.path('reports/out/results.json')).scenarios[0].steps.find(({ message }) => message)?.message;
    };
    expect(message('7')).toBe(message('7'));
    expect(message('7')).not.toBe(message('8'));
  });

  test('shows without running what would run, and which steps have no definition', () => {
    const made = project().write(
      'features/odd.feature',
      'Feature: O\n  Scenario: o\n    When the board runs "print(1)"\n    Then it dances\n',
    );
    const { stdout } = made.boardspec(['test', '--dry-run']);
    expect(stdout).toContain('this step has no definition');
  });

  test('speaks GitHub when it runs there', () => {
    const made = project().write('features/mixed.feature', mixed);
    const { stdout } = made.boardspec(['test'], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: made.path('summary.md') });
    expect(stdout).toMatch(/^::error file=features\/mixed\.feature,line=8,title=fails::Then it prints "2"%0Aexpected /m);
    expect(readFileSync(made.path('summary.md'), 'utf8')).toContain('**1 passed, 1 failed, 1 skipped**');
  });

  test('takes files for the flash from a folder', () => {
    const made = project()
      .write('files/main.py', "print('from the folder')\n")
      .write(
        'features/f.feature',
        'Feature: F\n  Scenario: f\n    When the board powers on\n    Then the board prints "from the folder" within 5 s\n',
      );
    expect(made.boardspec(['test', '--flash', 'files']).stdout).toContain('1 passed, 0 failed');
  });

  test('writes the reports of what ran when it is interrupted', async () => {
    const made = project()
      .write('features/a.feature', 'Feature: Quick\n  Scenario: quick\n    When the board runs "print(1)"\n    Then it prints "1"\n')
      .write(
        'features/b.feature',
        'Feature: Long\n  Scenario: endless\n    When the board is started with "while True: pass"\n    And 24 h pass\n  Scenario: never\n    When the board runs "print(1)"\n',
      );
    const child = spawn(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), 'test', '--wall-limit', '600'], {
      cwd: made.folder,
      env: { ...process.env, NO_COLOR: '1' },
    });
    const ended = new Promise(resolve => child.once('exit', resolve));
    let output = '';
    await new Promise<void>(resolve => {
      child.stdout.on('data', data => {
        output += data;
        if (output.includes('Quick: 1 passed')) resolve();
      });
      child.once('exit', () => resolve());
    });
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const partial = made.path('reports/out/results.json');
    expect(existsSync(partial)).toBe(true);
    const record = readRecord(partial);
    expect(record.interrupted).toBe(true);
    expect(record.scenarios.map(({ name, status }) => [name, status])).toEqual([
      ['quick', 'passed'],
      ['endless', 'not-run'],
      ['never', 'not-run'],
    ]);
    expect(readFileSync(made.path('reports/out/conformance.html'), 'utf8')).toContain('The run was interrupted');
  });

  test('fails a guest that uses up its host time with a clear error, and goes on', () => {
    const made = project().write(
      'features/stuck.feature',
      'Feature: S\n  Scenario: stuck\n    When the board is started with "while True: pass"\n    And 24 h pass\n  Scenario: well\n    When the board runs "print(1)"\n    Then it prints "1"\n',
    );
    const { status, stdout } = made.boardspec(['test', '--wall-limit', '1']);
    expect(status).toBe(1);
    expect(stdout).toContain('1 passed, 1 failed');
    expect(stdout).toMatch(/took more than 1000 ms of host time/);
  });
});

describe('a project of its own', () => {
  let made: Project;
  beforeAll(() => {
    made = project();
    mkdirSync(made.path('sub'));
  });

  test('is made by init, and passes as it was made', () => {
    const { status, stdout } = made.boardspec(['init']);
    expect(status).toBe(0);
    expect(stdout).toContain('made features/blink.feature');
    expect(made.boardspec(['test']).stdout).toContain('2 passed, 0 failed');
  });

  test('is not overwritten by a second init', () => {
    writeFileSync(made.path('features/blink.feature'), 'Feature: mine\n');
    expect(made.boardspec(['init']).stdout).toContain('kept features/blink.feature');
    expect(readFileSync(made.path('features/blink.feature'), 'utf8')).toBe('Feature: mine\n');
  });

  test('lists its own steps beside those of the library', () => {
    const { stdout } = made.boardspec(['steps', 'variable']);
    expect(stdout).toContain('the variable {word} is {int}');
  });

  test('may write its own parts', () => {
    made.write(
      'steps/echo.mjs',
      `import { definePart } from 'boardspec/steps';
definePart({
  kind: 'adder', title: 'adds one', i2c: { address: 0x20 },
  controls: { by: { value: 1, unit: 'V' } },
  device: part => { let last = 0; return { write: byte => { last = byte; return true; }, read: () => last + part.controls.by }; },
});
`,
    );
    made.write(
      'features/part.feature',
      `Feature: P
  Scenario: p
    Given an adder called "a" is wired:
      | scl | X9  |
      | sda | X10 |
    And the by of "a" is set to 5 V
    When the board runs "import pyb; i = pyb.I2C(1, pyb.I2C.CONTROLLER); i.send(10, 0x20); print(i.recv(1, 0x20))"
    Then it prints "b'\\x0f'"
`,
    );
    const { stdout } = made.boardspec(['test', 'features/part.feature']);
    expect(stdout).toContain('1 passed, 0 failed');
  });

  test('may define its own boards', () => {
    made.write(
      'boards/small.yaml',
      'extends: pyboard-v1.1\nname: small\nidentity: { machine: SMALL with STM32F405RG }\nmemory: { heap: 60000 }\n',
    );
    made.write('steps/board.mjs', "import { defineBoard } from 'boardspec/steps';\ndefineBoard('boards/small.yaml');\n");
    made.write(
      'features/board.feature',
      `Feature: B
  Scenario: b
    Given the board is a small
    When the board runs "import gc, os; print(os.uname().machine, gc.mem_free() + gc.mem_alloc())"
    Then it prints "SMALL with STM32F405RG 60000"
`,
    );
    expect(made.boardspec(['test', 'features/board.feature']).stdout).toContain('1 passed, 0 failed');
    made.write('boards/wrong.yaml', 'extends: pyboard-v1.1\nname: wrong\nhardware: { leds: [{ id: 1, pin: PZ9, color: red, lit: 1 }] }\n');
    const { status, stderr } = made.boardspec(['test', '--board', 'boards/wrong.yaml']);
    expect(status).toBe(1);
    expect(stderr).toContain('hardware.leds[0].pin');
  });

  test('may run cucumber-js by itself, with our formatter', () => {
    made.write('features/plain.feature', good);
    made.write('steps/boardspec.mjs', "import 'boardspec/steps';\n");
    const cucumber = join(packageRoot, 'node_modules', '@cucumber', 'cucumber', 'bin', 'cucumber.js');
    const child = spawn(
      process.execPath,
      [
        cucumber,
        'features/plain.feature',
        '--import',
        'steps/boardspec.mjs',
        '--format',
        `file://${join(packageRoot, 'dist/reports/formatter.js')}:out/results.json`,
        '--format',
        'summary',
      ],
      { cwd: made.folder },
    );
    return new Promise<void>((resolve, reject) => {
      child.once('exit', code => {
        try {
          expect(code).toBe(0);
          expect(readRecord(made.path('out/results.json')).scenarios).toHaveLength(2);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  });
});
