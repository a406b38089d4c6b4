/**
 * The power is cut at every single write of a workload, with nothing, half and all of that write done.
 *
 * littlefs must then mount, and show the files as they were before or after the call that was cut. FAT promises nothing of
 * the kind; but a volume that was damaged must never pass for sound, which `fsck.fat` judges too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFat } from './fat/check.ts';
import { FatFilesystem } from './fat/fat-filesystem.ts';
import type { Filesystem } from './filesystem.ts';
import { Littlefs1Filesystem } from './littlefs1/littlefs1-filesystem.ts';
import { Littlefs2Filesystem } from './littlefs2/littlefs2-filesystem.ts';
import { PowerLost } from './medium.ts';
import { RamDevice } from './ram-device.ts';
import { readFile, readTree } from './tree.ts';

const PROGRESS = [0, 0.5, 1];

/** Calls that change a filesystem, each of which a power cut may hit. */
function* workload(fs: Filesystem): Generator<void> {
  fs.makeDirectory('log');
  yield;
  for (let i = 0; i < 6; i++) {
    const file = fs.open(`log/entry ${i}.txt`, 'w');
    yield;
    file.write(new Uint8Array(90 + i * 170).fill(65 + i));
    yield;
    file.close();
    yield;
  }
  const appended = fs.open('log/entry 1.txt', 'a');
  appended.write(new Uint8Array(700).fill(97));
  yield;
  appended.flush();
  yield;
  appended.write(new Uint8Array(40).fill(98));
  appended.close();
  yield;
  fs.makeDirectory('old');
  yield;
  fs.rename('log/entry 2.txt', 'old/second');
  yield;
  fs.rename('log/entry 3.txt', 'log/renamed in its place');
  yield;
  fs.remove('log/entry 4.txt');
  yield;
  const changed = fs.open('log/entry 5.txt', 'r+');
  changed.seek(300, 0);
  changed.write(new Uint8Array(20).fill(99));
  changed.close();
  yield;
  fs.rename('old', 'log/older');
  yield;
  fs.makeDirectory('empty');
  yield;
  fs.removeDirectory('empty');
  yield;
  for (let i = 0; i < 12; i++) {
    const counter = fs.open('counter', 'w');
    yield;
    counter.write(new Uint8Array(8).fill(48 + i));
    counter.close();
    yield;
  }
}

interface Kind {
  device: () => RamDevice;
  format: (device: RamDevice) => void;
  mount: (device: RamDevice) => Filesystem;
}

const littlefs2: Kind = {
  device: () => new RamDevice(512, 64, 0xff),
  format: device => Littlefs2Filesystem.format(device),
  mount: device => new Littlefs2Filesystem(device),
};

const littlefs1: Kind = {
  device: () => new RamDevice(512, 64, 0xff),
  format: device => Littlefs1Filesystem.format(device),
  mount: device => new Littlefs1Filesystem(device),
};

const fat: Kind = {
  device: () => new RamDevice(512, 100),
  format: device => FatFilesystem.format(device),
  mount: device => new FatFilesystem(device),
};

function describeTree(fs: Filesystem): string {
  return [...readTree(fs)].map(([path, contents]) => `${path}=${Buffer.from(contents).toString('hex')}`).join('\n');
}

function copyOf(kind: Kind, device: RamDevice): RamDevice {
  const copy = kind.device();
  copy.load(device.save());
  return copy;
}

/** What a fresh mount shows after each call, if nothing goes wrong; and the number of writes. */
function rehearse(kind: Kind): { states: string[]; operations: number[] } {
  const device = kind.device();
  kind.format(device);
  const fs = kind.mount(device);
  const first = device.operations;
  const states = [describeTree(kind.mount(copyOf(kind, device)))];
  const operations = [0];
  for (const _ of workload(fs)) {
    states.push(describeTree(kind.mount(copyOf(kind, device))));
    operations.push(device.operations - first);
  }
  return { states, operations };
}

/** Runs the workload until the power goes. @returns the number of calls that were completed */
function runUntilCut(kind: Kind, cut: number, progress: number): { device: RamDevice; completed: number } {
  const device = kind.device();
  kind.format(device);
  const fs = kind.mount(device);
  device.cutPowerAfter(cut, progress);
  let completed = 0;
  try {
    for (const _ of workload(fs)) completed++;
  } catch (error) {
    if (!(error instanceof PowerLost)) throw error;
  }
  device.restorePower();
  return { device, completed };
}

describe('A power cut at any write', () => {
  it('leaves littlefs 2 with its old or its new contents, and fit for use', () => {
    const { states, operations } = rehearse(littlefs2);
    const total = operations[operations.length - 1];
    expect(total).toBeGreaterThan(100);
    for (let cut = 0; cut < total; cut++) {
      for (const progress of PROGRESS) {
        const { device, completed } = runUntilCut(littlefs2, cut, progress);
        const fs = new Littlefs2Filesystem(device);
        const where = `cut at write ${cut}, ${progress * 100} % done, in call ${completed}`;
        const before = describeTree(fs);
        // As in the official build, a move that was cut hides one entry more than it should, until the first change.
        if (!fs.fs.globalOnDisk.hasMove) expect([states[completed], states[completed + 1]], where).toContain(before);
        const file = fs.open('after the cut', 'w');
        file.write(new Uint8Array(1000));
        file.close();
        fs.remove('after the cut');
        const after = describeTree(new Littlefs2Filesystem(device));
        expect([states[completed], states[completed + 1]], where).toContain(after);
      }
    }
  });

  it('leaves littlefs 1 with its old or its new contents, and fit for use', () => {
    const { states, operations } = rehearse(littlefs1);
    const total = operations[operations.length - 1];
    for (let cut = 0; cut < total; cut++) {
      for (const progress of PROGRESS) {
        const { device, completed } = runUntilCut(littlefs1, cut, progress);
        const where = `cut at write ${cut}, ${progress * 100} % done, in call ${completed}`;
        const fs = new Littlefs1Filesystem(device);
        expect([states[completed], states[completed + 1]], where).toContain(describeTree(fs));
        const file = fs.open('after the cut', 'w');
        file.write(new Uint8Array(1000));
        file.close();
        fs.remove('after the cut');
        expect([states[completed], states[completed + 1]], where).toContain(describeTree(new Littlefs1Filesystem(device)));
      }
    }
  });

  it('leaves littlefs 2 with its contents when a second cut hits the mending after the first', () => {
    const { states, operations } = rehearse(littlefs2);
    const total = operations[operations.length - 1];
    for (let cut = 0; cut < total; cut += 3) {
      const { device, completed } = runUntilCut(littlefs2, cut, 0.5);
      const damaged = device.save();
      for (let second = 0; second < 4; second++) {
        device.load(damaged);
        device.cutPowerAfter(second, 0.5);
        try {
          new Littlefs2Filesystem(device).makeDirectory('mended');
        } catch (error) {
          if (!(error instanceof PowerLost)) throw error;
        }
        device.restorePower();
        const fs = new Littlefs2Filesystem(device);
        if (fs.kindOf('mended') === 'none') fs.makeDirectory('mended');
        fs.removeDirectory('mended');
        expect([states[completed], states[completed + 1]], `cuts at ${cut} and ${second}`).toContain(describeTree(fs));
      }
    }
  });

  const fsckMissing = spawnSync('fsck.fat', ['--help']).error !== undefined;

  it.skipIf(fsckMissing)('may damage FAT, but never without our check and fsck.fat both noticing', () => {
    const { operations } = rehearse(fat);
    const total = operations[operations.length - 1];
    const folder = mkdtempSync(join(tmpdir(), 'boardspec-cut-'));
    const image = join(folder, 'image');
    let damaged = 0;
    try {
      for (let cut = 0; cut < total; cut++) {
        const { device } = runUntilCut(fat, cut, cut % 2 ? 1 : 0);
        const problems = checkFat(device);
        writeFileSync(image, device.bytes);
        const { status, stdout } = spawnSync('fsck.fat', ['-n', image], { encoding: 'utf8' });
        const where = `cut at write ${cut}: ${problems.map(problem => `${problem.path}: ${problem.text}`).join('; ')} | ${stdout}`;
        expect(problems.length > 0, where).toBe(status !== 0);
        if (problems.length > 0) damaged++;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(damaged).toBeGreaterThan(10);
    expect(damaged).toBeLessThan(total);
  });

  it('lets a FAT file survive that nobody is writing, if the medium writes whole sectors', () => {
    const { operations } = rehearse(fat);
    const total = operations[operations.length - 1];
    // The first file is complete after the fourth call.
    for (let cut = operations[4]; cut < total; cut++) {
      const { device } = runUntilCut(fat, cut, cut % 2);
      const contents = readFile(new FatFilesystem(device), '/log/entry 0.txt');
      expect(Buffer.from(contents).toString(), `cut at write ${cut}`).toBe('A'.repeat(90));
    }
  });
});
