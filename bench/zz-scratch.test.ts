import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { createPool } from '../emulator/session/pool.ts';
it('runs', async () => {
  const pool = createPool();
  const pre = readFileSync('/tmp/prelude.py', 'utf8');
  const program = { source: new TextEncoder().encode(pre + readFileSync(process.env.PROG!, 'utf8')), fileName: 'prog.py' };
  const wires = JSON.parse(process.env.WIRES ?? '[]');
  const session = await pool.open({ boards: [{ name: 'dut', board: 'pyboard-v1.1', program }], wires });
  const dut = session.boards.get('dut')!;
  await dut.powerOn();
  await session.advanceUntil({ kind: 'activity', activity: ['off'] }, 100e9).catch(e => console.log(e));
  console.log(Buffer.from(await dut.serial().read()).toString());
  await pool.close();
}, 60000);
