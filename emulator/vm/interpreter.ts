/**
 * The bytecode interpreter (py/vm.c). A call from guest code to guest code makes a frame and goes on in the same loop; everything
 * else that runs guest code (a sort key, a special method, an import) enters the loop anew. Exceptions travel as thrown `Raise`s.
 */

import { releaseCall } from '../objects/bytecode-function.ts';
import type { MpCell } from '../objects/cell.ts';
import { addTraceback, exceptionValue, excTypes, isExceptionInstance, newException } from '../objects/exception.ts';
import { MpInstance } from '../objects/instance.ts';
import { loadAttr, loadMethod, storeAttr } from './attributes.ts';
import { BadBytecode, type CodeObject } from './code.ts';
import { controlInstruction, IS_CONTROL, ITER_SLOTS, yieldFrom } from './control-instructions.ts';
import { COST } from './cost.ts';
import type { Frame } from './frame.ts';
import { findGlobalCached, popHandler, raiseUnbound } from './frame-operations.ts';
import { iterNextAllowRaise, makeRaiseObject } from './iteration.ts';
import { raiseNoName } from './names.ts';
import { Op } from './opcodes.ts';
import { binaryOp, isTrue } from './operators.ts';
import { Raise } from './raise.ts';
import { rareInstruction } from './rare-instructions.ts';
import { handlePending } from './scheduler.ts';
import { getItem, setItem } from './subscript.ts';
import { ThreadSwitch } from './thread-switch.ts';
import { Leave } from './translate/emit.ts';
import { invoke, invokeStarred, resultOf } from './translate/invoke.ts';
import { adopt, CALL_HEAT, runOf, runTranslated, translation, warm } from './translate/run.ts';
import { isSubclass, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { BinaryOp, MethodRef } from './value.ts';
import { hot, vm, vmHooks } from './vm.ts';

export enum FrameResult {
  Return,
  Yield,
  /** It has been left for another thread: to be resumed with the frame that `Threads.left` was told. */
  Switched,
}

/** Runs a charged frame to its end and returns its value. */
export function execute(frame: Frame): Value {
  runFrame(frame, undefined);
  return frame.state[frame.sp]!;
}

/** Turns what was thrown into the guest's exception; host errors that a guest can cause become its MemoryError or RuntimeError. */
export function guestException(error: unknown): Value {
  // Code from a file may raise what is no exception, or no value at all.
  if (error instanceof Raise) return vm.hasForeignCode && !isException(error.exception) ? badBytecode() : error.exception;
  if (error instanceof RangeError) {
    if (/call stack/.test(error.message)) return newException(excTypes.RuntimeError, ['maximum recursion depth exceeded']);
    if (/Invalid (array|string|typed array)|Array buffer|BigInt too big|Maximum BigInt size/i.test(error.message)) {
      return newException(excTypes.MemoryError, ['memory allocation failed']);
    }
  }
  if (error instanceof BadBytecode) return newException(excTypes.ValueError, ['incompatible .mpy file']);
  // The stack of code from a file may hold what no compiler leaves there: the reference would go wild.
  if (vm.hasForeignCode && (error instanceof TypeError || error instanceof RangeError)) {
    return badBytecode();
  }
  throw error;
}

const isException = (value: Value | undefined): boolean => value !== undefined && isExceptionInstance(value);

const badBytecode = (): Value => newException(excTypes.RuntimeError, ['bad bytecode']);

const ref = new MethodRef();

/** Is a value true? The frame says where it stands, for whoever looks meanwhile. */
function truthAt(frame: Frame, pc: number, sp: number, value: Value): boolean {
  frame.pc = pc;
  frame.sp = sp;
  return isTrue(value);
}

function unboundAt(frame: Frame, pc: number, sp: number): never {
  frame.pc = pc;
  frame.sp = sp;
  raiseUnbound();
}

/** Handles what is pending, behind a jump to `pc`. */
function pendingAt(frame: Frame, pc: number, sp: number): void {
  frame.pc = pc;
  frame.sp = sp;
  handlePending();
}

/**
 * Runs `base` until it returns or yields; its value is then at `state[sp]`. With `inject`, that exception is raised in it first
 * (or handed to the generator it delegates to). Uncaught exceptions are thrown as `Raise`. A thread goes on in its `innermost` frame.
 */
export function runFrame(base: Frame, inject: Value | undefined, innermost = base): FrameResult {
  const outer = vm.frame;
  base.caller = null;
  base.outer = outer;
  let frame = innermost;
  vm.frame = frame;
  heat(frame.code, frame.pc);
  let thrown = inject;
  try {
    for (;;) {
      try {
        if (thrown !== undefined && frame.code.ops[frame.pc] !== Op.YieldFrom) {
          // As if the instruction where it stands had raised it.
          frame.pc++;
          const exception = makeRaiseObject(thrown);
          thrown = undefined;
          throw new Raise(exception);
        }
        for (;;) {
          // Frames change here, in whichever way they run: as translated code, if there is some that can go on at this instruction.
          if (thrown === undefined && runOf(frame) !== undefined) {
            const left = runTranslated(frame, base);
            if (left === Leave.Return) return FrameResult.Return;
            if (left === Leave.Yield) return FrameResult.Yield;
            frame = left;
          }
          const handedOver = thrown;
          thrown = undefined;
          const left = interpret(frame, base, handedOver);
          if (typeof left !== 'object') return left;
          frame = left;
        }
      } catch (error) {
        const next = afterError(error, base);
        if (next === null) return FrameResult.Switched;
        frame = next;
      }
    }
  } finally {
    vm.frame = outer;
  }
}

/**
 * Interprets `frame` and the frames that it calls and returns to, until `base` is left; or returns a frame that is to go on, as translated code
 * where there is some. `thrown` is for the generator that the frame delegates to. What is thrown was thrown in `vm.frame`.
 */
function interpret(frame: Frame, base: Frame, thrown: Value | undefined): Frame | FrameResult {
  const { smallIntMax, smallIntMin } = vm;
  for (;;) {
    const { code, state, globals } = frame;
    const { ops, args, names, cache } = code;
    let { sp, pc } = frame;
    // The next frame, once this one is left.
    let next: Frame | undefined;
    while (next === undefined) {
      const op = ops[pc];
      const arg = args[pc];
      if ((hot.budget -= COST[op]) < 0) {
        frame.pc = pc;
        frame.sp = sp;
        vmHooks.service();
      }
      const at = pc++;
      switch (op) {
        case Op.LoadConstFalse:
          state[++sp] = false;
          continue;
        case Op.LoadConstNone:
          state[++sp] = null;
          continue;
        case Op.LoadConstTrue:
          state[++sp] = true;
          continue;
        case Op.LoadSmallInt:
          state[++sp] = code.wide === null ? arg : (code.wide.get(at) ?? arg);
          continue;
        case Op.LoadString:
          state[++sp] = names[arg];
          continue;
        case Op.LoadObj:
          state[++sp] = code.module.consts[arg];
          continue;
        case Op.LoadNull:
          state[++sp] = undefined;
          continue;
        case Op.LoadFast: {
          const value = state[arg];
          if (value === undefined) unboundAt(frame, pc, sp);
          state[++sp] = value;
          continue;
        }
        case Op.LoadDeref: {
          const { value } = state[arg] as MpCell;
          if (value === undefined) unboundAt(frame, pc, sp);
          state[++sp] = value;
          continue;
        }
        case Op.LoadGlobal: {
          const { map } = globals;
          const slot = cache[at];
          const value = map.keys[slot] === names[arg] ? map.values[slot] : findGlobalCached(globals, names[arg], code, at);
          if (value === undefined) noNameAt(frame, pc, sp, names[arg]);
          state[++sp] = value;
          continue;
        }
        case Op.LoadAttr: {
          const obj = state[sp]!;
          if (obj instanceof MpInstance) {
            const { members } = obj;
            let slot = cache[at];
            if (members.keys[slot] !== names[arg]) slot = members.find(names[arg]);
            if (slot >= 0) {
              cache[at] = slot;
              state[sp] = members.values[slot];
              continue;
            }
          }
          frame.pc = pc;
          frame.sp = sp;
          state[sp] = loadAttr(obj, names[arg]);
          continue;
        }
        case Op.LoadMethod:
          frame.pc = pc;
          frame.sp = sp;
          loadMethod(state[sp]!, names[arg], ref);
          state[sp] = ref.member;
          state[++sp] = ref.self;
          continue;
        case Op.LoadSubscr:
          frame.pc = pc;
          frame.sp = sp--;
          state[sp] = getItem(state[sp]!, state[sp + 1]!);
          continue;
        case Op.StoreFast:
          state[arg] = state[sp--];
          continue;
        case Op.StoreDeref:
          (state[arg] as MpCell).value = state[sp--];
          continue;
        case Op.StoreAttr:
          frame.pc = pc;
          frame.sp = sp;
          sp -= 2;
          storeAttr(state[sp + 2]!, names[arg], state[sp + 1]!);
          continue;
        case Op.StoreSubscr:
          frame.pc = pc;
          frame.sp = sp;
          sp -= 3;
          setItem(state[sp + 2]!, state[sp + 3]!, state[sp + 1]!);
          continue;
        case Op.DupTop: {
          const top = state[sp];
          state[++sp] = top;
          continue;
        }
        case Op.DupTopTwo:
          sp += 2;
          state[sp] = state[sp - 2];
          state[sp - 1] = state[sp - 3];
          continue;
        case Op.PopTop:
          sp--;
          continue;
        case Op.RotTwo: {
          const top = state[sp];
          state[sp] = state[sp - 1];
          state[sp - 1] = top;
          continue;
        }
        case Op.RotThree: {
          const top = state[sp];
          state[sp] = state[sp - 1];
          state[sp - 1] = state[sp - 2];
          state[sp - 2] = top;
          continue;
        }
        case Op.Jump:
        case Op.PopJumpIfTrue:
        case Op.PopJumpIfFalse: {
          let jumps = true;
          if (op !== Op.Jump) {
            const value = state[sp]!;
            const holds = typeof value === 'boolean' ? value : truthAt(frame, pc, sp, value);
            sp--;
            jumps = holds === (op === Op.PopJumpIfTrue);
          }
          if (jumps) pc = arg;
          if (hot.pending) pendingAt(frame, pc, sp);
          if (!jumps || at < pc || !mayGoOnTranslated(code, pc, sp)) continue;
          frame.pc = pc;
          frame.sp = sp;
          return frame;
        }
        case Op.JumpIfTrueOrPop:
        case Op.JumpIfFalseOrPop:
          if (truthAt(frame, pc, sp, state[sp]!) === (op === Op.JumpIfTrueOrPop)) pc = arg;
          else sp--;
          if (hot.pending) pendingAt(frame, pc, sp);
          continue;
        case Op.ForIter: {
          frame.pc = pc;
          frame.sp = sp;
          // A generator expression gets its iterator ready-made, in the second of the four slots.
          const item = iterNextAllowRaise((state[sp] === undefined ? state[sp - 2] : state[sp])!);
          if (item === undefined) {
            sp -= ITER_SLOTS;
            pc = arg;
          } else state[++sp] = item;
          continue;
        }
        case Op.CallFunction:
        case Op.CallMethod: {
          const nKw = arg >> 8;
          const into = sp - (arg & 0xff) - 2 * nKw - (op === Op.CallMethod ? 1 : 0);
          frame.pc = pc;
          frame.sp = sp;
          const callee = invoke(frame, into, sp, nKw, op === Op.CallMethod);
          frame.sp = sp = into;
          if (callee !== null) next = called(frame, callee);
          continue;
        }
        case Op.CallFunctionVarKw:
        case Op.CallMethodVarKw: {
          frame.pc = pc;
          frame.sp = sp;
          const callee = invokeStarred(frame, arg, op === Op.CallMethodVarKw);
          ({ sp } = frame);
          if (callee !== null) next = called(frame, callee);
          continue;
        }
        case Op.BinaryOp + BinaryOp.Add:
        case Op.BinaryOp + BinaryOp.InplaceAdd:
        case Op.BinaryOp + BinaryOp.Subtract:
        case Op.BinaryOp + BinaryOp.InplaceSubtract: {
          const rhs = state[sp]!;
          const lhs = state[sp - 1]!;
          if (typeof lhs === 'number' && typeof rhs === 'number') {
            const result = arg === BinaryOp.Add || arg === BinaryOp.InplaceAdd ? lhs + rhs : lhs - rhs;
            if (result <= smallIntMax && result >= smallIntMin) {
              state[--sp] = result;
              continue;
            }
          }
          frame.pc = pc;
          frame.sp = sp;
          state[--sp] = binaryOp(arg, lhs, rhs);
          continue;
        }
        case Op.BinaryOp + BinaryOp.Less:
        case Op.BinaryOp + BinaryOp.More:
        case Op.BinaryOp + BinaryOp.Equal: {
          const rhs = state[sp]!;
          const lhs = state[sp - 1]!;
          if (typeof lhs === 'number' && typeof rhs === 'number') {
            state[--sp] = arg === BinaryOp.Less ? lhs < rhs : arg === BinaryOp.More ? lhs > rhs : lhs === rhs;
            continue;
          }
          frame.pc = pc;
          frame.sp = sp;
          state[--sp] = binaryOp(arg, lhs, rhs);
          continue;
        }
        case Op.YieldValue:
          frame.pc = pc;
          frame.sp = sp;
          return FrameResult.Yield;
        case Op.YieldFrom: {
          frame.pc = pc;
          frame.sp = sp;
          const yields = yieldFrom(frame, thrown);
          thrown = undefined;
          if (yields) return FrameResult.Yield;
          ({ sp } = frame);
          continue;
        }
        default:
          frame.pc = pc;
          frame.sp = sp;
          if (op >= Op.BinaryOp) {
            const rhs = state[sp--]!;
            state[sp] = binaryOp(arg, state[sp]!, rhs);
            continue;
          }
          if (IS_CONTROL[op] === 0) {
            sp = rareInstruction(frame, at, op, arg, sp);
            continue;
          }
          if (controlInstruction(frame, op, arg)) {
            releaseCall(frame);
            if (frame === base) return FrameResult.Return;
            const callee = frame;
            vm.frame = next = callee.caller!;
            next.state[next.sp] = resultOf(callee);
            continue;
          }
          ({ pc, sp } = frame);
      }
    }
    frame = next;
    if (runOf(frame) !== undefined) return frame;
  }
}

function noNameAt(frame: Frame, pc: number, sp: number, name: string): never {
  frame.pc = pc;
  frame.sp = sp;
  raiseNoName(name);
}

/** Enters the frame of a call. */
function called(caller: Frame, callee: Frame): Frame {
  callee.caller = caller;
  vm.frame = callee;
  heat(callee.code, 0);
  return callee;
}

/** A function is called, or a generator goes on, at instruction `at`. */
function heat(code: CodeObject, at: number): void {
  if (code.heat === 0) adopt(code, at);
  if ((code.heat += CALL_HEAT) > translation.threshold) warm(code, at);
}

/** After a jump backwards: is there translated code that can go on at `pc`? */
function mayGoOnTranslated(code: CodeObject, pc: number, sp: number): boolean {
  const { translated } = code;
  if (translated === null) return false;
  const run = translated?.runs[pc];
  if (run === undefined) {
    if (code.heat < 2 * CALL_HEAT) adopt(code, pc);
    if (++code.heat > translation.threshold) warm(code, pc);
    return code.translated?.runs[pc] != null && code.translated.flow.depth[pc] === sp;
  }
  return run !== null && translated!.flow.depth[pc] === sp;
}

/**
 * Finds who handles an error that was thrown in `vm.frame`: returns the frame that goes on, at its handler; null when a thread has left its frames.
 * Throws when nobody up to `base` does.
 */
function afterError(error: unknown, base: Frame): Frame | null {
  let frame = vm.frame!;
  if (error instanceof ThreadSwitch) {
    if (error.repeat) frame.pc--;
    vm.threads!.left(frame);
    return null;
  }
  let exception: Value;
  try {
    exception = guestException(error);
  } catch (hostError) {
    for (let f: Frame | null = frame; f !== null; f = f.caller) releaseCall(f);
    throw hostError;
  }
  vm.currentException = exception;
  for (;;) {
    const { code, state, handlers } = frame;
    const at = frame.pc - 1;
    const op = code.ops[at];
    if (isSubclass(typeOf(exception), excTypes.StopIteration)) {
      if (op === Op.ForIter) {
        frame.pc = code.args[at];
        frame.sp -= ITER_SLOTS;
        return frame;
      }
      if (op === Op.YieldFrom) {
        state[frame.sp] = exceptionValue(exception);
        return frame;
      }
    }
    if (op !== Op.EndFinally && op !== Op.RaiseLast) addTraceback(exception, code.module.fileName, code.lineOf(at), code.name);
    while (handlers.length > 0 && handlers[handlers.length - 3] <= at) popHandler(frame);
    if (handlers.length > 0) {
      const h = handlers.length - 3;
      frame.pc = handlers[h];
      frame.sp = handlers[h + 1] + 1;
      frame.caught[frame.caught.length - 1] = exception;
      state[frame.sp] = exception;
      return frame;
    }
    releaseCall(frame);
    if (frame === base) throw error instanceof Raise && error.exception === exception ? error : new Raise(exception);
    vm.frame = frame = frame.caller!;
  }
}
