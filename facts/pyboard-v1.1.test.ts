/** The virtual pyboard against what the stock firmware was seen to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { BoardHandle, Session } from '../emulator/session/handle.ts';
import { createPool } from '../emulator/session/pool.ts';

const folder = fileURLToPath(new URL('pyboard-v1.1/', import.meta.url));
const pool = createPool();
afterAll(() => pool.close());

const SECOND = 1e9;

async function boot(program?: string): Promise<{ session: Session; board: BoardHandle }> {
  const source = program === undefined ? undefined : { source: new TextEncoder().encode(program), fileName: '<stdin>' };
  const session = await pool.open({ boards: [{ name: 'dut', board: 'pyboard-v1.1', program: source }] });
  const board = session.boards.get('dut')!;
  await board.powerOn();
  return { session, board };
}

async function output(program: string): Promise<string[]> {
  const { session, board } = await boot(program);
  await session.advanceUntil({ kind: 'activity', activity: ['off'] }, 60 * SECOND);
  const text = Buffer.from(await board.serial().read()).toString();
  await session.close();
  return text.trimEnd().split('\n');
}

/** Without what may differ: the build's date, the missing flash, addresses. */
const comparable = (text: string) =>
  text
    .replace("MPY: can't mount flash\r\n", '')
    .replace(/v1\.27\.0(-dirty)? on \d{4}-\d\d-\d\d/g, 'VERSION')
    .replace(/\b(0x)?200[0-9a-f]{5}\b/g, 'ADDRESS');

describe('the REPL answers byte for byte', () => {
  for (const file of readdirSync(`${folder}repl`)) {
    it(file, async () => {
      const { session, board } = await boot();
      for (const { send, recv } of JSON.parse(readFileSync(`${folder}repl/${file}`, 'utf8')) as { send: string; recv: string }[]) {
        if (send !== '') await board.serial().write(Buffer.from(send, 'latin1'));
        // A program that goes on is interrupted by the next step, so it is not waited for.
        if (/(>>> |\.\.\. *|=== |>)[^\r\n]*$/.test(recv)) await session.advanceUntil({ kind: 'idle' }, 10 * SECOND);
        else await session.advance(0.2 * SECOND);
        expect(comparable(Buffer.from(await board.serial().read()).toString('latin1')), JSON.stringify(send)).toBe(comparable(recv));
      }
      await session.close();
    });
  }
});

describe('memory', () => {
  const facts = readFileSync(`${folder}memory.txt`, 'utf8').trimEnd().split('\n');
  const numberAtEnd = (line: string) => Number(/(\d+)$/.exec(line)![1]);
  const recursion = (line: string) => line.includes('maximum recursion depth exceeded');

  it('takes what it takes on the device', async () => {
    const lines = await output(readFileSync(`${folder}memory.py`, 'utf8'));
    const sizes = facts.slice(
      0,
      facts.findIndex(line => line.startsWith('heap total')),
    );
    expect(lines.slice(0, sizes.length)).toEqual(sizes);
    for (const fact of facts.filter(recursion)) {
      const what = fact.split('RuntimeError')[0];
      const line = lines.filter(recursion).find(candidate => candidate.split('RuntimeError')[0] === what)!;
      expect(Math.abs(numberAtEnd(line) - numberAtEnd(fact)), line).toBeLessThanOrEqual(3);
    }
    const used = (all: readonly string[]) => Number(/used: (\d+)/.exec(all.find(line => line.startsWith('GC: total'))!)![1]);
    expect(Math.abs(used(lines) - used(facts))).toBeLessThanOrEqual(0.03 * 103_296);
  });
});

describe('names', () => {
  const facts = readFileSync(`${folder}names.txt`, 'utf8').trimEnd().split('\n');
  const modules = [...new Set(facts.map(line => line.split(/[. ]/)[0]))];

  /** Differences that are wanted, with the reason. */
  const EXCEPTIONS: Readonly<Record<string, string>> = {
    'sys.version': 'carries the date of the build',
    'sys.implementation': 'carries the date of the build',
  };

  for (const module of modules) {
    it(module, async () => {
      const lines = await output(`
import ${module} as m
def show(prefix, obj, depth):
    for name in sorted(dir(obj)):
        if name in ('__class__', '__dict__'):
            continue
        try:
            v = getattr(obj, name)
        except Exception as e:
            print(prefix + '.' + name, 'error', type(e).__name__)
            continue
        t = type(v).__name__
        if isinstance(v, (int, float, str, bytes)) and not isinstance(v, bool) or t == 'tuple':
            r = repr(v)
            print(prefix + '.' + name, t, r if len(r) < 100 else '')
        else:
            print(prefix + '.' + name, t)
        if t == 'type' and depth < 1:
            show(prefix + '.' + name, v, depth + 1)
show(${JSON.stringify(module)}, m, 0)
`);
      const wanted = facts.filter(line => line.split(/[. ]/)[0] === module && EXCEPTIONS[line.split(' ')[0]] === undefined);
      const got = new Set(lines);
      const names = (all: readonly string[]) =>
        all
          .map(line => line.split(' ')[0])
          .filter(name => EXCEPTIONS[name] === undefined)
          .sort();
      expect(names(lines)).toEqual(names(wanted));
      // The program that listed them printed no value for a float.
      const typed = new Set(lines.map(line => line.split(' ').slice(0, 2).join(' ')));
      for (const line of wanted) expect(line.endsWith(' float') ? typed : got, line).toContain(line);
    });
  }
});
