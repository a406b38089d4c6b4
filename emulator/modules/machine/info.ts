/** machine.info (ports/stm32/modmachine.c): the chip, its clocks, and how the memory is used. */

import { NATIVE_STACK_BASE, NATIVE_STACK_TOP } from '../../objects/identity.ts';
import type { MpTuple } from '../../objects/tuple.ts';
import { heapProfile } from '../../vm/collector.ts';
import { interned } from '../../vm/interning.ts';
import { stdout } from '../../vm/printing.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { printAllocationTable } from '../micropython.ts';
import { callFilesystem, mountTable } from '../vfs/mounts.ts';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** The RAM of the chip, which the firmware fills from below with its data, from above with its stack; the heap is between. */
const RAM_START = 0x2000_0000;
/** Where code and the image of the data end: no more than an order of magnitude, as code is not what this board is made of. */
const CODE_END = 0x0806_0000;
const DATA_SIZE = 0x34;

/** Bytes that a heap takes with its tables: two bits and one bit for each block (py/gc.c). */
function heapArea(): number {
  const { total, blockSize } = vm.heap;
  const blocks = total / blockSize;
  return Math.ceil((total + blocks / 4 + blocks / 8) / 16) * 16;
}

function layout(): [string, number][] {
  const heapStart = NATIVE_STACK_BASE - heapArea();
  const dataEnd = RAM_START + DATA_SIZE;
  return [
    ['_etext', CODE_END],
    ['_sidata', CODE_END],
    ['_sdata', RAM_START],
    ['_edata', dataEnd],
    ['_sbss', dataEnd],
    ['_ebss', heapStart],
    ['_sstack', NATIVE_STACK_BASE],
    ['_estack', NATIVE_STACK_TOP],
    ['_ram_start', RAM_START],
    ['_heap_start', heapStart],
    ['_heap_end', NATIVE_STACK_BASE],
    ['_ram_end', NATIVE_STACK_TOP],
  ];
}

export function info(args: readonly Value[]): Value {
  const { chip, hardware: board } = hardware();
  const line = (text: string) => stdout.write(`${text}\n`);
  line(`ID=${board.uniqueId.match(/.{8}/g)!.join(':')}`);
  const { idCode } = chip.data;
  line(`DEVID=0x${hex(idCode & 0xfff, 4)}\nREVID=0x${hex(idCode >>> 16, 4)}`);
  const { sysclk, hclk, pclk1, pclk2 } = chip.rcc.frequencies;
  line(`S=${sysclk}\nH=${hclk}\nP1=${pclk1}\nP2=${pclk2}`);
  for (const [name, address] of layout()) line(`${name}=0x${hex(address, 8)}`);
  const { pools, poolBytes, textBytes } = interned();
  line(`qstr:\n  n_pool=${pools}\n  n_qstr=${vm.strings.size}\n  n_str_data_bytes=${textBytes}\n  n_total_bytes=${poolBytes + textBytes}`);
  const { heap } = vm;
  const { oneBlock, twoBlocks, largest } = heapProfile();
  line(`GC:\n  ${heap.total} total\n  ${heap.used} : ${heap.available}\n  1=${oneBlock} 2=${twoBlocks} m=${largest}`);
  const flash = freeFlash();
  if (flash !== undefined) line(`LFS free: ${flash} bytes`);
  if (args.length === 1) printAllocationTable();
  return null;
}

/** Free bytes of the filesystem on the flash; undefined when it is not mounted. */
function freeFlash(): number | undefined {
  const mount = mountTable().mounts.find(({ point }) => point === '/flash');
  if (mount === undefined) return undefined;
  const statistics = callFilesystem(mount, 'statvfs', ['/']) as MpTuple;
  return Number(statistics.items[0]) * Number(statistics.items[3]);
}
