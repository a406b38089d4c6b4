import { describe, expect, it } from 'vitest';
import { STM32F405_FLASH_DRIVE } from './flash-drive.ts';
import { FlashMedium } from './flash-medium.ts';
import type { Medium } from './medium.ts';
import { checkMedium, type FilesystemKind, formatMedium, MediumFiles } from './medium-files.ts';
import { SdCard } from './sd-card.ts';
import { StorageError } from './storage-error.ts';

const text = (contents: string) => new TextEncoder().encode(contents);
const FILES = new Map([
  ['main.py', text('print("hi")\n')],
  ['/lib/deep/Größe.txt', text('ü'.repeat(900))],
  ['empty/', new Uint8Array(0)],
]);

const media: [string, () => Medium][] = [
  ['flash', () => new FlashMedium(STM32F405_FLASH_DRIVE.sectors)],
  ['an SD card', () => new SdCard(4 * 1024 * 1024)],
];
const kinds: FilesystemKind[] = ['fat', 'littlefs1', 'littlefs2'];

describe.each(media)('The files on %s', (_name, make) => {
  it.each(kinds)('are put on and taken off as %s', kind => {
    const medium = make();
    formatMedium(medium, FILES, { kind });
    expect(medium.operations).toBe(0);
    const files = new MediumFiles(medium);
    expect(files.kind).toBe(kind);
    expect(files.list().map(entry => entry.path)).toEqual(
      expect.arrayContaining(['main.py', 'lib', 'lib/deep', 'lib/deep/Größe.txt', 'empty']),
    );
    expect(files.read('/lib/deep/Größe.txt')).toEqual(text('ü'.repeat(900)));
    expect(files.read('none')).toBeUndefined();
    files.write('lib/new.py', text('1'));
    expect([files.remove('main.py'), files.remove('main.py')]).toEqual([true, false]);
    const again = new MediumFiles(medium);
    expect([again.read('lib/new.py'), again.read('main.py')]).toEqual([text('1'), undefined]);
    expect(checkMedium(medium)).toEqual([]);
  });

  it.each(kinds)('are not to be had from a damaged %s', kind => {
    const medium = make();
    formatMedium(medium, FILES, { kind });
    medium.poke(0, new Uint8Array(8192).fill(0));
    expect(() => new MediumFiles(medium).list()).toThrow(StorageError);
    expect(checkMedium(medium)).not.toEqual([]);
  });
});

describe('A medium that is blank', () => {
  it('has no filesystem, and is not sound', () => {
    const medium = new FlashMedium(STM32F405_FLASH_DRIVE.sectors);
    expect(() => new MediumFiles(medium)).toThrow(StorageError);
    expect(checkMedium(medium)).toEqual(['/: there is no FAT volume']);
  });
});
