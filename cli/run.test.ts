/** How `boardspec run` ends, as a user meets it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../targets/package-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(folder, 'p.py'), program);
  return spawnSync(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), 'run', '--wall-limit', '20', ...options, 'p.py'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const wildPointer = (arch: 'thumb' | 'rv32', ...instructions: string[]) => `
@micropython.asm_${arch}
def wild():
    ${instructions.join('\n    ')}
print('before')
wild()
print('after')
`;

describe('a hard fault', () => {
  it('ends the run as an error, where the board would start the program again and again', () => {
    expect(run(wildPointer('thumb', 'movwt(r0, 0xc0000000)', 'ldr(r1, [r0, 4])'))).toMatchObject({
      status: 1,
      stdout: 'before\n',
      stderr: 'boardspec: hard fault at p.py:7 in <module>: access to 0xc0000004, where nothing answers\n',
    });
  });

  it('ends it too when the runtime makes it, and on one of several boards', () => {
    writeFileSync(join(folder, 'bench.yaml'), 'boards:\n  left: pyboard-v1.1\n  right: pyboard-v1.1\n');
    const { status, stdout, stderr } = run('import machine\nprint(1)\nmachine.mem32[0x90000000]\n', '--bench', 'bench.yaml');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '1\n' });
    expect(stderr).toMatch(/^boardspec: hard fault at p\.py:3 in <module>: access to 0x90000000, where nothing answers\n$/);
  });

  it('shows the registers first, after fault_debug', () => {
    const program = `import pyb\npyb.fault_debug(True)${wildPointer('thumb', 'data(2, 0xde00)')}`;
    const { status, stdout, stderr } = run(program);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^before\nHardFault\r\nR0 /);
    expect(stderr).toMatch(/: undefined instruction at 0x2000[0-9a-f]{4}\n$/);
  });

  it('ends a board without hardware in the same way', () => {
    expect(run(wildPointer('rv32', 'lui(a0, 0xc0000)', 'lw(a0, 0(a0))'), '--board', 'qemu-virt-rv32')).toMatchObject({
      status: 1,
      stdout: 'before\n',
      stderr: 'boardspec: hard fault at p.py:7 in <module>: access to 0xc0000000, where nothing answers\n',
    });
  });
});

describe('a reset that the program asks for', () => {
  it('starts the program again', () => {
    const program = 'import machine\nprint(machine.reset_cause())\nif machine.reset_cause() == machine.PWRON_RESET: machine.reset()\n';
    expect(run(program)).toMatchObject({ status: 0, stdout: '1\n2\n', stderr: '' });
  });

  it('into the bootloader is told', () => {
    expect(run('import machine\nmachine.bootloader()\n')).toMatchObject({
      status: 1,
      stderr: 'boardspec: the program has not ended: the board waits in its bootloader\n',
    });
  });
});
