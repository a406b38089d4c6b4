/** The host's side of a bench with one board: the handle that turns calls into messages. */
import { SessionError } from './error.ts';
import { executeRaw } from './execute-raw.ts';
import type {
  AdvanceResult,
  BoardDescription,
  BoardHandle,
  BoardState,
  ExecuteResult,
  LastWords,
  Nanoseconds,
  RunningSession,
  SerialHandle,
  Session,
} from './handle.ts';
import type { Thread } from './thread.ts';

type Listener = (bytes: Uint8Array, time: Nanoseconds) => void | Promise<void>;

/** The end of a serial port's output, for what is told of a board whose worker died. */
class LastOutput {
  private chunks: Uint8Array[] = [];
  private length = 0;

  add(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.length += bytes.length;
    if (this.length <= 2 * KEPT_OUTPUT) return;
    const kept = this.bytes();
    this.chunks = [kept];
    this.length = kept.length;
  }

  /** At most the last `KEPT_OUTPUT` bytes. */
  bytes(): Uint8Array {
    const all = Buffer.concat(this.chunks);
    return Uint8Array.from(all.subarray(Math.max(0, all.length - KEPT_OUTPUT)));
  }
}

/** Bytes for each board. */
const KEPT_OUTPUT = 1 << 16;

/** A bench with one board: its worker is asked everything. */
export class WorkerSession implements Session {
  readonly boards: ReadonlyMap<string, BoardHandle>;
  lastWords: LastWords | undefined = undefined;
  /** The bench that this one is a part of, if it is: time passes for all of it. */
  whole: Session = this;
  private closed = false;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly lastOutput = new Map<string, LastOutput>();
  private readonly states: Record<string, BoardState> = {};

  constructor(
    private readonly thread: Thread,
    boards: readonly { name: string; description: BoardDescription }[],
    readonly wallLimit: number,
    private readonly release: () => void,
  ) {
    this.boards = new Map(boards.map(({ name, description }) => [name, this.boardHandle(name, description)]));
    thread.onOutput = message => {
      const kept = this.lastOutput.get(message.board) ?? new LastOutput();
      this.lastOutput.set(message.board, kept);
      kept.add(message.bytes);
      const pending: Promise<void>[] = [];
      for (const listener of this.listeners.get(`${message.board}/${message.port}`) ?? []) {
        const taken = listener(message.bytes, message.now);
        if (taken !== undefined) pending.push(taken);
      }
      return pending.length > 0 ? Promise.all(pending) : undefined;
    };
    thread.onDeath = error => {
      const serial: Record<string, Uint8Array> = {};
      for (const [name, output] of this.lastOutput) serial[name] = output.bytes();
      this.lastWords = { error, serial, state: this.states };
    };
  }

  get now(): Nanoseconds {
    return this.thread.now;
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.closed) return Promise.reject(new SessionError('closed', 'the session was closed', [], this.now));
    return this.thread.call(method, args, this.wallLimit) as Promise<T>;
  }

  private timed<T>(wallLimit: number | undefined, method: string, ...args: unknown[]): Promise<T> {
    if (this.closed) return Promise.reject(new SessionError('closed', 'the session was closed', [], this.now));
    return this.thread.call(method, args, wallLimit ?? this.wallLimit) as Promise<T>;
  }

  advance: Session['advance'] = (duration, options) => this.timed<AdvanceResult>(options?.wallLimit, 'advance', duration);
  advanceUntil: Session['advanceUntil'] = (condition, limit, options) =>
    this.timed<AdvanceResult>(options?.wallLimit, 'advanceUntil', condition, limit);

  run: Session['run'] = options => {
    const ended = this.timed<AdvanceResult>(Infinity, 'run', options);
    return { ended, stop: () => void this.call('stop').catch(() => {}) } satisfies RunningSession;
  };

  wire: Session['wire'] = wire => this.call('wire', wire);
  unwire: Session['unwire'] = pin => this.call('unwire', pin);
  focus: Session['focus'] = () => {};

  readonly trace: Session['trace'] = this.remote('trace', ['events', 'levels', 'vcd', 'jsonLines', 'mark']);
  readonly parts: Session['parts'] = {
    ...this.remote<Session['parts']>('parts', ['kinds', 'list', 'attach', 'detach', 'control', 'reading', 'image']),
    attachHost: async (part, device) => {
      const has = ['start', 'write', 'read', 'stop', 'select', 'transfer', 'receive'].filter(
        method => typeof (device as unknown as Record<string, unknown>)[method] === 'function',
      );
      const { protocol } = device;
      const more = protocol === 'i2c' ? { address: device.address } : protocol === 'uart' ? { baudrate: device.baudrate } : {};
      this.thread.devices.set(part.name, device);
      await this.call('parts.attachHost', part, { protocol, has, ...more });
    },
  };
  readonly pins: Session['pins'] = this.remote('pins', ['drive', 'release', 'read']);
  readonly faults: Session['faults'] = this.remote('faults', ['inject', 'clear', 'clearAll']);

  /** An object whose methods are calls of the worker. */
  private remote<T>(prefix: string, methods: readonly string[], ...first: unknown[]): T {
    return Object.fromEntries(
      methods.map(method => [method, (...args: unknown[]) => this.call(`${prefix}.${method}`, ...first, ...args)]),
    ) as T;
  }

  private boardHandle(name: string, description: BoardDescription): BoardHandle {
    const media = this.remote<BoardHandle['media']>(
      'media',
      ['insertCard', 'removeCard', 'image', 'setImage', 'readFile', 'writeFile', 'removeFile', 'list', 'check', 'corrupt'],
      name,
    );
    const usb = {
      ...this.remote<BoardHandle['usb']>('usb', ['connect', 'interfaces', 'hidReports', 'sendHid'], name),
      drive: this.remote<BoardHandle['usb']['drive']>(
        'usb.drive',
        ['readBlocks', 'writeBlocks', 'list', 'readFile', 'writeFile', 'removeFile', 'flush', 'eject'],
        name,
      ),
    };
    const handle: BoardHandle = {
      name,
      description,
      powerOn: () => this.call('powerOn', name),
      powerOff: () => this.call('powerOff', name),
      holdReset: pressed => this.call('holdReset', name, pressed),
      holdSwitch: (button, pressed, options) => this.call('holdSwitch', name, button, pressed, options?.bounce ?? true),
      serial: port => this.serialHandle(name, port ?? 'usb'),
      media,
      usb,
      state: async () => {
        const state = await this.call<BoardState>('state', name);
        this.states[name] = state;
        return state;
      },
      exitStatus: () => this.call('exitStatus', name),
      execute: (code, limit, options): Promise<ExecuteResult> => executeRaw(this.whole, handle, code, limit, options),
      firmware: {
        begin: (file, options) => this.call('firmware.begin', name, file, options ?? {}),
        state: () => this.call('firmware.state', name),
        finish: () => this.call('firmware.finish', name),
        install: async (file, options) => {
          await this.whole.advance(await handle.firmware.begin(file, options));
          await handle.firmware.finish();
        },
      },
    };
    return handle;
  }

  private serialHandle(board: string, port: string): SerialHandle {
    return {
      write: bytes => this.call('serial.write', board, port, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes),
      end: () => this.call('serial.end', board, port),
      read: () => this.call('serial.read', board, port),
      peek: from => this.call('serial.peek', board, port, from ?? 0),
      position: () => this.call('serial.position', board, port),
      onData: listener => {
        const key = `${board}/${port}`;
        const set = this.listeners.get(key) ?? new Set<Listener>();
        this.listeners.set(key, set);
        set.add(listener);
        return () => set.delete(listener);
      },
      connect: connected => this.call('serial.connect', board, port, connected),
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.thread.devices.clear();
    this.thread.onOutput = () => {};
    try {
      if (!this.thread.dead) await this.thread.call('close', [], this.wallLimit);
    } finally {
      this.release();
    }
  }
}
