/** `boardspec repl` on a terminal: how it ends. */
import { fileURLToPath } from 'node:url';
import type { IPty } from '@lydell/node-pty';
import { afterEach, expect, it } from 'vitest';

const boardspec = fileURLToPath(new URL('../bin/boardspec.mjs', import.meta.url));
const pty = await import('@lydell/node-pty').catch(() => undefined);
const open: IPty[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.kill();
});

/** A session on a terminal of its own, once its prompt is there. `ended` gives its exit code and all that it showed. */
async function session(): Promise<{ type(text: string): void; ended: Promise<{ code: number; shown: string }> }> {
  const terminal = pty!.spawn(process.execPath, [boardspec, 'repl'], { cols: 100, rows: 30 });
  open.push(terminal);
  let shown = '';
  const prompt = new Promise<void>(resolve => {
    terminal.onData(data => {
      shown += data;
      if (shown.includes('>>> ')) resolve();
    });
  });
  const ended = new Promise<{ code: number; shown: string }>(resolve => {
    terminal.onExit(({ exitCode }) => {
      open.splice(open.indexOf(terminal), 1);
      resolve({ code: exitCode, shown });
    });
  });
  await Promise.race([prompt, ended]);
  return { type: text => terminal.write(text), ended };
}

it.skipIf(pty === undefined)('ends with Ctrl-]', async () => {
  const { type, ended } = await session();
  type('\x1d');
  expect((await ended).code).toBe(0);
});

it.skipIf(pty === undefined)('ends, and says why, when the board goes to its bootloader', async () => {
  const { type, ended } = await session();
  type('import machine; machine.bootloader()\r');
  const { code, shown } = await ended;
  expect(code).toBe(0);
  expect(shown).toContain('The board is in its bootloader, and its serial port is gone');
});
