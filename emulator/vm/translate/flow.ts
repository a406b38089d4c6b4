/**
 * What can be known of a function's bytecode before it runs: where its basic blocks begin, how high the value stack stands at each
 * instruction, and which variables have a value there for certain.
 */
import type { CodeObject } from '../code.ts';
import { ITER_SLOTS } from '../control-instructions.ts';
import { Op } from '../opcodes.ts';

export interface Flow {
  /** The value stack's pointer before each instruction; UNREACHED where none is known. */
  readonly depth: Int32Array;
  /** A basic block begins here. */
  readonly leader: Uint8Array;
  /** Translated code may begin here: a call, a loop, a generator that goes on. */
  readonly entry: Uint8Array;
  /** For each leader the slots of variables that are bound whenever it is reached; null where it is not reached. */
  readonly bound: readonly (Set<number> | null)[];
}

const UNREACHED = -2;

/** How the value stack changes from an instruction to the one behind it; undefined where none follows. */
function effect(op: number, arg: number): number | undefined {
  if (op >= Op.BinaryOp) return -1;
  switch (op) {
    case Op.LoadConstFalse:
    case Op.LoadConstNone:
    case Op.LoadConstTrue:
    case Op.LoadSmallInt:
    case Op.LoadString:
    case Op.LoadObj:
    case Op.LoadNull:
    case Op.LoadFast:
    case Op.LoadDeref:
    case Op.LoadName:
    case Op.LoadGlobal:
    case Op.LoadMethod:
    case Op.LoadBuildClass:
    case Op.DupTop:
    case Op.BuildMap:
    case Op.MakeFunction:
    case Op.ImportFrom:
    case Op.ForIter:
      return 1;
    case Op.DupTopTwo:
    case Op.SetupWith:
      return 2;
    case Op.LoadSuperMethod:
    case Op.LoadSubscr:
    case Op.StoreFast:
    case Op.StoreDeref:
    case Op.StoreName:
    case Op.StoreGlobal:
    case Op.PopTop:
    case Op.PopJumpIfTrue:
    case Op.PopJumpIfFalse:
    case Op.JumpIfTrueOrPop:
    case Op.JumpIfFalseOrPop:
    case Op.EndFinally:
    case Op.MakeFunctionDefargs:
    case Op.ImportName:
    case Op.ImportStar:
    case Op.YieldFrom:
      return -1;
    case Op.StoreAttr:
    case Op.StoreMap:
    case Op.WithCleanup:
      return -2;
    case Op.StoreSubscr:
      return -3;
    case Op.GetIterStack:
      return ITER_SLOTS - 1;
    case Op.BuildTuple:
    case Op.BuildList:
    case Op.BuildSet:
    case Op.BuildSlice:
      return 1 - arg;
    case Op.StoreComp:
      return (arg & 3) === 1 ? -2 : -1;
    case Op.UnpackSequence:
      return arg - 1;
    case Op.UnpackEx:
      return (arg & 0xff) + ((arg >> 8) & 0xff);
    case Op.MakeClosure:
      return 1 - (arg & 0xff);
    case Op.MakeClosureDefargs:
      return -1 - (arg & 0xff);
    case Op.CallFunction:
      return -(arg & 0xff) - 2 * (arg >> 8);
    case Op.CallMethod:
    case Op.CallFunctionVarKw:
      return -(arg & 0xff) - 2 * (arg >> 8) - 1;
    case Op.CallMethodVarKw:
      return -(arg & 0xff) - 2 * (arg >> 8) - 2;
    case Op.Jump:
    case Op.PopExceptJump:
    case Op.UnwindJump:
    case Op.ReturnValue:
    case Op.RaiseLast:
    case Op.RaiseObj:
    case Op.RaiseFrom:
      return undefined;
    default:
      return 0;
  }
}

/** How the value stack stands, against before the instruction, where it jumps to; undefined for one that does not jump. */
function jumpEffect(op: number): number | undefined {
  switch (op) {
    case Op.Jump:
    case Op.PopExceptJump:
    case Op.JumpIfTrueOrPop:
    case Op.JumpIfFalseOrPop:
      return 0;
    case Op.PopJumpIfTrue:
    case Op.PopJumpIfFalse:
      return -1;
    case Op.ForIter:
      return -ITER_SLOTS;
    // These jump when an exception is raised: the handler finds it on the stack.
    case Op.SetupExcept:
    case Op.SetupFinally:
      return 1;
    case Op.SetupWith:
      return 2;
    default:
      return undefined;
  }
}

/** Instructions at whose end a block ends. */
export function endsBlock(op: number): boolean {
  switch (op) {
    case Op.PopJumpIfTrue:
    case Op.PopJumpIfFalse:
    case Op.JumpIfTrueOrPop:
    case Op.JumpIfFalseOrPop:
    case Op.ForIter:
    case Op.YieldValue:
    case Op.YieldFrom:
      return true;
    default:
      return effect(op, 0) === undefined;
  }
}

/** Where a block that ends with such an instruction goes on, as far as nothing is raised and the frame is not left. */
export function successors(op: number, arg: number, next: number): readonly number[] {
  switch (op) {
    case Op.Jump:
    case Op.PopExceptJump:
      return [arg];
    case Op.PopJumpIfTrue:
    case Op.PopJumpIfFalse:
    case Op.JumpIfTrueOrPop:
    case Op.JumpIfFalseOrPop:
    case Op.ForIter:
      return arg === next ? [arg] : [arg, next];
    case Op.YieldValue:
      return [];
    default:
      return effect(op, 0) === undefined ? [] : [next];
  }
}

/** Undefined for bytecode that no compiler writes: whose stack is not the same on all ways to an instruction. */
export function analyse(code: CodeObject): Flow | undefined {
  const { ops, args, nState } = code;
  const n = ops.length;
  const depth = new Int32Array(n).fill(UNREACHED);
  const leader = new Uint8Array(n);
  const entry = new Uint8Array(n);
  const bound: (Set<number> | null)[] = new Array(n).fill(null);
  const deleted = new Set<number>();
  for (let i = 0; i < n; i++) {
    if (ops[i] === Op.DeleteFast) deleted.add(args[i]);
    if (i + 1 < n && endsBlock(ops[i])) leader[i + 1] = 1;
    // A generator that delegates comes back to the instruction.
    if (ops[i] === Op.YieldFrom) leader[i] = entry[i] = 1;
    if (ops[i] === Op.YieldValue && i + 1 < n) entry[i + 1] = 1;
    if (jumpEffect(ops[i]) !== undefined) {
      leader[args[i]] = 1;
      if (args[i] <= i) entry[args[i]] = 1;
    } else if (ops[i] === Op.UnwindJump) leader[args[i] & 0x7fffff] = 1;
  }
  leader[0] = entry[0] = 1;
  const start = new Set<number>();
  for (let i = 0; i < code.nPosArgs + code.nKwonlyArgs; i++) if (!deleted.has(nState - 1 - i)) start.add(nState - 1 - i);

  const todo: number[] = [];
  let sound = true;
  const reach = (at: number, sp: number, slots: Set<number>): void => {
    if (at >= n || sp < -1 || sp >= nState || (depth[at] !== UNREACHED && depth[at] !== sp)) {
      sound = false;
      return;
    }
    const known = bound[at];
    if (known === null) bound[at] = new Set(slots);
    else {
      const before = known.size;
      for (const slot of known) if (!slots.has(slot)) known.delete(slot);
      if (known.size === before) return;
    }
    depth[at] = sp;
    todo.push(at);
  };
  reach(0, -1, start);
  for (let at = todo.pop(); sound && at !== undefined; at = todo.pop()) {
    const slots = new Set(bound[at]!);
    let sp = depth[at];
    for (let i = at; ; i++) {
      if (depth[i] !== UNREACHED && depth[i] !== sp) return undefined;
      depth[i] = sp;
      const op = ops[i];
      const jump = jumpEffect(op);
      if (jump !== undefined) reach(args[i], sp + jump, slots);
      if (op === Op.StoreFast && !deleted.has(args[i])) slots.add(args[i]);
      const change = effect(op, args[i]);
      if (change === undefined) break;
      sp += change;
      if (i + 1 >= n || sp < -1 || sp >= nState) return undefined;
      if (leader[i + 1] === 1) {
        reach(i + 1, sp, slots);
        break;
      }
    }
  }
  return sound ? { depth, leader, entry, bound } : undefined;
}
