/**
 * Compares the x86-64 core with the processor that this runs on: for every instruction form, random registers and memory are set up, the instruction runs on both,
 * and everything that it may have changed must be equal. Bit 4 of the flags (A) is left out: nothing but decimal arithmetic looks at it.
 *
 *   node scripts/cores/compare-x64.mjs [--seed N] [--count N] [--only TEXT] [--keep]
 *
 * Needs an x86-64 processor with Linux, and gcc on the PATH.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { EDGES, randomFrom } from './random.mjs';
import { X64_FORMS } from './x64-templates.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '40' },
    only: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
if (process.arch !== 'x64' || process.platform !== 'linux' || spawnSync('gcc', ['--version']).status !== 0) {
  console.log('skipped: this needs gcc on an x86-64 processor with Linux');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'x64-'));
const { random, below, pick } = randomFrom(Number(options.seed));

// Where things are, on both sides.
const STATE = 0x10000000;
const EXIT = STATE + 0x800;
const DATA = 0x10010000;
const DATA_BYTES = 512;
const STACK = 0x10020800;
const STACK_BYTES = 128;
const CODE = 0x10100000;
const SLOT = 96;
const REGISTERS = 16;
const XMM = 4;
/** A record: registers, flags, trap, SSE registers, data, stack. */
const RECORD = (REGISTERS + 2) * 8 + XMM * 16 + DATA_BYTES + STACK_BYTES;
const RSP = 4;
const RBX = 3;

const NAMES = {
  64: ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
  32: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', ...Array.from({ length: 8 }, (_, i) => `r${i + 8}d`)],
  16: ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di', ...Array.from({ length: 8 }, (_, i) => `r${i + 8}w`)],
  8: ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil', ...Array.from({ length: 8 }, (_, i) => `r${i + 8}b`)],
};
const HIGH = ['ah', 'ch', 'dh'];
const ALL_FLAGS = { C: 1, P: 4, Z: 64, S: 128, O: 2048 };
const FLAG_MASK = Object.values(ALL_FLAGS).reduce((sum, flag) => sum | flag, 0);

const word = () => {
  const half = () => (below(3) === 0 ? pick(EDGES) : random());
  switch (below(4)) {
    case 0:
      return BigInt(pick(EDGES));
    case 1:
      return BigInt.asUintN(64, -BigInt(pick(EDGES)));
    default:
      return (BigInt(half()) << 32n) | BigInt(half());
  }
};
const FLOATS = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 3.75, 1e10, -1e19, 1e300, 1e-310, Infinity, -Infinity, NaN, 2147483647, 2147483648.5];

/** A register that is not used to reach memory. */
const freeRegister = not => {
  for (;;) {
    const n = below(16);
    if (n !== RSP && n !== RBX && n !== 13 && n !== not) return n;
  }
};

function fill({ text }) {
  // RBX and R13 point to data; the address of an index is taken from what it was at first.
  const same = freeRegister();
  const hasRex = /\{(r16|r32|r64|m|x)\}/.test(text);
  const memory = () => {
    const base = pick(['rbx', 'r13']);
    const offset = pick([0, 8, 1, 3, 64, -8, -64, 100]);
    switch (below(4)) {
      case 0:
        return `[${base}]`;
      case 1:
        return `[${base}+r15*${pick([1, 2, 4, 8])}+${offset}]`;
      case 2:
        return `[0x${(DATA + 128 + offset).toString(16)}]`;
      default:
        return `[${base}+${offset}]`;
    }
  };
  const anyRegister = size => {
    if (size === 8 && !hasRex && below(4) === 0) return pick(HIGH);
    // A second byte cannot stand beside a register that needs a prefix.
    let n = freeRegister(15);
    if (size === 8 && !hasRex) n = n % 3;
    return NAMES[size][n];
  };
  const body = text.replace(/\{([^}]*)\}/g, (whole, kind) => {
    if (kind === 'load' || kind === 'store') return whole;
    if (kind === 'm') return memory();
    if (kind === 'lea')
      return `[${NAMES[64][freeRegister()]}+${NAMES[64][freeRegister()]}*${pick([1, 2, 4, 8])}+${(random() | 0) >> below(32)}]`;
    if (kind === 'x') return `xmm${below(XMM)}`;
    if (kind === 'i8') return String((random() << 24) >> 24);
    if (kind === 'i16') return String((random() << 16) >> 16);
    if (kind === 'i32') return String(below(2) ? random() | 0 : pick(EDGES) | 0);
    if (kind === 'i64') return String(BigInt.asIntN(64, word()));
    if (kind.startsWith('same')) return NAMES[kind.slice(4) || 64][same];
    if (kind[0] === 'a') return NAMES[kind.slice(1)][0];
    if (kind[0] === 'r') return anyRegister(Number(kind.slice(1)));
    const [from, to] = kind.split(',').map(Number);
    return String(from + below(to - from + 1));
  });
  // Half of them with their flags replaced at once: then the core does not compute them.
  return { body, behind: below(2) ? '\ncmp ebx, r9d' : '' };
}

const forms = X64_FORMS.filter(({ text }) => options.only === undefined || text.includes(options.only));
const cases = forms.flatMap(form => Array.from({ length: Number(options.count) }, () => ({ form, ...fill(form) })));

// The programs

const assembly = cases
  .map(({ body, behind }, i) => `.org ${i * SLOT}\n${body}${behind}\njmp qword ptr [0x${EXIT.toString(16)}]`)
  .join('\n');
writeFileSync(join(folder, 'cases.s'), `.intel_syntax noprefix\n.text\n${assembly}\n`);
execFileSync('gcc', ['-c', '-o', join(folder, 'cases.o'), join(folder, 'cases.s')]);
execFileSync('objcopy', ['-O', 'binary', '-j', '.text', join(folder, 'cases.o'), join(folder, 'code')]);
const code = readFileSync(join(folder, 'code'));

// Where they start

const input = Buffer.alloc(cases.length * RECORD);
const XMM_AT = (REGISTERS + 2) * 8;
const DATA_AT = XMM_AT + XMM * 16;
cases.forEach((_, i) => {
  const record = input.subarray(i * RECORD, (i + 1) * RECORD);
  for (let n = 0; n < REGISTERS; n++) record.writeBigUInt64LE(word(), 8 * n);
  record.writeBigUInt64LE(BigInt(DATA + 128), 8 * RBX);
  record.writeBigUInt64LE(BigInt(DATA + 256), 8 * 13);
  record.writeBigUInt64LE(BigInt.asUintN(64, BigInt(below(17) - 8)), 8 * 15);
  record.writeBigUInt64LE(BigInt(STACK), 8 * RSP);
  const flags = (random() & FLAG_MASK) | 2;
  // No result is zero and negative.
  record.writeBigUInt64LE(BigInt(flags & ALL_FLAGS.Z ? flags & ~ALL_FLAGS.S : flags), 8 * REGISTERS);
  for (let n = 0; n < XMM * 2; n++) {
    if (below(3)) record.writeDoubleLE(below(2) ? pick(FLOATS) : random() / (1 + below(1000)), XMM_AT + 8 * n);
    else {
      record.writeFloatLE(pick(FLOATS), XMM_AT + 8 * n);
      record.writeFloatLE(below(2) ? pick(FLOATS) : random() / 3, XMM_AT + 8 * n + 4);
    }
  }
  for (let at = DATA_AT; at < RECORD; at += 8) record.writeBigUInt64LE(word(), at);
});
writeFileSync(join(folder, 'input'), input);

// The processor

writeFileSync(
  join(folder, 'run.c'),
  `
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
struct state { unsigned long r[${REGISTERS}], flags, trap; unsigned char xmm[${XMM * 16}]; };
static struct state *const state = (void *)${STATE};
static sigjmp_buf back;
static void caught(int number) { siglongjmp(back, number); }
static void map(unsigned long at, size_t size) {
  if (mmap((void *)at, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) { perror("mmap"); exit(1); }
}
void leave(void);
void enter(unsigned long to);
__asm__(".intel_syntax noprefix\\n"
"enter:\\n push rbx\\n push rbp\\n push r12\\n push r13\\n push r14\\n push r15\\n"
" mov [${STATE + 0x900}], rsp\\n mov [${STATE + 0x908}], rdi\\n"
" push qword ptr [${STATE + 8 * REGISTERS}]\\n"
${Array.from({ length: XMM }, (_, n) => `" movups xmm${n}, [${STATE + XMM_AT + 16 * n}]\\n"`).join('\n')}
${NAMES[64].map((name, n) => (n === RSP ? '' : `" mov ${name}, [${STATE + 8 * n}]\\n"`)).join('\n')}
" popfq\\n mov rsp, [${STATE + 8 * RSP}]\\n jmp [${STATE + 0x908}]\\n"
"leave:\\n"
${NAMES[64].map((name, n) => `" mov [${STATE + 8 * n}], ${name}\\n"`).join('\n')}
" mov rsp, [${STATE + 0x900}]\\n pushfq\\n pop qword ptr [${STATE + 8 * REGISTERS}]\\n"
${Array.from({ length: XMM }, (_, n) => `" movups [${STATE + XMM_AT + 16 * n}], xmm${n}\\n"`).join('\n')}
" cld\\n pop r15\\n pop r14\\n pop r13\\n pop r12\\n pop rbp\\n pop rbx\\n ret\\n"
".att_syntax\\n");
int main(int argc, char **argv) {
  map(${STATE}, 0x1000); map(${DATA & ~0xfff}, 0x1000); map(${STACK & ~0xfff}, 0x1000); map(${CODE}, ${(code.length + 0x1fff) & ~0xfff});
  FILE *f = fopen(argv[1], "rb"); if (fread((void *)${CODE}, 1, ${code.length}, f) != ${code.length}) return 1; fclose(f);
  FILE *in = fopen(argv[2], "rb"), *out = fopen(argv[3], "wb");
  stack_t alternate = { .ss_sp = malloc(65536), .ss_size = 65536 };
  sigaltstack(&alternate, 0);
  struct sigaction action = { .sa_handler = caught, .sa_flags = SA_ONSTACK | SA_NODEFER };
  sigaction(SIGFPE, &action, 0); sigaction(SIGSEGV, &action, 0); sigaction(SIGILL, &action, 0); sigaction(SIGBUS, &action, 0);
  *(void **)${EXIT} = leave;
  for (unsigned long i = 0; i < ${cases.length}; i++) {
    if (fread(state, 1, sizeof *state, in) != sizeof *state) return 1;
    if (fread((void *)${DATA}, 1, ${DATA_BYTES}, in) != ${DATA_BYTES} || fread((void *)${STACK - STACK_BYTES / 2}, 1, ${STACK_BYTES}, in) != ${STACK_BYTES}) return 1;
    unsigned long trap = sigsetjmp(back, 1);
    if (trap == 0) enter(${CODE} + i * ${SLOT});
    state->trap = trap;
    fwrite(state, 1, sizeof *state, out);
    fwrite((void *)${DATA}, 1, ${DATA_BYTES}, out); fwrite((void *)${STACK - STACK_BYTES / 2}, 1, ${STACK_BYTES}, out);
  }
  return fclose(out);
}
`,
);
execFileSync('gcc', ['-O1', '-w', '-no-pie', '-o', join(folder, 'run'), join(folder, 'run.c')]);
execFileSync(join(folder, 'run'), [join(folder, 'code'), join(folder, 'input'), join(folder, 'output')]);
const theirs = readFileSync(join(folder, 'output'));

// The core

await build({
  stdin: {
    contents: `export { X64Core } from './emulator/asm/x64/core.ts'; export { X64Trap } from './emulator/asm/x64/trap.ts'; export { evenParity } from './emulator/asm/x64/arithmetic.ts'; export * from './emulator/asm/x64/state.ts'; export { FlatMemory } from './emulator/asm/memory-bus.ts';`,
    resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile: join(folder, 'ours.mjs'),
  logLevel: 'warning',
});
const { X64Core, X64Trap, evenParity, FlatMemory, RESULT, CARRY, OVERFLOW, PARITY } = await import(
  pathToFileURL(join(folder, 'ours.mjs')).href
);
const memory = new FlatMemory(STATE, CODE - STATE + code.length + 64);
const core = new X64Core(memory);
memory.bytes.set(code, CODE - STATE);
const exit = core.addHostFunction(() => core.requestStop('stopped'));
memory.write32(EXIT, exit);

function mine(record) {
  const result = Buffer.from(record);
  for (let n = 0; n < 2 * REGISTERS; n++) core.r[n] = record.readInt32LE(4 * n);
  const flags = record.readUInt32LE(8 * REGISTERS);
  core.r[RESULT] = flags & ALL_FLAGS.Z ? 0 : 1;
  core.r[RESULT + 1] = flags & ALL_FLAGS.S && !(flags & ALL_FLAGS.Z) ? -1 : 0;
  core.r[PARITY] = flags & ALL_FLAGS.P ? 0 : 1;
  core.r[CARRY] = flags & ALL_FLAGS.C ? 1 : 0;
  core.r[OVERFLOW] = flags & ALL_FLAGS.O ? 1 : 0;
  core.xmm.bytes.set(record.subarray(XMM_AT, DATA_AT));
  memory.bytes.set(record.subarray(DATA_AT, DATA_AT + DATA_BYTES), DATA - STATE);
  memory.bytes.set(record.subarray(DATA_AT + DATA_BYTES), STACK - STACK_BYTES / 2 - STATE);
  let trap = 0;
  try {
    const reason = core.run(100000);
    if (reason !== 'stopped') trap = -1;
    // The host function has returned.
    core.r[2 * RSP] -= 8;
  } catch (thrown) {
    trap = thrown instanceof X64Trap && thrown.kind === 'divide' ? 8 : thrown instanceof X64Trap && thrown.kind === 'undefined' ? 4 : 11;
    if (!(thrown instanceof X64Trap)) console.error(thrown);
  }
  for (let n = 0; n < 2 * REGISTERS; n++) result.writeInt32LE(core.r[n], 4 * n);
  let after = 0;
  if ((core.r[RESULT] | core.r[RESULT + 1]) === 0) after |= ALL_FLAGS.Z;
  if (core.r[RESULT + 1] < 0) after |= ALL_FLAGS.S;
  if (evenParity(core.r[PARITY])) after |= ALL_FLAGS.P;
  if (core.r[CARRY]) after |= ALL_FLAGS.C;
  if (core.r[OVERFLOW]) after |= ALL_FLAGS.O;
  result.writeUInt32LE(after, 8 * REGISTERS);
  result.writeInt32LE(trap, 8 * (REGISTERS + 1));
  result.set(core.xmm.bytes.subarray(0, XMM * 16), XMM_AT);
  result.set(memory.bytes.subarray(DATA - STATE, DATA - STATE + DATA_BYTES), DATA_AT);
  result.set(memory.bytes.subarray(STACK - STACK_BYTES / 2 - STATE, STACK + STACK_BYTES / 2 - STATE), DATA_AT + DATA_BYTES);
  return result;
}

/** Flags that must be equal: those of a shift by more than one bit leave O open, one beyond the operand also C. */
function definedFlags({ form, body, behind }, record) {
  let mask = FLAG_MASK;
  if (behind !== '') return mask;
  if (form.undefinedFlags !== 'shift') {
    for (const flag of form.undefinedFlags) mask &= ~ALL_FLAGS[flag];
    return mask;
  }
  const last = body.split(',').at(-1).trim();
  const bits = /qword|\br\w+,/.test(body) && !/\b(e\w\w|r\d+[dwb]),/.test(body) ? 64 : 32;
  const count = (last === 'cl' ? record[8] : Number(last)) & (bits === 64 ? 63 : 31);
  if (count > 1) mask &= ~ALL_FLAGS.O;
  const narrow = /byte|\b[abcd][lh]\b,|\b\w+[lb],/.test(body) ? 8 : /\bword|\b[abcds][xip],|r\d+w,/.test(body) ? 16 : 64;
  if (count >= narrow && /sh[lr]|sar/.test(body)) mask &= ~ALL_FLAGS.C;
  return mask;
}

const isNaNDouble = (buffer, at) => Number.isNaN(buffer.readDoubleLE(at));
const isNaNSingle = (buffer, at) => Number.isNaN(buffer.readFloatLE(at));

/** The first difference, or undefined. */
function difference(test, before, expected, got) {
  const trap = expected.readUInt32LE(8 * (REGISTERS + 1));
  if (trap !== got.readUInt32LE(8 * (REGISTERS + 1))) return `trap ${trap}, ours ${got.readInt32LE(8 * (REGISTERS + 1))}`;
  if (trap !== 0) return undefined;
  for (let n = 0; n < REGISTERS; n++) {
    const [a, b] = [expected, got].map(record => record.readBigUInt64LE(8 * n));
    if (a !== b) return `${NAMES[64][n]} ${a.toString(16)}, ours ${b.toString(16)}`;
  }
  const mask = definedFlags(test, before);
  const [f, g] = [expected, got].map(record => record.readUInt32LE(8 * REGISTERS) & mask);
  if (f !== g) return `flags ${f.toString(2)}, ours ${g.toString(2)}`;
  for (let at = XMM_AT; at < DATA_AT; at += 8) {
    if (expected.readBigUInt64LE(at) === got.readBigUInt64LE(at)) continue;
    // Which of many NaNs it is may differ.
    if (isNaNDouble(expected, at) && isNaNDouble(got, at)) continue;
    const singles = [0, 4].every(
      o => expected.readUInt32LE(at + o) === got.readUInt32LE(at + o) || (isNaNSingle(expected, at + o) && isNaNSingle(got, at + o)),
    );
    if (!singles)
      return `xmm${(at - XMM_AT) >> 4} ${expected.readBigUInt64LE(at).toString(16)}, ours ${got.readBigUInt64LE(at).toString(16)}`;
  }
  for (let at = DATA_AT; at < RECORD; at++)
    if (expected[at] !== got[at] && !(at >= DATA_AT + DATA_BYTES && /call|push/.test(test.body) && /call/.test(test.body)))
      return `memory ${at - DATA_AT}: ${expected[at].toString(16)}, ours ${got[at].toString(16)}`;
  return undefined;
}

let differences = 0;
const failed = new Set();
cases.forEach((test, i) => {
  const before = input.subarray(i * RECORD, (i + 1) * RECORD);
  core.pc = CODE + i * SLOT;
  const got = mine(before);
  const found = difference(test, before, theirs.subarray(i * RECORD, (i + 1) * RECORD), got);
  if (found === undefined) return;
  differences++;
  if (!failed.has(test.form.text)) {
    failed.add(test.form.text);
    if (failed.size <= 20) console.log(`${test.body.padEnd(40)} ${found}`);
  }
});
console.log(`seed ${options.seed}: ${forms.length} forms, ${cases.length} cases, ${differences} differ in ${failed.size} forms`);
if (options.keep) console.log(folder);
else rmSync(folder, { recursive: true });
process.exit(differences === 0 ? 0 : 1);
