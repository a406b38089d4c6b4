import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { officialOutput, ourOutput } from './reference.ts';

const folder = join(packageRoot, 'targets', 'differential', 'programs');

for (const file of readdirSync(folder).sort()) {
  test(`${file} prints what it prints on the official build`, async () => {
    const source = readFileSync(join(folder, file), 'utf8');
    const official = await officialOutput(source);
    // A program that the official build cannot finish compares little.
    expect(official).toBeDefined();
    expect(official).not.toContain('Traceback');
    expect(ourOutput(source).split('\n')).toEqual(official!.split('\n'));
  });
}
