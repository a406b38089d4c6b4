/**
 * What translated code calls: the ways of instructions that it has no short way for itself. Each does what the interpreter's does.
 *
 * Their first arguments are the frame, the instruction, the stack pointer before it and the budget, which has been charged for the instruction
 * and not for what follows it; then, where there is more to be charged for, `rest`: the cycles of the instructions behind it that are
 * translated as one piece with it. When the budget does not last for them, or something is pending, the frame is left behind the instruction
 * for the interpreter: the function has then put its result into memory and says so by its own (undefined, or true for those without one).
 */
import { floatType, type MpFloat, newFloat } from '../../objects/float.ts';
import { MpInstance } from '../../objects/instance.ts';
import { listType, newList } from '../../objects/list.ts';
import { rangeIteratorType } from '../../objects/range.ts';
import { newTuple } from '../../objects/tuple.ts';
import { loadAttr as loadAnyAttr, loadMethod as loadAnyMethod, storeAttr as storeAnyAttr } from '../attributes.ts';
import type { CodeObject } from '../code.ts';
import { yieldFrom } from '../control-instructions.ts';
import { Cycles } from '../cost.ts';
import type { Frame } from '../frame.ts';
import { findGlobalCached, popHandler, pushHandler } from '../frame-operations.ts';
import { hot } from '../hot.ts';
import { getIter as getAnyIter, iterNextAllowRaise } from '../iteration.ts';
import type { Op } from '../opcodes.ts';
import { binaryOp, isTrue, unaryOp } from '../operators.ts';
import { rareInstruction } from '../rare-instructions.ts';
import { handlePending } from '../scheduler.ts';
import { getItem as getAnyItem, setItem as setAnyItem } from '../subscript.ts';
import { BinaryOp, MethodRef, type UnaryOp, type Value } from '../value.ts';
import { callFunction, callMethod, callStacked, callStarred } from './calls.ts';
import { Leave } from './emit.ts';
import { methodAgain, methodSite } from './method-site.ts';

const ref = new MethodRef();

const isFloat = (value: Value): value is MpFloat => typeof value === 'object' && value !== null && value.type === floatType;

/** The frame says where it stands, and the budget is what is left, for whoever looks meanwhile. */
function enter(frame: Frame, at: number, sp: number, budget: number): void {
  frame.pc = at + 1;
  frame.sp = sp;
  hot.budget = budget;
}

/** Behind an instruction that leaves `value` at `state[to]`, the top of the stack. */
function leave(frame: Frame, to: number, rest: number, value: Value): Value | undefined {
  if ((hot.budget -= rest) >= 0 && !hot.pending) return value;
  hot.budget += rest;
  frame.state[to] = value;
  frame.sp = to;
  return undefined;
}

/** Behind an instruction that leaves nothing new on the stack. */
function leaves(frame: Frame, sp: number, rest: number): boolean {
  if ((hot.budget -= rest) >= 0 && !hot.pending) return false;
  hot.budget += rest;
  frame.sp = sp;
  return true;
}

/** Leaves translated code at instruction `at`, for the interpreter. */
function out(frame: Frame, at: number, sp: number, budget: number): Leave.Exit {
  frame.pc = at;
  frame.sp = sp;
  hot.budget = budget;
  return Leave.Exit;
}

/** Any binary operation; those of two floats first. */
function binary(frame: Frame, at: number, sp: number, budget: number, rest: number, op: BinaryOp, a: Value, b: Value): Value | undefined {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp - 1] = a;
  state[sp] = b;
  let value: Value;
  if (isFloat(a) && isFloat(b)) {
    switch (op) {
      case BinaryOp.Add:
      case BinaryOp.InplaceAdd:
        hot.budget -= Cycles.operator + Cycles.floatOperation;
        value = newFloat(a.value + b.value);
        break;
      case BinaryOp.Subtract:
      case BinaryOp.InplaceSubtract:
        hot.budget -= Cycles.operator + Cycles.floatOperation;
        value = newFloat(a.value - b.value);
        break;
      case BinaryOp.Multiply:
      case BinaryOp.InplaceMultiply:
        hot.budget -= Cycles.operator + Cycles.floatOperation;
        value = newFloat(a.value * b.value);
        break;
      case BinaryOp.Less:
        hot.budget -= Cycles.operator + Cycles.floatOperation;
        value = a.value < b.value;
        break;
      case BinaryOp.More:
        hot.budget -= Cycles.operator + Cycles.floatOperation;
        value = a.value > b.value;
        break;
      default:
        value = binaryOp(op, a, b);
    }
  } else value = binaryOp(op, a, b);
  return leave(frame, sp - 1, rest, value);
}

function unary(frame: Frame, at: number, sp: number, budget: number, rest: number, op: UnaryOp, a: Value): Value | undefined {
  enter(frame, at, sp, budget);
  frame.state[sp] = a;
  return leave(frame, sp, rest, unaryOp(op, a));
}

/**
 * Is the value of a conditional jump true? What is pending is handled behind the jump: at instruction `target` when the value is what the jump
 * asks for, and at the next one when it is not.
 */
function truth(
  frame: Frame,
  at: number,
  sp: number,
  budget: number,
  value: Value,
  jumpsIf: boolean,
  target: number,
  takenSp: number,
  fallSp: number,
): boolean | undefined {
  enter(frame, at, sp, budget);
  frame.state[sp] = value;
  const holds = isTrue(value);
  if (!hot.pending) return holds;
  const taken = holds === jumpsIf;
  frame.pc = taken ? target : at + 1;
  frame.sp = taken ? takenSp : fallSp;
  handlePending();
  return hot.pending ? undefined : holds;
}

function getItem(frame: Frame, at: number, sp: number, budget: number, rest: number, base: Value, index: Value): Value | undefined {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp - 1] = base;
  state[sp] = index;
  return leave(frame, sp - 1, rest, getAnyItem(base, index));
}

function setItem(frame: Frame, at: number, sp: number, budget: number, rest: number, value: Value, base: Value, index: Value): boolean {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp - 2] = value;
  state[sp - 1] = base;
  state[sp] = index;
  setAnyItem(base, index, value);
  return leaves(frame, sp - 3, rest);
}

function loadAttr(
  frame: Frame,
  at: number,
  sp: number,
  budget: number,
  rest: number,
  obj: Value,
  name: string,
  cache: Int32Array,
): Value | undefined {
  if (obj instanceof MpInstance) {
    const { members } = obj;
    const found = members.find(name);
    if (found >= 0) {
      cache[at] = found;
      hot.budget = budget - rest;
      return members.values[found]!;
    }
  }
  enter(frame, at, sp, budget);
  frame.state[sp] = obj;
  return leave(frame, sp, rest, loadAnyAttr(obj, name));
}

function storeAttr(
  frame: Frame,
  at: number,
  sp: number,
  budget: number,
  rest: number,
  value: Value,
  obj: Value,
  name: string,
  cache: Int32Array,
): boolean {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp - 1] = value;
  state[sp] = obj;
  storeAnyAttr(obj, name, value);
  if (obj instanceof MpInstance) {
    const slot = obj.members.find(name);
    if (slot >= 0) cache[at] = slot;
  }
  return leaves(frame, sp - 2, rest);
}

/** Leaves the function and its self, or undefined for none, in memory. */
function loadMethod(frame: Frame, at: number, sp: number, budget: number, rest: number, obj: Value, name: string): boolean {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp] = obj;
  const methods = (frame.code.methods ??= frame.code.forEachInstruction());
  const site = methods[at];
  const method = site === undefined ? undefined : methodAgain(site, obj, name);
  if (method !== undefined) {
    state[sp] = method;
    state[sp + 1] = obj;
  } else {
    loadAnyMethod(obj, name, ref);
    state[sp] = ref.member;
    state[sp + 1] = ref.self;
    methods[at] = methodSite(obj, name, ref);
  }
  return leaves(frame, sp + 1, rest);
}

/** A global's or built-in's value; undefined when there is none by that name. */
function loadGlobal(frame: Frame, name: string, code: CodeObject, at: number): Value | undefined {
  return findGlobalCached(frame.globals, name, code, at);
}

function getIter(frame: Frame, at: number, sp: number, budget: number, rest: number, value: Value, onStack: boolean): Value | undefined {
  enter(frame, at, sp, budget);
  const { state } = frame;
  state[sp] = value;
  const iterator = getAnyIter(value, onStack);
  if (!onStack) return leave(frame, sp, rest, iterator);
  state[sp + 1] = state[sp + 2] = undefined;
  return leave(frame, sp + 3, rest, iterator);
}

/** What a for loop's iterator gives; undefined at the end, `LEFT` when the frame is left for the interpreter. */
function next(frame: Frame, at: number, sp: number, budget: number, iterator: Value, end: number): Value | undefined | typeof LEFT {
  enter(frame, at, sp, budget);
  const item = iterNextAllowRaise(iterator);
  if (!hot.pending) return item;
  if (item === undefined) {
    frame.pc = end;
    frame.sp = sp - 4;
  } else {
    frame.state[sp + 1] = item;
    frame.sp = sp + 1;
  }
  return LEFT;
}
const LEFT = Symbol('left');

function tuple(frame: Frame, at: number, sp: number, budget: number, rest: number, items: Value[]): Value | undefined {
  spill(frame, at, sp, budget, items);
  return leave(frame, sp - items.length + 1, rest, newTuple(items));
}

function list(frame: Frame, at: number, sp: number, budget: number, rest: number, items: Value[]): Value | undefined {
  spill(frame, at, sp, budget, items);
  return leave(frame, sp - items.length + 1, rest, newList(items));
}

/** Puts the values that an instruction takes from the top of the stack into memory. */
function spill(frame: Frame, at: number, sp: number, budget: number, items: readonly Value[]): void {
  enter(frame, at, sp, budget);
  const { state } = frame;
  const first = sp - items.length + 1;
  for (let i = 0; i < items.length; i++) state[first + i] = items[i];
}

/** An instruction on the stack in memory. */
function rare(frame: Frame, at: number, sp: number, budget: number, rest: number, op: Op, arg: number): boolean {
  enter(frame, at, sp, budget);
  return leaves(frame, rareInstruction(frame, at, op, arg, sp), rest);
}

/** Delegates to a generator. Says why the frame is left, or `undefined` when it goes on. */
function yieldOn(frame: Frame, at: number, sp: number, budget: number): Leave | undefined {
  enter(frame, at, sp, budget);
  if (yieldFrom(frame, undefined)) return Leave.Yield;
  return hot.pending ? Leave.Exit : undefined;
}

/** By the names that translated code knows them by. A function, for it is called when all files are loaded. */
export const runtime = () => ({
  out,
  binary,
  unary,
  truth,
  getItem,
  setItem,
  loadAttr,
  storeAttr,
  loadMethod,
  loadGlobal,
  getIter,
  next,
  LEFT,
  tuple,
  list,
  rare,
  callFunction,
  callMethod,
  callStacked,
  callStarred,
  yieldOn,
  pushHandler,
  popHandler,
  listType,
  rangeIteratorType,
});
