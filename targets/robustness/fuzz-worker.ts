/** A thread that runs cases one after the other; whoever started it watches over its time and memory (scripts/fuzz-programs.mjs). */
import { parentPort, workerData } from 'node:worker_threads';
import { caseRandom, subject } from './mutants.ts';
import { runBudgeted } from './run-budgeted.ts';

/** Virtual time that a case gets, in ns. */
const BUDGET = 50_000_000;
/** Memory of the process beyond which a case counts as a failure, in bytes. */
const MEMORY = 1.5 * 2 ** 30;

interface Work {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly sources: readonly string[];
  readonly board?: 'unix' | 'pyboard-v1.1';
  readonly only?: string;
}

const { seed, from, to, sources, board, only } = workerData as Work;

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
}

function runCase(index: number): void {
  const { kind, bytes, board: name } = subject(caseRandom(seed, index), sources, board);
  const input = Buffer.from(bytes).toString('base64');
  if (only !== undefined) parentPort!.postMessage({ index, text: `${name} ${kind}\n${kind === 'source' ? Buffer.from(bytes) : input}` });
  try {
    const { how, status, output } = runBudgeted({ kind, bytes, board: name }, BUDGET);
    const { rss } = process.memoryUsage();
    if (rss > MEMORY) parentPort!.postMessage({ index, failure: `${name}: the process has ${rss >> 20} MiB`, input });
    else parentPort!.postMessage({ index, how, ...(only === undefined ? {} : { text: `${how} ${status}\n${output}` }) });
  } catch (error) {
    parentPort!.postMessage({ index, failure: `${name} ${kind}: ${describe(error)}`, input });
  }
}

if (only !== undefined) runCase(Number(only));
else for (let index = from; index < to; index++) runCase(index);
