#!/usr/bin/env node
// Robustness: rounds of junk on the serial port, resets, power cuts, pulled cards and cables at random virtual times. After each round a
// hard reset must bring back a REPL that answers; nothing on the host may throw, nothing may hang.
//
//   node scripts/board-rounds.mjs [--rounds N] [--seed S] [--first GROUP] [--board NAME] [--verbose]
//
// Rounds come in groups that share a bench, so that damage to the media adds up; a group depends on the seed and its own number alone, and
// a failing one is repeated by `--seed S --first GROUP --rounds 1`, or as many rounds as it needs.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { randomFrom } from './cores/random.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    first: { type: 'string', default: '0' },
    board: { type: 'string', default: 'pyboard-v1.1' },
    verbose: { type: 'boolean', default: false },
  },
});
const number = (name, text) => {
  if (!/^\d+$/.test(text)) {
    console.error(`board-rounds: --${name} is a whole number, not "${text}"`);
    process.exit(2);
  }
  return Number(text);
};
const rounds = number('rounds', values.rounds);
const first = number('first', values.first);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : number('seed', values.seed);

const ROUNDS_A_GROUP = 25;
const US = 1e3;
const MS = 1e6;
const SECOND = 1e9;
/** Host time that one call may take before it counts as a hang, ms. */
const HANG = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));

/** The pool of sessions, from its sources; its workers are the built ones. */
async function loadPool() {
  const folder = mkdtempSync(join(root, 'dist/rounds-'));
  const outfile = join(folder, 'pool.mjs');
  try {
    await build({ absWorkingDir: root, entryPoints: ['emulator/session/pool.ts'], bundle: true, format: 'esm', platform: 'node', outfile });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the board is busy with when something happens to it: it writes to both media and keeps the hardware going. */
const WORK = `
import os, pyb, machine, time
places = ['/flash']
try:
    os.stat('/sd')
    places.append('/sd')
except OSError:
    pass
timer = pyb.Timer(4, freq=500, callback=lambda t: pyb.LED(1).toggle())
pwm = pyb.Timer(2, freq=1000).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=30)
uart = machine.UART(6, 115200)
switch = pyb.Switch()
switch.callback(lambda: pyb.LED(3).toggle())
n = 0
while True:
    n += 1
    for place in places:
        try:
            with open('%s/f%d.txt' % (place, n % 7), 'wb') as f:
                for i in range(n % 5 + 1):
                    f.write(bytes((n + i) & 255 for i in range(700)))
            if n % 3 == 0:
                os.remove('%s/f%d.txt' % (place, n % 7))
            if n % 5 == 0:
                os.mkdir('%s/d%d' % (place, n))
        except OSError:
            pass
    uart.write(b'at work')
    print(n, pyb.ADC('X19').read(), len([0] * (n % 500)))
    time.sleep_ms(n % 4)
    if n % 11 == 0:
        os.sync()
`;

/** Lines that a person, or a program at the other end of the cable, may send at the worst of times. */
const LINES = [
  'while True: pass',
  'while True: print(1)',
  'import machine; machine.reset()',
  'import machine; machine.soft_reset()',
  'import pyb; pyb.hard_reset()',
  'import pyb; pyb.bootloader()',
  'import pyb; pyb.standby()',
  'import pyb; pyb.stop()',
  'import machine; machine.deepsleep(200)',
  'import machine; machine.lightsleep(50)',
  'import machine; w = machine.WDT(timeout=20)',
  'import machine; machine.mem32[0x80000000] = 1',
  'import pyb; pyb.fault_debug(True); import machine; machine.mem32[0x80000000] = 1',
  'import machine; machine.mem32[0x40023800] = 0',
  'import machine; machine.mem32[0x40023c08] = 0',
  'import pyb; pyb.usb_mode(None)',
  "import pyb; pyb.usb_mode('VCP+MSC')",
  "import pyb; pyb.main('nothing.py')",
  'import pyb; pyb.disable_irq()',
  'import micropython; micropython.kbd_intr(-1)',
  'import micropython; micropython.heap_lock()',
  'import pyb; pyb.freq(8000000)',
  'def f(): f()',
  'f()',
  'a = []\r\nwhile 1: a.append(bytearray(1000))\r\n\r\n',
  'x = bytearray(10 ** 6)',
  "f = open('/sd/x', 'w'); f.write('y' * 5000)",
  "f = open('x', 'w'); f.write('y' * 5000); f.close()",
  "import os; os.umount('/flash')",
  "import os; os.umount('/sd')",
  "import os; os.VfsFat.mkfs(__import__('pyb').Flash(start=0))",
  "import os; print(os.listdir('/flash'), os.listdir('/sd'))",
  'raise SystemExit',
  'import gc; gc.collect(); gc.mem_free()',
  'import pyb; pyb.repl_uart(pyb.UART(1, 9600))',
  'import os; os.dupterm(None, 1)',
  'import sys; sys.stdin.read(5)',
  'input()',
  'import pyb; pyb.Timer(7, freq=20000, callback=lambda t: 1 / 0)',
  'import _thread',
  'help()',
  '@micropython.asm_thumb\r\ndef g():\r\n b(0)\r\n\r\n',
  '@micropython.viper\r\ndef v():\r\n p = ptr32(0)\r\n while True: p = ptr32(int(p) + 4); p[0] = 1\r\n\r\nv()\r\n',
  '\x01\x04',
  '\x05print(1)\x04',
  'impo\t',
  'pyb.\t\t',
  '\x1b[A\x1b[A\x1b[D\x1b[D\x1b[3~',
];

const latin1 = text => Uint8Array.from(text, c => c.charCodeAt(0));

function junk({ below, pick }) {
  const length = 1 + below(pick([4, 40, 400]));
  const bytes = limit => Uint8Array.from({ length }, () => below(limit));
  switch (below(7)) {
    case 0:
      return bytes(256);
    case 1:
      return bytes(32);
    case 2:
      return Uint8Array.from({ length }, () => 32 + below(95));
    case 3:
      // Half of a raw-paste transfer: its head, a window or less of text, and no end.
      return Uint8Array.from([1, 5, 0x41, 1, ...bytes(128)].slice(0, 2 + below(length + 3)));
    case 4:
      // Beginnings and ends of characters of several bytes.
      return Uint8Array.from({ length }, () => pick([0xc3, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x41, 0x0d]));
    case 5:
      return latin1(pick(LINES).slice(0, 1 + below(60)));
    default:
      return latin1(`${pick(['', '\x03', '\x03\x03', '\x02', '\x03\x02'])}${pick(LINES)}${pick(['\r', '\r\n', '\n', '\r\r\r', '\x04'])}`);
  }
}

/** The card that is put in: sound, blank, or torn. */
const cards = [
  { kind: 'files', files: { 'boot.py': latin1('pass'), 'a.txt': latin1('a'.repeat(3000)) }, size: 4 << 20 },
  { kind: 'files', files: {}, size: 4 << 20 },
  { kind: 'blank', size: 4 << 20 },
];

/** What may happen; each takes the bench and the random numbers, and tells what it did. */
const HAPPENINGS = [
  async function bytes({ board }, random) {
    const sent = junk(random);
    await board.serial().write(sent);
    return JSON.stringify(Buffer.from(sent).toString('latin1'));
  },
  async function line({ board }, { pick }) {
    const text = pick(LINES);
    await board.serial().write(latin1(`\x03${text}\r`));
    return JSON.stringify(text);
  },
  async function softReset({ board }) {
    await board.serial().write(latin1('\x03\x02\x04'));
  },
  async function reset({ board, session }, { below }) {
    await board.holdReset(true);
    await session.advance(below(20) * MS);
    await board.holdReset(false);
  },
  async function resetWithSwitch({ board, session }, { below }) {
    await board.holdSwitch('USR', true, { bounce: below(2) === 0 });
    await board.holdReset(true);
    await session.advance(10 * MS);
    await board.holdReset(false);
    const held = below(4000) * MS;
    await session.advance(held);
    await board.holdSwitch('USR', false, { bounce: below(2) === 0 });
    return `${held / MS} ms`;
  },
  async function usr({ board }, { below }) {
    const pressed = below(2) === 0;
    await board.holdSwitch('USR', pressed);
    return String(pressed);
  },
  async function power({ board, session }, { below }) {
    await board.powerOff();
    await session.advance(below(100) * MS);
    await board.powerOn();
  },
  async function brownOut({ session }, { below }) {
    const volts = 1 + below(23) / 10;
    const duration = 1 + below(20 * MS);
    await session.faults.inject({ kind: 'brown-out', volts, duration });
    return `${volts} V for ${duration} ns`;
  },
  async function cutAtWrite({ session, board }, { below, pick }) {
    const medium = pick((await board.state()).sdInserted ? ['flash', 'sd'] : ['flash']);
    const fault = { kind: 'power-cut-at-write', medium, write: 1 + below(40), ...(below(2) === 0 ? {} : { after: below(512) }) };
    await session.faults.inject(fault);
    return JSON.stringify(fault);
  },
  async function mediumError({ session, board }, { below, pick }) {
    const medium = pick((await board.state()).sdInserted ? ['flash', 'sd'] : ['flash']);
    const fault = { kind: 'medium-error', medium, operation: pick(['read', 'write']), count: 1 + below(10) };
    await session.faults.inject(fault);
    return JSON.stringify(fault);
  },
  async function card({ board }, { pick }) {
    const { sdInserted } = await board.state();
    if (sdInserted) await board.media.removeCard();
    else await board.media.insertCard(pick(cards));
    return sdInserted ? 'out' : 'in';
  },
  async function cable({ board }, { below }) {
    const connected = below(2) === 0;
    await board.usb.connect(connected);
    return String(connected);
  },
  async function terminal({ board }, { below }) {
    const connected = below(2) === 0;
    await board.serial().connect(connected);
    return String(connected);
  },
  async function driveFile({ board }, { below }) {
    if (!(await board.usb.interfaces()).includes('msc')) return 'no drive';
    try {
      await board.usb.drive.writeFile(`h${below(3)}.txt`, latin1('h'.repeat(below(3000))));
      if (below(2) === 0) await board.usb.drive.flush();
    } catch (error) {
      // The computer finds no filesystem that it can read: nothing wrong with that after all that happens here.
      if (!['bad-image', 'wrong-state'].includes(error.code)) throw error;
      return error.code;
    }
  },
  async function watchdog({ board }, { below }) {
    await board.serial().write(latin1(`\x03\x02import machine; w = machine.WDT(timeout=${1 + below(300)})\r`));
  },
  async function pin({ session }, { pick }) {
    const name = pick(['X1', 'X9', 'X10', 'Y1']);
    await session.pins.drive(name, { kind: 'level', level: pick(['high', 'low']) });
    await session.pins.release(name);
    return name;
  },
];

/** A while of virtual time, short or long. */
const someTime = ({ below, pick }) => 1 + below(pick([20 * US, MS, 10 * MS, 50 * MS, 300 * MS]));

/** Puts everything right that a person would, presses RST, and asks the board a question. */
async function recover({ board, session }) {
  await session.faults.clearAll();
  await board.usb.connect(true);
  await board.serial().connect(true);
  await board.holdSwitch('USR', false, { bounce: false });
  await board.powerOn();
  await board.holdReset(true);
  await session.advance(20 * MS);
  await board.holdReset(false);
  let text = '';
  for (let attempt = 0; attempt < 10; attempt++) {
    // Failing scripts flash the LEDs for a while, and a torn card takes its time.
    await session.advance(attempt === 0 ? 100 * MS : 3 * SECOND);
    // Ends a program, and raw and paste mode.
    await board.serial().write(latin1('\x03\x03\x02'));
    await session.advanceUntil({ kind: 'idle' }, 2 * SECOND);
    await board.serial().read();
    await board.serial().write(latin1('print(6 * 7)\r'));
    const { reason } = await session.advanceUntil({ kind: 'idle' }, 2 * SECOND);
    text = Buffer.from(await board.serial().read()).toString('latin1');
    if (reason === 'met' && text === 'print(6 * 7)\r\n42\r\n>>> ') return undefined;
  }
  return `the REPL answers ${JSON.stringify(text.slice(-300))}; ${JSON.stringify(await board.state())}`;
}

const { createPool } = await loadPool();
const pool = createPool({ wallLimit: HANG });
const loose = [];
process.on('uncaughtException', error => loose.push(error));
process.on('unhandledRejection', error => loose.push(error));

const flash = { kind: 'files', files: { 'main.py': latin1(WORK), 'boot.py': latin1('pass') } };

/** Runs the rounds of a group; says what went wrong, with all that led to it. */
async function runGroup(group, count) {
  const random = randomFrom(seed * 7919 + group);
  const { below, pick } = random;
  const story = [];
  const tell = text => {
    story.push(text);
    if (values.verbose) console.log(text);
  };
  let session;
  try {
    session = await pool.open({
      boards: [{ name: 'dut', board: values.board, flash, ...(below(2) === 0 ? { sd: cards[0] } : {}) }],
      seed: 1 + below(1_000_000),
    });
    const bench = { session, board: session.boards.get('dut') };
    await bench.board.powerOn();
    await session.advance(someTime(random));
    for (let round = 0; round < count; round++) {
      tell(`round ${round} at ${session.now} ns`);
      for (let i = 1 + below(5); i > 0; i--) {
        const happening = pick(HAPPENINGS);
        tell(`  ${happening.name} ${(await happening(bench, random)) ?? ''}`);
        const time = someTime(random);
        await session.advance(time);
        tell(`  ${time} ns pass`);
      }
      const wrong = (await recover(bench)) ?? loose.map(error => `the host threw: ${error.stack ?? error}`)[0];
      if (wrong !== undefined) return { round, wrong, story };
    }
    await session.close();
    return undefined;
  } catch (error) {
    return { round: story.filter(line => line.startsWith('round')).length - 1, wrong: `${error.code ?? ''} ${error.stack}`, story };
  }
}

console.log(`${rounds} rounds on ${values.board}, seed ${seed}`);
let done = 0;
let failures = 0;
const progress = process.stdout.isTTY ? () => process.stdout.write(`\r${done} of ${rounds} `) : () => {};
for (let group = first; done < rounds; group++) {
  const count = Math.min(ROUNDS_A_GROUP, rounds - done);
  const failure = await runGroup(group, count);
  done += count;
  progress();
  if (failure === undefined) continue;
  failures++;
  loose.length = 0;
  const last = failure.story.findLastIndex(line => line.startsWith('round'));
  console.log(`\ngroup ${group}, round ${failure.round}: ${failure.wrong}\n${failure.story.slice(last).join('\n')}`);
  console.log(`repeat it with --seed ${seed} --first ${group} --rounds ${failure.round + 1}`);
}
await pool.close();
console.log(`\n${done} rounds, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
