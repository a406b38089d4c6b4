/**
 * Compile speed, in lines a second.
 *
 *   node dist/bench/compile.js [--source FILE.py]... [--mpy-cross PATH]
 *
 * Compiles the sources joined to one (by default the frozen asyncio, forty times), cold and warm, and a start-up script of a few lines.
 * With --mpy-cross the official cross-compiler compiles the same file, and the ratio is printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../emulator/compiler/compile.ts';
import type { CompileOptions } from '../emulator/compiler/rawcode.ts';

const { values } = parseArgs({ options: { source: { type: 'string', multiple: true }, 'mpy-cross': { type: 'string' } } });

const options: CompileOptions = {
  fileName: 'bench.py',
  input: 'file',
  optLevel: 0,
  smallIntBits: 31,
  float: 'double',
  errorReporting: 'detailed',
  defaultEmit: 'bytecode',
  nativeArch: 0,
  crossCompiler: true,
  memoryLimit: 1 << 30,
};

const START_UP = '# boot.py -- run on boot-up\nimport machine\nimport pyb\n#pyb.main("main.py")\n#pyb.usb_mode("VCP+MSC")\n';

function frozenAsyncio(): string {
  const folder = new URL('../../emulator/modules/frozen/asyncio/', import.meta.url);
  const text = readdirSync(folder)
    .filter(name => name.endsWith('.py'))
    .map(name => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  return `${text}\n`.repeat(40);
}

/** Milliseconds that a call takes; of several calls the shortest counts, since other programs may have the CPU now and then. */
function time(action: () => void): number {
  const start = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const best = (times: number, action: () => void): number => Math.min(...Array.from({ length: times }, () => time(action)));

const source = values.source?.map(file => readFileSync(file, 'utf8')).join('\n') ?? frozenAsyncio();
const bytes = new TextEncoder().encode(source);
const lines = source.split('\n').length - 1;
const report = (what: string, milliseconds: number): void =>
  console.log(
    `${what.padEnd(24)} ${milliseconds.toFixed(1).padStart(8)} ms ${Math.round((lines / milliseconds) * 1000).toLocaleString('en')} lines/s`,
  );

console.log(`${lines} lines, ${bytes.length} bytes`);
const cold = time(() => compile(bytes, options));
report('cold', cold);
const warm = best(9, () => compile(bytes, options));
report('warm', warm);

const startUp = new TextEncoder().encode(START_UP);
const rounds = 1000;
const each = best(10, () => {
  for (let i = 0; i < rounds; i++) compile(startUp, options);
});
console.log(`a start-up script        ${((each / rounds) * 1000).toFixed(1).padStart(8)} µs`);

if (values['mpy-cross'] !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-bench-'));
  try {
    const input = join(folder, 'bench.py');
    writeFileSync(input, bytes);
    const run = (file: string): void => {
      const { status, stderr } = spawnSync(values['mpy-cross']!, ['-X', 'heapsize=800m', '-o', join(folder, 'out.mpy'), file]);
      if (status !== 0) throw new Error(`mpy-cross: ${stderr}`);
    };
    const empty = join(folder, 'empty.py');
    writeFileSync(empty, '');
    const official = best(5, () => run(input)) - best(5, () => run(empty));
    report('mpy-cross', official);
    console.log(`ratio: warm ${(official / warm).toFixed(2)} times the speed of mpy-cross, cold ${(official / cold).toFixed(2)} times`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
