// Compiles MicroPython's own test programs with boardspec's compiler and with the official mpy-cross, and compares the files byte
// for byte.
//
//   node scripts/compare-mpy-cross.mjs --mpy-cross PATH --tests PATH [--levels 0,3] [--march A] [--jobs N] [--all]
//
// PATH of --tests is the `tests` folder of a checkout of tag v1.27.0. Programs that need machine code (native, viper, inline assembler)
// are counted apart: without --march both refuse them.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCompiler } from './load-compiler.mjs';

const FOLDERS = ['basics', 'extmod', 'float', 'import', 'io', 'micropython', 'misc', 'perf_bench', 'stress', 'unicode'];

const { values } = parseArgs({
  options: {
    'mpy-cross': { type: 'string' },
    tests: { type: 'string' },
    levels: { type: 'string', default: '0,1,2,3' },
    march: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    all: { type: 'boolean', default: false },
  },
});
if (!values['mpy-cross'] || !values.tests) {
  console.error('usage: compare-mpy-cross.mjs --mpy-cross PATH --tests PATH [--levels 0,1,2,3] [--march A] [--jobs N] [--all]');
  process.exit(2);
}

const { compile, writeMpy, CompileError, nativeBackend } = await loadCompiler();

const ARCHITECTURES = { armv6: 3, armv6m: 4, armv7m: 5, armv7em: 6, armv7emsp: 7, armv7emdp: 8, rv32imc: 11 };
const arch = values.march === undefined ? 0 : ARCHITECTURES[values.march];
if (arch === undefined) {
  console.error(`no emitter for ${values.march}; there are ${Object.keys(ARCHITECTURES).join(', ')}`);
  process.exit(2);
}

function pythonFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.py'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

const files = FOLDERS.flatMap(folder => pythonFiles(join(values.tests, folder)));
const scratch = mkdtempSync(join(tmpdir(), 'boardspec-compare-'));

function official(file, level, slot) {
  const output = join(scratch, `${slot}.mpy`);
  return new Promise(resolve => {
    const name = relative(values.tests, file);
    const machine = values.march === undefined ? [] : [`-march=${values.march}`];
    execFile(
      values['mpy-cross'],
      [`-O${level}`, ...machine, '-s', name, '-o', output, file],
      { timeout: 60_000 },
      (error, _stdout, stderr) => {
        if (error) resolve({ error: stderr.trim().split('\n').at(-1) ?? String(error) });
        else resolve({ bytes: readFileSync(output) });
      },
    );
  });
}

function ours(file, level) {
  const name = relative(values.tests, file);
  const options = {
    fileName: name,
    input: 'file',
    optLevel: level,
    smallIntBits: 31,
    float: 'double',
    errorReporting: 'detailed',
    defaultEmit: 'bytecode',
    nativeArch: arch,
    crossCompiler: true,
    nativeBackend: nativeBackend(arch),
  };
  try {
    return { bytes: Buffer.from(writeMpy(compile(readFileSync(file), options), { smallIntBits: 31, arch })) };
  } catch (error) {
    if (!(error instanceof CompileError)) return { crash: error };
    return { error: error.message === '' ? error.type : `${error.type}: ${error.message}` };
  }
}

let failed = false;
try {
  for (const level of values.levels.split(',').map(Number)) {
    const counts = { same: 0, refused: 0, machineCode: 0, different: 0 };
    const differences = [];
    let index = 0;
    const worker = async slot => {
      while (index < files.length) {
        const file = files[index++];
        const reference = await official(file, level, slot);
        const mine = ours(file, level);
        if (mine.crash) differences.push([file, `host exception: ${mine.crash.stack}`]);
        else if (reference.bytes && mine.bytes) {
          if (reference.bytes.equals(mine.bytes)) counts.same++;
          else {
            let at = 0;
            while (reference.bytes[at] === mine.bytes[at]) at++;
            differences.push([file, `byte ${at}: official ${reference.bytes.length} bytes, ours ${mine.bytes.length}`]);
          }
        } else if (reference.error === mine.error && reference.error !== undefined) {
          if (reference.error.endsWith('invalid arch')) counts.machineCode++;
          else counts.refused++;
        } else {
          differences.push([file, `official: ${reference.error ?? 'compiles'}; ours: ${mine.error ?? 'compiles'}`]);
        }
      }
    };
    await Promise.all(Array.from({ length: Number(values.jobs) }, (_, slot) => worker(slot)));
    counts.different = differences.length;
    if (differences.length > 0) failed = true;
    console.log(
      `-O${level}: ${files.length} files: ${counts.same} the same bytes, ${counts.refused} refused alike, ` +
        `${counts.machineCode} with machine code refused alike, ${counts.different} different`,
    );
    for (const [file, what] of values.all ? differences : differences.slice(0, 1))
      console.log(`  ${relative(values.tests, file)}: ${what}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
