/** What the REPL tells after each command when it was asked to (pyb.repl_info; shared/runtime/pyexec.c). It outlasts a soft reset. */
import { interned } from '../vm/interning.ts';
import { stdout } from '../vm/printing.ts';
import { boardTime, now } from '../vm/service.ts';
import { vm } from '../vm/vm.ts';
import { printHeapInfo } from './micropython.ts';
import { NS_PER_MS } from './waiting.ts';

const KEY = Symbol('REPL info');

export const replInfo = (): { shown: boolean } => vm.stateOf(KEY, () => ({ shown: false }));

/** How long the command took that began at `start` ns, and what the memory is like. */
export function printReplInfo(start: number): void {
  const tick = (time: number) => Math.floor(boardTime(time) / NS_PER_MS);
  stdout.write(`took ${tick(now()) - tick(start)} ms\n`);
  const { pools, poolBytes, textBytes } = interned();
  stdout.write(
    `qstr:\n  n_pool=${pools}\n  n_qstr=${vm.strings.size}\n  n_str_data_bytes=${textBytes}\n  n_total_bytes=${poolBytes + textBytes}\n`,
  );
  vm.heap.collect();
  printHeapInfo();
}
