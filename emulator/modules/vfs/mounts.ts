/** The table of mounted filesystems, and what a path means in it (extmod/vfs.c). Filesystems are guest objects with methods. */

import { ERRNO } from '../../objects/errno-names.ts';
import { newStrOfTypeOf, strText } from '../../objects/str-bytes.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import { callMethod } from '../../vm/call.ts';
import { Cycles } from '../../vm/cost.ts';
import { raiseOSError } from '../../vm/raise.ts';
import { work } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';

export interface Mount {
  /** Where it is mounted: `/` or `/name`. */
  readonly point: string;
  readonly filesystem: Value;
}

/** The virtual directory that holds the mount points. */
export const ROOT = Symbol('root');

export interface MountTable {
  /** What is mounted on `/` stands last. */
  readonly mounts: Mount[];
  /** Where relative paths begin: in a filesystem's own current directory. */
  current: Mount | typeof ROOT;
}

const KEY = Symbol('mounts');
/** The running machine's table. */
export function mountTable(): MountTable {
  return vm.volatileStateOf<MountTable>(KEY, () => {
    const table: MountTable = { mounts: [], current: ROOT };
    vm.roots.add(() => table.mounts.map(mount => mount.filesystem));
    return table;
  });
}

export interface Place {
  /** The filesystem, the root, or undefined when nothing is mounted there. */
  readonly where: Mount | typeof ROOT | undefined;
  /** The path within the filesystem; begins with a slash if it is absolute. */
  readonly path: string;
}

/** Finds what a path leads to. */
export function lookUp(path: string): Place {
  const { mounts, current } = mountTable();
  const absolute = path.startsWith('/');
  if (!absolute && current !== ROOT) return { where: current, path };
  const rest = absolute ? path.slice(1) : path;
  if (rest === '') return { where: ROOT, path: '' };
  for (const mount of mounts) {
    work(Cycles.item);
    const name = mount.point.slice(1);
    if (name === '') return { where: mount, path };
    if (rest === name) return { where: mount, path: '/' };
    if (rest.startsWith(`${name}/`)) return { where: mount, path: rest.slice(name.length) };
  }
  return { where: undefined, path: '' };
}

/** A path argument: a C string. */
export const pathText = (value: Value): string => strText(value).split('\0', 1)[0];

/** As `lookUp`, for a guest's path; the path within the filesystem is of the same type. */
export function lookUpValue(path: Value): { where: Place['where']; path: Value } {
  const place = lookUp(pathText(path));
  const inside = place.where === undefined || place.where === ROOT ? '' : newStrOfTypeOf(path, encodeUtf8(place.path));
  return { where: place.where, path: inside };
}

/** Calls a method of the filesystem. Raises OSError where there is none. */
export function callFilesystem(where: Place['where'], method: string, args: Value[] = []): Value {
  if (where === undefined) raiseOSError(ERRNO.ENODEV);
  if (where === ROOT) raiseOSError(ERRNO.EPERM);
  return callMethod(where.filesystem, method, args);
}

/** Enters a filesystem into the table. Raises OSError when the mount point is in use. */
export function addMount(mount: Mount): void {
  const { mounts } = mountTable();
  const { where } = lookUp(mount.point);
  // Below a filesystem that is mounted on `/` others may be mounted.
  if (where !== undefined && where !== ROOT && !(mount.point.length !== 1 && where.point.length === 1)) raiseOSError(ERRNO.EPERM);
  const rootAt = mounts.findIndex(({ point }) => point.length === 1);
  if (rootAt < 0) mounts.push(mount);
  else mounts.splice(rootAt, 0, mount);
}
