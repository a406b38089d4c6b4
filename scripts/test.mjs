// Runs every test of the project, unit tests first and specs after them, and closes with the totals over all runners.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'reports', 'out', 'test');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

function run(file, args) {
  return spawnSync(process.execPath, [join(root, file), ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

let passed = 0;
let failed = 0;
let skipped = 0;

const unitFile = join(out, 'unit.json');
const unitStatus = run('node_modules/vitest/vitest.mjs', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitFile}`]);
if (existsSync(unitFile)) {
  const unit = JSON.parse(readFileSync(unitFile, 'utf8'));
  passed += unit.numPassedTests;
  failed += unit.numFailedTests + unit.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length;
  skipped += unit.numPendingTests + unit.numTodoTests;
}
if (unitStatus !== 0 && failed === 0) failed += 1;

const specFile = join(out, 'specs.json');
const specStatus = run('bin/boardspec.mjs', ['test', '--summary', specFile]);
if (existsSync(specFile)) {
  const specs = JSON.parse(readFileSync(specFile, 'utf8'));
  passed += specs.passed;
  failed += specs.failed;
  skipped += specs.skipped;
} else {
  failed += 1;
}
if (specStatus !== 0 && failed === 0) failed += 1;

console.log(skipped > 0 ? `${passed} passed, ${failed} failed, ${skipped} skipped` : `${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
