import { describe, expect, it } from 'vitest';
import { STATIC_QSTRS } from '../compiler/known-qstrs.ts';
import { COMMON_QSTRS, THUMB_QSTRS, UNIX_QSTRS } from './firmware-qstrs.ts';
import { firmwareNames } from './interning.ts';
import type { Profile } from './profile.ts';
import { pyboardProfile, unixProfile } from './profiles.ts';
import { STM32_QSTRS } from './stm32-qstrs.ts';
import { testMachine } from './test-machine.ts';
import { runIn } from './vm.ts';

const namesOf = (profile: Profile): readonly string[] => runIn(testMachine(profile).vm, () => firmwareNames());

// What the qstr headers of the official builds of 1.27.0 hold.
describe('the names in the ROM', () => {
  it.each([
    ['the Unix port', unixProfile, 546, 'TCSANOW', '/flash'],
    ['the pyboard', pyboardProfile, 1227, '/flash', 'TCSANOW'],
  ] as const)('of %s are as many as the official build has, in order of the alphabet', (_, profile, count, known, unknown) => {
    const names = namesOf(profile);
    expect(names).toHaveLength(count);
    expect([...new Set(names)].sort()).toEqual(names);
    expect(names).toContain(known);
    expect(names).not.toContain(unknown);
  });

  it('stand in one list each', () => {
    const all = [STATIC_QSTRS, COMMON_QSTRS, UNIX_QSTRS, THUMB_QSTRS, STM32_QSTRS].flat();
    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
  });
});
