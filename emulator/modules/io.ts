/** The module io (py/modio.c). What `open` does is the filesystem's business: it is the built-in function's own. */
import { bufferedWriterType } from '../objects/buffered-writer.ts';
import { ioBaseType } from '../objects/iobase.ts';
import { bytesIOType, stringIOType } from '../objects/stringio.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';
import { pathFunction } from './vfs/operations.ts';

export const ioModule: ModuleDef = {
  name: 'io',
  extensible: true,
  names: () => {
    const names: [string, Value][] = [
      ['open', pathFunction('open')],
      ['IOBase', ioBaseType],
      ['StringIO', stringIOType],
      ['BytesIO', bytesIOType],
    ];
    if (vm.feature('ioBufferedWriter')) names.push(['BufferedWriter', bufferedWriterType]);
    return names;
  },
};
