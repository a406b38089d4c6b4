import { describe, expect, it } from 'vitest';
import { pathText } from '../filesystem.ts';
import { STM32F405_FLASH_DRIVE } from '../flash-drive.ts';
import { FlashMedium } from '../flash-medium.ts';
import { FlashDevice, FlashStorage } from '../flash-storage.ts';
import { RamDevice } from '../ram-device.ts';
import {
  EEXIST,
  EILSEQ,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EROFS,
  StorageError,
  StorageValueError,
} from '../storage-error.ts';
import { RECORDED_TIME_NS, type RecordedSession, replay } from '../testing/session.ts';
import { readFile, readTree, writeTree } from '../tree.ts';
import { Littlefs2Filesystem } from './littlefs2-filesystem.ts';
import sessions from './littlefs2-sessions.json';

const RECORDED = { timeNs: () => RECORDED_TIME_NS };
const text = (contents: string) => new TextEncoder().encode(contents);

function fresh(blockCount = 128, blockSize = 512): { device: RamDevice; fs: Littlefs2Filesystem } {
  const device = new RamDevice(blockSize, blockCount, 0xff);
  Littlefs2Filesystem.format(device);
  return { device, fs: new Littlefs2Filesystem(device) };
}

function put(fs: Littlefs2Filesystem, path: string, contents: string): void {
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

describe('littlefs 2, against sessions of the official Unix port', () => {
  (sessions as RecordedSession[]).forEach((session, index) => {
    it(`answers, writes and leaves on the medium the same (session ${index}, ${session.blockCount} blocks of ${session.blockSize})`, () => {
      const got = replay(session, {
        format: device => Littlefs2Filesystem.format(device, RECORDED),
        mount: device => new Littlefs2Filesystem(device, RECORDED),
      });
      expect(got.answers).toEqual(session.answers);
      expect(got.writes).toBe(session.writes);
      expect(got.image).toBe(session.image);
    });
  });
});

describe('Files', () => {
  it.each([0, 1, 63, 64, 65, 504, 505, 511, 512, 513, 1016, 5000, 20_000])('of %i bytes keep what is written', size => {
    const { device, fs } = fresh();
    const contents = text('0123456789abcdef'.repeat(size / 16 + 1).slice(0, size));
    writeTree(fs, new Map([['/f', contents]]));
    expect(readFile(new Littlefs2Filesystem(device), '/f')).toEqual(contents);
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

  it('are filled with zeros up to a position behind their end', () => {
    const { fs } = fresh();
    const file = fs.open('f', 'w');
    file.seek(1000, 0);
    file.write(text('x'));
    file.close();
    expect(readFile(fs, 'f')).toEqual(Uint8Array.from([...Array(1000).fill(0), 0x78]));
  });

  it('have a time, unless they are not to', () => {
    const { device, fs } = fresh();
    put(fs, 'f', 'x');
    expect(fs.stat('f').modified).toBe(Date.UTC(2015, 0, 1) / 1000);
    const timeless = new Littlefs2Filesystem(device, { mtime: false });
    put(timeless, 'g', 'x');
    expect(timeless.stat('g').modified).toBeUndefined();
  });

  it('keep their old contents until they are closed', () => {
    const { device, fs } = fresh();
    put(fs, 'f', 'old');
    const file = fs.open('f', 'w');
    file.write(text('new'));
    expect(readFile(new Littlefs2Filesystem(device), 'f')).toEqual(text('old'));
    file.close();
    expect(readFile(new Littlefs2Filesystem(device), 'f')).toEqual(text('new'));
  });

  it('cannot be used when they are closed', () => {
    const { fs } = fresh();
    const file = fs.open('f', 'w');
    file.close();
    file.close();
    expect(() => file.write(text('x'))).toThrow(StorageValueError);
  });

  it('are opened in one mode only', () => {
    const { fs } = fresh();
    expect(() => fs.open('f', 'rw')).toThrow(StorageValueError);
    expect(errnoOf(() => fs.open('f', 'r'))).toBe(ENOENT);
    put(fs, 'f', 'x');
    expect(errnoOf(() => fs.open('f', 'x'))).toBe(EEXIST);
    expect(errnoOf(() => fs.open('f/', 'r'))).toBe(ENOTDIR);
    expect(errnoOf(() => fs.open('/', 'r'))).toBe(EISDIR);
    expect(errnoOf(() => fs.open('n'.repeat(256), 'w'))).toBe(ENAMETOOLONG);
  });

  it('that do not fit end in ENOSPC, and the filesystem goes on', () => {
    const { fs } = fresh(20);
    put(fs, 'keep', 'x');
    expect(errnoOf(() => put(fs, 'big', 'x'.repeat(20_000)))).toBe(ENOSPC);
    expect(readFile(fs, 'keep')).toEqual(text('x'));
    put(fs, 'small', 'y');
    expect(readFile(fs, 'small')).toEqual(text('y'));
  });
});

describe('Directories', () => {
  it('hold as many files as fit, in the order of their names', () => {
    const { device, fs } = fresh(400);
    const names = Array.from({ length: 150 }, (_, i) => `file ${String((i * 7919) % 150).padStart(3, '0')}`);
    for (const name of names) put(fs, name, name);
    expect([...new Littlefs2Filesystem(device).list()].map(item => pathText(item.name))).toEqual(names.sort());
    for (const name of names.slice(0, 140)) fs.remove(name);
    expect([...fs.list('/')].length).toBe(10);
  });

  it('are replaced and removed only when they are empty', () => {
    const { fs } = fresh();
    writeTree(
      fs,
      new Map([
        ['/a/f', text('1')],
        ['/b/', text('')],
      ]),
    );
    expect(errnoOf(() => fs.remove('a'))).toBe(ENOTEMPTY);
    expect(errnoOf(() => fs.rename('b', 'a'))).toBe(ENOTEMPTY);
    expect(errnoOf(() => fs.rename('a/f', 'b'))).toBe(EISDIR);
    expect(errnoOf(() => fs.rename('b', 'a/f'))).toBe(ENOTDIR);
    fs.rename('a', 'b');
    expect([...readTree(fs).keys()]).toEqual(['/b/f']);
  });

  it('are current only as a text', () => {
    const { fs } = fresh();
    fs.makeDirectory('d');
    fs.makeDirectory('d/e');
    fs.changeDirectory('d//e/./../e');
    expect(pathText(fs.currentDirectory())).toBe('/d/e');
    put(fs, 'f', 'x');
    expect(fs.kindOf('/d/e/f')).toBe('file');
    expect(errnoOf(() => fs.changeDirectory('f'))).toBe(ENOENT);
    expect(errnoOf(() => fs.stat('../../..'))).toBe(EINVAL);
    fs.changeDirectory('/');
    expect(pathText(fs.currentDirectory())).toBe('/');
  });

  it('stay readable while files come and go in them', () => {
    const { fs } = fresh(400);
    for (let i = 0; i < 60; i++) put(fs, `f${String(i).padStart(2, '0')}`, 'x');
    const seen: string[] = [];
    for (const item of fs.list()) {
      const name = pathText(item.name);
      seen.push(name);
      fs.remove(name);
      put(fs, `a${seen.length}`, 'y');
    }
    expect(seen.filter(name => name.startsWith('f')).length).toBe(60);
  });
});

describe('Wear', () => {
  it('moves metadata to other blocks after a hundred erases', () => {
    const { device, fs } = fresh(64);
    const erases = new Map<number, number>();
    device.listen(({ kind, address }) => {
      if (kind === 'erase') erases.set(address / 512, (erases.get(address / 512) ?? 0) + 1);
    });
    fs.makeDirectory('d');
    for (let i = 0; i < 3000; i++) put(fs, 'd/counter', String(i));
    expect(readFile(fs, 'd/counter')).toEqual(text('2999'));
    expect(Math.max(...erases.values())).toBeLessThan(150);
    expect(erases.size).toBeGreaterThan(3);
  });

  it('leaves blocks that do not take what is written', () => {
    const { device, fs } = fresh(128);
    const write = device.writeBlocks.bind(device);
    const bad = new Set([5, 6, 11, 30, 31, 32, 33, 60]);
    device.writeBlocks = (block, data, offset) => (bad.has(block) ? 0 : write(block, data, offset));
    const tree = new Map(Array.from({ length: 25 }, (_, i) => [`/d${i % 3}/f${i}`, text('z'.repeat(i * 60))]));
    writeTree(fs, tree);
    expect(new Map([...readTree(new Littlefs2Filesystem(device))].sort())).toEqual(new Map([...tree].sort()));
  });
});

describe('Mounting', () => {
  it('fails with EILSEQ where there is no littlefs 2', () => {
    expect(errnoOf(() => new Littlefs2Filesystem(new RamDevice(512, 64)))).toBe(EILSEQ);
  });

  it('fails with EINVAL if the size is not that of the device', () => {
    const { device } = fresh(128);
    const larger = new RamDevice(512, 200, 0xff);
    larger.load(device.save());
    expect(errnoOf(() => new Littlefs2Filesystem(larger))).toBe(EINVAL);
  });

  it('read-only refuses every change with EROFS', () => {
    const { fs } = fresh();
    put(fs, 'a', 'x');
    fs.mount(true);
    expect([errnoOf(() => fs.open('b', 'w')), errnoOf(() => fs.remove('a')), errnoOf(() => fs.makeDirectory('d'))]).toEqual([
      EROFS,
      EROFS,
      EROFS,
    ]);
    expect(readFile(fs, 'a')).toEqual(text('x'));
  });

  it('works on a part of the flash of a board', () => {
    const medium = new FlashMedium(STM32F405_FLASH_DRIVE.sectors);
    const storage = new FlashStorage(medium, { ...STM32F405_FLASH_DRIVE, ticks: () => 0 });
    const device = FlashDevice.section(storage, 0, -1)!;
    Littlefs2Filesystem.format(device);
    const fs = new Littlefs2Filesystem(device);
    put(fs, 'main.py', 'x'.repeat(2000));
    storage.flush();
    const later = FlashDevice.section(new FlashStorage(medium, { ...STM32F405_FLASH_DRIVE, ticks: () => 0 }), 0, -1)!;
    expect(readFile(new Littlefs2Filesystem(later), 'main.py').length).toBe(2000);
  });

  it('of sizes that littlefs cannot handle fails with EINVAL', () => {
    const { device } = fresh();
    for (const options of [{ readSize: 0 }, { programSize: -4 }, { readSize: 33 }, { lookahead: 0 }, { programSize: 24 }]) {
      expect(errnoOf(() => new Littlefs2Filesystem(device, options))).toBe(EINVAL);
    }
  });
});

describe('Damaged filesystems', () => {
  it('are never a fault of the host, nor an endless loop', () => {
    const { device, fs } = fresh(64);
    writeTree(fs, new Map(Array.from({ length: 14 }, (_, i) => [`/d${i % 3}/name ${i}`, text('x'.repeat(i * 150))])));
    const good = device.save();
    let seed = 4711;
    const random = (below: number) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 300; round++) {
      device.load(good);
      for (let i = 0; i <= random(12); i++) device.bytes[random(device.bytes.length)] = random(256);
      attempt(() => {
        const damaged = new Littlefs2Filesystem(device);
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
