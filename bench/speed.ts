/**
 * How fast programs run on this machine: ours beside the official WebAssembly build, and beside an official executable when its path is
 * given, in one run. Ratios are our speed by theirs: above 1 we are faster.
 *
 *   node dist/bench/speed.js [--tree TREE] [--micropython PATH] [--only NAME]...
 *
 * TREE, a checkout of MicroPython 1.27.0, adds its perf_bench programs. The first run of a program, which no compiler of the host has seen,
 * counts as it is: programs under test are started once. The columns "again" are the second run in the same process, on a fresh machine,
 * for what a long session sees. Below the table: the start-up of a fresh machine, and how fast it compiles.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createMachine } from '../emulator/boot/create-machine.ts';
import { Clock } from '../emulator/clock/clock.ts';
import { compile } from '../emulator/compiler/compile.ts';
import { Trace } from '../emulator/trace/trace.ts';
import { SPEED_PROGRAMS } from './speed-programs.ts';

const HEAP = 64 << 20;
const ROUNDS = 3;

interface Timed {
  readonly milliseconds: number;
  /** The second run in the same process. */
  readonly again: number;
  readonly output: string;
}

type Run = Omit<Timed, 'again'>;

function runOurs(file: string, board: string): Run {
  const clock = new Clock();
  const source = readFileSync(file);
  const started = performance.now();
  const machine = createMachine(
    'bench',
    { board, heap: board === 'unix' ? HEAP : undefined, program: { source, fileName: file } },
    { clock, trace: new Trace(clock), seed: 1, idle: until => clock.advanceTo(Math.min(until, clock.nextDue)) },
  );
  let output = '';
  for (const console of machine.consoles.values()) {
    console.onOutput((bytes: Uint8Array) => {
      output += Buffer.from(bytes).toString();
    });
  }
  machine.powerOn();
  machine.main();
  return { milliseconds: performance.now() - started, output };
}

async function runWebAssembly(file: string): Promise<Run> {
  const main = createRequire(import.meta.url).resolve('@micropython/micropython-webassembly-pyscript/micropython.mjs');
  const { loadMicroPython } = (await import(pathToFileURL(main).href)) as {
    loadMicroPython(options: object): Promise<{ runPython(code: string): void }>;
  };
  let output = '';
  const started = performance.now();
  const python = await loadMicroPython({
    heapsize: HEAP,
    linebuffer: true,
    stdout: (text: string) => {
      output += `${text}\n`;
    },
  });
  python.runPython(readFileSync(file, 'utf8'));
  return { milliseconds: performance.now() - started, output };
}

/** Compiles a file for the first time, and when the host knows the compiler. */
function compileTimes(file: string): Run & { again: number } {
  const source = readFileSync(file);
  const time = (): number => {
    const started = performance.now();
    compile(source, {
      fileName: file,
      input: 'file',
      optLevel: 0,
      smallIntBits: 63,
      float: 'double',
      errorReporting: 'detailed',
      defaultEmit: 'bytecode',
      nativeArch: 0,
      crossCompiler: false,
      memoryLimit: HEAP,
    });
    return performance.now() - started;
  };
  const milliseconds = time();
  let again = milliseconds;
  for (let round = 0; round < 30; round++) again = Math.min(again, time());
  return { milliseconds, again, output: '' };
}

if (process.argv[2] === '--child') {
  const [, , , engine, file] = process.argv;
  if (engine === 'compile') process.stdout.write(JSON.stringify(compileTimes(file)));
  else {
    const run = (): Run | Promise<Run> => (engine === 'wasm' ? runWebAssembly(file) : runOurs(file, engine));
    const first = await run();
    const { milliseconds: again } = await run();
    process.stdout.write(JSON.stringify({ ...first, again }));
  }
  process.exit();
}

const { values } = parseArgs({
  options: { tree: { type: 'string' }, micropython: { type: 'string' }, only: { type: 'string', multiple: true } },
});

const self = fileURLToPath(import.meta.url);

/** In a process of its own, so that no program runs on what the host learnt from another. */
function inChild(engine: string, file: string): Timed {
  // Ours with the room for young objects that a session gives its workers (emulator/session/pool.ts).
  const flags = ['--stack-size=30000', ...(engine === 'wasm' ? [] : ['--min-semi-space-size=16'])];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, self, '--child', engine, file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${engine} failed:\n${stderr.trim().split('\n').slice(-12).join('\n')}`);
  return JSON.parse(stdout) as Timed;
}

function byExecutable(executable: string, file: string): Timed {
  const started = performance.now();
  const { stdout } = spawnSync(executable, ['-X', `heapsize=${HEAP}`, file], { encoding: 'utf8' });
  const milliseconds = performance.now() - started;
  return { milliseconds, again: milliseconds, output: stdout };
}

function best(run: () => Timed): Timed {
  let least = run();
  for (let round = 1; round < ROUNDS; round++) {
    const timed = run();
    const { output } = timed;
    least = { milliseconds: Math.min(least.milliseconds, timed.milliseconds), again: Math.min(least.again, timed.again), output };
  }
  return least;
}

const scratch = mkdtempSync(join(tmpdir(), 'boardspec-speed-'));
try {
  const programs = new Map(Object.entries(SPEED_PROGRAMS));
  if (values.tree !== undefined) {
    const folder = join(values.tree, 'tests', 'perf_bench');
    const runner = readFileSync(join(folder, 'benchrun.py'), 'utf8');
    for (const name of readdirSync(folder).sort()) {
      if (!/^(bm|misc)_.*\.py$/.test(name)) continue;
      programs.set(name.slice(0, -3), `${readFileSync(join(folder, name), 'utf8')}\n${runner}\nbm_run(1000, 1000)\n`);
    }
  }
  const names = [...programs.keys()].filter(name => values.only === undefined || values.only.includes(name));
  if (names.length === 0) throw new Error(`no such program; there are ${[...programs.keys()].join(', ')}`);
  const { micropython } = values;
  if (micropython !== undefined && !existsSync(micropython)) throw new Error(`no executable ${micropython}`);

  const columns = ['ours', 'wasm', 'ratio', ...(micropython === undefined ? [] : ['official', 'ratio']), 'again', 'wasm', 'ratio'];
  if (micropython !== undefined) columns.push('ratio');
  console.log(`${'program (ms)'.padEnd(18)}${columns.map(c => c.padStart(10)).join('')}`);
  const logs = { wasm: 0, official: 0, wasmAgain: 0, officialAgain: 0 };
  for (const name of names) {
    const file = join(scratch, `${name}.py`);
    writeFileSync(file, programs.get(name)!);
    const ours = best(() => inChild('unix', file));
    const wasm = best(() => inChild('wasm', file));
    const official = micropython === undefined ? undefined : best(() => byExecutable(micropython, file));
    // The programs of perf_bench print how long they took.
    if (Object.hasOwn(SPEED_PROGRAMS, name) && ours.output.trim() !== wasm.output.trim())
      throw new Error(`${name}: ${ours.output} is not ${wasm.output}`);
    logs.wasm += Math.log(wasm.milliseconds / ours.milliseconds);
    const cells = [ours.milliseconds.toFixed(0), wasm.milliseconds.toFixed(0), (wasm.milliseconds / ours.milliseconds).toFixed(2)];
    if (official !== undefined) {
      logs.official += Math.log(official.milliseconds / ours.milliseconds);
      cells.push(official.milliseconds.toFixed(0), (official.milliseconds / ours.milliseconds).toFixed(2));
    }
    logs.wasmAgain += Math.log(wasm.again / ours.again);
    cells.push(ours.again.toFixed(0), wasm.again.toFixed(0), (wasm.again / ours.again).toFixed(2));
    if (official !== undefined) {
      logs.officialAgain += Math.log(official.milliseconds / ours.again);
      cells.push((official.milliseconds / ours.again).toFixed(2));
    }
    console.log(name.padEnd(18) + cells.map(c => c.padStart(10)).join(''));
  }
  const mean = (log: number): string => Math.exp(log / names.length).toFixed(2);
  const means = ['', '', mean(logs.wasm), ...(micropython === undefined ? [] : ['', mean(logs.official)]), '', '', mean(logs.wasmAgain)];
  if (micropython !== undefined) means.push(mean(logs.officialAgain));
  console.log('geometric mean'.padEnd(18) + means.map(c => c.padStart(10)).join(''));

  const empty = join(scratch, 'empty.py');
  writeFileSync(empty, '');
  const startUp = best(() => inChild('unix', empty));
  console.log(`start-up of a fresh machine: ${startUp.milliseconds.toFixed(1)} ms, again ${startUp.again.toFixed(2)} ms`);
  const all = join(scratch, 'all.py');
  const source = names.map(name => programs.get(name)!).join('\n');
  writeFileSync(all, source);
  const compiled = best(() => inChild('compile', all));
  const rate = (milliseconds: number): string => Math.round((source.split('\n').length / milliseconds) * 1000).toLocaleString('en');
  console.log(`compiling: ${rate(compiled.milliseconds)} lines a second, again ${rate(compiled.again)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
