/**
 * Two boards on one bench, wired by a UART: how long 10,000 bytes take, against one board that does the same work alone, and against two boards
 * without a wire. Prints host seconds, virtual seconds and ratios.
 *
 *   node dist/bench/two-boards.js
 */

import type { BenchSetup, Session } from '../emulator/session/handle.ts';
import { createPool } from '../emulator/session/pool.ts';

const BYTES = 10_000;
const pool = createPool({ wallLimit: 600_000 });

async function open(boards: number, wires: BenchSetup['wires'] = []): Promise<Session> {
  const names = ['A', 'B'].slice(0, boards);
  const session = await pool.open({ boards: names.map(name => ({ name, board: 'pyboard-v1.1' })), wires });
  for (const name of names) {
    await session.boards.get(name)!.powerOn();
    await session.advanceUntil({ kind: 'idle', board: name }, 20e9);
  }
  return session;
}

async function timed(label: string, session: Session, programs: Record<string, string>): Promise<number> {
  const from = session.now;
  // The first is ready before the second begins.
  for (const [board, code] of Object.entries(programs)) {
    await session.boards.get(board)!.serial().write(`\x05${code}\nprint('fi'+'nished')\n\x04`);
    await session.advance(20e6);
  }
  const start = performance.now();
  const of = Object.keys(programs).map(board => ({ kind: 'serial', board, text: 'finished', from: 0 }) as const);
  const { reason } = await session.advanceUntil({ kind: 'all', of }, 600e9);
  const host = (performance.now() - start) / 1000;
  const virtual = (session.now - from) / 1e9;
  if (reason !== 'met') throw new Error(`${label}: the programs did not finish`);
  console.log(`${label.padEnd(58)} ${host.toFixed(2)} s host, ${virtual.toFixed(2)} s virtual, ${(virtual / host).toFixed(2)} x real time`);
  await session.close();
  return host;
}

const wires = [{ pins: ['A.X1', 'B.X2'] }, { pins: ['A.X2', 'B.X1'] }];
const send = (baud: number) => `import pyb\nu=pyb.UART(4,${baud},timeout=1000)\nd=bytes(100)\nfor i in range(${BYTES / 100}): u.write(d)`;
const receive = (baud: number) =>
  `import pyb\nu=pyb.UART(4,${baud},timeout=2000,read_buf_len=256)\nn=0\nwhile n<${BYTES}: n+=len(u.read(100) or b'')`;
const poll = (baud: number) =>
  `import pyb\nu=pyb.UART(4,${baud},timeout=0,read_buf_len=256)\nn=0\nwhile n<${BYTES}:\n if u.any(): n+=len(u.read())`;
const echo = `import pyb\nu=pyb.UART(4,115200)\nn=0\nwhile n<${BYTES}:\n if u.any():\n  n+=1\n  u.writechar(u.readchar())`;
const ask = `import pyb\nu=pyb.UART(4,115200)\nfor i in range(${BYTES}):\n u.writechar(i&255)\n while not u.any(): pass\n u.readchar()`;

await timed('(warm-up)', await open(2, wires), { B: receive(115200), A: send(115200) });
const alone = await timed('one board sends to nobody, 115200 baud', await open(1), { A: send(115200) });
const blocking = await timed('two boards: one sends, one waits', await open(2, wires), { B: receive(115200), A: send(115200) });
await timed('two boards: one sends, one polls', await open(2, wires), { B: poll(115200), A: send(115200) });
await timed('two boards: one sends, one polls, 9600 baud', await open(2, wires), { B: poll(9600), A: send(9600) });
await timed('two boards: each byte goes there and back, both poll', await open(2, wires), { B: echo, A: ask });
const busy = 'i=0\nwhile i<1000000: i+=1';
const single = await timed('one board computes', await open(1), { A: busy });
const apart = await timed('two boards compute, no wire between them', await open(2), { A: busy, B: busy });
const joined = await timed('two boards compute, a wire between them', await open(2, wires), { A: busy, B: busy });
console.log(`sending to a board that waits costs ${(blocking / alone).toFixed(1)} times sending to nobody`);
console.log(`two boards without a wire cost ${(apart / single).toFixed(2)} times one; with a wire ${(joined / single).toFixed(2)} times`);
await pool.close();
