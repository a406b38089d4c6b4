/**
 * The internal drive of an STM32 board: what the firmware makes of the flash at a factory reset or on a blank chip.
 *
 * Source: MicroPython 1.27.0, ports/stm32/factoryreset.c (the volume lies in the first partition, is labelled "pybflash",
 * and holds the factory's files).
 */
import { FatFilesystem } from './fat/fat-filesystem.ts';
import { format } from './fat/format.ts';
import { setLabel } from './fat/label.ts';
import { errnoOf, OK } from './fat/result.ts';
import { type FatTime, FatVolume } from './fat/volume.ts';
import { FlashMedium, type FlashSectors } from './flash-medium.ts';
import { FlashDevice, type FlashSegment, FlashStorage } from './flash-storage.ts';
import { StorageError } from './storage-error.ts';
import { writeTree } from './tree.ts';

/** A board's flash, as its board file gives it. */
export interface FlashLayout {
  /** The sectors that hold the drive. */
  sectors: readonly FlashSectors[];
  segments: readonly FlashSegment[];
  /** RAM of the firmware's sector cache, in bytes. */
  cacheSize: number;
  /** Volume label. */
  label: string;
}

/** STM32F405 (pyboard v1.1): sectors 1 to 4 hold the drive, 112 KB; the cache is the core-coupled RAM. */
export const STM32F405_FLASH_DRIVE: FlashLayout = {
  sectors: [
    { address: 0x08004000, size: 0x4000, count: 3 },
    { address: 0x08010000, size: 0x10000, count: 1 },
  ],
  segments: [{ address: 0x08004000, length: 112 * 1024 }],
  cacheSize: 0x10000,
  label: 'pybflash',
};

/** STM32F411 (pyboard lite): of sector 4 only the first 16 KB. */
export const STM32F411_FLASH_DRIVE: FlashLayout = {
  ...STM32F405_FLASH_DRIVE,
  segments: [{ address: 0x08004000, length: 64 * 1024 }],
  cacheSize: 0x4000,
};

/** The filesystem on the whole drive, as it is mounted at boot. @throws StorageError if the device fails */
export function mountFlashDrive(storage: FlashStorage, time: () => FatTime): FatFilesystem {
  return new FatFilesystem(FlashDevice.whole(storage), { time });
}

/** Formats the drive and puts the factory's files on it. @throws StorageError @throws PowerLost */
export function makeFactoryFilesystem(
  storage: FlashStorage,
  label: string,
  files: ReadonlyMap<string, Uint8Array>,
  time: () => FatTime,
): void {
  const volume = new FatVolume(FlashDevice.whole(storage), { time, partition: 1 });
  let result = format(volume, 'fat12 or fat16', 'partitioned');
  if (result === OK) result = setLabel(volume, label);
  if (result !== OK) throw new StorageError(errnoOf(result));
  writeTree(new FatFilesystem(FlashDevice.whole(storage), { time }), files);
}

/**
 * The medium's contents with a fresh drive on it.
 * @param time of the files, packed
 * @throws StorageError ENOSPC if the files do not fit
 */
export function flashDriveImage(layout: FlashLayout, files: ReadonlyMap<string, Uint8Array>, time: FatTime): Uint8Array {
  const medium = new FlashMedium(layout.sectors);
  const storage = new FlashStorage(medium, { segments: layout.segments, cacheSize: layout.cacheSize, ticks: () => 0 });
  makeFactoryFilesystem(storage, layout.label, files, () => time);
  storage.flush();
  return medium.save();
}
