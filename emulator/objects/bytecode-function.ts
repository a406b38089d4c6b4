/** Functions and closures of guest code (py/objfun.c, py/objclosure.c), and how a call fills a frame (py/bc.c). */
import { SCOPE_FLAG_DEFKWARGS, SCOPE_FLAG_GENERATOR, SCOPE_FLAG_VARARGS, SCOPE_FLAG_VARKEYWORDS } from '../compiler/rawcode.ts';
import { call } from '../vm/call.ts';
import type { CallCosts, CodeObject } from '../vm/code.ts';
import { Cycles } from '../vm/cost.ts';
import { Frame } from '../vm/frame.ts';
import { hot } from '../vm/hot.ts';
import { execute } from '../vm/interpreter.ts';
import { printValue } from '../vm/printing.ts';
import { raiseRecursionDepth, raiseTypeError } from '../vm/raise.ts';
import { STATE_HEADER_WORDS, STATE_WORDS_ON_STACK, stackCosts } from '../vm/stack-costs.ts';
import { MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { MpCell } from './cell.ts';
import { type MpDict, newDict } from './dict.ts';
import { MpGenerator } from './generator.ts';
import { formatAddress } from './identity.ts';
import { emptyTuple, newTuple } from './tuple.ts';

function loadAttr(self: MpFunction, name: string, dest: MethodRef): boolean {
  if (name === '__name__') dest.member = self.code.name;
  else if (name === '__globals__') dest.member = self.globals;
  return true;
}

export const functionType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  print: (out: Printer, self: MpFunction) => out.write(`<function ${self.code.name} at 0x${formatAddress(self)}>`),
  call: (self: MpFunction, args: Value[], kw: KwArgs) => {
    const nested = stackCosts().nested;
    vm.stackUsed += nested;
    try {
      return execute(newFrame(self, args, kw));
    } finally {
      vm.stackUsed -= nested;
    }
  },
  loadAttr,
});

export const generatorFunctionType = new MpType('generator', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpFunction, args: Value[], kw: KwArgs) => newGenerator(self, args, kw),
  loadAttr,
});

export class MpFunction extends MpObj {
  constructor(
    readonly code: CodeObject,
    readonly globals: MpDict,
    readonly defaults: readonly Value[],
    readonly kwDefaults: MpDict | undefined,
  ) {
    super((code.scopeFlags & SCOPE_FLAG_GENERATOR) !== 0 ? generatorFunctionType : functionType);
  }
}

/** A new function, accounted for. `defaults` is a tuple or undefined, `kwDefaults` a dict or undefined. */
export function newFunction(code: CodeObject, globals: MpDict, defaults: readonly Value[], kwDefaults: MpDict | undefined): MpFunction {
  vm.heap.alloc((4 + defaults.length + (kwDefaults === undefined ? 0 : 1)) * vm.wordSize);
  return new MpFunction(code, globals, defaults, kwDefaults);
}

export function newGenerator(fun: MpFunction, args: readonly Value[], kw: KwArgs): MpGenerator {
  vm.heap.alloc((2 + STATE_HEADER_WORDS) * vm.wordSize + fun.code.stateBytes(vm.wordSize));
  const frame = new Frame(fun.code, fun.globals);
  fillFrame(frame, fun, args, kw);
  return new MpGenerator(frame);
}

/** Accounts for a call: C stack, and heap for a large state. Raises RuntimeError when the stack is used up. */
export function chargeCall(frame: Frame): void {
  hot.budget -= Cycles.functionCall;
  if (vm.stackUsed > vm.stackLimit) raiseRecursionDepth();
  const { code } = frame;
  const costs = code.callCosts ?? (code.callCosts = callCosts(code));
  let stack = costs.small;
  if (costs.heapBytes > 0) {
    if (vm.heap.tryAlloc(costs.heapBytes)) frame.heapBytes = costs.heapBytes;
    else stack = costs.large;
  }
  frame.stackBytes = stack;
  vm.stackUsed += stack;
}

function callCosts(code: CodeObject): CallCosts {
  const { wordSize } = vm;
  const { call, alignment } = stackCosts();
  const state = code.stateBytes(wordSize);
  const bytes = STATE_HEADER_WORDS * wordSize + state;
  const large = call + Math.ceil(bytes / alignment) * alignment;
  return state > STATE_WORDS_ON_STACK * wordSize ? { heapBytes: bytes, small: call, large } : { heapBytes: 0, small: large, large };
}

/** Gives back what `chargeCall` took. */
export function releaseCall(frame: Frame): void {
  vm.stackUsed -= frame.stackBytes;
  frame.stackBytes = 0;
  if (frame.heapBytes > 0) {
    vm.heap.free(frame.heapBytes);
    frame.heapBytes = 0;
  }
}

/** A frame for a call, charged and filled. */
export function newFrame(fun: MpFunction, args: readonly Value[], kw: KwArgs): Frame {
  const { code } = fun;
  const frame = new Frame(code, fun.globals);
  chargeCall(frame);
  if (kw === null && code.simple && args.length === code.nPosArgs) {
    const { state } = frame;
    for (let i = 0, to = state.length - 1; i < args.length; i++, to--) state[to] = args[i];
    return frame;
  }
  try {
    fillFrame(frame, fun, args, kw);
  } catch (error) {
    releaseCall(frame);
    throw error;
  }
  return frame;
}

/** What a call must know of a function's code to put arguments into its locals. */
export interface CallSignature {
  readonly name: string;
  readonly nState: number;
  readonly scopeFlags: number;
  readonly nPosArgs: number;
  readonly nKwonlyArgs: number;
  readonly argNames: readonly string[];
  /** Slots of locals that are put into cells. */
  readonly cells: readonly number[];
}

/** A function as far as its arguments go. */
export interface Callee {
  readonly code: CallSignature;
  readonly defaults: readonly Value[];
  readonly kwDefaults: MpDict | undefined;
}

function raisePositional(fun: Callee, expected: number, given: number): never {
  if (vm.terse) raiseTypeError('argument num/types mismatch');
  if (vm.detailed) raiseTypeError(`${fun.code.name}() takes ${expected} positional arguments but ${given} were given`);
  raiseTypeError(`function takes ${expected} positional arguments but ${given} were given`);
}

/** Puts arguments into a frame's locals, with defaults, `*args` and `**kwargs`. Raises the reference's TypeErrors. */
export function fillFrame(frame: { readonly state: (Value | undefined)[] }, fun: Callee, args: readonly Value[], kw: KwArgs): void {
  const { code, defaults } = fun;
  const { state } = frame;
  const { nPosArgs, nKwonlyArgs, scopeFlags } = code;
  const top = code.nState - 1;
  const nKw = kw === null ? 0 : kw.length >> 1;
  let n = args.length;
  let varSlot = top - nPosArgs - nKwonlyArgs;
  if (n > nPosArgs) {
    if ((scopeFlags & SCOPE_FLAG_VARARGS) === 0) raisePositional(fun, nPosArgs, n);
    state[varSlot--] = newTuple(args.slice(nPosArgs));
    n = nPosArgs;
  } else {
    if ((scopeFlags & SCOPE_FLAG_VARARGS) !== 0) state[varSlot--] = emptyTuple;
    if (nKw === 0 && (scopeFlags & SCOPE_FLAG_DEFKWARGS) === 0 && n < nPosArgs) {
      const required = nPosArgs - defaults.length;
      if (n < required) raisePositional(fun, required, n);
      for (let i = n; i < nPosArgs; i++) state[top - i] = defaults[i - required];
    }
  }
  for (let i = 0; i < n; i++) state[top - i] = args[i];

  if (nKw !== 0 || (scopeFlags & SCOPE_FLAG_DEFKWARGS) !== 0) {
    let dict: MpDict | undefined;
    if ((scopeFlags & SCOPE_FLAG_VARKEYWORDS) !== 0) state[varSlot] = dict = newDict(nKw);
    const { argNames } = code;
    for (let i = 0; i < nKw; i++) {
      const name = kw![2 * i] as string;
      const value = kw![2 * i + 1];
      const index = argNames.indexOf(name);
      if (index >= 0) {
        if (state[top - index] !== undefined) raiseTypeError(`function got multiple values for argument '${name}'`);
        state[top - index] = value;
        continue;
      }
      if (dict === undefined) raiseTypeError(vm.terse ? 'unexpected keyword argument' : `unexpected keyword argument '${name}'`);
      const slot = dict.map.findOrAdd(name);
      if (dict.map.values[slot] !== undefined) raiseTypeError(`function got multiple values for argument '${name}'`);
      dict.map.values[slot] = value;
    }
    const firstDefault = nPosArgs - defaults.length;
    for (let i = 0; i < defaults.length; i++) {
      if (state[top - firstDefault - i] === undefined) state[top - firstDefault - i] = defaults[i];
    }
    // The reference looks from the last positional argument that has no default down to the first, and counts that way.
    for (let i = firstDefault - 1; i >= 0; i--) {
      if (state[top - i] === undefined) raiseTypeError(`function missing required positional argument #${i}`);
    }
    for (let i = 0; i < nKwonlyArgs; i++) {
      const slot = top - nPosArgs - i;
      if (state[slot] !== undefined) continue;
      const name = argNames[nPosArgs + i];
      const value = fun.kwDefaults?.map.get(name);
      if (value === undefined) raiseTypeError(`function missing required keyword argument '${name}'`);
      state[slot] = value;
    }
  } else {
    if (nKwonlyArgs !== 0) raiseTypeError('function missing keyword-only argument');
    if ((scopeFlags & SCOPE_FLAG_VARKEYWORDS) !== 0) state[varSlot] = newDict(0);
  }
  for (const slot of code.cells) {
    vm.heap.allocBlock();
    state[slot] = new MpCell(state[slot]);
  }
}

/** A closure: a function and the cells that it passes before its arguments. */
export const closureType = new MpType('closure', {
  flags: TypeFlag.BindsSelf,
  print(out: Printer, self: MpClosure) {
    if (!vm.detailed) {
      out.write('<closure>');
      return;
    }
    out.write('<closure ');
    printValue(out, self.fun, PrintKind.Repr);
    out.write(` at ${formatAddress(self)}, n_closed=${self.closed.length} `);
    for (const cell of self.closed) {
      printValue(out, cell, PrintKind.Repr);
      out.write(' ');
    }
    out.write('>');
  },
  call: (self: MpClosure, args: Value[], kw: KwArgs) => {
    args.unshift(...self.closed);
    const { fun } = self;
    if (!(fun instanceof MpFunction)) return call(fun, args, kw);
    return fun.type === functionType ? execute(newFrame(fun, args, kw)) : newGenerator(fun, args, kw);
  },
  loadAttr: (self: MpClosure, name: string, dest: MethodRef) => typeOf(self.fun).loadAttr?.(self.fun, name, dest) ?? false,
});

export class MpClosure extends MpObj {
  constructor(
    /** A function of guest code: bytecode, or machine code. */
    readonly fun: Value,
    readonly closed: readonly Value[],
  ) {
    super(closureType);
  }
}
