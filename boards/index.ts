/** Every board that comes with the framework, by name. */
import type { Board } from './board.ts';
import { pybliteV10 } from './pyblite-v1.0.ts';
import { pyboardV11 } from './pyboard-v1.1.ts';
import { qemuVirtRv32 } from './qemu-virt-rv32.ts';
import { unix } from './unix.ts';
import { webassembly } from './webassembly.ts';

export const boards: ReadonlyMap<string, Board> = new Map(
  [pyboardV11, pybliteV10, unix, webassembly, qemuVirtRv32].map(board => [board.name, board]),
);
