/**
 * Making a FAT volume, with the sizes and the order of writes that FatFs chooses (`f_mkfs`, R0.13c), so that a formatted
 * medium is the same byte for byte.
 */
import { IOCTL_BLOCK_COUNT, IOCTL_INIT, IOCTL_SYNC } from '../block-device.ts';
import * as L from './layout.ts';
import { DISK_ERROR, type FatResult, FORMAT_ABORTED, NOT_READY, OK, WRITE_PROTECTED } from './result.ts';
import type { FatVolume } from './volume.ts';

/** Where a volume goes if no partition is chosen: all of the medium, or a new partition behind the first track. */
export type FormatStyle = 'whole medium' | 'partitioned';
export type FormatType = 'fat12 or fat16' | 'fat32';

const ROOT_ENTRY_COUNT = 512;
const FAT_COPIES = 1;
const FIRST_TRACK = 63;
/** From these sizes on (in 4096 sectors) a cluster of FAT12 and FAT16 has 2, 4, 8 … sectors. */
const CLUSTER_STEPS = [1, 4, 16, 64, 256, 512];
/** The same of FAT32, in 131072 sectors. */
const CLUSTER_STEPS_32 = [1, 2, 4, 8, 16, 32];

interface Plan {
  type: 12 | 16 | 32;
  clusterSize: number;
  clusters: number;
  reserved: number;
  fatSize: number;
  rootSectors: number;
}

/** Formats the volume's device. Afterwards nothing is mounted; the next operation mounts the new volume. */
export function format(volume: FatVolume, type: FormatType, style: FormatStyle): FatResult {
  const port = volume.port;
  volume.type = 0;
  if ((port.ioctl(IOCTL_INIT, 0) ?? 0) !== 0) return NOT_READY;
  if (port.readOnly) return WRITE_PROTECTED;
  const asked = volume.askSectorSize();
  if (asked !== OK) return asked;
  const sectorSize = volume.sectorSize;
  const buffer = new Uint8Array(sectorSize);

  let start: number;
  let size: number;
  const partition = volume.config.partition;
  const partitionEntry = L.PARTITION_TABLE + (partition - 1) * L.PARTITION_ENTRY_SIZE;
  if (partition !== 0) {
    if (port.read(0, buffer) !== 0) return DISK_ERROR;
    if (L.load16(buffer, L.SIGNATURE) !== L.SIGNATURE_VALUE) return FORMAT_ABORTED;
    if (buffer[partitionEntry + L.PARTITION_SYSTEM] === 0) return FORMAT_ABORTED;
    start = L.load32(buffer, partitionEntry + L.PARTITION_START);
    size = L.load32(buffer, partitionEntry + L.PARTITION_LENGTH);
  } else {
    size = (port.ioctl(IOCTL_BLOCK_COUNT, 0, true) ?? 0) >>> 0;
    start = style === 'whole medium' ? 0 : FIRST_TRACK;
    if (size < start) return FORMAT_ABORTED;
    size -= start;
  }
  if (size < 22) return FORMAT_ABORTED;

  const plan = type === 'fat32' ? planFat32(size, sectorSize) : planFat(size, sectorSize);
  if (!plan) return FORMAT_ABORTED;
  const serial = volume.config.time();
  const write = (sector: number): boolean => port.write(sector, buffer) === 0;

  makeBootSector(buffer, plan, start, size, serial);
  if (!write(start)) return DISK_ERROR;
  if (plan.type === 32) {
    write(start + 6);
    makeInfoSector(buffer, plan);
    write(start + 7);
    write(start + 1);
  }

  buffer.fill(0);
  let sector = start + plan.reserved;
  if (plan.type === 32) {
    L.store32(buffer, 0, 0xfffffff8);
    L.store32(buffer, 4, 0xffffffff);
    L.store32(buffer, 8, 0x0fffffff);
  } else {
    L.store32(buffer, 0, plan.type === 12 ? 0xfffff8 : 0xfffffff8);
  }
  // The port's buffer holds one sector of the largest size, so smaller ones are written several at a time.
  const atOnce = Math.floor(volume.config.maxSectorSize / sectorSize);
  const work = new Uint8Array(atOnce * sectorSize);
  work.set(buffer);
  const rootSectors = plan.type === 32 ? plan.clusterSize : plan.rootSectors;
  for (const area of [plan.fatSize, rootSectors]) {
    for (let left = area; left > 0; ) {
      const count = Math.min(left, atOnce);
      if (port.write(sector, work.subarray(0, count * sectorSize)) !== 0) return DISK_ERROR;
      work.fill(0, 0, sectorSize);
      sector += count;
      left -= count;
    }
  }

  const system = plan.type === 32 ? 0x0c : size >= 0x10000 ? 0x06 : plan.type === 16 ? 0x04 : 0x01;
  if (partition !== 0) {
    if (port.read(0, buffer) !== 0) return DISK_ERROR;
    buffer[partitionEntry + L.PARTITION_SYSTEM] = system;
    if (!write(0)) return DISK_ERROR;
  } else if (style === 'partitioned') {
    makePartitionTable(buffer, system, start, size);
    if (!write(0)) return DISK_ERROR;
  }
  port.ioctl(IOCTL_SYNC, 0);
  return OK;
}

function step(steps: readonly number[], units: number): number {
  let clusterSize = 1;
  for (const limit of steps) {
    if (limit > units) break;
    clusterSize *= 2;
  }
  return clusterSize;
}

function planFat(size: number, sectorSize: number): Plan | undefined {
  let chosen = 0;
  for (;;) {
    const clusterSize = chosen || step(CLUSTER_STEPS, Math.floor(size / 0x1000));
    const estimate = Math.floor(size / clusterSize);
    const type = estimate > L.MAX_CLUSTERS_12 ? 16 : 12;
    const tableBytes = type === 16 ? estimate * 2 + 4 : Math.floor((estimate * 3 + 1) / 2) + 3;
    const fatSize = Math.ceil(tableBytes / sectorSize);
    const rootSectors = (ROOT_ENTRY_COUNT * L.ENTRY_SIZE) / sectorSize;
    const reserved = 1;
    const overhead = reserved + fatSize * FAT_COPIES + rootSectors;
    if (size < overhead + clusterSize * 16) return undefined;
    const clusters = Math.floor((size - overhead) / clusterSize);
    if (type === 16 && clusters > L.MAX_CLUSTERS_16) {
      if (chosen === 0 && clusterSize * 2 <= 128) {
        chosen = clusterSize * 2;
        continue;
      }
      return undefined;
    }
    if (type === 16 && clusters <= L.MAX_CLUSTERS_12) {
      if (chosen === 0 && clusterSize * 2 <= 128) {
        chosen = clusterSize * 2;
        continue;
      }
      return undefined;
    }
    if (type === 12 && clusters > L.MAX_CLUSTERS_12) return undefined;
    return { type, clusterSize, clusters, reserved, fatSize, rootSectors };
  }
}

function planFat32(size: number, sectorSize: number): Plan | undefined {
  let chosen = 0;
  for (;;) {
    const clusterSize = chosen || step(CLUSTER_STEPS_32, Math.floor(size / 0x20000));
    const estimate = Math.floor(size / clusterSize);
    const fatSize = Math.ceil((estimate * 4 + 8) / sectorSize);
    const reserved = 32;
    if (estimate <= L.MAX_CLUSTERS_16 || estimate > L.MAX_CLUSTERS_32) return undefined;
    const overhead = reserved + fatSize * FAT_COPIES;
    if (size < overhead + clusterSize * 16) return undefined;
    const clusters = Math.floor((size - overhead) / clusterSize);
    if (clusters <= L.MAX_CLUSTERS_16) {
      if (chosen === 0 && clusterSize >= 2) {
        chosen = clusterSize / 2;
        continue;
      }
      return undefined;
    }
    return { type: 32, clusterSize, clusters, reserved, fatSize, rootSectors: 0 };
  }
}

function makeBootSector(boot: Uint8Array, plan: Plan, start: number, size: number, serial: number): void {
  boot.fill(0);
  boot.set([0xeb, 0xfe, 0x90], L.JUMP);
  L.storeText(boot, L.JUMP + 3, 'MSDOS5.0');
  L.store16(boot, L.BYTES_PER_SECTOR, boot.length);
  boot[L.SECTORS_PER_CLUSTER] = plan.clusterSize;
  L.store16(boot, L.RESERVED_SECTORS, plan.reserved);
  boot[L.FAT_COUNT] = FAT_COPIES;
  L.store16(boot, L.ROOT_ENTRIES, plan.type === 32 ? 0 : ROOT_ENTRY_COUNT);
  if (size < 0x10000) L.store16(boot, L.TOTAL_SECTORS_16, size);
  else L.store32(boot, L.TOTAL_SECTORS_32, size);
  boot[L.MEDIA] = 0xf8;
  L.store16(boot, L.SECTORS_PER_TRACK, 63);
  L.store16(boot, L.HEADS, 255);
  L.store32(boot, L.HIDDEN_SECTORS, start);
  if (plan.type === 32) {
    L.store32(boot, L.SERIAL_32, serial);
    L.store32(boot, L.FAT_SIZE_32, plan.fatSize);
    L.store32(boot, L.ROOT_CLUSTER_32, 2);
    L.store16(boot, L.FSINFO_SECTOR_32, 1);
    L.store16(boot, L.BACKUP_SECTOR_32, 6);
    boot[L.DRIVE_NUMBER_32] = 0x80;
    boot[L.BOOT_SIGNATURE_32] = 0x29;
    L.storeText(boot, L.LABEL_32, 'NO NAME    FAT32   ');
  } else {
    L.store32(boot, L.SERIAL_16, serial);
    L.store16(boot, L.FAT_SIZE_16, plan.fatSize);
    boot[L.DRIVE_NUMBER_16] = 0x80;
    boot[L.BOOT_SIGNATURE_16] = 0x29;
    L.storeText(boot, L.LABEL_16, 'NO NAME    FAT     ');
  }
  L.store16(boot, L.SIGNATURE, L.SIGNATURE_VALUE);
}

function makeInfoSector(bytes: Uint8Array, plan: Plan): void {
  bytes.fill(0);
  L.store32(bytes, L.FSINFO_LEAD, L.FSINFO_LEAD_VALUE);
  L.store32(bytes, L.FSINFO_STRUCTURE, L.FSINFO_STRUCTURE_VALUE);
  L.store32(bytes, L.FSINFO_FREE_COUNT, plan.clusters - 1);
  L.store32(bytes, L.FSINFO_LAST_ALLOCATED, 2);
  L.store16(bytes, L.SIGNATURE, L.SIGNATURE_VALUE);
}

function makePartitionTable(bytes: Uint8Array, system: number, start: number, size: number): void {
  bytes.fill(0);
  L.store16(bytes, L.SIGNATURE, L.SIGNATURE_VALUE);
  const entry = L.PARTITION_TABLE;
  const cylinder = Math.floor((start + size) / (63 * 255));
  bytes.set([0, 1, 1, 0, system, 254, ((cylinder >> 2) & 0xc0) | 63, cylinder], entry);
  L.store32(bytes, entry + L.PARTITION_START, start);
  L.store32(bytes, entry + L.PARTITION_LENGTH, size);
}
