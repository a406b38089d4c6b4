/** Decides what is translated, and runs translated frames, calls and returns between them included. */
import { releaseCall } from '../../objects/bytecode-function.ts';
import type { CodeObject } from '../code.ts';
import type { Frame } from '../frame.ts';
import { hot } from '../hot.ts';
import { vm } from '../vm.ts';
import { nesting } from './calls.ts';
import { Leave, type Translation, translate } from './emit.ts';
import { resultOf } from './invoke.ts';
import { runtime } from './runtime.ts';

/** Runs a frame from a block on, and says why it was left: for `Leave.Exit` the interpreter is to go on in `vm.frame`. */
export type Run = (frame: Frame, block: number) => Leave;

/** A function that has been translated. */
export interface Translated {
  readonly run: Run;
  readonly entry: Int32Array;
  readonly depth: Int32Array;
}

/** Calls and jumps backwards after which a function is translated; a call counts for several, since it is longer than the part of a loop. */
export const translation = { threshold: 300 };
export const CALL_HEAT = 4;

let exports: ReturnType<typeof runtime> | undefined;

/** Translates a function that has become warm enough; it is left to the interpreter for ever when that cannot be. */
export function warm(code: CodeObject): Translated | null {
  code.heat = 0;
  if (code.translated !== undefined || translation.threshold === Number.POSITIVE_INFINITY) return code.translated ?? null;
  const { wordSize, smallIntMax, smallIntMin } = vm;
  const result = translate(code, { wordSize, smallIntMax, smallIntMin });
  code.translated = result === undefined ? null : made(code, result);
  return code.translated;
}

/** Makes a function's translation for the code of one machine. */
type Factory = (exports: ReturnType<typeof runtime>, code: CodeObject, cycles: typeof hot) => Run;

/** By their text: a machine that runs what another one ran before takes the host's code over, and what the host has learnt of it. */
const factories = new Map<string, Factory>();
/** Characters of text that are kept; the oldest go first. */
const KEPT_TEXT = 1 << 22;
let keptText = 0;

/** @throws EvalError where the host allows no code to be made from text */
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

/** The host's function; null where the host allows none to be made from text, as a page's security policy may. */
function made(code: CodeObject, { source, entry, depth }: Translation): Translated | null {
  try {
    return { run: factoryOf(source)((exports ??= runtime()), code, hot), entry, depth };
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}

/** Where translated code can go on with this frame; -1: nowhere. */
export function entryOf(frame: Frame, translated: Translated): number {
  const { pc } = frame;
  return translated.depth[pc] === frame.sp && !hot.pending ? translated.entry[pc] : -1;
}

/**
 * Runs translated code from `frame` on, calls and returns included. Returns the frame in which the interpreter is to go on, or why `base` was
 * left. Throws what the code throws: the frame that ran is then `vm.frame`.
 */
export function runTranslated(frame: Frame, base: Frame): Frame | Leave.Return | Leave.Yield {
  const { depth } = nesting;
  try {
    for (;;) {
      const { translated } = frame.code;
      if (translated === undefined || translated === null) return frame;
      const block = entryOf(frame, translated);
      if (block < 0) return frame;
      const left = translated.run(frame, block);
      if (left === Leave.Exit) return vm.frame!;
      if (left === Leave.Yield) return left;
      releaseCall(frame);
      if (frame === base) return left;
      const callee = frame;
      vm.frame = frame = callee.caller!;
      frame.state[frame.sp] = resultOf(callee);
    }
  } finally {
    nesting.depth = depth;
  }
}
