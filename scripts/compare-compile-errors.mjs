// Generates invalid programs and compares what boardspec's compiler says about them with what the official mpy-cross prints: type and
// message of the exception, line and block. Mutants that turn out to be valid are compared byte for byte.
//
//   node scripts/compare-compile-errors.mjs --mpy-cross PATH [--tests PATH] [--count 2000] [--seed N] [--jobs N] [--all]
//
// With --tests (the `tests` folder of a checkout of tag v1.27.0) those programs are mutated, too.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate, seededRandom } from './invalid-programs.mjs';
import { loadCompiler } from './load-compiler.mjs';

const { values } = parseArgs({
  options: {
    'mpy-cross': { type: 'string' },
    tests: { type: 'string' },
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '2' },
    all: { type: 'boolean', default: false },
  },
});
if (!values['mpy-cross']) {
  console.error('usage: compare-compile-errors.mjs --mpy-cross PATH [--tests PATH] [--count N] [--seed N] [--jobs N] [--all]');
  process.exit(2);
}

const { compile, writeMpy, CompileError } = await loadCompiler();
const random = seededRandom(Number(values.seed));
const corpus = values.tests
  ? readdirSync(join(values.tests, 'basics'))
      .filter(name => name.endsWith('.py'))
      .map(name => readFileSync(join(values.tests, 'basics', name), 'utf8'))
      .filter(text => text.length < 2000)
  : [];
const scratch = mkdtempSync(join(tmpdir(), 'boardspec-errors-'));

/** What mpy-cross prints, or the file that it writes. */
function official(source, slot) {
  const input = join(scratch, `${slot}.py`);
  const output = join(scratch, `${slot}.mpy`);
  writeFileSync(input, source);
  return new Promise((resolve, reject) => {
    const child = spawn(values['mpy-cross'], ['-s', 'p.py', '-o', output, input], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
    let stderr = '';
    child.stderr.on('data', data => (stderr += data));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) resolve({ bytes: readFileSync(output) });
      else resolve({ error: stderr.replaceAll(input, 'p.py').trim() });
    });
  });
}

function ours(source) {
  const options = {
    fileName: 'p.py',
    input: 'file',
    optLevel: 0,
    smallIntBits: 31,
    float: 'double',
    errorReporting: 'detailed',
    defaultEmit: 'bytecode',
    nativeArch: 0,
    crossCompiler: true,
  };
  try {
    return { bytes: Buffer.from(writeMpy(compile(source, options), { smallIntBits: 31 })) };
  } catch (error) {
    if (!(error instanceof CompileError)) return { error: `host exception: ${error.stack}` };
    const message = `${error.type}: ${error.message}`;
    if (error.line === 0 && error.block === null) return { error: message };
    const block = error.block === null ? '' : `, in ${error.block}`;
    return { error: `Traceback (most recent call last):\n  File "p.py", line ${error.line}${block}\n${message}` };
  }
}

const wanted = Number(values.count);
const messages = new Map();
const differences = [];
let invalid = 0;
let valid = 0;
try {
  const worker = async slot => {
    while (invalid < wanted) {
      const source = Buffer.from(generate(random, corpus), 'utf8');
      const reference = await official(source, slot);
      const mine = ours(source);
      if (reference.bytes) valid++;
      else if (invalid++ >= wanted) break;
      const same = reference.bytes ? mine.bytes !== undefined && reference.bytes.equals(mine.bytes) : reference.error === mine.error;
      if (!same) differences.push({ source: source.toString(), reference, mine });
      const message = reference.error?.split('\n').at(-1);
      if (message) messages.set(message, (messages.get(message) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, (_, slot) => worker(slot)));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

console.log(
  `seed ${values.seed}: ${Math.min(invalid, wanted)} invalid programs, ${messages.size} different messages, ${valid} valid ones besides`,
);
if (values.all)
  for (const [message, count] of [...messages].sort((a, b) => b[1] - a[1])) console.log(`  ${String(count).padStart(5)} ${message}`);
console.log(`${differences.length} differences`);
for (const { source, reference, mine } of values.all ? differences : differences.slice(0, 1)) {
  console.log(`--- program\n${source}\n--- official\n${reference.error ?? `${reference.bytes.length} bytes`}`);
  console.log(`--- ours\n${mine.error ?? `${mine.bytes.length} bytes`}`);
}
process.exit(differences.length > 0 ? 1 : 0);
