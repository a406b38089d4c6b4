/** Operators, with the numbers that they have in the bytecode (py/runtime0.h of MicroPython 1.27.0). */
export enum UnaryOp {
  Positive,
  Negative,
  Invert,
  Not,
}

export enum BinaryOp {
  Less,
  More,
  Equal,
  LessEqual,
  MoreEqual,
  NotEqual,
  In,
  Is,
  ExceptionMatch,

  InplaceOr,
  InplaceXor,
  InplaceAnd,
  InplaceLeftShift,
  InplaceRightShift,
  InplaceAdd,
  InplaceSubtract,
  InplaceMultiply,
  InplaceMatrixMultiply,
  InplaceFloorDivide,
  InplaceTrueDivide,
  InplaceModulo,
  InplacePower,

  Or,
  Xor,
  And,
  LeftShift,
  RightShift,
  Add,
  Subtract,
  Multiply,
  MatrixMultiply,
  FloorDivide,
  TrueDivide,
  Modulo,
  Power,

  /** Not in the bytecode: the emitter makes them of `In` and `Is` with a `not`. */
  NotIn = 100,
  IsNot = 101,
}
