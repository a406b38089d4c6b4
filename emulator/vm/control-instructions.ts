/** Instructions that change where a frame goes on: handlers, raising, delegating to a generator. They work on the frame alone: its `pc` is behind them. */
import { exceptionMatches, excTypes } from '../objects/exception.ts';
import { ResumeKind } from '../objects/generator.ts';
import type { Frame } from './frame.ts';
import { cancelFinally, lastCaught, popHandler, pushHandler } from './frame-operations.ts';
import { hot } from './hot.ts';
import { makeRaiseObject, resume } from './iteration.ts';
import { Op } from './opcodes.ts';
import { Raise } from './raise.ts';
import { handlePending } from './scheduler.ts';
import type { Value } from './value.ts';
import { warn } from './warning.ts';

/** Slots that a for loop's iterator takes on the value stack (an iterator buffer in the reference). */
export const ITER_SLOTS = 4;

/** Which instructions are here. */
export const IS_CONTROL: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const all = [
    Op.SetupExcept,
    Op.SetupFinally,
    Op.PopExceptJump,
    Op.EndFinally,
    Op.UnwindJump,
    Op.ReturnValue,
    Op.RaiseLast,
    Op.RaiseObj,
    Op.RaiseFrom,
  ];
  for (const op of all) table[op] = 1;
  return table;
})();

/** Does the instruction before the frame's `pc`. True when the frame returns: its value is then at the top of its stack. */
export function controlInstruction(frame: Frame, op: Op, arg: number): boolean {
  const { state, sp } = frame;
  switch (op) {
    case Op.ReturnValue:
      return returns(frame);
    case Op.SetupExcept:
      pushHandler(frame, arg, sp, 0);
      return false;
    case Op.SetupFinally:
      pushHandler(frame, arg, sp, 1);
      return false;
    case Op.PopExceptJump:
      popHandler(frame);
      frame.pc = arg;
      if (hot.pending) handlePending();
      return false;
    case Op.EndFinally: {
      popHandler(frame);
      const top = state[sp];
      if (top === null) {
        frame.sp--;
        return false;
      }
      if (typeof top !== 'number') throw new Raise(top!);
      // A finally handler that ran on the way of a return (below zero) or of a jump (handlers left to unwind).
      if (top < 0) {
        frame.sp--;
        return returns(frame);
      }
      unwind(frame);
      return false;
    }
    case Op.UnwindJump:
      state[sp + 1] = arg & 0x7fffff;
      state[sp + 2] = (arg >>> 23) & 0xff;
      frame.sp = sp + 2;
      unwind(frame);
      return false;
    case Op.RaiseLast:
      throw new Raise(lastCaught(frame));
    case Op.RaiseObj:
      throw new Raise(makeRaiseObject(state[sp]!));
    case Op.RaiseFrom:
      if (state[sp] !== null) warn(null, 'exception chaining not supported');
      throw new Raise(makeRaiseObject(state[sp - 1]!));
    default:
      throw new Error(`instruction ${op} is not known`);
  }
}

/** A jump out of blocks; the stack holds its target, and how many handlers are to be left. Finally handlers run on the way. */
function unwind(frame: Frame): void {
  const { state, handlers } = frame;
  let { sp } = frame;
  let left = state[sp--] as number;
  while ((left & 0x7f) > 0) {
    left -= 1;
    const h = handlers.length - 3;
    if (handlers[h + 2] === 1) {
      if (handlers[h] >= frame.pc) {
        state[++sp] = left;
        frame.pc = handlers[h];
        frame.sp = sp;
        return;
      }
      sp = cancelFinally(state, sp);
    }
    popHandler(frame);
  }
  frame.pc = state[sp--] as number;
  if (left !== 0) sp -= ITER_SLOTS;
  frame.sp = sp;
  if (hot.pending) handlePending();
}

/** A return. Finally handlers run on the way: false when there is one that is to run first. */
function returns(frame: Frame): boolean {
  const { state, handlers } = frame;
  let { sp } = frame;
  while (handlers.length > 0) {
    const h = handlers.length - 3;
    if (handlers[h + 2] === 1) {
      if (handlers[h] >= frame.pc) {
        const at = handlers[h + 1];
        state[at + 1] = state[sp];
        state[at + 2] = -1;
        frame.sp = at + 2;
        frame.pc = handlers[h];
        return false;
      }
      sp = cancelFinally(state, sp);
    }
    popHandler(frame);
  }
  frame.sp = sp;
  return true;
}

/** Goes on with the generator that the frame delegates to, or throws `thrown` into it. True when the frame yields, to come back to the instruction. */
export function yieldFrom(frame: Frame, thrown: Value | undefined): boolean {
  const { state } = frame;
  const sp = --frame.sp;
  const target = state[sp]!;
  const result = thrown === undefined ? resume(target, state[sp + 1]!, undefined) : resume(target, undefined, thrown);
  if (result.kind === ResumeKind.Yield) {
    state[sp + 1] = result.value;
    frame.sp = sp + 1;
    frame.pc--;
    return true;
  }
  if (result.kind === ResumeKind.Raise) throw new Raise(result.value);
  state[sp] = result.value;
  if (thrown !== undefined && exceptionMatches(thrown, excTypes.GeneratorExit)) throw new Raise(makeRaiseObject(thrown));
  return false;
}
