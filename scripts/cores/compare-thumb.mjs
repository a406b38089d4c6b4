/**
 * Compares the Thumb core with QEMU's Cortex-M4: for every instruction form, random registers, flags, memory and floating-point state are set up, the
 * instruction runs, and everything it may have changed is recorded. The same program runs on both; the records must be equal.
 *
 *   node scripts/cores/compare-thumb.mjs [--seed N] [--count N] [--only TEXT] [--keep]
 *
 * Needs arm-none-eabi-as, -ld, -objcopy and qemu-system-arm on the PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { EDGES, randomFrom } from './random.mjs';
import { float, integer, memory } from './thumb-templates.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '40' },
    only: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'thumb-'));

const { random, below, pick } = randomFrom(Number(options.seed));
const FLOAT_EDGES = [
  0, 0x80000000, 1, 0x80000001, 0x7fffff, 0x800000, 0x80800000, 0x3f800000, 0xbf800000, 0x3f7fffff, 0x3f800001, 0x40000000, 0x4b000000,
  0x4b800000, 0x4effffff, 0x4f000000, 0xcf000000, 0x4f7fffff, 0x4f800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
  0xffc12345, 0x7f800001, 0xffa00000, 0x3f000000, 0x3fc00000, 0x40200000, 0x33800000, 0x38800000, 0x387fc000, 0x477fe000, 0x477ff000,
];
const word = () => (below(3) === 0 ? pick(EDGES) : random());
const floatWord = () => {
  const kind = below(6);
  if (kind === 0) return pick(FLOAT_EDGES);
  if (kind === 1) return random();
  if (kind === 2) return ((random() & 0x807fffff) | ((120 + below(16)) << 23)) >>> 0;
  if (kind === 3) return ((random() & 0x80ff0000) | (below(2) ? 0x3f000000 : 0x40000000)) >>> 0;
  if (kind === 4) return ((random() & 0x80000007) | ((below(4) + 1) << 23)) >>> 0;
  return ((random() & 0x807fffff) | (((below(2) ? 1 : 250) + below(4)) << 23)) >>> 0;
};

const SCRATCH = 0x20300000;
const SCRATCH_WORDS = 24;
const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'];

function fill(template, isFloat) {
  const regs = Array.from({ length: 13 }, word);
  const taken = new Set();
  const fresh = limit => {
    for (;;) {
      const n = below(limit);
      if (!taken.has(n)) {
        taken.add(n);
        return n;
      }
    }
  };
  const same = {};
  const cc = below(14);
  const reserved = {};
  // Bases and offsets first, so that nothing else may be one of them.
  for (const [, kind] of template.matchAll(/\{([bux]l?)\}/g)) {
    if (reserved[kind] === undefined) reserved[kind] = fresh(kind.endsWith('l') ? 8 : 13);
  }
  for (const [kind, n] of Object.entries(reserved)) {
    if (kind[0] === 'b') regs[n] = SCRATCH + 48;
    else if (kind[0] === 'u') regs[n] = SCRATCH + 32 + below(16);
    else regs[n] = (below(11) * 4 - 20) >>> 0;
  }
  const body = template.replace(/\{\{(.*?)\}\}|\{(.*?)\}/g, (_whole, inside, spec) => {
    if (inside !== undefined) {
      if (inside === 'list' || inside === 'list8') {
        const names = [];
        for (let n = 0; n < (inside === 'list8' ? 8 : 13); n++)
          if (!taken.has(n) && below(3) === 0 && names.length < 6) names.push(`r${n}`);
        while (names.length < 2) {
          const n = below(inside === 'list8' ? 8 : 13);
          if (!taken.has(n) && !names.includes(`r${n}`)) names.push(`r${n}`);
        }
        names.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
        return `{${names.join(', ')}}`;
      }
      return `{${inside}}`;
    }
    if (spec === 'cc') return CONDITIONS[cc];
    if (spec === '!cc') return CONDITIONS[cc ^ 1];
    if (/^[bux]l?=?$/.test(spec)) return `r${reserved[spec.replace('=', '')]}`;
    if (spec === 'l' || spec === 'r') {
      for (;;) {
        const n = below(spec === 'l' ? 8 : 13);
        if (!taken.has(n)) return `r${n}`;
      }
    }
    if (spec === 'l=') return `r${(same.l ??= below(8))}`;
    if (spec === 'd') return `r${fresh(13)}`;
    if (spec === 's') return `s${below(32)}`;
    if (spec === 's=') return `s${(same.s ??= below(32))}`;
    if (spec === 'D') return `d${below(16)}`;
    if (spec === 'y') {
      const n = fresh(13);
      regs[n] = below(8);
      return `r${n}`;
    }
    if (spec === 'mod') {
      const byte = below(256);
      switch (below(5)) {
        case 0:
          return String(byte);
        case 1:
          return String((byte | (byte << 16)) >>> 0);
        case 2:
          return String(((byte << 8) | (byte << 24)) >>> 0);
        case 3:
          return String((byte * 0x01010101) >>> 0);
        default: {
          const value = 0x80 | byte;
          const rotation = 8 + below(24);
          return String(((value >>> rotation) | (value << (32 - rotation))) >>> 0);
        }
      }
    }
    if (spec === 'sh')
      return pick([
        '',
        `, lsl #${1 + below(31)}`,
        `, lsr #${1 + below(32)}`,
        `, asr #${1 + below(32)}`,
        `, ror #${1 + below(31)}`,
        ', rrx',
      ]);
    const [from, to, step = 1] = spec.split(',').map(Number);
    return String(from + below(Math.floor((to - from) / step) + 1) * step);
  });
  const apsr = (random() & 0xf80f0000) >>> 0;
  const fpscr = isFloat && below(2) ? (random() & 0x07c00000) >>> 0 : 0;
  const floats = Array.from({ length: 32 }, isFloat ? floatWord : random);
  return { body, input: [...regs, apsr, fpscr, ...floats] };
}

/** Words of one record: r0 to r12, lr, apsr, fpscr, s0 to s31, scratch memory. */
const RECORD = 13 + 3 + 32 + SCRATCH_WORDS;
const INPUT = 13 + 2 + 32;
const STRIDE = 48;

function program(tests) {
  const initial = Array.from({ length: SCRATCH_WORDS }, () => random() >>> 0);
  return `
.syntax unified
.cpu cortex-m4
.fpu fpv5-d16
.thumb
.section .text
.word 0x20200000
.word start + 1
.thumb_func
.global start
start:
  ldr r0, =0xe000ed88
  ldr r1, =0x00f00000
  str r1, [r0]
  dsb
  isb
  ldr r4, =inputs
  ldr r5, =0x20000000
  ldr r6, =tests + 1
  ldr r7, =${tests.length}
next:
  ldr r0, =${SCRATCH}
  ldr r1, =scratch
  movs r2, #${SCRATCH_WORDS}
fill:
  ldr r3, [r1], #4
  str r3, [r0], #4
  subs r2, #1
  bne fill
  push {r4-r7}
  push {r6}
  add r0, r4, #${4 * 15}
  vldmia r0, {s0-s31}
  ldr r0, [r4, #${4 * 14}]
  vmsr fpscr, r0
  ldr r0, [r4, #${4 * 13}]
  msr apsr_nzcvqg, r0
  mov lr, #-1
  ldmia r4, {r0-r12}
  ldr pc, [sp], #4
.ltorg
save:
  push {r0-r12, lr}
  mrs r0, apsr
  vmrs r1, fpscr
  add r8, sp, #56
  ldmia r8!, {r4-r7}
  mov r2, sp
  movs r3, #14
1:
  ldr r9, [r2], #4
  str r9, [r5], #4
  subs r3, #1
  bne 1b
  stmia r5!, {r0, r1}
  vstmia r5!, {s0-s31}
  ldr r2, =${SCRATCH}
  movs r3, #${SCRATCH_WORDS}
2:
  ldr r9, [r2], #4
  str r9, [r5], #4
  subs r3, #1
  bne 2b
  mov sp, r8
  adds r4, #${4 * INPUT}
  adds r6, #${STRIDE}
  subs r7, #1
  bne next
  movs r0, #1
  ldr r1, =open_args
  bkpt 0xab
  ldr r1, =write_args
  str r0, [r1]
  movs r0, #5
  bkpt 0xab
  ldr r1, =write_args
  movs r0, #2
  bkpt 0xab
  movs r0, #0x18
  ldr r1, =0x20026
  bkpt 0xab
  b .
.ltorg
.balign 16
tests:
${tests.map((test, i) => `.org tests + ${i * STRIDE}\n${test.body}\nb.w save`).join('\n')}
.org tests + ${tests.length * STRIDE}
.balign 4
scratch: .word ${initial.join(', ')}
name: .asciz "${join(folder, 'qemu.out')}"
.balign 4
open_args: .word name, 5, ${join(folder, 'qemu.out').length}
inputs:
${tests.map(test => `.word ${test.input.join(', ')}`).join('\n')}
.section .data
write_args: .word 0, 0x20000000, ${tests.length * RECORD * 4}
`;
}

await build({
  stdin: {
    contents: `export { FlatMemory } from './emulator/asm/memory-bus.ts'; export { ThumbCore } from './emulator/asm/thumb/core.ts';`,
    resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'core.mjs'),
  logLevel: 'warning',
});
const { FlatMemory, ThumbCore } = await import(pathToFileURL(join(folder, 'core.mjs')));

/** Code at 0 and data at 0x20000000, as on QEMU's mps2-an386. */
class Board {
  constructor() {
    this.low = new FlatMemory(0, 0x400000);
    this.high = new FlatMemory(0x20000000, 0x800000);
    this.system = new Int32Array(1024);
  }
  set onCodeWrite(handler) {
    this.low.onCodeWrite = handler;
    this.high.onCodeWrite = handler;
  }
  at(address) {
    return address >>> 28 === 0 ? this.low : this.high;
  }
  read8(a) {
    return this.at(a).read8(a);
  }
  read16(a) {
    return this.at(a).read16(a);
  }
  read32(a) {
    return this.at(a).read32(a);
  }
  fetch16(a) {
    return this.at(a).fetch16(a);
  }
  write8(a, v) {
    this.at(a).write8(a, v);
  }
  write16(a, v) {
    this.at(a).write16(a, v);
  }
  write32(a, v) {
    if (a >>> 0 !== 0xe000ed88) this.at(a).write32(a, v);
  }
}

function runOurs(image) {
  const board = new Board();
  board.low.bytes.set(image);
  const core = new ThumbCore(board);
  core.r[13] = board.read32(0);
  core.pc = board.read32(4) & ~1;
  for (;;) {
    const reason = core.run(1 << 29);
    if (reason === 'bkpt') break;
    if (reason !== 'budget') throw new Error(`our core stopped: ${reason} ${JSON.stringify(core.fault)}`);
  }
  return new Uint32Array(board.high.bytes.buffer.slice(0));
}

const NAMES = [
  ...Array.from({ length: 13 }, (_, i) => `r${i}`),
  'lr',
  'apsr',
  'fpscr',
  ...Array.from({ length: 32 }, (_, i) => `s${i}`),
  ...Array.from({ length: SCRATCH_WORDS }, (_, i) => `[${i * 4}]`),
];
const hex = value => (value >>> 0).toString(16).padStart(8, '0');

let total = 0;
let failed = 0;
let forms = 0;
const shown = new Map();
for (const [group, templates] of Object.entries({ integer, memory, float })) {
  const wanted = templates.filter(template => !options.only || template.includes(options.only));
  forms += wanted.length;
  const pending = wanted.flatMap(template =>
    Array.from({ length: Number(options.count) }, () => ({ template, ...fill(template, group === 'float') })),
  );
  for (let first = 0; first < pending.length; first += 6000) {
    const tests = pending.slice(first, first + 6000);
    const file = name => join(folder, name);
    writeFileSync(file('t.s'), program(tests));
    execFileSync('arm-none-eabi-as', [file('t.s'), '-o', file('t.o')], { stdio: ['ignore', 'inherit', 'inherit'] });
    execFileSync(
      'arm-none-eabi-ld',
      ['-Ttext=0', '-Tdata=0x20310000', file('t.o'), '-o', file('t.elf'), '--no-warn-rwx-segments', '-e', 'start'],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    execFileSync('arm-none-eabi-objcopy', ['-O', 'binary', '-j', '.text', file('t.elf'), file('t.bin')]);
    execFileSync(
      'qemu-system-arm',
      [
        '-machine',
        'mps2-an386',
        '-cpu',
        'cortex-m4',
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
      { timeout: 120_000 },
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
      const inputs = test.input.slice(0, 15).map((value, n) => `${n < 13 ? `r${n}` : n === 13 ? 'apsr' : 'fpscr'}=${hex(value)}`);
      const floats = [...test.body.matchAll(/\bs(\d+)/g)].map(([, n]) => `s${n}=${hex(test.input[15 + Number(n)])}`);
      console.log(
        `${test.body.replaceAll('\n', ' ; ')}\n  in ${inputs.join(' ')} ${floats.join(' ')}\n  ${differences.slice(0, 6).join('\n  ')}`,
      );
    });
  }
}
for (const [template, times] of shown) console.log(`${times} differ: ${template.replaceAll('\n', ' ; ')}`);
console.log(`seed ${options.seed}: ${forms} instruction forms, ${total} cases, ${failed} differ`);
if (!options.keep) rmSync(folder, { recursive: true });
else console.log(folder);
process.exit(failed === 0 ? 0 : 1);
