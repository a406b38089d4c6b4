/** gc (py/modgc.c). */
import { fun0, funVar } from '../objects/function.ts';
import { runFinalisers } from '../vm/collector.ts';
import { toInt } from '../vm/operators.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

function collect(): Value {
  const { heap } = vm;
  const before = heap.used;
  heap.collect();
  runFinalisers();
  return vm.feature('gcCollectReturnsCount') ? Math.max(0, Math.round((before - heap.used) / heap.blockSize)) : null;
}

function threshold(args: readonly Value[]): Value {
  const { heap } = vm;
  if (args.length === 0) return heap.threshold;
  const bytes = toInt(args[0]);
  heap.threshold = bytes < 0 ? -1 : Math.floor(bytes / heap.blockSize) * heap.blockSize;
  return null;
}

export const gcModule: ModuleDef = {
  name: 'gc',
  extensible: false,
  names: () => [
    ['collect', fun0(collect)],
    [
      'disable',
      fun0(() => {
        vm.heap.enabled = false;
        return null;
      }),
    ],
    [
      'enable',
      fun0(() => {
        vm.heap.enabled = true;
        return null;
      }),
    ],
    ['isenabled', fun0(() => vm.heap.enabled)],
    ['mem_free', fun0(() => vm.heap.available)],
    ['mem_alloc', fun0(() => vm.heap.used)],
    ['threshold', funVar(0, 1, threshold)],
  ],
};
