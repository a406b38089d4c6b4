/** Loads the files of a project that define modules for its boards. */

import { modulesOfFile } from '../modules/extension/define-module.ts';
import type { ModuleDefinition } from '../modules/extension/definition.ts';
import { SessionError } from './error.ts';

/** @throws SessionError that says what is wrong with the file, and where */
export async function modulesOf(file: string): Promise<readonly ModuleDefinition[]> {
  try {
    await import(file);
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const where = stack.split('\n').find(line => /^\s*at .*file:/.test(line) || /^file:.*:\d+$/.test(line));
    throw new SessionError(
      'module-failed',
      `the module's file ${shortened(file)} cannot be loaded: ${name}: ${message}${where === undefined ? '' : `\n  ${shortened(where.trim())}`}`,
    );
  }
  const found = modulesOfFile(file);
  if (found.length === 0)
    throw new SessionError(
      'module-failed',
      `the file ${shortened(file)} defines no module: it should call defineModule(import.meta.url, …)`,
    );
  return found;
}

const shortened = (text: string): string => text.replaceAll(/file:\/\//g, '');
