/** The module network (extmod/modnetwork.c), without drivers for network interfaces. */
import { fun0, funVar } from '../objects/function.ts';
import { newList } from '../objects/list.ts';
import { newStr } from '../objects/new-str.ts';
import { strData, strText } from '../objects/str-bytes.ts';
import { raiseValueError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

const MAX_HOSTNAME = 32;

interface NetworkState {
  country: string;
  hostname: string;
}
const KEY = Symbol('network');
/** Both outlast a soft reset. */
const state = () => vm.stateOf<NetworkState>(KEY, () => ({ country: 'XX', hostname: 'mpy-stm32' }));

const INTERFACES = Symbol('network interfaces');
const interfaces = () =>
  vm.volatileStateOf(INTERFACES, () => {
    const list = newList([]);
    vm.roots.add(() => [list]);
    return list;
  });

/** Reads a setting without an argument, writes it with one. */
const setting = (name: keyof NetworkState, fits: (length: number) => boolean) =>
  funVar(0, 1, (args): Value => {
    if (args.length === 0) return newStr(state()[name]);
    if (!fits(strData(args[0]).length)) raiseValueError();
    state()[name] = strText(args[0]);
    return null;
  });

/** network.country, which pyb has too. */
export const countryFunction = (): Value => setting('country', length => length === 2);

export const networkModule: ModuleDef = {
  name: 'network',
  extensible: false,
  names: () => [
    ['country', countryFunction()],
    ['hostname', setting('hostname', length => length <= MAX_HOSTNAME)],
    ['route', fun0(interfaces)],
    ['STA_IF', 0],
    ['AP_IF', 1],
  ],
};
