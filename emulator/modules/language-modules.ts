/** The modules that belong to the language, whatever the board: which of them a build has is said by its profile. */
import type { Profile } from '../vm/profile.ts';
import { builtinsModule } from './builtins.ts';
import { collectionsModule } from './collections.ts';
import { errnoModule } from './errno.ts';
import { gcModule } from './gc.ts';
import { libraryModules } from './library-modules.ts';
import { micropythonModule } from './micropython.ts';
import type { ModuleDef } from './module-def.ts';
import { qemuMachineModule } from './qemu-machine.ts';
import { sysModule } from './sys.ts';
import { unixMachineModule } from './unix-machine.ts';

export const languageModules = (profile: Profile): readonly ModuleDef[] => [
  builtinsModule,
  collectionsModule,
  errnoModule,
  gcModule,
  micropythonModule,
  sysModule,
  ...libraryModules(),
  // A board's own is given to it by its boot code.
  ...(profile.features.has('posix') ? [unixMachineModule] : []),
  ...(profile.platform === 'qemu' ? [qemuMachineModule] : []),
];
