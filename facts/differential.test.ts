import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Official, official, ours } from './official.ts';
import { program } from './program-generator.ts';

const folder = fileURLToPath(new URL('programs/', import.meta.url));
let theirs: Official;
beforeAll(async () => {
  theirs = await official();
});

describe('programs print what the official build prints', () => {
  for (const name of readdirSync(folder).sort()) {
    test(name, () => {
      const source = readFileSync(folder + name, 'utf8');
      const expected = theirs.run(source);
      expect(expected).not.toBe('');
      expect(ours().run(source)).toBe(expected);
    });
  }
});

describe('generated programs print what the official build prints', () => {
  // DIFFERENTIAL_SEED repeats a run; the seed of a failure stands in its message.
  const seed = Number(process.env.DIFFERENTIAL_SEED ?? Date.now() % 2 ** 31);
  const numRuns = Number(process.env.DIFFERENTIAL_RUNS ?? 300);
  test(`seed ${seed}`, () => {
    fc.assert(
      fc.property(program, source => {
        expect(ours().run(source)).toBe(theirs.run(source));
      }),
      { seed, numRuns },
    );
  });
});
