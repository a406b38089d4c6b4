/** How native functions begin and end, and how control moves: handlers around a function, labels and jumps, returns, generators. See emitter.ts. */
import { type Label, Pass } from '../../compiler/emitter.ts';
import { Q } from '../../compiler/qstr-pool.ts';
import {
  CONST_FUNCTION_TABLE,
  CodeKind,
  SCOPE_FLAG_GENERATOR,
  SCOPE_FLAG_HASCONSTS,
  SCOPE_FLAG_VARARGS,
  SCOPE_FLAG_VARKEYWORDS,
  SCOPE_FLAG_VIPERRET_SHIFT,
} from '../../compiler/rawcode.ts';
import { EmitOption, NAME_IS_PARAMETER, NAME_VIPER_TYPE_SHIFT, NameKind, type Scope } from '../../compiler/scope.ts';
import { type ExceptionEntry, Frame, UNWIND_FINAL } from './frame.ts';
import { writePrelude } from './prelude.ts';
import {
  CONTEXT_GLOBALS,
  CONTEXT_OBJECTS,
  CONTEXT_QSTRS,
  FUN_CONTEXT,
  Fun,
  NLR_VALUE,
  Return,
  STATE_IP,
  STATE_N_STATE,
  STATE_SP,
  STATE_VALUES,
} from './runtime-table.ts';
import { isInteger, typeName, ValueType } from './value-stack.ts';

/** Locals that live in registers. */
export const REGISTER_LOCALS = 2;

export abstract class Flow extends Frame {
  // Start and end of a function

  startPass(pass: Pass, scope: Scope): void {
    this.pass = pass;
    this.scope = scope;
    this.viper = scope.emit === EmitOption.Viper;
    this.stackSize = 0;
    this.stack = [];
    this.exceptions = [];
    this.childCountBefore = this.childCount;
    this.childCount = 0;
    this.startTypes();
    this.as.startPass(pass === Pass.Emit);
    this.codeStateStart = 0;
    if (this.needsHandler) this.codeStateStart = this.nlrWords + 1 + (this.isGenerator ? 2 : scope.exceptionStackSize > 0 ? 1 : 0);
    this.stateWords = scope.numLocals + scope.stackSize;
    const table = this.context.useConst(CONST_FUNCTION_TABLE);
    if (this.viper) this.startViper(table);
    else this.startNative(table);
  }

  protected startTypes(): void {
    const { scope } = this;
    let args = scope.numPosArgs + scope.numKwOnlyArgs;
    if (scope.flags & SCOPE_FLAG_VARARGS) args++;
    if (scope.flags & SCOPE_FLAG_VARKEYWORDS) args++;
    this.localTypes = Array.from({ length: Math.max(scope.numLocals, args) }, (_, i) =>
      i < args || !this.viper ? ValueType.Object : ValueType.Unbound,
    );
    if (!this.viper) return;
    for (const info of scope.names)
      if (info.flags & NAME_IS_PARAMETER) this.localTypes[info.localNumber] = info.flags >> NAME_VIPER_TYPE_SHIFT;
  }

  /** Loads the tables of qstrs and functions by way of the function object in a register. */
  protected loadTables(from: number, table: number, through: number): void {
    const { as } = this;
    as.loadOffset(through, from, FUN_CONTEXT, this.word);
    as.loadOffset(this.qstrTable, through, CONTEXT_QSTRS, this.word);
    as.loadOffset(through, through, CONTEXT_OBJECTS, this.word);
    as.loadOffset(this.roles.funTable, through, table, this.word);
  }

  protected startViper(table: number): void {
    const { as, scope, roles, context } = this;
    const { args } = roles;
    const inRegisters = this.hasRegisterLocals;
    let registerLocals = inRegisters ? Math.min(scope.numLocals, REGISTER_LOCALS) : 0;
    // The second register points to the arguments while there are more of them, so its local needs a slot for that time.
    if (inRegisters && scope.numPosArgs > REGISTER_LOCALS) registerLocals--;
    this.stackStart = this.codeStateStart + (this.needsHandler ? 2 : scope.flags & SCOPE_FLAG_HASCONSTS ? 1 : 0);
    as.entry(this.stackStart + this.stateWords - registerLocals);
    this.loadTables(args[0], table, roles.funTable);
    if (this.needsFunction) as.storeLocal(this.functionSlot, args[0]);
    const argsPointer = roles.locals[REGISTER_LOCALS - 1];
    as.move(args[0], args[1]);
    as.move(args[1], args[2]);
    as.move(argsPointer, args[3]);

    const wrong = context.nextLabel + 4;
    const right = context.nextLabel + 5;
    as.jumpIfNonZero(args[1], wrong, true);
    as.loadImmediate(args[2], scope.numPosArgs);
    as.jumpIfEqual(args[0], args[2], right);
    as.assignLabel(wrong);
    as.loadImmediate(args[2], (scope.numPosArgs << 17) | (scope.numPosArgs << 1));
    as.callTable(Fun.ArgCheckNumSig);
    as.assignLabel(right);

    for (let i = 0; i < scope.numPosArgs; i++) {
      let register = args[0];
      as.loadOffset(args[0], argsPointer, i, this.word);
      if (this.localTypes[i] !== ValueType.Object) {
        this.callImmediate(Fun.ConvertObjToNative, this.localTypes[i], args[1]);
        register = roles.result;
      }
      const keepsPointer = i === REGISTER_LOCALS - 1 && scope.numPosArgs !== REGISTER_LOCALS;
      if (i < REGISTER_LOCALS && inRegisters && !keepsPointer) as.move(roles.locals[i], register);
      else this.storeState(this.localSlot(i), register);
    }
    if (scope.numPosArgs > REGISTER_LOCALS && inRegisters) as.loadLocal(argsPointer, this.localSlot(REGISTER_LOCALS - 1));
    this.handlerEntry();
  }

  protected startNative(table: number): void {
    const { as, scope, roles } = this;
    const { args, temps } = roles;
    // The first word of the code says where the prelude is found behind the children.
    as.data(as.wordBytes, this.childCountBefore);
    if (this.isGenerator) {
      as.data(as.wordBytes, this.generatorStart);
      as.entry(this.codeStateStart);
      this.codeStateStart = 0;
      this.stackStart = STATE_VALUES;
      as.move(this.generatorState, args[0]);
      as.storeLocal(this.throwSlot, args[1]);
      as.loadOffset(temps[0], this.generatorState, this.functionSlot, this.word);
      this.loadTables(temps[0], table, temps[0]);
    } else {
      this.stackStart = this.codeStateStart + STATE_VALUES;
      as.entry(this.stackStart + this.stateWords);
      this.loadTables(args[0], table, roles.funTable);
      as.storeLocal(this.functionSlot, args[0]);
      as.loadImmediate(args[0], this.stateWords);
      this.storeState(this.codeStateStart + STATE_N_STATE, args[0]);
      as.loadLocalAddress(args[0], this.codeStateStart);
      as.callTableFourArguments(Fun.SetupCodeState);
    }
    this.handlerEntry();
    if (this.hasRegisterLocals)
      for (let i = 0; i < REGISTER_LOCALS && i < scope.numLocals; i++) as.loadLocal(roles.locals[i], this.localSlot(i));
    for (const info of scope.names) if (info.kind === NameKind.Cell) this.localTypes[info.localNumber] = ValueType.Object;
  }

  endPass(): boolean {
    this.handlerExit();
    if (!this.viper) this.endNative();
    if (this.pass === Pass.Emit) {
      const { scope } = this;
      scope.rawCode = {
        kind: this.viper ? CodeKind.NativeViper : CodeKind.NativePython,
        code: this.as.bytes,
        children: [],
        scopeFlags: scope.flags,
        native: { arch: this.as.arch, ...(this.viper ? {} : { preludeOffset: this.preludeOffset }) },
      };
    }
    return true;
  }

  /** The prelude, as bytecode has it: counts of arguments and the size of the state, names, cells. */
  protected endNative(): void {
    const { as, scope, context } = this;
    this.preludeOffset = as.offset;
    writePrelude(scope, this.stateWords, this.infoLength, this.cellCount, byte => as.data(1, byte));
    const infoStart = as.offset;
    this.writeQstrIndex(context.useQstr(scope.simpleName));
    for (let i = 0; i < scope.numPosArgs + scope.numKwOnlyArgs; i++) {
      const info = scope.names.find(({ flags, localNumber }) => (flags & NAME_IS_PARAMETER) !== 0 && localNumber === i);
      this.writeQstrIndex(context.useQstr(info === undefined ? Q.star : info.name));
    }
    this.infoLength = as.offset - infoStart;
    const cells = scope.names.filter(({ kind }) => kind === NameKind.Cell);
    for (const { localNumber } of cells) as.data(1, localNumber);
    this.cellCount = cells.length;
  }

  protected writeQstrIndex(index: number): void {
    for (let shift = index < 0x80 ? 0 : index < 0x4000 ? 7 : 14; shift >= 0; shift -= 7)
      this.as.data(1, ((index >>> shift) & 0x7f) | (shift > 0 ? 0x80 : 0));
  }

  // The handler around the whole function

  protected handlerEntry(): void {
    const { as, roles, context } = this;
    const { args, result, locals } = roles;
    this.exitLabel = context.nextLabel;
    if (!this.needsHandler) return;
    const nlrLabel = context.nextLabel + 1;
    const startLabel = context.nextLabel + 2;
    const exceptLabel = context.nextLabel + 3;
    if (!this.isGenerator) {
      this.loadState(args[0], this.functionSlot);
      as.loadOffset(args[0], args[0], FUN_CONTEXT, this.word);
      as.loadOffset(args[0], args[0], CONTEXT_GLOBALS, this.word);
      this.call(Fun.NativeSwapGlobals);
      this.storeState(this.oldGlobalsSlot, result);
    }
    if (this.scope.exceptionStackSize === 0) {
      // Without a change of globals nothing has to be undone.
      if (!this.isGenerator) as.jumpIfZero(result, startLabel);
      as.loadLocalAddress(args[0], 0);
      this.call(Fun.NlrPush);
      as.jumpIfZero(result, startLabel, true);
    } else {
      const zero = as.zeroRegister();
      as.storeLocal(this.unwindSlot, zero);
      as.storeLocal(NLR_VALUE, zero);
      as.loadLabelAddress(locals[0], startLabel);
      this.labelAssign(nlrLabel);
      as.loadLocalAddress(args[0], 0);
      this.call(Fun.NlrPush);
      as.jumpIfNonZero(result, exceptLabel, true);
      as.storeLocal(this.handlerPcSlot, as.zeroRegister());
      as.jumpRegister(locals[0]);
      this.labelAssign(exceptLabel);
      as.loadLocal(locals[0], this.handlerPcSlot);
      as.jumpIfNonZero(locals[0], nlrLabel);
    }
    if (this.isGenerator) {
      as.loadLocal(roles.temps[0], NLR_VALUE);
      as.storeOffset(roles.temps[0], this.generatorState, STATE_VALUES, this.word);
      as.loadImmediate(result, Return.Exception);
      as.exit();
    } else {
      this.loadState(args[0], this.oldGlobalsSlot);
      this.call(Fun.NativeSwapGlobals);
      as.loadLocal(args[0], NLR_VALUE);
      this.call(Fun.Raise);
    }
    this.labelAssign(startLabel);
    if (this.isGenerator) {
      this.loadState(roles.temps[0], this.codeStateStart + STATE_IP);
      as.jumpRegister(roles.temps[0]);
      this.generatorStart = as.offset;
      this.raiseThrown();
    }
  }

  /** Raises what was thrown into a generator while it was suspended. */
  protected raiseThrown(): void {
    const { as, roles } = this;
    as.loadLocal(roles.args[0], this.throwSlot);
    as.storeNull(this.throwSlot, roles.args[1]);
    this.call(Fun.Raise);
  }

  protected handlerExit(): void {
    const { as, roles } = this;
    this.labelAssign(this.exitLabel);
    if (this.needsHandler) {
      const plain = this.scope.exceptionStackSize === 0;
      if (!this.isGenerator) {
        this.loadState(roles.args[0], this.oldGlobalsSlot);
        if (plain) as.jumpIfZero(roles.args[0], this.exitLabel + 1);
        this.call(Fun.NativeSwapGlobals);
      }
      this.call(Fun.NlrPop);
      if (!this.isGenerator && plain) this.labelAssign(this.exitLabel + 1);
      as.loadLocal(roles.result, this.resultSlot);
    }
    as.exit();
  }

  // Labels and jumps

  labelAssign(label: Label): void {
    const top = this.exceptions.at(-1);
    const isFinally = top?.isFinally === true && top.label === label;
    if (isFinally) {
      this.access(1, this.roles.temps[0]);
      this.as.storeLocal(NLR_VALUE, this.roles.temps[0]);
    }
    this.settle();
    this.as.assignLabel(label);
    if (isFinally) this.leaveException(false);
  }

  jump(label: Label): void {
    this.settle();
    this.as.jump(label);
    this.as.suppressed = true;
  }

  popJumpIf(condition: boolean, label: Label): void {
    this.jumpIf(condition, label, true);
  }
  jumpIfOrPop(condition: boolean, label: Label): void {
    this.jumpIf(condition, label, false);
  }

  protected jumpIf(condition: boolean, label: Label, pop: boolean): void {
    const { as, roles } = this;
    let type = this.typeAt(0);
    const isObject = type === ValueType.Object;
    if (isObject) {
      type = this.popInto(roles.args[0]);
      if (!pop) this.moveStack(1);
      this.call(Fun.ObjIsTrue);
    } else {
      type = this.popInto(roles.result);
      if (!pop) this.moveStack(1);
      if (type !== ValueType.Bool && !isInteger(type)) this.typeError(`can't implicitly convert '${typeName(type)}' to 'bool'`);
    }
    if (!pop) this.keptType = type;
    this.settle();
    if (condition) as.jumpIfNonZero(roles.result, label, isObject);
    else as.jumpIfZero(roles.result, label, isObject);
    if (!pop) this.moveStack(-1);
  }

  unwindJump(label: Label, exceptDepth: number, _fromFor: boolean): void {
    const { as, roles } = this;
    let target = label;
    if (exceptDepth > 0) {
      let first: ExceptionEntry | null = null;
      let previous: ExceptionEntry | null = null;
      let index = this.exceptions.length - 1;
      for (let depth = exceptDepth; depth > 0; depth--, index--) {
        const entry = this.exceptions[index];
        if (!entry.isFinally || !entry.isActive) continue;
        first ??= entry;
        if (previous !== null) previous.unwind = entry.label;
        previous = entry;
      }
      if (previous === null) {
        this.setHandlerPc(index);
      } else {
        // The last finally block makes the jump.
        previous.unwind = UNWIND_FINAL;
        as.loadLabelAddress(roles.result, label);
        as.storeLocal(this.unwindSlot, roles.result);
        as.loadImmediate(roles.result, 0);
        as.storeLocal(NLR_VALUE, roles.result);
        target = first!.label;
      }
    }
    this.jump(target);
  }

  returnValue(): void {
    const { as, roles } = this;
    const { args, result, temps } = roles;
    if (this.isGenerator) {
      this.popAddress(temps[0], 1);
      this.storeState(STATE_SP, temps[0]);
      as.loadImmediate(temps[0], Return.Normal);
      as.storeLocal(this.resultSlot, temps[0]);
      this.unwindJump(this.exitLabel, this.exceptions.length, false);
      return;
    }
    if (this.viper) {
      const expected = (this.scope.flags >> SCOPE_FLAG_VIPERRET_SHIFT) as ValueType;
      if (this.typeAt(0) === ValueType.None) {
        this.moveStack(-1);
        if (expected === ValueType.Object) this.loadTableEntry(result, Fun.ConstNone);
        else as.loadImmediate(args[0], 0);
      } else {
        const type = this.popInto(expected === ValueType.Object ? result : args[0]);
        if (type !== expected) this.typeError(`return expected '${typeName(expected)}' but got '${typeName(type)}'`);
      }
      if (expected !== ValueType.Object) this.callImmediate(Fun.ConvertNativeToObj, expected, args[1]);
    } else this.popInto(result);
    if (this.needsHandler) as.storeLocal(this.resultSlot, result);
    this.unwindJump(this.exitLabel, this.exceptions.length, false);
  }

  // Generators

  yield(from: boolean): void {
    const { as, roles, context } = this;
    const { args, result, temps } = roles;
    if (this.viper) this.notImplemented('native yield');
    this.scope.flags |= SCOPE_FLAG_GENERATOR;
    const resume = context.nextLabel;
    const again = context.nextLabel + 1;
    const entry = context.nextLabel + 2;
    this.settle();
    if (from) {
      this.jump(entry);
      this.labelAssign(again);
    }
    this.popAddress(temps[0], 1);
    this.storeState(STATE_SP, temps[0]);
    as.loadImmediate(temps[0], Return.Yield);
    as.storeLocal(this.resultSlot, temps[0]);
    as.loadLabelAddress(temps[0], resume);
    this.storeState(this.codeStateStart + STATE_IP, temps[0]);
    as.jump(this.exitLabel);

    as.assignLabel(resume);
    let active = this.exceptions.length - 1;
    while (active >= 0 && !this.exceptions[active].isActive) active--;
    if (active >= 0) this.setHandlerPc(active);
    this.adjustStackSize(1);
    if (!from) {
      this.raiseThrown();
      return;
    }
    this.labelAssign(entry);
    as.loadLocal(args[2], this.throwSlot);
    as.loadImmediate(args[1], 0);
    as.storeLocal(this.throwSlot, args[1]);
    this.popInto(args[1]);
    this.access(1, args[0]);
    this.push(ValueType.Object, args[2]);
    this.popAddress(args[2], 1);
    this.call(Fun.YieldFrom);
    as.jumpIfNonZero(result, again, true);
    this.adjustStackSize(1);
    this.dropBelowTop(args[0]);
  }
}
