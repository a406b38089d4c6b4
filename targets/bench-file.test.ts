import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mediumFrom, readBenchFile } from './bench-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a bench has boards, media, parts and wires', () => {
  mkdirSync(join(folder, 'files', 'lib'), { recursive: true });
  file('files/main.py', 'print(1)\n');
  file('files/lib/x.py', '');
  const bench = readBenchFile(
    file(
      'bench.yaml',
      `boards:
  left: pyboard-v1.1
  right: { board: pyblite-v1.0, flash: ./files, heap: 50000 }
parts:
  eeprom: { kind: 24c256, pins: { SCL: left.X9, SDA: left.X10 }, options: { address: 0x51 } }
wires:
  - [left.X1, right.X2]
  - { pins: [left.X9], pull: up, ohms: 4700 }
seed: 7
`,
    ),
  );
  expect(bench.boards.map(({ name, board }) => [name, board])).toEqual([
    ['left', 'pyboard-v1.1'],
    ['right', 'pyblite-v1.0'],
  ]);
  expect(bench.boards[1].flash).toMatchObject({ kind: 'files' });
  expect(Object.keys((bench.boards[1].flash as { files: object }).files)).toEqual(['lib/x.py', 'main.py']);
  expect(bench.parts).toEqual([{ name: 'eeprom', kind: '24c256', pins: { SCL: 'left.X9', SDA: 'left.X10' }, options: { address: 0x51 } }]);
  expect(bench.wires).toEqual([{ pins: ['left.X1', 'right.X2'] }, { pins: ['left.X9'], pull: { to: 'high', ohms: 4700 } }]);
  expect(bench.seed).toBe(7);
});

test('a mistake is told with the file and the field', () => {
  expect(() => readBenchFile(file('bad.yaml', 'boards: { a: { bord: pyboard-v1.1 } }'))).toThrow(/bad\.yaml: .*boards\.a/);
  expect(() => readBenchFile(file('worse.yaml', 'boards: [unclosed'))).toThrow(/worse\.yaml: /);
  expect(() => readBenchFile(join(folder, 'none.yaml'))).toThrow('there is no such file');
});

test('a file is an image, and what is not there is said', () => {
  expect(mediumFrom(file('card.img', 'abc'))).toEqual({ kind: 'image', bytes: Buffer.from('abc') });
  expect(() => mediumFrom(join(folder, 'nothing'))).toThrow('there is no such folder or image');
});
