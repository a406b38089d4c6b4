/** MicroPython's bytecode, as version 6 of the `.mpy` format has it (py/bc0.h of MicroPython 1.27.0). */

/**
 * An opcode is one byte; its operand, if any, follows:
 *   qstr    index into the module's qstr table, variable-length
 *   uint    variable-length, seven bits a byte, most significant first
 *   int     the same, sign in the first byte's bit 6
 *   slabel  signed offset from the following instruction: one byte less 0x40, or, with bit 7 set, 15 bits less 0x4000
 *   ulabel  unsigned offset, one or two bytes likewise
 */
export enum Op {
  LoadConstString = 0x10, // qstr
  LoadName = 0x11, // qstr
  LoadGlobal = 0x12, // qstr
  LoadAttr = 0x13, // qstr
  LoadMethod = 0x14, // qstr
  LoadSuperMethod = 0x15, // qstr
  StoreName = 0x16, // qstr
  StoreGlobal = 0x17, // qstr
  StoreAttr = 0x18, // qstr
  DeleteName = 0x19, // qstr
  DeleteGlobal = 0x1a, // qstr
  ImportName = 0x1b, // qstr
  ImportFrom = 0x1c, // qstr

  MakeClosure = 0x20, // uint child; byte number of closed-over variables
  MakeClosureDefArgs = 0x21, // uint child; byte number of closed-over variables
  LoadConstSmallInt = 0x22, // int
  LoadConstObj = 0x23, // uint index into the constants
  LoadFastN = 0x24, // uint
  LoadDeref = 0x25, // uint
  StoreFastN = 0x26, // uint
  StoreDeref = 0x27, // uint
  DeleteFast = 0x28, // uint
  DeleteDeref = 0x29, // uint
  BuildTuple = 0x2a, // uint
  BuildList = 0x2b, // uint
  BuildMap = 0x2c, // uint
  BuildSet = 0x2d, // uint
  BuildSlice = 0x2e, // uint
  StoreComp = 0x2f, // uint: stack index << 2 | kind of collection (0 list, 1 dict, 2 set)

  UnpackSequence = 0x30, // uint
  UnpackEx = 0x31, // uint: left | right << 8
  MakeFunction = 0x32, // uint child
  MakeFunctionDefArgs = 0x33, // uint child
  CallFunction = 0x34, // uint: positional | keyword << 8
  CallFunctionVarKw = 0x35, // uint
  CallMethod = 0x36, // uint
  CallMethodVarKw = 0x37, // uint

  UnwindJump = 0x40, // slabel; byte: exception depth, bit 7 when leaving a for loop
  Jump = 0x42, // slabel
  PopJumpIfTrue = 0x43, // slabel
  PopJumpIfFalse = 0x44, // slabel
  JumpIfTrueOrPop = 0x45, // ulabel
  JumpIfFalseOrPop = 0x46, // ulabel
  SetupWith = 0x47, // ulabel
  SetupExcept = 0x48, // ulabel
  SetupFinally = 0x49, // ulabel
  PopExceptJump = 0x4a, // ulabel
  ForIter = 0x4b, // ulabel

  LoadConstFalse = 0x50,
  LoadConstNone = 0x51,
  LoadConstTrue = 0x52,
  LoadNull = 0x53,
  LoadBuildClass = 0x54,
  LoadSubscr = 0x55,
  StoreSubscr = 0x56,
  DupTop = 0x57,
  DupTopTwo = 0x58,
  PopTop = 0x59,
  RotTwo = 0x5a,
  RotThree = 0x5b,
  WithCleanup = 0x5c,
  EndFinally = 0x5d,
  GetIter = 0x5e,
  GetIterStack = 0x5f,

  StoreMap = 0x62,
  ReturnValue = 0x63,
  RaiseLast = 0x64,
  RaiseObj = 0x65,
  RaiseFrom = 0x66,
  YieldValue = 0x67,
  YieldFrom = 0x68,
  ImportStar = 0x69,

  /** 64 opcodes: small integers from -16 to 47. */
  LoadConstSmallIntMulti = 0x70,
  /** 16 opcodes: locals 0 to 15. */
  LoadFastMulti = 0xb0,
  StoreFastMulti = 0xc0,
  /** 4 opcodes, in the order of `UnaryOp`. */
  UnaryOpMulti = 0xd0,
  /** 35 opcodes, in the order of `BinaryOp`. */
  BinaryOpMulti = 0xd7,
}

export const SMALL_INT_MULTI_MIN = -16;
export const SMALL_INT_MULTI_MAX = 47;

/** Slots on the value stack that a `for` loop's iterator takes. */
export const ITERATOR_SLOTS = 4;
