/** Where this package is installed: worker threads are started from its built files, whichever chunk asks for them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds the package's `package.json`. @throws Error if this file was copied out of the package */
export const packageRoot: string = (() => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'boardspec') return folder;
    if (dirname(folder) === folder)
      throw new Error('boardspec: its own package.json was not found above ' + fileURLToPath(import.meta.url));
  }
})();

/** A built file, by its path below `dist/`. @throws Error if the package was not built */
export function builtFile(path: string): string {
  const file = join(packageRoot, 'dist', path);
  if (!existsSync(file)) throw new Error(`boardspec: ${file} is missing; run "npm run build" in ${packageRoot}`);
  return file;
}

export const packageVersion: string = (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
