/**
 * All names that a machine knows, in the order of the reference's qstrs: the static ones, those of the firmware by the alphabet, those of
 * its frozen modules likewise, then what the guest has added, oldest first. dir() and completion go through them in this order.
 */
import { STATIC_QSTRS } from '../compiler/known-qstrs.ts';
import { MpModule } from '../objects/module.ts';
import { MpTuple } from '../objects/tuple.ts';
import { firmwareNames } from '../vm/interning.ts';
import type { Profile } from '../vm/profile.ts';
import { MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { builtinDefinitions, romNames } from './registry.ts';

/** Names that only the code of a type or module answers to, and that no other build's list has. */
const COMPUTED_NAMES = ['__code__', 'itemsize'];

const namesByProfile = new Map<Profile, readonly string[]>();

/** The names of the firmware: static ones first, the others by the alphabet. */
function namesOfFirmware(): readonly string[] {
  const { profile } = vm;
  let names = namesByProfile.get(profile);
  if (names === undefined) {
    const found = new Set<string>([...COMPUTED_NAMES, ...firmwareNames()]);
    const seen = new Set<Value>();
    const visit = (entries: Iterable<readonly [Value, Value]>): void => {
      for (const [name, value] of entries) {
        if (typeof name === 'string') found.add(name);
        if (seen.has(value)) continue;
        seen.add(value);
        if (value instanceof MpType && value.locals?.fixed) visit(value.locals.entries());
        else if (value instanceof MpModule) visit(value.globals.map.entries());
        else if (value instanceof MpTuple) for (const field of value.fields ?? []) found.add(field);
      }
    };
    for (const def of builtinDefinitions()) {
      found.add(def.name);
      visit(romNames(def));
    }
    for (const name of STATIC_QSTRS) found.delete(name);
    names = [...STATIC_QSTRS, ...[...found].sort(byBytes)];
    namesByProfile.set(profile, names);
  }
  return names;
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every name, each once, in order. */
export function knownNames(): Iterable<string> {
  const frozen = vm.frozen?.qstrs ?? [...vm.romStrings].sort(byBytes);
  return new Set([...namesOfFirmware(), ...frozen, ...vm.strings]);
}
