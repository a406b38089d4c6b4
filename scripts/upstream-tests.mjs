#!/usr/bin/env node
// Upstream's own runner, unchanged, against the virtual board over its serial port; prints counts by folder.
//
//   node scripts/upstream-tests.mjs CHECKOUT [FOLDER…] [--board NAME] [--emit native] [--via-mpy] [--mpy-cross official|ours]
//                                   [--unittest FOLDER] [--results FOLDER] [--skipped]
//
// CHECKOUT is a checkout of MicroPython v1.27.0; needs python3. Ends with 1 when a test fails.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = join(root, 'bin/boardspec.mjs');

/** What runs unless folders are named: what the runner takes for this target, and what it leaves out for want of wires or files. */
const FOLDERS = [
  'basics',
  'micropython',
  'misc',
  'stress',
  'float',
  'unicode',
  'extmod',
  'inlineasm/thumb',
  'ports/stm32',
  'ports/stm32_hardware',
  'extmod_hardware',
  'import',
  'io',
];

/** Tests whose head asks for wires, with the bench that has them. */
const WIRED = [
  { folder: 'extmod_hardware', tests: 'uart', bench: 'examples/uart-loopback.yaml' },
  { folder: 'extmod_hardware', tests: 'i2c_target', bench: 'examples/i2c-loopback.yaml' },
];

/** Tests of folders that upstream runs on computers alone, which no board can pass. */
const NOT_FOR_BOARDS = {
  'import/import_file.py': 'wants the path that the file has on the computer',
  'io/argv.py': 'wants the path that the file has on the computer',
  'io/file_seek.py': 'a closed file on FAT ignores seek(), in the reference too',
  'io/file_stdio.py': 'no fileno() on boards',
  'io/file_stdio2.py': 'no fileno() on boards',
};

function fail(message) {
  console.error(`upstream-tests: ${message}`);
  process.exit(2);
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    board: { type: 'string', default: 'pyboard-v1.1' },
    emit: { type: 'string', default: 'bytecode' },
    'via-mpy': { type: 'boolean', default: false },
    'mpy-cross': { type: 'string', default: 'official' },
    unittest: { type: 'string' },
    results: { type: 'string' },
    skipped: { type: 'boolean', default: false },
  },
});
const [tree, ...named] = positionals;
if (tree === undefined) fail('name a checkout of MicroPython v1.27.0');
const tests = resolve(tree, 'tests');
if (!existsSync(join(tests, 'run-tests.py'))) fail(`${tree} is no checkout of MicroPython: it has no tests/run-tests.py`);
const unittest = options.unittest ?? join(tree, 'lib/micropython-lib/python-stdlib/unittest/unittest');
if (!existsSync(join(unittest, '__init__.py')))
  fail(`no __init__.py in ${unittest}: fetch the checkout's submodule lib/micropython-lib, or name the unittest package with --unittest`);
if (!['official', 'ours'].includes(options['mpy-cross'])) fail('--mpy-cross is official or ours');

const scratch = mkdtempSync(join(tmpdir(), 'upstream-tests-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const results = resolve(options.results ?? join(scratch, 'results'));

/** The files that tests of a folder look for on the board, beside unittest. */
function flashFor(folder) {
  const flash = join(scratch, folder.replaceAll('/', '-'));
  cpSync(unittest, join(flash, 'unittest'), { recursive: true });
  if (folder === 'io') cpSync(join(tests, 'io/data'), join(flash, 'data'), { recursive: true });
  if (folder === 'import') {
    for (const entry of readdirSync(join(tests, 'import')))
      if (!entry.endsWith('.exp')) cpSync(join(tests, 'import', entry), join(flash, entry), { recursive: true });
  }
  return flash;
}

const environment = { ...process.env };
if (options['mpy-cross'] === 'ours') {
  const cross = join(scratch, 'mpy-cross');
  writeFileSync(cross, `#!/bin/sh\nexec "${process.execPath}" "${command}" compile "$@"\n`);
  chmodSync(cross, 0o755);
  environment.MICROPY_MPYCROSS = cross;
}

/** Runs a folder, or those of its tests that `include` names and `exclude` does not. */
function run(folder, { bench, include, exclude = [] } = {}) {
  const place = bench === undefined ? `--board ${options.board}` : `--bench "${join(root, bench)}"`;
  const where = join(results, `${folder.replaceAll('/', '-')}${include === undefined ? '' : `-${include}`}`);
  mkdirSync(where, { recursive: true });
  const args = ['run-tests.py', '-j1', '-r', where, '-d', folder, '--emit', options.emit];
  args.push('-t', `exec:"${process.execPath}" "${command}" repl --stdio ${place} --flash "${flashFor(folder)}"`);
  if (options['via-mpy'] || options.emit !== 'bytecode') args.push('--via-mpy');
  for (const pattern of exclude) args.push(`--exclude=${pattern}`);
  if (include !== undefined) args.push(`--include=${include}`);
  const { status, error, stdout, stderr } = spawnSync('python3', args, {
    cwd: tests,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) fail(`python3 does not start: ${error.message}`);
  const report = join(where, '_results.json');
  if (status > 1 || !existsSync(report)) fail(`the runner ended early in ${folder}:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  const list = JSON.parse(readFileSync(report, 'utf8')).results;
  rmSync(report);
  return list;
}

const totals = { pass: 0, fail: 0, skip: 0 };
const failed = [];
const skipped = [];
const row = (name, { pass, fail, skip }) =>
  console.log(`${name.padEnd(24)}${String(pass).padStart(8)}${String(fail).padStart(8)}${String(skip).padStart(8)}`);
console.log(`${'folder'.padEnd(24)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(8)}`);
for (const folder of named.length > 0 ? named : FOLDERS) {
  if (!existsSync(join(tests, folder))) fail(`${tree} has no folder tests/${folder}`);
  const wired = WIRED.filter(item => item.folder === folder);
  const exclude = Object.keys(NOT_FOR_BOARDS).filter(test => test.startsWith(`${folder}/`));
  const list = run(folder, { exclude: [...exclude, ...wired.map(item => item.tests)] });
  for (const { tests: include, bench } of wired) list.push(...run(folder, { bench, include }));
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const [test, outcome, reason] of list) {
    counts[outcome]++;
    totals[outcome]++;
    if (outcome === 'fail') failed.push(test);
    if (outcome === 'skip') skipped.push(reason === '' ? test : `${test} (${reason})`);
  }
  row(folder, counts);
  for (const test of exclude) console.log(`  left out: ${test}: ${NOT_FOR_BOARDS[test]}`);
}
row('all', totals);
if (options.skipped) for (const test of skipped) console.log(`skipped: ${test}`);
for (const test of failed) console.log(`failed: ${test}`);
if (failed.length > 0 && options.results !== undefined) console.log(`what they printed is in ${results}`);
process.exitCode = failed.length > 0 ? 1 : 0;
