/** collections (py/modcollections.c). */
import { dequeType } from '../objects/deque.ts';
import { orderedDictType } from '../objects/dict.ts';
import { fun2 } from '../objects/function.ts';
import { newNamedTupleType } from '../objects/namedtuple.ts';
import type { ModuleDef } from './module-def.ts';

export const collectionsModule: ModuleDef = {
  name: 'collections',
  extensible: true,
  names: () => [
    ['deque', dequeType],
    ['namedtuple', fun2(newNamedTupleType)],
    ['OrderedDict', orderedDictType],
  ],
};
