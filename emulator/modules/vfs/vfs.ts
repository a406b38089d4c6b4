/** The module vfs (extmod/modvfs.c). Which filesystems there are is said by the profile. */
import type { Value } from '../../vm/value.ts';
import type { ModuleDef } from '../module-def.ts';
import { filesystemTypes } from './filesystem-types.ts';
import { pathFunction } from './operations.ts';

export const vfsModule: ModuleDef = {
  name: 'vfs',
  extensible: false,
  names: () => {
    const names: [string, Value][] = [
      ['mount', pathFunction('mount')],
      ['umount', pathFunction('umount')],
    ];
    return [...names, ...filesystemTypes(['VfsFat', 'VfsLfs1', 'VfsLfs2', 'VfsRom', 'VfsPosix'])];
  },
};
