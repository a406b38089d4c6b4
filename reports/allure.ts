/** The Allure report: results from `allure-cucumberjs`, turned into pages by `allure-commandline`, which needs Java. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../targets/package-root.ts';
import type { Environment, RunRequest } from './record.ts';

export const allureFolders = { results: 'allure-results', report: 'allure-report' };

/** Sorts failures by what a person would do about them. */
const categories = [
  { name: 'Expectations that do not hold', matchedStatuses: ['failed'] },
  {
    name: 'The board was ended: it used up its host time',
    matchedStatuses: ['broken'],
    messageRegex: '(?s).*(did not end within|wall-clock).*',
  },
  { name: 'Names that do not exist', matchedStatuses: ['broken'], messageRegex: '(?s).*(did you mean|[Tt]here (is|are)( no|:)).*' },
  { name: 'Defects of steps or of the board itself', matchedStatuses: ['broken'] },
  { name: 'Skipped: this target cannot do it', matchedStatuses: ['skipped'] },
];

/** The formatter's file for cucumber's configuration; undefined if the package is not installed. */
export function allureFormatter(): string | undefined {
  const file = resolveFrom(packageRoot, 'allure-cucumberjs/reporter');
  return file === undefined ? undefined : pathToFileURL(file).href;
}

/** Empties the results of the run before, and says what this run is. */
export function beginAllureResults(out: string, request: RunRequest, environment: Pick<Environment, 'node' | 'platform'>): string {
  const results = join(out, allureFolders.results);
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const facts = {
    Target: request.target,
    Board: request.board,
    Seed: request.seed,
    Tags: request.tags,
    Shard: request.shard,
    Node: environment.node,
    Platform: environment.platform,
  };
  const lines = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${String(value).replace(/[\\\r\n]/g, ' ')}`],
  );
  writeFileSync(join(results, 'environment.properties'), `${lines.join('\n')}\n`);
  writeFileSync(join(results, 'categories.json'), JSON.stringify(categories, null, 1));
  return results;
}

/** Makes the pages, with the trend of the runs before. Returns where they are, or why there are none. */
export function generateAllureReport(out: string, cwd: string): { readonly index: string } | { readonly reason: string } {
  const results = join(out, allureFolders.results);
  const report = join(out, allureFolders.report);
  if (!existsSync(results)) return { reason: 'there are no Allure results; run the specs with --allure first' };
  const manifest = resolveFrom(cwd, 'allure-commandline/package.json') ?? resolveFrom(packageRoot, 'allure-commandline/package.json');
  if (manifest === undefined)
    return { reason: 'the package allure-commandline is not installed (npm install --save-dev allure-commandline)' };
  if (!hasJava()) return { reason: 'Java was not found, which allure-commandline needs; the other reports are complete without it' };
  const history = join(report, 'history');
  if (existsSync(history)) cpSync(history, join(results, 'history'), { recursive: true });
  const command = join(dirname(manifest), 'dist', 'bin', process.platform === 'win32' ? 'allure.bat' : 'allure');
  const { status, stderr, error } = spawnSync(command, ['generate', results, '-o', report, '--clean'], {
    encoding: 'utf8',
    timeout: 300_000,
    shell: process.platform === 'win32',
  });
  if (status !== 0) return { reason: `allure-commandline failed: ${(error?.message ?? stderr).trim().split('\n').at(-1)}` };
  return { index: join(report, 'index.html') };
}

function hasJava(): boolean {
  const home = process.env.JAVA_HOME;
  if (home !== undefined && existsSync(join(home, 'bin', process.platform === 'win32' ? 'java.exe' : 'java'))) return true;
  return spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
}

function resolveFrom(folder: string, specifier: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(specifier);
  } catch {
    return undefined;
  }
}
