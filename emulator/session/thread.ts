/** A worker thread with its message port: calls with answers, and the news that it sends by itself. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { SessionError } from './error.ts';
import type { HostDevice, Nanoseconds, SessionErrorCode } from './handle.ts';
import { HOST_FLAGS } from './host-flags.ts';
import { type AnswerMessage, SIGNAL_WORDS, type WorkerMessage } from './protocol.ts';

/** Stack of a worker, in MiB: guest recursion ends by the guest's own limit long before. */
const STACK_MIB = 32;
type OutputMessage = Extract<WorkerMessage, { kind: 'output' }>;

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
export class Thread {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly signal = new Int32Array(new SharedArrayBuffer(4 * SIGNAL_WORDS));
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  now: Nanoseconds = 0;
  /** Why it is no more. */
  death: SessionError | undefined;
  /** Resolves once its thread has ended. */
  ended: Promise<unknown> = Promise.resolve();
  /** Keeps the calls of several threads in the order in which they were made. */
  queue: <T>(call: () => Promise<T>) => Promise<T> = call => call();
  /** Takes output; a promise says when it is done with it. */
  onOutput: (message: OutputMessage) => void | Promise<unknown> = () => {};
  /** Parts that are written in the host, by name. */
  readonly devices = new Map<string, HostDevice>();
  onDeath: (error: SessionError) => void = () => {};

  constructor(memory: number) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    for (const flag of HOST_FLAGS) setFlagsFromString(flag);
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

  get dead(): boolean {
    return this.death !== undefined;
  }

  call(method: string, args: readonly unknown[], wallLimit: number): Promise<unknown> {
    return this.queue(() => this.callNow(method, args, wallLimit));
  }

  /** Makes a call ahead of those that wait in the queue. */
  callNow(method: string, args: readonly unknown[], wallLimit: number, transfer: readonly MessagePort[] = []): Promise<unknown> {
    if (this.dead)
      return Promise.reject(this.death!.code === 'closed' ? new SessionError('closed', 'the session is over', [], this.now) : this.death);
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
      this.port.postMessage({ kind: 'call', id, method, args }, transfer);
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
    } else if (message.kind === 'output') void this.take(message);
    else if (message.kind === 'ask') void this.answer(message);
    else if (message.kind === 'died') this.die(new SessionError('worker-died', `the emulator failed: ${message.message}`, [], message.now));
  }

  /** Hands output on, and lets the worker go on when it waits for that. */
  private async take(message: OutputMessage): Promise<void> {
    const { length } = message.bytes;
    try {
      const taken = this.onOutput(message);
      if (taken !== undefined) await taken;
    } finally {
      Atomics.sub(this.signal, 1, length);
      Atomics.notify(this.signal, 1);
    }
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
    this.death = error;
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(error);
    this.port.close();
    this.ended = this.worker.terminate();
    this.onDeath(error);
  }
}
