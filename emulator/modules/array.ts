/** The module array (py/modarray.c). */
import { arrayType } from '../objects/array.ts';
import type { ModuleDef } from './module-def.ts';

export const arrayModule: ModuleDef = { name: 'array', extensible: true, names: () => [['array', arrayType]] };
