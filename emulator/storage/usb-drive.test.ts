import { describe, expect, it } from 'vitest';
import { checkFat } from './fat/check.ts';
import { packFatTime } from './fat/volume.ts';
import { pathText } from './filesystem.ts';
import { flashDriveImage, mountFlashDrive, STM32F405_FLASH_DRIVE } from './flash-drive.ts';
import { FlashMedium } from './flash-medium.ts';
import { FlashDevice, FlashStorage } from './flash-storage.ts';
import { formatMedium, MediumFiles } from './medium-files.ts';
import { SdCard, SdCardSlot } from './sd-card.ts';
import { ENODEV, StorageError } from './storage-error.ts';
import { readFile, writeTree } from './tree.ts';
import { FlashUnit, HostDrive, SdCardUnit } from './usb-drive.ts';

const TIME = packFatTime(2015, 1, 1);
const PC_TIME = packFatTime(2026, 3, 1, 12, 0, 0);
const text = (contents: string) => new TextEncoder().encode(contents);

function pyboard() {
  const medium = new FlashMedium(STM32F405_FLASH_DRIVE.sectors);
  medium.load(flashDriveImage(STM32F405_FLASH_DRIVE, new Map([['/main.py', text('# main\n')]]), TIME));
  const storage = new FlashStorage(medium, { ...STM32F405_FLASH_DRIVE, ticks: () => 0 });
  const mount = () => mountFlashDrive(storage, () => TIME);
  const unit = new FlashUnit(storage);
  return { medium, storage, mount, unit, computer: new HostDrive(unit, () => PC_TIME) };
}

const names = (drive: HostDrive) => drive.list().map(entry => entry.path);

describe('The USB drive of the flash', () => {
  it('shows the computer a partitioned medium with the board’s files', () => {
    const { computer, unit } = pyboard();
    expect(unit.capacity).toEqual({ blockCount: 480, blockSize: 512 });
    expect(computer.readBlocks(0, 1)[450]).toBe(1);
    expect(computer.list()).toEqual([{ path: 'main.py', kind: 'file', size: 7 }]);
    expect(computer.filesystem.label).toBe('PYBFLASH');
  });

  it('gives the board a file after a flush and a new mount', () => {
    const { computer, mount, storage } = pyboard();
    const board = mount();
    board.statistics();
    computer.writeFile('Ein langer Name.py', text('print(1)\n'));
    expect(storage.dirty).toBe(false);
    computer.flush();
    expect(storage.dirty).toBe(true);
    expect(readFile(mount(), 'ein langer name.py')).toEqual(text('print(1)\n'));
    expect(mount().stat('Ein langer Name.py').modified).toBe(Date.UTC(2026, 2, 1, 12) / 1000);
  });

  it('is written to the flash by the board at the eject, and is then not ready', () => {
    const { computer, storage, medium } = pyboard();
    computer.writeFile('a.py', text('1'));
    computer.eject();
    expect(storage.dirty).toBe(false);
    expect(new MediumFiles(medium).read('a.py')).toEqual(text('1'));
    expect(() => computer.list()).toThrow(StorageError);
  });

  it('loses what the computer had not flushed when the cable is pulled', () => {
    const { computer, mount } = pyboard();
    computer.writeFile('a.py', text('1'));
    computer.unplug();
    expect(mount().kindOf('a.py')).toBe('none');
    expect(names(computer)).toEqual(['main.py']);
  });

  it('does not show the computer what the board writes, until it is mounted anew', () => {
    const { computer, mount, unit } = pyboard();
    expect(names(computer)).toEqual(['main.py']);
    writeTree(mount(), new Map([['/log.txt', text('x')]]));
    expect(names(computer)).toEqual(['main.py']);
    computer.eject();
    unit.start(true);
    expect(names(computer)).toEqual(['main.py', 'log.txt']);
  });

  it('is corrupted when both sides write', () => {
    const { computer, mount, storage } = pyboard();
    const board = mount();
    names(computer);
    writeTree(board, new Map([['/board.txt', text('b'.repeat(3000))]]));
    computer.writeFile('computer.txt', text('c'.repeat(3000)));
    computer.flush();
    const problems = checkFat(FlashDevice.whole(storage));
    // The computer's directory and table have replaced the board's.
    expect([...mount().list()].map(item => pathText(item.name))).toEqual(['main.py', 'computer.txt']);
    expect(readFile(mount(), 'computer.txt')).toEqual(text('c'.repeat(3000)));
    // The board goes on with what it remembers of its own.
    const file = board.open('board.txt', 'a');
    file.write(text('more'));
    file.close();
    expect([...problems, ...checkFat(FlashDevice.whole(storage))].length).toBeGreaterThan(0);
  });
});

describe('The USB drive of the SD card', () => {
  it('needs a card', () => {
    const slot = new SdCardSlot();
    const without = new HostDrive(new SdCardUnit(slot), () => PC_TIME);
    expect(() => without.filesystem).toThrow(expect.objectContaining({ errno: ENODEV }));
    const card = new SdCard(8 * 1024 * 1024);
    formatMedium(card, new Map([['data/a.csv', text('1,2\n')]]), { kind: 'fat' });
    slot.insert(card);
    const drive = new HostDrive(new SdCardUnit(slot), () => PC_TIME);
    expect(drive.readFile('data/a.csv')).toEqual(text('1,2\n'));
    expect(drive.removeFile('data/a.csv')).toBe(true);
    expect(drive.removeFile('data/a.csv')).toBe(false);
    drive.flush();
    expect(new MediumFiles(card).list()).toEqual([{ path: 'data', kind: 'folder', size: 0 }]);
  });
});
