/** What translated code calls: the ways of instructions that it has no short way for itself. Each does what the interpreter's does. */
import type { MpCell } from '../../objects/cell.ts';
import { type MpDict, newDict } from '../../objects/dict.ts';
import { floatType, type MpFloat, newFloat } from '../../objects/float.ts';
import { MpInstance } from '../../objects/instance.ts';
import { listAppend, listType, type MpList, newList } from '../../objects/list.ts';
import { rangeIteratorType } from '../../objects/range.ts';
import { type MpSet, newSet, setAdd } from '../../objects/set.ts';
import { MpSlice, newSlice } from '../../objects/slice.ts';
import { type MpTuple, newTuple } from '../../objects/tuple.ts';
import { superLookup } from '../../objects/type-object.ts';
import { loadAttr as loadAnyAttr, loadMethod, storeAttr as storeAnyAttr } from '../attributes.ts';
import { CYCLES } from '../cost.ts';
import type { Frame } from '../frame.ts';
import {
  loadGlobalCached,
  makeClosure,
  makeFunction,
  popHandler,
  pushHandler,
  raiseNoSuperAttribute,
  raiseUnbound,
} from '../frame-operations.ts';
import { hot } from '../hot.ts';
import { getIter, iterNextAllowRaise, unpackEx, unpackSequence } from '../iteration.ts';
import { buildClassFunction, deleteGlobal, deleteName, loadName, storeGlobal, storeName } from '../names.ts';
import { Op } from '../opcodes.ts';
import { binaryOp, isTrue, unaryOp } from '../operators.ts';
import { handlePending } from '../scheduler.ts';
import { getItem, setItem } from '../subscript.ts';
import { type MpType, TypeFlag, typeOf } from '../type.ts';
import { BinaryOp, MethodRef, type Value } from '../value.ts';
import { invoke } from './invoke.ts';

const ref = new MethodRef();

const isFloat = (value: Value): value is MpFloat => typeof value === 'object' && value !== null && value.type === floatType;

/** Two floats, or an operation of any types. */
function add(op: BinaryOp, a: Value, b: Value): Value {
  if (!isFloat(a) || !isFloat(b)) return binaryOp(op, a, b);
  hot.budget -= CYCLES.operator + CYCLES.floatOperation;
  return newFloat(a.value + b.value);
}

function subtract(op: BinaryOp, a: Value, b: Value): Value {
  if (!isFloat(a) || !isFloat(b)) return binaryOp(op, a, b);
  hot.budget -= CYCLES.operator + CYCLES.floatOperation;
  return newFloat(a.value - b.value);
}

function multiply(op: BinaryOp, a: Value, b: Value): Value {
  if (!isFloat(a) || !isFloat(b)) return binaryOp(op, a, b);
  hot.budget -= CYCLES.operator + CYCLES.floatOperation;
  return newFloat(a.value * b.value);
}

function compare(op: BinaryOp, a: Value, b: Value): Value {
  if (!isFloat(a) || !isFloat(b) || op === BinaryOp.Equal || op === BinaryOp.NotEqual) return binaryOp(op, a, b);
  hot.budget -= CYCLES.operator + CYCLES.floatOperation;
  const x = a.value;
  const y = b.value;
  return op === BinaryOp.Less ? x < y : op === BinaryOp.More ? x > y : op === BinaryOp.LessEqual ? x <= y : x >= y;
}

function generic(op: BinaryOp, a: Value, b: Value): Value {
  if (op === BinaryOp.TrueDivide && isFloat(a) && isFloat(b) && b.value !== 0) {
    hot.budget -= CYCLES.operator + CYCLES.floatOperation;
    return newFloat(a.value / b.value);
  }
  return binaryOp(op, a, b);
}

function loadAttr(obj: Value, name: string, cache: Int32Array, at: number): Value {
  if (obj instanceof MpInstance) {
    const { members } = obj;
    const found = members.find(name);
    if (found >= 0) {
      cache[at] = found;
      return members.values[found]!;
    }
  }
  return loadAnyAttr(obj, name);
}

function storeAttr(obj: Value, name: string, value: Value, cache: Int32Array, at: number): void {
  storeAnyAttr(obj, name, value);
  if (obj instanceof MpInstance) {
    const slot = obj.members.find(name);
    if (slot >= 0) cache[at] = slot;
  }
}

/** An instruction on the stack in memory. */
function other(frame: Frame, at: number, op: Op, arg: number, sp: number): void {
  const { state, code } = frame;
  const { names } = code;
  switch (op) {
    case Op.LoadName:
      state[sp + 1] = loadName(names[arg], frame);
      return;
    case Op.LoadSuperMethod: {
      superLookup(state[sp - 1] as MpType, state[sp]!, names[arg], ref);
      if (ref.member === undefined) raiseNoSuperAttribute(names[arg]);
      state[sp - 2] = ref.member;
      state[sp - 1] = ref.self;
      return;
    }
    case Op.LoadBuildClass:
      state[sp + 1] = buildClassFunction();
      return;
    case Op.StoreName:
      storeName(names[arg], state[sp]!, frame);
      return;
    case Op.StoreGlobal:
      storeGlobal(frame.globals, names[arg], state[sp]!);
      return;
    case Op.DeleteDeref: {
      const cell = state[arg] as MpCell;
      if (cell.value === undefined) raiseUnbound();
      cell.value = undefined;
      return;
    }
    case Op.DeleteName:
      deleteName(names[arg], frame);
      return;
    case Op.DeleteGlobal:
      deleteGlobal(frame.globals, names[arg]);
      return;
    case Op.BuildMap:
      state[sp + 1] = newDict(arg);
      return;
    case Op.StoreMap:
      (state[sp - 2] as MpDict).map.set(state[sp]!, state[sp - 1]!);
      return;
    case Op.BuildSlice: {
      const first = sp - arg + 1;
      const step = arg === 3 ? state[sp]! : null;
      const next = code.ops[at + 1];
      // One that only subscribes memory goes no further than the next instruction: it is not put on the heap.
      state[first] =
        (next === Op.LoadSubscr || next === Op.StoreSubscr) && (typeOf(state[first - 1]!).flags & TypeFlag.SubscrAllowsStackSlice) !== 0
          ? new MpSlice(state[first]!, state[first + 1]!, step)
          : newSlice(state[first]!, state[first + 1]!, step);
      return;
    }
    case Op.StoreComp: {
      const target = state[sp - (arg >> 2)]!;
      if ((arg & 3) === 0) listAppend(target as MpList, state[sp]!);
      else if ((arg & 3) === 1) (target as MpDict).map.set(state[sp]!, state[sp - 1]!);
      else setAdd(target as MpSet, state[sp]!);
      return;
    }
    case Op.UnpackSequence:
      unpackSequence(state[sp]!, arg, state, sp);
      return;
    case Op.UnpackEx:
      unpackEx(state[sp]!, arg & 0xff, (arg >> 8) & 0xff, state, sp);
      return;
    case Op.MakeFunction:
      state[sp + 1] = makeFunction(frame, arg, [], undefined);
      return;
    case Op.MakeFunctionDefargs: {
      const defaults = state[sp - 1] as MpTuple | undefined;
      state[sp - 1] = makeFunction(frame, arg, defaults === undefined ? [] : defaults.items, state[sp] as MpDict | undefined);
      return;
    }
    case Op.MakeClosure: {
      const first = sp - (arg & 0xff) + 1;
      state[first] = makeClosure(makeFunction(frame, arg >> 8, [], undefined), state.slice(first, sp + 1) as Value[]);
      return;
    }
    case Op.MakeClosureDefargs: {
      const first = sp - (arg & 0xff) - 1;
      const defaults = state[first] as MpTuple | undefined;
      const fun = makeFunction(frame, arg >> 8, defaults === undefined ? [] : defaults.items, state[first + 1] as MpDict | undefined);
      state[first] = makeClosure(fun, state.slice(first + 2, sp + 1) as Value[]);
      return;
    }
    default:
      throw new Error(`instruction ${op} is not translated`);
  }
}

/** By the names that translated code knows them by. A function, for it is called when all files are loaded. */
export const runtime = () => ({
  add,
  subtract,
  multiply,
  compare,
  generic,
  binaryOp,
  unaryOp,
  isTrue,
  getItem,
  setItem,
  loadAttr,
  storeAttr,
  loadMethod,
  ref,
  raiseUnbound,
  loadGlobal: loadGlobalCached,
  MpInstance,
  listType,
  rangeIteratorType,
  invoke,
  forNext: iterNextAllowRaise,
  newTuple,
  newList,
  newSet,
  handlePending,
  pushHandler,
  popHandler,
  other,
  getIter,
});
