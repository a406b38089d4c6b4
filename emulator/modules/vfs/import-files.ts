/** Files as imports see them: what a path names, and what is in it (mp_vfs_import_stat, extmod/vfs_reader.c). */
import { newStr } from '../../objects/new-str.ts';
import { closeStream, readAllBytes } from '../../objects/stream.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import { S_IFDIR } from '../../storage/filesystem.ts';
import { callMethod } from '../../vm/call.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { Raise } from '../../vm/raise.ts';
import { typeOf } from '../../vm/type.ts';
import { vm } from '../../vm/vm.ts';
import { MpFilesystem } from './filesystem-object.ts';
import { lookUp, mountTable, ROOT } from './mounts.ts';
import { openPath } from './operations.ts';
import { posixImportStat, vfsPosixType } from './posix.ts';
import { romImportStat, vfsRomType } from './rom.ts';

export type ImportStat = 'none' | 'file' | 'dir';

const KINDS = { none: 'none', file: 'file', directory: 'dir' } as const;

const nothingMounted = () => mountTable().mounts.length === 0;

export function importStat(path: string): ImportStat {
  if (nothingMounted()) return vm.port.importStat?.(path) ?? 'none';
  const { where, path: inside } = lookUp(path);
  if (where === undefined || where === ROOT) return 'none';
  const { filesystem } = where;
  if (filesystem instanceof MpFilesystem) return KINDS[filesystem.filesystem.kindOf(encodeUtf8(inside))];
  const type = typeOf(filesystem);
  if (type === vfsPosixType) return posixImportStat(filesystem, inside);
  if (type === vfsRomType) return romImportStat(filesystem, inside);
  try {
    const items = arrayItems(callMethod(filesystem, 'stat', [newStr(inside)]));
    return (toInt(items[0]) & S_IFDIR) !== 0 ? 'dir' : 'file';
  } catch (error) {
    // Whatever goes wrong there means that there is no such file.
    if (error instanceof Raise) return 'none';
    throw error;
  }
}

/** The whole of a file. Raises what opening or reading it raises. */
export function readImportedFile(path: string): Uint8Array {
  if (nothingMounted() && vm.port.readFile !== undefined) return vm.port.readFile(path);
  const stream = openPath([newStr(path), 'rb'], null);
  const bytes = readAllBytes(stream);
  closeStream(stream);
  return bytes;
}
