/**
 * A mounted FAT volume: its geometry, the one-sector window through which all its sectors are seen, and the cluster chains.
 *
 * The window is FatFs's "tiny" configuration, which the stm32 and unix ports use: one sector for the allocation table, for
 * directories and for file data alike, written back when another sector is needed or on a sync. Which sector reaches the
 * medium when is thereby the same as on the board, and so is what a power cut loses.
 *
 * Source: FAT specification 1.03; FatFs R0.13c (lib/oofatfs in MicroPython 1.27.0) for the order of operations.
 */
import { type BlockDevice, BlockDevicePort, IOCTL_BLOCK_SIZE, IOCTL_INIT, IOCTL_SYNC } from '../block-device.ts';
import {
  BYTES_PER_SECTOR,
  ENTRY_SIZE,
  FAT_COUNT,
  FAT_SIZE_16,
  FAT_SIZE_32,
  FSINFO_FREE_COUNT,
  FSINFO_LAST_ALLOCATED,
  FSINFO_LEAD,
  FSINFO_LEAD_VALUE,
  FSINFO_SECTOR_32,
  FSINFO_STRUCTURE,
  FSINFO_STRUCTURE_VALUE,
  JUMP,
  load16,
  load32,
  MAX_CLUSTERS_12,
  MAX_CLUSTERS_16,
  MAX_CLUSTERS_32,
  PARTITION_ENTRY_SIZE,
  PARTITION_START,
  PARTITION_SYSTEM,
  PARTITION_TABLE,
  RESERVED_SECTORS,
  ROOT_CLUSTER_32,
  ROOT_ENTRIES,
  SECTORS_PER_CLUSTER,
  SIGNATURE,
  SIGNATURE_VALUE,
  store16,
  store32,
  TOTAL_SECTORS_16,
  TOTAL_SECTORS_32,
  TYPE_16,
  TYPE_32,
  VERSION_32,
} from './layout.ts';
import { DISK_ERROR, type FatResult, INTERNAL_ERROR, NO_FILESYSTEM, NOT_READY, OK, WRITE_PROTECTED } from './result.ts';

/** Local date and time of a file, packed as directory entries hold it. */
export type FatTime = number;

/**
 * @param month 1 to 12 @param second 0 to 59, kept to 2 s
 */
export function packFatTime(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): FatTime {
  return (((year - 1980) << 25) | (month << 21) | (day << 16) | (hour << 11) | (minute << 5) | (second >> 1)) >>> 0;
}

/** How a port configures its FAT layer. */
export interface FatConfig {
  /** Largest sector in bytes: 512 (then the device is not asked), or up to 4096. */
  maxSectorSize: number;
  /** 0: the first FAT partition, or a volume without partition table; 1 to 4: that partition and no other. */
  partition: number;
  /** Longest path that `getcwd` can give, in bytes. */
  maxPath: number;
  /** Now, as the board's real-time clock has it. */
  time: () => FatTime;
  /** How names are coded: as the ports do it (every byte one character), or as UTF-8, as a host computer does it. */
  encoding: 'cp437' | 'utf8';
}

export const DEFAULT_FAT_CONFIG: FatConfig = {
  maxSectorSize: 512,
  partition: 0,
  maxPath: 128,
  time: () => packFatTime(2015, 1, 1),
  encoding: 'cp437',
};

/** Special values of `nextCluster`; they are also what an allocation answers. */
export const CLUSTER_NONE = 0;
export const CLUSTER_INSANE = 1;
export const CLUSTER_DISK_ERROR = 0xffffffff;
const END_OF_CHAIN = 0xffffffff;
const UNKNOWN = 0xffffffff;
const NO_SECTOR = 0xffffffff;

export type FatType = 12 | 16 | 32;

type BootSector = 'fat' | 'not fat' | 'no signature' | 'unreadable';

export class FatVolume {
  readonly port: BlockDevicePort;
  readonly config: FatConfig;
  /** 0 while nothing is mounted. */
  type: FatType | 0 = 0;
  /** Goes up with every mount; open files of an earlier mount are invalid. */
  mountId = 0;
  sectorSize = 512;
  /** Sectors a cluster. */
  clusterSize = 0;
  /** Entries of the allocation table: clusters + 2. */
  entryCount = 0;
  fatCount = 0;
  /** Sectors of one table. */
  fatSize = 0;
  /** Entries of a fixed root directory; 0 on FAT32. */
  rootEntries = 0;
  volumeStart = 0;
  fatStart = 0;
  /** First sector of the fixed root directory, or first cluster of FAT32's. */
  rootStart = 0;
  dataStart = 0;
  /** Start cluster of the current directory; 0 for the root. */
  currentDirectory = 0;
  /** Where the last cluster was found; `UNKNOWN` at first. */
  lastAllocated = UNKNOWN;
  freeClusters = UNKNOWN;
  /** The information sector of FAT32 may be written, and is out of date. */
  infoDirty = false;
  private infoUsable = false;

  /** The window. */
  window: Uint8Array;
  windowSector = NO_SECTOR;
  windowDirty = false;
  /** UTF-16 units of the long name at hand, ended by 0. */
  readonly longName = new Uint16Array(256);

  constructor(device: BlockDevice, config: Partial<FatConfig> = {}) {
    this.port = new BlockDevicePort(device);
    this.config = { ...DEFAULT_FAT_CONFIG, ...config };
    this.window = new Uint8Array(this.sectorSize);
  }

  /** Bytes a cluster. */
  get clusterBytes(): number {
    return this.clusterSize * this.sectorSize;
  }

  /** Looks for a volume anew. */
  mount(): FatResult {
    this.type = 0;
    return this.ensureMounted(false);
  }

  /** Called at the beginning of every operation: mounts if needed, and refuses to write where that is not allowed. */
  ensureMounted(forWriting: boolean): FatResult {
    if (this.type !== 0) return forWriting && this.port.readOnly ? WRITE_PROTECTED : OK;
    if ((this.port.ioctl(IOCTL_INIT, 0) ?? 0) !== 0) return NOT_READY;
    if (forWriting && this.port.readOnly) return WRITE_PROTECTED;
    const result = this.askSectorSize();
    if (result !== OK) return result;
    return this.findVolume();
  }

  /** Takes the device's block size, where the port's configuration has a choice. */
  askSectorSize(): FatResult {
    if (this.config.maxSectorSize === 512) return OK;
    const size = this.port.ioctl(IOCTL_BLOCK_SIZE, 0) ?? 512;
    this.port.blockSize = size & 0xffff;
    if (size > this.config.maxSectorSize || size < 512 || (size & (size - 1)) !== 0) return DISK_ERROR;
    this.sectorSize = size;
    if (this.window.length !== size) this.window = new Uint8Array(size);
    return OK;
  }

  private findVolume(): FatResult {
    const wanted = this.config.partition;
    let start = 0;
    let found = this.checkBootSector(0);
    if (found === 'not fat' || (found === 'fat' && wanted !== 0)) {
      const starts: number[] = [];
      for (let i = 0; i < 4; i++) {
        const entry = PARTITION_TABLE + i * PARTITION_ENTRY_SIZE;
        starts.push(this.window[entry + PARTITION_SYSTEM] ? load32(this.window, entry + PARTITION_START) : 0);
      }
      for (let i = wanted ? wanted - 1 : 0; i < 4; i++) {
        start = starts[i];
        found = start ? this.checkBootSector(start) : 'no signature';
        if (wanted !== 0 || found === 'fat') break;
      }
    }
    if (found === 'unreadable') return DISK_ERROR;
    if (found !== 'fat') return NO_FILESYSTEM;
    return this.readGeometry(start);
  }

  private checkBootSector(sector: number): BootSector {
    this.windowDirty = false;
    this.windowSector = NO_SECTOR;
    if (this.seek(sector) !== OK) return 'unreadable';
    const bytes = this.window;
    if (load16(bytes, SIGNATURE) !== SIGNATURE_VALUE) return 'no signature';
    // A jump (or call) instruction of the x86, then the name of the type.
    if (bytes[JUMP] === 0xe9 || bytes[JUMP] === 0xeb || bytes[JUMP] === 0xe8) {
      if (hasText(bytes, TYPE_16, 'FAT') || hasText(bytes, TYPE_32, 'FAT32')) return 'fat';
    }
    return 'not fat';
  }

  private readGeometry(start: number): FatResult {
    const boot = this.window;
    const sectorSize = this.sectorSize;
    if (load16(boot, BYTES_PER_SECTOR) !== sectorSize) return NO_FILESYSTEM;
    this.fatSize = load16(boot, FAT_SIZE_16) || load32(boot, FAT_SIZE_32);
    this.fatCount = boot[FAT_COUNT];
    if (this.fatCount !== 1 && this.fatCount !== 2) return NO_FILESYSTEM;
    const allFats = (this.fatSize * this.fatCount) >>> 0;
    this.clusterSize = boot[SECTORS_PER_CLUSTER];
    if (this.clusterSize === 0 || (this.clusterSize & (this.clusterSize - 1)) !== 0) return NO_FILESYSTEM;
    this.rootEntries = load16(boot, ROOT_ENTRIES);
    const entriesPerSector = sectorSize / ENTRY_SIZE;
    if (this.rootEntries % entriesPerSector !== 0) return NO_FILESYSTEM;
    const totalSectors = load16(boot, TOTAL_SECTORS_16) || load32(boot, TOTAL_SECTORS_32);
    const reserved = load16(boot, RESERVED_SECTORS);
    if (reserved === 0) return NO_FILESYSTEM;

    const systemSectors = (reserved + allFats + this.rootEntries / entriesPerSector) >>> 0;
    if (totalSectors < systemSectors) return NO_FILESYSTEM;
    const clusters = Math.floor((totalSectors - systemSectors) / this.clusterSize);
    if (clusters === 0 || clusters > MAX_CLUSTERS_32) return NO_FILESYSTEM;
    const type: FatType = clusters <= MAX_CLUSTERS_12 ? 12 : clusters <= MAX_CLUSTERS_16 ? 16 : 32;

    this.entryCount = clusters + 2;
    this.volumeStart = start;
    this.fatStart = start + reserved;
    this.dataStart = start + systemSectors;
    let tableBytes: number;
    if (type === 32) {
      if (load16(boot, VERSION_32) !== 0 || this.rootEntries !== 0) return NO_FILESYSTEM;
      this.rootStart = load32(boot, ROOT_CLUSTER_32);
      tableBytes = this.entryCount * 4;
    } else {
      if (this.rootEntries === 0) return NO_FILESYSTEM;
      this.rootStart = this.fatStart + allFats;
      tableBytes = type === 16 ? this.entryCount * 2 : Math.floor((this.entryCount * 3) / 2) + (this.entryCount & 1);
    }
    if (this.fatSize < Math.ceil(tableBytes / sectorSize)) return NO_FILESYSTEM;

    this.lastAllocated = UNKNOWN;
    this.freeClusters = UNKNOWN;
    this.infoDirty = false;
    this.infoUsable = false;
    if (type === 32 && load16(boot, FSINFO_SECTOR_32) === 1 && this.seek(start + 1) === OK) this.readInfoSector();
    this.type = type;
    this.mountId++;
    this.currentDirectory = 0;
    return OK;
  }

  private readInfoSector(): void {
    const bytes = this.window;
    this.infoUsable = true;
    if (
      load16(bytes, SIGNATURE) === SIGNATURE_VALUE &&
      load32(bytes, FSINFO_LEAD) === FSINFO_LEAD_VALUE &&
      load32(bytes, FSINFO_STRUCTURE) === FSINFO_STRUCTURE_VALUE
    ) {
      this.freeClusters = load32(bytes, FSINFO_FREE_COUNT);
      this.lastAllocated = load32(bytes, FSINFO_LAST_ALLOCATED);
    }
  }

  // The window.

  /** Brings `sector` into the window. */
  seek(sector: number): FatResult {
    if (sector === this.windowSector) return OK;
    if (this.flushWindow() !== OK) return DISK_ERROR;
    if (this.port.read(sector, this.window) !== 0) {
      this.windowSector = NO_SECTOR;
      return DISK_ERROR;
    }
    this.windowSector = sector;
    return OK;
  }

  /** Writes the window back if it was changed; a sector of the first table goes into the second one, too. */
  flushWindow(): FatResult {
    if (!this.windowDirty) return OK;
    if (this.port.write(this.windowSector, this.window) !== 0) return DISK_ERROR;
    this.windowDirty = false;
    const inTable = this.windowSector - this.fatStart;
    if (this.fatCount === 2 && inTable >= 0 && inTable < this.fatSize) this.port.write(this.windowSector + this.fatSize, this.window);
    return OK;
  }

  /** Everything to the medium, the medium's own cache included. */
  sync(): FatResult {
    if (this.flushWindow() !== OK) return DISK_ERROR;
    if (this.type === 32 && this.infoUsable && this.infoDirty) this.writeInfoSector();
    this.port.ioctl(IOCTL_SYNC, 0);
    return OK;
  }

  private writeInfoSector(): void {
    const bytes = this.window;
    bytes.fill(0);
    store16(bytes, SIGNATURE, SIGNATURE_VALUE);
    store32(bytes, FSINFO_LEAD, FSINFO_LEAD_VALUE);
    store32(bytes, FSINFO_STRUCTURE, FSINFO_STRUCTURE_VALUE);
    store32(bytes, FSINFO_FREE_COUNT, this.freeClusters);
    store32(bytes, FSINFO_LAST_ALLOCATED, this.lastAllocated);
    this.windowSector = this.volumeStart + 1;
    this.port.write(this.windowSector, bytes);
    this.infoDirty = false;
  }

  // Clusters.

  /** First sector of a cluster; 0 if there is no such cluster. */
  sectorOf(cluster: number): number {
    return cluster < 2 || cluster >= this.entryCount ? 0 : this.dataStart + this.clusterSize * (cluster - 2);
  }

  /**
   * The table's entry of a cluster: 0 if it is free, the next cluster, or a value of `entryCount` and above at the end of a
   * chain. `CLUSTER_INSANE` for a number that is no cluster, `CLUSTER_DISK_ERROR` if the table cannot be read.
   */
  nextCluster(cluster: number): number {
    if (cluster < 2 || cluster >= this.entryCount) return CLUSTER_INSANE;
    const size = this.sectorSize;
    if (this.type === 12) {
      // One and a half bytes; they may lie in two sectors.
      const at = cluster + (cluster >>> 1);
      if (this.seek(this.fatStart + Math.floor(at / size)) !== OK) return CLUSTER_DISK_ERROR;
      const low = this.window[at % size];
      if (this.seek(this.fatStart + Math.floor((at + 1) / size)) !== OK) return CLUSTER_DISK_ERROR;
      const pair = low | (this.window[(at + 1) % size] << 8);
      return cluster & 1 ? pair >>> 4 : pair & 0xfff;
    }
    const width = this.type === 16 ? 2 : 4;
    if (this.seek(this.fatStart + Math.floor((cluster * width) / size)) !== OK) return CLUSTER_DISK_ERROR;
    const at = (cluster * width) % size;
    return this.type === 16 ? load16(this.window, at) : load32(this.window, at) & 0x0fffffff;
  }

  private setNextCluster(cluster: number, value: number): FatResult {
    if (cluster < 2 || cluster >= this.entryCount) return INTERNAL_ERROR;
    const size = this.sectorSize;
    if (this.type === 12) {
      const at = cluster + (cluster >>> 1);
      if (this.seek(this.fatStart + Math.floor(at / size)) !== OK) return DISK_ERROR;
      const first = at % size;
      this.window[first] = cluster & 1 ? (this.window[first] & 0x0f) | (value << 4) : value;
      this.windowDirty = true;
      if (this.seek(this.fatStart + Math.floor((at + 1) / size)) !== OK) return DISK_ERROR;
      const second = (at + 1) % size;
      this.window[second] = cluster & 1 ? value >>> 4 : (this.window[second] & 0xf0) | ((value >>> 8) & 0x0f);
      this.windowDirty = true;
      return OK;
    }
    const width = this.type === 16 ? 2 : 4;
    if (this.seek(this.fatStart + Math.floor((cluster * width) / size)) !== OK) return DISK_ERROR;
    const at = (cluster * width) % size;
    // The upper four bits of a FAT32 entry are not ours.
    if (this.type === 16) store16(this.window, at, value);
    else store32(this.window, at, (value & 0x0fffffff) | (load32(this.window, at) & 0xf0000000));
    this.windowDirty = true;
    return OK;
  }

  /** Frees a chain from `cluster` on. @param previous the cluster that shall end the chain; 0 if all of it goes */
  freeChain(cluster: number, previous: number): FatResult {
    if (cluster < 2 || cluster >= this.entryCount) return INTERNAL_ERROR;
    if (previous !== 0) {
      const result = this.setNextCluster(previous, END_OF_CHAIN);
      if (result !== OK) return result;
    }
    // A chain that bites its tail ends here too: its clusters are free by then.
    while (cluster < this.entryCount) {
      const next = this.nextCluster(cluster);
      if (next === CLUSTER_NONE) break;
      if (next === CLUSTER_INSANE) return INTERNAL_ERROR;
      if (next === CLUSTER_DISK_ERROR) return DISK_ERROR;
      const result = this.setNextCluster(cluster, 0);
      if (result !== OK) return result;
      if (this.freeClusters < this.entryCount - 2) {
        this.freeClusters++;
        this.infoDirty = true;
      }
      cluster = next;
    }
    return OK;
  }

  /**
   * Makes a chain longer by one cluster, or begins one (`cluster` 0). A chain that already goes on is followed instead.
   * @returns the cluster, `CLUSTER_NONE` if the volume is full, `CLUSTER_INSANE` or `CLUSTER_DISK_ERROR`
   */
  allocate(cluster: number): number {
    let from: number;
    if (cluster === 0) {
      from = this.lastAllocated;
      if (from === 0 || from >= this.entryCount) from = 1;
    } else {
      const next = this.nextCluster(cluster);
      if (next < 2) return CLUSTER_INSANE;
      if (next === CLUSTER_DISK_ERROR || next < this.entryCount) return next;
      from = cluster;
    }
    if (this.freeClusters === 0) return CLUSTER_NONE;

    let found = cluster === 0 ? 0 : this.tryNeighbour(cluster);
    if (found === CLUSTER_INSANE || found === CLUSTER_DISK_ERROR) return found;
    if (found === 0) {
      if (cluster !== 0 && this.lastAllocated >= 2 && this.lastAllocated < this.entryCount) from = this.lastAllocated;
      found = this.findFree(from);
      if (found < 2 || found === CLUSTER_DISK_ERROR) return found;
    }

    let result = this.setNextCluster(found, END_OF_CHAIN);
    if (result === OK && cluster !== 0) result = this.setNextCluster(cluster, found);
    if (result !== OK) return result === DISK_ERROR ? CLUSTER_DISK_ERROR : CLUSTER_INSANE;
    this.lastAllocated = found;
    if (this.freeClusters <= this.entryCount - 2) this.freeClusters--;
    this.infoDirty = true;
    return found;
  }

  /** The cluster behind `cluster` if it is free, else 0, or an error. */
  private tryNeighbour(cluster: number): number {
    const neighbour = cluster + 1 >= this.entryCount ? 2 : cluster + 1;
    const status = this.nextCluster(neighbour);
    if (status === CLUSTER_INSANE || status === CLUSTER_DISK_ERROR) return status;
    return status === 0 ? neighbour : 0;
  }

  private findFree(from: number): number {
    let cluster = from;
    for (;;) {
      cluster++;
      if (cluster >= this.entryCount) {
        cluster = 2;
        if (cluster > from) return CLUSTER_NONE;
      }
      const status = this.nextCluster(cluster);
      if (status === 0) return cluster;
      if (status === CLUSTER_INSANE || status === CLUSTER_DISK_ERROR) return status;
      if (cluster === from) return CLUSTER_NONE;
    }
  }

  /** Fills a cluster with zeros, which leaves its first sector in the window. */
  clearCluster(cluster: number): FatResult {
    if (this.flushWindow() !== OK) return DISK_ERROR;
    const sector = this.sectorOf(cluster);
    this.windowSector = sector;
    this.window.fill(0);
    for (let i = 0; i < this.clusterSize; i++) {
      if (this.port.write(sector + i, this.window) !== 0) return DISK_ERROR;
    }
    return OK;
  }

  /** Counts the free clusters, if that is not known yet. */
  countFree(): { result: FatResult; clusters: number } {
    const mounted = this.ensureMounted(false);
    if (mounted !== OK) return { result: mounted, clusters: 0 };
    if (this.freeClusters <= this.entryCount - 2) return { result: OK, clusters: this.freeClusters };
    const { result, free } = this.type === 12 ? this.countFree12() : this.countFreeWide();
    this.freeClusters = free;
    this.infoDirty = true;
    return { result, clusters: free };
  }

  private countFree12(): { result: FatResult; free: number } {
    let free = 0;
    for (let cluster = 2; cluster < this.entryCount; cluster++) {
      const status = this.nextCluster(cluster);
      if (status === CLUSTER_DISK_ERROR) return { result: DISK_ERROR, free };
      if (status === CLUSTER_INSANE) return { result: INTERNAL_ERROR, free };
      if (status === 0) free++;
    }
    return { result: OK, free };
  }

  /** Of the wider types all entries are looked at, the two reserved ones too. */
  private countFreeWide(): { result: FatResult; free: number } {
    let free = 0;
    const width = this.type === 16 ? 2 : 4;
    let sector = this.fatStart;
    let at = 0;
    for (let left = this.entryCount; left > 0; left--) {
      if (at === 0 && this.seek(sector++) !== OK) return { result: DISK_ERROR, free };
      const entry = width === 2 ? load16(this.window, at) : load32(this.window, at) & 0x0fffffff;
      if (entry === 0) free++;
      at = (at + width) % this.sectorSize;
    }
    return { result: OK, free };
  }
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
