/**
 * The official WebAssembly build of MicroPython 1.27.0 as a target, in process: what it prints is what MicroPython prints.
 * It has a language and an interactive prompt, and nothing that a board has; its time is the host's.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { webassembly } from '../boards/webassembly.ts';
import type {
  AdvanceResult,
  BenchSetup,
  BoardDescription,
  Condition,
  ExecuteResult,
  Nanoseconds,
  SerialHandle,
} from '../emulator/session/handle.ts';
import { builtFile, packageRoot } from './package-root.ts';
import { CapabilityMissing, type Dut, type Target, TargetError, type TargetSession, UnknownBoardError } from './target.ts';
import type { WasmAnswer, WasmWorkerData } from './wasm-worker.ts';

const packageName = '@micropython/micropython-webassembly-pyscript';
const promptOf = { friendly: '>>> ', raw: '>' };

/** Is the reference build installed? It is a development dependency, not one of the published package. */
export function wasmIsInstalled(): boolean {
  try {
    return existsSync(createRequire(`${packageRoot}/package.json`).resolve(`${packageName}/package.json`));
  } catch {
    return false;
  }
}

export function createWasmTarget(options: { readonly wallLimit?: number } = {}): Target {
  const wallLimit = options.wallLimit ?? 30_000;
  const open = new Set<WasmBench>();
  return {
    name: 'wasm',
    title: 'official WebAssembly build of MicroPython 1.27.0, in process',
    capabilities: new Set(['execute', 'repl', 'soft-reset']),
    defaultBoard: webassembly.name,
    boards: [webassembly.name],
    limits: 'it runs the language and its libraries only',
    async open(setup: BenchSetup): Promise<TargetSession> {
      if (!wasmIsInstalled()) {
        throw new TargetError(
          'not-installed',
          `target "wasm" needs the package ${packageName}; install it with: npm install --save-dev ${packageName}@1.27.0`,
        );
      }
      if (setup.boards.length !== 1) throw new CapabilityMissing('several-boards', 'wasm');
      const [{ board, name, heap, flash, sd }] = setup.boards;
      if (board !== webassembly.name) throw new UnknownBoardError(String(board), 'wasm', [webassembly.name]);
      if (flash !== undefined || sd !== undefined) throw new CapabilityMissing('media', 'wasm');
      if ((setup.parts?.length ?? 0) > 0 || (setup.wires?.length ?? 0) > 0) throw new CapabilityMissing('parts', 'wasm');
      const bench = new WasmBench(name ?? 'board', heap ?? webassembly.memory.heap, setup.wallLimit ?? wallLimit, () => open.delete(bench));
      open.add(bench);
      await bench.boot();
      return bench;
    },
    async close() {
      await Promise.all([...open].map(bench => bench.close()));
    },
  };
}

class WasmBench implements TargetSession {
  readonly boards: ReadonlyMap<string, Dut>;
  private readonly board: WasmBoard;
  private readonly start = process.hrtime.bigint();

  constructor(
    name: string,
    heap: number,
    wallLimit: number,
    private readonly onClose: () => void,
  ) {
    this.board = new WasmBoard(name, heap, wallLimit, () => this.now);
    this.boards = new Map([[name, this.board]]);
  }

  boot(): Promise<void> {
    return this.board.boot();
  }

  /** Host time since the bench was opened, in ns. */
  get now(): Nanoseconds {
    return Number(process.hrtime.bigint() - this.start);
  }

  async advance(duration: Nanoseconds): Promise<AdvanceResult> {
    await this.board.settled();
    await new Promise(resolve => setTimeout(resolve, duration / 1e6));
    return { now: this.now, reason: 'limit' };
  }

  /** What can become true here becomes true with the output of what was sent before, so that nothing is polled. */
  async advanceUntil(condition: Condition, limit: Nanoseconds): Promise<AdvanceResult> {
    const end = this.now + limit;
    await this.board.settled();
    const met = this.evaluate(condition);
    if (met) return { ...met, now: this.now, reason: 'met' };
    return { now: end, reason: 'dead' };
  }

  async close(): Promise<void> {
    this.onClose();
    await this.board.end();
  }

  private evaluate(condition: Condition): Pick<AdvanceResult, 'index' | 'match'> | undefined {
    switch (condition.kind) {
      case 'serial': {
        const text = this.board.outputFrom(condition.from);
        if (condition.text !== undefined) return text.includes(condition.text) ? { match: [condition.text] } : undefined;
        const match = new RegExp(condition.pattern ?? '', condition.flags).exec(text);
        return match ? { match: [...match] } : undefined;
      }
      case 'idle':
        return {};
      case 'any': {
        const results = condition.of.map(member => this.evaluate(member));
        const index = results.findIndex(result => result !== undefined);
        return index < 0 ? undefined : { ...results[index], index };
      }
      case 'all':
        return condition.of.every(member => this.evaluate(member) !== undefined) ? {} : undefined;
      case 'level':
      case 'edge':
        throw new CapabilityMissing('pins', 'wasm');
      case 'led':
        throw new CapabilityMissing('leds', 'wasm');
      case 'phase':
      case 'activity':
      case 'hard-fault':
        throw new CapabilityMissing('boot', 'wasm');
      case 'reading':
        throw new CapabilityMissing('parts', 'wasm');
      case 'trace':
        throw new CapabilityMissing('trace', 'wasm');
    }
  }
}

class WasmBoard implements Dut {
  readonly description: BoardDescription = {
    board: webassembly.name,
    machine: webassembly.identity.machine,
    firmware: `MicroPython ${webassembly.identity.release}`,
    pins: [],
    leds: [],
    switches: [],
    parts: [],
    serialPorts: ['usb'],
    media: [],
    buses: [],
  };
  private worker: Worker | undefined;
  private ended: TargetError | undefined;
  private requests = 0;
  private readonly waiting = new Map<number, { resolve(): void; reject(error: Error): void; timer: NodeJS.Timeout }>();
  private last: Promise<void> = Promise.resolve();
  private output = '';
  private cursor = 0;
  private readonly listeners = new Set<(bytes: Uint8Array, time: Nanoseconds) => void>();

  constructor(
    readonly name: string,
    private readonly heap: number,
    private readonly wallLimit: number,
    private readonly now: () => Nanoseconds,
  ) {}

  async boot(): Promise<void> {
    const data: WasmWorkerData = { heap: this.heap, packageName, packageRoot };
    const worker = new Worker(builtFile('targets/wasm-worker.js'), { workerData: data, stdout: true, stderr: true });
    this.worker = worker;
    worker.unref();
    worker.on('message', ({ id, output }: WasmAnswer) => {
      this.output += latin1(output);
      for (const listener of this.listeners) listener(output, this.now());
      const request = this.waiting.get(id);
      this.waiting.delete(id);
      clearTimeout(request?.timer);
      request?.resolve();
    });
    worker.on('error', error => this.fail(new TargetError('worker-died', `the WebAssembly build died: ${error.message}`)));
    worker.on('exit', () => this.fail(new TargetError('worker-died', 'the WebAssembly build ended')));
    await this.answered(0);
  }

  serial(port = 'usb'): SerialHandle {
    if (port !== 'usb') throw new TargetError('unknown-port', `board "${this.name}" has no serial port "${port}"`, ['usb']);
    return {
      write: async bytes => this.send(bytes),
      read: async () => {
        await this.settled();
        const bytes = Buffer.from(this.output.slice(this.cursor), 'latin1');
        this.cursor = this.output.length;
        return bytes;
      },
      peek: async from => {
        await this.settled();
        return Buffer.from(this.output.slice(from ?? 0), 'latin1');
      },
      position: async () => {
        await this.settled();
        return this.output.length;
      },
      onData: listener => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      connect: async () => {
        throw new CapabilityMissing('usb', 'wasm');
      },
    };
  }

  async softReset(): Promise<void> {
    await this.send('\x02\x04');
    await this.settled();
  }

  async execute(code: string | Uint8Array, _limit: Nanoseconds): Promise<ExecuteResult> {
    await this.settled();
    const wasRaw = this.output.endsWith(`\n${promptOf.raw}`) || this.output.endsWith(`\x04${promptOf.raw}`);
    if (!wasRaw) {
      await this.send('\x01');
      await this.settled();
    }
    const from = this.output.length;
    const begin = this.now();
    await this.send(Buffer.concat([typeof code === 'string' ? Buffer.from(code, 'utf8') : code, Buffer.from([4])]));
    await this.settled();
    const duration = this.now() - begin;
    const match = /^OK([\s\S]*?)\x04([\s\S]*?)\x04>$/.exec(this.output.slice(from));
    if (match === null) throw new TargetError('no-repl', `the raw REPL answered ${JSON.stringify(this.output.slice(from, from + 200))}`);
    if (!wasRaw) {
      await this.send('\x02');
      await this.settled();
    }
    return { stdout: Buffer.from(match[1], 'latin1'), stderr: Buffer.from(match[2], 'latin1'), duration, ended: 'done' };
  }

  outputFrom(from = this.cursor): string {
    return this.output.slice(from);
  }

  /** Everything that was sent has been processed. */
  async settled(): Promise<void> {
    await this.last;
    if (this.ended) throw this.ended;
  }

  async end(): Promise<void> {
    this.ended ??= new TargetError('closed', 'the bench was closed');
    await this.worker?.terminate();
  }

  private async send(data: string | Uint8Array): Promise<void> {
    if (this.ended) throw this.ended;
    const id = ++this.requests;
    this.worker!.postMessage({ id, bytes: typeof data === 'string' ? Buffer.from(data, 'utf8') : data });
    this.last = this.answered(id);
    // Whoever waits sees the rejection; nobody has to wait.
    this.last.catch(() => {});
  }

  private answered(id: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fail(
          new TargetError('wall-clock-limit', `the program did not end within ${this.wallLimit} ms; the WebAssembly build was ended`),
        );
        void this.worker?.terminate();
      }, this.wallLimit);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  private fail(error: TargetError): void {
    this.ended ??= error;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(this.ended);
    }
    this.waiting.clear();
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
