/** `boardspec serve`: the board's serial port for other tools, until a signal ends it. */
import { type Command, Option } from 'commander';
import { SessionError } from '../emulator/session/error.ts';
import { createPool } from '../emulator/session/pool.ts';
import { type BenchOptions, benchOf, withBenchOptions } from './bench-options.ts';
import { CommandFailure } from './failure.ts';
import type { SerialLine, SerialServer } from './serial-server/line.ts';
import { servePty } from './serial-server/pty.ts';
import { serveTcp } from './serial-server/tcp.ts';

interface ServeOptions extends BenchOptions {
  pty?: boolean;
  tcp?: string;
  rfc2217?: string;
  time: 'real' | 'fast';
}

export function registerServe(program: Command): void {
  withBenchOptions(
    program.command('serve').description("the board's serial port for other tools (mpremote, Thonny, a terminal); prints where it is"),
  )
    .option('--pty', 'as a pseudo-terminal')
    .option('--tcp <[host:]port>', 'on a TCP port, as plain bytes; on this machine only, unless a host is given')
    .option('--rfc2217 <[host:]port>', 'on a TCP port, by RFC 2217')
    .addOption(new Option('--time <pace>', 'virtual time follows real time, or runs ahead').choices(['real', 'fast']).default('real'))
    .action(serve);
}

/** @param index of the board: the first has the port that was named, the others those that follow */
function start(options: ServeOptions, line: SerialLine, index: number): Promise<SerialServer> {
  const ways = [options.pty, options.tcp, options.rfc2217].filter(way => way !== undefined);
  if (ways.length !== 1) throw new CommandFailure('name one of --pty, --tcp and --rfc2217');
  if (options.pty) return servePty(line);
  return serveTcp(followingPort((options.tcp ?? options.rfc2217)!, index), options.rfc2217 !== undefined, line);
}

function followingPort(address: string, index: number): string {
  return address.replace(/\d+$/, port => (port === '0' ? port : String(Number(port) + index)));
}

async function serve(options: ServeOptions): Promise<void> {
  const { setup: given, name } = benchOf(options);
  const setup = options.pty ? given : { ...given, boards: given.boards.map(board => ({ ...board, terminal: false })) };
  const pool = createPool();
  const servers: SerialServer[] = [];
  try {
    const session = await pool.open({ ...setup, wallLimit: Infinity });
    // Of a bench with several boards each has an address, unless one was chosen.
    const served = options.board === undefined || options.bench === undefined ? [...session.boards.values()] : [session.boards.get(name)!];
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    failed.catch(() => {});
    for (const [index, board] of served.entries()) {
      const serial = board.serial();
      const line: SerialLine = {
        write: data => void serial.write(data).catch(fail),
        connect: connected => void serial.connect(connected).catch(fail),
      };
      const server = await start(options, line, index);
      servers.push(server);
      serial.onData(data => server.send(data));
      process.stdout.write(served.length > 1 ? `${board.name} ${server.address}\n` : `${server.address}\n`);
    }
    for (const board of session.boards.values()) await board.powerOn();
    const running = session.run({ pace: options.time });
    const signal = new Promise<void>(resolve => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve());
    });
    await Promise.race([signal, failed, running.ended]);
    running.stop();
    await session.close();
  } catch (error) {
    if (error instanceof SessionError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    for (const server of servers) await server.close();
    await pool.close();
  }
}
