/**
 * Sessions recorded on the official Unix port of MicroPython 1.27.0: operations on a filesystem in a RAM block device, what
 * each answered, every write to the device, and the device's contents at the end. Replaying one on our filesystems must give
 * the same, byte for byte. A digest is the first 32 digits of a SHA-256. The clock of the recordings stood still at 2023-11-14 22:13:21.123456 UTC.
 */
import { createHash } from 'node:crypto';
import type { BlockDevice } from '../block-device.ts';
import { packFatTime } from '../fat/volume.ts';
import { type Filesystem, type OpenFile, pathText } from '../filesystem.ts';
import { StorageError, StorageValueError } from '../storage-error.ts';

export type SessionOperation = [name: string, ...operands: (string | number)[]];

export interface RecordedSession {
  blockSize: number;
  blockCount: number;
  /** What an erased byte reads as; null if erasing does nothing. */
  erased: number | null;
  operations: SessionOperation[];
  /** What `repr` made of each answer, or the exception. A negative number of free blocks shows modulo 2^32 there. */
  answers: string[];
  /** Digest of the lines "operation number, address, length, digest of the data" of all writes and erases. */
  writes: string;
  /** Digest of the device's bytes at the end. */
  image: string;
}

export const RECORDED_FAT_TIME = packFatTime(2023, 11, 14, 22, 13, 21);
export const RECORDED_TIME_NS = 1_700_000_001_123_456_000n;

export interface SessionFilesystem {
  format: (device: BlockDevice) => void;
  mount: (device: BlockDevice) => Filesystem;
}

export function digest(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32);
}

/** The bytes that operation "write" writes: a linear congruential sequence, seven bits each. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed & 0x7fffffff;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[i] = (state >> 16) & 0x7f;
  }
  return bytes;
}

export function replay(session: RecordedSession, kind: SessionFilesystem): Pick<RecordedSession, 'answers' | 'writes' | 'image'> {
  const { blockSize, blockCount, erased } = session;
  const bytes = new Uint8Array(blockSize * blockCount);
  const log: string[] = [];
  let step = 0;
  const device: BlockDevice = {
    readBlocks(block, into, offset = 0) {
      into.set(bytes.subarray(block * blockSize + offset, block * blockSize + offset + into.length));
      return 0;
    },
    writeBlocks(block, data, offset = 0) {
      const address = block * blockSize + offset;
      log.push(`${step} ${address} ${data.length} ${digest(data)}\n`);
      bytes.set(data, address);
      return 0;
    },
    ioctl(operation, argument) {
      if (operation === 4) return blockCount;
      if (operation === 5) return blockSize;
      if (operation !== 6) return null;
      log.push(`${step} erase ${argument}\n`);
      if (erased !== null) bytes.fill(erased, argument * blockSize, (argument + 1) * blockSize);
      return 0;
    },
  };
  const player = new Player(device, kind);
  const answers = session.operations.map((operation, index) => {
    step = index;
    return player.play(operation);
  });
  return { answers, writes: digest(log.join('')), image: digest(bytes) };
}

class Player {
  private filesystem!: Filesystem;
  private readonly files = new Map<string, OpenFile>();

  constructor(
    private readonly device: BlockDevice,
    private readonly kind: SessionFilesystem,
  ) {}

  play(operation: SessionOperation): string {
    try {
      return this.perform(operation) ?? 'None';
    } catch (error) {
      if (error instanceof StorageError) return `OSError ${error.errno}`;
      if (error instanceof StorageValueError) return 'ValueError';
      if (error instanceof UnknownFile) return 'KeyError';
      throw error;
    }
  }

  private perform([name, ...operands]: SessionOperation): string | undefined {
    const [first, second, third] = operands;
    const path = String(first);
    switch (name) {
      case 'mkfs':
        this.kind.format(this.device);
        return undefined;
      case 'mount':
        this.files.clear();
        this.filesystem = this.kind.mount(this.device);
        return undefined;
      case 'umount':
        this.filesystem.unmount();
        return undefined;
      case 'open':
        this.files.set(path, this.filesystem.open(String(second), String(third)));
        return undefined;
      case 'write': {
        const file = this.file(path);
        // The stream layer does not pass an empty write on.
        return String(second === 0 ? 0 : file.write(pattern(Number(second), Number(third))));
      }
      case 'read': {
        const into = new Uint8Array(Number(second));
        const count = readFully(this.file(path), into);
        return `(${count}, '${digest(into.subarray(0, count))}')`;
      }
      case 'seek':
        return String(this.file(path).seek(Number(second), Number(third) as 0 | 1 | 2));
      case 'flush':
        this.file(path).flush();
        return undefined;
      case 'close':
        this.file(path).close();
        return undefined;
      case 'list': {
        const items = [...this.filesystem.list(...(operands.length ? [path] : []))];
        return `[${items.map(item => `('${Buffer.from(item.name).toString('hex')}', ${item.directory ? 1 : 2}, ${item.size})`).join(', ')}]`;
      }
      case 'stat': {
        const status = this.filesystem.stat(path);
        return `(${status.directory ? 0x4000 : 0x8000}, ${status.size}, ${status.modified ?? 0})`;
      }
      case 'statvfs': {
        const { blockSize, blocks, freeBlocks, maxNameLength } = this.filesystem.statistics();
        return `(${blockSize}, ${blockSize}, ${blocks}, ${freeBlocks >>> 0}, ${freeBlocks >>> 0}, 0, 0, 0, 0, ${maxNameLength})`;
      }
      case 'mkdir':
        this.filesystem.makeDirectory(path);
        return undefined;
      case 'rmdir':
        this.filesystem.removeDirectory(path);
        return undefined;
      case 'remove':
        this.filesystem.remove(path);
        return undefined;
      case 'rename':
        this.filesystem.rename(path, String(second));
        return undefined;
      case 'chdir':
        this.filesystem.changeDirectory(path);
        return undefined;
      case 'getcwd':
        return pathText(this.filesystem.currentDirectory());
      default:
        throw new Error(`a session has no operation ${name}`);
    }
  }

  private file(name: string): OpenFile {
    const file = this.files.get(name);
    if (!file) throw new UnknownFile();
    return file;
  }
}

class UnknownFile extends Error {}

function readFully(file: OpenFile, into: Uint8Array): number {
  let done = 0;
  while (done < into.length) {
    const count = file.read(into.subarray(done));
    if (count === 0) break;
    done += count;
  }
  return done;
}
