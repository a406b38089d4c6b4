/** errno (py/moderrno.c). */
import { MpDict } from '../objects/dict.ts';
import { EXPORTED_ERRNOS } from '../objects/errno-names.ts';
import { MpMap } from '../objects/map.ts';
import type { Locals } from '../vm/type.ts';
import type { ModuleDef } from './module-def.ts';

export const errnoModule: ModuleDef = {
  name: 'errno',
  extensible: true,
  names: (): Locals => [
    ['errorcode', new MpDict(MpMap.fixedFrom(EXPORTED_ERRNOS.map(([name, number]) => [number, name])))],
    ...EXPORTED_ERRNOS,
  ],
};
