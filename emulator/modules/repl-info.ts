/** Whether the REPL tells after each command how long it took and what the memory is like (pyb.repl_info). It outlasts a soft reset. */
import { vm } from '../vm/vm.ts';

const KEY = Symbol('REPL info');

export const replInfo = (): { shown: boolean } => vm.stateOf(KEY, () => ({ shown: false }));
