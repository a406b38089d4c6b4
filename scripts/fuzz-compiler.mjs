// Feeds the compiler and the .mpy reader with mutated programs, mutated files and random bytes. Every outcome must be a module or the
// one typed error that they are documented to throw, within a second.
//
//   node scripts/fuzz-compiler.mjs [--count 100000] [--seed N] [--tests PATH]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate, seededRandom } from './invalid-programs.mjs';
import { loadCompiler } from './load-compiler.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tests: { type: 'string' },
  },
});
const SECOND = 1e9;
const { compile, writeMpy, readMpy, CompileError, MpyError } = await loadCompiler();
const random = seededRandom(Number(values.seed));
const sources = values.tests
  ? ['basics', 'micropython', 'float', 'unicode']
      .flatMap(folder => readdirSync(join(values.tests, folder)).map(name => join(values.tests, folder, name)))
      .filter(name => name.endsWith('.py'))
      .map(name => readFileSync(name))
  : [];

const options = {
  fileName: 'p.py',
  input: 'file',
  optLevel: 0,
  smallIntBits: 31,
  float: 'double',
  errorReporting: 'detailed',
  defaultEmit: 'bytecode',
  nativeArch: 7,
};

/** A few bytes changed, removed, doubled or put in. */
function mutate(bytes) {
  let mutated = Buffer.from(bytes);
  for (let edits = 1 + random(8); edits > 0; edits--) {
    const at = random(mutated.length + 1);
    const kind = random(5);
    if (kind === 0) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + 1 + random(16))]);
    else if (kind === 1) mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from([random(256)]), mutated.subarray(at)]);
    else if (kind === 2) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(random(at + 1))]);
    else if (at < mutated.length) mutated[at] = kind === 3 ? random(256) : mutated[at] ^ (1 << random(8));
  }
  return mutated;
}

const counts = { compiled: 0, refused: 0, read: 0, unreadable: 0 };
let failures = 0;

function attempt(kind, input, action, expected) {
  const start = process.hrtime.bigint();
  try {
    return action();
  } catch (error) {
    if (error instanceof expected) return null;
    failures++;
    console.log(`${kind}: ${error.stack}\n  input (base64): ${Buffer.from(input).toString('base64').slice(0, 4000)}`);
    return null;
  } finally {
    const took = Number(process.hrtime.bigint() - start);
    if (took > SECOND) {
      failures++;
      console.log(
        `${kind}: took ${(took / SECOND).toFixed(1)} s\n  input (base64): ${Buffer.from(input).toString('base64').slice(0, 4000)}`,
      );
    }
  }
}

const read = bytes => readMpy(bytes, { smallIntBits: 63, arch: 7, float: 'double' });

for (let i = 0; i < Number(values.count); i++) {
  let source;
  const kind = random(8);
  if (kind === 0) source = Buffer.from(Array.from({ length: random(200) }, () => random(256)));
  else if (kind < 4 || sources.length === 0) source = Buffer.from(generate(random));
  else source = mutate(sources[random(sources.length)]);
  const input = ['file', 'file', 'single', 'eval'][random(4)];
  const widths = [31, 31, 63];
  const float = ['double', 'single', 'none'][random(3)];
  const module = attempt(
    'compile',
    source,
    () => compile(source, { ...options, input, float, smallIntBits: widths[random(3)], optLevel: random(4) }),
    CompileError,
  );
  if (module === null) {
    counts.refused++;
  } else {
    counts.compiled++;
    const file = writeMpy(module, { smallIntBits: 31 });
    const again = attempt('read', file, () => read(file), MpyError);
    if (again !== null && Buffer.compare(writeMpy(again, { smallIntBits: 31 }), file) !== 0 && !/[ec]\d|\./.test(source)) {
      failures++;
      console.log(`read and written again differs: ${source.toString('base64').slice(0, 4000)}`);
    }
    for (let k = 0; k < 4; k++) {
      const broken = mutate(file);
      if (broken.length > 2 && random(4) !== 0) broken.set([0x4d, 6], 0);
      if (attempt('read', broken, () => read(broken), MpyError) === null) counts.unreadable++;
      else counts.read++;
    }
  }
}
console.log(`seed ${values.seed}: ${JSON.stringify(counts)}, ${failures} failures`);
process.exit(failures > 0 ? 1 : 0);
