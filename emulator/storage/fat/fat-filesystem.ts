/**
 * `VfsFat`: the operations of `os` on a FAT volume, with the errors and corner cases of MicroPython's extmod/vfs_fat.c and
 * vfs_fat_file.c (1.27.0).
 */
import type { BlockDevice } from '../block-device.ts';
import {
  type DirectoryItem,
  type FileStatus,
  type Filesystem,
  type FilesystemStatus,
  type OpenFile,
  type Path,
  pathBytes,
  secondsSince1970,
} from '../filesystem.ts';
import { EISDIR, ENODEV, ENOSPC, ENOTDIR, StorageError } from '../storage-error.ts';
import { DirectoryCursor, type FatEntryInfo, firstClusterOf, storeFirstCluster } from './directory.ts';
import { FatFile, FILE_CREATE_ALWAYS, FILE_CREATE_NEW, FILE_OPEN_ALWAYS, FILE_READ, FILE_WRITE } from './file.ts';
import { format } from './format.ts';
import { getLabel, setLabel } from './label.ts';
import {
  ATTRIBUTE_ARCHIVE,
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_READ_ONLY,
  ENTRY_ATTRIBUTES,
  ENTRY_MODIFIED,
  ENTRY_SIZE,
  store32,
  storeText,
} from './layout.ts';
import { MAX_LONG_NAME, NAME_DOT, NAME_NONE } from './name.ts';
import {
  DENIED,
  DISK_ERROR,
  EXISTS,
  errnoOf,
  type FatResult,
  FORMAT_ABORTED,
  INTERNAL_ERROR,
  INVALID_NAME,
  NO_FILE,
  NO_FILESYSTEM,
  NO_PATH,
  NOT_ENOUGH_CORE,
  OK,
} from './result.ts';
import { CLUSTER_DISK_ERROR, CLUSTER_INSANE, CLUSTER_NONE, type FatConfig, FatVolume } from './volume.ts';

const SLASH = 0x2f;

function check(result: FatResult): void {
  if (result !== OK) throw new StorageError(errnoOf(result));
}

export class FatFilesystem implements Filesystem {
  readonly volume: FatVolume;
  /** Nothing was found on the device when this was made; `mount` is to format it, or fails. */
  private blank = false;

  /** @throws StorageError if the device fails; a device without a filesystem is no error before `mount` */
  constructor(device: BlockDevice, config: Partial<FatConfig> = {}) {
    this.volume = new FatVolume(device, config);
    const result = this.volume.mount();
    if (result === NO_FILESYSTEM) this.blank = true;
    else check(result);
  }

  /** `VfsFat.mkfs`. @param label the port's volume label, if it sets one (the stm32 port: "pybflash") @throws StorageError */
  static format(device: BlockDevice, config: Partial<FatConfig> = {}, label?: string): void {
    const { volume } = new FatFilesystem(device, config);
    let result = format(volume, 'fat12 or fat16', 'whole medium');
    if (result === FORMAT_ABORTED) result = format(volume, 'fat32', 'partitioned');
    check(result);
    if (label !== undefined) setLabel(volume, label);
  }

  open(path: Path, mode: string): OpenFile {
    let flags = 0;
    let binary = false;
    for (const letter of mode) {
      if (letter === 'r') flags |= FILE_READ;
      else if (letter === 'w') flags |= FILE_WRITE | FILE_CREATE_ALWAYS;
      else if (letter === 'x') flags |= FILE_WRITE | FILE_CREATE_NEW;
      else if (letter === 'a') flags |= FILE_WRITE | FILE_OPEN_ALWAYS;
      else if (letter === '+') flags |= FILE_READ | FILE_WRITE;
      else if (letter === 'b') binary = true;
      else if (letter === 't') binary = false;
    }
    const file = new FatFile(this.volume, flags);
    check(file.openAt(pathBytes(path), flags));
    if (flags & FILE_OPEN_ALWAYS) file.seek(file.size);
    return new OpenFatFile(file, binary);
  }

  list(path: Path = ''): IterableIterator<DirectoryItem> {
    return listEntries(this.openDirectory(path));
  }

  /** @throws StorageError ENOENT if there is no such directory */
  private openDirectory(path: Path): DirectoryCursor {
    check(this.volume.ensureMounted(false));
    const cursor = new DirectoryCursor(this.volume);
    let result = cursor.follow(pathBytes(path));
    if (result === OK && !(cursor.name.flags & NAME_NONE)) {
      if (cursor.attributes & ATTRIBUTE_DIRECTORY) cursor.start = cursor.firstCluster;
      else result = NO_PATH;
    }
    if (result === OK) result = cursor.goTo(0);
    check(result);
    return cursor;
  }

  private find(path: Uint8Array): { result: FatResult; info?: FatEntryInfo } {
    const mounted = this.volume.ensureMounted(false);
    if (mounted !== OK) return { result: mounted };
    const cursor = new DirectoryCursor(this.volume);
    const result = cursor.follow(path);
    if (result !== OK) return { result };
    if (cursor.name.flags & NAME_NONE) return { result: INVALID_NAME };
    return { result, info: cursor.info() };
  }

  stat(path: Path): FileStatus {
    const bytes = pathBytes(path);
    if (bytes.length === 0 || bytes[0] === 0 || (bytes[0] === SLASH && (bytes.length === 1 || bytes[1] === 0))) {
      return { directory: true, size: 0, modified: secondsSince1970(2000, 1, 1) };
    }
    const { result, info } = this.find(bytes);
    check(result);
    const { attributes, size, modified } = info!;
    return { directory: (attributes & ATTRIBUTE_DIRECTORY) !== 0, size, modified: unpackTime(modified) };
  }

  kindOf(path: Path): 'file' | 'directory' | 'none' {
    const { info } = this.find(pathBytes(path));
    if (!info) return 'none';
    return info.attributes & ATTRIBUTE_DIRECTORY ? 'directory' : 'file';
  }

  remove(path: Path): void {
    this.removeKind(pathBytes(path), 0);
  }

  removeDirectory(path: Path): void {
    this.removeKind(pathBytes(path), ATTRIBUTE_DIRECTORY);
  }

  private removeKind(path: Uint8Array, kind: number): void {
    const { result, info } = this.find(path);
    check(result);
    if ((info!.attributes & ATTRIBUTE_DIRECTORY) !== kind) throw new StorageError(kind ? ENOTDIR : EISDIR);
    check(this.unlink(path));
  }

  private unlink(path: Uint8Array): FatResult {
    const volume = this.volume;
    let result = volume.ensureMounted(true);
    if (result !== OK) return result;
    const entry = new DirectoryCursor(volume);
    result = entry.follow(path);
    if (result !== OK) return result;
    if (entry.name.flags & (NAME_DOT | NAME_NONE)) return INVALID_NAME;
    if (entry.attributes & ATTRIBUTE_READ_ONLY) return DENIED;
    const cluster = entry.firstCluster;
    if (entry.attributes & ATTRIBUTE_DIRECTORY) {
      if (cluster === volume.currentDirectory) return DENIED;
      const inside = new DirectoryCursor(volume);
      inside.start = cluster;
      result = inside.goTo(0);
      if (result === OK) result = inside.read(false);
      if (result !== NO_FILE) return result === OK ? DENIED : result;
    }
    result = entry.remove();
    if (result === OK && cluster !== 0) result = volume.freeChain(cluster, 0);
    return result === OK ? volume.sync() : result;
  }

  makeDirectory(path: Path): void {
    check(this.mkdir(pathBytes(path)));
  }

  private mkdir(path: Uint8Array): FatResult {
    const volume = this.volume;
    let result = volume.ensureMounted(true);
    if (result !== OK) return result;
    const entry = new DirectoryCursor(volume);
    result = entry.follow(path);
    if (result === OK) return EXISTS;
    if (result !== NO_FILE) return result;
    if (entry.name.flags & NAME_DOT) return INVALID_NAME;
    const cluster = volume.allocate(0);
    result =
      cluster === CLUSTER_NONE ? DENIED : cluster === CLUSTER_INSANE ? INTERNAL_ERROR : cluster === CLUSTER_DISK_ERROR ? DISK_ERROR : OK;
    const time = volume.config.time();
    if (result === OK) {
      result = volume.clearCluster(cluster);
      if (result === OK) {
        this.putDotEntries(cluster, entry.start, time);
        result = entry.register();
      }
    }
    if (result !== OK) {
      volume.freeChain(cluster, 0);
      return result;
    }
    store32(volume.window, entry.at + ENTRY_MODIFIED, time);
    storeFirstCluster(volume, entry.at, cluster);
    volume.window[entry.at + ENTRY_ATTRIBUTES] = ATTRIBUTE_DIRECTORY;
    volume.windowDirty = true;
    return volume.sync();
  }

  /** "." and "..", into the cleared cluster whose first sector is in the window. */
  private putDotEntries(cluster: number, parent: number, time: number): void {
    const volume = this.volume;
    storeText(volume.window, 0, '.          ');
    volume.window[ENTRY_ATTRIBUTES] = ATTRIBUTE_DIRECTORY;
    store32(volume.window, ENTRY_MODIFIED, time);
    storeFirstCluster(volume, 0, cluster);
    volume.window.copyWithin(ENTRY_SIZE, 0, ENTRY_SIZE);
    storeText(volume.window, ENTRY_SIZE, '..');
    storeFirstCluster(volume, ENTRY_SIZE, parent);
    volume.windowDirty = true;
  }

  rename(from: Path, to: Path): void {
    const source = pathBytes(from);
    const target = pathBytes(to);
    let result = this.move(source, target);
    if (result === EXISTS) {
      // A file in the way is removed first, so that a power cut here leaves neither.
      this.removeKind(target, 0);
      result = this.move(source, target);
    }
    check(result);
  }

  private move(from: Uint8Array, to: Uint8Array): FatResult {
    const volume = this.volume;
    let result = volume.ensureMounted(true);
    if (result !== OK) return result;
    const old = new DirectoryCursor(volume);
    result = old.follow(from);
    if (result !== OK) return result;
    if (old.name.flags & (NAME_DOT | NAME_NONE)) return INVALID_NAME;
    const saved = volume.window.slice(old.at, old.at + ENTRY_SIZE);
    const target = old.clone();
    result = target.follow(to);
    if (result === OK) {
      // The same entry under a new spelling is no collision.
      result = target.start === old.start && target.offset === old.offset ? NO_FILE : EXISTS;
    }
    if (result !== NO_FILE) return result;
    result = target.register();
    if (result !== OK) return result;
    const at = target.at;
    volume.window.set(saved.subarray(13), at + 13);
    const isDirectory = (saved[ENTRY_ATTRIBUTES] & ATTRIBUTE_DIRECTORY) !== 0;
    volume.window[at + ENTRY_ATTRIBUTES] = isDirectory ? saved[ENTRY_ATTRIBUTES] : saved[ENTRY_ATTRIBUTES] | ATTRIBUTE_ARCHIVE;
    volume.windowDirty = true;
    if (isDirectory && target.start !== old.start) {
      result = this.setParent(firstClusterOf(volume, at), target.start);
      if (result !== OK) return result;
    }
    result = old.remove();
    return result === OK ? volume.sync() : result;
  }

  /** Points a directory's ".." to its new parent. */
  private setParent(directory: number, parent: number): FatResult {
    const volume = this.volume;
    const sector = volume.sectorOf(directory);
    if (sector === 0) return INTERNAL_ERROR;
    const result = volume.seek(sector);
    if (result !== OK) return result;
    if (volume.window[ENTRY_SIZE + 1] === 0x2e) {
      storeFirstCluster(volume, ENTRY_SIZE, parent);
      volume.windowDirty = true;
    }
    return OK;
  }

  changeDirectory(path: Path): void {
    check(this.volume.ensureMounted(false));
    const cursor = new DirectoryCursor(this.volume);
    let result = cursor.follow(pathBytes(path));
    if (result === OK) {
      if (cursor.name.flags & NAME_NONE) this.volume.currentDirectory = cursor.start;
      else if (cursor.attributes & ATTRIBUTE_DIRECTORY) this.volume.currentDirectory = cursor.firstCluster;
      else result = NO_PATH;
    }
    check(result);
  }

  /** Walks up from the current directory, looking for each one's name in its parent. */
  currentDirectory(): Uint8Array {
    const volume = this.volume;
    check(volume.ensureMounted(false));
    const segments: Uint8Array[] = [];
    let left = volume.config.maxPath + 1;
    let length = 0;
    const cursor = new DirectoryCursor(volume);
    cursor.start = volume.currentDirectory;
    while (cursor.start !== 0) {
      const child = cursor.start;
      check(cursor.goTo(ENTRY_SIZE));
      check(volume.seek(cursor.sector));
      cursor.start = cursor.firstCluster;
      check(cursor.goTo(0));
      let result = cursor.read(false);
      while (result === OK && cursor.firstCluster !== child) {
        result = cursor.next(false);
        if (result === OK) result = cursor.read(false);
      }
      check(result === NO_FILE ? INTERNAL_ERROR : result);
      const { name } = cursor.info();
      if (left < name.length + 1) throw new StorageError(errnoOf(NOT_ENOUGH_CORE));
      left -= name.length + 1;
      length += name.length + 1;
      segments.push(name);
    }
    if (segments.length === 0) return Uint8Array.of(SLASH);
    const path = new Uint8Array(length);
    let at = 0;
    for (const segment of segments.reverse()) {
      path[at] = SLASH;
      path.set(segment, at + 1);
      at += segment.length + 1;
    }
    return path;
  }

  statistics(): FilesystemStatus {
    const { result, clusters } = this.volume.countFree();
    check(result);
    return { blockSize: this.volume.clusterBytes, blocks: this.volume.entryCount - 2, freeBlocks: clusters, maxNameLength: MAX_LONG_NAME };
  }

  mount(readOnly: boolean, makeFilesystem: boolean): void {
    if (readOnly) this.volume.port.readOnly = true;
    if (this.blank) {
      if (!makeFilesystem) throw new StorageError(ENODEV);
      check(format(this.volume, 'fat12 or fat16', 'whole medium'));
      this.blank = false;
    }
  }

  /** Does nothing: the object can be used without being mounted anywhere. */
  unmount(): void {}

  /** The volume label; empty if there is none. @throws StorageError */
  get label(): string {
    const { result, label } = getLabel(this.volume);
    check(result);
    return label;
  }

  /** @throws StorageError EINVAL for a label that FAT does not allow */
  set label(text: string) {
    check(setLabel(this.volume, text));
  }
}

/** A failing medium ends the list without an error, as on the board. */
function* listEntries(cursor: DirectoryCursor): IterableIterator<DirectoryItem> {
  const volume = cursor.volume;
  while (volume.type !== 0 && cursor.mountId === volume.mountId && cursor.sector !== 0) {
    if (cursor.read(false) !== OK) return;
    const info = cursor.info();
    const moved = cursor.next(false);
    if (moved !== OK && moved !== NO_FILE) return;
    yield { name: info.name, directory: (info.attributes & ATTRIBUTE_DIRECTORY) !== 0, size: info.size };
  }
}

function unpackTime(packed: number): number {
  const month = (packed >>> 21) & 0x0f;
  return secondsSince1970(
    1980 + (packed >>> 25),
    Math.min(Math.max(month, 1), 12),
    (packed >>> 16) & 0x1f,
    (packed >>> 11) & 0x1f,
    (packed >>> 5) & 0x3f,
    (packed & 0x1f) * 2,
  );
}

class OpenFatFile implements OpenFile {
  constructor(
    private readonly file: FatFile,
    readonly binary: boolean,
  ) {}

  get closed(): boolean {
    return !this.file.open;
  }

  read(into: Uint8Array): number {
    const { result, count } = this.file.read(into);
    check(result);
    return count;
  }

  write(data: Uint8Array): number {
    const { result, count } = this.file.write(data);
    check(result);
    if (count !== data.length) throw new StorageError(ENOSPC);
    return count;
  }

  /** Errors are ignored, and show in the position. */
  seek(offset: number, whence: 0 | 1 | 2): number {
    const from = whence === 0 ? 0 : whence === 1 ? this.file.position : this.file.size;
    this.file.seek(from + offset);
    return this.file.position;
  }

  flush(): void {
    check(this.file.sync());
  }

  close(): void {
    if (this.file.open) check(this.file.close());
  }

  /** Cuts the file off at the current position. Not a method of the guest's files; for tools. */
  truncate(): void {
    check(this.file.truncate());
  }
}
