/** Imports point downwards only: a folder knows those below it, and none above. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** From the bottom up. `boards/` stands beside them: data, with the emulator's types, which all of them may read. */
const FOLDERS = ['emulator', 'targets', 'views', 'steps', 'reports', 'cli'];

const sources = (folder: string): string[] =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .map(file => posix.join(folder, file.replaceAll('\\', '/')))
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:from |import\()'(\.[^']+)'/g)].map(([, path]) =>
    posix.join(posix.dirname(file), path),
  );

it.each(FOLDERS)('%s/ imports from no folder above it', folder => {
  const above = FOLDERS.slice(FOLDERS.indexOf(folder) + 1);
  const upwards = sources(folder).flatMap(file =>
    importsOf(file)
      .filter(path => above.includes(path.split('/')[0]))
      .map(path => `${file} imports ${path}`),
  );
  expect(upwards).toEqual([]);
});
