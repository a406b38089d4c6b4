/** `boardspec firmware` and `boardspec flash` as a user meets them: what they write and say, and how they refuse. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../targets/package-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-firmware-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function boardspec(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

beforeAll(() => {
  writeFileSync(join(folder, 'manifest.py'), 'include("$(BOARD_DIR)/manifest.py")\nmodule("greeting.py")\n');
  writeFileSync(join(folder, 'greeting.py'), 'def hello():\n    return "hello from ROM"\n');
  expect(boardspec('firmware', '--manifest', 'manifest.py', '-o', 'ours.dfu').status).toBe(0);
});

describe('boardspec firmware', () => {
  it('lists what it has frozen', () => {
    const { stdout, status } = boardspec('firmware', '--manifest', 'manifest.py', '--date', '2026-01-02', '-o', 'dated.hex');
    expect(status).toBe(0);
    expect(stdout).toMatch(/code +\d+ {2}greeting\.py/);
    expect(stdout).toContain('dated.hex: MicroPython v1.27.0 on 2026-01-02 for pyboard-v1.1, with the compiler; 11 modules frozen');
    expect(readFileSync(join(folder, 'dated.hex'), 'latin1')).toMatch(/^:020000040800F2\r\n/);
    expect(boardspec('run', '--firmware', 'dated.hex', '-c', 'import os, sys; print(os.uname().version, sys.version)').stdout).toBe(
      'v1.27.0 on 2026-01-02 3.4.0; MicroPython v1.27.0 on 2026-01-02\n',
    );
  });

  it('writes what dfu-util knows as a DFU file', ({ skip }) => {
    const checked = spawnSync('dfu-suffix', ['-c', join(folder, 'ours.dfu')], { encoding: 'utf8' });
    if (checked.error !== undefined) skip('dfu-suffix, of dfu-util, is not installed');
    expect(checked.status, checked.stderr).toBe(0);
    expect(checked.stdout).toMatch(/Product ID:\s+0xDF11\nVendor ID:\s+0x0483\n/);
  });

  it('refuses in one line, and writes nothing', () => {
    const cases: [string[], string][] = [
      [['--manifest', 'none.py'], 'boardspec: there is no manifest none.py\n'],
      [['-o', 'x.bin'], 'boardspec: x.bin: a firmware file ends with .dfu or .hex\n'],
      [['-o', 'none/x.dfu'], 'boardspec: cannot write none/x.dfu: '],
    ];
    for (const [args, message] of cases) {
      const { status, stderr } = boardspec('firmware', '-o', 'x.dfu', ...args);
      expect(status, args.join(' ')).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(existsSync(join(folder, 'x.dfu'))).toBe(false);
  });
});

describe('boardspec flash', () => {
  it('installs a file and shows how the board starts', () => {
    const { status, stdout } = boardspec('flash', 'ours.dfu');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ours\.dfu is installed on pyboard-v1\.1; that took \d+\.\d s of the board's time\n/);
    expect(stdout).toContain('MicroPython v1.27.0 on 2025-12-09; PYBv1.1 with STM32F405RG');
  });

  it('keeps the board in a folder, with its files', () => {
    const bench = join('kept', 'bench.yaml');
    expect(boardspec('flash', 'ours.dfu', '--into', 'kept', '-q')).toMatchObject({ status: 0, stdout: '' });
    const hello = boardspec('run', '--bench', bench, '-c', 'import greeting; print(greeting.hello())');
    expect(hello).toMatchObject({ status: 0, stdout: 'hello from ROM\n' });
    boardspec('firmware', '-o', 'stock.dfu', '-q');
    writeFileSync(join(folder, bench), `# mine\n${readFileSync(join(folder, bench), 'utf8')}seed: 7\n`);
    expect(boardspec('flash', 'stock.dfu', '--into', 'kept').status).toBe(0);
    expect(boardspec('run', '--bench', bench, '-c', 'import greeting').stdout).toContain("ImportError: no module named 'greeting'");
    expect(readFileSync(join(folder, bench), 'utf8')).toMatch(/^# mine\n[\s\S]*seed: 7/);
  });

  it('refuses a file that is broken, for another board, or not there; the kept board stays as it is', () => {
    boardspec('flash', 'ours.dfu', '--into', 'safe', '-q');
    writeFileSync(join(folder, 'short.dfu'), readFileSync(join(folder, 'ours.dfu')).subarray(0, 5000));
    boardspec('firmware', '--board', 'pyblite-v1.0', '-o', 'lite.dfu', '-q');
    const before = readFileSync(join(folder, 'safe', 'firmware.dfu'));
    for (const [file, message] of [
      ['short.dfu', 'short.dfu: the firmware file is refused: it is cut short: 5000 bytes of'],
      ['lite.dfu', 'it is for the board pyblite-v1.0, and this is a pyboard-v1.1'],
      ['manifest.py', 'it is no firmware file'],
      ['none.dfu', 'none.dfu: there is no such firmware file'],
    ]) {
      const { status, stderr } = boardspec('flash', file, '--into', 'safe');
      expect(status, file).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(readFileSync(join(folder, 'safe', 'firmware.dfu')).equals(before)).toBe(true);
  });

  it('does not take a folder that holds something else', () => {
    expect(boardspec('flash', 'ours.dfu', '--into', '.').stderr).toBe(
      'boardspec: . is not empty, and holds no bench.yaml: name another folder\n',
    );
  });
});

describe('--firmware', () => {
  it('runs a compiled program where nothing can be compiled', () => {
    writeFileSync(join(folder, 'empty.py'), '');
    writeFileSync(join(folder, 'p.py'), 'import sys\nprint("ran")\nsys.exit(3)\n');
    boardspec('firmware', '--manifest', 'empty.py', '--no-compiler', '-o', 'bare.dfu', '-q');
    boardspec('compile', 'p.py');
    expect(boardspec('run', '--firmware', 'bare.dfu', 'p.mpy')).toMatchObject({ status: 3, stdout: 'ran\n' });
    expect(boardspec('run', '--firmware', 'bare.dfu', 'p.py')).toMatchObject({
      status: 1,
      stdout: 'RuntimeError: script compilation not supported\n',
    });
  });

  it('is refused when it is none', () => {
    const { status, stderr } = boardspec('run', '--firmware', 'p.py', '-c', 'print(1)');
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain('it is no firmware file');
  });

  it('ends with its input where there is no prompt', () => {
    const { status } = boardspec('repl', '--stdio', '--firmware', 'bare.dfu');
    expect(status).toBe(0);
  });
});
