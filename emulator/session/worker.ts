/**
 * A worker thread: holds one bench at a time and does what the host says. The guest runs inside `advance`; when the time that
 * the host gave is used up, an event on the clock waits here for the host's next call, wherever the guest is at that moment.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Unwind } from '../boot/unwind.ts';
import type { ModuleDefinition } from '../modules/extension/definition.ts';
import { Bench, type BenchHost } from './bench.ts';
import type { CouplingSetup } from './coupling.ts';
import { SessionError } from './error.ts';
import type { BenchSetup } from './handle.ts';
import { modulesOf } from './project-modules.ts';
import type { AnswerMessage, CallMessage, WorkerMessage } from './protocol.ts';

const port = workerData.port as MessagePort;
const signal = new Int32Array(workerData.signal as SharedArrayBuffer);
let seen = 0;

function post(message: WorkerMessage): void {
  port.postMessage(message);
}

/** Bytes of output by which a board may be ahead of those who listen to it. */
const MOST_OUTPUT = 1 << 20;

/** A board that prints without end must not fill the host's memory. */
function waitForListeners(): void {
  for (;;) {
    const waiting = Atomics.load(signal, 1);
    if (waiting <= MOST_OUTPUT) return;
    Atomics.wait(signal, 1, waiting);
  }
}

/** Calls that came while a part of the host's was asked. */
const postponed: CallMessage[] = [];
let asked = 0;

/** Asks a part that is written in the host, and waits for the answer: meanwhile nothing else happens here. @throws Error of the user's code */
function ask(part: string, method: string, args: readonly unknown[]): unknown {
  const id = ++asked;
  post({ kind: 'ask', id, part, method, args, now: bench?.now ?? 0 });
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) {
      Atomics.wait(signal, 0, seen);
      continue;
    }
    seen++;
    const message = received.message as CallMessage | AnswerMessage;
    if (message.kind === 'call') postponed.push(message);
    else if (message.id === id) {
      if (message.error !== undefined) throw new Error(`part "${part}": ${message.error}`);
      return message.value;
    }
  }
}

/** The host's next call; waits for it at most `milliseconds` of host time. */
function nextCall(milliseconds = Infinity): CallMessage | undefined {
  const waiting = postponed.shift();
  if (waiting !== undefined) return waiting;
  const deadline = milliseconds === Infinity ? Infinity : performance.now() + milliseconds;
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received !== undefined) {
      seen++;
      return received.message as CallMessage;
    }
    const left = deadline - performance.now();
    if (left <= 0) return undefined;
    Atomics.wait(signal, 0, seen, left === Infinity ? undefined : left);
  }
}

let bench: Bench | undefined;
/** What the files of the project's modules define, by URL. */
const modules = new Map<string, readonly ModuleDefinition[]>();

/** Loads the modules that a bench is to have. @throws SessionError that says what is wrong with a file */
async function loadModules({ method, args }: CallMessage): Promise<void> {
  if (method !== 'open') return;
  for (const { modules: files = [] } of (args[0] as BenchSetup).boards) {
    for (const file of files) if (!modules.has(file)) modules.set(file, await modulesOf(file));
  }
}

function perform(call: CallMessage): void {
  const reply = (value: unknown) => post({ kind: 'answer', id: call.id, value, now: bench?.now ?? 0 });
  try {
    if (call.method === 'open') {
      const [setup, coupling] = call.args as [ConstructorParameters<typeof Bench>[0], CouplingSetup | undefined];
      const host: BenchHost = {
        nextCall,
        perform,
        output: (board, name, bytes) => {
          const { length } = bytes;
          post({ kind: 'output', board, port: name, bytes, now: bench!.now });
          if (Atomics.add(signal, 1, length) + length > MOST_OUTPUT) waitForListeners();
        },
        ask,
        now: () => performance.now(),
        answer: (id, value) => post({ kind: 'answer', id, value, now: bench!.now }),
        fail,
        modules: file => modules.get(file) ?? [],
      };
      bench = new Bench(setup, host, coupling);
      reply(bench.describe());
    } else if (call.method === 'close') {
      bench?.close();
      bench = undefined;
      reply(undefined);
    } else if (bench === undefined) {
      throw new SessionError('closed', 'there is no session in this worker');
    } else bench.call(call, reply);
  } catch (error) {
    if (error instanceof SessionError) fail(call.id, error);
    else throw error;
  }
}

function fail(id: number, { code, message, known }: SessionError): void {
  post({ kind: 'failure', id, code, message, known, now: bench?.now ?? 0 });
}

/** What went wrong in the emulator: an error of ours, or a guest exception that got out where none may. */
function describe(error: unknown): string {
  if (error instanceof Error) return error.stack ?? error.message;
  const { type, args } = (error as { exception?: { type?: { name?: string }; args?: unknown } }).exception ?? {};
  const shown = Array.isArray(args) ? args.map(String).join(', ') : '';
  return `a guest exception escaped: ${type?.name ?? typeof error}(${shown})`;
}

/** Whether what the call needs could be loaded; says so to the host if not. */
async function loaded(call: CallMessage): Promise<boolean> {
  try {
    await loadModules(call);
    return true;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    fail(call.id, error);
    return false;
  }
}

for (;;) {
  try {
    const call = nextCall();
    if (call !== undefined && (await loaded(call))) perform(call);
    bench?.run();
  } catch (error) {
    // The bench was closed while its time passed and no guest ran.
    if (error instanceof Unwind) continue;
    post({ kind: 'died', message: describe(error), now: bench?.now ?? 0 });
    bench = undefined;
  }
}
