/** The module os (extmod/modos.c and the ports' own parts). */
import { newAttrTuple } from '../objects/attrtuple.ts';
import { MpBytes } from '../objects/bytes.ts';
import { ERRNO } from '../objects/errno-names.ts';
import { fun0, fun1, fun2, funVar } from '../objects/function.ts';
import { allocStr, newStr } from '../objects/new-str.ts';
import { IOCTL_SYNC } from '../storage/block-device.ts';
import { FatFilesystem } from '../storage/fat/fat-filesystem.ts';
import { toInt } from '../vm/operators.ts';
import { raiseOSError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm, vmHooks } from '../vm/vm.ts';
import { duptermFunction } from './dupterm.ts';
import { randomBytes } from './entropy.ts';
import type { ModuleDef } from './module-def.ts';
import { MpFilesystem } from './vfs/filesystem-object.ts';
import { filesystemTypes } from './vfs/filesystem-types.ts';
import { mountTable, pathText } from './vfs/mounts.ts';
import { type PathFunction, pathFunction } from './vfs/operations.ts';
import { storageRaises } from './vfs/storage-errors.ts';

interface ProcessState {
  readonly environment: Map<string, string>;
  errno: number;
}
const KEY = Symbol('process');
/** Environment variables, and the C library's errno: only of a process. */
const process = () => vm.stateOf<ProcessState>(KEY, () => ({ environment: new Map(vm.port.environment), errno: 0 }));

/** A variable of the process's environment; empty when it is not set. */
export const environmentVariable = (name: string): string => process().environment.get(name) ?? '';

function environmentFunctions(): [string, Value][] {
  return [
    [
      'getenv',
      funVar(1, 2, args => {
        const value = process().environment.get(pathText(args[0]));
        if (value !== undefined) return newStr(value);
        return args.length === 2 ? args[1] : null;
      }),
    ],
    [
      'putenv',
      fun2((name, value) => {
        const [key, text] = [pathText(name), pathText(value)];
        if (key === '' || key.includes('=')) raiseOSError(ERRNO.EINVAL);
        process().environment.set(key, text);
        return null;
      }),
    ],
    [
      'unsetenv',
      fun1(name => {
        const key = pathText(name);
        if (key === '' || key.includes('=')) raiseOSError(ERRNO.EINVAL);
        process().environment.delete(key);
        return null;
      }),
    ],
  ];
}

/** What a shell answers for a command that it does not find. */
const NOT_FOUND = 127;

/**
 * os.system: the guest's system has a shell, but no programs, so that no command of the guest reaches the host.
 * @returns the wait status, the exit status times 256
 */
function system(value: Value): Value {
  const [command = ':', ...args] = pathText(value).trim().split(/\s+/).filter(Boolean);
  switch (command) {
    case ':':
    case 'true':
      return 0;
    case 'false':
      return 1 << 8;
    case 'exit':
      if (args.length === 0) return 0;
      if (/^\d+$/.test(args[0])) return (Number(args[0]) & 0xff) << 8;
      vm.port.writeStderr(`sh: 1: exit: Illegal number: ${args[0]}\n`);
      return 2 << 8;
    default:
      vm.port.writeStderr(`sh: 1: ${command}: not found\n`);
      return NOT_FOUND << 8;
  }
}

function urandom(count: Value): Value {
  const n = toInt(count);
  if (n < 0) vmHooks.memoryError(n + 2 ** (8 * vm.wordSize) + 1, false);
  allocStr(n);
  return new MpBytes(randomBytes(n));
}

function uname(): Value {
  const { platform, machine, buildDate } = vm.profile;
  return newAttrTuple(
    ['sysname', 'nodename', 'release', 'version', 'machine'],
    [platform, platform, '1.27.0', `v1.27.0 on ${buildDate}`, machine],
  );
}

/** Makes the block devices of FAT filesystems write what they hold back. */
export function syncFilesystems(): null {
  for (const { filesystem } of mountTable().mounts) {
    if (!(filesystem instanceof MpFilesystem)) continue;
    const inner = filesystem.filesystem;
    if (inner instanceof FatFilesystem) storageRaises(() => inner.volume.port.ioctl(IOCTL_SYNC, 0));
  }
  return null;
}

export const osModule: ModuleDef = {
  name: 'os',
  extensible: true,
  names: () => {
    const posix = vm.feature('posix');
    const names: [string, Value][] = posix ? environmentFunctions() : [];
    if (vm.feature('osSync')) names.push(['sync', fun0(syncFilesystems)]);
    if (posix) {
      names.push(['system', fun1(system)]);
    }
    if (vm.feature('osUname')) names.push(['uname', fun0(uname)]);
    if (vm.feature('osUrandom')) names.push(['urandom', fun1(urandom)]);
    names.push(['sep', '/']);
    const path = (...list: PathFunction[]) => names.push(...list.map((name): [string, Value] => [name, pathFunction(name)]));
    path('chdir', 'getcwd', 'listdir', 'mkdir', 'remove', 'rename', 'rmdir');
    names.push(['unlink', pathFunction('remove')]);
    path('stat', 'statvfs');
    if (vm.feature('osDupterm')) names.push(['dupterm', duptermFunction()]);
    if (posix) {
      names.push([
        'errno',
        funVar(0, 1, args => {
          if (args.length === 0) return process().errno;
          process().errno = toInt(args[0]);
          return null;
        }),
      ]);
    }
    path('ilistdir', 'mount', 'umount');
    return [...names, ...filesystemTypes(['VfsFat', 'VfsLfs1', 'VfsLfs2', 'VfsPosix'])];
  },
};
