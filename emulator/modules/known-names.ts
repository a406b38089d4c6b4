/**
 * All names that a machine knows, in the order of the reference's qstrs: the static ones, those of the firmware by the alphabet, then
 * what the guest has added, oldest first. dir() and completion go through them in this order.
 */
import { CROSS_COMPILER_QSTRS, STATIC_QSTRS } from '../compiler/known-qstrs.ts';
import { MpModule } from '../objects/module.ts';
import type { Profile } from '../vm/profile.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { builtinDefinitions, romNames } from './registry.ts';

/** Names that a type's code answers to, so that they stand in no table. */
const COMPUTED_NAMES = ['__bases__', '__code__', '__dict__', '__globals__', 'errno', 'imag', 'indices', 'itemsize', 'real'];

const firmwareNames = new Map<Profile, readonly string[]>();

/** The names of the firmware: static ones first, the others by the alphabet. */
function namesOfFirmware(): readonly string[] {
  const { profile } = vm;
  let names = firmwareNames.get(profile);
  if (names === undefined) {
    const found = new Set<string>([...COMPUTED_NAMES, ...CROSS_COMPILER_QSTRS]);
    const seen = new Set<Value>();
    const visit = (entries: Iterable<readonly [Value, Value]>): void => {
      for (const [name, value] of entries) {
        if (typeof name === 'string') found.add(name);
        if (seen.has(value)) continue;
        seen.add(value);
        if (value instanceof MpType && value.locals?.fixed) visit(value.locals.entries());
        else if (value instanceof MpModule) visit(value.globals.map.entries());
      }
    };
    for (const def of builtinDefinitions()) {
      found.add(def.name);
      visit(romNames(def));
    }
    for (const name of STATIC_QSTRS) found.delete(name);
    names = [...STATIC_QSTRS, ...[...found].sort(byBytes)];
    firmwareNames.set(profile, names);
  }
  return names;
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every name, each once, in order. */
export function knownNames(): Iterable<string> {
  return new Set([...namesOfFirmware(), ...vm.strings]);
}
