/** The other end of the USB cable: what a computer sees of a board. */
import type { BoardMachine } from '../boot/board-machine.ts';
import { PowerLost } from '../storage/medium.ts';
import { StorageError } from '../storage/storage-error.ts';
import { FlashUnit, HostDrive, SdCardUnit } from '../storage/usb-drive.ts';
import { SessionError } from './error.ts';
import type { HidReport, MediumEntry } from './handle.ts';
import { decodeReport, describeReport } from './hid-report.ts';

const describeBytes = (descriptor: Uint8Array, report: Uint8Array): string => describeReport(decodeReport(descriptor, report));

export class BenchUsb {
  constructor(
    private readonly board: (name: string) => BoardMachine,
    private readonly now: () => number,
  ) {}

  connect(board: string, connected: boolean): void {
    this.board(board).consoles.get('usb')!.connected = connected;
  }

  interfaces(board: string): readonly string[] {
    return this.board(board).usbInterfaces();
  }

  /** What the computer has fetched from each board since it was last asked. */
  private readonly fetched = new Map<string, HidReport[]>();

  /** Begins to fetch what a board sends: a computer does as soon as the device is configured. */
  watch(board: BoardMachine): void {
    const reports: HidReport[] = [];
    board.usbDevice.describe = describeBytes;
    this.fetched.set(board.name, reports);
    board.usbDevice.onReport(bytes => {
      const hid = board.usbDevice.configuration?.hid;
      if (hid !== undefined) reports.push({ time: this.now(), bytes, ...decodeReport(hid.descriptor, bytes) });
    });
  }

  hidReports(board: string): HidReport[] {
    return this.fetched.get(this.board(board).name)!.splice(0);
  }

  sendHid(board: string, bytes: Uint8Array): void {
    const machine = this.board(board);
    if (!machine.usbInterfaces().includes('hid')) {
      throw new SessionError(
        'wrong-state',
        `${board} presents no HID device: pyb.usb_mode('VCP+HID') in boot.py makes it one`,
        [],
        this.now(),
      );
    }
    if (!machine.usbDevice.sendToBoard(bytes))
      throw new SessionError('wrong-state', `${board} has not yet read the reports before this one`, [], this.now());
  }
}

export class BenchUsbDrive {
  private readonly drives = new Map<string, { drive: HostDrive; storage: object }>();

  constructor(
    private readonly board: (name: string) => BoardMachine,
    private readonly now: () => number,
  ) {}

  private drive(name: string): HostDrive {
    const machine = this.board(name);
    const { flash, sdSlot } = machine.storage() ?? {};
    if (flash === undefined || sdSlot === undefined || !machine.usbInterfaces().includes('msc')) {
      throw new SessionError('wrong-state', `${name} presents no USB drive now`, [], this.now());
    }
    const unit = machine.usbMedium() === 'sd' ? sdSlot : flash;
    let entry = this.drives.get(name);
    if (entry === undefined || entry.storage !== unit) {
      entry = { drive: new HostDrive(unit === flash ? new FlashUnit(flash) : new SdCardUnit(sdSlot), () => 0x46210000), storage: unit };
      this.drives.set(name, entry);
    }
    return entry.drive;
  }

  private guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof StorageError) throw new SessionError('bad-image', `the drive: ${error.message}`, [], this.now());
      if (error instanceof PowerLost)
        throw new SessionError('wrong-state', 'the board lost its power while the computer wrote to its drive', [], this.now());
      throw error;
    }
  }

  readBlocks(board: string, block: number, count: number): Uint8Array {
    return this.guarded(() => this.drive(board).readBlocks(block, count));
  }
  writeBlocks(board: string, block: number, data: Uint8Array): void {
    this.guarded(() => this.drive(board).writeBlocks(block, data));
  }
  list(board: string): MediumEntry[] {
    return this.guarded(() =>
      this.drive(board)
        .list()
        .map(entry => ({ path: entry.path.replace(/^\//, ''), kind: entry.kind === 'file' ? 'file' : 'folder', size: entry.size })),
    );
  }
  readFile(board: string, path: string): Uint8Array | undefined {
    return this.guarded(() => this.drive(board).readFile(path));
  }
  writeFile(board: string, path: string, bytes: Uint8Array): void {
    this.guarded(() => this.drive(board).writeFile(path, bytes));
  }
  removeFile(board: string, path: string): boolean {
    return this.guarded(() => this.drive(board).removeFile(path));
  }
  flush(board: string): void {
    this.guarded(() => this.drive(board).flush());
  }
  eject(board: string): void {
    this.guarded(() => this.drive(board).eject());
    this.drives.delete(board);
  }
}
