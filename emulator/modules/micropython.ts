/** micropython (py/modmicropython.c). */
import { fun0, fun1, fun2, funVar } from '../objects/function.ts';
import { ringIOType } from '../objects/ringio.ts';
import { heapProfile } from '../vm/collector.ts';
import { interned } from '../vm/interning.ts';
import { toInt } from '../vm/operators.ts';
import { stdout } from '../vm/printing.ts';
import { raiseRuntimeError } from '../vm/raise.ts';
import { scheduleCall } from '../vm/scheduler.ts';
import type { Locals } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

const stackUse = (): number => vm.stackUsed;

function optLevel(args: readonly Value[]): Value {
  if (args.length === 0) return vm.optLevel;
  vm.optLevel = toInt(args[0]);
  return null;
}

/** How the heap is used (gc_dump_info in py/gc.c). */
export function printHeapInfo(): void {
  const { heap } = vm;
  stdout.write(`GC: total: ${heap.total}, used: ${heap.used}, free: ${heap.available}\n`);
  const { oneBlock, twoBlocks, largest } = heapProfile();
  const freeBlocks = Math.floor(heap.available / heap.blockSize);
  stdout.write(` No. of 1-blocks: ${oneBlock}, 2-blocks: ${twoBlocks}, max blk sz: ${largest}, max free sz: ${freeBlocks}\n`);
}

/** What micropython.mem_info() prints. */
export function printMemoryInfo(): void {
  const { heap } = vm;
  if (vm.feature('memoryStatistics')) stdout.write(`mem: total=${heap.allocated}, current=${heap.used}, peak=${heap.peak}\n`);
  stdout.write(`stack: ${stackUse()} out of ${vm.profile.stackSize}\n`);
  printHeapInfo();
}

function memInfo(args: readonly Value[]): Value {
  printMemoryInfo();
  if (args.length === 1) printAllocationTable();
  return null;
}

/** Blocks on a line of the allocation table. */
const TABLE_WIDTH = 64;

/** The map of the heap, one character a block. Where objects lie is not modelled: what is in use is shown at the start. */
export function printAllocationTable(): void {
  const { heap } = vm;
  const blocks = Math.floor(heap.total / heap.blockSize);
  const used = Math.ceil(heap.used / heap.blockSize);
  stdout.write('GC memory layout; from 0:');
  for (let at = 0; at < blocks; at += TABLE_WIDTH) {
    if (at >= used + TABLE_WIDTH) {
      stdout.write(`\n       (${Math.floor((blocks - at) / TABLE_WIDTH)} lines all free)`);
      at += Math.floor((blocks - at) / TABLE_WIDTH) * TABLE_WIDTH;
      if (at >= blocks) break;
    }
    stdout.write(`\n${(at * heap.blockSize).toString(16).padStart(8, '0')}: `);
    let line = '';
    for (let i = at; i < Math.min(at + TABLE_WIDTH, blocks); i++) line += i < used ? 'h' : '.';
    stdout.write(line);
  }
  stdout.write('\n');
}

function qstrInfo(args: readonly Value[]): Value {
  const { pools, poolBytes, textBytes } = interned();
  stdout.write(
    `qstr pool: n_pool=${pools}, n_qstr=${vm.strings.size}, n_str_data_bytes=${textBytes}, n_total_bytes=${poolBytes + textBytes}\n`,
  );
  if (args.length === 1) for (const text of vm.strings) stdout.write(`Q(${text})\n`);
  return null;
}

function names(): Locals {
  const entries: [string, Value][] = [['const', fun1(value => value)]];
  const { heap } = vm;
  if (vm.feature('compiler')) entries.push(['opt_level', funVar(0, 1, optLevel)]);
  if (vm.feature('memoryStatistics')) {
    entries.push(['mem_total', fun0(() => heap.allocated)], ['mem_current', fun0(() => heap.used)], ['mem_peak', fun0(() => heap.peak)]);
  }
  entries.push(['mem_info', funVar(0, 1, memInfo)], ['qstr_info', funVar(0, 1, qstrInfo)], ['stack_use', fun0(stackUse)]);
  if (vm.feature('allocEmergencyExceptionBuffer')) entries.push(['alloc_emergency_exception_buf', fun1(allocEmergencyBuffer)]);
  if (vm.feature('pystack')) entries.push(['pystack_use', fun0(() => vm.stackUsed)]);
  entries.push(
    [
      'heap_lock',
      fun0(() => {
        heap.lockDepth++;
        return null;
      }),
    ],
    ['heap_unlock', fun0(() => --heap.lockDepth)],
  );
  if (vm.feature('heapLocked')) entries.push(['heap_locked', fun0(() => heap.lockDepth)]);
  entries.push(
    [
      'kbd_intr',
      fun1(byte => {
        vm.interruptChar = toInt(byte);
        return null;
      }),
    ],
    ['RingIO', ringIOType],
    [
      'schedule',
      fun2((fun, arg) => {
        if (!scheduleCall(fun, arg)) raiseRuntimeError('schedule queue full');
        return null;
      }),
    ],
  );
  return entries;
}

/** Memory for the traceback of exceptions that are raised while the heap is locked. */
function allocEmergencyBuffer(size: Value): Value {
  const bytes = toInt(size);
  vm.heap.realloc(vm.emergencyBuffer, bytes);
  vm.emergencyBuffer = Math.max(0, bytes);
  return null;
}

export const micropythonModule: ModuleDef = {
  name: 'micropython',
  extensible: false,
  names,
};
