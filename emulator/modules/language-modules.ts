/** The modules that belong to the language, whatever the board: which of them a build has is said by its profile. */
import { builtinsModule } from './builtins.ts';
import { collectionsModule } from './collections.ts';
import { errnoModule } from './errno.ts';
import { gcModule } from './gc.ts';
import { libraryModules } from './library-modules.ts';
import { micropythonModule } from './micropython.ts';
import type { ModuleDef } from './module-def.ts';
import { sysModule } from './sys.ts';

export const languageModules = (): readonly ModuleDef[] => [
  builtinsModule,
  collectionsModule,
  errnoModule,
  gcModule,
  micropythonModule,
  sysModule,
  ...libraryModules(),
];
