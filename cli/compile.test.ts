import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { crossCompile } from './cross-compile.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-compile-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stdout = '';
let stderr = '';
beforeEach(() => {
  stdout = stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => ((stdout += text), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(text => ((stderr += text), true));
  return () => vi.restoreAllMocks();
});

const path = (name: string): string => join(folder, name);

function source(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

describe('boardspec compile', () => {
  it('writes a .mpy file beside the source', async () => {
    expect(await crossCompile([source('a.py', 'x = 1\n')])).toBe(0);
    expect([...readFileSync(path('a.mpy')).subarray(0, 4)]).toEqual([0x4d, 6, 0, 31]);
  });

  it('embeds the name and writes the file that it is told', async () => {
    await crossCompile(['-s', 'lib\\name.py', '-o', path('b.mpy'), source('b.py', '')]);
    expect(readFileSync(path('b.mpy')).includes('lib/name.py')).toBe(true);
  });

  it('takes optimisation, small integers and architecture', async () => {
    const options = ['-O3', '-msmall-int-bits=0x3f', '-march=armv7emsp'];
    const native = '@micropython.native\ndef f(): pass\n';
    expect(await crossCompile([...options, '-o', path('c.mpy'), source('c.py', native)])).toBe(0);
    expect([...readFileSync(path('c.mpy')).subarray(0, 4)]).toEqual([0x4d, 6, (7 << 2) | 3, 63]);
  });

  // Exit codes and messages are those of the official mpy-cross 1.27.0.
  it.each([
    [[], 'no input file\n'],
    [['a.py', 'b.py'], 'multiple input files\n'],
    [['-X', 'emit=native', 'a.py'], 'arch not specified\n'],
    [['-march=x64', '-march-flags=zz', 'a.py'], 'unrecognised arch flags\n'],
    [['/nowhere.py'], 'OSError: (2, "can\'t open /nowhere.py")\n'],
    [[folder], 'OSError: 21\n'],
  ])('%j ends with exit code 1 and a message', async (args, message) => {
    expect(await crossCompile(args)).toBe(1);
    expect(stderr).toBe(message);
    expect(stdout).toBe('');
  });

  it.each([['-x'], ['-march=pdp11'], ['-X', 'unknown'], ['-msmall-int-bits=x', 'a.py'], ['-o']])('%j shows the usage', async (...args) => {
    expect(await crossCompile(args)).toBe(1);
    expect(stdout).toMatch(/^usage: boardspec compile /);
  });

  it('names the source that was read in errors of the parser, and the embedded one in others', async () => {
    const parser = source('d.py', 'x = (\n');
    expect(await crossCompile(['-s', 'n.py', parser])).toBe(1);
    expect(stderr).toBe(`Traceback (most recent call last):\n  File "${parser}", line 2\nSyntaxError: invalid syntax\n`);
    stderr = '';
    await crossCompile(['-s', 'n.py', source('e.py', 'def f():\n    break\n')]);
    expect(stderr).toBe(
      "Traceback (most recent call last):\n  File \"n.py\", line 2, in f\nSyntaxError: 'break'/'continue' outside loop\n",
    );
  });

  it('runs out of the heap that it is given', async () => {
    expect(await crossCompile(['-X', 'heapsize=20k', source('f.py', 'x = [1, 2]\n'.repeat(2000))])).toBe(1);
    expect(stderr).toMatch(/^MemoryError: memory allocation failed, allocating \d+ bytes\n$/);
  });

  it('tells its version in the form that tools look for', async () => {
    expect(await crossCompile(['--version'])).toBe(0);
    expect(stdout).toMatch(/^MicroPython v1\.27\.0 .*mpy-cross emitting mpy v6\.3\n$/);
  });
});
