/** Loads the files of a project that define modules for its boards. */
import { fileURLToPath } from 'node:url';

import { modulesOfFile } from '../modules/extension/define-module.ts';
import type { ModuleDefinition } from '../modules/extension/definition.ts';
import { SessionError } from './error.ts';
import { isTypeScript, learnTypeScript, typeScriptHint } from './typescript.ts';

let learnt = false;

/** @throws SessionError that says what is wrong with the file, and where */
export async function modulesOf(file: string): Promise<readonly ModuleDefinition[]> {
  if (isTypeScript(file) && !learnt) {
    learnt = await learnTypeScript(fileURLToPath(file));
    if (!learnt) throw new SessionError('module-failed', `${shortened(file)}: ${typeScriptHint}`);
  }
  try {
    await import(file);
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    if (message.includes('instance of Cucumber'))
      throw new SessionError(
        'module-failed',
        `the module's file ${shortened(file)} defines steps or parts too: put them into another file, for the board's thread loads this one as well`,
      );
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

/** URLs as paths. */
const shortened = (text: string): string =>
  text.replaceAll(/file:\/\/\/[^\s)]+/g, url => url.slice('file://'.length).replaceAll('%20', ' '));
