/** Tab completion (py/repl.c): names that the interpreter has interned, in the order in which it has them. */

import { knownNames } from '../modules/known-names.ts';
import { builtinModuleNames } from '../modules/registry.ts';
import { loadMethodProtected } from '../vm/attributes.ts';
import type { Value } from '../vm/value.ts';
import { MethodRef } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { send } from './console.ts';

/** More than one match and nothing to add: they have been listed. */
export const MANY_MATCHES = Symbol('many matches');

const IMPORT = 'import ';
const SLOT = 16;
const LINE = 4 * SLOT;

/** Completes the last word of `text`; returns what to add. */
export function complete(text: string): string | typeof MANY_MATCHES {
  const chain = /[A-Za-z0-9_.]*$/.exec(text)![0];
  const parts = chain.split('.');
  const prefix = parts.pop()!;
  let obj: Value | undefined = vm.main;
  const ref = new MethodRef();
  for (const part of parts) {
    ref.member = undefined;
    if (part !== '') loadMethodProtected(obj!, part, ref, true);
    obj = ref.member;
    if (obj === undefined) return '';
  }
  const modules = text.startsWith(IMPORT) ? new Set(builtinModuleNames()) : undefined;
  const has = (name: string): boolean => {
    if (modules !== undefined) return modules.has(name);
    loadMethodProtected(obj!, name, ref, true);
    return ref.member !== undefined;
  };
  const matches: string[] = [];
  for (const name of knownNames()) {
    if (!name.startsWith(prefix) || (prefix === '' && name.startsWith('_'))) continue;
    if (has(name)) matches.push(name);
  }
  if (matches.length === 0) {
    const first = chain.length === text.length && parts.length === 0;
    return first && prefix.length > 0 && prefix.length < IMPORT.length && IMPORT.startsWith(prefix) ? IMPORT.slice(prefix.length) : '';
  }
  let common = matches[0];
  for (const match of matches) while (!match.startsWith(common)) common = common.slice(0, -1);
  if (matches.length === 1 || common.length > prefix.length) return common.slice(prefix.length);

  let width = LINE;
  let out = '';
  for (const match of matches) {
    let gap = Math.floor((width + SLOT - 1) / SLOT) * SLOT - width;
    if (gap < 2) gap += SLOT;
    if (width + gap + match.length <= LINE) {
      out += ' '.repeat(gap) + match;
      width += gap + match.length;
    } else {
      out += `\r\n${match}`;
      width = match.length;
    }
  }
  send(`${out}\r\n`);
  return MANY_MATCHES;
}
