/**
 * What native code is emitted with: the function's frame, the value stack of which the emitter knows what is in registers, the exception handlers, and calls of
 * the runtime. See emitter.ts.
 */
import { type EmitContext, type Label, Pass } from '../../compiler/emitter.ts';
import type { Qstr } from '../../compiler/qstr-pool.ts';
import { CompileError, type Const, SCOPE_FLAG_GENERATOR, SCOPE_FLAG_HASCONSTS, SCOPE_FLAG_REFGLOBALS } from '../../compiler/rawcode.ts';
import type { Scope } from '../../compiler/scope.ts';
import type { NativeAssembler, RegisterRoles } from './assembler.ts';
import { CONTEXT_OBJECTS, FUN_CHILDREN, FUN_CONTEXT, Fun, STATE_FUN, STATE_IP } from './runtime-table.ts';
import { Place, type StackValue, ValueType } from './value-stack.ts';

export interface ExceptionEntry {
  label: Label;
  isFinally: boolean;
  isActive: boolean;
  /** Where a jump out of this block goes on: a label of an outer handler, or one of the values below. */
  unwind: number;
}

export const UNWIND_UNUSED = -1;
export const UNWIND_FINAL = -2;

export abstract class Frame {
  protected pass = Pass.Scope;
  protected scope!: Scope;
  protected viper = false;

  protected stack: StackValue[] = [];
  protected stackSize = 0;
  protected localTypes: ValueType[] = [];
  protected exceptions: ExceptionEntry[] = [];
  /** Type of the value that the last conditional jump kept on the stack. */
  protected keptType = ValueType.Object;

  protected exitLabel = 0;
  protected stateWords = 0;
  protected codeStateStart = 0;
  protected stackStart = 0;
  protected childCount = 0;
  protected childCountBefore = 0;
  protected generatorStart = 0;
  protected preludeOffset = 0;
  protected infoLength = 0;
  protected cellCount = 0;

  protected readonly roles: RegisterRoles;
  protected readonly nlrWords: number;
  /** A word's size as loads and stores take it: the logarithm of its bytes. */
  protected readonly word: number;

  constructor(
    protected readonly context: EmitContext,
    protected readonly as: NativeAssembler,
    protected readonly namesOperators: boolean,
  ) {
    this.roles = as.roles;
    this.word = as.wordBytes === 8 ? 3 : 2;
    this.nlrWords = 2 + as.nlrRegisters + 1;
  }

  // Frame

  protected get isGenerator(): boolean {
    return (this.scope.flags & SCOPE_FLAG_GENERATOR) !== 0;
  }
  protected get needsFunction(): boolean {
    return this.scope.exceptionStackSize > 0 || (this.scope.flags & (SCOPE_FLAG_REFGLOBALS | SCOPE_FLAG_HASCONSTS)) !== 0;
  }
  protected get needsHandler(): boolean {
    return this.scope.exceptionStackSize > 0 || (this.scope.flags & (SCOPE_FLAG_GENERATOR | SCOPE_FLAG_REFGLOBALS)) !== 0;
  }
  /** An exception handler restores registers to what they were at the start, so locals cannot be in registers then. */
  protected get hasRegisterLocals(): boolean {
    return this.scope.exceptionStackSize === 0 && !this.isGenerator;
  }

  protected get handlerPcSlot(): number {
    return this.as.nlrFirstLocal;
  }
  protected get unwindSlot(): number {
    return this.nlrWords + 1;
  }
  protected get throwSlot(): number {
    return this.nlrWords + 2;
  }
  protected get resultSlot(): number {
    return this.nlrWords;
  }
  protected get functionSlot(): number {
    return this.codeStateStart + STATE_FUN;
  }
  protected get oldGlobalsSlot(): number {
    return this.codeStateStart + STATE_IP;
  }
  protected localSlot(local: number): number {
    return this.stackStart + this.stateWords - 1 - local;
  }

  protected get generatorState(): number {
    return this.roles.locals[1];
  }
  protected get qstrTable(): number {
    return this.roles.locals[2];
  }

  /** Accesses to the state: the stack, or the heap for generators. */
  protected storeState(slot: number, rs: number): void {
    if (this.isGenerator) this.as.storeOffset(rs, this.generatorState, slot, this.word);
    else this.as.storeLocal(slot, rs);
  }
  protected loadState(rd: number, slot: number): void {
    if (this.isGenerator) this.as.loadOffset(rd, this.generatorState, slot, this.word);
    else this.as.loadLocal(rd, slot);
  }
  protected loadStateAddress(rd: number, slot: number): void {
    if (this.isGenerator) {
      this.as.loadImmediate(rd, slot * this.as.wordBytes);
      this.as.operate('add', rd, this.generatorState);
    } else this.as.loadLocalAddress(rd, slot);
  }

  protected loadQstr(rd: number, name: Qstr): void {
    this.as.loadOffset(rd, this.qstrTable, this.context.useQstr(name), 1);
  }

  /** Loads a constant object; changes the first temporary. */
  protected loadObject(rd: number, value: Const): void {
    this.scope.flags |= SCOPE_FLAG_HASCONSTS;
    const index = this.context.useConst(value);
    const temp = this.roles.temps[0];
    this.loadState(temp, this.functionSlot);
    this.as.loadOffset(temp, temp, FUN_CONTEXT, this.word);
    this.as.loadOffset(temp, temp, CONTEXT_OBJECTS, this.word);
    this.as.loadOffset(rd, temp, index, this.word);
  }

  protected loadChild(rd: number, scope: Scope): void {
    const index = this.context.useChild(scope);
    this.childCount++;
    const temp = this.roles.temps[0];
    this.loadState(temp, this.functionSlot);
    this.as.loadOffset(temp, temp, FUN_CHILDREN, this.word);
    this.as.loadOffset(rd, temp, index, this.word);
  }

  protected loadTableEntry(rd: number, entry: Fun): void {
    this.as.loadOffset(rd, this.roles.funTable, entry, this.word);
  }

  // Errors

  protected typeError(message: string): void {
    this.context.error('ViperTypeError', message);
  }
  protected notImplemented(message: string): never {
    throw new CompileError('NotImplementedError', message, '', 0, null);
  }

  // The value stack

  protected moveStack(delta: number): void {
    this.stackSize += delta;
    if (this.pass > Pass.Scope && this.stackSize > this.scope.stackSize) this.scope.stackSize = this.stackSize;
  }

  protected value(depth: number): StackValue {
    const at = this.stackSize - 1 - depth;
    return (this.stack[at] ??= { type: ValueType.Unbound, place: Place.Stack, data: 0 });
  }

  protected typeAt(depth: number): ValueType {
    return this.viper ? this.value(depth).type : ValueType.Object;
  }

  adjustStackSize(delta: number): void {
    for (let i = 0; i < delta; i++)
      this.stack[this.stackSize + i] = { place: Place.Stack, type: delta === 1 ? this.keptType : ValueType.Object, data: 0 };
    this.moveStack(delta);
  }

  setSourceLine(_line: number): void {}

  protected freeRegister(register: number, keep: number): void {
    for (let i = 0; i < this.stackSize; i++) {
      const value = this.stack[i];
      if (i !== keep && value.place === Place.Register && value.data === register) {
        value.place = Place.Stack;
        this.storeState(this.stackStart + i, register);
      }
    }
  }
  /** Makes a register free, but for the value at `position` (1 is the top, 0 is none). */
  protected need(register: number, position = 0): void {
    this.freeRegister(register, this.stackSize - position);
  }

  protected needAll(): void {
    for (let i = 0; i < this.stackSize; i++) {
      const value = this.stack[i];
      if (value.place !== Place.Register) continue;
      value.place = Place.Stack;
      this.storeState(this.stackStart + i, value.data as number);
    }
  }

  /** Loads a constant from the stack; as an object where `asObject` says so, or in native code. */
  protected loadConstant(rd: number, value: StackValue, asObject: boolean): ValueType {
    const { as } = this;
    if (!asObject && this.viper) {
      as.loadImmediate(rd, value.data);
      return value.type;
    }
    switch (value.type) {
      case ValueType.Object:
        as.loadImmediate(rd, value.data);
        break;
      case ValueType.Bool:
        this.loadTableEntry(rd, Fun.ConstFalse + Number(value.data));
        break;
      case ValueType.Int:
      case ValueType.Uint:
        as.loadImmediate(rd, this.smallInt(value.data));
        break;
      case ValueType.None:
        this.loadTableEntry(rd, Fun.ConstNone);
        break;
      default:
        this.notImplemented('conversion to object');
    }
    return ValueType.Object;
  }

  /** A word with its lowest bit set is a small integer. */
  private smallInt(value: number | bigint): number | bigint {
    return this.as.wordBytes === 8 ? (BigInt(value) << 1n) | 1n : (Number(value) << 1) | 1;
  }

  /** Puts every value into its slot; may change the second temporary. */
  protected settle(): void {
    this.needAll();
    for (let i = 0; i < this.stackSize; i++) {
      const value = this.stack[i];
      if (value.place !== Place.Immediate) continue;
      value.place = Place.Stack;
      value.type = this.loadConstant(this.roles.temps[1], value, false);
      this.storeState(this.stackStart + i, this.roles.temps[1]);
    }
  }

  /** Loads the value at `position` (1 is the top) into a register; gives its type. */
  protected access(position: number, rd: number): ValueType {
    this.need(rd, position);
    const value = this.value(position - 1);
    switch (value.place) {
      case Place.Stack:
        this.loadState(rd, this.stackStart + this.stackSize - position);
        return value.type;
      case Place.Register:
        if (value.data !== rd) this.as.move(rd, value.data as number);
        return value.type;
      default:
        return this.loadConstant(rd, value, false);
    }
  }

  protected popInto(rd: number): ValueType {
    const type = this.access(1, rd);
    this.moveStack(-1);
    return type;
  }

  /** Pops a value into whatever register it is in, unless that is one of two; else into `rd`. */
  protected popAnywhere(rd: number, not1: number, not2: number): { type: ValueType; register: number } {
    const value = this.value(0);
    let register = rd;
    let type: ValueType;
    if (value.place === Place.Register && value.data !== not1 && value.data !== not2) {
      register = value.data as number;
      type = value.type;
      this.need(register, 1);
    } else type = this.access(1, rd);
    this.moveStack(-1);
    return { type, register };
  }

  protected push(type: ValueType, register: number): void {
    this.stack[this.stackSize] = { type, place: Place.Register, data: register };
    this.moveStack(1);
  }
  protected pushConstant(type: ValueType, value: number | bigint): void {
    this.stack[this.stackSize] = { type, place: Place.Immediate, data: value };
    this.moveStack(1);
  }

  /** Drops the value below the top. */
  protected dropBelowTop(rd: number): void {
    const top = this.value(0);
    this.stack[this.stackSize - 2] = { ...top };
    if (top.place === Place.Stack) {
      this.loadState(rd, this.stackStart + this.stackSize - 1);
      this.stack[this.stackSize - 2] = { type: top.type, place: Place.Register, data: rd };
    }
    this.moveStack(-1);
  }

  /** Makes the topmost values objects in their slots, pops them, and loads the address of the lowest. */
  protected popAddress(rd: number, count: number): void {
    const { args, result } = this.roles;
    this.needAll();
    for (let i = 0; i < count; i++) {
      const value = this.value(i);
      if (value.place !== Place.Immediate) continue;
      value.place = Place.Stack;
      value.type = this.loadConstant(rd, value, true);
      this.storeState(this.stackStart + this.stackSize - 1 - i, rd);
    }
    for (let i = 0; i < count; i++) {
      const value = this.value(i);
      if (value.type === ValueType.Object) continue;
      const slot = this.stackStart + this.stackSize - 1 - i;
      this.loadState(args[0], slot);
      this.callImmediate(Fun.ConvertNativeToObj, value.type, args[1]);
      this.storeState(slot, result);
      value.type = ValueType.Object;
    }
    this.moveStack(-count);
    this.loadStateAddress(rd, this.stackStart + this.stackSize);
  }

  /** Pushes objects that a call will store, and loads the address of the lowest. */
  protected pushAddress(rd: number, count: number): void {
    this.needAll();
    for (let i = 0; i < count; i++) this.stack[this.stackSize + i] = { type: ValueType.Object, place: Place.Stack, data: 0 };
    this.loadStateAddress(rd, this.stackStart + this.stackSize);
    this.moveStack(count);
  }

  // Shuffling the stack

  dupTop(): void {
    const { type, register } = this.popAnywhere(this.roles.temps[0], -1, -1);
    this.push(type, register);
    this.push(type, register);
  }
  dupTopTwo(): void {
    const { temps } = this.roles;
    const type0 = this.popInto(temps[0]);
    const type1 = this.popInto(temps[1]);
    for (let i = 0; i < 2; i++) {
      this.push(type1, temps[1]);
      this.push(type0, temps[0]);
    }
  }
  popTop(): void {
    this.moveStack(-1);
  }
  rotTwo(): void {
    const { temps } = this.roles;
    const type0 = this.popInto(temps[0]);
    const type1 = this.popInto(temps[1]);
    this.push(type0, temps[0]);
    this.push(type1, temps[1]);
  }
  rotThree(): void {
    const { temps } = this.roles;
    const type0 = this.popInto(temps[0]);
    const type1 = this.popInto(temps[1]);
    const type2 = this.popInto(temps[2]);
    this.push(type0, temps[0]);
    this.push(type2, temps[2]);
    this.push(type1, temps[1]);
  }

  // The stack of exception handlers

  /** Makes the handler at an index of the exception stack the current one, or none. */
  protected setHandlerPc(index: number): void {
    const { as, roles } = this;
    if (index < 0) as.operate('xor', roles.result, roles.result);
    else as.loadLabelAddress(roles.result, this.exceptions[index].label);
    as.storeLocal(this.handlerPcSlot, roles.result);
  }

  protected enterException(label: Label, isFinally: boolean): void {
    this.exceptions.push({ label, isFinally, isActive: true, unwind: UNWIND_UNUSED });
    this.setHandlerPc(this.exceptions.length - 1);
  }

  protected leaveException(atHandler: boolean): void {
    let index = this.exceptions.length - 1;
    this.exceptions[index].isActive = false;
    for (--index; index >= 0 && !this.exceptions[index].isActive; --index);
    // At the start of a handler there is no current one already.
    if (index < 0 && atHandler) return;
    this.setHandlerPc(index);
  }

  // Calls of the runtime

  protected call(entry: Fun): void {
    this.needAll();
    this.as.callTable(entry);
  }
  protected callImmediate(entry: Fun, value: number, register: number): void {
    this.needAll();
    this.as.loadImmediate(register, value);
    this.as.callTable(entry);
  }
  protected callTwoImmediates(entry: Fun, value1: number, register1: number, value2: number, register2: number): void {
    this.needAll();
    this.as.loadImmediate(register1, value1);
    this.as.loadImmediate(register2, value2);
    this.as.callTable(entry);
  }
  protected callQstr(entry: Fun, name: Qstr, register: number): void {
    this.needAll();
    this.loadQstr(register, name);
    this.as.callTable(entry);
  }
}
