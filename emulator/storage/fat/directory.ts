/**
 * Directories: walking, searching, adding and removing entries, following paths.
 *
 * Source: FAT specification 1.03; the order of searching and allocating is that of FatFs R0.13c.
 */
import { toCapital, toCodePage } from './code-page.ts';
import {
  ATTRIBUTE_ARCHIVE,
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_LONG_NAME,
  ATTRIBUTE_MASK,
  ATTRIBUTE_VOLUME,
  CASE_BODY,
  CASE_EXTENSION,
  DELETED,
  DELETED_ESCAPE,
  ENTRY_ATTRIBUTES,
  ENTRY_CASE,
  ENTRY_CLUSTER_HIGH,
  ENTRY_CLUSTER_LOW,
  ENTRY_FILE_SIZE,
  ENTRY_MODIFIED,
  ENTRY_NAME,
  ENTRY_SIZE,
  LAST_LONG_PART,
  LONG_CHARACTERS,
  LONG_CHECKSUM,
  LONG_ORDER,
  LONG_TYPE,
  load16,
  load32,
  MAX_DIRECTORY_SIZE,
  store16,
} from './layout.ts';
import {
  isSeparator,
  MAX_LONG_NAME,
  NAME_DOT,
  NAME_LAST,
  NAME_LONG,
  NAME_LOSSY,
  NAME_NONE,
  NAME_SHORT_ONLY,
  numberedShortName,
  type PathCursor,
  parseSegment,
  type SegmentName,
  SHORT_NAME_LENGTH,
  shortNameChecksum,
} from './name.ts';
import { DENIED, DISK_ERROR, type FatResult, INTERNAL_ERROR, INVALID_NAME, NO_FILE, NO_PATH, OK } from './result.ts';
import { CLUSTER_DISK_ERROR, CLUSTER_INSANE, CLUSTER_NONE, type FatTime, type FatVolume } from './volume.ts';

const DOT = 0x2e;
const SPACE = 0x20;
const NO_LONG_NAME = -1;
const NO_SEQUENCE = 0xff;

/** What an entry tells. */
export interface FatEntryInfo {
  /** As the guest sees it: bytes of the volume's encoding. */
  name: Uint8Array;
  attributes: number;
  size: number;
  modified: FatTime;
}

/** A place in a directory. */
export class DirectoryCursor {
  /** First cluster of the directory; 0 for the root. */
  start = 0;
  /** Offset of the current entry, in bytes. */
  offset = 0;
  /** Sector of the current entry; 0 behind the end. */
  sector = 0;
  /** Cluster of the current entry; 0 in a fixed root directory. */
  cluster = 0;
  /** Attributes of the entry that was looked at last. */
  attributes = 0;
  /** Offset of the first long entry of the current one; `NO_LONG_NAME` if it has none. */
  longStart = NO_LONG_NAME;
  /** The name that is searched or added. */
  readonly name: SegmentName = { short: new Uint8Array(SHORT_NAME_LENGTH), flags: 0 };
  /** The volume's mount that this belongs to. */
  mountId: number;

  constructor(readonly volume: FatVolume) {
    this.mountId = volume.mountId;
  }

  /** Where the current entry lies in the window (once its sector is there). */
  get at(): number {
    return this.offset % this.volume.sectorSize;
  }

  /** A copy that moves on its own. */
  clone(): DirectoryCursor {
    const copy = new DirectoryCursor(this.volume);
    copy.start = this.start;
    copy.offset = this.offset;
    copy.sector = this.sector;
    copy.cluster = this.cluster;
    copy.attributes = this.attributes;
    copy.longStart = this.longStart;
    copy.name.short.set(this.name.short);
    copy.name.flags = this.name.flags;
    return copy;
  }

  /** Goes to the entry at `offset`. */
  goTo(offset: number): FatResult {
    const volume = this.volume;
    if (offset >= MAX_DIRECTORY_SIZE || offset % ENTRY_SIZE !== 0) return INTERNAL_ERROR;
    this.offset = offset;
    let cluster = this.start;
    if (cluster === 0 && volume.type === 32) cluster = volume.rootStart;
    let within = offset;
    if (cluster === 0) {
      if (offset / ENTRY_SIZE >= volume.rootEntries) return INTERNAL_ERROR;
      this.sector = volume.rootStart;
    } else {
      while (within >= volume.clusterBytes) {
        cluster = volume.nextCluster(cluster);
        if (cluster === CLUSTER_DISK_ERROR) return DISK_ERROR;
        if (cluster < 2 || cluster >= volume.entryCount) return INTERNAL_ERROR;
        within -= volume.clusterBytes;
      }
      this.sector = volume.sectorOf(cluster);
    }
    this.cluster = cluster;
    if (this.sector === 0) return INTERNAL_ERROR;
    this.sector += Math.floor(within / volume.sectorSize);
    return OK;
  }

  /**
   * Goes to the next entry. @param grow adds a cluster at the end of the directory
   * @returns `NO_FILE` at the end, `DENIED` if it could not grow
   */
  next(grow: boolean): FatResult {
    const volume = this.volume;
    const offset = this.offset + ENTRY_SIZE;
    if (offset >= MAX_DIRECTORY_SIZE) this.sector = 0;
    if (this.sector === 0) return NO_FILE;
    if (offset % volume.sectorSize === 0) {
      this.sector++;
      if (this.cluster === 0) {
        if (offset / ENTRY_SIZE >= volume.rootEntries) return this.endOfTable();
      } else if (((offset / volume.sectorSize) & (volume.clusterSize - 1)) === 0) {
        let cluster = volume.nextCluster(this.cluster);
        if (cluster <= CLUSTER_INSANE) return INTERNAL_ERROR;
        if (cluster === CLUSTER_DISK_ERROR) return DISK_ERROR;
        if (cluster >= volume.entryCount) {
          if (!grow) return this.endOfTable();
          cluster = volume.allocate(this.cluster);
          if (cluster === CLUSTER_NONE) return DENIED;
          if (cluster === CLUSTER_INSANE) return INTERNAL_ERROR;
          if (cluster === CLUSTER_DISK_ERROR || volume.clearCluster(cluster) !== OK) return DISK_ERROR;
        }
        this.cluster = cluster;
        this.sector = volume.sectorOf(cluster);
      }
    }
    this.offset = offset;
    return OK;
  }

  private endOfTable(): FatResult {
    this.sector = 0;
    return NO_FILE;
  }

  /** Goes to the last of `count` unused entries in a row. */
  allocate(count: number): FatResult {
    let result = this.goTo(0);
    let free = 0;
    while (result === OK) {
      result = this.volume.seek(this.sector);
      if (result !== OK) break;
      const first = this.volume.window[this.at];
      free = first === DELETED || first === 0 ? free + 1 : 0;
      if (free === count) break;
      result = this.next(true);
    }
    return result === NO_FILE ? DENIED : result;
  }

  /**
   * Goes on to the next file or directory (or, with `labels`, volume label) from the current place on, this included. Its
   * long name is then in the volume's buffer. @returns `NO_FILE` at the end
   */
  read(labels: boolean): FatResult {
    const volume = this.volume;
    let result: FatResult = NO_FILE;
    let order = NO_SEQUENCE;
    let checksum = NO_SEQUENCE;
    while (this.sector !== 0) {
      result = volume.seek(this.sector);
      if (result !== OK) break;
      const at = this.at;
      const entry = volume.window;
      let first = entry[at + ENTRY_NAME];
      if (first === 0) {
        result = NO_FILE;
        break;
      }
      const attributes = (this.attributes = entry[at + ENTRY_ATTRIBUTES] & ATTRIBUTE_MASK);
      const isLabel = (attributes & ~ATTRIBUTE_ARCHIVE) === ATTRIBUTE_VOLUME;
      if (first === DELETED || first === DOT || isLabel !== labels) {
        order = NO_SEQUENCE;
      } else if (attributes === ATTRIBUTE_LONG_NAME) {
        if (first & LAST_LONG_PART) {
          checksum = entry[at + LONG_CHECKSUM];
          first &= ~LAST_LONG_PART;
          order = first;
          this.longStart = this.offset;
        }
        const fits = first === order && checksum === entry[at + LONG_CHECKSUM] && takeLongPart(entry, at, volume.longName);
        order = fits ? order - 1 : NO_SEQUENCE;
      } else {
        if (order !== 0 || checksum !== shortNameChecksum(entry, at)) this.longStart = NO_LONG_NAME;
        break;
      }
      result = this.next(false);
      if (result !== OK) break;
    }
    if (result !== OK) this.sector = 0;
    return result;
  }

  /** Goes to the entry of the name at hand. @returns `NO_FILE` if there is none */
  find(): FatResult {
    const volume = this.volume;
    let result = this.goTo(0);
    if (result !== OK) return result;
    let order = NO_SEQUENCE;
    let checksum = NO_SEQUENCE;
    this.longStart = NO_LONG_NAME;
    while (result === OK) {
      result = volume.seek(this.sector);
      if (result !== OK) break;
      const at = this.at;
      const entry = volume.window;
      let first = entry[at + ENTRY_NAME];
      if (first === 0) return NO_FILE;
      const attributes = (this.attributes = entry[at + ENTRY_ATTRIBUTES] & ATTRIBUTE_MASK);
      if (first === DELETED || (attributes & ATTRIBUTE_VOLUME && attributes !== ATTRIBUTE_LONG_NAME)) {
        order = NO_SEQUENCE;
        this.longStart = NO_LONG_NAME;
      } else if (attributes === ATTRIBUTE_LONG_NAME) {
        if (!(this.name.flags & NAME_SHORT_ONLY)) {
          if (first & LAST_LONG_PART) {
            checksum = entry[at + LONG_CHECKSUM];
            first &= ~LAST_LONG_PART;
            order = first;
            this.longStart = this.offset;
          }
          const fits =
            first === order && checksum === entry[at + LONG_CHECKSUM] && matchLongPart(entry, at, volume.longName, volume.config.encoding);
          order = fits ? order - 1 : NO_SEQUENCE;
        }
      } else {
        if (order === 0 && checksum === shortNameChecksum(entry, at)) return OK;
        if (!(this.name.flags & NAME_LOSSY) && equalShort(entry, at, this.name.short)) return OK;
        order = NO_SEQUENCE;
        this.longStart = NO_LONG_NAME;
      }
      result = this.next(false);
    }
    return result;
  }

  /** Adds an entry for the name at hand, and stays at it. The rest of the entry is zero. */
  register(): FatResult {
    const volume = this.volume;
    const name = this.name;
    if (name.flags & (NAME_DOT | NAME_NONE)) return INVALID_NAME;
    const flags = name.flags;
    if (flags & NAME_LOSSY) {
      const result = this.chooseShortName();
      if (result !== OK) return result;
      name.flags = flags;
    }
    let parts = 0;
    if (flags & NAME_LONG) {
      let length = 0;
      while (volume.longName[length] !== 0) length++;
      parts = Math.floor((length + 12) / 13);
    }
    let result = this.allocate(parts + 1);
    if (result === OK && parts > 0) {
      result = this.goTo(this.offset - parts * ENTRY_SIZE);
      if (result === OK) {
        const checksum = shortNameChecksum(name.short, 0);
        for (let part = parts; part > 0 && result === OK; part--) {
          result = volume.seek(this.sector);
          if (result !== OK) break;
          putLongPart(volume.window, this.at, volume.longName, part, checksum);
          volume.windowDirty = true;
          result = this.next(false);
        }
      }
    }
    if (result === OK) result = volume.seek(this.sector);
    if (result === OK) {
      const at = this.at;
      volume.window.fill(0, at, at + ENTRY_SIZE);
      volume.window.set(name.short, at);
      volume.window[at + ENTRY_CASE] = name.flags & (CASE_BODY | CASE_EXTENSION);
      volume.windowDirty = true;
    }
    return result;
  }

  /** Tries numbers until one is not taken in this directory. */
  private chooseShortName(): FatResult {
    const name = this.name;
    const source = name.short.slice();
    name.flags = NAME_SHORT_ONLY;
    for (let sequence = 1; sequence < 100; sequence++) {
      numberedShortName(name.short, source, this.volume.longName, sequence);
      const result = this.find();
      if (result === NO_FILE) return OK;
      if (result !== OK) return result;
    }
    return DENIED;
  }

  /** Marks the current entry and its long entries as deleted. */
  remove(): FatResult {
    const last = this.offset;
    let result = this.longStart === NO_LONG_NAME ? OK : this.goTo(this.longStart);
    while (result === OK) {
      result = this.volume.seek(this.sector);
      if (result !== OK) break;
      this.volume.window[this.at] = DELETED;
      this.volume.windowDirty = true;
      if (this.offset >= last) break;
      result = this.next(false);
    }
    return result === NO_FILE ? INTERNAL_ERROR : result;
  }

  /** First cluster of the current entry's file or directory. */
  get firstCluster(): number {
    return firstClusterOf(this.volume, this.at);
  }

  /** The current entry. It must be in the window, and its long name in the volume's buffer. */
  info(): FatEntryInfo {
    const entry = this.volume.window;
    const at = this.at;
    const long = this.longStart === NO_LONG_NAME ? undefined : decodeLongName(this.volume);
    return {
      name: long ?? decodeShortName(entry, at),
      attributes: entry[at + ENTRY_ATTRIBUTES],
      size: load32(entry, at + ENTRY_FILE_SIZE),
      modified: load32(entry, at + ENTRY_MODIFIED),
    };
  }

  /**
   * Follows a path from the root or the current directory. At the end the cursor is at the entry; for a path that names the
   * directory it begins at, the name's flags have `NAME_NONE`. @returns `NO_FILE` if only the last segment is missing,
   * `NO_PATH` if an earlier one is
   */
  follow(pathBytes: Uint8Array): FatResult {
    const volume = this.volume;
    const path: PathCursor = { bytes: pathBytes, at: 0, encoding: volume.config.encoding };
    if (pathBytes.length > 0 && isSeparator(pathBytes[0])) {
      this.start = 0;
      while (path.at < pathBytes.length && isSeparator(pathBytes[path.at])) path.at++;
    } else {
      this.start = volume.currentDirectory;
    }
    if (path.at >= pathBytes.length || pathBytes[path.at] < SPACE) {
      this.name.flags = NAME_NONE;
      return this.goTo(0);
    }
    for (;;) {
      if (!parseSegment(path, volume.longName, this.name)) return INVALID_NAME;
      const result = this.find();
      const flags = this.name.flags;
      if (result === NO_FILE && flags & NAME_DOT) {
        // The root has no dot entries: stay there.
        if (!(flags & NAME_LAST)) continue;
        this.name.flags = NAME_NONE;
        return OK;
      }
      if (result !== OK) return result === NO_FILE && !(flags & NAME_LAST) ? NO_PATH : result;
      if (flags & NAME_LAST) return OK;
      if (!(this.attributes & ATTRIBUTE_DIRECTORY)) return NO_PATH;
      this.start = this.firstCluster;
    }
  }
}

/** First cluster in the entry at `at` of the window. */
export function firstClusterOf(volume: FatVolume, at: number): number {
  const low = load16(volume.window, at + ENTRY_CLUSTER_LOW);
  return volume.type === 32 ? (low | (load16(volume.window, at + ENTRY_CLUSTER_HIGH) << 16)) >>> 0 : low;
}

export function storeFirstCluster(volume: FatVolume, at: number, cluster: number): void {
  store16(volume.window, at + ENTRY_CLUSTER_LOW, cluster);
  if (volume.type === 32) store16(volume.window, at + ENTRY_CLUSTER_HIGH, cluster >>> 16);
}

function equalShort(entry: Uint8Array, at: number, short: Uint8Array): boolean {
  for (let i = 0; i < SHORT_NAME_LENGTH; i++) if (entry[at + i] !== short[i]) return false;
  return true;
}

function fold(unit: number, encoding: 'cp437' | 'utf8'): number {
  if (encoding === 'cp437' || unit < 0x80) return toCapital(unit);
  const capital = String.fromCharCode(unit).toUpperCase();
  return capital.length === 1 ? capital.charCodeAt(0) : unit;
}

/** True if the long entry holds its part of `long`, in whatever case. */
function matchLongPart(entry: Uint8Array, at: number, long: Uint16Array, encoding: 'cp437' | 'utf8'): boolean {
  if (load16(entry, at + ENTRY_CLUSTER_LOW) !== 0) return false;
  const order = entry[at + LONG_ORDER];
  let index = ((order & 0x3f) - 1) * 13;
  let ended = false;
  for (const offset of LONG_CHARACTERS) {
    const unit = load16(entry, at + offset);
    if (ended) {
      if (unit !== 0xffff) return false;
      continue;
    }
    if (index < 0 || index > MAX_LONG_NAME) return false;
    const wanted = long[index++];
    if (unit !== wanted && fold(unit, encoding) !== fold(wanted, encoding)) return false;
    ended = unit === 0;
  }
  return !(order & LAST_LONG_PART && !ended && long[index]);
}

/** Copies the long entry's part into `long`. @returns false if the entry is no valid part */
function takeLongPart(entry: Uint8Array, at: number, long: Uint16Array): boolean {
  if (load16(entry, at + ENTRY_CLUSTER_LOW) !== 0) return false;
  const order = entry[at + LONG_ORDER];
  let index = ((order & ~LAST_LONG_PART) - 1) * 13;
  let ended = false;
  for (const offset of LONG_CHARACTERS) {
    const unit = load16(entry, at + offset);
    if (ended) {
      if (unit !== 0xffff) return false;
      continue;
    }
    if (index < 0 || index > MAX_LONG_NAME) return false;
    long[index++] = unit;
    ended = unit === 0;
  }
  if (order & LAST_LONG_PART && !ended) {
    if (index > MAX_LONG_NAME) return false;
    long[index] = 0;
  }
  return true;
}

function putLongPart(entry: Uint8Array, at: number, long: Uint16Array, part: number, checksum: number): void {
  entry[at + LONG_CHECKSUM] = checksum;
  entry[at + ENTRY_ATTRIBUTES] = ATTRIBUTE_LONG_NAME;
  entry[at + LONG_TYPE] = 0;
  store16(entry, at + ENTRY_CLUSTER_LOW, 0);
  let index = (part - 1) * 13;
  let ended = false;
  for (const offset of LONG_CHARACTERS) {
    const unit = ended ? 0xffff : long[index++];
    store16(entry, at + offset, unit);
    if (unit === 0) ended = true;
  }
  entry[at + LONG_ORDER] = ended || !long[index] ? part | LAST_LONG_PART : part;
}

/** The long name at hand in the volume's encoding; undefined if it cannot be written in it. */
function decodeLongName(volume: FatVolume): Uint8Array | undefined {
  const bytes: number[] = [];
  const long = volume.longName;
  if (volume.config.encoding === 'utf8') {
    let text = '';
    for (let i = 0; long[i] !== 0; i++) text += String.fromCharCode(long[i]);
    return text === '' ? undefined : new TextEncoder().encode(text);
  }
  for (let i = 0; long[i] !== 0; i++) {
    const byte = toCodePage(long[i]);
    if (byte === 0 || bytes.length >= MAX_LONG_NAME) return undefined;
    bytes.push(byte);
  }
  return bytes.length === 0 ? undefined : Uint8Array.from(bytes);
}

/** The 8.3 name with its dot, and in small letters where the case bits say so; "?" for an entry without any name. */
function decodeShortName(entry: Uint8Array, at: number): Uint8Array {
  const bytes: number[] = [];
  const caseBits = entry[at + ENTRY_CASE];
  let smallBit = CASE_BODY;
  for (let i = 0; i < SHORT_NAME_LENGTH; i++) {
    let byte = entry[at + i];
    if (byte === SPACE) continue;
    if (byte === DELETED_ESCAPE) byte = DELETED;
    if (byte === 0) break;
    if (i === 8) {
      smallBit = CASE_EXTENSION;
      bytes.push(DOT);
    }
    if (byte === DOT) smallBit = CASE_EXTENSION;
    bytes.push(byte >= 0x41 && byte <= 0x5a && caseBits & smallBit ? byte + 0x20 : byte);
  }
  return bytes.length === 0 ? Uint8Array.of(0x3f) : Uint8Array.from(bytes);
}
