/**
 * What boards cost: boots a second on one core, simulated hours of idle and blinking boards through a session, and the share of recording.
 * Each figure is the median of several rounds; a reference loop of the host's runs in each round, so that figures of two machines, or of a busy one, can be compared.
 *
 *   node dist/bench/boards.js [--rounds N]
 */
import { parseArgs } from 'node:util';
import { createMachine } from '../emulator/boot/create-machine.ts';
import { Clock } from '../emulator/clock/clock.ts';
import { createPool } from '../emulator/session/pool.ts';
import { Trace } from '../emulator/trace/trace.ts';

const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } }).values;
const ROUNDS = Number(rounds);
const BOARD = 'pyboard-v1.1';
const HOUR = 3600e9;

/** Milliseconds of processor time of all threads since `since`. */
function cpu(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** A fixed amount of work of the host's own: typed arrays and objects, as the emulator's. */
function reference(): void {
  const table = new Uint32Array(1 << 12);
  let x = 1;
  for (let i = 0; i < 20_000_000; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    table[x >>> 20] += x & 15;
  }
}

/** A trace that forgets what its signals and events are told: for what recording costs. */
class Forgetful extends Trace {
  override digital(...args: Parameters<Trace['digital']>) {
    return Object.assign(super.digital(...args), { record: () => {}, recordWaveform: () => {} });
  }
  override events(...args: Parameters<Trace['events']>) {
    return Object.assign(super.events(...args), { record: () => {} });
  }
}

/** Boots a board to its prompt, and on through what is typed there; synchronously. */
function boot(typed = '', trace: (clock: Clock) => Trace = clock => new Trace(clock)): void {
  const clock = new Clock();
  let prompts = 0;
  const machine = createMachine(
    'bench',
    { board: BOARD },
    { clock, trace: trace(clock), seed: 1, idle: until => clock.advanceTo(Math.min(until, clock.nextDue)) },
  );
  const usb = machine.consoles.get('usb')!;
  usb.onOutput(bytes => {
    if (!Buffer.from(bytes).toString('latin1').includes('>>> ')) return;
    if (++prompts === 1 && typed !== '') usb.send(new TextEncoder().encode(typed));
    else machine.powerOff();
  });
  machine.powerOn();
  machine.main();
}

interface Figure {
  readonly wall: number;
  readonly cpu: number;
}

async function timed(action: () => void | Promise<void>): Promise<Figure> {
  const start = performance.now();
  const since = process.cpuUsage();
  await action();
  return { wall: performance.now() - start, cpu: cpu(since) };
}

async function figure(name: string, unit: (figure: Figure) => string, action: () => void | Promise<void>): Promise<Figure> {
  const measured: Figure[] = [];
  const host: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    host.push((await timed(reference)).cpu);
    measured.push(await timed(action));
  }
  const result = { wall: median(measured.map(({ wall }) => wall)), cpu: median(measured.map(figure => figure.cpu)) };
  const ratio = result.cpu / median(host);
  console.log(`${name.padEnd(58)} ${unit(result).padStart(22)}   × ${ratio.toFixed(2)} of the reference`);
  return result;
}

const milliseconds = ({ wall, cpu }: Figure) => `${wall.toFixed(1)} ms (cpu ${cpu.toFixed(1)})`;

/** A session in which a board runs `code` from its prompt, for as long as `duration`; what is timed is that time alone. */
async function simulated(name: string, code: string, duration: number): Promise<void> {
  const pool = createPool({ wallLimit: 600_000 });
  const session = await pool.open({ boards: [{ name: 'dut', board: BOARD }] });
  const board = session.boards.get('dut')!;
  await board.powerOn();
  await session.advanceUntil({ kind: 'idle', board: 'dut' }, 20e9);
  if (code !== '') {
    await board.serial().write(`\x05${code.replaceAll('\n', '\r')}\x04`);
    await session.advance(1e9);
  }
  await figure(name, milliseconds, async () => {
    const from = session.now;
    await session.advance(duration);
    if (code === '') return;
    // A board that stopped would be fast.
    const last = await session.trace.events({ kinds: ['led'], from, last: 1 });
    if (session.now - (last[0]?.t ?? 0) > 1e9) throw new Error(`${name}: nothing blinks`);
  });
  await session.close();
  await pool.close();
}

const BOOTS = 300;
boot();
await figure(
  'boots to the prompt, one core, no thread',
  ({ wall, cpu }) => `${((BOOTS / wall) * 1000).toFixed(0)}/s (cpu ${((BOOTS / cpu) * 1000).toFixed(0)}/s)`,
  () => {
    for (let i = 0; i < BOOTS; i++) boot();
  },
);

const pool = createPool();
const SESSIONS = 100;
await figure(
  'fresh boards through a session, to the prompt',
  ({ wall, cpu }) => `${((SESSIONS / wall) * 1000).toFixed(0)}/s (cpu ${((SESSIONS / cpu) * 1000).toFixed(0)}/s)`,
  async () => {
    for (let i = 0; i < SESSIONS; i++) {
      const session = await pool.open({ boards: [{ name: 'dut', board: BOARD }] });
      await session.boards.get('dut')!.powerOn();
      await session.advanceUntil({ kind: 'idle', board: 'dut' }, 20e9);
      await session.close();
    }
  },
);
await pool.close();

await simulated('an hour of an idle board', '', HOUR);
await simulated(
  'an hour of a board that blinks at 10 Hz by a pyb.Timer',
  'import pyb\nled = pyb.LED(1)\nt = pyb.Timer(4, freq=20)\nt.callback(lambda t: led.toggle())',
  HOUR,
);
await simulated(
  'an hour of a board that blinks at 10 Hz by sleep',
  'import pyb, time\nled = pyb.LED(1)\nwhile True:\n    led.toggle()\n    time.sleep_ms(50)\n\n',
  HOUR,
);

const busy = `\x05import pyb
p = pyb.Pin('X1', pyb.Pin.OUT)
for i in range(2000000):
    p.value(i & 1)

\x04`.replaceAll('\n', '\r');
const recorded = await figure('2,000,000 writes to a pin, recorded', milliseconds, () => boot(busy));
const forgotten = await figure('2,000,000 writes to a pin, forgotten', milliseconds, () => boot(busy, clock => new Forgetful(clock)));
console.log(`recording costs ${((recorded.cpu / forgotten.cpu - 1) * 100).toFixed(1)} %`);
