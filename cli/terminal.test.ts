import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const boardspec = fileURLToPath(new URL('../bin/boardspec.mjs', import.meta.url));
const { spawn } = await import('@lydell/node-pty');

/** A command on a terminal of its own: what it shows, and the code that it leaves with. */
function onTerminal(...args: string[]) {
  const terminal = spawn(process.execPath, [boardspec, ...args], { cols: 80, rows: 24 });
  let text = '';
  let wake = (): void => {};
  let code: number | undefined;
  terminal.onData(data => {
    text += data;
    wake();
  });
  terminal.onExit(({ exitCode }) => {
    code = exitCode;
    wake();
  });
  const until = async (met: () => boolean): Promise<void> => {
    while (!met())
      await new Promise<void>(resolve => {
        wake = resolve;
      });
  };
  return {
    type: (keys: string) => terminal.write(keys),
    shows: (wanted: string) => until(() => text.includes(wanted)),
    ended: async () => {
      await until(() => code !== undefined);
      return code;
    },
  };
}

test.skipIf(process.platform === 'win32')('Ctrl-] leaves the board, and ends the command', async () => {
  const repl = onTerminal('repl');
  await repl.shows('>>> ');
  repl.type('6*7\r');
  await repl.shows('42');
  repl.type('\x1d');
  expect(await repl.ended()).toBe(0);
});

test.skipIf(process.platform === 'win32')('Ctrl-C interrupts, and does not leave', async () => {
  const repl = onTerminal('repl');
  await repl.shows('>>> ');
  repl.type("import time; print('sta' + 'rted'); time.sleep(1000)\r");
  await repl.shows('started');
  repl.type('\x03');
  await repl.shows('KeyboardInterrupt');
  repl.type('\x1d');
  expect(await repl.ended()).toBe(0);
});

test.skipIf(process.platform === 'win32')('Ctrl-D leaves the Unix profile', async () => {
  const repl = onTerminal('micropython');
  await repl.shows('>>> ');
  repl.type('\x04');
  expect(await repl.ended()).toBe(0);
});

test.skipIf(process.platform === 'win32')('a board that goes to its bootloader ends the command, which says why', async () => {
  const repl = onTerminal('repl');
  await repl.shows('>>> ');
  repl.type('import machine; machine.bootloader()\r');
  await repl.shows('The board is in its bootloader, and its serial port is gone');
  expect(await repl.ended()).toBe(0);
});
