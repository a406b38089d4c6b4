/**
 * Writes the JavaScript of a function from its bytecode (DESIGN D9). The text holds numbers, and names that are chosen here: what comes
 * from the guest (names, constants) is handed over in arrays, so that no guest can write JavaScript.
 *
 * The function that comes out runs a frame from one instruction on, and says why it leaves it (`Leave`). The frame's variables are held in
 * variables of the host's, and in memory as well; its value stack is held in variables, and written to memory before anything that may look at
 * it; so is the budget, `q`. Time is charged for a run of instructions at once, when the budget lasts for all of them; when it does not, the
 * interpreter does them one by one. An instruction that must be looked at, because its operands are not the usual ones, is left to the runtime,
 * which is given back what was charged for those behind it. While translated code runs nothing is pending, but in the runtime.
 *
 * Host compilers take long over long functions, and programs are short: what is written is kept short.
 */
import { type CodeObject, NAMES_A_LOCAL } from '../code.ts';
import { ITER_SLOTS } from '../control-instructions.ts';
import { COST, Cycles } from '../cost.ts';
import { Op } from '../opcodes.ts';
import { TypeFlag } from '../type.ts';
import { BinaryOp, UnaryOp } from '../value.ts';
import { endsBlock, type Flow, successors } from './flow.ts';
import { type Block, graphFrom } from './graph.ts';

/** Why translated code comes back. */
export enum Leave {
  /** The interpreter is to go on. */
  Exit,
  Return,
  Yield,
}

/** Longest function that is translated, in instructions: host compilers take long over larger ones. */
const LONGEST = 3000;

/** Instructions that are left to the interpreter. */
const LEFT_TO_INTERPRETER: ReadonlySet<number> = new Set([Op.UnwindJump, Op.RaiseLast, Op.RaiseObj, Op.RaiseFrom]);

/** Behind these the budget is looked at anew. */
const CALLS: ReadonlySet<number> = new Set([Op.CallFunction, Op.CallMethod, Op.CallFunctionVarKw, Op.CallMethodVarKw]);

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

/** Those that the interpreter does itself for two numbers; the others charge Cycles.operator. */
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
  COST[op] + (op >= Op.BinaryOp && INLINE.has(arg) && !UNCHARGED.has(arg) ? Cycles.operator : 0);

export interface Words {
  readonly wordSize: number;
  readonly smallIntMax: number;
  readonly smallIntMin: number;
}

/**
 * The body of a function of `runtime` (its exports), `code` and `hot` that returns the function which runs a frame of this code from instruction
 * `entry` on. Undefined for what is left to the interpreter.
 */
export function translate(code: CodeObject, flow: Flow, entry: number, words: Words): string | undefined {
  if (code.ops.length > LONGEST) return undefined;
  const { ops, args } = code;
  const { leader } = flow;
  const endOf = (start: number): number => {
    let end = start;
    while (!endsBlock(ops[end]) && leader[end + 1] === 0) end++;
    return end + 1;
  };
  const root = graphFrom(entry, endOf, end => successors(ops[end - 1], args[end - 1], end));
  return root === undefined ? undefined : new Emitter(code, flow, words, root).translate();
}

/**
 * A way on which there is less on the stack than an instruction takes: it is never gone. (A finally handler also finds more on the stack, when a return or
 * a jump goes through it; then it is interpreted.)
 */
class BelowStack extends Error {}

class Emitter {
  private readonly out: string[] = [];
  private readonly hasHandlers: boolean;
  /** Used names, constants and variables. */
  private readonly names = new Set<number>();
  private readonly consts = new Set<number>();
  private readonly locals = new Set<number>();
  /** Instructions that remember where they found a name. */
  private readonly sites = new Set<number>();
  private deepest = 0;
  /** What each stack slot holds, as an expression without effect; one that is not there is in memory. Those in `dirty` are not in memory yet. */
  private slots = new Map<number, string>();
  private dirty = new Set<number>();
  /** The variables that are known to be bound here. */
  private bound = new Set<number>();
  /** Of the instruction that is written: its number, the stack pointer before it, what it costs, and what those charged for with it and behind it cost. */
  private at = 0;
  private sp = 0;
  private cost = 0;
  private rest = 0;

  constructor(
    private readonly code: CodeObject,
    private readonly flow: Flow,
    private readonly words: Words,
    private readonly root: Block,
  ) {
    const { ops } = code;
    this.hasHandlers = ops.some(op => op === Op.SetupExcept || op === Op.SetupFinally || op === Op.SetupWith);
  }

  translate(): string | undefined {
    const { ops, args, nState, nPosArgs, nKwonlyArgs } = this.code;
    const { root } = this;
    const entryDepth = this.flow.depth[root.start];
    if (entryDepth >= 0) this.variable(entryDepth);
    this.settle(root);
    this.tree(root);
    const firstArgument = nState - nPosArgs - nKwonlyArgs;
    let lowest = firstArgument;
    for (let i = 0; i < ops.length; i++) if (NAMES_A_LOCAL.has(ops[i])) lowest = Math.min(lowest, args[i]);
    // A stack that would reach into the variables is no compiler's work.
    if (this.deepest >= lowest) return undefined;
    const slots = Array.from({ length: this.deepest + 1 }, (_, d) => (d <= entryDepth ? `s${d}=state[${d}]` : `s${d}`));
    // At the start of a function there is nothing in variables but arguments.
    const isFull = (n: number): boolean =>
      root.start !== 0 || n >= firstArgument || this.code.cells.includes(n) || this.code.scopeFlags !== 0;
    const locals = [...this.locals].map(n => (isFull(n) ? `l${n}=state[${n}]` : `l${n}`));
    return [
      '"use strict";',
      `const {${EXPORTS}}=runtime,{cache,names,wide}=code,consts=code.module.consts;`,
      ...[...this.names].map(n => `const n${n}=names[${n}];`),
      ...[...this.consts].map(n => `const k${n}=consts[${n}];`),
      ...[...this.sites].map(n => `let c${n}=cache[${n}];`),
      // In brackets, so that the host compiles it at once instead of looking it over first.
      'return (function(frame){',
      `const state=frame.state,globals=frame.globals.map;let q=hot.budget,t,u,m,${[...slots, ...locals].join(',')};`,
      ...this.out,
      '})',
    ].join('\n');
  }

  /** Writes a block and all that follow it or are reached from it alone. */
  private tree(block: Block): void {
    const behind = block.followers.filter(other => !block.loop?.has(other));
    const within = block.followers.filter(other => block.loop?.has(other));
    for (const other of [...behind].reverse()) this.emit(`B${other.start}:{`);
    if (block.loop !== undefined) this.emit(`L${block.start}:for(;;){`);
    for (const other of [...within].reverse()) this.emit(`B${other.start}:{`);
    this.block(block);
    const close = (others: readonly Block[]): void => {
      for (const other of others) {
        this.emit('}');
        this.settle(other);
        this.tree(other);
      }
    };
    close(within);
    if (block.loop !== undefined) this.emit('}');
    close(behind);
  }

  /** As it is at the beginning of a block to which several ways lead: each slot is in its variable, and in memory. */
  private settle(block: Block): void {
    this.slots = new Map();
    this.dirty = new Set();
    this.bound = new Set(this.flow.bound[block.start]!);
    for (let d = 0; d <= this.flow.depth[block.start]; d++) this.slots.set(d, `s${d}`);
  }

  /** Goes on with a block; it is written here if this is the one way to it. */
  private go(from: Block, to: Block): void {
    const isSettled = to.order <= from.order || to.follows || to.loop !== undefined;
    if (!isSettled) {
      this.tree(to);
      return;
    }
    const depth = this.flow.depth[to.start];
    for (let d = 0; d <= depth; d++) {
      const slot = this.variable(d);
      const held = this.slots.get(d) ?? `state[${d}]`;
      if (held !== slot) this.emit(`${slot}=${held};`);
      if (this.dirty.has(d)) this.emit(`state[${d}]=${slot};`);
    }
    if (to.order <= from.order) this.emit(`continue L${to.start};`);
    else if (to.follows) this.emit(`break B${to.start};`);
    else {
      this.settle(to);
      this.tree(to);
    }
  }

  /** Goes on with one of two blocks. */
  private fork(from: Block, condition: string, to: Block, otherwise: Block): void {
    if (to === otherwise) {
      this.go(from, to);
      return;
    }
    const { slots, dirty, bound } = this;
    this.slots = new Map(slots);
    this.dirty = new Set(dirty);
    this.bound = new Set(bound);
    this.emit(`if(${condition}){`);
    this.go(from, to);
    this.emit('}');
    this.slots = slots;
    this.dirty = dirty;
    this.bound = bound;
    this.go(from, otherwise);
  }

  private emit(text: string): void {
    this.out.push(text);
  }

  private name(index: number): string {
    this.names.add(index);
    return `n${index}`;
  }

  /** Where this instruction found its name last: a slot in a table. */
  private site(): string {
    this.sites.add(this.at);
    return `c${this.at}`;
  }

  /** Is `obj` an instance whose attribute is where this instruction found it last? Its table is then in `m`. */
  private hasMember(obj: string, name: string): string {
    return `${obj}!==null&&(m=${obj}.members)!==undefined&&m.keys[${this.site()}]===${name}`;
  }

  private local(slot: number): string {
    this.locals.add(slot);
    return `l${slot}`;
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

  /** From here on slot `d` holds the value of an expression that stays the same while it does. */
  private set(d: number, expression: string): void {
    this.variable(d);
    this.slots.set(d, expression);
    this.dirty.add(d);
  }

  /** From here on slot `d` holds what is in its variable. */
  private hold(d: number): void {
    this.set(d, this.variable(d));
  }

  /** Slot `d` holds what is in memory. */
  private inMemory(d: number): void {
    this.variable(d);
    this.slots.delete(d);
    this.dirty.delete(d);
  }

  /** Code that writes the slots up to `sp` to memory. */
  private stores(sp: number): string {
    let text = '';
    for (const d of this.dirty) if (d <= sp) text += `state[${d}]=${this.slots.get(d)};`;
    return text;
  }

  /** Writes the slots up to `sp` for good; nothing lies above. */
  private flush(sp: number): void {
    const text = this.stores(sp);
    if (text !== '') this.emit(text);
    this.dirty.clear();
  }

  /** Leaves the frame before this instruction. */
  private exit(): string {
    return `${this.stores(this.sp)}return out(frame,${this.at},${this.sp},${this.budget(this.cost)});`;
  }

  /** The budget without what has been charged for the instructions behind this one, and `more`. */
  private budget(more = 0): string {
    const back = this.rest + more;
    return back === 0 ? 'q' : `q+${back}`;
  }

  private block(block: Block): void {
    const { ops, args } = this.code;
    const { depth } = this.flow;
    const { start, end } = block;
    for (let i = start, pieceEnd = start; i < end; i++) {
      const op = ops[i];
      this.at = i;
      this.sp = depth[i];
      if (LEFT_TO_INTERPRETER.has(op)) {
        this.cost = this.rest = 0;
        this.emit(this.exit());
        return;
      }
      this.cost = cyclesOf(op, args[i]);
      if (i === pieceEnd) {
        let cycles = 0;
        do {
          cycles += cyclesOf(ops[pieceEnd], args[pieceEnd]);
          pieceEnd++;
        } while (pieceEnd < end && !CALLS.has(ops[pieceEnd - 1]) && !LEFT_TO_INTERPRETER.has(ops[pieceEnd]));
        this.rest = cycles;
        this.emit(`if((q-=${cycles})<0){${this.stores(this.sp)}return out(frame,${i},${this.sp},q+${cycles});}`);
      }
      this.rest -= this.cost;
      const written = this.out.length;
      try {
        if (i === end - 1 && endsBlock(op)) {
          this.last(block, op, args[i]);
          return;
        }
        this.instruction(op, args[i]);
      } catch (error) {
        if (!(error instanceof BelowStack)) throw error;
        this.out.length = written;
        this.emit(this.exit());
        return;
      }
    }
    this.go(block, block.successors[0]);
  }

  /** The instruction that ends a block. */
  private last(block: Block, op: number, arg: number): void {
    const { at, sp } = this;
    const [target, next = target] = block.successors;
    switch (op) {
      case Op.Jump:
        this.go(block, target);
        return;
      case Op.PopExceptJump:
        this.emit('popHandler(frame);');
        this.go(block, target);
        return;
      case Op.PopJumpIfTrue:
      case Op.PopJumpIfFalse:
      case Op.JumpIfTrueOrPop:
      case Op.JumpIfFalseOrPop: {
        const jumpsIf = op === Op.PopJumpIfTrue || op === Op.JumpIfTrueOrPop;
        const keeps = op === Op.JumpIfTrueOrPop || op === Op.JumpIfFalseOrPop;
        const value = this.get(sp);
        const truth = `truth(frame,${at},${sp},q,${value},${jumpsIf},${arg},${keeps ? sp : sp - 1},${sp - 1})`;
        this.emit(
          `t=${value};if(t!==true&&t!==false){if(typeof t==="number")t=t!==0;` +
            `else{${this.stores(sp - 1)}if((t=${truth})===undefined)return 0;q=hot.budget;}}`,
        );
        this.fork(block, jumpsIf ? 't' : '!t', target, next);
        return;
      }
      case Op.ForIter: {
        const item = this.variable(sp + 1);
        const iterator = this.get(sp);
        const below = this.get(sp - 2);
        this.emit(
          `t=${iterator};if(t===undefined)t=${below};if(t!==null&&t.type===rangeIteratorType)t=t.advance();` +
            `else{${this.stores(sp)}if((t=next(frame,${at},${sp},q,t,${arg}))===LEFT)return 0;q=hot.budget;}` +
            `${item}=t;`,
        );
        this.hold(sp + 1);
        this.fork(block, `${item}===undefined`, target, next);
        return;
      }
      case Op.ReturnValue: {
        if (this.hasHandlers) this.emit(`if(frame.handlers.length>0){${this.exit()}}`);
        const value = this.slots.get(sp);
        this.emit(`${value === undefined ? '' : `state[${sp}]=${value};`}frame.sp=${sp};hot.budget=q;return ${Leave.Return};`);
        return;
      }
      case Op.YieldValue:
        this.emit(`${this.stores(sp)}frame.pc=${at + 1};frame.sp=${sp};hot.budget=q;return ${Leave.Yield};`);
        return;
      case Op.YieldFrom:
        this.emit(`${this.stores(sp)}if((t=yieldOn(frame,${at},${sp},q))!==undefined)return t;q=hot.budget;`);
        this.inMemory(sp - 1);
        this.go(block, target);
        return;
      default:
        throw new Error(`instruction ${op} ends no block`);
    }
  }

  /** What the runtime's functions are told first. `given`: what else has been charged that they charge themselves. */
  private where(given = 0): string {
    return `frame,${this.at},${this.sp},${this.budget(given)},${this.rest}`;
  }

  /** Has the runtime do it, the `taken` topmost slots being given as arguments; the result is in the variable of slot `d`. */
  private call(name: string, taken: number, d: number, args: string, given = 0): string {
    return `${this.stores(this.sp - taken)}if((s${d}=${name}(${this.where(given)},${args}))===undefined)return 0;q=hot.budget;`;
  }

  /** As `call`, for what leaves no result, or leaves it in memory. */
  private act(name: string, taken: number, args: string): string {
    return `${this.stores(this.sp - taken)}if(${name}(${this.where()},${args}))return 0;q=hot.budget;`;
  }

  /** A variable is about to change: the slots that hold its value keep it. */
  private rescue(variable: string): void {
    for (const [d, held] of this.slots) {
      if (held !== variable || !this.dirty.has(d) || d >= this.sp) continue;
      this.emit(`s${d}=${variable};`);
      this.slots.set(d, `s${d}`);
    }
    for (const [d, held] of this.slots) if (held === variable) this.slots.delete(d);
  }

  private instruction(op: number, arg: number): void {
    const { sp, at } = this;
    if (op >= Op.BinaryOp) {
      this.binary(arg);
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
        this.set(sp + 1, this.code.wide?.has(at) ? `wide.get(${at})` : `(${arg})`);
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
        const local = this.local(arg);
        if (!this.bound.has(arg)) this.emit(`if(${local}===undefined){${this.exit()}}`);
        this.set(sp + 1, local);
        return;
      }
      case Op.LoadDeref: {
        const slot = this.variable(sp + 1);
        this.emit(`if((${slot}=${this.local(arg)}.value)===undefined){${this.exit()}}`);
        this.hold(sp + 1);
        return;
      }
      case Op.LoadGlobal: {
        const name = this.name(arg);
        const slot = this.variable(sp + 1);
        this.emit(
          `if(globals.keys[${this.site()}]===${name})${slot}=globals.values[c${at}];` +
            `else{if((${slot}=loadGlobal(frame,${name},code,${at}))===undefined){${this.exit()}}c${at}=cache[${at}];}`,
        );
        this.hold(sp + 1);
        return;
      }
      case Op.LoadAttr: {
        const name = this.name(arg);
        const obj = this.get(sp);
        const slot = this.variable(sp);
        this.emit(
          `if(${this.hasMember(obj, name)})${slot}=m.values[c${at}];else{` +
            `${this.call('loadAttr', 1, sp, `${obj},${name},cache`)}c${at}=cache[${at}];}`,
        );
        this.hold(sp);
        return;
      }
      case Op.StoreAttr: {
        const name = this.name(arg);
        const obj = this.get(sp);
        const value = this.get(sp - 1);
        this.emit(
          `if(${this.hasMember(obj, name)}&&(${obj}.type.flags&${TypeFlag.SpecialAccessors})===0)m.values[c${at}]=${value};else{` +
            `${this.act('storeAttr', 2, `${value},${obj},${name},cache`)}c${at}=cache[${at}];}`,
        );
        return;
      }
      case Op.LoadSubscr: {
        const base = this.get(sp - 1);
        const index = this.get(sp);
        const slot = this.variable(sp - 1);
        this.emit(`if(${this.isListItem(base, index)})${slot}=m[${index}];else{${this.call('getItem', 2, sp - 1, `${base},${index}`)}}`);
        this.hold(sp - 1);
        return;
      }
      case Op.StoreSubscr: {
        const base = this.get(sp - 1);
        const index = this.get(sp);
        const value = this.get(sp - 2);
        this.emit(`if(${this.isListItem(base, index)})m[${index}]=${value};else{${this.act('setItem', 3, `${value},${base},${index}`)}}`);
        return;
      }
      case Op.StoreFast: {
        const value = this.get(sp);
        const local = this.local(arg);
        this.slots.delete(sp);
        this.dirty.delete(sp);
        this.rescue(local);
        this.emit(`state[${arg}]=${value === local ? '' : `${local}=`}${value};`);
        this.bound.add(arg);
        return;
      }
      case Op.StoreDeref:
        this.emit(`${this.local(arg)}.value=${this.get(sp)};`);
        return;
      case Op.DeleteFast: {
        const local = this.local(arg);
        this.emit(`if(${local}===undefined){${this.exit()}}`);
        this.rescue(local);
        this.emit(`state[${arg}]=${local}=undefined;`);
        this.bound.delete(arg);
        return;
      }
      case Op.DupTop:
        this.duplicate(sp, sp + 1);
        return;
      case Op.DupTopTwo:
        this.duplicate(sp - 1, sp + 1);
        this.duplicate(sp, sp + 2);
        return;
      case Op.PopTop:
        return;
      case Op.RotTwo:
        this.rotate([sp - 1, sp]);
        return;
      case Op.RotThree:
        this.rotate([sp - 2, sp - 1, sp]);
        return;
      case Op.SetupExcept:
      case Op.SetupFinally:
        this.flush(sp);
        this.emit(`frame.pc=${at + 1};pushHandler(frame,${arg},${sp},${op === Op.SetupFinally ? 1 : 0});`);
        return;
      case Op.EndFinally:
        this.emit(`if(${this.get(sp)}!==null){${this.exit()}}popHandler(frame);`);
        return;
      case Op.GetIter:
        this.variable(sp);
        this.emit(this.call('getIter', 1, sp, `${this.get(sp)},false`));
        this.hold(sp);
        return;
      case Op.GetIterStack: {
        const value = this.get(sp);
        const d = sp + ITER_SLOTS - 1;
        this.variable(d);
        this.emit(this.call('getIter', 1, d, `${value},true`));
        // The runtime has written what lies below.
        this.dirty.delete(sp);
        this.slots.set(sp + 1, 'undefined').set(sp + 2, 'undefined');
        this.hold(d);
        return;
      }
      case Op.BuildTuple:
      case Op.BuildList: {
        const first = sp - arg + 1;
        const items = Array.from({ length: arg }, (_, n) => this.get(first + n)).join(',');
        this.variable(first);
        this.emit(this.call(op === Op.BuildTuple ? 'tuple' : 'list', arg, first, `[${items}]`));
        this.hold(first);
        return;
      }
      case Op.CallFunctionVarKw:
      case Op.CallMethodVarKw:
        this.flush(sp);
        this.emit(`if(callStarred(frame,${at},${sp},q,${arg},${op === Op.CallMethodVarKw}))return 0;q=hot.budget;`);
        this.inMemory(this.flow.depth[at + 1]);
        return;
      case Op.CallFunction:
      case Op.CallMethod:
        this.callOf(arg, op === Op.CallMethod);
        return;
      case Op.LoadMethod: {
        const obj = this.get(sp);
        this.emit(this.act('loadMethod', 1, `${obj},${this.name(arg)}`));
        this.inMemory(sp);
        this.inMemory(sp + 1);
        return;
      }
      case Op.UnaryOp: {
        const value = this.get(sp);
        const slot = this.variable(sp);
        const otherwise = this.call('unary', 1, sp, `${arg},${value}`);
        if (arg === UnaryOp.Not) this.emit(`if(${value}===true||${value}===false)${slot}=!${value};else{${otherwise}}`);
        else if (arg === UnaryOp.Negative && !isLiteral(value)) {
          const { smallIntMax: max } = this.words;
          this.emit(`if(typeof ${value}==="number"&&${value}<=${max}&&${value}>=${-max})${slot}=0-${value};else{${otherwise}}`);
        } else this.emit(otherwise);
        this.hold(sp);
        return;
      }
      default: {
        // The runtime does as the interpreter does, on the stack in memory.
        const after = this.flow.depth[at + 1];
        this.flush(sp);
        this.emit(this.act('rare', 0, `${op},${arg}`));
        for (let d = Math.max(0, Math.min(sp, after) - 1); d <= after; d++) this.inMemory(d);
      }
    }
  }

  private duplicate(from: number, to: number): void {
    const value = this.get(from);
    if (value !== `s${from}`) {
      this.set(to, value);
      return;
    }
    // Each slot's variable is its own.
    this.emit(`${this.variable(to)}=${value};`);
    this.hold(to);
  }

  /** The top goes below the others. */
  private rotate(slots: readonly number[]): void {
    const values = slots.map(d => this.get(d));
    const rotated = [values[values.length - 1], ...values.slice(0, -1)];
    const temporaries = ['t', 'u', 'm'];
    const moved = rotated.map((value, n) => (isSlot(value) ? temporaries[n] : value));
    this.emit(rotated.map((value, n) => (isSlot(value) ? `${temporaries[n]}=${value};` : '')).join(''));
    for (const [n, d] of slots.entries()) {
      if (!isSlot(rotated[n])) {
        this.set(d, moved[n]);
        continue;
      }
      this.emit(`s${d}=${moved[n]};`);
      this.hold(d);
    }
  }

  /** Is `base` a list that has the item? The list's items are then in `m`. */
  private isListItem(base: string, index: string): string {
    return `${this.numbers(index)}typeof ${base}==="object"&&${base}!==null&&${base}.type===listType&&${index}>=0&&${index}<(m=${base}.items).length`;
  }

  private callOf(arg: number, isMethod: boolean): void {
    const { at, sp } = this;
    const n = arg & 0xff;
    const nKw = arg >> 8;
    const into = sp - n - 2 * nKw - (isMethod ? 1 : 0);
    this.variable(into);
    if (nKw > 0 || n > 3) {
      this.flush(sp);
      this.emit(`if(callStacked(frame,${at},${into},${sp},q,${nKw},${isMethod}))return 0;q=hot.budget;`);
    } else {
      const first = into + (isMethod ? 2 : 1);
      const values = Array.from({ length: n }, (_, i) => this.get(first + i));
      if (!isMethod) values.unshift(this.get(into));
      this.emit(
        `${this.stores(first - (isMethod ? 1 : 2))}if(${isMethod ? 'callMethod' : 'callFunction'}(${['frame', at, into, 'q', n, ...values].join(',')}))return 0;q=hot.budget;`,
      );
    }
    this.inMemory(into);
  }

  private numbers(...values: string[]): string {
    return values
      .filter(value => !isNumber(value))
      .map(value => `typeof ${value}==="number"&&`)
      .join('');
  }

  private binary(k: number): void {
    const { sp } = this;
    const a = this.get(sp - 1);
    const b = this.get(sp);
    const d = sp - 1;
    const slot = this.variable(d);
    const given = !INLINE.has(k) || UNCHARGED.has(k) ? 0 : Cycles.operator;
    const otherwise = this.call('binary', 2, d, `${k},${a},${b}`, given);
    const either = (condition: string, action: string): void => {
      const usual = condition.replace(/&&$/, '');
      this.emit(usual === '' ? action : `if(${usual})${action}else{${otherwise}}`);
      this.hold(d);
    };
    const { smallIntMax: max, smallIntMin: min, wordSize } = this.words;
    const both = this.numbers(a, b);
    const small = (value: string): string => (isNumber(value) || wordSize === 8 ? '' : `${value}<=${max}&&${value}>=${min}&&`);
    const bothSmall = both + small(a) + small(b);
    const int = (value: string): string => (isNumber(value) ? '' : `${value}===(${value}|0)&&`);
    const ints = bothSmall + int(a) + int(b);
    switch (k) {
      case BinaryOp.Is:
        this.emit(`${slot}=${a}===${b};`);
        this.hold(d);
        return;
      case BinaryOp.Less:
      case BinaryOp.More:
      case BinaryOp.Equal:
      case BinaryOp.NotEqual:
      case BinaryOp.LessEqual:
      case BinaryOp.MoreEqual: {
        const sign = { 0: '<', 1: '>', 2: '===', 3: '<=', 4: '>=', 5: '!==' }[k as 0 | 1 | 2 | 3 | 4 | 5];
        either(k === BinaryOp.LessEqual || k === BinaryOp.MoreEqual ? bothSmall : both, `${slot}=${a}${sign}${b};`);
        return;
      }
      case BinaryOp.Add:
      case BinaryOp.InplaceAdd:
        either(`${both}(t=${a}+${b})<=${max}&&t>=${min}`, `${slot}=t;`);
        return;
      case BinaryOp.Subtract:
      case BinaryOp.InplaceSubtract:
        either(`${both}(t=${a}-${b})<=${max}&&t>=${min}`, `${slot}=t;`);
        return;
      case BinaryOp.Multiply:
      case BinaryOp.InplaceMultiply:
        either(`${ints}(t=${a}*${b})<=${max}&&t>=${min}`, `${slot}=t+0;`);
        return;
      case BinaryOp.Or:
      case BinaryOp.InplaceOr:
      case BinaryOp.Xor:
      case BinaryOp.InplaceXor:
      case BinaryOp.And:
      case BinaryOp.InplaceAnd: {
        const sign = k === BinaryOp.Or || k === BinaryOp.InplaceOr ? '|' : k === BinaryOp.And || k === BinaryOp.InplaceAnd ? '&' : '^';
        // Of a wide integer `&` takes the low 32 bits, and with a mask that has no sign no others are asked for.
        const masked = sign === '&' && [a, b].some(value => isNumber(value) && !value.includes('-'));
        either(masked ? bothSmall : ints, `${slot}=${a}${sign}${b};`);
        return;
      }
      case BinaryOp.Lshift:
      case BinaryOp.InplaceLshift:
        either(`${ints}${b}>=0&&${b}<=30&&(t=${a}*(1<<${b}))<=${max}&&t>=${min}`, `${slot}=t;`);
        return;
      case BinaryOp.Rshift:
      case BinaryOp.InplaceRshift:
        either(`${ints}${b}>=0&&${b}<=31`, `${slot}=${a}>>${b};`);
        return;
      case BinaryOp.FloorDivide:
      case BinaryOp.InplaceFloorDivide:
        either(`${ints}${b}!==0&&(t=Math.floor(${a}/${b})+0)<=${max}`, `${slot}=t;`);
        return;
      case BinaryOp.Modulo:
      case BinaryOp.InplaceModulo:
        either(`${ints}${b}!==0`, `{t=${a}%${b};${slot}=(t!==0&&t<0!==${b}<0?t+${b}:t)+0}`);
        return;
      default:
        this.emit(otherwise);
        this.hold(d);
    }
  }
}

/** What translated code knows of the runtime. */
const EXPORTS =
  'out,binary,unary,truth,getItem,setItem,loadAttr,storeAttr,loadMethod,loadGlobal,getIter,next,LEFT,tuple,list,rare,' +
  'callFunction,callMethod,callStacked,callStarred,yieldOn,pushHandler,popHandler,listType,rangeIteratorType';

const isNumber = (expression: string): boolean => /^\(?-?\d+\)?$/.test(expression);
const isLiteral = (expression: string): boolean => isNumber(expression) || /^(true|false|null|undefined|[nk]\d+)$/.test(expression);
/** The variable of a stack slot. */
const isSlot = (expression: string): boolean => expression.startsWith('s');
