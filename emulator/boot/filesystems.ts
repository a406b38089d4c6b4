/** The board's filesystems at boot: the flash on /flash, a card on /sd (ports/stm32/main.c), and what imports and scripts read from them. */
import type { BoardHardware } from '../modules/hardware.ts';
import { wallClock as moduleWallClock } from '../modules/time.ts';
import { ROOT, addMount, callFilesystem, lookUp, mountTable } from '../modules/vfs/mounts.ts';
import { openPath } from '../modules/vfs/operations.ts';
import { vfsFatOver } from '../modules/vfs/fat.ts';
import { MpBytes } from '../objects/bytes.ts';
import { MpTuple } from '../objects/tuple.ts';
import { FatFilesystem } from '../storage/fat/fat-filesystem.ts';
import { packFatTime } from '../storage/fat/volume.ts';
import { S_IFDIR } from '../storage/filesystem.ts';
import { makeFactoryFilesystem, mountFlashDrive } from '../storage/flash-drive.ts';
import { StorageError } from '../storage/storage-error.ts';
import { callMethod } from '../vm/call.ts';
import { Raise } from '../vm/raise.ts';
import { vm } from '../vm/vm.ts';
import { dateTimeOf } from '../modules/calendar.ts';
import { FACTORY_FILES } from './factory-files.ts';

export interface BootConsole {
  /** The LED that is lit while the flash is formatted. */
  led(on: boolean): void;
  delay(milliseconds: number): void;
  print(text: string): void;
}

/** How long the LED shows that a filesystem is made, at least. */
const FORMAT_MS = 200;

function fatTime(): number {
  const { year, month, day, hour, minute, second } = dateTimeOf(moduleWallClock().seconds);
  return packFatTime(year, month, day, hour, minute, second);
}

/** Mounts what is there, sets the current directory and sys.path, and reports what cannot be mounted. `format`: a factory reset. */
export function mountFilesystems(board: BoardHardware, format: boolean, console: BootConsole): void {
  const flash = mountFlash(board, format, console);
  let card = false;
  if (board.hardware.sdCard !== undefined && board.sdSlot.present && !(flash && statPath('SKIPSD') !== 'none')) card = mountCard(board, console);
  const { items } = vm.sysPath;
  items.length = 0;
  items.push('', '.frozen');
  if (card) items.push('/sd', '/sd/lib');
  if (flash) items.push('/flash', '/flash/lib');
}

function mountFlash(board: BoardHardware, format: boolean, console: BootConsole): boolean {
  try {
    if (format) makeFresh(board, console);
    let filesystem: FatFilesystem;
    try {
      filesystem = mountFlashDrive(board.flash, fatTime);
    } catch (error) {
      if (!(error instanceof StorageError) || format) throw error;
      makeFresh(board, console);
      filesystem = mountFlashDrive(board.flash, fatTime);
    }
    const mount = { point: '/flash', filesystem: vfsFatOver(filesystem) };
    addMount(mount);
    mountTable().current = mount;
    return true;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    console.print("MPY: can't mount flash\r\n");
    return false;
  }
}

function makeFresh(board: BoardHardware, console: BootConsole): void {
  console.led(true);
  makeFactoryFilesystem(board.flash, board.hardware.flash.label ?? '', FACTORY_FILES, fatTime);
  console.delay(FORMAT_MS);
  console.led(false);
}

function mountCard(board: BoardHardware, console: BootConsole): boolean {
  try {
    if (!board.sdSlot.powerOn()) return false;
    const mount = { point: '/sd', filesystem: vfsFatOver(new FatFilesystem(board.sdSlot, { time: fatTime })) };
    addMount(mount);
    mountTable().current = mount;
    return true;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    console.print("MPY: can't mount SD card\r\n");
    return false;
  }
}

/** What a path names, as an import asks (mp_vfs_import_stat). */
export function statPath(path: string): 'none' | 'file' | 'dir' {
  const { where, path: inside } = lookUp(path);
  if (where === undefined || where === ROOT) return 'none';
  try {
    const status = callFilesystem(where, 'stat', [inside]);
    const mode = status instanceof MpTuple ? (status.items[0] as number) : 0;
    return (mode & S_IFDIR) !== 0 ? 'dir' : 'file';
  } catch (error) {
    if (error instanceof Raise) return 'none';
    throw error;
  }
}

/** A whole file. Throws the guest's OSError. */
export function readScript(path: string): Uint8Array {
  const file = openPath([path, 'rb'], null);
  const content = callMethod(file, 'read');
  callMethod(file, 'close');
  return content instanceof MpBytes ? content.data : new Uint8Array(0);
}
