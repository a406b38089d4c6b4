/** The bytecode's instructions (py/bc0.h): how each is encoded, and the dense numbers that the interpreter dispatches on. */

/** Instructions as the interpreter knows them. One for each of the bytecode's, with the one-byte forms folded into the general ones. */
export enum Op {
  LoadConstFalse,
  LoadConstNone,
  LoadConstTrue,
  LoadSmallInt,
  LoadString,
  LoadObj,
  LoadNull,
  LoadFast,
  LoadDeref,
  LoadName,
  LoadGlobal,
  LoadAttr,
  LoadMethod,
  LoadSuperMethod,
  LoadBuildClass,
  LoadSubscr,
  StoreFast,
  StoreDeref,
  StoreName,
  StoreGlobal,
  StoreAttr,
  StoreSubscr,
  DeleteFast,
  DeleteDeref,
  DeleteName,
  DeleteGlobal,
  DupTop,
  DupTopTwo,
  PopTop,
  RotTwo,
  RotThree,
  UnwindJump,
  Jump,
  PopJumpIfTrue,
  PopJumpIfFalse,
  JumpIfTrueOrPop,
  JumpIfFalseOrPop,
  SetupWith,
  SetupExcept,
  SetupFinally,
  PopExceptJump,
  ForIter,
  WithCleanup,
  EndFinally,
  GetIter,
  GetIterStack,
  BuildTuple,
  BuildList,
  BuildMap,
  StoreMap,
  BuildSet,
  BuildSlice,
  StoreComp,
  UnpackSequence,
  UnpackEx,
  ReturnValue,
  RaiseLast,
  RaiseObj,
  RaiseFrom,
  YieldValue,
  YieldFrom,
  MakeFunction,
  MakeFunctionDefargs,
  MakeClosure,
  MakeClosureDefargs,
  CallFunction,
  CallFunctionVarKw,
  CallMethod,
  CallMethodVarKw,
  ImportName,
  ImportFrom,
  ImportStar,
  UnaryOp,
  /** Binary operations each have a number of their own: BinaryOp + the operation. */
  BinaryOp,
  Count = BinaryOp + 35,
}

/** How an instruction's operand is encoded. */
export enum Operand {
  None,
  /** Index into the module's qstrs. */
  Qstr,
  Uint,
  /** Signed variable-length integer. */
  Sint,
  /** Index of a child raw code. */
  Child,
  /** Index of a child raw code, then a byte: the number of closed-over variables. */
  ChildClosure,
  /** Unsigned relative jump. */
  JumpForward,
  /** Signed relative jump. */
  Jump,
  /** Signed relative jump, then a byte: handlers to unwind. */
  JumpUnwind,
}

/** Byte of the bytecode → instruction and operand. */
export const DECODE: readonly (readonly [Op, Operand] | undefined)[] = (() => {
  const table: (readonly [Op, Operand] | undefined)[] = new Array(256).fill(undefined);
  const qstr = 0x10;
  const vintE = 0x20;
  const vintO = 0x30;
  const jump = 0x40;
  const byteO = 0x50;
  const byteE = 0x60;
  const put = (base: number, operand: Operand, entries: readonly (readonly [number, Op])[]) => {
    for (const [offset, op] of entries) table[base + offset] = [op, operand];
  };
  put(qstr, Operand.Qstr, [
    [0, Op.LoadString],
    [1, Op.LoadName],
    [2, Op.LoadGlobal],
    [3, Op.LoadAttr],
    [4, Op.LoadMethod],
    [5, Op.LoadSuperMethod],
    [6, Op.StoreName],
    [7, Op.StoreGlobal],
    [8, Op.StoreAttr],
    [9, Op.DeleteName],
    [10, Op.DeleteGlobal],
    [11, Op.ImportName],
    [12, Op.ImportFrom],
  ]);
  put(vintE, Operand.ChildClosure, [
    [0, Op.MakeClosure],
    [1, Op.MakeClosureDefargs],
  ]);
  put(vintE, Operand.Sint, [[2, Op.LoadSmallInt]]);
  put(vintE, Operand.Uint, [
    [3, Op.LoadObj],
    [4, Op.LoadFast],
    [5, Op.LoadDeref],
    [6, Op.StoreFast],
    [7, Op.StoreDeref],
    [8, Op.DeleteFast],
    [9, Op.DeleteDeref],
    [10, Op.BuildTuple],
    [11, Op.BuildList],
    [12, Op.BuildMap],
    [13, Op.BuildSet],
    [14, Op.BuildSlice],
    [15, Op.StoreComp],
  ]);
  put(vintO, Operand.Uint, [
    [0, Op.UnpackSequence],
    [1, Op.UnpackEx],
    [4, Op.CallFunction],
    [5, Op.CallFunctionVarKw],
    [6, Op.CallMethod],
    [7, Op.CallMethodVarKw],
  ]);
  put(vintO, Operand.Child, [
    [2, Op.MakeFunction],
    [3, Op.MakeFunctionDefargs],
  ]);
  put(jump, Operand.JumpUnwind, [[0, Op.UnwindJump]]);
  put(jump, Operand.Jump, [
    [2, Op.Jump],
    [3, Op.PopJumpIfTrue],
    [4, Op.PopJumpIfFalse],
  ]);
  put(jump, Operand.JumpForward, [
    [5, Op.JumpIfTrueOrPop],
    [6, Op.JumpIfFalseOrPop],
    [7, Op.SetupWith],
    [8, Op.SetupExcept],
    [9, Op.SetupFinally],
    [10, Op.PopExceptJump],
    [11, Op.ForIter],
  ]);
  put(byteO, Operand.None, [
    [0, Op.LoadConstFalse],
    [1, Op.LoadConstNone],
    [2, Op.LoadConstTrue],
    [3, Op.LoadNull],
    [4, Op.LoadBuildClass],
    [5, Op.LoadSubscr],
    [6, Op.StoreSubscr],
    [7, Op.DupTop],
    [8, Op.DupTopTwo],
    [9, Op.PopTop],
    [10, Op.RotTwo],
    [11, Op.RotThree],
    [12, Op.WithCleanup],
    [13, Op.EndFinally],
    [14, Op.GetIter],
    [15, Op.GetIterStack],
  ]);
  put(byteE, Operand.None, [
    [2, Op.StoreMap],
    [3, Op.ReturnValue],
    [4, Op.RaiseLast],
    [5, Op.RaiseObj],
    [6, Op.RaiseFrom],
    [7, Op.YieldValue],
    [8, Op.YieldFrom],
    [9, Op.ImportStar],
  ]);
  return table;
})();

/** One-byte forms that carry their operand in the opcode: first byte, how many, instruction, value of the first. */
export const MULTI: readonly { first: number; count: number; op: Op; base: number }[] = [
  { first: 0x70, count: 64, op: Op.LoadSmallInt, base: -16 },
  { first: 0xb0, count: 16, op: Op.LoadFast, base: 0 },
  { first: 0xc0, count: 16, op: Op.StoreFast, base: 0 },
  { first: 0xd0, count: 7, op: Op.UnaryOp, base: 0 },
  { first: 0xd7, count: 35, op: Op.BinaryOp, base: 0 },
];
