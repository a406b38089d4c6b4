/**
 * Where the parts of the processor's state live in its register array. A register of 64 bits is a pair, its lower half first: number n is at 2n and 2n + 1, in the
 * order of the encoding (RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 …). Behind them is what the block runner needs, the flags, and room for operands.
 */
export const RAX = 0;
export const RCX = 2;
export const RDX = 4;
export const RSP = 8;
export const RBP = 10;
export const RSI = 12;
export const RDI = 14;
export const R8 = 16;

/** While a block runs: the address that follows it, until a branch puts its target there. */
export const NEXT = 32;
/** Cycles spent since the outermost call of `run` began. */
export const CYCLES = 33;

/** The last result, which the flags Z and S are read from: a pair, narrower results with their sign extended. */
export const RESULT = 34;
export const CARRY = 36;
export const OVERFLOW = 37;
/** What the flag P is the parity of: the last result too, but for comparisons of floats. */
export const PARITY = 42;

/** Operands from memory and constants, as pairs. */
export const FIRST = 38;
export const SECOND = 40;
export const STATE_SIZE = 44;
