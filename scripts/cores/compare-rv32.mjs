/**
 * Compares the RV32 core with QEMU's: for every instruction form, random registers and memory are set up, the instruction runs, and everything it may have
 * changed is recorded. The same program runs on both; the records must be equal.
 *
 *   node scripts/cores/compare-rv32.mjs [--seed N] [--count N] [--only TEXT] [--keep]
 *
 * Needs riscv64-unknown-elf-as, -ld, -objcopy and qemu-system-riscv32 on the PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { EDGES, randomFrom } from './random.mjs';
import { rv32 } from './rv32-templates.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '40' },
    only: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'rv32-'));
const { random, below, pick } = randomFrom(Number(options.seed));
const word = () => (below(3) === 0 ? pick(EDGES) : random());

const BASE = 0x80000000;
const SCRATCH = 0x80700000;
const SCRATCH_WORDS = 24;
const OUT = 0x80400000;
const REGISTERS = 30;

function fill(template) {
  const regs = Array.from({ length: REGISTERS + 1 }, word);
  const reserved = {};
  const same = {};
  for (const [, kind] of template.matchAll(/\{(bw|b|u)\}/g)) {
    const n = kind === 'bw' ? 8 + below(8) : 1 + below(30);
    reserved[kind] = n;
    regs[n] = kind === 'u' ? SCRATCH + 32 + below(16) : SCRATCH + 48;
  }
  const isReserved = n => Object.values(reserved).includes(n) || (/x5|x6/.test(template) && (n === 5 || n === 6));
  const free = make => {
    for (;;) {
      const n = make();
      if (!isReserved(n)) return n;
    }
  };
  const makers = { r: () => below(31), n: () => 1 + below(30), w: () => 8 + below(8) };
  const body = template.replace(/\{(.*?)\}/g, (_whole, spec) => {
    const kind = spec.replace('=', '');
    if (reserved[kind] !== undefined) return `x${reserved[kind]}`;
    if (makers[kind]) return `x${spec.endsWith('=') ? (same[kind] ??= free(makers[kind])) : free(makers[kind])}`;
    const [from, to, step = 1] = spec.split(',').map(Number);
    return String(from + below(Math.floor((to - from) / step) + 1) * step);
  });
  return { body, input: regs.slice(1) };
}

const RECORD = REGISTERS + SCRATCH_WORDS;

function program(tests) {
  const initial = Array.from({ length: SCRATCH_WORDS }, () => random() >>> 0);
  const numbers = Array.from({ length: REGISTERS }, (_, i) => i + 1);
  return `
.option norvc
.section .text
.global start
start:
${tests.map(test => `jal x31, load\n.option ${/^c\.|\nc\./.test(test.body) ? 'rvc' : 'norvc'}\n${test.body.replaceAll(/la (\w+), (\w+)/g, 'lla $1, $2')}\n.balign 4\n.option norvc\njal x31, save`).join('\n')}
  li x10, 1
  lla x11, open_args
  jal x31, host
  lla x11, write_args
  sw x10, 0(x11)
  li x10, 5
  jal x31, host
  li x10, 0x18
  li x11, 0x20026
  jal x31, host
1: j 1b
.balign 16
host:
  slli x0, x0, 0x1f
  ebreak
  srai x0, x0, 7
  jr x31
load:
  li x1, ${SCRATCH}
  lla x2, scratch
  li x3, ${SCRATCH_WORDS}
1:
  lw x4, 0(x2)
  sw x4, 0(x1)
  addi x1, x1, 4
  addi x2, x2, 4
  addi x3, x3, -1
  bnez x3, 1b
  lla x29, pointers
  lw x30, 0(x29)
  addi x1, x30, ${REGISTERS * 4}
  sw x1, 0(x29)
${numbers.map(n => `  lw x${n}, ${(n - 1) * 4}(x30)`).join('\n')}
  jr x31
save:
  csrw mscratch, x1
  lla x1, pointers
  lw x1, 4(x1)
${numbers
  .slice(1)
  .map(n => `  sw x${n}, ${(n - 1) * 4}(x1)`)
  .join('\n')}
  csrr x2, mscratch
  sw x2, 0(x1)
  addi x1, x1, ${REGISTERS * 4}
  li x2, ${SCRATCH}
  li x3, ${SCRATCH_WORDS}
1:
  lw x4, 0(x2)
  sw x4, 0(x1)
  addi x1, x1, 4
  addi x2, x2, 4
  addi x3, x3, -1
  bnez x3, 1b
  lla x2, pointers
  sw x1, 4(x2)
  jr x31
.balign 4
.set scratch_at, ${SCRATCH} + 8
scratch: .word ${initial.join(', ')}
name: .asciz "${join(folder, 'qemu.out')}"
.balign 4
open_args: .word name, 5, ${join(folder, 'qemu.out').length}
write_args: .word 0, ${OUT}, ${tests.length * RECORD * 4}
pointers: .word inputs, ${OUT}
inputs:
${tests.map(test => `.word ${test.input.join(', ')}`).join('\n')}
`;
}

await build({
  stdin: {
    contents: `export { FlatMemory } from './emulator/asm/memory-bus.ts'; export { Rv32Core } from './emulator/asm/rv32/core.ts';`,
    resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'core.mjs'),
  logLevel: 'warning',
});
const { FlatMemory, Rv32Core } = await import(pathToFileURL(join(folder, 'core.mjs')));

function runOurs(image) {
  const memory = new FlatMemory(BASE, 0x800000);
  memory.bytes.set(image);
  const core = new Rv32Core(memory);
  core.pc = BASE | 0;
  for (;;) {
    const reason = core.run(1 << 29);
    if (reason === 'bkpt') break;
    if (reason !== 'budget') throw new Error(`our core stopped: ${reason} ${JSON.stringify(core.trap)}`);
  }
  return new Uint32Array(memory.bytes.buffer.slice(OUT - BASE));
}

const NAMES = [
  ...Array.from({ length: REGISTERS }, (_, i) => `x${i + 1}`),
  ...Array.from({ length: SCRATCH_WORDS }, (_, i) => `[${i * 4}]`),
];
const hex = value => (value >>> 0).toString(16).padStart(8, '0');

let total = 0;
let failed = 0;
const shown = new Map();
const wanted = rv32.filter(template => !options.only || template.includes(options.only));
const pending = wanted.flatMap(template => Array.from({ length: Number(options.count) }, () => ({ template, ...fill(template) })));
for (let first = 0; first < pending.length; first += 5000) {
  const tests = pending.slice(first, first + 5000);
  const file = name => join(folder, name);
  writeFileSync(file('t.s'), program(tests));
  const quiet = { stdio: ['ignore', 'inherit', 'inherit'] };
  execFileSync('riscv64-unknown-elf-as', ['-march=rv32imac_zba_zbb_zicsr_zifencei', '-mabi=ilp32', file('t.s'), '-o', file('t.o')], quiet);
  execFileSync(
    'riscv64-unknown-elf-ld',
    [
      '-m',
      'elf32lriscv',
      `-Ttext=0x${BASE.toString(16)}`,
      file('t.o'),
      '-o',
      file('t.elf'),
      '--no-warn-rwx-segments',
      '--no-relax',
      '-e',
      'start',
    ],
    quiet,
  );
  execFileSync('riscv64-unknown-elf-objcopy', ['-O', 'binary', '-j', '.text', file('t.elf'), file('t.bin')]);
  execFileSync(
    'qemu-system-riscv32',
    [
      '-machine',
      'virt',
      '-cpu',
      'rv32,zba=true,zbb=true',
      '-bios',
      'none',
      '-nographic',
      '-semihosting-config',
      'enable=on,target=native',
      '-kernel',
      file('t.elf'),
      '-monitor',
      'none',
      '-serial',
      'none',
    ],
    { timeout: 120_000, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const dump = readFileSync(file('qemu.out'));
  const theirs = new Uint32Array(dump.buffer.slice(dump.byteOffset, dump.byteOffset + dump.length));
  const ours = runOurs(readFileSync(file('t.bin')));
  tests.forEach((test, i) => {
    total++;
    const differences = [];
    for (let w = 0; w < RECORD; w++) {
      const a = ours[i * RECORD + w];
      const b = theirs[i * RECORD + w];
      if (a !== b) differences.push(`${NAMES[w]} ours ${hex(a)} QEMU ${hex(b)}`);
    }
    if (differences.length === 0) return;
    failed++;
    const times = (shown.get(test.template) ?? 0) + 1;
    shown.set(test.template, times);
    if (times > 2) return;
    const used = [...new Set([...test.body.matchAll(/\bx(\d+)/g)].map(([, n]) => Number(n)))].filter(n => n > 0 && n <= REGISTERS);
    console.log(
      `${test.body.replaceAll('\n', ' ; ')}\n  in ${used.map(n => `x${n}=${hex(test.input[n - 1])}`).join(' ')}\n  ${differences.slice(0, 6).join('\n  ')}`,
    );
  });
}
for (const [template, times] of shown) console.log(`${times} differ: ${template.replaceAll('\n', ' ; ')}`);
console.log(`seed ${options.seed}: ${wanted.length} instruction forms, ${total} cases, ${failed} differ`);
if (!options.keep) rmSync(folder, { recursive: true });
else console.log(folder);
process.exit(failed === 0 ? 0 : 1);
