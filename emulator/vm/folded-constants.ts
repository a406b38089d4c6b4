/**
 * Numbers in built-in modules that the compiler puts in place of `module.NAME` (mp_constants_table in py/parse.c, and MICROPY_PORT_CONSTANTS
 * of ports/stm32/mpconfigport.h).
 */
import { type ConstantModules, ConstFloat } from '../compiler/rawcode.ts';
import { builtinDefinitions, romNames } from '../modules/registry.ts';
import { MpFloat } from '../objects/float.ts';
import { vm } from './vm.ts';

const EVERYWHERE = ['errno', 'uctypes', 'math'];
const ON_STM32 = [...EVERYWHERE, 'machine', 'pyb', 'stm'];

type Numbers = Map<string, number | bigint | ConstFloat>;

const KEY = Symbol('folded constants');

function numbersOf(name: string): Numbers | undefined {
  for (const def of builtinDefinitions()) {
    if (def.name !== name) continue;
    const numbers: Numbers = new Map();
    for (const [attribute, value] of romNames(def)) {
      if (typeof value === 'number' || typeof value === 'bigint') numbers.set(attribute, value);
      else if (value instanceof MpFloat) numbers.set(attribute, new ConstFloat(value.value));
    }
    return numbers;
  }
  return undefined;
}

/** The running machine's modules with constants; each is looked into when a program first names it. */
export const foldedConstants: ConstantModules = {
  get(name) {
    const known = vm.profile.platform === 'pyboard' ? ON_STM32 : EVERYWHERE;
    if (!known.includes(name)) return undefined;
    const modules = vm.stateOf(KEY, () => new Map<string, Numbers | undefined>());
    if (!modules.has(name)) modules.set(name, numbersOf(name));
    return modules.get(name);
  },
};
