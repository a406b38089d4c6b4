/** The bytecode emitter (py/emitbc.c of MicroPython 1.27.0): the same bytes for the same calls. */
import { AccessKind, BuildKind, type EmitContext, type Emitter, ImportKind, type Label, Pass, SetupKind } from './emitter.ts';
import { ITERATOR_SLOTS, Op, SMALL_INT_MULTI_MAX, SMALL_INT_MULTI_MIN } from './opcodes.ts';
import { BinaryOp, UnaryOp } from './operators.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import { CONST_ELLIPSIS, CodeKind, CompileError, type Const, SCOPE_FLAG_GENERATOR } from './rawcode.ts';
import { EmitOption, NAME_IS_PARAMETER, NameKind, type Scope, ScopeKind } from './scope.ts';
import { Token } from './token.ts';

/** Scope flags that the prelude holds. */
const PRELUDE_FLAGS = 0x0f;

export class BytecodeEmitter implements Emitter {
  private pass = Pass.Scope;
  private scope!: Scope;
  /** After an unconditional jump nothing is written until the next label. */
  private suppress = false;
  private stackSize = 0;
  private lastLine = 1;
  private lastLineOffset = 0;
  private labelOffsets = new Int32Array(0);

  /** The prelude and line numbers (info) come before the bytecode proper; each has its own write position. */
  private infoOffset = 0;
  private infoSize = 0;
  private codeOffset = 0;
  private codeSize = 0;
  private bytes = new Uint8Array(0);
  private overflow = false;
  private infoLength = 0;
  private cellCount = 0;

  constructor(
    private readonly context: EmitContext,
    private readonly noLineNumbers: boolean,
  ) {}

  setMaxLabels(count: number): void {
    this.labelOffsets = new Int32Array(count);
  }

  startPass(pass: Pass, scope: Scope): void {
    this.pass = pass;
    this.scope = scope;
    this.stackSize = 0;
    this.suppress = false;
    this.lastLine = 1;
    this.lastLineOffset = 0;
    this.infoOffset = 0;
    this.codeOffset = 0;
    this.overflow = false;

    this.writeSignature();
    if (pass >= Pass.CodeSize) this.writePreludeSize();
    this.infoLength = this.infoOffset;
    this.infoQstr(scope.simpleName);
    const args = scope.numPosArgs + scope.numKwOnlyArgs;
    for (let i = 0; i < args; i++) {
      let name: Qstr = Q.star;
      for (const info of scope.names) {
        if ((info.flags & NAME_IS_PARAMETER) !== 0 && info.localNumber === i) {
          name = info.name;
          break;
        }
      }
      this.infoQstr(name);
    }
  }

  endPass(): boolean {
    if (this.pass === Pass.Scope) return true;
    this.infoLength = this.infoOffset - this.infoLength;
    this.cellCount = 0;
    for (const info of this.scope.names) {
      if (info.kind !== NameKind.Cell) continue;
      this.infoByte(info.localNumber & 0xff);
      this.cellCount++;
    }
    if (this.pass === Pass.CodeSize) {
      this.infoSize = this.infoOffset;
      this.codeSize = this.codeOffset;
      this.bytes = new Uint8Array(this.infoSize + this.codeSize);
    } else if (this.pass === Pass.Emit) {
      if (this.infoOffset !== this.infoSize || this.codeOffset !== this.codeSize) {
        this.infoSize = this.infoOffset;
        this.codeSize = this.codeOffset;
        return false;
      }
      if (this.overflow) throw new CompileError('RuntimeError', 'bytecode overflow', '', 0, null);
      const { scope } = this;
      scope.rawCode = {
        kind: CodeKind.Bytecode,
        code: this.bytes.subarray(0, this.infoSize + this.codeSize),
        children: [],
        scopeFlags: scope.flags,
        ...(scope.emit === EmitOption.NativePython ? { emitter: 'native' as const } : {}),
      };
    }
    return true;
  }

  // Prelude

  /** State size, exception stack, flags and argument counts, their bits interleaved as xSSSSEAA xFSSKAED… (py/bc.h). */
  private writeSignature(): void {
    const { scope } = this;
    let state = Math.max(scope.numLocals + scope.stackSize, 1) - 1;
    let exceptions = scope.exceptionStackSize;
    let flags = scope.flags & PRELUDE_FLAGS;
    let positional = scope.numPosArgs;
    let keyword = scope.numKwOnlyArgs;
    let defaults = scope.numDefPosArgs;
    let byte = ((state & 0xf) << 3) | ((exceptions & 1) << 2) | (positional & 3);
    state >>= 4;
    exceptions >>= 1;
    positional >>= 2;
    while ((state | exceptions | flags | positional | keyword | defaults) !== 0) {
      this.infoByte(0x80 | byte);
      byte =
        ((flags & 1) << 6) | ((state & 3) << 4) | ((keyword & 1) << 3) | ((positional & 1) << 2) | ((exceptions & 1) << 1) | (defaults & 1);
      state >>= 2;
      exceptions >>= 1;
      flags >>= 1;
      positional >>= 1;
      keyword >>= 1;
      defaults >>= 1;
    }
    this.infoByte(byte);
  }

  /** Length of the info and number of cells, as xIIIIIIC repeated. */
  private writePreludeSize(): void {
    let info = this.infoLength;
    let cells = this.cellCount;
    do {
      let byte = ((info & 0x3f) << 1) | (cells & 1);
      cells >>= 1;
      info >>= 6;
      if ((cells | info) !== 0) byte |= 0x80;
      this.infoByte(byte);
    } while ((cells | info) !== 0);
  }

  private infoByte(byte: number): void {
    if (this.pass === Pass.Emit) this.bytes[this.infoOffset] = byte;
    this.infoOffset++;
  }

  private infoQstr(qstr: Qstr): void {
    const index = this.context.useQstr(qstr);
    if (this.pass === Pass.Emit) this.writeUint(this.infoOffset, index);
    this.infoOffset += uintLength(index);
  }

  setSourceLine(line: number): void {
    if (this.noLineNumbers || line <= this.lastLine) return;
    let bytes = this.codeOffset - this.lastLineOffset;
    let lines = line - this.lastLine;
    this.lastLineOffset = this.codeOffset;
    this.lastLine = line;
    while (bytes > 0 || lines > 0) {
      if (lines <= 6 || bytes > 0xf) {
        const skip = Math.min(bytes, 0x1f);
        const advance = skip < bytes ? 0 : Math.min(lines, 3);
        this.infoByte(skip | (advance << 5));
        bytes -= skip;
        lines -= advance;
      } else {
        const advance = Math.min(lines, 0x7ff);
        this.infoByte(0x80 | bytes | ((advance >> 4) & 0x70));
        this.infoByte(advance & 0xff);
        bytes = 0;
        lines -= advance;
      }
    }
  }

  // Writing bytecode

  adjustStackSize(delta: number): void {
    if (this.pass === Pass.Scope) return;
    this.stackSize += delta;
    if (this.stackSize > this.scope.stackSize) this.scope.stackSize = this.stackSize;
  }

  private rawByte(byte: number): void {
    if (this.suppress) return;
    if (this.pass === Pass.Emit) this.bytes[this.infoSize + this.codeOffset] = byte;
    this.codeOffset++;
  }

  private op(stack: number, op: number): void {
    if (this.pass !== Pass.Scope) {
      this.stackSize += stack;
      if (this.stackSize > this.scope.stackSize) this.scope.stackSize = this.stackSize;
    }
    if (this.suppress) return;
    if (this.pass === Pass.Emit) this.bytes[this.infoSize + this.codeOffset] = op;
    this.codeOffset++;
  }

  private opUint(stack: number, op: number, value: number): void {
    this.op(stack, op);
    if (this.suppress) return;
    if (this.pass === Pass.Emit) this.writeUint(this.infoSize + this.codeOffset, value);
    this.codeOffset += uintLength(value);
  }

  private opQstr(stack: number, op: number, qstr: Qstr): void {
    this.opUint(stack, op, this.context.useQstr(qstr));
  }

  private opLabel(stack: number, op: Op, label: Label): void {
    this.adjustStackSize(stack);
    if (this.suppress) return;
    const signed = op <= Op.PopJumpIfFalse;
    // Jumps are taken to be long until the labels are known.
    let long = true;
    let offset = 0;
    if (this.pass >= Pass.CodeSize) {
      offset = this.labelOffsets[label]! - this.codeOffset - 2;
      if (signed ? offset >= -64 && offset <= 63 : offset >= 0 && offset <= 127) long = false;
      else offset--;
    }
    if (this.pass === Pass.Emit) {
      const at = this.infoSize + this.codeOffset;
      this.bytes[at] = op;
      if (!long) {
        this.bytes[at + 1] = signed ? offset + 0x40 : offset;
      } else {
        if (signed) offset += 0x4000;
        if (offset < 0 || offset > 0x7fff) this.overflow = true;
        this.bytes[at + 1] = 0x80 | (offset & 0x7f);
        this.bytes[at + 2] = offset >> 7;
      }
    }
    this.codeOffset += long ? 3 : 2;
  }

  /** Seven bits a byte, most significant first. */
  private writeUint(at: number, value: number): void {
    let end = at + uintLength(value) - 1;
    this.bytes[end] = value & 0x7f;
    while (end > at) {
      value >>>= 7;
      this.bytes[--end] = 0x80 | (value & 0x7f);
    }
  }

  // The emitter's interface

  local(access: AccessKind, _name: Qstr, localNumber: number, deref: boolean): void {
    switch (access) {
      case AccessKind.Load:
        if (deref) this.opUint(1, Op.LoadDeref, localNumber);
        else if (localNumber <= 15) this.op(1, Op.LoadFastMulti + localNumber);
        else this.opUint(1, Op.LoadFastN, localNumber);
        break;
      case AccessKind.Store:
        if (deref) this.opUint(-1, Op.StoreDeref, localNumber);
        else if (localNumber <= 15) this.op(-1, Op.StoreFastMulti + localNumber);
        else this.opUint(-1, Op.StoreFastN, localNumber);
        break;
      default:
        this.opUint(0, deref ? Op.DeleteDeref : Op.DeleteFast, localNumber);
    }
  }

  global(access: AccessKind, name: Qstr, byName: boolean): void {
    switch (access) {
      case AccessKind.Load:
        this.opQstr(1, byName ? Op.LoadName : Op.LoadGlobal, name);
        break;
      case AccessKind.Store:
        this.opQstr(-1, byName ? Op.StoreName : Op.StoreGlobal, name);
        break;
      default:
        this.opQstr(0, byName ? Op.DeleteName : Op.DeleteGlobal, name);
    }
  }

  labelAssign(label: Label): void {
    this.suppress = false;
    if (this.pass !== Pass.Scope) this.labelOffsets[label] = this.codeOffset;
  }

  import(name: Qstr, kind: ImportKind): void {
    if (kind === ImportKind.Star) this.op(-1, Op.ImportStar);
    else if (kind === ImportKind.From) this.opQstr(1, Op.ImportFrom, name);
    else this.opQstr(-1, Op.ImportName, name);
  }

  loadConstToken(token: Token): void {
    if (token === Token.Ellipsis) this.loadConstObject(CONST_ELLIPSIS);
    else this.op(1, Op.LoadConstFalse + (token - Token.KwFalse));
  }

  loadConstSmallInt(value: number | bigint): void {
    if (value >= SMALL_INT_MULTI_MIN && value <= SMALL_INT_MULTI_MAX) {
      this.op(1, Op.LoadConstSmallIntMulti + Number(value) - SMALL_INT_MULTI_MIN);
      return;
    }
    this.op(1, Op.LoadConstSmallInt);
    const groups = signedGroups(value);
    for (let i = groups.length - 1; i >= 0; i--) this.rawByte(i > 0 ? groups[i]! | 0x80 : groups[i]!);
  }

  loadConstString(text: Qstr): void {
    this.opQstr(1, Op.LoadConstString, text);
  }

  loadConstObject(value: Const): void {
    this.opUint(1, Op.LoadConstObj, this.context.useConst(value));
  }

  loadNull(): void {
    this.op(1, Op.LoadNull);
  }

  loadMethod(name: Qstr, isSuper: boolean): void {
    if (isSuper) this.opQstr(-1, Op.LoadSuperMethod, name);
    else this.opQstr(1, Op.LoadMethod, name);
  }

  loadBuildClass(): void {
    this.op(1, Op.LoadBuildClass);
  }

  subscript(access: AccessKind): void {
    if (access === AccessKind.Load) {
      this.op(-1, Op.LoadSubscr);
      return;
    }
    if (access === AccessKind.Delete) {
      this.loadNull();
      this.rotThree();
    }
    this.op(-3, Op.StoreSubscr);
  }

  attribute(name: Qstr, access: AccessKind): void {
    if (access === AccessKind.Load) {
      this.opQstr(0, Op.LoadAttr, name);
      return;
    }
    if (access === AccessKind.Delete) {
      this.loadNull();
      this.rotTwo();
    }
    this.opQstr(-2, Op.StoreAttr, name);
  }

  dupTop(): void {
    this.op(1, Op.DupTop);
  }

  dupTopTwo(): void {
    this.op(2, Op.DupTopTwo);
  }

  popTop(): void {
    this.op(-1, Op.PopTop);
  }

  rotTwo(): void {
    this.op(0, Op.RotTwo);
  }

  rotThree(): void {
    this.op(0, Op.RotThree);
  }

  jump(label: Label): void {
    this.opLabel(0, Op.Jump, label);
    this.suppress = true;
  }

  popJumpIf(condition: boolean, label: Label): void {
    this.opLabel(-1, condition ? Op.PopJumpIfTrue : Op.PopJumpIfFalse, label);
  }

  jumpIfOrPop(condition: boolean, label: Label): void {
    this.opLabel(-1, condition ? Op.JumpIfTrueOrPop : Op.JumpIfFalseOrPop, label);
  }

  unwindJump(label: Label, exceptDepth: number, fromFor: boolean): void {
    if (exceptDepth === 0) {
      if (fromFor) for (let i = 0; i < ITERATOR_SLOTS; i++) this.rawByte(Op.PopTop);
      this.opLabel(0, Op.Jump, label);
    } else {
      this.opLabel(0, Op.UnwindJump, label);
      this.rawByte((fromFor ? 0x80 : 0) | (exceptDepth & 0xff));
    }
    this.suppress = true;
  }

  setupBlock(label: Label, kind: SetupKind): void {
    // `with` takes the context manager and leaves its __exit__, itself and the value for `as`.
    this.opLabel(kind === SetupKind.With ? 2 : 0, Op.SetupWith + kind, label);
  }

  withCleanup(label: Label): void {
    this.loadConstToken(Token.KwNone);
    this.labelAssign(label);
    // Two more for the call of __exit__, which go again with the two of setupBlock.
    this.op(2, Op.WithCleanup);
    this.adjustStackSize(-4);
  }

  asyncWithSetupFinally(noException: Label, finallyBlock: Label, returnOrUnwind: Label): void {
    this.loadConstToken(Token.KwNone);
    this.rotTwo();
    this.jump(noException);
    this.labelAssign(finallyBlock);
    this.dupTop();
    this.global(AccessKind.Load, Q.BaseException, false);
    this.binary(BinaryOp.ExceptionMatch);
    this.popJumpIf(false, returnOrUnwind);
  }

  endFinally(): void {
    this.op(-1, Op.EndFinally);
  }

  getIter(onStack: boolean): void {
    if (onStack) this.op(ITERATOR_SLOTS - 1, Op.GetIterStack);
    else this.op(0, Op.GetIter);
  }

  forIter(label: Label): void {
    this.opLabel(1, Op.ForIter, label);
  }

  forIterEnd(): void {
    this.adjustStackSize(-ITERATOR_SLOTS);
  }

  popExceptJump(label: Label, _withinHandler: boolean): void {
    this.opLabel(0, Op.PopExceptJump, label);
    this.suppress = true;
  }

  unary(op: UnaryOp): void {
    this.op(0, Op.UnaryOpMulti + op);
  }

  binary(op: BinaryOp): void {
    if (op === BinaryOp.NotIn || op === BinaryOp.IsNot) {
      this.op(-1, Op.BinaryOpMulti + (op === BinaryOp.NotIn ? BinaryOp.In : BinaryOp.Is));
      this.op(0, Op.UnaryOpMulti + UnaryOp.Not);
    } else {
      this.op(-1, Op.BinaryOpMulti + op);
    }
  }

  build(count: number, kind: BuildKind): void {
    this.opUint(kind === BuildKind.Map ? 1 : 1 - count, Op.BuildTuple + kind, count);
  }

  storeMap(): void {
    this.op(-2, Op.StoreMap);
  }

  storeComprehension(kind: ScopeKind, stackIndex: number): void {
    if (kind === ScopeKind.ListComprehension) this.opUint(-1, Op.StoreComp, stackIndex << 2);
    else if (kind === ScopeKind.DictComprehension) this.opUint(-2, Op.StoreComp, ((stackIndex + 1) << 2) | 1);
    else this.opUint(-1, Op.StoreComp, (stackIndex << 2) | 2);
  }

  unpackSequence(count: number): void {
    this.opUint(count - 1, Op.UnpackSequence, count);
  }

  unpackEx(left: number, right: number): void {
    this.opUint(left + right, Op.UnpackEx, left | (right << 8));
  }

  makeFunction(scope: Scope, posDefaults: number, kwDefaults: number): void {
    const child = this.context.useChild(scope);
    if (posDefaults === 0 && kwDefaults === 0) this.opUint(1, Op.MakeFunction, child);
    else this.opUint(-1, Op.MakeFunctionDefArgs, child);
  }

  makeClosure(scope: Scope, closedOver: number, posDefaults: number, kwDefaults: number): void {
    const child = this.context.useChild(scope);
    if (posDefaults === 0 && kwDefaults === 0) this.opUint(1 - closedOver, Op.MakeClosure, child);
    else this.opUint(-1 - closedOver, Op.MakeClosureDefArgs, child);
    this.rawByte(closedOver & 0xff);
  }

  callFunction(positional: number, keyword: number, stars: number): void {
    this.call(0, Op.CallFunction, positional, keyword, stars);
  }

  callMethod(positional: number, keyword: number, stars: number): void {
    this.call(-1, Op.CallMethod, positional, keyword, stars);
  }

  private call(stack: number, op: Op, positional: number, keyword: number, stars: number): void {
    const counts = (keyword << 8) | positional;
    // With stars there is one more object, which tells the starred arguments.
    if (stars !== 0) this.opUint(stack - positional - 2 * keyword - 1, op + 1, counts);
    else this.opUint(stack - positional - 2 * keyword, op, counts);
  }

  returnValue(): void {
    this.op(-1, Op.ReturnValue);
    this.suppress = true;
  }

  raise(count: number): void {
    this.op(-count, Op.RaiseLast + count);
    this.suppress = true;
  }

  yield(from: boolean): void {
    this.op(from ? -1 : 0, from ? Op.YieldFrom : Op.YieldValue);
    this.scope.flags |= SCOPE_FLAG_GENERATOR;
  }

  startExceptHandler(): void {
    // The exception, and three for a pending unwinding jump.
    this.adjustStackSize(4);
  }

  endExceptHandler(): void {
    this.adjustStackSize(-3);
  }
}

/** Groups of seven bits, least significant first, as few as keep the sign in the highest bit. */
function signedGroups(value: number | bigint): number[] {
  const groups: number[] = [];
  let rest = value;
  while (typeof rest === 'bigint' && (rest > 0x7fffffffn || rest < -0x80000000n)) {
    groups.push(Number(rest & 0x7fn));
    rest >>= 7n;
  }
  for (let small = Number(rest); ; small = Math.floor(small / 128)) {
    const group = small - Math.floor(small / 128) * 128;
    groups.push(group);
    if (small >= -64 && small <= 63) return groups;
  }
}

function uintLength(value: number): number {
  let length = 1;
  while ((value >>>= 7) !== 0) length++;
  return length;
}
