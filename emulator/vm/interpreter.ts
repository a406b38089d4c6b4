/**
 * The bytecode interpreter (py/vm.c). A call from guest code to guest code makes a frame and goes on in the same loop; everything
 * else that runs guest code (a sort key, a special method, an import) enters the loop anew. Exceptions travel as thrown `Raise`s.
 */

import { functionType, MpFunction, newFrame, releaseCall } from '../objects/bytecode-function.ts';
import type { MpCell } from '../objects/cell.ts';
import { addTraceback, exceptionMatches, exceptionValue, excTypes, isExceptionInstance, newException } from '../objects/exception.ts';
import { ResumeKind } from '../objects/generator.ts';
import { MpInstance } from '../objects/instance.ts';
import { newList } from '../objects/list.ts';
import { newTuple } from '../objects/tuple.ts';
import { loadAttr, loadMethod, storeAttr } from './attributes.ts';
import { call, callMethodRef } from './call.ts';
import { BadBytecode } from './code.ts';
import { COST } from './cost.ts';
import type { Frame } from './frame.ts';
import { cancelFinally, findGlobalCached, lastCaught, popHandler, prepareVarArgs, pushHandler, raiseUnbound } from './frame-operations.ts';
import { getIter, iterNextAllowRaise, makeRaiseObject, resume } from './iteration.ts';
import { raiseNoName } from './names.ts';
import { Op } from './opcodes.ts';
import { binaryOp, isTrue, unaryOp } from './operators.ts';
import { Raise } from './raise.ts';
import { rareInstruction } from './rare-instructions.ts';
import { handlePending } from './scheduler.ts';
import { getItem, setItem } from './subscript.ts';
import { ThreadSwitch } from './thread-switch.ts';
import { Leave } from './translate/emit.ts';
import { invoke, resultOf } from './translate/invoke.ts';
import { CALL_HEAT, entryOf, runTranslated, translation, warm } from './translate/run.ts';
import { isSubclass, typeOf } from './type.ts';
import type { Value } from './value.ts';
import { BinaryOp, MethodRef } from './value.ts';
import { hot, vm, vmHooks } from './vm.ts';
import { warn } from './warning.ts';

export enum FrameResult {
  Return,
  Yield,
  /** It has been left for another thread: to be resumed with the frame that `Threads.left` was told. */
  Switched,
}

/** Slots that a for loop's iterator takes on the value stack (an iterator buffer in the reference). */
const ITER_SLOTS = 4;

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
  const { smallIntMax, smallIntMin } = vm;
  let frame = innermost;
  base.caller = null;
  base.outer = outer;
  vm.frame = frame;
  let code = frame.code;
  if ((code.heat += CALL_HEAT) > translation.threshold) warm(code);
  let ops = code.ops;
  let args = code.args;
  let names = code.names;
  let state = frame.state;
  let sp = frame.sp;
  let pc = frame.pc;
  // A caught exception is looked at first: `pc` is then one behind the instruction that raised it.
  let raised: unknown;
  let hasRaised = false;
  /** Not the variables here but `vm.frame` tells what runs. */
  let inFrame = false;
  if (inject !== undefined && ops[pc] !== Op.YieldFrom) {
    raised = new Raise(makeRaiseObject(inject));
    hasRaised = true;
    inject = undefined;
    pc++;
  }
  try {
    for (;;) {
      try {
        if (hasRaised) {
          hasRaised = false;
          throw raised;
        }
        frames: for (;;) {
          // Frames change here, in whichever way they run: as translated code, if there is some that can go on at this instruction.
          code = frame.code;
          const { translated: ready } = code;
          if (ready !== undefined && ready !== null && entryOf(frame, ready) >= 0) {
            inFrame = true;
            const left = runTranslated(frame, base);
            inFrame = false;
            if (left === Leave.Return) return FrameResult.Return;
            if (left === Leave.Yield) return FrameResult.Yield;
            frame = left;
            code = frame.code;
          }
          ops = code.ops;
          args = code.args;
          names = code.names;
          state = frame.state;
          sp = frame.sp;
          pc = frame.pc;
          for (;;) {
            const op = ops[pc];
            const arg = args[pc];
            const at = pc;
            if ((hot.budget -= COST[op]) < 0) {
              frame.pc = pc;
              frame.sp = sp;
              vmHooks.service();
            }
            pc++;
            let jumping = false;
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
                state[++sp] = code.wide === null ? arg : (code.wide.get(pc - 1) ?? arg);
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
                const value = (state[arg] as MpCell).value;
                if (value === undefined) unboundAt(frame, pc, sp);
                state[++sp] = value;
                continue;
              }
              case Op.LoadGlobal: {
                const name = names[arg];
                const { map } = frame.globals;
                const slot = code.cache[pc - 1];
                const value = map.keys[slot] === name ? map.values[slot] : findGlobalCached(frame.globals, name, code, at);
                if (value === undefined) {
                  frame.pc = pc;
                  frame.sp = sp;
                  raiseNoName(name);
                }
                state[++sp] = value;
                continue;
              }
              case Op.LoadAttr: {
                const obj = state[sp]!;
                const name = names[arg];
                if (obj instanceof MpInstance) {
                  const { members } = obj;
                  const slot = code.cache[pc - 1];
                  if (members.keys[slot] === name) {
                    state[sp] = members.values[slot];
                    continue;
                  }
                  const found = members.find(name);
                  if (found >= 0) {
                    code.cache[pc - 1] = found;
                    state[sp] = members.values[found];
                    continue;
                  }
                }
                frame.pc = pc;
                frame.sp = sp;
                state[sp] = loadAttr(obj, name);
                continue;
              }
              case Op.LoadMethod: {
                frame.pc = pc;
                frame.sp = sp;
                loadMethod(state[sp]!, names[arg], ref);
                state[sp] = ref.member;
                state[++sp] = ref.self;
                continue;
              }
              case Op.LoadSubscr: {
                frame.pc = pc;
                frame.sp = sp;
                const index = state[sp--]!;
                state[sp] = getItem(state[sp]!, index);
                continue;
              }
              case Op.StoreFast:
                state[arg] = state[sp--];
                continue;
              case Op.StoreDeref:
                (state[arg] as MpCell).value = state[sp--];
                continue;
              case Op.StoreAttr: {
                frame.pc = pc;
                frame.sp = sp;
                sp -= 2;
                storeAttr(state[sp + 2]!, names[arg], state[sp + 1]!);
                continue;
              }
              case Op.StoreSubscr:
                frame.pc = pc;
                frame.sp = sp;
                sp -= 3;
                setItem(state[sp + 2]!, state[sp + 3]!, state[sp + 1]!);
                continue;
              case Op.DeleteFast:
                if (state[arg] === undefined) unboundAt(frame, pc, sp);
                state[arg] = undefined;
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
                pc = arg;
                if (hot.pending) pendingAt(frame, pc, sp);
                break;
              case Op.PopJumpIfTrue:
              case Op.PopJumpIfFalse: {
                const value = state[sp]!;
                const holds = typeof value === 'boolean' ? value : truthAt(frame, pc, sp, value);
                sp--;
                const jumps = holds === (op === Op.PopJumpIfTrue);
                if (jumps) pc = arg;
                if (hot.pending) pendingAt(frame, pc, sp);
                if (!jumps) continue;
                break;
              }
              case Op.JumpIfTrueOrPop:
              case Op.JumpIfFalseOrPop: {
                if (truthAt(frame, pc, sp, state[sp]!) === (op === Op.JumpIfTrueOrPop)) pc = arg;
                else sp--;
                if (hot.pending) pendingAt(frame, pc, sp);
                continue;
              }
              case Op.SetupWith: {
                frame.pc = pc;
                frame.sp = sp;
                const manager = state[sp]!;
                loadMethod(manager, '__exit__', ref);
                const { member: exit, self } = ref;
                loadMethod(manager, '__enter__', ref);
                const entered = callMethodRef(ref, []);
                state[sp] = exit;
                state[++sp] = self;
                pushHandler(frame, arg, sp, 1);
                state[++sp] = entered;
                continue;
              }
              case Op.UnwindJump: {
                state[++sp] = arg & 0x7fffff;
                state[++sp] = (arg >>> 23) & 0xff;
                jumping = true;
                break;
              }
              case Op.SetupExcept:
                pushHandler(frame, arg, sp, 0);
                continue;
              case Op.SetupFinally:
                pushHandler(frame, arg, sp, 1);
                continue;
              case Op.EndFinally: {
                popHandler(frame);
                const top = state[sp];
                if (top === null) {
                  sp--;
                  continue;
                }
                if (typeof top !== 'number') throw new Raise(top!);
                // A finally handler that ran on the way of a return (below zero) or of a jump (handlers left to unwind).
                if (top < 0) sp--;
                else jumping = true;
                break;
              }
              case Op.GetIter:
                frame.pc = pc;
                frame.sp = sp;
                state[sp] = getIter(state[sp]!);
                continue;
              case Op.GetIterStack: {
                frame.pc = pc;
                frame.sp = sp;
                const iterator = getIter(state[sp]!, true);
                state[sp + 1] = state[sp + 2] = undefined;
                sp += ITER_SLOTS - 1;
                state[sp] = iterator;
                continue;
              }
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
              case Op.PopExceptJump:
                popHandler(frame);
                pc = arg;
                if (hot.pending) pendingAt(frame, pc, sp);
                continue;
              case Op.BuildTuple:
                frame.pc = pc;
                frame.sp = sp;
                sp -= arg - 1;
                state[sp] = newTuple(state.slice(sp, sp + arg) as Value[]);
                continue;
              case Op.BuildList:
                frame.pc = pc;
                frame.sp = sp;
                sp -= arg - 1;
                state[sp] = newList(state.slice(sp, sp + arg) as Value[]);
                continue;
              case Op.ReturnValue:
                break;
              case Op.RaiseLast:
                frame.pc = pc;
                frame.sp = sp;
                throw new Raise(lastCaught(frame));
              case Op.RaiseObj:
                frame.pc = pc;
                frame.sp = sp;
                throw new Raise(makeRaiseObject(state[sp]!));
              case Op.RaiseFrom:
                frame.pc = pc;
                frame.sp = sp;
                if (state[sp--] !== null) warn(null, 'exception chaining not supported');
                throw new Raise(makeRaiseObject(state[sp]!));
              case Op.YieldValue:
                frame.pc = pc;
                frame.sp = sp;
                return FrameResult.Yield;
              case Op.YieldFrom: {
                frame.pc = pc;
                frame.sp = sp;
                const send = state[sp--]!;
                const thrown = inject;
                inject = undefined;
                const result = thrown === undefined ? resume(state[sp]!, send, undefined) : resume(state[sp]!, undefined, thrown);
                if (result.kind === ResumeKind.Yield) {
                  state[++sp] = result.value;
                  frame.pc = pc - 1;
                  frame.sp = sp;
                  return FrameResult.Yield;
                }
                if (result.kind === ResumeKind.Raise) {
                  sp--;
                  throw new Raise(result.value);
                }
                state[sp] = result.value;
                if (thrown !== undefined && exceptionMatches(thrown, excTypes.GeneratorExit)) throw new Raise(makeRaiseObject(thrown));
                continue;
              }
              case Op.CallFunction:
              case Op.CallMethod: {
                const nKw = arg >> 8;
                const into = sp - (arg & 0xff) - 2 * nKw - (op === Op.CallMethod ? 1 : 0);
                frame.pc = pc;
                frame.sp = sp;
                const callee: Frame | null = invoke(frame, into, sp, nKw, op === Op.CallMethod);
                sp = into;
                if (callee === null) continue;
                frame.sp = into;
                callee.caller = frame;
                frame = callee;
                vm.frame = frame;
                if ((frame.code.heat += CALL_HEAT) > translation.threshold) warm(frame.code);
                continue frames;
              }
              case Op.CallFunctionVarKw:
              case Op.CallMethodVarKw: {
                const nArgs = arg & 0xff;
                const nKw = arg >> 8;
                frame.pc = pc;
                frame.sp = sp;
                sp -= nArgs + 2 * nKw + 1;
                const hasSelf = op === Op.CallMethodVarKw;
                if (hasSelf) sp--;
                const prepared = prepareVarArgs(state, sp + 1, hasSelf, nArgs, nKw);
                const fun = state[sp]!;
                if (fun instanceof MpFunction && fun.type === functionType) {
                  const callee: Frame = newFrame(fun, prepared.args, prepared.kw);
                  frame.sp = sp;
                  callee.caller = frame;
                  frame = callee;
                  vm.frame = frame;
                  if ((frame.code.heat += CALL_HEAT) > translation.threshold) warm(frame.code);
                  continue frames;
                }
                state[sp] = call(fun, prepared.args, prepared.kw);
                continue;
              }
              case Op.UnaryOp:
                frame.pc = pc;
                frame.sp = sp;
                state[sp] = unaryOp(arg, state[sp]!);
                continue;
              case Op.BinaryOp + BinaryOp.Add:
              case Op.BinaryOp + BinaryOp.InplaceAdd: {
                const rhs = state[sp]!;
                const lhs = state[sp - 1]!;
                if (typeof lhs === 'number' && typeof rhs === 'number') {
                  const result = lhs + rhs;
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
              case Op.BinaryOp + BinaryOp.Subtract:
              case Op.BinaryOp + BinaryOp.InplaceSubtract: {
                const rhs = state[sp]!;
                const lhs = state[sp - 1]!;
                if (typeof lhs === 'number' && typeof rhs === 'number') {
                  const result = lhs - rhs;
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
              default:
                frame.pc = pc;
                frame.sp = sp;
                if (op >= Op.BinaryOp) {
                  const rhs = state[sp--]!;
                  state[sp] = binaryOp(arg, state[sp]!, rhs);
                } else sp = rareInstruction(frame, at, op, arg, sp);
                continue;
            }

            if (op !== Op.ReturnValue && !jumping && op !== Op.EndFinally) {
              // A jump. Backwards, it is a loop, which may go on as translated code.
              if (at < pc) continue;
              const { translated } = code;
              if (translated === undefined) {
                if (++code.heat <= translation.threshold) continue;
                warm(code);
                continue;
              }
              if (translated === null || translated.depth[pc] !== sp || translated.entry[pc] < 0) continue;
              frame.pc = pc;
              frame.sp = sp;
              continue frames;
            }

            // Left the switch: a return, or a jump out of blocks, that may have to run finally handlers first.
            if (jumping) {
              let left = state[sp--] as number;
              let suspended = false;
              const { handlers } = frame;
              while ((left & 0x7f) > 0) {
                left -= 1;
                const h = handlers.length - 3;
                if (handlers[h + 2] === 1) {
                  if (handlers[h] >= pc) {
                    state[++sp] = left;
                    pc = handlers[h];
                    suspended = true;
                    break;
                  }
                  sp = cancelFinally(state, sp);
                }
                popHandler(frame);
              }
              if (suspended) continue;
              pc = state[sp--] as number;
              if (left !== 0) sp -= ITER_SLOTS;
              if (hot.pending) pendingAt(frame, pc, sp);
              continue;
            }
            {
              const { handlers } = frame;
              let suspended = false;
              while (handlers.length > 0) {
                const h = handlers.length - 3;
                if (handlers[h + 2] === 1) {
                  if (handlers[h] >= pc) {
                    const at = handlers[h + 1];
                    state[at + 1] = state[sp];
                    sp = at + 1;
                    state[++sp] = -1;
                    pc = handlers[h];
                    suspended = true;
                    break;
                  }
                  sp = cancelFinally(state, sp);
                }
                popHandler(frame);
              }
              if (suspended) continue;
            }
            if (frame === base) {
              frame.sp = sp;
              frame.pc = pc;
              releaseCall(frame);
              return FrameResult.Return;
            }
            const callee: Frame = frame;
            releaseCall(callee);
            callee.sp = sp;
            vm.frame = frame = callee.caller!;
            inFrame = true;
            frame.state[frame.sp] = resultOf(callee);
            inFrame = false;
            continue frames;
          }
        }
      } catch (error) {
        if (inFrame) {
          inFrame = false;
          frame = vm.frame!;
          code = frame.code;
          ops = code.ops;
          args = code.args;
          names = code.names;
          state = frame.state;
          sp = frame.sp;
          pc = frame.pc;
        }
        if (error instanceof ThreadSwitch) {
          frame.pc = error.repeat ? pc - 1 : pc;
          frame.sp = sp;
          vm.threads!.left(frame);
          return FrameResult.Switched;
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
          const at = pc - 1;
          const op = ops[at];
          if (isSubclass(typeOf(exception), excTypes.StopIteration)) {
            if (op === Op.ForIter) {
              frame.pc = pc = args[at];
              frame.sp = sp -= ITER_SLOTS;
              break;
            }
            if (op === Op.YieldFrom) {
              state[sp] = exceptionValue(exception);
              frame.pc = pc;
              frame.sp = sp;
              break;
            }
          }
          if (op !== Op.EndFinally && op !== Op.RaiseLast) addTraceback(exception, code.module.fileName, code.lineOf(at), code.name);
          const { handlers } = frame;
          while (handlers.length > 0 && handlers[handlers.length - 3] <= at) popHandler(frame);
          if (handlers.length > 0) {
            const h = handlers.length - 3;
            pc = handlers[h];
            sp = handlers[h + 1];
            frame.caught[frame.caught.length - 1] = exception;
            state[++sp] = exception;
            frame.pc = pc;
            frame.sp = sp;
            break;
          }
          releaseCall(frame);
          if (frame === base) throw error instanceof Raise && error.exception === exception ? error : new Raise(exception);
          frame = frame.caller!;
          vm.frame = frame;
          code = frame.code;
          ops = code.ops;
          args = code.args;
          names = code.names;
          state = frame.state;
          sp = frame.sp;
          pc = frame.pc;
        }
      }
    }
  } finally {
    vm.frame = outer;
  }
}
