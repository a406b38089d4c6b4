/** The module platform (extmod/modplatform.c): what the firmware was built for, and with what. It stands in the board's data. */
import { fun0, funKw } from '../objects/function.ts';
import { newTuple } from '../objects/tuple.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

export const platformModule: ModuleDef = {
  name: 'platform',
  extensible: true,
  names: () => [
    [
      'platform',
      funKw(0, () => {
        const { system, architecture, library, libraryVersion } = vm.profile.platformDetails;
        // An empty field between two dashes: the version of the system, which no port gives.
        return `${system}-1.27.0-${architecture}--with-${library}${libraryVersion}`;
      }),
    ],
    ['python_compiler', fun0(() => vm.profile.platformDetails.compiler)],
    ['libc_ver', funKw(0, () => newTuple([vm.profile.platformDetails.library, vm.profile.platformDetails.libraryVersion]))],
  ],
};
