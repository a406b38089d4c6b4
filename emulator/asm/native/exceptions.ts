/** `try`, `with` and `raise` in native code. See emitter.ts. */
import { type Label, SetupKind } from '../../compiler/emitter.ts';
import type { Qstr } from '../../compiler/qstr-pool.ts';
import { Flow } from './flow.ts';
import { UNWIND_FINAL, UNWIND_UNUSED } from './frame.ts';
import { Fun, NLR_VALUE } from './runtime-table.ts';
import { ValueType } from './value-stack.ts';

export abstract class ExceptionBlocks extends Flow {
  setupBlock(label: Label, kind: SetupKind): void {
    if (kind === SetupKind.With) {
      this.setupWith(label);
      return;
    }
    this.settle();
    this.enterException(label, kind === SetupKind.Finally);
  }

  protected setupWith(label: Label): void {
    const { args, result } = this.roles;
    this.access(1, args[0]);
    this.pushAddress(args[2], 2);
    this.callQstr(Fun.LoadMethod, this.name('__exit__'), args[1]);
    // The stack: context manager, __exit__, self; the context manager goes.
    this.popInto(args[2]);
    this.popInto(args[1]);
    const type = this.popInto(args[0]);
    this.push(type, args[1]);
    this.push(type, args[2]);
    this.pushAddress(args[2], 2);
    this.callQstr(Fun.LoadMethod, this.name('__enter__'), args[1]);
    this.popAddress(args[2], 2);
    this.callTwoImmediates(Fun.CallMethod, 0, args[0], 0, args[1]);
    this.push(ValueType.Object, result);
    this.settle();
    this.enterException(label, true);
    this.dupTop();
  }

  protected name(text: string): Qstr {
    return this.context.pool.intern(text);
  }

  withCleanup(label: Label): void {
    const { as, roles, context } = this;
    const { args, result, temps } = roles;
    const noException = context.nextLabel;
    const done = context.nextLabel + 1;
    const callExit = context.nextLabel + 2;
    this.leaveException(false);
    this.moveStack(-1);
    this.labelAssign(callExit);
    for (let i = 0; i < 3; i++) this.pushConstant(ValueType.None, 0);
    this.popAddress(args[2], 5);
    this.callTwoImmediates(Fun.CallMethod, 3, args[0], 0, args[1]);
    this.jump(noException);
    // Not a finally block of its own, so the label is assigned as it is.
    as.assignLabel(label);
    this.leaveException(true);
    this.adjustStackSize(2);
    as.loadLocal(args[0], NLR_VALUE);
    as.jumpIfZero(args[0], callExit);
    as.loadOffset(args[1], args[0], 0, this.word);
    this.push(ValueType.Object, args[1]);
    this.push(ValueType.Object, args[0]);
    this.pushConstant(ValueType.None, 0);
    this.popAddress(args[2], 5);
    this.callTwoImmediates(Fun.CallMethod, 3, args[0], 0, args[1]);
    if (args[0] !== result) as.move(args[0], result);
    this.call(Fun.ObjIsTrue);
    as.jumpIfZero(result, done, true);
    this.labelAssign(noException);
    as.storeNull(NLR_VALUE, temps[0]);
    this.labelAssign(done);
    this.moveStack(1);
  }

  asyncWithSetupFinally(noException: Label, finallyBlock: Label, returnOrUnwind: Label): void {
    const { as, roles } = this;
    this.adjustStackSize(1);
    this.rotTwo();
    this.pushConstant(ValueType.None, 0);
    this.rotTwo();
    this.jump(noException);
    this.adjustStackSize(-1);
    this.labelAssign(finallyBlock);
    this.moveStack(-1);
    as.loadLocal(roles.args[0], NLR_VALUE);
    this.push(ValueType.Object, roles.args[0]);
    as.jumpIfZero(roles.args[0], returnOrUnwind);
  }

  endFinally(): void {
    const { as, roles, context } = this;
    this.moveStack(-1);
    as.loadLocal(roles.args[0], NLR_VALUE);
    this.call(Fun.Raise);
    const entry = this.exceptions.pop()!;
    if (entry.unwind === UNWIND_UNUSED) return;
    const goOn = context.nextLabel;
    as.loadLocal(roles.result, this.unwindSlot);
    as.jumpIfZero(roles.result, goOn);
    if (entry.unwind === UNWIND_FINAL) as.jumpRegister(roles.result);
    else this.jump(entry.unwind);
    this.labelAssign(goOn);
  }

  popExceptJump(label: Label, withinHandler: boolean): void {
    if (withinHandler) this.as.storeNull(NLR_VALUE, this.roles.temps[0]);
    else this.leaveException(false);
    this.jump(label);
  }

  startExceptHandler(): void {
    this.leaveException(true);
    this.as.loadLocal(this.roles.temps[0], NLR_VALUE);
    this.push(ValueType.Object, this.roles.temps[0]);
  }
  endExceptHandler(): void {}

  raise(_count: number): void {
    const type = this.popInto(this.roles.args[0]);
    if (type !== ValueType.Object) this.typeError('must raise an object');
    this.call(Fun.Raise);
    this.as.suppressed = true;
  }
}
