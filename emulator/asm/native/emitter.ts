/**
 * The emitter for `@micropython.native` and `@micropython.viper`: machine code that keeps values in registers where it can and calls the runtime for the
 * rest. It makes the same code as py/emitnative.c of MicroPython 1.27.0 built for the cross-compiler.
 *
 * The frame of a function, in words from the stack pointer up: the buffer of `nlr_push`, the result and the address to unwind to (where there is an exception
 * handler); the state of a native function (see runtime-table.ts), of which viper has what it needs; the value stack, and the locals behind it, the first one
 * last. Generators have the state and what follows on the heap instead.
 */
import { AccessKind, BuildKind, type Emitter, ImportKind, type Label } from '../../compiler/emitter.ts';
import { BinaryOp, UnaryOp } from '../../compiler/operators.ts';
import type { Qstr } from '../../compiler/qstr-pool.ts';
import { CONST_ELLIPSIS, type Const } from '../../compiler/rawcode.ts';
import { type Scope, ScopeKind } from '../../compiler/scope.ts';
import { Token } from '../../compiler/token.ts';
import type { Operation } from './assembler.ts';
import { ExceptionBlocks } from './exceptions.ts';
import { REGISTER_LOCALS } from './flow.ts';
import { FUN_CONTEXT, Fun, ITERATOR_WORDS } from './runtime-table.ts';
import { isInteger, NATIVE_TYPES, Place, typeName, ValueType } from './value-stack.ts';

/** What the runtime's subscript function takes for a value when there is nothing to store. */
const SENTINEL = 4;

const OPERATIONS = new Map<BinaryOp, Operation>([
  [BinaryOp.Or, 'or'],
  [BinaryOp.Xor, 'xor'],
  [BinaryOp.And, 'and'],
  [BinaryOp.Add, 'add'],
  [BinaryOp.Subtract, 'subtract'],
  [BinaryOp.Multiply, 'multiply'],
]);

/** Names of operators in error messages; operators without one have the name of the empty string there. */
const OPERATOR_NAMES = new Map<BinaryOp, string>([
  [BinaryOp.MatrixMultiply, '__matmul__'],
  [BinaryOp.TrueDivide, '__truediv__'],
  [BinaryOp.Power, '__pow__'],
]);

/** An offset, as the assembler's functions take it. */
const int32 = (value: number | bigint): number => Number(BigInt.asIntN(32, BigInt(value)));

const MEMORY_SIZE = new Map<ValueType, number>([
  [ValueType.Ptr8, 0],
  [ValueType.Ptr16, 1],
  [ValueType.Ptr32, 2],
]);

export class NativeEmitter extends ExceptionBlocks implements Emitter {
  // Imports and constants

  import(name: Qstr, kind: ImportKind): void {
    const { args, result } = this.roles;
    if (kind === ImportKind.Star) {
      this.popInto(args[0]);
      this.call(Fun.ImportAll);
      return;
    }
    if (kind === ImportKind.From) {
      this.access(1, args[0]);
      this.callQstr(Fun.ImportFrom, name, args[1]);
    } else {
      // The names and the level must be objects, in viper code too.
      const { viper } = this;
      this.viper = false;
      this.popInto(args[1]);
      this.popInto(args[2]);
      this.viper = viper;
      this.callQstr(Fun.ImportName, name, args[0]);
    }
    this.push(ValueType.Object, result);
  }

  loadConstToken(token: Token): void {
    if (token === Token.Ellipsis) this.loadConstObject(CONST_ELLIPSIS);
    else if (token === Token.KwNone) this.pushConstant(ValueType.None, 0);
    else this.pushConstant(ValueType.Bool, token === Token.KwFalse ? 0 : 1);
  }
  loadConstSmallInt(value: number | bigint): void {
    const bits = 8 * this.as.wordBytes;
    this.pushConstant(ValueType.Int, bits === 64 ? BigInt.asIntN(64, BigInt(value)) : Number(BigInt.asIntN(32, BigInt(value))));
  }
  loadConstString(text: Qstr): void {
    this.loadConstantObject(this.context.textOf(text));
  }
  loadConstObject(value: Const): void {
    this.loadConstantObject(value);
  }
  private loadConstantObject(value: Const): void {
    const temp = this.roles.temps[0];
    this.need(temp);
    this.loadObject(temp, value);
    this.push(ValueType.Object, temp);
  }
  loadNull(): void {
    this.pushConstant(ValueType.Object, 0);
  }

  // Names

  local(access: AccessKind, name: Qstr, localNumber: number, deref: boolean): void {
    if (access === AccessKind.Load) {
      if (deref) this.loadCell(name, localNumber);
      else this.loadFast(name, localNumber);
    } else if (access === AccessKind.Store) {
      if (deref) this.storeCell(name, localNumber);
      else this.storeFast(name, localNumber);
    } else if (!deref) {
      // A deleted local is not told from None; deleting a cell does nothing.
      this.loadConstToken(Token.KwNone);
      this.storeFast(name, localNumber);
    }
  }

  private loadFast(name: Qstr, local: number): void {
    const type = this.localTypes[local];
    if (type === ValueType.Unbound) this.typeError(`local '${this.context.pool.decode(name)}' used before type known`);
    if (local < REGISTER_LOCALS && this.hasRegisterLocals) {
      this.push(type, this.roles.locals[local]);
      return;
    }
    const temp = this.roles.temps[0];
    this.need(temp);
    this.loadState(temp, this.localSlot(local));
    this.push(type, temp);
  }

  private storeFast(name: Qstr, local: number): void {
    let type: ValueType;
    if (local < REGISTER_LOCALS && this.hasRegisterLocals) type = this.popInto(this.roles.locals[local]);
    else {
      type = this.popInto(this.roles.temps[0]);
      this.storeState(this.localSlot(local), this.roles.temps[0]);
    }
    const known = this.localTypes[local];
    if (known === ValueType.Unbound) this.localTypes[local] = type;
    else if (known !== type)
      this.typeError(`local '${this.context.pool.decode(name)}' has type '${typeName(known)}' but source is '${typeName(type)}'`);
  }

  private loadCell(name: Qstr, local: number): void {
    const { result } = this.roles;
    this.need(result);
    this.loadFast(name, local);
    const { register } = this.popAnywhere(result, -1, -1);
    this.as.loadOffset(result, register, 1, this.word);
    this.push(ValueType.Object, result);
  }

  private storeCell(name: Qstr, local: number): void {
    const { temps } = this.roles;
    this.need(temps[0]);
    this.need(temps[1]);
    this.loadFast(name, local);
    const { register: base } = this.popAnywhere(temps[0], -1, -1);
    const { register: source } = this.popAnywhere(temps[1], base, base);
    this.as.storeOffset(source, base, 1, this.word);
  }

  global(access: AccessKind, name: Qstr, byName: boolean): void {
    const { args, result } = this.roles;
    if (access === AccessKind.Load) {
      const cast = this.viper && !byName ? NATIVE_TYPES.get(this.context.pool.decode(name)) : undefined;
      if (cast !== undefined && cast >= 1) {
        this.pushConstant(ValueType.Cast, cast);
        return;
      }
      this.callQstr(byName ? Fun.LoadName : Fun.LoadGlobal, name, args[0]);
      this.push(ValueType.Object, result);
    } else if (access === AccessKind.Store) {
      if (byName || this.typeAt(0) === ValueType.Object) this.popInto(args[1]);
      else this.popAsObject(args[1]);
      this.callQstr(byName ? Fun.StoreName : Fun.StoreGlobal, name, args[0]);
    } else this.callQstr(byName ? Fun.DeleteName : Fun.DeleteGlobal, name, args[0]);
  }

  /** Pops a native value and converts it. */
  private popAsObject(rd: number): void {
    const { args, result } = this.roles;
    const type = this.popInto(args[0]);
    this.callImmediate(Fun.ConvertNativeToObj, type, args[1]);
    this.as.move(rd, result);
  }

  attribute(name: Qstr, access: AccessKind): void {
    const { as, roles } = this;
    const { args, result } = roles;
    switch (access) {
      case AccessKind.Load:
        this.popInto(args[0]);
        this.callQstr(Fun.LoadAttr, name, args[1]);
        this.push(ValueType.Object, result);
        return;
      case AccessKind.Store:
        if (this.typeAt(1) === ValueType.Object) {
          this.popInto(args[0]);
          this.popInto(args[2]);
        } else {
          const type = this.access(2, args[0]);
          this.callImmediate(Fun.ConvertNativeToObj, type, args[1]);
          as.move(args[2], result);
          this.popInto(args[0]);
          this.moveStack(-1);
        }
        this.callQstr(Fun.StoreAttr, name, args[1]);
        return;
      default:
        this.popInto(args[0]);
        as.operate('xor', args[2], args[2]);
        this.callQstr(Fun.StoreAttr, name, args[1]);
    }
  }

  loadMethod(name: Qstr, isSuper: boolean): void {
    const { args } = this.roles;
    if (isSuper) {
      this.popAddress(args[1], 3);
      this.pushAddress(args[1], 2);
      this.callQstr(Fun.LoadSuperMethod, name, args[0]);
      return;
    }
    this.popInto(args[0]);
    this.pushAddress(args[2], 2);
    this.callQstr(Fun.LoadMethod, name, args[1]);
  }

  loadBuildClass(): void {
    this.call(Fun.LoadBuildClass);
    this.push(ValueType.Object, this.roles.result);
  }

  // Subscripts

  subscript(access: AccessKind): void {
    const { args } = this.roles;
    if (access === AccessKind.Load) this.loadSubscript();
    else if (access === AccessKind.Store) this.storeSubscript();
    else {
      this.popInto(args[1]);
      this.popInto(args[0]);
      this.callImmediate(Fun.ObjSubscr, 0, args[2]);
    }
  }

  private loadSubscript(): void {
    const { as, roles } = this;
    const { args, result } = roles;
    if (this.typeAt(1) === ValueType.Object) {
      if (this.typeAt(0) === ValueType.Object) this.popInto(args[1]);
      else this.popAsObject(args[1]);
      this.popInto(args[0]);
      this.callImmediate(Fun.ObjSubscr, SENTINEL, args[2]);
      this.push(ValueType.Object, result);
      return;
    }
    const top = this.value(0);
    if (top.type === ValueType.Int && top.place === Place.Immediate) {
      const index = int32(top.data);
      this.moveStack(-1);
      const { type, register: base } = this.popAnywhere(args[0], args[1], args[1]);
      this.need(result);
      const size = MEMORY_SIZE.get(type);
      if (size === undefined) this.typeError(`can't load from '${typeName(type)}'`);
      else as.loadOffset(result, base, index, size);
    } else {
      const { type: indexType, register: index } = this.popAnywhere(args[1], args[0], args[0]);
      const type = this.popInto(args[0]);
      this.need(result);
      if (!isInteger(indexType)) this.typeError(`can't load with '${typeName(indexType)}' index`);
      const size = MEMORY_SIZE.get(type);
      if (size === undefined) this.typeError(`can't load from '${typeName(type)}'`);
      else as.loadIndexed(result, args[0], index, size);
    }
    this.push(ValueType.Int, result);
  }

  private storeSubscript(): void {
    const { as, roles } = this;
    const { args } = roles;
    if (this.typeAt(1) === ValueType.Object) {
      if (this.typeAt(0) !== ValueType.Object || this.typeAt(2) !== ValueType.Object) {
        this.popAddress(args[0], 3);
        this.moveStack(3);
      }
      this.popInto(args[1]);
      this.popInto(args[0]);
      this.popInto(args[2]);
      this.call(Fun.ObjSubscr);
      return;
    }
    const top = this.value(0);
    if (top.type === ValueType.Int && top.place === Place.Immediate) {
      const offset = int32(top.data);
      this.moveStack(-1);
      const { type, register: base } = this.popAnywhere(args[0], args[1], args[2]);
      const { type: valueType, register: source } = this.popStored(base, args[1]);
      this.checkStored(valueType);
      const size = MEMORY_SIZE.get(type);
      if (size === undefined) this.typeError(`can't store to '${typeName(type)}'`);
      else as.storeOffset(source, base, offset, size);
      return;
    }
    const { type: indexType, register: index } = this.popAnywhere(args[1], args[0], args[2]);
    const type = this.popInto(args[0]);
    if (!isInteger(indexType)) this.typeError(`can't store with '${typeName(indexType)}' index`);
    const { type: valueType, register: source } = this.popStored(args[0], index);
    this.checkStored(valueType);
    const size = MEMORY_SIZE.get(type);
    if (size === undefined) this.typeError(`can't store to '${typeName(type)}'`);
    else as.storeIndexed(source, args[0], index, size);
  }

  /** Pops what is to be stored, into a register that can be stored from. */
  private popStored(not1: number, not2: number): { type: ValueType; register: number } {
    const register = this.roles.args[2];
    return this.as.storesAnyRegister ? this.popAnywhere(register, not1, not2) : { type: this.popInto(register), register };
  }

  private checkStored(type: ValueType): void {
    if (type !== ValueType.Bool && !isInteger(type)) this.typeError(`can't store '${typeName(type)}'`);
  }

  // Iteration

  getIter(onStack: boolean): void {
    const { args, result } = this.roles;
    this.popInto(args[0]);
    if (onStack) {
      this.pushAddress(args[1], ITERATOR_WORDS);
      this.call(Fun.GetIter);
      return;
    }
    this.as.loadImmediate(args[1], 0);
    this.call(Fun.GetIter);
    this.push(ValueType.Object, result);
  }
  forIter(label: Label): void {
    const { args, result } = this.roles;
    this.popAddress(args[0], ITERATOR_WORDS);
    this.moveStack(ITERATOR_WORDS);
    this.call(Fun.IterNext);
    this.as.jumpIfZero(result, label);
    this.push(ValueType.Object, result);
  }
  forIterEnd(): void {
    this.moveStack(-ITERATOR_WORDS);
  }

  // Operators

  unary(op: UnaryOp): void {
    const { as, roles } = this;
    const { args, result } = roles;
    const type = this.typeAt(0);
    if (isInteger(type)) {
      if (op === UnaryOp.Positive) return;
      if (op === UnaryOp.Not) {
        this.typeError("'not' not implemented");
        return;
      }
      const { register } = this.popAnywhere(result, result, result);
      if (op === UnaryOp.Negative) as.negate(register);
      else as.invert(register);
      this.push(type, register);
    } else if (type === ValueType.Object) {
      this.popInto(args[1]);
      this.callImmediate(Fun.UnaryOp, op, args[0]);
      this.push(ValueType.Object, result);
    } else this.typeError(`can't do unary op of '${typeName(type)}'`);
  }

  binary(op: BinaryOp): void {
    const left = this.typeAt(1);
    const right = this.typeAt(0);
    if (isInteger(left) && isInteger(right)) this.binaryIntegers(op);
    else if (left === ValueType.Object && right === ValueType.Object) this.binaryObjects(op);
    else {
      this.moveStack(-1);
      this.typeError(`can't do binary op between '${typeName(left)}' and '${typeName(right)}'`);
    }
  }

  private binaryObjects(op: BinaryOp): void {
    const { as, roles } = this;
    const { args, result } = roles;
    this.popInto(args[2]);
    this.popInto(args[1]);
    const inverted = op === BinaryOp.NotIn || op === BinaryOp.IsNot;
    this.callImmediate(Fun.BinaryOp, op === BinaryOp.NotIn ? BinaryOp.In : op === BinaryOp.IsNot ? BinaryOp.Is : op, args[0]);
    if (inverted) {
      as.move(args[1], result);
      this.callImmediate(Fun.UnaryOp, UnaryOp.Not, args[0]);
    }
    this.push(ValueType.Object, result);
  }

  private binaryIntegers(given: BinaryOp): void {
    const { as, roles } = this;
    const { args, result } = roles;
    const op = given >= BinaryOp.InplaceOr && given <= BinaryOp.InplacePower ? given + (BinaryOp.Or - BinaryOp.InplaceOr) : given;
    const isShift = op === BinaryOp.LeftShift || op === BinaryOp.RightShift;
    if (isShift && as.shiftCount !== undefined) {
      this.popInto(as.shiftCount);
      this.shift(op, this.popInto(result), result, as.shiftCount);
      return;
    }
    if (op === BinaryOp.FloorDivide || op === BinaryOp.Modulo) {
      this.popInto(args[1]);
      if (this.popInto(args[0]) !== ValueType.Int) this.typeError('div/mod not implemented for uint');
      this.call(op === BinaryOp.FloorDivide ? Fun.SmallIntFloorDivide : Fun.SmallIntModulo);
      this.push(ValueType.Int, result);
      return;
    }
    const { type: right, register: operand } = this.popAnywhere(args[2], result, args[1]);
    const left = this.popInto(args[1]);
    if (isShift) {
      this.shift(op, left, args[1], operand);
      return;
    }
    const operation = OPERATIONS.get(op);
    if (operation !== undefined) {
      as.operate(operation, args[1], operand);
      this.push(left, args[1]);
    } else if (op <= BinaryOp.NotEqual) {
      if (left !== right) this.typeError('comparison of int and uint');
      this.need(result);
      as.compare(op, left === ValueType.Uint, result, args[1], operand);
      this.push(ValueType.Bool, result);
    } else {
      this.moveStack(1);
      this.typeError(`binary op ${(this.namesOperators && OPERATOR_NAMES.get(op)) || ''} not implemented`);
    }
  }

  private shift(op: BinaryOp, type: ValueType, register: number, count: number): void {
    const operation = op === BinaryOp.LeftShift ? 'shiftLeft' : type === ValueType.Uint ? 'shiftRight' : 'shiftRightArithmetic';
    this.as.operate(operation, register, count);
    this.push(type, register);
  }

  // Building objects

  build(count: number, kind: BuildKind): void {
    const { args, result } = this.roles;
    if (kind === BuildKind.Slice) {
      if (count === 2) {
        this.popInto(args[1]);
        this.popInto(args[0]);
        this.loadTableEntry(args[2], Fun.ConstNone);
      } else {
        this.popInto(args[2]);
        this.popInto(args[1]);
        this.popInto(args[0]);
      }
      this.call(Fun.NewSlice);
    } else {
      if (kind !== BuildKind.Map) this.popAddress(args[1], count);
      this.callImmediate(Fun.BuildTuple + kind, count, args[0]);
    }
    this.push(ValueType.Object, result);
  }

  storeMap(): void {
    const { args, result } = this.roles;
    this.popInto(args[1]);
    this.popInto(args[2]);
    this.popInto(args[0]);
    this.call(Fun.StoreMap);
    this.push(ValueType.Object, result);
  }

  storeComprehension(kind: ScopeKind, stackIndex: number): void {
    const { args } = this.roles;
    this.popInto(args[1]);
    if (kind === ScopeKind.DictComprehension) this.popInto(args[2]);
    this.access(stackIndex, args[0]);
    this.call(kind === ScopeKind.ListComprehension ? Fun.ListAppend : kind === ScopeKind.SetComprehension ? Fun.StoreSet : Fun.StoreMap);
  }

  unpackSequence(count: number): void {
    const { args } = this.roles;
    this.popInto(args[0]);
    this.pushAddress(args[2], count);
    this.callImmediate(Fun.UnpackSequence, count, args[1]);
  }
  unpackEx(left: number, right: number): void {
    const { args } = this.roles;
    this.popInto(args[0]);
    this.pushAddress(args[2], left + right + 1);
    this.callImmediate(Fun.UnpackEx, left | (right << 8), args[1]);
  }

  // Functions

  makeFunction(scope: Scope, posDefaults: number, kwDefaults: number): void {
    const { as, roles } = this;
    const { args, result } = roles;
    this.loadContext(args[1]);
    if (posDefaults === 0 && kwDefaults === 0) {
      this.needAll();
      as.loadImmediate(args[2], 0);
    } else {
      this.popAddress(args[2], 2);
      this.needAll();
    }
    this.loadChild(args[0], scope);
    as.callTable(Fun.MakeFunction);
    this.push(ValueType.Object, result);
  }

  makeClosure(scope: Scope, closedOver: number, posDefaults: number, kwDefaults: number): void {
    const { as, roles } = this;
    const { args, result } = roles;
    const hasDefaults = posDefaults !== 0 || kwDefaults !== 0;
    this.loadContext(args[1]);
    if (!hasDefaults) {
      this.needAll();
      as.loadImmediate(args[2], 0);
    } else {
      this.popAddress(args[2], 2 + closedOver);
      this.moveStack(2 + closedOver);
      this.needAll();
    }
    this.loadChild(args[0], scope);
    as.callTable(Fun.MakeFunction);
    if (args[0] !== result) as.move(args[0], result);
    as.loadImmediate(args[1], closedOver);
    this.popAddress(args[2], closedOver);
    if (hasDefaults) this.moveStack(-2);
    as.callTable(Fun.NewClosure);
    this.push(ValueType.Object, result);
  }

  private loadContext(rd: number): void {
    this.loadState(rd, this.functionSlot);
    this.as.loadOffset(rd, rd, FUN_CONTEXT, this.word);
  }

  callFunction(positional: number, keyword: number, stars: number): void {
    const { args, result } = this.roles;
    const values = positional + 2 * keyword;
    if (this.typeAt(values) === ValueType.Cast) {
      this.cast();
      return;
    }
    if (stars !== 0) {
      this.popAddress(args[2], values + 2);
      this.callTwoImmediates(Fun.CallMethodVar, 0, args[0], positional | (keyword << 8), args[1]);
    } else {
      if (values !== 0) this.popAddress(args[2], values);
      this.popInto(args[0]);
      this.callImmediate(Fun.CallFunction, positional | (keyword << 8), args[1]);
    }
    this.push(ValueType.Object, result);
  }

  private cast(): void {
    const { args, result } = this.roles;
    const target = this.value(1).data as ValueType;
    const type = this.typeAt(0);
    if (type === ValueType.Object) {
      this.popInto(args[0]);
      this.moveStack(-1);
      this.callImmediate(Fun.ConvertObjToNative, target, args[1]);
      this.push(target, result);
    } else if (type <= ValueType.Ptr32 || type === ValueType.None) {
      this.dropBelowTop(args[0]);
      this.value(0).type = target;
    } else this.notImplemented('casting');
  }

  callMethod(positional: number, keyword: number, stars: number): void {
    const { args, result } = this.roles;
    const values = positional + 2 * keyword;
    if (stars !== 0) {
      this.popAddress(args[2], values + 3);
      this.callTwoImmediates(Fun.CallMethodVar, 1, args[0], positional | (keyword << 8), args[1]);
    } else {
      this.popAddress(args[2], 2 + values);
      this.callTwoImmediates(Fun.CallMethod, positional, args[0], keyword, args[1]);
    }
    this.push(ValueType.Object, result);
  }
}
