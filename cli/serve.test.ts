import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const boardspec = fileURLToPath(new URL('../bin/boardspec.mjs', import.meta.url));
const running: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise(resolve => child.once('exit', resolve));
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Lines that `serve` prints before it is ready: one for each board. */
let addressLines = 1;

function serve(...args: string[]): Promise<{ address: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [boardspec, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', data => {
      text += data;
      if (text.split('\n').length > addressLines) resolve({ address: text.trimEnd(), child });
    });
    child.stderr!.on('data', data => reject(new Error(String(data))));
    child.on('exit', () => reject(new Error('it ended')));
  });
}

/** A client that collects what it gets, and waits for a text in it. */
class Client {
  text = '';
  private wake: () => void = () => {};
  constructor(readonly socket: Socket) {
    socket.on('data', data => {
      this.text += data.toString('latin1');
      this.wake();
    });
    socket.on('close', () => this.wake());
  }

  async until(wanted: string): Promise<void> {
    while (!this.text.includes(wanted)) {
      if (this.socket.destroyed) throw new Error(`closed after ${JSON.stringify(this.text)}`);
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }
}

const dial = (address: string): Client => {
  const { hostname, port } = new URL(address);
  return new Client(connect(Number(port), hostname));
};

describe('serve', () => {
  test('on a TCP port, for one client after the other', async () => {
    const { address } = await serve('--tcp', '0');
    const first = dial(address);
    first.socket.write('\r\x03print(6*7)\r');
    await first.until('42\r\n>>> ');
    const second = dial(address);
    await second.until('in use');
    first.socket.destroy();
    for (;;) {
      const third = dial(address);
      third.socket.write('print(40+3)\r');
      try {
        await third.until('43\r\n>>> ');
        break;
      } catch {
        // The server has not seen yet that the first one is gone.
      }
    }
  });

  test('every board of a bench, at an address of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'boardspec-serve-'));
    folders.push(folder);
    const bench = join(folder, 'bench.yaml');
    writeFileSync(bench, 'boards:\n  left: pyboard-v1.1\n  right: pyblite-v1.0\nwires:\n  - [left.X9, right.X10]\n');
    addressLines = 2;
    const { address } = await serve('--bench', bench, '--tcp', '0');
    addressLines = 1;
    const addresses = new Map(address.split('\n').map(line => line.split(' ') as [string, string]));
    expect([...addresses.keys()]).toEqual(['left', 'right']);
    const [left, right] = [dial(addresses.get('left')!), dial(addresses.get('right')!)];
    right.socket.write("\r\x03import pyb; u = pyb.UART(1, 9600, timeout=60000); print('r' + 'eady'); print(u.read(5))\r");
    await right.until('\nready');
    left.socket.write("\r\x03import pyb; pyb.UART(1, 9600).write('hello')\r");
    await right.until("b'hello'");
    left.socket.destroy();
    right.socket.destroy();
  });

  test('by RFC 2217, with its settings and its escapes', async () => {
    const { address } = await serve('--rfc2217', '127.0.0.1:0');
    expect(address).toMatch(/^rfc2217:\/\/127\.0\.0\.1:\d+$/);
    const client = dial(address);
    const send = (...bytes: number[]): boolean => client.socket.write(Uint8Array.from(bytes));
    send(255, 251, 44);
    await client.until('\xff\xfd\x2c');
    send(255, 250, 44, 1, 0, 0, 0x25, 0x80, 255, 240);
    await client.until('\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0');
    send(255, 250, 44, 5, 8, 255, 240);
    await client.until('\xff\xfa\x2c\x69\x08\xff\xf0');
    client.socket.write("\r\x03import sys; _ = sys.stdout.buffer.write(b'<\\xff>')\r");
    await client.until('<\xff\xff>');
  });

  test.skipIf(process.platform === 'win32')('as a pseudo-terminal that other programs can open', async () => {
    const { address, child } = await serve('--pty');
    expect(address).toMatch(/^\/dev\//);
    const asked = spawn(
      process.execPath,
      [
        '-e',
        `const fs = require('fs'); const fd = fs.openSync(process.argv[1], 'r+'); fs.writeSync(fd, 'print(6*7)\\r');
         let text = ''; const bytes = Buffer.alloc(256);
         while (!text.includes('42\\r\\n')) text += bytes.toString('latin1', 0, fs.readSync(fd, bytes));`,
        address,
      ],
      { stdio: 'inherit' },
    );
    running.push(asked);
    expect(await new Promise(resolve => asked.once('exit', resolve))).toBe(0);
    child.kill('SIGTERM');
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0);
  });

  test('says what is wrong in one line', () => {
    for (const [args, says] of [
      [[], 'name one of --pty, --tcp and --rfc2217'],
      [['--tcp', 'here'], '"here" is no HOST:PORT'],
      [['--tcp', '0', '--flash', 'no/such/folder'], 'no such folder'],
    ] as const) {
      const { stderr, status } = spawnSync(process.execPath, [boardspec, 'serve', ...args], { encoding: 'utf8' });
      expect(stderr).toContain(says);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(status).toBe(1);
    }
  });
});

/** A command that is there, of several ways to call it. */
const found = (...ways: string[][]): string[] | undefined =>
  ways.find(([command, ...args]) => spawnSync(command, args, { encoding: 'utf8' }).status === 0)?.slice(0, -1);

const mpremote = found(['mpremote', 'version'], ['python3', '-m', 'mpremote', 'version']);

describe.skipIf(mpremote === undefined)('mpremote (skipped where it is not installed)', () => {
  /** One command line of mpremote: what it prints, with plain line ends, and its exit code. */
  const remote = (address: string, args: readonly string[], options: { timeout?: number; cwd?: string } = {}) => {
    const [command, ...before] = mpremote!;
    const { stdout, stderr, status } = spawnSync(command, [...before, 'connect', address, ...args], {
      encoding: 'utf8',
      killSignal: 'SIGKILL',
      ...options,
    });
    return { stdout: stdout.replaceAll('\r', ''), stderr, status };
  };
  const project = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'boardspec-serve-'));
    folders.push(folder);
    mkdirSync(join(folder, 'lib', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'lib', 'lamp.py'), 'def state():\n    return "lit"\n');
    writeFileSync(
      join(folder, 'lib', 'deep', 'data.bin'),
      Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 255),
    );
    writeFileSync(join(folder, 'big.bin'), new Uint8Array(300_000));
    return folder;
  };

  test.each(['--pty', '--tcp', '--rfc2217'])('copies, runs, mounts and resets over %s', { timeout: 120_000 }, async way => {
    const { address } = await serve(way, ...(way === '--pty' ? [] : ['0']));
    const cwd = project();
    const ok = (...args: string[]): string => {
      const { stdout, stderr, status } = remote(address, args, { cwd });
      expect({ args, stderr, status }).toEqual({ args, stderr: '', status: 0 });
      return stdout;
    };
    ok('fs', 'cp', '-r', 'lib', ':');
    expect(ok('exec', 'import lamp; print(lamp.state())')).toBe('lit\n');
    expect(ok('fs', 'sha256sum', ':lib/deep/data.bin')).toContain(
      createHash('sha256')
        .update(readFileSync(join(cwd, 'lib', 'deep', 'data.bin')))
        .digest('hex'),
    );
    ok('fs', 'cp', ':lib/deep/data.bin', 'back.bin');
    expect(readFileSync(join(cwd, 'back.bin'))).toEqual(readFileSync(join(cwd, 'lib', 'deep', 'data.bin')));
    expect(
      ok('fs', 'mkdir', ':d', '+', 'fs', 'touch', ':d/x', '+', 'fs', 'ls', ':d', '+', 'fs', 'rm', ':d/x', '+', 'fs', 'rmdir', ':d'),
    ).toContain('0 x\n');
    expect(ok('mount', 'lib', 'exec', 'import os, lamp; print(os.getcwd(), lamp.__file__)')).toContain('/remote lamp.py\n');
    ok('exec', 'kept = 5');
    expect(ok('resume', 'eval', 'kept')).toBe('5\n');
    ok('reset');
    expect(ok('sleep', '0.1', 'eval', "'kept' in globals()")).toBe('False\n');
    expect(ok('df')).toContain('/flash');
    ok('rtc', '--set');
    expect(Math.abs(Number(/^\((\d+),/.exec(ok('rtc'))![1]) - new Date().getFullYear())).toBeLessThanOrEqual(1);
  });

  test('is told what does not work, and works on afterwards', { timeout: 120_000 }, async () => {
    const { address } = await serve('--pty');
    const cwd = project();
    expect(remote(address, ['fs', 'cp', 'big.bin', ':big.bin'], { cwd })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No space left on device'),
    });
    expect(remote(address, ['fs', 'rm', ':big.bin']).status).toBe(0);
    expect(remote(address, ['fs', 'cat', ':nothing']).stderr).toContain('No such file or directory');
    expect(remote(address, ['exec', '1/0'])).toMatchObject({ status: 1, stdout: expect.stringContaining('ZeroDivisionError') });
    expect(remote(address, ['eval', '6*7']).stdout).toBe('42\n');
  });

  test.each(['--pty', '--tcp', '--rfc2217'])('may be killed in the middle of anything over %s', { timeout: 120_000 }, async way => {
    const { address } = await serve(way, ...(way === '--pty' ? [] : ['0']));
    const [command, ...before] = mpremote!;
    // The program says that it runs, and goes on without end: then its client is killed.
    const client = spawn(command, [...before, 'connect', address, 'exec', "print('on', 'air')\nwhile True: pass"], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>(resolve => {
      let said = '';
      client.stdout.on('data', data => {
        said += data;
        if (said.includes('on air')) resolve();
      });
    });
    client.kill('SIGKILL');
    await new Promise(resolve => client.once('exit', resolve));
    let answer = remote(address, ['eval', '6*7']);
    // A server on TCP may not have seen yet that the client is gone.
    for (let tries = 0; answer.status !== 0 && tries < 20; tries++) answer = remote(address, ['eval', '6*7']);
    expect(answer.stdout).toBe('42\n');
  });
});

const python = found(['python3', '-c', 'import serial', ''])?.slice(0, 1);

test.skipIf(python === undefined)(
  'pyserial opens all three (skipped where Python or pyserial is not installed)',
  { timeout: 60_000 },
  async () => {
    const program = [
      'import serial, sys',
      'port = serial.serial_for_url(sys.argv[1], baudrate=115200, timeout=10)',
      "port.write(b'\\r\\x03\\x01')",
      "port.read_until(b'raw REPL; CTRL-B to exit\\r\\n>')",
      "port.write(b'print(6*7)\\x04')",
      "print(port.read_until(b'\\x04>'))",
    ].join('\n');
    for (const way of ['--pty', '--tcp', '--rfc2217']) {
      const { address, child } = await serve(way, ...(way === '--pty' ? [] : ['0']));
      const { stdout, stderr } = spawnSync(python![0], ['-c', program, address], { encoding: 'utf8', timeout: 30_000 });
      expect({ way, stdout, stderr }).toEqual({ way, stdout: "b'OK42\\r\\n\\x04\\x04>'\n", stderr: '' });
      child.kill('SIGTERM');
    }
  },
);

test('run finds on the board what --flash and --sd name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-run-'));
  folders.push(folder);
  writeFileSync(join(folder, 'lamp.py'), 'print("imported")');
  const code = 'import lamp, os; print(os.listdir("/"))';
  const run = (...args: string[]): string =>
    spawnSync(process.execPath, [boardspec, 'run', ...args, '-c', code], { encoding: 'utf8' }).stdout;
  expect(run('--flash', folder)).toBe("imported\n['flash']\n");
});
