/**
 * Files of a project that are TypeScript: newer versions of Node load them as they are (22.18 and later), older ones by the package `tsx`, where the project has it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const isTypeScript = (file: string): boolean => /\.[cm]?ts$/.test(file);

/** Whether this Node loads TypeScript by itself. */
export function loadsTypeScript(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** What a person can do about it. */
export const typeScriptHint = `Node ${process.versions.node} does not load TypeScript by itself: install tsx in the project (npm install --save-dev tsx), or use Node 22.18 or later`;

/** The part of `tsx` that a project has by which a thread learns it, as a URL; undefined if it has none. */
function tsxOf(from: string): string | undefined {
  try {
    // It has one file for `require` and one for `import` beside it.
    const file = createRequire(from)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs');
    return existsSync(file) ? pathToFileURL(file).href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Has this thread load TypeScript from now on.
 * @param from a file of the project, absolute
 * @returns whether it can
 */
export async function learnTypeScript(from: string): Promise<boolean> {
  if (loadsTypeScript()) return true;
  const api = tsxOf(from);
  if (api === undefined) return false;
  const { register } = (await import(api)) as { register(): unknown };
  register();
  return true;
}
