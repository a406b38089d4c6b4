/** The module platform (extmod/modplatform.c): what the firmware was built for, and with what. Part of a profile. */
import { fun0, funKw } from '../objects/function.ts';
import { newTuple } from '../objects/tuple.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

export interface Build {
  readonly system: string;
  readonly architecture: string;
  readonly compiler: string;
  readonly libc: string;
  readonly libcVersion: string;
}

/** Where a profile says nothing: what the official firmwares for Cortex-M are built with. */
const DEFAULT_BUILD: Build = { system: 'MicroPython', architecture: 'arm', compiler: 'GCC 12.2.1', libc: 'newlib', libcVersion: '3.3.0' };
const UNIX_BUILD: Build = { system: 'Linux', architecture: 'x86_64', compiler: 'GCC 12.2.0', libc: 'glibc', libcVersion: '2.36' };

const WEBASSEMBLY_BUILD: Build = { system: 'Unix', architecture: '', compiler: 'Clang 22.0.0', libc: '', libcVersion: '' };
const BUILDS = new Map([
  ['unix', UNIX_BUILD],
  ['webassembly', WEBASSEMBLY_BUILD],
]);

const build = (): Build => BUILDS.get(vm.profile.name) ?? DEFAULT_BUILD;

export const platformModule: ModuleDef = {
  name: 'platform',
  extensible: true,
  names: () => [
    [
      'platform',
      funKw(0, () => {
        const { system, architecture, libc, libcVersion } = build();
        // An empty field between two dashes: the version of the system, which no port gives.
        return `${system}-1.27.0-${architecture}--with-${libc}${libcVersion}`;
      }),
    ],
    ['python_compiler', fun0(() => build().compiler)],
    ['libc_ver', funKw(0, () => newTuple([build().libc, build().libcVersion]))],
  ],
};
