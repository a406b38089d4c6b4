/**
 * Writes the JavaScript of a function from its bytecode (DESIGN D9). The text holds numbers, and names that are chosen here: what comes
 * from the guest (names, constants) is handed over in arrays, so that no guest can write JavaScript.
 *
 * The function that comes out runs a frame from any basic block on. It returns a frame to run first (a call), or one of `Leave`. The value
 * stack is held in variables within a block and written back at its end, and before anything that may look at it (a collection sees what
 * lies above the stack's end, too, as it does on the device). Time is charged for a run of instructions at once, when the budget lasts for
 * all of them; when it does not, the interpreter does them one by one. An instruction that must be looked at, because its operands are not
 * the usual ones, first gives back what was charged for those behind it.
 */
import type { CodeObject } from '../code.ts';
import { COST, CYCLES } from '../cost.ts';
import { Op } from '../opcodes.ts';
import { BinaryOp, UnaryOp } from '../value.ts';
import { analyse, endsBlock, type Flow, UNREACHED } from './flow.ts';

/** Why translated code comes back, when it is not for a call. */
export enum Leave {
  /** The interpreter is to go on in the frame. */
  Exit,
  Return,
  Yield,
}

export interface Translation {
  /** Body of a function of `runtime` (its exports), `code` and `hot` that returns the function which runs a frame. */
  readonly source: string;
  /** Block number by instruction, -1 where none begins, and the stack pointer that belongs to it. */
  readonly entry: Int32Array;
  readonly depth: Int32Array;
}

/** Longest function that is translated, in instructions: host compilers take long over larger ones. */
const LONGEST = 3000;

const ITER_SLOTS = 4;

/** Instructions that are left to the interpreter. */
const LEFT_TO_INTERPRETER: ReadonlySet<number> = new Set([
  Op.SetupWith,
  Op.WithCleanup,
  Op.UnwindJump,
  Op.YieldFrom,
  Op.RaiseLast,
  Op.RaiseFrom,
  Op.ImportName,
  Op.ImportFrom,
  Op.ImportStar,
  Op.CallMethodVarKw,
  Op.CallFunctionVarKw,
]);

/** Instructions that cost what stands in the table, as long as nothing unusual happens: then they give back what is charged for those behind. */
function costIsFixed(op: number, arg: number): boolean {
  if (op >= Op.BinaryOp) return INLINE.has(arg);
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
    case Op.LoadGlobal:
    case Op.LoadAttr:
    case Op.LoadSubscr:
    case Op.StoreFast:
    case Op.StoreDeref:
    case Op.StoreAttr:
    case Op.StoreSubscr:
    case Op.DupTop:
    case Op.DupTopTwo:
    case Op.PopTop:
    case Op.RotTwo:
    case Op.RotThree:
    case Op.SetupExcept:
    case Op.SetupFinally:
      return true;
    case Op.UnaryOp:
      return arg === UnaryOp.Not || arg === UnaryOp.Negative;
    default:
      return false;
  }
}

/** Binary operations with a short way for small integers. */
const INLINE: ReadonlySet<number> = new Set([
  BinaryOp.Less,
  BinaryOp.More,
  BinaryOp.Equal,
  BinaryOp.LessEqual,
  BinaryOp.MoreEqual,
  BinaryOp.NotEqual,
  BinaryOp.Is,
  BinaryOp.InplaceOr,
  BinaryOp.InplaceXor,
  BinaryOp.InplaceAnd,
  BinaryOp.InplaceLshift,
  BinaryOp.InplaceRshift,
  BinaryOp.InplaceAdd,
  BinaryOp.InplaceSubtract,
  BinaryOp.InplaceMultiply,
  BinaryOp.InplaceFloorDivide,
  BinaryOp.InplaceModulo,
  BinaryOp.Or,
  BinaryOp.Xor,
  BinaryOp.And,
  BinaryOp.Lshift,
  BinaryOp.Rshift,
  BinaryOp.Add,
  BinaryOp.Subtract,
  BinaryOp.Multiply,
  BinaryOp.FloorDivide,
  BinaryOp.Modulo,
]);

/** Those that the interpreter does itself for two numbers; the others charge CYCLES.operator. */
const UNCHARGED: ReadonlySet<number> = new Set([
  BinaryOp.Less,
  BinaryOp.More,
  BinaryOp.Equal,
  BinaryOp.Add,
  BinaryOp.InplaceAdd,
  BinaryOp.Subtract,
  BinaryOp.InplaceSubtract,
]);

const cyclesOf = (op: number, arg: number): number =>
  COST[op] + (op >= Op.BinaryOp && INLINE.has(arg) && !UNCHARGED.has(arg) ? CYCLES.operator : 0);

export interface Words {
  readonly wordSize: number;
  readonly smallIntMax: number;
  readonly smallIntMin: number;
}

/** Undefined for a function that is left to the interpreter. */
export function translate(code: CodeObject, words: Words): Translation | undefined {
  if (code.ops.length > LONGEST) return undefined;
  const flow = analyse(code);
  return flow === undefined ? undefined : new Emitter(code, flow, words).translate();
}

/**
 * A way on which there is less on the stack than an instruction takes: it is never gone. (A finally handler also finds more on the stack, when a return or
 * a jump goes through it; then it is interpreted.)
 */
class BelowStack extends Error {}

class Emitter {
  private readonly out: string[] = [];
  private readonly entry: Int32Array;
  private readonly blocks: number[] = [];
  private readonly hasHandlers: boolean;
  /** Used names and constants. */
  private readonly names = new Set<number>();
  private readonly consts = new Set<number>();
  private deepest = 0;
  /** What each stack slot holds that this block has touched: `s` and its number, or a number. Those in `dirty` are not in memory yet. */
  private slots = new Map<number, string>();
  private dirty = new Set<number>();
  /** The variables that are known to be bound here. */
  private bound = new Set<number>();

  constructor(
    private readonly code: CodeObject,
    private readonly flow: Flow,
    private readonly words: Words,
  ) {
    const { ops } = code;
    this.entry = new Int32Array(ops.length).fill(-1);
    this.hasHandlers = ops.some(op => op === Op.SetupExcept || op === Op.SetupFinally || op === Op.SetupWith);
  }

  translate(): Translation | undefined {
    const { ops, args, nState } = this.code;
    const { depth, leader } = this.flow;
    let lowest = nState - this.code.nPosArgs - this.code.nKwonlyArgs;
    for (let i = 0; i < ops.length; i++) {
      if (ops[i] >= Op.LoadFast && [Op.LoadFast, Op.LoadDeref, Op.StoreFast, Op.StoreDeref, Op.DeleteFast, Op.DeleteDeref].includes(ops[i]))
        lowest = Math.min(lowest, args[i]);
      if (leader[i] === 1 && depth[i] !== UNREACHED) {
        this.entry[i] = this.blocks.length;
        this.blocks.push(i);
      }
    }
    for (const [number, at] of this.blocks.entries()) {
      this.out.push(`case ${number}:`);
      this.block(at);
    }
    // A stack that would reach into the variables is no compiler's work.
    if (this.deepest >= lowest) return undefined;
    const slots = Array.from({ length: this.deepest + 1 }, (_, d) => `s${d}`).join(',');
    const source = [
      '"use strict";',
      'const {add,subtract,multiply,binaryOp,compare,isTrue,unaryOp,getItem,setItem,loadAttr,storeAttr,loadMethod,ref,raiseUnbound,loadGlobal,MpInstance,',
      'listType,rangeIteratorType,invoke,forNext,newTuple,newList,newSet,handlePending,pushHandler,popHandler,generic,other,getIter}=runtime;',
      'const {cache,names,wide}=code,consts=code.module.consts;',
      ...[...this.names].map(n => `const n${n}=names[${n}];`),
      ...[...this.consts].map(n => `const k${n}=consts[${n}];`),
      // In brackets, so that the host compiles it at once instead of looking it over first.
      'return (function(frame,b){',
      `const state=frame.state,globals=frame.globals.map;let t,u,m,${slots};`,
      'for(;;)switch(b){',
      ...this.out,
      'default:throw new Error("no such block");}})',
    ].join('\n');
    return { source, entry: this.entry, depth };
  }

  private emit(text: string): void {
    this.out.push(text);
  }

  private name(index: number): string {
    this.names.add(index);
    return `n${index}`;
  }

  /** What slot `d` holds, as an expression that can be repeated. */
  private get(d: number): string {
    let slot = this.slots.get(d);
    if (slot === undefined) {
      slot = this.variable(d);
      this.emit(`${slot}=state[${d}];`);
      this.slots.set(d, slot);
    }
    return slot;
  }

  private variable(d: number): string {
    if (d < 0) throw new BelowStack();
    if (d > this.deepest) this.deepest = d;
    return `s${d}`;
  }

  private set(d: number, expression: string): void {
    const slot = this.variable(d);
    if (isLiteral(expression)) this.slots.set(d, expression);
    else {
      if (expression !== slot) this.emit(`${slot}=${expression};`);
      this.slots.set(d, slot);
    }
    this.dirty.add(d);
  }

  /** Code that writes all slots to memory. */
  private stores(): string {
    let text = '';
    for (const d of this.dirty) text += `state[${d}]=${this.slots.get(d)};`;
    return text;
  }

  /** Writes them for good. */
  private flush(): void {
    const text = this.stores();
    if (text !== '') this.emit(text);
    this.dirty.clear();
  }

  /** From here on the slots are in memory alone. */
  private forget(): void {
    this.flush();
    this.slots.clear();
  }

  private exit(at: number, sp: number): string {
    return `${this.stores()}frame.pc=${at};frame.sp=${sp};return ${Leave.Exit};`;
  }

  private block(start: number): void {
    const { ops, args } = this.code;
    const { depth, leader } = this.flow;
    this.slots = new Map();
    this.dirty = new Set();
    this.bound = new Set(this.flow.bound[start]!);
    // Cycles charged for the instructions behind each one of the running segment.
    const rest = new Map<number, number>();
    let segmentEnd = -1;
    for (let i = start; ; i++) {
      const op = ops[i];
      const sp = depth[i];
      if (LEFT_TO_INTERPRETER.has(op)) {
        this.emit(this.exit(i, sp));
        return;
      }
      if (i > segmentEnd) {
        let end = i;
        while (
          costIsFixed(ops[end], args[end]) &&
          !endsBlock(ops[end]) &&
          end + 1 < ops.length &&
          leader[end + 1] === 0 &&
          !LEFT_TO_INTERPRETER.has(ops[end + 1])
        )
          end++;
        segmentEnd = end;
        let sum = 0;
        for (let j = end; j >= i; j--) {
          rest.set(j, sum);
          sum += cyclesOf(ops[j], args[j]);
        }
        this.emit(`if((hot.budget-=${sum})<0){hot.budget+=${sum};${this.exit(i, sp)}}`);
      }
      const written = this.out.length;
      try {
        this.instruction(i, op, args[i], sp, rest.get(i)!);
      } catch (error) {
        if (!(error instanceof BelowStack)) throw error;
        this.out.length = written;
        this.emit(`hot.budget+=${cyclesOf(op, args[i]) + rest.get(i)!};${this.exit(i, sp)}`);
        return;
      }
      if (endsBlock(op)) return;
      if (leader[i + 1] === 1) {
        // The next block follows.
        this.flush();
        return;
      }
    }
  }

  /** The unusual way of instruction `i`: what is charged behind it is given back, memory is up to date. `action` leaves its result in slot `d`. */
  private unusual(i: number, sp: number, rest: number, given: number, d: number | undefined, action: string): string {
    const after = d === undefined ? '' : `state[${d}]=s${d};`;
    const back = rest + given;
    const next = this.flow.depth[i + 1];
    return (
      `${this.stores()}frame.pc=${i + 1};frame.sp=${sp};${back > 0 ? `hot.budget+=${back};` : ''}${action}` +
      (rest > 0 ? `if((hot.budget-=${rest})<0){hot.budget+=${rest};${after}frame.sp=${next};return ${Leave.Exit};}` : '')
    );
  }

  /** An instruction that a function of the runtime does. */
  private call(i: number, sp: number, rest: number, given: number, d: number | undefined, action: string): void {
    this.flush();
    this.emit(this.unusual(i, sp, rest, given, d, action));
    if (d !== undefined) this.set(d, this.variable(d));
  }

  private jump(target: number): void {
    this.emit(`b=${this.entry[target]};continue;`);
  }

  /** Jumps on a condition; the stack is in memory. Pending callbacks run behind the jump. */
  private branch(i: number, target: number, takenSp: number, fallSp: number, condition: string): void {
    this.emit(
      `if(${condition}){if(hot.pending){frame.pc=${target};frame.sp=${takenSp};handlePending();}b=${this.entry[target]};continue;}` +
        `if(hot.pending){frame.pc=${i + 1};frame.sp=${fallSp};handlePending();}`,
    );
    this.fallTo(i + 1);
  }

  /** The block at `next` is written behind this one, unless it is not reached. */
  private fallTo(next: number): void {
    if (this.entry[next] < 0) this.emit(`throw new Error("not reached");`);
  }

  /** Is the value of an expression true? Memory is up to date. */
  private truth(i: number, sp: number, value: string): string {
    if (isLiteral(value)) return `isTrue(${value})`;
    return `(${value}===true||(${value}!==false&&(typeof ${value}==="number"?${value}!==0:(frame.pc=${i + 1},frame.sp=${sp},isTrue(${value})))))`;
  }

  private instruction(i: number, op: number, arg: number, sp: number, rest: number): void {
    if (op >= Op.BinaryOp) {
      this.binary(i, arg, sp, rest);
      return;
    }
    switch (op) {
      case Op.LoadConstFalse:
        this.set(sp + 1, 'false');
        return;
      case Op.LoadConstNone:
        this.set(sp + 1, 'null');
        return;
      case Op.LoadConstTrue:
        this.set(sp + 1, 'true');
        return;
      case Op.LoadSmallInt:
        this.set(sp + 1, this.code.wide?.has(i) ? `wide.get(${i})` : `(${arg})`);
        return;
      case Op.LoadString:
        this.set(sp + 1, this.name(arg));
        return;
      case Op.LoadObj:
        this.consts.add(arg);
        this.set(sp + 1, `k${arg}`);
        return;
      case Op.LoadNull:
        this.set(sp + 1, 'undefined');
        return;
      case Op.LoadFast: {
        if (this.bound.has(arg)) {
          this.set(sp + 1, `state[${arg}]`);
          return;
        }
        this.emit(`t=state[${arg}];if(t===undefined){${this.unusual(i, sp, rest, 0, undefined, 'raiseUnbound();')}}`);
        this.set(sp + 1, 't');
        return;
      }
      case Op.LoadDeref:
        this.emit(`t=state[${arg}].value;if(t===undefined){${this.unusual(i, sp, rest, 0, undefined, 'raiseUnbound();')}}`);
        this.set(sp + 1, 't');
        return;
      case Op.LoadGlobal: {
        const name = this.name(arg);
        const d = sp + 1;
        const slot = this.variable(d);
        this.emit(
          `t=cache[${i}];if(globals.keys[t]===${name}){${slot}=globals.values[t];}else{` +
            `${this.unusual(i, sp, rest, 0, d, `${slot}=loadGlobal(frame.globals,${name},code,${i});`)}}`,
        );
        this.set(d, slot);
        return;
      }
      case Op.LoadAttr: {
        const name = this.name(arg);
        const obj = this.get(sp);
        const slot = this.variable(sp);
        this.emit(
          `if(${obj} instanceof MpInstance&&(m=${obj}.members).keys[t=cache[${i}]]===${name}){${slot}=m.values[t];}else{` +
            `${this.unusual(i, sp, rest, 0, sp, `${slot}=loadAttr(${obj},${name},cache,${i});`)}}`,
        );
        this.set(sp, slot);
        return;
      }
      case Op.StoreAttr: {
        const name = this.name(arg);
        const obj = this.get(sp);
        const value = this.get(sp - 1);
        this.emit(
          `if(${obj} instanceof MpInstance&&(${obj}.type.flags&256)===0&&(m=${obj}.members).keys[t=cache[${i}]]===${name}){m.values[t]=${value};}else{` +
            `${this.unusual(i, sp, rest, 0, undefined, `storeAttr(${obj},${name},${value},cache,${i});`)}}`,
        );
        return;
      }
      case Op.LoadSubscr: {
        const base = this.get(sp - 1);
        const index = this.get(sp);
        const slot = this.variable(sp - 1);
        this.emit(
          `if(${this.numbers(index)}typeof ${base}==="object"&&${base}!==null&&${base}.type===listType&&${index}>=0&&${index}<(m=${base}.items).length){${slot}=m[${index}];}else{` +
            `${this.unusual(i, sp, rest, 0, sp - 1, `${slot}=getItem(${base},${index});`)}}`,
        );
        this.set(sp - 1, slot);
        return;
      }
      case Op.StoreSubscr: {
        const base = this.get(sp - 1);
        const index = this.get(sp);
        const value = this.get(sp - 2);
        this.emit(
          `if(${this.numbers(index)}typeof ${base}==="object"&&${base}!==null&&${base}.type===listType&&${index}>=0&&${index}<(m=${base}.items).length){m[${index}]=${value};}else{` +
            `${this.unusual(i, sp, rest, 0, undefined, `setItem(${base},${index},${value});`)}}`,
        );
        return;
      }
      case Op.StoreFast:
        this.emit(`state[${arg}]=${this.get(sp)};`);
        this.bound.add(arg);
        return;
      case Op.StoreDeref:
        this.emit(`state[${arg}].value=${this.get(sp)};`);
        return;
      case Op.DeleteFast:
        this.emit(`if(state[${arg}]===undefined){${this.unusual(i, sp, rest, 0, undefined, 'raiseUnbound();')}}state[${arg}]=undefined;`);
        this.bound.delete(arg);
        return;
      case Op.DupTop:
        this.set(sp + 1, this.get(sp));
        return;
      case Op.DupTopTwo: {
        const below = this.get(sp - 1);
        const top = this.get(sp);
        this.set(sp + 1, below);
        this.set(sp + 2, top);
        return;
      }
      case Op.PopTop:
        return;
      case Op.RotTwo:
        this.emit(`t=${this.get(sp)};u=${this.get(sp - 1)};`);
        this.set(sp, 'u');
        this.set(sp - 1, 't');
        return;
      case Op.RotThree:
        this.emit(`t=${this.get(sp)};u=${this.get(sp - 1)};m=${this.get(sp - 2)};`);
        this.set(sp, 'u');
        this.set(sp - 1, 'm');
        this.set(sp - 2, 't');
        return;
      case Op.Jump:
        this.flush();
        this.emit(`if(hot.pending){frame.pc=${arg};frame.sp=${sp};handlePending();}`);
        this.jump(arg);
        return;
      case Op.PopJumpIfTrue:
      case Op.PopJumpIfFalse: {
        const value = this.get(sp);
        this.flush();
        const truth = this.truth(i, sp, value);
        this.branch(i, arg, sp - 1, sp - 1, op === Op.PopJumpIfTrue ? truth : `!${truth}`);
        return;
      }
      case Op.JumpIfTrueOrPop:
      case Op.JumpIfFalseOrPop: {
        const value = this.get(sp);
        this.flush();
        const truth = this.truth(i, sp, value);
        this.branch(i, arg, sp, sp - 1, op === Op.JumpIfTrueOrPop ? truth : `!${truth}`);
        return;
      }
      case Op.SetupExcept:
      case Op.SetupFinally:
        this.forget();
        this.emit(`pushHandler(frame,${arg},${sp},${op === Op.SetupFinally ? 1 : 0});`);
        return;
      case Op.PopExceptJump:
        this.flush();
        this.emit(`popHandler(frame);if(hot.pending){frame.pc=${arg};frame.sp=${sp};handlePending();}`);
        this.jump(arg);
        return;
      case Op.EndFinally:
        this.flush();
        this.emit(`if(state[${sp}]!==null){hot.budget+=${COST[op]};frame.pc=${i};frame.sp=${sp};return ${Leave.Exit};}popHandler(frame);`);
        this.fallTo(i + 1);
        return;
      case Op.GetIter:
        this.call(i, sp, rest, 0, sp, `s${sp}=getIter(${this.get(sp)});`);
        return;
      case Op.GetIterStack: {
        const value = this.get(sp);
        const d = sp + ITER_SLOTS - 1;
        this.variable(d);
        this.call(i, sp, rest, 0, d, `s${d}=getIter(${value},true);`);
        return;
      }
      case Op.ForIter: {
        this.forget();
        this.emit(
          `t=state[${sp}];if(t===undefined)t=state[${sp - 2}];` +
            `if(t!==null&&t.type===rangeIteratorType)t=t.advance();else{frame.pc=${i + 1};frame.sp=${sp};t=forNext(t);}` +
            `if(t===undefined){b=${this.entry[arg]};continue;}state[${sp + 1}]=t;`,
        );
        this.variable(sp + 1);
        this.fallTo(i + 1);
        return;
      }
      case Op.BuildTuple:
      case Op.BuildList:
      case Op.BuildSet: {
        const first = sp - arg + 1;
        const items = Array.from({ length: arg }, (_, n) => this.get(first + n)).join(',');
        const make = op === Op.BuildTuple ? 'newTuple' : op === Op.BuildList ? 'newList' : 'newSet';
        this.variable(first);
        this.call(i, sp, rest, 0, first, `s${first}=${make}([${items}]);`);
        return;
      }
      case Op.ReturnValue: {
        if (this.hasHandlers) this.flush();
        else this.emit(`state[${sp}]=${this.get(sp)};`);
        if (this.hasHandlers)
          this.emit(`if(frame.handlers.length>0){hot.budget+=${COST[op]};frame.pc=${i};frame.sp=${sp};return ${Leave.Exit};}`);
        this.emit(`frame.sp=${sp};frame.pc=${i + 1};return ${Leave.Return};`);
        return;
      }
      case Op.RaiseObj:
        this.emit(`${this.stores()}hot.budget+=${COST[op]};frame.pc=${i};frame.sp=${sp};return ${Leave.Exit};`);
        return;
      case Op.YieldValue:
        this.flush();
        this.emit(`frame.pc=${i + 1};frame.sp=${sp};return ${Leave.Yield};`);
        return;
      case Op.CallFunction:
      case Op.CallMethod: {
        this.forget();
        const first = sp - (arg & 0xff) - 2 * (arg >> 8) + 1;
        const isMethod = op === Op.CallMethod;
        const into = first - (isMethod ? 2 : 1);
        this.emit(`frame.pc=${i + 1};frame.sp=${into};if((t=invoke(frame,${into},${sp},${arg >> 8},${isMethod}))!==null)return t;`);
        this.fallTo(i + 1);
        return;
      }
      case Op.LoadMethod: {
        const obj = this.get(sp);
        this.variable(sp + 1);
        this.call(i, sp, rest, 0, sp, `loadMethod(${obj},${this.name(arg)},ref);s${sp}=ref.member;`);
        this.set(sp + 1, 'ref.self');
        return;
      }
      case Op.UnaryOp: {
        const value = this.get(sp);
        const slot = this.variable(sp);
        if (arg === UnaryOp.Not) {
          this.emit(
            `if(${value}===true||${value}===false)${slot}=!${value};else{${this.unusual(i, sp, rest, 0, sp, `${slot}=unaryOp(${arg},${value});`)}}`,
          );
        } else if (arg === UnaryOp.Negative && !isLiteral(value)) {
          const { smallIntMax: max } = this.words;
          this.emit(
            `if(typeof ${value}==="number"&&${value}<=${max}&&${value}>=${-max})${slot}=0-${value};` +
              `else{${this.unusual(i, sp, rest, 0, sp, `${slot}=unaryOp(${arg},${value});`)}}`,
          );
        } else {
          this.call(i, sp, rest, 0, sp, `${slot}=unaryOp(${arg},${value});`);
          return;
        }
        this.set(sp, slot);
        return;
      }
      default:
        // The runtime does as the interpreter does, on the stack in memory.
        this.forget();
        this.emit(this.unusual(i, sp, rest, 0, undefined, `other(frame,${i},${op},${arg},${sp});`));
    }
  }

  private numbers(...values: string[]): string {
    return values
      .filter(value => !isNumber(value))
      .map(value => `typeof ${value}==="number"&&`)
      .join('');
  }

  private binary(i: number, k: number, sp: number, rest: number): void {
    const a = this.get(sp - 1);
    const b = this.get(sp);
    const d = sp - 1;
    const slot = this.variable(d);
    if (!INLINE.has(k)) {
      this.call(i, sp, rest, 0, d, `${slot}=generic(${k},${a},${b});`);
      return;
    }
    const given = UNCHARGED.has(k) ? 0 : CYCLES.operator;
    const slow = (action: string): string => this.unusual(i, sp, rest, given, d, `${slot}=${action};`);
    const { smallIntMax: max, smallIntMin: min, wordSize } = this.words;
    const both = this.numbers(a, b);
    const number = both === '' ? 'true' : both.slice(0, -2);
    const small = (value: string): string => (isNumber(value) ? '' : wordSize === 8 ? '' : `${value}<=${max}&&${value}>=${min}&&`);
    const bothSmall = (both + small(a) + small(b)).slice(0, -2) || 'true';
    const int = (value: string): string => (isNumber(value) ? '' : `${value}===(${value}|0)&&`);
    const ints = both + small(a) + small(b) + int(a) + int(b);
    switch (k) {
      case BinaryOp.Is:
        this.set(d, `${a}===${b}`);
        return;
      case BinaryOp.Less:
      case BinaryOp.More:
      case BinaryOp.Equal:
      case BinaryOp.NotEqual:
      case BinaryOp.LessEqual:
      case BinaryOp.MoreEqual: {
        const sign = { 0: '<', 1: '>', 2: '===', 3: '<=', 4: '>=', 5: '!==' }[k as 0 | 1 | 2 | 3 | 4 | 5];
        const condition = k === BinaryOp.LessEqual || k === BinaryOp.MoreEqual ? bothSmall : number;
        this.emit(`if(${condition})${slot}=${a}${sign}${b};else{${slow(`compare(${k},${a},${b})`)}}`);
        break;
      }
      case BinaryOp.Add:
      case BinaryOp.InplaceAdd:
        this.emit(`if(${both}(t=${a}+${b})<=${max}&&t>=${min})${slot}=t;else{${slow(`add(${k},${a},${b})`)}}`);
        break;
      case BinaryOp.Subtract:
      case BinaryOp.InplaceSubtract:
        this.emit(`if(${both}(t=${a}-${b})<=${max}&&t>=${min})${slot}=t;else{${slow(`subtract(${k},${a},${b})`)}}`);
        break;
      case BinaryOp.Multiply:
      case BinaryOp.InplaceMultiply:
        this.emit(`if(${ints}(t=${a}*${b})<=${max}&&t>=${min})${slot}=t+0;else{${slow(`multiply(${k},${a},${b})`)}}`);
        break;
      case BinaryOp.Or:
      case BinaryOp.InplaceOr:
      case BinaryOp.Xor:
      case BinaryOp.InplaceXor:
      case BinaryOp.And:
      case BinaryOp.InplaceAnd: {
        const sign = k === BinaryOp.Or || k === BinaryOp.InplaceOr ? '|' : k === BinaryOp.And || k === BinaryOp.InplaceAnd ? '&' : '^';
        // Of a wide integer `&` takes the low 32 bits, and with a mask that has no sign no others are asked for.
        const masked = sign === '&' && [a, b].some(value => isNumber(value) && !value.includes('-'));
        const condition = masked ? both + small(a) + small(b) : ints;
        this.emit(`if(${condition.slice(0, -2) || 'true'})${slot}=${a}${sign}${b};else{${slow(`generic(${k},${a},${b})`)}}`);
        break;
      }
      case BinaryOp.Lshift:
      case BinaryOp.InplaceLshift:
        this.emit(`if(${ints}${b}>=0&&${b}<=30&&(t=${a}*(1<<${b}))<=${max}&&t>=${min})${slot}=t;else{${slow(`generic(${k},${a},${b})`)}}`);
        break;
      case BinaryOp.Rshift:
      case BinaryOp.InplaceRshift:
        this.emit(`if(${ints}${b}>=0&&${b}<=31)${slot}=${a}>>${b};else{${slow(`generic(${k},${a},${b})`)}}`);
        break;
      case BinaryOp.FloorDivide:
      case BinaryOp.InplaceFloorDivide:
        this.emit(`if(${ints}${b}!==0&&(t=Math.floor(${a}/${b})+0)<=${max})${slot}=t;else{${slow(`generic(${k},${a},${b})`)}}`);
        break;
      default:
        this.emit(`if(${ints}${b}!==0){t=${a}%${b};${slot}=(t!==0&&t<0!==${b}<0?t+${b}:t)+0;}else{${slow(`generic(${k},${a},${b})`)}}`);
    }
    this.set(d, slot);
  }
}

const isNumber = (expression: string): boolean => /^\(?-?\d+\)?$/.test(expression);
const isLiteral = (expression: string): boolean => isNumber(expression) || /^(true|false|null|undefined|[nk]\d+)$/.test(expression);
