/** VfsFat for the guest (extmod/vfs_fat.c). */
import { checkArgCount, fun1 } from '../../objects/function.ts';
import { MpStaticOrClassMethod, staticmethodType } from '../../objects/static-class-method.ts';
import { FatFilesystem } from '../../storage/fat/fat-filesystem.ts';
import { type FatConfig, packFatTime } from '../../storage/fat/volume.ts';
import { MpType } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { dateTimeOf } from '../calendar.ts';
import { wallClock } from '../time.ts';
import { filesystemMethods, MpFilesystem } from './filesystem-object.ts';
import { guestBlockDevice } from './guest-block-device.ts';
import { storageRaises } from './storage-errors.ts';

/** Bytes of the reference's object: its volume has a sector in it. */
const OBJECT_SIZE = 640;

/** The unix port is built for sectors of up to 4096 bytes; a pyboard knows 512 only. */
const config = (): Partial<FatConfig> => ({
  ...(vm.profile.platform === 'linux' ? { maxSectorSize: 4096, maxPath: 4096 } : {}),
  time: () => {
    const { year, month, day, hour, minute, second } = dateTimeOf(wallClock().seconds);
    return packFatTime(year, month, day, hour, minute, second);
  },
});

/** A filesystem object on a block device that is the guest's. */
export function newVfsFat(device: Value): MpFilesystem {
  vm.heap.alloc(OBJECT_SIZE);
  const blocks = guestBlockDevice(device);
  return new MpFilesystem(
    vfsFatType,
    storageRaises(() => new FatFilesystem(blocks, config())),
    device,
    true,
  );
}

/** A filesystem object over a filesystem that the board made itself: its flash. */
export function vfsFatOver(filesystem: FatFilesystem): MpFilesystem {
  return new MpFilesystem(vfsFatType, filesystem, null, true);
}

export const vfsFatType: MpType = new MpType('VfsFat', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    return newVfsFat(args[0]);
  },
  locals: () =>
    filesystemMethods(
      new MpStaticOrClassMethod(
        staticmethodType,
        fun1(device => {
          const blocks = guestBlockDevice(device);
          storageRaises(() => FatFilesystem.format(blocks, config(), vm.profile.platform === 'pyboard' ? 'pybflash' : undefined));
          return null;
        }),
      ),
    ),
});
