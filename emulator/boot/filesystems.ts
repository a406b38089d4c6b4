/** The board's filesystems at boot: the flash on /flash, a card on /sd (ports/stm32/main.c). */

import { dateTimeOf } from '../modules/calendar.ts';
import type { BoardHardware } from '../modules/hardware.ts';
import { wallClock as moduleWallClock } from '../modules/time.ts';
import { vfsFatOver } from '../modules/vfs/fat.ts';
import { importStat } from '../modules/vfs/import-files.ts';
import { addMount, callFilesystem, mountTable } from '../modules/vfs/mounts.ts';
import { excTypes } from '../objects/exception.ts';
import { FatFilesystem } from '../storage/fat/fat-filesystem.ts';
import { packFatTime } from '../storage/fat/volume.ts';
import { makeFactoryFilesystem, mountFlashDrive } from '../storage/flash-drive.ts';
import { StorageError } from '../storage/storage-error.ts';
import { Raise } from '../vm/raise.ts';
import { isSubclass, typeOf } from '../vm/type.ts';
import { vm } from '../vm/vm.ts';
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

/** Mounts what is there, sets the current directory and sys.path, and reports what cannot be mounted. `format`: a factory reset. Returns whether a card is mounted. */
export function mountFilesystems(board: BoardHardware, format: boolean, console: BootConsole): boolean {
  const flash = mountFlash(board, format, console);
  let card = false;
  if (board.hardware.sdCard !== undefined && board.sdSlot.present && !(flash && importStat('SKIPSD') !== 'none'))
    card = mountCard(board, console);
  const { items } = vm.sysPath;
  items.length = 0;
  items.push('', '.frozen');
  if (card) items.push('/sd', '/sd/lib');
  if (flash) items.push('/flash', '/flash/lib');
  return card;
}

type Mount = Parameters<typeof addMount>[0];

/** A mount point with its filesystem mounted. @throws StorageError, or the guest's OSError, if there is none that can be */
function attach(point: string, filesystem: FatFilesystem): Mount {
  const mount = { point, filesystem: vfsFatOver(filesystem) };
  callFilesystem(mount, 'mount', [false, false]);
  return mount;
}

function cannotMount(error: unknown): boolean {
  return error instanceof StorageError || (error instanceof Raise && isSubclass(typeOf(error.exception), excTypes.OSError));
}

function mountFlash(board: BoardHardware, format: boolean, console: BootConsole): boolean {
  try {
    if (format) makeFresh(board, console);
    let mount: Mount;
    try {
      mount = attach('/flash', mountFlashDrive(board.flash, fatTime));
    } catch (error) {
      if (!cannotMount(error) || format) throw error;
      makeFresh(board, console);
      mount = attach('/flash', mountFlashDrive(board.flash, fatTime));
    }
    addMount(mount);
    mountTable().current = mount;
    return true;
  } catch (error) {
    if (!cannotMount(error)) throw error;
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
    const mount = attach('/sd', new FatFilesystem(board.sdSlot, { time: fatTime }));
    addMount(mount);
    mountTable().current = mount;
    return true;
  } catch (error) {
    if (!cannotMount(error)) throw error;
    console.print("MPY: can't mount SD card\r\n");
    return false;
  }
}
