// Runs mutated programs and mutated .mpy files on fresh machines, each for a bounded virtual time. Every outcome must be output or a guest's
// exception: what escapes from the emulator, hangs it, or takes the host's memory is printed with the seed and the input, and counted.
//
//   node scripts/fuzz-programs.mjs [--count 100000] [--seed N] [--board unix|pyboard-v1.1] [--tests PATH] [--from I] [--only I]
//
// --tests: a checkout's tests folder, whose programs are mutated too. --from: leaves out the cases before. --only: one case of the run,
// with its input and output.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    board: { type: 'string' },
    tests: { type: 'string' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const count = Number(values.count);
/** Host time that one case may take before it counts as a hang, in ms: far more than its virtual time costs. */
const PATIENCE = 30_000;
const HEAP_MIB = 768;

const folder = mkdtempSync(join(tmpdir(), 'boardspec-fuzz-'));
const worker = join(folder, 'worker.mjs');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await build({
  entryPoints: [join(root, 'targets/robustness/fuzz-worker.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile: worker,
  logLevel: 'error',
  sourcemap: 'inline',
  loader: { '.py': 'text' },
});

const pythonFiles = path =>
  readdirSync(path)
    .filter(name => name.endsWith('.py'))
    .map(name => readFileSync(join(path, name), 'utf8'));
const sources = pythonFiles(join(root, 'targets/differential/programs'));
if (values.tests !== undefined) {
  for (const name of ['basics', 'micropython', 'float', 'unicode', 'misc', 'io', 'extmod', 'stress'])
    sources.push(...pythonFiles(join(values.tests, name)));
}

const counts = {};
let failures = 0;
function failed(index, what, input = '') {
  failures++;
  console.log(`case ${index}: ${what}${input === '' ? '' : `\n  input (base64): ${input}`}`);
}

/** Runs the cases from `from` on in a thread; resolves with the case to go on with after it has hung or died. */
function run(from) {
  return new Promise(resolve => {
    let next = from;
    const thread = new Worker(worker, {
      workerData: { seed: Number(values.seed), from, to: count, sources, board: values.board, only: values.only },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, stackSizeMb: 32 },
    });
    const restart = what => {
      clearTimeout(timer);
      failed(next, what);
      void thread.terminate();
      resolve(next + 1);
    };
    let timer = setTimeout(() => restart('hangs'), PATIENCE);
    thread.on('message', ({ index, how, failure, input, text }) => {
      if (text !== undefined) console.log(text);
      if (failure !== undefined) failed(index, failure, input);
      else counts[how] = (counts[how] ?? 0) + 1;
      next = index + 1;
      if (process.stdout.isTTY && next % 100 === 0) process.stdout.write(`\r${next} of ${count}`);
      else if (next % 5000 === 0) console.log(`${next} of ${count}`);
      clearTimeout(timer);
      timer = setTimeout(() => restart('hangs'), PATIENCE);
    });
    thread.on('error', error => restart(`ends the thread: ${error.message}`));
    thread.on('exit', () => {
      clearTimeout(timer);
      resolve(next >= count || values.only !== undefined ? count : next + 1);
    });
  });
}

console.log(`fuzzing programs: seed ${values.seed}`);
for (let next = Number(values.from); next < count; ) next = await run(next);
console.log(`seed ${values.seed}: ${count} cases, ${JSON.stringify(counts)}, ${failures} failures`);
process.exit(failures > 0 ? 1 : 0);
