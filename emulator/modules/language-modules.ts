/** The modules that belong to the language, whatever the board: which of them a build has is said by its profile. */
import { asyncioNativeModule } from './_asyncio.ts';
import { binasciiModule } from './binascii.ts';
import { builtinsModule } from './builtins.ts';
import { collectionsModule } from './collections.ts';
import { cryptolibModule } from './cryptolib.ts';
import { deflateModule } from './deflate/deflate.ts';
import { errnoModule } from './errno.ts';
import { framebufModule } from './framebuf/framebuf.ts';
import { gcModule } from './gc.ts';
import { hashlibModule } from './hashlib.ts';
import { heapqModule } from './heapq.ts';
import { ioModule } from './io.ts';
import { jsonModule } from './json.ts';
import { micropythonModule } from './micropython.ts';
import type { ModuleDef } from './module-def.ts';
import { platformModule } from './platform.ts';
import { randomModule } from './random.ts';
import { reModule } from './re/re.ts';
import { selectModule } from './select.ts';
import { structModule } from './struct.ts';
import { sysModule } from './sys.ts';
import { timeModule } from './time.ts';
import { uctypesModule } from './uctypes/uctypes.ts';

export const languageModules = (): readonly ModuleDef[] => [
  asyncioNativeModule,
  binasciiModule,
  builtinsModule,
  collectionsModule,
  cryptolibModule,
  deflateModule,
  errnoModule,
  framebufModule,
  gcModule,
  hashlibModule,
  heapqModule,
  ioModule,
  jsonModule,
  micropythonModule,
  platformModule,
  randomModule,
  reModule,
  selectModule,
  structModule,
  sysModule,
  timeModule,
  uctypesModule,
];
