/** The calls of the handle that take no virtual time, by name. */
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { Wire } from './handle.ts';

export interface BenchCalls {
  describe(): unknown;
  perform(method: string, args: readonly unknown[]): unknown;
}

type Call = (...args: never[]) => unknown;

export function benchCalls(bench: Bench): BenchCalls {
  const console = (board: string, port: string) => {
    const found = bench.board(board).consoles.get(port);
    if (found === undefined)
      throw new SessionError('unknown-port', `${board} has no serial port "${port}"`, [...bench.board(board).consoles.keys()], bench.now);
    return found;
  };
  const calls: Record<string, Call> = {
    powerOn: (board: string) => bench.board(board).powerOn(),
    powerOff: (board: string) => bench.board(board).powerOff(),
    holdReset: (board: string, pressed: boolean) => bench.board(board).holdReset(pressed),
    holdSwitch: (board: string, name: string, pressed: boolean, bounce: boolean) => {
      const machine = bench.board(board);
      if (!machine.switches.includes(name))
        throw new SessionError('unknown-switch', `${board} has no switch "${name}"`, machine.switches, bench.now);
      machine.holdSwitch(name, pressed, bounce);
    },
    exitStatus: (board: string) => bench.board(board).exitStatus,
    state: (board: string) => bench.state(bench.board(board)),
    'serial.write': (board: string, port: string, bytes: Uint8Array) => console(board, port).send(bytes),
    'serial.end': (board: string, port: string) => console(board, port).end(),
    'serial.read': (board: string, port: string) => {
      const key = `${board}/${port}`;
      const from = bench.cursors.get(key) ?? 0;
      bench.cursors.set(key, console(board, port).sent);
      return console(board, port).since(from);
    },
    'serial.peek': (board: string, port: string, from: number) => console(board, port).since(from),
    'serial.position': (board: string, port: string) => console(board, port).sent,
    'serial.connect': (board: string, port: string, connected: boolean) => {
      console(board, port).connected = connected;
    },
    wire: (wire: Wire) => bench.nets.wire(wire),
    unwire: (pin: string) => bench.nets.unwire(pin),
    join: (id: number, pins: string[], others: [number, string][]) => bench.join(id, pins, others),
    leave: (id: number) => bench.leave(id),
  };
  const instruments = bench.instruments();
  return {
    describe: () => [...bench.boards].map(([name, machine]) => ({ name, description: machine.description })),
    perform: (method, args) => {
      const call = calls[method];
      if (call !== undefined) return call(...(args as never[]));
      const dot = method.lastIndexOf('.');
      const instrument = instruments[method.slice(0, dot)];
      const name = method.slice(dot + 1);
      if (instrument?.methods.includes(name)) return (instrument.object as Record<string, Call>)[name](...(args as never[]));
      const known = Object.entries(instruments).flatMap(([prefix, { methods }]) => methods.map(each => `${prefix}.${each}`));
      throw new SessionError('not-built', `"${method}" is not built yet`, [...Object.keys(calls), ...known], bench.now);
    },
  };
}
