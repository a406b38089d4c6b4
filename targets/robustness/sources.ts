/** The programs of this repository that mutants are made of. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../differential/programs/', import.meta.url);

export const programSources: readonly string[] = readdirSync(folder)
  .filter(name => name.endsWith('.py'))
  .map(name => readFileSync(new URL(name, folder), 'utf8'));
