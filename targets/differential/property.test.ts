import fc from 'fast-check';
import { expect, test } from 'vitest';
import { officialOutput, ourOutput } from './reference.ts';
import { expressionPrograms, programs } from './statements.ts';

/** A run is repeated with BOARDSPEC_SEED; BOARDSPEC_RUNS says how many programs of each kind are tried. */
const seed = Number(process.env.BOARDSPEC_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.BOARDSPEC_RUNS ?? 40);
console.log(`differential properties: BOARDSPEC_SEED=${seed} BOARDSPEC_RUNS=${numRuns}`);

const same = (sources: fc.Arbitrary<string>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(sources, async source => {
      const official = await officialOutput(source);
      fc.pre(official !== undefined);
      expect(ourOutput(source), `the program:\n${source}`).toBe(official);
    }),
    // What differs is made smaller for a while; the seed and the path are in the message.
    { seed, numRuns, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false },
  );

test('a random expression has the value that the official build gives it', () => same(expressionPrograms()));
test('a random program prints what it prints on the official build', () => same(programs()));
