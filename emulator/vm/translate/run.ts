/** Decides what is translated, and runs translated frames, calls and returns between them included. */
import { releaseCall } from '../../objects/bytecode-function.ts';
import type { CodeObject } from '../code.ts';
import type { Frame } from '../frame.ts';
import { hot } from '../hot.ts';
import { vm } from '../vm.ts';
import { nestingDepth, restoreNesting } from './calls.ts';
import { Leave, translate } from './emit.ts';
import { analyse, type Flow } from './flow.ts';
import { resultOf } from './invoke.ts';
import { runtime } from './runtime.ts';

/** Runs a frame, and says why it was left: for `Leave.Exit` the interpreter is to go on in `vm.frame`. */
export type Run = (frame: Frame) => Leave;

/** What there is of a function in translation. */
export interface Translated {
  /** From its first instruction on. */
  start: Run | null | undefined;
  /** By the instruction from which on it runs a frame; null where that cannot be, undefined where it has not been tried. */
  readonly runs: (Run | null | undefined)[];
  readonly flow: Flow;
}

/** Calls and jumps backwards after which a function is translated; a call counts for several, since it is longer than the part of a loop. */
export const translation = { threshold: 300 };
export const CALL_HEAT = 4;

let exports: ReturnType<typeof runtime> | undefined;

/** A function has become warm where it is at instruction `at`: translates it from there on. It is left to the interpreter where that cannot be. */
export function warm(code: CodeObject, at: number): void {
  code.heat = 0;
  if (code.translated === null || translation.threshold === Number.POSITIVE_INFINITY) return;
  if (code.translated === undefined) {
    const flow = analyse(code);
    code.translated = flow === undefined ? null : { start: undefined, runs: code.forEachInstruction(), flow };
    if (code.translated === null) return;
  }
  const { flow, runs } = code.translated;
  if (flow.entry[at] === 0 || runs[at] !== undefined) return;
  const { wordSize, smallIntMax, smallIntMin } = vm;
  const source = translate(code, flow, at, { wordSize, smallIntMax, smallIntMin });
  runs[at] = source === undefined ? null : made(code, source);
  code.translated.start = runs[0];
}

/** Makes a function's translation for the code of one machine. */
type Factory = (exports: ReturnType<typeof runtime>, code: CodeObject, cycles: typeof hot) => Run;

/** By their text: a machine that runs what another one ran before takes the host's code over, and what the host has learnt of it. */
const factories = new Map<string, Factory>();
/** Characters of text that are kept; the oldest go first. */
const KEPT_TEXT = 1 << 22;
let keptText = 0;

/** @throws EvalError where the host allows no code to be made from text, RangeError where it nests too deeply for the host */
function factoryOf(source: string): Factory {
  let factory = factories.get(source);
  if (factory === undefined) {
    factory = new Function('runtime', 'code', 'hot', source) as Factory;
    factories.set(source, factory);
    keptText += source.length;
    for (const oldest of factories.keys()) {
      if (keptText <= KEPT_TEXT) break;
      factories.delete(oldest);
      keptText -= oldest.length;
    }
  }
  return factory;
}

/** The host's function; null where the host allows none to be made from text, as a page's security policy may, or cannot read it. */
function made(code: CodeObject, source: string): Run | null {
  try {
    return factoryOf(source)((exports ??= runtime()), code, hot);
  } catch (error) {
    if (error instanceof EvalError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Translated code that can go on with this frame. */
export function runOf(frame: Frame): Run | undefined {
  const { translated } = frame.code;
  if (translated === undefined || translated === null || hot.pending) return undefined;
  const { pc } = frame;
  const run = translated.runs[pc];
  return run !== null && translated.flow.depth[pc] === frame.sp ? run : undefined;
}

/**
 * Runs translated code from `frame` on, calls and returns included. Returns the frame in which the interpreter is to go on, or why `base` was
 * left. Throws what the code throws: the frame that ran is then `vm.frame`.
 */
export function runTranslated(frame: Frame, base: Frame): Frame | Leave.Return | Leave.Yield {
  const depth = nestingDepth();
  try {
    for (;;) {
      const run = runOf(frame);
      if (run === undefined) return frame;
      const left = run(frame);
      if (left === Leave.Exit) return vm.frame!;
      if (left === Leave.Yield) return left;
      releaseCall(frame);
      if (frame === base) return left;
      const callee = frame;
      vm.frame = frame = callee.caller!;
      frame.state[frame.sp] = resultOf(callee);
    }
  } finally {
    restoreNesting(depth);
  }
}
