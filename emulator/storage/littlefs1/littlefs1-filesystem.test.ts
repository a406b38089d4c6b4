import { describe, expect, it } from 'vitest';
import { pathText } from '../filesystem.ts';
import { RamDevice } from '../ram-device.ts';
import { EBADF, EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTEMPTY, EROFS, StorageError, StorageValueError } from '../storage-error.ts';
import { type RecordedSession, replay } from '../testing/session.ts';
import { readFile, readTree, writeTree } from '../tree.ts';
import { Littlefs1Filesystem } from './littlefs1-filesystem.ts';
import sessions from './littlefs1-sessions.json';

const text = (contents: string) => new TextEncoder().encode(contents);
/** littlefs 1 has an errno of its own for "corrupt". */
const CORRUPT_ERRNO = 52;

function fresh(blockCount = 128): { device: RamDevice; fs: Littlefs1Filesystem } {
  const device = new RamDevice(512, blockCount, 0xff);
  Littlefs1Filesystem.format(device);
  return { device, fs: new Littlefs1Filesystem(device) };
}

function put(fs: Littlefs1Filesystem, path: string, contents: string): void {
  const file = fs.open(path, 'w');
  file.write(text(contents));
  file.close();
}

function errnoOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof StorageError) return error.errno;
    throw error;
  }
  return undefined;
}

describe('littlefs 1, against sessions of the official Unix port', () => {
  (sessions as RecordedSession[]).forEach((session, index) => {
    it(`answers, writes and leaves on the medium the same (session ${index}, ${session.blockCount} blocks of ${session.blockSize})`, () => {
      const got = replay(session, {
        format: device => Littlefs1Filesystem.format(device),
        mount: device => new Littlefs1Filesystem(device),
      });
      expect(got.answers).toEqual(session.answers);
      expect(got.writes).toBe(session.writes);
      expect(got.image).toBe(session.image);
    });
  });
});

describe('Files', () => {
  it.each([0, 1, 504, 512, 513, 1016, 5000, 20_000])('of %i bytes keep what is written', size => {
    const { device, fs } = fresh();
    const contents = text('0123456789abcdef'.repeat(size / 16 + 1).slice(0, size));
    writeTree(fs, new Map([['/f', contents]]));
    expect(readFile(new Littlefs1Filesystem(device), '/f')).toEqual(contents);
  });

  it('are changed in the middle without touching the rest', () => {
    const { fs } = fresh();
    put(fs, 'f', 'a'.repeat(3000));
    const file = fs.open('f', 'r+');
    file.seek(1500, 0);
    file.write(text('B'));
    file.close();
    expect(pathText(readFile(fs, 'f'))).toBe(`${'a'.repeat(1500)}B${'a'.repeat(1499)}`);
  });

  it('keep to their mode', () => {
    const { fs } = fresh();
    put(fs, 'f', 'x');
    expect(errnoOf(() => fs.open('f', 'r').write(text('y')))).toBe(EBADF);
    expect(errnoOf(() => fs.open('f', 'w').read(new Uint8Array(1)))).toBe(EBADF);
    expect(errnoOf(() => fs.open('f', 'x'))).toBe(EEXIST);
    expect(errnoOf(() => fs.open('none', 'r'))).toBe(ENOENT);
    expect(errnoOf(() => fs.open('/', 'r'))).toBe(EISDIR);
    const closed = fs.open('f', 'r');
    closed.close();
    expect(() => closed.read(new Uint8Array(1))).toThrow(StorageValueError);
  });

  it('have no time', () => {
    const { fs } = fresh();
    put(fs, 'f', 'x');
    expect(fs.stat('f')).toEqual({ directory: false, size: 1, modified: undefined });
  });

  it('that do not fit end in ENOSPC, and the filesystem goes on', () => {
    const { fs } = fresh(20);
    put(fs, 'keep', 'x');
    expect(errnoOf(() => put(fs, 'big', 'x'.repeat(20_000)))).toBe(ENOSPC);
    expect(readFile(fs, 'keep')).toEqual(text('x'));
  });
});

describe('Directories', () => {
  it('hold as many files as fit, in the order of their making', () => {
    const { device, fs } = fresh(300);
    const names = Array.from({ length: 80 }, (_, i) => `file ${(i * 7919) % 80}`);
    for (const name of names) put(fs, name, name);
    expect([...new Littlefs1Filesystem(device).list()].map(item => pathText(item.name))).toEqual(names);
    for (const name of names.slice(0, 70)) fs.remove(name);
    expect([...fs.list('/')].length).toBe(10);
  });

  it('are removed only when they are empty, and the root never', () => {
    const { fs } = fresh();
    writeTree(fs, new Map([['/a/f', text('1')]]));
    expect(errnoOf(() => fs.remove('a'))).toBe(ENOTEMPTY);
    fs.remove('a/f');
    fs.removeDirectory('a');
    expect(errnoOf(() => fs.remove('/'))).toBe(EINVAL);
    expect(errnoOf(() => fs.rename('/', 'x'))).toBe(EINVAL);
  });
});

describe('Mounting', () => {
  it('fails where there is no littlefs 1', () => {
    expect(errnoOf(() => new Littlefs1Filesystem(new RamDevice(512, 64)))).toBe(CORRUPT_ERRNO);
  });

  it('read-only refuses every change with EROFS', () => {
    const { fs } = fresh();
    put(fs, 'a', 'x');
    fs.mount(true);
    expect([errnoOf(() => fs.open('b', 'w')), errnoOf(() => fs.remove('a'))]).toEqual([EROFS, EROFS]);
    expect(readFile(fs, 'a')).toEqual(text('x'));
  });

  it('of sizes that littlefs cannot handle fails with EINVAL', () => {
    const { device } = fresh();
    for (const options of [{ readSize: 0 }, { programSize: -4 }, { readSize: 33 }, { lookahead: 0 }, { programSize: 24 }]) {
      expect(errnoOf(() => new Littlefs1Filesystem(device, options))).toBe(EINVAL);
    }
  });
});

describe('Damaged filesystems', () => {
  it('are never a fault of the host, nor an endless loop', () => {
    const { device, fs } = fresh(64);
    writeTree(fs, new Map(Array.from({ length: 14 }, (_, i) => [`/d${i % 3}/name ${i}`, text('x'.repeat(i * 150))])));
    const good = device.save();
    let seed = 815;
    const random = (below: number) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 300; round++) {
      device.load(good);
      for (let i = 0; i <= random(12); i++) device.bytes[random(device.bytes.length)] = random(256);
      attempt(() => {
        const damaged = new Littlefs1Filesystem(device);
        attempt(() => readTree(damaged));
        attempt(() => damaged.statistics());
        attempt(() => put(damaged, 'new file', 'y'.repeat(3000)));
        attempt(() => damaged.rename('d0', 'd1/d0'));
        attempt(() => damaged.remove('new file'));
      });
    }
  });
});

function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}
