import { afterAll, describe, expect, it } from 'vitest';
import type { BenchSetup, Session } from './handle.ts';
import { createPool } from './pool.ts';

const pool = createPool();
afterAll(() => pool.close());
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const ms = 1e6;

async function bench(setup: Partial<BenchSetup> = {}): Promise<Session> {
  const session = await pool.open({
    boards: [
      { name: 'A', board: 'pyboard-v1.1' },
      { name: 'B', board: 'pyboard-v1.1' },
    ],
    ...setup,
  });
  for (const board of session.boards.values()) await board.powerOn();
  for (const name of session.boards.keys()) await session.advanceUntil({ kind: 'idle', board: name }, 20e9);
  return session;
}

/** Starts code at a board's prompt, by paste mode, and does not wait for it. */
async function start(session: Session, board: string, code: string): Promise<void> {
  await session.boards.get(board)!.serial().write(`\x05import pyb\n${code}\n\x04`);
}

async function output(session: Session, board: string, wanted: string, limit = 5e9): Promise<string> {
  const { reason } = await session.advanceUntil({ kind: 'serial', board, text: wanted, from: 0 }, limit);
  const printed = text(await session.boards.get(board)!.serial().peek());
  if (reason !== 'met') throw new Error(`${board} never printed ${wanted}: ${printed}`);
  return printed;
}

describe('two boards on one bench', () => {
  it('talk over a UART', async () => {
    const session = await bench({ wires: [{ pins: ['A.X1', 'B.X2'] }, { pins: ['A.X2', 'B.X1'] }] });
    await start(session, 'B', "u=pyb.UART(4,115200)\nwhile not u.any(): pass\nd=u.read(5)\nprint('got', d)\nu.write(d.upper())");
    await session.advance(50 * ms);
    await start(session, 'A', "u=pyb.UART(4,115200,timeout=1000)\nu.write('hello')\nprint('back', u.read(5))");
    expect(await output(session, 'B', "got b'")).toContain("got b'hello'");
    expect(await output(session, 'A', "back b'")).toContain("back b'HELLO'");
    await session.close();
  });

  it('shake hands over pins, each polling', async () => {
    const session = await bench({ wires: [{ pins: ['A.X1', 'B.X1'] }, { pins: ['A.X2', 'B.X2'] }] });
    const code = (me: string, out: string, into: string) =>
      [
        `o=pyb.Pin('${out}',pyb.Pin.OUT_PP); o.low()`,
        `i=pyb.Pin('${into}',pyb.Pin.IN,pyb.Pin.PULL_DOWN)`,
        ...(me === 'A' ? ['pyb.delay(20)', 'for n in range(50):', ' o(1)', ' while not i(): pass', ' o(0)', ' while i(): pass'] : []),
        ...(me === 'B' ? ['for n in range(50):', ' while not i(): pass', ' o(1)', ' while i(): pass', ' o(0)'] : []),
        `print('${me}', 'done')`,
      ].join('\n');
    await start(session, 'B', code('B', 'X2', 'X1'));
    await start(session, 'A', code('A', 'X1', 'X2'));
    await output(session, 'A', 'A done');
    await output(session, 'B', 'B done');
    // Cause before effect: A raises X1, B answers on X2, within microseconds, 50 times.
    const events = await session.trace.events({ kinds: ['net'] });
    const rises = (board: string, net: string) =>
      events.flatMap(event => (event.kind === 'net' && event.board === board && event.name === net && event.level === 1 ? [event.t] : []));
    const [asked, answered] = [rises('A', 'X1'), rises('B', 'X2')];
    expect(asked.length).toBe(50);
    expect(answered.length).toBe(50);
    for (let i = 0; i < 50; i++) {
      expect(answered[i]).toBeGreaterThan(asked[i]);
      expect(answered[i] - asked[i]).toBeLessThan(40_000);
    }
    expect(rises('B', 'X1')).toEqual(asked);
    await session.close();
  });

  it('find contention and wired-AND on the joint net', async () => {
    const session = await bench({ wires: [{ pins: ['A.X1', 'B.X1'] }] });
    await session.boards.get('A')!.execute("import pyb\np=pyb.Pin('X1',pyb.Pin.OUT_OD,pyb.Pin.PULL_UP)\np(1)", 1e9);
    expect(await session.pins.read('B.X1')).toMatchObject({ level: 'high' });
    await session.boards.get('B')!.execute("import pyb\np=pyb.Pin('X1',pyb.Pin.OUT_OD)\np(0)", 1e9);
    expect(await session.pins.read('A.X1')).toMatchObject({ level: 'low', drivers: expect.arrayContaining(['B.X1']) });
    await session.boards.get('A')!.execute('p.init(pyb.Pin.OUT_PP)\np(1)', 1e9);
    expect(await session.pins.read('A.X1')).toMatchObject({ level: 'contention' });
    await session.boards.get('B')!.powerOff();
    expect(await session.pins.read('A.X1')).toMatchObject({ level: 'high', drivers: ['X1'] });
    await session.close();
  });

  it('are I2C controller and target, at the block and by hand', async () => {
    const session = await bench({
      wires: [
        { pins: ['A.X9', 'B.X9'], pull: { to: 'high', ohms: 4700 } },
        { pins: ['A.X10', 'B.X10'], pull: { to: 'high', ohms: 4700 } },
      ],
    });
    await session.boards
      .get('B')!
      .execute("import machine\nmem=bytearray(b'0123456789abcdef')\nt=machine.I2CTarget(1,addr=0x42,mem=mem)", 1e9);
    const by = async (bus: string) => {
      const { stdout, stderr } = await session.boards
        .get('A')!
        .execute(`import machine\ni=${bus}\nprint(i.scan(), i.readfrom_mem(0x42,4,4))\ni.writeto_mem(0x42,2,b'XY')`, 2e9);
      return text(stdout) + text(stderr);
    };
    expect(await by('machine.I2C(1,freq=400000)')).toBe("[66] b'4567'\r\n");
    expect(text((await session.boards.get('B')!.execute('print(mem)', 1e9)).stdout)).toBe("bytearray(b'01XY456789abcdef')\r\n");
    expect(await by("machine.SoftI2C('X9','X10',freq=100000)")).toBe("[66] b'4567'\r\n");
    await session.close();
  });

  it('are SPI controller and peripheral', async () => {
    const session = await bench({ wires: ['X5', 'X6', 'X7', 'X8'].map(pin => ({ pins: [`A.${pin}`, `B.${pin}`] })) });
    await start(session, 'B', "s=pyb.SPI(1,pyb.SPI.PERIPHERAL,polarity=0,phase=0)\nprint('B', s.send_recv(b'there',timeout=3000))");
    await session.advance(50 * ms);
    await start(
      session,
      'A',
      "n=pyb.Pin('X5',pyb.Pin.OUT_PP)\ns=pyb.SPI(1,pyb.SPI.CONTROLLER,baudrate=200000,polarity=0,phase=0)\nn(0)\nprint('A', s.send_recv(b'hello'))\nn(1)",
    );
    expect(await output(session, 'A', "A b'")).toContain("A b'there'");
    expect(await output(session, 'B', "B b'")).toContain("B b'hello'");
    await session.close();
  });

  it('are on one CAN bus', async () => {
    const transceiver = (name: string) => ({ name: `can${name}`, kind: 'can-transceiver', pins: { txd: `${name}.Y4`, rxd: `${name}.Y3` } });
    const session = await bench({ parts: [transceiver('A'), transceiver('B')] });
    const init = 'c=pyb.CAN(1,pyb.CAN.NORMAL,baudrate=125000)\nc.setfilter(0,pyb.CAN.MASK16,0,(0,0,0,0))\n';
    await start(session, 'B', `${init}print('B', c.recv(0,timeout=3000))\nc.send('pong',0x124)`);
    await session.advance(50 * ms);
    await start(session, 'A', `${init}c.send('ping',0x123,timeout=100)\nprint('A', c.recv(0,timeout=1000))`);
    expect(await output(session, 'B', 'B (')).toMatch(/B \(291, .*b'ping'\)/);
    expect(await output(session, 'A', 'A (')).toMatch(/A \(292, .*b'pong'\)/);
    await session.close();
  });

  it('leave the same trace each time', async () => {
    const once = async () => {
      const session = await bench({ wires: [{ pins: ['A.X1', 'B.X2'] }, { pins: ['A.X2', 'B.X1'] }] });
      await start(session, 'B', "u=pyb.UART(4,38400)\nfor i in range(20):\n while not u.any(): pass\n u.write(u.read(1))\nprint('B done')");
      await session.advance(50 * ms);
      await start(session, 'A', "u=pyb.UART(4,38400,timeout=100)\nfor i in range(20):\n u.writechar(i)\n u.readchar()\nprint('A', 'done')");
      await output(session, 'A', 'A done');
      const trace = await session.trace.jsonLines();
      await session.close();
      return trace;
    };
    const first = await once();
    expect(first.length).toBeGreaterThan(10_000);
    expect(await once()).toBe(first);
  });

  it('do not harm each other: one that is off, one that never lets go', async () => {
    const session = await bench({ wires: [{ pins: ['A.X1', 'B.X1'] }], wallLimit: 3000 });
    await session.boards.get('B')!.powerOff();
    expect(text((await session.boards.get('A')!.execute('print(6*7)', 1e9)).stdout)).toBe('42\r\n');
    await session.boards.get('B')!.powerOn();
    await session.advanceUntil({ kind: 'idle', board: 'B' }, 5e9);
    await start(session, 'B', "pyb.Pin('X1',pyb.Pin.OUT_PP).high()\nwhile True: pass");
    await session.advance(100 * ms);
    expect(text((await session.boards.get('A')!.execute('print(6*7)', 1e9)).stdout)).toBe('42\r\n');
    expect(await session.pins.read('A.X1')).toMatchObject({ level: 'high' });
    await session.boards.get('B')!.serial().write('\x03');
    await start(session, 'B', 'while True: pass');
    await expect(session.advance(1e13)).rejects.toMatchObject({ code: 'wall-clock-limit', message: expect.stringContaining('board "B"') });
    expect(text((await session.boards.get('A')!.execute('print(6*7)', 1e9)).stdout)).toBe('42\r\n');
    expect(await session.pins.read('A.X1')).toMatchObject({ level: 'floating' });
    await expect(session.boards.get('B')!.state()).rejects.toMatchObject({ code: 'wall-clock-limit' });
    await session.close();
  });
});
