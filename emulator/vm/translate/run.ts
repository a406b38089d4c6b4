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
  const shape = shapeOf(code);
  const { flow } = shape;
  if (code.translated === undefined)
    code.translated = flow === undefined ? null : { start: undefined, runs: code.forEachInstruction(), flow };
  if (code.translated === null || flow === undefined) return;
  const { runs } = code.translated;
  if (flow.entry[at] === 0 || runs[at] !== undefined) return;
  let factory = shape.factories.get(at);
  if (factory === undefined) {
    factory = shape.factories.size < MOST_ENTRIES ? made(code, shape, flow, at) : null;
    shape.factories.set(at, factory);
  }
  runs[at] = factory === null ? null : factory((exports ??= runtime()), code, hot);
  code.translated.start = runs[0];
}

/** As `warm`, for a function that is met for the first time: if another machine has had it translated, so that it costs nothing. */
export function adopt(code: CodeObject, at: number): void {
  if (shapes.get(keyOf(code))?.factories.get(at)) warm(code, at);
}

/** Makes a function's translation for the code of one machine. */
type Factory = (exports: ReturnType<typeof runtime>, code: CodeObject, cycles: typeof hot) => Run;

/**
 * What is known of functions with the same bytecode: a machine that runs what another one of this thread ran before takes over the host's code for
 * it, and what the host has learnt of that.
 */
interface Shape {
  readonly key: string;
  readonly flow: Flow | undefined;
  /** By the instruction from which on; null where it cannot be. */
  readonly factories: Map<number, Factory | null>;
  /** Characters of its key, and of all these. */
  text: number;
}

const shapes = new Map<string, Shape>();
/** Characters of bytecode, and of the text that is made of it, that are kept; the oldest go first. */
const KEPT_TEXT = 1 << 22;
let keptText = 0;

/** From so many instructions of one function on it is translated: each translation holds all that can be reached from there. */
const MOST_ENTRIES = 16;

const latin1 = new TextDecoder('latin1');

/** All that a translation depends on. */
function keyOf(code: CodeObject): string {
  code.key ??= `${vm.wordSize} ${vm.smallIntMax} ${latin1.decode(code.raw.code)}`;
  return code.key;
}

function shapeOf(code: CodeObject): Shape {
  const key = keyOf(code);
  let shape = shapes.get(key);
  if (shape === undefined) {
    shape = { key, flow: analyse(code), factories: new Map(), text: 0 };
    shapes.set(key, shape);
    keep(shape, key.length);
  }
  return shape;
}

/** A shape takes so many characters more. */
function keep(shape: Shape, text: number): void {
  if (shapes.get(shape.key) !== shape) return;
  shape.text += text;
  keptText += text;
  for (const [key, oldest] of shapes) {
    if (keptText <= KEPT_TEXT) break;
    shapes.delete(key);
    keptText -= oldest.text;
  }
}

/** Null for what is left to the interpreter, and where the host makes no functions from text, as a page's security policy may, or cannot read it. */
function made(code: CodeObject, shape: Shape, flow: Flow, at: number): Factory | null {
  const { wordSize, smallIntMax, smallIntMin } = vm;
  try {
    const source = translate(code, flow, at, { wordSize, smallIntMax, smallIntMin });
    if (source === undefined) return null;
    const factory = new Function('runtime', 'code', 'hot', source) as Factory;
    keep(shape, source.length);
    return factory;
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
