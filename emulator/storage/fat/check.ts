/**
 * Is a FAT volume sound? What `fsck.fat -n` would complain about, as far as a board can cause it.
 *
 * Source: FAT specification 1.03.
 */
import type { BlockDevice } from '../block-device.ts';
import { DirectoryCursor, firstClusterOf } from './directory.ts';
import {
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_LONG_NAME,
  ATTRIBUTE_VOLUME,
  DELETED,
  ENTRY_ATTRIBUTES,
  ENTRY_FILE_SIZE,
  ENTRY_SIZE,
  load32,
} from './layout.ts';
import { NO_FILE, OK } from './result.ts';
import { CLUSTER_DISK_ERROR, type FatConfig, FatVolume } from './volume.ts';

export type FatProblemKind =
  /** No FAT volume, or the medium cannot be read. */
  | 'unreadable'
  /** A chain that leads out of the volume, into a free cluster, or in a circle. */
  | 'broken chain'
  /** Two files share clusters. */
  | 'cross-linked'
  /** Fewer or more clusters than the size needs. */
  | 'wrong size'
  /** Clusters in use that belong to nothing. What a power cut may cost. */
  | 'lost clusters'
  /** "." or ".." of a directory point elsewhere. */
  | 'wrong parent'
  /** The two copies of the allocation table differ. */
  | 'tables differ'
  /** Long entries without a short one, or the other way round. */
  | 'broken name';

export interface FatProblem {
  kind: FatProblemKind;
  /** The file or directory, where it is about one. */
  path: string;
  text: string;
}

/** Kinds that do no harm to any file. */
const HARMLESS: readonly FatProblemKind[] = ['lost clusters', 'broken name'];

/** True if every file that is there can be read whole; clusters may be lost. */
export function isUsable(problems: readonly FatProblem[]): boolean {
  return problems.every(problem => HARMLESS.includes(problem.kind));
}

/** Looks at all of a volume. Reads only. @returns no problem for a sound volume */
export function checkFat(device: BlockDevice, config: Partial<FatConfig> = {}): FatProblem[] {
  const volume = new FatVolume(
    { readBlocks: (block, into) => device.readBlocks(block, into), ioctl: (...asked) => device.ioctl(...asked) },
    config,
  );
  if (volume.mount() !== OK) return [{ kind: 'unreadable', path: '/', text: 'there is no FAT volume' }];
  return new Checker(volume).run();
}

class Checker {
  private readonly problems: FatProblem[] = [];
  private readonly owner = new Map<number, string>();
  private readonly pending: { path: string; start: number; parent: number }[] = [];

  constructor(private readonly volume: FatVolume) {}

  run(): FatProblem[] {
    const volume = this.volume;
    if (volume.type === 32) this.walkChain('/', volume.rootStart);
    this.pending.push({ path: '/', start: 0, parent: 0 });
    for (let next = this.pending.pop(); next; next = this.pending.pop()) this.checkDirectory(next.path, next.start, next.parent);
    this.checkLostClusters();
    this.compareTables();
    return this.problems;
  }

  private report(kind: FatProblemKind, path: string, text: string): void {
    this.problems.push({ kind, path, text });
  }

  /** @returns the number of clusters, or undefined if the chain is broken */
  private walkChain(path: string, start: number): number | undefined {
    const volume = this.volume;
    let count = 0;
    for (let cluster = start; cluster < volume.entryCount; ) {
      if (cluster < 2) {
        this.report('broken chain', path, `its chain leads to cluster ${cluster}`);
        return undefined;
      }
      const owner = this.owner.get(cluster);
      if (owner !== undefined) {
        if (owner === path && count > 0) this.report('broken chain', path, `its chain comes back to cluster ${cluster}`);
        else this.report('cross-linked', path, `shares cluster ${cluster} with ${owner}`);
        return undefined;
      }
      this.owner.set(cluster, path);
      count++;
      const next = volume.nextCluster(cluster);
      if (next === CLUSTER_DISK_ERROR) {
        this.report('unreadable', path, 'the allocation table cannot be read');
        return undefined;
      }
      cluster = next;
    }
    if (start >= volume.entryCount) {
      this.report('broken chain', path, `it begins at cluster ${start}, which does not exist`);
      return undefined;
    }
    return count;
  }

  private checkDirectory(path: string, start: number, parent: number): void {
    const volume = this.volume;
    const cursor = new DirectoryCursor(volume);
    cursor.start = start;
    if (cursor.goTo(0) !== OK) {
      this.report('unreadable', path, 'the directory cannot be read');
      return;
    }
    if (start !== 0) this.checkDotEntries(cursor, path, start, parent);
    if (cursor.goTo(0) !== OK) return;
    let result = this.checkLongEntries(cursor.clone(), path);
    for (;;) {
      result = cursor.read(false);
      if (result !== OK) break;
      this.checkEntry(cursor, path, start);
      result = cursor.next(false);
      if (result !== OK) break;
    }
    if (result !== NO_FILE) this.report('unreadable', path, 'the directory cannot be read to its end');
  }

  private checkEntry(cursor: DirectoryCursor, path: string, directory: number): void {
    const volume = this.volume;
    const info = cursor.info();
    const name = `${path === '/' ? '' : path}/${String.fromCharCode(...info.name)}`;
    const first = firstClusterOf(volume, cursor.at);
    const size = load32(volume.window, cursor.at + ENTRY_FILE_SIZE);
    if (info.attributes & ATTRIBUTE_DIRECTORY) {
      if (this.walkChain(name, first) !== undefined) this.pending.push({ path: name, start: first, parent: directory });
      return;
    }
    if (first === 0) {
      if (size !== 0) this.report('wrong size', name, `${size} bytes, but no cluster`);
      return;
    }
    const clusters = this.walkChain(name, first);
    const needed = Math.ceil(size / volume.clusterBytes);
    if (clusters !== undefined && clusters !== needed)
      this.report('wrong size', name, `${size} bytes need ${needed} clusters, but it has ${clusters}`);
  }

  private checkDotEntries(cursor: DirectoryCursor, path: string, start: number, parent: number): void {
    const volume = this.volume;
    if (volume.seek(cursor.sector) !== OK) return;
    for (const [at, text, cluster] of [
      [0, '.', start],
      [ENTRY_SIZE, '..', parent],
    ] as const) {
      const name = String.fromCharCode(...volume.window.subarray(at, at + 11)).trimEnd();
      if (name !== text || firstClusterOf(volume, at) !== cluster)
        this.report('wrong parent', path, `"${text}" does not lead to cluster ${cluster}`);
    }
  }

  /** Counts long entries that end in no short one. */
  private checkLongEntries(cursor: DirectoryCursor, path: string): number {
    const volume = this.volume;
    let open = 0;
    for (;;) {
      const result = volume.seek(cursor.sector);
      if (result !== OK) return result;
      const at = cursor.at;
      const first = volume.window[at];
      if (first === 0) break;
      const attributes = volume.window[at + ENTRY_ATTRIBUTES];
      if (first === DELETED || (attributes & ATTRIBUTE_VOLUME && attributes !== ATTRIBUTE_LONG_NAME)) {
        if (open > 0) this.report('broken name', path, `${open} long entries without a file`);
        open = 0;
      } else if (attributes === ATTRIBUTE_LONG_NAME) {
        open++;
      } else {
        open = 0;
      }
      const moved = cursor.next(false);
      if (moved !== OK) break;
    }
    if (open > 0) this.report('broken name', path, `${open} long entries without a file`);
    return OK;
  }

  private checkLostClusters(): void {
    const volume = this.volume;
    let lost = 0;
    for (let cluster = 2; cluster < volume.entryCount; cluster++) {
      const next = volume.nextCluster(cluster);
      if (next === CLUSTER_DISK_ERROR) return;
      if (next !== 0 && !isBad(volume, next) && !this.owner.has(cluster)) lost++;
    }
    if (lost > 0) this.report('lost clusters', '/', `${lost} clusters belong to no file`);
  }

  private compareTables(): void {
    const volume = this.volume;
    if (volume.fatCount !== 2) return;
    const first = new Uint8Array(volume.sectorSize);
    const second = new Uint8Array(volume.sectorSize);
    for (let i = 0; i < volume.fatSize; i++) {
      if (volume.port.read(volume.fatStart + i, first) !== 0 || volume.port.read(volume.fatStart + volume.fatSize + i, second) !== 0)
        return;
      if (first.some((byte, at) => byte !== second[at])) {
        this.report('tables differ', '/', `in sector ${i}`);
        return;
      }
    }
  }
}

/** A cluster that is marked as bad belongs to nobody rightly. */
function isBad(volume: FatVolume, entry: number): boolean {
  return entry === (volume.type === 12 ? 0xff7 : volume.type === 16 ? 0xfff7 : 0x0ffffff7);
}
