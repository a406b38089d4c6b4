/** The handle's calls on the USB cable: the drive as a computer sees it. */
import { packFatTime } from '../storage/fat/volume.ts';
import { StorageError } from '../storage/storage-error.ts';
import { FlashUnit, HostDrive } from '../storage/usb-drive.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import { boardMachine } from './media-calls.ts';

/** The computer's clock, in FAT's form: always the same, so that runs are the same. */
const COMPUTER_TIME = packFatTime(2016, 1, 1);

export function usbCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  const drives = new Map<string, { drive: HostDrive; life: unknown }>();

  /** The computer mounts the drive anew whenever the board has started anew. */
  const driveOf = (board: string): HostDrive => {
    const machine = boardMachine(bench, board);
    const live = machine.live;
    if (live === undefined)
      throw new SessionError('wrong-state', 'the board presents no drive: it is off, or has not come up yet', [], bench.now);
    const interfaces = machine.usbInterfaces();
    if (!interfaces.includes('msc'))
      throw new SessionError('wrong-state', `the board presents no drive, but ${interfaces.join(' and ') || 'nothing'}`, [], bench.now);
    let known = drives.get(board);
    if (known?.life !== live) {
      known = { drive: new HostDrive(new FlashUnit(live.flash), () => COMPUTER_TIME), life: live };
      drives.set(board, known);
    }
    return known!.drive;
  };
  const tried = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof StorageError) throw new SessionError('bad-image', `the USB drive: ${error.message}`, [], bench.now);
      throw error;
    }
  };
  return {
    'usb.interfaces': (board: string) => boardMachine(bench, board).usbInterfaces(),
    'usb.drive.readBlocks': (board: string, block: number, count: number) => tried(() => driveOf(board).readBlocks(block, count)),
    'usb.drive.writeBlocks': (board: string, block: number, data: Uint8Array) => tried(() => driveOf(board).writeBlocks(block, data)),
    'usb.drive.list': (board: string) => tried(() => driveOf(board).list()),
    'usb.drive.readFile': (board: string, path: string) => tried(() => driveOf(board).readFile(`/${path}`)),
    'usb.drive.writeFile': (board: string, path: string, bytes: Uint8Array) => tried(() => driveOf(board).writeFile(`/${path}`, bytes)),
    'usb.drive.removeFile': (board: string, path: string) => tried(() => driveOf(board).removeFile(`/${path}`)),
    'usb.drive.flush': (board: string) => tried(() => driveOf(board).flush()),
    'usb.drive.eject': (board: string) => tried(() => driveOf(board).eject()),
  };
}
