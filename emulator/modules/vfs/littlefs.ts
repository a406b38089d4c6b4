/** VfsLfs1 and VfsLfs2 for the guest (extmod/vfs_lfs.c, vfs_lfsx.c). */
import type { MpType } from '../../vm/type.ts';

/** The types that this build of the emulator has, and where in the superblock each has its magic text. */
export const littlefsTypes = (): readonly { type: MpType; magicAt: number }[] => [];
