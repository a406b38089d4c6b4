import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathText } from '../filesystem.ts';
import { RamDevice } from '../ram-device.ts';
import { EACCES, EEXIST, EINVAL, EISDIR, ENODEV, ENOENT, ENOSPC, ENOTDIR, EROFS, StorageError } from '../storage-error.ts';
import { RECORDED_FAT_TIME, type RecordedSession, replay } from '../testing/session.ts';
import { readFile, readTree, writeTree } from '../tree.ts';
import { checkFat, isUsable } from './check.ts';
import { FatFilesystem } from './fat-filesystem.ts';
import sessions from './fat-sessions.json';
import { load16, load32 } from './layout.ts';
import { packFatTime } from './volume.ts';

const UNIX_PORT = { maxSectorSize: 4096, maxPath: 4096, time: () => RECORDED_FAT_TIME };
const text = (contents: string) => new TextEncoder().encode(contents);

function fresh(blockCount = 200): { device: RamDevice; fs: FatFilesystem } {
  const device = new RamDevice(512, blockCount);
  FatFilesystem.format(device);
  return { device, fs: new FatFilesystem(device) };
}

function put(fs: FatFilesystem, path: string, contents: string): void {
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

describe('FAT, against sessions of the official Unix port', () => {
  (sessions as RecordedSession[]).forEach((session, index) => {
    it(`answers, writes and leaves on the medium the same (session ${index}, ${session.blockCount} blocks of ${session.blockSize})`, () => {
      const got = replay(session, {
        format: device => FatFilesystem.format(device, UNIX_PORT),
        mount: device => new FatFilesystem(device, UNIX_PORT),
      });
      expect(got.answers).toEqual(session.answers);
      expect(got.writes).toBe(session.writes);
      expect(got.image).toBe(session.image);
    });
  });
});

describe('Formatting', () => {
  // Blocks of the medium; type by the number of clusters, sectors a cluster, sectors a table.
  it.each([
    [50, 12, 1, 1],
    [224, 12, 1, 1],
    [4096, 12, 2, 7],
    [16383, 16, 2, 33],
    [131072, 16, 8, 65],
  ])('%i blocks: FAT%i, %i sectors a cluster, tables of %i sectors', (blocks, type, clusterSize, fatSize) => {
    const { device, fs } = fresh(blocks);
    expect(fs.volume.ensureMounted(false)).toBe(0);
    expect([fs.volume.type, fs.volume.clusterSize, fs.volume.fatSize]).toEqual([type, clusterSize, fatSize]);
    expect(load16(device.bytes, 510)).toBe(0xaa55);
  });

  it('takes the serial number from the clock', () => {
    const device = new RamDevice(512, 100);
    FatFilesystem.format(device, { time: () => packFatTime(2024, 2, 29, 12, 30, 58) });
    expect(load32(device.bytes, 39)).toBe(packFatTime(2024, 2, 29, 12, 30, 58));
  });

  it('of a medium that is too small fails with EIO', () => {
    expect(errnoOf(() => FatFilesystem.format(new RamDevice(512, 40)))).toBe(5);
  });

  it('sets the label that the port wants', () => {
    const device = new RamDevice(512, 100);
    FatFilesystem.format(device, {}, 'pybflash');
    expect(new FatFilesystem(device).label).toBe('PYBFLASH');
  });
});

describe('Files', () => {
  it('keep what is written', () => {
    const { fs } = fresh();
    put(fs, 'a.txt', 'x'.repeat(1500));
    expect(readFile(fs, '/a.txt')).toEqual(text('x'.repeat(1500)));
    expect(fs.stat('a.txt')).toEqual({ directory: false, size: 1500, modified: Date.UTC(2015, 0, 1) / 1000 });
  });

  it.each([
    ['r', ENOENT],
    ['r+', ENOENT],
    ['b', ENOENT],
  ])('opened with %s must exist', (mode, errno) => {
    expect(errnoOf(() => fresh().fs.open('none', mode))).toBe(errno);
  });

  it('opened with x must not exist', () => {
    const { fs } = fresh();
    put(fs, 'a', '1');
    expect(errnoOf(() => fs.open('A', 'x'))).toBe(EEXIST);
  });

  it('opened with a grow at their end, wherever the position was', () => {
    const { fs } = fresh();
    put(fs, 'log', 'one,');
    const file = fs.open('log', 'a');
    file.write(text('two'));
    file.close();
    expect(pathText(readFile(fs, 'log'))).toBe('one,two');
  });

  it('read and written against their mode are refused', () => {
    const { fs } = fresh();
    put(fs, 'a', '1');
    expect(errnoOf(() => fs.open('a', 'r').write(text('x')))).toBe(EACCES);
    expect(errnoOf(() => fs.open('a', 'w').read(new Uint8Array(1)))).toBe(EACCES);
  });

  it('are closed twice without complaint, and then cannot be used', () => {
    const { fs } = fresh();
    const file = fs.open('a', 'w');
    file.close();
    file.close();
    expect(file.closed).toBe(true);
    expect(errnoOf(() => file.write(text('x')))).toBe(EINVAL);
  });

  it('that do not fit end in ENOSPC, and what fitted stays', () => {
    const { fs } = fresh(60);
    const file = fs.open('big', 'w');
    expect(errnoOf(() => file.write(new Uint8Array(60 * 512)))).toBe(ENOSPC);
    file.close();
    expect(fs.stat('big').size).toBe(fs.statistics().blocks * 512);
  });

  it('have no size for others until they are synced or closed', () => {
    const { device, fs } = fresh();
    const file = fs.open('a', 'w');
    file.write(text('hello'));
    expect(new FatFilesystem(device).stat('a').size).toBe(0);
    file.flush();
    expect(new FatFilesystem(device).stat('a').size).toBe(5);
  });
});

describe('Names', () => {
  it('are found in any case, and listed as they were written', () => {
    const { fs } = fresh();
    put(fs, 'ReadMe.Text', 'x');
    expect(fs.kindOf('README.TEXT')).toBe('file');
    expect([...fs.list()].map(item => pathText(item.name))).toEqual(['ReadMe.Text']);
  });

  it('that are long get numbered short ones', () => {
    const { device, fs } = fresh();
    for (const n of [1, 2, 3]) put(fs, `long file name ${n}.text`, 'x');
    const shorts = [0, 1, 2].map(i => String.fromCharCode(...device.bytes.subarray(1024 + 32 * (i * 3 + 2), 1024 + 32 * (i * 3 + 2) + 11)));
    expect(shorts).toEqual(['LONGFI~1TEX', 'LONGFI~2TEX', 'LONGFI~3TEX']);
  });

  it('are bytes of code page 437 to the board, and UTF-8 to a host', () => {
    const { device, fs } = fresh();
    put(fs, 'é', 'x');
    expect([...fs.list()].map(item => pathText(item.name))).toEqual(['é']);
    expect([...new FatFilesystem(device, { encoding: 'utf8' }).list()].map(item => pathText(item.name))).toEqual(['├⌐']);
  });

  it.each(['a*b', 'a?b', 'a"b', 'a<b', 'a:b', 'a|b', '...', 'n'.repeat(256)])('%s is refused', name => {
    expect(errnoOf(() => fresh().fs.open(name, 'w'))).toBe(EINVAL);
  });
});

describe('Directories', () => {
  it('nest, and lead up again', () => {
    const { fs } = fresh();
    fs.makeDirectory('lib');
    fs.makeDirectory('/lib/pkg');
    fs.changeDirectory('lib/pkg');
    expect(pathText(fs.currentDirectory())).toBe('/lib/pkg');
    put(fs, '../m.py', 'x');
    expect(fs.kindOf('/lib/m.py')).toBe('file');
    fs.changeDirectory('..');
    expect(pathText(fs.currentDirectory())).toBe('/lib');
    fs.changeDirectory('/');
    expect(pathText(fs.currentDirectory())).toBe('/');
  });

  it('are removed when they are empty, by the right call', () => {
    const { fs } = fresh();
    fs.makeDirectory('d');
    put(fs, 'd/f', 'x');
    expect(errnoOf(() => fs.remove('d'))).toBe(EISDIR);
    expect(errnoOf(() => fs.removeDirectory('d/f'))).toBe(ENOTDIR);
    expect(errnoOf(() => fs.removeDirectory('d'))).toBe(EACCES);
    fs.remove('d/f');
    fs.removeDirectory('d');
    expect([...fs.list()]).toEqual([]);
  });

  it('move with what they hold', () => {
    const { device, fs } = fresh();
    writeTree(fs, new Map([['/a/b/f', text('1')]]));
    fs.makeDirectory('c');
    fs.rename('a/b', 'c/d');
    expect([...readTree(fs).keys()]).toEqual(['/a/', '/c/d/f']);
    expect(checkFat(device)).toEqual([]);
  });

  it('grow beyond a cluster, but for the root of FAT12', () => {
    const { device, fs } = fresh(2000);
    fs.makeDirectory('d');
    for (let i = 0; i < 60; i++) put(fs, `d/a name that takes three entries ${i}`, 'x');
    expect([...fs.list('d')].length).toBe(60);
    expect(errnoOf(() => Array.from({ length: 600 }, (_, i) => put(fs, `f${i}`, '')))).toBe(EACCES);
    expect([...fs.list()].length).toBe(512);
    expect(checkFat(device)).toEqual([]);
  });
});

describe('Mounting', () => {
  it('of a blank device waits for mkfs', () => {
    const fs = new FatFilesystem(new RamDevice(512, 100));
    expect(errnoOf(() => fs.mount(false, false))).toBe(ENODEV);
    fs.mount(false, true);
    put(fs, 'a', 'x');
  });

  it('read-only refuses every change with EROFS', () => {
    const { fs } = fresh();
    put(fs, 'a', 'x');
    fs.mount(true, false);
    expect([
      errnoOf(() => fs.open('b', 'w')),
      errnoOf(() => fs.remove('a')),
      errnoOf(() => fs.makeDirectory('d')),
      errnoOf(() => fs.rename('a', 'b')),
    ]).toEqual(Array(4).fill(EROFS));
    expect(readFile(fs, 'a')).toEqual(text('x'));
  });
});

describe('Damaged volumes', () => {
  it('are never a fault of the host, nor an endless loop', () => {
    const { device, fs } = fresh(300);
    writeTree(fs, new Map(Array.from({ length: 12 }, (_, i) => [`/d${i % 3}/some longer name ${i}.txt`, text('x'.repeat(i * 300))])));
    const good = device.save();
    let seed = 12345;
    const random = (below: number) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 400; round++) {
      device.load(good);
      for (let i = 0; i <= random(40); i++) device.bytes[random(round % 2 ? 512 * 40 : device.bytes.length)] = random(256);
      attempt(() => checkFat(device));
      attempt(() => {
        const damaged = new FatFilesystem(device);
        attempt(() => readTree(damaged));
        attempt(() => damaged.statistics());
        attempt(() => put(damaged, 'new file.txt', 'y'.repeat(3000)));
        attempt(() => damaged.rename('d0', 'd1/d0'));
        attempt(() => damaged.remove('new file.txt'));
        attempt(() => damaged.changeDirectory('d1'));
        attempt(() => damaged.currentDirectory());
      });
    }
  });

  it('are told from sound ones', () => {
    const { device, fs } = fresh();
    writeTree(
      fs,
      new Map([
        ['/a', text('x'.repeat(2000))],
        ['/b', text('y'.repeat(900))],
      ]),
    );
    expect(checkFat(device)).toEqual([]);
    // Entry of cluster 3 in the table of FAT12: free, though a file's chain leads there.
    device.bytes[512 + 4] &= 0x0f;
    device.bytes[512 + 5] = 0;
    const problems = checkFat(device);
    expect(problems.map(problem => problem.kind)).toEqual(['broken chain', 'lost clusters']);
    expect(isUsable(problems)).toBe(false);
  });
});

function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

const missing = ['fsck.fat', 'mcopy'].filter(tool => spawnSync(tool, ['--help']).error);

describe.skipIf(missing.length > 0)(`Tools of Debian${missing.length ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  function inFile<T>(device: RamDevice, use: (file: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'boardspec-fat-'));
    try {
      const file = join(folder, 'image');
      writeFileSync(file, device.bytes);
      return use(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it.each([200, 9000, 140_000])('find a volume of %i blocks sound after work on it', blocks => {
    const { device, fs } = fresh(blocks);
    writeTree(fs, new Map(Array.from({ length: 20 }, (_, i) => [`/dir ${i % 4}/File number ${i}.txt`, text('z'.repeat(i * 97))])));
    fs.remove('/dir 1/File number 5.txt');
    fs.rename('/dir 2', '/dir 3/moved');
    fs.volume.sync();
    const { status, stdout } = inFile(device, file => spawnSync('fsck.fat', ['-n', file], { encoding: 'utf8' }));
    expect(stdout).toContain('files');
    expect(status).toBe(0);
  });

  it('put files in that the board sees', () => {
    const { device } = fresh(400);
    inFile(device, file => {
      const source = join(file, '..', 'from the host.py');
      writeFileSync(source, 'print(1)\n');
      execFileSync('mmd', ['-i', file, '::/lib']);
      execFileSync('mcopy', ['-i', file, source, '::/lib/']);
      device.load(readFileSync(file));
    });
    expect(readTree(new FatFilesystem(device))).toEqual(new Map([['/lib/from the host.py', text('print(1)\n')]]));
    expect(checkFat(device)).toEqual([]);
  });
});
