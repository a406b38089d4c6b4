/**
 * Results of the FAT layer. They are FatFs's own, because its distinctions decide which errno the guest sees: a file where
 * a directory should be is "no path", a full directory is "denied".
 *
 * Source: FatFs application note, "File Function Return Code"; the errno of each is observed on the official Unix port.
 */
import { EACCES, EBUSY, EEXIST, EINVAL, EIO, EMFILE, ENODEV, ENOENT, ENOMEM, EROFS } from '../storage-error.ts';

export const OK = 0;
/** The device failed. */
export const DISK_ERROR = 1;
/** The filesystem contradicts itself. */
export const INTERNAL_ERROR = 2;
export const NOT_READY = 3;
export const NO_FILE = 4;
export const NO_PATH = 5;
export const INVALID_NAME = 6;
export const DENIED = 7;
export const EXISTS = 8;
export const INVALID_OBJECT = 9;
export const WRITE_PROTECTED = 10;
export const NO_FILESYSTEM = 13;
export const FORMAT_ABORTED = 14;
export const NOT_ENOUGH_CORE = 17;
export const INVALID_PARAMETER = 19;

export type FatResult = number;

const ERRNO: readonly number[] = [
  0,
  EIO,
  EIO,
  EBUSY,
  ENOENT,
  ENOENT,
  EINVAL,
  EACCES,
  EEXIST,
  EINVAL,
  EROFS,
  ENODEV,
  ENODEV,
  ENODEV,
  EIO,
  EIO,
  EIO,
  ENOMEM,
  EMFILE,
  EINVAL,
];

export function errnoOf(result: FatResult): number {
  return ERRNO[result];
}
