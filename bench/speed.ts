/**
 * How fast programs run on this machine: ours beside the official WebAssembly build, and beside an official executable when its path is
 * given, in one run. Ratios are our speed by theirs: above 1 we are faster.
 *
 *   node dist/bench/speed.js [--tree TREE] [--micropython PATH] [--only NAME]...
 *
 * TREE, a checkout of MicroPython 1.27.0, adds its perf_bench programs. Each is run in two states of the host. "first": in a new process, where
 * all of the host's code, the emulator's own and the WebAssembly build's, is still to be compiled: what a single program sees. "warm": over and
 * over in one process, each time on a fresh machine, the best of all runs: what a session's worker sees, which runs one scenario after the other.
 * The official executable is a new process each time. Below the table: the start-up of a fresh machine, and how fast it compiles.
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
import { HOST_FLAGS } from '../emulator/session/host-flags.ts';
import { Trace } from '../emulator/trace/trace.ts';
import { SPEED_PROGRAMS } from './speed-programs.ts';

const HEAP = 64 << 20;
const ROUNDS = 3;
/** So long a program is repeated for the warm figure, in ms, and so often at least. */
const WARM_FOR = 1500;
const WARM_RUNS = 8;

interface Timed {
  readonly milliseconds: number;
  /** The best of its repetitions in one process. */
  readonly warm: number;
  readonly output: string;
}

type Run = Omit<Timed, 'warm'>;

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
function compileTimes(file: string): Timed {
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
  let warm = milliseconds;
  for (let round = 0; round < 30; round++) warm = Math.min(warm, time());
  return { milliseconds, warm, output: '' };
}

if (process.argv[2] === '--child') {
  const [, , , engine, file] = process.argv;
  if (engine === 'compile') process.stdout.write(JSON.stringify(compileTimes(file)));
  else {
    const run = (): Run | Promise<Run> => (engine === 'wasm' ? runWebAssembly(file) : runOurs(file, engine));
    const first = await run();
    let warm = first.milliseconds;
    const until = performance.now() + WARM_FOR;
    for (let runs = 0; runs < WARM_RUNS || performance.now() < until; runs++) warm = Math.min(warm, (await run()).milliseconds);
    process.stdout.write(JSON.stringify({ ...first, warm }));
  }
  process.exit();
}

const { values } = parseArgs({
  options: { tree: { type: 'string' }, micropython: { type: 'string' }, only: { type: 'string', multiple: true } },
});

const self = fileURLToPath(import.meta.url);

/** In a process of its own, so that no program runs on what the host learnt from another. */
function inChild(engine: string, file: string): Timed {
  const flags = ['--stack-size=30000', ...(engine === 'wasm' ? [] : HOST_FLAGS)];
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
  return { milliseconds, warm: milliseconds, output: stdout };
}

function best(run: () => Timed): Timed {
  let least = run();
  for (let round = 1; round < ROUNDS; round++) {
    const timed = run();
    const { output } = timed;
    least = { milliseconds: Math.min(least.milliseconds, timed.milliseconds), warm: Math.min(least.warm, timed.warm), output };
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

  const columns = ['first', 'wasm', 'ratio', ...(micropython === undefined ? [] : ['official', 'ratio']), 'warm', 'wasm', 'ratio'];
  if (micropython !== undefined) columns.push('ratio');
  console.log(`${'program (ms)'.padEnd(18)}${columns.map(c => c.padStart(10)).join('')}`);
  const logs = { wasm: 0, official: 0, wasmWarm: 0, officialWarm: 0 };
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
    logs.wasmWarm += Math.log(wasm.warm / ours.warm);
    cells.push(ours.warm.toFixed(0), wasm.warm.toFixed(0), (wasm.warm / ours.warm).toFixed(2));
    if (official !== undefined) {
      logs.officialWarm += Math.log(official.milliseconds / ours.warm);
      cells.push((official.milliseconds / ours.warm).toFixed(2));
    }
    console.log(name.padEnd(18) + cells.map(c => c.padStart(10)).join(''));
  }
  const mean = (log: number): string => Math.exp(log / names.length).toFixed(2);
  const means = ['', '', mean(logs.wasm), ...(micropython === undefined ? [] : ['', mean(logs.official)]), '', '', mean(logs.wasmWarm)];
  if (micropython !== undefined) means.push(mean(logs.officialWarm));
  console.log('geometric mean'.padEnd(18) + means.map(c => c.padStart(10)).join(''));

  const empty = join(scratch, 'empty.py');
  writeFileSync(empty, '');
  const startUp = best(() => inChild('unix', empty));
  console.log(`start-up of a fresh machine: ${startUp.milliseconds.toFixed(1)} ms, warm ${startUp.warm.toFixed(2)} ms`);
  const all = join(scratch, 'all.py');
  const source = names.map(name => programs.get(name)!).join('\n');
  writeFileSync(all, source);
  const compiled = best(() => inChild('compile', all));
  const rate = (milliseconds: number): string => Math.round((source.split('\n').length / milliseconds) * 1000).toLocaleString('en');
  console.log(`compiling: ${rate(compiled.milliseconds)} lines a second, warm ${rate(compiled.warm)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
