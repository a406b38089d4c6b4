/**
 * How true virtual time is: the scores that the board gets in upstream's tests/perf_bench, beside those published for real ones.
 *
 *   node dist/bench/perf-scores.js TREE
 *
 * TREE is a checkout of MicroPython 1.27.0; its programs are not part of this repository. The host's speed does not matter.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** PYBv1.0, STM32F405 at 168 MHz, N=100 M=100: upstream's commit f2040bfc7e. */
const PUBLISHED: Record<string, number> = {
  bm_chaos: 357.39,
  bm_fannkuch: 77.49,
  bm_fft: 2539.28,
  bm_float: 5908.3,
  bm_hexiom: 47.93,
  bm_nqueens: 4459.94,
  bm_pidigits: 644.96,
  core_yield_from: 354.5,
  misc_aes: 405.59,
  misc_mandel: 3416.51,
  misc_pystone: 2405.56,
  misc_raytrace: 374.01,
  viper_call0: 572.49,
  viper_call1a: 546.21,
  viper_call1b: 435.68,
  viper_call1c: 440.04,
  viper_call2a: 532.35,
  viper_call2b: 377.07,
};

const [tree] = process.argv.slice(2);
if (tree === undefined) {
  console.error('Usage: node dist/bench/perf-scores.js TREE (a checkout of MicroPython 1.27.0)');
  process.exit(2);
}
const programs = join(tree, 'tests', 'perf_bench');
const runner = readFileSync(join(programs, 'benchrun.py'), 'utf8');
const boardspec = fileURLToPath(new URL('../../bin/boardspec.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'boardspec-scores-'));
let logs = 0;
try {
  console.log(`${'program'.padEnd(18)}${'published'.padStart(10)}${'board'.padStart(10)}${'ratio'.padStart(8)}`);
  for (const [name, published] of Object.entries(PUBLISHED)) {
    const file = join(scratch, `${name}.py`);
    writeFileSync(file, `${readFileSync(join(programs, `${name}.py`), 'utf8')}\n${runner}\nbm_run(100, 100)\n`);
    const { stdout, stderr } = spawnSync(process.execPath, [boardspec, 'run', file], { encoding: 'utf8' });
    const [microseconds, work] = stdout.split(/\s+/).map(Number);
    const score = (work / microseconds) * 1e6;
    if (!(score > 0)) throw new Error(`${name} did not run:\n${stdout}${stderr}`);
    logs += Math.log(score / published);
    console.log(
      name.padEnd(18) + published.toFixed(2).padStart(10) + score.toFixed(2).padStart(10) + (score / published).toFixed(3).padStart(8),
    );
  }
  console.log(
    `${'geometric mean'.padEnd(38)}${Math.exp(logs / Object.keys(PUBLISHED).length)
      .toFixed(3)
      .padStart(8)}`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
