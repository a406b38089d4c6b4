/** The filesystem types of the running machine's build. */
import type { MpType } from '../../vm/type.ts';
import { vm } from '../../vm/vm.ts';
import { vfsFatType } from './fat.ts';
import { littlefsTypes } from './littlefs.ts';
import { vfsPosixType } from './posix.ts';
import { vfsRomType } from './rom.ts';

export type FilesystemName = 'VfsFat' | 'VfsLfs1' | 'VfsLfs2' | 'VfsRom' | 'VfsPosix';

/** Those of the named types that the build has, with their names. */
export function filesystemTypes(names: readonly FilesystemName[]): [string, MpType][] {
  const all = [vfsFatType, ...littlefsTypes().map(({ type }) => type), vfsRomType, vfsPosixType];
  const found: [string, MpType][] = [];
  for (const name of names) {
    const type = vm.profile.filesystems.includes(name) ? all.find(candidate => candidate.name === name) : undefined;
    if (type !== undefined) found.push([name, type]);
  }
  return found;
}
