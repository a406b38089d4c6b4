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

test('a random program runs the same translated', () => {
  fc.assert(
    fc.property(programs(), fc.integer({ min: 900, max: 60_000 }), (source, period) => expectSame(source, period)),
    { seed, numRuns, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false },
  );
});
