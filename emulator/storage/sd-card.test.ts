import { describe, expect, it } from 'vitest';
import { checkFat } from './fat/check.ts';
import { FatFilesystem } from './fat/fat-filesystem.ts';
import { PowerLost } from './medium.ts';
import { SdCard, SdCardSlot } from './sd-card.ts';
import { EIO, StorageError } from './storage-error.ts';
import { readFile, writeTree } from './tree.ts';

const GB = 1024 ** 3;
const block = (fill: number) => new Uint8Array(512).fill(fill);

describe('An SD card', () => {
  it('of 4 GB costs the memory of what is on it', () => {
    const slot = new SdCardSlot();
    const card = new SdCard(4 * GB);
    slot.insert(card);
    FatFilesystem.format(slot);
    const fs = new FatFilesystem(slot);
    writeTree(fs, new Map([['/music/a.wav', new Uint8Array(100_000).fill(1)]]));
    expect(fs.volume.type).toBe(32);
    expect(checkFat(slot)).toEqual([]);
    expect(card.allocated).toBeLessThan(2_000_000);
    expect(card.save().length).toBeLessThan(6_000_000);
  });

  it('keeps its contents through an image', () => {
    const card = new SdCard(1_048_576);
    card.write(7, block(9));
    const copy = new SdCard(1_048_576);
    copy.load(card.save());
    const read = new Uint8Array(512);
    copy.read(7, read);
    expect(read).toEqual(block(9));
    expect(() => new SdCard(512).load(card.save())).toThrow(RangeError);
  });

  it('cut off in a write of several blocks has written some, and a part of one', () => {
    const card = new SdCard(1_048_576);
    card.cutPowerAfter(1, 0.625);
    card.write(0, new Uint8Array(2048).fill(1));
    expect(() => card.write(0, new Uint8Array(2048).fill(2))).toThrow(PowerLost);
    const image = card.save(2048);
    expect(image.subarray(0, 1280).every(byte => byte === 2)).toBe(true);
    expect(image.subarray(1280).every(byte => byte === 1)).toBe(true);
  });
});

describe('A card slot', () => {
  it('answers nothing until the card is powered', () => {
    const slot = new SdCardSlot();
    expect([slot.present, slot.ioctl(1), slot.readBlocks(0, block(0))]).toEqual([false, -1, -EIO]);
    slot.insert(new SdCard(1_048_576));
    expect([slot.present, slot.info(), slot.ioctl(4), slot.readBlocks(0, block(0))]).toEqual([true, undefined, 0, -EIO]);
    expect([slot.ioctl(1), slot.ioctl(4), slot.ioctl(5), slot.ioctl(9)]).toEqual([0, 2048, 512, -1]);
    expect(slot.info()).toEqual({ size: 1_048_576, blockSize: 512, type: 0 });
    expect(slot.readBlocks(2048, block(0))).toBe(-EIO);
  });

  it('whose card is pulled out fails every access with EIO, and tells its listeners', () => {
    const slot = new SdCardSlot();
    const seen: boolean[] = [];
    slot.onDetect(present => seen.push(present));
    slot.insert(new SdCard(1_048_576));
    FatFilesystem.format(slot);
    const fs = new FatFilesystem(slot);
    const file = fs.open('log', 'w');
    file.write(new Uint8Array(700));
    const card = slot.remove()!;
    expect(() => file.close()).toThrow(StorageError);
    expect(() => fs.open('log', 'r').read(new Uint8Array(1))).toThrow(StorageError);
    slot.insert(card);
    slot.powerOn();
    expect(slot.readBlocks(0, block(0))).toBe(-EIO);
    slot.powerOff();
    slot.powerOn();
    expect(readFile(new FatFilesystem(slot), 'log').length).toBe(0);
    expect(seen).toEqual([true, false, true]);
  });
});

describe('A card that is pulled out in the middle of a write', () => {
  it('has the first half of it, and the board sees an error', () => {
    const slot = new SdCardSlot();
    const card = new SdCard(1_048_576);
    slot.insert(card);
    slot.powerOn();
    card.onBusy = duration => {
      slot.remove();
      return duration / 2;
    };
    expect(slot.writeBlocks(0, new Uint8Array(2048).fill(3))).toBe(-EIO);
    card.onBusy = undefined;
    const image = card.save(2048);
    expect(image.subarray(0, 1024).every(byte => byte === 3)).toBe(true);
    expect(image.subarray(1024).every(byte => byte === 0)).toBe(true);
    slot.insert(card);
    expect(slot.readBlocks(0, new Uint8Array(512))).toBe(-EIO);
  });
});
