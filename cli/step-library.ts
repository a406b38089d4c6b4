/** Reads the step library, and the steps of the project itself, the way cucumber does. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type IRunConfiguration, loadConfiguration, loadSupport } from '@cucumber/cucumber/api';
import type { ParameterDoc } from '../steps/parameters.ts';
import type { StepDefinition } from '../steps/step.ts';
import { builtFile } from '../targets/package-root.ts';

/** Puts our steps before those of the project; a project that imports them by itself gets them once. */
export function withLibrary(configuration: IRunConfiguration, cwd: string): void {
  const library = builtFile('steps/index.js');
  const own = configuration.support.importPaths?.length ? configuration.support.importPaths : ownSteps(cwd);
  // Before all others, in each process that cucumber starts.
  const loader = own.some(mayBeTypeScript) ? [builtFile('steps/typescript.js')] : [];
  configuration.support.importPaths = [...loader, library, ...own.filter(path => resolve(cwd, path) !== library)];
}

/** Does the pattern allow for names that end with `.ts` or the like? */
const mayBeTypeScript = (pattern: string): boolean => /\.(\{[^}]*)?[cm]?ts\b/.test(pattern);

/** Steps of the project itself, when its configuration names none. */
function ownSteps(cwd: string): string[] {
  return ['features', 'steps'].filter(folder => existsSync(join(cwd, folder))).map(folder => `${folder}/**/*.{js,mjs,cjs,ts,mts,cts}`);
}

export interface StepListing {
  readonly library: readonly StepDefinition[];
  readonly parameters: readonly ParameterDoc[];
  /** Sentences of the project's own steps that were not defined with `family`. */
  readonly other: readonly { readonly pattern: string; readonly file: string; readonly line: number }[];
}

export async function readSteps(cwd: string): Promise<StepListing> {
  const { runConfiguration } = await loadConfiguration({}, { cwd });
  withLibrary(runConfiguration, cwd);
  // What cucumber calls a support library is opaque in its types; its step definitions have been there for years.
  const support = (await loadSupport(runConfiguration, { cwd })) as unknown as {
    stepDefinitions: { pattern: string | RegExp; uri: string; line: number }[];
  };
  const file = pathToFileURL(builtFile('steps/index.js')).href;
  const { library, parameters } = (await import(file)) as { library: readonly StepDefinition[]; parameters: readonly ParameterDoc[] };
  const known = new Set(library.map(({ expression }) => expression));
  const other = support.stepDefinitions
    .map(({ pattern, uri, line }) => ({ pattern: typeof pattern === 'string' ? pattern : String(pattern), file: uri, line }))
    .filter(({ pattern }) => !known.has(pattern));
  return { library, parameters, other };
}
