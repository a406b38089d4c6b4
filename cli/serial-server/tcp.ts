/** The board's serial port on a TCP port: plain bytes, or RFC 2217. */
import { createServer, isIPv6, type Socket } from 'node:net';
import { CommandFailure } from '../failure.ts';
import { ComPort } from './com-port.ts';
import { MOST_WAITING, type SerialLine, type SerialServer } from './line.ts';
import { escapeTelnet, TelnetOption, TelnetParser } from './telnet.ts';

const BUSY = 'The serial port is in use by another client.\r\n';

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`. Port 0 takes a free one. @throws CommandFailure */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d+)$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new CommandFailure(`"${text}" is no HOST:PORT`);
  return { host: match[1] || match[2] || '127.0.0.1', port };
}

export async function serveTcp(address: string, rfc2217: boolean, line: SerialLine): Promise<SerialServer> {
  const { host, port } = parseAddress(address);
  let client: Socket | undefined;
  const server = createServer(socket => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    if (client !== undefined) {
      socket.end(BUSY);
      return;
    }
    client = socket;
    line.connect(true);
    const take = rfc2217 ? rfc2217Input(socket, line) : (data: Buffer) => line.write(data);
    socket.on('data', take);
    socket.on('close', () => {
      client = undefined;
      line.connect(false);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new CommandFailure(`cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  const realPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const shown = isIPv6(host) ? `[${host}]` : host;
  return {
    address: `${rfc2217 ? 'rfc2217' : 'socket'}://${shown}:${realPort}`,
    send: data => {
      if (client !== undefined && client.writableLength < MOST_WAITING) client.write(rfc2217 ? escapeTelnet(data) : data);
    },
    close: () =>
      new Promise(resolve => {
        client?.destroy();
        server.close(() => resolve());
      }),
  };
}

function rfc2217Input(socket: Socket, line: SerialLine): (data: Buffer) => void {
  const port = new ComPort(
    bytes => socket.write(bytes),
    on => line.connect(on),
  );
  const options = new Set<number>(Object.values(TelnetOption));
  const parser = new TelnetParser(options, {
    data: bytes => line.write(bytes),
    reply: bytes => socket.write(bytes),
    subnegotiation: (option, body) => {
      if (option === TelnetOption.ComPort) port.handle(body);
    },
  });
  parser.offer([TelnetOption.Binary, TelnetOption.SuppressGoAhead]);
  return data => parser.take(data);
}
