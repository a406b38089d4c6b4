/**
 * What specs cost: small scenarios, each with a fresh board, through cucumber-js on two workers; and where the time goes. Beside the whole, two parts of it
 * run alone: cucumber-js with as many scenarios whose steps do nothing, and the same boards without cucumber. What is left over is steps, evidence and reports.
 *
 *   node dist/bench/specs.js [--scenarios N] [--rounds N]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createPool } from '../emulator/session/pool.ts';
import { packageRoot } from '../targets/package-root.ts';

const { values } = parseArgs({ options: { scenarios: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } } });
const SCENARIOS = Number(values.scenarios);
const ROUNDS = Number(values.rounds);
const FEATURE = 25;

/** Three kinds in turn: a program, a pin, the prompt. */
const kinds = [
  (i: number) => `When the board runs "print(${i} * 7)"\n    Then it prints "${i * 7}"`,
  () => `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"\n    Then pin X1 is high`,
  (i: number) => `When "${i} + 1" is typed\n    Then the board answers "${i + 1}"`,
];

function features(folder: string, step: (i: number) => string): void {
  mkdirSync(folder, { recursive: true });
  for (let first = 0; first < SCENARIOS; first += FEATURE) {
    const scenarios = Array.from({ length: Math.min(FEATURE, SCENARIOS - first) }, (_, k) => first + k);
    const text = scenarios.map(i => `  Scenario: number ${i}\n    ${step(i)}\n`).join('\n');
    writeFileSync(join(folder, `f${first}.feature`), `Feature: From ${first}\n\n${text}`);
  }
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a command to its end; processor time is that of all its processes. */
function command(args: readonly string[], cwd: string): Cost {
  const start = performance.now();
  const script = `const { spawnSync } = require('node:child_process');
const { status, stdout, stderr } = spawnSync(process.execPath, ${JSON.stringify(args)}, { encoding: 'utf8', maxBuffer: 1 << 28 });
process.stdout.write(JSON.stringify({ status, tail: (stdout + stderr).slice(-400) }));`;
  // The shell's `times` tells what its children and their children have used.
  const result = spawnSync('/bin/sh', ['-c', 'node -e "$0"; times', script], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  const wall = performance.now() - start;
  const end = result.stdout.lastIndexOf('}') + 1;
  const { status, tail } = JSON.parse(result.stdout.slice(0, end)) as { status: number; tail: string };
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${tail}`);
  const times = [...result.stdout.slice(end).matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return { wall: wall / 1000, cpu: times.reduce((sum, time) => sum + time, 0) };
}

/** The same boards and the same typing, without cucumber: in one thread after the other. */
async function boardsAlone(): Promise<Cost> {
  const pool = createPool();
  const since = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < SCENARIOS; i++) {
    const session = await pool.open({ boards: [{ name: 'board', board: 'pyboard-v1.1' }] });
    const board = session.boards.get('board')!;
    await board.powerOn();
    await session.advanceUntil({ kind: 'idle', board: 'board' }, 20e9);
    await board.execute(`print(${i} * 7)\n`, 60e9);
    await session.close();
  }
  const { user, system } = process.cpuUsage(since);
  await pool.close();
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

function median(costs: readonly Cost[]): Cost {
  const middle = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];
  return { wall: middle(costs.map(({ wall }) => wall)), cpu: middle(costs.map(({ cpu }) => cpu)) };
}

const folder = mkdtempSync(join(tmpdir(), 'boardspec-bench-'));
try {
  features(join(folder, 'features'), i => kinds[i % kinds.length](i));
  features(join(folder, 'empty', 'features'), () => 'When nothing is done\n    Then nothing has changed');
  const cucumber = join(dirname(createRequire(import.meta.url).resolve('@cucumber/cucumber/package.json')), 'bin', 'cucumber.js');
  const cucumberModule = createRequire(import.meta.url).resolve('@cucumber/cucumber');
  writeFileSync(
    join(folder, 'empty', 'steps.cjs'),
    `const { Given } = require(${JSON.stringify(cucumberModule)});\nGiven('nothing is done', async () => {});\nGiven('nothing has changed', async () => {});\n`,
  );
  const boardspec = join(packageRoot, 'bin', 'boardspec.mjs');
  const whole: Cost[] = [];
  const alone: Cost[] = [];
  const boards: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    whole.push(command([boardspec, 'test', '--parallel', '2', '--quiet', '--out', join(folder, 'out')], folder));
    alone.push(command([cucumber, '--parallel', '2', '--require', 'steps.cjs', '--format', 'summary'], join(folder, 'empty')));
    boards.push(await boardsAlone());
  }
  const [all, bare, only] = [whole, alone, boards].map(median);
  const show = (name: string, { wall, cpu }: Cost) =>
    console.log(
      `${name.padEnd(44)} ${wall.toFixed(1).padStart(7)} s   cpu ${cpu.toFixed(1).padStart(6)} s   ${((cpu / all.cpu) * 100).toFixed(0).padStart(4)} %`,
    );
  show(`${SCENARIOS} scenarios, boardspec test, two workers`, all);
  show('cucumber-js alone, steps that do nothing', bare);
  show('boards alone, one after the other', only);
  show('steps, evidence and reports (the rest)', { wall: 0, cpu: all.cpu - bare.cpu - only.cpu });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
