/** `boardspec test`: runs specs through cucumber-js, in process, and writes the reports. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { loadConfiguration, loadSources, runCucumber } from '@cucumber/cucumber/api';
import { checkBoard } from '../emulator/board/check-board.ts';
import { allureFormatter, beginAllureResults } from '../reports/allure.ts';
import { annotations, appendSummary } from '../reports/github.ts';
import { markdown } from '../reports/markdown.ts';
import { type RunRecord, type RunRequest, totals, verdict } from '../reports/record.ts';
import { readRecord, recordFileName, writeRecord } from '../reports/record-file.ts';
import { RunRecorder } from '../reports/recorder.ts';
import { writeReports } from '../reports/write.ts';
import type { BenchParameters } from '../steps/bench.ts';
import { defaultTarget } from '../steps/target-pool.ts';
import { boardFrom, firmwareFrom, mediumFrom, readBenchFile } from '../targets/bench-file.ts';
import { createTarget } from '../targets/index.ts';
import { builtFile } from '../targets/package-root.ts';
import { UnknownBoardError } from '../targets/target.ts';
import { CommandFailure } from './failure.ts';
import { Progress, paint } from './progress.ts';
import { rowsFile, showAllure } from './report.ts';
import { describeScenario } from './scenario-text.ts';
import { withLibrary } from './step-library.ts';

export interface TestOptions {
  readonly target?: string;
  readonly board?: string;
  readonly tags?: string;
  readonly name: readonly string[];
  readonly shard?: string;
  readonly rerun?: boolean;
  readonly parallel?: string;
  readonly retry: string;
  readonly failFast?: boolean;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly flash?: string;
  readonly firmware?: string;
  readonly sd?: string;
  readonly bench?: string;
  readonly order: string;
  readonly seed: string;
  readonly evidence: 'on-failure' | 'always';
  readonly wallLimit: string;
  readonly out: string;
  readonly summary?: string;
  readonly quiet?: boolean;
  readonly allure?: boolean;
  readonly rows?: string;
  readonly compare: readonly string[];
}

export async function test(paths: readonly string[], options: TestOptions): Promise<void> {
  const out = resolve(options.out);
  if (options.watch) return (await import('./watch.ts')).watch(process.cwd(), out);
  const again = options.rerun ? toRunAgain(out) : undefined;
  if (again?.paths.length === 0) {
    process.stdout.write('Nothing failed in the last run.\n');
    return;
  }
  const record = await run(again?.paths ?? paths, options, again?.record);
  const { failed } = totals(record.scenarios);
  process.exitCode = record.interrupted ? 130 : failed > 0 || record.errors.length > 0 ? 1 : 0;
}

/** The scenarios of the last run that failed, or did not get their turn. */
function toRunAgain(out: string): { paths: string[]; record: RunRecord } {
  let record: RunRecord;
  try {
    record = readRecord(join(out, recordFileName));
  } catch {
    throw new CommandFailure(`--rerun needs the record of a run before: ${join(out, recordFileName)} is not there`);
  }
  const open = record.scenarios.filter(({ status }) => verdict(status) === 'failed' || verdict(status) === 'not-run');
  return { paths: open.map(({ uri, line }) => `${uri}:${line}`), record };
}

/** @param before a run that this one completes: what was not run again stays as it was */
async function run(paths: readonly string[], options: TestOptions, before?: RunRecord): Promise<RunRecord> {
  checkTarget(options);
  const cwd = process.cwd();
  const out = resolve(cwd, options.out);
  const request: RunRequest = {
    target: options.target ?? defaultTarget,
    board: options.board,
    seed: wholeNumber('--seed', options.seed),
    paths,
    tags: options.tags,
    names: options.name,
    shard: options.shard,
  };
  const parameters: BenchParameters = {
    target: request.target,
    board: options.board,
    seed: request.seed,
    evidence: options.evidence,
    wallLimit: wholeNumber('--wall-limit', options.wallLimit) * 1000,
    flash: absolute(options.flash),
    firmware: absolute(options.firmware),
    sd: absolute(options.sd),
    bench: absolute(options.bench),
  };
  const { runConfiguration } = await loadConfiguration(
    {
      provided: {
        ...(paths.length > 0 ? { paths: [...paths] } : {}),
        ...(options.tags === undefined ? {} : { tags: options.tags }),
        name: [...options.name],
        ...(options.shard === undefined ? {} : { shard: checkShard(options.shard) }),
        retry: wholeNumber('--retry', options.retry),
        failFast: options.failFast === true,
        dryRun: options.dryRun === true,
        order: options.order as 'defined',
        worldParameters: parameters as Record<string, string>,
        publish: false,
      },
    },
    { cwd },
  );
  withLibrary(runConfiguration, cwd);
  runConfiguration.formats.stdout = builtFile('reports/silent.js');
  if (options.allure) {
    const formatter = allureFormatter();
    if (formatter === undefined)
      throw new CommandFailure('--allure needs the package allure-cucumberjs: npm install --save-dev allure-cucumberjs');
    const resultsDir = beginAllureResults(out, request, { node: process.version, platform: `${process.platform} ${process.arch}` });
    runConfiguration.formats.files[join(options.out, 'allure.log')] = formatter;
    runConfiguration.formats.options = { ...runConfiguration.formats.options, resultsDir };
  }

  const { plan, errors } = await loadSources(runConfiguration.sources, { cwd });
  if (plan.length === 0 && errors.length === 0)
    throw new CommandFailure(
      `no scenario found${paths.length > 0 ? ` in ${paths.join(', ')}` : ' below features/'}${options.tags ? ` with tags ${options.tags}` : ''}`,
    );
  runConfiguration.runtime.parallel =
    options.parallel === undefined ? suitableWorkers(plan.length) : wholeNumber('--parallel', options.parallel);

  const terminal = process.stdout;
  const progress = new Progress(
    terminal,
    plan.map(({ uri }) => uri),
    options.quiet === true,
    scenario => describeScenario(scenario, terminal),
  );
  const recorder = new RunRecorder(request, scenario => progress.scenario(scenario));
  if (!options.quiet) {
    const workers = runConfiguration.runtime.parallel;
    terminal.write(
      `${plan.length} ${plan.length === 1 ? 'scenario' : 'scenarios'} on target ${request.target}${request.board === undefined ? '' : `, board ${request.board}`}${workers > 1 ? `, ${workers} workers` : ''}\n`,
    );
  }

  const finish = (interrupted: boolean): RunRecord => {
    progress.end();
    const record = writeRecord(out, before === undefined ? recorder.record(interrupted) : completed(before, recorder.record(interrupted)));
    showEnd(record, out, options);
    return record;
  };
  const stop = (): void => {
    finish(true);
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await runCucumber(runConfiguration, { cwd, stderr: process.stderr }, envelope => recorder.accept(envelope));
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
  return finish(false);
}

/** The older run with what was run again in its place. */
function completed(before: RunRecord, again: RunRecord): RunRecord {
  const fresh = new Map(again.scenarios.map(scenario => [scenario.id, scenario]));
  return { ...again, request: before.request, scenarios: before.scenarios.map(scenario => fresh.get(scenario.id) ?? scenario) };
}

function showEnd(record: RunRecord, out: string, options: TestOptions): void {
  const sum = totals(record.scenarios);
  for (const error of record.errors) process.stdout.write(`${paint(process.stdout, 'red', error)}\n`);
  const parts = [
    `${sum.passed} passed`,
    paint(process.stdout, sum.failed > 0 ? 'red' : 'dim', `${sum.failed} failed`),
    ...(sum.skipped > 0 ? [paint(process.stdout, 'yellow', `${sum.skipped} skipped`)] : []),
    ...(sum['not-run'] > 0 ? [paint(process.stdout, 'yellow', `${sum['not-run']} not run`)] : []),
  ];
  process.stdout.write(
    `\n${parts.join(', ')} in ${((Date.parse(record.finished) - Date.parse(record.started)) / 1000).toFixed(1)} s${record.interrupted ? ' (interrupted)' : ''}\n`,
  );
  if (options.summary !== undefined) {
    mkdirSync(dirname(resolve(options.summary)), { recursive: true });
    writeFileSync(
      options.summary,
      `${JSON.stringify({ passed: sum.passed, failed: sum.failed + record.errors.length, skipped: sum.skipped + sum['not-run'] })}\n`,
    );
  }
  if (options.dryRun) return;
  const older = options.compare.map(readRecord);
  const { files, report, comparison } = writeReports(out, [{ record, folder: out }], {
    rows: rowsFile(options.rows),
    ...(older.length > 0 ? { older } : {}),
  });
  const show = (file: string): string => relative(process.cwd(), file);
  process.stdout.write(`Conformance report: ${show(files.html)}\n`);
  if (!options.quiet)
    process.stdout.write(
      `Markdown: ${show(files.markdown)}  JSON: ${show(files.json)}  JUnit: ${show(files.junit)}  Run record: ${show(join(out, recordFileName))}\n`,
    );
  if (options.allure) rmSync(join(out, 'allure.log'), { force: true });
  if (options.allure && !record.interrupted) showAllure(out);
  if (process.env.GITHUB_ACTIONS === 'true') {
    for (const line of annotations(record.scenarios)) process.stdout.write(`${line}\n`);
    if (process.env.GITHUB_STEP_SUMMARY) appendSummary(process.env.GITHUB_STEP_SUMMARY, markdown(report, { comparison }));
  }
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function checkTarget(options: TestOptions): void {
  const target = createTarget(options.target ?? defaultTarget);
  if (options.bench !== undefined) readBenchFile(options.bench);
  for (const path of [options.flash, options.sd]) if (path !== undefined) mediumFrom(path);
  if (options.firmware !== undefined) firmwareFrom(options.firmware);
  if (options.board !== undefined && /\.ya?ml$/.test(options.board)) checkBoard(boardFrom(options.board, process.cwd()));
  else if (options.board !== undefined && !target.boards.includes(options.board))
    throw new UnknownBoardError(options.board, target.name, target.boards);
}

function checkShard(shard: string): string {
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
  if (i === undefined || Number(i) < 1 || Number(i) > Number(n))
    throw new CommandFailure(`--shard takes i/n with i from 1 to n, not "${shard}"`);
  return shard;
}

function wholeNumber(option: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new CommandFailure(`${option} takes a whole number, not "${value}"`);
  return Number(value);
}

/** A worker process costs about half a second to start: worth it from some 60 scenarios on. */
function suitableWorkers(scenarios: number): number {
  const workers = Math.min(availableParallelism(), Math.floor(scenarios / 60) + 1);
  return workers > 1 ? workers : 0;
}
