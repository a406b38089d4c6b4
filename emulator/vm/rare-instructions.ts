/** Instructions that are seldom in a loop, or long: the interpreter and translated code leave them to this, on the value stack in memory. */
import type { MpCell } from '../objects/cell.ts';
import { type MpDict, newDict } from '../objects/dict.ts';
import { listAppend, type MpList, newList } from '../objects/list.ts';
import { type MpSet, newSet, setAdd } from '../objects/set.ts';
import { MpSlice, newSlice } from '../objects/slice.ts';
import { type MpTuple, newTuple } from '../objects/tuple.ts';
import { superLookup } from '../objects/type-object.ts';
import { loadMethod } from './attributes.ts';
import { callMethodRef } from './call.ts';
import { ITER_SLOTS } from './control-instructions.ts';
import type { Frame } from './frame.ts';
import { makeClosure, makeFunction, pushHandler, raiseNoSuperAttribute, raiseUnbound, withCleanup } from './frame-operations.ts';
import { importAll, importFrom, importName } from './import.ts';
import { getIter, unpackEx, unpackSequence } from './iteration.ts';
import { buildClassFunction, deleteGlobal, deleteName, loadName, storeGlobal, storeName } from './names.ts';
import { Op } from './opcodes.ts';
import { unaryOp } from './operators.ts';
import { type MpType, TypeFlag, typeOf } from './type.ts';
import { MethodRef, type Value } from './value.ts';

const ref = new MethodRef();

/** Does instruction `at` of the frame's code, with the stack up to `sp`. Returns the new stack pointer. */
export function rareInstruction(frame: Frame, at: number, op: Op, arg: number, sp: number): number {
  const { state, code } = frame;
  const { names } = code;
  switch (op) {
    case Op.LoadName:
      state[sp + 1] = loadName(names[arg], frame);
      return sp + 1;
    case Op.LoadSuperMethod:
      superLookup(state[sp - 1] as MpType, state[sp]!, names[arg], ref);
      if (ref.member === undefined) raiseNoSuperAttribute(names[arg]);
      state[sp - 2] = ref.member;
      state[sp - 1] = ref.self;
      return sp - 1;
    case Op.LoadBuildClass:
      state[sp + 1] = buildClassFunction();
      return sp + 1;
    case Op.StoreName:
      storeName(names[arg], state[sp]!, frame);
      return sp - 1;
    case Op.StoreGlobal:
      storeGlobal(frame.globals, names[arg], state[sp]!);
      return sp - 1;
    case Op.DeleteDeref: {
      const cell = state[arg] as MpCell;
      if (cell.value === undefined) raiseUnbound();
      cell.value = undefined;
      return sp;
    }
    case Op.DeleteFast:
      if (state[arg] === undefined) raiseUnbound();
      state[arg] = undefined;
      return sp;
    case Op.DeleteName:
      deleteName(names[arg], frame);
      return sp;
    case Op.DeleteGlobal:
      deleteGlobal(frame.globals, names[arg]);
      return sp;
    case Op.SetupWith: {
      const manager = state[sp]!;
      loadMethod(manager, '__exit__', ref);
      const { member: exit, self } = ref;
      loadMethod(manager, '__enter__', ref);
      const entered = callMethodRef(ref, []);
      state[sp] = exit;
      state[sp + 1] = self;
      pushHandler(frame, arg, sp + 1, 1);
      state[sp + 2] = entered;
      return sp + 2;
    }
    case Op.WithCleanup:
      return withCleanup(state, sp);
    case Op.GetIter:
      state[sp] = getIter(state[sp]!);
      return sp;
    case Op.GetIterStack: {
      const iterator = getIter(state[sp]!, true);
      state[sp + 1] = state[sp + 2] = undefined;
      state[sp + ITER_SLOTS - 1] = iterator;
      return sp + ITER_SLOTS - 1;
    }
    case Op.UnaryOp:
      state[sp] = unaryOp(arg, state[sp]!);
      return sp;
    case Op.BuildTuple: {
      const first = sp - arg + 1;
      state[first] = newTuple(state.slice(first, sp + 1) as Value[]);
      return first;
    }
    case Op.BuildList: {
      const first = sp - arg + 1;
      state[first] = newList(state.slice(first, sp + 1) as Value[]);
      return first;
    }
    case Op.BuildMap:
      state[sp + 1] = newDict(arg);
      return sp + 1;
    case Op.StoreMap:
      (state[sp - 2] as MpDict).map.set(state[sp]!, state[sp - 1]!);
      return sp - 2;
    case Op.BuildSet: {
      const first = sp - arg + 1;
      state[first] = newSet(state.slice(first, sp + 1) as Value[]);
      return first;
    }
    case Op.BuildSlice: {
      const first = sp - arg + 1;
      const step = arg === 3 ? state[sp]! : null;
      const next = code.ops[at + 1];
      // One that only subscribes memory goes no further than the next instruction: it is not put on the heap.
      state[first] =
        (next === Op.LoadSubscr || next === Op.StoreSubscr) && (typeOf(state[first - 1]!).flags & TypeFlag.SubscrAllowsStackSlice) !== 0
          ? new MpSlice(state[first]!, state[first + 1]!, step)
          : newSlice(state[first]!, state[first + 1]!, step);
      return first;
    }
    case Op.StoreComp: {
      const target = state[sp - (arg >> 2)]!;
      if ((arg & 3) === 1) {
        (target as MpDict).map.set(state[sp]!, state[sp - 1]!);
        return sp - 2;
      }
      if ((arg & 3) === 0) listAppend(target as MpList, state[sp]!);
      else setAdd(target as MpSet, state[sp]!);
      return sp - 1;
    }
    case Op.UnpackSequence:
      unpackSequence(state[sp]!, arg, state, sp);
      return sp + arg - 1;
    case Op.UnpackEx: {
      const left = arg & 0xff;
      const right = (arg >> 8) & 0xff;
      unpackEx(state[sp]!, left, right, state, sp);
      return sp + left + right;
    }
    case Op.MakeFunction:
      state[sp + 1] = makeFunction(frame, arg, [], undefined);
      return sp + 1;
    case Op.MakeFunctionDefargs: {
      const defaults = state[sp - 1] as MpTuple | undefined;
      state[sp - 1] = makeFunction(frame, arg, defaults === undefined ? [] : defaults.items, state[sp] as MpDict | undefined);
      return sp - 1;
    }
    case Op.MakeClosure: {
      const first = sp - (arg & 0xff) + 1;
      state[first] = makeClosure(makeFunction(frame, arg >> 8, [], undefined), state.slice(first, sp + 1) as Value[]);
      return first;
    }
    case Op.MakeClosureDefargs: {
      const first = sp - (arg & 0xff) - 1;
      const defaults = state[first] as MpTuple | undefined;
      const fun = makeFunction(frame, arg >> 8, defaults === undefined ? [] : defaults.items, state[first + 1] as MpDict | undefined);
      state[first] = makeClosure(fun, state.slice(first + 2, sp + 1) as Value[]);
      return first;
    }
    case Op.ImportName:
      state[sp - 1] = importName(names[arg], state[sp]!, state[sp - 1]!);
      return sp - 1;
    case Op.ImportFrom:
      state[sp + 1] = importFrom(state[sp]!, names[arg]);
      return sp + 1;
    case Op.ImportStar:
      importAll(state[sp]!, frame);
      return sp - 1;
    default:
      throw new Error(`instruction ${op} is not known`);
  }
}
