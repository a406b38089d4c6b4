/** The board's serial port as a pseudo-terminal, for tools that open a device file. */
import type { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { CommandFailure } from '../failure.ts';
import { MOST_WAITING, type SerialLine, type SerialServer } from './line.ts';

/** What `open` of node-pty gives, and its typings leave out: both ends. */
interface PtyPair {
  readonly ptsName: string;
  readonly _master: ReadStream;
  readonly _slave: ReadStream;
}

export async function servePty(line: SerialLine): Promise<SerialServer> {
  if (process.platform === 'win32') throw new CommandFailure('Windows has no pseudo-terminals: use --tcp or --rfc2217');
  const { open } = (await import('@lydell/node-pty')) as unknown as { open(options: { encoding: null }): PtyPair };
  const { _master: master, _slave: slave, ptsName } = open({ encoding: null });
  // Our own hold on the tools' end keeps the pair alive while none of them has it open; it must not read what is meant for them.
  slave.pause();
  slave.setRawMode(true);
  master.on('data', (data: Buffer) => line.write(data));
  const gone = (): void => {};
  master.on('error', gone);
  slave.on('error', gone);
  // A stream for both directions, which the typings of Node know for reading only.
  const end = master as unknown as Writable;
  return {
    address: ptsName,
    send: data => {
      if (end.writableLength < MOST_WAITING) end.write(data);
    },
    close: async () => {
      slave.destroy();
      master.destroy();
    },
  };
}
