import { describe, expect, test } from 'vitest';
import { evilPrograms } from './evil-programs.ts';
import { caseRandom, subject } from './mutants.ts';
import { runBudgeted } from './run-budgeted.ts';
import { programSources } from './sources.ts';

/** Virtual time for one program, in ns. What is not over by then is stopped; what never gets there would hang the test. */
const BUDGET = 30_000_000;
const encode = (text: string) => new TextEncoder().encode(text);

describe('a program that wants more than there is ends in an exception, or goes on until it is stopped', () => {
  for (const [name, source] of Object.entries(evilPrograms)) {
    test(name, () => {
      for (const board of ['unix', 'pyboard-v1.1'] as const) {
        const { how } = runBudgeted({ board, kind: 'source', bytes: encode(source) }, BUDGET);
        expect(['ended', 'stopped', 'waits'], `on ${board}`).toContain(how);
      }
    });
  }
});

/** A run is repeated with BOARDSPEC_SEED; BOARDSPEC_RUNS says how many programs and files are tried. scripts/fuzz-programs.mjs tries many more. */
const seed = Number(process.env.BOARDSPEC_SEED ?? Date.now() % 2 ** 31);
const runs = Number(process.env.BOARDSPEC_RUNS ?? 300);
console.log(`mutated programs: BOARDSPEC_SEED=${seed} BOARDSPEC_RUNS=${runs}`);

test('mutated programs and .mpy files end in output or the guest’s exceptions', () => {
  for (let index = 0; index < runs; index++) {
    const mutant = subject(caseRandom(seed, index), programSources);
    const shown = `case ${index} on ${mutant.board}, ${mutant.kind}: ${Buffer.from(mutant.bytes).toString('base64')}`;
    expect(() => runBudgeted(mutant, BUDGET), shown).not.toThrow();
  }
});

test('is stopped when its time is up, and not before', () => {
  const subjectOf = (source: string) => ({ board: 'unix', kind: 'source', bytes: encode(source) }) as const;
  expect(runBudgeted(subjectOf('while True: pass'), BUDGET).how).toBe('stopped');
  expect(runBudgeted(subjectOf('sum(range(10**12))'), BUDGET).how).toBe('stopped');
  expect(runBudgeted(subjectOf('print(1)'), BUDGET)).toEqual({ how: 'ended', status: 0, output: '1\n' });
});

test('a .mpy file with broken code is refused, or ends in an exception', () => {
  const mpy = (base64: string) => ({ board: 'unix', kind: 'mpy', bytes: Buffer.from(base64, 'base64') }) as const;
  // A dictionary for 175 million entries; found by scripts/fuzz-programs.mjs.
  const huge = 'TQYAPwUAFHN1YmplY3QucHkAD4EtAmQAgXeDAEAGAS4sLAAs04KqYioCX0sdFgMRBBEDFAKqNgE0AVkRBBEDFAKqgjYCNAFZQiFRYw==';
  expect(runBudgeted(mpy(huge), BUDGET)).toMatchObject({ how: 'ended', status: 1 });
  // A handler set up below the stack's bottom.
  const below =
    'TQYAPwcAFHN1YmplY3QucHkADwJhAAxjYXVnaHQAAngCgXdRg1gsEAEgIkpKIkqBFgRICREEFAI2AFlKC1kRBREENAFZSgFdSAMRBrNXEQbfREpZEQUQAzQBWUoBdV1RYw==';
  expect(runBudgeted(mpy(below), BUDGET)).toMatchObject({ how: 'ended', status: 1 });
});
