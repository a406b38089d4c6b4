import { describe, expect, it } from 'vitest';
import { checkFat } from './fat/check.ts';
import { packFatTime } from './fat/volume.ts';
import { type FlashLayout, flashDriveImage, mountFlashDrive, STM32F405_FLASH_DRIVE, STM32F411_FLASH_DRIVE } from './flash-drive.ts';
import { FlashMedium } from './flash-medium.ts';
import { FLASH_PARTITION_START, FlashDevice, FlashStorage } from './flash-storage.ts';
import { type MediumOperation, PowerLost } from './medium.ts';
import { EFAULT, EIO } from './storage-error.ts';
import { readTree } from './tree.ts';

const FILES = new Map([
  ['/boot.py', new TextEncoder().encode('import pyb\n')],
  ['/main.py', new TextEncoder().encode('# main.py\n')],
]);
const TIME = packFatTime(2015, 1, 1);

function board(layout: FlashLayout = STM32F405_FLASH_DRIVE) {
  const medium = new FlashMedium(layout.sectors);
  medium.load(flashDriveImage(layout, FILES, TIME));
  const state = { now: 0, red: false };
  const operations: MediumOperation[] = [];
  medium.listen(operation => operations.push(operation));
  const storage = new FlashStorage(medium, {
    segments: layout.segments,
    cacheSize: layout.cacheSize,
    ticks: () => state.now,
    onDirtyChange: dirty => {
      state.red = dirty;
    },
  });
  return { medium, storage, state, operations, reboot: () => new FlashStorage(medium, { ...layout, ticks: () => state.now }) };
}

/** Compares whole media, which is slow for the test runner. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

const block = (fill: number) => new Uint8Array(512).fill(fill);

describe('The flash drive of an STM32F405', () => {
  it('has 224 blocks behind a made-up partition table', () => {
    const { storage } = board();
    const device = FlashDevice.whole(storage);
    expect(device.ioctl(4, 0)).toBe(480);
    const table = new Uint8Array(512);
    expect(device.readBlocks(0, table)).toBe(0);
    expect([...table.subarray(446, 462)]).toEqual([0, 255, 255, 255, 1, 255, 255, 255, 0, 1, 0, 0, 224, 0, 0, 0]);
    expect([...table.subarray(510)]).toEqual([0x55, 0xaa]);
    expect(device.readBlocks(255, table)).toBe(0);
    expect(table.every(byte => byte === 0)).toBe(true);
    expect(device.readBlocks(480, table)).toBe(-EIO);
  });

  it('ignores writes before the partition', () => {
    const { storage } = board();
    expect(storage.writeBlocks(0, block(1))).toBe(0);
    expect(storage.dirty).toBe(false);
  });

  it('comes with a sound FAT volume and its files', () => {
    const { storage } = board();
    expect(checkFat(FlashDevice.whole(storage))).toEqual([]);
    const drive = mountFlashDrive(storage, () => TIME);
    expect(drive.label).toBe('PYBFLASH');
    expect(readTree(drive)).toEqual(FILES);
  });

  it('shows a written block at once, with the red LED on, while the flash still holds the old one', () => {
    const { storage, medium, state, operations } = board();
    const before = medium.save();
    storage.writeBlocks(FLASH_PARTITION_START + 100, block(7));
    const read = new Uint8Array(512);
    storage.readBlocks(FLASH_PARTITION_START + 100, read);
    expect(read).toEqual(block(7));
    expect(state.red).toBe(true);
    expect(operations).toEqual([]);
    expect(same(medium.save(), before)).toBe(true);
  });

  it('erases at the first service, and programs five seconds after the last write', () => {
    const { storage, state, operations } = board();
    state.now = 1000;
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    storage.service();
    expect(operations.map(operation => operation.kind)).toEqual(['erase']);
    state.now = 5999;
    storage.service();
    expect(storage.dirty).toBe(true);
    state.now = 6000;
    storage.service();
    expect(operations.map(operation => operation.kind)).toEqual(['erase', 'program']);
    expect(state.red).toBe(false);
    // 16 KB: 250 ms to erase, 4096 words of 16 µs to program.
    expect(operations.map(operation => operation.duration)).toEqual([250_000_000, 65_536_000]);
  });

  it('flushes when another sector is written', () => {
    const { storage, operations } = board();
    storage.writeBlocks(FLASH_PARTITION_START, block(1));
    storage.writeBlocks(FLASH_PARTITION_START + 32, block(2));
    expect(operations.map(operation => [operation.kind, operation.address])).toEqual([
      ['erase', 0x08004000],
      ['program', 0x08004000],
    ]);
  });

  it('loses a whole sector when the power goes between its erase and its programming', () => {
    const { storage, medium, reboot } = board();
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    storage.service();
    const after = reboot();
    const read = new Uint8Array(512);
    after.readBlocks(FLASH_PARTITION_START + 31, read);
    expect(read).toEqual(block(0xff));
    expect(medium.memory.subarray(0, 0x4000).every(byte => byte === 0xff)).toBe(true);
  });

  it('has sections that speak the extended protocol', () => {
    const { storage } = board();
    const section = FlashDevice.section(storage, 1024, 2048)!;
    expect([section.ioctl(4, 0), section.ioctl(5, 0), section.ioctl(1, 1), section.ioctl(6, 0), section.ioctl(99, 0)]).toEqual([
      4,
      512,
      0,
      0,
      null,
    ]);
    expect(section.writeBlocks(1, Uint8Array.of(1, 2, 3), 510)).toBe(0);
    const read = new Uint8Array(512);
    storage.readBlocks(FLASH_PARTITION_START + 3, read);
    expect([...read.subarray(510)]).toEqual([1, 2]);
    storage.readBlocks(FLASH_PARTITION_START + 4, read);
    expect(read[0]).toBe(3);
    expect(section.readBlocks(4, read, 0)).toBe(-EFAULT);
    expect(FlashDevice.whole(storage).ioctl(1, 1)).toBe(-1);
    expect(FlashDevice.whole(storage).readBlocks(0, read, 0)).toBe(-EIO);
  });

  it.each([
    [1, -1],
    [0, 100],
    [0, 115_200],
    [114_688, -1],
    [-2, 512],
  ])('has no section from %i, %i long', (start, length) => {
    expect(FlashDevice.section(board().storage, start, length)).toBeUndefined();
  });
});

describe('The flash drive of an STM32F411', () => {
  it('uses 16 KB of a sector of 64 KB', () => {
    const { storage, medium } = board(STM32F411_FLASH_DRIVE);
    expect(storage.blockCount).toBe(256 + 128);
    storage.writeBlocks(256 + 127, block(5));
    storage.flush();
    expect(medium.memory.subarray(0xfe00, 0x10000)).toEqual(block(5));
    expect(medium.memory[0x10000]).toBe(0xff);
  });
});

describe('A power cut', () => {
  it.each([0, 0.25, 0.5, 1])('in an erase, %d of it done, has only lifted bits', progress => {
    const { storage, medium } = board();
    const before = medium.save();
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    medium.cutPowerAfter(0, progress);
    expect(() => storage.flush()).toThrow(PowerLost);
    const after = medium.save();
    expect(after.every((byte, i) => (byte & before[i]) === before[i])).toBe(true);
    const lifted = after.subarray(0, 0x4000).filter(byte => byte === 0xff).length;
    if (progress === 0) expect(same(after, before)).toBe(true);
    if (progress === 1) expect(lifted).toBe(0x4000);
    expect(same(after.subarray(0x4000), before.subarray(0x4000))).toBe(true);
  });

  it('in a programming leaves the words before it new and those behind it erased', () => {
    const { storage, medium } = board();
    const content = new Uint8Array(512).fill(0x42);
    storage.writeBlocks(FLASH_PARTITION_START, content);
    medium.cutPowerAfter(1, 0.02);
    expect(() => storage.flush()).toThrow(PowerLost);
    expect(medium.memory.subarray(0, 324)).toEqual(content.subarray(0, 324));
    expect(medium.memory.subarray(332, 0x4000).every(byte => byte === 0xff)).toBe(true);
    expect(medium.powered).toBe(false);
  });

  it('freezes the medium until power is back', () => {
    const { storage, medium } = board();
    medium.cutPowerAfter(0);
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    expect(() => storage.flush()).toThrow(PowerLost);
    const frozen = medium.save();
    medium.erase(0x08004000);
    medium.program(0x08004000, block(0));
    expect(same(medium.save(), frozen)).toBe(true);
    medium.restorePower();
    medium.erase(0x08004000);
    expect(medium.memory[0]).toBe(0xff);
  });
});

describe('The time that the flash takes', () => {
  it('passes before an operation has an effect', () => {
    const { storage, medium } = board();
    const before = medium.save();
    const passed: number[] = [];
    medium.onBusy = duration => {
      if (passed.length === 0) expect(same(medium.save(), before)).toBe(true);
      passed.push(duration);
      return duration;
    };
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    storage.flush();
    expect(passed).toEqual([250_000_000, 65_536_000]);
  });

  it('ends when the power fails in it, and with it the operation', () => {
    const { storage, medium, operations } = board();
    medium.onBusy = duration => Math.min(duration, 100_000_000);
    storage.writeBlocks(FLASH_PARTITION_START, block(7));
    expect(() => storage.flush()).toThrow(PowerLost);
    expect(operations).toEqual([{ kind: 'erase', address: 0x08004000, length: 0x4000, duration: 100_000_000 }]);
    const erased = medium.memory.subarray(0, 0x4000).filter(byte => byte === 0xff).length;
    expect(erased).toBeLessThan(0x4000);
  });
});

describe('Faults', () => {
  it('let reads and writes fail as often as they are told to', () => {
    const { storage, medium } = board();
    medium.faults.reads = 1;
    medium.faults.writes = Infinity;
    expect([storage.readBlocks(256, block(0)), storage.readBlocks(256, block(0))]).toEqual([-EIO, 0]);
    expect([storage.writeBlocks(256, block(0)), storage.writeBlocks(256, block(0))]).toEqual([-EIO, -EIO]);
    medium.faults.writes = 0;
    expect(storage.writeBlocks(256, block(0))).toBe(0);
  });
});

describe('An image that media share', () => {
  const { sectors } = STM32F405_FLASH_DRIVE;
  const { address } = sectors[0];
  const changes: [string, (medium: FlashMedium) => void][] = [
    ['erased', medium => medium.erase(address)],
    ['programmed', medium => medium.program(address, new Uint8Array(4))],
    ['corrupted', medium => medium.poke(0, new Uint8Array(4))],
  ];
  it.each(changes)('stays as it is when one of them is %s', (_, change) => {
    const image = flashDriveImage(STM32F405_FLASH_DRIVE, FILES, TIME);
    const before = image.slice();
    const [one, other] = [new FlashMedium(sectors), new FlashMedium(sectors)];
    one.share(image);
    other.share(image);
    change(one);
    expect(same(one.save(), before)).toBe(false);
    expect(same(other.save(), before) && same(image, before)).toBe(true);
  });

  it('is not taken for what is erased', () => {
    const medium = new FlashMedium(sectors);
    medium.program(address, new Uint8Array(4));
    expect(new FlashMedium(sectors).save().every(byte => byte === 0xff)).toBe(true);
  });
});
