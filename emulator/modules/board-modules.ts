/** The modules that need a board's hardware. The boot code gives them to the machine. */
import type { ModuleDef } from './module-def.ts';
import { pybModule } from './pyb/pyb.ts';

export const boardModules = (): readonly ModuleDef[] => [pybModule];
