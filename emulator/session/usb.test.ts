import { afterAll, expect, it } from 'vitest';
import { createPool } from './pool.ts';

const pool = createPool();
afterAll(() => pool.close());

it('tells the computer when the board loses its power in the middle of a write to its drive', async () => {
  const session = await pool.open({ boards: [{ name: 'dut', board: 'pyboard-v1.1' }] });
  const board = session.boards.get('dut')!;
  await board.powerOn();
  await session.advanceUntil({ kind: 'idle' }, 1e9);
  await board.usb.drive.writeFile('new.txt', new Uint8Array(2000));
  await session.faults.inject({ kind: 'power-cut-at-write', medium: 'flash', write: 1, after: 100 });
  await expect(board.usb.drive.eject()).rejects.toMatchObject({ code: 'wrong-state', message: expect.stringContaining('lost its power') });
  expect((await board.state()).phase).toBe('off');
  await session.faults.clearAll();
  await board.powerOn();
  expect((await session.advanceUntil({ kind: 'idle' }, 10e9)).reason).toBe('met');
  await session.close();
});

it('takes no Ctrl-C for a program while the board is in reset', async () => {
  const session = await pool.open({ boards: [{ name: 'dut', board: 'pyboard-v1.1' }] });
  const board = session.boards.get('dut')!;
  await board.powerOn();
  await session.advanceUntil({ kind: 'idle' }, 1e9);
  await board.serial().write('while True: pass\r\r');
  await session.advance(50e6);
  await board.holdReset(true);
  await board.serial().write('\x03');
  await session.advance(50e6);
  await board.holdReset(false);
  await session.advanceUntil({ kind: 'idle' }, 1e9);
  expect(Buffer.from(await board.serial().read()).toString()).not.toContain('KeyboardInterrupt');
  await session.close();
});
