/** The operations of `os` and `vfs` on paths (extmod/vfs.c): each finds the filesystem and calls its method of the same name. */

import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { fun0, fun1, fun2, funKw, funVar, type MpNativeFun, parseArgs } from '../../objects/function.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { newStr } from '../../objects/new-str.ts';
import { MpPolymorphIterator } from '../../objects/polymorph-iterator.ts';
import { strText } from '../../objects/str-bytes.ts';
import { newTuple } from '../../objects/tuple.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import { S_IFDIR } from '../../storage/filesystem.ts';
import { loadMethodMaybe } from '../../vm/attributes.ts';
import { iterNext } from '../../vm/iteration.ts';
import { raiseOSError } from '../../vm/raise.ts';
import { getItem } from '../../vm/subscript.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { MethodRef } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { detectFilesystem } from './detect.ts';
import { addMount, callFilesystem, lookUpValue, type Mount, mountTable, pathText, ROOT } from './mounts.ts';
import { openFileNumber } from './posix-file.ts';

const MOUNT_ARGS = [
  { name: '', required: true },
  { name: '', required: true },
  { name: 'readonly', kwOnly: true, default: false },
  { name: 'mkfs', kwOnly: true, default: false },
] as const;

function mount(args: readonly Value[], kw: KwArgs): Value {
  if (args.length === 0) {
    const list = newList([]);
    for (const { filesystem, point } of mountTable().mounts) listAppend(list, newTuple([filesystem, newStr(point)]));
    return list;
  }
  const [object, point, readonly, mkfs] = parseArgs(MOUNT_ARGS, args, kw) as Value[];
  const entry: Mount = { point: strText(point), filesystem: asFilesystem(object) };
  vm.heap.alloc(4 * vm.wordSize);
  callFilesystem(entry, 'mount', [readonly, mkfs]);
  addMount(entry);
  return null;
}

/** A block device is asked what it holds. */
function asFilesystem(object: Value): Value {
  const ref = new MethodRef();
  loadMethodMaybe(object, 'mount', ref);
  return ref.member === undefined ? detectFilesystem(object) : object;
}

function umount(given: Value): Value {
  const table = mountTable();
  const at = table.mounts.findIndex(({ point, filesystem }) => point === given || filesystem === given);
  if (at < 0) raiseOSError(ERRNO.EINVAL);
  const [removed] = table.mounts.splice(at, 1);
  if (table.current === removed) table.current = ROOT;
  callFilesystem(removed, 'umount');
  return null;
}

const rootMount = () => mountTable().mounts.find(({ point }) => point.length === 1);

function chdir(path: Value): Value {
  const { where, path: inside } = lookUpValue(path);
  if (where === ROOT) {
    const root = rootMount();
    if (root !== undefined) callFilesystem(root, 'chdir', ['/']);
  } else callFilesystem(where, 'chdir', [inside]);
  mountTable().current = where!;
  return null;
}

function getcwd(): Value {
  const { current } = mountTable();
  if (current === ROOT) return '/';
  const inside = callFilesystem(current, 'getcwd');
  if (current.point.length === 1) return inside;
  const text = pathText(inside);
  return newStr(current.point + (text === '/' ? '' : text));
}

/** Lists the root: the mount points, then what is in the filesystem that is mounted there. */
class RootListing extends MpPolymorphIterator {
  private at = 0;
  private rest: Value | undefined;
  constructor(private readonly asStr: boolean) {
    super();
  }
  advance(): Value | undefined {
    if (this.rest !== undefined) return iterNext(this.rest);
    const next = mountTable().mounts[this.at++];
    if (next === undefined) return undefined;
    if (next.point.length === 1) {
      this.rest = callFilesystem(next, 'ilistdir', ['/']);
      return iterNext(this.rest);
    }
    const name = next.point.slice(1);
    return newTuple([this.asStr ? newStr(name) : newBytes(encodeUtf8(name)), S_IFDIR, 0]);
  }
}

function ilistdir(args: readonly Value[]): Value {
  const path = args.length === 1 ? args[0] : '';
  const { where, path: inside } = lookUpValue(path);
  if (where !== ROOT) return callFilesystem(where, 'ilistdir', [inside]);
  vm.heap.alloc(5 * vm.wordSize);
  return new RootListing(typeof path === 'string');
}

function listdir(args: readonly Value[]): Value {
  const entries = ilistdir(args);
  const list = newList([]);
  for (let entry = iterNext(entries); entry !== undefined; entry = iterNext(entries)) listAppend(list, getItem(entry, 0));
  return list;
}

/** An operation that is nothing but the filesystem's. */
const passOn = (method: string) => (path: Value) => {
  const { where, path: inside } = lookUpValue(path);
  return callFilesystem(where, method, [inside]);
};

function mkdir(path: Value): Value {
  const { where, path: inside } = lookUpValue(path);
  if (where === ROOT || (where !== undefined && pathText(inside) === '/')) raiseOSError(ERRNO.EEXIST);
  return callFilesystem(where, 'mkdir', [inside]);
}

function rename(from: Value, to: Value): Value {
  const source = lookUpValue(from);
  const target = lookUpValue(to);
  if (source.where !== target.where) raiseOSError(ERRNO.EPERM);
  return callFilesystem(source.where, 'rename', [source.path, target.path]);
}

function stat(path: Value): Value {
  const { where, path: inside } = lookUpValue(path);
  return where === ROOT ? newTuple([S_IFDIR, 0, 0, 0, 0, 0, 0, 0, 0, 0]) : callFilesystem(where, 'stat', [inside]);
}

/** MICROPY_ALLOC_PATH_MAX: what the root says the longest name to be. */
const PATH_MAX: Readonly<Record<string, number>> = { unix: 4096, webassembly: 256 };
const DEFAULT_PATH_MAX = 128;

function statvfs(path: Value): Value {
  const { where, path: inside } = lookUpValue(path);
  if (where !== ROOT) return callFilesystem(where, 'statvfs', [inside]);
  const root = rootMount();
  if (root !== undefined) return callFilesystem(root, 'statvfs', ['/']);
  return newTuple([0, 0, 0, 0, 0, 0, 0, 0, 0, PATH_MAX[vm.profile.name] ?? DEFAULT_PATH_MAX]);
}

const OPEN_ARGS = [
  { name: 'file', required: true },
  { name: 'mode', default: 'r' },
  { name: 'buffering', as: 'int', default: -1 },
  { name: 'encoding', default: null },
] as const;

/** The built-in function `open`. */
export function openPath(args: readonly Value[], kw: KwArgs): Value {
  const [file, mode] = parseArgs(OPEN_ARGS, args, kw) as Value[];
  if (typeof file === 'number' && vm.feature('posixFiles')) return openFileNumber(file, mode);
  const { where, path } = lookUpValue(file);
  return callFilesystem(where, 'open', [path, mode]);
}

const makers = {
  mount: () => funKw(0, mount),
  umount: () => fun1(umount),
  open: () => funKw(0, openPath),
  chdir: () => fun1(chdir),
  getcwd: () => fun0(getcwd),
  ilistdir: () => funVar(0, 1, ilistdir),
  listdir: () => funVar(0, 1, listdir),
  mkdir: () => fun1(mkdir),
  remove: () => fun1(passOn('remove')),
  rename: () => fun2(rename),
  rmdir: () => fun1(passOn('rmdir')),
  stat: () => fun1(stat),
  statvfs: () => fun1(statvfs),
};
export type PathFunction = keyof typeof makers;
const functions = new Map<PathFunction, MpNativeFun>();

/** The function of that name: one object, which `os`, `vfs`, `io` and the built-in names share. */
export function pathFunction(name: PathFunction): MpNativeFun {
  let fun = functions.get(name);
  if (fun === undefined) functions.set(name, (fun = makers[name]()));
  return fun;
}
