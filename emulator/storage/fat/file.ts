/**
 * An open file: reading, writing, seeking and truncating along its cluster chain.
 *
 * The directory entry learns of a file's new size and clusters only when the file is synced or closed, and the medium may
 * not yet have the last sector; what a power cut leaves is what it would leave on the board.
 *
 * Source: FatFs R0.13c's documentation and order of operations, "tiny" configuration.
 */
import { DirectoryCursor, firstClusterOf, storeFirstCluster } from './directory.ts';
import {
  ATTRIBUTE_ARCHIVE,
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_READ_ONLY,
  ENTRY_ACCESSED_DATE,
  ENTRY_ATTRIBUTES,
  ENTRY_CREATED,
  ENTRY_FILE_SIZE,
  ENTRY_MODIFIED,
  load32,
  store16,
  store32,
} from './layout.ts';
import { NAME_NONE } from './name.ts';
import { DENIED, DISK_ERROR, EXISTS, type FatResult, INTERNAL_ERROR, INVALID_NAME, INVALID_OBJECT, NO_FILE, OK } from './result.ts';
import { CLUSTER_DISK_ERROR, CLUSTER_INSANE, CLUSTER_NONE, type FatVolume } from './volume.ts';

export const FILE_READ = 0x01;
export const FILE_WRITE = 0x02;
/** Fails if the file exists. */
export const FILE_CREATE_NEW = 0x04;
/** Empties a file that exists. */
export const FILE_CREATE_ALWAYS = 0x08;
/** Creates the file if it does not exist. */
export const FILE_OPEN_ALWAYS = 0x10;
const FILE_CREATES = FILE_CREATE_NEW | FILE_CREATE_ALWAYS | FILE_OPEN_ALWAYS;

const MAX_FILE_SIZE = 0xffffffff;

export class FatFile {
  size = 0;
  position = 0;
  private firstCluster = 0;
  /** Cluster of the current position. */
  private cluster = 0;
  /** Sector of the current position, when that is within a sector. */
  private sector = 0;
  /** Where the directory entry is. */
  private entrySector = 0;
  private entryAt = 0;
  private modified = false;
  /** The first error that left the file in doubt; every later operation answers it. */
  private broken: FatResult = OK;
  private mountId = -1;
  private readonly readable: boolean;
  private readonly writable: boolean;

  constructor(
    private readonly volume: FatVolume,
    mode: number,
  ) {
    this.readable = (mode & FILE_READ) !== 0;
    this.writable = (mode & FILE_WRITE) !== 0;
  }

  get open(): boolean {
    return this.mountId >= 0;
  }

  /** Opens or creates the file at `path`. @param mode `FILE_…` bits */
  openAt(path: Uint8Array, mode: number): FatResult {
    const volume = this.volume;
    let result = volume.ensureMounted((mode & ~FILE_READ) !== 0);
    if (result !== OK) return result;
    const entry = new DirectoryCursor(volume);
    result = entry.follow(path);
    if (result === OK && entry.name.flags & NAME_NONE) result = INVALID_NAME;
    let create = (mode & FILE_CREATE_ALWAYS) !== 0;
    if (mode & FILE_CREATES) {
      if (result !== OK) {
        if (result === NO_FILE) result = entry.register();
        create = true;
      } else if (entry.attributes & (ATTRIBUTE_READ_ONLY | ATTRIBUTE_DIRECTORY)) {
        result = DENIED;
      } else if (mode & FILE_CREATE_NEW) {
        result = EXISTS;
      }
      if (result === OK && create) result = this.makeEmpty(entry);
    } else if (result === OK) {
      if (entry.attributes & ATTRIBUTE_DIRECTORY) result = NO_FILE;
      else if (this.writable && entry.attributes & ATTRIBUTE_READ_ONLY) result = DENIED;
    }
    if (result !== OK) return result;
    this.modified = create;
    this.entrySector = volume.windowSector;
    this.entryAt = entry.at;
    this.firstCluster = firstClusterOf(volume, entry.at);
    this.size = load32(volume.window, entry.at + ENTRY_FILE_SIZE);
    this.mountId = volume.mountId;
    return OK;
  }

  private makeEmpty(entry: DirectoryCursor): FatResult {
    const volume = this.volume;
    const at = entry.at;
    const old = entry.firstCluster;
    store32(volume.window, at + ENTRY_CREATED, volume.config.time());
    volume.window[at + ENTRY_ATTRIBUTES] = ATTRIBUTE_ARCHIVE;
    storeFirstCluster(volume, at, 0);
    store32(volume.window, at + ENTRY_FILE_SIZE, 0);
    volume.windowDirty = true;
    if (old === 0) return OK;
    const sector = volume.windowSector;
    let result = volume.freeChain(old, 0);
    if (result === OK) {
      result = volume.seek(sector);
      // So that the new contents take the place of the old ones.
      volume.lastAllocated = old - 1;
    }
    return result;
  }

  /** The error that any operation on this file answers now. */
  private check(): FatResult {
    if (this.volume.type === 0 || this.mountId !== this.volume.mountId) return INVALID_OBJECT;
    return this.broken;
  }

  private fail(result: FatResult): { result: FatResult; count: number } {
    this.broken = result;
    return { result, count: 0 };
  }

  /** Reads from the current position on, at most to the end of the file. */
  read(into: Uint8Array): { result: FatResult; count: number } {
    const state = this.check();
    if (state !== OK) return { result: state, count: 0 };
    if (!this.readable) return { result: DENIED, count: 0 };
    const volume = this.volume;
    const sectorSize = volume.sectorSize;
    const total = Math.max(0, Math.min(into.length, this.size - this.position));
    let done = 0;
    while (done < total) {
      const within = this.position % sectorSize;
      if (within === 0) {
        const inCluster = Math.floor(this.position / sectorSize) & (volume.clusterSize - 1);
        if (inCluster === 0) {
          const cluster = this.position === 0 ? this.firstCluster : volume.nextCluster(this.cluster);
          if (cluster < 2) return this.fail(INTERNAL_ERROR);
          if (cluster === CLUSTER_DISK_ERROR) return this.fail(DISK_ERROR);
          this.cluster = cluster;
        }
        const first = volume.sectorOf(this.cluster);
        if (first === 0) return this.fail(INTERNAL_ERROR);
        const sector = first + inCluster;
        const whole = Math.min(Math.floor((total - done) / sectorSize), volume.clusterSize - inCluster);
        if (whole > 0) {
          const part = into.subarray(done, done + whole * sectorSize);
          if (volume.port.read(sector, part) !== 0) return this.fail(DISK_ERROR);
          const windowAt = volume.windowSector - sector;
          if (volume.windowDirty && windowAt >= 0 && windowAt < whole) part.set(volume.window, windowAt * sectorSize);
          done += part.length;
          this.position += part.length;
          continue;
        }
        this.sector = sector;
      }
      const count = Math.min(sectorSize - within, total - done);
      if (volume.seek(this.sector) !== OK) return this.fail(DISK_ERROR);
      into.set(volume.window.subarray(within, within + count), done);
      done += count;
      this.position += count;
    }
    return { result: OK, count: done };
  }

  /** Writes at the current position; a `count` that is less than asked for means that the volume is full. */
  write(data: Uint8Array): { result: FatResult; count: number } {
    const state = this.check();
    if (state !== OK) return { result: state, count: 0 };
    if (!this.writable) return { result: DENIED, count: 0 };
    const volume = this.volume;
    const sectorSize = volume.sectorSize;
    const total = Math.min(data.length, MAX_FILE_SIZE - this.position);
    let done = 0;
    while (done < total) {
      const within = this.position % sectorSize;
      if (within === 0) {
        const inCluster = Math.floor(this.position / sectorSize) & (volume.clusterSize - 1);
        if (inCluster === 0) {
          const cluster = this.clusterForWriting();
          if (cluster === CLUSTER_NONE) break;
          if (cluster === CLUSTER_INSANE) return this.fail(INTERNAL_ERROR);
          if (cluster === CLUSTER_DISK_ERROR) return this.fail(DISK_ERROR);
          this.cluster = cluster;
          if (this.firstCluster === 0) this.firstCluster = cluster;
        }
        if (volume.windowSector === this.sector && volume.flushWindow() !== OK) return this.fail(DISK_ERROR);
        const first = volume.sectorOf(this.cluster);
        if (first === 0) return this.fail(INTERNAL_ERROR);
        const sector = first + inCluster;
        const whole = Math.min(Math.floor((total - done) / sectorSize), volume.clusterSize - inCluster);
        if (whole > 0) {
          const part = data.subarray(done, done + whole * sectorSize);
          if (volume.port.write(sector, part) !== 0) return this.fail(DISK_ERROR);
          const windowAt = volume.windowSector - sector;
          if (windowAt >= 0 && windowAt < whole) {
            volume.window.set(part.subarray(windowAt * sectorSize, (windowAt + 1) * sectorSize));
            volume.windowDirty = false;
          }
          done += part.length;
          this.advance(part.length);
          continue;
        }
        if (this.position >= this.size) {
          // Behind the end there is nothing to read: the window takes the sector as it is.
          if (volume.flushWindow() !== OK) return this.fail(DISK_ERROR);
          volume.windowSector = sector;
        }
        this.sector = sector;
      }
      const count = Math.min(sectorSize - within, total - done);
      if (volume.seek(this.sector) !== OK) return this.fail(DISK_ERROR);
      volume.window.set(data.subarray(done, done + count), within);
      volume.windowDirty = true;
      done += count;
      this.advance(count);
    }
    this.modified = true;
    return { result: OK, count: done };
  }

  private clusterForWriting(): number {
    if (this.position > 0) return this.volume.allocate(this.cluster);
    return this.firstCluster === 0 ? this.volume.allocate(0) : this.firstCluster;
  }

  private advance(count: number): void {
    this.position += count;
    if (this.position > this.size) this.size = this.position;
  }

  /**
   * Moves the position. A file open for writing grows if the position lies behind its end (what is in the gap is whatever
   * the medium held); otherwise the end is the limit.
   * @param target bytes from the beginning, taken modulo 2^32
   */
  seek(target: number): FatResult {
    const state = this.check();
    if (state !== OK) return state;
    const volume = this.volume;
    let left = target >>> 0;
    if (left > this.size && !this.writable) left = this.size;
    const from = this.position;
    this.position = 0;
    let sector = 0;
    if (left > 0) {
      const clusterBytes = volume.clusterBytes;
      let cluster: number;
      if (from > 0 && Math.floor((left - 1) / clusterBytes) >= Math.floor((from - 1) / clusterBytes)) {
        this.position = Math.floor((from - 1) / clusterBytes) * clusterBytes;
        left -= this.position;
        cluster = this.cluster;
      } else {
        cluster = this.firstCluster;
        if (cluster === 0) {
          cluster = volume.allocate(0);
          if (cluster === CLUSTER_INSANE) return this.fail(INTERNAL_ERROR).result;
          if (cluster === CLUSTER_DISK_ERROR) return this.fail(DISK_ERROR).result;
          this.firstCluster = cluster;
        }
        this.cluster = cluster;
      }
      if (cluster !== 0) {
        while (left > clusterBytes) {
          left -= clusterBytes;
          this.position += clusterBytes;
          cluster = this.writable ? volume.allocate(cluster) : volume.nextCluster(cluster);
          if (this.writable && cluster === CLUSTER_NONE) {
            left = 0;
            break;
          }
          if (cluster === CLUSTER_DISK_ERROR) return this.fail(DISK_ERROR).result;
          if (cluster <= CLUSTER_INSANE || cluster >= volume.entryCount) return this.fail(INTERNAL_ERROR).result;
          this.cluster = cluster;
        }
        this.position += left;
        if (left % volume.sectorSize !== 0) {
          sector = volume.sectorOf(cluster);
          if (sector === 0) return this.fail(INTERNAL_ERROR).result;
          sector += Math.floor(left / volume.sectorSize);
        }
      }
    }
    if (this.position > this.size) {
      this.size = this.position;
      this.modified = true;
    }
    if (this.position % volume.sectorSize !== 0 && sector !== this.sector) this.sector = sector;
    return OK;
  }

  /** Cuts the file off at the current position. */
  truncate(): FatResult {
    const state = this.check();
    if (state !== OK) return state;
    if (!this.writable) return DENIED;
    if (this.position >= this.size) return OK;
    let result: FatResult = OK;
    if (this.position === 0) {
      result = this.volume.freeChain(this.firstCluster, 0);
      this.firstCluster = 0;
    } else {
      const next = this.volume.nextCluster(this.cluster);
      if (next === CLUSTER_DISK_ERROR) result = DISK_ERROR;
      else if (next === CLUSTER_INSANE) result = INTERNAL_ERROR;
      else if (next < this.volume.entryCount) result = this.volume.freeChain(next, this.cluster);
    }
    this.size = this.position;
    this.modified = true;
    if (result !== OK) this.broken = result;
    return result;
  }

  /** Brings the directory entry up to date, and everything to the medium. */
  sync(): FatResult {
    if (this.volume.type === 0 || this.mountId !== this.volume.mountId) return INVALID_OBJECT;
    if (!this.modified) return OK;
    const volume = this.volume;
    const time = volume.config.time();
    const result = volume.seek(this.entrySector);
    if (result !== OK) return result;
    const at = this.entryAt;
    volume.window[at + ENTRY_ATTRIBUTES] |= ATTRIBUTE_ARCHIVE;
    storeFirstCluster(volume, at, this.firstCluster);
    store32(volume.window, at + ENTRY_FILE_SIZE, this.size);
    store32(volume.window, at + ENTRY_MODIFIED, time);
    store16(volume.window, at + ENTRY_ACCESSED_DATE, 0);
    volume.windowDirty = true;
    const synced = volume.sync();
    this.modified = false;
    return synced;
  }

  close(): FatResult {
    const result = this.sync();
    if (result === OK) this.mountId = -1;
    return result;
  }
}
