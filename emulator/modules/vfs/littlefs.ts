/** VfsLfs1 and VfsLfs2 for the guest (extmod/vfs_lfs.c, vfs_lfsx.c). */
import { funKw, parseArgs } from '../../objects/function.ts';
import { MpStaticOrClassMethod, staticmethodType } from '../../objects/static-class-method.ts';
import type { BlockDevice } from '../../storage/block-device.ts';
import type { Filesystem } from '../../storage/filesystem.ts';
import type { LittlefsOptions } from '../../storage/littlefs/common.ts';
import { Littlefs1Filesystem } from '../../storage/littlefs1/littlefs1-filesystem.ts';
import { Littlefs2Filesystem } from '../../storage/littlefs2/littlefs2-filesystem.ts';
import { MpType } from '../../vm/type.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { wallClock } from '../time.ts';
import { NS_PER_S } from '../waiting.ts';
import { filesystemMethods, MpFilesystem } from './filesystem-object.ts';
import { guestBlockDevice } from './guest-block-device.ts';
import { storageRaises } from './storage-errors.ts';

const ARGS = [
  { name: '', required: true },
  { name: 'readsize', kwOnly: true, as: 'int', default: 32 },
  { name: 'progsize', kwOnly: true, as: 'int', default: 32 },
  { name: 'lookahead', kwOnly: true, as: 'int', default: 32 },
  { name: 'mtime', kwOnly: true, as: 'bool', default: true },
] as const;

/** One version of littlefs, as the storage layer has it. */
interface Version {
  new (device: BlockDevice, options?: Partial<LittlefsOptions>): Filesystem;
  format(device: BlockDevice, options?: Partial<LittlefsOptions>): void;
}

function timeNs(): bigint {
  const { seconds, ns } = wallClock();
  return BigInt(seconds) * BigInt(NS_PER_S) + BigInt(ns);
}

function deviceAndOptions(args: readonly Value[], kw: KwArgs): { device: BlockDevice; options: LittlefsOptions } {
  const [device, readSize, programSize, lookahead, mtime] = parseArgs(ARGS, args, kw) as [Value, number, number, number, boolean];
  return { device: guestBlockDevice(device), options: { readSize, programSize, lookahead, mtime, timeNs } };
}

/** Bytes of the reference's object, without its buffers. */
const OBJECT_SIZE = 300;

function littlefsType(name: string, version: Version): MpType {
  const type: MpType = new MpType(name, {
    makeNew(_type, args, kw) {
      vm.heap.alloc(OBJECT_SIZE);
      const { device, options } = deviceAndOptions(args, kw);
      const cache = 4 * Math.max(options.readSize, options.programSize);
      vm.heap.alloc(2 * cache + options.lookahead);
      return new MpFilesystem(
        type,
        storageRaises(() => new version(device, options)),
        args[0],
        false,
      );
    },
    locals: () =>
      filesystemMethods(
        new MpStaticOrClassMethod(
          staticmethodType,
          funKw(0, (args, kw) => {
            const { device, options } = deviceAndOptions(args, kw);
            storageRaises(() => version.format(device, options));
            return null;
          }),
        ),
      ),
  });
  return type;
}

export const vfsLfs1Type = littlefsType('VfsLfs1', Littlefs1Filesystem);
export const vfsLfs2Type = littlefsType('VfsLfs2', Littlefs2Filesystem);

/** The types that the build has, and where each has its magic text, counted from the ninth byte of a superblock. */
export const littlefsTypes = (): readonly { type: MpType; magicAt: number }[] =>
  [
    { type: vfsLfs1Type, magicAt: 32 },
    { type: vfsLfs2Type, magicAt: 0 },
  ].filter(({ type }) => vm.profile.filesystems.includes(type.name));
