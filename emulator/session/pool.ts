/** The host's side of sessions: a pool of worker threads, and the handle that turns calls into messages. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { SessionError } from './error.ts';
import { executeRaw } from './execute-raw.ts';
import type {
  AdvanceResult,
  BenchSetup,
  BoardDescription,
  BoardHandle,
  BoardState,
  ExecuteResult,
  HostDevice,
  LastWords,
  Nanoseconds,
  PoolOptions,
  RunningSession,
  SerialHandle,
  Session,
  SessionErrorCode,
  SessionPool,
} from './handle.ts';
import { type AnswerMessage, SIGNAL_WORDS, type WorkerMessage } from './protocol.ts';

const DEFAULT_WALL_LIMIT = 30_000;
const DEFAULT_MEMORY = 1 << 30;
/** Stack of a worker, in MiB: guest recursion ends by the guest's own limit long before. */
const STACK_MIB = 32;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout | undefined;
}

/** The bundle with the worker: beside this file's bundle, wherever that was put. */
function workerFile(): URL {
  for (const relative of ['./session/worker.js', '../session/worker.js', '../dist/session/worker.js', '../../dist/session/worker.js']) {
    const url = new URL(relative, import.meta.url);
    if (existsSync(fileURLToPath(url))) return url;
  }
  throw new SessionError('not-built', "the emulator's worker is not built; run 'npm run build'");
}

/** One worker thread with its message port. */
class Thread {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly signal = new Int32Array(new SharedArrayBuffer(4 * SIGNAL_WORDS));
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  now: Nanoseconds = 0;
  dead = false;
  onOutput: (message: Extract<WorkerMessage, { kind: 'output' }>) => void = () => {};
  /** Parts that are written in the host, by name. */
  readonly devices = new Map<string, HostDevice>();
  onDeath: (error: SessionError) => void = () => {};

  constructor(memory: number) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.worker = new Worker(workerFile(), {
      workerData: { port: port2, signal: this.signal.buffer },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: memory >> 20, stackSizeMb: STACK_MIB },
      stdout: false,
      stderr: false,
    });
    this.port.on('message', (message: WorkerMessage) => this.receive(message));
    this.worker.on('error', error => this.die(new SessionError('worker-died', `the board's worker died: ${error.message}`, [], this.now)));
    this.worker.on('exit', () => this.die(new SessionError('worker-died', "the board's worker ended", [], this.now)));
    this.worker.unref();
    this.port.unref();
  }

  call(method: string, args: readonly unknown[], wallLimit: number): Promise<unknown> {
    if (this.dead) return Promise.reject(new SessionError('closed', 'the session is over', [], this.now));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      if (wallLimit !== Infinity) {
        timer = setTimeout(() => {
          this.die(
            new SessionError(
              'wall-clock-limit',
              `${method} took more than ${wallLimit} ms of host time; the guest never lets go`,
              [],
              this.now,
            ),
          );
        }, wallLimit);
      }
      this.pending.set(id, { resolve, reject, timer });
      if (this.pending.size === 1) {
        this.worker.ref();
        this.port.ref();
      }
      this.port.postMessage({ kind: 'call', id, method, args });
      Atomics.add(this.signal, 0, 1);
      Atomics.notify(this.signal, 0);
    });
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    if (pending === undefined) return undefined;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    if (this.pending.size === 0) {
      this.worker.unref();
      this.port.unref();
    }
    return pending;
  }

  private receive(message: WorkerMessage): void {
    this.now = message.now;
    if (message.kind === 'answer') this.settle(message.id)?.resolve(message.value);
    else if (message.kind === 'failure') {
      this.settle(message.id)?.reject(new SessionError(message.code as SessionErrorCode, message.message, message.known, message.now));
    } else if (message.kind === 'output') this.onOutput(message);
    else if (message.kind === 'ask') void this.answer(message);
    else if (message.kind === 'died') this.die(new SessionError('worker-died', `the emulator failed: ${message.message}`, [], message.now));
  }

  /** A part of the host's is asked something; the worker waits. */
  private async answer({ id, part, method, args }: Extract<WorkerMessage, { kind: 'ask' }>): Promise<void> {
    let reply: AnswerMessage;
    try {
      const device = this.devices.get(part) as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
      reply = { kind: 'reply', id, value: await device[method](...args) };
    } catch (error) {
      reply = { kind: 'reply', id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    if (this.dead) return;
    this.port.postMessage(reply);
    Atomics.add(this.signal, 0, 1);
    Atomics.notify(this.signal, 0);
  }

  /** Ends the thread; everything that waits for it is rejected. */
  die(error: SessionError): void {
    if (this.dead) return;
    this.dead = true;
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(error);
    this.port.close();
    void this.worker.terminate();
    this.onDeath(error);
  }
}

export function createPool(options: PoolOptions = {}): SessionPool {
  const idleLimit = options.idle ?? 2;
  const wallLimit = options.wallLimit ?? DEFAULT_WALL_LIMIT;
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  return {
    async open(setup: BenchSetup): Promise<Session> {
      let thread = idle.pop();
      if (thread === undefined || thread.dead) {
        thread = new Thread(options.workerMemory ?? DEFAULT_MEMORY);
        all.add(thread);
      }
      const limit = setup.wallLimit ?? wallLimit;
      const boards = (await thread.call('open', [setup], limit)) as { name: string; description: BoardDescription }[];
      return new WorkerSession(thread, boards, limit, () => {
        if (thread.dead) all.delete(thread);
        else if (idle.length < idleLimit) idle.push(thread);
        else {
          all.delete(thread);
          thread.die(new SessionError('closed', 'the session was closed'));
        }
      });
    },
    async close(): Promise<void> {
      for (const thread of all) thread.die(new SessionError('closed', 'the pool was closed'));
      all.clear();
      idle.length = 0;
    },
  };
}

type Listener = (bytes: Uint8Array, time: Nanoseconds) => void;

class WorkerSession implements Session {
  readonly boards: ReadonlyMap<string, BoardHandle>;
  lastWords: LastWords | undefined = undefined;
  private closed = false;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly transcript = new Map<string, Uint8Array[]>();
  private readonly states: Record<string, BoardState> = {};

  constructor(
    private readonly thread: Thread,
    boards: readonly { name: string; description: BoardDescription }[],
    readonly wallLimit: number,
    private readonly release: () => void,
  ) {
    this.boards = new Map(boards.map(({ name, description }) => [name, this.boardHandle(name, description)]));
    thread.onOutput = message => {
      const kept = this.transcript.get(message.board) ?? [];
      kept.push(message.bytes);
      this.transcript.set(message.board, kept);
      for (const listener of this.listeners.get(`${message.board}/${message.port}`) ?? []) listener(message.bytes, message.now);
    };
    thread.onDeath = error => {
      const serial: Record<string, Uint8Array> = {};
      for (const [name, chunks] of this.transcript) serial[name] = Buffer.concat(chunks);
      this.lastWords = { error, serial, state: this.states };
    };
  }

  get now(): Nanoseconds {
    return this.thread.now;
  }

  private call<T>(method: string, ...args: unknown[]): Promise<T> {
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
      execute: (code, limit, options): Promise<ExecuteResult> => executeRaw(this, handle, code, limit, options),
      firmware: {
        begin: (file, options) => this.call('firmware.begin', name, file, options ?? {}),
        state: () => this.call('firmware.state', name),
        finish: () => this.call('firmware.finish', name),
        install: async (file, options) => {
          await this.advance(await handle.firmware.begin(file, options));
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
