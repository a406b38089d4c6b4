/**
 * The official WebAssembly build of MicroPython in a worker thread of its own, driven through its REPL, one byte at a time.
 * The thread is what makes a runaway program harmless: its owner ends it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

export interface WasmWorkerData {
  /** Bytes of guest heap. */
  readonly heap: number;
  /** A fixed stand-in for the host's entropy, or undefined to leave it. */
  readonly packageName: string;
  readonly packageRoot: string;
}

export type WasmRequest = { readonly id: number; readonly bytes: Uint8Array };
export type WasmAnswer = { readonly id: number; readonly output: Uint8Array };

interface MicroPython {
  replInit(): void;
  /** Non-zero after Ctrl-D at an empty friendly prompt: the caller is to do the soft reset. */
  replProcessChar(byte: number): number;
}

const { heap, packageName, packageRoot } = workerData as WasmWorkerData;
const manifest = createRequire(join(packageRoot, 'package.json')).resolve(`${packageName}/package.json`);
const entry = join(dirname(manifest), 'micropython.mjs');
if (!existsSync(entry)) throw new Error(`${entry} is missing`);
const { loadMicroPython } = (await import(pathToFileURL(entry).href)) as {
  loadMicroPython(options: Record<string, unknown>): Promise<MicroPython>;
};

let output: number[] = [];
const take = (bytes: Uint8Array): void => {
  for (const byte of bytes) output.push(byte);
};

async function boot(): Promise<MicroPython> {
  const board = await loadMicroPython({ heapsize: heap, linebuffer: false, stdout: take, stderr: take });
  board.replInit();
  return board;
}

let board = await boot();
let pending: Promise<void> = Promise.resolve();

parentPort!.on('message', ({ id, bytes }: WasmRequest) => {
  pending = pending.then(async () => {
    for (const byte of bytes) {
      if (board.replProcessChar(byte) !== 0) {
        take(new TextEncoder().encode('MPY: soft reboot\r\n'));
        board = await boot();
      }
    }
    const answer: WasmAnswer = { id, output: Uint8Array.from(output) };
    output = [];
    parentPort!.postMessage(answer);
  });
});

const ready: WasmAnswer = { id: 0, output: Uint8Array.from(output) };
output = [];
parentPort!.postMessage(ready);
