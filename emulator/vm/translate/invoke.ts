/** The calls that both the interpreter and translated code make: what they need of a function on the value stack, and what they make of it. */
import { boundMethodType, type MpBoundMethod } from '../../objects/bound-method.ts';
import { chargeCall, closureType, functionType, type MpClosure, MpFunction, newFrame } from '../../objects/bytecode-function.ts';
import { MpNativeFun } from '../../objects/function.ts';
import { classLookup, instanceMakeNew, madeByNew, NATIVE_SLOT, nativeBases, newInstance, requireNone } from '../../objects/instance.ts';
import { call, callMethodRef } from '../call.ts';
import { Cycles } from '../cost.ts';
import { Frame } from '../frame.ts';
import { keywords, prepareVarArgs } from '../frame-operations.ts';
import { hot } from '../hot.ts';
import { stackCosts } from '../stack-costs.ts';
import { MpType } from '../type.ts';
import { MethodRef, type Value } from '../value.ts';
import { vm } from '../vm.ts';

const ref = new MethodRef();

type Stack = (Value | undefined)[];

/**
 * Calls what lies at `state[into]` with the arguments above it, up to `sp`; the last `nKw` pairs of them are keywords. `isMethod`: the first is a self, or
 * absent. Returns the frame of a guest function, filled and charged, which is to be run next; null when the call is done and its value at `state[into]`.
 */
export function invoke(frame: Frame, into: number, sp: number, nKw: number, isMethod: boolean): Frame | null {
  const { state } = frame;
  let first = into + 1;
  if (isMethod && state[first] === undefined) first++;
  const fun = state[into]!;
  const n = sp + 1 - 2 * nKw - first;
  if (typeof fun === 'object' && fun !== null) {
    const { type } = fun;
    if (type === functionType) {
      const target = fun as MpFunction;
      const { code } = target;
      if (nKw === 0 && n === code.nPosArgs && code.simple) {
        const callee = new Frame(code, target.globals);
        chargeCall(callee);
        const locals = callee.state;
        for (let i = 0, to = code.nState - 1; i < n; i++, to--) locals[to] = state[first + i];
        return callee;
      }
      return newFrame(target, state.slice(first, first + n) as Value[], keywords(state, sp, nKw));
    }
    if (nKw === 0 && fun instanceof MpNativeFun && n >= fun.min && n <= fun.max && !fun.takesKw) {
      hot.budget -= Cycles.nativeCall;
      const f = fun.fn as (...a: unknown[]) => Value;
      if (!fun.fixed) state[into] = f(state.slice(first, first + n));
      else {
        state[into] =
          n === 1
            ? f(state[first])
            : n === 2
              ? f(state[first], state[first + 1])
              : n === 3
                ? f(state[first], state[first + 1], state[first + 2])
                : f();
      }
      return null;
    }
    if (fun instanceof MpType && fun.makeNew === instanceMakeNew && nativeBases(fun).count === 0) {
      return construct(fun, state, into, first, n, sp, nKw);
    }
    const callee = boundOrClosed(fun, state, first, n, sp, nKw);
    if (callee !== undefined) return callee;
  }
  state[into] = call(fun, state.slice(first, first + n) as Value[], keywords(state, sp, nKw));
  return null;
}

/** As `invoke`, for a call with `*` or `**`, whose arguments end at the frame's `sp`; leaves that at the function. `arg` is the instruction's operand. */
export function invokeStarred(frame: Frame, arg: number, isMethod: boolean): Frame | null {
  const { state, sp } = frame;
  const n = arg & 0xff;
  const nKw = arg >> 8;
  const into = sp - n - 2 * nKw - (isMethod ? 2 : 1);
  const { args, kw } = prepareVarArgs(state, into + 1, isMethod, n, nKw);
  const fun = state[into]!;
  if (fun instanceof MpFunction && fun.type === functionType) {
    const callee = newFrame(fun, args, kw);
    frame.sp = into;
    return callee;
  }
  state[into] = call(fun, args, kw);
  frame.sp = into;
  return null;
}

/** Makes an instance of a guest class, up to its `__init__` when that is a guest function: its frame is then what is returned. */
function construct(type: MpType, state: Stack, into: number, first: number, n: number, sp: number, nKw: number): Frame | null {
  const found = classLookup(type, '__new__', undefined, undefined, 'makeNew', ref);
  if (found !== NATIVE_SLOT && ref.member !== undefined) {
    state[into] = madeByNew(type, ref.member, state.slice(first, first + n) as Value[], keywords(state, sp, nKw));
    return null;
  }
  const instance = newInstance(type);
  classLookup(type, '__init__', instance, undefined, undefined, ref);
  const { member: init, self } = ref;
  if (self === undefined || !(init instanceof MpFunction) || init.type !== functionType) {
    if (init !== undefined) requireNone(callMethodRef(ref, state.slice(first, first + n) as Value[], keywords(state, sp, nKw)));
    state[into] = instance;
    return null;
  }
  const { nested } = stackCosts();
  const { code } = init;
  let callee: Frame;
  vm.stackUsed += nested;
  try {
    if (nKw === 0 && n + 1 === code.nPosArgs && code.simple) {
      callee = new Frame(code, init.globals);
      chargeCall(callee);
      const locals = callee.state;
      let to = code.nState - 1;
      locals[to--] = instance;
      for (let i = 0; i < n; i++, to--) locals[to] = state[first + i];
    } else callee = newFrame(init, [instance, ...(state.slice(first, first + n) as Value[])], keywords(state, sp, nKw));
  } catch (error) {
    vm.stackUsed -= nested;
    throw error;
  }
  callee.stackBytes += nested;
  callee.constructs = instance;
  return callee;
}

/** What the call of a frame that has returned gives. Raises TypeError when an `__init__` returned something. */
export function resultOf(callee: Frame): Value {
  const value = callee.state[callee.sp]!;
  const { constructs } = callee;
  if (constructs === undefined) return value;
  requireNone(value);
  return constructs;
}

/** The frame of a closure or a bound method; undefined for what does not run bytecode. */
function boundOrClosed(fun: object, state: Stack, first: number, n: number, sp: number, nKw: number): Frame | undefined {
  const { type } = fun as MpClosure | MpBoundMethod;
  if (type === closureType) {
    const closure = fun as MpClosure;
    if (!(closure.fun instanceof MpFunction) || closure.fun.type !== functionType) return undefined;
    const all = [...closure.closed, ...state.slice(first, first + n)] as Value[];
    return newFrame(closure.fun, all, keywords(state, sp, nKw));
  }
  if (type === boundMethodType) {
    const bound = fun as MpBoundMethod;
    if (!(bound.method instanceof MpFunction) || bound.method.type !== functionType) return undefined;
    const all = [bound.self, ...state.slice(first, first + n)] as Value[];
    return newFrame(bound.method, all, keywords(state, sp, nKw));
  }
  return undefined;
}
