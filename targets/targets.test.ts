import { afterAll, describe, expect, test } from 'vitest';
import { createTarget, targetNames } from './index.ts';
import { CapabilityMissing, UnknownBoardError, UnknownTargetError } from './target.ts';

describe('choosing a target', () => {
  test('that does not exist says what there is', () => {
    expect(() => createTarget('emulador')).toThrow(UnknownTargetError);
    expect(() => createTarget('emulador')).toThrow(`there are: ${targetNames.join(', ')}`);
  });

  test('that is planned says that it is not built yet', () => {
    for (const name of ['process', 'container', 'serial', 'rp2040js']) expect(() => createTarget(name)).toThrow('not built yet');
  });
});

describe('the official WebAssembly build as a target', () => {
  const target = createTarget('wasm', { wallLimit: 2000 });
  afterAll(() => target.close());

  test('runs code, and keeps output and errors apart', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'webassembly' }] });
    const result = await session.boards.get('board')!.execute("print('out')\nraise ValueError('bad')\n", 1e9);
    expect(Buffer.from(result.stdout).toString()).toBe('out\n');
    expect(Buffer.from(result.stderr).toString()).toMatch(/ValueError: bad\r\n$/);
    await session.close();
  });

  test('speaks at its prompt', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'webassembly' }] });
    const serial = session.boards.get('board')!.serial();
    await serial.write('6 * 7\r');
    const { reason } = await session.advanceUntil({ kind: 'serial', text: '42' }, 1e9);
    expect(reason).toBe('met');
    await session.close();
  });

  test('is ended when a program uses up its host time, and harms no other bench', async () => {
    const [stuck, well] = await Promise.all([
      target.open({ boards: [{ name: 'board', board: 'webassembly' }] }),
      target.open({ boards: [{ name: 'board', board: 'webassembly' }] }),
    ]);
    await expect(stuck.boards.get('board')!.execute('while True: pass', 1e9)).rejects.toThrow('did not end within 2000 ms');
    const result = await well.boards.get('board')!.execute('print(1)', 1e9);
    expect(Buffer.from(result.stdout).toString()).toBe('1\n');
    await Promise.all([stuck.close(), well.close()]);
  });

  test('refuses what it does not have, saying what that is', async () => {
    await expect(target.open({ boards: [{ board: 'pyboard-v1.1' }] })).rejects.toThrow(UnknownBoardError);
    await expect(target.open({ boards: [{ board: 'webassembly' }, { name: 'b', board: 'webassembly' }] })).rejects.toThrow(
      CapabilityMissing,
    );
    const session = await target.open({ boards: [{ name: 'board', board: 'webassembly' }] });
    await expect(session.advanceUntil({ kind: 'level', pin: 'X1', level: 'high' }, 1)).rejects.toThrow(
      'target "wasm" has no pins to measure and drive',
    );
    await session.close();
  });
});

describe('the virtual board as a target', () => {
  const target = createTarget('emulator');
  afterAll(() => target.close());

  test('runs code in virtual time', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'pyboard-v1.1' }] });
    const board = session.boards.get('board')!;
    await board.powerOn!();
    await session.advanceUntil({ kind: 'idle' }, 10e9);
    const before = session.now;
    const result = await board.execute('import time\ntime.sleep(1)\nprint(2)', 10e9);
    expect(Buffer.from(result.stdout).toString()).toBe('2\r\n');
    // The firmware counts ticks of a millisecond, the first of which is already under way.
    expect(session.now - before).toBeGreaterThanOrEqual(0.999e9);
    expect(session.now - before).toBeLessThan(1.1e9);
    await session.close();
  });
});

describe('the virtual board under a client that misbehaves', () => {
  const target = createTarget('emulator');
  afterAll(() => target.close());

  test('takes Ctrl-C while it is in its bootloader, where nobody listens, and answers after RST', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'pyboard-v1.1' }] });
    const board = session.boards.get('board')!;
    const prompt = { kind: 'serial', text: '>>> ' } as const;
    await board.powerOn!();
    await session.advanceUntil(prompt, 5e9);
    await board.serial().write('import machine; machine.bootloader()\r');
    await session.advance(1e8);
    expect((await board.state!()).phase).toBe('bootloader');
    await board.serial().write('\x03\x03\x01');
    await session.advance(1e8);
    await board.serial().read();
    await board.holdReset!(true);
    await board.holdReset!(false);
    expect((await session.advanceUntil(prompt, 5e9)).reason).toBe('met');
    await session.close();
  });

  test('keeps its pace beside a guest that prints without end', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'pyboard-v1.1' }], wallLimit: 20_000 });
    const board = session.boards.get('board')!;
    await board.powerOn!();
    await session.advanceUntil({ kind: 'serial', text: '>>> ' }, 5e9);
    // Some 700,000 bytes: this took an hour when each line was searched from the first on.
    const { stdout, ended } = await board.execute('while True: print("Task One!")', 1e9);
    expect(ended).toBe('limit');
    expect(stdout.length).toBeGreaterThan(500_000);
    await session.close();
  });

  test('waits, in no virtual time, for a listener that is not done with what was printed', async () => {
    const session = await target.open({ boards: [{ name: 'board', board: 'pyboard-v1.1' }], wallLimit: 60_000 });
    const board = session.boards.get('board')!;
    await board.powerOn!();
    await session.advanceUntil({ kind: 'serial', text: '>>> ' }, 5e9);
    let heard = 0;
    let goOn = () => {};
    const held = new Promise<void>(resolve => (goOn = resolve));
    let full = () => {};
    const filled = new Promise<void>(resolve => (full = resolve));
    board.serial().onData(bytes => {
      heard += bytes.length;
      if (heard > 1 << 20) full();
      return held;
    });
    const ended = board.execute('for i in range(3000): print("x" * 999)', 60e9);
    await filled;
    for (let turn = 0; turn < 100; turn++) await new Promise(resolve => setImmediate(resolve));
    expect(heard).toBeLessThan(1.1 * (1 << 20));
    goOn();
    expect((await ended).stdout.length).toBe(3000 * 1001);
    await session.close();
  });
});
