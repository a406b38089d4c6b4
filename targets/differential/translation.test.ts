/**
 * Translated code does what the interpreter does: the same output at the same virtual time, with the same memory, and looked at by events at the
 * same instructions. Programs run both ways, with every function translated at its first call.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { SPEED_PROGRAMS } from '../../bench/speed-programs.ts';
import { Clock } from '../../emulator/clock/clock.ts';
import { printException } from '../../emulator/objects/exception.ts';
import { createVm } from '../../emulator/vm/create.ts';
import { runSource } from '../../emulator/vm/execute.ts';
import { stdout } from '../../emulator/vm/printing.ts';
import type { Profile } from '../../emulator/vm/profile.ts';
import { pyboardProfile, unixProfile } from '../../emulator/vm/profiles.ts';
import { Raise } from '../../emulator/vm/raise.ts';
import { now } from '../../emulator/vm/service.ts';
import { translation } from '../../emulator/vm/translate/run.ts';
import { runIn, vmHooks } from '../../emulator/vm/vm.ts';
import { packageRoot } from '../package-root.ts';
import { programs } from './statements.ts';

const seed = Number(process.env.BOARDSPEC_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.BOARDSPEC_RUNS ?? 40);
console.log(`differential translation: BOARDSPEC_SEED=${seed} BOARDSPEC_RUNS=${numRuns}`);

const usual = translation.threshold;
afterAll(() => {
  translation.threshold = usual;
});

/** An event is served between two instructions, not inside one. */
let atInstruction = false;
const { service } = vmHooks;
vmHooks.service = () => {
  atInstruction = true;
  try {
    service();
  } finally {
    atInstruction = false;
  }
};

interface Observed {
  output: string;
  time: number;
  used: number;
  peak: number;
  allocated: number;
  /** How often events were served, and a checksum of when and where. */
  served: number;
  where: number;
}

/** Runs a program to its end, with an event each `period` ns of virtual time. */
function observe(source: string, profile: Profile, threshold: number, period: number): Observed {
  translation.threshold = threshold;
  const observed: Observed = { output: '', time: 0, used: 0, peak: 0, allocated: 0, served: 0, where: 0 };
  const clock = new Clock();
  const bytes: Uint8Array[] = [];
  const vm = createVm(
    profile,
    {
      writeStdout: data => void bytes.push(data.slice()),
      writeStderr: () => {},
      readStdin: () => -1,
      importStat: () => 'none',
      idle: until => clock.advanceTo(Math.min(until, clock.nextDue)),
      boundary: () => {
        observed.served++;
        const { frame } = vm;
        // Inside a native function the frame only knows where it was last looked at.
        for (const n of [clock.now, atInstruction ? frame!.pc : 0, vm.heap.used]) observed.where = (Math.imul(observed.where, 31) + n) | 0;
        if (observed.served > 3_000_000) throw new Error('the program does not end');
      },
    },
    clock,
  );
  const tick = (): void => void clock.after(period, tick);
  tick();
  runIn(vm, () => {
    try {
      runSource(source, 'program.py', 'file');
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      printException(stdout, error.exception);
    }
    observed.time = now();
  });
  observed.output = Buffer.concat(bytes).toString();
  ({ used: observed.used, peak: observed.peak, allocated: observed.allocated } = vm.heap);
  return observed;
}

function expectSame(source: string, period: number): void {
  for (const profile of [unixProfile, { ...pyboardProfile, name: 'pyboard' }]) {
    // What is built in is set up when it is first used, which takes some of the heap of the machine that does.
    observe(source, profile, Number.POSITIVE_INFINITY, period);
    const interpreted = observe(source, profile, Number.POSITIVE_INFINITY, period);
    expect(observe(source, profile, 0, period), source).toEqual(interpreted);
  }
}

const folder = join(packageRoot, 'targets', 'differential', 'programs');
for (const file of readdirSync(folder).sort()) {
  test(`${file} runs the same translated`, () => expectSame(readFileSync(join(folder, file), 'utf8'), 7_001));
}
/** The benchmarks, with less to do. */
const SMALLER: Readonly<Record<string, [string, string]>> = {
  calls: ['fib(24)', 'fib(13)'],
  loops: ['200000', '3000'],
  floats: ['60000', '600'],
  classes: ['25000', '400'],
  dicts: ['60000', '900'],
  lists: ['2000, 25', '300, 3'],
  strings: ['40000', '600'],
  generators: ['120000', '2000'],
  exceptions: ['60000', '900'],
  integers: ['6000', '900'],
};
for (const [name, source] of Object.entries(SPEED_PROGRAMS)) {
  test(`the benchmark of ${name} runs the same translated`, () => {
    const [from, to] = SMALLER[name];
    expect(source).toContain(from);
    expectSame(source.replace(from, to), 10_007);
  });
}

/** Statements of a function, that go round and leave in every way: `n` changes all the time, and what is conditional depends on it. */
function controlFlow(depth: number, inLoop: boolean): fc.Arbitrary<string[]> {
  const step = fc.nat(9).map(k => [`n += ${k + 1}`, `seen.append(n % 100)`]);
  const test = fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.constantFrom('n % K == 1', 'n % K and n & 1', 'n % K or n & 2', 'not n % K', '1 < n % K < 3'))
    .map(([k, text]) => text.replace('K', String(k)));
  const leaving = fc
    .tuple(test, fc.constantFrom('return n', 'raise ValueError(n)', 'n //= 0', ...(inLoop ? ['break', 'continue'] : [])))
    .map(([condition, leave]) => [`if ${condition}: ${leave}`]);
  if (depth === 0) return fc.oneof(step, leaving);
  const block = (loops: boolean): fc.Arbitrary<string[]> =>
    fc
      .array(controlFlow(depth - 1, loops), { minLength: 1, maxLength: 4 })
      .map(parts => ['n += 1', ...parts.flat()].map(line => `    ${line}`));
  const same = block(inLoop);
  return fc.oneof(
    step,
    leaving,
    fc.tuple(test, same, same).map(([condition, yes, no]) => [`if ${condition}:`, ...yes, 'else:', ...no]),
    fc.tuple(block(true), same).map(([body, behind]) => [`for i${depth} in range(4):`, ...body, 'else:', ...behind]),
    fc
      .tuple(block(true), test)
      .map(([body, condition]) => [
        `i${depth} = 5`,
        `while i${depth} > 0:`,
        `    i${depth} -= 1`,
        `    if ${condition}: i${depth} -= 1`,
        ...body,
      ]),
    fc.tuple(same, same, same).map(([body, handler, behind]) => ['try:', ...body, 'except ValueError:', ...handler, 'else:', ...behind]),
    fc.tuple(same, same).map(([body, last]) => ['try:', ...body, 'finally:', ...last]),
    same.map(body => ['with Manager():', ...body]),
    test.map(condition => [`n = n + 1 if ${condition} else n - 2`, 'if n > 5000: return seen']),
  );
}

const FLOW_HEAD = [
  'class Manager:',
  '    def __enter__(self): return self',
  '    def __exit__(self, kind, value, trace): return kind is ValueError',
];

test('a function runs the same translated, however it goes round', () => {
  fc.assert(
    fc.property(controlFlow(3, false), fc.boolean(), fc.integer({ min: 900, max: 60_000 }), (body, yields, period) => {
      const lines = [...FLOW_HEAD, 'def f(n, seen):', ...body.map(line => `    ${line}`)];
      if (yields) lines.push('    yield n');
      lines.push('for n in range(3):', '    seen = []', '    try:', `        print(${yields ? 'list(f(n, seen))' : 'f(n, seen)'})`);
      lines.push('    except Exception as e:', '        print(repr(e))', '    print(seen[-40:], len(seen))');
      expectSame(`${lines.join('\n')}\n`, period);
    }),
    { seed, numRuns: numRuns * 3, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
  );
});

test('a random program runs the same translated', () => {
  fc.assert(
    fc.property(programs(), fc.integer({ min: 900, max: 60_000 }), (source, period) => expectSame(source, period)),
    { seed, numRuns, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false },
  );
});
