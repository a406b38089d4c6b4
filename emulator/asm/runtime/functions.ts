/** Functions in machine code as objects of the guest (py/objfun.c, py/objgenerator.c of MicroPython 1.27.0). */
import { CodeKind, type RawCode, SCOPE_FLAG_GENERATOR } from '../../compiler/rawcode.ts';
import { bufferMaybe } from '../../objects/buffer.ts';
import { type CallSignature, fillFrame } from '../../objects/bytecode-function.ts';
import type { MpDict } from '../../objects/dict.ts';
import { MpFloat } from '../../objects/float.ts';
import { checkArgCount } from '../../objects/function.ts';
import { MpGenerator } from '../../objects/generator.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { formatAddress } from '../../objects/identity.ts';
import { MpList } from '../../objects/list.ts';
import { MpTuple } from '../../objects/tuple.ts';
import { BadBytecode, type ModuleCode, readSignature } from '../../vm/code.ts';
import type { Frame } from '../../vm/frame.ts';
import { FrameResult } from '../../vm/interpreter.ts';
import { makeRaiseObject } from '../../vm/iteration.ts';
import { Raise, raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, MpType, TypeFlag } from '../../vm/type.ts';
import { type KwArgs, type MethodRef, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import {
  FUN_CHILDREN,
  FUN_CODE,
  FUN_CONTEXT,
  Return,
  STATE_FUN,
  STATE_IP,
  STATE_N_STATE,
  STATE_SP,
  STATE_VALUES,
} from '../native/runtime-table.ts';
import type { PlacedCode } from './module-memory.ts';
import { NativeFrame } from './native-frame.ts';
import { type NativeMachine, nativeMachine } from './native-machine.ts';
import { valueFromNative } from './runtime-functions.ts';

function loadAttr(self: MpNativeFunction, name: string, dest: MethodRef): boolean {
  if (name === '__name__') dest.member = self.signature!.name;
  else if (name === '__globals__') dest.member = self.globals;
  return true;
}

const nativeType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  print: (out: Printer, self: MpNativeFunction) => out.write(`<function ${self.signature!.name} at 0x${formatAddress(self)}>`),
  call: (self: MpNativeFunction, args: Value[], kw: KwArgs) => self.call(args, kw, 1),
  loadAttr,
});

const viperType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpNativeFunction, args: Value[], kw: KwArgs) => self.call(args, kw, 0),
});

const generatorFunctionType = new MpType('generator', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpNativeFunction, args: Value[], kw: KwArgs) => newNativeGenerator(self, args, kw),
  loadAttr,
});

const asmType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpAsmFunction, args: Value[], kw: KwArgs) => self.call(args, kw),
});

/** A native or viper function. Machine code gets the address of its object, whose words lead to the code's tables. */
export class MpNativeFunction extends MpObj {
  /** Of native code; viper code checks its arguments itself. */
  readonly signature: CallSignature | null;
  private placed: PlacedCode | null = null;

  constructor(
    readonly raw: RawCode,
    readonly module: ModuleCode,
    readonly globals: MpDict,
    readonly defaults: readonly Value[],
    readonly kwDefaults: MpDict | undefined,
  ) {
    const isGenerator = raw.kind === CodeKind.NativePython && (raw.scopeFlags & SCOPE_FLAG_GENERATOR) !== 0;
    super(raw.kind === CodeKind.NativeViper ? viperType : isGenerator ? generatorFunctionType : nativeType);
    this.signature = raw.kind === CodeKind.NativePython ? readSignature(raw.code, raw.native!.preludeOffset!, module.compiled.qstrs) : null;
  }

  get code(): { name: string } {
    return this.signature ?? { name: '' };
  }

  /** Puts the function into memory. */
  enter(machine: NativeMachine): PlacedCode {
    const word = machine.words.pointer(this);
    if (this.placed !== null) return this.placed;
    const placed = machine.modules.place(this.raw, this.module, this.globals);
    const fields = [0, 0, 0, 0];
    fields[FUN_CONTEXT] = machine.modules.contextOf(this.module, this.globals).address;
    fields[FUN_CHILDREN] = placed.childTable;
    fields[FUN_CODE] = placed.address;
    machine.memory.map(word >>> 0, new Uint8Array(machine.layout.encode(fields).buffer));
    this.placed = placed;
    return placed;
  }

  /** @param start words in front of the first instruction in the code */
  call(args: readonly Value[], kw: KwArgs, start: number): Value {
    const machine = nativeMachine();
    const { words, layout } = machine;
    const { address } = this.enter(machine);
    const values = args.map(arg => words.word(arg));
    if (kw !== null) for (const value of kw) values.push(words.word(value));
    const header = [words.word(this), args.length, kw === null ? 0 : kw.length >> 1];
    const result = machine.call(machine.callable(layout.at(address, start)), values.length > 0 ? header : [...header, 0], values);
    return words.required(result);
  }
}

const moduleFunctionType = new MpType('function', {
  flags: TypeFlag.BindsSelf,
  call: (self: MpModuleFunction, args: Value[], kw: KwArgs) => self.call(args, kw),
});

/** A function of a native module that takes its arguments as they come (MP_DYNRUNTIME_MAKE_FUNCTION). */
export class MpModuleFunction extends MpObj {
  private mapped = false;

  constructor(
    readonly code: number,
    readonly context: number,
  ) {
    super(moduleFunctionType);
  }

  call(args: readonly Value[], kw: KwArgs): Value {
    const machine = nativeMachine();
    const { words } = machine;
    const self = words.pointer(this);
    if (!this.mapped) {
      const fields = [0, 0, 0, 0];
      fields[FUN_CONTEXT] = this.context;
      fields[FUN_CODE] = this.code;
      machine.memory.map(self >>> 0, new Uint8Array(machine.layout.encode(fields).buffer));
      this.mapped = true;
    }
    const values = [...args, ...(kw ?? [])].map(value => words.word(value));
    return words.required(machine.callWith(this.code, place => [self, args.length, (kw?.length ?? 0) >> 1, place(values)]));
  }
}

/** An assembler function: arguments become words, the result an object of its declared type. */
export class MpAsmFunction extends MpObj {
  constructor(
    readonly raw: RawCode,
    readonly module: ModuleCode,
    readonly globals: MpDict,
  ) {
    super(asmType);
  }

  call(args: readonly Value[], kw: KwArgs): Value {
    const { nPosArgs = 0, typeSig = 0 } = this.raw.native!;
    checkArgCount(args.length, kw, nPosArgs, nPosArgs, false);
    const machine = nativeMachine();
    const { address } = machine.modules.place(this.raw, this.module, this.globals);
    const arrays: ItemArray[] = [];
    const words = args.map(arg => asmArgument(machine, arg, arrays));
    try {
      return valueFromNative(machine, machine.call(machine.callable(address), words), typeSig);
    } finally {
      for (const array of arrays) array.copyBack();
    }
  }
}

/** An argument as assembler gets it (convert_obj_for_inline_asm). */
function asmArgument(machine: NativeMachine, value: Value, arrays: ItemArray[]): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(BigInt.asIntN(32, BigInt(value)));
  if (value === null || value === false) return 0;
  if (value === true) return 1;
  if (typeof value === 'string') return guestMemory().addressOfStr(value) | 0;
  if (value instanceof MpFloat) return Math.trunc(value.value) | 0;
  if (value instanceof MpTuple || value instanceof MpList) {
    const array = new ItemArray(machine, value);
    arrays.push(array);
    return array.address;
  }
  const view = bufferMaybe(value, BufferFlag.Read);
  return view === undefined ? machine.words.pointer(value) : guestMemory().addressOf(view.bytes) | 0;
}

/** The items of a list or tuple as words in memory, for the time of a call. What code has changed goes back into the list. */
class ItemArray {
  readonly address: number;
  private readonly before: Int32Array;
  private readonly after: Int32Array;

  constructor(
    private readonly machine: NativeMachine,
    private readonly value: MpTuple | MpList,
  ) {
    this.after = machine.layout.encode(value.items.map(item => machine.words.word(item)));
    this.before = this.after.slice();
    this.address = machine.allocate(new Uint8Array(this.after.buffer)) | 0;
  }

  copyBack(): void {
    const { machine, value, before, after } = this;
    for (let i = 0; i < after.length; i++) if (after[i] !== before[i]) (value.items as Value[])[i] = machine.words.required(after[i]);
    if (after.length > 0) machine.memory.unmap(this.address >>> 0, after.byteLength);
  }
}

/** The function object of a raw code with machine code, accounted for. */
export function makeNativeFunction(
  raw: RawCode,
  module: ModuleCode,
  globals: MpDict,
  defaults: readonly Value[],
  kwDefaults: MpDict | undefined,
): Value {
  vm.heap.alloc((4 + defaults.length + (kwDefaults === undefined ? 0 : 1)) * vm.wordSize);
  if (raw.kind === CodeKind.NativeAsm) return new MpAsmFunction(raw, module, globals);
  try {
    return new MpNativeFunction(raw, module, globals, defaults, kwDefaults);
  } catch (error) {
    if (error instanceof BadBytecode) raiseValueError('incompatible .mpy file');
    throw error;
  }
}

/** Fills the state of a native function with its arguments (mp_setup_code_state_native). */
export function setupCodeState(machine: NativeMachine, state: number, args: readonly Value[], kw: KwArgs): void {
  const { layout, words } = machine;
  const fun = words.required(layout.load(state, STATE_FUN)) as MpNativeFunction;
  const signature = fun.signature!;
  const frame = { state: new Array<Value | undefined>(signature.nState) };
  fillFrame(frame, { code: signature, defaults: fun.defaults, kwDefaults: fun.kwDefaults }, args, kw);
  layout.store(state, STATE_IP, fun.enter(machine).address + fun.raw.native!.preludeOffset!);
  layout.store(state, STATE_SP, layout.at(state, STATE_VALUES - 1));
  for (let i = 0; i < signature.nState; i++) layout.store(state, STATE_VALUES + i, words.word(frame.state[i]));
}

/** A generator whose code is machine code: its state lies in memory, and is given to the code each time it is resumed. */
class MpNativeGenerator extends MpGenerator {
  private readonly state: Int32Array;
  private readonly address: number;
  /** What the state refers to while the generator is suspended. */
  private kept: Value[] = [];

  constructor(
    private readonly fun: MpNativeFunction,
    args: readonly Value[],
    kw: KwArgs,
  ) {
    super(new NativeFrame(fun.globals), fun.signature!.name);
    this.frame!.outer = null;
    const machine = nativeMachine();
    const { layout } = machine;
    const { address: code } = fun.enter(machine);
    this.state = layout.encode(new Array<number>(STATE_VALUES + fun.signature!.nState).fill(0));
    this.address = machine.allocate(new Uint8Array(this.state.buffer));
    layout.store(this.address, STATE_FUN, machine.words.word(fun));
    layout.store(this.address, STATE_N_STATE, fun.signature!.nState);
    setupCodeState(machine, this.address, args, kw);
    layout.store(this.address, STATE_IP, machine.callable(code + layout.number(code, 1)));
    this.frame!.sp = 0;
    this.keep(machine);
  }

  private keep(machine: NativeMachine): void {
    this.kept = [];
    for (const word of this.state.subarray((STATE_VALUES * machine.layout.bytes) / 4)) {
      if (word === 0 || word & 3) continue;
      const value = machine.words.known(word);
      if (value !== undefined) this.kept.push(value);
    }
  }

  override run(frame: Frame, thrown: Value | undefined): FrameResult {
    const machine = nativeMachine();
    const { words, layout } = machine;
    const { address: code } = this.fun.enter(machine);
    // The words in the state are those that these objects had.
    for (const value of this.kept) words.word(value);
    words.word(this.fun);
    machine.scanned.add(this.state);
    const sp = (): number => layout.number(this.address, STATE_SP);
    const started = sp() !== layout.at(this.address, STATE_VALUES - 1);
    if (started) layout.store(sp(), 0, words.word(frame.state[frame.sp] ?? null));
    const outer = vm.frame;
    vm.frame = new NativeFrame(this.fun.globals);
    try {
      const kind = machine.call(machine.callable(layout.at(code, 2)), [this.address, words.word(thrown)]);
      if (kind === Return.Exception) throw new Raise(makeRaiseObject(words.required(layout.load(this.address, STATE_VALUES))));
      frame.state[frame.sp] = words.required(layout.load(sp()));
      return kind === Return.Yield ? FrameResult.Yield : FrameResult.Return;
    } catch (error) {
      throw machine.guestError(error);
    } finally {
      vm.frame = outer;
      this.keep(machine);
      machine.scanned.delete(this.state);
    }
  }
}

function newNativeGenerator(fun: MpNativeFunction, args: readonly Value[], kw: KwArgs): Value {
  vm.heap.alloc((2 + STATE_VALUES + fun.signature!.nState) * vm.wordSize);
  try {
    return new MpNativeGenerator(fun, args, kw);
  } catch (error) {
    throw nativeMachine().guestError(error);
  }
}
