/**
 * The collector (py/gc.c), as far as the guest can tell: which objects are reachable, and what they take on the device's heap.
 * Nothing is freed here, that is the host's business; the heap's account is set to what was found, and the finalisers of built-in objects
 * (files, directory iterators, sockets: the reference has none for guest classes) are called.
 */
import type { RawCode } from '../compiler/rawcode.ts';
import { SCOPE_FLAG_VARARGS, SCOPE_FLAG_VARKEYWORDS } from '../compiler/rawcode.ts';
import { MpArray } from '../objects/array.ts';
import { MpBoundMethod } from '../objects/bound-method.ts';
import { MpClosure, MpFunction } from '../objects/bytecode-function.ts';
import { MpBytes } from '../objects/bytes.ts';
import { MpCell } from '../objects/cell.ts';
import { MpCheckedFun } from '../objects/checked-function.ts';
import { MpComplex } from '../objects/complex.ts';
import { MpDeque } from '../objects/deque.ts';
import { MpDict } from '../objects/dict.ts';
import { MpException, printException } from '../objects/exception.ts';
import { MpFloat } from '../objects/float.ts';
import { MpNativeFun } from '../objects/function.ts';
import { MpGenerator } from '../objects/generator.ts';
import { MpInstance, nativeBases } from '../objects/instance.ts';
import { isBig, sizeOfInt } from '../objects/int-size.ts';
import { MpList } from '../objects/list.ts';
import { MpMap } from '../objects/map.ts';
import { MpModule } from '../objects/module.ts';
import { MpRegisterBytes } from '../objects/register-bytes.ts';
import { MpSet } from '../objects/set.ts';
import { utf8Length } from '../objects/str-width.ts';
import { emptyTuple, MpTuple } from '../objects/tuple.ts';
import { loadMethodMaybe } from './attributes.ts';
import { callMethodRef } from './call.ts';
import { CodeObject, codeBlocks, ModuleCode, NAMES_A_LOCAL } from './code.ts';
import type { Frame } from './frame.ts';
import { interned, isInterned } from './interning.ts';
import { stdout } from './printing.ts';
import { Raise } from './raise.ts';
import { STATE_HEADER_WORDS } from './stack-costs.ts';
import { MpType, TypeFlag } from './type.ts';
import type { Value } from './value.ts';
import { MethodRef, MpObj } from './value.ts';
import { hot, runIn, type Vm, vm, vmHooks } from './vm.ts';

/** Where a trace puts what it finds: a count of the blocks of the device's heap, and the objects that are still to be looked into. */
class Trace {
  bytes = 0;
  oneBlock = 0;
  twoBlocks = 0;
  /** In blocks. */
  largest = 0;
  readonly seen = new Set<object | string | number | bigint>();
  private readonly todo: object[] = [];
  private readonly blockSize = vm.heap.blockSize;
  private readonly wordSize = vm.wordSize;

  /** Counts an allocation of so many bytes. */
  block(bytes: number): void {
    if (bytes <= 0) return;
    const blocks = Math.ceil(bytes / this.blockSize);
    this.bytes += blocks * this.blockSize;
    if (blocks === 1) this.oneBlock++;
    else if (blocks === 2) this.twoBlocks++;
    if (blocks > this.largest) this.largest = blocks;
  }

  words(words: number): void {
    this.block(words * this.wordSize);
  }

  value(value: Value | undefined): void {
    switch (typeof value) {
      case 'object':
        if (value !== null) this.object(value);
        return;
      case 'string':
        if (!isInterned(value) && !this.seen.has(value)) {
          this.seen.add(value);
          this.words(4);
          this.block(utf8Length(value) + 1);
        }
        return;
      case 'number':
      case 'bigint':
        // Which of them are one object cannot be told: what is equal is counted once.
        if (isBig(value) && !this.seen.has(value)) {
          this.seen.add(value);
          this.words(4);
          this.block(sizeOfInt(value) - 4 * this.wordSize);
        }
    }
  }

  object(object: object): void {
    if (this.seen.has(object)) return;
    this.seen.add(object);
    this.todo.push(object);
  }

  values(values: Iterable<Value | undefined>): void {
    for (const value of values) this.value(value);
  }

  /** A map's table and what is in it. What is built in lies in ROM. */
  map(map: MpMap): void {
    if (this.seen.has(map)) return;
    this.seen.add(map);
    if (!map.fixed) this.words(map.alloc * map.slotWords);
    for (let slot = map.nextSlot(0); slot >= 0; slot = map.nextSlot(slot + 1)) {
      this.value(map.keys[slot] as Value);
      this.value(map.values[slot]);
    }
  }

  frame(frame: Frame): void {
    if (this.seen.has(frame)) return;
    this.seen.add(frame);
    this.block(frame.heapBytes);
    this.object(frame.globals);
    this.object(frame.code);
    const { state, sp } = frame;
    for (let i = Math.min(sp, state.length - 1); i >= 0; i--) this.value(state[i]);
    for (let i = Math.max(sp + 1, firstLocal(frame.code)); i < state.length; i++) this.value(state[i]);
    this.values(frame.caught);
    this.value(frame.constructs);
  }

  /** A function's code, and that of the functions inside it. */
  code(raw: RawCode): void {
    if (this.seen.has(raw)) return;
    this.seen.add(raw);
    codeBlocks(raw, bytes => this.block(bytes));
    for (const child of raw.children) this.code(child);
  }

  /** Looks into everything that was found, until nothing new turns up. */
  run(): void {
    const handlers = objectHandlers();
    for (;;) {
      const object = this.todo.pop();
      if (object === undefined) return;
      const handler = handlers.get(object.constructor);
      if (handler !== undefined) handler(object, this);
      else if (object instanceof MpType) traceType(object, this);
      else if (object instanceof MpObj) traceUnknown(object, this);
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a handler knows the class it is entered for
type Handler = (object: any, trace: Trace) => void;
let handlers: Map<unknown, Handler> | undefined;

/** How each class is traced: the sizes are those of the reference's structures. Made on first use, when all files are loaded. */
function objectHandlers(): Map<unknown, Handler> {
  handlers ??= new Map<unknown, Handler>([
    [MpNativeFun, () => {}],
    [MpFloat, (_o: MpFloat, t) => t.words(2)],
    [MpComplex, (_o: MpComplex, t) => t.block(vm.wordSize + 2 * (vm.float32 ? 4 : 8))],
    [
      MpTuple,
      (o: MpTuple, t) => {
        if (o !== emptyTuple) t.words(2 + o.items.length + (o.fields === undefined ? 0 : 1));
        t.values(o.items);
        traceGuestType(o.type, t);
      },
    ],
    [
      MpList,
      (o: MpList, t) => {
        t.words(4);
        t.words(o.alloc);
        t.values(o.items);
      },
    ],
    [
      MpDict,
      (o: MpDict, t) => {
        t.words(4);
        t.map(o.map);
      },
    ],
    [
      MpSet,
      (o: MpSet, t) => {
        t.words(4);
        t.map(o.table);
      },
    ],
    [
      MpDeque,
      (o: MpDeque, t) => {
        t.words(6);
        t.words(o.slots);
        o.ring.forEach(item => {
          t.value(item);
        });
      },
    ],
    [
      MpBytes,
      (o: MpBytes, t) => {
        if (o.data.length === 0) return;
        t.words(4);
        t.block(o.data.length + 1);
      },
    ],
    [
      MpArray,
      (o: MpArray, t) => {
        t.words(4);
        t.block((o.length + o.free) * o.itemSize);
        if (o.objects !== undefined) t.values(o.objects);
      },
    ],
    [MpRegisterBytes, (_o: MpRegisterBytes, t) => t.words(4)],
    [
      MpInstance,
      (o: MpInstance, t) => {
        t.words(4 + nativeBases(o.type).count);
        t.map(o.members);
        t.object(o.type);
        t.value(o.subobj);
      },
    ],
    [
      MpException,
      (o: MpException, t) => {
        t.words(4);
        t.words(3 * o.tracebackRoom);
        t.object(o.args);
      },
    ],
    [
      MpFunction,
      (o: MpFunction, t) => {
        t.words(4 + o.defaults.length + (o.kwDefaults === undefined ? 0 : 1));
        t.object(o.code);
        t.object(o.globals);
        t.values(o.defaults);
        if (o.kwDefaults !== undefined) t.object(o.kwDefaults);
      },
    ],
    [
      MpClosure,
      (o: MpClosure, t) => {
        t.words(3 + o.closed.length);
        t.value(o.fun);
        t.values(o.closed);
      },
    ],
    [
      MpGenerator,
      (o: MpGenerator, t) => {
        const { frame } = o;
        if (frame === null) {
          t.words(2 + STATE_HEADER_WORDS);
          return;
        }
        t.block((2 + STATE_HEADER_WORDS) * vm.wordSize + frame.code.stateBytes(vm.wordSize));
        t.frame(frame);
      },
    ],
    [
      MpBoundMethod,
      (o: MpBoundMethod, t) => {
        t.words(3);
        t.value(o.method);
        t.value(o.self);
      },
    ],
    [
      MpCell,
      (o: MpCell, t) => {
        t.words(2);
        t.value(o.value);
      },
    ],
    [
      MpCheckedFun,
      (o: MpCheckedFun, t) => {
        t.words(3);
        t.value(o.fun);
      },
    ],
    [
      MpModule,
      (o: MpModule, t) => {
        // One that is built in lies in ROM, but its namespace can hold objects of the guest (sys.argv, sys.modules).
        if (!o.globals.map.fixed) t.words(2);
        else t.seen.add(o.globals);
        if (o.globals.map.fixed) t.map(o.globals.map);
        else t.object(o.globals);
      },
    ],
    [
      CodeObject,
      (o: CodeObject, t) => {
        t.object(o.module);
        if (!o.module.rom) t.code(o.raw);
      },
    ],
    [
      ModuleCode,
      (o: ModuleCode, t) => {
        if (o.rom) return;
        o.tableBlocks(bytes => t.block(bytes));
        t.values(o.consts);
      },
    ],
  ]);
  return handlers;
}

function traceGuestType(type: MpType, t: Trace): void {
  if ((type.flags & TypeFlag.Instance) !== 0 || type.constructor !== MpType) t.object(type);
}

/** A class of the guest: its header, slots and namespace. Types that are built in lie in ROM. */
function traceType(type: MpType, t: Trace): void {
  if ((type.flags & TypeFlag.Instance) === 0) return;
  t.words(15 + (type.parents.length > 0 ? 1 : 0));
  t.words(4);
  if (type.locals !== null) t.map(type.locals);
  for (const parent of type.parents) t.object(parent);
}

/**
 * An object of a class that this file does not know (iterators, streams, peripherals): a word for the type and one for each
 * field, and whatever guest values those hold.
 */
function traceUnknown(object: MpObj, t: Trace): void {
  if (object.heapBytes !== undefined) {
    t.block(object.heapBytes());
    if (object.heldValues !== undefined) t.values(object.heldValues());
    return;
  }
  const fields = Object.values(object) as unknown[];
  t.words(fields.length);
  for (const field of fields) traceField(field, t, true);
  if (object.heldValues !== undefined) t.values(object.heldValues());
}

function traceField(field: unknown, t: Trace, deep: boolean): void {
  if (typeof field === 'string' || typeof field === 'bigint') return;
  if (field instanceof MpObj) t.object(field);
  else if (field instanceof MpMap) t.map(field);
  else if (field instanceof ModuleCode) {
    t.object(field);
    if (!field.rom) t.code(field.compiled.root);
  } else if (field instanceof MethodRef) {
    t.value(field.member);
    t.value(field.self);
  } else if (field instanceof Uint8Array) t.block(field.length);
  else if (deep && Array.isArray(field)) for (const item of field) traceField(item, t, false);
}

const firstLocals = new WeakMap<CodeObject, number>();

/** The lowest slot that holds a variable: between the value stack and there is nothing. */
function firstLocal(code: CodeObject): number {
  let lowest = firstLocals.get(code);
  if (lowest === undefined) {
    lowest = code.nState - code.nPosArgs - code.nKwonlyArgs;
    if ((code.scopeFlags & SCOPE_FLAG_VARARGS) !== 0) lowest--;
    if ((code.scopeFlags & SCOPE_FLAG_VARKEYWORDS) !== 0) lowest--;
    code.ops.forEach((op, i) => {
      if (NAMES_A_LOCAL.has(op)) lowest = Math.min(lowest!, code.args[i]);
    });
    firstLocals.set(code, lowest);
  }
  return lowest;
}

/** Everything that a program can still get at. */
function traceRoots(machine: Vm): Trace {
  const trace = new Trace();
  for (let frame = machine.frame; frame !== null; frame = frame.caller ?? frame.outer) trace.frame(frame);
  for (const object of [machine.main, machine.globals, machine.locals, machine.loadedModules, machine.sysPath, machine.sysArgv]) {
    if (object) trace.object(object);
  }
  if (machine.builtinsOverride !== null) trace.object(machine.builtinsOverride);
  for (const module of machine.builtinModules.values()) trace.object(module);
  trace.value(machine.pendingException);
  trace.value(machine.currentException);
  trace.value(machine.stopValue);
  for (const [fun, arg] of machine.schedule) {
    trace.value(fun);
    trace.value(arg);
  }
  if (machine.threads !== null) {
    for (const frame of machine.threads.frames()) trace.frame(frame);
    trace.values(machine.threads.heldValues());
  }
  for (const root of machine.roots) trace.values(root());
  trace.block(machine.emergencyBuffer);
  const { poolBytes, chunkBytes } = interned();
  trace.block(poolBytes);
  trace.block(chunkBytes);
  trace.run();
  return trace;
}

vmHooks.collect = machine => {
  const collect = (): number => {
    const trace = traceRoots(machine);
    for (const object of machine.finalisable) if (!trace.seen.has(object)) machine.finalisationDue = hot.pending = true;
    // What waits for its finaliser is kept, with all that hangs on it.
    for (const object of machine.finalisable) trace.object(object);
    trace.run();
    return trace.bytes;
  };
  return machine === vm ? collect() : runIn(machine, collect);
};

/**
 * Calls `__del__` of the built-in objects that nothing holds any more. Not from inside an allocation: a native function may hold its
 * object where no trace can see it.
 */
export function runFinalisers(): void {
  vm.finalisationDue = false;
  if (vm.finalisable.size === 0) return;
  const trace = traceRoots(vm);
  for (const object of [...vm.finalisable]) {
    if (trace.seen.has(object)) continue;
    vm.finalisable.delete(object);
    const ref = new MethodRef();
    loadMethodMaybe(object, '__del__', ref);
    if (ref.member === undefined) continue;
    vm.heap.lockDepth++;
    try {
      callMethodRef(ref, []);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      printException(stdout, error.exception);
    } finally {
      vm.heap.lockDepth--;
    }
  }
}

/** How the reachable objects divide into blocks, for mem_info(). */
export function heapProfile(): { oneBlock: number; twoBlocks: number; largest: number } {
  return traceRoots(vm);
}
