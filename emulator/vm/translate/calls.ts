/**
 * Calls from translated code. The code of a function that is translated, too, is run from here, on the host's stack; for any other the frame
 * is left to the interpreter, as is what no guest function is. Each function says true when translated code must leave: `vm.frame` is then to be
 * run by the interpreter. Otherwise the result is at `state[into]`, where the function was.
 */
import { functionType, type MpFunction, releaseCall } from '../../objects/bytecode-function.ts';
import { Cycles } from '../cost.ts';
import { Frame } from '../frame.ts';
import { hot } from '../hot.ts';
import { raiseRecursionDepth } from '../raise.ts';
import type { Value } from '../value.ts';
import { vm } from '../vm.ts';
import { Leave } from './emit.ts';
import { invoke, invokeStarred, resultOf } from './invoke.ts';
import { adopt, CALL_HEAT, translation, warm } from './run.ts';

/** Calls of translated code from translated code on the host's stack; beyond the limit they start anew from its bottom. */
let depth = 0;
const DEEPEST = 400;

export const nestingDepth = (): number => depth;

/** After calls that were left by an error. */
export function restoreNesting(to: number): void {
  depth = to;
}

/** Runs the frame of a call that `frame` makes. */
function run(frame: Frame, callee: Frame): boolean {
  callee.caller = frame;
  vm.frame = callee;
  const { code } = callee;
  let { translated } = code;
  if (translated === undefined || translated === null || translated.start === undefined || translated.start === null) {
    if (code.heat === 0) adopt(code, 0);
    if ((code.heat += CALL_HEAT) > translation.threshold) warm(code, 0);
    ({ translated } = code);
    if (!translated?.start) return true;
  }
  if (hot.pending || depth >= DEEPEST) return true;
  depth++;
  if (translated.start!(callee) !== Leave.Return) return true;
  depth--;
  if (callee.heapBytes > 0) releaseCall(callee);
  else vm.stackUsed -= callee.stackBytes;
  vm.frame = frame;
  frame.state[frame.sp] = callee.constructs === undefined ? callee.state[callee.sp] : resultOf(callee);
  return hot.pending;
}

/** A call of what lies at `state[into]`, with its arguments behind it up to `sp`, as `invoke` has it. */
export function callStacked(frame: Frame, at: number, into: number, sp: number, budget: number, nKw: number, isMethod: boolean): boolean {
  frame.pc = at + 1;
  frame.sp = sp;
  hot.budget = budget;
  const callee = invoke(frame, into, sp, nKw, isMethod);
  frame.sp = into;
  return callee === null ? hot.pending : run(frame, callee);
}

/** A call with `*` or `**` whose arguments end at `sp`; `arg` is the instruction's operand. */
export function callStarred(frame: Frame, at: number, sp: number, budget: number, arg: number, isMethod: boolean): boolean {
  frame.pc = at + 1;
  frame.sp = sp;
  hot.budget = budget;
  const callee = invokeStarred(frame, arg, isMethod);
  return callee === null ? hot.pending : run(frame, callee);
}

/** The frame of a function that takes just these arguments, and no heap; undefined when it is another kind. */
function frameFor(frame: Frame, at: number, into: number, budget: number, fun: Value | undefined, n: number): Frame | undefined {
  if (typeof fun !== 'object' || fun === null || fun.type !== functionType) return undefined;
  const { code, globals } = fun as MpFunction;
  const { callCosts: costs } = code;
  if (costs === null || costs.heapBytes > 0 || !code.simple || code.nPosArgs !== n) return undefined;
  frame.pc = at + 1;
  frame.sp = into;
  hot.budget = budget - Cycles.functionCall;
  if (vm.stackUsed > vm.stackLimit) raiseRecursionDepth();
  const callee = new Frame(code, globals);
  vm.stackUsed += callee.stackBytes = costs.small;
  return callee;
}

/** Calls `fun` with `n` arguments, three at most. */
export function callFunction(
  frame: Frame,
  at: number,
  into: number,
  budget: number,
  n: number,
  fun: Value,
  a: Value,
  b: Value,
  c: Value,
): boolean {
  const callee = frameFor(frame, at, into, budget, fun, n);
  if (callee === undefined) {
    const { state } = frame;
    state[into] = fun;
    if (n > 0) state[into + 1] = a;
    if (n > 1) state[into + 2] = b;
    if (n > 2) state[into + 3] = c;
    return callStacked(frame, at, into, into + n, budget, 0, false);
  }
  const { state } = callee;
  const top = state.length - 1;
  if (n > 0) state[top] = a;
  if (n > 1) state[top - 1] = b;
  if (n > 2) state[top - 2] = c;
  return run(frame, callee);
}

/** Calls the method at `state[into]`, whose self, or undefined for none, follows it, with `n` more arguments, three at most. */
export function callMethod(frame: Frame, at: number, into: number, budget: number, n: number, a: Value, b: Value, c: Value): boolean {
  const stack = frame.state;
  const self = stack[into + 1];
  const callee = frameFor(frame, at, into, budget, stack[into], self === undefined ? n : n + 1);
  if (callee === undefined) {
    if (n > 0) stack[into + 2] = a;
    if (n > 1) stack[into + 3] = b;
    if (n > 2) stack[into + 4] = c;
    return callStacked(frame, at, into, into + 1 + n, budget, 0, true);
  }
  const { state } = callee;
  let top = state.length - 1;
  if (self !== undefined) state[top--] = self;
  if (n > 0) state[top--] = a;
  if (n > 1) state[top--] = b;
  if (n > 2) state[top] = c;
  return run(frame, callee);
}
