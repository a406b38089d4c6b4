/** The functions that native code calls (py/nativeglue.c of MicroPython 1.27.0), each on the virtual machine's own operations. */
import { bufferMaybe } from '../../objects/buffer.ts';
import { newFunction } from '../../objects/bytecode-function.ts';
import { type MpDict, newDict } from '../../objects/dict.ts';
import { exceptionMatches, exceptionValue, excTypes } from '../../objects/exception.ts';
import { checkArgCount } from '../../objects/function.ts';
import { ResumeKind } from '../../objects/generator.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { intFromBigInt, toIntTruncated } from '../../objects/int.ts';
import { listAppend, type MpList, newList } from '../../objects/list.ts';
import { type MpSet, newSet, setAdd } from '../../objects/set.ts';
import { newSlice } from '../../objects/slice.ts';
import { type MpTuple, newTuple } from '../../objects/tuple.ts';
import { superLookup } from '../../objects/type-object.ts';
import { deleteAttr, loadAttr, loadMethod, storeAttr } from '../../vm/attributes.ts';
import { call } from '../../vm/call.ts';
import { CodeObject } from '../../vm/code.ts';
import type { Frame } from '../../vm/frame.ts';
import { makeClosure, prepareVarArgs, raiseNoSuperAttribute } from '../../vm/frame-operations.ts';
import { importAll, importFrom, importName } from '../../vm/import.ts';
import { getIter, iterNext, makeRaiseObject, resume, unpackEx, unpackSequence } from '../../vm/iteration.ts';
import { buildClassFunction, deleteGlobal, deleteName, loadGlobal, loadName, storeGlobal, storeName } from '../../vm/names.ts';
import { binaryOp, isTrue, unaryOp } from '../../vm/operators.ts';
import { Raise } from '../../vm/raise.ts';
import { getItem, setItem } from '../../vm/subscript.ts';
import { BufferFlag, type MpType } from '../../vm/type.ts';
import { MethodRef, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { Arch } from '../assembler/thumb.ts';
import { Fun, NativeType } from '../native/runtime-table.ts';
import { lowHalf, type Word } from '../word.ts';
import { X64Trap } from '../x64/trap.ts';
import { MpModuleFunction, makeNativeFunction, setupCodeState } from './functions.ts';
import { moduleFunctions } from './module-functions.ts';
import type { HostCall, NativeMachine } from './native-machine.ts';
import { runtimeCost } from './runtime-costs.ts';

export interface RuntimeFunction {
  readonly entry: Fun;
  /** Cycles on the board, without the guest code that runs inside. */
  readonly cycles: number;
  /** Which arguments are objects, or integers of a whole word: bit by bit. */
  readonly objects?: number;
  readonly run: HostCall;
}

/** What a subscript call takes for a value when nothing is stored. */
const SENTINEL = 4;

/** Which arguments are objects, or integers of a whole word: bit by bit. */
const OBJECTS: Partial<Record<Fun, number>> = {
  [Fun.ConvertObjToNative]: 0b1,
  [Fun.ConvertNativeToObj]: 0b1,
  [Fun.LoadAttr]: 0b1,
  [Fun.LoadMethod]: 0b1,
  [Fun.StoreName]: 0b10,
  [Fun.StoreGlobal]: 0b10,
  [Fun.StoreAttr]: 0b101,
  [Fun.ObjSubscr]: 0b111,
  [Fun.ObjIsTrue]: 0b1,
  [Fun.UnaryOp]: 0b10,
  [Fun.BinaryOp]: 0b110,
  [Fun.StoreSet]: 0b11,
  [Fun.ListAppend]: 0b11,
  [Fun.StoreMap]: 0b111,
  [Fun.CallFunction]: 0b1,
  [Fun.GetIter]: 0b1,
  [Fun.Raise]: 0b1,
  [Fun.ImportName]: 0b110,
  [Fun.ImportFrom]: 0b1,
  [Fun.ImportAll]: 0b1,
  [Fun.NewSlice]: 0b111,
  [Fun.UnpackSequence]: 0b1,
  [Fun.UnpackEx]: 0b1,
  [Fun.NewClosure]: 0b1,
  [Fun.SmallIntFloorDivide]: 0b11,
  [Fun.SmallIntModulo]: 0b11,
  [Fun.YieldFrom]: 0b11,
};

/** A value as a native word of a type (mp_native_from_obj). */
export function nativeFromValue(machine: NativeMachine, value: Value, type: number): Word {
  const int = (): Word => (machine.wide ? toIntTruncated(value) : Number(toIntTruncated(value)) | 0);
  switch (type & 15) {
    case NativeType.Object:
      return machine.words.word(value);
    case NativeType.Bool:
      return isTrue(value) ? 1 : 0;
    case NativeType.Int:
    case NativeType.Uint:
      return int();
    default: {
      if (typeof value === 'string') return guestMemory().addressOfStr(value) | 0;
      const view = bufferMaybe(value, BufferFlag.Read);
      return view === undefined ? int() : guestMemory().addressOf(view.bytes) | 0;
    }
  }
}

/** A native word of a type as a value (mp_native_to_obj). */
export function valueFromNative(machine: NativeMachine, word: Word, type: number): Value {
  switch (type & 15) {
    case NativeType.Object:
      return machine.words.required(word);
    case NativeType.Bool:
      return machine.wide ? BigInt(word) !== 0n : word !== 0;
    case NativeType.Int:
      return accounted(machine.wide ? word : lowHalf(word));
    case 8:
      return machine.words.textOfQstr(lowHalf(word));
    default:
      return accounted(
        machine.wide ? (typeof word === 'number' && word >= 0 ? word : BigInt.asUintN(64, BigInt(word))) : lowHalf(word) >>> 0,
      );
  }
}

/** Integers beyond the small ones take memory. */
function accounted(value: Word): Value {
  if (value > vm.smallIntMax || value < vm.smallIntMin) vm.heap.alloc(4 * vm.wordSize);
  return intFromBigInt(value);
}

export function runtimeFunctions(machine: NativeMachine): RuntimeFunction[] {
  const { words, layout } = machine;
  const word = (value: Value | undefined): Word => words.word(value);
  const value = (w: Word): Value => words.required(w);
  const text = (qstr: number): string => words.textOfQstr(qstr);
  const load = (address: number, index: number): Word => layout.load(address, index);
  const store = (address: number, index: number, w: Word): void => layout.store(address, index, w);
  /** What the name operations want of a frame. */
  const frame = (): Frame => vm.frame ?? ({ globals: vm.globals } as Frame);
  const globals = (): MpDict => vm.currentGlobals();
  const divides = machine.arch === Arch.Rv32imc;
  const ref = new MethodRef();

  const keywords = (address: number, count: number): Value[] | null => (count === 0 ? null : words.values(address, 2 * count));

  const table: [Fun, RuntimeFunction['run']][] = [
    [Fun.ConvertObjToNative, (obj: Word, type) => nativeFromValue(machine, value(obj), type)],
    [Fun.ConvertNativeToObj, (native: Word, type) => word(valueFromNative(machine, native, type))],
    [Fun.NativeSwapGlobals, globalsWord => machine.swapGlobals(globalsWord)],
    [Fun.LoadName, qstr => word(loadName(text(qstr), frame()))],
    [Fun.LoadGlobal, qstr => word(loadGlobal(globals(), text(qstr)))],
    [Fun.LoadBuildClass, () => word(buildClassFunction())],
    [Fun.LoadAttr, (base: Word, attr) => word(loadAttr(value(base), text(attr)))],
    [
      Fun.LoadMethod,
      (base: Word, attr, to) => {
        loadMethod(value(base), text(attr), ref);
        storeMethod(to);
      },
    ],
    [
      Fun.LoadSuperMethod,
      (attr, to) => {
        superLookup(value(load(to, 1)) as MpType, value(load(to, 2)), text(attr), ref);
        if (ref.member === undefined) raiseNoSuperAttribute(text(attr));
        storeMethod(to);
      },
    ],
    [Fun.StoreName, (qstr, obj: Word) => storeName(text(qstr), value(obj), frame())],
    [Fun.StoreGlobal, (qstr, obj: Word) => storeGlobal(globals(), text(qstr), value(obj))],
    [
      Fun.StoreAttr,
      (base: Word, attr, obj: Word) => {
        if (obj === 0) deleteAttr(value(base), text(attr));
        else storeAttr(value(base), text(attr), value(obj));
      },
    ],
    [
      Fun.ObjSubscr,
      (base: Word, index: Word, obj: Word) => {
        if (obj === SENTINEL) return word(getItem(value(base), value(index)));
        setItem(value(base), value(index), words.value(obj));
        return word(null);
      },
    ],
    [Fun.ObjIsTrue, (obj: Word) => (isTrue(value(obj)) ? 1 : 0)],
    [Fun.UnaryOp, (op, obj: Word) => word(unaryOp(op, value(obj)))],
    [Fun.BinaryOp, (op, lhs: Word, rhs: Word) => word(binaryOp(op, value(lhs), value(rhs)))],
    [Fun.BuildTuple, (n, items) => word(newTuple(items === 0 ? new Array<Value>(n).fill(null) : words.values(items, n)))],
    [Fun.BuildList, (n, items) => word(newList(items === 0 ? new Array<Value>(n).fill(null) : words.values(items, n)))],
    [Fun.BuildMap, n => word(newDict(n))],
    [Fun.BuildSet, (n, items) => word(newSet(words.values(items, n)))],
    [Fun.StoreSet, (set: Word, item: Word) => setAdd(value(set) as MpSet, value(item))],
    [
      Fun.ListAppend,
      (list: Word, item: Word) => {
        listAppend(value(list) as MpList, value(item));
        return word(null);
      },
    ],
    [
      Fun.StoreMap,
      (map: Word, key: Word, item: Word) => {
        (value(map) as MpDict).map.set(value(key), value(item));
        return map;
      },
    ],
    [Fun.MakeFunction, (proto, context, defaults) => word(makeFunction(proto, context, defaults))],
    [
      Fun.CallFunction,
      (fun: Word, counts, args) => {
        const n = counts & 0xff;
        return word(call(value(fun), words.values(args, n), keywords(layout.at(args, n), (counts >> 8) & 0xff)));
      },
    ],
    [
      Fun.CallMethod,
      (n, nKw, args) => {
        const self = words.value(load(args, 1));
        const positional = words.values(layout.at(args, 2), n);
        if (self !== undefined) positional.unshift(self);
        return word(call(value(load(args, 0)), positional, keywords(layout.at(args, 2 + n), nKw)));
      },
    ],
    [
      Fun.CallMethodVar,
      (hasSelf, counts, args) => {
        const n = counts & 0xff;
        const nKw = (counts >> 8) & 0xff;
        const self = hasSelf & 1;
        const stack = Array.from({ length: 1 + self + n + 2 * nKw + 1 }, (_, i) => words.value(load(args, i)));
        const prepared = prepareVarArgs(stack, 1, self !== 0, n, nKw);
        return word(call(stack[0]!, prepared.args, prepared.kw));
      },
    ],
    [
      Fun.GetIter,
      (obj: Word, buffer) => {
        if (buffer === 0) return word(getIter(value(obj)));
        const iterator = getIter(value(obj), true);
        store(buffer, 0, 0);
        store(buffer, 1, word(iterator));
        return 0;
      },
    ],
    [Fun.IterNext, buffer => word(iterNext(value(load(buffer, 1))))],
    [
      Fun.NlrPush,
      buffer => {
        machine.nlr.push(buffer, machine.core.depth);
        return 0;
      },
    ],
    [Fun.NlrPop, () => machine.nlr.pop()],
    [
      Fun.Raise,
      (obj: Word) => {
        const exception = words.value(obj);
        if (exception !== undefined && exception !== null) throw new Raise(makeRaiseObject(exception));
      },
    ],
    [Fun.ImportName, (qstr, fromList: Word, level: Word) => word(importName(text(qstr), value(fromList), value(level)))],
    [Fun.ImportFrom, (module: Word, qstr) => word(importFrom(value(module), text(qstr)))],
    [Fun.ImportAll, (module: Word) => importAll(value(module), frame())],
    [Fun.NewSlice, (start: Word, stop: Word, step: Word) => word(newSlice(value(start), value(stop), value(step)))],
    [Fun.UnpackSequence, (seq: Word, n, to) => unpack(to, n, stack => unpackSequence(value(seq), n, stack, 0))],
    [
      Fun.UnpackEx,
      (seq: Word, counts, to) => {
        const left = counts & 0xff;
        const right = (counts >> 8) & 0xff;
        unpack(to, left + right + 1, stack => unpackEx(value(seq), left, right, stack, 0));
      },
    ],
    [Fun.DeleteName, qstr => deleteName(text(qstr), frame())],
    [Fun.DeleteGlobal, qstr => deleteGlobal(globals(), text(qstr))],
    [Fun.NewClosure, (fun: Word, n, closed) => word(makeClosure(value(fun), words.values(closed, n)))],
    [
      Fun.ArgCheckNumSig,
      (n, nKw, signature) => {
        const keywordsGiven = nKw === 0 ? null : new Array<Value>(2 * nKw).fill(null);
        checkArgCount(n, keywordsGiven, signature >>> 17, (signature >>> 1) & 0xffff, (signature & 1) !== 0);
      },
    ],
    [Fun.SetupCodeState, (state, n, nKw, args) => setupCodeState(machine, state, words.values(args, n), keywords(layout.at(args, n), nKw))],
    [Fun.SmallIntFloorDivide, (n: Word, d: Word) => (machine.wide ? wideFloorDivide(n, d) : floorDivide(lowHalf(n), lowHalf(d), divides))],
    [Fun.SmallIntModulo, (n: Word, d: Word) => (machine.wide ? wideModulo(n, d) : modulo(lowHalf(n), lowHalf(d), divides))],
    [Fun.YieldFrom, (generator: Word, send: Word, result) => yieldFrom(generator, send, result)],
  ];
  return [
    ...table.map(([entry, run]) => ({ entry, cycles: runtimeCost(entry), objects: OBJECTS[entry] ?? 0, run })),
    ...moduleFunctions(machine),
  ];

  function storeMethod(to: number): void {
    store(to, 0, word(ref.member));
    store(to, 1, word(ref.self));
  }

  function makeFunction(proto: number, context: number, defaults: number): Value {
    const known = machine.modules.proto(proto);
    if (known === undefined) return new MpModuleFunction(layout.number(proto, 1), context);
    const positional = defaults === 0 ? undefined : (words.value(load(defaults, 0)) as MpTuple | undefined);
    const keyword = defaults === 0 ? undefined : (words.value(load(defaults, 1)) as MpDict | undefined);
    const items = positional === undefined ? [] : positional.items;
    if (known.raw.native === undefined) return newFunction(codeObject(known.raw, known.module), globals(), items, keyword);
    return makeNativeFunction(known.raw, known.module, globals(), items, keyword);
  }

  function unpack(to: number, count: number, fill: (stack: (Value | undefined)[]) => void): void {
    const stack = new Array<Value | undefined>(count);
    fill(stack);
    for (let i = 0; i < count; i++) store(to, i, word(stack[i]));
  }

  /** py/nativeglue.c, mp_native_yield_from: true while the generator yields; `result` holds what was thrown, then the value. */
  function yieldFrom(generator: Word, send: Word, result: number): number {
    const thrown = words.value(load(result, 0));
    let outcome: { kind: ResumeKind; value: Value };
    try {
      outcome = resume(value(generator), thrown === undefined ? words.value(send) : undefined, thrown);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      outcome = { kind: ResumeKind.Raise, value: error.exception };
    }
    if (outcome.kind === ResumeKind.Raise) {
      if (!exceptionMatches(outcome.value, excTypes.StopIteration)) throw new Raise(outcome.value);
      outcome.value = exceptionValue(outcome.value);
    }
    store(result, 0, word(outcome.value));
    if (outcome.kind === ResumeKind.Yield) return 1;
    if (thrown !== undefined && exceptionMatches(thrown, excTypes.GeneratorExit)) throw new Raise(makeRaiseObject(thrown));
    return 0;
  }
}

const codeObjects = new WeakMap<object, CodeObject>();
function codeObject(raw: CodeObject['raw'], module: CodeObject['module']): CodeObject {
  let code = codeObjects.get(raw);
  if (code === undefined) codeObjects.set(raw, (code = new CodeObject(raw, module)));
  return code;
}

/** py/smallint.c; a division by zero gives what the processor's instruction gives: 0 on ARM, -1 on RISC-V. */
function quotient(n: number, d: number, divides: boolean): number {
  if (d === 0) return divides ? -1 : 0;
  return (n / d) | 0;
}
function floorDivide(n: number, d: number, divides: boolean): number {
  let adjusted = n;
  if (n >= 0) {
    if (d < 0) adjusted += -d - 1;
  } else if (d >= 0) adjusted += -d + 1;
  return quotient(adjusted | 0, d, divides);
}
function modulo(n: number, d: number, divides: boolean): number {
  let rest = d === 0 ? n : (n - Math.imul(quotient(n, d, divides), d)) | 0;
  if ((d < 0 && rest > 0) || (d > 0 && rest < 0)) rest = (rest + d) | 0;
  return rest;
}

/** The same for words of 64 bits. A division by zero is what the processor makes of it. */
function wideFloorDivide(n: Word, d: Word): Word {
  if (Number(d) === 0) throw new X64Trap('divide');
  if (typeof n === 'number' && typeof d === 'number') {
    const rest = n % d;
    return (n - rest) / d - (rest !== 0 && rest < 0 !== d < 0 ? 1 : 0);
  }
  const rest = BigInt(n) % BigInt(d);
  const quotient = (BigInt(n) - rest) / BigInt(d) - (rest !== 0n && rest < 0n !== BigInt(d) < 0n ? 1n : 0n);
  return BigInt.asIntN(64, quotient);
}
function wideModulo(n: Word, d: Word): Word {
  if (Number(d) === 0) throw new X64Trap('divide');
  if (typeof n === 'number' && typeof d === 'number') {
    const rest = n % d;
    return rest !== 0 && rest < 0 !== d < 0 ? rest + d : rest + 0;
  }
  const rest = BigInt(n) % BigInt(d);
  return BigInt.asIntN(64, rest !== 0n && rest < 0n !== BigInt(d) < 0n ? rest + BigInt(d) : rest);
}
