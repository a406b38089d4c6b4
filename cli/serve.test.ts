import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

function serve(...args: string[]): Promise<{ address: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [boardspec, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', data => {
      text += data;
      if (text.includes('\n')) resolve({ address: text.slice(0, text.indexOf('\n')), child });
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

const mpremote = spawnSync('mpremote', ['version'], { encoding: 'utf8' });
test.skipIf(mpremote.status !== 0)('mpremote copies files and runs code (skipped when it is not installed)', async () => {
  const { address } = await serve('--pty');
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-serve-'));
  folders.push(folder);
  writeFileSync(join(folder, 'lamp.py'), 'def state():\n    return "lit"\n');
  const remote = (...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync('mpremote', ['connect', address, ...args], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  };
  remote('fs', 'cp', join(folder, 'lamp.py'), ':lamp.py');
  expect(remote('exec', 'import lamp; print(lamp.state())')).toBe('lit\r\n');
  expect(remote('fs', 'cat', ':lamp.py')).toContain('return "lit"');
});

test('run finds on the board what --flash and --sd name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-run-'));
  folders.push(folder);
  writeFileSync(join(folder, 'lamp.py'), 'print("imported")');
  const code = 'import lamp, os; print(os.listdir("/"))';
  const run = (...args: string[]): string =>
    spawnSync(process.execPath, [boardspec, 'run', ...args, '-c', code], { encoding: 'utf8' }).stdout;
  expect(run('--flash', folder)).toBe("imported\n['flash']\n");
});
